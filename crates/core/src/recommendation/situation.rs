//! What recommendations are made from, gathered by whoever can read the store.

use serde_json::{Map, Value};

use super::Words;
use crate::error_type::ErrorType;
use crate::id::WebhookId;
use crate::integration::IntegrationType;
use crate::time::{DAY, Timestamp, WIB};

use super::Silence;

/// One integration, as it stands.
#[derive(Debug, Clone, Default)]
pub struct Situation<'a> {
    /// The provider's name for people.
    pub provider_label: &'a str,
    /// Where the provider's console keeps the credentials, as a path through its menus.
    pub credentials_help: Words,
    pub integration_type: Option<IntegrationType>,
    pub is_active: bool,
    /// The window in words, such as `24 hours`.
    pub window: Words,
    /// Finished requests of the connection.
    pub requests: u64,
    /// Failures of the connection by error type, the most frequent first.
    pub errors: &'a [Failures],
    /// What mail servers refused among the latest failures.
    pub mail_refusals: &'a [MailRefusal],
    /// 95th percentile of successes and the target, milliseconds.
    pub latency: Option<(i64, i64)>,
    /// Median of the hourly 95th percentiles of the last 7 days, milliseconds.
    pub usual_latency: Option<i64>,
    pub last_test: Option<LastTest<'a>>,
    pub expiries: &'a [Expiry],
    /// Finished deliveries and how many of them failed.
    pub deliveries: (u64, u64),
    pub webhooks: &'a [WebhookState],
    /// Notifications of the provider that the window saw.
    pub notifications: u64,
    pub silence: Option<Silence>,
    /// When the secrets were last changed, and the age in days from which that is a finding; 0 is never.
    pub credentials_changed_at: Option<Timestamp>,
    pub credential_max_age_days: u32,
    /// No other active integration of the partner is of this type.
    pub is_only_of_its_kind: bool,
    pub pause: Option<Pause>,
    pub now: Timestamp,
}

/// Failures of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    pub error_type: ErrorType,
    /// In the window.
    pub count: u64,
    /// The first of those since the connection last succeeded, and how many they are; `None` where a success came after.
    pub spell: Option<(Timestamp, u64)>,
    pub last_at: Option<Timestamp>,
    pub last_error: Option<String>,
    /// The member of the configuration that was named, and its title.
    pub field: Option<(String, Words)>,
    /// Seconds.
    pub retry_after: Option<u64>,
}

impl Failures {
    /// Failures of which nothing but their number is known.
    #[must_use]
    pub fn counted(error_type: ErrorType, count: u64) -> Self {
        Self { error_type, count, spell: None, last_at: None, last_error: None, field: None, retry_after: None }
    }
}

/// A mail server's refusals of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRefusal {
    /// The reply code of RFC 5321, and the enhanced status of RFC 3463.
    pub status: u16,
    pub enhanced: Option<String>,
    pub calls: u64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub last_error: String,
}

/// The last test of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastTest<'a> {
    pub at: Timestamp,
    pub failed: bool,
    /// The credential is genuine but may not make the test's call.
    pub limited: bool,
    pub message: &'a str,
}

/// Something that ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    pub kind: ExpiryKind,
    /// `None` for a quota, which ends by use.
    pub at: Option<Timestamp>,
    /// Of a quota.
    pub remaining: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiryKind {
    /// The package of a messaging device.
    Subscription,
    /// Messages that may still be sent.
    Quota,
    /// The mail server's TLS certificate.
    Certificate,
}

impl ExpiryKind {
    pub const ALL: &'static [Self] = &[Self::Subscription, Self::Quota, Self::Certificate];

    /// The word in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Quota => "quota",
            Self::Certificate => "certificate",
        }
    }
}

/// An end is announced this long before.
const SUBSCRIPTION_NOTICE: i64 = 7 * DAY;
const CERTIFICATE_NOTICE: i64 = 14 * DAY;
/// A quota is low from here.
const QUOTA_NOTICE: i64 = 100;

