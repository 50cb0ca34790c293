//! Delivering: one task that holds this node's deliveries and starts an attempt wherever there is room.
//!
//! Deliveries arrive from the writer (just accepted, leased in the same transaction) or from the table (retries that are due,
//! whatever did not fit into memory, what a dead node left). Each webhook has a lane with a cap on attempts under way; lanes
//! take turns, so a slow receiver fills its own lane and nobody else's. An attempt's outcome is settled through the group
//! commit; until that has happened the delivery keeps its place, which is the back-pressure.
//!
//! Stopping: nothing new is started, attempts under way may finish, then every lease is given back.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use simpul_core::id::WebhookId;
use simpul_core::time::Clock;
use simpul_store::{LeasedDelivery, Store, Writer};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout_at};

use crate::attempt;
use crate::egress::Egress;

/// Deliveries taken from the table that are held in memory at once, beside those that arrive from the writer.
const CLAIMED: usize = 1_024;
/// A lane that holds this many is full enough: the table's rows for it can wait.
const LANE_FULL: usize = 128;
const POLL: Duration = Duration::from_millis(250);
const RECLAIM: Duration = Duration::from_secs(5);
const RENEW: Duration = Duration::from_secs(20);
/// How long attempts may go on after a stop was asked for.
const STOP: Duration = Duration::from_secs(20);

/// What the dispatcher works with.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) writer: Writer,
    pub(crate) egress: Egress,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) leased: mpsc::Receiver<LeasedDelivery>,
    pub(crate) slots: Arc<AtomicUsize>,
    pub(crate) waiting: Arc<Notify>,
    pub(crate) stop: watch::Receiver<bool>,
    /// Attempts under way, in all.
    pub(crate) concurrency: usize,
    /// Attempts under way to one webhook.
    pub(crate) webhook_concurrency: usize,
}

/// Where a delivery came from decides which budget it gives back.
#[derive(Clone, Copy, PartialEq)]
enum Origin {
    Writer,
    Table,
}

#[derive(Default)]
struct Lane {
    under_way: usize,
    queue: VecDeque<(LeasedDelivery, Origin)>,
}

struct Dispatcher {
    parts: Parts,
    lanes: HashMap<WebhookId, Lane>,
    /// Lanes that may have something to start, in turn.
    turns: VecDeque<WebhookId>,
    attempts: JoinSet<(WebhookId, Origin)>,
    claimed: usize,
}

/// Runs until asked to stop.
pub(crate) async fn run(parts: Parts) {
    let mut dispatcher =
        Dispatcher { parts, lanes: HashMap::new(), turns: VecDeque::new(), attempts: JoinSet::new(), claimed: 0 };
    dispatcher.work().await;
    dispatcher.finish().await;
}

impl Dispatcher {
    async fn work(&mut self) {
        let mut poll = interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut reclaim = interval(RECLAIM);
        reclaim.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut renew = interval(RENEW);
        let waiting = Arc::clone(&self.parts.waiting);
        let mut stop = self.parts.stop.clone();
        loop {
            tokio::select! {
                _ = stop.changed() => return,
                arrived = self.parts.leased.recv() => match arrived {
                    Some(delivery) => self.enqueue(delivery, Origin::Writer),
                    None => return,
                },
                Some(finished) = self.attempts.join_next() => self.finished(finished),
                () = waiting.notified() => self.claim().await,
                _ = poll.tick() => self.claim().await,
                _ = reclaim.tick() => self.reclaim().await,
                _ = renew.tick() => self.renew().await,
            }
            self.start_ready();
        }
    }

    fn enqueue(&mut self, delivery: LeasedDelivery, origin: Origin) {
        let webhook_id = delivery.webhook.id;
        let lane = self.lanes.entry(webhook_id).or_default();
        if lane.queue.is_empty() {
            self.turns.push_back(webhook_id);
        }
        lane.queue.push_back((delivery, origin));
    }

    /// Starts one attempt of each lane in turn, as long as there is room.
    fn start_ready(&mut self) {
        let mut passed_over = VecDeque::new();
        while self.attempts.len() < self.parts.concurrency {
            let Some(webhook_id) = self.turns.pop_front() else { break };
            let Some(lane) = self.lanes.get_mut(&webhook_id) else { continue };
            if lane.under_way >= self.parts.webhook_concurrency {
                passed_over.push_back(webhook_id);
                continue;
            }
            let Some((delivery, origin)) = lane.queue.pop_front() else { continue };
            lane.under_way += 1;
            if !lane.queue.is_empty() {
                self.turns.push_back(webhook_id);
            }
            self.start(delivery, origin);
        }
        passed_over.append(&mut self.turns);
        self.turns = passed_over;
    }

