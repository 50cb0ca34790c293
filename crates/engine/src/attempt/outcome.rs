//! What follows from an attempt: whether and when it is tried again, what it says of the receiver, and all there is to write.

use std::time::Duration;

use http::header;
use serde_json::json;
use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::retry::retry_after;
use simpul_core::time::Timestamp;
use simpul_store::{AttemptRecord, LeasedDelivery, Outcome, Settlement, Sign};

use super::{Fault, Sent, fault, headers_json, host_of};

/// Statuses whose `Retry-After` says when the receiver can take more (RFC 9110 section 15.6.4, RFC 6585 section 4).
const ASKS_FOR_TIME: [u16; 2] = [429, 503];

/// Before what could not be sent for a fault of our own goes again.
const POSTPONED: Duration = Duration::from_secs(5);

/// By the webhook's retry policy and what the receiver asked for. `jitter` is a random number from 0 to 1.
pub(crate) fn outcome(delivery: &LeasedDelivery, sent: &Sent, failed: bool, now: Timestamp, jitter: f64) -> Outcome {
    if !failed {
        return Outcome::Delivered;
    }
    let response = sent.exchange.answer.as_ref().ok();
    if response.is_some_and(|response| response.status == 410) {
        return Outcome::Gone;
    }
    let webhook = &delivery.webhook;
    let made = delivery.round_attempts + 1;
    if made > webhook.retry_attempts {
        return Outcome::Exhausted;
    }
    let asked = response
        .filter(|response| ASKS_FOR_TIME.contains(&response.status))
        .and_then(|response| response.headers.get(header::RETRY_AFTER)?.to_str().ok())
        .and_then(|value| retry_after(value, now))
        .map(|wait| wait.max(Duration::from_secs(1)));
    let wait = asked.unwrap_or_else(|| webhook.backoff.delay(webhook.retry_delay, made, jitter));
    Outcome::Retry { at: now.plus(wait) }
}

fn millis(duration: Option<Duration>) -> Option<i64> {
    duration.and_then(|duration| i64::try_from(duration.as_millis()).ok())
}

/// A refusal is an answer: whoever says 404 could take deliveries. A server's own error or "too much" is none.
fn sign(sent: &Sent) -> Sign {
    match &sent.exchange.answer {
        Ok(response) if response.status < 500 && response.status != 429 => Sign::Alive,
        _ => Sign::Dead,
    }
}

/// Everything that is written down about an attempt.
pub(crate) fn settlement(delivery: LeasedDelivery, sent: Sent, now: Timestamp, jitter: f64) -> Settlement {
    if let Err(failure) = sent.exchange.answer.as_ref()
        && failure.is_ours
    {
        tracing::warn!(delivery.id = %delivery.id, reason = failure.message, "not sent; it goes again in a moment");
        let outcome = Outcome::Postponed { at: now.plus(POSTPONED) };
        return Settlement { sign: Sign::Unasked, outcome, at: now, attempt: None, delivery };
    }
    let fault = fault(&sent.exchange);
    let outcome = outcome(&delivery, &sent, fault.is_some(), now, jitter);
    let log = log(&delivery, &sent, fault.as_ref(), &outcome, now);
    let response = sent.exchange.answer.as_ref().ok();
    let attempt = AttemptRecord {
        request_headers: headers_json(&sent.headers),
        response_status: response.map(|response| response.status),
        response_headers: response.map(|response| headers_json(&response.headers)),
        response_body: response.map(|response| String::from_utf8_lossy(&response.body).into_owned()),
        error_message: fault.map(|fault| fault.message),
        remote_address: sent.exchange.remote_address.map(|address| address.to_string()),
        dns_duration: millis(sent.exchange.timings.dns),
        connect_duration: millis(sent.exchange.timings.connect),
        tls_duration: millis(sent.exchange.timings.tls),
        first_byte_duration: millis(sent.exchange.timings.first_byte),
        log,
    };
    Settlement { sign: sign(&sent), outcome, at: now, attempt: Some(attempt), delivery }
}

fn log(delivery: &LeasedDelivery, sent: &Sent, fault: Option<&Fault>, outcome: &Outcome, now: Timestamp) -> Activity {
    let webhook = &delivery.webhook;
    let (name, host, number) =
        (delivery.event_type.as_str(), host_of(&webhook.webhook_url), delivery.attempt_count + 1);
    let (status, message) = match (outcome, fault) {
        (Outcome::Delivered, _) | (_, None) => {
            (Status::Success, format!("{name} delivered to {host} (attempt {number})"))
        }
        (Outcome::Retry { at }, Some(fault)) => (
            Status::Pending,
            format!("{name} not delivered to {host} (attempt {number}): {}; trying again at {at}", fault.message),
        ),
        (_, Some(fault)) => {
            (Status::Failed, format!("{name} not delivered to {host} (attempt {number}, the last): {}", fault.message))
        }
    };
    let mut log = Activity::new(webhook.integration_id, Action::Webhook, status, message, now);
    log.component = Component::Deliveries;
    log.error_type = fault.map(|fault| fault.error_type);
    log.duration = i64::try_from(sent.exchange.timings.total.as_millis()).ok();
    log.request_data = Some(json!({
        "webhookId": webhook.id, "deliveryId": delivery.id, "eventId": delivery.event_id, "eventType": name, "attempt": number,
        "trigger": delivery.trigger.as_str(),
    }));
    log.response_data = sent.exchange.answer.as_ref().ok().map(|response| json!({"status": response.status}));
    log.error_details = fault.map(|fault| json!({"message": fault.message}));
    log
}
