//! Scheduled connection tests: each active integration's, every so many minutes, one node leading.
//!
//! When a test is due is kept in the database (`probes`), so that a restart neither forgets nor repeats. A first test comes one
//! interval after an integration was made or switched on, each next one an interval after the last, give or take a tenth. At
//! most [`AT_ONCE`] run at a time, [`PER_PROVIDER`] of them at one provider, which starts [`SPACING`] apart; a provider that
//! says it is asked too often is left alone for as long as it says. Paused integrations and those in maintenance are passed
//! over until their next turn. After a standstill what is overdue is spread over one interval.
//!
//! Failures that may be our own network's are held back for a moment (`probe/guard.rs`).

mod guard;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use simpul_core::activity::Component;
use simpul_core::error_type::ErrorType;
use simpul_core::id::IntegrationId;
use simpul_core::integration::Integration;
use simpul_core::time::Timestamp;
use simpul_providers::TestReport;
use simpul_store::ProbeTarget;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::Engine;
use guard::{Guard, Judged, Probed};

const AT_ONCE: usize = 32;
const PER_PROVIDER: usize = 4;
/// Between the starts of two tests at one provider.
const SPACING: Duration = Duration::from_millis(50);
const LEADERSHIP: &str = "probes";
const LEASE: Duration = Duration::from_secs(30);
const RENEW: Duration = Duration::from_secs(10);
/// How often it is looked whether a test is due.
const EVERY: Duration = Duration::from_millis(500);
/// How often new integrations are planned and idle ones forgotten.
const PLAN: Duration = Duration::from_secs(10);
const PAGE: u32 = 200;
const PLANNED: u32 = 2_000;
/// A provider that limits us is left alone for at least this long, at most that long.
const SLOW: Duration = Duration::from_secs(60);
const SLOWEST: Duration = Duration::from_secs(3_600);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What the schedule keeps in mind.
#[derive(Default)]
pub(crate) struct Prober {
    led_at: Option<Instant>,
    planned_at: Option<Instant>,
    running: JoinSet<Probed>,
    providers: HashMap<String, Provider>,
    guard: Guard,
}

#[derive(Default)]
struct Provider {
    running: usize,
    last_start: Option<Instant>,
    /// Until when it is left alone.
    slow_until: Option<Timestamp>,
}

impl Provider {
    /// How many tests may start now.
    fn room(&self, now: Instant) -> usize {
        let spaced = match self.last_start {
            None => PER_PROVIDER,
            Some(last) => {
                let turns = now.saturating_duration_since(last).as_millis() / SPACING.as_millis();
                usize::try_from(turns).unwrap_or(PER_PROVIDER)
            }
        };
        PER_PROVIDER.saturating_sub(self.running).min(spaced)
    }
}

