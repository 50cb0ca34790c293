//! Refused notifications: kept, listed, and accepted once the secret is mended. On both databases.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use simpul_core::integration::Mode;
use simpul_core::time::{Clock as _, MINUTE};
use simpul_simulator::accounts;
use simpul_simulator::notify::{Notification, Occasion, build, stripe};
use simpul_store::testing::TestDatabase;

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

const PROVIDERS: [(&str, &str, &str, &str); 3] = [
    ("midtrans", "settlement", "serverKey", "SB-Mid-server-AnotherAccount00000z9y8"),
    ("xendit", "invoice_paid", "webhookToken", "anotherCallbackToken0123456789abcdefghijklmnopq"),
    ("stripe", "payment_intent.succeeded", "webhookSecret", "whsec_AnotherEndpoint0123456789abcdef99"),
];

/// One provider's integration whose secret for notifications is wrong, and a receiver of its events.
struct Case<'a> {
    hub: &'a Hub,
    provider: &'static str,
    kind: &'static str,
    secret: (&'static str, &'static str),
    id: String,
    inbound: String,
    webhook: String,
}

impl<'a> Case<'a> {
    async fn start(hub: &'a Hub, name: &str) -> Self {
        let (provider, kind, member, wrong) = *PROVIDERS.iter().find(|(provider, ..)| *provider == name).unwrap();
        let account = accounts::right(provider, Mode::Sandbox).unwrap();
        let (id, inbound) = if provider == "midtrans" {
            (hub.integration.id.to_string(), "/api/inbound/inbound-token-of-the-tests".to_owned())
        } else {
            let members: serde_json::Map<String, Value> =
                account.fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            let body = json!({"integrationType": "payment_gateway", "provider": provider, "configuration": members});
            let path = format!("/api/admin/partners/{}/integrations", hub.integration.partner_id);
            let made = hub.call("admin", "POST", &path, Some(body)).await;
            assert_eq!(made.status, 201, "{}", made.text);
            let url = made.body["data"]["inboundUrl"].as_str().unwrap();
            let inbound = url.strip_prefix("http://localhost:3001").unwrap().to_owned();
            (made.body["data"]["id"].as_str().unwrap().to_owned(), inbound)
        };
        let webhook = json!({"webhookUrl": hub.simulator.receiver_url(provider)});
        let made = hub.post(&format!("/api/admin/integrations/{id}/webhooks"), webhook).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let webhook = format!("/api/admin/webhooks/{}", made.body["data"]["id"].as_str().unwrap());
        let secret = (member, account.field(member));
        let case = Self { hub, provider, kind, secret, id, inbound, webhook };
        case.set(member, wrong).await;
        case
    }

    async fn set(&self, member: &str, value: &str) {
        let change = json!({"configuration": {member: value}});
        let changed =
            self.hub.call("admin", "PUT", &format!("/api/admin/integrations/{}", self.id), Some(change)).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    }

    async fn mend(&self) {
        self.set(self.secret.0, self.secret.1).await;
    }

    fn notification(&self, seed: u64) -> Notification {
        let account = accounts::right(self.provider, Mode::Sandbox).unwrap();
        let url = format!("http://localhost:3001{}", self.inbound);
        let notification = build(account, self.kind, &Occasion::new(seed, self.hub.clock.now(), &url)).unwrap();
        self.hub.simulator.record(&notification);
        notification
    }

    async fn send(&self, notification: &Notification) -> Answer {
        let mut request = Request::post(&self.inbound).header("content-type", notification.content_type);
        for (name, value) in &notification.headers {
            request = request.header(name, value);
        }
        self.hub.send(request.body(Body::from(notification.body.clone())).unwrap()).await
    }

