//! What an SMTP server's refusal means, and what an operator does about it.

use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;

use crate::smtp_dialogue::{Broken, Reply};
use crate::steps::TestFailure;

const SPEAKS_TLS: &str = "The port speaks TLS: choose implicit TLS (encryption tls).";
const APP_PASSWORD: &str =
    "Check user name and password. Gmail, Yahoo and iCloud need an app password, not the password of the account.";

/// Where in the dialogue the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Banner,
    Ehlo,
    StartTls,
    Authentication,
    Sender,
    Recipient,
    Content,
}

impl Stage {
    fn words(self) -> &'static str {
        match self {
            Self::Banner => "its greeting",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Authentication => "the login",
            Self::Sender => "the sender address",
            Self::Recipient => "the recipient",
            Self::Content => "the mail",
        }
    }
}

/// The failure that a reply other than the wanted one is.
pub(crate) fn refused(stage: Stage, reply: &Reply) -> TestFailure {
    let (error_type, message, hint) = meaning(stage, reply);
    let mut failure =
        TestFailure::new(error_type, format!("{message} ({})", reply.code), hint).with("smtpStatus", reply.code);
    if let Some(enhanced) = reply.enhanced() {
        failure = failure.with("enhancedStatus", enhanced);
    }
    let said = reply.text();
    if said.is_empty() { failure } else { failure.with("providerMessage", clip(&said, 500)) }
}

fn meaning(stage: Stage, reply: &Reply) -> (ErrorType, String, String) {
    let said = reply.text().to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let enhanced = reply.enhanced().unwrap_or_default();
    let is_too_much = says(&["too many", "rate limit", "throttl", "limit exceeded", "concurrent"]);
    let (error_type, message, hint) = match (stage, reply.code) {
        (_, 421) if is_too_much || enhanced == "4.7.0" => too_much(),
        (_, 400..=499) if reply.code != 432 && is_too_much => too_much(),
        (Stage::StartTls, 454) => (
            ErrorType::ProviderUnavailable,
            "The mail server cannot start TLS at the moment",
            "The fault is at the server. Try again later, or use its port for implicit TLS.",
        ),
        (_, 432) => (
            ErrorType::AuthenticationFailed,
            "The mail server wants the password to be changed first",
            "Sign in to the mailbox once by its web page or another program, then test again.",
        ),
        (_, 400..=499) => (
            ErrorType::ProviderUnavailable,
            "The mail server is not available at the moment",
            "The fault is at the server. Try again later; nothing needs to be changed here.",
        ),
        (Stage::Authentication, 500..=599) => login_refused(reply.code, enhanced, says),
        (_, 530) => login_refused(530, enhanced, says),
        (Stage::Sender, 500..=599) => (
            ErrorType::PermissionDenied,
            "The mail server does not take the sender address",
            "Enter a sender address that the account may use.",
        ),
        (Stage::Recipient, 500..=599) => {
            (ErrorType::NotFound, "The mail server does not take the recipient", "Check the recipient's address.")
        }
        (Stage::Content, 500..=599) => (
            ErrorType::PermissionDenied,
            "The mail server refused the mail",
            "See what the server said: the sender, the content or a limit of the account.",
        ),
        (Stage::Banner, 521) | (_, 556) => (
            ErrorType::InvalidConfiguration,
            "This host does not accept mail",
            "Check the host name: enter the provider's outgoing (SMTP) server.",
        ),
        (Stage::Banner, 500..=599) | (Stage::Ehlo, 550..=559) => (
            ErrorType::PermissionDenied,
            "The mail server refuses connections from this server",
            "The server refuses this IP address: it may be on a block list, or has to be allowed in the provider's settings.",
        ),
        (Stage::StartTls, 500..=599) => (
            ErrorType::TlsError,
            "The mail server offers STARTTLS but refuses to start it",
            "Use the port for implicit TLS (465, encryption tls), or ask who runs the server.",
        ),
        (Stage::Ehlo, 500..=599) => (
            ErrorType::UnexpectedResponse,
            "The server does not speak the extended SMTP that logging in needs",
            "Check host and port: enter the provider's outgoing (SMTP) server.",
        ),
        _ => {
            let message = format!("The mail server answered {} with a reply that does not belong there", stage.words());
            return (
                ErrorType::UnexpectedResponse,
                message,
                "Check host and port; something in between may answer in the mail server's place.".to_owned(),
            );
        }
    };
    (error_type, message.to_owned(), hint.to_owned())
}

fn too_much() -> (ErrorType, &'static str, &'static str) {
    (
        ErrorType::RateLimited,
        "The mail server limits the number of connections or logins",
        "Wait some minutes, test less often, and check that nothing else signs in with this account all the time.",
    )
}

