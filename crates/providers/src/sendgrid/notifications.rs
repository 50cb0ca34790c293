//! SendGrid's notifications: a batch of events, signed over a timestamp and the untouched body with ECDSA P-256. Each event
//! is read on its own, since an answer other than 2xx would bring the whole batch again for a day.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use serde_json::Value;
use sha2::{Digest, Sha256};
use simpul_core::activity::clip;
use simpul_core::event::EventType;

use super::Account;
use crate::email::{Mail, moment, words};
use crate::notification::{Acknowledgement, Inbound, Kept, NormalisedEvent, Received, Refusal};
use crate::provider::Notifications;

/// SendGrid tries again for 24 hours, perhaps with the first attempt's timestamp.
const OLDEST_SECONDS: i64 = 25 * 3_600;
const FASTEST_CLOCK_SECONDS: i64 = 600;
const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";

/// Reads public keys: base64 of a DER SubjectPublicKeyInfo, with or without PEM armour, separated by commas.
///
/// # Errors
/// The sentence that says what to paste instead.
pub(super) fn public_keys(text: &str) -> Result<Vec<VerifyingKey>, &'static str> {
    const NOT_A_KEY: &str = "is not a verification key: copy it whole from Settings → Mail Settings → Event Webhook → Signature Verification";
    let keys: Vec<VerifyingKey> = text
        .split(',')
        .map(|key| key.replace("-----BEGIN PUBLIC KEY-----", "").replace("-----END PUBLIC KEY-----", ""))
        .map(|key| key.chars().filter(|character| !character.is_whitespace()).collect::<String>())
        .filter(|key| !key.is_empty())
        .map(|key| VerifyingKey::from_public_key_der(&STANDARD.decode(key).ok()?).ok())
        .collect::<Option<_>>()
        .ok_or(NOT_A_KEY)?;
    if keys.is_empty() { Err(NOT_A_KEY) } else { Ok(keys) }
}

impl Notifications for Account {
    fn receive(&self, request: &Inbound<'_>) -> Result<Received, Refusal> {
        self.verify(request)?;
        let body: Value = serde_json::from_slice(request.body)
            .map_err(|error| Refusal::Malformed(format!("the notification is not readable JSON: {error}")))?;
        let Value::Array(items) = body else {
            return Ok(Received::kept("SendGrid sent something else than a list of events"));
        };
        let mut received = Received::default();
        for (index, item) in items.into_iter().enumerate() {
            match read(item) {
                Ok(event) => received.events.push(event),
                Err(reason) => received.kept.push(Kept { reason: format!("Event {} of the batch: {reason}", index + 1) }),
            }
        }
        Ok(received)
    }

    fn acknowledge(&self) -> Acknowledgement {
        Acknowledgement::EMPTY
    }
}

impl Account {
    fn verify(&self, request: &Inbound<'_>) -> Result<(), Refusal> {
        let forged = |why: &str| Refusal::Forged(why.to_owned());
        if self.public_keys.is_empty() {
            return Err(forged("the notification cannot be verified: this integration has no webhookPublicKey"));
        }
        let (Some(signature), Some(timestamp)) = (request.header(SIGNATURE), request.header(TIMESTAMP)) else {
            return Err(forged("the notification is not signed: turn on Signed Event Webhook at SendGrid"));
        };
        let signature = STANDARD.decode(signature.trim()).ok().and_then(|der| Signature::from_der(&der).ok());
        let signature = signature.ok_or_else(|| forged("the signature header holds no signature"))?;
        let message = [timestamp.as_bytes(), request.body].concat();
        if !self.public_keys.iter().any(|key| key.verify(&message, &signature).is_ok()) {
            return Err(forged("the signature does not match this integration's webhookPublicKey"));
        }
        let signed: i64 = timestamp.parse().map_err(|_| forged("the timestamp header is not a time"))?;
        let age = request.received_at.seconds().saturating_sub(signed);
        if !(-FASTEST_CLOCK_SECONDS..=OLDEST_SECONDS).contains(&age) {
            return Err(Refusal::Stale(
                "the notification is stale: it was signed more than a day ago, or in the future".to_owned(),
            ));
        }
        Ok(())
    }
}

/// One event of the batch, or the sentence that says why it became none.
fn read(item: Value) -> Result<NormalisedEvent, String> {
    let kind = words(item.get("event")).ok_or("it has no `event`")?;
    let event_type = match kind.as_str() {
        "processed" => EventType::EmailSent,
        "delivered" => EventType::EmailDelivered,
        "bounce" => EventType::EmailBounced,
        "dropped" => EventType::EmailFailed,
        "spamreport" => EventType::EmailComplained,
        "deferred" => return Err("delivery is delayed; SendGrid goes on trying".to_owned()),
        other => return Err(format!("there is no canonical event for SendGrid's `{}`", clip(other, 60))),
    };
    let occurred_at = item.get("timestamp").and_then(moment).ok_or("it has no `timestamp`")?;
    let guard = guard(&kind, &item);
    // Retries were seen under new ids, so the same happening is recognised by its content as well.
    let deduplication_key = words(item.get("sg_event_id")).map_or_else(|| guard.clone(), |id| format!("sendgrid:{id}"));
    let names_a_message = words(item.get("sg_message_id")).or_else(|| words(item.get("smtp-id"))).is_some();
    let event = mail(kind, &item).into_event(event_type, deduplication_key, occurred_at, item);
    Ok(NormalisedEvent { replay_guard: names_a_message.then_some(guard), ..event })
}

/// A digest of what makes a happening the same one, without the recipient's address in clear.
fn guard(kind: &str, item: &Value) -> String {
    let text = |name: &str| words(item.get(name)).unwrap_or_default();
    let message = Some(text("sg_message_id")).filter(|id| !id.is_empty()).unwrap_or_else(|| text("smtp-id"));
    let parts = [message, text("email"), kind.to_owned(), text("timestamp"), text("attempt")];
    let digest = Sha256::digest(parts.join("\n"));
    let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sendgrid:same:{hexadecimal}")
}

fn mail(kind: String, item: &Value) -> Mail {
    let answer = words(item.get("reason")).or_else(|| words(item.get("response")));
    let smtp_code = answer.as_ref().and_then(|answer| answer.get(..3)?.parse().ok()).filter(|code| (200..600).contains(code));
    Mail {
        message_id: message_id(item),
        recipient: words(item.get("email")),
        provider_status: words(item.get("type")),
        provider_event_type: kind,
        reason: answer,
        // `blocked` is a refusal of this mail, whatever its status code says of the address.
        permanent: Some(item["type"] != "blocked"),
        smtp_code,
        enhanced_code: words(item.get("status")),
        correlation_id: words(item.get("hub_message_id")),
        tags: match &item["category"] {
            Value::Array(tags) => tags.iter().filter_map(|tag| words(Some(tag))).collect(),
            tag => words(Some(tag)).into_iter().collect(),
        },
    }
}

/// The id that SendGrid answered when the mail was sent: the text before the first dot. Late bounces lack it; then the
/// `smtp-id` that SendGrid's own servers made starts with it.
fn message_id(item: &Value) -> Option<String> {
    if let Some(id) = words(item.get("sg_message_id")) {
        return id.split('.').next().map(str::to_owned).filter(|id| !id.is_empty());
    }
    let smtp_id = words(item.get("smtp-id"))?;
    let (id, host) = smtp_id.trim_matches(['<', '>']).split_once('@')?;
    host.contains("ismtpd").then(|| id.to_owned())
}
