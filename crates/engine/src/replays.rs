//! Replays going on by themselves: one node, the leader, advances each running one in turn, a step at a time.
//!
//! A step sets 200 deliveries on their way. Before each, the deliveries that wait for its webhook are counted (to the bound
//! and no further): above 1,000 the replay waits, so that fresh events never queue behind a million old ones. A webhook that
//! is not active lets its replay wait, too; the replay goes on when it is active again. What is sent waits in the table like
//! any retry, and the dispatcher is told.
//!
//! Leading only saves nodes from doing the same work: a step that two of them try is done once, by the store's guard.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use simpul_core::delivery::State;
use simpul_core::id::{ReplayId, WebhookId};
use simpul_store::{DeliveryFilter, ReplayStep, RunningReplay, Store};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep};

use crate::Engine;

/// Deliveries of one step.
const BATCH: usize = 200;
/// Deliveries that may wait for a webhook before its replay sends more.
const BACKLOG: i64 = 1_000;
/// Replays that are looked up at once.
const PAGE: u32 = 100;
const LEADERSHIP: &str = "replays";
const LEASE: Duration = Duration::from_secs(30);
const RENEW: Duration = Duration::from_secs(10);
/// How often it is looked whether anything is to be done.
const EVERY: Duration = Duration::from_secs(2);
/// The first wait for a backlog to drain; doubled up to [`EVERY`] while it does not.
const DRAIN: Duration = Duration::from_millis(100);
/// The longest wait while the store is away.
const LONGEST: Duration = Duration::from_secs(30);

/// Why a running replay sends nothing just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayWait {
    /// Its webhook is disabled or switched off.
    WebhookInactive,
    /// Enough is waiting for its webhook already.
    Backlog,
}

impl ReplayWait {
    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebhookInactive => "webhook_inactive",
            Self::Backlog => "backlog",
        }
    }
}

/// What the task works with.
pub(crate) struct Parts {
    pub(crate) store: Store,
    /// Told when a replay is created or resumed.
    pub(crate) wake: Arc<Notify>,
    /// The dispatcher's: told when deliveries wait in the table.
    pub(crate) waiting: Arc<Notify>,
    pub(crate) stop: watch::Receiver<bool>,
}

/// What one look at all running replays came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Sent,
    Backlog,
    Idle,
}

struct Replaying {
    parts: Parts,
    /// When this node last took or renewed the lead.
    led_since: Option<Instant>,
    /// Replays whose rows cannot be used: each was reported once and is left alone until the next start.
    stuck: HashSet<ReplayId>,
}

/// Runs until asked to stop.
pub(crate) async fn run(parts: Parts) {
    let (wake, mut stop) = (Arc::clone(&parts.wake), parts.stop.clone());
    let mut replaying = Replaying { parts, led_since: None, stuck: HashSet::new() };
    let mut wait = Duration::ZERO;
    loop {
        wait = match replaying.pass().await {
            Ok(Pass::Sent) => Duration::ZERO,
            Ok(Pass::Backlog) => (wait * 2).clamp(DRAIN, EVERY),
            Ok(Pass::Idle) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "replays could not go on; trying again");
                (wait * 2).clamp(EVERY, LONGEST)
            }
        };
        tokio::select! {
            // An error means that the engine itself is gone.
            _ = stop.wait_for(|stop| *stop) => break,
            () = wake.notified() => {}
            () = sleep(wait) => {}
        }
    }
    if replaying.led_since.is_some()
        && let Err(error) = replaying.parts.store.resign(LEADERSHIP).await
    {
        tracing::warn!(%error, "the lead of replays could not be given up; it runs out within half a minute");
    }
}

impl Replaying {
    /// Advances each running replay by one step, where its webhook can take more.
    async fn pass(&mut self) -> simpul_store::Result<Pass> {
        let mut pass = Pass::Idle;
        let mut after = None;
        loop {
            let page = self.parts.store.running_replays(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(pass) };
            after = Some(last.id);
            for replay in &page {
                if self.stuck.contains(&replay.id) {
                    continue;
                }
                if *self.parts.stop.borrow() || !self.leads(replay).await? {
                    return Ok(pass);
                }
                match self.advance(replay).await {
                    Ok(Pass::Sent) => pass = Pass::Sent,
                    Ok(Pass::Backlog) if pass == Pass::Idle => pass = Pass::Backlog,
                    Ok(_) => {}
                    Err(error) if error.is_transient() => return Err(error),
                    // One that cannot go on must not keep the others from it.
                    Err(error) => {
                        tracing::error!(replay.id = %replay.id, %error, "a replay cannot go on");
                        self.stuck.insert(replay.id);
                    }
                }
            }
        }
    }

    async fn advance(&self, replay: &RunningReplay) -> simpul_store::Result<Pass> {
        match replay_wait(&self.parts.store, replay.webhook_id, replay.webhook_is_active).await? {
            Some(ReplayWait::WebhookInactive) => return Ok(Pass::Idle),
            Some(ReplayWait::Backlog) => return Ok(Pass::Backlog),
            None => {}
        }
        match self.parts.store.advance_replay(replay.id, BATCH).await? {
            ReplayStep::Advanced { .. } => {}
            ReplayStep::Completed { .. } => tracing::info!(replay.id = %replay.id, "a replay is completed"),
            ReplayStep::Inactive | ReplayStep::Passed => return Ok(Pass::Idle),
        }
        self.parts.waiting.notify_one();
        Ok(Pass::Sent)
    }

    /// Whether this node leads; only asked of the store now and then, and not for a replay that waits for its webhook.
    async fn leads(&mut self, replay: &RunningReplay) -> simpul_store::Result<bool> {
        if !replay.webhook_is_active || self.led_since.is_some_and(|since| since.elapsed() < RENEW) {
            return Ok(true);
        }
        self.led_since = None;
        let asked_at = Instant::now();
        let leads = self.parts.store.lead(LEADERSHIP, LEASE).await?;
        self.led_since = leads.then_some(asked_at);
        Ok(leads)
    }
}

async fn replay_wait(
    store: &Store,
    webhook_id: WebhookId,
    webhook_is_active: bool,
) -> simpul_store::Result<Option<ReplayWait>> {
    if !webhook_is_active {
        return Ok(Some(ReplayWait::WebhookInactive));
    }
    let filter = DeliveryFilter { status: Some(State::Pending), ..DeliveryFilter::default() };
    let waiting = store.count_deliveries(webhook_id, &filter, BACKLOG + 1).await?;
    Ok((waiting > BACKLOG).then_some(ReplayWait::Backlog))
}

impl Engine {
    /// Has running replays looked at now rather than in a moment: one was created or resumed.
    pub fn wake_replays(&self) {
        self.replays.notify_one();
    }

    /// Why a running replay of this webhook sends nothing just now, if so.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn replay_wait(
        &self,
        webhook_id: WebhookId,
        webhook_is_active: bool,
    ) -> simpul_store::Result<Option<ReplayWait>> {
        replay_wait(&self.store, webhook_id, webhook_is_active).await
    }
}
