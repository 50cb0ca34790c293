//! Fonnte: WhatsApp messages through a linked telephone. The test reads the device's profile, where errors come under HTTP
//! 200; the notifications carry no signature, so the unguessable URL and the device's number stand for one.

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

pub(crate) const PROVIDER: &dyn Provider = &Fonnte;

const BASE: &str = "https://api.fonnte.com";

static MANIFEST: Manifest = Manifest {
    slug: "fonnte",
    label: "Fonnte",
    integration_type: IntegrationType::Whatsapp,
    fields: &[
        Field {
            name: "token",
            title: "Device token",
            help: "The token of the device, not of the account. Fonnte → Device → Token.",
            example: "Ex+mple@Token#Of!20-",
            kind: Kind::Secret,
            required: true,
            pattern: None,
            prefixes: &[],
        },
        Field {
            name: "device",
            title: "Device number",
            help: "The device's own WhatsApp number with country code; notifications of any other device are then refused. Fonnte → Device.",
            example: "6282227097005",
            kind: Kind::Text,
            required: false,
            pattern: Some((r"\+?[0-9]{8,15}", "must be the device's number in digits, such as 6282227097005")),
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
    console_url: Some("https://md.fonnte.com"),
    credentials_help: "Fonnte (md.fonnte.com) → Device → the device's Token",
    notifications_help: Some(
        "Fonnte (md.fonnte.com) → Device → Edit: enter the URL as Webhook, Webhook connect and Webhook message status, and switch on Autoread and Personal",
    ),
    base_urls: (BASE, BASE),
    confirms_notifications: false,
};

struct Fonnte;

impl Provider for Fonnte {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn inspect(&self, configuration: &Configuration, _mode: Mode) -> Inspection {
        inspect(&MANIFEST, configuration, |inspection| {
            if let Some(problem) = configuration.text("token").and_then(|token| token_problem(&token)) {
                inspection.problem("token", problem);
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
        Ok(Box::new(Device {
            base: base_url.unwrap_or(BASE).trim_end_matches('/').to_owned(),
            token: configuration.text("token").unwrap_or_default(),
            number: configuration.text("device"),
            network,
        }))
    }
}

fn token_problem(token: &str) -> Option<String> {
    if is_twilio_sid(token, "AC") || is_twilio_sid(token, "SK") {
        return Some("is an identifier of Twilio's, which does not work here".to_owned());
    }
    key_problem(token)
}

/// A linked device with what opens its interface.
struct Device {
    base: String,
    token: String,
    /// The number that the partner says it has.
    number: Option<String>,
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
