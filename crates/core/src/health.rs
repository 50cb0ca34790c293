//! Health: the band that the success rate alone decides, the score inside the band, uptime weighted by time.

use serde::Serialize;

use crate::time::Timestamp;

/// The band an integration stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// Nothing was asked of it: never the same as critical.
    Unknown,
    Critical,
    Degraded,
    Warning,
    Healthy,
}

impl HealthStatus {
    pub const ALL: &'static [Self] = &[Self::Unknown, Self::Critical, Self::Degraded, Self::Warning, Self::Healthy];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Critical => "critical",
            Self::Degraded => "degraded",
            Self::Warning => "warning",
            Self::Healthy => "healthy",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.as_str() == text)
    }

    /// The band of `ok` successes out of `all`, by integers: 95, 80 and 50 per cent belong to the better band.
    #[must_use]
    pub fn of(ok: u64, all: u64) -> Self {
        let at_least = |percent: u64| 100 * u128::from(ok) >= u128::from(percent) * u128::from(all);
        match () {
            () if all == 0 => Self::Unknown,
            () if at_least(95) => Self::Healthy,
            () if at_least(80) => Self::Warning,
            () if at_least(50) => Self::Degraded,
            () => Self::Critical,
        }
    }

    /// The success rate at which the band begins, 0 to 1.
    fn floor(self) -> f64 {
        match self {
            Self::Healthy => 0.95,
            Self::Warning => 0.80,
            Self::Degraded => 0.50,
            Self::Critical | Self::Unknown => 0.0,
        }
    }
}

/// Fewer requests than this make a band provisional: shown, but nobody is alerted.
pub const PROVISIONAL_BELOW: u64 = 5;

/// `part` of `whole` from 0 to 100, two decimals, rounded down; `None` of nothing.
#[must_use]
pub fn percent(part: u64, whole: u64) -> Option<f64> {
    if whole == 0 {
        return None;
    }
    let hundredths = u128::from(part) * 10_000 / u128::from(whole);
    #[expect(clippy::cast_precision_loss, reason = "at most 10 000")]
    let percent = hundredths as f64 / 100.0;
    Some(percent)
}

/// What is known beside the success rate. What is not known does not count.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signals {
    /// Share of observed time that the provider was reachable, 0 to 1.
    pub uptime: Option<f64>,
    /// 95th percentile of successful calls, with the target it is held against; milliseconds.
    pub latency: Option<(i64, i64)>,
    /// Failures since the last success.
    pub consecutive_failures: u32,
    /// Milliseconds since the last outcome, with the interval at which outcomes are expected.
    pub age: Option<(i64, i64)>,
}

/// Points that a signal took off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Deduction {
    /// `uptime`, `latency`, `consecutive_failures` or `staleness`.
    pub code: &'static str,
    pub points: f64,
}

/// A score and why it is not higher.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// 0 to 100, floored to one decimal, so that it never shows a better band than it is in.
    pub score: f64,
    /// The largest first.
    pub deductions: Vec<Deduction>,
}

/// The score: the success rate pulled towards the floor of its own band by what else is known.
/// `100 · (lo + (s − lo) · Q)`, with Q the weighted mean of uptime (.35), latency (.25), consecutive failures (.25) and
/// freshness (.15). `None` where nothing was counted.
#[must_use]
pub fn score(ok: u64, all: u64, signals: &Signals) -> Option<Score> {
    if all == 0 {
        return None;
    }
    let exact = exact_score(ok, all, signals);
    let (lo, rate) = (HealthStatus::of(ok, all).floor(), rate(ok, all));
    let weights: f64 = qualities(signals).iter().map(|(_, weight, _)| weight).sum();
    let mut deductions: Vec<Deduction> = qualities(signals)
        .into_iter()
        .map(|(code, weight, quality)| Deduction {
            code,
            points: (weight * (1.0 - quality) / weights * (rate - lo) * 10_000.0).round() / 100.0,
        })
        .filter(|deduction| deduction.points > 0.0)
        .collect();
    deductions.sort_by(|left, right| right.points.total_cmp(&left.points));
    // The tiny allowance keeps 95 from becoming 94.9 by the last bit of a binary fraction.
    Some(Score { score: ((exact + 1e-9) * 10.0).floor() / 10.0, deductions })
}

