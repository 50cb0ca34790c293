//! Twilio's status callbacks and incoming messages: verified against the signature first, then read.

use serde_json::{Map, Value};
use simpul_core::activity::clip;
use simpul_core::event::EventType;

use super::{Account, signature};
use crate::messaging::{Message, first_words, moment};
use crate::notification::{Acknowledgement, Inbound, Received, Refusal};
use crate::provider::Notifications;

impl Notifications for Account {
    fn receive(&self, request: &Inbound<'_>) -> Result<Received, Refusal> {
        let members = match verified(self, request)? {
            Signed::Parameters(pairs) => object(pairs),
            Signed::Json => json_object(request.body)?,
        };
        if is_json(request) && !members.contains_key("AccountSid") {
            return Ok(Received::kept("Twilio sent JSON that is about no message; it became no event."));
        }
        let is_ours = first_words(&members, &["AccountSid"]).is_some_and(|sid| sid.eq_ignore_ascii_case(&self.sid));
        if !is_ours {
            return Err(Refusal::UnknownAccount(
                "This Twilio notification does not name the configured account in AccountSid.".to_owned(),
            ));
        }
        Ok(read(members, request))
    }

    /// What answers an incoming message is taken as TwiML; an empty response sends nothing to the customer.
    fn acknowledge(&self) -> Acknowledgement {
        Acknowledgement { status: 200, content_type: Some("text/xml"), body: "<Response/>" }
    }
}

impl Account {
    /// Another account's notification is signed with that account's token. What it says of itself is unproven, and serves to
    /// name the reason alone.
    fn misfit(&self, pairs: &[(String, String)], sentence: &str) -> Refusal {
        let named = pairs.iter().find(|(name, _)| name == "AccountSid").map(|(_, sid)| sid.as_str());
        match named {
            Some(sid) if !sid.eq_ignore_ascii_case(&self.sid) => Refusal::UnknownAccount(format!(
                "X-Twilio-Signature does not fit, and the notification names the account {}, not this integration's.",
                clip(sid, 40)
            )),
            _ => Refusal::Forged(sentence.to_owned()),
        }
    }
}

/// What the signature was found to cover.
enum Signed {
    Parameters(Vec<(String, String)>),
    /// The raw body, by the hash in the URL.
    Json,
}

fn is_json(request: &Inbound<'_>) -> bool {
    request.method != http::Method::GET && request.media_type() == "application/json"
}

fn verified(account: &Account, request: &Inbound<'_>) -> Result<Signed, Refusal> {
    let forged = |sentence: &str| Err(Refusal::Forged(sentence.to_owned()));
    let Some(auth_token) = &account.auth_token else {
        return forged(
            "Twilio notifications are signed with the account's auth token, and none is configured: fill in authToken (an API key cannot verify them).",
        );
    };
    let Some(given) = request.header("x-twilio-signature") else {
        return forged("The header X-Twilio-Signature is missing.");
    };
    let holds = |pairs: &[(String, String)]| {
        signature::holds(auth_token, request.url, &signature::parameters(pairs.to_vec()), given)
    };
    const WRONG: &str = "X-Twilio-Signature does not fit the URL and the content: authToken is not the account's primary token, or Twilio was given another URL than this integration's.";
    if request.method == http::Method::GET {
        return match holds(&[]) {
            true => Ok(Signed::Parameters(signature::form_pairs(
                signature::query(request.url).unwrap_or_default().as_bytes(),
            ))),
            false => forged(WRONG),
        };
    }
    match request.media_type().as_str() {
        "" | "application/x-www-form-urlencoded" => {
            let pairs = signature::form_pairs(request.body);
            if holds(&pairs) { Ok(Signed::Parameters(pairs)) } else { Err(account.misfit(&pairs, WRONG)) }
        }
        "application/json" => match signature::body_hash(request.url) {
            None => forged("The URL carries no bodySHA256, so the signature does not cover the JSON body."),
            Some(hash) if holds(&[]) && signature::body_matches(request.body, hash) => Ok(Signed::Json),
            Some(_) => forged(WRONG),
        },
        _ => forged("Twilio signs forms and JSON only; the signature does not cover this content."),
    }
}

/// The parameters as one object; a name that came more than once has an array.
fn object(pairs: Vec<(String, String)>) -> Map<String, Value> {
    let mut members = Map::new();
    for (name, value) in pairs {
        match members.get_mut(&name) {
            Some(Value::Array(values)) => values.push(value.into()),
            Some(first) => *first = Value::Array(vec![first.take(), value.into()]),
            None => {
                members.insert(name, value.into());
            }
        }
    }
    members
}

fn json_object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Ok(Map::new()),
        Err(_) => Err(Refusal::Malformed("The body of this Twilio notification is not JSON.".to_owned())),
    }
}

fn read(members: Map<String, Value>, request: &Inbound<'_>) -> Received {
    let text = |names: &[&str]| first_words(&members, names);
    let Some(id) = text(&["MessageSid", "SmsSid", "SmsMessageSid"]) else {
        return Received::kept("Twilio sent a notification without a message SID; it became no event.");
    };
    let status = text(&["MessageStatus", "SmsStatus"]);
    let is_read = text(&["EventType"]).is_some_and(|kind| kind.eq_ignore_ascii_case("READ"));
    let event_type = match &status {
        _ if is_read => Some(EventType::MessageRead),
        Some(status) => event_type(status),
        None => members.contains_key("Body").then_some(EventType::MessageReceived),
    };
    let Some(event_type) = event_type else {
        let status = clip(status.as_deref().unwrap_or("nothing"), 50);
        return Received::kept(format!("Twilio reported {status} for message {}; no event stands for it.", clip(&id, 64)));
    };
    let number = |name| text(&[name]).map(|number| number.trim_start_matches("whatsapp:").to_owned());
    let message = Message {
        message_id: Some(id.clone()),
        from: number("From"),
        to: number("To"),
        provider_status: status,
        error_code: text(&["ErrorCode"]),
        error_message: text(&["ErrorMessage", "ChannelStatusMessage"]),
        text: text(&["Body"]),
        media_url: text(&["MediaUrl0"]),
        sender_name: text(&["ProfileName"]),
        device: None,
    };
    let occurred_at = moment(members.get("Timestamp")).unwrap_or(request.received_at);
    Received::event(message.into_event(event_type, &id, occurred_at, Value::Object(members)))
}

/// `accepted`, `scheduled`, `queued`, `sending` and `partially_delivered` are on the way; unknown words are kept.
fn event_type(status: &str) -> Option<EventType> {
    Some(match status.to_ascii_lowercase().as_str() {
        "sent" => EventType::MessageSent,
        "delivered" => EventType::MessageDelivered,
        "read" => EventType::MessageRead,
        "failed" | "undelivered" | "canceled" => EventType::MessageFailed,
        "receiving" | "received" => EventType::MessageReceived,
        _ => return None,
    })
}
