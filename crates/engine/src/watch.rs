//! Watching health: the snapshot of each integration is computed anew when something happens, and as its window slides.
//!
//! Every node looks at what it logged for itself, a second after, when that is committed. One node, the leader, looks after the
//! rest: integrations whose figures change because a minute has left their window, those nobody has looked at for a quarter
//! of an hour, webhooks that have recovered, and outages of whole providers. Each look also judges whether an incident opens,
//! changes or closes (`incidents.rs`).

mod look;

pub(crate) use look::Look;

use std::sync::Weak;
use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::id::IntegrationId;
use simpul_core::time::{DAY, MINUTE, Timestamp};
use simpul_store::{IntegrationFilter, MaintenanceWindow};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::Engine;

/// How often what was touched is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// How often the leader looks after the rest.
const SWEEP: Duration = Duration::from_secs(10);
/// How often rows that nobody needs any more are let go.
const TIDY: Duration = Duration::from_secs(600);
/// Integrations of one look.
const BATCH: usize = 200;
const LEADERSHIP: &str = "watch";
const LEASE: Duration = Duration::from_secs(60);
const RENEW: Duration = Duration::from_secs(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What the watch keeps in mind.
#[derive(Default)]
pub(crate) struct Watcher {
    /// Touched before the last look, so that it is committed by now.
    ripe: Vec<IntegrationId>,
    led_at: Option<Instant>,
    swept_at: Option<Instant>,
    tidied_at: Option<Instant>,
    /// Until when spans of maintenance that began or ended were followed.
    windows_at: Option<Timestamp>,
    /// Up to where minutes that left the window were followed.
    edge: Option<Timestamp>,
}

/// Runs until asked to stop.
pub(crate) async fn run(engine: Weak<Engine>, mut stop: watch::Receiver<bool>) {
    let mut pause = EVERY;
    loop {
        let Some(running) = engine.upgrade() else { return };
        let step = async {
            let mut watcher = running.watcher.lock().await;
            running.watch_step(&mut watcher).await
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            stepped = step => match stepped {
                Ok(()) => pause = EVERY,
                Err(error) => {
                    tracing::warn!(%error, "health could not be looked at; trying again");
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
        drop(running);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = sleep(pause) => {}
        }
    }
    let Some(engine) = engine.upgrade() else { return };
    if engine.watcher.lock().await.led_at.is_some()
        && let Err(error) = engine.store.resign(LEADERSHIP).await
    {
        tracing::warn!(%error, "the lead of the watch could not be given up; it runs out within a minute");
    }
}

impl Engine {
    /// Looks at everything that this node has logged for, and at all that is due for a look if this node leads.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn watch_due(&self) -> simpul_store::Result<()> {
        let mut watcher = self.watcher.lock().await;
        (watcher.led_at, watcher.swept_at) = (None, None);
        loop {
            let mut touched = std::mem::take(&mut watcher.ripe);
            touched.extend(self.store.take_touched(BATCH));
            if touched.is_empty() {
                break;
            }
            // What a look itself logs is looked at in the next round; it settles at once.
            self.look_at(&touched).await?;
        }
        if self.leads_watch(&mut watcher).await? {
            self.sweep(&mut watcher).await?;
        }
        Ok(())
    }

    /// Has everything that a span of maintenance is about looked at anew.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn look_again(&self, window: &MaintenanceWindow) -> simpul_store::Result<()> {
        if let Some(id) = window.integration_id {
            self.store.touch([id]);
            return Ok(());
        }
        let filter = IntegrationFilter {
            partner_id: window.partner_id,
            provider: window.provider.clone(),
            ..IntegrationFilter::default()
        };
        let ids = self.store.list_integration_ids(Scope::All, &filter).await?;
        self.store.touch(ids);
        Ok(())
    }

    async fn watch_step(&self, watcher: &mut Watcher) -> simpul_store::Result<()> {
        let touched = self.store.take_touched(BATCH);
        let ripe = std::mem::replace(&mut watcher.ripe, touched);
        if let Err(error) = self.look_at(&ripe).await {
            self.store.touch(ripe);
            return Err(error);
        }
        let is_time = watcher.swept_at.is_none_or(|at| at.elapsed() >= SWEEP);
        if is_time && self.leads_watch(watcher).await? {
            self.sweep(watcher).await?;
        }
        Ok(())
    }

    async fn leads_watch(&self, watcher: &mut Watcher) -> simpul_store::Result<bool> {
        if watcher.led_at.is_some_and(|at| at.elapsed() < RENEW) {
            return Ok(true);
        }
        let leads = self.store.lead(LEADERSHIP, LEASE).await?;
        watcher.led_at = leads.then(Instant::now);
        if !leads {
            watcher.swept_at = Some(Instant::now());
        }
        Ok(leads)
    }

    async fn sweep(&self, watcher: &mut Watcher) -> simpul_store::Result<()> {
        watcher.swept_at = Some(Instant::now());
        let now = self.clock.now();
        let before = watcher.windows_at.replace(now).unwrap_or(now);
        for window in self.store.open_windows(before).await? {
            if window.holds_at(before) != window.holds_at(now) {
                self.look_again(&window).await?;
            }
        }
        let edge = Timestamp::from_millis(now.floor(MINUTE).millis() + MINUTE - DAY);
        let from = watcher.edge.unwrap_or_else(|| Timestamp::from_millis(edge.millis() - 2 * MINUTE));
        loop {
            let ids = self.store.unwatched((from, edge), now, u32::try_from(BATCH).unwrap_or(u32::MAX)).await?;
            for batch in ids.chunks(BATCH) {
                self.look_at(batch).await?;
            }
            if ids.len() < BATCH {
                break;
            }
        }
        watcher.edge = Some(edge);
        let recovered = self.store.close_recovered_webhooks(now).await?;
        self.store.touch(recovered);
        self.judge_outages(now).await?;
        if watcher.tidied_at.is_none_or(|at| at.elapsed() >= TIDY) {
            self.store.forget_removed(now).await?;
            watcher.tidied_at = Some(Instant::now());
        }
        Ok(())
    }
}
