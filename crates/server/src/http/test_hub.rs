//! A hub for tests: the router over a fresh store, an engine that delivers, and simulated providers and receivers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use simpul_core::access::{Role, Scope};
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::id::{ApiKeyId, IntegrationId, PartnerId};
use simpul_core::integration::{Configuration, Integration, IntegrationType, Mode, Settings};
use simpul_core::partner::Partner;
use simpul_core::time::{Clock, SystemClock, Timestamp};
use simpul_engine::{Engine, Options};
use simpul_simulator::{Running, Simulator, accounts};
use simpul_store::testing::TestDatabase;
use simpul_store::{ApiKey, Store};
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::config::{Sources, load};
use crate::http::router::router;
use crate::state::AppState;
use crate::token::NewApiKey;

/// How long anything awaited may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// `null` where the body is no JSON.
    pub(crate) body: Value,
}

/// The machine's clock, ahead by what a test says.
#[derive(Debug, Default)]
pub(crate) struct ShiftedClock(AtomicI64);

impl ShiftedClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis().try_into().unwrap(), Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().millis() + self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Hub {
    pub(crate) state: AppState,
    pub(crate) simulator: Running,
    /// A Midtrans integration whose simulated account is right.
    pub(crate) integration: Integration,
    router: Router,
    keys: BTreeMap<&'static str, String>,
    pub(crate) clock: Arc<ShiftedClock>,
    database: TestDatabase,
    _directory: tempfile::TempDir,
    _stop: watch::Sender<bool>,
}

impl Hub {
    pub(crate) async fn start() -> Self {
        Self::on(TestDatabase::sqlite()).await
    }

