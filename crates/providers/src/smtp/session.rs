//! The test itself: greeting, EHLO, TLS, login and farewell, each a step of its own.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;
use simpul_core::secret::Redactor;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::dialling::tls_version;
use super::sending::hand_over;
use super::{Account, Credentials, Encryption};
use crate::certificate_expiry::expiry;
use crate::provider::Connection;
use crate::sending::{MailReceipt, Mailer, OutgoingMail, SendError};
use crate::smtp_dialogue::{Dialogue, Reply};
use crate::smtp_refusal::{Stage, broken, refused};
use crate::steps::{Outcome, Steps, TestFailure, TestSuccess};

/// Within the hub's ten seconds, so that what is reported is the stage that hung.
const WHOLE: Duration = Duration::from_secs(9);
/// Some servers hold their greeting back for some seconds to catch impatient spammers.
const BANNER_LIMIT: Duration = Duration::from_secs(6);
const REPLY_LIMIT: Duration = Duration::from_secs(4);
const QUIT_LIMIT: Duration = Duration::from_secs(1);

#[async_trait]
impl Connection for Account {
    async fn test(&self, steps: &mut Steps) -> Outcome {
        let mut details = Map::new();
        details.insert("host".to_owned(), self.host.clone().into());
        details.insert("port".to_owned(), self.port.into());
        details.insert("encryption".to_owned(), self.encryption.word().into());
        let deadline = Instant::now() + WHOLE;
        let mut session = Session { account: self, steps, details, deadline, mail: None, handed: None };
        let ended = session.run().await;
        let details = session.details;
        match ended {
            Ok(()) => Ok(TestSuccess { message: "SMTP connection successful".to_owned(), details, limited: None }),
            Err(mut failure) => {
                for (name, value) in details {
                    failure.details.entry(name).or_insert(value);
                }
                Err(failure)
            }
        }
    }

    fn mailer(&self) -> Option<&dyn Mailer> {
        Some(self)
    }
}

/// One dialogue as it goes on.
pub(super) struct Session<'a> {
    pub(super) account: &'a Account,
    pub(super) steps: &'a mut Steps,
    /// What was learnt so far; shown whether the test succeeds or fails.
    pub(super) details: Map<String, Value>,
    pub(super) deadline: Instant,
    /// What is to be handed over once the server has let us in; nothing in a test.
    pub(super) mail: Option<&'a OutgoingMail<'a>>,
    /// How that ended.
    pub(super) handed: Option<Result<MailReceipt, SendError>>,
}

