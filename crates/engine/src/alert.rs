//! Alerts going on by themselves: one node, the leader, follows the incidents, decides what each rule has to say, and sends
//! what is in the queue.
//!
//! What is to be told is in the table before it is sent, and stays there until its channel has taken it: a node that dies loses
//! nothing, and a message may then arrive twice. Leading only saves nodes from doing the same work: what two of them decide is
//! written once, and what two of them would send is claimed by one, by the store's guards.

mod channel;
mod chat;
mod courier;
mod deliver;
mod email;
mod judge;
mod tell;
mod webhook;
mod whatsapp;

use std::time::Duration;

use simpul_core::alert::AlertRule;
use simpul_core::incident::IncidentKind;
use simpul_core::language::Language;
use simpul_core::time::Clock;
use simpul_store::{Incident, Store};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::Engine;
pub use channel::ChannelTestReport;
pub(crate) use courier::Courier;
use judge::Judge;

const LEADERSHIP: &str = "alerts";
const LEASE: Duration = Duration::from_secs(30);
const RENEW: Duration = Duration::from_secs(10);
const EVERY: Duration = Duration::from_secs(1);
/// The longest wait while the store is away.
const LONGEST: Duration = Duration::from_secs(30);

/// What the tasks work with.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) courier: Courier,
    /// Without a trailing slash.
    pub(crate) public_url: String,
    pub(crate) stop: watch::Receiver<bool>,
}

/// Whether this node leads a work, asked of the store only now and then.
struct Lead {
    name: &'static str,
    since: Option<Instant>,
}

impl Lead {
    async fn holds(&mut self, store: &Store) -> simpul_store::Result<bool> {
        if self.since.is_some_and(|since| since.elapsed() < RENEW) {
            return Ok(true);
        }
        self.since = None;
        let asked_at = Instant::now();
        let leads = store.lead(self.name, LEASE).await?;
        self.since = leads.then_some(asked_at);
        Ok(leads)
    }

    async fn resign(&self, store: &Store) {
        if self.since.is_some()
            && let Err(error) = store.resign(self.name).await
        {
            tracing::warn!(%error, "the lead of alerts could not be given up; it runs out within half a minute");
        }
    }
}

/// Decides and sends until asked to stop; a slow channel does not keep the others' troubles from being seen.
pub(crate) async fn run(parts: Parts) {
    let Parts { store, clock, courier, public_url, stop } = parts;
    let judging = judge_always(Judge::new(store.clone(), Arc::clone(&clock), public_url), store.clone(), stop.clone());
    let sending = deliver_always(courier, store, clock, stop);
    tokio::join!(judging, sending);
}

async fn judge_always(mut judge: Judge, store: Store, mut stop: watch::Receiver<bool>) {
    let mut lead = Lead { name: LEADERSHIP, since: None };
    let mut wait = EVERY;
    loop {
        let passed = match lead.holds(&store).await {
            Ok(true) => judge.pass().await,
            Ok(false) => {
                judge.forget();
                Ok(())
            }
            Err(error) => Err(error),
        };
        wait = waited(wait, passed, "alerts could not be decided; trying again");
        tokio::select! {
            // An error means that the engine itself is gone.
            _ = stop.wait_for(|stop| *stop) => break,
            () = sleep(wait) => {}
        }
    }
    lead.resign(&store).await;
}

async fn deliver_always(courier: Courier, store: Store, clock: Arc<dyn Clock>, mut stop: watch::Receiver<bool>) {
    let mut lead = Lead { name: "alert-deliveries", since: None };
    let mut wait = EVERY;
    loop {
        let passed = match lead.holds(&store).await {
            Ok(true) => deliver::pass(&courier, &store, &*clock).await,
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        wait = waited(wait, passed, "messages of alerts could not be sent; trying again");
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = sleep(wait) => {}
        }
    }
    lead.resign(&store).await;
}

fn waited(wait: Duration, passed: simpul_store::Result<()>, sentence: &str) -> Duration {
    match passed {
        Ok(()) => EVERY,
        Err(error) => {
            tracing::warn!(%error, "{sentence}");
            (wait * 2).min(LONGEST)
        }
    }
}

/// What a rule looks at.
fn trouble(incident: &Incident) -> simpul_core::alert::Trouble<'_> {
    simpul_core::alert::Trouble {
        kind: incident.kind,
        severity: incident.severity,
        partner_id: incident.partner_id,
        provider: &incident.provider,
    }
}

/// What a rule would say now.
#[derive(Debug, Clone)]
pub struct AlertPreview {
    /// Troubles that the rule tells of; members of an outage count as one with it.
    pub count: usize,
    pub message: Option<simpul_core::alert::AlertMessage>,
}

/// Open incidents that a preview looks at.
const PREVIEWED: u32 = 5_000;

impl Engine {
    /// What a rule would tell of the incidents that are open.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn preview_alert_rule(&self, rule: &AlertRule) -> simpul_store::Result<AlertPreview> {
        let open = self.store.open_incidents_after(None, PREVIEWED).await?;
        let outages: Vec<_> = open
            .iter()
            .filter(|incident| incident.kind == IncidentKind::ProviderOutage)
            .map(|found| found.id)
            .collect();
        let covering = |incident: &Incident| incident.outage_id.filter(|id| outages.contains(id));
        let mut told: Vec<_> = open
            .iter()
            .filter(|incident| rule.matches(&trouble(incident)))
            .map(|incident| covering(incident).unwrap_or(incident.id))
            .collect();
        told.sort_unstable();
        told.dedup();
        let incidents: Vec<Incident> = open.into_iter().filter(|incident| told.contains(&incident.id)).collect();
        let count = incidents.len();
        if count == 0 {
            return Ok(AlertPreview { count, message: None });
        }
        let kind = simpul_core::alert::MessageKind::Firing;
        let entries = incidents.into_iter().map(|incident| (simpul_core::id::AlertId::generate(self.now()), incident));
        let message = tell::compose(&self.store, rule, kind, entries.collect(), &self.public_url, self.now()).await?;
        Ok(AlertPreview { count, message: Some(message) })
    }

    /// Sends a test through a channel now, and keeps it in the log of deliveries.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn test_alert_channel(
        &self,
        channel: &simpul_core::alert::AlertChannel,
        language: Language,
    ) -> simpul_store::Result<ChannelTestReport> {
        channel::test(&self.courier, &self.store, &*self.clock, channel, language).await
    }
}

#[cfg(test)]
mod tests;
