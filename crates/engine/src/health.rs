//! An integration's health over a window, from rollups: figures, score, what is wrong and what to do.

use std::collections::BTreeMap;
use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::activity::{Action, Component};
use simpul_core::error_type::ErrorType;
use simpul_core::health::{Deduction, HealthStatus, PROVISIONAL_BELOW, Signals, Uptime, percent, score, uptime};
use simpul_core::histogram::percentile;
use simpul_core::id::IntegrationId;
use simpul_core::integration::Integration;
use simpul_core::time::{DAY, HOUR, MINUTE, Timestamp};
use simpul_store::{MinuteState, RollupLine};

use crate::Engine;
use crate::advice::{Advice, Figures};

/// The span that health looks back over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    Hour,
    Day,
    Week,
    Month,
}

impl Window {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "1h" => Some(Self::Hour),
            "24h" => Some(Self::Day),
            "7d" => Some(Self::Week),
            "30d" => Some(Self::Month),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    pub(crate) fn millis(self) -> i64 {
        match self {
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY,
        }
    }

    /// Whole minutes up to and with the present one.
    fn bounds(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let to = Timestamp::from_millis(now.floor(MINUTE).millis() + MINUTE);
        (to.minus(Duration::from_millis(self.millis().unsigned_abs())), to)
    }
}

/// The figures of a window. Times in milliseconds, shares from 0 to 100; `None` where nothing was measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    /// Finished tests, transactions and webhook activity.
    pub total_requests: u64,
    pub success_count: u64,
    pub failed_count: u64,
    pub success_rate: Option<f64>,
    /// Over all finished requests that carry a duration, as are the percentiles.
    pub average_response_time: Option<u64>,
    pub p50_response_time: Option<i64>,
    pub p95_response_time: Option<i64>,
    pub p99_response_time: Option<i64>,
    /// Share of observed time in which the provider was reachable and let us in.
    pub uptime: Option<f64>,
    /// Share of the window that was observed at all.
    pub coverage: f64,
}

/// One half of the headline: the provider's, or our receivers'.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ComponentHealth {
    pub total_requests: u64,
    pub success_count: u64,
    pub failed_count: u64,
}

impl ComponentHealth {
    #[must_use]
    pub fn status(&self) -> HealthStatus {
        HealthStatus::of(self.success_count, self.total_requests)
    }

    #[must_use]
    pub fn success_rate(&self) -> Option<f64> {
        percent(self.success_count, self.total_requests)
    }

    fn add(&mut self, line: &RollupLine) {
        let requests = count(line.requests);
        self.total_requests += requests;
        if line.status == "success" {
            self.success_count += requests;
        } else {
            self.failed_count += requests;
        }
    }
}

/// All that `GET …/health` tells.
#[derive(Debug, Clone)]
pub struct HealthReport {
    pub status: HealthStatus,
    pub score: Option<f64>,
    pub deductions: Vec<Deduction>,
    /// Too few requests to alert anybody.
    pub provisional: bool,
    pub metrics: Metrics,
    pub connection: ComponentHealth,
    pub deliveries: ComponentHealth,
    /// Failures by type, the most frequent first.
    pub errors: Vec<(ErrorType, u64)>,
    pub advice: Advice,
    pub checked_at: Timestamp,
}

