use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use simpul_core::time::{Clock as _, SystemClock};
use simpul_simulator::Behaviour;

use crate::http::test_hub::Hub;

fn event() -> Value {
    json!({"type": "payment.success", "data": {"orderId": "INV-1", "amount": 15000}})
}

fn with(member: &str, value: Value) -> Value {
    let mut event = event();
    event[member] = value;
    event
}

#[tokio::test]
async fn the_same_idempotency_key_delivers_once() {
    let hub = Hub::start().await;
    let webhook = hub.webhook("shop", json!({})).await;
    let body = with("idempotencyKey", json!("order-1"));
    let first = hub.call("operator", "POST", &hub.path("events"), Some(body.clone())).await;
    assert_eq!((first.status, &first.body["data"]["duplicate"]), (202, &json!(false)), "{}", first.text);
    let list = hub.post(&hub.path("events"), json!([body, event()])).await;
    let answers = &list.body["data"];
    assert_eq!(answers[0], json!({"id": first.body["data"]["id"], "type": "payment.success", "duplicate": true}));
    assert_eq!(answers[1]["duplicate"], false);
    let received = hub.received("shop", 2).await;
    assert!(received.iter().all(|request| request.verified == Some(true)));
    let sent: Value = serde_json::from_slice(&received[0].body).unwrap();
    assert_eq!(sent["data"], event()["data"]);
    let deliveries = format!("/api/admin/webhooks/{}/deliveries", webhook["id"].as_str().unwrap());
    assert_eq!(hub.get(&deliveries).await.body["pagination"]["total"], 2);
}

#[tokio::test]
async fn a_list_is_refused_whole_and_names_the_index() {
    let hub = Hub::start().await;
    let future = SystemClock.now().plus(std::time::Duration::from_secs(600)).to_string();
    for (bad, field) in [
        (with("type", json!("payment.won")), "type"),
        (with("type", json!("message.read")), "type"),
        (with("type", json!("webhook.test")), "type"),
        (with("type", json!(7)), "type"),
        (with("data", json!([1])), "data"),
        (with("data", json!({"x": "y".repeat(256 * 1024)})), "data"),
        (with("idempotencyKey", json!("")), "idempotencyKey"),
        (with("idempotencyKey", json!("k".repeat(201))), "idempotencyKey"),
        (with("occurredAt", json!(future)), "occurredAt"),
        (with("occurredAt", json!("yesterday")), "occurredAt"),
        (with("colour", json!("red")), "colour"),
        (json!({"type": "payment.success"}), "data"),
    ] {
        let one = hub.post(&hub.path("events"), bad.clone()).await;
        assert_eq!(one.status, 422, "{field}: {}", one.text);
        assert!(one.body["details"]["fields"].get(field).is_some(), "{field}: {}", one.text);
        let list = hub.post(&hub.path("events"), json!([event(), bad])).await;
        assert_eq!(list.status, 422, "{field}: {}", list.text);
        assert!(list.body["details"]["fields"].get(format!("[1].{field}")).is_some(), "{field}: {}", list.text);
    }
    let unknown = hub.post(&hub.path("events"), with("type", json!("payment.won"))).await;
    assert!(unknown.text.contains("payment.refunded") && !unknown.text.contains("webhook.test"), "{}", unknown.text);
    assert_eq!(hub.post(&hub.path("events"), json!([])).await.status, 422);
    assert_eq!(hub.post(&hub.path("events"), json!(vec![event(); 1_001])).await.status, 422);
    assert_eq!(hub.get(&hub.path("events")).await.body["pagination"]["total"], 0);
}

#[tokio::test]
async fn checks_come_in_the_contracts_order() {
    let hub = Hub::start().await;
    let anonymous = Request::post(hub.path("events")).body(Body::from("{")).unwrap();
    assert_eq!(hub.send(anonymous).await.status, 401);
    assert_eq!(hub.call("operator", "POST", &hub.path("events"), None).await.status, 415);
    hub.deactivate().await;
    let inactive = hub.post(&hub.path("events"), event()).await;
    assert_eq!((inactive.status, &inactive.body["code"]), (409, &json!("integration_inactive")));
}

