//! Handing a mail over in the dialogue that the connection test uses: MAIL, RCPT for each recipient, DATA (RFC 5321, 3.3),
//! with 8BITMIME (RFC 6152) and SMTPUTF8 (RFC 6531) where the mail needs them.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Map;
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::Account;
use super::session::{Session, offers};
use crate::sending::{MailReceipt, Mailer, OutgoingMail, RefusedRecipient, SendError, told};
use crate::smtp_dialogue::{Dialogue, Reply};
use crate::smtp_refusal::{Stage, broken, refused};
use crate::steps::{Steps, TestFailure};

/// For the whole of it, connection and login included.
const WHOLE: Duration = Duration::from_secs(50);
const REPLY_LIMIT: Duration = Duration::from_secs(15);
/// A server may look at the content before it answers.
const CONTENT_LIMIT: Duration = Duration::from_secs(30);

#[async_trait]
impl Mailer for Account {
    async fn send_mail(&self, mail: &OutgoingMail<'_>) -> Result<MailReceipt, SendError> {
        if let Some(address) = mail.to.iter().map(String::as_str).chain([mail.from]).find(|address| !is_plain(address)) {
            let detail = format!("The address {} cannot be used", clip(address, 100));
            return Err(SendError::refused(ErrorType::InvalidConfiguration, detail));
        }
        let mut steps = Steps::default();
        let mut session = Session {
            account: self,
            steps: &mut steps,
            details: Map::new(),
            deadline: Instant::now() + WHOLE,
            mail: Some(mail),
            handed: None,
        };
        let ended = session.run().await;
        match (session.handed, ended) {
            (Some(handed), _) => handed,
            (None, Err(failure)) => Err(before_the_mail(&failure)),
            (None, Ok(())) => Err(SendError::refused(ErrorType::UnexpectedResponse, "The mail was not handed over")),
        }
    }
}

/// Nothing that could break out of a command line or its angle brackets.
fn is_plain(address: &str) -> bool {
    let odd = |character: char| character.is_control() || character.is_whitespace() || "<>".contains(character);
    address.len() <= 320 && address.contains('@') && !address.contains(odd)
}

/// What ended the dialogue before the mail began: the same for every mail where the login or the configuration is wrong.
fn before_the_mail(failure: &TestFailure) -> SendError {
    let error = told(failure);
    match failure.error_type {
        ErrorType::AuthenticationFailed
        | ErrorType::InvalidConfiguration
        | ErrorType::PermissionDenied
        | ErrorType::BlockedAddress => SendError::Refused(error),
        _ => SendError::Unavailable(error),
    }
}

/// What a refused command means for the mail.
fn by_code(stage: Stage, reply: &Reply) -> SendError {
    let error = told(&refused(stage, reply));
    if reply.code < 500 { SendError::Unavailable(error) } else { SendError::Refused(error) }
}

/// Hands the mail over to a server that has let us in.
pub(super) async fn hand_over<S: AsyncRead + AsyncWrite + Unpin>(
    dialogue: &mut Dialogue<S>,
    capabilities: &[String],
    mail: &OutgoingMail<'_>,
) -> Result<MailReceipt, SendError> {
    let lost = |stage: Stage| move |error| SendError::Unavailable(told(&broken(stage, error, true)));
    let from = format!("MAIL FROM:<{}>{}", mail.from, parameters(capabilities, mail)?);
    let reply = dialogue.command(&from, REPLY_LIMIT).await.map_err(lost(Stage::Sender))?;
    if reply.code != 250 {
        return Err(by_code(Stage::Sender, &reply));
    }
    let mut receipt = MailReceipt::default();
    let mut last = None;
    for address in mail.to {
        let reply =
            dialogue.command(&format!("RCPT TO:<{address}>"), REPLY_LIMIT).await.map_err(lost(Stage::Recipient))?;
        if !matches!(reply.code, 250..=252) {
            let is_transient = reply.code < 500;
            let message = format!("{} ({})", clip(&reply.text(), 200), reply.code);
            receipt.refused.push(RefusedRecipient { address: address.clone(), is_transient, message });
            // One that may be taken later is worth more than one that never will.
            if is_transient || last.is_none() {
                last = Some(reply);
            }
        }
    }
    if let Some(reply) = last.filter(|_| receipt.refused.len() == mail.to.len()) {
        return Err(by_code(Stage::Recipient, &reply));
    }
    let reply = dialogue.command("DATA", REPLY_LIMIT).await.map_err(lost(Stage::Content))?;
    if reply.code != 354 {
        return Err(by_code(Stage::Content, &reply));
    }
    // From here on the server may have taken it, whatever we hear.
    let unheard = |error| SendError::Unknown(told(&broken(Stage::Content, error, true)));
    let reply = dialogue.content(mail.whole, CONTENT_LIMIT).await.map_err(unheard)?;
    if reply.code == 250 { Ok(receipt) } else { Err(by_code(Stage::Content, &reply)) }
}

/// The extensions that the mail needs; a server without them cannot carry it.
fn parameters(capabilities: &[String], mail: &OutgoingMail<'_>) -> Result<String, SendError> {
    let mut parameters = String::new();
    let needed = [
        (!mail.from.is_ascii() || mail.to.iter().any(|address| !address.is_ascii()), "SMTPUTF8", " SMTPUTF8"),
        (!mail.whole.is_ascii(), "8BITMIME", " BODY=8BITMIME"),
    ];
    for (is_needed, keyword, parameter) in needed {
        if is_needed && !offers(capabilities, keyword) {
            let detail = format!("The mail server cannot carry this mail: it does not offer {keyword}");
            return Err(SendError::refused(ErrorType::InvalidConfiguration, detail));
        }
        parameters.push_str(if is_needed { parameter } else { "" });
    }
    Ok(parameters)
}