impl Session<'_> {
    pub(super) async fn run(&mut self) -> Result<(), TestFailure> {
        self.steps.begin("connect");
        let stream = self.account.dial(self.deadline).await?;
        self.steps.pass(None);
        let own_name = own_name(stream.local_addr().ok());
        if self.account.encryption == Encryption::Tls {
            let mut dialogue = self.secured(stream).await?;
            self.greet(&mut dialogue).await?;
            return self.finish(dialogue, &own_name).await;
        }
        let mut dialogue = Dialogue::new(stream, self.deadline);
        self.greet(&mut dialogue).await?;
        if self.account.encryption == Encryption::None {
            return self.finish(dialogue, &own_name).await;
        }
        let capabilities = self.ehlo(&mut dialogue, &own_name).await?;
        self.steps.begin("tls");
        if !offers(&capabilities, "STARTTLS") {
            return Err(TestFailure::new(
                ErrorType::TlsError,
                "The mail server does not offer STARTTLS on this port",
                "Use the port for implicit TLS (465, encryption tls). If it should offer STARTTLS, something in between may remove it.",
            ));
        }
        let reply = dialogue
            .command("STARTTLS", REPLY_LIMIT)
            .await
            .map_err(|error| broken(Stage::StartTls, error, false))?;
        if reply.code != 220 {
            return Err(refused(Stage::StartTls, &reply));
        }
        let stream = dialogue.into_stream().map_err(|error| broken(Stage::StartTls, error, false))?;
        let dialogue = self.secured(stream).await?;
        self.finish(dialogue, &own_name).await
    }

    async fn secured(
        &mut self,
        stream: tokio::net::TcpStream,
    ) -> Result<Dialogue<tokio_rustls::client::TlsStream<tokio::net::TcpStream>>, TestFailure> {
        self.steps.begin("tls");
        let stream = self.account.secure(stream, self.deadline).await?;
        let version = tls_version(&stream);
        self.details.insert("tlsVersion".to_owned(), version.into());
        let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
        if let Some(expiry) = certificates.first().and_then(|certificate| expiry(certificate)) {
            self.details.insert("certificateExpiresAt".to_owned(), expiry.to_string().into());
        }
        self.steps.pass(Some(version.to_owned()));
        Ok(Dialogue::new(stream, self.deadline))
    }

    async fn greet<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        dialogue: &mut Dialogue<S>,
    ) -> Result<(), TestFailure> {
        self.steps.begin("banner");
        let reply =
            dialogue.reply(BANNER_LIMIT).await.map_err(|error| broken(Stage::Banner, error, self.is_encrypted()))?;
        let greeting = clip(&reply.text(), 300);
        self.details.insert("serverGreeting".to_owned(), greeting.clone().into());
        if reply.code != 220 {
            return Err(refused(Stage::Banner, &reply));
        }
        self.steps.pass(Some(greeting));
        Ok(())
    }

    /// What the server offers; after TLS has started, what it said before counts no more.
    async fn ehlo<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        dialogue: &mut Dialogue<S>,
        own_name: &str,
    ) -> Result<Vec<String>, TestFailure> {
        self.steps.begin("ehlo");
        let reply = dialogue
            .command(&format!("EHLO {own_name}"), REPLY_LIMIT)
            .await
            .map_err(|error| broken(Stage::Ehlo, error, self.is_encrypted()))?;
        if reply.code != 250 {
            return Err(refused(Stage::Ehlo, &reply));
        }
        let capabilities: Vec<String> = reply.lines.into_iter().skip(1).filter(|line| !line.is_empty()).collect();
        let shown: Vec<String> = capabilities.iter().take(30).map(|line| clip(line, 100)).collect();
        self.details.insert("capabilities".to_owned(), shown.into());
        self.steps.pass(None);
        Ok(capabilities)
    }

    /// The last EHLO, the login with what it offers, and the farewell.
    async fn finish<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        mut dialogue: Dialogue<S>,
        own_name: &str,
    ) -> Result<(), TestFailure> {
        let capabilities = self.ehlo(&mut dialogue, own_name).await?;
        self.steps.begin("authentication");
        let account = self.account;
        self.details.insert("authenticated".to_owned(), false.into());
        match &account.credentials {
            None => self.steps.warn("No user name and password are configured, so no login was tried"),
            Some(credentials) => {
                let mechanism = choose_mechanism(&capabilities, account.encryption)?;
                self.details.insert("mechanism".to_owned(), mechanism.word().into());
                log_in(&mut dialogue, mechanism, credentials, self.is_encrypted()).await?;
                self.details.insert("authenticated".to_owned(), true.into());
                if self.is_encrypted() {
                    self.steps.pass(Some(mechanism.word().to_owned()));
                } else {
                    self.steps.warn("The password crossed the network unencrypted: choose starttls or tls");
                }
            }
        }
        if let Some(mail) = self.mail {
            self.handed = Some(hand_over(&mut dialogue, &capabilities, mail).await);
        }
        self.steps.begin("quit");
        match dialogue.command("QUIT", QUIT_LIMIT).await {
            Ok(reply) if reply.code == 221 => self.steps.pass(None),
            // Everything that matters was seen by now.
            _ => self.steps.warn("The server did not confirm the farewell"),
        }
        Ok(())
    }

    fn is_encrypted(&self) -> bool {
        self.details.contains_key("tlsVersion")
    }
}

/// The address literal that names a client without a name of its own (RFC 5321, 4.1.3).
fn own_name(address: Option<SocketAddr>) -> String {
    match address.map(|address| address.ip()) {
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => format!("[{address}]"),
            None => format!("[IPv6:{address}]"),
        },
        Some(IpAddr::V4(address)) => format!("[{address}]"),
        None => "[127.0.0.1]".to_owned(),
    }
}

