//! Badges: who makes them, what the outside sees, and what it does not.

use http::Request;

use crate::http::test_hub::{Answer, Hub};

async fn show(hub: &Hub, path: &str) -> Answer {
    hub.send(Request::get(path).body(axum::body::Body::empty()).unwrap()).await
}

/// The path of the badge's address.
fn path_of(answer: &Answer) -> String {
    let url = answer.body["data"]["url"].as_str().unwrap();
    url.strip_prefix("http://localhost:3001").unwrap().to_owned()
}

#[tokio::test]
async fn a_badge_shows_the_band_and_nothing_of_the_inside() {
    let hub = Hub::start().await;
    let made = hub.call("admin", "POST", &hub.path("badge"), None).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = path_of(&made);
    let unknown = show(&hub, &path).await;
    assert_eq!(
        (unknown.status, unknown.headers["content-type"].to_str().unwrap()),
        (200, "image/svg+xml; charset=utf-8")
    );
    assert!(unknown.text.contains("Midtrans: unknown"), "{}", unknown.text);
    hub.call("operator", "POST", &hub.path("test"), None).await;
    assert!(show(&hub, &path).await.text.contains("unknown"), "kept for half a minute");
    hub.clock.advance(std::time::Duration::from_secs(31));
    let healthy = show(&hub, &path).await;
    assert!(healthy.text.contains("healthy 100.0 %"), "{}", healthy.text);
    assert!(show(&hub, &format!("{path}?lang=id")).await.text.contains("sehat 100,0 %"));
    for inside in [
        hub.integration.id.to_string(),
        hub.integration.partner_id.to_string(),
        hub.integration.inbound_token.clone(),
        hub.integration.configuration.text("serverKey").unwrap(),
        path.trim_start_matches("/badge/").trim_end_matches(".svg").to_owned(),
    ] {
        assert!(!healthy.text.contains(&inside), "{inside}");
    }
    hub.remove().await;
}

#[tokio::test]
async fn who_has_the_picture_is_told_so() {
    let hub = Hub::start().await;
    let path = path_of(&hub.call("admin", "POST", &hub.path("badge"), None).await);
    let first = show(&hub, &path).await;
    let etag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.headers["cache-control"], "public, max-age=30");
    for tag in [etag.clone(), format!("\"other\", W/{etag}"), "*".to_owned()] {
        let request = Request::get(&path).header("if-none-match", &tag).body(axum::body::Body::empty()).unwrap();
        let again = hub.send(request).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{tag}");
        assert_eq!(again.headers["etag"].to_str().unwrap(), etag);
    }
    hub.remove().await;
}

#[tokio::test]
async fn an_address_that_is_unknown_replaced_or_removed_is_a_plain_404() {
    let hub = Hub::start().await;
    let first = path_of(&hub.call("admin", "POST", &hub.path("badge"), None).await);
    assert_eq!(show(&hub, &first).await.status, 200);
    let second = path_of(&hub.call("admin", "POST", &hub.path("badge"), None).await);
    assert_eq!(path_of(&hub.get(&hub.path("badge")).await), second);
    assert_eq!(show(&hub, &second).await.status, 200);
    assert_eq!(hub.call("admin", "DELETE", &hub.path("badge"), None).await.status, 200);
    let long = format!("/badge/{}.svg", "a".repeat(5_000));
    let other = format!("/badge/{}.svg", "a".repeat(43));
    for path in [&first, &second, &long, &other, "/badge/.svg", &first[..first.len() - 4], "/badge/%00%2e.svg"] {
        let answer = show(&hub, path).await;
        assert_eq!((answer.status, &answer.body["code"]), (404, &"not_found".into()), "{path}: {}", answer.text);
        assert!(!answer.text.contains("<svg"));
    }
    assert_eq!(hub.get(&hub.path("badge")).await.status, 404);
    assert_eq!(hub.call("admin", "DELETE", &hub.path("badge"), None).await.status, 404);
    hub.remove().await;
}

#[tokio::test]
async fn admins_of_the_partner_make_badges_and_viewers_read_them() {
    let hub = Hub::start().await;
    for (key, method, status) in [
        ("viewer", "POST", 403),
        ("operator", "POST", 403),
        ("stranger", "POST", 404),
        ("admin", "POST", 201),
        ("viewer", "GET", 200),
        ("stranger", "GET", 404),
        ("operator", "DELETE", 403),
        ("stranger", "DELETE", 404),
    ] {
        assert_eq!(hub.call(key, method, &hub.path("badge"), None).await.status, status, "{key} {method}");
    }
    assert_eq!(show(&hub, "/badge/x.svg?lang=fr").await.status, 404);
    let path = path_of(&hub.get(&hub.path("badge")).await);
    assert_eq!(show(&hub, &format!("{path}?lang=fr")).await.status, 400);
    hub.remove().await;
}
