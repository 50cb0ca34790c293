//! Stripe: what users rely on when keys are wrong or limited, and when several events tell of one payment.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use sha2::Sha256;
use simpul_core::error_type::ErrorType;
use simpul_core::event::EventType;
use simpul_core::integration::{Configuration, Mode};
use simpul_core::time::Timestamp;

use super::PROVIDER;
use crate::connection_test::{TestReport, test_connection};
use crate::digest::hex;
use crate::fake_network::FakeNetwork;
use crate::notification::{Inbound, NormalisedEvent, Received, Refusal};

const KEY: &str = "sk_test_EXAMPLE0000000000000000000000";
const SECRET: &str = "whsec_EXAMPLE000000000000000000000000";
const INTENT: &str = "pi_3OxExample000000000000001";
const SUCCEEDED: &str = include_str!("../../../../fixtures/stripe/payment_intent_succeeded.json");
const ATTEMPT_FAILED: &str = include_str!("../../../../fixtures/stripe/payment_intent_payment_failed.json");
const CHARGE: &str = include_str!("../../../../fixtures/stripe/charge_succeeded.json");
const SESSION: &str = include_str!("../../../../fixtures/stripe/checkout_session_completed.json");
const REFUND: &str = include_str!("../../../../fixtures/stripe/refund_created.json");
const CHARGE_REFUNDED: &str = include_str!("../../../../fixtures/stripe/charge_refunded.json");
const DISPUTE: &str = include_str!("../../../../fixtures/stripe/charge_dispute_created.json");
const BALANCE: &str = include_str!("../../../../fixtures/stripe/answer_balance.json");
const WRONG_KEY: &str = include_str!("../../../../fixtures/stripe/answer_wrong_key.json");
const PERMISSION: &str = include_str!("../../../../fixtures/stripe/answer_permission.json");
const NOW: i64 = 1_770_088_630;

fn configuration(members: Value) -> Configuration {
    Configuration(members.as_object().expect("an object").clone().into_iter().collect())
}

async fn tested(members: Value, mode: Mode, network: Arc<FakeNetwork>) -> TestReport {
    test_connection(PROVIDER, &configuration(members), mode, None, network).await
}

fn receive_as(members: Value, mode: Mode, body: &str) -> Result<Received, Refusal> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key fits");
    mac.update(format!("{NOW}.{body}").as_bytes());
    let signature = format!("t={NOW},v1={}", hex(&mac.finalize().into_bytes()));
    let mut headers = HeaderMap::new();
    headers.insert("stripe-signature", HeaderValue::from_str(&signature).expect("ASCII"));
    let request = Inbound {
        method: &Method::POST,
        url: "https://hub.example/api/inbound/token",
        headers: &headers,
        body: body.as_bytes(),
        received_at: Timestamp::from_millis(NOW * 1_000),
    };
    let account = PROVIDER.connect(&configuration(members), mode, None, FakeNetwork::new([])).expect("usable");
    account.notifications().expect("Stripe notifies").receive(&request)
}

fn receive(body: &str) -> Received {
    receive_as(json!({"secretKey": KEY, "webhookSecret": SECRET}), Mode::Sandbox, body).expect("a genuine notification")
}

fn event(body: &str) -> NormalisedEvent {
    receive(body).events.pop().expect("an event")
}

/// A fixture under another type, with members of its object changed.
fn altered(body: &str, event_type: &str, changes: Value) -> String {
    let mut body: Value = serde_json::from_str(body).expect("JSON");
    body["type"] = event_type.into();
    for (name, value) in changes.as_object().expect("an object") {
        body["data"]["object"][name] = value.clone();
    }
    body.to_string()
}

