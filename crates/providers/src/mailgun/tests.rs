//! What an operator and a receiver rely on from Mailgun.

use http::{HeaderMap, Method};
use serde_json::{Value, json};
use simpul_core::error_type::ErrorType;

use super::*;
use crate::connection_test::{TestReport, test_connection};
use crate::email::fake_network::{Answer, FakeNetwork, answer, answer_with, failure};
use crate::notification::{Inbound, NormalisedEvent, Received, Refusal};

const SIGNING_KEY: &str = "key-0123456789abcdef0123456789abcdef";
const API_KEY: &str = "key-3ax6xnjp29jd6fds4gc373sgvjxteol0";
/// Three seconds after the fixtures were signed.
const NOW: i64 = 1_770_920_775;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../../fixtures/mailgun/", $name))
    };
}

fn configuration(members: Value) -> Configuration {
    let mut all = json!({"apiKey": API_KEY, "domain": "mg.example.com", "webhookSigningKey": SIGNING_KEY});
    for (name, value) in members.as_object().unwrap() {
        all[name] = value.clone();
    }
    Configuration(serde_json::from_value(all).unwrap())
}

async fn report(members: Value, base: Option<&str>, answers: Vec<Answer>) -> (TestReport, Arc<FakeNetwork>) {
    let network = FakeNetwork::new(answers);
    let report =
        test_connection(PROVIDER, &configuration(members), Mode::Production, base, Arc::clone(&network) as _).await;
    let shown = format!("{} {}", report.message, Value::Object(report.details.clone()));
    assert!(!shown.contains(API_KEY) && !shown.contains("invented-smtp-password"), "{shown}");
    (report, network)
}

async fn only(answers: Vec<Answer>) -> TestReport {
    report(json!({}), None, answers).await.0
}

#[tokio::test]
async fn an_active_domain_is_a_success() {
    let (report, network) = report(json!({}), None, vec![answer(200, fixture!("answer_domain.json"))]).await;
    assert!(report.success, "{}", report.message);
    assert_eq!(report.message, "Mailgun connection successful");
    assert_eq!(report.details["region"], "us");
    assert_eq!(report.details["domainState"], "active");
    assert_eq!(network.urls(), ["https://api.mailgun.net/v4/domains/mg.example.com"]);
    assert!(network.header("authorization").starts_with("Basic "));
}

#[tokio::test]
async fn a_domain_of_the_other_region_is_found_and_the_region_named() {
    for first in [answer(404, fixture!("answer_unknown_domain.json")), answer(401, "Forbidden")] {
        let answers = vec![first, answer(200, fixture!("answer_domain.json"))];
        let (report, network) = report(json!({"region": "auto"}), None, answers).await;
        assert!(report.success, "{}", report.message);
        assert_eq!(report.details["region"], "eu");
        assert_eq!(network.urls()[1], "https://api.eu.mailgun.net/v4/domains/mg.example.com");
    }
}

#[tokio::test]
async fn a_wrong_fixed_region_is_a_fault_of_the_configuration() {
    let answers =
        vec![answer(404, fixture!("answer_unknown_domain.json")), answer(200, fixture!("answer_domain.json"))];
    let (report, _) = report(json!({"region": "us"}), None, answers).await;
    assert_eq!(report.error_type, Some(ErrorType::InvalidConfiguration));
    assert!(report.message.contains("EU region"), "{}", report.message);
    assert_eq!(report.details["region"], "eu");
}

#[tokio::test]
async fn a_wrong_key_or_a_sending_key_is_refused_with_the_remedy() {
    for body in [fixture!("answer_wrong_key.json"), "Forbidden", "\"Forbidden\"", "<html>401</html>"] {
        let report = only(vec![answer(401, body), answer(401, body)]).await;
        assert_eq!(report.error_type, Some(ErrorType::AuthenticationFailed), "{body}");
        assert!(report.details["hint"].as_str().unwrap().contains("sending key"));
    }
}

#[tokio::test]
async fn a_domain_that_no_region_knows_is_not_found() {
    let unknown = || answer(404, fixture!("answer_unknown_domain.json"));
    assert_eq!(only(vec![unknown(), unknown()]).await.error_type, Some(ErrorType::NotFound));
    // A key that only the second region accepts is a genuine key.
    assert_eq!(only(vec![answer(401, "Forbidden"), unknown()]).await.error_type, Some(ErrorType::NotFound));
    // A second region that cannot be asked does not hide what the first one said.
    assert_eq!(only(vec![unknown(), failure(ErrorType::Timeout)]).await.error_type, Some(ErrorType::NotFound));
}

