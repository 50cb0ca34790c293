use serde_json::{Value, json};
use simpul_core::activity::{Action, Status};
use simpul_core::time::HOUR;
use simpul_simulator::Fault;
use simpul_simulator::accounts::Situation;

use crate::http::test_hub::Hub;

#[tokio::test]
async fn a_paused_integration_is_not_tested_and_what_happens_counts_for_nothing() {
    let hub = Hub::start().await;
    hub.state.engine.probe_due().await.unwrap();
    let paused = hub.call("operator", "POST", &hub.path("pause"), Some(json!({"reason": "contract ends"}))).await;
    assert_eq!(
        (paused.status, &paused.body["data"]["state"], &paused.body["data"]["endsAt"]),
        (200, &json!("active"), &Value::Null),
        "{}",
        paused.text
    );
    hub.simulator.set_fault("midtrans", Some(Fault::Account(Situation::WrongKey)));
    for _ in 0..4 {
        assert_eq!(hub.probe_round().await, 0);
    }
    let tested = hub.call("operator", "POST", &hub.path("test"), None).await;
    assert_eq!(tested.body["success"], false);
    hub.state.engine.watch_due().await.unwrap();
    let overview = hub.get("/api/admin/health").await;
    let shown = &overview.body["data"][0];
    assert_eq!(
        (&shown["paused"], &shown["totalRequests"], &shown["healthStatus"]),
        (&json!(true), &json!(0), &json!("unknown")),
        "{}",
        overview.text
    );

    let resumed = hub.call("operator", "POST", &hub.path("resume"), None).await;
    assert_eq!(resumed.body["data"]["resumed"], true);
    assert_eq!(hub.call("operator", "POST", &hub.path("resume"), None).await.body["data"]["resumed"], false);
    for _ in 0..3 {
        assert_eq!(hub.probe_round().await, 1);
    }
    assert_eq!(hub.get("/api/admin/incidents?state=open").await.body["pagination"]["total"], 1);
    let changes = hub.logs(Action::ConfigChange, Status::Success).await;
    assert!(
        changes.iter().any(|log| log.starts_with("Paused")) && changes.iter().any(|log| log.starts_with("Resumed"))
    );
    hub.remove().await;
}

#[tokio::test]
async fn maintenance_is_planned_by_those_whose_it_is() {
    let hub = Hub::start().await;
    let now = hub.state.now();
    let at = |hours: i64| simpul_core::time::Timestamp::from_millis(now.millis() + hours * HOUR);
    let plan = |key: &'static str, body: Value| {
        let hub = &hub;
        async move { hub.call(key, "POST", "/api/admin/maintenance", Some(body)).await }
    };
    let whole = json!({"provider": "midtrans", "endsAt": at(2), "reason": "Midtrans moves"});
    let planned = plan("operator", whole.clone()).await;
    assert_eq!((planned.status, &planned.body["data"]["state"]), (201, &json!("active")), "{}", planned.text);
    hub.state.engine.watch_due().await.unwrap();
    let shown = hub.get("/api/admin/health").await.body["data"][0].clone();
    assert_eq!((&shown["paused"], &shown["pausedUntil"]), (&json!(true), &json!(at(2))));

    let theirs = plan("stranger", json!({"startsAt": at(1), "endsAt": at(2), "reason": "own"})).await;
    assert_eq!((theirs.status, &theirs.body["data"]["state"]), (201, &json!("planned")));
    assert!(theirs.body["data"]["partnerId"].is_string(), "confined to its partner");
    let foreign = json!({"integrationId": hub.integration.id, "endsAt": at(2), "reason": "not theirs"});
    assert_eq!(plan("stranger", foreign).await.status, 422);
    for (name, value) in [
        ("endsAt", json!(at(-1))),
        ("endsAt", Value::Null),
        ("reason", json!("")),
        ("provider", json!("acme")),
        ("startsAt", json!("soon")),
    ] {
        let mut body = whole.clone();
        body[name] = value;
        let refused = plan("operator", body).await;
        assert_eq!(refused.status, 422, "{name}: {}", refused.text);
    }
    assert_eq!(plan("viewer", whole).await.status, 403);
    let listed = |key: &'static str| {
        let hub = &hub;
        async move {
            hub.call(key, "GET", "/api/admin/maintenance?state=open", None).await.body["pagination"]["total"].clone()
        }
    };
    assert_eq!((listed("viewer").await, listed("stranger").await), (json!(2), json!(1)));
    let path = format!("/api/admin/maintenance/{}", planned.body["data"]["id"].as_str().unwrap());
    assert_eq!(hub.call("stranger", "DELETE", &path, None).await.status, 404);
    assert_eq!(hub.call("operator", "DELETE", &path, None).await.status, 200);
    hub.state.engine.watch_due().await.unwrap();
    assert_eq!(hub.get("/api/admin/health").await.body["data"][0]["paused"], false);
    assert_eq!(listed("viewer").await, json!(1));
    hub.remove().await;
}
