//! Twilio: WhatsApp messages through the official interface. The test reads the account's state, or with a standard API key
//! the message list; the notifications are signed with the account's primary auth token.

mod account;
mod notifications;
mod sending;
mod signature;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use simpul_core::event::EventType;
use simpul_core::integration::{Configuration, IntegrationType, Mode};

use crate::manifest::{Field, Inspection, Kind, Manifest, inspect};
use crate::messaging::{is_twilio_sid, key_problem};
use crate::network::Network;
use crate::provider::{ConfigurationError, Connection, Notifications, Provider};
use crate::sending::Messages;
use crate::steps::{Outcome, Steps};

pub(crate) const PROVIDER: &dyn Provider = &Twilio;

const BASE: &str = "https://api.twilio.com";

static MANIFEST: Manifest = Manifest {
    slug: "twilio",
    label: "Twilio",
    integration_type: IntegrationType::Whatsapp,
    fields: &[
        Field {
            name: "accountSid",
            title: "Account SID",
            help: "AC and 32 hexadecimal digits. Twilio Console → Account Dashboard → Account Info.",
            example: "AC00000000000000000000000000000001",
            kind: Kind::Text,
            required: true,
            pattern: Some((
                "AC[0-9a-fA-F]{32}",
                "must be AC followed by 32 hexadecimal digits (Twilio Console → Account Info)",
            )),
            prefixes: &[],
        },
        Field {
            name: "authToken",
            title: "Auth token",
            help: "The account's primary auth token; needed unless an API key is given, and always needed to take Twilio's notifications. Twilio Console → Account Dashboard → Account Info → Auth Token → Show.",
            example: "0123456789abcdef0123456789abcdef",
            kind: Kind::Secret,
            required: false,
            pattern: None,
            prefixes: &[],
        },
        Field {
            name: "apiKeySid",
            title: "API key SID",
            help: "SK and 32 hexadecimal digits; goes with the API key secret. Twilio Console → Account → API keys & tokens.",
            example: "SK00000000000000000000000000000001",
            kind: Kind::Text,
            required: false,
            pattern: Some((
                "SK[0-9a-fA-F]{32}",
                "must be SK followed by 32 hexadecimal digits (Twilio Console → API keys & tokens)",
            )),
            prefixes: &[],
        },
        Field {
            name: "apiKeySecret",
            title: "API key secret",
            help: "Shown once when the API key is created. Twilio Console → Account → API keys & tokens → Create API key.",
            example: "ExampleApiKeySecretOf32Character",
            kind: Kind::Secret,
            required: false,
            pattern: None,
            prefixes: &[],
        },
        Field {
            name: "phoneNumber",
            title: "Sender number",
            help: "The WhatsApp sender in E.164 form; Simpul adds whatsapp: itself. Twilio Console → Messaging → Senders → WhatsApp senders.",
            example: "+14155238886",
            kind: Kind::Text,
            required: false,
            pattern: Some((
                r"\+[1-9][0-9]{6,14}",
                "must be a number such as +14155238886: a plus, the country code and the number, without spaces and without whatsapp:",
            )),
            prefixes: &[],
        },
    ],
    events: &[
        EventType::MessageSent,
        EventType::MessageDelivered,
        EventType::MessageFailed,
        EventType::MessageRead,
        EventType::MessageReceived,
    ],
    console_url: Some("https://console.twilio.com"),
    credentials_help: "Twilio Console → Account Dashboard → Account Info (account SID and auth token); Account → API keys & tokens (API key)",
    notifications_help: Some(
        "Twilio Console → Messaging → Senders → WhatsApp senders → the sender → Status callback URL and Webhook URL for incoming messages. Add #rc=5&rp=all to the URL, so that Twilio sends again what was not taken",
    ),
    base_urls: (BASE, BASE),
    confirms_notifications: false,
};

struct Twilio;

impl Provider for Twilio {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn inspect(&self, configuration: &Configuration, _mode: Mode) -> Inspection {
        let mut inspection = inspect(&MANIFEST, configuration, |inspection| inspect_own(configuration, inspection));
        for problem in &mut inspection.problems {
            let better = match (problem.field, configuration.text(problem.field)) {
                (field @ ("accountSid" | "apiKeySid"), Some(value)) => sid_problem(field, &value),
                _ => None,
            };
            if let Some(better) = better {
                problem.message = better;
            }
        }
        inspection
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
        let api_key = configuration.text("apiKeySid").zip(configuration.text("apiKeySecret"));
        Ok(Box::new(Account {
            sid: configuration.text("accountSid").unwrap_or_default(),
            auth_token: configuration.text("authToken"),
            api_key: api_key.map(|(sid, secret)| ApiKey { sid, secret }),
            phone_number: configuration.text("phoneNumber"),
            mode,
            base: base_url.unwrap_or(BASE).trim_end_matches('/').to_owned(),
            network,
        }))
    }
}

fn inspect_own(configuration: &Configuration, inspection: &mut Inspection) {
    let given = |name| configuration.text(name).is_some();
    match (given("apiKeySid"), given("apiKeySecret")) {
        (true, false) => inspection.problem("apiKeySecret", "is required together with apiKeySid"),
        (false, true) => inspection.problem("apiKeySid", "is required together with apiKeySecret"),
        (false, false) if !given("authToken") => inspection.problem(
            "authToken",
            "is required, unless apiKeySid and apiKeySecret are given (Twilio Console → Account Info → Auth Token)",
        ),
        (true, true) if !given("authToken") => inspection.warning(
            "authToken",
            "notifications_refused",
            "Twilio signs its notifications with the auth token, never with an API key: without authToken they are all refused.",
        ),
        _ => {}
    }
    for field in ["authToken", "apiKeySecret"] {
        if let Some(problem) = configuration.text(field).and_then(|value| secret_problem(&value)) {
            inspection.problem(field, problem);
        }
    }
}

fn secret_problem(value: &str) -> Option<String> {
    if is_twilio_sid(value, "AC") {
        return Some("is the account SID, not a secret: enter it as accountSid".to_owned());
    }
    if is_twilio_sid(value, "SK") {
        return Some("is an API key's SID, not a secret: enter it as apiKeySid".to_owned());
    }
    key_problem(value)
}

/// A better sentence than the pattern's, where one can be told what the value really is.
fn sid_problem(field: &str, value: &str) -> Option<String> {
    match field {
        "accountSid" if value.starts_with("SK") => {
            Some("is an API key's SID (SK…), not the account SID (AC…): enter it as apiKeySid".to_owned())
        }
        "apiKeySid" if value.starts_with("AC") => {
            Some("is the account SID (AC…), not an API key's SID (SK…): enter it as accountSid".to_owned())
        }
        _ => key_problem(value),
    }
}

/// A Twilio account with what proves that it is ours.
struct Account {
    sid: String,
    /// Also what notifications are signed with; never an API key's secret.
    auth_token: Option<String>,
    api_key: Option<ApiKey>,
    phone_number: Option<String>,
    mode: Mode,
    base: String,
    network: Arc<dyn Network>,
}

struct ApiKey {
    sid: String,
    secret: String,
}

#[async_trait]
impl Connection for Account {
    async fn test(&self, steps: &mut Steps) -> Outcome {
        account::test(self, steps).await
    }

    fn notifications(&self) -> Option<&dyn Notifications> {
        Some(self)
    }

    fn messages(&self) -> Option<&dyn Messages> {
        Some(self)
    }
}
