//! Midtrans (Core API): the server key as Basic user, and a body whose `status_code` counts, not the HTTP status.
//! Reference: <https://docs.midtrans.com/reference>.

mod confirmation;
mod notification;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use simpul_core::error_type::ErrorType;
use simpul_core::event::EventType;
use simpul_core::integration::{Configuration, IntegrationType, Mode};
use uuid::Uuid;

use crate::http_answer::{authorize, base, basic, common_failure, get, json, said, unreachable};
use crate::key_kinds::{check_kind, check_known, warn_environment};
use crate::manifest::{Field, Inspection, Kind, Manifest, inspect};
use crate::network::{HttpRequest, HttpResponse, Network};
use crate::payment_data::text;
use crate::provider::{ConfigurationError, Connection, Notifications, Payments, Provider};
use crate::steps::{Outcome, Steps, TestFailure, TestSuccess};

pub(crate) const PROVIDER: &dyn Provider = &Midtrans;

const LABEL: &str = "Midtrans";
const SERVER_KEYS: &[&str] = &["SB-Mid-server-", "Mid-server-", "SB-VT-server-", "VT-server-"];
const CLIENT_KEYS: &[&str] = &["SB-Mid-client-", "Mid-client-", "SB-VT-client-", "VT-client-"];

static MANIFEST: Manifest = Manifest {
    slug: "midtrans",
    label: LABEL,
    integration_type: IntegrationType::PaymentGateway,
    fields: &[
        Field {
            name: "serverKey",
            title: "Server key",
            help: "Midtrans dashboard of the same environment: Settings > Access Keys > Server Key",
            example: "SB-Mid-server-EXAMPLEKEY0000000000",
            kind: Kind::Secret,
            required: true,
            pattern: None,
            prefixes: SERVER_KEYS,
        },
        Field {
            name: "clientKey",
            title: "Client key",
            help: "Midtrans dashboard: Settings > Access Keys > Client Key. Public; used by the checkout page only",
            example: "SB-Mid-client-EXAMPLEKEY0000000000",
            kind: Kind::Text,
            required: false,
            pattern: None,
            prefixes: CLIENT_KEYS,
        },
        Field {
            name: "merchantId",
            title: "Merchant ID",
            help: "Midtrans dashboard: Settings > Access Keys > Merchant ID",
            example: "G000000001",
            kind: Kind::Text,
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
    console_url: Some("https://dashboard.midtrans.com"),
    credentials_help: "dashboard.midtrans.com (production) or dashboard.sandbox.midtrans.com (sandbox): Settings > Access Keys",
    notifications_help: Some("Midtrans dashboard: Settings > Payment > Notification URL > Payment Notification URL"),
    base_urls: ("https://api.sandbox.midtrans.com", "https://api.midtrans.com"),
    confirms_notifications: true,
};

struct Midtrans;

impl Provider for Midtrans {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn inspect(&self, configuration: &Configuration, mode: Mode) -> Inspection {
        inspect(&MANIFEST, configuration, |inspection| {
            check_kind(inspection, configuration, "serverKey", SERVER_KEYS, "the Midtrans server key");
            check_kind(inspection, configuration, "clientKey", CLIENT_KEYS, "the Midtrans client key");
            check_kind(inspection, configuration, "merchantId", &[], "the Midtrans merchant ID");
            if !inspection.problems.is_empty() {
                return;
            }
            check_known(inspection, configuration, "serverKey", SERVER_KEYS);
            for (field, what) in [("serverKey", "server key"), ("clientKey", "client key")] {
                let sandbox_key = configuration.text(field).is_some_and(|key| key.starts_with("SB-"));
                if sandbox_key {
                    warn_environment(inspection, field, what, Mode::Sandbox, mode);
                }
            }
            // Newer sandbox accounts have keys without `SB-`, so its absence proves nothing.
            let unmarked = configuration.text("serverKey").is_some_and(|key| key.starts_with("Mid-server-"));
            if unmarked && mode == Mode::Sandbox {
                inspection.warning(
                    "serverKey",
                    "environment_unclear",
                    "A server key without SB- is a production key for most accounts; newer sandbox accounts have such keys too. Test the connection to be sure",
                );
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
        let Some(server_key) = configuration.text("serverKey").filter(|_| problems.is_empty()) else {
            return Err(ConfigurationError { problems });
        };
        let own = match mode {
            Mode::Sandbox => MANIFEST.base_urls.0,
            Mode::Production => MANIFEST.base_urls.1,
        };
        let merchant_id = configuration.text("merchantId");
        Ok(Box::new(Account { server_key, merchant_id, mode, base: base(base_url, own), network }))
    }
}

/// One merchant in one environment.
struct Account {
    server_key: String,
    merchant_id: Option<String>,
    mode: Mode,
    base: String,
    network: Arc<dyn Network>,
}

impl Account {
    /// A read of one transaction's status; `id` is already safe in a path.
    fn status_request(&self, id: &str) -> Result<HttpRequest, TestFailure> {
        let mut request = get(format!("{}/v2/{id}/status", self.base));
        authorize(&mut request, &basic(&self.server_key, ""))?;
        Ok(request)
    }

    fn rejected(&self) -> TestFailure {
        TestFailure::new(
            ErrorType::AuthenticationFailed,
            "Midtrans rejected the server key",
            format!(
                "Copy the server key again from the {} dashboard (Settings > Access Keys). A key of the other environment is rejected in the same way.",
                self.mode.as_str()
            ),
        )
    }

    /// The answer's own status code, or why the answer means that the call failed.
    fn status_code(&self, response: &HttpResponse) -> Result<(String, Value), TestFailure> {
        if let Some(failure) = common_failure(LABEL, response) {
            return Err(failure);
        }
        let body = json(response).unwrap_or_default();
        let message = text(&body, "status_message");
        let code = match text(&body, "status_code") {
            Some(code) => code,
            None if response.status == 401 => "401".to_owned(),
            None => {
                let failure = TestFailure::new(
                    ErrorType::UnexpectedResponse,
                    "Midtrans answered without a status code",
                    "Check the configured address; this may not be the Midtrans API.",
                );
                return Err(said(failure, response, message.as_deref()));
            }
        };
        let failure = match code.as_str() {
            "200" | "201" | "202" | "404" | "407" => return Ok((code, body)),
            "401" => self.rejected(),
            "402" | "403" => TestFailure::new(
                ErrorType::PermissionDenied,
                "Midtrans does not let this merchant make the call",
                "Ask Midtrans support to enable API access for the merchant.",
            ),
            "410" => TestFailure::new(
                ErrorType::AccountSuspended,
                "Midtrans has deactivated this merchant account",
                "Ask Midtrans support why the account is deactivated.",
            ),
            "429" => TestFailure::new(
                ErrorType::RateLimited,
                "Midtrans limits the rate of calls",
                "Wait a little, and test less often.",
            ),
            // 900 is the gateway's own GENERIC_SERVICE_ERROR.
            _ if code == "900" || (code.len() == 3 && code.starts_with('5')) => TestFailure::new(
                ErrorType::ProviderUnavailable,
                format!("Midtrans reports a server error ({code})"),
                "The fault is at Midtrans or its bank. Check its status page; nothing needs to be changed here.",
            ),
            _ => TestFailure::new(
                ErrorType::UnexpectedResponse,
                "Midtrans answered with a status code that Simpul does not know",
                "Read what Midtrans said; if it makes no sense, check the configured address.",
            ),
        };
        Err(said(failure, response, message.as_deref()).with("providerStatusCode", code))
    }
}

#[async_trait]
impl Connection for Account {
    /// Asks for an order that cannot exist: only a caller with a valid key is told that it does not.
    async fn test(&self, steps: &mut Steps) -> Outcome {
        steps.begin("authentication");
        let request = self.status_request(&format!("conntest-{}", Uuid::new_v4().simple()))?;
        let response = self.network.send(request).await.map_err(|failure| unreachable(LABEL, &failure))?;
        self.status_code(&response)?;
        steps.pass(None);
        Ok(TestSuccess { message: "Midtrans connection successful".to_owned(), ..TestSuccess::default() })
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
