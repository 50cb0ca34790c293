//! From what was read to a verdict: two windows side by side, for one integration or for many.

use std::collections::HashMap;
use std::time::Duration;

use simpul_core::health::{PROVISIONAL_BELOW, Score, Signals, Trend, Uptime, score, uptime};
use simpul_core::histogram::percentile;
use simpul_core::id::IntegrationId;
use simpul_core::integration::Integration;
use simpul_core::time::{MINUTE, Timestamp};
use simpul_store::{LastOutcome, RollupLine, Store};

use super::figures::{Metrics, Sums, descending, metrics};
use super::window::Window;
use super::{HealthReport, PreviousHealth};

/// Successes that must be timed before their 95th percentile means anything.
const LATENCY_SAMPLES: u64 = 5;
/// Failures in a row that the score still tells apart.
const OUTCOMES: u32 = 3;
/// The places of the two windows in what is asked of the store.
const BEFORE: i32 = 0;
const PRESENT: i32 = 1;

/// The window that is looked at and the one before it.
pub(super) struct Periods {
    pub(super) now: Timestamp,
    /// Whole minutes, the second exclusive.
    pub(super) present: (Timestamp, Timestamp),
    pub(super) before: (Timestamp, Timestamp),
}

/// What was read about one integration.
#[derive(Default)]
pub(super) struct Seen {
    lines: Vec<RollupLine>,
    /// Minutes in which the connection was seen, up or not, in order.
    samples: Vec<(Timestamp, bool)>,
    /// Newest first.
    outcomes: Vec<LastOutcome>,
}

impl Periods {
    pub(super) fn of(window: Window, now: Timestamp) -> Self {
        let present = window.bounds(now);
        Self { now, present, before: window.before(present.0) }
    }

    /// Everything that the two windows are judged by, in three statements.
    pub(super) async fn read(
        &self,
        store: &Store,
        integrations: &[Integration],
    ) -> simpul_store::Result<HashMap<IntegrationId, Seen>> {
        let ids: Vec<IntegrationId> = integrations.iter().map(|integration| integration.id).collect();
        let longest = integrations.iter().map(interval).max().unwrap_or(0);
        let mut seen: HashMap<IntegrationId, Seen> = HashMap::new();
        for line in store.rollup_lines_of(&ids, &[self.before, self.present]).await? {
            seen.entry(line.integration_id).or_default().lines.push(line);
        }
        for hour in store.connection_hours_of(&ids, earlier(self.before.0, longest), self.now).await? {
            seen.entry(hour.integration_id).or_default().samples.extend(hour.samples());
        }
        for outcome in store.last_outcomes_of(&ids, &[self.before.1, self.present.1], OUTCOMES).await? {
            seen.entry(outcome.integration_id).or_default().outcomes.push(outcome);
        }
        Ok(seen)
    }
}

/// How often an outcome is expected: each scheduled test is one. Milliseconds.
pub(super) fn interval(integration: &Integration) -> i64 {
    i64::from(integration.settings.test_interval_minutes) * MINUTE
}

/// From where on samples still hold at `from`.
pub(super) fn earlier(from: Timestamp, interval: i64) -> Timestamp {
    from.minus(Duration::from_millis((2 * interval).unsigned_abs()))
}

/// One window, judged.
struct Verdict {
    sums: Sums,
    signals: Signals,
    score: Option<Score>,
    metrics: Metrics,
}

impl Verdict {
    fn of(integration: &Integration, period: i32, (from, to): (Timestamp, Timestamp), seen: &Seen) -> Self {
        let sums = Sums::of(seen.lines.iter().filter(|line| line.period == period));
        let uptime = uptime(&seen.samples, interval(integration), from, to);
        let outcomes: Vec<&LastOutcome> = seen.outcomes.iter().filter(|outcome| outcome.period == period).collect();
        let signals = signals(integration, &sums, uptime, &outcomes, to);
        let score = score(sums.all.success_count, sums.all.total_requests, &signals);
        let metrics = metrics(&sums, uptime, (from, to));
        Self { sums, signals, score, metrics }
    }
}

/// The report without recommendations, and what those are made from.
pub(super) fn judge(integration: &Integration, periods: &Periods, seen: &Seen) -> (HealthReport, Sums, Signals) {
    let present = Verdict::of(integration, PRESENT, (periods.present.0, periods.now), seen);
    let before = Verdict::of(integration, BEFORE, periods.before, seen);
    let previous = PreviousHealth {
        status: before.sums.all.status(),
        score: before.score.as_ref().map(|score| score.score),
        success_rate: before.metrics.success_rate,
        p95_response_time: before.metrics.p95_response_time,
        uptime: before.metrics.uptime,
    };
    let (score, deductions) = present.score.map(|score| (score.score, score.deductions)).unzip();
    let report = HealthReport {
        status: present.sums.all.status(),
        score,
        deductions: deductions.unwrap_or_default(),
        provisional: present.sums.all.total_requests < PROVISIONAL_BELOW,
        metrics: present.metrics,
        connection: present.sums.connection.clone(),
        deliveries: present.sums.deliveries.clone(),
        errors: descending(&present.sums.errors),
        untyped_errors: present.sums.untyped_errors,
        trend: Trend::between(previous.score, score),
        previous,
        recommendations: Vec::new(),
        checked_at: periods.now,
    };
    (report, present.sums, present.signals)
}

fn signals(
    integration: &Integration,
    sums: &Sums,
    uptime: Uptime,
    outcomes: &[&LastOutcome],
    now: Timestamp,
) -> Signals {
    let latency: Vec<(i32, u64)> = sums.connection_latency.iter().map(|(bucket, count)| (*bucket, *count)).collect();
    let samples: u64 = latency.iter().map(|(_, count)| count).sum();
    let failures = outcomes.iter().take_while(|outcome| outcome.is_failed).count();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a month")]
    let share = |uptime: Uptime| uptime.up as f64 / uptime.observed as f64;
    Signals {
        uptime: (uptime.observed > 0).then(|| share(uptime)),
        latency: (samples >= LATENCY_SAMPLES)
            .then(|| percentile(&latency, 95))
            .flatten()
            .map(|p95| (p95, i64::from(integration.settings.latency_target_ms))),
        consecutive_failures: u32::try_from(failures).unwrap_or(u32::MAX),
        // Of an integration that is switched off nothing is expected.
        age: outcomes
            .first()
            .filter(|_| integration.is_active)
            .map(|outcome| (now.since(outcome.created_at), interval(integration))),
    }
}