fn exact_score(ok: u64, all: u64, signals: &Signals) -> f64 {
    let (lo, rate) = (HealthStatus::of(ok, all).floor(), rate(ok, all));
    let qualities = qualities(signals);
    let weights: f64 = qualities.iter().map(|(_, weight, _)| weight).sum();
    let quality = qualities.iter().map(|(_, weight, quality)| weight * quality).sum::<f64>() / weights;
    100.0 * (lo + (rate - lo) * quality)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn rate(ok: u64, all: u64) -> f64 {
    ok as f64 / all as f64
}

/// Code, weight and quality (0 to 1) of each signal that is known.
fn qualities(signals: &Signals) -> Vec<(&'static str, f64, f64)> {
    let failures = f64::from(signals.consecutive_failures.min(3));
    let mut known = vec![("consecutive_failures", 0.25, 1.0 - failures / 3.0)];
    if let Some(uptime) = signals.uptime {
        known.push(("uptime", 0.35, ((uptime - 0.90) / 0.095).clamp(0.0, 1.0)));
    }
    if let Some((p95, target)) = signals.latency {
        let times = ratio(p95, target);
        known.push(("latency", 0.25, if times <= 1.0 { 1.0 } else { (1.0 - times.log2() / 2.0).clamp(0.0, 1.0) }));
    }
    if let Some((age, interval)) = signals.age {
        let times = ratio(age, interval);
        known.push(("staleness", 0.15, ((10.0 - times) / 8.0).clamp(0.0, 1.0)));
    }
    known
}

#[expect(clippy::cast_precision_loss, reason = "durations stay far below 2^52 milliseconds")]
fn ratio(part: i64, whole: i64) -> f64 {
    part.max(0) as f64 / whole.max(1) as f64
}

/// Where a score went since the window before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    Up,
    Down,
    Steady,
}

/// A score that moved by less than this many points is steady.
const STEADY_WITHIN: f64 = 1.0;

impl Trend {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Steady => "steady",
        }
    }

    /// From one score to the next; `None` where either is unknown.
    #[must_use]
    pub fn between(previous: Option<f64>, current: Option<f64>) -> Option<Self> {
        let change = current? - previous?;
        Some(match change {
            small if small.abs() < STEADY_WITHIN => Self::Steady,
            rise if rise > 0.0 => Self::Up,
            _ => Self::Down,
        })
    }
}

/// How much of a window was seen, and how much of that was up; milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uptime {
    pub up: u64,
    pub observed: u64,
}

