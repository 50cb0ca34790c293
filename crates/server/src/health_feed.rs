//! The feed of health changes: one reader of the table for the whole process, while anybody listens.
//!
//! The reader asks every half second for what has changed and hands it to all listeners. It looks back a few seconds each time,
//! since several nodes write and the clock of one may be behind; what was handed on already is not repeated. A listener that
//! cannot follow loses its place and reads the table anew from the last change it had.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use simpul_core::id::IntegrationId;
use simpul_core::time::Timestamp;
use simpul_store::{HealthChange, Store};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};

use crate::state::chain;

/// Listeners at once.
pub const LISTENERS: usize = 500;
/// Changes that a listener may be behind.
const BEHIND: usize = 1_024;
const EVERY: Duration = Duration::from_millis(500);
/// How far each look goes back.
pub const OVERLAP: Duration = Duration::from_secs(5);
/// Changes of one look.
pub const PAGE: u32 = 1_000;

/// Where listeners come in.
pub struct HealthFeed {
    sender: broadcast::Sender<Arc<HealthChange>>,
    places: Arc<Semaphore>,
    is_reading: Mutex<bool>,
}

impl Default for HealthFeed {
    fn default() -> Self {
        Self {
            sender: broadcast::channel(BEHIND).0,
            places: Arc::new(Semaphore::new(LISTENERS)),
            is_reading: Mutex::new(false),
        }
    }
}

/// A listener's place and what it hears.
pub struct Listener {
    pub changes: broadcast::Receiver<Arc<HealthChange>>,
    _place: OwnedSemaphorePermit,
}

impl HealthFeed {
    /// Takes a place, if there is one, and sees to it that somebody reads.
    pub fn listen(
        self: &Arc<Self>,
        store: &Store,
        now: Timestamp,
        stopping: &watch::Receiver<bool>,
    ) -> Option<Listener> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let mut is_reading = self.is_reading.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = self.sender.subscribe();
        if !*is_reading {
            *is_reading = true;
            tokio::spawn(Arc::clone(self).read(store.clone(), now, stopping.clone()));
        }
        Some(Listener { changes, _place: place })
    }

    /// Reads until nobody listens any more or the process stops.
    async fn read(self: Arc<Self>, store: Store, from: Timestamp, mut stopping: watch::Receiver<bool>) {
        let mut reader = Reader { told: HashMap::new(), seen: from };
        loop {
            match reader.look(&store).await {
                Ok(changes) => {
                    for change in changes {
                        // Nobody listening is no error: it is seen below.
                        drop(self.sender.send(Arc::new(change)));
                    }
                }
                Err(error) => {
                    tracing::warn!(error = chain(&error), "changes of health could not be read; trying again")
                }
            }
            let stop = tokio::time::timeout(EVERY, stopping.wait_for(|stopping| *stopping)).await.is_ok();
            let mut is_reading = self.is_reading.lock().unwrap_or_else(PoisonError::into_inner);
            if stop || self.sender.receiver_count() == 0 {
                *is_reading = false;
                return;
            }
        }
    }
}

/// What the reader has handed on.
struct Reader {
    told: HashMap<IntegrationId, Timestamp>,
    /// The newest change so far.
    seen: Timestamp,
}

impl Reader {
    async fn look(&mut self, store: &Store) -> simpul_store::Result<Vec<HealthChange>> {
        let mut since = self.seen.minus(OVERLAP);
        let mut fresh = Vec::new();
        loop {
            let changes = store.health_changes_since(since, PAGE).await?;
            let is_last = changes.len() < PAGE as usize;
            let newest = changes.last().map_or(since, HealthChange::changed_at);
            for change in changes {
                self.seen = self.seen.max(change.changed_at());
                if self.told.insert(change.integration_id(), change.changed_at()) != Some(change.changed_at()) {
                    fresh.push(change);
                }
            }
            if is_last || newest <= since {
                break;
            }
            since = newest;
        }
        let old = self.seen.minus(2 * OVERLAP);
        self.told.retain(|_, at| *at >= old);
        Ok(fresh)
    }
}
