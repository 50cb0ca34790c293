//! Wablas' tracking, incoming and device notifications. Nothing signs them: the hub's unguessable URL is the proof of origin,
//! and what has none of the documented forms is refused all the same.

use serde_json::{Map, Value};
use simpul_core::activity::clip;
use simpul_core::event::EventType;

use super::Device;
use crate::messaging::{Message, device_event, fingerprint, first_words, json_objects, moment, truth};
use crate::notification::{Acknowledgement, Inbound, Kept, NormalisedEvent, Received, Refusal};
use crate::provider::Notifications;

const ID: &[&str] = &["id", "messageId", "message_id"];
const DEVICE: &[&str] = &["deviceId", "device_id"];

impl Notifications for Device {
    fn receive(&self, request: &Inbound<'_>) -> Result<Received, Refusal> {
        let objects = json_objects("Wablas", request)?;
        if !objects.iter().all(is_documented) {
            return Err(Refusal::Forged(
                "This has none of the forms in which Wablas notifies: it names neither a message nor a device.".to_owned(),
            ));
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

    /// Empty on purpose: Wablas may send any other body to the customer as a reply.
    fn acknowledge(&self) -> Acknowledgement {
        Acknowledgement::EMPTY
    }
}

fn is_documented(object: &Map<String, Value>) -> bool {
    [ID, DEVICE, &["status"]].into_iter().any(|names| first_words(object, names).is_some()) || is_incoming(object)
}

/// Only incoming messages have these members.
fn is_incoming(object: &Map<String, Value>) -> bool {
    let has = |name: &str| object.contains_key(name);
    has("messageType") || has("pushName") || has("isFromMe") || (has("message") && has("phone") && !has("status"))
}

fn read(object: Map<String, Value>, request: &Inbound<'_>) -> Result<NormalisedEvent, String> {
    if is_incoming(&object) {
        return read_incoming(object, request);
    }
    let Some(status) = first_words(&object, &["status"]).map(|status| status.to_ascii_lowercase()) else {
        return Err("Wablas sent a notification without a status; it became no event.".to_owned());
    };
    if matches!(status.as_str(), "connected" | "disconnected") {
        return read_device(object, &status, request);
    }
    let Some(id) = first_words(&object, ID) else {
        return Err(format!("Wablas reported {} without a message id; it became no event.", clip(&status, 50)));
    };
    let Some(event_type) = event_type(&status) else {
        return Err(format!(
            "Wablas reported {} for message {}; no event stands for it.",
            clip(&status, 50),
            clip(&id, 64)
        ));
    };
    let message = Message {
        message_id: Some(id.clone()),
        from: first_words(&object, &["sender"]),
        to: first_words(&object, &["phone"]),
        provider_status: Some(status),
        error_message: first_words(&object, &["note"]),
        device: first_words(&object, DEVICE),
        ..Message::default()
    };
    let occurred_at = moment(object.get("timestamp")).unwrap_or(request.received_at);
    Ok(message.into_event(event_type, &id, occurred_at, Value::Object(object)))
}

fn read_incoming(object: Map<String, Value>, request: &Inbound<'_>) -> Result<NormalisedEvent, String> {
    if truth(object.get("isFromMe")) == Some(true) {
        return Err("Wablas reported a message that was sent from the device itself; it became no event.".to_owned());
    }
    let text = |names: &[&str]| first_words(&object, names);
    let id = text(ID);
    let named = id.clone().unwrap_or_else(|| {
        let parts = [text(DEVICE), text(&["phone"]), text(&["timestamp"]), text(&["message"]), text(&["url", "file"])];
        let parts = parts.map(Option::unwrap_or_default);
        fingerprint(&parts.each_ref().map(String::as_str))
    });
    let message = Message {
        message_id: id,
        from: text(&["phone"]),
        to: text(&["sender"]),
        provider_status: text(&["status"]),
        text: text(&["message"]),
        media_url: ["url", "file"].iter().find_map(|name| text(&[name]).filter(|url| url.starts_with("http"))),
        sender_name: text(&["pushName"]),
        device: text(DEVICE),
        ..Message::default()
    };
    let occurred_at = moment(object.get("timestamp")).unwrap_or(request.received_at);
    Ok(message.into_event(EventType::MessageReceived, &named, occurred_at, Value::Object(object)))
}

fn read_device(object: Map<String, Value>, status: &str, request: &Inbound<'_>) -> Result<NormalisedEvent, String> {
    let Some(device) = first_words(&object, DEVICE).or_else(|| first_words(&object, &["sender", "deviceName"])) else {
        return Err("Wablas reported the state of a device without naming it; it became no event.".to_owned());
    };
    let (note, said_at) = (first_words(&object, &["note"]), moment(object.get("timestamp")));
    Ok(device_event(&device, status, note, said_at, request.received_at, Value::Object(object)))
}

/// `pending`, `process` and `new` are on the way. Nobody at Wablas defines the others, and one receiver holds that `sent`
/// and `delivered` are swapped; the status stays in the event as it came.
fn event_type(status: &str) -> Option<EventType> {
    Some(match status {
        "sent" => EventType::MessageSent,
        "delivered" | "received" => EventType::MessageDelivered,
        "read" => EventType::MessageRead,
        "cancel" | "canceled" | "cancelled" | "reject" | "rejected" | "failed" => EventType::MessageFailed,
        _ => return None,
    })
}
