use serde_json::json;
use simpul_core::activity::{Action, Activity, Status};
use simpul_store::testing::TestDatabase;

use crate::http::test_hub::Hub;

async fn log(hub: &Hub, status: Status, count: usize) {
    let rows: Vec<Activity> = (0..count)
        .map(|_| Activity::new(hub.integration.id, Action::Transaction, status, "a call", hub.state.now()))
        .collect();
    hub.state.store.insert_activity(&rows).await.unwrap();
}

#[tokio::test]
async fn the_overview_answers_from_the_snapshot() {
    for database in [TestDatabase::sqlite(), TestDatabase::postgres().await] {
        let hub = Hub::on(database).await;
        let unseen = hub.get("/api/admin/health").await;
        assert_eq!(unseen.body["data"][0]["healthStatus"], "unknown", "nobody has looked: {}", unseen.text);
        log(&hub, Status::Success, 9).await;
        log(&hub, Status::Failed, 1).await;
        hub.state.engine.watch_due().await.unwrap();
        let overview = hub.get("/api/admin/health?healthStatus=warning&healthStatus=critical&q=MIDTRANS").await;
        let shown = &overview.body["data"][0];
        assert_eq!(
            (&shown["healthStatus"], &shown["successRate"], &shown["totalRequests"]),
            (&json!("warning"), &json!(90.0), &json!(10)),
            "{}",
            overview.text
        );
        assert_eq!(
            (&shown["partnerName"], &shown["connectionStatus"], &shown["deliveriesStatus"]),
            (&json!("toko"), &json!("warning"), &json!("unknown"))
        );
        assert_eq!(overview.body["stats"].as_array().unwrap().len(), 5);
        assert!(overview.body["stats"].as_array().unwrap().contains(&json!({"healthStatus": "warning", "count": 1})));
        assert_eq!(
            (&overview.body["providers"][0]["label"], &overview.body["providers"][0]["warning"]),
            (&json!("Midtrans"), &json!(1))
        );
        assert_eq!(overview.body["pagination"]["total"], 1);
        let health = hub.get(&hub.path("health")).await;
        assert_eq!(health.body["data"]["healthScore"], shown["healthScore"], "the same as its own page");
        let none = hub.get("/api/admin/health?healthStatus=healthy").await;
        assert_eq!((&none.body["pagination"]["total"], none.body["data"].as_array().unwrap().len()), (&json!(0), 0));
        assert_eq!(hub.get("/api/admin/integrations?healthStatus=warning").await.body["pagination"]["total"], 1);
        assert_eq!(hub.get("/api/admin/integrations?healthStatus=unknown").await.body["pagination"]["total"], 0);
        assert_eq!(hub.call("stranger", "GET", "/api/admin/health", None).await.body["pagination"]["total"], 0);
        for query in ["healthStatus=fine", "limit=501", "isActive=perhaps"] {
            assert_eq!(hub.get(&format!("/api/admin/health?{query}")).await.status, 400, "{query}");
        }
        hub.remove().await;
    }
}

#[tokio::test]
async fn what_is_shown_changes_only_when_something_does() {
    let hub = Hub::start().await;
    let changed_at = async || hub.get("/api/admin/health").await.body["data"][0]["changedAt"].clone();
    log(&hub, Status::Success, 10).await;
    hub.state.engine.watch_due().await.unwrap();
    let first = changed_at().await;
    hub.clock.advance(std::time::Duration::from_secs(60));
    hub.state.store.touch([hub.integration.id]);
    hub.state.engine.watch_due().await.unwrap();
    assert_eq!(changed_at().await, first);
    log(&hub, Status::Failed, 1).await;
    hub.state.engine.watch_due().await.unwrap();
    assert_ne!(changed_at().await, first);
    // A day later the window is empty, though nothing was logged.
    hub.clock.advance(std::time::Duration::from_secs(25 * 3_600));
    hub.state.engine.watch_due().await.unwrap();
    assert_eq!(hub.get("/api/admin/health").await.body["data"][0]["healthStatus"], "unknown");
    hub.remove().await;
}
