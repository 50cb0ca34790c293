//! When an incident of a connection opens, what its cause is, and when it is over: decided by its last outcomes alone.
//!
//! Tests and calls are judged apart, since a test that passes while calls fail says nothing for the calls. Calls that have
//! stopped coming, or were made with a configuration that has been changed since, are answered for by the tests.

use std::collections::BTreeMap;

use super::{
    BAND_FAILURES, BAND_REQUESTS, CLOSING_SUCCESSES, FAILED_CALLS, FAILED_PROBES, IncidentCause, IncidentSeverity,
    IncidentTrigger,
};
use crate::error_type::ErrorType;
use crate::health::{HealthStatus, PROVISIONAL_BELOW};
use crate::time::{MINUTE, Timestamp};

/// Calls older than this no longer keep an incident open that the tests say is over.
const CALLS_HAVE_STOPPED: i64 = 30 * MINUTE;

/// A finished test or call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub at: Timestamp,
    pub succeeded: bool,
    pub is_test: bool,
    pub error_type: Option<ErrorType>,
    pub message: String,
}

/// Requests of a span and how many of them succeeded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    pub succeeded: u64,
    pub total: u64,
}

impl Span {
    fn status(self) -> HealthStatus {
        HealthStatus::of(self.succeeded, self.total)
    }
}

/// What is judged.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The last finished tests and calls, the newest first.
    pub outcomes: Vec<Outcome>,
    /// The last hour, and the 24 hours before it.
    pub hour: Span,
    pub before: Span,
    /// When the configuration was last changed.
    pub configured_at: Timestamp,
    pub now: Timestamp,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub trigger: IncidentTrigger,
    pub cause: IncidentCause,
    pub severity: IncidentSeverity,
    pub started_at: Timestamp,
    pub last_failure_at: Timestamp,
    pub first_error: String,
    pub last_error: String,
}

impl Evidence {
    fn of(&self, is_test: bool) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(move |outcome| outcome.is_test == is_test)
    }

    fn failures_in_a_row(&self, is_test: bool) -> Vec<&Outcome> {
        self.of(is_test).take_while(|outcome| !outcome.succeeded).collect()
    }

    /// Whether this is trouble enough for an incident.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        let tests = self.failures_in_a_row(true);
        if tests.len() >= FAILED_PROBES {
            return self.told(IncidentTrigger::Probes, &tests);
        }
        let calls = self.failures_in_a_row(false);
        if calls.len() >= FAILED_CALLS && !self.are_calls_answered_for() {
            return self.told(IncidentTrigger::Calls, &calls);
        }
        if self.is_band_worse() {
            let since = self.now.minus(std::time::Duration::from_secs(3_600));
            let failures: Vec<&Outcome> =
                self.outcomes.iter().filter(|outcome| !outcome.succeeded && outcome.at >= since).collect();
            return self.told(IncidentTrigger::Band, &failures);
        }
        None
    }

    fn is_band_worse(&self) -> bool {
        self.hour.total >= BAND_REQUESTS
            && self.hour.total - self.hour.succeeded.min(self.hour.total) >= BAND_FAILURES
            && self.before.total >= PROVISIONAL_BELOW
            && self.hour.status() < self.before.status()
    }

    /// `failures`: the newest first.
    fn told(&self, trigger: IncidentTrigger, failures: &[&Outcome]) -> Option<Trouble> {
        let (last, first) = (failures.first()?, failures.last()?);
        let cause = cause(trigger, failures);
        let nothing_succeeded = !self.outcomes.iter().any(|outcome| outcome.succeeded && outcome.at >= first.at);
        Some(Trouble {
            trigger,
            cause,
            severity: severity(cause, nothing_succeeded),
            started_at: first.at,
            last_failure_at: last.at,
            first_error: first.message.clone(),
            last_error: last.message.clone(),
        })
    }

    /// Whether the tests speak for the calls: none comes any more, or the last ones went out with another configuration.
    fn are_calls_answered_for(&self) -> bool {
        let Some(call) = self.of(false).next() else { return true };
        let is_past = self.now.since(call.at) > CALLS_HAVE_STOPPED || call.at < self.configured_at;
        is_past && self.of(true).take_while(|test| test.succeeded && test.at > call.at).count() >= CLOSING_SUCCESSES
    }

    /// Whether an incident that this opened is over.
    #[must_use]
    pub fn is_over(&self, opened_by: IncidentTrigger) -> bool {
        let in_a_row = |outcomes: &mut dyn Iterator<Item = &Outcome>| {
            outcomes.take(CLOSING_SUCCESSES).filter(|outcome| outcome.succeeded).count() == CLOSING_SUCCESSES
        };
        if self.trouble().is_some() {
            return false;
        }
        match opened_by {
            IncidentTrigger::Calls => in_a_row(&mut self.of(false)) || self.are_calls_answered_for(),
            IncidentTrigger::Band => in_a_row(&mut self.outcomes.iter()),
            _ => in_a_row(&mut self.of(true)),
        }
    }

    /// The cause that the last failures agree on, where they do.
    #[must_use]
    pub fn present_cause(&self) -> Option<ErrorType> {
        let mut failures = self.outcomes.iter().filter(|outcome| !outcome.succeeded).map(error_type);
        let (last, before) = (failures.next()?, failures.next()?);
        (last == before).then_some(last)
    }

    /// The newest failure.
    #[must_use]
    pub fn last_failure(&self) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| !outcome.succeeded)
    }
}

