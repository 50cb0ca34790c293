//! What a newcomer does: connect a provider, see the connection really tested, receive a notification, watch it arrive signed.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use simpul_core::integration::Mode;
use simpul_core::time::{Clock as _, SystemClock};
use simpul_simulator::accounts::right;
use simpul_simulator::notify::{Notification, Occasion, Variant, build, kinds};

use crate::support::{Answer, Hub, answer, on_both};

const SOON: Duration = Duration::from_secs(15);

fn notification(hub: &Hub, provider: &str, kind: &str, seed: u64, url: &str, variant: Variant) -> Notification {
    let account = right(provider, Mode::Sandbox).expect("simulated");
    let occasion = Occasion::new(seed, SystemClock.now(), url).variant(variant);
    let notification = build(account, kind, &occasion).unwrap_or_else(|| panic!("{provider} has no {kind}"));
    if variant == Variant::Valid {
        hub.simulator.record(&notification);
    }
    notification
}

/// Sends it to the path of the public URL, on the address that the hub really listens on.
async fn deliver(hub: &Hub, url: &str, notification: &Notification) -> Answer {
    let path = &url[url.find("/api/").expect("a path")..];
    let mut request = hub.client.post(format!("{}{path}", hub.base)).header("content-type", notification.content_type);
    for (name, value) in &notification.headers {
        request = request.header(name, value);
    }
    answer(request.body(notification.body.clone())).await
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

on_both! {
    async fn a_payment_arrives_signed_exactly_once(hub: &mut Hub) {
        let partner = hub.make_partner("Kopi Senja").await;
        let integration = hub.make_integration(&partner, "midtrans").await;
        let (id, url) = (text(&integration, "id"), text(&integration, "inboundUrl"));
        let (webhook, secret) = hub.make_webhook(id, "shop").await;
        hub.simulator.receiver_secret("shop", Some(secret.clone()));

        let settled = notification(hub, "midtrans", "settlement", 1, url, Variant::Valid);
        for _ in 0..3 {
            assert_eq!(deliver(hub, url, &settled).await.status, 200);
        }
        let captured = notification(hub, "midtrans", "pending", 1, url, Variant::Forged);
        assert_eq!(deliver(hub, url, &captured).await.status, 401);

        let received = hub.simulator.wait_for_received("shop", 1).await;
        assert_eq!(received[0].verified, Some(true), "the signature holds");
        let body: Value = serde_json::from_slice(&received[0].body).expect("JSON");
        assert_eq!((text(&body, "type"), text(&body, "provider"), text(&body, "integrationId")), ("payment.success", "midtrans", id));
        assert_eq!(received[0].header("webhook-id"), Some(text(&body, "id")));

        let path = format!("/api/admin/webhooks/{webhook}/deliveries");
        let deliveries = hub.until(&path, SOON, |body| body["data"][0]["status"] == "success").await;
        assert_eq!(deliveries["pagination"]["total"], 1);
        assert_eq!(hub.simulator.received_total("shop"), 1, "once");
        let delivery = hub.get(&format!("/api/admin/deliveries/{}", text(&deliveries["data"][0], "id"))).await;
        assert_eq!(delivery["data"]["attempts"][0]["trigger"], "initial");

        let logs = hub.get(&format!("/api/admin/integrations/{id}/logs?action=webhook&limit=500")).await;
        let count = |status: &str| logs["stats"].as_array().expect("stats").iter().find(|stat| stat["status"] == status).map_or(0, |stat| stat["count"].as_u64().expect("a count"));
        assert_eq!((count("success"), count("failed")), (4, 1), "{logs}");
        assert_eq!(logs["pagination"]["total"], 5);
        let health = hub.get(&format!("/api/admin/integrations/{id}/health")).await;
        assert_eq!(health["data"]["metrics"]["totalRequests"], 5);
        assert_eq!(health["data"]["components"]["deliveries"]["healthStatus"], "healthy");
        assert_eq!(health["data"]["errorDistribution"][0]["errorType"], "signature_invalid");

        let output = hub.output.lock().expect("not poisoned").clone();
        let account = right("midtrans", Mode::Sandbox).expect("simulated");
        for kept in [account.field("serverKey"), secret.as_str(), hub.key.as_str(), crate::support::PASSWORD, url.rsplit('/').next().expect("a token")] {
            assert!(!output.contains(kept), "a secret in the log of the process");
        }
    }

    async fn every_providers_connection_is_really_tested(hub: &mut Hub) {
        let partner = hub.make_partner("Batik Nusantara").await;
        for provider in ["midtrans", "xendit", "stripe", "twilio", "wablas", "fonnte", "mailgun", "sendgrid"] {
            let integration = hub.make_integration(&partner, provider).await;
            let path = format!("/api/admin/integrations/{}/test", text(&integration, "id"));
            let before = hub.simulator.calls(provider);
            let passed = hub.send(Method::POST, &path, None).await;
            assert_eq!((passed.status, &passed.body["success"]), (200, &Value::Bool(true)), "{provider}: {}", passed.body);
            assert!(hub.simulator.calls(provider) > before, "{provider} was asked");
            hub.simulator.set_fault(provider, Some(simpul_simulator::Fault::Html));
            let page = hub.send(Method::POST, &path, None).await;
            assert_eq!((page.status, &page.body["success"]), (200, &Value::Bool(false)), "{provider}: {}", page.body);
            assert!(page.body["data"]["details"]["hint"].is_string(), "{provider}: {}", page.body);
            hub.simulator.set_fault(provider, None);
            let stored = hub.get(&format!("/api/admin/integrations/{}", text(&integration, "id"))).await;
            assert_eq!(stored["data"]["lastTestStatus"], "failed");
        }
    }

    async fn every_providers_notifications_are_taken_or_refused(hub: &mut Hub) {
        let partner = hub.make_partner("Toko Jaya").await;
        for provider in ["midtrans", "xendit", "stripe", "twilio", "wablas", "fonnte", "mailgun", "sendgrid"] {
            let integration = hub.make_integration(&partner, provider).await;
            let (id, url) = (text(&integration, "id"), text(&integration, "inboundUrl"));
            for (seed, kind) in kinds(provider).into_iter().enumerate() {
                let sent = notification(hub, provider, kind, 100 + seed as u64, url, Variant::Valid);
                let answer = deliver(hub, url, &sent).await;
                let is_unsigned = provider == "midtrans" && kind == "subscription";
                assert_eq!(answer.status, if is_unsigned { 401 } else { 200 }, "{provider} {kind}: {}", answer.body);
            }
            let events = hub.get(&format!("/api/admin/integrations/{id}/events?limit=500")).await;
            assert!(events["data"].as_array().is_some_and(|events| !events.is_empty()), "{provider} became no event");
            let kind = kinds(provider)[0];
            let forged = deliver(hub, url, &notification(hub, provider, kind, 999, url, Variant::Forged)).await;
            // Wablas signs nothing and names a device that the hub does not know: its secret is the URL.
            let is_refused = (400..500).contains(&forged.status) || provider == "wablas";
            assert!(is_refused, "{provider}: {} {}", forged.status, forged.body);
        }
    }

    async fn retries_exhaust_then_disable_and_a_replay_arrives(hub: &mut Hub) {
        use simpul_simulator::Behaviour;
        let partner = hub.make_partner("Warung").await;
        let integration = hub.make_integration(&partner, "xendit").await;
        let id = text(&integration, "id");
        let (webhook, _) = hub.make_webhook(id, "flaky").await;
        let events = format!("/api/admin/integrations/{id}/events");
        let event = |key: &str| json!({"type": "payment.success", "data": {"paymentId": key}, "idempotencyKey": key});

        hub.simulator.receiver_behaves("flaky", Behaviour::FailFirst(1));
        let first = hub.post(&events, event("one"), 202).await;
        let again = hub.post(&events, event("one"), 202).await;
        assert_eq!((&again["id"], &again["duplicate"]), (&first["id"], &Value::Bool(true)));
        let path = format!("/api/admin/webhooks/{webhook}/deliveries");
        let done = hub.until(&path, SOON, |body| body["data"][0]["status"] == "success").await;
        assert_eq!(done["data"][0]["attemptCount"], 2, "the second attempt arrived");

        hub.simulator.receiver_behaves("flaky", Behaviour::Status(500));
        hub.post(&events, event("two"), 202).await;
        let failed = hub.until(&path, SOON, |body| body["data"][0]["status"] == "failed").await;
        assert_eq!(failed["data"][0]["attemptCount"], 3, "one attempt and two retries");
        let state = hub.get(&format!("/api/admin/webhooks/{webhook}")).await;
        assert_eq!((&state["data"]["failureCount"], &state["data"]["lastStatus"]), (&json!(1), &json!("failed")));

        hub.simulator.receiver_behaves("flaky", Behaviour::Accept);
        hub.post(&format!("/api/admin/deliveries/{}/replay", text(&failed["data"][0], "id")), json!({}), 202).await;
        hub.until(&path, SOON, |body| body["data"][0]["status"] == "success").await;

        let arrived = hub.simulator.received_total("flaky");
        let started = hub.post(&format!("/api/admin/webhooks/{webhook}/replay"), json!({"status": "success"}), 200).await;
        assert_eq!(started["replayed"], 2);
        let replay = format!("/api/admin/replays/{}", text(&started["replay"], "id"));
        let done = hub.until(&replay, SOON, |body| body["data"]["state"] == "completed").await;
        assert_eq!((&done["data"]["replayed"], &done["data"]["percent"]), (&json!(2), &json!(100)));
        hub.simulator.wait_for_received("flaky", arrived + 2).await;

        hub.simulator.receiver_behaves("flaky", Behaviour::Gone);
        hub.post(&events, event("three"), 202).await;
        let gone = hub.until(&format!("/api/admin/webhooks/{webhook}"), SOON, |body| body["data"]["isActive"] == false).await;
        assert!(text(&gone["data"], "disabledReason").contains("410"));
    }

    async fn secrets_are_masked_merged_and_revealed_only_to_admins(hub: &mut Hub) {
        let partner = hub.make_partner("Rahasia").await;
        let integration = hub.make_integration(&partner, "midtrans").await;
        let path = format!("/api/admin/integrations/{}", text(&integration, "id"));
        let account = right("midtrans", Mode::Sandbox).expect("simulated");
        let masked = text(&integration["configuration"], "serverKey").to_owned();
        assert!(masked.contains("••••") && masked.ends_with(&account.field("serverKey")[account.field("serverKey").len() - 4..]));
        let kept = hub.send(Method::PUT, &path, Some(json!({"displayName": "Baru", "configuration": {"serverKey": masked, "merchantId": "G1"}}))).await;
        assert_eq!(kept.status, 200, "{}", kept.body);
        let foreign = hub.send(Method::PUT, &path, Some(json!({"configuration": {"serverKey": "SB-Mid-server-••••zzzz"}}))).await;
        assert_eq!(foreign.status, 422);
        let reveal = hub.send(Method::POST, &format!("{path}/reveal"), None).await;
        assert_eq!(text(&reveal.body["data"]["configuration"], "serverKey"), account.field("serverKey"));
        let viewer = hub.make_key("viewer", Some(&partner)).await;
        assert_eq!(hub.send_as(&viewer, Method::POST, &format!("{path}/reveal"), None).await.status, 403);
        assert_eq!(hub.send_as(&viewer, Method::GET, &path, None).await.status, 200);
        let stranger = hub.make_partner("Lain").await;
        let other = hub.make_key("admin", Some(&stranger)).await;
        assert_eq!(hub.send_as(&other, Method::PUT, &path, Some(json!("bad"))).await.status, 404, "not told that it exists");
        let logs = hub.get(&format!("{path}/logs?action=config_change&q=revealed")).await;
        assert_eq!(logs["data"][0]["message"], "Credentials revealed");
        let again = json!({"integrationType": "payment_gateway", "provider": "midtrans", "configuration": {"serverKey": "SB-Mid-server-another-key"}});
        assert_eq!(hub.send(Method::POST, &format!("/api/admin/partners/{partner}/integrations"), Some(again)).await.status, 409);
        let wrong = json!({"integrationType": "payment_gateway", "provider": "stripe", "configuration": {"secretKey": "pk_test_51Habcdefghijk"}});
        let refused = hub.send(Method::POST, &format!("/api/admin/partners/{partner}/integrations"), Some(wrong)).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body["details"]["fields"]["configuration.secretKey"].is_array(), "{}", refused.body);
        let live = json!({"integrationType": "payment_gateway", "provider": "stripe", "testMode": true, "configuration": {"secretKey": "sk_live_51Habcdefghijk"}});
        let warned = hub.send(Method::POST, &format!("/api/admin/partners/{partner}/integrations"), Some(live)).await;
        assert_eq!((warned.status, &warned.body["warnings"][0]["code"]), (201, &json!("environment_mismatch")));
        let calls = hub.simulator.calls("stripe");
        let tested = hub.send(Method::POST, &format!("/api/admin/integrations/{}/test", text(&warned.body["data"], "id")), None).await;
        assert_eq!((&tested.body["data"]["errorType"], hub.simulator.calls("stripe")), (&json!("environment_mismatch"), calls), "without a call");
    }

    async fn an_outlet_inherits_until_it_has_its_own(hub: &mut Hub) {
        let partner = hub.make_partner("Cabang").await;
        hub.make_integration(&partner, "xendit").await;
        let outlet = hub.post(&format!("/api/admin/partners/{partner}/outlets"), json!({"name": "Kemang", "code": "KMG"}), 201).await;
        let path = format!("/api/admin/outlets/{}/integrations", text(&outlet, "id"));
        assert_eq!(hub.get(&path).await["data"][0]["inherited"], true);
        let own = json!({"integrationType": "payment_gateway", "provider": "xendit", "usePartnerConfig": true});
        let own = hub.post(&path, own, 201).await;
        let listed = hub.get(&path).await;
        assert_eq!((listed["data"].as_array().map(Vec::len), &listed["data"][0]["inherited"]), (Some(1), &json!(false)));
        let tested = hub.send(Method::POST, &format!("/api/admin/integrations/{}/test", text(&own, "id")), None).await;
        assert_eq!(tested.body["success"], true, "with the partner's key: {}", tested.body);
    }
}
