//! Sending: what a message is, and how an attempt to send one can end. "It may have been sent" is told apart from "it was not
//! taken", because only the latter can be repeated without somebody reading it twice.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, header};
use simpul_core::error_type::ErrorType;

use crate::http_answer::{get, unreachable};
use crate::network::{HttpFailure, HttpRequest, HttpResponse, Network};
use crate::provider::ProviderError;
use crate::steps::TestFailure;

/// For one call that sends.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);

/// Sends text messages to telephones.
#[async_trait]
pub trait Messages: Send + Sync {
    /// Sends one text to one number in E.164 form. Answers the provider's id of the message, if it gave one.
    ///
    /// # Errors
    /// The message was refused, not taken, or may have been sent.
    async fn send_text(&self, to: &str, text: &str) -> Result<Option<String>, SendError>;

    /// The longest text that the provider takes, in characters.
    fn longest_text(&self) -> usize;
}

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// # Errors
    /// No recipient was taken, or the mail may have been sent.
    async fn send_mail(&self, mail: &OutgoingMail<'_>) -> Result<MailReceipt, SendError>;
}

/// One mail to everybody in `to`.
#[derive(Debug, Clone, Copy)]
pub struct OutgoingMail<'a> {
    /// The bare address.
    pub from: &'a str,
    pub to: &'a [String],
    pub subject: &'a str,
    pub text: &'a str,
    pub html: &'a str,
    /// The whole mail (RFC 5322), for servers that take it as it is.
    pub whole: &'a [u8],
}

/// What became of a mail that was taken for somebody at least.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailReceipt {
    pub refused: Vec<RefusedRecipient>,
}

/// A recipient that the mail was not taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRecipient {
    pub address: String,
    /// Whether it may be taken later.
    pub is_transient: bool,
    /// What the server said.
    pub message: String,
}

/// An attempt that did not end with the message taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SendError {
    /// It will not be taken as it is, however often it is tried.
    #[error("{0}")]
    Refused(ProviderError),
    /// It was not taken now.
    #[error("{0}")]
    Unavailable(ProviderError),
    /// It may have been sent.
    #[error("{0}")]
    Unknown(ProviderError),
}

impl SendError {
    #[must_use]
    pub fn error(&self) -> &ProviderError {
        match self {
            Self::Refused(error) | Self::Unavailable(error) | Self::Unknown(error) => error,
        }
    }

    /// A refusal that lies in what was to be sent or how it is set up.
    pub(crate) fn refused(error_type: ErrorType, detail: impl Into<String>) -> Self {
        Self::Refused(ProviderError { error_type, retry_after: None, detail: detail.into() })
    }
}

/// A failure with what the provider said of it.
pub(crate) fn told(failure: &TestFailure) -> ProviderError {
    let said =
        failure.details.get("providerMessage").and_then(serde_json::Value::as_str).filter(|said| !said.is_empty());
    let detail = match said {
        Some(said) => format!("{}: {said}", failure.message),
        None => failure.message.clone(),
    };
    ProviderError { error_type: failure.error_type, retry_after: failure.retry_after, detail }
}

/// What a refusal means for the message: a server error leaves it open whether it was sent, a limit or a device that is not
/// linked may be over later, and everything else stays as it is.
pub(crate) fn not_sent(failure: &TestFailure) -> SendError {
    let error = told(failure);
    match failure.error_type {
        ErrorType::ProviderUnavailable | ErrorType::UnexpectedResponse => SendError::Unknown(error),
        ErrorType::RateLimited | ErrorType::DeviceDisconnected => SendError::Unavailable(error),
        _ => SendError::Refused(error),
    }
}

/// A call without an answer. What failed before the connection stood was not sent.
fn unanswered(label: &str, failure: &HttpFailure) -> SendError {
    let error = told(&unreachable(label, failure));
    match failure.error_type {
        ErrorType::DnsError | ErrorType::ConnectionRefused | ErrorType::TlsError => SendError::Unavailable(error),
        ErrorType::BlockedAddress | ErrorType::InvalidConfiguration => SendError::Refused(error),
        _ => SendError::Unknown(error),
    }
}

/// A POST with this body.
pub(crate) fn post(url: String, content_type: &'static str, body: String) -> HttpRequest {
    let mut request = get(url);
    request.method = Method::POST;
    request.timeout = SEND_TIMEOUT;
    request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    request.body = Bytes::from(body);
    request
}

/// A form's body (`application/x-www-form-urlencoded`).
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn form(members: &[(&str, &str)]) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    members.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&")
}

/// Makes a call that sends.
pub(crate) async fn call(network: &dyn Network, label: &str, request: HttpRequest) -> Result<HttpResponse, SendError> {
    network.send(request).await.map_err(|failure| unanswered(label, &failure))
}
