//! Mailgun: mail by API. The test reads the sending domain, in both regions where need be; the notifications are signed
//! over a timestamp and a token inside their JSON, never over what they say.

mod account;
mod notifications;
mod sending;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use simpul_core::event::EventType;
use simpul_core::integration::{Configuration, IntegrationType, Mode};

use crate::email;
use crate::manifest::{Field, Inspection, Kind, Manifest, inspect};
use crate::network::Network;
use crate::provider::{ConfigurationError, Connection, Notifications, Provider};
use crate::sending::Mailer;
use crate::steps::{Outcome, Steps};

pub(crate) const PROVIDER: &dyn Provider = &Mailgun;

const US: &str = "https://api.mailgun.net";
const EU: &str = "https://api.eu.mailgun.net";
const NOT_A_DOMAIN: &str =
    "must be the sending domain alone, such as mg.example.com: no https://, no path, no e-mail address";

static MANIFEST: Manifest = Manifest {
    slug: "mailgun",
    label: "Mailgun",
    integration_type: IntegrationType::EmailSmtp,
    fields: &[
        Field {
            name: "apiKey",
            title: "API key",
            help: "An account API key. A domain sending key can send but cannot be tested.",
            example: "key-0123456789abcdefghijklmnopqrstuv",
            kind: Kind::Secret,
            required: true,
            pattern: None,
            prefixes: &["key-"],
        },
        Field {
            name: "domain",
            title: "Sending domain",
            help: "The domain that is set up at Mailgun, such as mg.example.com.",
            example: "mg.example.com",
            kind: Kind::Text,
            required: true,
            pattern: Some((r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+", NOT_A_DOMAIN)),
            prefixes: &[],
        },
        Field {
            name: "region",
            title: "Region",
            help: "Where the domain was created. Left on auto, the test asks both and says which one answered.",
            example: "auto",
            kind: Kind::Choice(&["auto", "us", "eu"]),
            required: false,
            pattern: None,
            prefixes: &[],
        },
        Field {
            name: "webhookSigningKey",
            title: "HTTP webhook signing key",
            help: "Proves that notifications come from Mailgun. Without it they are refused. It is not the API key.",
            example: "key-abcdef0123456789abcdef0123456789",
            kind: Kind::Secret,
            required: false,
            pattern: None,
            prefixes: &["key-"],
        },
        Field {
            name: "fromEmail",
            title: "Sender address",
            help: "The address that mails come from, normally of the sending domain.",
            example: "billing@mg.example.com",
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
    events: &[
        EventType::EmailSent,
        EventType::EmailDelivered,
        EventType::EmailBounced,
        EventType::EmailComplained,
        EventType::EmailFailed,
    ],
    console_url: Some("https://app.mailgun.com"),
    credentials_help: "Mailgun dashboard → Settings → API Security (API key, HTTP webhook signing key); Sending → Domains (domain)",
    notifications_help: Some(
        "Mailgun dashboard → Sending → Webhooks → choose the domain → add the URL for accepted, delivered, permanent fail and complained",
    ),
    base_urls: (US, US),
    confirms_notifications: false,
};

struct Mailgun;

impl Provider for Mailgun {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn inspect(&self, configuration: &Configuration, _mode: Mode) -> Inspection {
        inspect(&MANIFEST, configuration, |inspection| {
            for name in ["apiKey", "webhookSigningKey"] {
                if let Some(problem) = configuration.text(name).and_then(|key| email::key_problem(&key, "mailgun")) {
                    inspection.problem(name, problem);
                }
            }
        })
    }

    fn connect(
        &self,
        configuration: &Configuration,
        mode: Mode,
        base_url: Option<&str>,
        network: Arc<dyn Network>,
    ) -> Result<Box<dyn Connection>, ConfigurationError> {
        let problems = self.inspect(configuration, mode).problems;
        if !problems.is_empty() {
            return Err(ConfigurationError { problems });
        }
        let text = |name: &str| configuration.text(name).unwrap_or_default();
        let region = match text("region").as_str() {
            "us" => Some(Region::Us),
            "eu" => Some(Region::Eu),
            _ => None,
        };
        Ok(Box::new(Account {
            key: text("apiKey"),
            domain: text("domain").to_ascii_lowercase(),
            region,
            signing_key: configuration.text("webhookSigningKey"),
            base_url: base_url.map(|url| url.trim_end_matches('/').to_owned()),
            network,
        }))
    }
}

/// Domains live in one of two regions that know nothing of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Region {
    Us,
    Eu,
}

impl Region {
    fn word(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Eu => "eu",
        }
    }

    fn url(self) -> &'static str {
        match self {
            Self::Us => US,
            Self::Eu => EU,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Us => Self::Eu,
            Self::Eu => Self::Us,
        }
    }
}

/// One sending domain with an account's key.
struct Account {
    key: String,
    /// In lower case.
    domain: String,
    /// `None`: ask both.
    region: Option<Region>,
    signing_key: Option<String>,
    base_url: Option<String>,
    network: Arc<dyn Network>,
}

#[async_trait]
impl Connection for Account {
    async fn test(&self, steps: &mut Steps) -> Outcome {
        self.check(steps).await
    }

    fn notifications(&self) -> Option<&dyn Notifications> {
        Some(self)
    }

    fn mailer(&self) -> Option<&dyn Mailer> {
        Some(self)
    }
}
