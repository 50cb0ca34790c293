//! Reading providers' HTTP answers: the failures that mean the same everywhere, and JSON that may not be JSON.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;

use crate::network::{HttpFailure, HttpRequest, HttpResponse};
use crate::provider::ProviderError;
use crate::steps::TestFailure;

/// One call within a test: shorter than the test's budget, so that the call's own timeout is what is reported.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(9);

/// A request without a body, with `Accept: application/json`.
pub(crate) fn get(url: String) -> HttpRequest {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    HttpRequest { method: Method::GET, url, headers, body: Bytes::new(), timeout: CALL_TIMEOUT }
}

/// One call to read a payment back: short, because the provider waits for the answer to its notification.
pub(crate) const CONFIRM_TIMEOUT: Duration = Duration::from_secs(5);

/// The operator's address in place of the provider's own, without the trailing slash.
pub(crate) fn base(override_url: Option<&str>, own: &str) -> String {
    override_url.unwrap_or(own).trim_end_matches('/').to_owned()
}

/// Notes what the provider said and the status it said it with.
pub(crate) fn said(failure: TestFailure, response: &HttpResponse, message: Option<&str>) -> TestFailure {
    let failure = failure.with("httpStatus", response.status);
    match message {
        Some(message) => failure.with("providerMessage", clip(message, 300)),
        None => failure.with("providerMessage", excerpt(response)),
    }
}

/// A failed call outside a test, as its caller sees it: the sentence alone, which repeats nothing that the provider said.
pub(crate) fn provider_error(failure: TestFailure) -> ProviderError {
    ProviderError { error_type: failure.error_type, retry_after: failure.retry_after, detail: failure.message }
}

/// Sets `Authorization`, marked as sensitive. The value must have been checked for control characters.
pub(crate) fn authorize(request: &mut HttpRequest, value: &str) -> Result<(), TestFailure> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        TestFailure::new(
            ErrorType::InvalidConfiguration,
            "The credential contains characters that cannot be sent",
            "Paste the credential again, without line breaks or special spaces.",
        )
    })?;
    value.set_sensitive(true);
    request.headers.insert(header::AUTHORIZATION, value);
    Ok(())
}

/// `Basic` credentials (RFC 7617).
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// The body as JSON; `None` for a maintenance page, a truncated body, or anything else.
pub(crate) fn json(response: &HttpResponse) -> Option<Value> {
    serde_json::from_slice(&response.body).ok()
}

/// The first words of a body for an operator to see.
pub(crate) fn excerpt(response: &HttpResponse) -> String {
    clip(String::from_utf8_lossy(&response.body).trim(), 300)
}

/// A provider that could not be reached, in words for the operator.
pub(crate) fn unreachable(label: &str, failure: &HttpFailure) -> TestFailure {
    let hint = match failure.error_type {
        ErrorType::Timeout => {
            "The provider or the network is slow; test again in a minute, and check the provider's status page."
        }
        ErrorType::DnsError => "Check the host name, and that this server can resolve names.",
        ErrorType::TlsError => {
            "The certificate could not be verified. Check for a proxy in between, and the clock of this server."
        }
        ErrorType::BlockedAddress => {
            "The address is private or reserved. An operator can allow it with SIMPUL_EGRESS_ALLOW."
        }
        _ => "Check that this server may reach the provider (firewall, proxy), and the provider's status page.",
    };
    TestFailure::new(failure.error_type, format!("{label} could not be reached: {}", failure.message), hint)
}

/// The failures whose meaning is the same at every provider: rate limit, server error, and an answer that is not JSON.
/// `None` when the answer needs the provider's own eye.
pub(crate) fn common_failure(label: &str, response: &HttpResponse) -> Option<TestFailure> {
    let is_json = json(response).is_some();
    let failure = match response.status {
        429 => {
            let mut failure = TestFailure::new(
                ErrorType::RateLimited,
                format!("{label} limits the rate of calls"),
                "Wait a little, test less often, and ask the provider for a higher limit if it stays.",
            );
            failure.retry_after = response
                .headers
                .get(header::RETRY_AFTER)
                .and_then(|value| value.to_str().ok()?.trim().parse().ok())
                .map(Duration::from_secs);
            failure
        }
        500..=599 => TestFailure::new(
            ErrorType::ProviderUnavailable,
            format!("{label} answered with a server error ({})", response.status),
            "The fault is at the provider. Check its status page; nothing needs to be changed here.",
        ),
        300..=399 => TestFailure::new(
            ErrorType::UnexpectedResponse,
            format!("{label} answered with a redirect ({})", response.status),
            "Check the configured address; the API does not redirect.",
        ),
        _ if response.truncated => TestFailure::new(
            ErrorType::UnexpectedResponse,
            format!("{label} sent an answer that is far too long"),
            "Check the configured address; this is not the provider's API.",
        ),
        _ if !is_json => TestFailure::new(
            ErrorType::UnexpectedResponse,
            format!("{label} answered with something that is not JSON ({})", response.status),
            "This is often a maintenance page or a proxy in between. Check the provider's status page and the configured address.",
        ),
        _ => return None,
    };
    let failure = failure.with("httpStatus", response.status);
    Some(if is_json { failure } else { failure.with("providerMessage", excerpt(response)) })
}
