//! The one error that handlers answer with, and how it becomes the contract's failure envelope.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use simpul_core::language::Language;
use simpul_providers::sentence;

use super::envelope::Failure;

/// An answer other than success: status, code, one sentence, and details where they help. Its text is for the caller;
/// what went wrong inside is logged where the error is made and is not part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    sentence: Cow<'static, str>,
    /// Boxed to keep results small.
    details: Option<Box<Value>>,
    /// Whole seconds, for `Retry-After`.
    retry_after: Option<u64>,
    /// For `Allow`.
    allow: Option<&'static str>,
}

/// The code of a failure, attached to the response so that the request's log line can name it.
#[derive(Debug, Clone, Copy)]
pub struct FailureCode(pub &'static str);

impl ApiError {
    fn new(status: StatusCode, code: &'static str, sentence: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, sentence: sentence.into(), details: None, retry_after: None, allow: None }
    }

    /// 401: no session or key, or one that does not count any more.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Sign in, or send a valid API key as a bearer token.")
    }

    /// 401 for a sign-in that failed; says nothing on whether the e-mail address is known.
    #[must_use]
    pub fn wrong_credentials() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_credentials", "The e-mail address or the password is wrong.")
    }

    /// 401 for a provider's notification whose signature does not fit.
    #[must_use]
    pub fn bad_signature(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "bad_signature", sentence)
    }

    /// 403: signed in, but the role is too low.
    #[must_use]
    pub fn forbidden(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", sentence)
    }

    /// 403: a change asked for with a cookie from a page that is not Simpul's.
    #[must_use]
    pub fn cross_site_request() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "cross_site_request",
            "This request was not sent by Simpul's own pages: open the dashboard at its public URL, or use an API key.",
        )
    }

    /// 404: `what` is the noun, such as "integration". Also for another tenant's.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}."))
    }

    /// 405; the router knows the methods, or the caller names them as `GET, POST`.
    #[must_use]
    pub fn method_not_allowed(allow: Option<&'static str>) -> Self {
        let error = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This address does not take that method; the Allow header names those that it takes.",
        );
        Self { allow, ..error }
    }

    /// 409; `field` is the member that clashes, if one does.
    #[must_use]
    pub fn conflict(sentence: impl Into<Cow<'static, str>>, field: Option<&str>) -> Self {
        let sentence = sentence.into();
        let details = field.map(|field| Box::new(json!({"fields": {field: [sentence.as_ref()]}})));
        Self { details, ..Self::new(StatusCode::CONFLICT, "conflict", sentence) }
    }

    /// 413; `limit` in bytes.
    #[must_use]
    pub fn payload_too_large(limit: usize) -> Self {
        let error = Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload_too_large",
            format!("The body is larger than the {limit} bytes that are taken here."),
        );
        Self { details: Some(Box::new(json!({"limit": limit}))), ..error }
    }

    /// 415: the body is not JSON by its own account.
    #[must_use]
    pub fn unsupported_media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Send the body as JSON, uncompressed, with content-type: application/json.",
        )
    }

    /// 400: JSON or a query that cannot be read.
    #[must_use]
    pub fn bad_request(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", sentence)
    }

    /// 400 with the query parameters that are wrong.
    #[must_use]
    pub fn bad_query(fields: Fields) -> Self {
        let error = Self::bad_request(summary("The query cannot be used", &fields));
        Self { details: Some(Box::new(json!({"fields": fields}))), ..error }
    }

    /// 422: members that are wrong, each with what is wrong with it.
    #[must_use]
    pub fn validation(fields: Fields) -> Self {
        let sentence = summary("The request cannot be taken", &fields);
        let details = Some(Box::new(json!({"fields": fields})));
        Self { details, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", sentence) }
    }

    /// The same with what is wrong with members of a configuration in that language. The sentence stays English, as that of
    /// every error does.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        let fields = self.details.as_mut().and_then(|details| details.get_mut("fields")?.as_object_mut());
        let configured = fields.into_iter().flatten().filter(|(name, _)| name.starts_with("configuration."));
        for problem in configured.filter_map(|(_, problems)| problems.as_array_mut()).flatten() {
            if let Value::String(text) = problem {
                *text = sentence(text, language).into_owned();
            }
        }
        self
    }

    /// 422 for one member.
    #[must_use]
    pub fn invalid(field: &str, problem: impl Into<String>) -> Self {
        Self::validation(Fields::from_iter([(field.to_owned(), json!([problem.into()]))]))
    }

    /// 429, with the time after which it may be tried again.
    #[must_use]
    pub fn too_many_requests(retry_after: Duration) -> Self {
        let error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "Too many attempts: wait for the time that Retry-After names.",
        );
        Self { retry_after: Some(whole_seconds(retry_after)), ..error }
    }

    /// 503: the store cannot be reached or the queue is full.
    #[must_use]
    pub fn unavailable(retry_after: Duration) -> Self {
        let error = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Simpul cannot take this just now, and nothing was stored: try again after the time that Retry-After names.",
        );
        Self { retry_after: Some(whole_seconds(retry_after)), ..error }
    }

    /// 500. The source is logged here, once, and is not told to the caller; it must not hold secrets.
    #[must_use]
    pub fn internal(source: &dyn fmt::Display) -> Self {
        tracing::error!(error = %source, "a request failed inside");
        Self::internal_silently()
    }

    /// 500 for what was logged already.
    pub(super) fn internal_silently() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "Something went wrong inside Simpul; its log has the cause under this answer's x-request-id.",
        )
    }

    /// The same failure under a more exact code, such as `blocked_address`.
    #[must_use]
    pub fn with_code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// The same failure with another sentence.
    #[must_use]
    pub fn with_sentence(self, sentence: impl Into<Cow<'static, str>>) -> Self {
        Self { sentence: sentence.into(), ..self }
    }

    /// The same failure with details in place of those it has.
    #[must_use]
    pub fn with_details(self, details: Value) -> Self {
        Self { details: Some(Box::new(details)), ..self }
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    #[must_use]
    pub fn details(&self) -> Option<&Value> {
        self.details.as_deref()
    }
}

