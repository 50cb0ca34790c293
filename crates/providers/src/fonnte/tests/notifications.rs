//! Notifications: those of another device or of none are refused, the rest read into the hub's own words.

use http::{HeaderMap, Method};
use serde_json::{Value, json};
use simpul_core::time::Timestamp;

use super::*;
use crate::messaging::scripted::Scripted;
use crate::notification::{Acknowledgement, Inbound, NormalisedEvent, Received, Refusal};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../../../fixtures/fonnte/notification-", $name, ".json"))
    };
}

const NOW: i64 = 1_771_668_000_000;
const ID: &str = "80367170";
const STATE_ID: &str = "3EB0C767D26A1B5F7C83";

fn connection(configuration: &Configuration) -> Box<dyn Connection> {
    PROVIDER.connect(configuration, Mode::Production, None, Scripted::new([])).unwrap_or_else(|error| panic!("{error}"))
}

fn receive(configuration: &Configuration, body: &[u8]) -> Result<Received, Refusal> {
    let headers = HeaderMap::new();
    let received_at = Timestamp::from_millis(NOW);
    let request =
        Inbound { method: &Method::POST, url: "https://hub.example/in/x", headers: &headers, body, received_at };
    connection(configuration).notifications().unwrap().receive(&request)
}

fn event(body: &str) -> NormalisedEvent {
    let mut received = receive(&with_device(), body.as_bytes()).unwrap();
    assert_eq!((received.events.len(), received.kept.len()), (1, 0), "{body}");
    received.events.remove(0)
}

#[test]
fn what_names_no_device_or_another_is_refused() {
    for configuration in [token_only(), with_device()] {
        for body in ["{}", "[]", "null", "7", "{\"id\":\"1\",\"status\":\"sent\"}", "{\"device\":\"\",\"id\":\"1\"}"] {
            assert!(matches!(receive(&configuration, body.as_bytes()), Err(Refusal::Forged(_))), "{body}");
        }
        for body in [&b""[..], b"\xff\xfe", b"{\"device\":", b"device=1&status=sent"] {
            assert!(matches!(receive(&configuration, body), Err(Refusal::Malformed(_))));
        }
    }
    let other = fixture!("sent").replace(DEVICE, "6280000000000");
    let refused = receive(&with_device(), other.as_bytes());
    assert!(matches!(refused, Err(Refusal::UnknownAccount(sentence)) if sentence.contains("another device")));
    assert_eq!(receive(&token_only(), other.as_bytes()).unwrap().events.len(), 1);
    let mixed = format!("[{},{other}]", fixture!("sent"));
    assert!(matches!(receive(&with_device(), mixed.as_bytes()), Err(Refusal::UnknownAccount(_))));
}

#[test]
fn the_devices_number_is_compared_by_its_digits() {
    for number in ["+6282227097005", "082227097005"] {
        let configuration = configuration(&[("token", TOKEN), ("device", number)]);
        assert_eq!(receive(&configuration, fixture!("sent").as_bytes()).unwrap().events.len(), 1, "{number}");
    }
    let as_number = format!("{{\"device\":{DEVICE},\"id\":1,\"status\":\"sent\"}}");
    assert_eq!(event(&as_number).deduplication_key, "message.sent:1");
}

#[test]
fn statuses_and_states_become_the_hubs_own_events() {
    for (body, event_type, id) in [
        (fixture!("sent"), EventType::MessageSent, ID),
        (fixture!("delivered"), EventType::MessageDelivered, STATE_ID),
        (fixture!("read"), EventType::MessageRead, STATE_ID),
        (fixture!("failed"), EventType::MessageFailed, ID),
        (fixture!("invalid"), EventType::MessageFailed, ID),
        (fixture!("expired"), EventType::MessageFailed, ID),
        (fixture!("url-unreachable"), EventType::MessageFailed, ID),
    ] {
        let event = event(body);
        assert_eq!(event.event_type, event_type);
        assert_eq!(event.deduplication_key, format!("{}:{id}", event_type.as_str()));
        assert_eq!(event.subject.as_deref(), Some(id));
        assert_eq!(event.rank, event_type.rank());
        assert_eq!(event.occurred_at.to_string(), "2026-02-02T01:15:30.000Z");
        assert_eq!(event.raw, serde_json::from_str::<Value>(body).unwrap());
        assert!(MANIFEST.events.contains(&event_type));
    }
    for word in ["processing", "pending", "waiting", "something"] {
        let body = json!({"device": DEVICE, "id": "1", "status": word}).to_string();
        let received = receive(&with_device(), body.as_bytes()).unwrap();
        assert!(received.events.is_empty());
        assert!(received.kept[0].reason.contains(word));
    }
}

#[test]
fn of_status_and_state_the_one_further_along_counts() {
    for (status, state, expected) in [
        ("sent", "read", EventType::MessageRead),
        ("sent", "delivered", EventType::MessageDelivered),
        ("failed", "sent", EventType::MessageFailed),
        ("processing", "sent", EventType::MessageSent),
        ("read", "", EventType::MessageRead),
    ] {
        let body = json!({"device": DEVICE, "id": "1", "stateid": "s", "status": status, "state": state}).to_string();
        let event = event(&body);
        assert_eq!(event.event_type, expected, "{status} {state}");
        assert_eq!(event.occurred_at.millis(), NOW);
    }
}

#[test]
fn an_incoming_message_is_received_once() {
    let event_of = event(fixture!("incoming"));
    assert_eq!(event_of.event_type, EventType::MessageReceived);
    assert_eq!(event_of.deduplication_key, "message.received:5001");
    assert_eq!(
        event_of.data,
        json!({"messageId": "5001", "from": "6281300000001", "to": DEVICE,
            "text": "Halo, pesanan saya sudah dikirim?", "senderName": "Budi", "device": DEVICE})
    );
    let nameless = |message: &str| {
        event(&json!({"device": DEVICE, "sender": "62813", "message": message, "timestamp": 1}).to_string())
            .deduplication_key
    };
    assert_eq!(nameless("a"), nameless("a"));
    assert_ne!(nameless("a"), nameless("b"));
}

#[test]
fn a_device_that_is_unlinked_changes_the_integrations_health() {
    let down = event(fixture!("disconnect"));
    assert_eq!(down.event_type, EventType::IntegrationHealthChanged);
    assert_eq!(
        down.data,
        json!({"deviceStatus": "disconnected", "device": DEVICE, "reason": "logged out from phone"})
    );
    assert_eq!(
        down.deduplication_key,
        format!("integration.health_changed:{DEVICE}:disconnected:2026-02-02T01:15:30.000Z")
    );
    assert_eq!(event(fixture!("connect")).data["deviceStatus"], "connected");
    let unknown = json!({"device": DEVICE, "status": "thinking"}).to_string();
    assert_eq!(receive(&with_device(), unknown.as_bytes()).unwrap().kept.len(), 1);
}

#[test]
fn the_answer_is_empty() {
    assert_eq!(connection(&token_only()).notifications().unwrap().acknowledge(), Acknowledgement::EMPTY);
}
