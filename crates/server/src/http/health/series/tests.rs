use std::time::Duration;

use serde_json::{Value, json};
use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::time::{MINUTE, Timestamp};

use crate::http::test_hub::Hub;

fn row(hub: &Hub, status: Status, minutes_ago: i64) -> Activity {
    let at = Timestamp::from_millis(hub.state.now().millis() - minutes_ago * MINUTE);
    let mut row = Activity::new(hub.integration.id, Action::Test, status, "tested", at);
    row.error_type = (status == Status::Failed).then_some(ErrorType::Timeout);
    row.duration = Some(100);
    row
}

fn sum(points: &Value, name: &str) -> u64 {
    points.as_array().unwrap().iter().map(|point| point[name].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn a_step_that_does_not_fit_the_window_is_refused() {
    let hub = Hub::start().await;
    for (query, field) in
        [("window=1h&step=1d", "step"), ("step=7m", "step"), ("window=1y", "window"), ("from=1", "from")]
    {
        let answer = hub.get(&hub.path(&format!("health/series?{query}"))).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
        assert!(answer.text.contains(&format!("\"{field}\"")), "{query}: {}", answer.text);
    }
    let answer = hub.call("stranger", "GET", &hub.path("health/series?step=7m"), None).await;
    assert_eq!(answer.status, 404);
    hub.remove().await;
}

#[tokio::test]
async fn a_series_holds_every_step_and_says_what_was_seen() {
    let hub = Hub::start().await;
    let mut in_maintenance = row(&hub, Status::Failed, 600);
    in_maintenance.component = Component::Maintenance;
    let rows = [
        row(&hub, Status::Success, 50),
        row(&hub, Status::Failed, 40),
        row(&hub, Status::Failed, 30),
        row(&hub, Status::Success, 5),
        in_maintenance,
    ];
    hub.state.store.insert_activity(&rows).await.unwrap();
    for (window, step, count) in [("1h", "1m", 60), ("24h", "15m", 96), ("7d", "2h", 84), ("30d", "6h", 120)] {
        let answer = hub.get(&hub.path(&format!("health/series?window={window}"))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let data = &answer.body["data"];
        let same = hub.get(&hub.path(&format!("health/series?window={window}&step={step}"))).await;
        assert_eq!(same.body["data"]["step"], data["step"]);
        let points = &data["points"];
        assert_eq!(points.as_array().unwrap().len(), count, "{window}");
        assert_eq!((sum(points, "totalRequests"), sum(points, "failedCount")), (4, 2), "{window}");
        assert_eq!((data["window"].as_str(), &data["incidents"]), (Some(window), &json!([])));
        // Down from the failure 40 minutes ago, which the next took up, to the success five minutes ago.
        assert_eq!(sum(points, "down"), 35 * MINUTE.unsigned_abs(), "{window}");
        let is_in_state = |state: &str| points.as_array().unwrap().iter().any(|point| point["state"] == state);
        assert!(is_in_state("unknown"), "{window}");
        assert_eq!(is_in_state("maintenance"), window != "1h", "{window}");
    }
    hub.remove().await;
}

#[tokio::test]
async fn health_tells_the_window_before_and_where_the_score_went() {
    let hub = Hub::start().await;
    let before: Vec<Activity> = (0..10).map(|_| row(&hub, Status::Failed, 26 * 60)).collect();
    let now: Vec<Activity> = (0..10).map(|_| row(&hub, Status::Success, 60)).collect();
    hub.state.store.insert_activity(&before).await.unwrap();
    hub.state.store.insert_activity(&now).await.unwrap();
    let data = hub.get(&hub.path("health")).await.body["data"].clone();
    assert_eq!(data["trend"], "up", "{data}");
    assert_eq!(
        (&data["previous"]["healthStatus"], &data["previous"]["successRate"]),
        (&json!("critical"), &json!(0.0))
    );
    assert!(data["previous"]["healthScore"].is_number() && data["previous"]["p95ResponseTime"].is_number(), "{data}");
    // Nothing for an hour where a test is due every quarter.
    assert!(data["deductions"].to_string().contains("staleness"), "{data}");
    hub.clock.advance(Duration::from_secs(10 * 86_400));
    let data = hub.get(&hub.path("health")).await.body["data"].clone();
    assert_eq!((&data["trend"], &data["healthStatus"]), (&Value::Null, &json!("unknown")));
    hub.remove().await;
}

#[tokio::test]
async fn the_answer_of_health_has_the_members_of_the_contract() {
    let hub = Hub::start().await;
    let untyped = Activity { error_type: None, ..row(&hub, Status::Failed, 3) };
    hub.state
        .store
        .insert_activity(&[row(&hub, Status::Failed, 4), untyped, row(&hub, Status::Success, 2)])
        .await
        .unwrap();
    let data = hub.get(&hub.path("health")).await.body["data"].clone();
    let names = |value: &Value| {
        let mut names = value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        names.sort_unstable();
        names.join(" ")
    };
    let mut members = "integrationId healthStatus healthScore provisional metrics components previous trend lastTest errorDistribution \
        recommendations recommendationDetails deductions window checkedAt".split_whitespace().collect::<Vec<_>>();
    members.sort_unstable();
    assert_eq!(names(&data), members.join(" "));
    let metrics = "avgResponseTime coverage failedCount p50ResponseTime p95ResponseTime p99ResponseTime successCount successRate totalRequests uptime";
    assert_eq!(names(&data["metrics"]), metrics);
    assert_eq!(names(&data["lastTest"]), "daysSinceLastTest message status testedAt");
    assert_eq!(
        data["errorDistribution"],
        json!([{"type": "Timeout error", "errorType": "timeout", "count": 1}, {"type": "Other error", "errorType": null, "count": 1}])
    );
    assert_eq!((&data["metrics"]["avgResponseTime"], &data["metrics"]["failedCount"]), (&json!(100), &json!(2)));
    hub.remove().await;
}
