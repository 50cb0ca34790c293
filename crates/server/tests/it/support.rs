//! A running `simpul serve` with an administrator's key, beside a simulator.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use simpul_simulator::{Running, Simulator};
use simpul_store::testing::TestDatabase;

/// Runs a test on both backends: `on_both! { async fn name(hub: &mut Hub) { … } }`.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($hub:ident: &mut Hub) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($hub: &mut Hub) $body

            #[tokio::test]
            async fn sqlite() {
                let mut hub = Hub::on(simpul_store::testing::TestDatabase::sqlite()).await;
                run(&mut hub).await;
                hub.end().await;
            }

            #[tokio::test]
            async fn postgres() {
                let mut hub = Hub::on(simpul_store::testing::TestDatabase::postgres().await).await;
                run(&mut hub).await;
                hub.end().await;
            }
        }
    )+};
}
pub(crate) use on_both;

pub(crate) const EMAIL: &str = "ops@example.id";
pub(crate) const PASSWORD: &str = "sandi-rahasia-2026";
const PROVIDERS: &[&str] = &["midtrans", "xendit", "stripe", "twilio", "wablas", "fonnte", "mailgun", "sendgrid"];

pub(crate) struct Hub {
    pub(crate) database: TestDatabase,
    pub(crate) simulator: Running,
    pub(crate) client: reqwest::Client,
    pub(crate) base: String,
    pub(crate) key: String,
    /// Everything the process wrote, for looking for secrets.
    pub(crate) output: Arc<Mutex<String>>,
    process: Child,
    settings: Vec<(&'static str, String)>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Hub {
    pub(crate) async fn on(database: TestDatabase) -> Self {
        Self::with(database, Vec::new()).await
    }

    /// With these settings besides, by their variables.
    pub(crate) async fn with(database: TestDatabase, settings: Vec<(&'static str, String)>) -> Self {
        let simulator = Simulator::start("127.0.0.1:0".parse().expect("an address")).await.expect("starts");
        let output = Arc::new(Mutex::new(String::new()));
        let (process, base) = start(&database, &simulator, &output, &settings);
        // Already installed by another test of this process, or now.
        drop(rustls::crypto::ring::default_provider().install_default());
        #[expect(clippy::disallowed_methods, reason = "the tests' own client")]
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        let mut hub = Self { database, simulator, client, base, key: String::new(), output, process, settings };
        hub.key = hub.make_key("super_admin", None).await;
        hub
    }

    /// Makes an API key as the first administrator, who signs in for it.
    pub(crate) async fn make_key(&self, role: &str, partner_id: Option<&str>) -> String {
        let login = self
            .client
            .post(format!("{}/api/auth/login", self.base))
            .json(&json!({"email": EMAIL, "password": PASSWORD}));
        let login = login.send().await.expect("answers");
        assert_eq!(login.status(), 200);
        let cookie =
            login.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let made = self
            .client
            .post(format!("{}/api/admin/api-keys", self.base))
            .header("cookie", cookie)
            .header("origin", &self.base)
            .json(&json!({"name": role, "role": role, "partnerId": partner_id}));
        let made: Value = made.send().await.expect("answers").json().await.expect("JSON");
        made["data"]["key"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.send_as(&self.key, method, path, body).await
    }

    pub(crate) async fn send_as(&self, key: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if !key.is_empty() {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.send(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// Posts and expects `status`; answers `data`.
    pub(crate) async fn post(&self, path: &str, body: Value, status: u16) -> Value {
        let answer = self.send(Method::POST, path, Some(body)).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        answer.body["data"].clone()
    }

    pub(crate) async fn make_partner(&self, name: &str) -> String {
        let partner = self.post("/api/admin/partners", json!({"name": name}), 201).await;
        partner["id"].as_str().expect("an id").to_owned()
    }

    /// An integration of the simulator's right sandbox account.
    pub(crate) async fn make_integration(&self, partner_id: &str, provider: &str) -> Value {
        let account =
            simpul_simulator::accounts::right(provider, simpul_core::integration::Mode::Sandbox).expect("simulated");
        let manifest = simpul_providers::find(provider).expect("known").manifest();
        let known = account.fields.iter().filter(|(name, _)| manifest.field(name).is_some());
        let configuration: serde_json::Map<String, Value> =
            known.map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        let kind = manifest.integration_type.as_str();
        let body =
            json!({"integrationType": kind, "provider": provider, "testMode": true, "configuration": configuration});
        self.post(&format!("/api/admin/partners/{partner_id}/integrations"), body, 201).await
    }

    /// A webhook to the simulator's receiver; answers its id and secret.
    pub(crate) async fn make_webhook(&self, integration_id: &str, receiver: &str) -> (String, String) {
        let body = json!({"webhookUrl": self.simulator.receiver_url(receiver), "retryAttempts": 2, "retryDelay": 1});
        let webhook = self.post(&format!("/api/admin/integrations/{integration_id}/webhooks"), body, 201).await;
        let text = |name: &str| webhook[name].as_str().expect("text").to_owned();
        (text("id"), text("webhookSecret"))
    }

    /// Asks until `found` holds, at most `limit`.
    pub(crate) async fn until(&self, path: &str, limit: Duration, found: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + limit;
        loop {
            let body = self.get(path).await;
            if found(&body) {
                return body;
            }
            assert!(Instant::now() < end, "{path} did not come to be as expected: {body}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// SIGKILL: the process gets no chance to do anything.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("ended");
    }

    pub(crate) fn restart(&mut self) {
        let (process, base) = start(&self.database, &self.simulator, &self.output, &self.settings);
        (self.process, self.base) = (process, base);
    }

    /// SIGTERM, and the exit status.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("runs").success());
        self.process.wait().expect("ends").code()
    }

    pub(crate) async fn end(mut self) {
        assert_eq!(self.terminate(), Some(0), "a clean stop");
        self.simulator.stop().await;
        self.database.remove().await;
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("answers");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

fn start(
    database: &TestDatabase,
    simulator: &Running,
    output: &Arc<Mutex<String>>,
    settings: &[(&'static str, String)],
) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
    command.arg("serve").env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("SIMPUL_LISTEN", "127.0.0.1:0")
        .env("SIMPUL_DATABASE_URL", &database.url)
        .env("SIMPUL_MASTER_KEY", database.master_key.to_base64().as_str())
        .env("SIMPUL_ADMIN_EMAIL", EMAIL)
        .env("SIMPUL_ADMIN_PASSWORD", PASSWORD)
        .env("SIMPUL_EGRESS_ALLOW", "127.0.0.0/8")
        .env("SIMPUL_LOG_LEVEL", "debug");
    for provider in PROVIDERS {
        command.env(format!("SIMPUL_PROVIDER_{}_URL", provider.to_uppercase()), simulator.base_url(provider));
    }
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let errors = process.stderr.take().expect("piped");
    let kept = Arc::clone(output);
    std::thread::spawn(move || {
        for line in BufReader::new(errors).lines().map_while(Result::ok) {
            kept.lock().expect("not poisoned").push_str(&(line + "\n"));
        }
    });
    let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
    let ready = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, address) = line.split_once("listening on ")?;
        Some(address.trim_end_matches([')', '.']).to_owned())
    });
    let address = ready.unwrap_or_else(|| panic!("did not get ready:\n{}", output.lock().expect("not poisoned")));
    (process, format!("http://{address}"))
}
