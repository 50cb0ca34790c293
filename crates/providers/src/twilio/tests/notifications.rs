//! Notifications: believed only when signed for this account, and read into the hub's own words.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use sha1::Sha1;
use simpul_core::time::Timestamp;

use super::*;
use crate::messaging::scripted::Scripted;
use crate::notification::{Acknowledgement, Inbound, NormalisedEvent, Received, Refusal};

const URL: &str = "https://hooks.example.com/webhooks/twilio/int_01?src=wa";
const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";

macro_rules! fixture {
    ($name:literal) => {
        (
            include_str!(concat!("../../../../../fixtures/twilio/notification-", $name, ".form")),
            include_str!(concat!("../../../../../fixtures/twilio/notification-", $name, ".headers")),
        )
    };
}

fn connection(configuration: &Configuration) -> Box<dyn Connection> {
    PROVIDER.connect(configuration, Mode::Production, None, Scripted::new([])).unwrap_or_else(|error| panic!("{error}"))
}

fn signed_with_12345() -> Configuration {
    configuration(&[("accountSid", SID), ("authToken", "12345")])
}

fn receive(
    configuration: &Configuration,
    method: &Method,
    url: &str,
    headers: &[(&'static str, &str)],
    body: &[u8],
) -> Result<Received, Refusal> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, HeaderValue::from_str(value).unwrap());
    }
    let received_at = Timestamp::from_millis(1_771_668_000_000);
    let connection = connection(configuration);
    connection.notifications().unwrap().receive(&Inbound { method, url, headers: &map, body, received_at })
}

/// A fixture as it arrives, perhaps with another body.
fn arrive((body, headers): (&str, &str), change: impl Fn(&str) -> String) -> Result<Received, Refusal> {
    let signature = headers.lines().find_map(|line| line.strip_prefix("x-twilio-signature: ")).unwrap();
    let headers = [("content-type", FORM), ("x-twilio-signature", signature)];
    receive(&signed_with_12345(), &Method::POST, URL, &headers, change(body).as_bytes())
}

fn event(fixture: (&str, &str)) -> NormalisedEvent {
    let mut received = arrive(fixture, str::to_owned).unwrap();
    assert!(received.kept.is_empty());
    received.events.remove(0)
}

