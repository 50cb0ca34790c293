//! The thin form of an event: what it is and where it can be read, without what it says.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The members of a delivered body that are kept, in their order.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Thin {
    id: String,
    #[serde(rename = "type")]
    event_type: Value,
    timestamp: Value,
    integration_id: Value,
    partner_id: Value,
    provider: Value,
    test_mode: Value,
    #[serde(skip_deserializing)]
    links: Links,
}

#[derive(Default, Serialize)]
struct Links {
    event: String,
}

/// Makes the thin body of a full one; `None` where it is not a body that the hub made.
pub(super) fn thin(payload: &str) -> Option<Arc<str>> {
    let mut thin: Thin = serde_json::from_str(payload).ok()?;
    thin.links.event = format!("/api/admin/events/{}", thin.id);
    serde_json::to_string(&thin).ok().map(Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_stays_and_content_goes() {
        let payload = r#"{"id":"e-1","type":"payment.success","timestamp":"2026-01-01T00:00:00.000Z","integrationId":"i",
            "partnerId":"p","provider":"midtrans","testMode":true,"data":{"amount":"1"},"raw":{"deep":[[[1]]]}}"#;
        let expected = concat!(
            r#"{"id":"e-1","type":"payment.success","timestamp":"2026-01-01T00:00:00.000Z","integrationId":"i","#,
            r#""partnerId":"p","provider":"midtrans","testMode":true,"links":{"event":"/api/admin/events/e-1"}}"#
        );
        assert_eq!(thin(payload).as_deref(), Some(expected));
        assert_eq!(thin("{}"), None);
    }
}