    fn start(&mut self, delivery: LeasedDelivery, origin: Origin) {
        let (egress, clock, writer) =
            (self.parts.egress.clone(), Arc::clone(&self.parts.clock), self.parts.writer.clone());
        let webhook_id = delivery.webhook.id;
        self.attempts.spawn(async move {
            deliver(&egress, &*clock, &writer, delivery).await;
            (webhook_id, origin)
        });
    }

    fn finished(&mut self, finished: Result<(WebhookId, Origin), tokio::task::JoinError>) {
        match finished {
            Ok((webhook_id, origin)) => {
                self.give_back(origin, 1);
                if let Some(lane) = self.lanes.get_mut(&webhook_id) {
                    lane.under_way -= 1;
                    if lane.under_way == 0 && lane.queue.is_empty() {
                        self.lanes.remove(&webhook_id);
                    }
                }
            }
            // The lease runs out and the delivery is made again; its place in memory is lost until the next start.
            Err(error) => tracing::error!(%error, "an attempt ended without an outcome"),
        }
    }

    fn give_back(&mut self, origin: Origin, count: usize) {
        match origin {
            Origin::Writer => drop(self.parts.slots.fetch_add(count, Ordering::AcqRel)),
            Origin::Table => self.claimed -= count,
        }
    }

    /// Takes what is due from the table, as far as there is room for it.
    async fn claim(&mut self) {
        let room = CLAIMED - self.claimed.min(CLAIMED);
        if room == 0 {
            return;
        }
        let now = self.parts.clock.now();
        match self.parts.store.next_due().await {
            Ok(Some(due)) if due <= now => {}
            Ok(_) => return,
            Err(error) => return tracing::warn!(%error, "due deliveries could not be looked up"),
        }
        let busy: Vec<WebhookId> =
            self.lanes.iter().filter(|(_, lane)| lane.queue.len() >= LANE_FULL).map(|(id, _)| *id).collect();
        let limit = u32::try_from(room.min(500)).unwrap_or(500);
        match self.parts.store.claim_due(limit, &busy, now).await {
            Ok(deliveries) => {
                self.claimed += deliveries.len();
                for delivery in deliveries {
                    self.enqueue(delivery, Origin::Table);
                }
            }
            Err(error) => tracing::warn!(%error, "due deliveries could not be claimed"),
        }
    }

    async fn reclaim(&mut self) {
        match self.parts.store.reclaim_expired(self.parts.clock.now()).await {
            Ok(0) => {}
            Ok(count) => tracing::warn!(count, "deliveries whose lease had run out were taken over"),
            Err(error) => tracing::warn!(%error, "expired leases could not be looked up"),
        }
    }

    async fn renew(&mut self) {
        if let Err(error) = self.parts.store.renew_leases(self.parts.clock.now()).await {
            tracing::warn!(%error, "leases could not be renewed");
        }
    }

    async fn finish(&mut self) {
        let deadline = Instant::now() + STOP;
        while let Ok(Some(_)) = timeout_at(deadline, self.attempts.join_next()).await {}
        self.attempts.shutdown().await;
        match self.parts.store.release_leases(self.parts.clock.now()).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "deliveries under way were given back"),
            Err(error) => tracing::warn!(%error, "leases could not be given back; they run out within a minute"),
        }
    }
}

/// Makes one attempt and sees that its outcome is written down. A store that is away for a while is our trouble, not the
/// receiver's: the outcome is kept and written when the store is back.
async fn deliver(egress: &Egress, clock: &dyn Clock, writer: &Writer, delivery: LeasedDelivery) {
    let sent = attempt::send(egress, clock, &delivery.webhook, &delivery.event_id.to_string(), &delivery.payload).await;
    let settlement = attempt::settlement(delivery, sent, clock.now(), rand::random());
    let mut wait = Duration::from_millis(200);
    for _ in 0..20 {
        match writer.settle(settlement.clone()).await {
            Ok(()) => return,
            Err(error) if error.is_transient() => {
                sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(10));
            }
            Err(error) => {
                return tracing::error!(delivery.id = %settlement.delivery.id, %error, "an outcome could not be written; the delivery will be repeated");
            }
        }
    }
    tracing::error!(delivery.id = %settlement.delivery.id, "the store stayed away; the delivery will be repeated");
}
