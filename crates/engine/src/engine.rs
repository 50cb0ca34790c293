//! The engine as a whole: what it is made of, how it starts, and how it stops without dropping anything.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ipnet::IpNet;
use simpul_core::id::WebhookId;
use simpul_core::integration::{Configuration, Integration};
use simpul_core::time::{Clock, Timestamp};
use simpul_providers::Network;
use simpul_store::{ClaimRules, DisableRules, News, Room, Store, Writer, WriterOptions};
use tokio::sync::{Notify, mpsc, watch as channel};
use tokio::task::JoinHandle;

use crate::address::Policy;
use crate::alert::Courier;
use crate::egress::Egress;
use crate::metrics::EngineMetrics;
use crate::recall::Recalls;
use crate::refusals::Refusals;
use crate::shape::Shaper;
use crate::tls::TrustError;
use crate::{alert, clock_guard, dispatch, feeder, probe, replays, retention, watch};

/// How the operator wants it.
#[derive(Debug, Clone)]
pub struct Options {
    /// How the outside reaches Simpul, without a trailing slash.
    pub public_url: String,
    /// Ranges that the guard lets through.
    pub egress_allow: Vec<IpNet>,
    /// PEM text of certificates trusted in addition.
    pub extra_certificates: Option<Vec<u8>>,
    /// Base URLs that stand in for the providers' own, by slug.
    pub provider_urls: HashMap<String, String>,
    /// Consecutive exhausted deliveries before a webhook is disabled.
    pub webhook_disable_after: u32,
    /// Or this long without a success.
    pub webhook_disable_after_time: Duration,
    /// What waits for a disabled webhook is given up after this long.
    pub parked_for: Duration,
    /// Deliveries a second to a webhook that answers again after its circuit was open, by all nodes together.
    pub webhook_drain_rate: u32,
    pub log_retention_days: u32,
    /// Where Telegram's bots are served, without a trailing slash.
    pub telegram_url: String,
    /// Attempts under way in all, and to one webhook.
    pub delivery_concurrency: usize,
    pub webhook_concurrency: usize,
    /// The `simpul` program, for the processes that evaluate filters and transformations; without it they cannot be.
    pub shape_program: Option<PathBuf>,
    /// Whether connections are tested by schedule.
    pub scheduled_tests: bool,
    /// Whether health is watched in the background; where it is not, [`Engine::watch_due`] does it by hand.
    pub watching: bool,
}

/// The engine cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("extra_ca_file {0}")]
    Trust(#[from] TrustError),
    #[error(transparent)]
    Store(#[from] simpul_store::Error),
}

/// Deliveries that are held in memory from acceptance to outcome, and their bytes; more wait in the table.
const ACCEPTED: (usize, usize) = (8_192, 48 << 20);
/// The same for those that were claimed from the table.
const CLAIMED: (usize, usize) = (2_048, 24 << 20);

/// How long the last outcomes may take to be written when stopping.
const FLUSH: Duration = Duration::from_secs(8);

/// The running engine.
pub struct Engine {
    pub(crate) store: Store,
    pub(crate) writer: Writer,
    pub(crate) egress: Egress,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) refusals: Refusals,
    pub(crate) metrics: EngineMetrics,
    pub(crate) replays: Arc<Notify>,
    shaper: Shaper,
    rooms: [Room; 2],
    pub(crate) public_url: String,
    pub(crate) courier: Courier,
    provider_urls: HashMap<String, String>,
    scheduled_tests: bool,
    waiting: Arc<Notify>,
    recalls: Arc<Recalls>,
    stop: channel::Sender<bool>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    pub(crate) prober: tokio::sync::Mutex<probe::Prober>,
    pub(crate) watcher: tokio::sync::Mutex<watch::Watcher>,
    _hearing: AbortOnDrop,
    _writing: Vec<JoinHandle<()>>,
}

/// Ends a task that never ends by itself.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Takes up what the other nodes tell.
async fn hear(store: Store, waiting: Arc<Notify>, recalls: Arc<Recalls>) {
    let heard = move |news| match news {
        News::Waiting => waiting.notify_one(),
        News::Changed(webhook_id) => recalls.add(webhook_id),
    };
    store.hear(Arc::new(heard)).await;
}

