//! Stripe: a secret or restricted key as Bearer token, one host for both environments, notifications signed with time.
//! Reference: <https://docs.stripe.com/api>.

mod money;
mod notification;
mod signature;

use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderValue;
use serde_json::{Map, Value, json};
use simpul_core::error_type::ErrorType;
use simpul_core::event::EventType;
use simpul_core::integration::{Configuration, IntegrationType, Mode};

use crate::http_answer::{authorize, base, common_failure, get, json, said, unreachable};
use crate::key_kinds::{check_kind, check_known, warn_environment};
use crate::manifest::{Field, Inspection, Kind, Manifest, inspect};
use crate::network::{HttpRequest, HttpResponse, Network};
use crate::payment_data::{currency, text};
use crate::provider::{ConfigurationError, Connection, Notifications, Provider};
use crate::steps::{Outcome, Steps, TestFailure, TestSuccess};

pub(crate) const PROVIDER: &dyn Provider = &Stripe;

const LABEL: &str = "Stripe";
/// Without it, the answer has the shape of the account's own default version.
const API_VERSION: &str = "2026-07-29.dahlia";
const SECRET_KEYS: &[&str] = &["sk_test_", "sk_live_", "rk_test_", "rk_live_"];

static MANIFEST: Manifest = Manifest {
    slug: "stripe",
    label: LABEL,
    integration_type: IntegrationType::PaymentGateway,
    fields: &[
        Field {
            name: "secretKey",
            title: "Secret key",
            help: "Stripe dashboard: Developers > API keys > Secret key, or a restricted key with Balance Read",
            example: "sk_test_EXAMPLE0000000000000000000000",
            kind: Kind::Secret,
            required: true,
            pattern: None,
            prefixes: SECRET_KEYS,
        },
        Field {
            name: "publishableKey",
            title: "Publishable key",
            help: "Stripe dashboard: Developers > API keys > Publishable key. Public; used by the checkout page only",
            example: "pk_test_EXAMPLE0000000000000000000000",
            kind: Kind::Text,
            required: false,
            pattern: None,
            prefixes: &["pk_test_", "pk_live_"],
        },
        Field {
            name: "webhookSecret",
            title: "Webhook signing secret",
            help: "Stripe dashboard: Developers > Webhooks > the endpoint > Signing secret. Without it, notifications are refused",
            example: "whsec_EXAMPLE000000000000000000000000",
            kind: Kind::Secret,
            required: false,
            pattern: None,
            prefixes: &["whsec_"],
        },
        Field {
            name: "accountId",
            title: "Connected account",
            help: "For Connect platforms: the connected account, from Stripe dashboard: Connect > Accounts",
            example: "acct_1EXAMPLE000000000",
            kind: Kind::Text,
            required: false,
            pattern: Some(("acct_[A-Za-z0-9]+", "must start with acct_, followed by letters and digits")),
            prefixes: &["acct_"],
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
    console_url: Some("https://dashboard.stripe.com"),
    credentials_help: "dashboard.stripe.com, with the sandbox switched on or off: Developers > API keys",
    notifications_help: Some(
        "Stripe dashboard: Developers > Webhooks > Add endpoint, with the events payment_intent.*, checkout.session.*, refund.* and charge.dispute.created",
    ),
    base_urls: ("https://api.stripe.com", "https://api.stripe.com"),
    confirms_notifications: false,
};

struct Stripe;

/// The environment that a key states in its second part; old and organisation keys state none.
fn environment(key: &str) -> Option<Mode> {
    match key.split('_').nth(1)? {
        "test" => Some(Mode::Sandbox),
        "live" => Some(Mode::Production),
        _ => None,
    }
}

impl Provider for Stripe {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn inspect(&self, configuration: &Configuration, mode: Mode) -> Inspection {
        inspect(&MANIFEST, configuration, |inspection| {
            check_kind(inspection, configuration, "secretKey", &["sk_", "rk_", "rkcs_"], "the Stripe secret key");
            check_kind(inspection, configuration, "publishableKey", &["pk_"], "the Stripe publishable key");
            check_kind(inspection, configuration, "webhookSecret", &["whsec_"], "the endpoint's signing secret (whsec_…)");
            if !inspection.problems.is_empty() {
                return;
            }
            check_known(inspection, configuration, "secretKey", SECRET_KEYS);
            check_known(inspection, configuration, "webhookSecret", &["whsec_"]);
            for (field, what) in [("secretKey", "secret key"), ("publishableKey", "publishable key")] {
                if let Some(stated) = configuration.text(field).as_deref().and_then(environment) {
                    warn_environment(inspection, field, what, stated, mode);
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
        let Some(secret_key) = configuration.text("secretKey").filter(|_| problems.is_empty()) else {
            return Err(ConfigurationError { problems });
        };
        Ok(Box::new(Account {
            secret_key,
            webhook_secret: configuration.text("webhookSecret"),
            account_id: configuration.text("accountId"),
            mode,
            base: base(base_url, MANIFEST.base_urls.0),
            network,
        }))
    }
}

/// One account, or one connected account of a platform, in one environment.
struct Account {
    secret_key: String,
    webhook_secret: Option<String>,
    account_id: Option<String>,
    mode: Mode,
    base: String,
    network: Arc<dyn Network>,
}

/// What Stripe's `error` object says.
struct Said {
    code: String,
    message: Option<String>,
}

impl Account {
    fn balance_request(&self) -> Result<HttpRequest, TestFailure> {
        let mut request = get(format!("{}/v1/balance", self.base));
        authorize(&mut request, &format!("Bearer {}", self.secret_key))?;
        request.headers.insert("stripe-version", HeaderValue::from_static(API_VERSION));
        // The pattern of the field leaves letters and digits only.
        if let Some(account) = self.account_id.as_deref().and_then(|account| HeaderValue::from_str(account).ok()) {
            request.headers.insert("stripe-account", account);
        }
        Ok(request)
    }

    fn rejected(&self, said: &Said) -> TestFailure {
        let (message, hint) = match said.code.as_str() {
            "api_key_expired" | "platform_api_key_expired" => (
                "Stripe says that the secret key has expired or was rolled",
                "Copy the current key from the Stripe dashboard: Developers > API keys.",
            ),
            "account_invalid" => (
                "Stripe does not give this key access to the connected account",
                "Check accountId, and that the account is still connected to the platform that owns the key.",
            ),
            "secret_key_required" => (
                "Stripe says that this is not a secret key",
                "Enter the secret key (sk_… or rk_…), not the publishable one.",
            ),
            _ => ("Stripe rejected the secret key", "Copy the key again from the Stripe dashboard: Developers > API keys."),
        };
        TestFailure::new(ErrorType::AuthenticationFailed, message, hint)
    }

    /// What an answer other than 200 means, the missing permission aside.
    fn failure(&self, response: &HttpResponse, error: &Said) -> TestFailure {
        let failure = match (response.status, error.code.as_str()) {
            (401, _) | (_, "account_invalid" | "secret_key_required" | "api_key_expired" | "platform_api_key_expired") => {
                self.rejected(error)
            }
            (_, "livemode_mismatch") => self.mismatch(),
            (_, "rate_limit") => TestFailure::new(
                ErrorType::RateLimited,
                "Stripe limits the rate of calls",
                "Wait a little, and test less often.",
            ),
            (403, _) => TestFailure::new(
                ErrorType::PermissionDenied,
                "Stripe does not let this key read the balance",
                "Read what Stripe said, and check the key's permissions and its IP restrictions.",
            ),
            (409, _) => TestFailure::new(
                ErrorType::ProviderUnavailable,
                "Stripe is busy with the same object",
                "Test again in a moment; nothing needs to be changed here.",
            ),
            (status, _) => TestFailure::new(
                ErrorType::UnexpectedResponse,
                format!("Stripe answered with an error ({status})"),
                "Read what Stripe said; if it makes no sense, check the configured address.",
            ),
        };
        let failure = said(failure, response, error.message.as_deref());
        if error.code.is_empty() { failure } else { failure.with("providerErrorCode", error.code.as_str()) }
    }

    fn mismatch(&self) -> TestFailure {
        TestFailure::new(
            ErrorType::EnvironmentMismatch,
            format!("The key works, but not in {} mode", self.mode.as_str()),
            format!("Switch the integration's mode, or enter the {} key.", self.mode.as_str()),
        )
    }

    fn read_balance(&self, response: &HttpResponse, body: &Value, steps: &mut Steps) -> Outcome {
        if text(body, "object").as_deref() != Some("balance") {
            let failure = TestFailure::new(
                ErrorType::UnexpectedResponse,
                "Stripe answered with something other than a balance",
                "Check the configured address; this may not be the Stripe API.",
            );
            return Err(said(failure, response, None));
        }
        steps.pass(None);
        steps.begin("environment");
        let livemode = body.get("livemode").and_then(Value::as_bool);
        match livemode {
            Some(live) if live != (self.mode == Mode::Production) => {
                return Err(self.mismatch().with("livemode", live).with("httpStatus", response.status));
            }
            Some(_) => steps.pass(None),
            None => steps.warn("Stripe did not say whether the key is live"),
        }
        let mut details = Map::new();
        details.insert("balance".to_owned(), funds(body, "available"));
        details.insert("pending".to_owned(), funds(body, "pending"));
        if let Some(live) = livemode {
            details.insert("livemode".to_owned(), live.into());
        }
        if let Some(account) = &self.account_id {
            details.insert("accountId".to_owned(), account.as_str().into());
        }
        Ok(TestSuccess { message: "Stripe connection successful".to_owned(), details, limited: None })
    }
}

/// The funds of a balance by currency, in major units.
fn funds(body: &Value, name: &str) -> Value {
    let none = Vec::new();
    let entries = body.get(name).and_then(Value::as_array).unwrap_or(&none);
    entries
        .iter()
        .map(|entry| json!({"amount": money::major(entry, "amount"), "currency": currency(entry)}))
        .collect()
}

/// The missing permission that a 403 names, if that is what it says.
fn missing_permission(error: &Said) -> Option<String> {
    let message = error.message.as_deref()?;
    if !error.code.is_empty() || !message.contains("required permissions") {
        return None;
    }
    let named = message.split(|character: char| !(character.is_ascii_lowercase() || character == '_'));
    Some(named.into_iter().find(|word| word.starts_with("rak_")).unwrap_or("rak_balance_read").to_owned())
}

#[async_trait]
impl Connection for Account {
    async fn test(&self, steps: &mut Steps) -> Outcome {
        steps.begin("authentication");
        let request = self.balance_request()?;
        let response = self.network.send(request).await.map_err(|failure| unreachable(LABEL, &failure))?;
        if let Some(mut failure) = common_failure(LABEL, &response) {
            if let Some(reason) = response.headers.get("stripe-rate-limited-reason").and_then(|value| value.to_str().ok()) {
                failure = failure.with("rateLimitReason", reason);
            }
            return Err(failure);
        }
        let body = json(&response).unwrap_or_default();
        if response.status == 200 && body.get("error").is_none() {
            return self.read_balance(&response, &body, steps);
        }
        let error = body.get("error").unwrap_or(&Value::Null);
        let error = Said { code: text(error, "code").unwrap_or_default(), message: text(error, "message") };
        match missing_permission(&error).filter(|_| response.status == 403) {
            Some(permission) => {
                steps.pass(None);
                steps.begin("permission");
                steps.warn(format!("The key lacks the permission {permission}"));
                let noted = said(self.failure(&response, &error), &response, error.message.as_deref());
                Ok(TestSuccess {
                    message: format!("Stripe accepted the key, but it lacks the permission {permission}"),
                    details: *noted.details,
                    limited: Some(format!(
                        "Payments may work. To make the test complete, give the restricted key the permission {permission} (Balance: Read) under Developers > API keys."
                    )),
                })
            }
            None => {
                if error.code == "account_invalid" {
                    steps.begin("account");
                }
                Err(self.failure(&response, &error))
            }
        }
    }

    fn notifications(&self) -> Option<&dyn Notifications> {
        Some(self)
    }
}

#[cfg(test)]
mod tests;
