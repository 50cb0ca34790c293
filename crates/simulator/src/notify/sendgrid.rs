//! SendGrid's event batches: an array with CRLF between events and at the end, signed whole with ECDSA on P-256.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

use super::{Notification, Occasion, Variant};
use crate::accounts::{Account, SENDGRID_SIGNING_SCALAR};

kinds! {
    Processed = "processed", Deferred = "deferred", Delivered = "delivered", Bounce = "bounce", Blocked = "blocked",
    Dropped = "dropped", Open = "open", Click = "click", SpamReport = "spamreport", Unsubscribe = "unsubscribe",
    DelayedBounce = "delayed_bounce", Batch = "batch",
}

/// Past the 24 hours in which SendGrid tries again.
const STALE: Duration = Duration::from_secs(3 * 86_400);
/// Another key pair's private scalar.
const FORGERS_SCALAR: [u8; 32] = [7; 32];

/// `X-Twilio-Email-Event-Webhook-Signature`: base64 of the DER signature over timestamp and body, by the simulator's own key
/// ([`crate::accounts::SENDGRID_PUBLIC_KEY`]). Deterministic (RFC 6979).
#[must_use]
pub fn signature(timestamp: &str, body: &[u8]) -> String {
    sign_with(&SENDGRID_SIGNING_SCALAR, timestamp, body)
}

fn sign_with(scalar: &[u8; 32], timestamp: &str, body: &[u8]) -> String {
    let message = [timestamp.as_bytes(), body].concat();
    // Both scalars are constants within the curve's order; an invalid one would yield an empty, never valid, signature.
    SigningKey::from_slice(scalar)
        .map(|key| {
            let signature: Signature = key.sign(&message);
            STANDARD.encode(signature.to_der().as_bytes())
        })
        .unwrap_or_default()
}

/// The batch of a kind: one event, or for `Batch` a mail that is processed, then deferred, and another that bounces. All
/// accounts share one key pair, so the account changes nothing.
#[must_use]
pub fn notification(_account: &Account, kind: Kind, occasion: &Occasion) -> Notification {
    let kinds: &[Kind] = if kind == Kind::Batch {
        &[Kind::Processed, Kind::Deferred, Kind::Bounce]
    } else {
        std::slice::from_ref(&kind)
    };
    let events: Vec<String> = kinds.iter().map(|kind| event(*kind, occasion).to_string()).collect();
    let signed = format!("[{}]\r\n", events.join(",\r\n"));
    let time = if occasion.variant == Variant::Stale { occasion.at.minus(STALE) } else { occasion.at };
    let timestamp = time.seconds().to_string();
    let scalar = if occasion.variant == Variant::Forged { &FORGERS_SCALAR } else { &SENDGRID_SIGNING_SCALAR };
    let signature = sign_with(scalar, &timestamp, signed.as_bytes());
    let sent = match occasion.variant {
        // What a well-meaning proxy does: the same events, written without the line ends.
        Variant::Altered | Variant::AlteredUnsigned => signed.replace("\r\n", ""),
        _ => signed,
    };
    Notification::new("application/json; charset=utf-8", sent.into_bytes())
        .with("x-twilio-email-event-webhook-signature", signature)
        .with("x-twilio-email-event-webhook-timestamp", timestamp)
        .with("user-agent", "SendGrid Event API")
}

fn event(kind: Kind, occasion: &Occasion) -> Value {
    let message = occasion.hex("sendgrid-message", 22);
    let (name, recipient) = match kind {
        Kind::Bounce | Kind::Blocked | Kind::DelayedBounce => ("bounce", 1),
        other => (other.as_str(), 0),
    };
    let address = if recipient == 1 { "tidakada" } else { "budi" };
    let event_id = URL_SAFE_NO_PAD.encode(format!("{}-12345678-{message}-{recipient}", kind.as_str()));
    let mut event = json!({
        "email": format!("{address}{}@example.com", occasion.seed), "timestamp": occasion.at.seconds() - 5,
        "event": name, "category": ["invoice"], "sg_event_id": event_id,
        "smtp-id": format!("<{message}@geopod-ismtpd-12>"), "hub_message_id": occasion.order_id(),
    });
    if kind != Kind::DelayedBounce {
        let id = format!("{message}.recvd-6f7c9d5b8-x2k4p-1-698E1C82-3.{recipient}");
        event["sg_message_id"] = id.into();
    }
    detail(kind, &mut event);
    event
}

