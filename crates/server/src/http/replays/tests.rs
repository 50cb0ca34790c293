use std::collections::HashMap;

use serde_json::{Value, json};
use simpul_core::activity::{Action, Status};
use simpul_simulator::Behaviour;

use crate::http::test_hub::Hub;

fn event(kind: &str) -> Value {
    json!({"type": kind, "data": {"orderId": "INV-1"}})
}

/// Sends so many events, and waits until each has been delivered.
async fn delivered(hub: &Hub, webhook: &str, kind: &str, count: usize) {
    for chunk in vec![event(kind); count].chunks(1_000) {
        assert_eq!(hub.post(&hub.path("events"), json!(chunk)).await.status, 202);
    }
    let path = format!("{webhook}/replay/preview");
    let wanted = json!({"status": "success", "events": [kind]});
    let waiting = async {
        while hub.post(&path, wanted.clone()).await.body["data"]["count"] != json!(count) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::http::test_hub::PATIENCE, waiting).await.expect("delivered");
}

fn path_of(row: &Value, resource: &str) -> String {
    format!("/api/admin/{resource}/{}", row["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_replay_is_previewed_watched_and_told_of() {
    let hub = Hub::start().await;
    let webhook = path_of(&hub.webhook("shop", json!({})).await, "webhooks");
    delivered(&hub, &webhook, "payment.success", 2).await;
    delivered(&hub, &webhook, "payment.refunded", 1).await;

    let preview = hub.call("viewer", "POST", &format!("{webhook}/replay/preview"), None).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    let data = &preview.body["data"];
    assert_eq!(json!([data["count"], data["atLeast"]]), json!([3, false]));
    assert!(data["oldest"].as_str() <= data["newest"].as_str() && data["oldest"].is_string(), "{data}");
    let kinds = json!([{"eventType": "payment.refunded", "count": 1}, {"eventType": "payment.success", "count": 2}]);
    assert_eq!(data["byEventType"], kinds);
    assert_eq!(hub.simulator.received_total("shop"), 3, "a preview sends nothing");

    let nothing = hub.post(&format!("{webhook}/replay"), json!({"status": "dropped"})).await;
    assert_eq!((nothing.status, &nothing.body["data"]), (200, &json!({"replayed": 0, "replay": null})));
    let body = json!({"status": "success", "events": ["payment.success"], "from": "2026-01-01"});
    let started = hub.call("operator", "POST", &format!("{webhook}/replay"), Some(body)).await;
    assert_eq!((started.status, &started.body["data"]["replayed"]), (200, &json!(2)), "{}", started.text);
    let replay = &started.body["data"]["replay"];
    let shown = ["state", "total", "replayed", "percent", "waiting"].map(|name| &replay[name]);
    assert_eq!(json!(shown), json!(["running", 2, 0, 0, null]));
    let filter =
        json!({"status": "success", "from": "2026-01-01T00:00:00.000Z", "to": null, "events": ["payment.success"]});
    assert_eq!(replay["filter"], filter);

    let path = path_of(replay, "replays");
    let done = hub.wait(&path, |replay| replay["state"] == "completed").await;
    let shown = ["total", "replayed", "percent", "waiting", "createdBy"].map(|name| &done[name]);
    assert_eq!(json!(shown), json!([2, 2, 100, null, replay["createdBy"]]));
    assert!(done["completedAt"].is_string());
    hub.received("shop", 5).await;
    let listed = hub.get(&format!("{webhook}/replays?limit=1")).await;
    assert_eq!(json!([listed.body["data"][0]["id"], listed.body["pagination"]["total"]]), json!([replay["id"], 1]));
    let logs = hub.logs(Action::ConfigChange, Status::Success).await;
    let told = logs.iter().find(|log| log.starts_with("Replay started: 2 deliveries")).unwrap();
    assert!(told.contains(replay["id"].as_str().unwrap()) && told.contains(replay["createdBy"].as_str().unwrap()));
    for change in ["pause", "resume", "cancel"] {
        let refused = hub.call("operator", "POST", &format!("{path}/{change}"), None).await;
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!("replay_completed")), "{change}");
    }
}