fn login_refused(code: u16, enhanced: &str, says: impl Fn(&[&str]) -> bool) -> (ErrorType, &'static str, &'static str) {
    match code {
        _ if enhanced == "5.7.13"
            || says(&["account disabled", "account is disabled", "user disabled", "suspended", "account locked"]) =>
        {
            (
                ErrorType::AccountSuspended,
                "The mail server says that the account is disabled",
                "Ask the mail provider to enable the account again.",
            )
        }
        535 | 534
            if enhanced == "5.7.139"
                || says(&["basic authentication is disabled", "smtpclientauthentication is disabled"]) =>
        {
            (
                ErrorType::AuthenticationFailed,
                "The mail server rejected the login: SMTP AUTH may be turned off for this mailbox",
                "At Microsoft 365, turn on Authenticated SMTP for the mailbox (and check security defaults), then check user name and password.",
            )
        }
        534 => (
            ErrorType::AuthenticationFailed,
            "The mail server wants another kind of password",
            "Create an app password for this account and enter it in place of the usual password.",
        ),
        538 => (
            ErrorType::InvalidConfiguration,
            "The mail server takes logins over an encrypted connection only",
            "Choose encryption starttls (port 587) or tls (port 465).",
        ),
        530 if says(&["starttls", "tls", "encrypt"]) => (
            ErrorType::InvalidConfiguration,
            "The mail server wants STARTTLS first",
            "Choose encryption starttls (port 587) or tls (port 465).",
        ),
        530 => (ErrorType::AuthenticationFailed, "The mail server wants a login", "Enter user name and password."),
        500..=504 => (
            ErrorType::InvalidConfiguration,
            "The mail server does not take logins here",
            "Check the port: logins belong on 587 (starttls) or 465 (tls).",
        ),
        550..=559 => (
            ErrorType::PermissionDenied,
            "The mail server does not permit this account to send through it",
            "Ask the mail provider to allow SMTP for this account and for this server's address.",
        ),
        _ => (ErrorType::AuthenticationFailed, "The mail server rejected user name or password", APP_PASSWORD),
    }
}

/// The failure that a broken dialogue is.
pub(crate) fn broken(stage: Stage, broken: Broken, is_encrypted: bool) -> TestFailure {
    let during = stage.words();
    match broken {
        Broken::TimedOut if stage == Stage::Banner && !is_encrypted => TestFailure::new(
            ErrorType::Timeout,
            "The mail server accepted the connection but sent no greeting in time",
            format!("The server is slow, or waits for TLS: on port 465 choose implicit TLS (encryption tls). {SLOW}"),
        ),
        Broken::TimedOut => {
            TestFailure::new(ErrorType::Timeout, format!("The mail server did not complete {during} in time"), SLOW)
        }
        Broken::Closed => TestFailure::new(
            ErrorType::ConnectionReset,
            format!("The mail server closed the connection during {during}"),
            "The server may refuse this server's address or be overloaded. Check host and port, and ask who runs it.",
        ),
        Broken::Reset => TestFailure::new(
            ErrorType::ConnectionReset,
            format!("The connection was reset during {during}"),
            "A firewall in between may cut mail connections. Check host and port, and that this server may send mail out.",
        ),
        Broken::TooLong => TestFailure::new(
            ErrorType::UnexpectedResponse,
            format!("The mail server sent a reply without end during {during}"),
            "Check host and port: this does not behave like a mail server.",
        ),
        Broken::Unasked if stage == Stage::StartTls => TestFailure::new(
            ErrorType::TlsError,
            "Something was injected into the connection before TLS began",
            "Somebody between here and the mail server may be reading or altering the traffic. Use implicit TLS (port 465), \
             and do not use this path until it is explained.",
        ),
        Broken::Unasked => TestFailure::new(
            ErrorType::UnexpectedResponse,
            format!("The mail server sent more than it was asked before {during}"),
            "Check host and port: this does not behave like a mail server.",
        ),
        Broken::NotSmtp(bytes) => not_smtp(stage, &bytes),
    }
}

const SLOW: &str = "Test again in a minute, and check that no firewall holds the connection back.";

