//! SMTP: mail by any server that speaks it. The test greets, starts TLS and logs in, step by step, and never sends a mail;
//! sending does the same and hands a mail over.

mod dialling;
mod sending;
mod session;

use std::net::Ipv6Addr;
use std::sync::Arc;

use simpul_core::integration::{Configuration, IntegrationType, Mode};

use crate::email;
use crate::manifest::{Field, FieldProblem, Inspection, Kind, Manifest, inspect};
use crate::network::Network;
use crate::provider::{ConfigurationError, Connection, Provider};

pub(crate) const PROVIDER: &dyn Provider = &Smtp;

static MANIFEST: Manifest = Manifest {
    slug: "smtp",
    label: "SMTP",
    integration_type: IntegrationType::EmailSmtp,
    fields: &[
        Field {
            name: "host",
            title: "Server",
            help: "The outgoing mail server's name, such as smtp.example.com.",
            example: "smtp.example.com",
            kind: Kind::Text,
            required: true,
            pattern: Some((
                "[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?|[0-9A-Fa-f:]+",
                "must be the server's name or address alone: no smtp://, no path, no spaces",
            )),
            prefixes: &[],
        },
        Field {
            name: "port",
            title: "Port",
            help: "587 for STARTTLS, 465 for implicit TLS; 25 and 2525 where the provider says so.",
            example: "587",
            kind: Kind::Number(1, 65_535),
            required: true,
            pattern: None,
            prefixes: &[],
        },
        Field {
            name: "username",
            title: "User name",
            help: "Often the whole e-mail address. Left empty together with the password where the server wants no login.",
            example: "billing@example.com",
            kind: Kind::Text,
            required: false,
            pattern: None,
            prefixes: &[],
        },
        Field {
            name: "password",
            title: "Password",
            help: "Gmail, Yahoo and iCloud need an app password, not the password of the account.",
            example: "an-invented-password",
            kind: Kind::Secret,
            required: false,
            pattern: None,
            prefixes: &[],
        },
        Field {
            name: "encryption",
            title: "Encryption",
            help: "starttls on port 587, tls (implicit) on port 465. With none, the password can be read on the way.",
            example: "starttls",
            kind: Kind::Choice(&["starttls", "tls", "none"]),
            required: false,
            pattern: None,
            prefixes: &[],
        },
        Field {
            name: "fromEmail",
            title: "Sender address",
            help: "The address that mails come from; the server must allow the account to use it.",
            example: "billing@example.com",
            kind: Kind::Text,
            required: false,
            pattern: Some(email::ADDRESS),
            prefixes: &[],
        },
        Field {
            name: "fromName",
            title: "Sender name",
            help: "The name that recipients see.",
            example: "Toko Contoh",
            kind: Kind::Text,
            required: false,
            pattern: None,
            prefixes: &[],
        },
    ],
    events: &[],
    console_url: None,
    credentials_help: "Your mail provider's help page for outgoing mail (SMTP): server, port, encryption, and often an app password",
    notifications_help: None,
    base_urls: ("", ""),
    confirms_notifications: false,
};

struct Smtp;

impl Provider for Smtp {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn inspect(&self, configuration: &Configuration, _mode: Mode) -> Inspection {
        inspect(&MANIFEST, configuration, |inspection| inspect_together(configuration, inspection))
    }

    /// `base_url` replaces host and port, as `smtp://host:port`.
    fn connect(
        &self,
        configuration: &Configuration,
        mode: Mode,
        base_url: Option<&str>,
        network: Arc<dyn Network>,
    ) -> Result<Box<dyn Connection>, ConfigurationError> {
        let mut problems = self.inspect(configuration, mode).problems;
        let server = match base_url {
            Some(url) => address(url),
            None => configuration.text("host").zip(configuration.text("port").and_then(|port| port.parse().ok())),
        };
        if server.is_none() && problems.is_empty() {
            let message = "cannot be used: the operator's address must have the form smtp://host:port".to_owned();
            problems.push(FieldProblem { field: "host", message });
        }
        let Some((host, port)) = server.filter(|_| problems.is_empty()) else {
            return Err(ConfigurationError { problems });
        };
        let credentials = configuration
            .text("username")
            .zip(password(configuration))
            .map(|(username, password)| Credentials { username, password });
        Ok(Box::new(Account { host, port, encryption: Encryption::of(configuration), credentials, network }))
    }
}