fn error_type(outcome: &Outcome) -> ErrorType {
    outcome.error_type.unwrap_or(ErrorType::UnexpectedResponse)
}

/// The error type of most failures; for a band, only where it stands out.
fn cause(trigger: IncidentTrigger, failures: &[&Outcome]) -> IncidentCause {
    let mut counts: BTreeMap<ErrorType, usize> = BTreeMap::new();
    for failure in failures {
        *counts.entry(error_type(failure)).or_default() += 1;
    }
    // Of causes that are as frequent, the one of the newest failure.
    let newest = failures.first().map(|failure| error_type(failure));
    let most = counts.into_iter().max_by_key(|(error_type, count)| (*count, Some(*error_type) == newest));
    match most {
        Some((error_type, count)) if trigger != IncidentTrigger::Band || 2 * count > failures.len() => {
            IncidentCause::Error(error_type)
        }
        _ => IncidentCause::WorseBand,
    }
}

/// Critical is what lets nothing through; the rest is a warning.
#[must_use]
pub fn severity(cause: IncidentCause, nothing_succeeded: bool) -> IncidentSeverity {
    let is_critical = match cause {
        IncidentCause::Error(error_type) => {
            nothing_succeeded && (error_type.needs_a_person() || error_type.is_out_of_reach())
        }
        IncidentCause::WebhookDisabled | IncidentCause::Expired => true,
        IncidentCause::WorseBand | IncidentCause::WebhookFailing | IncidentCause::ExpiresSoon => false,
    };
    if is_critical { IncidentSeverity::Critical } else { IncidentSeverity::Warning }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_771_668_000_000;

    /// Outcomes as letters, the newest last: `T`/`t` a test that passed or failed, `C`/`c` a call.
    fn evidence(letters: &str) -> Evidence {
        let outcomes = letters
            .chars()
            .rev()
            .enumerate()
            .map(|(index, letter)| Outcome {
                at: Timestamp::from_millis(NOW - MINUTE * i64::try_from(index).unwrap_or(0)),
                succeeded: letter.is_uppercase(),
                is_test: letter.eq_ignore_ascii_case(&'t'),
                error_type: letter.is_lowercase().then_some(ErrorType::Timeout),
                message: letter.to_string(),
            })
            .collect();
        Evidence { outcomes, now: Timestamp::from_millis(NOW), ..Evidence::default() }
    }

    fn trigger(letters: &str) -> Option<IncidentTrigger> {
        evidence(letters).trouble().map(|trouble| trouble.trigger)
    }

    #[test]
    fn three_failed_tests_or_five_failed_calls_in_a_row_are_trouble() {
        assert_eq!(trigger("TTTtt"), None);
        assert_eq!(trigger("TTTttt"), Some(IncidentTrigger::Probes));
        assert_eq!(trigger("ttTtt"), None, "in a row");
        assert_eq!(trigger("CCcccc"), None);
        assert_eq!(trigger("CCccccc"), Some(IncidentTrigger::Calls));
        assert_eq!(trigger("cTccTccT"), Some(IncidentTrigger::Calls), "a test that passes says nothing for the calls");
        assert_eq!(trigger("tCtCt"), Some(IncidentTrigger::Probes));
        assert_eq!(trigger(""), None);
    }

    #[test]
    fn an_incident_is_over_after_two_successes_of_its_kind() {
        assert!(!evidence("tttT").is_over(IncidentTrigger::Probes));
        assert!(evidence("tttTT").is_over(IncidentTrigger::Probes));
        assert!(evidence("tttTcT").is_over(IncidentTrigger::Probes), "a failed call between them is another matter");
        assert!(!evidence("cccccTT").is_over(IncidentTrigger::Calls), "tests do not speak for calls that still fail");
        assert!(!evidence("cccccC").is_over(IncidentTrigger::Calls));
        assert!(evidence("cccccCC").is_over(IncidentTrigger::Calls));
        assert!(!evidence("").is_over(IncidentTrigger::Probes), "silence is no success");
    }

    #[test]
    fn calls_that_stopped_or_had_another_configuration_are_answered_for_by_tests() {
        let mut mended = evidence("cccccTT");
        mended.configured_at = Timestamp::from_millis(NOW - MINUTE - 1);
        assert!(mended.is_over(IncidentTrigger::Calls));
        assert_eq!(mended.trouble(), None);
        let mut stopped = evidence("cccccTT");
        stopped.now = Timestamp::from_millis(NOW + CALLS_HAVE_STOPPED);
        assert!(stopped.is_over(IncidentTrigger::Calls));
        let mut untested = evidence("ccccc");
        untested.now = Timestamp::from_millis(NOW + 2 * CALLS_HAVE_STOPPED);
        assert!(!untested.is_over(IncidentTrigger::Calls), "nobody has looked");
    }

    #[test]
    fn an_hour_in_a_worse_band_is_trouble_unless_it_is_too_little_to_tell() {
        let span = |succeeded, total| Span { succeeded, total };
        let judged = |hour, before| {
            let evidence = Evidence { hour, before, ..evidence("CcCcCc") };
            (evidence.trouble().map(|trouble| trouble.trigger), evidence.is_over(IncidentTrigger::Band))
        };
        assert_eq!(judged(span(7, 10), span(100, 100)), (Some(IncidentTrigger::Band), false));
        assert_eq!(judged(span(6, 9), span(100, 100)), (None, false), "fewer than ten");
        assert_eq!(judged(span(11, 12), span(100, 100)), (None, false), "one failure");
        assert_eq!(judged(span(7, 10), span(4, 4)), (None, false), "nothing to hold it against");
        assert_eq!(judged(span(7, 10), span(70, 100)), (None, false), "as before");
        let over = Evidence { hour: span(19, 20), before: span(100, 100), ..evidence("cCC") };
        assert!(over.is_over(IncidentTrigger::Band));
    }

    #[test]
    fn the_cause_is_what_most_failures_say() {
        let mut told = evidence("Tttt");
        for (index, error_type) in [(0, ErrorType::Timeout), (1, ErrorType::DnsError), (2, ErrorType::DnsError)] {
            told.outcomes[index].error_type = Some(error_type);
        }
        let trouble = told.trouble().map(|trouble| (trouble.cause, trouble.severity));
        assert_eq!(trouble, Some((IncidentCause::Error(ErrorType::DnsError), IncidentSeverity::Critical)));
        assert_eq!(told.present_cause(), None, "the last two disagree");
        for outcome in &mut told.outcomes {
            outcome.error_type = (!outcome.succeeded).then_some(ErrorType::RateLimited);
        }
        let trouble = told.trouble().map(|trouble| (trouble.cause, trouble.severity));
        assert_eq!(trouble, Some((IncidentCause::Error(ErrorType::RateLimited), IncidentSeverity::Warning)));
        assert_eq!(told.present_cause(), Some(ErrorType::RateLimited));
        let slow = evidence("tCtCt").trouble().map(|trouble| trouble.severity);
        assert_eq!(slow, Some(IncidentSeverity::Warning), "something still got through");
    }
}
