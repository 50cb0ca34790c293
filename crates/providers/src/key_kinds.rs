//! Which provider's key a text is, by the prefixes that their formats fix: what tells a key pasted into the wrong field.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use simpul_core::integration::{Configuration, Mode};

use crate::manifest::Inspection;

/// Prefix and what it says; the first that fits counts.
const KINDS: &[(&str, &str)] = &[
    ("SB-Mid-server-", "a Midtrans server key"),
    ("Mid-server-", "a Midtrans server key"),
    ("SB-VT-server-", "a Midtrans server key"),
    ("VT-server-", "a Midtrans server key"),
    ("SB-Mid-client-", "a Midtrans client key"),
    ("Mid-client-", "a Midtrans client key"),
    ("SB-VT-client-", "a Midtrans client key"),
    ("VT-client-", "a Midtrans client key"),
    ("xnd_public_", "a Xendit public key"),
    ("xnd_", "a Xendit secret key"),
    ("sk_", "a Stripe secret key"),
    ("rk_", "a Stripe restricted key"),
    ("rkcs_", "a Stripe restricted key"),
    ("pk_", "a Stripe publishable key"),
    ("whsec_", "a webhook signing secret"),
    ("acct_", "a Stripe account id"),
    ("SG.", "a SendGrid API key"),
];

fn kind(text: &str) -> Option<(&'static str, &'static str)> {
    KINDS.iter().copied().find(|(prefix, _)| text.starts_with(prefix))
}

/// Refuses what cannot be the field's value: white space inside, an address, base64 of a key, or a key of another kind
/// than `accepted` (prefixes; empty where the provider fixes none). `wanted` names what belongs there. The sentence
/// never repeats the value.
pub(crate) fn check_kind(
    inspection: &mut Inspection,
    configuration: &Configuration,
    field: &'static str,
    accepted: &[&str],
    wanted: &str,
) {
    let Some(text) = configuration.text(field) else { return };
    let decoded = STANDARD.decode(&text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let message = if text.chars().any(char::is_whitespace) {
        Some(format!("contains white space: paste {wanted} again, without spaces or line breaks"))
    } else if text.contains("://") {
        Some(format!("is an address: enter {wanted}"))
    } else if let Some(known) = decoded.as_deref().and_then(kind) {
        Some(format!("is {} in base64: enter {wanted} as the provider shows it", known.1))
    } else {
        kind(&text)
            .filter(|(prefix, _)| !accepted.contains(prefix))
            .map(|(_, found)| format!("is {found}: enter {wanted}"))
    };
    if let Some(message) = message {
        inspection.problem(field, message);
    }
}

/// Warns that a value has none of the forms that the provider is known to use; the test will show whether it works.
pub(crate) fn check_known(
    inspection: &mut Inspection,
    configuration: &Configuration,
    field: &'static str,
    accepted: &[&str],
) {
    if configuration.text(field).is_some_and(|text| !accepted.iter().any(|prefix| text.starts_with(prefix))) {
        let message = format!("{field} usually starts with {}; test the connection to be sure", accepted.join(" or "));
        inspection.warning(field, "unrecognized_format", message);
    }
}

/// Warns of a key of the other environment, as a sentence that both ways out can be read from.
pub(crate) fn warn_environment(inspection: &mut Inspection, field: &'static str, what: &str, key: Mode, mode: Mode) {
    if key != mode {
        let message =
            format!("The {what} belongs to {}, but the integration is in {} mode", key.as_str(), mode.as_str());
        inspection.environment_mismatch(field, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(value: &str, accepted: &[&str]) -> Option<String> {
        let configuration = Configuration([("key".to_owned(), value.into())].into());
        let mut inspection = Inspection::default();
        check_kind(&mut inspection, &configuration, "key", accepted, "the API key");
        inspection.problems.pop().map(|problem| problem.message)
    }

    #[test]
    fn a_key_of_another_kind_is_named() {
        let own = ["sk_", "rk_"];
        assert_eq!(problem("sk_test_abc", &own), None);
        assert_eq!(problem("anything-else", &own), None);
        assert_eq!(problem("pk_test_abc", &own).as_deref(), Some("is a Stripe publishable key: enter the API key"));
        assert_eq!(
            problem("xnd_production_a+b/c==", &own).as_deref(),
            Some("is a Xendit secret key: enter the API key")
        );
        assert!(problem("sk_test_a bc", &own).is_some_and(|message| message.contains("white space")));
        assert!(problem("https://example.com", &own).is_some_and(|message| message.contains("address")));
        assert!(
            problem("U0ItTWlkLXNlcnZlci1hYmMxMjNjZGU0NTY6", &own).is_some_and(|message| message.contains("base64"))
        );
    }
}