/// Rollups of a window, taken apart.
#[derive(Default)]
struct Sums {
    all: ComponentHealth,
    connection: ComponentHealth,
    deliveries: ComponentHealth,
    errors: BTreeMap<ErrorType, u64>,
    connection_errors: BTreeMap<ErrorType, u64>,
    timed: u64,
    duration_sum: u64,
    latency: BTreeMap<i32, u64>,
    connection_latency: BTreeMap<i32, u64>,
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl Sums {
    fn of(lines: &[RollupLine]) -> Self {
        let mut sums = Self::default();
        for line in lines {
            let counts = Action::parse(&line.action).is_some_and(Action::counts_as_request) && line.status != "pending";
            if counts {
                sums.add(line);
            }
        }
        sums
    }

    fn add(&mut self, line: &RollupLine) {
        let is_connection = line.component == Component::Connection.as_str();
        let requests = count(line.requests);
        self.all.add(line);
        if is_connection {
            self.connection.add(line)
        } else {
            self.deliveries.add(line)
        }
        if line.status == "failed"
            && let Some(error_type) = ErrorType::parse(&line.error_type)
        {
            *self.errors.entry(error_type).or_default() += requests;
            if is_connection {
                *self.connection_errors.entry(error_type).or_default() += requests;
            }
        }
        if line.latency_bucket >= 0 {
            self.timed += requests;
            self.duration_sum += count(line.duration_sum);
            *self.latency.entry(line.latency_bucket).or_default() += requests;
            if is_connection && line.status == "success" {
                *self.connection_latency.entry(line.latency_bucket).or_default() += requests;
            }
        }
    }
}

fn descending(errors: &BTreeMap<ErrorType, u64>) -> Vec<(ErrorType, u64)> {
    let mut errors: Vec<_> = errors.iter().map(|(error_type, count)| (*error_type, *count)).collect();
    errors.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    errors
}

/// Successes that must be timed before their 95th percentile means anything.
const LATENCY_SAMPLES: u64 = 5;
/// Without a schedule of tests, an outcome is expected this often.
const EXPECTED_INTERVAL: i64 = DAY;

impl Engine {
    /// The health of an integration over a window.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn health(&self, integration: &Integration, window: Window) -> simpul_store::Result<HealthReport> {
        let now = self.clock.now();
        let (from, to) = window.bounds(now);
        let lines = self.store.rollup_lines(integration.id, from, to).await?;
        let sums = Sums::of(&lines);
        let uptime = self.uptime(integration, from, now).await?;
        let outcomes = self.store.last_outcomes(integration.id, 10).await?;
        let signals = signals(integration, &sums, uptime, &outcomes, now);
        let score = score(sums.all.success_count, sums.all.total_requests, &signals);
        let advice = self
            .advise(
                integration,
                window,
                &Figures {
                    requests: sums.connection.total_requests,
                    errors: &descending(&sums.connection_errors),
                    deliveries: (sums.deliveries.total_requests, sums.deliveries.failed_count),
                    latency: signals.latency,
                    notifications: notifications(&lines),
                },
                now,
            )
            .await?;
        Ok(HealthReport {
            status: sums.all.status(),
            score: score.as_ref().map(|score| score.score),
            deductions: score.map(|score| score.deductions).unwrap_or_default(),
            provisional: sums.all.total_requests < PROVISIONAL_BELOW,
            metrics: metrics(&sums, uptime, window),
            errors: descending(&sums.errors),
            connection: sums.connection,
            deliveries: sums.deliveries,
            advice,
            checked_at: now,
        })
    }

    /// The band over the last 24 hours of every integration in scope that had any request.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn health_statuses(
        &self,
        scope: Scope,
    ) -> simpul_store::Result<BTreeMap<IntegrationId, (HealthStatus, u64, u64)>> {
        let (from, to) = Window::Day.bounds(self.clock.now());
        let counts = self.store.request_counts(scope, from, to).await?;
        Ok(counts
            .into_iter()
            .map(|(id, ok, all)| (id, (HealthStatus::of(count(ok), count(all)), count(ok), count(all))))
            .collect())
    }

    /// The state of each minute of the connection, weighted by time.
    async fn uptime(&self, integration: &Integration, from: Timestamp, now: Timestamp) -> simpul_store::Result<Uptime> {
        let interval = i64::from(integration.settings.test_interval_minutes) * MINUTE;
        let earlier = from.minus(Duration::from_millis((2 * interval).unsigned_abs()));
        let minutes = self.store.connection_minutes(integration.id, earlier, now).await?;
        Ok(uptime(&samples(&minutes), interval, from, now))
    }
}

/// Genuine notifications of the provider.
fn notifications(lines: &[RollupLine]) -> u64 {
    let is_notification =
        |line: &&RollupLine| line.action == "webhook" && line.component == "connection" && line.status == "success";
    lines.iter().filter(is_notification).map(|line| count(line.requests)).sum()
}

