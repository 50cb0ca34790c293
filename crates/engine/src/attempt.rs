//! One attempt at one delivery: the signed request, and what its outcome means.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::{Value, json};
use simpul_core::activity::{Action, Activity, Component, Status, clip};
use simpul_core::error_type::ErrorType;
use simpul_core::retry::retry_after;
use simpul_core::secret::{REDACTED, names_a_secret};
use simpul_core::signature::signature_header;
use simpul_core::time::{Clock, Timestamp};
use simpul_core::webhook::{RESERVED_HEADERS, Webhook};
use simpul_providers::{HttpFailure, HttpRequest, HttpResponse};
use simpul_store::{AttemptOutcome, LeasedDelivery, Settlement};

use crate::egress::{Egress, Exchange};

/// Bytes of a receiver's answer that are read and kept.
pub(crate) const BODY_KEPT: usize = 16 * 1024;
/// Response headers that are kept.
const HEADERS_KEPT: usize = 50;
const USER_AGENT: &str = concat!("Simpul/", env!("CARGO_PKG_VERSION"));

/// A request as it was sent and what came back.
pub(crate) struct Sent {
    pub(crate) headers: HeaderMap,
    pub(crate) exchange: Exchange,
}

/// Why an attempt did not succeed.
pub(crate) struct Fault {
    pub(crate) error_type: ErrorType,
    pub(crate) message: String,
}

/// Signs a body and posts it to a webhook.
pub(crate) async fn send(egress: &Egress, clock: &dyn Clock, webhook: &Webhook, id: &str, body: &str) -> Sent {
    let at = clock.now();
    let headers = request_headers(webhook, id, at, body);
    let request = HttpRequest {
        method: Method::POST,
        url: webhook.webhook_url.clone(),
        headers: headers.clone(),
        body: body.as_bytes().to_vec(),
        timeout: Duration::from_secs(u64::from(webhook.timeout)),
    };
    Sent { headers, exchange: egress.exchange(request, BODY_KEPT).await }
}

/// The webhook's own headers first, so that the standard ones cannot be replaced.
fn request_headers(webhook: &Webhook, id: &str, at: Timestamp, body: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &webhook.headers {
        let own = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        if let Some((name, value)) = own.filter(|(name, _)| !RESERVED_HEADERS.contains(&name.as_str())) {
            headers.insert(name, value);
        }
    }
    let signature = signature_header(webhook, id, at, body.as_bytes());
    let standard = [
        (HeaderName::from_static("webhook-id"), id.to_owned()),
        (HeaderName::from_static("webhook-timestamp"), at.seconds().to_string()),
        (HeaderName::from_static("webhook-signature"), signature),
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::USER_AGENT, USER_AGENT.to_owned()),
    ];
    for (name, value) in standard {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    headers
}

/// `None` for success: any 2xx, whatever its body did.
pub(crate) fn fault(exchange: &Exchange) -> Option<Fault> {
    match &exchange.answer {
        Err(HttpFailure { error_type, message }) => Some(Fault { error_type: *error_type, message: message.clone() }),
        Ok(response) => match response.status {
            200..=299 => None,
            300..=399 => Some(answered(
                response,
                ErrorType::UnexpectedResponse,
                "with a redirect, which is not followed; enter the final URL",
            )),
            410 => Some(answered(response, ErrorType::UnexpectedResponse, "410 Gone: it wants no more deliveries")),
            429 => Some(answered(response, ErrorType::RateLimited, "that it is sent too much at once")),
            401 | 403 => Some(answered(
                response,
                ErrorType::PermissionDenied,
                "that it does not accept the request; check its authentication and the signing secret",
            )),
            404 => Some(answered(response, ErrorType::NotFound, "that the path does not exist; check the URL")),
            500..=599 => Some(answered(response, ErrorType::UnexpectedResponse, "with an error of its own")),
            _ => Some(answered(response, ErrorType::UnexpectedResponse, "with a refusal")),
        },
    }
}

fn answered(response: &HttpResponse, error_type: ErrorType, what: &str) -> Fault {
    Fault { error_type, message: format!("the receiver answered {what} ({})", response.status) }
}

