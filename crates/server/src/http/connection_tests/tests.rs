//! What providers and connection tests say, to somebody who reads Indonesian and to everybody else.

use http::Request;
use serde_json::{Value, json};
use simpul_core::integration::Mode;
use simpul_providers::{Kind, all};
use simpul_simulator::{Fault, accounts};

use crate::http::test_hub::{Answer, Hub};

/// Words that no Indonesian sentence has, nor any menu of a console that is named here.
const ENGLISH: &[&str] = &[
    "the", "is", "are", "was", "not", "does", "did", "has", "and", "that", "its", "which", "cannot", "must", "may",
    "check",
];

fn is_english(text: &str) -> bool {
    let mut words = text.split(|character: char| !character.is_alphanumeric());
    words.any(|word| ENGLISH.contains(&word.to_lowercase().as_str()))
}

/// The simulated account as `POST /api/admin/integrations/test` takes it.
fn body_of(hub: &Hub, account: &accounts::Account) -> Value {
    let manifest = simpul_providers::find(account.provider).unwrap().manifest();
    // The simulator notes more of an account than its configuration holds.
    let fields = account.fields.iter().filter(|(name, _)| manifest.field(name).is_some());
    let mut configuration: serde_json::Map<String, Value> =
        fields.map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    for field in manifest.fields.iter().filter(|field| field.required) {
        let example = match field.kind {
            Kind::Number(..) => json!(hub.simulator.smtp_address().port()),
            _ if account.provider == "smtp" => json!(hub.simulator.smtp_address().ip().to_string()),
            _ => json!(field.example),
        };
        configuration.entry(field.name).or_insert(example);
    }
    json!({
        "integrationType": manifest.integration_type.as_str(),
        "provider": account.provider,
        "testMode": account.mode == Mode::Sandbox,
        "configuration": configuration,
    })
}

async fn tested(hub: &Hub, account: &accounts::Account, language: &str) -> Value {
    let path = format!("/api/admin/integrations/test?lang={language}");
    let answer = hub.call("operator", "POST", &path, Some(body_of(hub, account))).await;
    assert_eq!(answer.status, 200, "{account:?}: {}", answer.text);
    answer.body["data"].clone()
}

