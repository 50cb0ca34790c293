//! Wablas: WhatsApp messages through a linked telephone, on the server where the device lives. The test reads the device
//! and, where there is a secret key, proves it too; the notifications carry no signature, so the unguessable URL stands for one.

mod device;
mod notifications;
mod sending;
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

pub(crate) const PROVIDER: &dyn Provider = &Wablas;

static MANIFEST: Manifest = Manifest {
    slug: "wablas",
    label: "Wablas",
    integration_type: IntegrationType::Whatsapp,
    fields: &[
        Field {
            name: "domain",
            title: "Server address",
            help: "The https address of the server where the device lives; a token works on its own server only. Wablas Dashboard → Device → Settings → Domain API.",
            example: "https://solo.wablas.com",
            kind: Kind::Text,
            required: true,
            pattern: Some((
                "https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?",
                "must be the server's address such as https://solo.wablas.com: with https://, without a path, user name or query",
            )),
            prefixes: &[],
        },
        Field {
            name: "token",
            title: "Token",
            help: "The device's API token. Wablas Dashboard → Device → Settings → Token.",
            example: "ExampleTokenOfFiftyFiveCharacters0123456789abcdefghijkl",
            kind: Kind::Secret,
            required: true,
            pattern: None,
            prefixes: &[],
        },
        Field {
            name: "secretKey",
            title: "Secret key",
            help: "Generated beside the token and sent to the administrator's WhatsApp; newer accounts need it to send. Wablas Dashboard → Device → Settings → Secret Key.",
            example: "Ab12Cd34",
            kind: Kind::Secret,
            required: false,
            pattern: None,
            prefixes: &[],
        },
    ],
    events: &[
        EventType::MessageSent,
        EventType::MessageDelivered,
        EventType::MessageFailed,
        EventType::MessageRead,
        EventType::MessageReceived,
        EventType::IntegrationHealthChanged,
    ],
    console_url: None,
    credentials_help: "Wablas Dashboard → Device → Settings (Domain API, Token, Secret Key)",
    notifications_help: Some(
        "Wablas Dashboard → Device → Settings → Webhook: enter the URL as Webhook URL, Tracking URL and Device status URL, switch on Get Incoming Message, and leave Get Auto Reply From Webhook off",
    ),
    base_urls: ("", ""),
    confirms_notifications: false,
};

struct Wablas;

impl Provider for Wablas {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn inspect(&self, configuration: &Configuration, _mode: Mode) -> Inspection {
        inspect(&MANIFEST, configuration, |inspection| inspect_own(configuration, inspection))
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
        let domain = configuration.text("domain").unwrap_or_default();
        Ok(Box::new(Device {
            base: base_url.unwrap_or(&domain).trim_end_matches('/').to_owned(),
            token: configuration.text("token").unwrap_or_default(),
            secret_key: configuration.text("secretKey"),
            network,
        }))
    }
}

fn inspect_own(configuration: &Configuration, inspection: &mut Inspection) {
    if let Some(host) = configuration.text("domain").as_deref().and_then(|domain| domain.strip_prefix("https://")) {
        let host = host.trim_end_matches('/');
        let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
        let is_name = name.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
        if !is_name || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            inspection.problem("domain", "must be the server's address such as https://solo.wablas.com");
        } else if !is_known_host(name) {
            inspection.warning(
                "domain",
                "unknown_host",
                "This is none of Wablas' own servers (*.wablas.com); the token will be sent to it.",
            );
        }
    }
    for field in ["token", "secretKey"] {
        if let Some(problem) = configuration.text(field).and_then(|value| secret_problem(field, &value)) {
            inspection.problem(field, problem);
        }
    }
}

fn is_known_host(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.strip_suffix(".wablas.com").is_some_and(|server| !server.is_empty() && !server.contains('.'))
}

fn secret_problem(field: &str, value: &str) -> Option<String> {
    if is_twilio_sid(value, "AC") || is_twilio_sid(value, "SK") {
        return Some("is an identifier of Twilio's, which does not work here".to_owned());
    }
    if let Some(problem) = key_problem(value) {
        return Some(problem);
    }
    let joined = field == "token" && value.contains('.');
    joined.then(|| {
        "is token and secret key in one: enter what is before the dot as token, and what follows it as secretKey"
            .to_owned()
    })
}

/// A linked device with what opens its interface.
struct Device {
    base: String,
    token: String,
    secret_key: Option<String>,
    network: Arc<dyn Network>,
}

#[async_trait]
impl Connection for Device {
    async fn test(&self, steps: &mut Steps) -> Outcome {
        device::test(self, steps).await
    }

    fn notifications(&self) -> Option<&dyn Notifications> {
        Some(self)
    }

    fn messages(&self) -> Option<&dyn Messages> {
        Some(self)
    }
}
