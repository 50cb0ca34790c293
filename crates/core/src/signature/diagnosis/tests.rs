use std::time::Duration;

use super::*;
use crate::signature::{sign, sign_ed25519, signature_header, signing_key_from};
use crate::webhook::testing::webhook;
use crate::webhook::{PreviousSecret, SignatureScheme};

const PAYLOAD: &str = r#"{"id":"evt_1","data":{"amount":100000}}"#;
const AT: i64 = 1_771_668_000;

fn now() -> Timestamp {
    Timestamp::from_millis(AT * 1_000)
}

fn receiver() -> Webhook {
    let earlier =
        |secret: String, seconds| PreviousSecret { secret, expires_at: now().plus(Duration::from_secs(seconds)) };
    Webhook {
        signature_scheme: SignatureScheme::Both,
        signing_key: Some(signing_key_from(&[1; 32])),
        previous_secrets: vec![
            earlier("previous-secret".to_owned(), 100),
            earlier("expired-secret".to_owned(), 0),
            earlier(signing_key_from(&[2; 32]), 0),
        ],
        ..webhook()
    }
}

fn signed(signatures: String) -> SignedHeaders {
    SignedHeaders { id: "evt_1".to_owned(), timestamp: AT, signatures }
}

fn diagnose(signatures: String, body: &str, sent: Sent<'_>, sent_signatures: &[String]) -> Diagnosis {
    let other = Webhook { secret: "secret-of-another".to_owned(), ..webhook() };
    let evidence = Evidence {
        webhook: &receiver(),
        others: &[other],
        sent,
        sent_signatures,
        at: now(),
        redactor: &Redactor::default(),
    };
    Diagnosis::of(&signed(signatures), body.as_bytes(), &evidence)
}

fn hmac(secret: &str) -> String {
    sign(&[secret], "evt_1", AT, PAYLOAD.as_bytes())
}

fn passed(diagnosis: &Diagnosis) -> Vec<Option<bool>> {
    diagnosis.checks.iter().map(|check| check.passed).collect()
}

#[test]
fn a_genuine_delivery_is_valid_by_secret_by_key_and_by_a_previous_secret() {
    let key = sign_ed25519(&signing_key_from(&[1; 32]), "evt_1", AT, PAYLOAD.as_bytes()).expect("signs");
    let whole = signature_header(&receiver(), "evt_1", now(), PAYLOAD.as_bytes());
    for signatures in [whole, key, hmac(&webhook().secret), hmac("previous-secret")] {
        for sent in [Sent::Payload(PAYLOAD), Sent::Shaped, Sent::Unknown] {
            let diagnosis = diagnose(signatures.clone(), PAYLOAD, sent, &[]);
            assert!(diagnosis.is_valid(), "{diagnosis:?}");
            assert_eq!((diagnosis.cause(), diagnosis.reason()), (None, None));
        }
    }
}

#[test]
fn an_earlier_secret_is_named_with_the_time_until_which_it_signed() {
    let key = sign_ed25519(&signing_key_from(&[2; 32]), "evt_1", AT, PAYLOAD.as_bytes()).expect("signs");
    for signatures in [hmac("expired-secret"), key] {
        let diagnosis = diagnose(signatures, PAYLOAD, Sent::Unknown, &[]);
        assert_eq!(diagnosis.cause(), Some(Cause::WrongSecret));
        assert!(diagnosis.reason().expect("failed").contains("2026-02-21T10:00:00.000Z"));
        assert_eq!(passed(&diagnosis), [Some(true), Some(true), Some(false), Some(true)]);
    }
}

#[test]
fn a_foreign_secret_is_told_from_another_webhooks() {
    let diagnosis = diagnose(hmac("nobody's secret"), PAYLOAD, Sent::Payload(PAYLOAD), &[]);
    assert_eq!(diagnosis.cause(), Some(Cause::WrongSecret));
    assert_eq!(passed(&diagnosis), [Some(true), Some(true), Some(false), Some(true)]);
    for sent in [Sent::Payload(PAYLOAD), Sent::Unknown] {
        assert_eq!(diagnose(hmac("secret-of-another"), PAYLOAD, sent, &[]).cause(), Some(Cause::OtherWebhook));
    }
    let unknown = diagnose(hmac("nobody's secret"), PAYLOAD, Sent::Unknown, &[]);
    assert!(unknown.reason().expect("failed").contains("or the body was altered"));
    assert_eq!(passed(&unknown), [Some(true), Some(true), Some(false), None]);
}

#[test]
fn a_signature_that_fits_what_was_sent_puts_the_fault_on_the_body() {
    for (body, cause) in [
        (r#"{"id": "evt_1", "data": {"amount": 100000}}"#, Cause::ReencodedJson),
        (r#"{"id":"evt_1","data":{"amount":900000}}"#, Cause::AlteredBody),
    ] {
        let diagnosis = diagnose(hmac(&webhook().secret), body, Sent::Payload(PAYLOAD), &[]);
        assert_eq!(diagnosis.cause(), Some(cause));
        assert_eq!(passed(&diagnosis), [Some(true), Some(true), Some(true), Some(false)]);
        assert!(diagnosis.difference.is_some());
    }
}

#[test]
fn a_shaped_body_is_judged_by_the_signature_that_was_sent() {
    let sent = [hmac(&webhook().secret)];
    let diagnosis = diagnose(hmac(&webhook().secret), "altered", Sent::Shaped, &sent);
    assert_eq!(diagnosis.cause(), Some(Cause::AlteredBody));
    assert!(diagnosis.reason().expect("failed").contains("cannot be said"));
    let unknown = diagnose(hmac(&webhook().secret), "altered", Sent::Shaped, &[]);
    assert_eq!(unknown.cause(), Some(Cause::WrongSecret));
    assert!(unknown.checks[3].message.contains("transformation"));
    let replaced = [hmac("secret-that-was-replaced")];
    let gone = diagnose(replaced[0].clone(), PAYLOAD, Sent::Payload(PAYLOAD), &replaced);
    assert_eq!(gone.cause(), Some(Cause::WrongSecret));
    assert!(gone.reason().expect("failed").contains("without an overlap"));
}

#[test]
fn five_minutes_either_way_are_the_limit_and_how_far_off_is_told() {
    for (off, cause, words) in [
        (300, None, ""),
        (-300, None, ""),
        (301, Some(Cause::TimestampTooOld), "5 min 1 s old"),
        (7_500, Some(Cause::TimestampTooOld), "2 h 5 min old"),
        (-180_000, Some(Cause::TimestampInFuture), "2 d 2 h ahead"),
    ] {
        let check = timestamp(AT - off, now());
        assert_eq!(check.cause, cause, "{off}");
        assert!(check.message.contains(words), "{}", check.message);
    }
    assert_eq!(timestamp(i64::MIN, now()).cause, Some(Cause::TimestampTooOld));
}

#[test]
fn headers_that_cannot_be_read_leave_the_rest_unjudged() {
    let diagnosis = Diagnosis::of_headers(&HeaderProblem::Missing(vec!["webhook-id"]));
    assert_eq!((passed(&diagnosis), diagnosis.is_valid()), (vec![Some(false), None, None, None], false));
    assert_eq!(diagnosis.cause(), Some(Cause::MissingHeader));
}
