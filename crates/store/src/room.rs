//! How much a node holds in memory: deliveries and bytes, shared so that no webhook takes it all.
//!
//! A delivery takes a [`Place`] before it is leased and gives it back when its outcome is written, or when whatever held it
//! is dropped for any other reason. One webhook may hold at most as much as it leaves free to the others: a receiver that
//! hangs takes half of the room, the next one a quarter, and there is always some for a receiver that works.
//!
//! Whoever has a place is in this node's memory, and that alone keeps a lease alive: where a commit was made and its
//! confirmation lost, the rows are leased to a node that knows nothing of them, and their leases must run out.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use simpul_core::id::{DeliveryId, WebhookId};

/// Places that a webhook is given while there are any, however full the room.
const LEAST: usize = 16;

/// A bounded amount of deliveries and of bytes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Room(Arc<Mutex<Free>>);

#[derive(Debug)]
struct Free {
    deliveries: usize,
    bytes: usize,
    taken: HashMap<WebhookId, usize>,
    held: HashSet<DeliveryId>,
}

/// One delivery's share; given back when dropped.
#[derive(Debug)]
pub struct Place {
    room: Room,
    webhook_id: WebhookId,
    delivery_id: DeliveryId,
    bytes: usize,
}

impl Room {
    #[must_use]
    pub fn new(deliveries: usize, bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Free { deliveries, bytes, taken: HashMap::new(), held: HashSet::new() })))
    }

    /// Takes a place for a delivery of this size, if the webhook may have one.
    #[must_use]
    pub fn take(&self, webhook_id: WebhookId, delivery_id: DeliveryId, bytes: usize) -> Option<Place> {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if free.for_webhook(webhook_id) == 0 || free.bytes < bytes {
            return None;
        }
        free.deliveries -= 1;
        free.bytes -= bytes;
        *free.taken.entry(webhook_id).or_default() += 1;
        free.held.insert(delivery_id);
        Some(Place { room: self.clone(), webhook_id, delivery_id, bytes })
    }

    /// The deliveries that have a place.
    #[must_use]
    pub fn held(&self) -> Vec<DeliveryId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).held.iter().copied().collect()
    }

    /// How many more deliveries the webhook may have here.
    #[must_use]
    pub fn for_webhook(&self, webhook_id: WebhookId) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).for_webhook(webhook_id)
    }

    /// How many deliveries have a place.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).held.len()
    }

    /// How many more deliveries there are places for.
    #[must_use]
    pub fn free(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).deliveries
    }
}

impl Free {
    fn for_webhook(&self, webhook_id: WebhookId) -> usize {
        let taken = self.taken.get(&webhook_id).copied().unwrap_or_default();
        let share = (self.deliveries + taken) / 2;
        share.max(LEAST).saturating_sub(taken).min(self.deliveries)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut free = self.room.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.deliveries += 1;
        free.bytes += self.bytes;
        free.held.remove(&self.delivery_id);
        if let Some(taken) = free.taken.get_mut(&self.webhook_id) {
            *taken -= 1;
            if *taken == 0 {
                free.taken.remove(&self.webhook_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use simpul_core::time::Timestamp;

    use super::*;

    fn webhook(number: i64) -> WebhookId {
        WebhookId::generate(Timestamp::from_millis(number))
    }

    fn fill(room: &Room, id: WebhookId) -> Vec<Place> {
        let delivery = || DeliveryId::generate(Timestamp::from_millis(1));
        std::iter::from_fn(|| room.take(id, delivery(), 10)).collect()
    }

    #[test]
    fn no_webhook_takes_it_all() {
        let room = Room::new(1_000, 1 << 20);
        let first = fill(&room, webhook(1));
        assert_eq!(first.len(), 500);
        let second = fill(&room, webhook(2));
        assert_eq!(second.len(), 250);
        assert!(!fill(&room, webhook(3)).is_empty());
    }

    #[test]
    fn what_is_dropped_is_free_again() {
        let room = Room::new(100, 100);
        let id = webhook(1);
        let places = fill(&room, id);
        assert_eq!((places.len(), room.held().len()), (10, 10), "bytes are bounded too");
        drop(places);
        assert!(room.held().is_empty());
        assert_eq!((room.free(), fill(&room, id).len()), (100, 10));
    }

    #[test]
    fn a_small_room_is_used_to_the_last_place() {
        let room = Room::new(3, 1_000);
        assert_eq!(fill(&room, webhook(1)).len(), 3);
        assert_eq!(Room::new(0, 1_000).for_webhook(webhook(1)), 0);
    }
}