impl Engine {
    /// Starts delivering. Leases that an earlier process of this SQLite file left behind are taken over at once.
    ///
    /// # Errors
    /// The certificates cannot be used, or the store cannot be reached.
    pub async fn start(store: Store, clock: Arc<dyn Clock>, options: Options) -> Result<Arc<Self>, StartError> {
        let egress = Egress::new(Policy::new(options.egress_allow), options.extra_certificates.as_deref())?;
        let taken_over = store.reclaim_all(clock.now()).await?;
        if taken_over > 0 {
            tracing::info!(count = taken_over, "deliveries that were under way when Simpul stopped are taken up again");
        }
        let (leased, arriving) = mpsc::channel(ACCEPTED.0 + CLAIMED.0);
        let waiting = Arc::new(Notify::new());
        let recalls = Arc::new(Recalls::default());
        let (stop, stopping) = channel::channel(false);
        let recall = Arc::clone(&recalls);
        let (accepted, claimed) = (Room::new(ACCEPTED.0, ACCEPTED.1), Room::new(CLAIMED.0, CLAIMED.1));
        let rooms = [accepted.clone(), claimed.clone()];
        let (writer, writing) = Writer::start(
            store.clone(),
            WriterOptions {
                leased: leased.clone(),
                room: accepted.clone(),
                waiting: Arc::clone(&waiting),
                recall: Arc::new(move |webhook_id| recall.add(webhook_id)),
                disable: DisableRules {
                    after_exhausted: options.webhook_disable_after,
                    after: options.webhook_disable_after_time,
                },
            },
        );
        let metrics = EngineMetrics::default();
        let shaper = Shaper::new(options.shape_program);
        let dispatching = tokio::spawn(dispatch::run(dispatch::Parts {
            store: store.clone(),
            writer: writer.clone(),
            egress: egress.clone(),
            shaper: shaper.clone(),
            metrics: metrics.clone(),
            clock: Arc::clone(&clock),
            leased: arriving,
            recalls: Arc::clone(&recalls),
            stop: stopping.clone(),
            concurrency: options.delivery_concurrency,
            webhook_concurrency: options.webhook_concurrency,
        }));
        let feeding = tokio::spawn(feeder::run(feeder::Parts {
            store: store.clone(),
            clock: Arc::clone(&clock),
            leased,
            rules: ClaimRules { room: claimed.clone(), drain_rate: options.webhook_drain_rate },
            waiting: Arc::clone(&waiting),
            stop: stopping.clone(),
        }));
        let leasing = tokio::spawn(feeder::keep_leases(
            store.clone(),
            Arc::clone(&clock),
            rooms.clone(),
            Arc::clone(&waiting),
            stopping.clone(),
        ));
        let wake_replays = Arc::new(Notify::new());
        let replaying = tokio::spawn(replays::run(replays::Parts {
            store: store.clone(),
            wake: Arc::clone(&wake_replays),
            waiting: Arc::clone(&waiting),
            stop: stopping.clone(),
        }));
        let courier = Courier {
            store: store.clone(),
            egress: egress.clone(),
            clock: Arc::clone(&clock),
            provider_urls: Arc::new(options.provider_urls.clone()),
            telegram_url: options.telegram_url.as_str().into(),
        };
        let alerting = tokio::spawn(alert::run(alert::Parts {
            store: store.clone(),
            clock: Arc::clone(&clock),
            courier: courier.clone(),
            public_url: options.public_url.clone(),
            stop: stopping.clone(),
        }));
        let guarding = tokio::spawn(clock_guard::run(store.clone(), Arc::clone(&clock), stopping.clone()));
        let sweeping = tokio::spawn(retention::run(
            store.clone(),
            Arc::clone(&clock),
            retention::Ages { log_days: options.log_retention_days, parked_for: options.parked_for },
            stopping,
        ));
        let hearing = tokio::spawn(hear(store.clone(), Arc::clone(&waiting), Arc::clone(&recalls)));
        let engine = Arc::new(Self {
            store,
            writer,
            egress,
            clock,
            refusals: Refusals::default(),
            metrics,
            replays: wake_replays,
            shaper,
            rooms,
            public_url: options.public_url,
            courier,
            provider_urls: options.provider_urls,
            scheduled_tests: options.scheduled_tests,
            waiting,
            recalls,
            stop,
            tasks: Mutex::new(vec![feeding, dispatching, leasing, guarding, replaying, sweeping, alerting]),
            prober: tokio::sync::Mutex::default(),
            watcher: tokio::sync::Mutex::default(),
            _hearing: AbortOnDrop(hearing),
            _writing: writing,
        });
        engine.attend(options.scheduled_tests, options.watching);
        Ok(engine)
    }

