//! The figures of a window: rollup lines added up, and what they come to.

use std::collections::BTreeMap;

use simpul_core::activity::{Action, Component, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::health::{HealthStatus, Uptime, percent};
use simpul_core::histogram::percentile;
use simpul_core::time::Timestamp;
use simpul_store::RollupLine;

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

    pub(super) fn add(&mut self, line: &RollupLine) {
        let requests = count(line.requests);
        self.total_requests += requests;
        if line.status == Some(Status::Success) {
            self.success_count += requests;
        } else {
            self.failed_count += requests;
        }
    }
}

/// Rollups of a window, taken apart.
#[derive(Default)]
pub(super) struct Sums {
    pub(super) all: ComponentHealth,
    pub(super) connection: ComponentHealth,
    pub(super) deliveries: ComponentHealth,
    pub(super) errors: BTreeMap<ErrorType, u64>,
    /// Failures that name no type.
    pub(super) untyped_errors: u64,
    pub(super) connection_errors: BTreeMap<ErrorType, u64>,
    /// Genuine notifications of the provider.
    pub(super) notifications: u64,
    timed: u64,
    duration_sum: u64,
    latency: BTreeMap<i32, u64>,
    pub(super) connection_latency: BTreeMap<i32, u64>,
}

pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Whether a line counts as finished requests: neither what is under way nor what happened during maintenance does.
fn is_counted(line: &RollupLine) -> bool {
    line.action.is_some_and(Action::counts_as_request)
        && line.component != Some(Component::Maintenance)
        && line.status != Some(Status::Pending)
}

impl Sums {
    pub(super) fn of<'a>(lines: impl IntoIterator<Item = &'a RollupLine>) -> Self {
        let mut sums = Self::default();
        for line in lines {
            if is_counted(line) {
                sums.add(line);
            }
        }
        sums
    }

    fn add(&mut self, line: &RollupLine) {
        let is_connection = line.component == Some(Component::Connection);
        let is_success = line.status == Some(Status::Success);
        let requests = count(line.requests);
        self.all.add(line);
        if is_connection {
            self.connection.add(line)
        } else {
            self.deliveries.add(line)
        }
        if is_connection && is_success && line.action == Some(Action::Webhook) {
            self.notifications += requests;
        }
        if line.status == Some(Status::Failed) {
            self.add_error(line, is_connection, requests);
        }
        if line.latency_bucket >= 0 {
            self.timed += requests;
            self.duration_sum += count(line.duration_sum);
            *self.latency.entry(line.latency_bucket).or_default() += requests;
            if is_connection && is_success {
                *self.connection_latency.entry(line.latency_bucket).or_default() += requests;
            }
        }
    }

    fn add_error(&mut self, line: &RollupLine, is_connection: bool, requests: u64) {
        let Some(error_type) = line.error_type else {
            self.untyped_errors += requests;
            return;
        };
        *self.errors.entry(error_type).or_default() += requests;
        if is_connection {
            *self.connection_errors.entry(error_type).or_default() += requests;
        }
    }
}

pub(super) fn descending(errors: &BTreeMap<ErrorType, u64>) -> Vec<(ErrorType, u64)> {
    let mut errors: Vec<_> = errors.iter().map(|(error_type, count)| (*error_type, *count)).collect();
    errors.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    errors
}

pub(super) fn metrics(sums: &Sums, uptime: Uptime, (from, to): (Timestamp, Timestamp)) -> Metrics {
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
        coverage: percent(uptime.observed, to.since(from).unsigned_abs()).unwrap_or(0.0).min(100.0),
    }
}

#[cfg(test)]
mod tests {
    use simpul_core::id::IntegrationId;

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
            integration_id: IntegrationId::generate(Timestamp::default()),
            period: 1,
            action: Action::parse(action),
            component: Component::parse(component),
            status: Status::parse(status),
            error_type: ErrorType::parse(error_type),
            latency_bucket: bucket,
            requests,
            duration_sum,
        }
    }

    #[test]
    fn pending_activity_maintenance_and_configuration_changes_are_no_requests() {
        let sums = Sums::of(&[
            line("test", "connection", "success", "", 5, 3, 15),
            line("test", "maintenance", "failed", "timeout", 5, 3, 15),
            line("webhook", "deliveries", "pending", "timeout", 9, 7, 63),
            line("config_change", "connection", "success", "", -1, 9, 0),
            line("webhook", "deliveries", "failed", "timeout", 10, 1, 10),
            line("transaction", "connection", "failed", "", -1, 1, 0),
        ]);
        assert_eq!((sums.all.total_requests, sums.all.success_count, sums.all.failed_count), (5, 3, 2));
        assert_eq!(sums.connection.status(), HealthStatus::Degraded);
        assert_eq!(sums.deliveries.status(), HealthStatus::Critical);
        let window = (Timestamp::default(), Timestamp::from_millis(1_000));
        assert_eq!(metrics(&sums, Uptime::default(), window).average_response_time, Some(6));
        assert_eq!((descending(&sums.errors), sums.untyped_errors), (vec![(ErrorType::Timeout, 1)], 1));
        assert!(sums.connection_errors.is_empty(), "our receiver is not the provider");
    }
}
