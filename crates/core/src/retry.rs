//! When to try again: fixed or exponential delays with jitter, and what a `Retry-After` asks for.

use std::time::Duration;

use crate::time::Timestamp;

/// No delay, computed or asked for, is longer than this.
pub const LONGEST_DELAY: Duration = Duration::from_secs(12 * 60 * 60);

/// How the delay grows from one retry to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backoff {
    /// Always the same, within 10 %.
    Fixed,
    /// Doubled each time, with up to 20 % taken off or added.
    Exponential,
}

impl Backoff {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Exponential => "exponential",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "fixed" => Some(Self::Fixed),
            "exponential" => Some(Self::Exponential),
            _ => None,
        }
    }

    /// The wait before retry number `retry` (1 is the first), for a base delay in seconds. `jitter` is a random number
    /// from 0 to 1; it spreads retries so that receivers that come back are not hit by all of them at once.
    #[must_use]
    pub fn delay(self, base_seconds: u32, retry: u32, jitter: f64) -> Duration {
        let (doublings, spread) = match self {
            Self::Fixed => (0, 0.10),
            Self::Exponential => (retry.saturating_sub(1).min(32), 0.20),
        };
        let nominal = (f64::from(base_seconds) * 2_f64.powi(doublings.cast_signed())).min(LONGEST_DELAY.as_secs_f64());
        let factor = 1.0 + spread * (2.0 * jitter.clamp(0.0, 1.0) - 1.0);
        Duration::from_secs_f64((nominal * factor).min(LONGEST_DELAY.as_secs_f64()))
    }
}

/// Reads a `Retry-After` header (RFC 9110 section 10.2.3): seconds, or an HTTP date. At most 12 hours; a date in the
/// past is zero; `None` when it cannot be read.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST_DELAY));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    let wait = u64::try_from(date.as_millisecond() - now.millis()).unwrap_or(0);
    Some(Duration::from_millis(wait).min(LONGEST_DELAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_doubles_within_its_jitter_and_stops_at_twelve_hours() {
        assert_eq!(Backoff::Exponential.delay(60, 1, 0.5), Duration::from_secs(60));
        assert_eq!(Backoff::Exponential.delay(60, 4, 0.5), Duration::from_secs(480));
        assert_eq!(Backoff::Exponential.delay(60, 1, 0.0), Duration::from_secs(48));
        assert_eq!(Backoff::Exponential.delay(60, 1, 1.0), Duration::from_secs(72));
        assert_eq!(Backoff::Exponential.delay(86_400, 20, 1.0), LONGEST_DELAY);
    }

    #[test]
    fn fixed_stays_within_ten_percent() {
        for retry in 1..20 {
            for jitter in [0.0, 0.3, 1.0] {
                let delay = Backoff::Fixed.delay(100, retry, jitter).as_secs_f64();
                assert!((90.0..=110.0).contains(&delay), "{delay}");
            }
        }
    }

    #[test]
    fn retry_after_takes_seconds_and_dates() {
        let now = Timestamp::from_millis(1_771_668_000_000);
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("99999999999999999999", now), Some(LONGEST_DELAY));
        assert_eq!(retry_after("Sat, 21 Feb 2026 10:01:00 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(retry_after("Fri, 20 Feb 2026 10:01:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
        assert_eq!(retry_after("-5", now), None);
    }
}