    /// Starts what needs the whole engine. The tasks hold it weakly: they end with it.
    fn attend(self: &Arc<Self>, scheduled_tests: bool, watching: bool) {
        let Ok(mut tasks) = self.tasks.lock() else { return };
        if scheduled_tests {
            tasks.push(tokio::spawn(probe::run(Arc::downgrade(self), self.stop.subscribe())));
        }
        if watching {
            tasks.push(tokio::spawn(watch::run(Arc::downgrade(self), self.stop.subscribe())));
        }
    }

    /// Stops starting attempts, lets those under way finish, gives leases back and writes what is queued. Call it when no
    /// request is being served any more.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        let tasks = self.tasks.lock().map(|mut tasks| std::mem::take(&mut *tasks)).unwrap_or_default();
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the engine ended badly");
            }
        }
        self.flush().await;
        match self.store.release_leases(self.clock.now()).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "deliveries that were not made are given back"),
            Err(error) => tracing::warn!(%error, "leases could not be given back; they run out within a minute"),
        }
    }

    /// Waits until every outcome that was handed over is written.
    async fn flush(&self) {
        match tokio::time::timeout(FLUSH, self.writer.flush()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "outcomes may be unwritten; those deliveries are made again"),
            Err(_) => tracing::warn!("the database did not take the last outcomes; those deliveries are made again"),
        }
    }

    /// A webhook was changed: what is held of it in memory goes back to the table and is read anew.
    pub fn recall(&self, webhook_id: WebhookId) {
        self.recalls.add(webhook_id);
        self.waiting.notify_one();
    }

    /// Something was left in the table that may go at once.
    pub fn wake(&self) {
        self.waiting.notify_one();
    }

    /// The time by the engine's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    #[must_use]
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    #[must_use]
    pub fn egress(&self) -> &Egress {
        &self.egress
    }

    #[must_use]
    pub fn metrics(&self) -> &EngineMetrics {
        &self.metrics
    }

    /// Deliveries in this node's memory, from acceptance or claim to outcome.
    #[must_use]
    pub fn deliveries_held(&self) -> usize {
        self.rooms.iter().map(Room::taken).sum()
    }

    /// What evaluates filters and transformations.
    #[must_use]
    pub fn shaper(&self) -> &Shaper {
        &self.shaper
    }

    /// Whether there is room for more: the queue of writes is not full.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.writer.room() > 0
    }

    /// The URL that a provider is given for an integration.
    #[must_use]
    pub fn inbound_url(&self, token: &str) -> String {
        format!("{}/api/inbound/{token}", self.public_url)
    }

    /// Whether connections are tested by schedule.
    pub(crate) fn is_probing(&self) -> bool {
        self.scheduled_tests
    }

    pub(crate) fn network(&self) -> Arc<dyn Network> {
        Arc::new(self.egress.clone())
    }

    pub(crate) fn base_url(&self, slug: &str) -> Option<&str> {
        self.provider_urls.get(slug).map(String::as_str)
    }

    /// The configuration that an integration works with: its own, or its partner's where it inherits.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn effective_configuration(&self, integration: &Integration) -> simpul_store::Result<Configuration> {
        effective_configuration(&self.store, integration).await
    }
}

pub(crate) async fn effective_configuration(
    store: &Store,
    integration: &Integration,
) -> simpul_store::Result<Configuration> {
    if !integration.use_partner_config || integration.outlet_id.is_none() {
        return Ok(integration.configuration.clone());
    }
    let inherited = store
        .find_partner_integration(integration.partner_id, integration.integration_type, &integration.provider)
        .await?;
    Ok(inherited.map(|partner| partner.configuration).unwrap_or_default())
}