#[tokio::test]
async fn every_delivery_of_a_long_replay_arrives_once_more_under_its_own_id() {
    let hub = Hub::start().await;
    let webhook = path_of(&hub.webhook("shop", json!({})).await, "webhooks");
    // The receiver keeps the last 1,000 requests.
    delivered(&hub, &webhook, "payment.success", 450).await;
    let started = hub.post(&format!("{webhook}/replay"), json!({})).await;
    assert_eq!(started.body["data"]["replayed"], 450);
    let replay = started.body["data"]["replay"].clone();
    hub.wait(&path_of(&replay, "replays"), |replay| replay["state"] == "completed").await;
    let mut arrived: HashMap<String, usize> = HashMap::new();
    for request in hub.received("shop", 900).await {
        *arrived.entry(request.header("webhook-id").unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(arrived.len(), 450);
    assert!(arrived.values().all(|count| *count == 2));
    let settled = format!("{webhook}/deliveries?limit=1");
    let rows = hub.wait(&settled, |rows| rows[0]["attemptCount"] == 2).await;
    let detail = hub.get(&path_of(&rows[0], "deliveries")).await.body["data"].clone();
    let attempt = &detail["attempts"][1];
    assert_eq!(json!([attempt["trigger"], attempt["triggeredBy"]]), json!(["manual", replay["createdBy"]]));
}

#[tokio::test]
async fn a_replay_waits_for_a_slow_receiver_and_can_be_paused_and_cancelled() {
    let hub = Hub::start().await;
    let webhook = path_of(&hub.webhook("shop", json!({})).await, "webhooks");
    delivered(&hub, &webhook, "payment.success", 1_300).await;
    hub.simulator.receiver_behaves("shop", Behaviour::Unavailable { retry_after_seconds: 3_600 });
    let started = hub.post(&format!("{webhook}/replay"), json!({})).await;
    let path = path_of(&started.body["data"]["replay"], "replays");
    // A step is made while no more than 1,000 wait, so the sixth is the last.
    let waits = hub.wait(&path, |replay| replay["replayed"] == 1_200).await;
    let shown = ["state", "total", "percent", "waiting"].map(|name| &waits[name]);
    assert_eq!(json!(shown), json!(["running", 1_300, 92, "backlog"]));

    let ask = async |what: &str| {
        let answer = hub.call("operator", "POST", &format!("{path}/{what}"), None).await;
        (answer.status, answer.body["data"]["state"].clone(), answer.body["code"].clone())
    };
    assert_eq!(ask("resume").await, (409, json!(null), json!("replay_running")));
    assert_eq!(ask("pause").await, (200, json!("paused"), json!(null)));
    assert_eq!(ask("pause").await, (409, json!(null), json!("replay_paused")));
    assert_eq!(hub.get(&path).await.body["data"]["waiting"], json!(null), "a paused replay waits for nothing");
    assert_eq!(ask("resume").await, (200, json!("running"), json!(null)));
    let off = hub.call("admin", "PUT", &webhook, Some(json!({"isActive": false}))).await;
    assert_eq!(off.status, 200, "{}", off.text);
    let idle = hub.get(&path).await.body["data"].clone();
    assert_eq!(
        json!([idle["state"], idle["waiting"], idle["replayed"]]),
        json!(["running", "webhook_inactive", 1_200])
    );
    assert_eq!(hub.get(&format!("{webhook}/replays")).await.body["data"][0]["waiting"], "webhook_inactive");
    assert_eq!(ask("cancel").await, (200, json!("cancelled"), json!(null)));
    for what in ["cancel", "resume", "pause"] {
        assert_eq!(ask(what).await, (409, json!(null), json!("replay_cancelled")), "{what}");
    }
    let logs = hub.logs(Action::ConfigChange, Status::Success).await;
    for told in ["Replay paused", "Replay resumed", "Replay cancelled"] {
        let expected = format!("{told}: 1,200 of 1,300 deliveries sent");
        assert!(logs.iter().any(|log| log.starts_with(&expected)), "{expected}: {logs:?}");
    }
}

#[tokio::test]
async fn a_switched_off_webhooks_replay_goes_on_when_it_is_switched_on() {
    let hub = Hub::start().await;
    let webhook = path_of(&hub.webhook("shop", json!({})).await, "webhooks");
    delivered(&hub, &webhook, "payment.success", 1_300).await;
    hub.simulator.receiver_behaves("shop", Behaviour::Unavailable { retry_after_seconds: 3_600 });
    let started = hub.post(&format!("{webhook}/replay"), json!({})).await;
    let path = path_of(&started.body["data"]["replay"], "replays");
    hub.wait(&path, |replay| replay["waiting"] == "backlog").await;
    hub.call("admin", "PUT", &webhook, Some(json!({"isActive": false}))).await;
    hub.simulator.receiver_behaves("shop", Behaviour::Accept);
    hub.call("admin", "PUT", &webhook, Some(json!({"isActive": true}))).await;
    let done = hub.wait(&path, |replay| replay["state"] == "completed").await;
    assert_eq!(done["replayed"], 1_300);
}

#[tokio::test]
async fn readers_read_operators_replay_and_strangers_see_nothing() {
    let hub = Hub::start().await;
    let webhook = path_of(&hub.webhook("shop", json!({})).await, "webhooks");
    delivered(&hub, &webhook, "payment.success", 1).await;
    let started = hub.call("operator", "POST", &format!("{webhook}/replay"), None).await;
    assert_eq!(started.status, 200, "{}", started.text);
    let path = path_of(&started.body["data"]["replay"], "replays");
    let changes = ["pause", "resume", "cancel"].map(|change| format!("{path}/{change}"));
    for change in changes.iter().chain([&format!("{webhook}/replay")]) {
        assert_eq!(hub.call("viewer", "POST", change, None).await.status, 403, "{change}");
        assert_eq!(hub.call("stranger", "POST", change, Some(json!("bad"))).await.status, 404, "{change}");
    }
    for read in [&path, &format!("{webhook}/replays")] {
        assert_eq!(hub.get(read).await.status, 200, "{read}");
        assert_eq!(hub.call("stranger", "GET", read, None).await.status, 404, "{read}");
    }
    let preview = format!("{webhook}/replay/preview");
    assert_eq!(hub.call("stranger", "POST", &preview, None).await.status, 404);
    for body in [
        json!({"status": "pending"}),
        json!({"status": "parked"}),
        json!({"from": "x"}),
        json!({"from": "2026-02-02", "to": "2026-02-01"}),
        json!({"events": ["x.y"]}),
        json!({"events": vec!["payment.*"; 51]}),
        json!({"until": "now"}),
    ] {
        assert_eq!(hub.post(&preview, body.clone()).await.status, 422, "{body}");
    }
    assert_eq!(hub.get(&format!("{webhook}/replays?limit=501")).await.status, 400);
}
