//! SendGrid: mail by API. The test asks which permissions the key has and wants `mail.send` among them; the notifications
//! come in batches, signed as a whole with a key pair of the webhook.

mod notifications;
mod sending;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use p256::ecdsa::VerifyingKey;
use serde_json::{Map, Value, json};
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;
use simpul_core::event::EventType;
use simpul_core::integration::{Configuration, IntegrationType, Mode};

use crate::email::{self, wait_until_reset, words};
use crate::http_answer::{authorize, common_failure, excerpt, get, json as body_json, unreachable};
use crate::manifest::{Field, Inspection, Kind, Manifest, inspect};
use crate::network::{HttpResponse, Network};
use crate::provider::{ConfigurationError, Connection, Notifications, Provider};
use crate::sending::Mailer;
use crate::steps::{Outcome, Steps, TestFailure, TestSuccess};

pub(crate) const PROVIDER: &dyn Provider = &SendGrid;

const BASE: &str = "https://api.sendgrid.com";

static MANIFEST: Manifest = Manifest {
    slug: "sendgrid",
    label: "SendGrid",
    integration_type: IntegrationType::EmailSmtp,
    fields: &[
        Field {
            name: "apiKey",
            title: "API key",
            help: "The key as shown once when it was created; it starts with SG. and is 69 characters long.",
            example: "SG.aBcDeFgHiJkLmNoPqRsTuV.0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
            kind: Kind::Secret,
            required: true,
            pattern: None,
            prefixes: &["SG."],
        },
        Field {
            name: "webhookPublicKey",
            title: "Verification key of the event webhook",
            help: "Proves that notifications come from SendGrid. Without it they are refused. Several keys are separated by commas.",
            example: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
            kind: Kind::Text,
            required: false,
            pattern: None,
            prefixes: &[],
        },
        Field {
            name: "fromEmail",
            title: "Sender address",
            help: "The address that mails come from; SendGrid must have verified it or its domain.",
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
    events: &[
        EventType::EmailSent,
        EventType::EmailDelivered,
        EventType::EmailBounced,
        EventType::EmailComplained,
        EventType::EmailFailed,
    ],
    console_url: Some("https://app.sendgrid.com"),
    credentials_help: "SendGrid → Settings → API Keys (API key, with Mail Send); Settings → Mail Settings → Event Webhook → Signature Verification (verification key)",
    notifications_help: Some(
        "SendGrid → Settings → Mail Settings → Event Webhook → create a webhook with the URL, and turn on Signed Event Webhook",
    ),
    base_urls: (BASE, BASE),
    confirms_notifications: false,
};

struct SendGrid;

impl Provider for SendGrid {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn inspect(&self, configuration: &Configuration, _mode: Mode) -> Inspection {
        inspect(&MANIFEST, configuration, |inspection| {
            if let Some(problem) = configuration.text("apiKey").and_then(|key| key_problem(&key)) {
                inspection.problem("apiKey", problem);
            }
            if let Some(text) = configuration.text("webhookPublicKey")
                && let Err(problem) = notifications::public_keys(&text)
            {
                inspection.problem("webhookPublicKey", problem);
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
        let keys = configuration.text("webhookPublicKey").map(|text| notifications::public_keys(&text));
        Ok(Box::new(Account {
            key: configuration.text("apiKey").unwrap_or_default(),
            public_keys: keys.and_then(Result::ok).unwrap_or_default(),
            base_url: base_url.unwrap_or(BASE).trim_end_matches('/').to_owned(),
            network,
        }))
    }
}

/// Why this cannot be a SendGrid API key; the key's id is what people paste most often in its place.
fn key_problem(key: &str) -> Option<String> {
    email::key_problem(key, "sendgrid").or_else(|| {
        if key.starts_with("SG.") {
            None
        } else if key.len() == 22 && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            Some("looks like the API key's id, not the key: the key starts with SG. and is shown only once, when it is created".to_owned())
        } else {
            Some("must start with SG.".to_owned())
        }
    })
}

/// One API key, and the public keys of the account's event webhooks.
struct Account {
    key: String,
    public_keys: Vec<VerifyingKey>,
    base_url: String,
    network: Arc<dyn Network>,
}

#[async_trait]
impl Connection for Account {
    async fn test(&self, steps: &mut Steps) -> Outcome {
        steps.begin("authentication");
        let mut request = get(format!("{}/v3/scopes", self.base_url));
        authorize(&mut request, &format!("Bearer {}", self.key))?;
        let response = self.network.send(request).await.map_err(|failure| unreachable("SendGrid", &failure))?;
        let scopes = read_scopes(&response)?;
        steps.pass(None);
        steps.begin("permission");
        let mut details = Map::new();
        details.insert("scopeCount".to_owned(), scopes.len().into());
        details.insert("maySend".to_owned(), scopes.iter().any(|scope| scope == "mail.send").into());
        if details["maySend"] == json!(true) {
            steps.pass(None);
            return Ok(TestSuccess { message: "SendGrid connection successful".to_owned(), details, limited: None });
        }
        steps.warn("mail.send is not among the key's permissions");
        Ok(TestSuccess {
            message: "SendGrid accepts the key, but it may not send mail: the permission mail.send is missing".to_owned(),
            details,
            limited: Some("Give the key the permission Mail Send (Settings → API Keys), or create a key that has it.".to_owned()),
        })
    }

    fn notifications(&self) -> Option<&dyn Notifications> {
        Some(self)
    }

    fn mailer(&self) -> Option<&dyn Mailer> {
        Some(self)
    }
}

fn read_scopes(response: &HttpResponse) -> Result<Vec<Value>, TestFailure> {
    let mut body = body_json(response);
    let said = body.as_ref().and_then(|body| words(body["errors"].get(0)?.get("message")));
    let said = said.map_or_else(|| excerpt(response), |said| clip(&said, 300));
    if let Some(mut failure) = common_failure("SendGrid", response) {
        if response.status == 429 && failure.retry_after.is_none() {
            failure.retry_after = wait_until_reset(response);
        }
        return Err(failure.with("providerMessage", said));
    }
    let scopes = body.as_mut().and_then(|body| body.get_mut("scopes")).map(serde_json::Value::take);
    let failure = match (response.status, scopes) {
        (200, Some(Value::Array(scopes))) => return Ok(scopes),
        (401, _) => TestFailure::new(
            ErrorType::AuthenticationFailed,
            "SendGrid rejected the API key",
            "The key is wrong, cut short, or deleted. Create a new one under Settings → API Keys. A key of an EU regional \
             subuser works only at api.eu.sendgrid.com (SIMPUL_PROVIDER_SENDGRID_URL).",
        ),
        (403, _) => TestFailure::new(
            ErrorType::PermissionDenied,
            "SendGrid refused the call",
            "Check Settings → IP Access Management: this server's address must be allowed. SendGrid also refuses for a while \
             after too many bad requests.",
        ),
        (404, _) => TestFailure::new(
            ErrorType::NotFound,
            "SendGrid has nothing at this address",
            "The configured base address must be the host alone, such as https://api.sendgrid.com.",
        ),
        (status, _) => TestFailure::new(
            ErrorType::UnexpectedResponse,
            format!("SendGrid gave an answer that holds no permissions ({status})"),
            "Check the configured address; a proxy may answer in SendGrid's place.",
        ),
    };
    Err(failure.with("httpStatus", response.status).with("providerMessage", said))
}
