//! A window point by point, for charts: counts, response times, and for how long the connection was seen up or down.

use std::collections::BTreeMap;

use simpul_core::health::{percent, uptime};
use simpul_core::histogram::percentile;
use simpul_core::integration::Integration;
use simpul_core::time::{DAY, HOUR, MINUTE, Timestamp};
use simpul_store::{SeriesLine, SeriesOutcome, Store};

use super::figures::count;
use super::judgement::{earlier, interval};
use super::window::Window;
use crate::Engine;

/// How far apart the points of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step(i64);

/// The words of the steps that there are, with their milliseconds.
const STEPS: [(&str, i64); 7] = [
    ("1m", MINUTE),
    ("5m", 5 * MINUTE),
    ("15m", 15 * MINUTE),
    ("1h", HOUR),
    ("2h", 2 * HOUR),
    ("6h", 6 * HOUR),
    ("1d", DAY),
];

impl Window {
    /// The steps that fit the window; the first is taken where none is asked for, about 90 points.
    #[must_use]
    pub fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Hour => &["1m", "5m"],
            Self::Day => &["15m", "5m", "1h"],
            Self::Week => &["2h", "1h", "6h"],
            Self::Month => &["6h", "1d"],
        }
    }

    /// A step by its word, if it fits the window; without a word, the default.
    #[must_use]
    pub fn step(self, word: Option<&str>) -> Option<Step> {
        let word = match word {
            Some(word) => self.steps().iter().copied().find(|step| *step == word)?,
            None => self.steps().first().copied()?,
        };
        STEPS.iter().find(|(name, _)| *name == word).map(|(_, millis)| Step(*millis))
    }
}

impl Step {
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// The window in whole steps, up to and with the present one: where it begins, and how many there are.
    fn bounds(self, window: Window, now: Timestamp) -> (Timestamp, u32) {
        let steps = window.millis() / self.0;
        let last = now.floor(self.0);
        let from = Timestamp::from_millis(last.millis() - (steps - 1) * self.0);
        (from, u32::try_from(steps).unwrap_or(0))
    }
}

/// What a point says of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointState {
    Up,
    Down,
    /// Some of the time up, some down.
    Partial,
    Unknown,
    /// Nothing was counted, because it happened during maintenance.
    Maintenance,
}

impl PointState {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Partial => "partial",
            Self::Unknown => "unknown",
            Self::Maintenance => "maintenance",
        }
    }
}

/// A window point by point.
#[derive(Debug, Clone)]
pub struct Series {
    pub step: Step,
    pub points: Vec<SeriesPoint>,
}

/// One step of a series. Times in milliseconds, shares from 0 to 100; `None` where nothing was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesPoint {
    /// Where the step begins.
    pub at: Timestamp,
    pub total_requests: u64,
    pub success_count: u64,
    pub failed_count: u64,
    pub success_rate: Option<f64>,
    pub average_response_time: Option<u64>,
    pub p50_response_time: Option<i64>,
    pub p95_response_time: Option<i64>,
    pub p99_response_time: Option<i64>,
    /// How long the connection was seen up, was seen down, was not seen; the part of a step that is still to come is neither.
    pub up: u64,
    pub down: u64,
    pub unknown: u64,
    pub state: PointState,
}

/// The lines of one step, added up.
#[derive(Default)]
struct Tally {
    success_count: u64,
    failed_count: u64,
    timed: u64,
    duration_sum: u64,
    latency: BTreeMap<i32, u64>,
    in_maintenance: bool,
}

impl Tally {
    fn add(&mut self, line: &SeriesLine) {
        let requests = count(line.requests);
        match line.outcome {
            SeriesOutcome::Success => self.success_count += requests,
            SeriesOutcome::Failed => self.failed_count += requests,
            SeriesOutcome::Maintenance => {
                self.in_maintenance = true;
                return;
            }
        }
        if line.latency_bucket >= 0 {
            self.timed += requests;
            self.duration_sum += count(line.duration_sum);
            *self.latency.entry(line.latency_bucket).or_default() += requests;
        }
    }