/// What only several members together tell.
fn inspect_together(configuration: &Configuration, inspection: &mut Inspection) {
    let text = |name| configuration.text(name);
    if text("host").is_some_and(|host| host.contains(':') && host.parse::<Ipv6Addr>().is_err()) {
        inspection.problem("host", "must not contain the port: enter it in its own field");
    }
    match (text("username"), text("password")) {
        (Some(_), None) => inspection.problem("password", "is required where a user name is given"),
        (None, Some(_)) => inspection.problem("username", "is required where a password is given"),
        _ => {}
    }
    let encryption = Encryption::of(configuration);
    if encryption == Encryption::None && text("password").is_some() {
        inspection.warning(
            "encryption",
            "plaintext_password",
            "Without encryption the password can be read on the way to the mail server; choose starttls or tls.",
        );
    }
    match (text("port").as_deref(), encryption) {
        (Some("465"), Encryption::StartTls | Encryption::None) => inspection.warning(
            "encryption",
            "unusual_port",
            "Port 465 speaks TLS from the start nearly everywhere; choose tls, or port 587 for starttls.",
        ),
        (Some("587"), Encryption::Tls) => inspection.warning(
            "encryption",
            "unusual_port",
            "Port 587 begins without TLS nearly everywhere; choose starttls, or port 465 for tls.",
        ),
        _ => {}
    }
}

/// The password as it was entered; a space at its end may belong to it.
fn password(configuration: &Configuration) -> Option<String> {
    configuration.text("password")?;
    configuration.0.get("password")?.as_str().map(str::to_owned)
}

/// Host and port of `smtp://host:port`.
fn address(url: &str) -> Option<(String, u16)> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    let (host, port) = rest.rsplit_once(':')?;
    let host = host.trim_matches(['[', ']']);
    Some((host.to_owned(), port.parse().ok()?)).filter(|(host, _)| !host.is_empty())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encryption {
    /// TLS is required before anything that matters is said.
    StartTls,
    /// TLS from the first byte.
    Tls,
    None,
}

impl Encryption {
    fn of(configuration: &Configuration) -> Self {
        match configuration.text("encryption").as_deref() {
            Some("tls") => Self::Tls,
            Some("none") => Self::None,
            _ => Self::StartTls,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::StartTls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        }
    }
}

struct Credentials {
    username: String,
    password: String,
}

/// One account at one mail server.
struct Account {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
    network: Arc<dyn Network>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn inspected(members: Value) -> Inspection {
        let mut all = json!({"host": "smtp.example.com", "port": 587, "username": "u", "password": "pw"});
        for (name, value) in members.as_object().unwrap() {
            all[name] = value.clone();
        }
        PROVIDER.inspect(&Configuration(serde_json::from_value(all).unwrap()), Mode::Production)
    }

    #[test]
    fn members_that_cannot_work_are_named() {
        for (members, field) in [
            (json!({"host": null}), "host"),
            (json!({"host": "smtp://smtp.example.com"}), "host"),
            (json!({"host": "smtp.example.com:587"}), "host"),
            (json!({"host": "smtp.example.com\r\nQUIT"}), "host"),
            (json!({"port": null}), "port"),
            (json!({"port": 0}), "port"),
            (json!({"port": "587"}), "port"),
            (json!({"username": null}), "username"),
            (json!({"password": null}), "password"),
            (json!({"encryption": "ssl"}), "encryption"),
            (json!({"fromEmail": "Billing"}), "fromEmail"),
        ] {
            let inspection = inspected(members.clone());
            assert_eq!(inspection.problems.first().map(|problem| problem.field), Some(field), "{members}");
        }
        for members in [json!({}), json!({"username": null, "password": null}), json!({"host": "2001:db8::1"})] {
            assert_eq!(inspected(members), Inspection::default());
        }
    }

    #[test]
    fn a_password_in_clear_and_an_unusual_port_are_warned_of() {
        let code = |members| inspected(members).warnings.first().map(|warning| warning.code);
        assert_eq!(code(json!({"encryption": "none"})), Some("plaintext_password"));
        assert_eq!(code(json!({"encryption": "none", "username": null, "password": null})), None);
        assert_eq!(code(json!({"port": 465})), Some("unusual_port"));
        assert_eq!(code(json!({"encryption": "tls"})), Some("unusual_port"));
        assert_eq!(code(json!({"encryption": "tls", "port": 465})), None);
    }

    #[test]
    fn the_operators_address_is_read() {
        assert_eq!(address("smtp://127.0.0.1:2525/"), Some(("127.0.0.1".to_owned(), 2_525)));
        assert_eq!(address("smtp://[::1]:25"), Some(("::1".to_owned(), 25)));
        for wrong in ["smtp://host", "smtp://:25", "smtp://host:port", ""] {
            assert_eq!(address(wrong), None);
        }
    }
}
