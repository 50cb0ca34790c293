//! Midtrans: what users rely on when keys are wrong, answers lie, and notifications are repeated, altered or forged.

use std::sync::Arc;

use http::{HeaderMap, Method};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use simpul_core::error_type::ErrorType;
use simpul_core::event::EventType;
use simpul_core::integration::{Configuration, Mode};
use simpul_core::time::Timestamp;

use super::{PROVIDER, notification};
use crate::connection_test::{TestReport, test_connection};
use crate::digest::hex;
use crate::fake_network::{FakeNetwork, answer};
use crate::notification::{Inbound, NormalisedEvent, Received, Refusal};
use crate::provider::{Confirmation, Connection, ProviderError};

const KEY: &str = "SB-Mid-server-EXAMPLEKEY0000000000";
const SETTLEMENT: &str = include_str!("../../../../fixtures/midtrans/settlement.json");
const PENDING: &str = include_str!("../../../../fixtures/midtrans/pending.json");
const CAPTURE: &str = include_str!("../../../../fixtures/midtrans/capture.json");
const CHALLENGE: &str = include_str!("../../../../fixtures/midtrans/capture_challenge.json");
const EXPIRE: &str = include_str!("../../../../fixtures/midtrans/expire.json");
const REVERSAL: &str = include_str!("../../../../fixtures/midtrans/deny_reversal.json");
const REFUNDS: &str = include_str!("../../../../fixtures/midtrans/partial_refund.json");
const DASHBOARD_TEST: &str = include_str!("../../../../fixtures/midtrans/dashboard_test.json");
const UNKNOWN_ORDER: &str = include_str!("../../../../fixtures/midtrans/answer_unknown_order.json");
const WRONG_KEY: &str = include_str!("../../../../fixtures/midtrans/answer_wrong_key.json");
const TRANSACTION: &str = "7f6f0f2a-6a1c-4f6e-9a55-0d0f3c6b1a11";

fn configuration(key: &str) -> Configuration {
    Configuration([("serverKey".to_owned(), key.into())].into())
}

fn account(network: Arc<FakeNetwork>) -> Box<dyn Connection> {
    PROVIDER.connect(&configuration(KEY), Mode::Sandbox, None, network).expect("a usable configuration")
}

async fn tested(key: &str, mode: Mode, network: Arc<FakeNetwork>) -> TestReport {
    test_connection(PROVIDER, &configuration(key), mode, None, network).await
}

fn receive(body: &str) -> Result<Received, Refusal> {
    receive_by(account(FakeNetwork::new([])).as_ref(), body)
}

fn receive_by(account: &dyn Connection, body: &str) -> Result<Received, Refusal> {
    let headers = HeaderMap::new();
    let request = Inbound {
        method: &Method::POST,
        url: "https://hub.example/api/inbound/token",
        headers: &headers,
        body: body.as_bytes(),
        received_at: Timestamp::from_millis(1_770_100_000_000),
    };
    account.notifications().expect("Midtrans notifies").receive(&request)
}

fn event(body: &str) -> NormalisedEvent {
    receive(body).expect("a genuine notification").events.pop().expect("an event")
}

/// A fixture with members changed, signed as Midtrans would sign it.
fn signed(body: &str, changes: Value) -> String {
    let mut body: Value = serde_json::from_str(body).expect("JSON");
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let part = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let text = format!("{}{}{}{KEY}", part("order_id"), part("status_code"), part("gross_amount"));
    body["signature_key"] = hex(&Sha512::digest(text.as_bytes())).into();
    body.to_string()
}

