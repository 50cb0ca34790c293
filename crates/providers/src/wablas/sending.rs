//! Sending by Wablas. It says "error" under HTTP 200, and takes a message before it knows whether the device can carry it.

use async_trait::async_trait;
use serde_json::Value;
use simpul_core::error_type::ErrorType;

use super::Device;
use super::device::{contains_any, not_wablas, refused_by_body, refused_by_status, told};
use crate::http_answer::{authorize, json as body_json};
use crate::messaging::{number_digits, truth, words};
use crate::sending::{FORM, Messages, SendError, call, form, not_sent, post};
use crate::steps::TestFailure;

/// As documented for `send-message`.
const LONGEST: usize = 1_024;

#[async_trait]
impl Messages for Device {
    async fn send_text(&self, to: &str, text: &str) -> Result<Option<String>, SendError> {
        let body = form(&[("phone", &number_digits(to)), ("message", text)]);
        let mut request = post(format!("{}/api/send-message", self.base), FORM, body);
        let credential = match &self.secret_key {
            Some(secret_key) => format!("{}.{secret_key}", self.token),
            None => self.token.clone(),
        };
        authorize(&mut request, &credential).map_err(|failure| not_sent(&failure))?;
        let answer = call(&*self.network, "Wablas", request).await?;
        if let Some(failure) = refused_by_status(&answer, "token") {
            return Err(not_sent(&failure));
        }
        let body = body_json(&answer).unwrap_or_default();
        match truth(body.get("status")) {
            Some(true) => taken(&body),
            Some(false) => Err(not_sent(&told(refusal(&body), &answer))),
            None => Err(not_sent(&not_wablas(&answer))),
        }
    }

    fn longest_text(&self) -> usize {
        LONGEST
    }
}

fn refusal(body: &Value) -> TestFailure {
    let message = words(body.get("message")).unwrap_or_default();
    if contains_any(&message, &["not connected", "disconnect"]) {
        let hint = "Scan the QR code again: Wablas Dashboard → Device → Scan.";
        return TestFailure::new(ErrorType::DeviceDisconnected, "The Wablas device is not linked to WhatsApp", hint);
    }
    if contains_any(&message, &["quota"]) {
        let hint = "Extend the package: Wablas Dashboard → Device → Extend.";
        return TestFailure::new(ErrorType::AccountSuspended, "The Wablas quota is used up", hint);
    }
    if contains_any(&message, &["phone", "number"]) {
        return TestFailure::new(ErrorType::NotFound, "Wablas does not take the number", "Check the number.");
    }
    refused_by_body(body)
}

/// The id of the message; Wablas writes one message as an object or as a list of one, under either name.
fn taken(body: &Value) -> Result<Option<String>, SendError> {
    let data = body.get("data");
    let messages = data.and_then(|data| data.get("messages").or_else(|| data.get("message"))).or(data);
    let message = match messages {
        Some(Value::Array(list)) => list.first(),
        other => other,
    };
    let member = |name: &str| message.and_then(|message| words(message.get(name)));
    match member("status").as_deref() {
        Some("cancel" | "reject" | "rejected" | "failed") => {
            Err(SendError::refused(ErrorType::UnexpectedResponse, "Wablas took the message and rejected it at once"))
        }
        _ => Ok(member("id")),
    }
}
