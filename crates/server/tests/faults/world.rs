//! Nodes on one database, an administrator's key, and a sink.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use simpul_core::integration::Mode;
use simpul_store::testing::TestDatabase;
use tokio::time::{Instant, sleep};

use crate::client;
use crate::node::Node;
use crate::sink::Sink;

pub(crate) struct World {
    pub(crate) nodes: Vec<Node>,
    pub(crate) sink: Sink,
    pub(crate) client: reqwest::Client,
    pub(crate) key: String,
}

impl World {
    pub(crate) async fn on(database: &TestDatabase, nodes: usize) -> Self {
        Self::of((0..nodes).map(|_| Node::new(&database.url, &database.master_key)).collect()).await
    }

    /// Starts the nodes, all at once.
    pub(crate) async fn of(mut nodes: Vec<Node>) -> Self {
        futures_util::future::join_all(nodes.iter_mut().map(Node::start)).await;
        let client = client::new();
        let key = client::make_key(&client, &nodes[0].base).await;
        Self { nodes, sink: Sink::start().await, client, key }
    }

    /// Asks the first node; answers status and body.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.nodes[0].base)).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("answers");
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }

    async fn make(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.ask(Method::POST, path, Some(body)).await;
        assert_eq!(status, 201, "{path}: {body}");
        body["data"].clone()
    }

    /// A partner with an integration that takes payment events; answers the integration's id.
    pub(crate) async fn make_integration(&self, partner: &str) -> String {
        let partner = self.make("/api/admin/partners", json!({"name": partner})).await;
        let account = simpul_simulator::accounts::right("xendit", Mode::Sandbox).expect("simulated");
        let configuration: serde_json::Map<String, Value> =
            account.fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        let body = json!({"integrationType": "payment_gateway", "provider": "xendit", "testMode": true, "configuration": configuration});
        let path = format!("/api/admin/partners/{}/integrations", partner["id"].as_str().expect("an id"));
        self.make(&path, body).await["id"].as_str().expect("an id").to_owned()
    }

    /// A webhook to the sink's `path`, with `policy` beside its URL; answers its id.
    pub(crate) async fn make_webhook(&self, integration: &str, path: &str, policy: Value) -> String {
        self.make_webhook_to(integration, &self.sink.url(path), policy).await
    }

    /// A webhook to any URL; answers its id.
    pub(crate) async fn make_webhook_to(&self, integration: &str, url: &str, mut policy: Value) -> String {
        policy["webhookUrl"] = url.into();
        let webhook = self.make(&format!("/api/admin/integrations/{integration}/webhooks"), policy).await;
        webhook["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn webhook(&self, id: &str) -> Value {
        let (status, body) = self.ask(Method::GET, &format!("/api/admin/webhooks/{id}"), None).await;
        assert_eq!(status, 200, "{body}");
        body["data"].clone()
    }

    /// Asks until the webhook is as it should be, at most `limit`; answers how long that took.
    pub(crate) async fn until_webhook(&self, id: &str, limit: Duration, found: impl Fn(&Value) -> bool) -> Duration {
        let begun = Instant::now();
        loop {
            let webhook = self.webhook(id).await;
            if found(&webhook) {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < limit, "the webhook did not come to be as expected: {webhook}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Stops every node, each of which must end cleanly.
    pub(crate) async fn end(mut self) {
        for node in &mut self.nodes {
            let (code, took) = node.terminate().await;
            assert_eq!(code, Some(0), "a clean stop, after {took:?}");
        }
    }
}

/// Polls until `done`; `false` when that did not come within `limit`.
pub(crate) async fn until(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !done() {
        if Instant::now() >= end {
            return false;
        }
        sleep(Duration::from_millis(50)).await;
    }
    true
}