/// Time-weighted uptime: each sample's state holds until the next, at most twice `interval`; then the time is unknown and
/// left out. `samples` in order of time; those before `from` count for the part of their hold that reaches into the window.
#[must_use]
pub fn uptime(samples: &[(Timestamp, bool)], interval: i64, from: Timestamp, to: Timestamp) -> Uptime {
    let mut uptime = Uptime::default();
    for (index, (at, is_up)) in samples.iter().enumerate() {
        let hold_end = Timestamp::from_millis(at.millis().saturating_add(2 * interval));
        let next = samples.get(index + 1).map_or(to, |(next, _)| *next);
        let held = next.min(hold_end).min(to).since((*at).max(from));
        let held = u64::try_from(held).unwrap_or(0);
        uptime.observed += held;
        if *is_up {
            uptime.up += held;
        }
    }
    uptime
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn signals(p95: i64, uptime: f64, failures: u32, age_seconds: i64) -> Signals {
        Signals {
            uptime: Some(uptime),
            latency: Some((p95, 2_000)),
            consecutive_failures: failures,
            age: Some((age_seconds * 1_000, 300_000)),
        }
    }

    #[test]
    fn bands_include_their_lower_bound() {
        for (ok, all, status) in [
            (0, 0, HealthStatus::Unknown),
            (95, 100, HealthStatus::Healthy),
            (19, 20, HealthStatus::Healthy),
            (9_499, 10_000, HealthStatus::Warning),
            (4, 5, HealthStatus::Warning),
            (79, 100, HealthStatus::Degraded),
            (1, 2, HealthStatus::Degraded),
            (49, 100, HealthStatus::Critical),
            (0, 1, HealthStatus::Critical),
        ] {
            assert_eq!(HealthStatus::of(ok, all), status, "{ok}/{all}");
        }
    }

    #[test]
    fn the_reference_vectors_hold() {
        for (ok, all, p95, uptime, failures, age, expected) in [
            (200, 200, 900, 1.0, 0, 60, 100.0),
            (200, 200, 4_000, 1.0, 0, 60, 99.375),
            (198, 200, 900, 0.97, 2, 60, 97.9649),
            (190, 200, 900, 0.999, 0, 60, 95.0),
            (189, 200, 900, 0.999, 0, 60, 94.5),
            (170, 200, 3_000, 0.98, 1, 60, 83.9),
            (160, 200, 900, 1.0, 0, 60, 80.0),
            (130, 200, 6_000, 0.93, 3, 60, 54.6861),
            (90, 200, 900, 0.60, 3, 60, 18.0),
            (100, 100, 900, 1.0, 0, 3_000, 99.25),
        ] {
            let exact = exact_score(ok, all, &signals(p95, uptime, failures, age));
            assert!((exact - expected).abs() < 0.06, "{ok}/{all}: {exact} is not {expected}");
            let shown = score(ok, all, &signals(p95, uptime, failures, age)).expect("counted").score;
            assert!((shown - (expected * 10.0_f64).floor() / 10.0).abs() < 1e-6, "{ok}/{all} shows {shown}");
        }
        let none = Signals { uptime: Some(0.0), latency: None, consecutive_failures: 20, age: Some((60_000, 300_000)) };
        assert_eq!(score(0, 20, &none).map(|score| score.score), Some(0.0));
        assert_eq!(score(0, 0, &none), None);
    }

    proptest! {
        #[test]
        fn the_score_stays_in_the_band_of_the_success_rate(all in 1_u64..5_000, share in 0.0_f64..=1.0, p95 in 0_i64..60_000,
                                                          uptime in 0.0_f64..=1.0, failures in 0_u32..9, age in 0_i64..9_000) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let ok = ((all as f64) * share) as u64;
            let known = signals(p95, uptime, failures, age);
            let exact = exact_score(ok, all, &known);
            let band = HealthStatus::of(ok, all);
            prop_assert!(exact >= 100.0 * band.floor() - 1e-9 && exact <= 100.0 * rate(ok, all) + 1e-9);
            let lost: f64 = score(ok, all, &known).expect("counted").deductions.iter().map(|deduction| deduction.points).sum();
            prop_assert!((100.0 * rate(ok, all) - exact - lost).abs() < 0.03);
        }
    }

    #[test]
    fn a_small_change_is_no_trend() {
        assert_eq!(Trend::between(Some(95.0), Some(95.9)), Some(Trend::Steady));
        assert_eq!(Trend::between(Some(95.0), Some(96.0)), Some(Trend::Up));
        assert_eq!(Trend::between(Some(95.0), Some(40.0)), Some(Trend::Down));
        assert_eq!((Trend::between(None, Some(95.0)), Trend::between(Some(95.0), None)), (None, None));
    }

    #[test]
    fn percentages_are_rounded_down() {
        assert_eq!(percent(2, 3), Some(66.66));
        assert_eq!(percent(999_999, 1_000_000), Some(99.99));
        assert_eq!(percent(3, 3), Some(100.0));
        assert_eq!(percent(0, 0), None);
    }

    #[test]
    fn uptime_weighs_time_and_leaves_out_what_nobody_saw() {
        let at = |minute: i64| Timestamp::from_millis(minute * 60_000);
        let minutes = |up: u64, observed: u64| Uptime { up: up * 60_000, observed: observed * 60_000 };
        // Up at 0, down at 5, up at 10, then silence: the last state holds 10 minutes, the rest is unknown.
        let samples = [(at(0), true), (at(5), false), (at(10), true)];
        assert_eq!(uptime(&samples, 300_000, at(0), at(60)), minutes(15, 20));
        // A 20-second outage between close samples does not weigh like an hour.
        assert_eq!(uptime(&[], 300_000, at(0), at(60)), minutes(0, 0));
        // A sample from before the window counts for what of its hold lies inside.
        assert_eq!(uptime(&[(at(-4), true)], 300_000, at(0), at(60)), minutes(6, 6));
    }
}