/// A minute is up if anything succeeded in it, down if all that was seen means the provider is out of reach.
fn samples(minutes: &[MinuteState]) -> Vec<(Timestamp, bool)> {
    let mut samples: Vec<(Timestamp, bool)> = Vec::new();
    for minute in minutes {
        let is_up = minute.status == "success";
        let is_down = ErrorType::parse(&minute.error_type).is_some_and(ErrorType::means_down);
        if !is_up && !is_down {
            continue;
        }
        match samples.last_mut() {
            Some((at, up)) if *at == minute.bucket_start => *up |= is_up,
            _ => samples.push((minute.bucket_start, is_up)),
        }
    }
    samples
}

fn signals(
    integration: &Integration,
    sums: &Sums,
    uptime: Uptime,
    outcomes: &[(String, Timestamp)],
    now: Timestamp,
) -> Signals {
    let latency: Vec<(i32, u64)> = sums.connection_latency.iter().map(|(bucket, count)| (*bucket, *count)).collect();
    let samples: u64 = latency.iter().map(|(_, count)| count).sum();
    let failures = outcomes.iter().take_while(|(status, _)| status == "failed").count();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a month")]
    let share = |uptime: Uptime| uptime.up as f64 / uptime.observed as f64;
    Signals {
        uptime: (uptime.observed > 0).then(|| share(uptime)),
        latency: (samples >= LATENCY_SAMPLES)
            .then(|| percentile(&latency, 95))
            .flatten()
            .map(|p95| (p95, i64::from(integration.settings.latency_target_ms))),
        consecutive_failures: u32::try_from(failures).unwrap_or(u32::MAX),
        age: outcomes.first().map(|(_, at)| (now.since(*at), EXPECTED_INTERVAL)),
    }
}

fn metrics(sums: &Sums, uptime: Uptime, window: Window) -> Metrics {
    let latency: Vec<(i32, u64)> = sums.latency.iter().map(|(bucket, count)| (*bucket, *count)).collect();
    Metrics {
        total_requests: sums.all.total_requests,
        success_count: sums.all.success_count,
        failed_count: sums.all.failed_count,
        success_rate: sums.all.success_rate(),
        average_response_time: sums.duration_sum.checked_div(sums.timed),
        p50_response_time: percentile(&latency, 50),
        p95_response_time: percentile(&latency, 95),
        p99_response_time: percentile(&latency, 99),
        uptime: percent(uptime.up, uptime.observed),
        coverage: percent(uptime.observed, window.millis().unsigned_abs()).unwrap_or(0.0).min(100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(
        action: &str,
        component: &str,
        status: &str,
        error_type: &str,
        bucket: i32,
        requests: i64,
        duration_sum: i64,
    ) -> RollupLine {
        RollupLine {
            action: action.to_owned(),
            component: component.to_owned(),
            status: status.to_owned(),
            error_type: error_type.to_owned(),
            latency_bucket: bucket,
            requests,
            duration_sum,
        }
    }

    #[test]
    fn pending_activity_and_configuration_changes_are_no_requests() {
        let sums = Sums::of(&[
            line("test", "connection", "success", "", 5, 3, 15),
            line("webhook", "deliveries", "pending", "timeout", 9, 7, 63),
            line("config_change", "connection", "success", "", -1, 9, 0),
            line("webhook", "deliveries", "failed", "timeout", 10, 1, 10),
        ]);
        assert_eq!((sums.all.total_requests, sums.all.success_count, sums.all.failed_count), (4, 3, 1));
        assert_eq!(sums.connection.status(), HealthStatus::Healthy);
        assert_eq!(sums.deliveries.status(), HealthStatus::Critical);
        assert_eq!(metrics(&sums, Uptime::default(), Window::Day).average_response_time, Some(6));
        assert_eq!(descending(&sums.errors), [(ErrorType::Timeout, 1)]);
        assert!(sums.connection_errors.is_empty(), "our receiver is not the provider");
    }

    #[test]
    fn a_refused_notification_is_no_downtime() {
        let at = |minute: i64| Timestamp::from_millis(minute * MINUTE);
        let state = |minute: i64, status: &str, error_type: &str| MinuteState {
            bucket_start: at(minute),
            status: status.to_owned(),
            error_type: error_type.to_owned(),
        };
        let minutes = [
            state(1, "failed", "signature_invalid"),
            state(2, "failed", "timeout"),
            state(3, "failed", "timeout"),
            state(3, "success", ""),
        ];
        assert_eq!(samples(&minutes), [(at(2), false), (at(3), true)]);
    }
}
