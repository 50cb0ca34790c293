//! How public addresses answer: the token in the path, and `ETag` with a short time to keep.

use axum::extract::RawPathParams;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::public_cache::Rendered;

/// 32 bytes in base64url.
const TOKEN_CHARACTERS: usize = 43;

/// The one segment of the path that is variable.
pub(super) fn segment(path: &RawPathParams) -> &str {
    path.iter().next().map(|(_, text)| text).unwrap_or_default()
}

/// Whether this can be a token at all; nothing else is looked up.
pub(super) fn is_token(text: &str) -> bool {
    text.len() == TOKEN_CHARACTERS
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The answer, or a 304 where the caller has it already.
pub(super) fn answer(rendered: &Rendered, content_type: &'static str, asked: &HeaderMap) -> Response {
    let has_it = asked
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(','))
        .any(|tag| tag.trim().trim_start_matches("W/") == rendered.etag || tag.trim() == "*");
    let mut response = match has_it {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => ([(CONTENT_TYPE, content_type)], rendered.body.clone()).into_response(),
    };
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&rendered.etag) {
        headers.insert(ETAG, etag);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=30"));
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    response
}

/// Text inside an element or an attribute in double quotes, of HTML and of SVG alike.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Not allowed in XML 1.0.
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
