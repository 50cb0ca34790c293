use std::time::Duration;

use serde_json::{Value, json};
use simpul_core::activity::{Action, Status};
use simpul_core::integration::Mode;
use simpul_simulator::accounts::Situation;
use simpul_simulator::{Fault, accounts};
use simpul_store::testing::TestDatabase;

use crate::http::test_hub::Hub;

async fn open(hub: &Hub, key: &str) -> Vec<Value> {
    let answer = hub.call(key, "GET", "/api/admin/incidents?state=open", None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["data"].as_array().unwrap().clone()
}

/// Another Midtrans integration whose account is right, of a partner made for it or of the one with this slug.
async fn add_midtrans(hub: &Hub, partner_id: &str) -> String {
    let account = accounts::right("midtrans", Mode::Sandbox).unwrap();
    let members: serde_json::Map<String, Value> =
        account.fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let body = json!({"integrationType": "payment_gateway", "provider": "midtrans", "testMode": true, "configuration": members});
    let path = format!("/api/admin/partners/{partner_id}/integrations");
    let answer = hub.call("super", "POST", &path, Some(body)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body["data"]["id"].as_str().unwrap().to_owned()
}

async fn on_both(run: impl AsyncFn(&Hub)) {
    for database in [TestDatabase::sqlite(), TestDatabase::postgres().await] {
        let hub = Hub::on(database).await;
        run(&hub).await;
        hub.remove().await;
    }
}

#[tokio::test]
async fn a_rejected_key_opens_an_incident_with_its_cause_and_a_mended_one_closes_it() {
    on_both(async |hub: &Hub| {
        hub.webhook("ops", json!({"events": ["integration.health_changed"]})).await;
        assert_eq!(hub.state.engine.probe_due().await.unwrap(), 0, "the first test comes an interval later");
        hub.simulator.set_fault("midtrans", Some(Fault::Account(Situation::WrongKey)));
        for round in 1..=3 {
            assert!(open(hub, "viewer").await.is_empty(), "before round {round}");
            assert_eq!(hub.probe_round().await, 1);
        }
        let found = open(hub, "viewer").await;
        let incident = &found[0];
        assert_eq!(
            (found.len(), &incident["cause"], &incident["severity"]),
            (1, &json!("authentication_failed"), &json!("critical"))
        );
        assert_eq!((&incident["openedBy"], &incident["kind"]), (&json!("probes"), &json!("connection")));
        let summary = incident["summary"].as_str().unwrap();
        assert!(summary.starts_with("Midtrans has rejected the credentials since "), "{summary}");
        let indonesian = hub.get("/api/admin/incidents?state=open&lang=id").await;
        assert!(
            indonesian.body["data"][0]["summary"].as_str().unwrap().starts_with("Midtrans menolak kredensial sejak ")
        );
        assert!(open(hub, "stranger").await.is_empty());
        let logs = hub.logs(Action::Test, Status::Failed).await;
        assert_eq!(logs.len(), 3);
        assert!(logs.iter().all(|log| log.contains("\"trigger\":\"scheduled\"")), "{logs:?}");

        let overview = hub.get("/api/admin/health").await;
        assert_eq!(overview.body["data"][0]["openIncidentId"], incident["id"]);
        assert_eq!(overview.body["data"][0]["facts"], json!(["credentials_rejected"]));
        assert_eq!(overview.body["providers"][0]["critical"], 1, "{}", overview.text);

        hub.simulator.set_fault("midtrans", None);
        hub.probe_round().await;
        assert_eq!(open(hub, "viewer").await.len(), 1, "one success is not enough");
        hub.probe_round().await;
        assert!(open(hub, "viewer").await.is_empty());
        let detail = hub.get(&format!("/api/admin/incidents/{}", incident["id"].as_str().unwrap())).await;
        let kinds: Vec<&Value> =
            detail.body["data"]["entries"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
        assert_eq!(kinds, ["opened", "closed"]);
        assert_eq!(detail.body["data"]["duration"].as_i64().unwrap() / 60_000, 4 * 17);

        let told = hub.received("ops", 2).await;
        let became: Vec<Value> = told
            .iter()
            .map(|request| serde_json::from_slice::<Value>(&request.body).unwrap()["data"]["incident"].clone())
            .collect();
        assert!(became.contains(&json!("opened")) && became.contains(&json!("closed")), "{became:?}");
    })
    .await;
}

#[tokio::test]
async fn two_nodes_test_once_and_open_one_incident() {
    let hub = Hub::on(TestDatabase::postgres().await).await;
    let other = hub.second_engine().await;
    hub.state.engine.probe_due().await.unwrap();
    hub.simulator.set_fault("midtrans", Some(Fault::Account(Situation::Suspended)));
    for _ in 0..3 {
        hub.clock.advance(Duration::from_secs(17 * 60));
        let (here, there) = tokio::join!(hub.state.engine.probe_due(), other.probe_due());
        assert_eq!(here.unwrap() + there.unwrap(), 1);
    }
    // Both look at it at the same time, whichever of them tested.
    other.store().touch([hub.integration.id]);
    hub.state.store.touch([hub.integration.id]);
    let (here, there) = tokio::join!(hub.state.engine.watch_due(), other.watch_due());
    here.unwrap();
    there.unwrap();
    assert_eq!(open(&hub, "viewer").await.len(), 1);
    assert_eq!(hub.logs(Action::Error, Status::Failed).await.len(), 1, "told once");
    other.stop().await;
    other.store().close().await;
    hub.remove().await;
}

#[tokio::test]
async fn a_providers_outage_is_one_and_shows_each_partner_its_own() {
    on_both(async |hub: &Hub| {
        let partners = hub.call("super", "GET", "/api/admin/partners", None).await;
        let warung =
            partners.body["data"].as_array().unwrap().iter().find(|partner| partner["slug"] == "warung").unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned();
        let theirs = add_midtrans(hub, &warung).await;
        for name in ["Satu", "Dua"] {
            let made = hub.call("super", "POST", "/api/admin/partners", Some(json!({"name": name}))).await;
            add_midtrans(hub, made.body["data"]["id"].as_str().unwrap()).await;
        }
        hub.state.engine.probe_due().await.unwrap();
        hub.simulator.set_fault("midtrans", Some(Fault::ServerError));
        for _ in 0..3 {
            assert_eq!(hub.probe_round().await, 4);
        }
        let outages = hub.get("/api/admin/incidents?kind=provider_outage&state=open").await;
        let outage = outages.body["data"][0].clone();
        assert_eq!(
            (&outages.body["pagination"]["total"], &outage["affectedIntegrations"]),
            (&json!(1), &json!(4)),
            "{}",
            outages.text
        );
        let path = format!("/api/admin/incidents/{}", outage["id"].as_str().unwrap());
        let all = hub.get(&path).await;
        assert_eq!(all.body["data"]["members"].as_array().unwrap().len(), 4);
        let own = hub.call("stranger", "GET", &path, None).await;
        assert_eq!((own.status, &own.body["data"]["affectedIntegrations"]), (200, &json!(1)), "{}", own.text);
        let members = own.body["data"]["members"].as_array().unwrap();
        assert_eq!((members.len(), &members[0]["integrationId"]), (1, &json!(theirs)));
        assert!(!own.text.contains(&hub.integration.id.to_string()), "another partner's: {}", own.text);
        let overview = hub.call("stranger", "GET", "/api/admin/health", None).await;
        assert_eq!(overview.body["providers"][0]["outageIncidentId"], outage["id"]);
        let refused = hub.call("stranger", "POST", &format!("{path}/acknowledge"), None).await;
        assert_eq!(refused.status, 403, "it is not theirs alone");

        hub.simulator.set_fault("midtrans", None);
        hub.probe_round().await;
        hub.probe_round().await;
        assert!(open(hub, "viewer").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn people_note_and_take_on_what_is_theirs() {
    let hub = Hub::start().await;
    hub.state.engine.probe_due().await.unwrap();
    hub.simulator.set_fault("midtrans", Some(Fault::Account(Situation::WrongKey)));
    for _ in 0..3 {
        hub.probe_round().await;
    }
    let id = open(&hub, "viewer").await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/admin/incidents/{id}");
    let note = |key: &'static str, body: Value| {
        let (hub, path) = (&hub, format!("{path}/notes"));
        async move { hub.call(key, "POST", &path, Some(body)).await }
    };
    assert_eq!(note("viewer", json!({"message": "x"})).await.status, 403);
    assert_eq!(note("stranger", json!({"message": "x"})).await.status, 404);
    assert_eq!(note("operator", json!({"message": " "})).await.status, 422);
    assert_eq!(note("operator", json!({"message": "x".repeat(2_001)})).await.status, 422);
    assert_eq!(note("operator", json!({"message": "Asked Midtrans for a new key."})).await.status, 201);
    for _ in 0..2 {
        let answer = hub.call("operator", "POST", &format!("{path}/acknowledge"), None).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body["data"]["acknowledgedBy"].is_string());
    }
    let detail = hub.get(&path).await;
    let kinds: Vec<&Value> =
        detail.body["data"]["entries"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["opened", "note", "acknowledged"]);
    for query in ["state=ajar", "kind=fire", "severity=mild", "from=yesterday", "page=0", "nonsense=1"] {
        assert_eq!(hub.get(&format!("/api/admin/incidents?{query}")).await.status, 400, "{query}");
    }
    hub.deactivate().await;
    assert!(open(&hub, "viewer").await.is_empty(), "switched off");
    hub.remove().await;
}
