//! Every route of the OpenAPI document, with what it must refuse: the contract's error, nothing changed, nothing leaked.

use reqwest::Method;
use serde_json::{Value, json};
use simpul_store::testing::TestDatabase;

use crate::support::{Answer, Hub, answer};

struct Route {
    method: Method,
    path: String,
    has_body: bool,
    is_public: bool,
}

const NOBODY: &str = "01999999-9999-7999-8999-999999999999";

async fn routes(hub: &Hub) -> Vec<Route> {
    let document = hub.get("/api/openapi.json").await;
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let is_public = operation["security"].as_array().is_some_and(|schemes| {
                schemes.iter().all(|scheme| scheme.as_object().is_some_and(serde_json::Map::is_empty))
            });
            routes.push(Route {
                method,
                path: path.clone(),
                has_body: operation["requestBody"].is_object(),
                is_public,
            });
        }
    }
    assert!(routes.len() > 45, "only {} routes are documented", routes.len());
    routes
}

fn check(what: &str, route: &Route, answer: &Answer, expected: &[u16]) {
    assert!(
        expected.contains(&answer.status),
        "{what}: {} {} answered {}: {}",
        route.method,
        route.path,
        answer.status,
        answer.body
    );
    assert_eq!(answer.body["success"], false, "{what}: {} {}", route.method, route.path);
    let text = answer.body.to_string().to_lowercase();
    assert!(answer.body["error"].is_string() && answer.body["code"].is_string(), "{what}: {text}");
    for leak in ["select ", "sqlx", "panicked", "stack", ".rs:", "sqlite", "postgres"] {
        assert!(!text.contains(leak), "{what}: {} {} tells {leak}: {text}", route.method, route.path);
    }
}

#[tokio::test]
async fn every_route_refuses_what_it_must() {
    let hub = Hub::on(TestDatabase::sqlite()).await;
    let partner = hub.make_partner("Sasaran").await;
    let integration = hub.make_integration(&partner, "midtrans").await["id"].as_str().expect("an id").to_owned();
    let (webhook, _) = hub.make_webhook(&integration, "x").await;
    let outlet =
        hub.post(&format!("/api/admin/partners/{partner}/outlets"), json!({"name": "O", "code": "O1"}), 201).await;
    let outlet = outlet["id"].as_str().expect("an id").to_owned();
    let stranger = hub.make_partner("Orang Lain").await;
    let foreign = hub.make_key("admin", Some(&stranger)).await;
    let before = hub.get("/api/admin/integrations?limit=500").await;
    for route in routes(&hub).await.iter().filter(|route| route.path.starts_with("/api/admin/")) {
        let target = match route.path.split('/').nth(3) {
            Some("partners") => partner.as_str(),
            Some("integrations") => integration.as_str(),
            Some("webhooks") => webhook.as_str(),
            Some("outlets") => outlet.as_str(),
            _ => NOBODY,
        };
        // A fresh integration was never tested, which is a recommendation.
        let real = route.path.replace("{id}", target).replace("{code}", "never_tested");
        let send = |key: &str, path: &str, body: Option<Value>| {
            let (key, path, method) = (key.to_owned(), path.to_owned(), route.method.clone());
            let hub = &hub;
            async move { hub.send_as(&key, method, &path, body).await }
        };
        assert!(!route.is_public, "{} is public", route.path);
        check("no credentials", route, &send("", &real, Some(json!({}))).await, &[401]);
        check("a wrong key", route, &send("spk_nonsense", &real, Some(json!({}))).await, &[401]);
        if route.path.contains("{id}") {
            let statuses: &[u16] = &[404, 403];
            check("a foreign id", route, &send(&foreign, &real, Some(json!({"nonsense": 1}))).await, statuses);
            check(
                "an unknown id",
                route,
                &send(&hub.key, &route.path.replace("{id}", NOBODY), Some(json!({"nonsense": 1}))).await,
                &[404],
            );
            check(
                "a bad id",
                route,
                &send(&hub.key, &route.path.replace("{id}", "1%27%20OR%201=1--"), None).await,
                &[404],
            );
        }
        if route.has_body && (target != NOBODY || !route.path.contains("{id}")) {
            bodies(&hub, route, &real).await;
        }
    }
    let after = hub.get("/api/admin/integrations?limit=500").await;
    assert_eq!(before, after, "nothing changed");
    hub.end().await;
}

/// Bodies that no route takes.
async fn bodies(hub: &Hub, route: &Route, path: &str) {
    let request = || hub.client.request(route.method.clone(), format!("{}{path}", hub.base)).bearer_auth(&hub.key);
    let json = |body: String| request().header("content-type", "application/json").body(body);
    check("not JSON", route, &answer(json("{\"a\":".to_owned())).await, &[400]);
    check("deep nesting", route, &answer(json("[".repeat(100_000))).await, &[400, 422]);
    check("text for an object", route, &answer(json("\"text\"".to_owned())).await, &[422]);
    check("an unknown member", route, &answer(json("{\"nonsense\": 1}".to_owned())).await, &[422]);
    let form = request().header("content-type", "application/x-www-form-urlencoded").body("a=1");
    check("another content type", route, &answer(form).await, &[415]);
    let long = format!("{{\"name\": \"{}\"}}", "x".repeat(4 * 1024 * 1024 + 10));
    check("an oversized body", route, &answer(json(long)).await, &[413]);
}

#[tokio::test]
async fn queries_out_of_range_are_refused_with_their_name() {
    let hub = Hub::on(TestDatabase::sqlite()).await;
    let partner = hub.make_partner("Tanya").await;
    let integration = hub.make_integration(&partner, "midtrans").await["id"].as_str().expect("an id").to_owned();
    let logs = format!("/api/admin/integrations/{integration}/logs");
    for (query, name) in [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("limit=501", "limit"),
        ("limit=0", "limit"),
        ("action=won", "action"),
        ("status=odd", "status"),
        ("startDate=2026-02-02&endDate=2026-02-01", "endDate"),
        ("startDate=yesterday", "startDate"),
        ("errorType=x", "errorType"),
        ("cursor=x", "cursor"),
        ("nonsense=1", "nonsense"),
    ] {
        let answer = hub.send(Method::GET, &format!("{logs}?{query}"), None).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.body);
        assert!(answer.body["details"]["fields"][name].is_array(), "{query}: {}", answer.body);
    }
    let wrong = hub.send(Method::PATCH, &logs, None).await;
    assert_eq!(wrong.status, 405);
    assert!(wrong.headers.contains_key("allow"));
    let today = hub.get(&format!("{logs}?startDate=2026-01-01&endDate=2099-01-01&action=test&action=webhook")).await;
    assert_eq!(today["pagination"]["total"], 0);
    let injected = hub
        .client
        .get(format!("{}/api/admin/integrations?q=%27%3B%20DROP%20TABLE%20partners%3B--", hub.base))
        .bearer_auth(&hub.key);
    assert_eq!(answer(injected).await.status, 200);
    let inbound = hub.client.post(format!("{}/api/inbound/nonsense", hub.base)).body("x".repeat(1024 * 1024 + 1));
    assert!([404, 413].contains(&answer(inbound).await.status));
    hub.end().await;
}