#[test]
fn the_published_signature_vectors_hold() {
    for (order, code, amount, key, signature) in [
        (
            "1111",
            "200",
            "100000.00",
            "askvnoibnosifnboseofinbofinfgbiufglnbfg",
            "edc076b21793ebe3e17926350f5b8ae67d902fe657b3d0aa31b932d5c127e2375d308a2bc94f3265ac2d80a1f181a79b997ac178a236fcff35af263fc4d4c231",
        ),
        (
            "ORDER-123456",
            "200",
            "10000",
            "SB-Mid-server-xxxxxxxxxxxxxxxxxx",
            "8d4bc63ef1b714c5aac25b173008b9b594698f1936bb1bc420cf96fbcf9ef74b9ece254c7b8354d1bd55e8c977c25d39995df85787372640db01566898fbc2cb",
        ),
        (
            "INV-2026-000123",
            "200",
            "150000.00",
            KEY,
            "ea1db2a3004365d215bfa76cdbf6a3ad20c5aa0e91ad11fede71ecf4cc74ca421b6b9d4d8984a7ef197fff7bf822fbcb9c87a02e226229dc27ad2964952598bc",
        ),
        (
            "INV-2026-000123",
            "201",
            "150000.00",
            KEY,
            "ef0073ac650ba33adafccf02c8f51b08cfc57cb826593e09950a8286d38ee50a8d7ec3f11ec12628d1e8ae1677a1925342d9556d7f17f933dc27787b3ff05a63",
        ),
        (
            "INV-2026-000123",
            "202",
            "150000.00",
            KEY,
            "86ea8e6a7fe5f910f1b5a08aef37bbf79d8835dd706d55e2498cb32bd2b3e3e5cc0bf0ec82cf4cf17ef8fe149d9e775cd4372d1abc8deb653d1041963d9df12b",
        ),
    ] {
        let body =
            json!({"order_id": order, "status_code": code, "gross_amount": amount, "signature_key": signature});
        assert_eq!(notification::verify(key, &body), Ok(()), "{order} {code}");
        assert!(notification::verify("SB-Mid-server-another", &body).is_err());
    }
}

