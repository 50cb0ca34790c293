//! All that Simpul tells of itself as figures: one registry for the process, read by `/metrics` and sent over OTLP.

mod http;
mod process;
mod text;

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use simpul_core::time::Timestamp;
use simpul_engine::Engine;
use simpul_store::Figures;
use tokio::sync::Mutex;
use tokio::time::Instant;

use self::process::ProcessCollector;
use crate::state::chain;

pub use http::HttpMetrics;
pub use text::Format;

/// How long figures that the database is asked for may be repeated.
const FRESH: Duration = Duration::from_secs(5);
/// How long the database may take to tell them.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabel {
    status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct IncidentLabels {
    kind: String,
    severity: String,
}

/// Gauges that are set anew whenever somebody reads.
#[derive(Debug, Default)]
struct Gauges {
    deliveries: Family<StateLabel, Gauge>,
    oldest_due_age: Gauge,
    webhooks: Family<StateLabel, Gauge>,
    integrations: Family<StatusLabel, Gauge>,
    incidents: Family<IncidentLabels, Gauge>,
    alert_messages_waiting: Gauge,
    deliveries_held: Gauge,
    writes_waiting: Gauge,
    database_up: Gauge,
}

/// The process's figures. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    gauges: Gauges,
    http: HttpMetrics,
    engine: Arc<Engine>,
    /// When the database was last asked. One reader asks at a time; the others take what is there then.
    asked: Mutex<Option<Instant>>,
}

impl Metrics {
    /// Names everything that the engine, the writer and the server measure. `started_at` is the process's start.
    #[must_use]
    pub fn new(engine: &Arc<Engine>, started_at: Timestamp) -> Self {
        let mut registry = Registry::default();
        let (gauges, http) = (Gauges::default(), HttpMetrics::default());
        registry.register_collector(Box::new(ProcessCollector { started_at }));
        let own = registry.sub_registry_with_prefix("simpul");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION")), ("database", engine.store().backend())]);
        own.register("build", "The running program", build);
        http.register(own);
        engine.metrics().register(own);
        engine.writer().metrics().register(own);
        gauges.register(own);
        Self(Arc::new(Inner { registry, gauges, http, engine: Arc::clone(engine), asked: Mutex::default() }))
    }

    /// What requests are counted in.
    #[must_use]
    pub fn http(&self) -> &HttpMetrics {
        &self.0.http
    }

    /// All figures as text.
    ///
    /// # Errors
    /// A figure cannot be written, which is a fault in Simpul.
    pub async fn render(&self, format: Format) -> Result<String, std::fmt::Error> {
        self.refresh().await;
        let mut text = String::with_capacity(32 * 1024);
        prometheus_client::encoding::text::encode(&mut text, &self.0.registry)?;
        Ok(match format {
            Format::OpenMetrics => text,
            Format::Prometheus => text::to_prometheus(&text),
        })
    }

    /// Sets the gauges. Those of the database are left as they were while it does not answer.
    async fn refresh(&self) {
        let Inner { gauges, engine, asked, .. } = &*self.0;
        gauges.deliveries_held.set(whole(engine.deliveries_held()));
        gauges.writes_waiting.set(whole(engine.writer().waiting()));
        let mut asked = asked.lock().await;
        if asked.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        match tokio::time::timeout(PATIENCE, engine.store().figures()).await {
            Ok(Ok(figures)) => gauges.take(&figures, engine.now()),
            Ok(Err(error)) => {
                gauges.database_up.set(0);
                tracing::warn!(error = chain(&error), "figures could not be read from the database");
            }
            Err(_) => {
                gauges.database_up.set(0);
                tracing::warn!("the database did not tell its figures within 5 seconds");
            }
        }
        *asked = Some(Instant::now());
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Gauges {
    fn take(&self, figures: &Figures, now: Timestamp) {
        self.database_up.set(1);
        let set = |family: &Family<StateLabel, Gauge>, state, count| {
            family.get_or_create(&StateLabel { state }).set(count);
        };
        set(&self.deliveries, "pending", figures.deliveries_pending);
        set(&self.deliveries, "leased", figures.deliveries_leased);
        set(&self.deliveries, "parked", figures.deliveries_parked);
        set(&self.webhooks, "disabled", figures.webhooks_disabled);
        set(&self.webhooks, "circuit_open", figures.webhooks_open);
        self.oldest_due_age.set(figures.oldest_due_at.map_or(0, |due| now.since(due).max(0) / 1_000));
        self.alert_messages_waiting.set(figures.alert_messages_waiting);
        self.integrations.clear();
        for (status, count) in &figures.integrations {
            self.integrations.get_or_create(&StatusLabel { status: status.clone() }).set(*count);
        }
        self.incidents.clear();
        for (kind, severity, count) in &figures.incidents {
            let labels = IncidentLabels { kind: kind.clone(), severity: severity.clone() };
            self.incidents.get_or_create(&labels).set(*count);
        }
    }

    fn register(&self, registry: &mut Registry) {
        registry.register(
            "deliveries",
            "Deliveries that are not finished, by state, all nodes together; counted up to 100,000",
            self.deliveries.clone(),
        );
        registry.register_with_unit(
            "oldest_due_delivery_age",
            "How long the delivery that is due longest has been due",
            Unit::Seconds,
            self.oldest_due_age.clone(),
        );
        registry.register("webhooks_troubled", "Webhooks that take no deliveries now", self.webhooks.clone());
        registry.register("integrations", "Integrations by health status", self.integrations.clone());
        registry.register("incidents_open", "Open incidents by kind and severity", self.incidents.clone());
        registry.register(
            "alert_messages_waiting",
            "Messages of alerts that are not sent yet, those that are tried again among them",
            self.alert_messages_waiting.clone(),
        );
        registry.register(
            "deliveries_held",
            "Deliveries in this node's memory, from acceptance or claim to outcome",
            self.deliveries_held.clone(),
        );
        registry.register("writes_waiting", "Writes that wait for the database", self.writes_waiting.clone());
        registry.register("database_up", "1 while the database answers", self.database_up.clone());
    }
}

#[cfg(test)]
mod tests;
