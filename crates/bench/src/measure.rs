//! One figure of the table: its unit, the floor it should pass, and the machine's own limit beside it.

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    PerSecond,
    Milliseconds,
    /// Seconds of processor time.
    Seconds,
    /// Of 10⁶ bytes.
    Megabytes,
    Count,
    /// A ratio of two figures.
    Times,
}

impl Unit {
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::PerSecond => format!("{}/s", grouped(value)),
            Self::Milliseconds => format!("{} ms", digits(value)),
            Self::Seconds => format!("{} s", digits(value)),
            Self::Megabytes => format!("{} MB", digits(value)),
            Self::Count => grouped(value),
            Self::Times => format!("{value:.2}×"),
        }
    }
}

/// A whole number with commas.
fn grouped(value: f64) -> String {
    let plain = format!("{:.0}", value.abs());
    let groups: Vec<String> =
        plain.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join(",")
}

/// Three digits that matter.
fn digits(value: f64) -> String {
    match value.abs() {
        small if small < 10.0 => format!("{value:.2}"),
        middle if middle < 100.0 => format!("{value:.1}"),
        _ => grouped(value),
    }
}

/// What a figure must reach, from the design's table of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Floor {
    AtLeast(f64),
    Under(f64),
    /// Nothing at all.
    Zero,
}

impl Floor {
    pub(crate) fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(floor) => value >= floor,
            Self::Under(ceiling) => value < ceiling,
            Self::Zero => value == 0.0,
        }
    }

    pub(crate) fn show(self, unit: Unit) -> String {
        match self {
            Self::AtLeast(floor) => format!("≥ {}", unit.show(floor)),
            Self::Under(ceiling) => format!("< {}", unit.show(ceiling)),
            Self::Zero => "0".to_owned(),
        }
    }
}

/// What this machine can do at best, in the figure's unit, measured in the same run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Limit {
    pub(crate) value: f64,
    pub(crate) of: &'static str,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measure {
    /// The row of the design's table, 1 to 10.
    pub(crate) row: u8,
    pub(crate) what: String,
    pub(crate) value: f64,
    pub(crate) unit: Unit,
    pub(crate) floor: Option<Floor>,
    pub(crate) limit: Option<Limit>,
    pub(crate) note: String,
}

impl Measure {
    pub(crate) fn new(row: u8, what: impl Into<String>, value: f64, unit: Unit) -> Self {
        Self { row, what: what.into(), value, unit, floor: None, limit: None, note: String::new() }
    }

    pub(crate) fn floor(mut self, floor: Floor) -> Self {
        self.floor = Some(floor);
        self
    }

    pub(crate) fn limit(mut self, value: f64, of: &'static str) -> Self {
        self.limit = Some(Limit { value, of });
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// The middle of some numbers, or the mean of the two in the middle; 0 of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.get(middle) {
        None => 0.0,
        Some(value) if sorted.len() % 2 == 1 => *value,
        Some(value) => (sorted[middle - 1] + value) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_the_digits_that_matter() {
        assert_eq!(Unit::PerSecond.show(12_345.6), "12,346/s");
        assert_eq!(Unit::PerSecond.show(999.4), "999/s");
        assert_eq!(Unit::Milliseconds.show(3.456), "3.46 ms");
        assert_eq!(Unit::Milliseconds.show(1_234.0), "1,234 ms");
        assert_eq!(Unit::Megabytes.show(54.21), "54.2 MB");
        assert_eq!(Unit::Count.show(0.0), "0");
        assert_eq!(Unit::Times.show(1.5), "1.50×");
    }

    #[test]
    fn a_floor_is_met_as_it_says() {
        assert!(Floor::AtLeast(8_000.0).is_met(8_000.0) && !Floor::AtLeast(8_000.0).is_met(7_999.9));
        assert!(Floor::Under(4.0).is_met(3.99) && !Floor::Under(4.0).is_met(4.0));
        assert!(Floor::Zero.is_met(0.0) && !Floor::Zero.is_met(1.0));
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0]), 2.5);
    }
}
