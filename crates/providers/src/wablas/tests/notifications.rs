//! Notifications: read in every documented form, refused in any other, answered with nothing that a customer could get.

use http::{HeaderMap, Method};
use serde_json::{Value, json};
use simpul_core::time::Timestamp;

use super::*;
use crate::messaging::scripted::Scripted;
use crate::notification::{Acknowledgement, Inbound, NormalisedEvent, Received, Refusal};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../../../fixtures/wablas/notification-", $name, ".json"))
    };
}

const NOW: i64 = 1_771_668_000_000;
const ID: &str = "6b3f0a52-5e7c-4a3e-9b3f-0a525e7c4a3e";

fn connection() -> Box<dyn Connection> {
    PROVIDER.connect(&token_only(), Mode::Production, None, Scripted::new([])).unwrap_or_else(|error| panic!("{error}"))
}

fn receive(body: &[u8]) -> Result<Received, Refusal> {
    let headers = HeaderMap::new();
    let received_at = Timestamp::from_millis(NOW);
    let request =
        Inbound { method: &Method::POST, url: "https://hub.example/in/x", headers: &headers, body, received_at };
    connection().notifications().unwrap().receive(&request)
}

fn event(body: &str) -> NormalisedEvent {
    let mut received = receive(body.as_bytes()).unwrap();
    assert_eq!((received.events.len(), received.kept.len()), (1, 0), "{body}");
    received.events.remove(0)
}

fn status(status: &str) -> String {
    json!({"id": "m-1", "phone": "62812", "status": status, "note": "why", "deviceId": "A5DOYJ"}).to_string()
}

#[test]
fn what_has_no_documented_form_is_refused() {
    for body in ["{}", "[]", "[{}]", "null", "7", "{\"hello\":\"world\"}", "{\"id\":\"\"}", "{\"id\":{}}", "[{\"id\":\"1\"},{}]"] {
        assert!(matches!(receive(body.as_bytes()), Err(Refusal::Forged(_))), "{body}");
    }
    for body in [&b""[..], b"\xff\xfe", b"{\"id\":\"1\"", b"id=1&status=sent"] {
        assert!(matches!(receive(body), Err(Refusal::Malformed(_))));
    }
}

#[test]
fn statuses_become_the_hubs_own_events() {
    for (body, event_type) in [
        (fixture!("sent"), EventType::MessageSent),
        (fixture!("delivered"), EventType::MessageDelivered),
        (fixture!("read"), EventType::MessageRead),
        (fixture!("cancel"), EventType::MessageFailed),
        (fixture!("rejected"), EventType::MessageFailed),
    ] {
        let event = event(body);
        assert_eq!(event.event_type, event_type);
        assert_eq!(event.deduplication_key, format!("{}:{ID}", event_type.as_str()));
        assert_eq!(event.subject.as_deref(), Some(ID));
        assert_eq!(event.rank, event_type.rank());
        assert_eq!(event.occurred_at.millis(), NOW);
        assert_eq!(event.raw, serde_json::from_str::<Value>(body).unwrap());
        assert!(MANIFEST.events.contains(&event_type));
    }
    for word in ["received", "Delivered"] {
        assert_eq!(event(&status(word)).event_type, EventType::MessageDelivered);
    }
    for word in ["reject", "failed", "canceled"] {
        assert_eq!(event(&status(word)).event_type, EventType::MessageFailed);
    }
    for word in ["pending", "process", "new", "something"] {
        let received = receive(status(word).as_bytes()).unwrap();
        assert!(received.events.is_empty());
        assert!(received.kept[0].reason.contains(word));
    }
    let failed = event(fixture!("rejected"));
    assert_eq!(
        failed.data,
        json!({"messageId": ID, "from": "628122988000", "to": "6281200000001", "providerStatus": "rejected",
            "errorMessage": "number is not on WhatsApp", "device": "A5DOYJ"})
    );
}

#[test]
fn other_spellings_and_arrays_are_read_too() {
    let body = "[{\"messageId\":12,\"status\":\"sent\"},{\"message_id\":\"13\",\"status\":\"read\",\"device_id\":\"X\"},
        {\"id\":\"14\",\"status\":\"pending\"},{\"deviceId\":\"X\"}]";
    let received = receive(body.as_bytes()).unwrap();
    let keys: Vec<&str> = received.events.iter().map(|event| event.deduplication_key.as_str()).collect();
    assert_eq!(keys, ["message.sent:12", "message.read:13"]);
    assert_eq!(received.kept.len(), 2);
}

#[test]
fn an_incoming_message_is_received_unless_it_is_our_own() {
    let event = event(fixture!("incoming"));
    assert_eq!(event.event_type, EventType::MessageReceived);
    assert_eq!(event.deduplication_key, "message.received:3EB0C767D26A1B5F7C83");
    assert_eq!(event.occurred_at.to_string(), "2024-01-22T04:56:02.000Z");
    assert_eq!(
        event.data,
        json!({"messageId": "3EB0C767D26A1B5F7C83", "from": "6281200000001", "to": "628122988000",
            "text": "Halo, pesanan saya sudah dikirim?", "senderName": "Budi", "device": "A5DOYJ"})
    );
    for own in ["true", "\"true\""] {
        let body = fixture!("incoming").replace("\"isFromMe\": false", &format!("\"isFromMe\": {own}"));
        assert!(receive(body.as_bytes()).unwrap().events.is_empty());
    }
}

#[test]
fn an_incoming_message_without_an_id_is_known_by_its_content() {
    let body = |message: &str| {
        json!({"phone": "62812", "message": message, "timestamp": 1_705_899_362, "url": "https://cdn.example/a.jpg"})
            .to_string()
    };
    let first = event(&body("a"));
    assert_eq!(first.deduplication_key, event(&body("a")).deduplication_key);
    assert_ne!(first.deduplication_key, event(&body("b")).deduplication_key);
    assert_eq!(first.data["mediaUrl"], "https://cdn.example/a.jpg");
    assert_eq!(first.occurred_at.to_string(), "2024-01-22T04:56:02.000Z");
}

#[test]
fn a_device_that_is_unlinked_changes_the_integrations_health() {
    let down = event(fixture!("device-disconnected"));
    assert_eq!(down.event_type, EventType::IntegrationHealthChanged);
    assert_eq!(down.data, json!({"deviceStatus": "disconnected", "device": "A5DOYJ"}));
    assert_eq!(down.occurred_at.to_string(), "2024-01-22T04:56:02.411Z");
    assert_eq!(down.deduplication_key, "integration.health_changed:A5DOYJ:disconnected:2024-01-22T04:56:02.411Z");
    assert_eq!(event(fixture!("device-connected")).data["deviceStatus"], "connected");
    assert!(receive(b"{\"status\":\"connected\"}").unwrap().events.is_empty());
}

#[test]
fn the_answer_is_empty_for_it_may_reach_the_customer() {
    assert_eq!(connection().notifications().unwrap().acknowledge(), Acknowledgement::EMPTY);
}