/// Tests the account in both languages; answers how many sentences were compared.
async fn compare(hub: &Hub, account: &accounts::Account, what: &str) -> usize {
    let (english, indonesian) = (tested(hub, account, "en").await, tested(hub, account, "id").await);
    let place = format!("{account:?} {what}");
    for same in ["status", "errorType"] {
        assert_eq!(english[same], indonesian[same], "{place}");
    }
    for same in ["providerMessage", "step", "field"] {
        assert_eq!(english["details"][same], indonesian["details"][same], "{place}");
    }
    // What a mail server greets with is its own.
    let steps = |tested: &Value| {
        let steps = tested["details"]["steps"].as_array().cloned().unwrap_or_default();
        let own = steps.into_iter().filter(|step| step["name"] != "banner" || step["status"] != "passed");
        own.map(|step| step["message"].clone()).collect::<Vec<_>>()
    };
    let said = |tested: &Value| {
        let sentences = [tested["message"].clone(), tested["details"]["hint"].clone()].into_iter().chain(steps(tested));
        sentences.filter_map(|text| text.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let (english, indonesian) = (said(&english), said(&indonesian));
    assert_eq!(english.len(), indonesian.len(), "{place}");
    for (english, indonesian) in english.iter().zip(&indonesian) {
        assert!(!is_english(indonesian), "{place}: {indonesian}");
        assert!(english != indonesian || !english.contains(' '), "{place}: {english}");
    }
    indonesian.len()
}

#[tokio::test]
async fn no_sentence_of_a_test_stays_english_in_whatever_situation_the_account_is() {
    let hub = Hub::start().await;
    let mut compared = 0;
    for provider in all() {
        for account in accounts::of(provider.manifest().slug) {
            compared += compare(&hub, account, "as it is").await;
        }
    }
    assert!(compared > 100, "only {compared}");
    hub.remove().await;
}

#[tokio::test]
async fn no_sentence_of_a_test_stays_english_whatever_the_provider_answers() {
    let hub = Hub::start().await;
    for provider in all() {
        let slug = provider.manifest().slug;
        let account = accounts::right(slug, Mode::Sandbox).unwrap();
        // A slow provider takes the whole of a test's time.
        for (name, fault) in Fault::NAMED.iter().filter(|(name, _)| *name != "slow") {
            hub.simulator.set_fault(slug, Some(*fault));
            assert!(compare(&hub, account, name).await > 0);
        }
        hub.simulator.set_fault(slug, None);
    }
    hub.remove().await;
}

async fn asked(hub: &Hub, method: &str, path: &str, language: &str, body: Option<Value>) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {}", hub.key("admin")))
        .header("accept-language", language)
        .header("content-type", "application/json");
    hub.send(request.body(body.map_or_else(String::new, |body| body.to_string()).into()).unwrap()).await
}

#[tokio::test]
async fn the_catalogue_of_providers_speaks_indonesian_where_it_is_asked_for() {
    let hub = Hub::start().await;
    let english = hub.get("/api/admin/providers").await.body["data"].clone();
    let indonesian = hub.get("/api/admin/providers?lang=id").await.body["data"].clone();
    assert_eq!(asked(&hub, "GET", "/api/admin/providers", "id-ID,en;q=0.5", None).await.body["data"], indonesian);
    for (index, provider) in all().iter().enumerate() {
        let manifest = provider.manifest();
        assert_eq!(english[index]["credentialsHelp"], manifest.credentials_help);
        assert_eq!(english[index]["notificationsHelp"], json!(manifest.notifications_help));
        for help in ["credentialsHelp", "notificationsHelp"] {
            assert!(!is_english(indonesian[index][help].as_str().unwrap_or_default()), "{}", indonesian[index][help]);
        }
        for field in manifest.fields {
            let described = |language: &Value| language[index]["schema"]["properties"][field.name].clone();
            assert_eq!(described(&english)["title"], field.title);
            assert_eq!(described(&english)["description"], field.help);
            let translated = described(&indonesian);
            assert_ne!(translated["description"], field.help, "{}.{}", manifest.slug, field.name);
            assert!(!is_english(translated["description"].as_str().unwrap()), "{translated}");
            for same in ["pattern", "examples", "writeOnly", "enum"] {
                assert_eq!(translated[same], described(&english)[same]);
            }
        }
    }
    assert_eq!(hub.get("/api/admin/providers?lang=fr").await.status, 400);
    hub.remove().await;
}

#[tokio::test]
async fn problems_and_warnings_of_a_configuration_are_said_in_indonesian() {
    let hub = Hub::start().await;
    let path = format!("/api/admin/partners/{}/integrations", hub.integration.partner_id);
    let wrong = json!({"integrationType": "payment_gateway", "provider": "xendit",
        "configuration": {"apiKey": "pk_test_abc", "colour": "red"}});
    for (method, path) in [("POST", path.as_str()), ("POST", "/api/admin/integrations/test")] {
        let refused = asked(&hub, method, path, "id", Some(wrong.clone())).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        let fields = &refused.body["details"]["fields"];
        assert_eq!(
            fields["configuration.apiKey"],
            json!(["adalah publishable key Stripe: isikan kunci API rahasia (secret key) Xendit"])
        );
        let unknown = fields["configuration.colour"][0].as_str().unwrap();
        assert_eq!(unknown, "bukan isian yang dikenal; Xendit menerima apiKey, webhookToken");
        let english = asked(&hub, method, path, "en", Some(wrong.clone())).await;
        let fields = &english.body["details"]["fields"];
        assert_eq!(
            fields["configuration.apiKey"],
            json!(["is a Stripe publishable key: enter the Xendit secret API key"])
        );
    }
    let other = json!({"integrationType": "payment_gateway", "provider": "xendit",
        "configuration": {"apiKey": "xnd_production_abcdefgh"}});
    let made = asked(&hub, "POST", &path, "id", Some(other)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let warning = &made.body["warnings"][0]["message"];
    assert_eq!(*warning, "Kunci API ini milik lingkungan produksi, tetapi integrasi dalam mode sandbox");
    hub.remove().await;
}

#[tokio::test]
async fn what_is_kept_of_a_test_stays_english_and_is_shown_in_the_language_asked_for() {
    let hub = Hub::start().await;
    hub.simulator.set_fault("midtrans", Some(Fault::Account(accounts::Situation::WrongKey)));
    let failed = asked(&hub, "POST", &hub.path("test"), "id", None).await;
    assert_eq!(failed.body["success"], false, "{}", failed.text);
    let (english, indonesian) = ("Midtrans rejected the server key", "Midtrans menolak server key");
    assert_eq!(failed.body["data"]["message"], indonesian);
    let hint = failed.body["data"]["details"]["hint"].as_str().unwrap();
    assert!(hint.starts_with("Salin ulang server key dari dasbor sandbox (Settings > Access Keys)."), "{hint}");
    let own = format!("/api/admin/integrations/{}", hub.integration.id);
    let partners = format!("/api/admin/partners/{}/integrations", hub.integration.partner_id);
    for (language, message) in [("en", english), ("id", indonesian)] {
        let shown = asked(&hub, "GET", &own, language, None).await.body["data"].clone();
        assert_eq!(shown["lastTestMessage"], message);
        for list in ["/api/admin/integrations", partners.as_str()] {
            let listed = asked(&hub, "GET", list, language, None).await.body["data"][0].clone();
            assert_eq!(listed["lastTestMessage"], message);
        }
        let logged = asked(&hub, "GET", &hub.path("logs?action=test"), language, None).await.body["data"][0].clone();
        assert_eq!(logged["message"], message);
        let steps = logged["errorDetails"]["steps"].as_array().unwrap();
        assert_eq!(steps.last().unwrap()["message"], message);
        let health = asked(&hub, "GET", &hub.path("health"), language, None).await;
        let found = health.body["data"]["recommendationDetails"].as_array().unwrap().clone();
        let rejected = found.iter().find(|found| found["code"] == "key_rejected").unwrap();
        assert_eq!(rejected["evidence"]["lastError"], message);
        assert_eq!(rejected["action"].as_str().unwrap().contains("(produksi)"), language == "id", "{rejected}");
    }
    hub.remove().await;
}