pub(super) fn offers(capabilities: &[String], keyword: &str) -> bool {
    capabilities.iter().any(|line| line.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case(keyword)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mechanism {
    Plain,
    Login,
}

impl Mechanism {
    fn word(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
        }
    }
}

/// PLAIN, else LOGIN, from `AUTH PLAIN LOGIN` or the old form `AUTH=PLAIN LOGIN`, in whatever case.
fn choose_mechanism(capabilities: &[String], encryption: Encryption) -> Result<Mechanism, TestFailure> {
    let offered: Vec<String> = capabilities
        .iter()
        .map(|line| line.to_ascii_uppercase())
        .filter_map(|line| line.strip_prefix("AUTH").filter(|rest| rest.starts_with([' ', '='])).map(str::to_owned))
        .flat_map(|rest| rest.split([' ', '=']).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let has = |word: &str| offered.iter().any(|mechanism| mechanism == word);
    if has("PLAIN") {
        return Ok(Mechanism::Plain);
    }
    if has("LOGIN") {
        return Ok(Mechanism::Login);
    }
    let (message, hint) = if !offered.is_empty() {
        (
            format!("The mail server takes no password login here, only {}", clip(&offered.join(", "), 200)),
            "Turn on password logins (often as app passwords) at the mail provider.",
        )
    } else if encryption == Encryption::None && offers(capabilities, "STARTTLS") {
        ("The mail server takes logins only after STARTTLS".to_owned(), "Choose encryption starttls.")
    } else {
        (
            "The mail server does not offer a login on this port".to_owned(),
            "Use port 587 (starttls) or 465 (tls). Where the server wants no login, remove user name and password.",
        )
    };
    Err(TestFailure::new(ErrorType::InvalidConfiguration, message, hint))
}

/// Logs in; only 235 is a success.
async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(
    dialogue: &mut Dialogue<S>,
    mechanism: Mechanism,
    credentials: &Credentials,
    is_encrypted: bool,
) -> Result<(), TestFailure> {
    let (user, word) = (STANDARD.encode(&credentials.username), STANDARD.encode(&credentials.password));
    let plain = STANDARD.encode(format!("\0{}\0{}", credentials.username, credentials.password));
    let lines = match mechanism {
        Mechanism::Plain => vec![format!("AUTH PLAIN {plain}")],
        Mechanism::Login => vec!["AUTH LOGIN".to_owned(), user.clone(), word.clone()],
    };
    let last = lines.len() - 1;
    for (index, line) in lines.iter().enumerate() {
        let reply = dialogue
            .command(line, REPLY_LIMIT)
            .await
            .map_err(|error| broken(Stage::Authentication, error, is_encrypted))?;
        if reply.code != if index == last { 235 } else { 334 } {
            // A server may quote what it was sent.
            let quoted = Redactor::new([plain, word, user, credentials.password.clone()]);
            let lines = reply.lines.iter().map(|line| quoted.text(line)).collect();
            return Err(refused(Stage::Authentication, &Reply { lines, ..reply }));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mechanism_is_found_in_every_spelling() {
        let chosen = |line: &str| choose_mechanism(&["SIZE 1".to_owned(), line.to_owned()], Encryption::Tls).ok();
        assert_eq!(chosen("AUTH LOGIN PLAIN"), Some(Mechanism::Plain));
        assert_eq!(chosen("auth plain"), Some(Mechanism::Plain));
        assert_eq!(chosen("AUTH=LOGIN"), Some(Mechanism::Login));
        assert_eq!(chosen("AUTH XOAUTH2 CRAM-MD5"), None);
        assert_eq!(chosen("AUTHPLAIN PLAIN"), None);
        let failure = choose_mechanism(&["STARTTLS".to_owned()], Encryption::None).unwrap_err();
        assert!(failure.hint.contains("starttls"));
    }

    #[test]
    fn the_client_names_itself_by_its_address() {
        let name = |address: &str| own_name(Some(address.parse().unwrap()));
        assert_eq!(name("192.0.2.1:5"), "[192.0.2.1]");
        assert_eq!(name("[2001:db8::1]:5"), "[IPv6:2001:db8::1]");
        assert_eq!(name("[::ffff:192.0.2.1]:5"), "[192.0.2.1]");
    }
}
