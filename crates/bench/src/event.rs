//! The events that are sent: how large they are, and the path they go to.

use hyper::header::HeaderValue;
use hyper::{Method, Request};
use uuid::Uuid;

use crate::connection::Target;
use crate::failure::Result;

/// Bytes of one event as the platform sends it.
pub(crate) const EVENT_BYTES: usize = 1_024;
/// Bytes of each event where a table is filled: lists do not read payloads.
pub(crate) const FILLER_BYTES: usize = 256;

const FILL: &str = "8f3kq0vz7w1x5c9r2m6t4y";

/// One event of exactly `bytes` bytes, different for each number.
pub(crate) fn body(number: u64, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes);
    text.push_str(r#"{"type":"payment.success","data":{"orderId":"INV-"#);
    text.push_str(&format!("{number:012}"));
    text.push_str(r#"","amount":150000,"currency":"IDR","method":"qris","note":""#);
    let end = bytes.saturating_sub(r#""}}"#.len());
    while text.len() < end {
        let rest = (end - text.len()).min(FILL.len());
        text.push_str(&FILL[..rest]);
    }
    text.push_str(r#""}}"#);
    text
}

/// A list of events, numbered from `first`.
pub(crate) fn list(first: u64, count: u64, bytes: usize) -> String {
    let events: Vec<String> = (first..first + count).map(|number| body(number, bytes)).collect();
    format!("[{}]", events.join(","))
}

/// Where events go.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) target: Target,
    path: String,
    /// Straight to the sink: the request itself carries the id that a delivery would.
    direct: bool,
}

impl Door {
    /// An integration's door for the platform's events.
    pub(crate) fn of_integration(target: Target, integration: &str) -> Self {
        Self { target, path: format!("/api/admin/integrations/{integration}/events"), direct: false }
    }

    /// The sink itself, with nothing between.
    pub(crate) fn of_sink(target: Target) -> Self {
        Self { target, path: "/0".to_owned(), direct: true }
    }

    pub(crate) fn one(&self, number: u64) -> Result<Request<String>> {
        let mut request = self.target.request(Method::POST, &self.path, body(number, EVENT_BYTES))?;
        if self.direct
            && let Ok(id) = HeaderValue::from_str(&Uuid::from_u128(u128::from(number) + 1).to_string())
        {
            request.headers_mut().insert("webhook-id", id);
        }
        Ok(request)
    }

    pub(crate) fn many(&self, first: u64, count: u64, bytes: usize) -> Result<Request<String>> {
        self.target.request(Method::POST, &self.path, list(first, count, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_its_size_and_is_json() {
        for (number, bytes) in [(0, EVENT_BYTES), (999_999_999_999, EVENT_BYTES), (7, FILLER_BYTES)] {
            let text = body(number, bytes);
            assert_eq!(text.len(), bytes);
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value["data"]["orderId"], format!("INV-{number:012}"));
        }
    }

    #[test]
    fn a_list_holds_as_many_as_asked() {
        let value: serde_json::Value = serde_json::from_str(&list(5, 3, FILLER_BYTES)).unwrap();
        assert_eq!(value.as_array().unwrap().len(), 3);
        assert_eq!(value[2]["data"]["orderId"], "INV-000000000007");
    }
}