    async fn list(&self, query: &str) -> Answer {
        let path = format!("/api/admin/integrations/{}/notifications?{query}", self.id);
        let answer = self.hub.call("operator", "GET", &path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(!answer.text.contains(self.secret.1), "{}", answer.text);
        answer
    }

    /// The refused notifications, newest first.
    async fn refused(&self) -> Vec<Value> {
        self.list("outcome=refused").await.body["data"].as_array().unwrap().clone()
    }

    async fn accept(&self, row: &Value) -> Answer {
        let path = format!("/api/admin/notifications/{}/accept", row["id"].as_str().unwrap());
        let answer = self.hub.call("operator", "POST", &path, None).await;
        assert!(!answer.text.contains(self.secret.1), "{}", answer.text);
        answer
    }

    async fn accept_all(&self, filter: Value) -> Value {
        let path = format!("/api/admin/integrations/{}/notifications/accept", self.id);
        let answer = self.hub.call("operator", "POST", &path, Some(filter)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["data"].clone()
    }

    /// Events and deliveries there are.
    async fn totals(&self) -> [Value; 2] {
        let events = self.hub.get(&format!("/api/admin/integrations/{}/events", self.id)).await;
        let deliveries = self.hub.get(&format!("{}/deliveries", self.webhook)).await;
        [events, deliveries].map(|answer| answer.body["pagination"]["total"].clone())
    }
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["code"].as_str().unwrap_or_default())
}

on_both! {
    async fn refused_for_a_wrong_secret_and_accepted_once_it_is_mended(hub: Hub) {
        for (provider, ..) in PROVIDERS {
            let case = Case::start(hub, provider).await;
            assert_eq!(code(&case.send(&case.notification(7)).await), (401, "bad_signature"), "{provider}");
            let row = case.refused().await.remove(0);
            let facts = ["outcome", "reasonCode", "canAccept", "acceptedAt", "acceptedBy"].map(|name| &row[name]);
            assert_eq!(json!(facts), json!(["refused", "bad_signature", true, null, null]), "{provider}");
            assert!(row["reason"].is_string() && row["body"].is_string() && row["headers"].is_object());

            let still = case.accept(&row).await;
            assert_eq!(code(&still), (409, "still_refused"), "{}", still.text);
            assert_eq!(still.body["details"]["reasonCode"], "bad_signature");
            assert!(still.body["details"]["remedy"].as_str().unwrap().contains("Correct the secret"));
            assert_eq!(case.totals().await, [json!(0), json!(0)]);

            case.mend().await;
            // Stripe's signature is old by now; what counts is when it came.
            hub.clock.advance(Duration::from_secs(3 * 3_600));
            let accepted = case.accept(&row).await;
            assert_eq!((accepted.status, &accepted.body["data"]["result"]), (200, &json!("accepted")), "{}", accepted.text);
            assert_eq!(accepted.body["data"]["events"][0]["type"], "payment.success");
            let marked = &accepted.body["data"]["notification"];
            assert!(marked["acceptedAt"].is_string() && marked["acceptedBy"].is_string(), "{marked}");
            assert_eq!(marked["canAccept"], false);
            let received = hub.received(provider, 1).await;
            assert!(String::from_utf8_lossy(&received[0].body).contains("payment.success"));

            let again = case.accept(&row).await;
            assert_eq!(code(&again), (409, "already_accepted"), "{}", again.text);
            assert_eq!(case.totals().await, [json!(1), json!(1)], "{provider}");
            let logs = hub.get(&format!("/api/admin/integrations/{}/logs?action=webhook&q=accepted%20again", case.id)).await;
            assert_eq!(logs.body["data"].as_array().unwrap().len(), 1, "{}", logs.text);
            let wrong_kind = hub.call("operator", "POST", &format!("/api/admin/notifications/{}/accept", hub.integration.id), None).await;
            assert_eq!(code(&wrong_kind), (404, "not_found"));
        }
    }

    async fn what_the_provider_sent_again_itself_is_a_duplicate(hub: Hub) {
        for (provider, ..) in PROVIDERS {
            let case = Case::start(hub, provider).await;
            let notification = case.notification(9);
            assert_eq!(case.send(&notification).await.status, 401);
            case.mend().await;
            assert_eq!(case.send(&notification).await.status, 200);
            let row = case.refused().await.remove(0);
            let accepted = case.accept(&row).await;
            assert_eq!((accepted.status, &accepted.body["data"]["result"]), (200, &json!("duplicate")), "{}", accepted.text);
            assert_eq!(accepted.body["data"]["events"][0]["duplicate"], true);
            assert_eq!(case.totals().await, [json!(1), json!(1)], "{provider}");
            let genuine = case.list("outcome=accepted").await.body["data"][0].clone();
            assert_eq!(code(&case.accept(&genuine).await), (409, "not_refused"));
        }
    }

    async fn many_who_accept_at_once_are_one(hub: Hub) {
        let case = Case::start(hub, "xendit").await;
        case.send(&case.notification(3)).await;
        case.mend().await;
        let row = case.refused().await.remove(0);
        let answers = futures_util::future::join_all((0..8).map(|_| case.accept(&row))).await;
        let mut codes: Vec<_> = answers.iter().map(code).collect();
        codes.sort_unstable();
        assert_eq!(codes.remove(0), (200, ""));
        assert!(codes.iter().all(|code| *code == (409, "already_accepted")), "{codes:?}");
        assert_eq!(case.totals().await, [json!(1), json!(1)]);
    }

    async fn many_are_accepted_in_one_call_and_read_page_by_page(hub: Hub) {
        let case = Case::start(hub, "xendit").await;
        for seed in 1..=3 {
            assert_eq!(case.send(&case.notification(seed)).await.status, 401);
        }
        case.mend().await;
        let mut unreadable = case.notification(4);
        unreadable.body = b"no JSON".to_vec();
        assert_eq!(case.send(&unreadable).await.status, 400);
        assert_eq!(case.send(&case.notification(2)).await.status, 200, "the provider sent one again itself");

        assert_eq!(case.list("reason=malformed").await.body["pagination"]["total"], 1);
        let first = case.list("outcome=refused&limit=3").await.body;
        assert_eq!((&first["pagination"]["total"], &first["data"][0]["reasonCode"]), (&json!(4), &json!("malformed")));
        let cursor = first["pagination"]["nextCursor"].as_str().unwrap();
        let second = case.list(&format!("outcome=refused&limit=3&cursor={cursor}")).await.body;
        assert_eq!((second["data"].as_array().unwrap().len(), &second["pagination"]["nextCursor"]), (1, &Value::Null));

        assert_eq!(case.accept_all(json!({"to": "2020-01-01"})).await["remaining"], 0);
        let counts = case.accept_all(json!({"reason": "bad_signature", "from": "2026-01-01"})).await;
        let expected = json!({"accepted": 2, "duplicate": 1, "kept": 0, "stillRefused": 0, "unconfirmed": 0, "remaining": 0});
        assert_eq!(counts, expected);
        assert_eq!(case.totals().await, [json!(3), json!(3)]);
        let rest = case.accept_all(json!({})).await;
        assert_eq!(json!([rest["accepted"], rest["stillRefused"]]), json!([0, 1]));
        for filter in [json!({"reason": "x"}), json!({"from": "x"}), json!({"from": "2026-02-02", "to": "2026-02-01"}), json!({"until": 1})] {
            let path = format!("/api/admin/integrations/{}/notifications/accept", case.id);
            assert_eq!(hub.call("operator", "POST", &path, Some(filter.clone())).await.status, 422, "{filter}");
            assert_eq!(hub.call("viewer", "POST", &path, Some(filter.clone())).await.status, 403);
            assert_eq!(hub.call("stranger", "POST", &path, Some(filter)).await.status, 404);
        }
    }

    async fn what_cannot_be_confirmed_now_stays_refused_until_it_can(hub: Hub) {
        let case = Case::start(hub, "midtrans").await;
        case.send(&case.notification(5)).await;
        case.mend().await;
        let row = case.refused().await.remove(0);
        hub.simulator.set_fault("midtrans", Some(simpul_simulator::Fault::ServerError));
        assert_eq!(case.accept(&row).await.status, 503);
        assert_eq!(case.accept_all(json!({})).await["unconfirmed"], 1);
        hub.simulator.set_fault("midtrans", None);
        assert_eq!(case.accept(&row).await.status, 200);
    }

    async fn a_large_one_is_kept_without_its_request_and_says_so(hub: Hub) {
        let case = Case::start(hub, "xendit").await;
        let mut large = case.notification(1);
        large.body = vec![b' '; 256 * 1024];
        assert_eq!(case.send(&large).await.status, 401);
        let row = case.refused().await.remove(0);
        assert_eq!(row["canAccept"], false);
        assert!(row["reason"].as_str().unwrap().contains("larger than 256 KiB"), "{}", row["reason"]);
        assert!(row["body"].as_str().unwrap().len() <= 64 * 1024);
        assert_eq!(code(&case.accept(&row).await), (409, "request_not_kept"));
        assert_eq!(case.accept_all(json!({})).await["remaining"], 0);
    }

    async fn a_flood_is_counted_and_not_kept(hub: Hub) {
        let case = Case::start(hub, "xendit").await;
        let into_minute = hub.clock.now().millis().rem_euclid(MINUTE);
        hub.clock.advance(Duration::from_millis((MINUTE - into_minute).unsigned_abs()));
        let notification = case.notification(1);
        for _ in 0..100 {
            assert_eq!(case.send(&notification).await.status, 401);
        }
        let listed = case.list("outcome=refused&limit=1").await.body;
        assert_eq!(listed["pagination"]["total"], 60);
        assert_eq!(listed["suppressed"], json!({"thisMinute": 40, "lastHour": 40}));
    }

    async fn another_accounts_notification_is_set_aside_until_the_account_is_corrected(hub: Hub) {
        let case = Case::start(hub, "stripe").await;
        case.mend().await;
        let mut notification = case.notification(1);
        let mut body: Value = serde_json::from_slice(&notification.body).unwrap();
        body["account"] = json!("acct_1Simpul0000000077");
        notification.body = body.to_string().into_bytes();
        let now = hub.clock.now().seconds();
        let signature = stripe::signature(case.secret.1, now, &notification.body);
        notification.headers = vec![("stripe-signature".to_owned(), format!("t={now},v1={signature}"))];
        assert_eq!(case.send(&notification).await.status, 200, "Stripe would send it again, and it is right to send it");
        let row = case.refused().await.remove(0);
        assert_eq!(json!([row["reasonCode"], row["canAccept"]]), json!(["unknown_account", true]));
        let health = hub.get(&format!("/api/admin/integrations/{}/health", case.id)).await;
        assert_eq!(health.body["data"]["metrics"]["failedCount"], 0, "{}", health.text);
        let still = case.accept(&row).await;
        assert_eq!((code(&still), &still.body["details"]["reasonCode"]), ((409, "still_refused"), &json!("unknown_account")));
        case.set("accountId", "acct_1Simpul0000000077").await;
        assert_eq!(case.accept(&row).await.status, 200);
        assert_eq!(case.totals().await, [json!(1), json!(1)]);
    }

    async fn a_stale_notification_is_told_from_a_forged_one(hub: Hub) {
        let case = Case::start(hub, "stripe").await;
        case.mend().await;
        let notification = case.notification(1);
        hub.clock.advance(Duration::from_secs(400));
        assert_eq!(code(&case.send(&notification).await), (401, "bad_signature"));
        let row = case.list("outcome=refused&reason=stale").await.body["data"][0].clone();
        let still = case.accept(&row).await;
        assert_eq!((code(&still), &still.body["details"]["reasonCode"]), ((409, "still_refused"), &json!("stale")));
    }
}

#[tokio::test]
async fn odd_filters_are_refused() {
    let hub = Hub::start().await;
    for query in ["outcome=x", "reason=x", "cursor=x", "limit=501"] {
        let answer = hub.call("operator", "GET", &hub.path(&format!("notifications?{query}")), None).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}
