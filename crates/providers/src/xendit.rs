//! Xendit: the secret key as Basic user, one host for both environments, notifications proven by a static token.
//! Reference: <https://docs.xendit.co>.

mod confirmation;
mod notification;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};
use simpul_core::error_type::ErrorType;
use simpul_core::event::EventType;
use simpul_core::integration::{Configuration, IntegrationType, Mode};

use crate::http_answer::{authorize, base, basic, common_failure, get, json, said, unreachable};
use crate::key_kinds::{check_kind, check_known, warn_environment};
use crate::manifest::{Field, Inspection, Kind, Manifest, inspect};
use crate::network::{HttpRequest, HttpResponse, Network};
use crate::payment_data::{amount, first_text};
use crate::provider::{ConfigurationError, Connection, Notifications, Payments, Provider};
use crate::steps::{Outcome, Steps, TestFailure, TestSuccess};

pub(crate) const PROVIDER: &dyn Provider = &Xendit;

const LABEL: &str = "Xendit";
const KEYS: &[&str] = &["xnd_development_", "xnd_production_"];

static MANIFEST: Manifest = Manifest {
    slug: "xendit",
    label: LABEL,
    integration_type: IntegrationType::PaymentGateway,
    fields: &[
        Field {
            name: "apiKey",
            title: "Secret API key",
            help: "Xendit dashboard: Settings > Developers > API Keys > Secret keys, with Money-in Write and Balance Read",
            example: "xnd_development_EXAMPLE+KEY/000000000000000000000000000000==",
            kind: Kind::Secret,
            required: true,
            pattern: None,
            prefixes: KEYS,
        },
        Field {
            name: "webhookToken",
            title: "Webhook verification token",
            help: "Xendit dashboard: Settings > Developers > Webhooks > Webhook verification token. Without it, notifications are refused",
            example: "EXAMPLEwebhookTOKEN0000000000000000000000000000",
            kind: Kind::Secret,
            required: false,
            pattern: None,
            prefixes: &[],
        },
    ],
    events: &[
        EventType::PaymentPending,
        EventType::PaymentSuccess,
        EventType::PaymentFailed,
        EventType::PaymentExpired,
        EventType::PaymentRefunded,
        EventType::PaymentDisputed,
    ],
    console_url: Some("https://dashboard.xendit.co"),
    credentials_help: "dashboard.xendit.co, switched to Test or Live mode: Settings > Developers > API Keys",
    notifications_help: Some("Xendit dashboard: Settings > Developers > Webhooks, one URL for each product and event"),
    base_urls: ("https://api.xendit.co", "https://api.xendit.co"),
    confirms_notifications: false,
};

struct Xendit;

