//! `simpul demo`: sample data beside simulated providers, with traffic that never ends, so that everything can be seen alive
//! without an account anywhere.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::integration::{Configuration, Mode};
use simpul_engine::{Engine, InboundRequest, TestSubject};
use simpul_providers::Manifest;
use simpul_simulator::accounts::right;
use simpul_simulator::notify::{Occasion, Variant, build, kinds};
use simpul_simulator::{Behaviour, Fault, Running, Simulator};
use tokio::sync::watch;

use crate::cli::Failure;
use crate::config::Loaded;
use crate::seed::{self, Made, Samples};
use crate::state::AppState;

/// The demo's data, thrown away at each start.
const FOLDER: &str = "data/demo";
/// Between two things that happen.
const PACE: Duration = Duration::from_millis(700);

/// The simulated providers of a demo.
pub(crate) struct Demo {
    simulator: Running,
}

/// Starts the simulator and points the settings at it and at data of its own.
///
/// # Errors
/// The old data cannot be removed, or no port is free.
pub(crate) async fn prepare(loaded: &mut Loaded) -> Result<Demo, Failure> {
    match std::fs::remove_dir_all(FOLDER) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::Other(format!("the data of an earlier demo in {FOLDER} cannot be removed: {error}.")));
        }
        _ => {}
    }
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let simulator = Simulator::start(any_port)
        .await
        .map_err(|error| Failure::Other(format!("the simulated providers cannot be started: {error}.")))?;
    let database = format!("sqlite:{FOLDER}/simpul.db");
    loaded.config.database_url = crate::config::DatabaseUrl::parse(&database)
        .ok_or_else(|| Failure::Other("the demo's database cannot be named.".to_owned()))?;
    loaded.config.master_key = None;
    loaded.config.master_key_file = None;
    loaded.config.egress_allow.extend("127.0.0.0/8".parse::<ipnet::IpNet>());
    for provider in simpul_providers::all() {
        let slug = provider.manifest().slug;
        // The mail server's address stands in the sample's own configuration.
        if slug != "smtp"
            && let Ok(url) = simulator.base_url(slug).parse()
            && right(slug, Mode::Sandbox).is_some()
        {
            loaded.config.provider_urls.insert(slug, url);
        }
    }
    Ok(Demo { simulator })
}

impl Demo {
    /// Writes the sample data and keeps things happening until asked to stop.
    pub(crate) async fn run(self, state: AppState, mut stopping: watch::Receiver<bool>) {
        let samples = Samples {
            configuration: &|manifest| self.configuration(manifest),
            webhook_url: &|slug| self.simulator.receiver_url(slug),
        };
        let made = match seed::write(&state.store, state.now(), &samples).await {
            Ok(made) => made,
            Err(error) => return tracing::error!(%error, "the sample data could not be written"),
        };
        // One receiver that now and then has a bad moment, so that retries are to be seen.
        self.simulator.receiver_behaves("toko-elektronik-jaya", Behaviour::FailFirst(3));
        for sample in &made {
            self.simulator.receiver_secret(&sample.partner_slug, Some(sample.webhook.secret.clone()));
        }
        let mut round = 0;
        while tokio::time::timeout(PACE, stopping.wait_for(|stopping| *stopping)).await.is_err() {
            if let Some(sample) = made.get(usize::try_from(round).unwrap_or(0) % made.len().max(1)) {
                self.happen(&state.engine, sample, round).await;
            }
            round += 1;
        }
        self.simulator.stop().await;
    }

    /// The simulator's right account; the demo's mail server for SMTP.
    fn configuration(&self, manifest: &Manifest) -> Configuration {
        if let Some(account) = right(manifest.slug, Mode::Sandbox) {
            let known = account.fields.iter().filter(|(name, _)| manifest.field(name).is_some());
            let mut members: std::collections::BTreeMap<String, Value> =
                known.map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
            if manifest.slug == "smtp" {
                let address = self.simulator.smtp_address();
                members.insert("host".to_owned(), address.ip().to_string().into());
                members.insert("port".to_owned(), address.port().into());
                members.insert("encryption".to_owned(), "none".into());
            }
            return Configuration(members);
        }
        seed::invented(manifest)
    }

    /// One thing of everyday life: a notification, a transaction, a test, a bad minute at a provider.
    async fn happen(&self, engine: &Arc<Engine>, sample: &Made, round: u64) {
        let integration = &sample.integration;
        let slug = integration.provider.as_str();
        if round % 90 == 60 {
            self.simulator.set_fault(slug, Some(Fault::ServerError));
        } else if round % 90 == 75 {
            simpul_providers::all()
                .iter()
                .for_each(|provider| self.simulator.set_fault(provider.manifest().slug, None));
        }
        if round % 40 == 20 {
            self.simulator.receiver_behaves(&sample.partner_slug, Behaviour::FailFirst(2));
        }
        let outcome = match round % 4 {
            0 => engine.test_integration(integration, &TestSubject::default()).await.map(|_| ()),
            1 => engine.writer().record(vec![transaction(integration.id, round, engine)]).await,
            _ => self.notify(engine, sample, round).await,
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "the demo's traffic met a fault");
        }
    }

    async fn notify(&self, engine: &Arc<Engine>, sample: &Made, round: u64) -> simpul_store::Result<()> {
        let integration = &sample.integration;
        let kinds = kinds(&integration.provider);
        let kind = kinds.get(usize::try_from(round / 4).unwrap_or(0) % kinds.len().max(1));
        let (Some(account), Some(kind)) = (right(&integration.provider, Mode::Sandbox), kind) else { return Ok(()) };
        let variant = if round.is_multiple_of(29) { Variant::Forged } else { Variant::Valid };
        let url = engine.inbound_url(&integration.inbound_token);
        let occasion = Occasion::new(round, engine.now(), &url).variant(variant);
        let Some(notification) = build(account, kind, &occasion) else { return Ok(()) };
        if variant == Variant::Valid {
            self.simulator.record(&notification);
        }
        let mut headers = http::HeaderMap::new();
        let sent = notification.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in sent.chain([("content-type", notification.content_type)]) {
            if let (Ok(name), Ok(value)) =
                (http::HeaderName::from_bytes(name.as_bytes()), http::HeaderValue::from_str(value))
            {
                headers.insert(name, value);
            }
        }
        let request = InboundRequest {
            token: &integration.inbound_token,
            method: &http::Method::POST,
            query: "",
            headers: &headers,
            body: &notification.body,
            remote_address: Some("127.0.0.1".to_owned()),
        };
        engine.receive(&request).await.map(|_| ())
    }
}

/// A call of the platform to the provider; one in twelve fails.
fn transaction(id: simpul_core::id::IntegrationId, round: u64, engine: &Engine) -> Activity {
    let failed = round % 48 == 13;
    let (status, message) =
        if failed { (Status::Failed, "Charge timed out") } else { (Status::Success, "Charge accepted") };
    let mut log = Activity::new(id, Action::Transaction, status, message, engine.now());
    log.duration = i64::try_from(if failed { 9_000 } else { 120 + round * 37 % 400 }).ok();
    log.error_type = failed.then_some(ErrorType::Timeout);
    log.request_data = Some(json!({"orderId": format!("INV-2026-{round:06}")}));
    log
}