#[tokio::test]
async fn an_overridden_address_is_asked_once() {
    let (report, network) =
        report(json!({}), Some("http://127.0.0.1:8420/"), vec![answer(401, "Forbidden"), answer(401, "Forbidden")])
            .await;
    assert_eq!(report.error_type, Some(ErrorType::AuthenticationFailed));
    assert_eq!(network.urls(), ["http://127.0.0.1:8420/v4/domains/mg.example.com"]);
}

#[tokio::test]
async fn a_domain_that_cannot_send_is_a_failure_that_says_why() {
    let report = only(vec![answer(200, fixture!("answer_unverified.json"))]).await;
    assert_eq!(report.error_type, Some(ErrorType::InvalidConfiguration));
    assert_eq!(report.details["missingDnsRecords"][0]["name"], "mx._domainkey.mg.example.com");

    let report = only(vec![answer(200, fixture!("answer_disabled.json"))]).await;
    assert_eq!(report.error_type, Some(ErrorType::AccountSuspended));
    assert_eq!(report.details["disabledCode"], "blacklisted");
    assert_eq!(report.details["disabledUntil"], "Fri, 13 Mar 2026 18:02:00 GMT");
}

#[tokio::test]
async fn a_sandbox_domain_passes_with_a_warning() {
    let report = only(vec![answer(200, fixture!("answer_sandbox.json"))]).await;
    assert!(report.success);
    let steps = report.details["steps"].to_string();
    assert!(steps.contains("authorised recipients"), "{steps}");
}

