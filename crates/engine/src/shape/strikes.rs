//! Expressions that keep ending their worker are put aside for a while, so that one webhook cannot hold all workers.
//!
//! Three failures in a row put an expression aside for thirty seconds: until then it fails at once, as it did before.
//! After that it is tried again; one more failure puts it aside anew, one success clears it.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::ShapeError;

const FAILURES: u32 = 3;
const ASIDE: Duration = Duration::from_secs(30);
/// Expressions that are remembered.
const REMEMBERED: usize = 1_024;

#[derive(Debug, Default)]
pub(super) struct Strikes {
    hasher: RandomState,
    known: Mutex<HashMap<u64, Strike>>,
}

#[derive(Debug)]
struct Strike {
    failures: u32,
    last: Instant,
    error: ShapeError,
}

impl Strikes {
    pub(super) fn key(&self, filter: Option<&str>, transformation: Option<&str>) -> u64 {
        self.hasher.hash_one((filter, transformation))
    }

    /// The error to answer with while the expression is aside.
    pub(super) fn aside(&self, key: u64, now: Instant) -> Option<ShapeError> {
        let known = self.known.lock().ok()?;
        let strike = known.get(&key)?;
        (strike.failures >= FAILURES && now.saturating_duration_since(strike.last) < ASIDE)
            .then(|| strike.error.clone())
    }

    /// Notes how an evaluation ended: only what cost a worker is a strike.
    pub(super) fn note(&self, key: u64, error: Option<&ShapeError>, now: Instant) {
        let Ok(mut known) = self.known.lock() else { return };
        let costly = error.filter(|error| {
            matches!(
                error,
                ShapeError::TimedOut { .. } | ShapeError::OutOfMemory { .. } | ShapeError::WorkerDied { .. }
            )
        });
        let Some(error) = costly else {
            known.remove(&key);
            return;
        };
        if known.len() >= REMEMBERED && !known.contains_key(&key) {
            known.retain(|_, strike| now.saturating_duration_since(strike.last) < ASIDE);
            if known.len() >= REMEMBERED {
                known.clear();
            }
        }
        let strike = known.entry(key).or_insert_with(|| Strike { failures: 0, last: now, error: error.clone() });
        strike.failures += 1;
        strike.last = now;
        strike.error.clone_from(error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Expression;

    #[test]
    fn three_failures_put_aside_for_a_while_and_a_success_clears() {
        let strikes = Strikes::default();
        let (bad, good) = (strikes.key(Some("a"), None), strikes.key(None, Some("a")));
        assert_ne!(bad, good);
        let start = Instant::now();
        let error = ShapeError::TimedOut { which: Expression::Filter, limit: Duration::from_millis(250) };
        for _ in 0..2 {
            strikes.note(bad, Some(&error), start);
            assert!(strikes.aside(bad, start).is_none());
        }
        strikes.note(bad, Some(&error), start);
        assert!(matches!(strikes.aside(bad, start), Some(ShapeError::TimedOut { .. })));
        assert!(strikes.aside(good, start).is_none());
        let later = start + ASIDE;
        assert!(strikes.aside(bad, later).is_none());
        strikes.note(bad, Some(&error), later);
        assert!(strikes.aside(bad, later).is_some());
        strikes.note(bad, None, later + ASIDE);
        strikes.note(bad, Some(&error), later + ASIDE);
        assert!(strikes.aside(bad, later + ASIDE).is_none());
        strikes.note(good, Some(&ShapeError::TooLarge), start);
        assert!(strikes.known.lock().unwrap().len() == 1);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let strikes = Strikes::default();
        let error = ShapeError::WorkerDied { which: Expression::Filter };
        let now = Instant::now();
        for key in 0..5_000 {
            strikes.note(key, Some(&error), now);
        }
        assert!(strikes.known.lock().unwrap().len() <= REMEMBERED);
    }
}
