//! What an operator and a receiver rely on from SendGrid.

use http::{HeaderMap, Method};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::EncodePublicKey;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use simpul_core::time::Timestamp;

use super::*;
use crate::connection_test::{TestReport, test_connection};
use crate::email::fake_network::{Answer, FakeNetwork, answer, answer_with, failure};
use crate::notification::{Inbound, Received, Refusal};

const API_KEY: &str = "SG.aBcDeFgHiJkLmNoPqRsTuV.0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
const BATCH_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEL/E9UjPKTNjlyNrCmstcagc3g3nJw8M2mSa9QTdvdf3jwgVSpkBPOjF+4VculFWMr0hh9Obm3c0xdPhPlwAvBA==";
const DROPPED_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
const BLOCKED_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQ4LIFtWztlsF7skFqOncjD1lun4H5w8XOhyOArHW9RcIx/FfEzx6cikC/yPfUvwaX/JScE7Fc9CJD2afQ9Ok3Q==";
const OLD_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA==";
const OLD_SIGNATURE: &str = "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0=";
const OTHER_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj+y7GjUuFDb/R1NGe1OPzpA==";

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../../fixtures/sendgrid/", $name))
    };
}

fn configuration(members: Value) -> Configuration {
    let mut all = json!({"apiKey": API_KEY});
    for (name, value) in members.as_object().unwrap() {
        all[name] = value.clone();
    }
    Configuration(serde_json::from_value(all).unwrap())
}

async fn report(answers: Vec<Answer>) -> (TestReport, Arc<FakeNetwork>) {
    let network = FakeNetwork::new(answers);
    let configuration = configuration(json!({}));
    let report =
        test_connection(PROVIDER, &configuration, Mode::Production, None, Arc::clone(&network) as _).await;
    let shown = format!("{} {}", report.message, Value::Object(report.details.clone()));
    assert!(!shown.contains(API_KEY), "{shown}");
    (report, network)
}

#[tokio::test]
async fn a_key_that_may_send_is_a_success() {
    let (report, network) = report(vec![answer(200, fixture!("answer_scopes.json"))]).await;
    assert!(report.success);
    assert_eq!(report.message, "SendGrid connection successful");
    assert_eq!(report.error_type, None);
    assert_eq!(network.urls(), ["https://api.sendgrid.com/v3/scopes"]);
    assert_eq!(network.header("accept"), "application/json");
    assert_eq!(network.header("authorization"), format!("Bearer {API_KEY}"));
}

#[tokio::test]
async fn a_key_that_may_not_send_is_amber_and_the_permission_is_named() {
    let (report, _) = report(vec![answer(200, fixture!("answer_scopes_without_send.json"))]).await;
    assert!(report.success);
    assert_eq!(report.error_type, Some(ErrorType::PermissionDenied));
    assert_eq!(report.details["limited"], true);
    assert!(report.message.contains("mail.send"));
}

