//! One attempt at one delivery: the signed request, and what its outcome means.

pub(crate) mod outcome;
pub(crate) mod unsent;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::Value;
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;
use simpul_core::secret::{REDACTED, names_a_secret};
use simpul_core::signature::signature_header;
use simpul_core::time::{Clock, Timestamp};
use simpul_core::webhook::{RESERVED_HEADERS, Webhook};
use simpul_providers::{HttpFailure, HttpRequest, HttpResponse};

use crate::egress::{Egress, Exchange};

/// Bytes of a receiver's answer that are read and kept.
pub(crate) const BODY_KEPT: usize = 16 * 1024;
/// Response headers that are kept.
const HEADERS_KEPT: usize = 50;
pub(crate) const USER_AGENT: &str = concat!("Simpul/", env!("CARGO_PKG_VERSION"));

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
pub(crate) async fn send(egress: &Egress, clock: &dyn Clock, webhook: &Webhook, id: &str, body: &Arc<str>) -> Sent {
    let at = clock.now();
    let headers = request_headers(webhook, id, at, body);
    let request = HttpRequest {
        method: Method::POST,
        url: webhook.webhook_url.clone(),
        headers: headers.clone(),
        body: Bytes::from_owner(Arc::<[u8]>::from(Arc::clone(body))),
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
        Err(HttpFailure { error_type, message, .. }) => {
            Some(Fault { error_type: *error_type, message: message.clone() })
        }
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