/// Problems by the path of the member, each a list of sentences without a subject.
pub type Fields = Map<String, Value>;

fn summary(opening: &str, fields: &Fields) -> String {
    let first = fields.iter().next().and_then(|(name, problems)| Some((name, problems.get(0)?.as_str()?)));
    match (first, fields.len()) {
        (Some((name, problem)), 1) => format!("{opening}: {name} {problem}."),
        (Some((name, problem)), count) => format!("{opening}: {name} {problem}, and {} more.", count - 1),
        (None, _) => format!("{opening}."),
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.status.as_u16(), self.code, self.sentence)
    }
}

impl std::error::Error for ApiError {}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Failure {
            success: false,
            error: self.sentence.into_owned(),
            code: self.code.to_owned(),
            details: self.details.map(|details| *details),
        };
        let mut response = (self.status, Json(body)).into_response();
        response.extensions_mut().insert(FailureCode(self.code));
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(methods) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(methods));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(error: ApiError) -> (StatusCode, http::HeaderMap, Value) {
        let (parts, body) = error.into_response().into_parts();
        let bytes = axum::body::to_bytes(body, 10_000).await.unwrap();
        (parts.status, parts.headers, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn a_failure_is_the_contracts_envelope() {
        let (status, headers, body) = answer(ApiError::unauthorized()).await;
        assert_eq!(
            (status, &headers[WWW_AUTHENTICATE]),
            (StatusCode::UNAUTHORIZED, &HeaderValue::from_static("Bearer"))
        );
        assert_eq!(body["success"], false);
        assert_eq!(body["code"], "unauthorized");
        assert!(body.get("details").is_none());
    }

    #[tokio::test]
    async fn waiting_times_are_rounded_up_to_whole_seconds() {
        let (status, headers, _) = answer(ApiError::too_many_requests(Duration::from_millis(1_200))).await;
        assert_eq!((status.as_u16(), headers[RETRY_AFTER].to_str().unwrap()), (429, "2"));
        let (status, headers, _) = answer(ApiError::unavailable(Duration::ZERO)).await;
        assert_eq!((status.as_u16(), headers[RETRY_AFTER].to_str().unwrap()), (503, "1"));
    }

    #[tokio::test]
    async fn an_internal_failure_tells_the_caller_nothing_of_its_cause() {
        let (status, _, body) = answer(ApiError::internal(&"SELECT secret FROM keys")).await;
        assert_eq!((status.as_u16(), &body["code"]), (500, &json!("internal_error")));
        assert!(!body.to_string().contains("SELECT"));
    }

    #[tokio::test]
    async fn a_conflict_and_a_bad_member_name_the_member() {
        let (_, _, body) = answer(ApiError::conflict("This slug is taken", Some("slug"))).await;
        assert_eq!(body["details"]["fields"]["slug"], json!(["This slug is taken"]));
        let (status, _, body) = answer(ApiError::invalid("name", "is required")).await;
        assert_eq!(status.as_u16(), 422);
        assert_eq!(body["error"], "The request cannot be taken: name is required.");
        assert_eq!(body["details"], json!({"fields": {"name": ["is required"]}}));
    }
}