#[tokio::test]
async fn every_other_answer_says_what_is_wrong() {
    for (status, body, error_type) in [
        (401, fixture!("answer_wrong_key.json"), ErrorType::AuthenticationFailed),
        (403, fixture!("answer_forbidden.json"), ErrorType::PermissionDenied),
        (404, r#"{"errors":[{"field":null,"message":"not found"}]}"#, ErrorType::NotFound),
        (406, r#"{"errors":[]}"#, ErrorType::UnexpectedResponse),
        (429, fixture!("answer_rate_limited.json"), ErrorType::RateLimited),
        (500, r#"{"errors":[{"field":null,"message":"internal server error"}]}"#, ErrorType::ProviderUnavailable),
        (503, "<html>maintenance</html>", ErrorType::ProviderUnavailable),
        (200, "<html>maintenance</html>", ErrorType::UnexpectedResponse),
        (200, r#"{"errors":[{"message":"no"}]}"#, ErrorType::UnexpectedResponse),
        (200, r#"{"scopes":["mail.se"#, ErrorType::UnexpectedResponse),
        (200, r#"{"scopes":"mail.send"}"#, ErrorType::UnexpectedResponse),
        (302, "", ErrorType::UnexpectedResponse),
    ] {
        let (report, _) = report(vec![answer(status, body)]).await;
        assert_eq!((report.success, report.error_type), (false, Some(error_type)), "{status} {body}");
        assert!(!report.details["hint"].as_str().unwrap().is_empty());
    }
    let (report, _) = report(vec![failure(ErrorType::Timeout)]).await;
    assert_eq!(report.error_type, Some(ErrorType::Timeout));
}

#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait() {
    let headers = [("date", "Thu, 12 Feb 2026 18:26:12 GMT"), ("x-ratelimit-reset", "1770920802")];
    let (report, _) = report(vec![answer_with(429, &headers, fixture!("answer_rate_limited.json"))]).await;
    assert_eq!(report.details["retryAfter"], 30);
    assert_eq!(report.details["providerMessage"], "too many requests");
}

#[test]
fn keys_of_the_wrong_kind_are_named() {
    for (members, field, part) in [
        (json!({"apiKey": "aBcDeFgHiJkLmNoPqRsTuV"}), "apiKey", "API key's id"),
        (json!({"apiKey": "key-0123456789abcdef0123456789abcdef"}), "apiKey", "Mailgun"),
        (json!({"apiKey": "sk_live_abc"}), "apiKey", "Stripe"),
        (json!({"apiKey": "abc"}), "apiKey", "SG."),
        (json!({"apiKey": "SG.a b"}), "apiKey", "space"),
        (json!({"webhookPublicKey": "abc"}), "webhookPublicKey", "verification key"),
        (json!({"webhookPublicKey": ", "}), "webhookPublicKey", "verification key"),
    ] {
        let inspection = PROVIDER.inspect(&configuration(members.clone()), Mode::Production);
        let problem = inspection.problems.first().expect("a problem");
        assert_eq!(problem.field, field);
        assert!(problem.message.contains(part), "{}", problem.message);
    }
    let armoured = format!("{OTHER_KEY}, -----BEGIN PUBLIC KEY----- {BATCH_KEY} -----END PUBLIC KEY-----");
    let inspection = PROVIDER.inspect(&configuration(json!({"webhookPublicKey": armoured})), Mode::Production);
    assert_eq!(inspection, Inspection::default());
}

/// Takes a body with the header file that belongs to it; `change` may spoil the headers.
fn receive(keys: &str, headers: &str, body: &str, now: i64) -> Result<Received, Refusal> {
    let members = if keys.is_empty() { json!({}) } else { json!({"webhookPublicKey": keys}) };
    let account =
        PROVIDER.connect(&configuration(members), Mode::Production, None, FakeNetwork::new([])).unwrap();
    let mut map = HeaderMap::new();
    for (name, value) in headers.lines().filter_map(|line| line.split_once(": ")) {
        map.insert(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
    }
    let request = Inbound {
        method: &Method::POST,
        url: "https://hub.example.com/api/inbound/t",
        headers: &map,
        body: body.as_bytes(),
        received_at: Timestamp::from_millis(now * 1_000),
    };
    account.notifications().unwrap().receive(&request)
}

fn headers(signature: &str, timestamp: &str) -> String {
    format!(
        "x-twilio-email-event-webhook-signature: {signature}\nx-twilio-email-event-webhook-timestamp: {timestamp}\n"
    )
}

/// A batch signed with a key of our own.
fn signed(body: &Value) -> Received {
    let key = SigningKey::from_slice(&[7; 32]).unwrap();
    let public = STANDARD.encode(key.verifying_key().to_public_key_der().unwrap());
    let text = body.to_string();
    let signature: Signature = key.sign(format!("1770920775{text}").as_bytes());
    receive(&public, &headers(&STANDARD.encode(signature.to_der()), "1770920775"), &text, 1_770_920_776).unwrap()
}

#[test]
fn the_published_vectors_verify_high_s_included() {
    let dropped = receive(DROPPED_KEY, fixture!("dropped.headers"), fixture!("dropped.json"), 1_600_112_510).unwrap();
    assert_eq!(dropped.events[0].event_type, EventType::EmailFailed);
    assert_eq!(dropped.events[0].data["messageId"], "LRzXl_NHStOGhQ4kofSm_A");

    let blocked = receive(BLOCKED_KEY, fixture!("blocked.headers"), fixture!("blocked.json"), 1_619_651_160).unwrap();
    assert_eq!(blocked.events[1].event_type, EventType::EmailBounced);
    assert_eq!(blocked.events[1].data["permanent"], false);
    assert_eq!(blocked.events[1].data["smtpCode"], 552);

    // Genuine, though no batch: kept, so that it is not sent again for a day.
    let body = r#"{"category":"example_payload","event":"test_event","message_id":"message_id"}"#;
    let kept = receive(OLD_KEY, &headers(OLD_SIGNATURE, "1588788367"), body, 1_588_788_368).unwrap();
    assert_eq!((kept.events.len(), kept.kept.len()), (0, 1));
}

#[test]
fn whatever_differs_by_a_byte_is_refused() {
    let now = 1_600_112_510;
    let (good_headers, body) = (fixture!("dropped.headers"), fixture!("dropped.json"));
    let bad_signature = |signature: &str, timestamp: &str| headers(signature, timestamp);
    let signature = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    for (key, headers, body) in [
        (DROPPED_KEY, good_headers.to_owned(), body.trim_end()),
        (DROPPED_KEY, good_headers.to_owned(), "payload"),
        (OTHER_KEY, good_headers.to_owned(), body),
        (DROPPED_KEY, bad_signature(signature, "timestamp"), body),
        (DROPPED_KEY, bad_signature(signature, ""), body),
        (DROPPED_KEY, bad_signature(&format!("{signature}compromise"), "1600112502"), body),
        (DROPPED_KEY, bad_signature(OLD_SIGNATURE, "1600112502"), body),
        (DROPPED_KEY, "content-type: application/json".to_owned(), body),
        ("", good_headers.to_owned(), body),
    ] {
        assert!(matches!(receive(key, &headers, body, now), Err(Refusal::Forged(_))), "{headers}");
    }
    let refusal = receive("", good_headers, body, now).unwrap_err();
    assert!(refusal.to_string().contains("webhookPublicKey"), "{refusal}");
}

#[test]
fn any_of_several_keys_verifies_so_that_a_rotation_loses_nothing() {
    let keys = format!("{OTHER_KEY},{DROPPED_KEY}");
    assert!(receive(&keys, fixture!("dropped.headers"), fixture!("dropped.json"), 1_600_112_510).is_ok());
}

#[test]
fn retries_of_a_day_are_taken_and_older_ones_are_stale() {
    let at = |now| receive(DROPPED_KEY, fixture!("dropped.headers"), fixture!("dropped.json"), now);
    assert!(at(1_600_112_502 + 24 * 3_600 + 1_800).is_ok());
    for now in [1_600_112_502 + 26 * 3_600, 1_600_112_502 - 3_600] {
        assert!(matches!(at(now), Err(Refusal::Stale(why)) if why.contains("stale")));
    }
}

#[test]
fn a_batch_becomes_its_events_and_keeps_the_rest() {
    let received = receive(BATCH_KEY, fixture!("batch.headers"), fixture!("batch.json"), 1_770_920_776).unwrap();
    let types: Vec<_> = received.events.iter().map(|event| event.event_type).collect();
    assert_eq!(types, [EventType::EmailSent, EventType::EmailBounced]);
    assert!(received.kept[0].reason.contains("delayed"), "{}", received.kept[0].reason);
    let bounce = &received.events[1];
    assert_eq!(
        bounce.data,
        json!({
            "messageId": "9kQ2x1v7T3mB0cPz4LwYhA", "recipient": "tidakada@example.com", "providerEventType": "bounce",
            "providerStatus": "bounce", "reason": "550 5.1.1 user unknown", "permanent": true, "smtpCode": 550,
            "enhancedCode": "5.1.1", "correlationId": "msg_01JKX", "tags": ["invoice"],
        })
    );
    assert_eq!(bounce.subject.as_deref(), Some("9kQ2x1v7T3mB0cPz4LwYhA:tidakada@example.com"));
    assert_eq!(bounce.occurred_at.to_string(), "2026-02-12T18:26:12.000Z");
    assert!(bounce.deduplication_key.starts_with("sendgrid:Ym91bmNl"));
}

#[test]
fn one_unreadable_event_does_not_spoil_the_batch() {
    let received = signed(&json!([
        {"email": "a@example.com", "timestamp": 1, "event": "delivered", "sg_event_id": "1", "category": "one"},
        {"event": "account_status_change"}, "text", null, {"event": "delivered", "sg_event_id": "no time"},
        {"email": "a@example.com", "timestamp": 2, "event": "open", "sg_event_id": "2"},
        {"email": "a@example.com", "timestamp": 3, "event": "spamreport", "sg_event_id": "3"}
    ]));
    let types: Vec<_> = received.events.iter().map(|event| event.event_type).collect();
    assert_eq!(types, [EventType::EmailDelivered, EventType::EmailComplained]);
    assert_eq!(received.events[0].data["tags"], json!(["one"]));
    assert_eq!(received.kept.len(), 5);
    assert!(received.kept[4].reason.contains("open"), "{}", received.kept[4].reason);
}

#[test]
fn a_repeat_under_a_new_id_is_recognised_by_its_content() {
    let event = |id: &str, time: i64| json!({"email": "a@example.com", "timestamp": time, "event": "delivered", "sg_event_id": id, "sg_message_id": "m.x-0"});
    let received = signed(&json!([event("1", 5), event("2", 5), event("3", 6)]));
    let guards: Vec<_> = received.events.iter().map(|event| event.replay_guard.clone()).collect();
    assert!(guards[0].is_some());
    assert_eq!(guards[0], guards[1]);
    assert_ne!(guards[0], guards[2]);
    // A late bounce names no message; the id in SendGrid's own smtp-id stands in.
    let late = signed(&json!([{"email": "a@example.com", "timestamp": 5, "event": "bounce", "type": "bounce",
        "sg_event_id": "4", "smtp-id": "<9kQ2x1v7T3mB0cPz4LwYhA@geopod-ismtpd-12>"}]));
    assert_eq!(late.events[0].data["messageId"], "9kQ2x1v7T3mB0cPz4LwYhA");
}
