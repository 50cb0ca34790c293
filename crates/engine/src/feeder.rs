//! From the table to memory: claims what is due as there is room for it, and keeps this node's leases.
//!
//! It looks when something was left in the table (a notification that is registered before the look, so that none falls
//! between two looks), when the next delivery is due, and once a second in any case, since another node may have died or told
//! of something that was not heard.

use std::sync::Arc;
use std::time::Duration;

use simpul_core::id::WebhookId;
use simpul_core::time::{Clock, Timestamp};
use simpul_store::{ClaimRules, LeasedDelivery, Room, Store};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};

/// The longest time between two looks.
const POLL: Duration = Duration::from_secs(1);
/// Between two looks while what is due may not go yet: its lane is full, its circuit open, its turn not come.
const BLOCKED: Duration = Duration::from_millis(100);
/// Between two looks while memory is full.
const FULL: Duration = Duration::from_millis(20);
const RECLAIM: Duration = Duration::from_secs(5);
const RENEW: Duration = Duration::from_secs(20);
/// Milliseconds after which leases ought to have been renewed: twice [`RENEW`].
const STALE: i64 = 40_000;

/// What the feeder works with.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) leased: mpsc::Sender<LeasedDelivery>,
    pub(crate) rules: ClaimRules,
    pub(crate) waiting: Arc<Notify>,
    pub(crate) stop: watch::Receiver<bool>,
}

/// Claims until asked to stop.
pub(crate) async fn run(parts: Parts) {
    let mut stop = parts.stop.clone();
    let mut after = None;
    loop {
        let woken = parts.waiting.notified();
        let pause = look(&parts, &mut after).await;
        tokio::select! {
            _ = stop.changed() => return,
            () = woken => {}
            () = sleep(pause) => {}
        }
    }
}

/// Claims once. Answers how long nothing more is to be expected, unless something wakes it.
async fn look(parts: &Parts, after: &mut Option<WebhookId>) -> Duration {
    let now = parts.clock.now();
    if parts.rules.room.free() == 0 {
        return FULL;
    }
    let due = match parts.store.next_due().await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "due deliveries could not be looked up");
            return POLL;
        }
    };
    let until =
        due.map_or(POLL, |due| Duration::from_millis(u64::try_from(due.since(now)).unwrap_or_default()).min(POLL));
    if !until.is_zero() && after.is_none() && !parts.store.has_recovering().await.unwrap_or(false) {
        return until;
    }
    match parts.store.claim_due(&parts.rules, *after, now).await {
        Ok(claimed) => {
            let came = claimed.deliveries.len();
            *after = claimed.next;
            for delivery in claimed.deliveries {
                if parts.leased.send(delivery).await.is_err() {
                    return POLL;
                }
            }
            if came > 0 || after.is_some() { Duration::ZERO } else { BLOCKED }
        }
        Err(error) => {
            tracing::warn!(%error, "due deliveries could not be claimed");
            POLL
        }
    }
}

/// Renews this node's leases on what it has in memory and takes over those that have run out, until asked to stop.
pub(crate) async fn keep_leases(
    store: Store,
    clock: Arc<dyn Clock>,
    rooms: [Room; 2],
    waiting: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    let mut reclaim = interval(RECLAIM);
    reclaim.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut renewed_at = clock.now();
    let mut renew = interval(RENEW);
    renew.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = reclaim.tick() => {
                // A clock that was set forward makes our own leases look like those of a dead node.
                if clock.now().since(renewed_at) > STALE {
                    renew_held(&store, &rooms, clock.now()).await;
                    renewed_at = clock.now();
                }
                match store.reclaim_expired(clock.now()).await {
                Ok(0) => {}
                Ok(count) => {
                    tracing::warn!(count, "deliveries whose lease had run out were taken over");
                    waiting.notify_one();
                }
                Err(error) => tracing::warn!(%error, "expired leases could not be looked up"),
                }
            }
            _ = renew.tick() => {
                renew_held(&store, &rooms, clock.now()).await;
                renewed_at = clock.now();
            }
        }
    }
}

async fn renew_held(store: &Store, rooms: &[Room; 2], now: Timestamp) {
    let mut held = rooms.each_ref().map(Room::held).concat();
    held.sort_unstable();
    if let Err(error) = store.renew_leases(&held, now).await {
        tracing::warn!(%error, "leases could not be renewed");
    }
}
