//! Mailgun's events: the signature sits in the body and covers a timestamp and a token, not the event.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Notification, Occasion, Variant};
use crate::accounts::Account;
use crate::exchange::hex;

kinds! {
    Accepted = "accepted", Delivered = "delivered", TemporaryFail = "temporary_fail",
    PermanentFail = "permanent_fail", Suppressed = "suppressed", Complained = "complained", Opened = "opened",
    Clicked = "clicked", Unsubscribed = "unsubscribed",
}

/// Past any retry of Mailgun's, which end after eight hours.
const STALE: Duration = Duration::from_secs(3 * 86_400);

/// Lower-case hex of HMAC-SHA256 over timestamp and token, keyed with the signing key as text.
#[must_use]
pub fn signature(signing_key: &str, timestamp: &str, token: &str) -> String {
    // HMAC takes a key of any length (RFC 2104), so the empty-key fallback is never reached.
    let mut mac =
        Hmac::<Sha256>::new_from_slice(signing_key.as_bytes()).unwrap_or_else(|_| Hmac::new(&Default::default()));
    mac.update(timestamp.as_bytes());
    mac.update(token.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// The event of a kind about one mail to one recipient.
#[must_use]
pub fn notification(account: &Account, kind: Kind, occasion: &Occasion) -> Notification {
    let time = if occasion.variant == Variant::Stale { occasion.at.minus(STALE) } else { occasion.at };
    let timestamp = time.seconds().to_string();
    let mut token = occasion.hex(&format!("mailgun-token-{}", kind.as_str()), 50);
    let key = match occasion.variant {
        Variant::Forged => "key-00000000000000000000000000000000",
        _ => account.field("webhookSigningKey"),
    };
    let signature = signature(key, &timestamp, &token);
    if occasion.variant == Variant::Altered {
        token.replace_range(..1, if token.starts_with('0') { "1" } else { "0" });
    }
    let mut event = event(account, kind, occasion);
    if occasion.variant == Variant::AlteredUnsigned {
        event["event"] = if kind == Kind::Delivered { "complained" } else { "delivered" }.into();
    }
    let body = json!({
        "signature": {"token": token, "timestamp": timestamp, "signature": signature},
        "event-data": event,
    });
    Notification::json(&body).with("user-agent", "Go-http-client/1.1")
}

fn event(account: &Account, kind: Kind, occasion: &Occasion) -> Value {
    let domain = account.field("domain");
    let recipient = format!("budi{}@example.net", occasion.seed);
    let message_id = format!("20260212182612.{}@{domain}", occasion.hex("mailgun-message", 12));
    let mut headers = json!({ "message-id": message_id });
    if !matches!(kind, Kind::Opened | Kind::Clicked) {
        headers["to"] = recipient.clone().into();
        headers["from"] = account.field("fromEmail").into();
        headers["subject"] = "Tagihan".into();
    }
    let name = match kind {
        Kind::TemporaryFail | Kind::PermanentFail | Kind::Suppressed => "failed",
        other => other.as_str(),
    };
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century are exact in a double")]
    let timestamp = occasion.at.millis() as f64 / 1_000.0;
    let mut event = json!({
        "event": name, "id": occasion.hex(&format!("mailgun-event-{}", kind.as_str()), 22), "timestamp": timestamp,
        "log-level": "info", "account": {"id": "1234567890303a4bd1f33898"}, "domain": {"name": domain},
        "recipient": recipient, "recipient-domain": "example.net",
        "message": {"headers": headers, "attachments": [], "size": 1843},
        "flags": {"is-routed": false, "is-authenticated": true, "is-system-test": false, "is-test-mode": false},
        "campaigns": [], "tags": ["invoice"], "user-variables": {"hub_message_id": occasion.order_id()},
    });
    detail(kind, occasion, &mut event);
    event
}

fn detail(kind: Kind, occasion: &Occasion, event: &mut Value) {
    let status = |code: u32, text: &str| {
        json!({"tls": true, "mx-host": "mx1.example.net", "code": code, "description": "",
        "message": text, "attempt-no": 1, "session-seconds": 0.84, "certificate-verified": true, "utf8": true})
    };
    match kind {
        Kind::Delivered => event["delivery-status"] = status(250, "OK"),
        Kind::TemporaryFail => {
            event["log-level"] = "warn".into();
            event["severity"] = "temporary".into();
            event["reason"] = "generic".into();
            event["delivery-status"] = status(450, "4.2.1 greylisted, try again later");
            event["delivery-status"]["retry-seconds"] = 600.into();
        }
        Kind::PermanentFail => {
            event["log-level"] = "error".into();
            event["severity"] = "permanent".into();
            event["reason"] = "bounce".into();
            event["delivery-status"] = status(550, "5.1.1 The email account that you tried to reach does not exist");
            event["delivery-status"]["enhanced-code"] = "5.1.1".into();
            event["delivery-status"]["bounce-type"] = "hard".into();
        }
        Kind::Suppressed => {
            event["log-level"] = "error".into();
            event["severity"] = "permanent".into();
            event["reason"] = "suppress-bounce".into();
            event["delivery-status"] = json!({"code": 605, "message": "", "attempt-no": 1,
                "description": "Not delivering to previously bounced address"});
        }
        Kind::Opened | Kind::Clicked => {
            event["ip"] = "192.0.2.25".into();
            event["client-info"] =
                json!({"client-name": "Chrome", "client-os": "Android", "device-type": "mobile", "bot": ""});
            if kind == Kind::Clicked {
                event["url"] = format!("https://shop.example/orders/{}", occasion.order_id()).into();
            }
        }
        Kind::Accepted | Kind::Complained | Kind::Unsubscribed => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts;
    use simpul_core::integration::Mode;
    use simpul_core::time::Timestamp;

    #[test]
    fn signs_the_published_vectors() {
        assert_eq!(
            signature(
                "key-3ax6xnjp29jd6fds4gc373sgvjxteol0",
                "1403645220",
                "5egbgr1vjgqxtrnp65xfznchgdccwh5d6i09vijqi3whgowmn6"
            ),
            "9cfc5c41582e51246e73c88d34db3af0a3a2692a76fbab81492842f000256d33"
        );
        assert_eq!(
            signature(
                "key-0123456789abcdef0123456789abcdef",
                "1770920772",
                "3f5c1d0a9b7e4826c1f0d2e4b6a8957c0d1e2f3a4b5c6d7e8f"
            ),
            "9e48652e83c2dfe293b50667795ceeb1ca13cc74681167c0ab422326c5d4b6cb"
        );
    }

    #[test]
    fn an_altered_event_keeps_a_good_signature_and_an_altered_token_does_not() {
        let account = accounts::right("mailgun", Mode::Production).expect("an account");
        let occasion = Occasion::new(3, Timestamp::from_millis(1_770_920_772_500), "");
        for kind in Kind::ALL.iter().copied() {
            for (variant, good) in [
                (Variant::Valid, true),
                (Variant::AlteredUnsigned, true),
                (Variant::Stale, true),
                (Variant::Altered, false),
                (Variant::Forged, false),
            ] {
                let sent = notification(account, kind, &occasion.clone().variant(variant));
                let body: Value = serde_json::from_slice(&sent.body).expect("JSON");
                let text = |name: &str| body["signature"][name].as_str().expect("a string").to_owned();
                let expected = signature(account.field("webhookSigningKey"), &text("timestamp"), &text("token"));
                assert_eq!(expected == text("signature"), good, "{kind:?} {variant:?}");
            }
        }
    }
}
