//! Recommendations: what the figures mean and the one thing to do about it, the most severe first.

use serde::Serialize;

use crate::error_type::ErrorType;
use crate::time::{DAY, Timestamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Critical,
    Warning,
    Info,
}

/// A finding and its remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    pub code: &'static str,
    pub severity: Severity,
    /// One sentence with the evidence.
    pub message: String,
    /// What to do, as an instruction.
    pub action: String,
}

/// What recommendations are made from.
#[derive(Debug, Clone, Default)]
pub struct Evidence<'a> {
    pub provider_label: &'a str,
    /// The window in words, such as `24 hours`.
    pub window: &'a str,
    /// Finished requests of the connection.
    pub requests: u64,
    /// Failures of the connection by error type.
    pub errors: &'a [(ErrorType, u64)],
    /// 95th percentile of successes and the target, milliseconds.
    pub latency: Option<(i64, i64)>,
    pub last_tested_at: Option<Timestamp>,
    pub last_test_failed: bool,
    /// Whether the last test found the credential genuine but short of a permission.
    pub last_test_limited: bool,
    /// Finished deliveries and how many of them failed.
    pub deliveries: (u64, u64),
    /// Webhooks that are disabled after failures.
    pub disabled_webhooks: u64,
    pub webhooks: u64,
    pub now: Timestamp,
}

/// How long ago a test may lie before it should be repeated.
const STALE_AFTER_DAYS: i64 = 7;

/// Everything worth doing, the most severe first.
#[must_use]
pub fn recommend(evidence: &Evidence<'_>) -> Vec<Recommendation> {
    let mut found = Vec::new();
    for (error_type, count) in evidence.errors {
        found.extend(for_error(evidence, *error_type, *count));
    }
    found.extend(for_latency(evidence));
    found.extend(for_tests(evidence));
    found.extend(for_deliveries(evidence));
    found.sort_by_key(|recommendation| recommendation.severity);
    found
}

fn made(code: &'static str, severity: Severity, message: String, action: impl Into<String>) -> Recommendation {
    Recommendation { code, severity, message, action: action.into() }
}

fn for_error(evidence: &Evidence<'_>, error_type: ErrorType, count: u64) -> Option<Recommendation> {
    let (label, window) = (evidence.provider_label, evidence.window);
    let calls = |count: u64| if count == 1 { "1 call".to_owned() } else { format!("{count} calls") };
    let times = calls(count);
    let share_is = |percent: u64| count * 100 >= percent * evidence.requests;
    let recommendation = match error_type {
        ErrorType::AuthenticationFailed => made(
            "key_rejected",
            Severity::Critical,
            format!("{label} rejected the credentials on {times} in the last {window}."),
            format!("Copy the key again from the {label} console, save it and test the connection."),
        ),
        ErrorType::EnvironmentMismatch => made(
            "wrong_environment",
            Severity::Critical,
            format!("The {label} key belongs to the other environment."),
            "Switch the integration's mode, or enter the key of this environment.",
        ),
        ErrorType::PermissionDenied => made(
            "permission_missing",
            Severity::Warning,
            format!("{label} refused {times} because the key lacks a permission."),
            format!("Give the key the missing permission in the {label} console; the last test names it."),
        ),
        ErrorType::AccountSuspended => made(
            "account_suspended",
            Severity::Critical,
            format!("The {label} account is suspended, expired or closed."),
            format!("Settle the account with {label}, then test the connection."),
        ),
        ErrorType::DeviceDisconnected => made(
            "device_disconnected",
            Severity::Critical,
            format!("The WhatsApp device of {label} is disconnected; messages are not sent."),
            format!("Open the {label} console and scan the QR code with the phone again."),
        ),
        ErrorType::RateLimited if share_is(5) => made(
            "rate_limited",
            Severity::Warning,
            format!("{label} limited the rate of {times} in the last {window}."),
            format!("Send less at once, or ask {label} for a higher limit."),
        ),
        ErrorType::Timeout if share_is(3) => made(
            "timeouts",
            Severity::Warning,
            format!("{times} to {label} timed out in the last {window}."),
            "Check the provider's status page and this server's connection to it.",
        ),
        ErrorType::ProviderUnavailable if share_is(5) => made(
            "provider_unavailable",
            Severity::Warning,
            format!("{label} answered {times} with server errors in the last {window}."),
            "The fault is at the provider: check its status page and wait; nothing needs to be changed here.",
        ),
        ErrorType::SignatureInvalid => made(
            "signature_failures",
            Severity::Warning,
            format!("{count} notifications were refused because their signature did not match."),
            format!(
                "Compare the signing secret with the one in the {label} console; if it is right, somebody else is calling the inbound URL: rotate it."
            ),
        ),
        ErrorType::TlsError => made(
            "tls_failures",
            Severity::Warning,
            format!("{times} failed because the certificate could not be verified."),
            "Check the host name and its certificate, and the clock of this server.",
        ),
        ErrorType::DnsError | ErrorType::ConnectionRefused | ErrorType::ConnectionReset | ErrorType::BlockedAddress
            if share_is(3) =>
        {
            made(
                "unreachable",
                Severity::Warning,
                format!("{times} could not reach {label}: {}.", error_type.label().to_lowercase()),
                "Check the configured address, this server's network and its name resolution.",
            )
        }
        ErrorType::InvalidConfiguration | ErrorType::NotFound => made(
            "configuration",
            Severity::Warning,
            format!("{label} could not be used as configured ({times})."),
            "Correct what the last test names, save and test again.",
        ),
        _ => return None,
    };
    Some(recommendation)
}

