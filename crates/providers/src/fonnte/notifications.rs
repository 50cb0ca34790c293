//! Fonnte's status, incoming and connection notifications. Nothing signs them: the hub's unguessable URL is the proof of
//! origin, and the device that each of them names must be the configured one.

use serde_json::{Map, Value};
use simpul_core::activity::clip;
use simpul_core::event::EventType;
use subtle::ConstantTimeEq;

use super::Device;
use crate::messaging::{Message, device_event, fingerprint, first_words, json_objects, moment, number_digits};
use crate::notification::{Acknowledgement, Inbound, Kept, NormalisedEvent, Received, Refusal};
use crate::provider::Notifications;

impl Notifications for Device {
    fn receive(&self, request: &Inbound<'_>) -> Result<Received, Refusal> {
        let objects = json_objects("Fonnte", request)?;
        for object in &objects {
            self.check_device(object)?;
        }
        let mut received = Received::default();
        for object in objects {
            match read(object, request) {
                Ok(event) => received.events.push(event),
                Err(reason) => received.kept.push(Kept { reason }),
            }
        }
        Ok(received)
    }

    /// Fonnte sends again, fifteen times, what is answered with anything but 200.
    fn acknowledge(&self) -> Acknowledgement {
        Acknowledgement::EMPTY
    }
}

impl Device {
    fn check_device(&self, object: &Map<String, Value>) -> Result<(), Refusal> {
        let Some(named) = first_words(object, &["device"]) else {
            return Err(Refusal::Forged(
                "This notification names no device, so nothing ties it to this Fonnte account.".to_owned(),
            ));
        };
        match &self.number {
            Some(number) if !bool::from(number_digits(number).as_bytes().ct_eq(number_digits(&named).as_bytes())) => {
                Err(Refusal::UnknownAccount(
                    "This notification names another device than the configured one: check device, or the URL entered at Fonnte.".to_owned(),
                ))
            }
            _ => Ok(()),
        }
    }
}

fn read(object: Map<String, Value>, request: &Inbound<'_>) -> Result<NormalisedEvent, String> {
    if object.contains_key("sender") {
        return Ok(read_incoming(object, request));
    }
    let text = |names: &[&str]| first_words(&object, names);
    let (status, state) = (text(&["status"]), text(&["state"]));
    let Some(id) = text(&["id", "stateid"]) else {
        return match status.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("connect" | "connected") => Ok(read_device(object, "connected", request)),
            Some("disconnect" | "disconnected") => Ok(read_device(object, "disconnected", request)),
            _ => Err("Fonnte sent a notification that is about no message; it became no event.".to_owned()),
        };
    };
    // Of the two words the one that is further along counts; between equals, the state on WhatsApp's side.
    let known = [&status, &state].into_iter().flatten();
    let furthest = known.filter_map(|word| Some((event_type(word)?, word.clone()))).max_by_key(|(kind, _)| kind.rank());
    let Some((event_type, word)) = furthest else {
        return Err(format!(
            "Fonnte reported {} for message {}; no event stands for it.",
            clip(state.or(status).as_deref().unwrap_or("nothing"), 50),
            clip(&id, 64)
        ));
    };
    let message = Message {
        message_id: Some(id.clone()),
        from: text(&["device"]),
        to: text(&["target"]),
        provider_status: Some(word),
        error_message: text(&["reason"]),
        device: text(&["device"]),
        ..Message::default()
    };
    let occurred_at = moment(object.get("timestamp")).unwrap_or(request.received_at);
    Ok(message.into_event(event_type, &id, occurred_at, Value::Object(object)))
}

fn read_incoming(object: Map<String, Value>, request: &Inbound<'_>) -> NormalisedEvent {
    let text = |names: &[&str]| first_words(&object, names);
    let id = text(&["inboxid"]);
    let named = id.clone().unwrap_or_else(|| {
        let parts = ["device", "sender", "timestamp", "message", "text", "url"].map(|name| text(&[name]).unwrap_or_default());
        fingerprint(&parts.each_ref().map(String::as_str))
    });
    let message = Message {
        message_id: id,
        from: text(&["sender"]),
        to: text(&["device"]),
        text: text(&["message", "text"]),
        media_url: text(&["url"]),
        sender_name: text(&["name"]),
        device: text(&["device"]),
        ..Message::default()
    };
    let occurred_at = moment(object.get("timestamp")).unwrap_or(request.received_at);
    message.into_event(EventType::MessageReceived, &named, occurred_at, Value::Object(object))
}

fn read_device(object: Map<String, Value>, status: &str, request: &Inbound<'_>) -> NormalisedEvent {
    let text = |name: &str| first_words(&object, &[name]);
    let (device, reason) = (text("device").unwrap_or_default(), text("reason"));
    let said_at = moment(object.get("timestamp"));
    device_event(&device, status, reason, said_at, request.received_at, Value::Object(object))
}

/// `processing`, `pending` and `waiting` are on the way; unknown words are kept.
fn event_type(word: &str) -> Option<EventType> {
    Some(match word.to_ascii_lowercase().as_str() {
        "sent" => EventType::MessageSent,
        "delivered" => EventType::MessageDelivered,
        "read" => EventType::MessageRead,
        "invalid" | "failed" | "expired" | "url unreachable" => EventType::MessageFailed,
        _ => return None,
    })
}
