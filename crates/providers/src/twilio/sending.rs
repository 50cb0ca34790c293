//! Sending by Twilio: a form to the account's message list, answered 201. There is no key against repetition.

use async_trait::async_trait;
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;

use super::Account;
use crate::http_answer::{authorize, basic, common_failure, json};
use crate::messaging::words;
use crate::network::HttpResponse;
use crate::sending::{FORM, Messages, SendError, call, form, not_sent, post};
use crate::steps::TestFailure;

const LONGEST: usize = 1_600;

#[async_trait]
impl Messages for Account {
    async fn send_text(&self, to: &str, text: &str) -> Result<Option<String>, SendError> {
        let Some(from) = &self.phone_number else {
            let detail = "The Twilio integration has no sender number: fill in phoneNumber";
            return Err(SendError::refused(ErrorType::InvalidConfiguration, detail));
        };
        let (user, password) = match (&self.api_key, &self.auth_token) {
            (Some(key), _) => (key.sid.as_str(), key.secret.as_str()),
            (None, token) => (self.sid.as_str(), token.as_deref().unwrap_or_default()),
        };
        let body = form(&[("To", &format!("whatsapp:{to}")), ("From", &format!("whatsapp:{from}")), ("Body", text)]);
        let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", self.base, self.sid);
        let mut request = post(url, FORM, body);
        authorize(&mut request, &basic(user, password)).map_err(|failure| not_sent(&failure))?;
        let answer = call(&*self.network, "Twilio", request).await?;
        let body = json(&answer).unwrap_or_default();
        match (answer.status, words(body.get("sid"))) {
            (200..=299, Some(sid)) if body["status"] != "failed" => Ok(Some(sid)),
            _ => Err(not_sent(&refusal(&answer))),
        }
    }

    fn longest_text(&self) -> usize {
        LONGEST
    }
}

fn refusal(answer: &HttpResponse) -> TestFailure {
    if let Some(failure) = common_failure("Twilio", answer) {
        return failure;
    }
    let body = json(answer).unwrap_or_default();
    let code = body["code"].as_u64().or_else(|| body["error_code"].as_u64());
    let said = words(body.get("message").or_else(|| body.get("error_message"))).unwrap_or_default();
    let (error_type, message) = match (answer.status, code) {
        (_, Some(20_005 | 10_001 | 90_010 | 30_002)) => (ErrorType::AccountSuspended, "The Twilio account is not active"),
        (_, Some(63_016)) => (
            ErrorType::PermissionDenied,
            "WhatsApp takes free text only within 24 hours of the recipient's last message to this number",
        ),
        (_, Some(63_018 | 20_429)) => (ErrorType::RateLimited, "Twilio limits the rate of messages"),
        (_, Some(21_211 | 21_604 | 63_003 | 63_024)) => (ErrorType::NotFound, "Twilio does not take the number"),
        (_, Some(63_002 | 63_007 | 21_910)) => {
            (ErrorType::InvalidConfiguration, "Twilio knows no WhatsApp sender of the configured number")
        }
        (401, _) | (_, Some(20_003)) => (ErrorType::AuthenticationFailed, "Twilio rejected the credentials"),
        (403, _) => (ErrorType::PermissionDenied, "Twilio refuses the call"),
        (400..=499, _) => (ErrorType::InvalidConfiguration, "Twilio refused the message"),
        _ => (ErrorType::UnexpectedResponse, "Twilio answered in an unexpected way"),
    };
    TestFailure::new(error_type, message, "").with("providerMessage", clip(&said, 300))
}