#[tokio::test]
async fn a_role_without_the_permission_is_amber() {
    let report = only(vec![answer(403, fixture!("answer_wrong_role.json"))]).await;
    assert!(report.success);
    assert_eq!(report.error_type, Some(ErrorType::PermissionDenied));
    assert_eq!(report.details["limited"], true);

    let report = only(vec![answer(403, r#"{"message":"Account disabled"}"#)]).await;
    assert_eq!(report.error_type, Some(ErrorType::AccountSuspended));
}

#[tokio::test]
async fn a_200_that_is_not_the_domain_is_no_success() {
    for body in [
        r#""Mailgun Magnificent API""#,
        "Mailgun Magnificent API",
        "{}",
        "[]",
        "<html>maintenance</html>",
        r#"{"domain": {"name": "mg.exam"#,
        r#"{"domain": {"name": "other.example.com", "state": "active"}}"#,
    ] {
        let report = only(vec![answer(200, body)]).await;
        assert_eq!(report.error_type, Some(ErrorType::UnexpectedResponse), "{body}");
    }
}

#[tokio::test]
async fn limits_outages_and_networks_are_told_apart() {
    let report = only(vec![answer(429, fixture!("answer_rate_limited.json"))]).await;
    assert_eq!((report.error_type, &report.details["retryAfter"]), (Some(ErrorType::RateLimited), &json!(60)));
    let headers = [("date", "Thu, 12 Feb 2026 18:26:12 GMT"), ("x-ratelimit-reset", "1770920802.5")];
    let report = only(vec![answer_with(429, &headers, r#"{"message":"slow down"}"#)]).await;
    assert_eq!(report.details["retryAfter"], 31);
    let report = only(vec![answer(500, r#"{"message":"Internal Server Error"}"#)]).await;
    assert_eq!(report.error_type, Some(ErrorType::ProviderUnavailable));
    assert_eq!(report.details["providerMessage"], "Internal Server Error");
    let report = only(vec![answer(404, "<html>nginx</html>")]).await;
    assert_eq!(report.error_type, Some(ErrorType::UnexpectedResponse));
    let report = only(vec![failure(ErrorType::DnsError)]).await;
    assert_eq!(report.error_type, Some(ErrorType::DnsError));
}

#[test]
fn members_of_the_wrong_kind_are_named() {
    for (members, field) in [
        (json!({"apiKey": "SG.abc"}), "apiKey"),
        (json!({"apiKey": "pubkey-abc"}), "apiKey"),
        (json!({"apiKey": null}), "apiKey"),
        (json!({"webhookSigningKey": "whsec_abc"}), "webhookSigningKey"),
        (json!({"domain": "https://mg.example.com"}), "domain"),
        (json!({"domain": "billing@mg.example.com"}), "domain"),
        (json!({"domain": "mg.example.com/../x"}), "domain"),
        (json!({"region": "asia"}), "region"),
        (json!({"fromEmail": "Billing <b@example.com>"}), "fromEmail"),
    ] {
        let inspection = PROVIDER.inspect(&configuration(members.clone()), Mode::Production);
        assert_eq!(inspection.problems.first().map(|problem| problem.field), Some(field), "{members}");
        assert!(
            PROVIDER
                .connect(&configuration(members), Mode::Production, None, FakeNetwork::new([]))
                .is_err()
        );
    }
    assert_eq!(PROVIDER.inspect(&configuration(json!({"region": "eu"})), Mode::Sandbox), Inspection::default());
}

fn receive(members: Value, now: i64, media_type: &str, body: &str) -> Result<Received, Refusal> {
    let account =
        PROVIDER.connect(&configuration(members), Mode::Production, None, FakeNetwork::new([])).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("content-type", media_type.parse().unwrap());
    let request = Inbound {
        method: &Method::POST,
        url: "https://hub.example.com/api/inbound/t",
        headers: &headers,
        body: body.as_bytes(),
        received_at: simpul_core::time::Timestamp::from_millis(now * 1_000),
    };
    account.notifications().unwrap().receive(&request)
}

fn genuine(body: &str) -> Received {
    receive(json!({}), NOW, "application/json", body).unwrap()
}

fn event(body: &str) -> NormalisedEvent {
    let mut received = genuine(body);
    assert_eq!((received.events.len(), received.kept.len()), (1, 0));
    received.events.remove(0)
}

fn altered(change: impl FnOnce(&mut Value)) -> String {
    let mut body = serde_json::from_str(fixture!("bounced.json")).unwrap();
    change(&mut body);
    body.to_string()
}

fn is_forged(body: &str) -> bool {
    matches!(receive(json!({}), NOW, "application/json", body), Err(Refusal::Forged(_)))
}

#[test]
fn what_is_not_signed_by_mailgun_is_refused() {
    assert!(is_forged(&altered(|body| body["signature"]["token"] = "another".into())));
    assert!(is_forged(&altered(|body| body["signature"]["timestamp"] = "1770920773".into())));
    assert!(is_forged(&altered(|body| body["signature"]["signature"] = "00".repeat(32).into())));
    assert!(is_forged(&altered(|body| body["signature"]["signature"] = "é".repeat(32).into())));
    assert!(is_forged(&altered(|body| body["signature"] = json!({"timestamp": 0, "token": "", "signature": ""}))));
    assert!(is_forged(&altered(|body| body["signature"] = Value::Null)));
    assert!(is_forged("[]"));
    // Genuine, but another domain's: a signing key is the whole account's.
    let other = altered(|body| body["event-data"]["domain"]["name"] = "other.example.com".into());
    let refused = receive(json!({}), NOW, "application/json", &other);
    assert!(matches!(refused, Err(Refusal::UnknownAccount(_))), "{refused:?}");
    let other_key = json!({"webhookSigningKey": "key-ffffffffffffffffffffffffffffffff"});
    assert!(receive(other_key, NOW, "application/json", fixture!("bounced.json")).is_err());
}

#[test]
fn without_a_signing_key_nothing_is_taken() {
    let refusal =
        receive(json!({"webhookSigningKey": null}), NOW, "application/json", fixture!("bounced.json")).unwrap_err();
    assert!(matches!(&refusal, Refusal::Forged(why) if why.contains("webhookSigningKey")), "{refusal}");
}

#[test]
fn retries_of_a_day_are_taken_and_older_ones_are_stale() {
    let at = |now| receive(json!({}), now, "application/json", fixture!("bounced.json"));
    assert!(at(NOW + 9 * 3_600).is_ok());
    for now in [NOW + 25 * 3_600, NOW - 3_600] {
        assert!(matches!(at(now), Err(Refusal::Stale(why)) if why.contains("stale")));
    }
}

#[test]
fn what_cannot_be_read_ends_mailguns_attempts() {
    let account =
        PROVIDER.connect(&configuration(json!({})), Mode::Production, None, FakeNetwork::new([])).unwrap();
    let notifications = account.notifications().unwrap();
    for (media_type, body) in [
        ("application/x-www-form-urlencoded", "event=delivered&token=x"),
        ("application/json", "{\"signature\": {"),
        ("application/json", &altered(|body| body["event-data"] = json!({"event": "delivered"}))),
        ("application/json", &altered(|body| body["event-data"] = Value::Null)),
    ] {
        let refusal = receive(json!({}), NOW, media_type, body).unwrap_err();
        assert!(matches!(refusal, Refusal::Malformed(_)), "{refusal}");
        assert_eq!(notifications.refuse(&refusal), 406);
    }
    assert_eq!(notifications.refuse(&Refusal::Forged(String::new())), 401);
    assert_eq!(notifications.acknowledge().status, 200);
}

/// Published in Mailgun's PHP library, `tests/Api/WebhookTest.php`.
#[test]
fn the_published_vector_verifies() {
    let body = |token: &str| {
        altered(|body| {
            body["signature"] = json!({"timestamp": "1403645220", "token": token,
                "signature": "9cfc5c41582e51246e73c88d34db3af0a3a2692a76fbab81492842f000256d33"});
        })
    };
    let members = || json!({"webhookSigningKey": "key-3ax6xnjp29jd6fds4gc373sgvjxteol0"});
    let at = |token| receive(members(), 1_403_645_220, "application/json", &body(token));
    assert!(at("5egbgr1vjgqxtrnp65xfznchgdccwh5d6i09vijqi3whgowmn6").is_ok());
    assert!(at("owyldpe6nxhmrn78epljl6bj0orrki1u3d2v5e6cnlmmuox8jr").is_err());
}

#[test]
fn a_subaccounts_notification_verifies_with_the_parents_key_and_a_number_for_a_time() {
    let body = altered(|body| {
        body["signature"]["parent-signature"] =
            "0e96ef905c4a669a65999785ddea8a7140e5f502f0c2f3ffca06c2f7b8024938".into();
        body["signature"]["timestamp"] = 1_770_920_772.into();
    });
    let parent = json!({"webhookSigningKey": "key-fedcba9876543210fedcba9876543210"});
    assert!(receive(parent, NOW, "application/json; charset=utf-8", &body).is_ok());
    assert!(receive(json!({}), NOW, "application/json", &body).is_ok());
}

#[test]
fn a_bounce_says_what_a_receiver_needs() {
    let event = event(fixture!("bounced.json"));
    assert_eq!(event.event_type, EventType::EmailBounced);
    assert_eq!(
        event.data,
        json!({
            "messageId": "20260212182612.1b2c3d4e5f@mg.example.com", "recipient": "tidakada@example.net",
            "providerEventType": "failed", "providerStatus": "permanent", "permanent": true, "smtpCode": 550,
            "enhancedCode": "5.1.1", "correlationId": "msg_01JKX", "tags": ["invoice"],
            "reason": "5.1.1 The email account that you tried to reach does not exist",
        })
    );
    assert_eq!(event.subject.as_deref(), Some("20260212182612.1b2c3d4e5f@mg.example.com:tidakada@example.net"));
    assert_eq!(event.occurred_at.to_string(), "2026-02-12T18:26:11.642Z");
    assert_eq!(event.deduplication_key, "email.bounced:Q8m3hYlhReaK3QsggHfFRA:2026-02-12");
    assert_eq!(
        event.replay_guard.as_deref(),
        Some("mailgun:3f5c1d0a9b7e4826c1f0d2e4b6a8957c0d1e2f3a4b5c6d7e8f")
    );
    // The signature would let a receiver of the event sign others; it is not passed on.
    assert!(!event.raw.to_string().contains("9e48652e83c2"));
}

#[test]
fn each_kind_of_event_has_its_type() {
    for (body, event_type) in [
        (fixture!("accepted.json"), EventType::EmailSent),
        (fixture!("delivered.json"), EventType::EmailDelivered),
        (fixture!("suppressed.json"), EventType::EmailFailed),
        (fixture!("delayed_bounce.json"), EventType::EmailBounced),
        (fixture!("complained.json"), EventType::EmailComplained),
        (fixture!("rejected.json"), EventType::EmailFailed),
    ] {
        let event = event(body);
        assert_eq!(event.event_type, event_type, "{body}");
        assert!(event.data.get("permanent").is_none() || event_type == EventType::EmailBounced);
    }
    for body in [fixture!("accepted_inbound.json"), fixture!("temporary_failure.json"), fixture!("opened.json")] {
        let received = genuine(body);
        assert_eq!((received.events.len(), received.kept.len()), (0, 1), "{body}");
    }
    let unknown = altered(|body| body["event-data"]["event"] = "list_uploaded".into());
    assert!(genuine(&unknown).kept[0].reason.contains("list_uploaded"));
}

#[test]
fn a_permanent_failure_without_a_refusal_is_no_bounce() {
    for (code, reason, event_type) in [
        (498, "generic", EventType::EmailFailed),
        (605, "bounce", EventType::EmailFailed),
        (550, "old", EventType::EmailFailed),
        (552, "espblock", EventType::EmailBounced),
    ] {
        let body = altered(|body| {
            body["event-data"]["delivery-status"]["code"] = code.into();
            body["event-data"]["reason"] = reason.into();
        });
        assert_eq!(event(&body).event_type, event_type, "{code} {reason}");
    }
    let bare = altered(|body| body["event-data"]["delivery-status"] = Value::Null);
    assert_eq!(event(&bare).event_type, EventType::EmailBounced);
}