    pub(crate) async fn on(database: TestDatabase) -> Self {
        let simulator = Simulator::start(([127, 0, 0, 1], 0).into()).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ShiftedClock::default());
        let store = database.open(clock.clone()).await;
        let options = options(&simulator);
        let engine = Engine::start(store.clone(), clock.clone(), options).await.unwrap();
        let config = load(Sources { directory: directory.path().to_owned(), ..Sources::default() }).unwrap().config;
        let (stop, stopping) = watch::channel(false);
        let state = AppState::new(engine, clock.clone(), Arc::new(config), stopping);
        let partner_id = insert_partner(&store, "toko").await;
        let other = insert_partner(&store, "warung").await;
        let mut keys = BTreeMap::new();
        let roles = [
            ("viewer", Role::Viewer),
            ("operator", Role::Operator),
            ("admin", Role::Admin),
            ("super", Role::SuperAdmin),
        ];
        for (name, role) in roles {
            keys.insert(name, insert_key(&store, role, None).await);
        }
        keys.insert("stranger", insert_key(&store, Role::Admin, Some(other)).await);
        let integration = insert_midtrans(&store, partner_id).await;
        let router = router(state.clone()).unwrap();
        Self { state, simulator, integration, router, keys, clock, database, _directory: directory, _stop: stop }
    }

    /// Stops the engine and removes the database, which PostgreSQL would keep.
    pub(crate) async fn remove(self) {
        self.state.engine.stop().await;
        self.state.store.close().await;
        self.database.remove().await;
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 10_000_000).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status.as_u16(), headers: parts.headers, text, body }
    }

    /// Another node on the same database.
    pub(crate) async fn second_engine(&self) -> Arc<Engine> {
        let store = self.database.open(self.clock.clone()).await;
        Engine::start(store, self.clock.clone(), options(&self.simulator)).await.unwrap()
    }

    /// The text of the key of that name.
    pub(crate) fn key(&self, name: &str) -> &str {
        &self.keys[name]
    }

    /// An answer without an end, under the key of that name.
    pub(crate) async fn open(&self, key: &str, path: &str) -> Response {
        let request = Request::get(path).header("authorization", format!("Bearer {}", self.keys[key]));
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// Lets the time of one round of tests pass, makes those that are due and looks at what came of it.
    pub(crate) async fn probe_round(&self) -> usize {
        self.clock.advance(Duration::from_secs(17 * 60));
        let made = self.state.engine.probe_due().await.unwrap();
        self.state.engine.watch_due().await.unwrap();
        made
    }

    /// A request under the key of that name (a role, or `stranger`: another partner's admin).
    pub(crate) async fn call(&self, key: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {}", self.keys[key]));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    /// A request with headers of its own, under the key of that name.
    pub(super) async fn with_key(&self, key: &str, request: http::request::Builder) -> Answer {
        let request = request.header("authorization", format!("Bearer {}", self.keys[key]));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("viewer", "GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("admin", "POST", path, Some(body)).await
    }

    /// The path of something of the integration.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/admin/integrations/{}/{rest}", self.integration.id)
    }

    /// A webhook to the simulator's receiver of this name, with `more` members; the receiver knows its secret.
    pub(crate) async fn webhook(&self, receiver: &str, more: Value) -> Value {
        let mut body =
            json!({"webhookUrl": self.simulator.receiver_url(receiver), "retryDelay": 1, "backoff": "fixed"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = self.post(&self.path("webhooks"), body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let webhook = answer.body["data"].clone();
        self.simulator.receiver_secret(receiver, webhook["webhookSecret"].as_str().map(str::to_owned));
        webhook
    }

    /// Reads the path again and again until `until` holds of its data.
    pub(crate) async fn wait(&self, path: &str, until: impl Fn(&Value) -> bool) -> Value {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        let waiting = async {
            loop {
                tick.tick().await;
                let answer = self.get(path).await;
                if until(&answer.body["data"]) {
                    return answer.body["data"].clone();
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{path} did not come to it"))
    }

    /// Waits for `count` requests at a receiver.
    pub(crate) async fn received(&self, name: &str, count: u64) -> Vec<simpul_simulator::ReceivedRequest> {
        tokio::time::timeout(PATIENCE, self.simulator.wait_for_received(name, count)).await.unwrap()
    }

    /// The integration's log rows of an action and status.
    pub(crate) async fn logs(&self, action: Action, status: Status) -> Vec<String> {
        let filter =
            simpul_store::ActivityFilter { actions: vec![action], statuses: vec![status], ..Default::default() };
        let page = simpul_store::ActivityPage::Offset(0);
        let rows = self.state.store.list_activity(self.integration.id, &filter, page, 100).await.unwrap();
        rows.into_iter().map(|row| format!("{} {}", row.message, row.request_data.unwrap_or_default())).collect()
    }

    /// Switches the integration off.
    pub(crate) async fn deactivate(&self) {
        let mut integration =
            self.state.store.find_integration(Scope::All, self.integration.id).await.unwrap().unwrap();
        integration.is_active = false;
        let log = Activity::new(integration.id, Action::ConfigChange, Status::Success, "off", SystemClock.now());
        self.state.store.update_integration(&integration, &["serverKey"], log).await.unwrap();
    }
}

fn options(simulator: &Running) -> Options {
    Options {
        public_url: "http://localhost:3001".to_owned(),
        egress_allow: vec!["127.0.0.0/8".parse().unwrap()],
        extra_certificates: None,
        provider_urls: ["midtrans", "xendit", "stripe", "twilio", "wablas", "fonnte", "mailgun", "sendgrid"]
            .into_iter()
            .map(|provider| (provider.to_owned(), simulator.base_url(provider)))
            .collect(),
        webhook_disable_after: 10,
        webhook_disable_after_time: Duration::from_secs(120 * 3_600),
        parked_for: Duration::from_secs(14 * 86_400),
        webhook_drain_rate: 100,
        log_retention_days: 90,
        telegram_url: simulator.base_url("telegram"),
        delivery_concurrency: 16,
        webhook_concurrency: 8,
        // The program is not there for unit tests; tests/shape has the real one.
        shape_program: None,
        // Tests do what is due by hand, at times of their own.
        scheduled_tests: false,
        watching: false,
    }
}

async fn insert_partner(store: &Store, slug: &str) -> PartnerId {
    let now = SystemClock.now();
    let id = PartnerId::generate(now);
    let (name, slug) = (slug.to_owned(), slug.to_owned());
    store.insert_partner(&Partner { id, name, slug, is_active: true, created_at: now, updated_at: now }).await.unwrap();
    id
}

async fn insert_key(store: &Store, role: Role, partner_id: Option<PartnerId>) -> String {
    let now = SystemClock.now();
    let new = NewApiKey::generate();
    let key = ApiKey {
        id: ApiKeyId::generate(now),
        name: role.as_str().to_owned(),
        role,
        partner_id,
        prefix: new.prefix,
        expires_at: None,
        last_used_at: None,
        created_by: "test".to_owned(),
        created_at: now,
    };
    store.insert_api_key(&key, new.key.expose()).await.unwrap();
    new.key.expose().to_owned()
}

async fn insert_midtrans(store: &Store, partner_id: PartnerId) -> Integration {
    let now: Timestamp = SystemClock.now();
    let account = accounts::right("midtrans", Mode::Sandbox).unwrap();
    let members = account.fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let integration = Integration {
        id: IntegrationId::generate(now),
        partner_id,
        outlet_id: None,
        integration_type: IntegrationType::PaymentGateway,
        provider: "midtrans".to_owned(),
        display_name: "Midtrans".to_owned(),
        is_active: true,
        test_mode: true,
        use_partner_config: false,
        configuration: Configuration(members),
        settings: Settings {
            confirm_notifications: true,
            test_interval_minutes: 15,
            latency_target_ms: 2_000,
            credential_max_age_days: 365,
        },
        inbound_token: "inbound-token-of-the-tests".to_owned(),
        last_tested_at: None,
        last_test_status: None,
        last_test_message: None,
        created_by: "test".to_owned(),
        updated_by: "test".to_owned(),
        created_at: now,
        updated_at: now,
    };
    let log = Activity::new(integration.id, Action::ConfigChange, Status::Success, "made", now);
    store.insert_integration(&integration, &["serverKey"], log).await.unwrap();
    integration
}
