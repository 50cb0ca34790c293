//! Mailgun's notifications: one JSON object about one mail to one recipient. The signature covers only a timestamp and a
//! token, so the token must be new and the domain must be ours.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use simpul_core::activity::clip;
use simpul_core::event::EventType;
use simpul_core::time::{DAY, Timestamp};

use super::Account;
use crate::email::{Mail, moment, words};
use crate::notification::{Acknowledgement, Inbound, NormalisedEvent, Received, Refusal};
use crate::provider::Notifications;

/// Mailgun tries again for eight hours, perhaps with the first attempt's timestamp.
const OLDEST_SECONDS: i64 = 24 * 3_600;
const FASTEST_CLOCK_SECONDS: i64 = 600;

impl Notifications for Account {
    fn receive(&self, request: &Inbound<'_>) -> Result<Received, Refusal> {
        let Some(key) = &self.signing_key else {
            return Err(Refusal::Forged(
                "the notification cannot be verified: this integration has no webhookSigningKey".to_owned(),
            ));
        };
        if request.media_type() != "application/json" {
            return Err(Refusal::Malformed(
                "the notification is not JSON; Mailgun's legacy webhooks (form fields) are not read".to_owned(),
            ));
        }
        // One parse serves the check and the reading, so that a doubled member cannot split them.
        let body: Value = serde_json::from_slice(request.body)
            .map_err(|error| Refusal::Malformed(format!("the notification is not readable JSON: {error}")))?;
        let token = verify(&body["signature"], key, request.received_at)?;
        let event = &body["event-data"];
        if let Some(domain) = words(event["domain"].get("name"))
            && !domain.eq_ignore_ascii_case(&self.domain)
        {
            return Err(Refusal::UnknownAccount(format!(
                "the notification is about the domain {}, not this integration's",
                clip(&domain, 100)
            )));
        }
        read(event, &token)
    }

    /// Mailgun names 200 alone as the end of its attempts.
    fn acknowledge(&self) -> Acknowledgement {
        Acknowledgement::EMPTY
    }

    /// 406 is the one refusal that Mailgun does not answer with eight hours of repeats.
    fn refuse(&self, refusal: &Refusal) -> u16 {
        match refusal {
            Refusal::Forged(_) | Refusal::Stale(_) | Refusal::UnknownAccount(_) => 401,
            Refusal::Malformed(_) => 406,
        }
    }
}

/// Checks the signature object and gives its token. A subaccount's domain is signed for the parent account as well.
fn verify(signature: &Value, key: &str, now: Timestamp) -> Result<String, Refusal> {
    let timestamp = match &signature["timestamp"] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let token = signature["token"].as_str().unwrap_or_default();
    if timestamp.is_empty() || token.is_empty() {
        return Err(Refusal::Forged("the notification carries no complete Mailgun signature".to_owned()));
    }
    let genuine = ["signature", "parent-signature"].iter().any(|member| {
        let claimed = signature[*member].as_str().and_then(from_hexadecimal);
        claimed.is_some_and(|claimed| is_signed(key, &timestamp, token, &claimed))
    });
    if !genuine {
        return Err(Refusal::Forged(
            "the signature does not match this integration's webhookSigningKey".to_owned(),
        ));
    }
    let age = timestamp.parse::<f64>().map(|signed| now.seconds().saturating_sub(signed as i64));
    match age {
        Ok(age) if (-FASTEST_CLOCK_SECONDS..=OLDEST_SECONDS).contains(&age) => Ok(token.to_owned()),
        Ok(_) => Err(Refusal::Stale("the notification is stale: it was signed more than a day ago, or in the future".to_owned())),
        Err(_) => Err(Refusal::Forged("the signature's timestamp is not a time".to_owned())),
    }
}

fn is_signed(key: &str, timestamp: &str, token: &str, claimed: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return false;
    };
    mac.update(timestamp.as_bytes());
    mac.update(token.as_bytes());
    mac.verify_slice(claimed).is_ok()
}

/// The 32 bytes that 64 hexadecimal digits write; `None` for anything else.
fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..64).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

