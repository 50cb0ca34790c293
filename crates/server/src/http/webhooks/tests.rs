mod signatures;
mod verification;

use serde_json::{Value, json};
use simpul_core::activity::{Action, Status};
use simpul_simulator::Behaviour;

use crate::http::test_hub::Hub;

fn event(kind: &str) -> Value {
    json!({"type": kind, "data": {"orderId": "INV-1"}})
}

#[tokio::test]
async fn a_webhook_has_the_contracts_members_and_shows_its_secret_once() {
    let hub = Hub::start().await;
    let answer = hub.post(&hub.path("webhooks"), json!({"webhookUrl": "https://shop.example/hook"})).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.body["message"], "Webhook created successfully");
    let made = &answer.body["data"];
    let members: Vec<&str> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        [
            "id",
            "integrationId",
            "webhookUrl",
            "webhookSecret",
            "events",
            "isActive",
            "retryAttempts",
            "retryDelay",
            "backoff",
            "timeout",
            "headers",
            "description",
            "lastTriggeredAt",
            "lastStatus",
            "failureCount",
            "disabledAt",
            "disabledReason",
            "ordering",
            "concurrency",
            "rateLimit",
            "filter",
            "transformation",
            "payloadStyle",
            "signatureScheme",
            "publicKey",
            "failingSince",
            "warnedAt",
            "circuit",
            "circuitChangedAt",
            "nextProbeAt",
            "createdBy",
            "createdAt",
            "updatedAt"
        ]
    );
    let secret = made["webhookSecret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && !secret.contains('•'));
    let defaults = ["retryAttempts", "retryDelay", "backoff", "timeout", "isActive", "events"].map(|name| &made[name]);
    assert_eq!(json!(defaults), json!([3, 60, "exponential", 15, true, []]));
    let path = format!("/api/admin/webhooks/{}", made["id"].as_str().unwrap());
    for answer in [hub.get(&path).await, hub.get(&hub.path("webhooks")).await] {
        assert_eq!(answer.status, 200);
        assert!(!answer.text.contains(secret) && answer.text.contains("whsec_••••"), "{}", answer.text);
    }
    let deleted = hub.call("admin", "DELETE", &path, None).await;
    assert_eq!((deleted.status, hub.get(&path).await.status), (200, 404));
    assert_eq!(hub.logs(Action::ConfigChange, Status::Success).await.len(), 3);
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_by_name() {
    let hub = Hub::start().await;
    let many: Vec<String> = (0..51).map(|_| "payment.success".to_owned()).collect();
    let headers: serde_json::Map<String, Value> = (0..21).map(|n| (format!("x-{n}"), json!("v"))).collect();
    let long = "x".repeat(600);
    for (member, value, field) in [
        ("webhookUrl", json!("ftp://shop.example"), "webhookUrl"),
        ("webhookUrl", json!("shop.example"), "webhookUrl"),
        ("webhookUrl", json!("https://user:word@shop.example"), "webhookUrl"),
        ("webhookUrl", json!(format!("https://shop.example/{}", "x".repeat(2_048))), "webhookUrl"),
        ("webhookUrl", json!("https://shop.example/\n"), "webhookUrl"),
        ("webhookUrl", json!(7), "webhookUrl"),
        ("webhookSecret", json!("short"), "webhookSecret"),
        ("webhookSecret", json!(long), "webhookSecret"),
        ("webhookSecret", json!("with\u{7}control"), "webhookSecret"),
        ("webhookSecret", json!("whsec_••••abcd"), "webhookSecret"),
        ("events", json!(["payment.won"]), "events[0]"),
        ("events", json!(["payment.success", "*"]), "events[1]"),
        ("events", json!(["message.read"]), "events[0]"),
        ("events", json!(["email.*"]), "events[0]"),
        ("events", json!(many), "events"),
        ("retryAttempts", json!(21), "retryAttempts"),
        ("retryAttempts", json!(-1), "retryAttempts"),
        ("retryAttempts", json!(1.5), "retryAttempts"),
        ("retryDelay", json!(0), "retryDelay"),
        ("retryDelay", json!(86_401), "retryDelay"),
        ("backoff", json!("linear"), "backoff"),
        ("timeout", json!(0), "timeout"),
        ("timeout", json!(61), "timeout"),
        ("headers", json!(headers), "headers"),
        ("headers", json!({"Webhook-Id": "1"}), "headers.Webhook-Id"),
        ("headers", json!({"webhook-mine": "1"}), "headers.webhook-mine"),
        ("headers", json!({"Host": "1"}), "headers.Host"),
        ("headers", json!({"a b": "1"}), "headers.a b"),
        ("headers", json!({"x-a": "é"}), "headers.x-a"),
        ("headers", json!({"x-a": "1\r\nx-b: 2"}), "headers.x-a"),
        ("headers", json!({"x-a": "1", "X-A": "2"}), "headers.x-a"),
        ("headers", json!({"x-token": "••••abcd"}), "headers.x-token"),
        ("description", json!("d".repeat(501)), "description"),
        ("colour", json!("red"), "colour"),
    ] {
        let mut body = json!({"webhookUrl": "https://shop.example/hook"});
        body[member] = value.clone();
        let answer = hub.post(&hub.path("webhooks"), body).await;
        assert_eq!(answer.status, 422, "{member} {value}: {}", answer.text);
        assert!(answer.body["details"]["fields"].get(field).is_some(), "{member} {value}: {}", answer.text);
    }
    let unknown = hub
        .post(&hub.path("webhooks"), json!({"webhookUrl": "https://shop.example/", "events": ["payment.won"]}))
        .await;
    assert!(unknown.text.contains("payment.refunded"), "{}", unknown.text);
    assert_eq!(hub.get(&hub.path("webhooks")).await.body["pagination"]["total"], 0);
}

#[tokio::test]
async fn a_forbidden_address_is_told_by_its_code() {
    let hub = Hub::start().await;
    for url in ["http://10.0.0.1/", "http://169.254.169.254/latest", "http://[::1]:9000/", "http://0x0a000001/"] {
        let answer = hub.post(&hub.path("webhooks"), json!({"webhookUrl": url})).await;
        assert_eq!((answer.status, &answer.body["code"]), (422, &json!("blocked_address")), "{url}: {}", answer.text);
        assert!(answer.body["details"]["fields"].get("webhookUrl").is_some());
    }
}

#[tokio::test]
async fn roles_and_scope_come_before_the_body() {
    let hub = Hub::start().await;
    let webhook = hub.webhook("shop", json!({})).await;
    let one = format!("/api/admin/webhooks/{}", webhook["id"].as_str().unwrap());
    let bad = Some(json!("not an object"));
    for (method, path) in [
        ("POST", hub.path("webhooks")),
        ("PUT", one.clone()),
        ("DELETE", one.clone()),
        ("POST", format!("{one}/rotate-secret")),
        ("POST", format!("{one}/test")),
        ("POST", format!("{one}/verify")),
        ("POST", format!("{one}/replay")),
        ("POST", hub.path("events")),
    ] {
        assert_eq!(hub.call("viewer", method, &path, bad.clone()).await.status, 403, "{method} {path}");
        assert_eq!(hub.call("stranger", method, &path, bad.clone()).await.status, 404, "{method} {path}");
    }
    for path in [hub.path("webhooks"), one.clone(), format!("{one}/deliveries"), hub.path("events")] {
        assert_eq!(hub.call("stranger", "GET", &path, None).await.status, 404, "{path}");
    }
    assert_eq!(hub.call("viewer", "GET", &hub.path("notifications"), None).await.status, 403);
    assert_eq!(hub.call("operator", "POST", &format!("{one}/rotate-secret"), None).await.status, 403);
    assert_eq!(hub.get("/api/admin/webhooks/none").await.status, 404);
    assert_eq!(hub.get(&format!("{one}/deliveries?status=leased")).await.status, 400);
    assert_eq!(hub.get(&format!("{one}/deliveries?cursor=x")).await.status, 400);
    assert_eq!(hub.get(&format!("{one}/deliveries?eventType=x")).await.status, 400);
    assert_eq!(hub.get(&format!("{one}/deliveries?limit=501")).await.status, 400);
}

#[tokio::test]
async fn masks_sent_back_leave_what_they_stand_for() {
    let hub = Hub::start().await;
    let headers = json!({"X-Api-Key": "abcdefghijklmnop", "x-shop": "one"});
    let made = hub.webhook("shop", json!({"headers": headers, "events": ["payment.*", "payment.*"]})).await;
    assert_eq!(made["headers"], json!({"X-Api-Key": "••••mnop", "x-shop": "one"}));
    assert_eq!(made["events"], json!(["payment.*"]));
    let path = format!("/api/admin/webhooks/{}", made["id"].as_str().unwrap());
    let shown = hub.get(&path).await.body["data"].clone();
    let patch = json!({"webhookSecret": shown["webhookSecret"], "headers": shown["headers"], "timeout": 20});
    let changed = hub.call("admin", "PUT", &path, Some(patch)).await;
    assert_eq!((changed.status, &changed.body["data"]["timeout"]), (200, &json!(20)), "{}", changed.text);
    assert_eq!(hub.post(&hub.path("events"), event("payment.success")).await.status, 202);
    let received = hub.received("shop", 1).await;
    assert_eq!(received[0].verified, Some(true));
    assert_eq!(received[0].header("x-api-key"), Some("abcdefghijklmnop"));
    let foreign = hub.call("admin", "PUT", &path, Some(json!({"webhookSecret": "whsec_••••zzzz"}))).await;
    assert_eq!(foreign.status, 422);
    let logs = hub.logs(Action::ConfigChange, Status::Success).await.join("\n");
    assert!(logs.contains(r#""changed":["timeout"]"#) && !logs.contains("abcdefgh"), "{logs}");
}

#[tokio::test]
async fn a_rotated_secret_signs_beside_the_old_one_for_a_while() {
    let hub = Hub::start().await;
    let made = hub.webhook("shop", json!({"webhookSecret": "plain-secret-of-ours"})).await;
    let path = format!("/api/admin/webhooks/{}/rotate-secret", made["id"].as_str().unwrap());
    let rotated = hub.call("admin", "POST", &path, None).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text);
    let fresh = rotated.body["data"]["webhookSecret"].as_str().unwrap().to_owned();
    assert!(fresh.starts_with("whsec_") && rotated.body["data"]["previousSecretExpiresAt"].is_string());
    hub.post(&hub.path("events"), event("payment.success")).await;
    let first = hub.received("shop", 1).await;
    assert_eq!(first[0].verified, Some(true));
    assert_eq!(first[0].header("webhook-signature").unwrap().split(' ').count(), 2);
    let at_once = hub.post(&path, json!({"webhookSecret": "another-secret", "overlapHours": 0})).await;
    assert_eq!(at_once.body["data"]["webhookSecret"], "another-secret");
    assert!(at_once.body["data"]["previousSecretExpiresAt"].is_null());
    hub.simulator.receiver_secret("shop", Some("another-secret".to_owned()));
    hub.post(&hub.path("events"), event("payment.success")).await;
    let second = hub.received("shop", 2).await;
    assert_eq!(second[1].verified, Some(true));
    assert_eq!(second[1].header("webhook-signature").unwrap().split(' ').count(), 1);
    for body in [
        json!({"overlapHours": 169}),
        json!({"overlapHours": -1}),
        json!({"webhookSecret": "short"}),
        json!({"webhookSecret": "another-secret"}),
        json!({"hours": 1}),
    ] {
        assert_eq!(hub.post(&path, body.clone()).await.status, 422, "{body}");
    }
}

#[tokio::test]
async fn a_test_tells_what_the_receiver_answered() {
    let hub = Hub::start().await;
    let made = hub.webhook("shop", json!({"isActive": false, "events": ["payment.refunded"]})).await;
    let path = format!("/api/admin/webhooks/{}/test", made["id"].as_str().unwrap());
    let good = hub.call("operator", "POST", &path, None).await;
    assert_eq!((good.status, &good.body["success"]), (200, &json!(true)), "{}", good.text);
    let received = hub.received("shop", 1).await;
    assert_eq!(received[0].header("webhook-id"), good.body["data"]["eventId"].as_str());
    assert_eq!(received[0].verified, Some(true));
    hub.simulator.receiver_behaves("shop", Behaviour::Status(503));
    let bad = hub.call("operator", "POST", &path, None).await;
    assert_eq!((bad.status, &bad.body["success"]), (200, &json!(false)));
    let data = &bad.body["data"];
    assert_eq!(json!([data["status"], data["responseStatus"]]), json!(["failed", 503]));
    assert_eq!(data["errorType"], "unexpected_response");
}

#[tokio::test]
async fn an_integration_has_fifty_webhooks_at_most() {
    let hub = Hub::start().await;
    for _ in 0..50 {
        hub.webhook("shop", json!({})).await;
    }
    let answer = hub.post(&hub.path("webhooks"), json!({"webhookUrl": "https://shop.example/"})).await;
    assert_eq!((answer.status, &answer.body["code"]), (409, &json!("too_many_webhooks")));
}

#[tokio::test]
async fn a_gone_receiver_disables_its_webhook_and_enabling_sends_what_waited() {
    let hub = Hub::start().await;
    let made = hub.webhook("shop", json!({"events": ["payment.*"]})).await;
    let path = format!("/api/admin/webhooks/{}", made["id"].as_str().unwrap());
    hub.simulator.receiver_behaves("shop", Behaviour::Gone);
    hub.post(&hub.path("events"), event("payment.success")).await;
    let disabled = hub.wait(&path, |webhook| webhook["disabledAt"].is_string()).await;
    assert_eq!(disabled["isActive"], false);
    assert!(disabled["disabledReason"].is_string());
    hub.post(&hub.path("events"), event("payment.refunded")).await;
    let parked = hub.get(&format!("{path}/deliveries?status=parked")).await;
    assert_eq!(parked.body["pagination"]["total"], 1, "{}", parked.text);
    let refused = hub.post(&format!("{path}/replay"), json!({})).await;
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!("webhook_inactive")));
    hub.simulator.receiver_behaves("shop", Behaviour::Accept);
    let enabled = hub.call("admin", "PUT", &path, Some(json!({"isActive": true}))).await.body["data"].clone();
    let shown = ["isActive", "disabledAt", "disabledReason", "failureCount"].map(|name| &enabled[name]);
    assert_eq!(json!(shown), json!([true, null, null, 0]));
    let received = hub.received("shop", 2).await;
    assert!(String::from_utf8_lossy(&received[1].body).contains("payment.refunded"));
}

