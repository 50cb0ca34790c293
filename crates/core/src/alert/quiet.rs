//! Quiet hours: a span of the day, in a time zone, in which nobody is to be woken.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// From when to when each day; the end may be on the next day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuietHours {
    /// `22:00`, in the time zone.
    pub from: String,
    pub to: String,
    /// An IANA name.
    pub time_zone: String,
    /// Whether what is critical is told all the same.
    pub allow_critical: bool,
}

/// Quiet hours that cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuietHours {
    #[error("must be a time of day such as 22:00")]
    From,
    #[error("must be a time of day such as 06:00, other than from")]
    To,
    #[error("must be a time zone such as Asia/Jakarta")]
    TimeZone,
}

fn time_of_day(text: &str) -> Option<Time> {
    (text.len() == 5).then(|| Time::strptime("%H:%M", text).ok()).flatten()
}

fn zone(name: &str) -> Option<TimeZone> {
    // The zone that operators use must not hang on the machine's database of zones.
    match TimeZone::get(name) {
        Ok(zone) => Some(zone),
        Err(_) => {
            let hours = match name {
                "Asia/Jakarta" | "Asia/Pontianak" => 7,
                "Asia/Makassar" => 8,
                "Asia/Jayapura" => 9,
                "UTC" => 0,
                _ => return None,
            };
            Some(TimeZone::fixed(jiff::tz::Offset::constant(hours)))
        }
    }
}

impl QuietHours {
    /// # Errors
    /// The member that cannot be read.
    pub fn check(&self) -> Result<(), InvalidQuietHours> {
        let from = time_of_day(&self.from).ok_or(InvalidQuietHours::From)?;
        time_of_day(&self.to).filter(|to| *to != from).ok_or(InvalidQuietHours::To)?;
        zone(&self.time_zone).map(|_| ()).ok_or(InvalidQuietHours::TimeZone)
    }

    /// The first moment from `at` on that is not quiet. What cannot be read keeps nothing back.
    #[must_use]
    pub fn over_at(&self, at: Timestamp) -> Timestamp {
        self.end_of(at).filter(|end| *end > at).unwrap_or(at)
    }

    fn end_of(&self, at: Timestamp) -> Option<Timestamp> {
        let (from, to) = (time_of_day(&self.from)?, time_of_day(&self.to)?);
        let local = jiff::Timestamp::from_millisecond(at.millis()).ok()?.to_zoned_datetime(zone(&self.time_zone)?);
        let (now, today) = (local.time(), local.date());
        let end = match (from < to, now >= from, now < to) {
            (true, true, true) | (false, false, true) => today,
            (false, true, _) => today.tomorrow().ok()?,
            _ => return None,
        };
        let end = end.to_datetime(to).to_zoned_datetime(local.time_zone().clone()).ok()?;
        Some(Timestamp::from_millis(end.timestamp().as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, to: &str) -> QuietHours {
        let time_zone = "Asia/Jakarta".to_owned();
        QuietHours { from: from.to_owned(), to: to.to_owned(), time_zone, allow_critical: true }
    }

    fn over(hours: &QuietHours, at: &str) -> String {
        hours.over_at(at.parse().unwrap_or_default()).to_string()
    }

    #[test]
    fn a_night_ends_in_the_morning_after_it() {
        let night = hours("22:00", "06:30");
        assert_eq!(over(&night, "2026-02-21T22:00:00+07:00"), "2026-02-21T23:30:00.000Z");
        assert_eq!(over(&night, "2026-02-22T06:29:59+07:00"), "2026-02-21T23:30:00.000Z");
        assert_eq!(over(&night, "2026-02-22T06:30:00+07:00"), "2026-02-21T23:30:00.000Z", "it is over");
        assert_eq!(over(&night, "2026-02-21T21:59:59+07:00"), "2026-02-21T14:59:59.000Z", "it has not begun");
    }

    #[test]
    fn a_rest_within_the_day_ends_on_that_day() {
        let noon = hours("12:00", "13:00");
        assert_eq!(over(&noon, "2026-02-21T12:30:00+07:00"), "2026-02-21T06:00:00.000Z");
        assert_eq!(over(&noon, "2026-02-21T13:00:00+07:00"), "2026-02-21T06:00:00.000Z");
        assert_eq!(over(&noon, "2026-02-21T11:00:00+07:00"), "2026-02-21T04:00:00.000Z");
    }

    #[test]
    fn what_cannot_be_kept_is_named() {
        assert_eq!(hours("22:00", "06:00").check(), Ok(()));
        assert_eq!(hours("25:00", "06:00").check(), Err(InvalidQuietHours::From));
        assert_eq!(hours("22:00", "22:00").check(), Err(InvalidQuietHours::To));
        let elsewhere = QuietHours { time_zone: "Mars/Base".to_owned(), ..hours("22:00", "06:00") };
        assert_eq!(elsewhere.check(), Err(InvalidQuietHours::TimeZone));
    }
}
