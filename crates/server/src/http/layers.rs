//! What every request passes through: a request id, one log line, panics turned into the contract's 500, JSON for 404
//! and 405, and headers that keep browsers careful.

use std::any::Any;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_http::HeaderExtractor;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::ApiError;
use super::error::FailureCode;
use crate::config::PublicUrl;
use crate::metrics::HttpMetrics;

/// Carries the request id, both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The id of the request in hand, as an extension: the caller's own where it sent a usable one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Puts all layers around the finished router. Add routes before, not after.
pub fn wrapped<S: Clone + Send + Sync + 'static>(router: Router<S>, metrics: HttpMetrics) -> Router<S> {
    router
        .fallback(crate::dashboard::answer)
        .method_not_allowed_fallback(|| async { ApiError::method_not_allowed(None) })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(metrics, observe))
        .layer(from_fn(harden))
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic = message, "a request handler panicked");
    ApiError::internal_silently().into_response()
}

/// Gives the request its id and writes its one log line. The path is the route's pattern: raw paths hold inbound tokens.
async fn observe(State(metrics): State<HttpMetrics>, mut request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(|id| is_usable_id(id))
        .map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
    request.extensions_mut().insert(RequestId(id.clone()));
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(no route)".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!(
        "request", id = %id, method = %request.method(), path = %path, status = tracing::field::Empty,
        otel.kind = "server", otel.name = %format_args!("{} {path}", request.method()),
    );
    join_trace(&span, request.headers());
    let method = request.method().clone();
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let took = started.elapsed();
    metrics.answered(&method, &path, status, took);
    let duration = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let code = response.extensions().get::<FailureCode>().map_or("", |code| code.0);
    span.record("status", status);
    span.in_scope(|| match status {
        500.. => tracing::warn!(status, duration, code, "answered"),
        _ if matches!(path.as_str(), "/healthz" | "/readyz" | "/metrics") => {
            tracing::trace!(status, duration, "answered")
        }
        400.. => tracing::info!(status, duration, code, "answered"),
        _ => tracing::debug!(status, duration, "answered"),
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Makes the request part of the trace that its caller names in `traceparent` (W3C Trace Context). Does nothing where no
/// collector is configured.
fn join_trace(span: &tracing::Span, headers: &HeaderMap) {
    let context =
        opentelemetry::global::get_text_map_propagator(|propagator| propagator.extract(&HeaderExtractor(headers)));
    if context.has_active_span()
        && let Err(error) = span.set_parent(context)
    {
        tracing::debug!(%error, "the caller's trace could not be joined");
    }
}

/// An id that can be echoed and logged as it is.
fn is_usable_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

async fn harden(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static("frame-ancestors 'none'"));
    if is_api {
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// Refuses a change that is asked for with a session cookie from another site's page. Call it for cookie requests only;
/// a bearer key is never sent by a browser on its own.
///
/// # Errors
/// 403 `cross_site_request`, unless the method changes nothing or the browser says that the page is Simpul's own.
pub fn require_same_site(method: &Method, headers: &HeaderMap, public_url: &PublicUrl) -> Result<(), ApiError> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let is_own = match text(SEC_FETCH_SITE) {
        Some("same-origin") => true,
        // `none` is a person's own doing (an address typed in); without the header, an older browser: both must show
        // an origin.
        Some("none") | None => {
            text(ORIGIN).is_some_and(|origin| is_own_origin(origin, text(HOST).unwrap_or_default(), public_url))
        }
        Some(_) => false,
    };
    if is_own { Ok(()) } else { Err(ApiError::cross_site_request()) }
}

/// The public URL's origin, or that of the host which this request was sent to (a node's own address behind a proxy).
fn is_own_origin(origin: &str, host: &str, public_url: &PublicUrl) -> bool {
    if origin == public_url.origin() {
        return true;
    }
    let Ok(origin) = url::Url::parse(origin) else { return false };
    let Ok(own) = url::Url::parse(&format!("{}://{host}", origin.scheme())) else { return false };
    let scheme_fits = origin.scheme() == "https" || (origin.scheme() == "http" && !public_url.is_https());
    scheme_fits && own.has_host() && origin.origin() == own.origin()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use http::StatusCode;
    use http::header::ALLOW;
    use tower::ServiceExt as _;

    use super::*;
    use crate::metrics::HttpMetrics;

    fn router() -> Router {
        wrapped(
            Router::new().route("/api/thing", get(|| async { "ok" }).put(|| async { "ok" })).route(
                "/api/panics",
                get(|| async {
                    if true {
                        panic!("hunter2");
                    }
                }),
            ),
            HttpMetrics::default(),
        )
    }

    async fn ask(method: &str, path: &str, id: Option<&str>) -> (StatusCode, HeaderMap, serde_json::Value) {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(id) = id {
            request = request.header(REQUEST_ID, id);
        }
        let response = router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 10_000).await.unwrap();
        (parts.status, parts.headers, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    #[tokio::test]
    async fn what_has_no_route_is_a_404_in_json() {
        let (status, headers, body) = ask("GET", "/api/nothing", None).await;
        assert_eq!((status.as_u16(), body["code"].as_str()), (404, Some("not_found")));
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert!(headers.contains_key(REQUEST_ID));
    }

    #[tokio::test]
    async fn a_wrong_method_is_a_405_that_names_the_right_ones() {
        let (status, headers, body) = ask("DELETE", "/api/thing", None).await;
        assert_eq!((status.as_u16(), body["code"].as_str()), (405, Some("method_not_allowed")));
        let allowed: Vec<&str> = headers[ALLOW].to_str().unwrap().split(',').map(str::trim).collect();
        assert!(allowed.contains(&"GET") && allowed.contains(&"PUT"), "{allowed:?}");
    }

    #[tokio::test]
    async fn a_panic_is_a_500_that_tells_nothing() {
        let (status, headers, body) = ask("GET", "/api/panics", Some("abc-1")).await;
        assert_eq!((status.as_u16(), body["code"].as_str()), (500, Some("internal_error")));
        assert!(!body.to_string().contains("hunter2"));
        assert_eq!(headers[REQUEST_ID], "abc-1");
    }

    #[tokio::test]
    async fn only_a_harmless_request_id_is_taken_over() {
        assert_eq!(ask("GET", "/api/thing", Some("trace:1.2_3-4")).await.1[REQUEST_ID], "trace:1.2_3-4");
        assert_ne!(ask("GET", "/api/thing", Some("a b")).await.1[REQUEST_ID], "a b");
        assert_ne!(ask("GET", "/api/thing", Some(&"x".repeat(129))).await.1[REQUEST_ID], "x".repeat(129));
    }

    #[test]
    fn only_simpuls_own_pages_may_change_things_with_a_cookie() {
        let public = PublicUrl::parse("http://hub.example.com:3001").unwrap();
        let check = |method: Method, pairs: &[(&'static str, &'static str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            require_same_site(&method, &headers, &public).map_err(|error| error.code())
        };
        let refused = Err("cross_site_request");
        let host = ("host", "127.0.0.1:3001");
        assert_eq!(check(Method::GET, &[("sec-fetch-site", "cross-site")]), Ok(()));
        assert_eq!(check(Method::POST, &[("sec-fetch-site", "same-origin")]), Ok(()));
        assert_eq!(check(Method::POST, &[("origin", "http://hub.example.com:3001")]), Ok(()));
        assert_eq!(check(Method::POST, &[("origin", "http://127.0.0.1:3001"), host]), Ok(()));
        assert_eq!(check(Method::POST, &[host]), refused);
        assert_eq!(check(Method::POST, &[("sec-fetch-site", "none"), host]), refused);
        assert_eq!(
            check(Method::POST, &[("sec-fetch-site", "same-site"), ("origin", "http://hub.example.com:3001")]),
            refused
        );
        assert_eq!(check(Method::POST, &[("origin", "null"), host]), refused);
        assert_eq!(check(Method::POST, &[("origin", "http://127.0.0.1:3002"), host]), refused);
        assert_eq!(check(Method::POST, &[("origin", "http://evil.example"), host]), refused);
        assert_eq!(check(Method::DELETE, &[("origin", "http://127.0.0.1:3001.evil.example"), host]), refused);
        assert_eq!(check(Method::PUT, &[("origin", "file://127.0.0.1:3001"), host]), refused);
    }

    #[test]
    fn behind_https_an_unencrypted_page_is_another_site() {
        let public = PublicUrl::parse("https://hub.example.com").unwrap();
        let headers = HeaderMap::from_iter([
            (ORIGIN, HeaderValue::from_static("http://hub.example.com")),
            (HOST, HeaderValue::from_static("hub.example.com")),
        ]);
        assert!(require_same_site(&Method::POST, &headers, &public).is_err());
    }
}
