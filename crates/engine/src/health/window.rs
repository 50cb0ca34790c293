//! The spans that health looks back over.

use std::time::Duration;

use simpul_core::time::{DAY, HOUR, MINUTE, Timestamp};

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

    pub(super) fn millis(self) -> i64 {
        match self {
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
        }
    }

    /// Up to and with the present minute: whole minutes, or for a week and more from a whole hour on, so that it is made of
    /// rollups that are kept that long.
    pub(super) fn bounds(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let to = Timestamp::from_millis(now.floor(MINUTE).millis() + MINUTE);
        let from = back(to, self.millis());
        match self {
            Self::Hour | Self::Day => (from, to),
            Self::Week | Self::Month => (from.floor(HOUR), to),
        }
    }

    /// The window before the one that begins at `from`.
    pub(super) fn before(self, from: Timestamp) -> (Timestamp, Timestamp) {
        (back(from, self.millis()), from)
    }
}

fn back(time: Timestamp, millis: i64) -> Timestamp {
    time.minus(Duration::from_millis(millis.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-02-{text}Z").parse().unwrap()
    }

    #[test]
    fn long_windows_begin_at_a_whole_hour() {
        let now = at("21T10:20:30");
        assert_eq!(Window::Day.bounds(now), (at("20T10:21:00"), at("21T10:21:00")));
        assert_eq!(Window::Day.before(at("20T10:21:00")), (at("19T10:21:00"), at("20T10:21:00")));
        assert_eq!(Window::Week.bounds(now), (at("14T10:00:00"), at("21T10:21:00")));
        assert_eq!(Window::Week.before(at("14T10:00:00")), (at("07T10:00:00"), at("14T10:00:00")));
    }
}