impl Expiry {
    /// Whether it is time to speak of it.
    #[must_use]
    pub fn is_near(&self, now: Timestamp) -> bool {
        let within = |notice: i64| self.at.is_some_and(|at| at.since(now) <= notice);
        match self.kind {
            ExpiryKind::Subscription => within(SUBSCRIPTION_NOTICE),
            ExpiryKind::Certificate => within(CERTIFICATE_NOTICE),
            ExpiryKind::Quota => self.remaining.is_some_and(|remaining| remaining <= QUOTA_NOTICE),
        }
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.at.is_some_and(|at| at <= now) || self.remaining.is_some_and(|remaining| remaining <= 0)
    }
}

/// The ends that the details of a connection test tell of: `expiry` (a day, over once it is over in Jakarta), `quota`,
/// `certificateExpiresAt`. Where a package has no end or no limit, there is nothing.
#[must_use]
pub fn expiries(details: &Map<String, Value>) -> Vec<Expiry> {
    let text = |name: &str| match details.get(name)? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let day = |text: String| {
        let start = Timestamp::from_date(text.get(..10).unwrap_or(&text)).ok().or_else(|| written_day(&text))?;
        Some(Timestamp::from_millis(start.millis() + DAY - WIB))
    };
    let at = |kind, at| Expiry { kind, at: Some(at), remaining: None };
    [
        text("expiry").and_then(day).map(|end| at(ExpiryKind::Subscription, end)),
        text("quota").and_then(|quota| quota.parse().ok()).map(|remaining| Expiry {
            kind: ExpiryKind::Quota,
            at: None,
            remaining: Some(remaining),
        }),
        text("certificateExpiresAt").and_then(|text| text.parse().ok()).map(|end| at(ExpiryKind::Certificate, end)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `21 February 2026`, as Fonnte writes it.
fn written_day(text: &str) -> Option<Timestamp> {
    const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let mut parts = text.split_whitespace();
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = month.get(..3)?.to_ascii_lowercase();
    let month = 1 + MONTHS.iter().position(|known| *known == month)?;
    Timestamp::from_date(&format!("{year}-{month:02}-{:02}", day.parse::<u8>().ok()?)).ok()
}

/// A webhook, as far as it is worth a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookState {
    pub id: WebhookId,
    pub is_active: bool,
    pub disabled_at: Option<Timestamp>,
    pub disabled_reason: Option<String>,
    /// Since when nothing is sent to it but now and then a trial.
    pub circuit_open_since: Option<Timestamp>,
    pub failing_since: Option<Timestamp>,
}

/// Scheduled tests are switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    pub since: Timestamp,
    pub until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(details: Value) -> Vec<Expiry> {
        expiries(details.as_object().expect("an object"))
    }

    #[test]
    fn the_ends_that_a_test_tells_of_are_read_in_every_form_that_providers_write() {
        let end: Timestamp = "2026-03-04T17:00:00Z".parse().expect("a time");
        for day in ["2026-03-04", "2026-03-04 10:11:12", "4 March 2026", "04 March 2026"] {
            let expiry = found(json!({"expiry": day}))[0];
            assert_eq!((expiry.kind, expiry.at), (ExpiryKind::Subscription, Some(end)), "{day}");
            let near = |days: i64| expiry.is_near(Timestamp::from_millis(end.millis() - days * DAY));
            assert!(near(7) && !near(8));
            assert!(expiry.is_past(end) && !expiry.is_past(Timestamp::from_millis(end.millis() - 1)));
        }
        let quota = |quota: Value| found(json!({ "quota": quota }));
        assert!(quota(json!("12"))[0].is_near(end) && !quota(json!(5_000))[0].is_near(end));
        assert!(quota(json!("0"))[0].is_past(end));
        let certificate = found(json!({"certificateExpiresAt": "2026-03-04T17:00:00.000Z"}))[0];
        assert!(certificate.is_near(Timestamp::from_millis(end.millis() - 14 * DAY)));
    }

    #[test]
    fn what_has_no_end_has_none() {
        assert_eq!(found(json!({"expiry": "unlimited", "quota": "unlimited", "certificateExpiresAt": null})), []);
        assert_eq!(found(json!({"expiry": "31 Hujan 2026"})), []);
        assert_eq!(found(json!({"expiry": "é"})), []);
    }
}
