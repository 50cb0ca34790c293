//! The figures of health computed from log rows one by one, with none of the code that they are to be compared with: no rollups,
//! no bitmaps, no sums of histograms.

use std::collections::BTreeMap;

use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::health::{HealthStatus, Score, Signals, score};
use simpul_core::histogram::{bucket_of, representative};
use simpul_core::integration::Integration;
use simpul_core::time::{MINUTE, Timestamp};

/// What rows between two times come to.
pub(super) struct Expected<'a> {
    rows: Vec<&'a Activity>,
}

impl<'a> Expected<'a> {
    /// The finished requests of these rows between two times.
    pub(super) fn between(rows: &'a [Activity], from: Timestamp, to: Timestamp) -> Self {
        let is_counted = |row: &&Activity| {
            row.created_at >= from
                && row.created_at < to
                && matches!(row.action, Action::Test | Action::Transaction | Action::Webhook)
                && row.status != Status::Pending
                && row.component != Component::Maintenance
        };
        Self { rows: rows.iter().filter(is_counted).collect() }
    }

    pub(super) fn all(&self) -> u64 {
        self.rows.len() as u64
    }

    pub(super) fn count(&self, matches: impl Fn(&Activity) -> bool) -> u64 {
        self.rows.iter().filter(|row| matches(row)).count() as u64
    }

    pub(super) fn successes(&self) -> u64 {
        self.count(|row| row.status == Status::Success)
    }

    pub(super) fn status(&self) -> HealthStatus {
        HealthStatus::of(self.successes(), self.all())
    }

    pub(super) fn errors(&self) -> BTreeMap<ErrorType, u64> {
        let mut errors = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.status == Status::Failed) {
            if let Some(error_type) = row.error_type {
                *errors.entry(error_type).or_default() += 1;
            }
        }
        errors
    }

    pub(super) fn average(&self) -> Option<u64> {
        let durations = self.durations(|_| true);
        (!durations.is_empty()).then(|| durations.iter().sum::<i64>().unsigned_abs() / durations.len() as u64)
    }

    fn durations(&self, matches: impl Fn(&Activity) -> bool) -> Vec<i64> {
        let mut durations: Vec<i64> =
            self.rows.iter().filter(|row| matches(row)).filter_map(|row| row.duration).collect();
        durations.sort_unstable();
        durations
    }

    /// As the histogram shows it, by nearest rank; the second is the exact one.
    pub(super) fn percentile(&self, percent: usize) -> Option<(i64, i64)> {
        let durations = self.durations(|_| true);
        let exact = *durations.get((durations.len() * percent).div_ceil(100).max(1) - 1)?;
        Some((representative(bucket_of(exact)), exact))
    }

    /// The score, its signals computed from all rows of the connection.
    pub(super) fn score(
        &self,
        integration: &Integration,
        rows: &[Activity],
        (up, observed): (u64, u64),
        to: Timestamp,
        now: Timestamp,
    ) -> Option<Score> {
        let mut outcomes: Vec<&Activity> = rows
            .iter()
            .filter(|row| row.component == Component::Connection && row.created_at < to)
            .filter(|row| matches!(row.action, Action::Test | Action::Transaction | Action::Webhook))
            .filter(|row| row.status != Status::Pending)
            .collect();
        outcomes.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id)));
        let is_own = |row: &Activity| row.component == Component::Connection && row.status == Status::Success;
        let durations = self.durations(is_own);
        let p95 = durations.get((durations.len() * 95).div_ceil(100).max(1) - 1);
        let signals = Signals {
            uptime: (observed > 0).then(|| up as f64 / observed as f64),
            latency: p95
                .filter(|_| durations.len() >= 5)
                .map(|p95| (representative(bucket_of(*p95)), i64::from(integration.settings.latency_target_ms))),
            consecutive_failures: outcomes.iter().take_while(|row| row.status == Status::Failed).count() as u32,
            age: outcomes
                .first()
                .map(|row| (now.since(row.created_at), i64::from(integration.settings.test_interval_minutes) * MINUTE)),
        };
        score(self.successes(), self.all(), &signals)
    }
}

/// Milliseconds that the connection was up, and was seen at all, minute by minute.
pub(super) fn up_and_observed(rows: &[Activity], interval: i64, from: Timestamp, to: Timestamp) -> (u64, u64) {
    let mut states: BTreeMap<i64, bool> = BTreeMap::new();
    for row in rows {
        if row.component != Component::Connection
            || !matches!(row.action, Action::Test | Action::Transaction | Action::Webhook)
        {
            continue;
        }
        let minute = row.created_at.floor(MINUTE).millis();
        match row.status {
            Status::Success => drop(states.insert(minute, true)),
            Status::Failed if row.error_type.is_some_and(ErrorType::means_down) => {
                states.entry(minute).or_insert(false);
            }
            _ => {}
        }
    }
    let (mut up, mut observed) = (0, 0);
    let mut minute = from.floor(MINUTE).millis();
    while minute < to.millis() {
        let last = states.range(..=minute).next_back();
        if let Some((at, is_up)) = last
            && minute < at + 2 * interval
        {
            let part = ((minute + MINUTE).min(to.millis()) - minute.max(from.millis())).unsigned_abs();
            observed += part;
            up += if *is_up { part } else { 0 };
        }
        minute += MINUTE;
    }
    (up, observed)
}