    fn point(&self, at: Timestamp, (up, down, unknown): (u64, u64, u64)) -> SeriesPoint {
        let latency: Vec<(i32, u64)> = self.latency.iter().map(|(bucket, count)| (*bucket, *count)).collect();
        let total_requests = self.success_count + self.failed_count;
        SeriesPoint {
            at,
            total_requests,
            success_count: self.success_count,
            failed_count: self.failed_count,
            success_rate: percent(self.success_count, total_requests),
            average_response_time: self.duration_sum.checked_div(self.timed),
            p50_response_time: percentile(&latency, 50),
            p95_response_time: percentile(&latency, 95),
            p99_response_time: percentile(&latency, 99),
            up,
            down,
            unknown,
            state: match (up > 0, down > 0) {
                (true, false) => PointState::Up,
                (false, true) => PointState::Down,
                (true, true) => PointState::Partial,
                (false, false) if self.in_maintenance => PointState::Maintenance,
                (false, false) => PointState::Unknown,
            },
        }
    }
}

impl Engine {
    /// A window point by point, whether anything happened or not.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn health_series(
        &self,
        integration: &Integration,
        window: Window,
        step: Step,
    ) -> simpul_store::Result<Series> {
        read(&self.store, integration, window, step, self.clock.now()).await
    }
}

/// Two statements.
pub(super) async fn read(
    store: &Store,
    integration: &Integration,
    window: Window,
    step: Step,
    now: Timestamp,
) -> simpul_store::Result<Series> {
    let (from, steps) = step.bounds(window, now);
    let mut tallies: BTreeMap<Timestamp, Tally> = BTreeMap::new();
    for line in store.series_lines(integration.id, from, step.0, steps).await? {
        tallies.entry(line.at).or_default().add(&line);
    }
    let interval = interval(integration);
    let hours = store.connection_hours_of(&[integration.id], earlier(from, interval), now).await?;
    let samples: Vec<(Timestamp, bool)> = hours.into_iter().flat_map(|hour| hour.samples()).collect();
    let points = (0..i64::from(steps)).map(|index| {
        let at = Timestamp::from_millis(from.millis() + index * step.0);
        let to = Timestamp::from_millis(at.millis() + step.0).min(now);
        let tally = tallies.remove(&at).unwrap_or_default();
        tally.point(at, seen_in(&samples, interval, at, to))
    });
    Ok(Series { step, points: points.collect() })
}

/// How long it was up, down and unseen between two times.
fn seen_in(samples: &[(Timestamp, bool)], interval: i64, from: Timestamp, to: Timestamp) -> (u64, u64, u64) {
    let first = samples.partition_point(|(at, _)| *at < earlier(from, interval));
    let last = samples.partition_point(|(at, _)| *at < to);
    let seen = uptime(samples.get(first..last).unwrap_or_default(), interval, from, to);
    let all = u64::try_from(to.since(from)).unwrap_or(0);
    (seen.up, seen.observed - seen.up, all.saturating_sub(seen.observed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_window_has_steps_that_divide_it_and_about_ninety_points_by_default() {
        for window in [Window::Hour, Window::Day, Window::Week, Window::Month] {
            for word in window.steps() {
                let step = window.step(Some(word)).unwrap();
                assert_eq!(window.millis() % step.millis(), 0, "{word}");
            }
            let points = window.millis() / window.step(None).unwrap().millis();
            assert!((60..=120).contains(&points), "{points}");
        }
        assert_eq!((Window::Hour.step(Some("1d")), Window::Day.step(Some("x"))), (None, None));
    }

    #[test]
    fn the_last_point_is_the_present_one() {
        let now: Timestamp = "2026-02-21T10:20:30Z".parse().unwrap();
        let (from, steps) = Window::Month.step(Some("1d")).unwrap().bounds(Window::Month, now);
        assert_eq!((from.to_string().as_str(), steps), ("2026-01-23T00:00:00.000Z", 30));
        let (from, steps) = Window::Hour.step(None).unwrap().bounds(Window::Hour, now);
        assert_eq!((from.to_string().as_str(), steps), ("2026-02-21T09:21:00.000Z", 60));
    }
}