#[tokio::test]
async fn deep_lists_are_read_by_cursor() {
    let hub = Hub::start().await;
    let webhook = hub.webhook("shop", json!({})).await;
    assert_eq!(hub.post(&hub.path("events"), json!(vec![event(); 5])).await.status, 202);
    hub.received("shop", 5).await;
    let deliveries = format!("/api/admin/webhooks/{}/deliveries", webhook["id"].as_str().unwrap());
    for path in [hub.path("events"), deliveries] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = hub.get(&format!("{path}?limit=2{cursor}")).await;
            seen.extend(page.body["data"].as_array().unwrap().iter().map(|row| row["id"].to_string()));
            let Some(next) = page.body["pagination"]["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        seen.dedup();
        assert_eq!(seen.len(), 5, "{path}");
    }
}

#[tokio::test]
async fn an_event_is_sent_again_also_to_webhooks_made_later() {
    let hub = Hub::start().await;
    let sent = hub.post(&hub.path("events"), event()).await;
    let path = format!("/api/admin/events/{}", sent.body["data"]["id"].as_str().unwrap());
    hub.webhook("later", json!({})).await;
    let replayed = hub.call("operator", "POST", &format!("{path}/replay"), None).await;
    assert_eq!((replayed.status, &replayed.body["data"]["replayed"]), (202, &json!(1)), "{}", replayed.text);
    let received = hub.received("later", 1).await;
    assert_eq!(received[0].header("webhook-id"), sent.body["data"]["id"].as_str());
    hub.wait(&path, |event| event["deliveries"][0]["status"] == "success").await;
    assert_eq!(hub.call("stranger", "GET", &path, None).await.status, 404);
    assert_eq!(hub.call("viewer", "POST", &format!("{path}/replay"), None).await.status, 403);
}

#[tokio::test]
async fn exhausted_attempts_count_as_one_failure_and_a_success_resets_it() {
    let hub = Hub::start().await;
    let webhook = hub.webhook("shop", json!({"retryAttempts": 1})).await;
    let path = format!("/api/admin/webhooks/{}", webhook["id"].as_str().unwrap());
    hub.simulator.receiver_behaves("shop", Behaviour::Status(500));
    hub.post(&hub.path("events"), event()).await;
    let rows = hub.wait(&format!("{path}/deliveries"), |rows| rows[0]["status"] == "failed").await;
    let facts = ["attemptCount", "lastResponseStatus", "nextAttemptAt"].map(|name| &rows[0][name]);
    assert_eq!(json!(facts), json!([2, 500, null]));
    let shown = hub.get(&path).await.body["data"].clone();
    assert_eq!(json!([shown["failureCount"], shown["lastStatus"]]), json!([1, "failed"]));
    hub.simulator.receiver_behaves("shop", Behaviour::Accept);
    hub.post(&hub.path("events"), event()).await;
    hub.wait(&path, |webhook| webhook["failureCount"] == 0).await;
}

#[tokio::test]
async fn a_retry_waits_as_long_as_the_receiver_asks() {
    let hub = Hub::start().await;
    let webhook = hub.webhook("shop", json!({})).await;
    hub.simulator.receiver_behaves("shop", Behaviour::Unavailable { retry_after_seconds: 3_600 });
    let before = SystemClock.now();
    hub.post(&hub.path("events"), event()).await;
    let path = format!("/api/admin/webhooks/{}/deliveries", webhook["id"].as_str().unwrap());
    let rows = hub.wait(&path, |rows| rows[0]["attemptCount"] == 1).await;
    let next: simpul_core::time::Timestamp = rows[0]["nextAttemptAt"].as_str().unwrap().parse().unwrap();
    assert!(next.since(before) >= 3_600_000, "{next}");
    let replay = format!("/api/admin/deliveries/{}/replay", rows[0]["id"].as_str().unwrap());
    let refused = hub.call("operator", "POST", &replay, None).await;
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!("delivery_under_way")));
}
