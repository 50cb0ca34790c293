//! Xendit: what users rely on when keys are wrong or limited, and for each shape of its notifications.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use simpul_core::error_type::ErrorType;
use simpul_core::event::EventType;
use simpul_core::integration::{Configuration, Mode};
use simpul_core::time::Timestamp;

use super::PROVIDER;
use crate::connection_test::{TestReport, test_connection};
use crate::fake_network::FakeNetwork;
use crate::notification::{Inbound, NormalisedEvent, Received, Refusal};
use crate::provider::{Confirmation, Connection, ProviderError};

const KEY: &str = "xnd_development_EXAMPLE";
const TOKEN: &str = "EXAMPLEwebhookTOKEN0000000000000000000000000000";
const INVOICE: &str = include_str!("../../../../fixtures/xendit/invoice_paid.json");
const CAPTURE: &str = include_str!("../../../../fixtures/xendit/payment_capture_v3.json");
const PAYMENT_V2: &str = include_str!("../../../../fixtures/xendit/payment_succeeded_v2.json");
const VIRTUAL_ACCOUNT: &str = include_str!("../../../../fixtures/xendit/virtual_account_paid.json");
const WALLET: &str = include_str!("../../../../fixtures/xendit/ewallet_capture.json");
const QR: &str = include_str!("../../../../fixtures/xendit/qr_payment.json");
const REFUND: &str = include_str!("../../../../fixtures/xendit/refund_succeeded.json");
const DISPUTE: &str = include_str!("../../../../fixtures/xendit/dispute_action_required.json");
const DASHBOARD_TEST: &str = include_str!("../../../../fixtures/xendit/dashboard_test.json");
const INVALID_KEY: &str = include_str!("../../../../fixtures/xendit/answer_invalid_key.json");
const FORBIDDEN: &str = include_str!("../../../../fixtures/xendit/answer_forbidden.json");
const BALANCE: &str = include_str!("../../../../fixtures/xendit/answer_balance.json");
const PAYMENT: &str = "py-1fdaf346-dd2e-4b6c-b938-124c7167a822";

fn configuration(members: Value) -> Configuration {
    Configuration(members.as_object().expect("an object").clone().into_iter().collect())
}

fn account(network: Arc<FakeNetwork>) -> Box<dyn Connection> {
    let members = json!({"apiKey": KEY, "webhookToken": TOKEN});
    PROVIDER.connect(&configuration(members), Mode::Sandbox, None, network).expect("usable")
}

async fn tested(key: &str, network: Arc<FakeNetwork>) -> TestReport {
    test_connection(PROVIDER, &configuration(json!({"apiKey": key})), Mode::Sandbox, None, network).await
}

fn receive_with(account: &dyn Connection, token: Option<&'static str>, body: &str) -> Result<Received, Refusal> {
    let mut headers = HeaderMap::new();
    if let Some(token) = token {
        headers.insert("x-callback-token", HeaderValue::from_static(token));
    }
    let request = Inbound {
        method: &Method::POST,
        url: "https://hub.example/api/inbound/token",
        headers: &headers,
        body: body.as_bytes(),
        received_at: Timestamp::from_millis(1_770_100_000_000),
    };
    account.notifications().expect("Xendit notifies").receive(&request)
}

fn receive(body: &str) -> Received {
    receive_with(account(FakeNetwork::new([])).as_ref(), Some(TOKEN), body).expect("a genuine notification")
}

fn event(body: &str) -> NormalisedEvent {
    receive(body).events.pop().expect("an event")
}

/// A fixture with its `event`, if it is to have another, and members of the object changed.
fn altered(body: &str, event: Option<&str>, changes: Value) -> String {
    let mut body: Value = serde_json::from_str(body).expect("JSON");
    if let Some(event) = event {
        body["event"] = event.into();
    }
    let object = if body.get("data").is_some() { &mut body["data"] } else { &mut body };
    for (name, value) in changes.as_object().expect("an object") {
        object[name] = value.clone();
    }
    body.to_string()
}

