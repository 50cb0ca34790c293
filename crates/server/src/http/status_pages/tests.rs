//! Public status pages: who opens them, what they show, and that nothing of the inside comes out.

use http::Request;
use serde_json::{Value, json};
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::error_type::ErrorType;

use crate::http::test_hub::{Answer, Hub};

async fn show(hub: &Hub, path: &str) -> Answer {
    hub.send(Request::get(path).body(axum::body::Body::empty()).unwrap()).await
}

fn address(hub: &Hub) -> String {
    format!("/api/admin/partners/{}/status-page", hub.integration.partner_id)
}

async fn open(hub: &Hub, body: Value) -> String {
    let answer = hub.call("admin", "POST", &address(hub), Some(body)).await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text);
    let url = answer.body["data"]["url"].as_str().unwrap();
    url.strip_prefix("http://localhost:3001").unwrap().to_owned()
}

async fn fail(hub: &Hub, message: &str) {
    let mut call = Activity::new(hub.integration.id, Action::Transaction, Status::Failed, message, hub.state.now());
    call.error_type = Some(ErrorType::AuthenticationFailed);
    hub.state.store.insert_activity(&[call]).await.unwrap();
}

#[tokio::test]
async fn the_page_shows_names_bands_and_bars_and_nothing_of_the_inside() {
    let hub = Hub::start().await;
    hub.call("operator", "POST", &hub.path("test"), None).await;
    fail(&hub, "the provider's own words about https://internal.example").await;
    let path = open(&hub, json!({"title": "Toko <b>Senja</b>"})).await;
    let html = show(&hub, &path).await;
    assert_eq!(html.headers["content-type"], "text/html; charset=utf-8");
    assert!(html.text.contains("<h1>Toko &lt;b&gt;Senja&lt;/b&gt;</h1>"), "{}", html.text);
    assert!(html.text.contains("Midtrans <span class=\"band degraded\">Disrupted</span>"), "{}", html.text);
    assert_eq!(html.text.matches("<i class=").count(), 90);
    assert!(
        !html.text.contains("<script") && !html.text.contains(" style=") && !html.text.contains(" on"),
        "{}",
        html.text
    );
    let policy = html.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let indonesian = show(&hub, &format!("{path}?lang=id")).await;
    assert!(indonesian.text.contains("<html lang=\"id\">") && indonesian.text.contains("Terganggu"));
    let data = show(&hub, &format!("{path}.json")).await;
    assert_eq!(data.headers["content-type"], "application/json");
    let view = &data.body["data"];
    assert_eq!((&view["title"], &view["healthStatus"]), (&json!("Toko <b>Senja</b>"), &json!("degraded")));
    let shown = &view["integrations"][0];
    assert_eq!((&shown["displayName"], &shown["healthStatus"]), (&json!("Midtrans"), &json!("degraded")));
    assert_eq!(shown["days"].as_array().unwrap().len(), 90);
    assert_eq!(shown["days"][89]["uptime"], shown["uptime"], "today alone was observed");
    assert!(shown["days"][0]["uptime"].is_null());
    let token = path.trim_start_matches("/status/");
    for page in [&html, &indonesian, &data] {
        for inside in [
            hub.integration.id.to_string(),
            hub.integration.partner_id.to_string(),
            hub.integration.inbound_token.clone(),
            hub.integration.configuration.text("serverKey").unwrap(),
            token.to_owned(),
            "internal.example".to_owned(),
            "own words".to_owned(),
            "authentication".to_owned(),
            "/api/".to_owned(),
        ] {
            assert!(!page.text.contains(&inside), "{inside} is on the page");
        }
    }
    hub.remove().await;
}

#[tokio::test]
async fn a_change_keeps_the_address_and_closing_or_rotating_ends_it() {
    let hub = Hub::start().await;
    let path = open(&hub, json!({})).await;
    let opened = hub.get(&address(&hub)).await;
    assert_eq!(opened.body["data"]["title"], "toko", "the partner's name");
    assert_eq!(show(&hub, &path).await.status, 200);
    assert_eq!(open(&hub, json!({"integrationIds": [], "showIncidents": false})).await, path);
    assert!(show(&hub, &path).await.text.contains("No service is shown here."), "changed at once on this node");
    let read = hub.get(&address(&hub)).await;
    assert_eq!((&read.body["data"]["integrationIds"], &read.body["data"]["title"]), (&json!([]), &json!("toko")));
    open(&hub, json!({"integrationIds": null})).await;
    assert!(hub.get(&address(&hub)).await.body["data"]["integrationIds"].is_null());
    let rotated = open(&hub, json!({"rotate": true})).await;
    assert_ne!(rotated, path);
    assert_eq!(show(&hub, &path).await.status, 404);
    assert_eq!(hub.call("admin", "DELETE", &address(&hub), None).await.status, 200);
    for path in [rotated.as_str(), "/status/x", "/status/x.json", &format!("/status/{}", "a".repeat(43))] {
        assert_eq!(show(&hub, path).await.status, 404, "{path}");
    }
    let absent = show(&hub, "/status/x?lang=id").await.text;
    assert!(absent.contains("Tidak ada halaman status di alamat ini"), "people are told on a page: {absent}");
    assert!(show(&hub, "/status/x.json").await.text.contains("\"success\":false"), "programs in the envelope");
    hub.remove().await;
}

#[tokio::test]
async fn only_the_partners_own_admins_open_pages_and_only_with_its_own_integrations() {
    let hub = Hub::start().await;
    for (key, method, status) in [
        ("viewer", "GET", 404),
        ("viewer", "POST", 403),
        ("operator", "POST", 403),
        ("stranger", "POST", 404),
        ("admin", "POST", 201),
        ("viewer", "GET", 200),
        ("stranger", "GET", 404),
        ("operator", "DELETE", 403),
        ("stranger", "DELETE", 404),
    ] {
        assert_eq!(hub.call(key, method, &address(&hub), None).await.status, status, "{key} {method}");
    }
    let nobody = "01999999-9999-7999-8999-999999999999";
    let own = hub.integration.id.to_string();
    for (body, field) in [
        (json!({"integrationIds": [nobody]}), "integrationIds[0]"),
        (json!({"integrationIds": [own, own]}), "integrationIds[1]"),
        (json!({"integrationIds": vec![own.clone(); 51]}), "integrationIds"),
        (json!({"title": ""}), "title"),
        (json!({"title": "x".repeat(121)}), "title"),
        (json!({"colour": "red"}), "colour"),
    ] {
        let answer = hub.call("admin", "POST", &address(&hub), Some(body.clone())).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        assert!(answer.body["details"]["fields"][field].is_array(), "{body}: {}", answer.text);
    }
    hub.remove().await;
}

#[tokio::test]
async fn the_page_is_made_once_in_half_a_minute() {
    let hub = Hub::start().await;
    let path = open(&hub, json!({})).await;
    assert!(show(&hub, &path).await.text.contains("Not known"));
    hub.call("operator", "POST", &hub.path("test"), None).await;
    let kept = show(&hub, &path).await;
    assert!(kept.text.contains("Not known"));
    let etag = kept.headers["etag"].to_str().unwrap();
    let request = Request::get(&path).header("if-none-match", etag).body(axum::body::Body::empty()).unwrap();
    let again = hub.send(request).await;
    assert_eq!(again.status, 304);
    assert!(again.headers.contains_key("content-security-policy"));
    hub.clock.advance(std::time::Duration::from_secs(31));
    assert!(show(&hub, &path).await.text.contains("All services work."));
    hub.remove().await;
}