#[test]
fn without_the_secret_or_with_another_body_a_notification_is_forged() {
    let refused = receive_as(json!({"secretKey": KEY}), Mode::Sandbox, SUCCEEDED);
    assert!(matches!(refused, Err(Refusal::Forged(sentence)) if sentence.contains("webhookSecret")));
    let other = json!({"secretKey": KEY, "webhookSecret": "whsec_another"});
    assert!(matches!(receive_as(other, Mode::Sandbox, SUCCEEDED), Err(Refusal::Forged(_))));
    let own = json!({"secretKey": KEY, "webhookSecret": SECRET});
    assert!(matches!(receive_as(own, Mode::Sandbox, "signed, but not JSON"), Err(Refusal::Malformed(_))));
}

#[test]
fn one_payment_is_one_success_whichever_event_tells_of_it() {
    let key = format!("payment.success:{INTENT}");
    let success = event(SUCCEEDED);
    assert_eq!(success.deduplication_key, key);
    assert_eq!(success.occurred_at.to_string(), "2026-02-03T03:17:02.000Z");
    assert!(!success.confirm);
    assert_eq!(
        success.data,
        json!({"paymentId": INTENT, "reference": "INV-2026-000123", "currency": "USD", "providerStatus": "succeeded",
            "providerEventType": "payment_intent.succeeded", "method": "card", "amount": "1500.00"})
    );
    assert_eq!(event(SESSION).deduplication_key, key);
    assert!(receive(CHARGE).events.is_empty());
    let lone = event(&altered(CHARGE, "charge.succeeded", json!({"payment_intent": null})));
    assert_eq!(lone.deduplication_key, "payment.success:ch_3OxExample000000000000001");
    let uncaptured = altered(CHARGE, "charge.succeeded", json!({"payment_intent": null, "captured": false}));
    assert_eq!(event(&uncaptured).event_type, EventType::PaymentPending);
}

#[test]
fn every_type_has_its_meaning() {
    for (fixture, event_type, changes, expected) in [
        (SUCCEEDED, "payment_intent.canceled", json!({"status": "canceled"}), Some(EventType::PaymentFailed)),
        (SUCCEEDED, "payment_intent.processing", json!({}), Some(EventType::PaymentPending)),
        (SUCCEEDED, "payment_intent.requires_action", json!({}), Some(EventType::PaymentPending)),
        (SUCCEEDED, "payment_intent.partially_funded", json!({}), Some(EventType::PaymentPending)),
        (SUCCEEDED, "payment_intent.amount_capturable_updated", json!({}), Some(EventType::PaymentPending)),
        (SUCCEEDED, "payment_intent.created", json!({}), None),
        (SESSION, "checkout.session.completed", json!({"payment_status": "unpaid"}), Some(EventType::PaymentPending)),
        (SESSION, "checkout.session.completed", json!({"payment_status": "no_payment_required"}), None),
        (SESSION, "checkout.session.completed", json!({"mode": "subscription"}), None),
        (SESSION, "checkout.session.async_payment_succeeded", json!({}), Some(EventType::PaymentSuccess)),
        (SESSION, "checkout.session.async_payment_failed", json!({}), Some(EventType::PaymentFailed)),
        (SESSION, "checkout.session.expired", json!({"payment_intent": null}), Some(EventType::PaymentExpired)),
        (CHARGE, "charge.failed", json!({"payment_intent": null}), Some(EventType::PaymentFailed)),
        (CHARGE, "charge.pending", json!({"payment_intent": null}), Some(EventType::PaymentPending)),
        (CHARGE, "charge.expired", json!({"payment_intent": null}), Some(EventType::PaymentExpired)),
        (REFUND, "refund.created", json!({"status": "pending"}), None),
        (REFUND, "refund.failed", json!({"status": "failed"}), None),
        (DISPUTE, "charge.dispute.created", json!({}), Some(EventType::PaymentDisputed)),
        (DISPUTE, "charge.dispute.closed", json!({}), None),
        (SUCCEEDED, "invoice.paid", json!({}), None),
        (SUCCEEDED, "review.opened", json!({}), None),
        (SUCCEEDED, "something.new", json!({}), None),
    ] {
        let received = receive(&altered(fixture, event_type, changes.clone()));
        assert_eq!(received.events.first().map(|event| event.event_type), expected, "{event_type} {changes}");
        assert_eq!(received.kept.len(), usize::from(expected.is_none()), "{event_type} {changes}");
    }
    let failed = event(ATTEMPT_FAILED);
    assert_eq!((failed.event_type, &failed.data["failureReason"]), (EventType::PaymentFailed, &json!("insufficient_funds")));
}

