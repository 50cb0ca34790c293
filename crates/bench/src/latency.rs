//! Durations gathered into a histogram, and its percentiles in milliseconds.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::failure::{Failure, Result};

/// Microseconds: an hour.
const HIGHEST: u64 = 3_600_000_000;

/// Recorded durations, to three digits.
pub(crate) struct Latency(Histogram<u64>);

impl Latency {
    pub(crate) fn new() -> Result<Self> {
        Histogram::new_with_bounds(1, HIGHEST, 3)
            .map(Self)
            .map_err(|error| Failure::told(format!("no histogram: {error}")))
    }

    pub(crate) fn record(&mut self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(HIGHEST);
        self.0.saturating_record(micros.max(1));
    }

    pub(crate) fn merge(&mut self, other: &Self) -> Result<()> {
        self.0.add(&other.0).map_err(|error| Failure::told(format!("histograms do not add up: {error}")))
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// The duration in milliseconds that this share of the records (0 to 1) does not exceed.
    pub(crate) fn at(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_records() {
        let mut latency = Latency::new().unwrap();
        for millis in 1..=100 {
            latency.record(Duration::from_millis(millis));
        }
        for (share, expected) in [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0)] {
            let found = latency.at(share);
            assert!((found - expected).abs() <= expected / 500.0, "{share}: {found}");
        }
    }

    #[test]
    fn merging_keeps_every_record() {
        let (mut all, mut more) = (Latency::new().unwrap(), Latency::new().unwrap());
        all.record(Duration::from_micros(500));
        more.record(Duration::from_secs(5));
        all.merge(&more).unwrap();
        assert_eq!(all.count(), 2);
        assert!(all.at(1.0) >= 5_000.0);
    }
}
