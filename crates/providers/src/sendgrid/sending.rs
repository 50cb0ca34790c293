//! Sending by SendGrid: 202 without a body is a success, and 401 does not always mean that the key is wrong.

use async_trait::async_trait;
use serde_json::{Value, json};
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;

use super::Account;
use crate::email::words;
use crate::http_answer::{authorize, common_failure, excerpt, json as body_json};
use crate::network::HttpResponse;
use crate::sending::{MailReceipt, Mailer, OutgoingMail, SendError, call, not_sent, post};
use crate::steps::TestFailure;

#[async_trait]
impl Mailer for Account {
    async fn send_mail(&self, mail: &OutgoingMail<'_>) -> Result<MailReceipt, SendError> {
        let mut addresses: Vec<&String> = mail.to.iter().collect();
        addresses.sort_unstable();
        addresses.dedup();
        // One of their own each: recipients need not see one another.
        let personalizations: Vec<Value> =
            addresses.into_iter().map(|address| json!({"to": [{"email": address}]})).collect();
        let body = json!({
            "personalizations": personalizations,
            "from": {"email": mail.from},
            "subject": mail.subject,
            "content": [{"type": "text/plain", "value": mail.text}, {"type": "text/html", "value": mail.html}],
        });
        let mut request = post(format!("{}/v3/mail/send", self.base_url), "application/json", body.to_string());
        authorize(&mut request, &format!("Bearer {}", self.key)).map_err(|failure| not_sent(&failure))?;
        let answer = call(&*self.network, "SendGrid", request).await?;
        if answer.status == 202 { Ok(MailReceipt::default()) } else { Err(not_sent(&refusal(&answer))) }
    }
}

fn refusal(answer: &HttpResponse) -> TestFailure {
    let said = body_json(answer).and_then(|body| words(body["errors"].get(0)?.get("message")));
    let said = said.unwrap_or_else(|| excerpt(answer));
    let (error_type, message) = match answer.status {
        401 if said.contains("credits") => (ErrorType::AccountSuspended, "The SendGrid credits are used up"),
        401 if said.contains("not authorized") => (ErrorType::PermissionDenied, "SendGrid does not let the user send"),
        401 => (ErrorType::AuthenticationFailed, "SendGrid rejected the API key"),
        403 => (ErrorType::PermissionDenied, "SendGrid refused the mail"),
        400 | 413 => (ErrorType::InvalidConfiguration, "SendGrid refused the mail"),
        404 => (ErrorType::NotFound, "SendGrid has nothing at this address"),
        _ => match common_failure("SendGrid", answer) {
            Some(failure) => return failure,
            None => (ErrorType::UnexpectedResponse, "SendGrid did not say that it took the mail"),
        },
    };
    TestFailure::new(error_type, message, "").with("providerMessage", clip(&said, 300))
}