#[test]
fn the_token_is_the_proof() {
    let connected = account(FakeNetwork::new([]));
    for token in [None, Some("another"), Some("")] {
        let refused = receive_with(connected.as_ref(), token, INVOICE);
        assert!(matches!(refused, Err(Refusal::Forged(_))), "{token:?}");
    }
    let tokenless =
        PROVIDER.connect(&configuration(json!({"apiKey": KEY})), Mode::Sandbox, None, FakeNetwork::new([])).expect("usable");
    let refused = receive_with(tokenless.as_ref(), Some(TOKEN), INVOICE);
    assert!(matches!(refused, Err(Refusal::Forged(sentence)) if sentence.contains("webhookToken")));
    for body in ["not json", "[]", "1", ""] {
        assert!(matches!(receive_with(connected.as_ref(), Some(TOKEN), body), Err(Refusal::Malformed(_))), "{body}");
    }
}

#[test]
fn each_family_becomes_a_success_under_its_business_key() {
    for (body, key, amount, reference, at) in [
        (INVOICE, "65c0a1f2e4b0c1a2d3e4f501", "150000", "INV-2026-000123", "2026-02-03T03:17:02.912Z"),
        (CAPTURE, PAYMENT, "150000", "INV-2026-000123", "2026-02-03T03:17:02.000Z"),
        (PAYMENT_V2, "ddpy-3cd658ae-25b9-4659-aa36-596ae41a809f", "75000.00", "INV-2026-000124", "2026-02-03T03:17:02.566Z"),
        (VIRTUAL_ACCOUNT, "1502450097080", "99000", "va-order-1", "2026-02-03T03:17:02.000Z"),
        (WALLET, "ewc_0b2f6f0e-4f1d-4c0e-9f6c-0a5d4f3e2c1b", "20000", "INV-2026-000125", "2026-02-03T03:17:02.566Z"),
        (QR, "qrpy_8182837te-87st-49ing-8696-1239bd4d759c", "1500", "qr-order-1", "2026-02-03T03:17:02.112Z"),
    ] {
        let event = event(body);
        assert_eq!(event.event_type, EventType::PaymentSuccess, "{key}");
        assert_eq!(event.deduplication_key, format!("payment.success:{key}"));
        assert_eq!(event.subject.as_deref(), Some(key));
        assert_eq!(event.data["amount"], amount, "{key}");
        assert_eq!(event.data["reference"], reference, "{key}");
        assert_eq!(event.occurred_at.to_string(), at, "{key}");
        assert!(event.confirm);
    }
    let settled = event(&altered(INVOICE, None, json!({"status": "SETTLED"})));
    assert_eq!(settled.deduplication_key, event(INVOICE).deduplication_key, "paid, then settled: one success");
}

#[test]
fn every_status_has_its_meaning() {
    use EventType::{PaymentDisputed, PaymentExpired, PaymentFailed, PaymentPending, PaymentRefunded};
    let status = |status: &str| json!({"status": status});
    for (fixture, event, changes, expected) in [
        (INVOICE, None, status("PENDING"), Some(PaymentPending)),
        (INVOICE, None, status("EXPIRED"), Some(PaymentExpired)),
        (INVOICE, None, status("MELTED"), None),
        (CAPTURE, Some("payment.authorization"), status("AUTHORIZED"), Some(PaymentPending)),
        (CAPTURE, Some("payment.failure"), status("FAILED"), Some(PaymentFailed)),
        (CAPTURE, Some("payment.failure"), status("CANCELED"), Some(PaymentFailed)),
        (CAPTURE, Some("payment.failure"), status("SUCCEEDED"), None),
        (CAPTURE, Some("payment.expiry"), status("EXPIRED"), Some(PaymentExpired)),
        (CAPTURE, Some("payment_request.expiry"), status("EXPIRED"), Some(PaymentExpired)),
        (CAPTURE, Some("payment.capture"), status("MELTED"), None),
        (CAPTURE, Some("payment_token.activation"), status("ACTIVE"), None),
        (CAPTURE, Some("payment_session.completed"), status("COMPLETED"), None),
        (CAPTURE, Some("payment_session.expired"), json!({"payment_session_id": "ps-1"}), Some(PaymentExpired)),
        (PAYMENT_V2, Some("payment.awaiting_capture"), status("AWAITING_CAPTURE"), Some(PaymentPending)),
        (PAYMENT_V2, Some("payment.pending"), status("PENDING"), Some(PaymentPending)),
        (PAYMENT_V2, Some("payment.failed"), status("FAILED"), Some(PaymentFailed)),
        (WALLET, None, status("FAILED"), Some(PaymentFailed)),
        (WALLET, None, status("PENDING"), Some(PaymentPending)),
        (WALLET, None, status("VOIDED"), Some(PaymentFailed)),
        (WALLET, None, json!({"status": "REFUNDED", "refunded_amount": 20000}), Some(PaymentRefunded)),
        (WALLET, Some("ewallet.refund"), status("SUCCEEDED"), None),
        (REFUND, Some("refund.failed"), json!({}), None),
        (DISPUTE, None, json!({}), Some(PaymentDisputed)),
        (DISPUTE, Some("dispute.won"), json!({}), None),
        (VIRTUAL_ACCOUNT, None, json!({"payment_id": null, "status": "ACTIVE"}), None),
    ] {
        let received = receive(&altered(fixture, event, changes.clone()));
        assert_eq!(received.events.first().map(|event| event.event_type), expected, "{event:?} {changes}");
        assert_eq!(received.kept.len(), usize::from(expected.is_none()), "{event:?} {changes}");
    }
    assert_eq!(event(&altered(WALLET, None, status("VOIDED"))).rank, 5, "a void outranks the success it takes back");
    assert!(receive(DASHBOARD_TEST).events.is_empty(), "the dashboard's test is no payment");
}

