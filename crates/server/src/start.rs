//! From a configuration to a running server, and back to a clean stop.

mod first_admin;
mod master_key;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use simpul_core::time::{Clock, SystemClock};
use simpul_engine::{Engine, Options, StartError};
use simpul_store::{Database, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::cli::{AdminCommand, Failure, print};
use crate::config::Loaded;
use crate::demo::{self, Demo};
use crate::http::{listener, metrics, router};
use crate::seed;
use crate::state::{AppState, chain};
use crate::telemetry;
use crate::telemetry::collector::{Collector, Traces};
use crate::telemetry::otlp_metrics::keep_sending;

/// An open store and what it was opened with.
pub struct Opened {
    pub store: Store,
    pub database: Database,
    pub clock: Arc<dyn Clock>,
}

/// Opens the database that the settings name, brings its tables up to date, and checks the master key against it. The
/// first time, makes the master key.
///
/// # Errors
/// The settings cannot be used, or the database does not answer.
pub async fn open(loaded: &Loaded) -> Result<Opened, Failure> {
    let config = &loaded.config;
    let database = Database::from_str(config.database_url.expose())
        .map_err(|error| loaded.unusable("database_url", &problem_of(&error)))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let key = master_key::load(loaded, &database)?;
    match Store::open(&database, key.key, Arc::clone(&clock)).await {
        Ok(store) => Ok(Opened { store, database, clock }),
        Err(simpul_store::Error::WrongMasterKey) => Err(master_key::wrong(key.made_at.as_deref())),
        Err(error) => Err(unusable_database(loaded, &error)),
    }
}

/// The store names the setting itself; the configuration's sentence does so again.
fn problem_of(error: &simpul_store::Error) -> String {
    let text = error.to_string();
    text.strip_prefix("database_url ").unwrap_or(&text).to_owned()
}

fn unusable_database(loaded: &Loaded, error: &simpul_store::Error) -> Failure {
    Failure::Other(match error {
        simpul_store::Error::InUse => format!("{error}."),
        _ => format!(
            "the database {} cannot be used: {}; check database_url and that the database is running.",
            loaded.config.database_url,
            chain(error)
        ),
    })
}

/// `simpul migrate`: brings the tables up to date and stops.
///
/// # Errors
/// As [`open`].
pub async fn migrate(loaded: Loaded) -> Result<(), Failure> {
    start_logging(&loaded)?;
    let opened = open(&loaded).await?;
    opened.store.close().await;
    print("The database is up to date.\n")
}

/// `simpul admin …`: makes or repairs a user.
///
/// # Errors
/// As [`open`]; or the e-mail or the password cannot be used.
pub async fn administer(loaded: Loaded, command: AdminCommand) -> Result<(), Failure> {
    start_logging(&loaded)?;
    let opened = open(&loaded).await?;
    let outcome = first_admin::command(&opened, command).await;
    opened.store.close().await;
    outcome
}

/// `simpul serve`: answers requests until SIGTERM or SIGINT, then finishes those in hand.
///
/// # Errors
/// As [`open`]; or the address to listen on cannot be taken.
pub async fn serve(loaded: Loaded) -> Result<(), Failure> {
    let telemetry = Telemetry::start(&loaded)?;
    let ended = run(loaded, None, telemetry.collector.clone()).await;
    telemetry.stop().await;
    ended
}

/// `simpul demo`: the server on throw-away data beside simulated providers.
///
/// # Errors
/// As [`serve`].
pub async fn demo(mut loaded: Loaded) -> Result<(), Failure> {
    let telemetry = Telemetry::start(&loaded)?;
    let demo = demo::prepare(&mut loaded).await?;
    let ended = run(loaded, Some(demo), telemetry.collector.clone()).await;
    telemetry.stop().await;
    ended
}

/// `simpul seed`: sample partners, outlets, integrations of every provider, and webhooks.
///
/// # Errors
/// As [`open`].
pub async fn seed(loaded: Loaded) -> Result<(), Failure> {
    start_logging(&loaded)?;
    let Opened { store, clock, .. } = open(&loaded).await?;
    let samples = seed::Samples {
        configuration: &seed::invented,
        webhook_url: &|slug| format!("https://receiver.example.com/{slug}"),
    };
    let made = seed::write(&store, clock.now(), &samples).await;
    store.close().await;
    let made = made.map_err(|error| unusable_database(&loaded, &error))?;
    print(&match made.len() {
        0 => "The sample partners are there already; nothing was changed.\n".to_owned(),
        count => {
            format!("{count} sample integrations were made, each with a webhook. Their credentials are invented.\n")
        }
    })
}

async fn run(loaded: Loaded, demo: Option<Demo>, collector: Option<Collector>) -> Result<(), Failure> {
    let signals = Signals::watch()?;
    let Opened { store, database, clock } = open(&loaded).await?;
    store.claim(&database).map_err(|error| unusable_database(&loaded, &error))?;
    let listener = bind(loaded.config.listen, "SIMPUL_LISTEN").await?;
    first_admin::ensure(&store, clock.as_ref(), &loaded).await?;
    let metrics_listener = match loaded.config.metrics_listen {
        None => None,
        Some(address) => Some(bind(address, "SIMPUL_METRICS_LISTEN").await?),
    };
    let (stop, stopping) = watch::channel(false);
    let engine = start_engine(&loaded, &store, &clock).await?;
    let state = AppState::new(Arc::clone(&engine), clock, Arc::new(loaded.config), stopping.clone());
    let routes = router::router(state.clone())
        .map_err(|error| Failure::Other(format!("the OpenAPI document cannot be written: {error}.")))?;

    let key_uses = tokio::spawn({
        let (state, stopping) = (state.clone(), stopping.clone());
        async move { state.key_uses.keep_flushing(&state.store, stopping).await }
    });

    tokio::spawn(async move {
        signals.received().await;
        stop.send_replace(true);
    });
    let figures = collector.map(|collector| tokio::spawn(keep_sending(collector, state.clone(), stopping.clone())));
    let traffic = demo.map(|demo| tokio::spawn(demo.run(state.clone(), stopping.clone())));
    if let Some(listener) = metrics_listener {
        tokio::spawn(listener::serve(listener, metrics::own_address(state.clone()), stopping.clone()));
    }
    announce(&state, &listener)?;
    listener::serve(listener, routes, stopping).await;

    // No request is in hand any more: what works by itself is stopped here, before the store is closed.
    if let Err(error) = key_uses.await {
        tracing::warn!(error = %error, "the last use of API keys was not written");
    }
    if let Some(Err(error)) = match traffic {
        Some(traffic) => Some(traffic.await),
        None => None,
    } {
        tracing::warn!(error = %error, "the demo's traffic ended badly");
    }
    engine.stop().await;
    if let Some(Err(error)) = match figures {
        Some(figures) => Some(figures.await),
        None => None,
    } {
        tracing::warn!(%error, "the last figures were not sent");
    }
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Starts what works by itself, before the first request can come in.
async fn start_engine(loaded: &Loaded, store: &Store, clock: &Arc<dyn Clock>) -> Result<Arc<Engine>, Failure> {
    let config = &loaded.config;
    let extra_certificates = extra_certificates(loaded)?;
    let options = Options {
        public_url: config.public_url.to_string(),
        egress_allow: config.egress_allow.clone(),
        extra_certificates,
        provider_urls: config
            .provider_urls
            .iter()
            .map(|(slug, url)| ((*slug).to_owned(), url.as_str().trim_end_matches('/').to_owned()))
            .collect(),
        webhook_disable_after: config.webhook_disable_after,
        webhook_disable_after_time: hours(config.webhook_disable_after_hours),
        parked_for: hours(config.webhook_parked_days * 24),
        webhook_drain_rate: config.webhook_drain_rate,
        log_retention_days: config.log_retention_days,
        telegram_url: config.telegram_url.as_str().trim_end_matches('/').to_owned(),
        delivery_concurrency: config.delivery_concurrency,
        webhook_concurrency: config.webhook_concurrency,
        shape_program: own_program(),
        scheduled_tests: config.scheduled_tests,
        watching: true,
    };
    Engine::start(store.clone(), Arc::clone(clock), options).await.map_err(|error| match error {
        StartError::Trust(error) => loaded.unusable("extra_ca_file", &error.to_string()).into(),
        StartError::Store(error) => unusable_database(loaded, &error),
    })
}

/// This very program, for its worker processes. On Linux by the link that leads to it also after an upgrade has put
/// another file in its place.
fn own_program() -> Option<PathBuf> {
    let link = Path::new("/proc/self/exe");
    if link.exists() {
        return Some(link.to_owned());
    }
    std::env::current_exe()
        .inspect_err(|error| {
            tracing::warn!(%error, "this program's path cannot be told: filters and transformations cannot be evaluated");
        })
        .ok()
}

fn hours(hours: u32) -> Duration {
    Duration::from_secs(u64::from(hours) * 3_600)
}

fn extra_certificates(loaded: &Loaded) -> Result<Option<Vec<u8>>, Failure> {
    let read = |path| {
        std::fs::read(path).map_err(|error| loaded.unusable("extra_ca_file", &format!("cannot be read: {error}")))
    };
    Ok(loaded.config.extra_ca_file.as_ref().map(read).transpose()?)
}

/// Logging for a command that ends by itself.
fn start_logging(loaded: &Loaded) -> Result<(), Failure> {
    logging(loaded, None)
}

fn logging(loaded: &Loaded, traces: Option<&Traces>) -> Result<(), Failure> {
    telemetry::start(loaded.config.log_format, &loaded.config.log_level, traces)
        .map_err(|error| Failure::Other(format!("logging cannot be started: {error}.")))
}

/// Logging, and the collector where one is configured, for as long as the server runs.
struct Telemetry {
    collector: Option<Collector>,
    traces: Option<Traces>,
}

impl Telemetry {
    fn start(loaded: &Loaded) -> Result<Self, Failure> {
        let collector = Collector::of(loaded, extra_certificates(loaded)?.as_deref())?;
        let percent = loaded.config.otlp_trace_percent;
        let traces = collector.as_ref().map(|collector| Traces::to(collector, percent)).transpose()?;
        logging(loaded, traces.as_ref())?;
        Ok(Self { collector, traces })
    }

    /// Sends the last traces.
    async fn stop(self) {
        let Some(traces) = self.traces else { return };
        if let Err(error) = tokio::task::spawn_blocking(move || traces.stop()).await {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Other(match error.kind() {
            std::io::ErrorKind::AddrInUse => format!(
                "{address} is in use by another program: stop it, or set {setting} to another address and port."
            ),
            _ => format!("{address} cannot be listened on: {error}; set {setting} to an address of this machine."),
        })
    })
}

/// The one line that says where to go.
fn announce(state: &AppState, listener: &TcpListener) -> Result<(), Failure> {
    let address = listener
        .local_addr()
        .map_err(|error| Failure::Other(format!("the address listened on cannot be read: {error}.")))?;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), database = state.store.backend(), "ready");
    print(&format!("Simpul is ready at {} (listening on {address}).\n", state.config.public_url))
}

/// The signals that ask the process to stop, watched from the start so that none is missed.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn watch() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |error: std::io::Error| Failure::Other(format!("signals cannot be received: {error}."));
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
        })
    }

    async fn received(mut self) {
        let name = tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "stopping");
    }
}
