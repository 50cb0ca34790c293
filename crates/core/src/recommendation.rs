//! Recommendations: what the figures mean and the one thing to do about it, in both languages, the most severe first.

mod account;
mod connection;
mod credentials;
mod dismissal;
mod mail;
mod notifications;
mod silence;
mod situation;
mod testing;
#[cfg(test)]
mod tests;
mod upkeep;
mod webhooks;
mod words;

use serde::Serialize;

pub use dismissal::Dismissal;
pub use silence::{HABIT, Silence, silence};
pub use situation::{Expiry, ExpiryKind, Failures, LastTest, MailRefusal, Pause, Situation, WebhookState, expiries};
pub use words::Words;

use crate::error_type::ErrorType;
use crate::id::WebhookId;
use crate::time::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Critical,
    Warning,
    Info,
}

impl Severity {
    pub const ALL: &'static [Self] = &[Self::Critical, Self::Warning, Self::Info];

    /// The word in JSON and SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|severity| severity.as_str() == text)
    }
}

/// Where the remedy is found, so that a dashboard can show a button for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    EditConfiguration,
    SwitchMode,
    Test,
    OpenProvider,
    OpenWebhooks,
    OpenLogs,
    Rotate,
    None,
}

impl ActionKind {
    pub const ALL: &'static [Self] = &[
        Self::EditConfiguration,
        Self::SwitchMode,
        Self::Test,
        Self::OpenProvider,
        Self::OpenWebhooks,
        Self::OpenLogs,
        Self::Rotate,
        Self::None,
    ];

    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EditConfiguration => "edit_configuration",
            Self::SwitchMode => "switch_mode",
            Self::Test => "test",
            Self::OpenProvider => "open_provider",
            Self::OpenWebhooks => "open_webhooks",
            Self::OpenLogs => "open_logs",
            Self::Rotate => "rotate",
            Self::None => "none",
        }
    }
}

/// What a finding rests on; only what it uses is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Calls, deliveries or notifications that show it, out of how many.
    pub calls: Option<u64>,
    pub of_calls: Option<u64>,
    pub error_type: Option<ErrorType>,
    /// In the provider's or the hub's own words, secrets redacted.
    pub last_error: Option<String>,
    pub last_error_at: Option<Timestamp>,
    /// The configuration's member that it is about.
    pub field: Option<String>,
    /// The status of the mail server's last refusal.
    pub smtp_status: Option<u16>,
    /// Seconds that the provider asked to wait.
    pub retry_after: Option<u64>,
    /// Milliseconds: the present 95th percentile, its target, and the median of the last 7 days.
    pub p95_response_time: Option<i64>,
    pub latency_target: Option<i64>,
    pub usual_p95_response_time: Option<i64>,
    pub expires_at: Option<Timestamp>,
    /// What is left of a quota.
    pub remaining: Option<i64>,
    /// Milliseconds that usually lie between two notifications.
    pub usual_gap: Option<i64>,
    /// Whole days.
    pub age_days: Option<i64>,
    pub webhook_ids: Vec<WebhookId>,
}

/// A finding and its remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendation {
    /// Stable; what it can be is listed in [`CODES`].
    pub code: &'static str,
    pub severity: Severity,
    /// One sentence with the evidence.
    pub message: Words,
    /// What to do, as an instruction.
    pub action: Words,
    pub action_kind: ActionKind,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
    pub evidence: Evidence,
    /// What it is about: another fingerprint under the same code is another finding.
    pub fingerprint: String,
}

impl Recommendation {
    fn new(code: &'static str, severity: Severity, message: Words, action: Words, action_kind: ActionKind) -> Self {
        Self {
            code,
            severity,
            message,
            action,
            action_kind,
            since: None,
            evidence: Evidence::default(),
            fingerprint: String::new(),
        }
    }

    fn since(self, since: Option<Timestamp>) -> Self {
        Self { since, ..self }
    }

    fn with(self, evidence: Evidence) -> Self {
        Self { evidence, ..self }
    }

    fn about(self, fingerprint: impl Into<String>) -> Self {
        Self { fingerprint: fingerprint.into(), ..self }
    }
}

/// Every code there is.
pub const CODES: &[&str] = &[
    "account_suspended",
    "certificate_ending",
    "configuration",
    "credential_old",
    "device_disconnected",
    "inactive_receiving",
    "key_rejected",
    "last_test_failed",
    "limited_permission",
    "mail_limited",
    "mail_login_rejected",
    "mail_reputation",
    "never_tested",
    "notifications_silent",
    "only_of_its_kind",
    "permission_missing",
    "provider_unavailable",
    "quota_ending",
    "rate_limited",
    "signature_failures",
    "slow",
    "subscription_ending",
    "test_stale",
    "tests_paused",
    "timeouts",
    "tls_failures",
    "unreachable",
    "webhook_circuit_open",
    "webhook_disabled",
    "webhook_failing",
    "wrong_environment",
];

/// Everything worth doing, the most severe first.
#[must_use]
pub fn recommend(situation: &Situation<'_>) -> Vec<Recommendation> {
    let mut found = Vec::new();
    for failures in situation.errors {
        found.extend(credentials::find(situation, failures).or_else(|| connection::find(situation, failures)));
        found.extend(account::find(situation, failures).or_else(|| notifications::find(situation, failures)));
    }
    found.extend(mail::find(situation));
    found.extend(account::endings(situation));
    found.extend(connection::slow(situation));
    found.extend(testing::find(situation));
    found.extend(webhooks::find(situation));
    found.extend(notifications::unexpected(situation));
    found.extend(upkeep::find(situation));
    // One finding a code: several kinds of network failure are one remedy.
    let mut seen = Vec::new();
    found.retain(|finding| {
        let is_new = !seen.contains(&finding.code);
        seen.push(finding.code);
        is_new
    });
    found.sort_by_key(|finding| finding.severity);
    found
}
