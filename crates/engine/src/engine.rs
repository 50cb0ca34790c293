//! The engine as a whole: what it is made of, how it starts, and how it stops without dropping anything.

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};

use ipnet::IpNet;
use simpul_core::integration::{Configuration, Integration};
use simpul_core::time::{Clock, Timestamp};
use simpul_providers::Network;
use simpul_store::{Store, Writer, WriterOptions};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

use crate::address::Policy;
use crate::dispatch::{self, Parts};
use crate::egress::Egress;
use crate::refusals::Refusals;
use crate::retention;
use crate::tls::TrustError;

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
    pub log_retention_days: u32,
    /// Attempts under way in all, and to one webhook.
    pub delivery_concurrency: usize,
    pub webhook_concurrency: usize,
}

/// The engine cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("extra_ca_file {0}")]
    Trust(#[from] TrustError),
    #[error(transparent)]
    Store(#[from] simpul_store::Error),
}

/// Deliveries that are held in memory from acceptance to outcome; more wait in the table.
const SLOTS: usize = 4_096;

/// The running engine.
pub struct Engine {
    pub(crate) store: Store,
    pub(crate) writer: Writer,
    pub(crate) egress: Egress,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) refusals: Refusals,
    public_url: String,
    provider_urls: HashMap<String, String>,
    stop: watch::Sender<bool>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
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
        let (leased, arriving) = mpsc::channel(SLOTS);
        let slots = Arc::new(AtomicUsize::new(SLOTS));
        let waiting = Arc::new(Notify::new());
        let (stop, stopping) = watch::channel(false);
        let (writer, writing) = Writer::start(
            store.clone(),
            WriterOptions {
                leased,
                slots: Arc::clone(&slots),
                waiting: Arc::clone(&waiting),
                disable_after: options.webhook_disable_after,
            },
        );
        let dispatching = tokio::spawn(dispatch::run(Parts {
            store: store.clone(),
            writer: writer.clone(),
            egress: egress.clone(),
            clock: Arc::clone(&clock),
            leased: arriving,
            slots,
            waiting,
            stop: stopping.clone(),
            concurrency: options.delivery_concurrency,
            webhook_concurrency: options.webhook_concurrency,
        }));
        let sweeping =
            tokio::spawn(retention::run(store.clone(), Arc::clone(&clock), options.log_retention_days, stopping));
        Ok(Arc::new(Self {
            store,
            writer,
            egress,
            clock,
            refusals: Refusals::default(),
            public_url: options.public_url,
            provider_urls: options.provider_urls,
            stop,
            tasks: Mutex::new(vec![dispatching, sweeping, writing]),
        }))
    }

    /// Stops starting attempts, lets those under way finish, gives leases back and writes what is queued. Call it when no
    /// request is being served any more.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        let tasks = self.tasks.lock().map(|mut tasks| std::mem::take(&mut *tasks)).unwrap_or_default();
        // The writer ends only when every clone of it is dropped, and this engine holds one: by now its queue is empty,
        // because everybody who brought something has been answered.
        for task in tasks.into_iter().take(2) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the engine ended badly");
            }
        }
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
        if !integration.use_partner_config || integration.outlet_id.is_none() {
            return Ok(integration.configuration.clone());
        }
        let inherited = self
            .store
            .find_partner_integration(integration.partner_id, integration.integration_type, &integration.provider)
            .await?;
        Ok(inherited.map(|partner| partner.configuration).unwrap_or_default())
    }
}
