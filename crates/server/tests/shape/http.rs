//! The HTTP side: refused settings are told by name and place, and a preview shows what would be delivered.

use reqwest::Method;
use serde_json::{Value, json};
use simpul_core::signature::verify;
use simpul_store::testing::TestDatabase;
use tokio::sync::MutexGuard;

use crate::support::Hub;
use crate::workers::ALONE;

struct World {
    hub: Hub,
    integration: String,
    webhook: String,
    secret: String,
    _alone: MutexGuard<'static, ()>,
}

impl World {
    async fn start() -> Self {
        let alone = ALONE.lock().await;
        let hub = Hub::on(TestDatabase::sqlite()).await;
        let partner = hub.make_partner("Toko").await;
        let integration = hub.make_integration(&partner, "midtrans").await["id"].as_str().expect("an id").to_owned();
        let (webhook, secret) = hub.make_webhook(&integration, "shop").await;
        Self { hub, integration, webhook, secret, _alone: alone }
    }

    async fn change(&self, patch: Value) -> (u16, Value) {
        let answer = self.hub.send(Method::PUT, &format!("/api/admin/webhooks/{}", self.webhook), Some(patch)).await;
        (answer.status, answer.body)
    }

    async fn preview(&self, body: Value) -> Value {
        self.hub.post(&format!("/api/admin/webhooks/{}/preview", self.webhook), body, 200).await
    }