#[test]
fn a_refund_and_a_dispute_name_their_payment() {
    let refund = event(REFUND);
    assert_eq!(refund.deduplication_key, "payment.refunded:rfd-6f4a377d-a201-437f-9119-f8b00cbbe857");
    assert_eq!(refund.subject.as_deref(), Some(PAYMENT));
    assert_eq!(refund.data["refundedAmount"], "50000");
    let dispute = event(DISPUTE);
    assert_eq!(dispute.deduplication_key, "payment.disputed:mi-dspt-0b2f6f0e");
    assert_eq!(dispute.data["amount"], "150000.00");
    let later = event(&altered(DISPUTE, Some("dispute.under_review"), json!({})));
    assert_eq!(later.deduplication_key, dispute.deduplication_key);
}

#[test]
fn a_key_of_the_wrong_kind_is_a_problem_and_of_the_other_environment_a_warning() {
    let field = |members: Value| {
        let problems = PROVIDER.inspect(&configuration(members), Mode::Sandbox).problems;
        problems.first().map(|problem| problem.field)
    };
    for key in ["xnd_public_development_abc", "sk_test_abc", "whsec_abc", "xnd_development_a b", "eG5kX2RldmVsb3BtZW50X0VYQU1QTEU6"] {
        assert_eq!(field(json!({"apiKey": key})), Some("apiKey"), "{key}");
    }
    assert_eq!(field(json!({"apiKey": KEY, "webhookToken": KEY})), Some("webhookToken"));
    assert_eq!(field(json!({"apiKey": "xnd_development_O46J+ZPGT/7Gl==", "webhookToken": TOKEN})), None);
    let codes = |key: &str, mode: Mode| -> Vec<&str> {
        let inspection = PROVIDER.inspect(&configuration(json!({"apiKey": key})), mode);
        inspection.warnings.iter().map(|warning| warning.code).collect()
    };
    assert_eq!(codes("xnd_production_abc", Mode::Sandbox), ["environment_mismatch"]);
    assert_eq!(codes(KEY, Mode::Production), ["environment_mismatch"]);
    assert_eq!(codes("xnd_production_abc", Mode::Production), [""; 0]);
}

#[tokio::test]
async fn a_good_key_shows_the_balance() {
    let network = FakeNetwork::answering(200, BALANCE);
    let report = tested(KEY, network.clone()).await;
    assert!(report.success, "{report:?}");
    assert_eq!(report.message, "Xendit connection successful");
    assert_eq!(report.details["balance"], 1_241_231);
    let request = network.take_requests().pop().expect("one request");
    assert_eq!(request.url, "https://api.xendit.co/balance");
    assert_eq!(request.headers["authorization"], "Basic eG5kX2RldmVsb3BtZW50X0VYQU1QTEU6");
}

#[tokio::test]
async fn a_key_without_the_permission_is_accepted_and_shown_as_limited() {
    let older = r#"{"error_code":"X","message":"API key is not authorized for this API service"}"#;
    for body in [FORBIDDEN, older] {
        let report = tested(KEY, FakeNetwork::answering(403, body)).await;
        assert!(report.success);
        assert_eq!(report.error_type, Some(ErrorType::PermissionDenied));
        assert!(report.message.contains("Balance Read"), "{}", report.message);
        assert_eq!(report.details["httpStatus"], 403);
    }
}

