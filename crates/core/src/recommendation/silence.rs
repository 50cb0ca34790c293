//! Whether a provider that used to send notifications has fallen silent.

use std::collections::BTreeSet;

use crate::time::{DAY, HOUR, Timestamp};

/// How far back the habit is read.
pub const HABIT: i64 = 14 * DAY;
/// No silence is shorter.
const SHORTEST: i64 = 6 * HOUR;
/// Hours with notifications, and days with them, before there is a habit.
const HOURS_OF_HABIT: usize = 10;
const DAYS_OF_HABIT: usize = 3;

/// Notifications that used to come and do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// The hour of the last one.
    pub since: Timestamp,
    /// Milliseconds that usually lay between two hours with notifications.
    pub usual_gap: i64,
}

/// The silence that began after the last of `hours` (each an hour that saw notifications, in order, within [`HABIT`]): longer
/// than 3 usual gaps, than 6 hours, and than any gap of the past two weeks, so that nights and weekends are none. It takes a
/// success of the connection since, by a test or a transaction (`connection_ok_at`): a dead connection explains silence by
/// itself.
#[must_use]
pub fn silence(hours: &[Timestamp], connection_ok_at: Option<Timestamp>, now: Timestamp) -> Option<Silence> {
    let days: BTreeSet<i64> = hours.iter().map(|hour| hour.floor(DAY).millis()).collect();
    if hours.len() < HOURS_OF_HABIT || days.len() < DAYS_OF_HABIT {
        return None;
    }
    let mut gaps: Vec<i64> = hours.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    gaps.sort_unstable();
    let (usual, longest) = (*gaps.get(gaps.len() / 2)?, *gaps.last()?);
    let last = *hours.last()?;
    // An hour counts from its end: its notification may have come in its last minute.
    let heard_until = Timestamp::from_millis(last.millis() + HOUR);
    let limit = SHORTEST.max(3 * usual).max(longest);
    let works = connection_ok_at.is_some_and(|at| at >= heard_until);
    (works && now.since(heard_until) > limit).then_some(Silence { since: last, usual_gap: usual })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(day: i64, hour: i64) -> Timestamp {
        Timestamp::from_millis(day * DAY + hour * HOUR)
    }

    /// Shops: notifications from 8 to 20 o'clock on five days.
    fn opening_hours() -> Vec<Timestamp> {
        (0..5).flat_map(|day| (8..=20).map(move |at| hour(day, at))).collect()
    }

    #[test]
    fn a_night_is_no_silence_but_a_morning_without_notifications_is() {
        let hours = opening_hours();
        let ok = |now: Timestamp| silence(&hours, Some(now), now);
        assert_eq!(ok(hour(5, 7)), None, "the night");
        let found = ok(hour(5, 10)).expect("13 hours after 21 o'clock");
        assert_eq!((found.since, found.usual_gap), (hour(4, 20), HOUR));
    }

    #[test]
    fn a_connection_that_does_not_work_explains_the_silence() {
        let hours = opening_hours();
        assert_eq!(silence(&hours, Some(hour(4, 20)), hour(6, 0)), None);
        assert_eq!(silence(&hours, None, hour(6, 0)), None);
    }

    #[test]
    fn who_never_sent_regularly_is_not_silent() {
        assert_eq!(silence(&[], Some(hour(9, 0)), hour(9, 0)), None);
        let one_day: Vec<Timestamp> = (0..12).map(|at| hour(0, at)).collect();
        assert_eq!(silence(&one_day, Some(hour(9, 0)), hour(9, 0)), None);
        let rare: Vec<Timestamp> = (0..9).map(|day| hour(day, 1)).collect();
        assert_eq!(silence(&rare, Some(hour(12, 0)), hour(12, 0)), None);
    }
}