fn not_smtp(stage: Stage, bytes: &[u8]) -> TestFailure {
    let hint = match bytes {
        [0x14..=0x17, ..] => SPEAKS_TLS,
        [b'+', b'O', b'K', ..] | [b'*', b' ', ..] => {
            "This is the server for reading mail (POP3 or IMAP). Enter the one for sending (SMTP), usually on port 587 or 465."
        }
        [b'S', b'S', b'H', b'-', ..] => "This is an SSH server. Check the port.",
        [b'H', b'T', b'T', b'P', ..] => "This is a web server. Check the port.",
        _ => "Check host and port: this does not behave like a mail server.",
    };
    let failure = TestFailure::new(
        ErrorType::UnexpectedResponse,
        format!("What answered during {} is not a mail server's reply", stage.words()),
        hint,
    );
    match std::str::from_utf8(bytes) {
        // During the login it may be what we sent, sent back.
        Ok(text) if stage != Stage::Authentication && !text.chars().any(char::is_control) => {
            failure.with("providerMessage", clip(text, 200))
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(line: &str) -> Reply {
        let (code, text) = line.split_at(3);
        Reply { code: code.parse().unwrap(), lines: vec![text.trim().to_owned()] }
    }

    #[test]
    fn each_reply_code_has_its_meaning() {
        use ErrorType as E;
        for (stage, line, error_type, part) in [
            (
                Stage::Authentication,
                "535 5.7.8 Username and Password not accepted",
                E::AuthenticationFailed,
                "app password",
            ),
            (Stage::Authentication, "535", E::AuthenticationFailed, "app password"),
            (
                Stage::Authentication,
                "534 5.7.9 Application-specific password required",
                E::AuthenticationFailed,
                "app password",
            ),
            (Stage::Authentication, "535 5.7.139 Authentication unsuccessful", E::AuthenticationFailed, "Microsoft"),
            (Stage::Authentication, "538 5.7.11 Encryption required", E::InvalidConfiguration, "starttls"),
            (
                Stage::Authentication,
                "530 5.7.0 Must issue a STARTTLS command first",
                E::InvalidConfiguration,
                "starttls",
            ),
            (Stage::Authentication, "530 5.7.57 Client not authenticated", E::AuthenticationFailed, "user name"),
            (Stage::Authentication, "432 4.7.12 A password transition is needed", E::AuthenticationFailed, "Sign in"),
            (Stage::Authentication, "454 4.7.0 Temporary authentication failure", E::ProviderUnavailable, "later"),
            (Stage::Authentication, "454 4.7.0 Too many login attempts", E::RateLimited, "Wait"),
            (Stage::Authentication, "421 4.7.0 Try again later", E::RateLimited, "Wait"),
            (Stage::Authentication, "504 5.5.4 Unrecognized mechanism", E::InvalidConfiguration, "port"),
            (Stage::Authentication, "525 5.7.13 User account disabled", E::AccountSuspended, "enable"),
            (Stage::Authentication, "550 5.7.1 Relay denied", E::PermissionDenied, "allow"),
            (Stage::Authentication, "250 2.0.0 OK", E::UnexpectedResponse, "host"),
            (Stage::Banner, "421 4.3.2 Service not available", E::ProviderUnavailable, "later"),
            (Stage::Banner, "421 Too many concurrent connections", E::RateLimited, "Wait"),
            (Stage::Banner, "450 4.7.1 Greylisted", E::ProviderUnavailable, "later"),
            (Stage::Banner, "554 5.7.1 No SMTP service for you", E::PermissionDenied, "refuses this IP"),
            (Stage::Banner, "521 does not accept mail", E::InvalidConfiguration, "host"),
            (Stage::Ehlo, "502 5.5.1 Command not implemented", E::UnexpectedResponse, "host"),
            (Stage::Ehlo, "530 Must issue STARTTLS", E::InvalidConfiguration, "starttls"),
            (Stage::StartTls, "454 4.7.0 TLS not available", E::ProviderUnavailable, "later"),
            (Stage::StartTls, "502 no", E::TlsError, "465"),
        ] {
            let failure = refused(stage, &reply(line));
            assert_eq!(failure.error_type, error_type, "{line}");
            assert!(failure.hint.contains(part), "{line}: {}", failure.hint);
            assert_eq!(failure.details["smtpStatus"], reply(line).code);
        }
    }

    #[test]
    fn another_kind_of_server_is_named() {
        for (bytes, part) in [
            (&b"\x15\x03\x01"[..], "choose implicit TLS"),
            (b"\x16\x03\x01", "choose implicit TLS"),
            (b"* OK IMAP4rev1 ready", "IMAP"),
            (b"+OK POP3", "POP3"),
            (b"SSH-2.0", "SSH"),
            (b"HTTP/1.1 400", "web server"),
            (b"\xff\xfe", "host and port"),
            (b"", "host and port"),
        ] {
            let failure = broken(Stage::Banner, Broken::NotSmtp(bytes.to_vec()), false);
            assert_eq!(failure.error_type, ErrorType::UnexpectedResponse);
            assert!(failure.hint.contains(part), "{}", failure.hint);
        }
    }
}
