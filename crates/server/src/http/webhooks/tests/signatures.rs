//! Which signatures deliveries carry, by scheme and through rotations, and the public keys that check them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use simpul_core::signature::verify_ed25519;
use simpul_simulator::ReceivedRequest;

use super::event;
use crate::http::test_hub::{Answer, Hub};

async fn jwks(hub: &Hub, webhook: &Value) -> Answer {
    let path = format!("/api/webhooks/{}/jwks.json", webhook["id"].as_str().unwrap());
    hub.send(http::Request::get(path).body(axum::body::Body::empty()).unwrap()).await
}

/// Whether a key of the set made a signature of the request: as a receiver checks, who has nothing but the set.
fn verifies(key: &Value, request: &ReceivedRequest) -> bool {
    let bytes = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    let public = format!("whpk_{}", STANDARD.encode(bytes));
    let header = |name| request.header(name).unwrap();
    let at = header("webhook-timestamp").parse().unwrap();
    verify_ed25519(&public, header("webhook-id"), at, &request.body, header("webhook-signature"))
}

fn versions(request: &ReceivedRequest) -> Vec<&str> {
    let header = request.header("webhook-signature").unwrap();
    header.split(' ').map(|part| part.split_once(',').unwrap().0).collect()
}

async fn deliver(hub: &Hub, count: u64) -> ReceivedRequest {
    assert_eq!(hub.post(&hub.path("events"), event("payment.success")).await.status, 202);
    hub.received("shop", count).await.pop().unwrap()
}

#[tokio::test]
async fn the_published_keys_verify_a_delivery_and_no_private_key_is_shown() {
    let hub = Hub::start().await;
    let made = hub.webhook("shop", json!({"signatureScheme": "ed25519"})).await;
    assert!(made["publicKey"].as_str().unwrap().starts_with("whpk_"), "{made}");
    let delivered = deliver(&hub, 1).await;
    assert_eq!(versions(&delivered), ["v1a"]);
    let set = jwks(&hub, &made).await;
    assert_eq!((set.status, set.headers["content-type"].to_str().unwrap()), (200, "application/jwk-set+json"));
    assert_eq!(set.headers["cache-control"], "public, max-age=300");
    assert_eq!(set.body.as_object().unwrap().keys().collect::<Vec<_>>(), ["keys"]);
    let keys = set.body["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    let facts = ["kty", "crv", "use", "alg"].map(|name| &keys[0][name]);
    assert_eq!(json!(facts), json!(["OKP", "Ed25519", "sig", "EdDSA"]));
    assert!(keys[0].get("d").is_none() && verifies(&keys[0], &delivered));

    let path = format!("/api/admin/webhooks/{}", made["id"].as_str().unwrap());
    let rotated = hub.post(&format!("{path}/rotate-secret"), json!({})).await;
    let deliveries = hub.wait(&format!("{path}/deliveries"), |rows| rows[0]["status"] == "success").await;
    let attempts = hub.get(&format!("/api/admin/deliveries/{}", deliveries[0]["id"].as_str().unwrap())).await;
    let logs = hub.get(&hub.path("logs")).await;
    for answer in [set, rotated, hub.get(&path).await, hub.get(&hub.path("webhooks")).await, attempts, logs] {
        assert_eq!(answer.status, 200);
        assert!(!answer.text.contains("whsk_"), "{}", answer.text);
    }
}

#[tokio::test]
async fn the_scheme_decides_what_signs_and_what_a_rotation_replaces() {
    let hub = Hub::start().await;
    let made = hub.webhook("shop", json!({})).await;
    let path = format!("/api/admin/webhooks/{}", made["id"].as_str().unwrap());
    assert!(made["publicKey"].is_null());
    assert_eq!(jwks(&hub, &made).await.status, 404);
    assert_eq!(versions(&deliver(&hub, 1).await), ["v1"]);

    let both = hub.call("admin", "PUT", &path, Some(json!({"signatureScheme": "both"}))).await;
    let first_key = both.body["data"]["publicKey"].clone();
    assert!(first_key.is_string(), "{}", both.text);
    assert_eq!(versions(&deliver(&hub, 2).await), ["v1", "v1a"]);

    let rotated = hub.post(&format!("{path}/rotate-secret"), json!({})).await;
    let data = &rotated.body["data"];
    assert_ne!(data["publicKey"], first_key);
    assert_ne!(data["webhookSecret"], made["webhookSecret"]);
    let delivered = deliver(&hub, 3).await;
    assert_eq!(versions(&delivered), ["v1", "v1", "v1a", "v1a"]);
    assert_eq!(delivered.verified, Some(true), "the receiver still has the old secret");
    let keys = jwks(&hub, &made).await.body["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| verifies(key, &delivered)));
    assert_ne!(keys[0]["kid"], keys[1]["kid"]);

    hub.call("admin", "PUT", &path, Some(json!({"signatureScheme": "ed25519"}))).await;
    let refused = hub.post(&format!("{path}/rotate-secret"), json!({"webhookSecret": "a-secret-of-ours"})).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let at_once = hub.post(&format!("{path}/rotate-secret"), json!({"overlapHours": 0})).await;
    assert!(
        at_once.body["data"]["webhookSecret"].as_str().unwrap().contains('•'),
        "it did not change: {}",
        at_once.text
    );
    let current = &jwks(&hub, &made).await.body["keys"][0]["kid"].clone();
    assert_ne!(current, &keys[0]["kid"]);

    for _ in 0..6 {
        hub.post(&format!("{path}/rotate-secret"), json!({})).await;
    }
    assert_eq!(versions(&deliver(&hub, 4).await), ["v1a"; 5]);
    let hmac = hub.call("admin", "PUT", &path, Some(json!({"signatureScheme": "hmac"}))).await;
    assert!(hmac.body["data"]["publicKey"].is_null());
    assert_eq!(versions(&deliver(&hub, 5).await), ["v1", "v1"], "the old secret is within its overlap still");
}

#[tokio::test]
async fn a_private_key_is_not_taken_for_a_secret_and_a_secret_that_looks_like_one_is_a_secret() {
    let hub = Hub::start().await;
    let key = simpul_core::signature::signing_key_from(&[1; 32]);
    let refused =
        hub.post(&hub.path("webhooks"), json!({"webhookUrl": "https://shop.example/", "webhookSecret": key})).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let made = hub.webhook("shop", json!({"webhookSecret": "whsk_a secret of another product"})).await;
    let path = format!("/api/admin/webhooks/{}/rotate-secret", made["id"].as_str().unwrap());
    assert_eq!(hub.post(&path, json!({})).await.status, 200);
    let delivered = deliver(&hub, 1).await;
    assert_eq!((versions(&delivered), delivered.verified), (vec!["v1", "v1"], Some(true)));
}

#[tokio::test]
async fn unknown_webhooks_have_no_keys() {
    let hub = Hub::start().await;
    for id in ["none", "0190b3d4-0000-7000-8000-000000000000"] {
        let answer = jwks(&hub, &json!({"id": id})).await;
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!("not_found")), "{}", answer.text);
    }
}
