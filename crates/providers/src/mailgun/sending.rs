//! Sending by Mailgun. A server error does not say that nothing was sent.

use async_trait::async_trait;
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;

use super::{Account, Region};
use crate::email::words;
use crate::http_answer::{authorize, basic, common_failure, excerpt, json as body_json};
use crate::network::HttpResponse;
use crate::sending::{FORM, MailReceipt, Mailer, OutgoingMail, SendError, call, form, not_sent, post};
use crate::steps::TestFailure;

#[async_trait]
impl Mailer for Account {
    async fn send_mail(&self, mail: &OutgoingMail<'_>) -> Result<MailReceipt, SendError> {
        let first = self.region.unwrap_or(Region::Us);
        let answer = self.post_mail(first, mail).await?;
        // A domain lives in one region; the other one knows neither it nor, perhaps, the key.
        let is_elsewhere = matches!(answer.status, 401 | 404) && self.region.is_none() && self.base_url.is_none();
        let answer = if is_elsewhere { self.post_mail(first.other(), mail).await? } else { answer };
        if answer.status == 200 && body_json(&answer).is_some_and(|body| words(body.get("id")).is_some()) {
            return Ok(MailReceipt::default());
        }
        Err(not_sent(&refusal(&answer)))
    }
}

impl Account {
    async fn post_mail(&self, region: Region, mail: &OutgoingMail<'_>) -> Result<HttpResponse, SendError> {
        let base = self.base_url.as_deref().unwrap_or(region.url());
        let to = mail.to.join(",");
        let members =
            [("from", mail.from), ("to", &*to), ("subject", mail.subject), ("text", mail.text), ("html", mail.html)];
        let mut request = post(format!("{base}/v3/{}/messages", self.domain), FORM, form(&members));
        authorize(&mut request, &basic("api", &self.key)).map_err(|failure| not_sent(&failure))?;
        call(&*self.network, "Mailgun", request).await
    }
}

fn refusal(answer: &HttpResponse) -> TestFailure {
    let said = body_json(answer).and_then(|body| words(body.get("message"))).unwrap_or_else(|| excerpt(answer));
    let (error_type, message) = match answer.status {
        401 => (ErrorType::AuthenticationFailed, "Mailgun rejected the API key"),
        402 => (ErrorType::AccountSuspended, "Mailgun wants the account to be paid first"),
        403 => (ErrorType::PermissionDenied, "Mailgun does not let the domain send"),
        404 => (ErrorType::NotFound, "Mailgun knows no such domain for this account"),
        400 | 413 => (ErrorType::InvalidConfiguration, "Mailgun refused the mail"),
        _ => match common_failure("Mailgun", answer) {
            Some(failure) => return failure,
            None => (ErrorType::UnexpectedResponse, "Mailgun gave an answer that does not say whether it took the mail"),
        },
    };
    TestFailure::new(error_type, message, "").with("providerMessage", clip(&said, 300))
}
