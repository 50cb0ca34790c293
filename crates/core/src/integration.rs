//! One account at a provider: its kind, its configuration and the hub's own settings for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{IntegrationId, OutletId, PartnerId};
use crate::time::Timestamp;

/// What an integration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationType {
    PaymentGateway,
    Whatsapp,
    EmailSmtp,
}

impl IntegrationType {
    pub const ALL: &'static [Self] = &[Self::PaymentGateway, Self::Whatsapp, Self::EmailSmtp];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PaymentGateway => "payment_gateway",
            Self::Whatsapp => "whatsapp",
            Self::EmailSmtp => "email_smtp",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// The response time that a healthy call stays under, in milliseconds, unless the integration sets its own.
    #[must_use]
    pub fn default_latency_target_ms(self) -> u32 {
        match self {
            Self::PaymentGateway => 2_000,
            Self::Whatsapp => 3_000,
            Self::EmailSmtp => 5_000,
        }
    }
}

/// Which of a provider's two worlds an integration lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    Sandbox,
    Production,
}

impl Mode {
    #[must_use]
    pub fn of(test_mode: bool) -> Self {
        if test_mode { Self::Sandbox } else { Self::Production }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }
}

/// The provider-shaped members of an integration, by name, in clear. Never logged; written masked.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Configuration(pub BTreeMap<String, Value>);

impl Configuration {
    /// The member as text without outer white space; `None` when absent, null, or blank.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }
}

impl std::fmt::Debug for Configuration {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// What the hub itself does with an integration; each member has a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Read a payment's status back from the provider before passing on what its notification claims.
    pub confirm_notifications: bool,
    /// Minutes between scheduled tests, 1 to 1440.
    pub test_interval_minutes: u32,
    /// Response time that counts as good, in milliseconds, 50 to 60000.
    pub latency_target_ms: u32,
    /// Days after which the credentials should be changed, 0 to 3650; 0 is never.
    #[serde(default = "credential_max_age_days")]
    pub credential_max_age_days: u32,
}

/// A year, for settings that were stored before there was a choice, and for those that make none.
#[must_use]
pub fn credential_max_age_days() -> u32 {
    365
}

/// The configuration as it is kept: plain members readable, secrets sealed one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SealedConfiguration {
    pub plain: BTreeMap<String, Value>,
    /// Ciphertext by member name, base64.
    pub sealed: BTreeMap<String, String>,
}

/// One partner's (or outlet's) account at one provider.
#[derive(Debug, Clone)]
pub struct Integration {
    pub id: IntegrationId,
    pub partner_id: PartnerId,
    pub outlet_id: Option<OutletId>,
    pub integration_type: IntegrationType,
    /// The provider's slug.
    pub provider: String,
    pub display_name: String,
    pub is_active: bool,
    pub test_mode: bool,
    /// For an outlet's integration: use the partner's configuration for the same provider.
    pub use_partner_config: bool,
    /// In clear; the store seals and opens it.
    pub configuration: Configuration,
    pub settings: Settings,
    /// The unguessable part of the inbound URL, in clear.
    pub inbound_token: String,
    pub last_tested_at: Option<Timestamp>,
    /// `success` or `failed`.
    pub last_test_status: Option<String>,
    pub last_test_message: Option<String>,
    pub created_by: String,
    pub updated_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
