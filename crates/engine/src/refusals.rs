//! Keeps a flood of refused notifications from becoming a flood of rows, and remembers how many left none.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use simpul_core::id::IntegrationId;
use simpul_core::time::{HOUR, MINUTE, Timestamp};

/// Rows for refused notifications that one integration may cause in a minute.
const REFUSALS_A_MINUTE: u32 = 60;
/// Integrations that are watched at once.
const WATCHED: usize = 10_000;

/// Refused notifications of an integration that this process only counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Suppressed {
    /// In the minute that is under way.
    pub this_minute: u64,
    /// In the last hour.
    pub last_hour: u64,
}

/// One integration's last hour.
struct Seen {
    minute: Timestamp,
    count: u32,
    /// Minutes in which some were only counted, the oldest first, and how many.
    suppressed: VecDeque<(Timestamp, u64)>,
}

impl Seen {
    fn forget_before(&mut self, start: Timestamp) {
        while self.suppressed.front().is_some_and(|(minute, _)| *minute < start) {
            self.suppressed.pop_front();
        }
    }
}

/// What each integration has been refusing lately.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<HashMap<IntegrationId, Seen>>);

/// The first minute that still counts to the last hour.
fn hour_before(minute: Timestamp) -> Timestamp {
    Timestamp::from_millis(minute.millis() - HOUR + MINUTE)
}

impl Refusals {
    /// Whether this refusal is written down; past the limit it is only counted.
    pub(crate) fn admits(&self, id: IntegrationId, now: Timestamp) -> bool {
        let Ok(mut seen) = self.0.lock() else { return false };
        let minute = now.floor(MINUTE);
        if seen.len() >= WATCHED {
            seen.retain(|_, own| {
                own.minute == minute || own.suppressed.back().is_some_and(|(last, _)| *last >= hour_before(minute))
            });
        }
        let own = seen.entry(id).or_insert_with(|| Seen { minute, count: 0, suppressed: VecDeque::new() });
        if own.minute != minute {
            if own.count > REFUSALS_A_MINUTE {
                tracing::warn!(integration.id = %id, count = own.count, "notifications refused in one minute; not all were logged");
            }
            (own.minute, own.count) = (minute, 0);
            own.forget_before(hour_before(minute));
        }
        own.count = own.count.saturating_add(1);
        if own.count <= REFUSALS_A_MINUTE {
            return true;
        }
        match own.suppressed.back_mut() {
            Some((last, count)) if *last == minute => *count += 1,
            _ => own.suppressed.push_back((minute, 1)),
        }
        false
    }

    /// How many left no row.
    pub(crate) fn suppressed(&self, id: IntegrationId, now: Timestamp) -> Suppressed {
        let Ok(seen) = self.0.lock() else { return Suppressed::default() };
        let Some(own) = seen.get(&id) else { return Suppressed::default() };
        let minute = now.floor(MINUTE);
        let since = |start: Timestamp| {
            own.suppressed.iter().filter(|(minute, _)| *minute >= start).map(|(_, count)| count).sum()
        };
        Suppressed { this_minute: since(minute), last_hour: since(hour_before(minute)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    #[test]
    fn sixty_refusals_a_minute_are_written_down() {
        let refusals = Refusals::default();
        let id = IntegrationId::generate(Timestamp::from_millis(1));
        assert_eq!((0..100).filter(|_| refusals.admits(id, at(30))).count(), 60);
        let other = IntegrationId::generate(Timestamp::from_millis(2));
        assert!(refusals.admits(other, at(30)));
        assert!(refusals.admits(id, at(61)));
    }

    #[test]
    fn what_left_no_row_is_counted_for_an_hour() {
        let refusals = Refusals::default();
        let id = IntegrationId::generate(Timestamp::from_millis(1));
        assert_eq!((0..100).filter(|_| refusals.admits(id, at(30))).count(), 60);
        assert_eq!(refusals.suppressed(id, at(31)), Suppressed { this_minute: 40, last_hour: 40 });
        assert_eq!((0..61).filter(|_| refusals.admits(id, at(90))).count(), 60);
        assert_eq!(refusals.suppressed(id, at(95)), Suppressed { this_minute: 1, last_hour: 41 });
        assert_eq!(refusals.suppressed(id, at(3_599)), Suppressed { this_minute: 0, last_hour: 41 });
        assert_eq!(refusals.suppressed(id, at(3_600)).last_hour, 1);
        assert!(refusals.admits(id, at(9_000)));
        assert_eq!(refusals.suppressed(id, at(9_000)), Suppressed::default());
        assert!(refusals.0.lock().is_ok_and(|seen| seen[&id].suppressed.is_empty()));
    }
}
