//! Alert channels and rules over HTTP, with messages that really go out: to the simulated chats, receivers and providers.

use serde_json::{Value, json};
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::id::{IncidentId, IntegrationId};
use simpul_core::incident::{IncidentCause, IncidentKind, IncidentSeverity, IncidentTrigger};
use simpul_core::integration::{Integration, IntegrationType, Mode};
use simpul_core::time::Timestamp;
use simpul_simulator::{Fault, accounts};
use simpul_store::Incident;

use crate::http::test_hub::{Answer, Hub};

const TOKEN: &str = "123456:ABCdefGHIjklMNOpqr";

async fn channel(hub: &Hub, kind: &str, configuration: Value) -> String {
    let body = json!({"name": kind, "kind": kind, "configuration": configuration});
    let answer = hub.post("/api/admin/alert-channels", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body["data"]["id"].as_str().unwrap().to_owned()
}

async fn tested(hub: &Hub, id: &str) -> Answer {
    let answer = hub.call("operator", "POST", &format!("/api/admin/alert-channels/{id}/test"), None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// One of the simulator's accounts as an integration of the hub's partner.
async fn integration(hub: &Hub, provider: &str, kind: IntegrationType) -> Integration {
    let now = hub.state.now();
    let account = accounts::right(provider, Mode::Sandbox).unwrap();
    let members = account.fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
    let manifest = simpul_providers::find(provider).unwrap().manifest();
    let made = Integration {
        id: IntegrationId::generate(now),
        integration_type: kind,
        provider: provider.to_owned(),
        configuration: simpul_core::integration::Configuration(
            members.filter(|(name, _)| manifest.field(name).is_some()).collect(),
        ),
        inbound_token: format!("token-{provider}"),
        ..hub.integration.clone()
    };
    let log = Activity::new(made.id, Action::ConfigChange, Status::Success, "made", now);
    let secrets: Vec<&str> = manifest.secret_names().collect();
    hub.state.store.insert_integration(&made, &secrets, log).await.unwrap();
    made
}

fn incident(hub: &Hub, now: Timestamp) -> Incident {
    let id = IncidentId::generate(now);
    Incident {
        id,
        kind: IncidentKind::Connection,
        severity: IncidentSeverity::Critical,
        integration_id: Some(hub.integration.id),
        partner_id: Some(hub.integration.partner_id),
        provider: "midtrans".to_owned(),
        webhook_id: None,
        outage_id: None,
        subject: id.to_string(),
        cause: IncidentCause::Error(ErrorType::AuthenticationFailed),
        opened_by: IncidentTrigger::Probes,
        started_at: now,
        opened_at: now,
        closed_at: None,
        last_failure_at: now,
        first_error: String::new(),
        last_error: String::new(),
        affected_calls: 14,
        affected_integrations: 1,
        acknowledged_at: None,
        acknowledged_by: None,
        updated_at: now,
    }
}

#[tokio::test]
async fn a_channels_secrets_are_masked_and_a_mask_leaves_them() {
    let hub = Hub::start().await;
    let id = channel(&hub, "telegram", json!({"botToken": TOKEN, "chatId": "-100"})).await;
    let path = format!("/api/admin/alert-channels/{id}");
    let shown = hub.get(&path).await;
    assert!(!shown.text.contains(TOKEN), "{}", shown.text);
    let mask = shown.body["data"]["configuration"]["botToken"].clone();
    let kept = json!({"configuration": {"botToken": mask, "chatId": "-200"}});
    let changed = hub.call("admin", "PUT", &path, Some(kept)).await;
    assert_eq!((changed.status, &changed.body["data"]["configuration"]["chatId"]), (200, &json!("-200")));
    assert_eq!(tested(&hub, &id).await.body["success"], true);
    assert!(hub.simulator.received_total(&format!("telegram/{TOKEN}")) == 1, "the token is what it was");
    let other = json!({"configuration": {"botToken": "\u{2022}\u{2022}\u{2022}\u{2022}zzzz"}});
    let refused = hub.call("admin", "PUT", &path, Some(other)).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let made = hub
        .post(
            "/api/admin/alert-channels",
            json!({"name": "w", "kind": "webhook",
            "configuration": {"url": hub.simulator.receiver_url("ops")}}),
        )
        .await;
    assert!(made.body["data"]["configuration"]["secret"].as_str().unwrap().starts_with("whsec_"), "{}", made.text);
    hub.remove().await;
}

#[tokio::test]
async fn a_test_really_goes_out_and_says_what_went_wrong() {
    let hub = Hub::start().await;
    let slack = |hook: &str| json!({"url": format!("{}/services/{hook}", hub.simulator.base_url("slack"))});
    let good = channel(&hub, "slack", slack("T0-good")).await;
    let answer = tested(&hub, &good).await;
    assert_eq!(answer.body["data"]["status"], "success", "{}", answer.text);
    let said = hub.received("slack/T0-good", 1).await;
    assert!(String::from_utf8_lossy(&said[0].body).contains("alerts of Simpul reach this channel"));
    for (kind, configuration, error) in [
        ("slack", slack("T0-gone"), "not_found"),
        ("slack", slack("T0-wrong"), "permission_denied"),
        ("telegram", json!({"botToken": "1:wrong-wrong-wrong", "chatId": "1"}), "authentication_failed"),
        ("telegram", json!({"botToken": TOKEN, "chatId": "unknown"}), "not_found"),
    ] {
        let id = channel(&hub, kind, configuration).await;
        let answer = tested(&hub, &id).await;
        assert_eq!(answer.body["success"], false);
        assert_eq!(answer.body["data"]["errorType"], error, "{}", answer.text);
        assert!(!answer.text.contains("/services/") && !answer.text.contains(TOKEN), "{}", answer.text);
    }
    hub.simulator.set_fault("telegram", Some(Fault::RateLimited { retry_after_seconds: 7 }));
    let id = channel(&hub, "telegram", json!({"botToken": TOKEN, "chatId": "1"})).await;
    assert_eq!(tested(&hub, &id).await.body["data"]["errorType"], "rate_limited");
    let log = hub.get(&format!("/api/admin/alert-deliveries?channelId={good}")).await;
    assert_eq!((log.body["pagination"]["total"].as_u64(), &log.body["data"][0]["state"]), (Some(1), &json!("sent")));
    hub.remove().await;
}

#[tokio::test]
async fn messages_go_through_the_hubs_own_integrations() {
    let hub = Hub::start().await;
    for provider in ["wablas", "fonnte", "twilio"] {
        let made = integration(&hub, provider, IntegrationType::Whatsapp).await;
        let configuration = json!({"integrationId": made.id, "recipients": ["+6281234567890", "+6281234567891"]});
        let id = channel(&hub, "whatsapp", configuration).await;
        let before = hub.simulator.calls(provider);
        let answer = tested(&hub, &id).await;
        assert_eq!(answer.body["success"], true, "{provider}: {}", answer.text);
        assert_eq!(hub.simulator.calls(provider) - before, 2, "one to each");
        hub.simulator.set_fault(provider, Some(Fault::ErrorInside));
        let answer = tested(&hub, &id).await;
        assert_eq!(answer.body["success"], false, "{provider}: an error under 200 is an error: {}", answer.text);
        hub.simulator.set_fault(provider, Some(Fault::Account(accounts::Situation::DeviceDisconnected)));
        if provider != "twilio" {
            let answer = tested(&hub, &id).await;
            assert_eq!(answer.body["data"]["errorType"], "device_disconnected", "{provider}: {}", answer.text);
        }
    }
    for provider in ["mailgun", "sendgrid"] {
        let made = integration(&hub, provider, IntegrationType::EmailSmtp).await;
        let id = channel(&hub, "email", json!({"integrationId": made.id, "recipients": ["ops@example.com"]})).await;
        let answer = tested(&hub, &id).await;
        assert_eq!(answer.body["success"], true, "{provider}: {}", answer.text);
        hub.simulator.set_fault(provider, Some(Fault::ServerError));
        assert_eq!(tested(&hub, &id).await.body["data"]["errorType"], "provider_unavailable");
    }
    let wrong = json!({"name": "x", "kind": "email", "configuration": {"integrationId": hub.integration.id, "recipients": ["a@b.co"]}});
    let refused = hub.post("/api/admin/alert-channels", wrong).await;
    assert!(refused.body["details"]["fields"]["configuration.integrationId"].is_array(), "{}", refused.text);
    hub.remove().await;
}

#[tokio::test]
async fn an_incident_is_told_signed_and_then_its_end() {
    let hub = Hub::start().await;
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    hub.simulator.receiver_secret("ops", Some(secret.to_owned()));
    let id = channel(&hub, "webhook", json!({"url": hub.simulator.receiver_url("ops"), "secret": secret})).await;
    let none = hub.post("/api/admin/alert-rules", json!({"name": "All"})).await;
    assert!(none.body["details"]["fields"]["channelIds"].is_array(), "{}", none.text);
    let mut incident = incident(&hub, hub.state.now());
    hub.state.store.put_incident(&incident).await.unwrap();
    let body = json!({"name": "All", "channelIds": [id], "groupSeconds": 0, "language": "id"});
    let preview = hub.post("/api/admin/alert-rules/preview", body.clone()).await;
    assert_eq!(preview.body["data"]["count"], 1, "{}", preview.text);
    assert!(preview.body["data"]["message"]["text"].as_str().unwrap().contains("Midtrans menolak kredensial"));
    let rule = hub.post("/api/admin/alert-rules", body).await;
    assert_eq!(rule.status, 201, "{}", rule.text);
    let told = hub.received("ops", 1).await;
    assert_eq!(told[0].verified, Some(true));
    let message: Value = serde_json::from_slice(&told[0].body).unwrap();
    assert_eq!(message["type"], "alert.firing");
    assert_eq!(message["data"]["alerts"][0]["incidentId"], json!(incident.id));
    assert_eq!(message["data"]["alerts"][0]["link"], format!("http://localhost:3001/incidents/{}", incident.id));
    let firing = hub.get("/api/admin/alerts?state=firing").await;
    assert_eq!(firing.body["data"][0]["incidentId"], json!(incident.id), "{}", firing.text);
    incident.closed_at = Some(hub.state.now());
    incident.updated_at = hub.state.now();
    hub.state.store.put_incident(&incident).await.unwrap();
    let told = hub.received("ops", 2).await;
    assert_eq!(serde_json::from_slice::<Value>(&told[1].body).unwrap()["type"], "alert.resolved");
    let used = hub.call("admin", "DELETE", &format!("/api/admin/alert-channels/{id}"), None).await;
    assert_eq!((used.status, &used.body["code"]), (409, &json!("alert_channel_in_use")));
    hub.remove().await;
}

#[tokio::test]
async fn a_partners_admin_sees_and_changes_its_own_alone() {
    let hub = Hub::start().await;
    let telegram = json!({"botToken": TOKEN, "chatId": "1"});
    let id = channel(&hub, "telegram", telegram.clone()).await;
    let rule = hub.post("/api/admin/alert-rules", json!({"name": "All", "channelIds": [id]})).await;
    let rule = rule.body["data"]["id"].as_str().unwrap().to_owned();
    for (method, path) in [
        ("GET", format!("/api/admin/alert-channels/{id}")),
        ("PUT", format!("/api/admin/alert-channels/{id}")),
        ("POST", format!("/api/admin/alert-channels/{id}/test")),
        ("GET", format!("/api/admin/alert-rules/{rule}")),
        ("DELETE", format!("/api/admin/alert-rules/{rule}")),
    ] {
        assert_eq!(hub.call("stranger", method, &path, Some(json!({}))).await.status, 404, "{method} {path}");
    }
    for list in ["alert-channels", "alert-rules", "alerts", "alert-deliveries"] {
        let answer = hub.call("stranger", "GET", &format!("/api/admin/{list}"), None).await;
        assert_eq!(answer.body["pagination"]["total"], 0, "{list}");
    }
    let foreign = json!({"name": "Mine", "channelIds": [id]});
    let refused = hub.call("stranger", "POST", "/api/admin/alert-rules", Some(foreign)).await;
    assert!(refused.body["details"]["fields"]["channelIds[0]"].is_array(), "{}", refused.text);
    let own = json!({"name": "Mine", "kind": "telegram", "configuration": telegram});
    let own = hub.call("stranger", "POST", "/api/admin/alert-channels", Some(own)).await;
    assert_eq!(own.status, 201, "{}", own.text);
    assert!(own.body["data"]["partnerId"].is_string(), "it is the partner's");
    let own_id = own.body["data"]["id"].clone();
    let leaking = hub.post("/api/admin/alert-rules", json!({"name": "Leak", "channelIds": [own_id]})).await;
    assert_eq!(leaking.status, 422, "everybody's trouble to one partner's channel: {}", leaking.text);
    for (key, method, path, status) in [
        ("viewer", "POST", "/api/admin/alert-channels".to_owned(), 403),
        ("operator", "POST", "/api/admin/alert-rules".to_owned(), 403),
        ("viewer", "POST", format!("/api/admin/alert-channels/{id}/test"), 403),
    ] {
        assert_eq!(hub.call(key, method, &path, Some(json!({}))).await.status, status, "{key} {method} {path}");
    }
    hub.remove().await;
}