fn for_latency(evidence: &Evidence<'_>) -> Option<Recommendation> {
    let (p95, target) = evidence.latency.filter(|(p95, target)| *p95 > 2 * *target)?;
    Some(made(
        "slow",
        Severity::Warning,
        format!(
            "{} is slow: 95 % of calls finish within {p95} ms, the target is {target} ms.",
            evidence.provider_label
        ),
        "Check the provider's status page; if this is its usual pace, raise the integration's latency target.",
    ))
}

fn for_tests(evidence: &Evidence<'_>) -> Option<Recommendation> {
    let label = evidence.provider_label;
    let Some(tested_at) = evidence.last_tested_at else {
        return Some(made(
            "never_tested",
            Severity::Info,
            format!("The {label} connection was never tested."),
            "Test it now.",
        ));
    };
    let days = evidence.now.since(tested_at) / DAY;
    if evidence.last_test_limited {
        return Some(made(
            "limited_permission",
            Severity::Info,
            format!("The {label} key is genuine, but may not make the test call."),
            "Give the key the permission that the last test names, so that it can be watched fully.",
        ));
    }
    if evidence.last_test_failed && evidence.errors.is_empty() {
        return Some(made(
            "last_test_failed",
            Severity::Warning,
            format!("The last test of {label} failed."),
            "Read its result, correct what it names and test again.",
        ));
    }
    (days >= STALE_AFTER_DAYS).then(|| {
        made(
            "test_stale",
            Severity::Info,
            format!("The {label} connection was last tested {days} days ago."),
            "Test it now.",
        )
    })
}

fn for_deliveries(evidence: &Evidence<'_>) -> Vec<Recommendation> {
    let mut found = Vec::new();
    if evidence.disabled_webhooks > 0 {
        let message = match evidence.disabled_webhooks {
            1 => "1 webhook is disabled after failing; its events wait.".to_owned(),
            count => format!("{count} webhooks are disabled after failing; their events wait."),
        };
        let action = "Mend the receiver, send it a test, then set the webhook active: what waited is delivered.";
        found.push(made("webhook_disabled", Severity::Critical, message, action));
    }
    let (all, failed) = evidence.deliveries;
    if failed > 0 && failed * 100 >= 5 * all {
        found.push(made(
            "webhook_failing",
            Severity::Warning,
            format!("{failed} of {all} webhook deliveries failed on every attempt in the last {}.", evidence.window),
            "The provider is not the cause: look at the failed deliveries, mend the receiver and replay them.",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence() -> Evidence<'static> {
        let now = Timestamp::from_millis(1_771_668_000_000);
        Evidence {
            provider_label: "Midtrans",
            window: "24 hours",
            requests: 100,
            last_tested_at: Some(now),
            now,
            ..Evidence::default()
        }
    }

    fn codes(evidence: &Evidence<'_>) -> Vec<&'static str> {
        recommend(evidence).iter().map(|recommendation| recommendation.code).collect()
    }

    #[test]
    fn a_sound_integration_needs_nothing() {
        assert_eq!(codes(&evidence()), Vec::<&str>::new());
    }

    #[test]
    fn a_rejected_key_comes_before_slowness() {
        let errors = [(ErrorType::AuthenticationFailed, 14)];
        let found = recommend(&Evidence { errors: &errors, latency: Some((9_000, 2_000)), ..evidence() });
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["key_rejected", "slow"]);
        assert_eq!(found[0].message, "Midtrans rejected the credentials on 14 calls in the last 24 hours.");
    }

    #[test]
    fn a_few_timeouts_among_many_calls_are_no_finding() {
        assert_eq!(codes(&Evidence { errors: &[(ErrorType::Timeout, 2)], ..evidence() }), Vec::<&str>::new());
        assert_eq!(codes(&Evidence { errors: &[(ErrorType::Timeout, 3)], ..evidence() }), ["timeouts"]);
    }

    #[test]
    fn a_failing_receiver_is_not_blamed_on_the_provider() {
        let found = recommend(&Evidence { deliveries: (10, 10), disabled_webhooks: 1, webhooks: 1, ..evidence() });
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["webhook_disabled", "webhook_failing"]);
        assert!(found[1].action.contains("not the cause"));
    }

    #[test]
    fn an_untested_or_stale_integration_is_to_be_tested() {
        assert_eq!(codes(&Evidence { last_tested_at: None, ..evidence() }), ["never_tested"]);
        let old = Timestamp::from_millis(evidence().now.millis() - 8 * DAY);
        assert_eq!(codes(&Evidence { last_tested_at: Some(old), ..evidence() }), ["test_stale"]);
    }
}