fn sign(text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(b"12345").unwrap();
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn is_forged(result: Result<Received, Refusal>, part: &str) {
    match result {
        Err(Refusal::Forged(sentence)) => assert!(sentence.contains(part), "{sentence}"),
        other => panic!("{other:?} is not a forgery"),
    }
}

#[test]
fn what_is_unsigned_altered_or_signed_by_another_is_refused() {
    let (body, _) = fixture!("delivered");
    let configuration = signed_with_12345();
    is_forged(receive(&configuration, &Method::POST, URL, &[("content-type", FORM)], body.as_bytes()), "missing");
    is_forged(receive(&configuration, &Method::POST, URL, &[], b"{}"), "missing");
    is_forged(arrive(fixture!("delivered"), |body| body.replace("delivered", "read")), "does not fit");
    is_forged(arrive(fixture!("delivered"), |body| format!("{body}&Extra=")), "does not fit");
    for signature in ["", "x", "AAAA", "\u{fc}"] {
        let headers = [("content-type", FORM), ("x-twilio-signature", signature)];
        assert!(matches!(
            receive(&configuration, &Method::POST, URL, &headers, body.as_bytes()),
            Err(Refusal::Forged(_))
        ));
    }
    let elsewhere = [("content-type", FORM), ("x-twilio-signature", "kCaWcwcfr3Y8Y/bg8+M6DSL6cRQ=")];
    let other_url = "https://hooks.example.com/webhooks/twilio/int_02?src=wa";
    is_forged(receive(&configuration, &Method::POST, other_url, &elsewhere, body.as_bytes()), "another URL");
    is_forged(receive(&by_token(), &Method::POST, URL, &elsewhere, body.as_bytes()), "primary token");
}

#[test]
fn without_an_auth_token_the_refusal_says_what_to_fill_in() {
    let (body, _) = fixture!("delivered");
    let headers = [("content-type", FORM), ("x-twilio-signature", "kCaWcwcfr3Y8Y/bg8+M6DSL6cRQ=")];
    is_forged(receive(&by_key(), &Method::POST, URL, &headers, body.as_bytes()), "authToken");
}

#[test]
fn another_accounts_notification_is_refused_though_it_is_signed() {
    let other = "AC00000000000000000000000000000002";
    let text = format!("{URL}AccountSid{other}MessageSidSM1MessageStatussent");
    let body = format!("MessageSid=SM1&MessageStatus=sent&AccountSid={other}");
    let headers = [("content-type", FORM), ("x-twilio-signature", &sign(&text))];
    let refused = receive(&signed_with_12345(), &Method::POST, URL, &headers, body.as_bytes());
    assert!(matches!(refused, Err(Refusal::UnknownAccount(_))), "{refused:?}");
    let forged = [("content-type", FORM), ("x-twilio-signature", "AAAA")];
    let refused = receive(&signed_with_12345(), &Method::POST, URL, &forged, body.as_bytes());
    assert!(matches!(refused, Err(Refusal::UnknownAccount(sentence)) if sentence.contains(other)));
    let none = [("content-type", FORM), ("x-twilio-signature", &sign(&format!("{URL}MessageSidSM1")))];
    let refused = receive(&signed_with_12345(), &Method::POST, URL, &none, b"MessageSid=SM1");
    assert!(matches!(refused, Err(Refusal::UnknownAccount(_))), "{refused:?}");
}

#[test]
fn garbage_is_refused_without_harm() {
    let long = "a=%".repeat(10_000);
    for body in [&b""[..], b"\xff\xfe\x00", b"%", b"&&==&", b"{\"a\":", long.as_bytes()] {
        for media_type in ["", FORM, "application/json", "text/plain", "multipart/form-data"] {
            let headers = [("content-type", media_type), ("x-twilio-signature", "kCaWcwcfr3Y8Y/bg8+M6DSL6cRQ=")];
            let result = receive(&signed_with_12345(), &Method::POST, URL, &headers, body);
            assert!(matches!(result, Err(Refusal::Forged(_))));
        }
    }
}

#[test]
fn a_json_body_counts_only_with_its_hash_in_the_url() {
    let body = format!("{{\"AccountSid\":\"{SID}\",\"MessageSid\":\"SM1\",\"MessageStatus\":\"sent\"}}");
    let hash = crate::messaging::hex(&<sha2::Sha256 as sha2::Digest>::digest(body.as_bytes()));
    let url = format!("{URL}&bodySHA256={hash}");
    let arrive = |url: &str, body: &str| {
        let headers = [("content-type", "application/json"), ("x-twilio-signature", &sign(url))];
        receive(&signed_with_12345(), &Method::POST, url, &headers, body.as_bytes())
    };
    assert_eq!(arrive(&url, &body).unwrap().events[0].event_type, EventType::MessageSent);
    is_forged(arrive(&url, &body.replace("sent", "read")), "does not fit");
    is_forged(arrive(URL, &body), "bodySHA256");
    // Signed as published, but about no message.
    let url = format!("{URL}&bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
    assert_eq!(arrive(&url, "{\"a\":1}").unwrap().kept.len(), 1);
}

#[test]
fn a_get_is_signed_by_its_url_alone() {
    let url = format!("{URL}&AccountSid={SID}&MessageSid=SM1&MessageStatus=delivered");
    let result = receive(&signed_with_12345(), &Method::GET, &url, &[("x-twilio-signature", &sign(&url))], b"");
    let event = &result.unwrap().events[0];
    assert_eq!(event.deduplication_key, "message.delivered:SM1");
}

#[test]
fn statuses_become_the_hubs_own_events() {
    let id = "SM00000000000000000000000000000001";
    for (fixture, event_type) in [
        (fixture!("sent"), EventType::MessageSent),
        (fixture!("delivered"), EventType::MessageDelivered),
        (fixture!("read"), EventType::MessageRead),
        (fixture!("undelivered"), EventType::MessageFailed),
    ] {
        let event = event(fixture);
        assert_eq!(event.event_type, event_type);
        assert_eq!(event.deduplication_key, format!("{}:{id}", event_type.as_str()));
        assert_eq!(event.subject.as_deref(), Some(id));
        assert_eq!(event.rank, event_type.rank());
        assert_eq!(event.occurred_at, Timestamp::from_millis(1_771_668_000_000));
        assert!(MANIFEST.events.contains(&event_type));
    }
    let kept = arrive(fixture!("queued"), str::to_owned).unwrap();
    assert!(kept.events.is_empty());
    assert!(kept.kept[0].reason.contains("queued"));
    for (status, expected) in [
        ("accepted", None),
        ("scheduled", None),
        ("sending", None),
        ("partially_delivered", None),
        ("something_new", None),
        ("canceled", Some(EventType::MessageFailed)),
        ("failed", Some(EventType::MessageFailed)),
        ("receiving", Some(EventType::MessageReceived)),
        ("received", Some(EventType::MessageReceived)),
    ] {
        let text = format!("{URL}AccountSid{SID}MessageSidSM1MessageStatus{status}");
        let body = format!("MessageSid=SM1&MessageStatus={status}&AccountSid={SID}");
        let headers = [("content-type", FORM), ("x-twilio-signature", &sign(&text))];
        let received = receive(&signed_with_12345(), &Method::POST, URL, &headers, body.as_bytes()).unwrap();
        assert_eq!(received.events.first().map(|event| event.event_type), expected, "{status}");
        assert_eq!(received.kept.len(), usize::from(expected.is_none()));
    }
}

#[test]
fn a_failure_says_why_and_a_received_message_what() {
    let failed = event(fixture!("undelivered"));
    assert_eq!(
        failed.data,
        json!({"messageId": "SM00000000000000000000000000000001", "from": "+14155238886", "to": "+6281200000001",
            "providerStatus": "undelivered", "errorCode": "63016",
            "errorMessage": "Failed to send freeform message because you are outside the allowed window"})
    );
    let received = event(fixture!("inbound"));
    assert_eq!(received.event_type, EventType::MessageReceived);
    assert_eq!(received.data["text"], "Halo dunia & +=% 👍");
    assert_eq!(received.data["from"], "+6281200000001");
    assert_eq!(received.data["senderName"], "Budi");
    assert!(received.data["mediaUrl"].as_str().is_some_and(|url| url.contains("/Media/ME")));
    assert_eq!(received.raw["WaId"], "6281200000001");
}

#[test]
fn repeated_parameters_are_all_kept_in_the_raw_object() {
    let text = format!("{URL}AccountSid{SID}MessageSidSM1MessageStatussentX1X2");
    let body = format!("X=2&X=1&X=2&MessageSid=SM1&MessageStatus=sent&AccountSid={SID}");
    let headers = [("content-type", FORM), ("x-twilio-signature", &sign(&text))];
    let received = receive(&signed_with_12345(), &Method::POST, URL, &headers, body.as_bytes()).unwrap();
    assert_eq!(received.events[0].raw["X"], json!(["2", "1", "2"]));
    assert!(matches!(received.events[0].raw, Value::Object(_)));
}

#[test]
fn the_answer_is_an_empty_twiml_response() {
    let connection = connection(&by_token());
    let acknowledgement = connection.notifications().unwrap().acknowledge();
    let expected = Acknowledgement { status: 200, content_type: Some("text/xml"), body: "<Response/>" };
    assert_eq!(acknowledgement, expected);
}