    async fn refused(&self, body: Value) -> Value {
        let path = format!("/api/admin/webhooks/{}/preview", self.webhook);
        let answer = self.hub.send(Method::POST, &path, Some(body.clone())).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.body);
        answer.body["details"]["fields"].clone()
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_name_and_place() {
    let world = World::start().await;
    let webhooks = format!("/api/admin/integrations/{}/webhooks", world.integration);
    for (member, text, part) in [
        ("filter", "data.currency = 'IDR'", "line 1, column 15"),
        ("filter", "dat.currency == 'IDR'", "names dat, but"),
        ("filter", &"(".repeat(4_000), "nests too deeply"),
        ("filter", &"x".repeat(4_001), "at most 4000"),
        ("transformation", "{id, type", "expected closing brace"),
        ("transformation", "{id} | frobnicate", "line 1, column 8"),
        ("transformation", "env", "unknown filter env"),
        ("transformation", &"[".repeat(4_000), "cannot be read"),
    ] {
        let (status, body) = world.change(json!({member: text})).await;
        assert_eq!(status, 422, "{body}");
        let told = body["details"]["fields"][member][0].as_str().unwrap_or_default().to_owned();
        assert!(told.contains(part), "{text}: {body}");
        let new = json!({"webhookUrl": "ftp://x", member: text});
        let made = world.hub.send(Method::POST, &webhooks, Some(new)).await;
        let fields = &made.body["details"]["fields"];
        assert!(fields[member].is_array() && fields["webhookUrl"].is_array(), "all at once: {}", made.body);
    }
    let (status, body) = world.change(json!({"filter": " !testMode ", "transformation": "{id}"})).await;
    assert_eq!((status, &body["data"]["filter"]), (200, &json!("!testMode")));
    let (status, body) = world.change(json!({"filter": null, "transformation": ""})).await;
    assert_eq!((status, &body["data"]["filter"], &body["data"]["transformation"]), (200, &Value::Null, &Value::Null));
    world.hub.end().await;
}

#[tokio::test]
async fn a_preview_shows_what_would_be_delivered() {
    let world = World::start().await;
    let sample = world.preview(json!({})).await;
    assert_eq!((&sample["delivered"], &sample["eventSource"]), (&json!(true), &json!("sample")), "{sample}");
    assert_eq!(sample["body"]["type"], "payment.success");
    assert_eq!((&sample["filter"], &sample["body"]["testMode"]), (&Value::Null, &json!(true)));

    let events = format!("/api/admin/integrations/{}/events", world.integration);
    let event = json!({"type": "payment.success", "data": {"amount": "150000", "currency": "IDR"}});
    let sent = world.hub.post(&events, event, 202).await["id"].as_str().expect("an id").to_owned();
    let latest = world.preview(json!({})).await;
    assert_eq!((&latest["eventSource"], &latest["eventId"]), (&json!("stored"), &json!(sent)));
    assert_eq!(latest["body"]["data"]["amount"], "150000");

    let thin = world.preview(json!({"eventId": sent, "payloadStyle": "thin"})).await;
    assert_eq!(thin["body"]["links"]["event"], format!("/api/admin/events/{sent}"));
    assert!(thin["body"]["data"].is_null() && thin["reason"].as_str().is_some_and(|text| text.contains("thin")));

    let given = json!({"type": "payment.pending", "data": {"amount": "1.10", "items": [1, 2]}, "raw": {"x": 1.10}});
    let shaped = json!({"event": given, "filter": "size(data.items) == 2", "transformation": "{id, n: .raw.x, a: .data.amount}"});
    let made = world.preview(shaped).await;
    assert_eq!((&made["delivered"], &made["filter"]), (&json!(true), &json!({"result": true})), "{made}");
    assert_eq!((&made["body"]["a"], &made["eventSource"]), (&json!("1.10"), &json!("given")));
    assert!(made["durationMs"].is_u64());

    let kept_back = world.preview(json!({"filter": "testMode == false"})).await;
    assert_eq!((&kept_back["delivered"], &kept_back["filter"]), (&json!(false), &json!({"result": false})));
    assert!(kept_back["body"].is_null() && kept_back["headers"].is_null());

    let unsure = world.preview(json!({"filter": "data.refundId == 'x'"})).await;
    assert_eq!(unsure["delivered"], true, "what cannot be judged is not kept back");
    assert!(unsure["filter"]["error"].as_str().is_some_and(|text| text.contains("refundId")), "{unsure}");
    let no_boolean = world.preview(json!({"filter": "data.amount"})).await;
    assert!(no_boolean["delivered"] == true && no_boolean["filter"]["error"].is_string(), "{no_boolean}");

    for (transformation, part) in
        [("[.]", "a list"), ("def f: f; f", "stopped after 1000 ms"), (".data.x.y.z | error(\"gone\")", "gone")]
    {
        let failed = world.preview(json!({"transformation": transformation})).await;
        let reason = failed["reason"].as_str().unwrap_or_default();
        assert!(failed["delivered"] == false && failed["body"].is_null() && reason.contains(part), "{failed}");
    }
    world.hub.end().await;
}

#[tokio::test]
async fn a_previews_headers_are_those_of_a_delivery_and_hide_what_opens_a_door() {
    let world = World::start().await;
    let patch = json!({"headers": {"X-Api-Key": "abcdefghijklmnop", "X-Shop": "one"}, "events": ["payment.refunded"],
        "transformation": "{id, rate: 1.10}"});
    assert_eq!(world.change(patch).await.0, 200);
    let path = format!("{}/api/admin/webhooks/{}/preview", world.hub.base, world.webhook);
    let answer = world.hub.client.post(path).bearer_auth(&world.hub.key).send().await.expect("answers");
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.expect("a body");
    assert!(!text.contains("abcdefghijkl") && !text.contains(&world.secret), "{text}");
    let shown: Value = serde_json::from_str(&text).expect("JSON");
    let shown = &shown["data"];
    assert_eq!(shown["delivered"], false, "the type is not among the webhook's events");
    assert!(shown["reason"].as_str().is_some_and(|reason| reason.contains("not among")), "{shown}");
    let header = |name: &str| shown["headers"][name].as_str().unwrap_or_default().to_owned();
    assert_eq!((header("x-api-key"), header("x-shop")), ("••••mnop".to_owned(), "one".to_owned()));
    // The body stands in the answer as it would be sent, number for number.
    let body = format!(r#"{{"id":"{}","rate":1.10}}"#, header("webhook-id"));
    assert!(text.contains(&body), "{text}");
    let at = header("webhook-timestamp").parse().expect("seconds");
    assert!(verify(&world.secret, &header("webhook-id"), at, body.as_bytes(), &header("webhook-signature")));
    world.hub.end().await;
}

#[tokio::test]
async fn a_preview_refuses_what_it_must_and_stores_nothing() {
    let world = World::start().await;
    let path = format!("/api/admin/webhooks/{}/preview", world.webhook);
    let before = world.hub.get(&format!("/api/admin/webhooks/{}", world.webhook)).await;
    let viewer = world.hub.make_key("viewer", None).await;
    let operator = world.hub.make_key("operator", None).await;
    let other = world.hub.make_partner("Lain").await;
    let stranger = world.hub.make_key("admin", Some(&other)).await;
    let junk = || Some(json!({"nonsense": 1}));
    assert_eq!(world.hub.send_as("", Method::POST, &path, junk()).await.status, 401);
    assert_eq!(world.hub.send_as(&viewer, Method::POST, &path, junk()).await.status, 403);
    assert_eq!(world.hub.send_as(&stranger, Method::POST, &path, junk()).await.status, 404);
    assert_eq!(world.hub.send_as(&operator, Method::POST, &path, junk()).await.status, 422);
    assert_eq!(world.hub.send_as(&operator, Method::POST, &path, Some(json!({}))).await.status, 200);
    let event = json!({"type": "payment.success", "data": {}});
    let foreign = world.hub.make_integration(&other, "midtrans").await["id"].as_str().expect("an id").to_owned();
    let sent = world.hub.post(&format!("/api/admin/integrations/{foreign}/events"), event.clone(), 202).await;
    for (body, field) in [
        (json!({"nonsense": 1}), "nonsense"),
        (json!({"eventId": "x"}), "eventId"),
        (json!({"eventId": sent["id"]}), "eventId"),
        (json!({"eventId": "01999999-9999-7999-8999-999999999999"}), "eventId"),
        (json!({"eventId": sent["id"], "event": event}), "event"),
        (json!({"event": {"type": "payment.won", "data": {}}}), "event.type"),
        (json!({"event": {"type": "message.read", "data": {}}}), "event.type"),
        (json!({"event": {"type": "payment.success", "data": 1}}), "event.data"),
        (json!({"event": {"type": "payment.success", "data": {}, "raw": []}}), "event.raw"),
        (json!({"event": {"type": "payment.success"}}), "event.data"),
        (json!({"event": {"type": "payment.success", "data": {}, "colour": 1}}), "event.colour"),
        (json!({"filter": "data."}), "filter"),
        (json!({"filter": 7}), "filter"),
        (json!({"transformation": "{"}), "transformation"),
        (json!({"transformation": "x".repeat(4_001)}), "transformation"),
        (json!({"payloadStyle": "slim"}), "payloadStyle"),
    ] {
        let fields = world.refused(body.clone()).await;
        assert!(fields.get(field).is_some(), "{body}: {fields}");
    }
    assert_eq!(world.hub.get(&format!("/api/admin/webhooks/{}", world.webhook)).await, before);
    assert!(world.hub.simulator.received("shop").is_empty(), "nothing was sent");
    world.hub.end().await;
}
