//! What a scraper relies on.

use axum::body::Body;
use http::Request;
use std::sync::Arc;

use serde_json::json;
use tower::ServiceExt as _;

use crate::config::Secret;
use crate::http::metrics;
use crate::http::router::router;
use crate::http::test_hub::Hub;

async fn scrape(hub: &Hub, accept: &str) -> String {
    let text = hub
        .state
        .metrics
        .render(if accept.is_empty() { super::Format::Prometheus } else { super::Format::OpenMetrics })
        .await;
    text.unwrap()
}

/// The value of a line that begins with these words.
fn value(text: &str, line: &str) -> Option<f64> {
    text.lines().find_map(|found| found.strip_prefix(line)?.trim().parse().ok())
}

#[tokio::test]
async fn what_happens_is_counted_under_bounded_labels() {
    let hub = Hub::start().await;
    hub.webhook("shop", json!({})).await;
    let answer = hub
        .call(
            "operator",
            "POST",
            &hub.path("events"),
            Some(json!({"type": "payment.success", "data": {}, "idempotencyKey": "one"})),
        )
        .await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    hub.call(
        "operator",
        "POST",
        &hub.path("events"),
        Some(json!({"type": "payment.success", "data": {}, "idempotencyKey": "one"})),
    )
    .await;
    hub.received("shop", 1).await;
    hub.call("operator", "POST", &hub.path("test"), None).await;
    hub.get("/api/nothing/secret-token-in-a-path").await;
    hub.wait(&hub.path("events"), |events| events.as_array().is_some_and(|events| !events.is_empty())).await;

    let text = scrape(&hub, "").await;
    assert_eq!(value(&text, "simpul_events_accepted_total"), Some(1.0), "{text}");
    assert_eq!(value(&text, "simpul_events_repeated_total"), Some(1.0));
    assert_eq!(value(&text, "simpul_delivery_attempts_total{outcome=\"delivered\"}"), Some(1.0));
    assert_eq!(value(&text, "simpul_delivery_latency_seconds_count"), Some(1.0));
    assert_eq!(value(&text, "simpul_connection_tests_total{provider=\"midtrans\",outcome=\"success\"}"), Some(1.0));
    assert_eq!(value(&text, "simpul_database_up"), Some(1.0));
    assert!(value(&text, "simpul_write_transaction_duration_seconds_count").is_some_and(|count| count >= 2.0));
    let posted = "simpul_http_request_duration_seconds_count{method=\"POST\",route=\"/api/admin/integrations/{id}/events\",status=\"2xx\"}";
    assert_eq!(value(&text, posted), Some(2.0), "{text}");
    for private in ["secret-token-in-a-path", &hub.integration.id.to_string(), &hub.integration.inbound_token] {
        assert!(!text.contains(private), "{private}");
    }
    assert!(text.contains("# TYPE simpul_events_accepted_total counter") && !text.contains("# EOF"));
    assert!(scrape(&hub, "openmetrics").await.ends_with("# EOF\n"));
}

#[tokio::test]
async fn the_main_address_tells_figures_only_to_who_has_the_token() {
    let hub = Hub::start().await;
    let ask = |token: Option<&str>| {
        let mut request = Request::builder().uri("/metrics");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        hub.send(request.body(Body::empty()).unwrap())
    };
    assert_eq!(ask(None).await.status, 404, "no token is set");
    assert_eq!(ask(Some("anything")).await.status, 404);
}

#[tokio::test]
async fn a_token_that_is_set_is_asked_for_on_both_addresses() {
    let hub = Hub::start().await;
    let mut state = hub.state.clone();
    let mut config = (*state.config).clone();
    config.metrics_token = Some(Secret::new("s3cret"));
    state.config = Arc::new(config);
    let own = metrics::own_address(state.clone());
    for router in [router(state).unwrap(), own] {
        for (token, status) in [("", 401), ("Bearer wrong", 401), ("Bearer s3cret2", 401), ("Bearer s3cret", 200)] {
            let request =
                Request::builder().uri("/metrics").header("authorization", token).body(Body::empty()).unwrap();
            assert_eq!(router.clone().oneshot(request).await.unwrap().status(), status, "{token:?}");
        }
    }
}