#[tokio::test]
async fn each_failing_answer_has_its_error_type() {
    let error = |code: &str| json!({"error_code": code, "message": "as scripted"}).to_string();
    for (status, body, expected) in [
        (401, INVALID_KEY.to_owned(), ErrorType::AuthenticationFailed),
        (200, INVALID_KEY.to_owned(), ErrorType::AuthenticationFailed),
        (403, error("ACCESS_SUSPENDED"), ErrorType::AccountSuspended),
        (403, error("OTHER"), ErrorType::PermissionDenied),
        (403, "<html>".to_owned(), ErrorType::UnexpectedResponse),
        (400, error("API_VALIDATION_ERROR"), ErrorType::UnexpectedResponse),
        (429, error("RATE_LIMIT_EXCEEDED"), ErrorType::RateLimited),
        (500, error("SERVER_ERROR"), ErrorType::ProviderUnavailable),
        (200, "<html>".to_owned(), ErrorType::UnexpectedResponse),
        (200, "{}".to_owned(), ErrorType::UnexpectedResponse),
        (200, r#"{"balance":"#.to_owned(), ErrorType::UnexpectedResponse),
    ] {
        let report = tested(KEY, FakeNetwork::answering(status, &body)).await;
        assert_eq!(report.error_type, Some(expected), "{status} {body}");
        assert!(!report.success);
    }
}

async fn confirmed(claim: &str, network: Arc<FakeNetwork>) -> Result<Confirmation, ProviderError> {
    account(network).payments().expect("Xendit reads payments").confirm(event(claim)).await
}

#[tokio::test]
async fn invoices_and_v3_payments_are_read_back_and_others_are_passed_on() {
    let payment: Value = serde_json::from_str(CAPTURE).expect("JSON");
    for (claim, answer, path) in [
        (INVOICE, INVOICE.to_owned(), "/v2/invoices/65c0a1f2e4b0c1a2d3e4f501".to_owned()),
        (CAPTURE, payment["data"].to_string(), format!("/v3/payments/{PAYMENT}")),
    ] {
        let network = FakeNetwork::answering(200, &answer);
        let Ok(Confirmation::Confirmed(told)) = confirmed(claim, network.clone()).await else { panic!("{path}") };
        assert_eq!(told.deduplication_key, event(claim).deduplication_key);
        assert_eq!(told.data["confirmed"], true);
        let request = network.take_requests().pop().expect("one request");
        assert_eq!(request.url, format!("https://api.xendit.co{path}"));
        assert_eq!(request.timeout.as_secs(), 5);
    }
    for claim in [PAYMENT_V2, VIRTUAL_ACCOUNT, WALLET, QR, REFUND, DISPUTE] {
        let network = FakeNetwork::new([]);
        let Ok(Confirmation::Confirmed(told)) = confirmed(claim, network.clone()).await else { panic!("{claim}") };
        assert_eq!(told.data["confirmed"], false);
        assert!(network.take_requests().is_empty());
    }
}

#[tokio::test]
async fn what_xendit_does_not_know_or_knows_otherwise_is_denied() {
    for changes in [json!({"amount": 1500}), json!({"external_id": "INV-2"}), json!({"id": "another"})] {
        let answer = confirmed(INVOICE, FakeNetwork::answering(200, &altered(INVOICE, None, changes.clone()))).await;
        assert!(matches!(answer, Ok(Confirmation::Denied(_))), "{changes}");
    }
    let unknown = r#"{"error_code":"INVOICE_NOT_FOUND_ERROR","message":"Invoice not found"}"#;
    assert!(matches!(confirmed(INVOICE, FakeNetwork::answering(404, unknown)).await, Ok(Confirmation::Denied(_))));
    let unpaid = altered(INVOICE, None, json!({"status": "PENDING"}));
    let Ok(Confirmation::Confirmed(told)) = confirmed(INVOICE, FakeNetwork::answering(200, &unpaid)).await else {
        panic!("confirmed")
    };
    assert_eq!(told.event_type, EventType::PaymentPending, "the answer counts, not the claim");
    for (network, expected) in [
        (FakeNetwork::failing(ErrorType::Timeout), ErrorType::Timeout),
        (FakeNetwork::answering(403, FORBIDDEN), ErrorType::PermissionDenied),
        (FakeNetwork::answering(404, "<html>"), ErrorType::UnexpectedResponse),
        (FakeNetwork::answering(500, "{}"), ErrorType::ProviderUnavailable),
    ] {
        assert_eq!(confirmed(INVOICE, network).await.expect_err("not answered").error_type, expected);
    }
}