impl Provider for Xendit {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn inspect(&self, configuration: &Configuration, mode: Mode) -> Inspection {
        inspect(&MANIFEST, configuration, |inspection| {
            // A public key starts with `xnd_` too, but its kind comes first and is not accepted here.
            check_kind(inspection, configuration, "apiKey", &["xnd_"], "the Xendit secret API key");
            check_kind(inspection, configuration, "webhookToken", &[], "the Xendit webhook verification token");
            if !inspection.problems.is_empty() {
                return;
            }
            check_known(inspection, configuration, "apiKey", KEYS);
            let key = configuration.text("apiKey").unwrap_or_default();
            for (prefix, environment) in [(KEYS[0], Mode::Sandbox), (KEYS[1], Mode::Production)] {
                if key.starts_with(prefix) {
                    warn_environment(inspection, "apiKey", "API key", environment, mode);
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
        let Some(api_key) = configuration.text("apiKey").filter(|_| problems.is_empty()) else {
            return Err(ConfigurationError { problems });
        };
        let webhook_token = configuration.text("webhookToken");
        Ok(Box::new(Account { api_key, webhook_token, mode, base: base(base_url, MANIFEST.base_urls.0), network }))
    }
}

/// One business in one environment.
struct Account {
    api_key: String,
    webhook_token: Option<String>,
    mode: Mode,
    base: String,
    network: Arc<dyn Network>,
}

/// Why a call failed, or that the key is genuine and lacks a permission.
enum Refused {
    Forbidden(TestFailure),
    Failed(TestFailure),
}

impl Refused {
    fn into_failure(self) -> TestFailure {
        match self {
            Self::Forbidden(failure) | Self::Failed(failure) => failure,
        }
    }
}

impl Account {
    /// A read of a path that starts with `/`.
    fn request(&self, path: &str) -> Result<HttpRequest, TestFailure> {
        let mut request = get(format!("{}{path}", self.base));
        authorize(&mut request, &basic(&self.api_key, ""))?;
        Ok(request)
    }

    /// The JSON of a 200, or what any other answer means.
    fn body(&self, response: &HttpResponse) -> Result<Value, Refused> {
        if let Some(failure) = common_failure(LABEL, response) {
            return Err(Refused::Failed(failure));
        }
        let body = json(response).unwrap_or_default();
        let code = first_text(&body, &["error_code"]).unwrap_or_default();
        // Some pages of the reference call the text `error_message`.
        let message = first_text(&body, &["message", "error_message"]);
        let said = |failure: TestFailure| {
            let failure = said(failure, response, message.as_deref());
            if code.is_empty() { failure } else { failure.with("providerErrorCode", code.as_str()) }
        };
        match (response.status, code.as_str()) {
            (401, _) | (_, "INVALID_API_KEY") => Err(Refused::Failed(said(self.rejected()))),
            (_, "ACCESS_SUSPENDED") => Err(Refused::Failed(said(TestFailure::new(
                ErrorType::AccountSuspended,
                "Xendit has suspended this account",
                "Ask Xendit support why the account is suspended.",
            )))),
            (403, _) => {
                let failure = said(TestFailure::new(
                    ErrorType::PermissionDenied,
                    "Xendit does not let this API key make the call",
                    "In the Xendit dashboard, give the key the permission, and check the key's IP allow list.",
                ));
                // "not authorized for this API service" is how the same answer used to be worded.
                let older = message.as_deref().is_some_and(|text| text.contains("not authorized for this API service"));
                Err(if code == "REQUEST_FORBIDDEN_ERROR" || older {
                    Refused::Forbidden(failure)
                } else {
                    Refused::Failed(failure)
                })
            }
            (200, "") => Ok(body),
            _ => Err(Refused::Failed(said(TestFailure::new(
                ErrorType::UnexpectedResponse,
                format!("Xendit answered with an error ({})", response.status),
                "Read what Xendit said; if it makes no sense, check the configured address.",
            )))),
        }
    }

    fn rejected(&self) -> TestFailure {
        TestFailure::new(
            ErrorType::AuthenticationFailed,
            "Xendit rejected the API key",
            format!(
                "Copy a secret key (not a public one) from the Xendit dashboard in {} mode: Settings > Developers > API Keys.",
                match self.mode {
                    Mode::Sandbox => "Test",
                    Mode::Production => "Live",
                }
            ),
        )
    }
}

#[async_trait]
impl Connection for Account {
    async fn test(&self, steps: &mut Steps) -> Outcome {
        steps.begin("authentication");
        let request = self.request("/balance")?;
        let response = self.network.send(request).await.map_err(|failure| unreachable(LABEL, &failure))?;
        let body = match self.body(&response) {
            Ok(body) => body,
            Err(Refused::Failed(failure)) => return Err(failure),
            Err(Refused::Forbidden(failure)) => {
                steps.pass(None);
                steps.begin("permission");
                steps.warn("The key may not read the balance");
                return Ok(TestSuccess {
                    message: "Xendit accepted the API key, but it lacks the permission Balance Read".to_owned(),
                    details: *failure.details,
                    limited: Some(
                        "Payments may work. To make the test complete, give the key the permission Balance Read (older dashboards: Money-out Read) under Settings > Developers > API Keys.".to_owned(),
                    ),
                });
            }
        };
        if amount(&body, "balance").is_none() {
            let failure = TestFailure::new(
                ErrorType::UnexpectedResponse,
                "Xendit answered without a balance",
                "Check the configured address; this may not be the Xendit API.",
            );
            return Err(said(failure, &response, None));
        }
        steps.pass(None);
        steps.begin("permission");
        steps.pass(None);
        let details = Map::from_iter([("balance".to_owned(), body["balance"].clone())]);
        Ok(TestSuccess { message: "Xendit connection successful".to_owned(), details, limited: None })
    }

    fn notifications(&self) -> Option<&dyn Notifications> {
        Some(self)
    }

    fn payments(&self) -> Option<&dyn Payments> {
        Some(self)
    }
}

#[cfg(test)]
mod tests;
