//! Points in time as whole milliseconds, and the clock that hands them out.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Milliseconds since 1970-01-01T00:00:00Z; written as `2026-02-21T10:00:00.000Z` (RFC 3339, UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;
/// How far the time of Jakarta (WIB) is ahead of UTC, milliseconds; it knows no summer time.
pub const WIB: i64 = 7 * HOUR;

/// The text was neither an RFC 3339 time nor a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an RFC 3339 time such as 2026-02-21T10:00:00Z")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// The years 0000 to 9999 are what RFC 3339 can write; anything else is brought to the nearer end.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(-62_167_219_200_000, 253_402_300_799_999))
    }

    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, as signatures carry them.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Milliseconds from `earlier` to `self`; negative when the clock went back.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The start of the span of `unit` milliseconds that holds this time.
    #[must_use]
    pub fn floor(self, unit: i64) -> Self {
        Self::from_millis(self.0.div_euclid(unit) * unit)
    }

    /// Reads `2026-02-21` as the first millisecond of that day in UTC.
    ///
    /// # Errors
    /// The text is not a calendar date.
    pub fn from_date(text: &str) -> Result<Self, InvalidTimestamp> {
        if text.len() != 10 {
            return Err(InvalidTimestamp);
        }
        format!("{text}T00:00:00Z").parse()
    }

    /// Reads `2026-02-03 10:15:30` as local time at a fixed offset from UTC, as some providers write it.
    ///
    /// # Errors
    /// The text has another form.
    pub fn from_local(text: &str, offset_hours: i8) -> Result<Self, InvalidTimestamp> {
        let civil: jiff::civil::DateTime = text.trim().parse().map_err(|_| InvalidTimestamp)?;
        let time = jiff::tz::Offset::constant(offset_hours).to_timestamp(civil).map_err(|_| InvalidTimestamp)?;
        Ok(Self::from_millis(time.as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(formatter, "{time:.3}"),
            Err(_) => formatter.write_str("0000-01-01T00:00:00.000Z"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        text.parse::<jiff::Timestamp>()
            .map(|time| Self::from_millis(time.as_millisecond()))
            .map_err(|_| InvalidTimestamp)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Where the current time comes from. Everything below the server takes one, so that tests can step it.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.millis()))
    }

    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_rfc_3339_to_the_millisecond() {
        let time = Timestamp::from_millis(1_771_668_000_123);
        assert_eq!(time.to_string(), "2026-02-21T10:00:00.123Z");
        assert_eq!("2026-02-21T17:00:00.123+07:00".parse(), Ok(time));
        assert_eq!(Timestamp::from_millis(1_771_668_000_000).to_string(), "2026-02-21T10:00:00.000Z");
        assert!("yesterday".parse::<Timestamp>().is_err());
    }

    #[test]
    fn reads_a_date_and_a_local_time() {
        assert_eq!(Timestamp::from_date("2026-02-21").map(|t| t.to_string()), Ok("2026-02-21T00:00:00.000Z".into()));
        assert!(Timestamp::from_date("2026-02-30").is_err());
        assert_eq!(
            Timestamp::from_local("2026-02-03 10:15:30", 7).map(|t| t.to_string()),
            Ok("2026-02-03T03:15:30.000Z".into())
        );
    }
}
