use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use simpul_core::activity::{Action, Status};
use simpul_core::integration::Mode;
use simpul_core::time::{Clock as _, SystemClock};
use simpul_simulator::notify::{Notification, Occasion, Variant, build};
use simpul_simulator::{Behaviour, Fault, accounts};

use crate::http::test_hub::{Answer, Hub};

const PATH: &str = "/api/inbound/inbound-token-of-the-tests";

fn midtrans(seed: u64, kind: &str, variant: Variant) -> Notification {
    let account = accounts::right("midtrans", Mode::Sandbox).unwrap();
    let url = format!("http://localhost:3001{PATH}");
    build(account, kind, &Occasion::new(seed, SystemClock.now(), &url).variant(variant)).unwrap()
}

async fn notify(hub: &Hub, notification: &Notification) -> Answer {
    let mut request = Request::post(PATH).header("content-type", notification.content_type);
    for (name, value) in &notification.headers {
        request = request.header(name, value);
    }
    hub.send(request.body(Body::from(notification.body.clone())).unwrap()).await
}

#[tokio::test]
async fn a_payment_is_delivered_once_signed_and_every_step_can_be_read() {
    let hub = Hub::start().await;
    let webhook = hub.webhook("shop", json!({"events": ["payment.success"]})).await;
    let settlement = midtrans(7, "settlement", Variant::Valid);
    hub.simulator.record(&settlement);
    let answer = notify(&hub, &settlement).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let received = hub.received("shop", 1).await;
    assert_eq!(received[0].verified, Some(true));
    let body: Value = serde_json::from_slice(&received[0].body).unwrap();
    assert_eq!(body["type"], "payment.success");
    assert_eq!(body["id"].as_str(), received[0].header("webhook-id"));

    let deliveries = format!("/api/admin/webhooks/{}/deliveries", webhook["id"].as_str().unwrap());
    let rows = hub.wait(&deliveries, |rows| rows[0]["status"] == "success").await;
    let detail = hub.get(&format!("/api/admin/deliveries/{}", rows[0]["id"].as_str().unwrap())).await;
    let detail = &detail.body["data"];
    assert_eq!(detail["event"], json!({"id": body["id"], "type": "payment.success"}));
    let attempts = detail["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1);
    let facts = ["number", "trigger", "status", "responseStatus"].map(|name| &attempts[0][name]);
    assert_eq!(json!(facts), json!([1, "initial", "success", 200]));
    assert!(attempts[0]["requestHeaders"]["webhook-signature"].is_string());

    assert_eq!(notify(&hub, &settlement).await.status, 200);
    let listed = hub.get(&deliveries).await;
    assert_eq!(listed.body["pagination"]["total"], 1);
    let event = hub.get(&format!("/api/admin/events/{}", body["id"].as_str().unwrap())).await;
    assert_eq!(event.body["data"]["payload"], body);
    assert_eq!(event.body["data"]["deliveries"].as_array().unwrap().len(), 1);
    let outcomes = hub.call("operator", "GET", &hub.path("notifications"), None).await;
    let outcomes: Vec<&Value> = outcomes.body["data"].as_array().unwrap().iter().map(|row| &row["outcome"]).collect();
    assert_eq!(outcomes, ["duplicate", "accepted"]);
    let duplicates = hub.call("operator", "GET", &hub.path("notifications?outcome=duplicate"), None).await;
    assert_eq!(duplicates.body["pagination"]["total"], 1);
    assert_eq!(hub.call("operator", "GET", &hub.path("notifications?outcome=x"), None).await.status, 400);
}

#[tokio::test]
async fn a_forged_notification_is_refused_logged_and_not_delivered() {
    let hub = Hub::start().await;
    hub.webhook("shop", json!({})).await;
    for variant in [Variant::Forged, Variant::Altered] {
        let answer = notify(&hub, &midtrans(9, "settlement", variant)).await;
        assert_eq!((answer.status, &answer.body["code"]), (401, &json!("bad_signature")), "{}", answer.text);
    }
    assert_eq!(hub.logs(Action::Webhook, Status::Failed).await.len(), 2);
    assert_eq!(hub.get(&hub.path("events")).await.body["pagination"]["total"], 0);
    let refused = hub.call("operator", "GET", &hub.path("notifications?outcome=refused"), None).await;
    assert_eq!(refused.body["pagination"]["total"], 2);
    assert!(!refused.text.contains(&hub.integration.inbound_token));
}

#[tokio::test]
async fn what_cannot_be_confirmed_now_is_asked_for_again() {
    let hub = Hub::start().await;
    let settlement = midtrans(11, "settlement", Variant::Valid);
    hub.simulator.record(&settlement);
    hub.simulator.set_fault("midtrans", Some(Fault::ServerError));
    let answer = notify(&hub, &settlement).await;
    assert_eq!((answer.status, answer.headers["retry-after"].to_str().unwrap()), (503, "30"), "{}", answer.text);
    hub.simulator.set_fault("midtrans", None);
    assert_eq!(notify(&hub, &settlement).await.status, 200);
    assert_eq!(hub.get(&hub.path("events?type=payment.success")).await.body["pagination"]["total"], 1);
}

#[tokio::test]
async fn odd_requests_are_answered_in_the_contracts_form() {
    let hub = Hub::start().await;
    let post = |path: &str, body: Vec<u8>| Request::post(path).body(Body::from(body)).unwrap();
    for path in
        ["/api/inbound/unknown-token", "/api/inbound/with%2Fslash", &format!("/api/inbound/{}", "a".repeat(101))]
    {
        let answer = hub.send(post(path, b"{}".to_vec())).await;
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!("not_found")), "{path}");
    }
    assert_eq!(hub.send(post(PATH, vec![b'x'; 1024 * 1024 + 1])).await.status, 413);
    let html = hub.send(post(PATH, b"<html></html>".to_vec())).await;
    assert_eq!((html.status, &html.body["success"]), (401, &json!(false)), "{}", html.text);
    let read = hub.send(Request::get(PATH).body(Body::empty()).unwrap()).await;
    assert_eq!((read.status, read.headers["allow"].to_str().unwrap()), (405, "POST"));
}

#[tokio::test]
async fn a_receiver_that_recovers_gets_the_event_on_a_retry() {
    let hub = Hub::start().await;
    let webhook = hub.webhook("shop", json!({})).await;
    hub.simulator.receiver_behaves("shop", Behaviour::FailFirst(1));
    let settlement = midtrans(13, "settlement", Variant::Valid);
    hub.simulator.record(&settlement);
    assert_eq!(notify(&hub, &settlement).await.status, 200);
    let received = hub.received("shop", 2).await;
    assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
    let path = format!("/api/admin/webhooks/{}", webhook["id"].as_str().unwrap());
    let rows = hub.wait(&format!("{path}/deliveries"), |rows| rows[0]["status"] == "success").await;
    assert_eq!(rows[0]["attemptCount"], 2);
    assert_eq!(hub.get(&path).await.body["data"]["failureCount"], 0);
}

#[tokio::test]
async fn a_refusal_keeps_the_status_that_the_provider_understands() {
    let response = super::refused(406);
    assert_eq!(response.status().as_u16(), 406);
    let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    let body: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((&body["success"], &body["code"]), (&json!(false), &json!("notification_refused")));
}