fn read(event: &Value, token: &str) -> Result<Received, Refusal> {
    let absent = |member: &str| Refusal::Malformed(format!("the notification has no event-data.{member}"));
    let kind = words(event.get("event")).ok_or_else(|| absent("event"))?;
    let id = words(event.get("id")).ok_or_else(|| absent("id"))?;
    let occurred_at = event.get("timestamp").and_then(moment).ok_or_else(|| absent("timestamp"))?;
    let event_type = match meaning(&kind, event) {
        Ok(event_type) => event_type,
        Err(reason) => return Ok(Received::kept(reason)),
    };
    // Mailgun promises that an id is unique within its day only.
    let day = occurred_at.floor(DAY).to_string();
    let deduplication_key = format!("{}:{id}:{}", event_type.as_str(), day.get(..10).unwrap_or_default());
    let normalised = mail(kind, event).into_event(event_type, deduplication_key, occurred_at, event.clone());
    Ok(Received::event(NormalisedEvent { replay_guard: Some(format!("mailgun:{token}")), ..normalised }))
}

/// The canonical type, or the sentence that says why there is none.
fn meaning(kind: &str, event: &Value) -> Result<EventType, String> {
    match kind {
        "accepted" if is_routed(event) => Err("Mailgun accepted an incoming or routed mail, not one of ours".to_owned()),
        "accepted" => Ok(EventType::EmailSent),
        "delivered" => Ok(EventType::EmailDelivered),
        "failed" => match event["severity"].as_str() {
            Some("temporary") => Err("Delivery is delayed; Mailgun goes on trying".to_owned()),
            Some("permanent") => {
                Ok(if was_refused(event) { EventType::EmailBounced } else { EventType::EmailFailed })
            }
            _ => Err("Mailgun reported a failure without saying whether it is permanent".to_owned()),
        },
        "rejected" => Ok(EventType::EmailFailed),
        "complained" => Ok(EventType::EmailComplained),
        "opened" | "clicked" | "unsubscribed" => Err(format!("The recipient {kind}; there is no canonical event for it")),
        other => Err(format!("There is no canonical event for Mailgun's `{}`", clip(other, 60))),
    }
}

fn is_routed(event: &Value) -> bool {
    event["flags"]["is-routed"] == true || event.get("routes").is_some_and(|routes| !routes.is_null())
}

/// Whether the recipient's server refused the mail. Mailgun also calls it a permanent failure when it did not try (an
/// address on its suppression lists) or gave up (no answer for too long): nobody refused anything then.
fn was_refused(event: &Value) -> bool {
    if event["flags"]["is-delayed-bounce"] == true {
        return true;
    }
    let reason = event["reason"].as_str().unwrap_or_default();
    if reason.starts_with("suppress-") || reason == "old" {
        return false;
    }
    match smtp_code(event) {
        Some(code) => (500..600).contains(&code),
        None => matches!(reason, "bounce" | "hardfail" | "generic" | "espblock" | "blacklisted"),
    }
}

fn smtp_code(event: &Value) -> Option<i64> {
    let status = &event["delivery-status"];
    [&status["code"], &status["bounce-code"]].into_iter().find_map(|code| match code {
        Value::Number(number) => number.as_i64().filter(|code| *code > 0),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

fn mail(kind: String, event: &Value) -> Mail {
    let status = &event["delivery-status"];
    let tags = event["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    Mail {
        message_id: words(event["message"]["headers"].get("message-id"))
            .map(|id| id.trim_matches(['<', '>']).to_owned()),
        recipient: words(event.get("recipient")),
        provider_status: words(event.get("severity")),
        provider_event_type: kind,
        reason: words(status.get("message"))
            .or_else(|| words(status.get("description")))
            .or_else(|| words(event.get("reason")))
            .or_else(|| words(event["reject"].get("reason"))),
        permanent: Some(event["severity"] == "permanent"),
        smtp_code: smtp_code(event),
        enhanced_code: words(status.get("enhanced-code")),
        correlation_id: words(event["user-variables"].get("hub_message_id")),
        tags: tags.iter().filter_map(|tag| words(Some(tag))).collect(),
    }
}
