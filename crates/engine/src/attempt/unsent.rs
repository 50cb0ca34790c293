//! Deliveries whose turn came and that were not sent: not wanted by the filter, or not to be shaped. None of it is the
//! receiver's doing, so nothing of it counts against the receiver.

use std::time::Duration;

use serde_json::json;
use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::time::Timestamp;
use simpul_store::{AttemptRecord, LeasedDelivery, Outcome, Settlement, Sign};

use crate::shape::ShapeError;

/// Before what could not be shaped for a fault of our own goes again.
const POSTPONED: Duration = Duration::from_secs(5);

/// The webhook's filter does not want it.
pub(crate) fn filtered(delivery: LeasedDelivery, now: Timestamp) -> Settlement {
    Settlement { delivery, outcome: Outcome::Filtered, sign: Sign::Unasked, at: now, attempt: None }
}

/// The filter or the transformation cannot be evaluated. What is wrong with it is shown as an attempt and tried again by the
/// webhook's policy, since a person may mend it meanwhile; what is wrong with us counts no attempt.
pub(crate) fn misshapen(delivery: LeasedDelivery, error: &ShapeError, now: Timestamp, jitter: f64) -> Settlement {
    if let ShapeError::Unavailable { .. } = error {
        tracing::warn!(delivery.id = %delivery.id, %error, "not sent; it goes again in a moment");
        let outcome = Outcome::Postponed { at: now.plus(POSTPONED) };
        return Settlement { delivery, outcome, sign: Sign::Unasked, at: now, attempt: None };
    }
    let webhook = &delivery.webhook;
    let made = delivery.round_attempts + 1;
    let (outcome, status) = if made > webhook.retry_attempts {
        (Outcome::Exhausted, Status::Failed)
    } else {
        let wait = webhook.backoff.delay(webhook.retry_delay, made, jitter);
        (Outcome::Retry { at: now.plus(wait) }, Status::Pending)
    };
    let name = delivery.event_type.as_str();
    let number = delivery.attempt_count + 1;
    let message = format!("{name} not sent (attempt {number}): {error}");
    let mut log = Activity::new(webhook.integration_id, Action::Webhook, status, message, now);
    log.component = Component::Deliveries;
    log.error_type = Some(ErrorType::InvalidConfiguration);
    log.duration = Some(0);
    log.request_data = Some(json!({
        "webhookId": webhook.id, "deliveryId": delivery.id, "eventId": delivery.event_id, "eventType": name, "attempt": number,
        "trigger": delivery.trigger.as_str(),
    }));
    log.error_details = Some(json!({"message": error.to_string()}));
    let attempt = AttemptRecord {
        request_headers: "{}".to_owned(),
        response_status: None,
        response_headers: None,
        response_body: None,
        error_message: Some(error.to_string()),
        remote_address: None,
        dns_duration: None,
        connect_duration: None,
        tls_duration: None,
        first_byte_duration: None,
        log,
    };
    Settlement { outcome, sign: Sign::Unasked, at: now, attempt: Some(attempt), delivery }
}