#[tokio::test]
async fn finished_deliveries_are_sent_again_under_the_same_id() {
    let hub = Hub::start().await;
    let made = hub.webhook("shop", json!({"retryAttempts": 0})).await;
    let path = format!("/api/admin/webhooks/{}", made["id"].as_str().unwrap());
    hub.simulator.receiver_behaves("shop", Behaviour::Status(500));
    hub.post(&hub.path("events"), event("payment.success")).await;
    hub.wait(&format!("{path}/deliveries?status=failed"), |rows| rows[0].is_object()).await;
    hub.simulator.receiver_behaves("shop", Behaviour::Accept);
    let none = json!({"status": "success", "from": "2026-01-01"});
    assert_eq!(hub.post(&format!("{path}/replay"), none).await.body["data"]["replayed"], 0);
    let answer = hub.post(&format!("{path}/replay"), json!({"status": "failed", "events": ["payment.*"]})).await;
    assert_eq!((answer.status, &answer.body["data"]["replayed"]), (200, &json!(1)), "{}", answer.text);
    let received = hub.received("shop", 2).await;
    assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
    let done = hub.wait(&format!("{path}/deliveries?status=success"), |rows| rows[0].is_object()).await;
    let delivery = format!("/api/admin/deliveries/{}", done[0]["id"].as_str().unwrap());
    let detail = hub.get(&delivery).await.body["data"].clone();
    assert_eq!(detail["attempts"][1]["trigger"], "manual");
    assert!(detail["attempts"][1]["triggeredBy"].is_string());
    assert_eq!(hub.call("stranger", "POST", &format!("{delivery}/replay"), None).await.status, 404);
    assert_eq!(hub.call("operator", "POST", &format!("{delivery}/replay"), None).await.status, 202);
    hub.received("shop", 3).await;
    for body in [
        json!({"status": "pending"}),
        json!({"from": "x"}),
        json!({"from": "2026-02-02", "to": "2026-02-01"}),
        json!({"events": ["x.y"]}),
        json!({"until": "now"}),
    ] {
        assert_eq!(hub.post(&format!("{path}/replay"), body.clone()).await.status, 422, "{body}");
    }
}