fn detail(kind: Kind, event: &mut Value) {
    let members = match kind {
        Kind::Processed => json!({"send_at": 0}),
        Kind::Deferred => {
            json!({"ip": "192.0.2.25", "response": "450 4.2.1 greylisted, try again later", "attempt": "1", "tls": 1})
        }
        Kind::Delivered => json!({"ip": "192.0.2.25", "response": "250 OK", "tls": 1}),
        Kind::Bounce | Kind::DelayedBounce => json!({"ip": "192.0.2.25", "type": "bounce", "status": "5.1.1",
            "reason": "550 5.1.1 user unknown", "bounce_classification": "Invalid Address", "tls": 1}),
        Kind::Blocked => json!({"ip": "192.0.2.25", "type": "blocked", "status": "5.2.2",
            "reason": "552 5.2.2 The email account that you tried to reach is over quota", "tls": 1}),
        Kind::Dropped => json!({"reason": "Bounced Address", "status": "5.0.0"}),
        Kind::Open => json!({"ip": "192.0.2.25", "useragent": "Mozilla/5.0", "sg_machine_open": false}),
        Kind::Click => json!({"ip": "192.0.2.25", "useragent": "Mozilla/5.0", "url": "https://shop.example/",
            "url_offset": {"index": 0, "type": "html"}}),
        Kind::SpamReport | Kind::Unsubscribe | Kind::Batch => json!({}),
    };
    if let (Some(event), Value::Object(members)) = (event.as_object_mut(), members) {
        event.extend(members);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{self, SENDGRID_PUBLIC_KEY};
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;
    use simpul_core::integration::Mode;
    use simpul_core::time::Timestamp;

    /// Independent of the signing half: takes the key from its published form.
    fn verifies(public_key: &str, timestamp: &str, body: &[u8], signature: &str) -> bool {
        let key = STANDARD.decode(public_key).expect("base64");
        let key = VerifyingKey::from_sec1_bytes(&key[26..]).expect("a point");
        let signature = Signature::from_der(&STANDARD.decode(signature).expect("base64")).expect("DER");
        key.verify(&[timestamp.as_bytes(), body].concat(), &signature).is_ok()
    }

    #[test]
    fn the_verification_used_here_accepts_the_published_vector() {
        let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
        let signature =
            "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
        let body = concat!(
            r#"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"#,
            "\r\n"
        );
        assert!(verifies(key, "1600112502", body.as_bytes(), signature));
        assert!(!verifies(key, "1600112502", body.trim_end().as_bytes(), signature));
    }

    #[test]
    fn the_public_key_verifies_what_the_account_sends_and_nothing_else() {
        let account = accounts::right("sendgrid", Mode::Sandbox).expect("an account");
        let at = Timestamp::from_millis(1_770_920_775_000);
        for kind in Kind::ALL.iter().copied() {
            for variant in [Variant::Valid, Variant::Stale, Variant::Forged, Variant::Altered] {
                let sent = notification(account, kind, &Occasion::new(1, at, "").variant(variant));
                let timestamp = sent.header("x-twilio-email-event-webhook-timestamp").expect("a timestamp");
                let signature = sent.header("x-twilio-email-event-webhook-signature").expect("a signature");
                assert_eq!(
                    verifies(SENDGRID_PUBLIC_KEY, timestamp, &sent.body, signature),
                    matches!(variant, Variant::Valid | Variant::Stale),
                    "{kind:?} {variant:?}"
                );
            }
        }
    }

    #[test]
    fn a_batch_is_an_array_with_crlf() {
        let account = accounts::right("sendgrid", Mode::Sandbox).expect("an account");
        let sent = notification(account, Kind::Batch, &Occasion::new(1, Timestamp::from_millis(0), ""));
        assert!(sent.body.ends_with(b"]\r\n"));
        let events: Vec<Value> = serde_json::from_slice(&sent.body).expect("an array");
        assert_eq!(events.len(), 3);
    }
}
