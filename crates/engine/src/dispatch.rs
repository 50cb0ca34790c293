//! Delivering: one task that holds this node's deliveries and starts an attempt wherever there is room.
//!
//! Deliveries arrive from the writer (just accepted, leased in the same transaction) and from the feeder (`feeder.rs`:
//! retries that are due, whatever did not fit into memory, what a dead node left). Each webhook has a lane (`lanes.rs`). When
//! the receiver has answered, the lane has room again; the outcome goes to the group commit and the delivery keeps its place
//! in memory until it is written, which is the back-pressure.
//!
//! Stopping: nothing is started any more, attempts under way may finish, then every lease is given back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use simpul_core::id::{DeliveryId, WebhookId};
use simpul_core::time::Clock;
use simpul_store::{LeasedDelivery, Settlement, Store, Writer};
use tokio::sync::{mpsc, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument as _;

use crate::attempt::{self, outcome, unsent};
use crate::egress::Egress;
use crate::lanes::Lanes;
use crate::metrics::EngineMetrics;
use crate::recall::Recalls;
use crate::shape::{Shaped, Shaper};

/// How long attempts may go on after a stop was asked for.
const STOP: Duration = Duration::from_secs(20);

/// What the dispatcher works with.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) writer: Writer,
    pub(crate) egress: Egress,
    pub(crate) shaper: Shaper,
    pub(crate) metrics: EngineMetrics,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) leased: mpsc::Receiver<LeasedDelivery>,
    pub(crate) recalls: Arc<Recalls>,
    pub(crate) stop: watch::Receiver<bool>,
    /// Attempts under way, in all.
    pub(crate) concurrency: usize,
    /// Attempts under way to one webhook.
    pub(crate) webhook_concurrency: usize,
}

struct Dispatcher {
    parts: Parts,
    lanes: Lanes,
    attempts: JoinSet<()>,
    under_way: HashMap<Id, (WebhookId, DeliveryId)>,
}

/// Runs until asked to stop.
pub(crate) async fn run(parts: Parts) {
    let lanes = Lanes::new(parts.webhook_concurrency);
    let mut dispatcher = Dispatcher { parts, lanes, attempts: JoinSet::new(), under_way: HashMap::new() };
    dispatcher.work().await;
    dispatcher.finish().await;
}

impl Dispatcher {
    async fn work(&mut self) {
        let recalls = Arc::clone(&self.parts.recalls);
        let mut stop = self.parts.stop.clone();
        loop {
            tokio::select! {
                _ = stop.changed() => return,
                arrived = self.parts.leased.recv() => match arrived {
                    Some(delivery) => self.lanes.add(delivery),
                    None => return,
                },
                Some(ended) = self.attempts.join_next_with_id() => self.ended(ended).await,
                named = recalls.next() => for webhook_id in named {
                    let recalled = self.lanes.recall(webhook_id);
                    self.release(recalled.iter().map(|delivery| delivery.id).collect()).await;
                },
            }
            self.start_ready();
        }
    }

    fn start_ready(&mut self) {
        while self.attempts.len() < self.parts.concurrency {
            let Some(delivery) = self.lanes.next() else { return };
            let ids = (delivery.webhook.id, delivery.id);
            let (egress, shaper) = (self.parts.egress.clone(), self.parts.shaper.clone());
            let (clock, writer) = (Arc::clone(&self.parts.clock), self.parts.writer.clone());
            let metrics = self.parts.metrics.clone();
            let span = tracing::info_span!("delivery_attempt", otel.kind = "client", delivery.id = %delivery.id, event.id = %delivery.event_id, webhook.id = %delivery.webhook.id);
            let task = self.attempts.spawn(
                async move {
                    let settlement = deliver(&egress, &shaper, &*clock, delivery).await;
                    metrics.attempted(&settlement);
                    hand_over(&writer, settlement).await;
                }
                .instrument(span),
            );
            self.under_way.insert(task.id(), ids);
        }
    }

    async fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match &ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        let Some((webhook_id, delivery_id)) = self.under_way.remove(&id) else { return };
        self.lanes.ended(webhook_id);
        if let Err(error) = ended {
            tracing::error!(delivery.id = %delivery_id, %error, "an attempt ended without an outcome; the delivery is made again");
            self.release(vec![delivery_id]).await;
        }
    }

    /// Gives leases back; a store that is away leaves them to run out.
    async fn release(&self, ids: Vec<DeliveryId>) {
        if ids.is_empty() {
            return;
        }
        if let Err(error) = self.parts.store.release(&ids, self.parts.clock.now()).await {
            tracing::warn!(%error, count = ids.len(), "leases could not be given back");
        }
    }

    async fn finish(&mut self) {
        let deadline = Instant::now() + STOP;
        while let Ok(Some(_)) = timeout_at(deadline, self.attempts.join_next()).await {}
        self.attempts.shutdown().await;
    }
}

/// Shapes the event for its webhook and makes one attempt.
async fn deliver(egress: &Egress, shaper: &Shaper, clock: &dyn Clock, delivery: LeasedDelivery) -> Settlement {
    if let Some(turn) = delivery.not_before {
        sleep(Duration::from_millis(u64::try_from(turn.since(clock.now())).unwrap_or_default())).await;
    }
    let body = match shaper.shape(&delivery.webhook, &delivery.payload).await {
        Ok(Shaped::AsIs) => Ok(Arc::clone(&delivery.payload)),
        Ok(Shaped::Body(body)) => Ok(body),
        Ok(Shaped::Filtered) => Err(unsent::filtered(delivery.clone(), clock.now())),
        Err(error) => Err(unsent::misshapen(delivery.clone(), &error, clock.now(), rand::random())),
    };
    match body {
        Ok(body) => {
            let sent = attempt::send(egress, clock, &delivery.webhook, &delivery.event_id.to_string(), &body).await;
            outcome::settlement(delivery, sent, clock.now(), rand::random())
        }
        Err(settlement) => settlement,
    }
}

async fn hand_over(writer: &Writer, settlement: Settlement) {
    let id = settlement.delivery.id;
    if writer.settle_soon(settlement).await.is_err() {
        tracing::error!(delivery.id = %id, "an outcome came after the writer had ended; the delivery is made again");
    }
}