/// What follows from an attempt, by the webhook's retry policy and what the receiver asked for.
pub(crate) fn outcome(
    delivery: &LeasedDelivery,
    sent: &Sent,
    failed: bool,
    now: Timestamp,
    jitter: f64,
) -> AttemptOutcome {
    if !failed {
        return AttemptOutcome::Delivered;
    }
    let response = sent.exchange.answer.as_ref().ok();
    if response.is_some_and(|response| response.status == 410) {
        return AttemptOutcome::Gone;
    }
    let webhook = &delivery.webhook;
    let made = delivery.round_attempts + 1;
    if made > webhook.retry_attempts {
        return AttemptOutcome::Exhausted;
    }
    let asked = response
        .and_then(|response| response.headers.get(header::RETRY_AFTER)?.to_str().ok())
        .and_then(|value| retry_after(value, now))
        .map(|wait| wait.max(Duration::from_secs(1)));
    let wait = asked.unwrap_or_else(|| webhook.backoff.delay(webhook.retry_delay, made, jitter));
    AttemptOutcome::Retry { at: now.plus(wait) }
}

/// Everything that is written down about an attempt.
pub(crate) fn settlement(delivery: LeasedDelivery, sent: Sent, now: Timestamp, jitter: f64) -> Settlement {
    let fault = fault(&sent.exchange);
    let outcome = outcome(&delivery, &sent, fault.is_some(), now, jitter);
    let log = log(&delivery, &sent, fault.as_ref(), &outcome, now);
    let response = sent.exchange.answer.as_ref().ok();
    Settlement {
        request_headers: headers_json(&sent.headers),
        response_status: response.map(|response| response.status),
        response_headers: response.map(|response| headers_json(&response.headers)),
        response_body: response.map(|response| String::from_utf8_lossy(&response.body).into_owned()),
        error_message: fault.map(|fault| fault.message),
        remote_address: sent.exchange.remote_address.map(|address| address.to_string()),
        outcome,
        delivery,
        log,
    }
}

fn log(
    delivery: &LeasedDelivery,
    sent: &Sent,
    fault: Option<&Fault>,
    outcome: &AttemptOutcome,
    now: Timestamp,
) -> Activity {
    let webhook = &delivery.webhook;
    let (name, host, number) =
        (delivery.event_type.as_str(), host_of(&webhook.webhook_url), delivery.attempt_count + 1);
    let (status, message) = match (outcome, fault) {
        (AttemptOutcome::Delivered, _) | (_, None) => {
            (Status::Success, format!("{name} delivered to {host} (attempt {number})"))
        }
        (AttemptOutcome::Retry { at }, Some(fault)) => (
            Status::Pending,
            format!("{name} not delivered to {host} (attempt {number}): {}; trying again at {at}", fault.message),
        ),
        (AttemptOutcome::Exhausted | AttemptOutcome::Gone, Some(fault)) => {
            (Status::Failed, format!("{name} not delivered to {host} (attempt {number}, the last): {}", fault.message))
        }
    };
    let mut log = Activity::new(webhook.integration_id, Action::Webhook, status, message, now);
    log.component = Component::Deliveries;
    log.error_type = fault.map(|fault| fault.error_type);
    log.duration = i64::try_from(sent.exchange.duration.as_millis()).ok();
    log.request_data = Some(json!({
        "webhookId": webhook.id, "deliveryId": delivery.id, "eventId": delivery.event_id, "eventType": name, "attempt": number,
        "trigger": delivery.trigger.as_str(),
    }));
    log.response_data = sent.exchange.answer.as_ref().ok().map(|response| json!({"status": response.status}));
    log.error_details = fault.map(|fault| json!({"message": fault.message}));
    log
}

/// The host of a URL: what may be shown of an address whose path and query may hold a secret.
pub(crate) fn host_of(url: &str) -> String {
    url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| "the receiver".to_owned())
}

/// Headers as JSON text: at most fifty, values cut and secrets redacted.
pub(crate) fn headers_json(headers: &HeaderMap) -> String {
    let members: serde_json::Map<String, Value> = headers
        .iter()
        .take(HEADERS_KEPT)
        .map(|(name, value)| {
            let shown = if hides_a_secret(name.as_str()) {
                REDACTED.to_owned()
            } else {
                clip(&String::from_utf8_lossy(value.as_bytes()), 500)
            };
            (name.as_str().to_owned(), Value::String(shown))
        })
        .collect();
    Value::Object(members).to_string()
}

/// Whether a header's name suggests that its value opens a door. Signatures do not: they are good for one message.
pub(crate) fn hides_a_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    names_a_secret(&lower)
        || ["token", "secret", "password", "api-key", "apikey", "auth"].iter().any(|word| lower.contains(word))
}
