//! A refused notification's whole request as text, to be sealed and judged again later.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

use super::InboundRequest;

/// Bytes of method, query, headers and body together that are kept.
const KEPT: usize = 256 * 1024;

/// A request as it came.
pub(super) struct KeptRequest {
    token: String,
    method: Method,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// The request as JSON text; `None` where it is too large to be kept.
pub(super) fn write(request: &InboundRequest<'_>) -> Option<String> {
    let headers = request.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
    let size = request.method.as_str().len() + request.query.len() + headers + request.body.len();
    if size > KEPT {
        return None;
    }
    // A header's value need not be text.
    let headers: Vec<Value> =
        request.headers.iter().map(|(name, value)| json!([name.as_str(), STANDARD.encode(value)])).collect();
    let request = json!({
        "token": request.token,
        "method": request.method.as_str(),
        "query": request.query,
        "headers": headers,
        "body": STANDARD.encode(request.body),
    });
    Some(request.to_string())
}

/// Reads what [`write`] wrote; `None` for anything else.
pub(super) fn read(text: &str) -> Option<KeptRequest> {
    let request: Value = serde_json::from_str(text).ok()?;
    let part = |name: &str| request.get(name).and_then(Value::as_str);
    let mut headers = HeaderMap::new();
    for header in request.get("headers")?.as_array()? {
        let name = HeaderName::from_bytes(header.get(0)?.as_str()?.as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(&STANDARD.decode(header.get(1)?.as_str()?).ok()?).ok()?;
        headers.append(name, value);
    }
    Some(KeptRequest {
        token: part("token")?.to_owned(),
        method: Method::from_bytes(part("method")?.as_bytes()).ok()?,
        query: part("query")?.to_owned(),
        headers,
        body: STANDARD.decode(part("body")?).ok()?,
    })
}

impl KeptRequest {
    pub(super) fn as_request(&self, remote_address: Option<String>) -> InboundRequest<'_> {
        InboundRequest {
            token: &self.token,
            method: &self.method,
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
            remote_address,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(headers: &HeaderMap, body: &[u8]) -> Option<String> {
        let request = InboundRequest {
            token: "a-token",
            method: &Method::POST,
            query: "?a=%20b",
            headers,
            body,
            remote_address: None,
        };
        write(&request)
    }

    #[test]
    fn a_request_reads_back_byte_for_byte() {
        let mut headers = HeaderMap::new();
        headers.append("x-signature", HeaderValue::from_bytes(b"caf\xe9").expect("a value"));
        headers.append("x-twice", HeaderValue::from_static("1"));
        headers.append("x-twice", HeaderValue::from_static("2"));
        let kept = read(&written(&headers, b"\xff\x00{").expect("kept")).expect("reads");
        let request = kept.as_request(None);
        assert_eq!((request.token, request.method, request.query), ("a-token", &Method::POST, "?a=%20b"));
        assert_eq!((request.headers, request.body), (&headers, b"\xff\x00{".as_slice()));
        assert!(read("{}").is_none() && read("x").is_none());
    }

    #[test]
    fn a_request_over_256_kib_in_all_is_not_kept() {
        let mut headers = HeaderMap::new();
        let around = "POST".len() + "?a=%20b".len();
        assert!(written(&headers, &vec![b'x'; KEPT - around]).is_some());
        headers.append("a", HeaderValue::from_static(""));
        assert!(written(&headers, &vec![b'x'; KEPT - around]).is_none());
    }
}