/// Runs until asked to stop. Tests under way are dropped then: they are due again after their interval.
pub(crate) async fn run(engine: Weak<Engine>, mut stop: watch::Receiver<bool>) {
    let mut pause = EVERY;
    loop {
        let Some(running) = engine.upgrade() else { return };
        let step = async {
            let mut prober = running.prober.lock().await;
            running.probe_step(&mut prober).await
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            stepped = step => match stepped {
                Ok(_) => pause = EVERY,
                Err(error) => {
                    tracing::warn!(%error, "scheduled tests could not go on; trying again");
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
    if let Some(engine) = engine.upgrade() {
        engine.stop_probing().await;
    }
}

impl Engine {
    /// Makes every scheduled test that is due now, if this node leads, and waits for them. Answers how many were made.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn probe_due(self: &Arc<Self>) -> simpul_store::Result<usize> {
        let mut prober = self.prober.lock().await;
        (prober.led_at, prober.planned_at) = (None, None);
        let mut made = 0;
        loop {
            let started = self.probe_step(&mut prober).await?;
            made += started;
            if started == 0 && prober.running.is_empty() {
                break;
            }
            sleep(SPACING).await;
        }
        let left = prober.guard.flush();
        self.record_all(left).await?;
        Ok(made)
    }

    /// Records what has come in and starts what is due and has room. Answers how many were started.
    async fn probe_step(self: &Arc<Self>, prober: &mut Prober) -> simpul_store::Result<usize> {
        self.gather(prober).await?;
        if !self.leads_probes(prober).await? {
            return Ok(0);
        }
        if prober.planned_at.is_none_or(|at| at.elapsed() >= PLAN) {
            self.plan().await?;
            prober.guard.know(self.store.providers_in_use().await?.len());
            prober.planned_at = Some(Instant::now());
        }
        self.start_due(prober).await
    }

    async fn leads_probes(&self, prober: &mut Prober) -> simpul_store::Result<bool> {
        if prober.led_at.is_some_and(|at| at.elapsed() < RENEW) {
            return Ok(true);
        }
        let is_new = prober.led_at.is_none();
        if !self.store.lead(LEADERSHIP, LEASE).await? {
            prober.led_at = None;
            return Ok(false);
        }
        prober.led_at = Some(Instant::now());
        if is_new {
            self.spread_overdue().await?;
        }
        Ok(true)
    }

    /// After a standstill: what is overdue by more than an interval is spread over the next one.
    async fn spread_overdue(&self) -> simpul_store::Result<()> {
        loop {
            let now = self.clock.now();
            let due = self.store.probes_due(now, &[], PLANNED).await?;
            let late: Vec<(IntegrationId, Timestamp)> = due
                .iter()
                .filter(|target| target.due_at.is_some_and(|at| at.plus(interval(target)) < now))
                .map(|target| (target.integration_id, now.plus(interval(target).mul_f64(rand::random::<f64>()))))
                .collect();
            // A few are no herd.
            if late.len() <= AT_ONCE {
                return Ok(());
            }
            self.store.take_probes(&late, now).await?;
        }
    }

    async fn plan(&self) -> simpul_store::Result<()> {
        self.store.forget_idle_probes().await?;
        loop {
            let targets = self.store.unplanned_probes(PLANNED).await?;
            let now = self.clock.now();
            let planned: Vec<(IntegrationId, Timestamp)> =
                targets.iter().map(|target| (target.integration_id, next(target, now))).collect();
            if planned.is_empty() {
                return Ok(());
            }
            self.store.plan_probes(&planned).await?;
        }
    }

    async fn start_due(self: &Arc<Self>, prober: &mut Prober) -> simpul_store::Result<usize> {
        let (now, at) = (self.clock.now(), Instant::now());
        let full: Vec<String> = prober
            .providers
            .iter()
            .filter(|(_, provider)| provider.room(at) == 0)
            .map(|(slug, _)| slug.clone())
            .collect();
        let due = self.store.probes_due(now, &full, PAGE).await?;
        if due.is_empty() || prober.running.len() >= AT_ONCE {
            return Ok(0);
        }
        let windows = self.store.open_windows(now).await?;
        let mut taken = Vec::new();
        let mut started: HashMap<IntegrationId, String> = HashMap::new();
        for target in &due {
            let provider = prober.providers.entry(target.provider.clone()).or_default();
            let is_excused = windows.iter().any(|window| {
                window.holds_at(now) && window.is_about(target.integration_id, target.partner_id, &target.provider)
            });
            let slow_until = provider.slow_until.filter(|until| now < *until);
            if is_excused || slow_until.is_some() {
                taken.push((target.integration_id, next(target, now).max(slow_until.unwrap_or(now))));
                continue;
            }
            let chosen = started.values().filter(|slug| **slug == target.provider).count();
            if chosen < provider.room(at) && prober.running.len() + started.len() < AT_ONCE {
                taken.push((target.integration_id, next(target, now)));
                started.insert(target.integration_id, target.provider.clone());
            }
        }
        let mut won = self.store.take_probes(&taken, now).await?;
        won.retain(|id| started.contains_key(id));
        let integrations = self.store.integrations_with_ids(&won).await?;
        let count = integrations.len();
        for integration in integrations {
            let provider = prober.providers.entry(integration.provider.clone()).or_default();
            provider.running += 1;
            provider.last_start = Some(at);
            let engine = Arc::clone(self);
            prober.running.spawn(async move { engine.probe(integration).await });
        }
        Ok(count)
    }

    /// One scheduled test. `None` where it could not be made for a fault of our own.
    async fn probe(&self, integration: Integration) -> Probed {
        let provider = integration.provider.clone();
        match self.run_test(&integration, "scheduled").await {
            Ok((report, log)) => Probed { provider, slow_for: slow_for(&report), log: Some(log) },
            Err(error) => {
                tracing::warn!(integration.id = %integration.id, %error, "a scheduled test could not be made");
                Probed { provider, slow_for: None, log: None }
            }
        }
    }

    /// Takes in the tests that have ended.
    async fn gather(&self, prober: &mut Prober) -> simpul_store::Result<()> {
        let mut ended = Vec::new();
        while let Some(joined) = prober.running.try_join_next() {
            match joined {
                Ok(probed) => ended.push(probed),
                Err(error) => tracing::error!(%error, "a scheduled test ended badly"),
            }
        }
        let now = self.clock.now();
        for probed in &ended {
            let provider = prober.providers.entry(probed.provider.clone()).or_default();
            provider.running = provider.running.saturating_sub(1);
            if let Some(wait) = probed.slow_for {
                tracing::info!(provider = probed.provider, seconds = wait.as_secs(), "asked too often: its tests wait");
                provider.slow_until = Some(now.plus(wait));
            }
        }
        if prober.running.is_empty() {
            // One that ended badly gave nothing back.
            prober.providers.values_mut().for_each(|provider| provider.running = 0);
        }
        let judged = prober.guard.judge(ended, Instant::now());
        self.record_all(judged).await
    }

    async fn record_all(&self, judged: Vec<Judged>) -> simpul_store::Result<()> {
        for judged in judged {
            match judged {
                Judged::Counts(log) => {
                    let (id, status, message) = (log.integration_id, log.status.as_str(), log.message.clone());
                    self.store.record_test(id, status, &message, log).await?;
                }
                Judged::OurOwn(mut log) => {
                    log.component = Component::Maintenance;
                    self.store.insert_activity(&[log]).await?;
                }
            }
        }
        Ok(())
    }

    async fn stop_probing(&self) {
        let mut prober = self.prober.lock().await;
        prober.running.abort_all();
        let left = prober.guard.flush();
        if let Err(error) = self.record_all(left).await {
            tracing::warn!(%error, "the last scheduled tests were not written down");
        }
        if prober.led_at.is_some()
            && let Err(error) = self.store.resign(LEADERSHIP).await
        {
            tracing::warn!(%error, "the lead of tests could not be given up; it runs out within half a minute");
        }
    }
}

fn interval(target: &ProbeTarget) -> Duration {
    Duration::from_secs(u64::from(target.interval_minutes) * 60)
}

/// An interval from now, give or take a tenth.
fn next(target: &ProbeTarget, now: Timestamp) -> Timestamp {
    now.plus(interval(target).mul_f64(0.9 + 0.2 * rand::random::<f64>()))
}

/// How long a provider's tests are to wait after this answer.
fn slow_for(report: &TestReport) -> Option<Duration> {
    let asked = report.details.get("retryAfter").and_then(serde_json::Value::as_u64).map(Duration::from_secs);
    match report.error_type {
        Some(ErrorType::RateLimited) => Some(asked.unwrap_or(SLOW).clamp(SLOW, SLOWEST)),
        Some(ErrorType::ProviderUnavailable) => asked.map(|wait| wait.min(SLOWEST)),
        _ => None,
    }
}