#[test]
fn a_refund_has_one_key_in_every_family_of_events() {
    let refund = event(REFUND);
    assert_eq!(refund.deduplication_key, "payment.refunded:re_3OxExample000000000000001");
    assert_eq!(refund.subject.as_deref(), Some(INTENT));
    assert_eq!(refund.data["refundedAmount"], "500.00");
    let listed = event(CHARGE_REFUNDED);
    assert_eq!(listed.deduplication_key, refund.deduplication_key);
    assert_eq!(listed.data["partial"], true);
    for again in ["refund.updated", "charge.refund.updated"] {
        assert_eq!(event(&altered(REFUND, again, json!({}))).deduplication_key, refund.deduplication_key);
    }
    let unlisted = receive(&altered(CHARGE_REFUNDED, "charge.refunded", json!({"refunds": null})));
    assert!(unlisted.events.is_empty() && unlisted.kept.len() == 1);
}

#[test]
fn what_is_of_another_world_is_kept() {
    let members = json!({"secretKey": "sk_live_EXAMPLE", "webhookSecret": SECRET});
    let received = receive_as(members, Mode::Production, SUCCEEDED).expect("genuine");
    assert!(received.events.is_empty() && received.kept[0].reason.contains("test event"));
    let thin = receive(r#"{"object":"v2.core.event","type":"v1.billing.meter.error_report_triggered"}"#);
    assert!(thin.events.is_empty() && thin.kept.len() == 1);
    let mut connected: Value = serde_json::from_str(SUCCEEDED).expect("JSON");
    connected["account"] = "acct_other".into();
    let members = json!({"secretKey": KEY, "webhookSecret": SECRET, "accountId": "acct_1EXAMPLE"});
    let refused = receive_as(members, Mode::Sandbox, &connected.to_string());
    assert!(matches!(refused, Err(Refusal::UnknownAccount(sentence)) if sentence.contains("acct_other")));
    for odd in ["{}", "[]", r#"{"type":1,"data":7}"#, r#"{"type":"refund.created","data":{"object":[]}}"#] {
        let own = json!({"secretKey": KEY, "webhookSecret": SECRET});
        assert!(!receive_as(own, Mode::Sandbox, odd).is_ok_and(|received| !received.events.is_empty()), "{odd}");
    }
}

#[test]
fn a_key_of_the_wrong_kind_is_a_problem_and_of_the_other_environment_a_warning() {
    let field = |members: Value| {
        let problems = PROVIDER.inspect(&configuration(members), Mode::Sandbox).problems;
        problems.first().map(|problem| problem.field)
    };
    assert_eq!(field(json!({"secretKey": "pk_test_abc"})), Some("secretKey"));
    assert_eq!(field(json!({"secretKey": SECRET})), Some("secretKey"));
    assert_eq!(field(json!({"secretKey": "xnd_development_abc"})), Some("secretKey"));
    assert_eq!(field(json!({"secretKey": "sk_test_a b"})), Some("secretKey"));
    assert_eq!(field(json!({"secretKey": KEY, "publishableKey": KEY})), Some("publishableKey"));
    assert_eq!(field(json!({"secretKey": KEY, "webhookSecret": KEY})), Some("webhookSecret"));
    assert_eq!(field(json!({"secretKey": KEY, "accountId": "1EXAMPLE"})), Some("accountId"));
    assert_eq!(field(json!({"secretKey": "rk_test_abc", "webhookSecret": SECRET})), None);
    let codes = |key: &str, mode: Mode| -> Vec<&str> {
        let inspection = PROVIDER.inspect(&configuration(json!({"secretKey": key})), mode);
        inspection.warnings.iter().map(|warning| warning.code).collect()
    };
    assert_eq!(codes("sk_live_abc", Mode::Sandbox), ["environment_mismatch"]);
    assert_eq!(codes("rk_test_abc", Mode::Production), ["environment_mismatch"]);
    assert_eq!(codes("sk_live_abc", Mode::Production), [""; 0]);
}

#[tokio::test]
async fn a_good_key_shows_the_balance() {
    let network = FakeNetwork::answering(200, BALANCE);
    let members = json!({"secretKey": KEY, "accountId": "acct_1EXAMPLE"});
    let report = tested(members, Mode::Sandbox, network.clone()).await;
    assert!(report.success, "{report:?}");
    assert_eq!(report.message, "Stripe connection successful");
    assert_eq!(report.details["balance"], json!([{"amount": "123.45", "currency": "USD"}]));
    assert_eq!(report.details["pending"], json!([{"amount": "500", "currency": "JPY"}]));
    assert_eq!(report.details["livemode"], false);
    let request = network.take_requests().pop().expect("one request");
    assert_eq!(request.url, "https://api.stripe.com/v1/balance");
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(request.headers["stripe-account"], "acct_1EXAMPLE");
    assert!(request.headers.contains_key("stripe-version"));
}

#[tokio::test]
async fn a_restricted_key_is_accepted_and_shown_as_limited() {
    let report = tested(json!({"secretKey": "rk_test_abcdefgh"}), Mode::Sandbox, FakeNetwork::answering(403, PERMISSION)).await;
    assert!(report.success);
    assert_eq!(report.error_type, Some(ErrorType::PermissionDenied));
    assert_eq!(report.details["limited"], true);
    assert!(report.message.contains("rak_balance_read"), "{}", report.message);
}

#[tokio::test]
async fn each_failing_answer_has_its_error_type() {
    let error = |code: &str| json!({"error": {"type": "invalid_request_error", "code": code, "message": "as scripted"}}).to_string();
    for (status, body, expected) in [
        (401, WRONG_KEY.to_owned(), ErrorType::AuthenticationFailed),
        (401, error("api_key_expired"), ErrorType::AuthenticationFailed),
        (403, error("account_invalid"), ErrorType::AuthenticationFailed),
        (403, error("secret_key_required"), ErrorType::AuthenticationFailed),
        (403, error("other"), ErrorType::PermissionDenied),
        (400, error("rate_limit"), ErrorType::RateLimited),
        (429, error("lock_timeout"), ErrorType::RateLimited),
        (409, error("lock_timeout"), ErrorType::ProviderUnavailable),
        (500, error("api_error"), ErrorType::ProviderUnavailable),
        (503, "<html>".to_owned(), ErrorType::ProviderUnavailable),
        (200, error("api_key_expired"), ErrorType::AuthenticationFailed),
        (200, "<html>".to_owned(), ErrorType::UnexpectedResponse),
        (200, "{}".to_owned(), ErrorType::UnexpectedResponse),
        (200, BALANCE.replace("false", "true"), ErrorType::EnvironmentMismatch),
    ] {
        let report = tested(json!({"secretKey": KEY}), Mode::Sandbox, FakeNetwork::answering(status, &body)).await;
        assert_eq!(report.error_type, Some(expected), "{status} {body}");
        assert!(!report.success);
    }
    let report = tested(json!({"secretKey": KEY}), Mode::Sandbox, FakeNetwork::answering(401, WRONG_KEY)).await;
    assert_eq!(report.details["providerMessage"], "Invalid API Key provided: [redacted]");
}
