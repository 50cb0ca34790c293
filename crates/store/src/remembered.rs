//! Rows that every request asks for, remembered for a moment: who holds a key, which integration an address belongs to.
//!
//! A change made by this process forgets all of them when it commits, so that it holds from the next request on. A change made
//! by another node is seen within [`LIFETIME`]. What was read while a change committed is not remembered.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a row is believed.
const LIFETIME: Duration = Duration::from_secs(1);
/// Rows of one kind; when there are more, all are forgotten.
const AT_MOST: usize = 10_000;

/// Rows of one kind by what they are asked for by.
#[derive(Debug)]
pub(crate) struct Remembered<K, V>(Mutex<Rows<K, V>>);

#[derive(Debug)]
struct Rows<K, V> {
    generation: u64,
    rows: HashMap<K, (Instant, V)>,
}

/// The state of knowledge before a row was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation(u64);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Rows { generation: 0, rows: HashMap::new() }))
    }
}

impl<K: Hash + Eq, V: Clone> Remembered<K, V> {
    /// The row, if it was read lately; otherwise what to hand to [`Self::remember`] once it has been read.
    pub(crate) fn recall(&self, key: &K) -> Result<V, Generation> {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match rows.rows.get(key) {
            Some((read_at, value)) if read_at.elapsed() < LIFETIME => Ok(value.clone()),
            _ => Err(Generation(rows.generation)),
        }
    }

    /// Remembers a row, unless something was changed since `before`.
    pub(crate) fn remember(&self, key: K, value: V, before: Generation) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.generation != before.0 {
            return;
        }
        if rows.rows.len() >= AT_MOST {
            rows.rows.clear();
        }
        rows.rows.insert(key, (Instant::now(), value));
    }

    /// Forgets everything.
    pub(crate) fn forget(&self) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rows.generation += 1;
        rows.rows.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_remembered() {
        let remembered = Remembered::default();
        let before = remembered.recall(&1).expect_err("unknown");
        remembered.remember(1, "old", before);
        assert_eq!(remembered.recall(&1), Ok("old"));
        remembered.forget();
        let stale = Generation(0);
        remembered.remember(1, "old", stale);
        let before = remembered.recall(&1).expect_err("forgotten");
        remembered.remember(1, "fresh", before);
        assert_eq!(remembered.recall(&1), Ok("fresh"));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let remembered = Remembered::default();
        for key in 0..AT_MOST + 5 {
            let before = remembered.recall(&key).expect_err("unknown");
            remembered.remember(key, (), before);
        }
        assert!(remembered.recall(&0).is_err() && remembered.recall(&(AT_MOST + 4)).is_ok());
    }
}