#[test]
fn what_the_signature_does_not_fit_is_forged() {
    let altered = |name: &str, value: Value| {
        let mut body: Value = serde_json::from_str(SETTLEMENT).expect("JSON");
        body[name] = value;
        receive(&body.to_string())
    };
    let reformatted = "7c0837ad9e40fc0ce6b826ec415dcd148bbd00155351ddb07454afd74b50dd48620f12a930d33d055f735ad3deed2e056ac3ab69f9d85fcdba1044f237dfdae9";
    for refused in [
        altered("gross_amount", "150000".into()),
        altered("gross_amount", 150_000.into()),
        altered("order_id", "INV-2".into()),
        altered("signature_key", "".into()),
        altered("signature_key", Value::Null),
        altered("signature_key", reformatted.into()),
        receive("{}"),
        receive("not json"),
        receive("[1"),
        receive(r#"{"event_name":"subscription.charge","transaction":{}}"#),
    ] {
        assert!(matches!(refused, Err(Refusal::Forged(_))), "{refused:?}");
    }
}

#[test]
fn another_merchants_notification_is_named_as_such() {
    let foreign = SETTLEMENT.replace("G000000001", "G999").replace("\"signature_key\": \"", "\"signature_key\": \"0");
    let with_merchant = |merchant: &str| {
        let mut members = configuration(KEY);
        members.0.insert("merchantId".to_owned(), merchant.into());
        let account = PROVIDER.connect(&members, Mode::Sandbox, None, FakeNetwork::new([])).expect("a usable configuration");
        receive_by(account.as_ref(), &foreign)
    };
    assert!(matches!(with_merchant("G000000001"), Err(Refusal::UnknownAccount(sentence)) if sentence.contains("G999")));
    assert!(matches!(with_merchant("G999"), Err(Refusal::Forged(_))));
}

#[test]
fn a_settlement_becomes_one_success_in_the_hubs_words() {
    let event = event(SETTLEMENT);
    assert_eq!(event.event_type, EventType::PaymentSuccess);
    assert_eq!(event.deduplication_key, format!("payment.success:{TRANSACTION}"));
    assert_eq!(event.subject.as_deref(), Some(TRANSACTION));
    assert_eq!(event.occurred_at.to_string(), "2026-02-03T03:17:02.000Z");
    assert!(event.confirm);
    assert_eq!(
        event.data,
        json!({"paymentId": TRANSACTION, "reference": "INV-2026-000123", "amount": "150000.00", "currency": "IDR",
            "providerStatus": "settlement", "method": "bank_transfer"})
    );
    assert_eq!(self::event(CAPTURE).deduplication_key, event.deduplication_key, "capture, then settlement: one success");
}

#[test]
fn every_status_has_its_meaning() {
    for (status, fraud, code, expected) in [
        ("settlement", json!("accept"), "200", Some(EventType::PaymentSuccess)),
        ("SETTLEMENT", Value::Null, "200", Some(EventType::PaymentSuccess)),
        ("settlement", json!("challenge"), "200", None),
        ("settlement", json!("accept"), "201", None),
        ("capture", json!("accept"), "200", Some(EventType::PaymentSuccess)),
        ("capture", json!("challenge"), "201", Some(EventType::PaymentPending)),
        ("capture", json!("deny"), "202", Some(EventType::PaymentFailed)),
        ("authorize", json!("accept"), "200", Some(EventType::PaymentPending)),
        ("PENDING", json!("accept"), "201", Some(EventType::PaymentPending)),
        ("deny", json!("accept"), "202", Some(EventType::PaymentFailed)),
        ("cancel", json!("accept"), "200", Some(EventType::PaymentFailed)),
        ("failure", json!("accept"), "202", Some(EventType::PaymentFailed)),
        ("expire", json!("accept"), "202", Some(EventType::PaymentExpired)),
        ("refund", json!("accept"), "200", Some(EventType::PaymentRefunded)),
        ("partial_refund", json!("accept"), "200", Some(EventType::PaymentRefunded)),
        ("chargeback", json!("accept"), "200", Some(EventType::PaymentDisputed)),
        ("partial_chargeback", json!("accept"), "200", Some(EventType::PaymentDisputed)),
        ("teleported", json!("accept"), "200", None),
    ] {
        let body = signed(SETTLEMENT, json!({"transaction_status": status, "fraud_status": fraud, "status_code": code}));
        let received = receive(&body).expect("genuine");
        assert_eq!(received.events.first().map(|event| event.event_type), expected, "{status} {fraud} {code}");
        assert_eq!(received.kept.len(), usize::from(expected.is_none()), "{status} {fraud} {code}");
    }
    assert!(!event(PENDING).confirm, "a pending payment moves no money");
    assert_eq!(event(CHALLENGE).event_type, EventType::PaymentPending);
    assert_eq!(event(EXPIRE).event_type, EventType::PaymentExpired);
}

#[test]
fn each_refund_is_its_own_event() {
    let events = receive(REFUNDS).expect("genuine").events;
    let keys: Vec<&str> = events.iter().map(|event| event.deduplication_key.as_str()).collect();
    let key = |id: u32| format!("payment.refunded:{TRANSACTION}:{id}");
    assert_eq!(keys, [key(46_441), key(46_442)]);
    assert_eq!(events[1].data["refundedAmount"], "25000.00");
    assert_eq!(events[1].data["partial"], true);
    assert_eq!(events[1].occurred_at.to_string(), "2026-02-05T02:30:00.000Z");
}

#[test]
fn the_dashboards_test_is_kept_and_a_body_without_an_id_is_malformed() {
    let received = receive(DASHBOARD_TEST).expect("genuine");
    assert!(received.events.is_empty() && received.kept.len() == 1);
    let nameless = signed(SETTLEMENT, json!({"transaction_id": null}));
    assert!(matches!(receive(&nameless), Err(Refusal::Malformed(_))));
}

#[test]
fn a_key_of_the_wrong_kind_is_a_problem_and_of_the_other_environment_a_warning() {
    for (key, word) in [
        ("SB-Mid-client-abcdefgh", "client key"),
        ("sk_test_abcdefgh", "Stripe"),
        ("xnd_development_abcdefgh", "Xendit"),
        ("whsec_abcdefgh", "signing secret"),
        ("SB-Mid-server-abc def", "white space"),
        ("U0ItTWlkLXNlcnZlci1hYmMxMjNjZGU0NTY6", "base64"),
        ("https://api.midtrans.com", "address"),
    ] {
        let problems = PROVIDER.inspect(&configuration(key), Mode::Sandbox).problems;
        assert!(problems.first().is_some_and(|problem| problem.message.contains(word)), "{key}: {problems:?}");
    }
    let codes = |key: &str, mode: Mode| -> Vec<&str> {
        PROVIDER.inspect(&configuration(key), mode).warnings.iter().map(|warning| warning.code).collect()
    };
    assert_eq!(codes(KEY, Mode::Sandbox), [""; 0]);
    assert_eq!(codes(KEY, Mode::Production), ["environment_mismatch"]);
    assert_eq!(codes("Mid-server-abcdefgh", Mode::Sandbox), ["environment_unclear"]);
    assert_eq!(codes("Mid-server-abcdefgh", Mode::Production), [""; 0]);
    assert_eq!(codes("something-else", Mode::Production), ["unrecognized_format"]);
}

#[tokio::test]
async fn an_unknown_order_proves_the_key_whatever_the_http_status() {
    for status in [200, 404] {
        let network = FakeNetwork::answering(status, UNKNOWN_ORDER);
        let report = tested(KEY, Mode::Sandbox, network.clone()).await;
        assert!(report.success, "{report:?}");
        assert_eq!(report.message, "Midtrans connection successful");
        assert_eq!(report.details["environment"], "sandbox");
        let request = network.take_requests().pop().expect("one request");
        assert!(request.url.starts_with("https://api.sandbox.midtrans.com/v2/conntest-"), "{}", request.url);
        assert!(request.url.ends_with("/status"));
    }
}

#[tokio::test]
async fn the_documented_basic_header_is_sent_to_the_operators_address() {
    let network = FakeNetwork::answering(200, UNKNOWN_ORDER);
    let configuration = configuration("SB-Mid-server-abc123cde456");
    let base = Some("http://127.0.0.1:8420/");
    test_connection(PROVIDER, &configuration, Mode::Sandbox, base, network.clone()).await;
    let request = network.take_requests().pop().expect("one request");
    assert!(request.url.starts_with("http://127.0.0.1:8420/v2/"), "{}", request.url);
    assert_eq!(request.headers["authorization"], "Basic U0ItTWlkLXNlcnZlci1hYmMxMjNjZGU0NTY6");
}

#[tokio::test]
async fn each_failing_answer_has_its_error_type() {
    let said = |code: &str| format!(r#"{{"status_code":"{code}","status_message":"as scripted"}}"#);
    for (status, body, expected) in [
        (401, WRONG_KEY.to_owned(), ErrorType::AuthenticationFailed),
        (200, WRONG_KEY.to_owned(), ErrorType::AuthenticationFailed),
        (404, "<html>not found</html>".to_owned(), ErrorType::UnexpectedResponse),
        (200, "<html>maintenance</html>".to_owned(), ErrorType::UnexpectedResponse),
        (200, "{}".to_owned(), ErrorType::UnexpectedResponse),
        (200, said("503"), ErrorType::ProviderUnavailable),
        (200, said("900"), ErrorType::ProviderUnavailable),
        (502, "<html>".to_owned(), ErrorType::ProviderUnavailable),
        (200, said("429"), ErrorType::RateLimited),
        (429, said("429"), ErrorType::RateLimited),
        (200, said("410"), ErrorType::AccountSuspended),
        (200, said("777"), ErrorType::UnexpectedResponse),
    ] {
        let report = tested(KEY, Mode::Sandbox, FakeNetwork::answering(status, &body)).await;
        assert_eq!(report.error_type, Some(expected), "{status} {body}");
        assert_eq!(report.details["httpStatus"], status, "{body}");
        assert_eq!(report.details["step"], "authentication");
    }
    let report = tested(KEY, Mode::Sandbox, FakeNetwork::answering(401, WRONG_KEY)).await;
    assert_eq!(
        report.details["providerMessage"],
        "Transaction cannot be authorized with the current client/server key."
    );
}

#[tokio::test]
async fn a_sandbox_key_on_production_fails_without_a_call() {
    let network = FakeNetwork::answering(200, UNKNOWN_ORDER);
    let report = tested(KEY, Mode::Production, network.clone()).await;
    assert_eq!(report.error_type, Some(ErrorType::EnvironmentMismatch));
    assert!(network.take_requests().is_empty());
}

async fn confirmed(claim: &str, network: Arc<FakeNetwork>) -> Result<Confirmation, ProviderError> {
    let account = account(network);
    account.payments().expect("Midtrans reads payments").confirm(event(claim)).await
}

#[tokio::test]
async fn a_confirmed_claim_is_told_in_midtrans_own_words() {
    let network = FakeNetwork::answering(200, SETTLEMENT);
    let Ok(Confirmation::Confirmed(event)) = confirmed(SETTLEMENT, network.clone()).await else { panic!("confirmed") };
    assert_eq!((event.event_type, event.rank), (EventType::PaymentSuccess, 4));
    assert_eq!(event.data["confirmed"], true);
    assert!(!event.confirm);
    let request = network.take_requests().pop().expect("one request");
    assert_eq!(request.url, format!("https://api.sandbox.midtrans.com/v2/{TRANSACTION}/status"));
    assert_eq!(request.timeout.as_secs(), 5);

    let Ok(Confirmation::Confirmed(event)) = confirmed(SETTLEMENT, FakeNetwork::answering(200, PENDING)).await else {
        panic!("confirmed")
    };
    assert_eq!(event.event_type, EventType::PaymentPending, "the answer counts, not the claim");
}

#[tokio::test]
async fn a_reversal_outranks_the_success_only_once_confirmed() {
    assert_eq!(event(REVERSAL).rank, 3);
    let Ok(Confirmation::Confirmed(event)) = confirmed(REVERSAL, FakeNetwork::answering(200, REVERSAL)).await else {
        panic!("confirmed")
    };
    assert_eq!((event.event_type, event.rank), (EventType::PaymentFailed, 5));
}

#[tokio::test]
async fn a_refund_is_confirmed_by_its_own_id() {
    let claim = receive(REFUNDS).expect("genuine").events.remove(0);
    let account = account(FakeNetwork::answering(200, REFUNDS));
    let answer = account.payments().expect("reads payments").confirm(claim.clone()).await;
    let Ok(Confirmation::Confirmed(event)) = answer else { panic!("confirmed") };
    assert_eq!(event.deduplication_key, claim.deduplication_key);
}

#[tokio::test]
async fn what_midtrans_does_not_know_or_knows_otherwise_is_denied() {
    let mut altered: Value = serde_json::from_str(SETTLEMENT).expect("JSON");
    altered["gross_amount"] = "15000.00".into();
    let other_amount = altered.to_string();
    altered["gross_amount"] = "150000.00".into();
    altered["order_id"] = "INV-2".into();
    for body in [UNKNOWN_ORDER, &other_amount, &altered.to_string()] {
        let answer = confirmed(SETTLEMENT, FakeNetwork::answering(200, body)).await;
        assert!(matches!(answer, Ok(Confirmation::Denied(_))), "{body}: {answer:?}");
    }
    let climbing = signed(SETTLEMENT, json!({"transaction_id": ".."}));
    let network = FakeNetwork::answering(200, SETTLEMENT);
    assert!(matches!(confirmed(&climbing, network.clone()).await, Ok(Confirmation::Denied(_))));
    assert!(network.take_requests().is_empty());
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_is_an_error_not_a_denial() {
    for (network, expected) in [
        (FakeNetwork::failing(ErrorType::Timeout), ErrorType::Timeout),
        (FakeNetwork::answering(401, WRONG_KEY), ErrorType::AuthenticationFailed),
        (FakeNetwork::new([answer(503, "<html>")]), ErrorType::ProviderUnavailable),
        (FakeNetwork::answering(404, "<html>"), ErrorType::UnexpectedResponse),
    ] {
        let error = confirmed(SETTLEMENT, network).await.expect_err("not answered");
        assert_eq!(error.error_type, expected);
    }
}
