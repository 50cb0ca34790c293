//! Recommendations over HTTP: in both languages, with their evidence, put aside and back again.

use std::time::Duration;

use http::Request;
use serde_json::{Value, json};
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::error_type::ErrorType;
use simpul_store::testing::TestDatabase;
use utoipa::PartialSchema as _;

use super::*;
use crate::http::test_hub::{Answer, Hub};

/// Runs a test on both databases.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($hub:ident: Hub) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($hub: &Hub) $body

            #[tokio::test]
            async fn sqlite() {
                let hub = Hub::on(TestDatabase::sqlite()).await;
                run(&hub).await;
                hub.remove().await;
            }

            #[tokio::test]
            async fn postgres() {
                let hub = Hub::on(TestDatabase::postgres().await).await;
                run(&hub).await;
                hub.remove().await;
            }
        }
    )+};
}

async fn health(hub: &Hub, query: &str) -> Value {
    let answer = hub.get(&hub.path(&format!("health{query}"))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["data"].clone()
}

/// The finding of this code; `null` where there is none.
async fn finding(hub: &Hub, query: &str, code: &str) -> Value {
    let details = health(hub, query).await["recommendationDetails"].clone();
    details.as_array().unwrap().iter().find(|found| found["code"] == code).cloned().unwrap_or(Value::Null)
}

async fn act(hub: &Hub, key: &str, method: &str, rest: &str, body: Option<Value>) -> Answer {
    hub.call(key, method, &hub.path(&format!("recommendations/{rest}")), body).await
}

async fn fail(hub: &Hub, error_type: ErrorType, message: &str) {
    let now = hub.state.now();
    let mut call = Activity::new(hub.integration.id, Action::Transaction, Status::Failed, message, now);
    call.error_type = Some(error_type);
    hub.state.store.insert_activity(&[call]).await.unwrap();
}

async fn set_key(hub: &Hub, key: &str) {
    let path = format!("/api/admin/integrations/{}", hub.integration.id);
    let answer = hub.call("admin", "PUT", &path, Some(json!({"configuration": {"serverKey": key}}))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    hub.call("operator", "POST", &hub.path("test"), None).await;
}

const WRONG_KEY: &str = "SB-Mid-server-WrongWrongWrongWrong9z9z";

on_both! {
    async fn a_rejected_key_is_told_in_both_languages_with_its_evidence(hub: Hub) {
        set_key(hub, WRONG_KEY).await;
        let found = finding(hub, "", "key_rejected").await;
        assert_eq!(found["severity"], "critical", "{found}");
        assert_eq!(found["actionKind"], "edit_configuration");
        assert_eq!((&found["evidence"]["calls"], &found["evidence"]["errorType"]), (&json!(1), &json!("authentication_failed")));
        assert!(found["since"].is_string() && found["evidence"]["lastError"].is_string(), "{found}");
        let message = found["message"].as_str().unwrap();
        assert!(message.starts_with("Midtrans has rejected the ") && message.ends_with(" WIB (1 call)."), "{message}");
        let text = health(hub, "").await.to_string();
        assert!(!text.contains(WRONG_KEY) && !text.contains("WrongWrong"), "{text}");

        let indonesian = health(hub, "?lang=id").await;
        let sentence = indonesian["recommendations"][0].as_str().unwrap();
        assert!(sentence.starts_with("Midtrans menolak ") && sentence.contains("(1 panggilan). Salin ulang"), "{sentence}");
        let request = Request::get(hub.path("health")).header("accept-language", "id-ID,en;q=0.5");
        let answer = hub.with_key("viewer", request).await;
        assert_eq!(answer.body["data"]["recommendations"][0], sentence);
        let request = Request::get(hub.path("health?lang=en")).header("accept-language", "id");
        let answer = hub.with_key("viewer", request).await;
        assert!(answer.body["data"]["recommendations"][0].as_str().unwrap().starts_with("Midtrans has rejected"));
    }

    async fn a_dismissed_one_is_out_of_sight_until_it_is_shown_again(hub: Hub) {
        let dismissed = act(hub, "operator", "POST", "never_tested/dismiss?lang=id", Some(json!({"reason": "Baru dibuat"}))).await;
        assert_eq!(dismissed.status, 200, "{}", dismissed.text);
        assert_eq!(dismissed.body["data"]["message"], "Koneksi Midtrans belum pernah diuji.");
        let seen = health(hub, "").await;
        assert_eq!((&seen["recommendations"], &seen["recommendationDetails"]), (&json!([]), &json!([])));
        let all = health(hub, "?includeDismissed=true").await;
        assert_eq!(all["recommendations"], json!([]));
        let listed = &all["recommendationDetails"][0];
        assert_eq!((&listed["dismissed"], &listed["dismissedUntil"], &listed["dismissedReason"]), (&json!(true), &Value::Null, &json!("Baru dibuat")));
        let logs = hub.logs(Action::ConfigChange, Status::Success).await;
        assert!(logs.iter().any(|log| log.starts_with("Recommendation never_tested dismissed")), "{logs:?}");

        let undone = act(hub, "operator", "DELETE", "never_tested/dismissal", None).await;
        assert_eq!(undone.status, 200, "{}", undone.text);
        assert_eq!(finding(hub, "", "never_tested").await["dismissed"], false);
        assert_eq!(act(hub, "operator", "DELETE", "never_tested/dismissal", None).await.status, 404);
    }

    async fn a_snoozed_one_comes_back_when_its_time_is_over(hub: Hub) {
        let snoozed = act(hub, "operator", "POST", "never_tested/snooze", Some(json!({"hours": 2}))).await;
        assert_eq!(snoozed.status, 200, "{}", snoozed.text);
        assert!(finding(hub, "?includeDismissed=true", "never_tested").await["dismissedUntil"].is_string());
        hub.clock.advance(Duration::from_secs(2 * 3_600 - 60));
        assert!(finding(hub, "", "never_tested").await.is_null());
        hub.clock.advance(Duration::from_secs(120));
        assert!(finding(hub, "", "never_tested").await.is_object());
    }

    async fn one_that_was_gone_and_returns_is_seen(hub: Hub) {
        fail(hub, ErrorType::Timeout, "slow").await;
        assert_eq!(act(hub, "operator", "POST", "timeouts/dismiss", None).await.status, 200);
        fail(hub, ErrorType::Timeout, "slow").await;
        assert!(finding(hub, "", "timeouts").await.is_null(), "the same spell");
        hub.clock.advance(Duration::from_secs(25 * 3_600));
        assert!(finding(hub, "?includeDismissed=true", "timeouts").await.is_null(), "gone");
        fail(hub, ErrorType::Timeout, "slow").await;
        assert_eq!(finding(hub, "", "timeouts").await["evidence"]["lastError"], "slow");
    }

    async fn one_that_gets_worse_or_is_about_another_key_is_seen(hub: Hub) {
        let right = hub.integration.configuration.text("serverKey").unwrap();
        set_key(hub, WRONG_KEY).await;
        hub.clock.advance(Duration::from_secs(120));
        set_key(hub, &right).await;
        assert_eq!(finding(hub, "", "key_rejected").await["severity"], "warning", "accepted since");
        assert_eq!(act(hub, "operator", "POST", "key_rejected/dismiss", None).await.status, 200);
        assert!(finding(hub, "", "key_rejected").await.is_null());
        hub.clock.advance(Duration::from_secs(120));
        fail(hub, ErrorType::AuthenticationFailed, "rejected again").await;
        let found = finding(hub, "", "key_rejected").await;
        assert_eq!((&found["severity"], &found["evidence"]["calls"]), (&json!("critical"), &json!(1)), "{found}");
        assert_eq!(act(hub, "operator", "POST", "key_rejected/dismiss", None).await.status, 200);
        assert!(finding(hub, "", "key_rejected").await.is_null());
        hub.clock.advance(Duration::from_secs(120));
        set_key(hub, WRONG_KEY).await;
        assert!(finding(hub, "", "key_rejected").await.is_object(), "another key");
    }

    async fn refusals_of_mail_and_of_rates_say_what_was_seen(hub: Hub) {
        for _ in 0..20 {
            fail(hub, ErrorType::RateLimited, "429").await;
        }
        let now = hub.state.now();
        let mut call = Activity::new(hub.integration.id, Action::Transaction, Status::Failed, "429 again", now);
        call.error_type = Some(ErrorType::RateLimited);
        call.error_details = Some(json!({"retryAfter": 17}));
        hub.clock.advance(Duration::from_millis(5));
        call.created_at = hub.state.now();
        hub.state.store.insert_activity(&[call]).await.unwrap();
        let found = finding(hub, "", "rate_limited").await;
        assert_eq!((&found["evidence"]["calls"], &found["evidence"]["retryAfter"]), (&json!(21), &json!(17)), "{found}");
        assert!(found["action"].as_str().unwrap().contains("17 seconds"));
        assert_eq!(found["link"], "https://dashboard.midtrans.com");
    }
}

#[tokio::test]
async fn who_may_put_aside_what() {
    let hub = Hub::start().await;
    let dismiss = |key: &'static str, code: &'static str| {
        let hub = &hub;
        async move { act(hub, key, "POST", &format!("{code}/dismiss"), None).await.status }
    };
    assert_eq!(dismiss("viewer", "never_tested").await, 403);
    assert_eq!(dismiss("stranger", "never_tested").await, 404, "another partner's");
    assert_eq!(dismiss("operator", "key_rejected").await, 404, "not a finding at the moment");
    assert_eq!(dismiss("operator", "nonsense").await, 404);
    assert_eq!(act(&hub, "viewer", "DELETE", "never_tested/dismissal", None).await.status, 403);
    assert_eq!(act(&hub, "stranger", "DELETE", "never_tested/dismissal", None).await.status, 404);
    hub.remove().await;
}

#[tokio::test]
async fn a_snooze_takes_one_end_within_a_year() {
    let hub = Hub::start().await;
    for (body, field) in [
        (json!({}), "hours"),
        (json!({"hours": 0}), "hours"),
        (json!({"hours": 9_000}), "hours"),
        (json!({"hours": 1, "until": "2099-01-01"}), "hours"),
        (json!({"until": "2020-01-01T00:00:00Z"}), "until"),
        (json!({"until": "2199-01-01T00:00:00Z"}), "until"),
        (json!({"until": "soon"}), "until"),
        (json!({"hours": 1, "reason": "x".repeat(501)}), "reason"),
    ] {
        let answer = act(&hub, "operator", "POST", "never_tested/snooze", Some(body.clone())).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        assert!(answer.body["details"]["fields"][field].is_array(), "{body}: {}", answer.text);
    }
    assert!(finding(&hub, "", "never_tested").await.is_object());
    hub.remove().await;
}

#[tokio::test]
async fn an_unknown_language_is_refused_after_an_unknown_id() {
    let hub = Hub::start().await;
    let answer = hub.get(&hub.path("health?lang=fr")).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.body["details"]["fields"]["lang"].is_array());
    assert_eq!(hub.call("stranger", "GET", &hub.path("health?lang=fr"), None).await.status, 404);
    assert_eq!(hub.get(&hub.path("health?includeDismissed=perhaps")).await.status, 400);
    hub.remove().await;
}

#[test]
fn the_document_names_every_severity_and_kind_of_action() {
    let words = |schema: Value| schema["enum"].clone();
    let severities: Vec<_> = Severity::ALL.iter().map(|severity| severity.as_str()).collect();
    assert_eq!(words(serde_json::to_value(SeveritySchema::schema()).unwrap()), json!(severities));
    let kinds: Vec<_> = ActionKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(words(serde_json::to_value(ActionKindSchema::schema()).unwrap()), json!(kinds));
    assert_eq!(serde_json::to_value(ActionKind::ALL).unwrap(), json!(kinds));
}
