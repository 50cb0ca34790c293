//! Stripe's events, signed whole with their time.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use simpul_core::integration::Mode;

use super::{Notification, Occasion, Variant};
use crate::accounts::Account;
use crate::exchange::hex;

kinds! {
    PaymentSucceeded = "payment_intent.succeeded", PaymentFailed = "payment_intent.payment_failed",
    PaymentProcessing = "payment_intent.processing", PaymentCanceled = "payment_intent.canceled",
    PaymentCapturable = "payment_intent.amount_capturable_updated", ChargeSucceeded = "charge.succeeded",
    ChargeRefunded = "charge.refunded", RefundUpdated = "refund.updated", DisputeCreated = "charge.dispute.created",
    DisputeClosed = "charge.dispute.closed", CheckoutCompleted = "checkout.session.completed",
    CheckoutUnpaid = "checkout.session.completed.unpaid", CheckoutExpired = "checkout.session.expired",
    CustomerCreated = "customer.created",
}

/// Past the tolerance of 300 seconds.
const STALE: Duration = Duration::from_secs(600);

/// The v1 signature: lower-case hex of HMAC-SHA256 over `timestamp.body`, keyed with the whole secret as text.
#[must_use]
pub fn signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
    // HMAC takes a key of any length (RFC 2104), so the empty-key fallback is never reached.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| Hmac::new(&Default::default()));
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    hex(&mac.finalize().into_bytes())
}

/// The event of a kind. Payment intents are recorded.
#[must_use]
pub fn notification(account: &Account, kind: Kind, occasion: &Occasion) -> Notification {
    let livemode = account.mode == Mode::Production;
    let object = object(kind, occasion, livemode);
    let event_type = if kind == Kind::CheckoutUnpaid { "checkout.session.completed" } else { kind.as_str() };
    let event = json!({
        "id": format!("evt_{}", occasion.hex(&format!("stripe-{}", kind.as_str()), 24)),
        "object": "event", "api_version": "2026-07-29.dahlia", "created": occasion.at.seconds(), "type": event_type,
        "livemode": livemode, "pending_webhooks": 1,
        "request": {"id": format!("req_{}", occasion.hex("stripe-request", 14)), "idempotency_key": occasion.uuid("stripe-key")},
        "data": {"object": object},
    });
    let signed = event.to_string();
    let sent = match occasion.variant {
        Variant::Altered | Variant::AlteredUnsigned => signed.replace("\"usd\"", "\"sgd\"").replace("evt_", "evt_x"),
        _ => signed.clone(),
    };
    let secret = match occasion.variant {
        Variant::Forged => "whsec_not_the_accounts_secret",
        _ => account.field("webhookSecret"),
    };
    let time = if occasion.variant == Variant::Stale { occasion.at.minus(STALE) } else { occasion.at }.seconds();
    let header =
        format!("t={time},v1={},v0={}", signature(secret, time, signed.as_bytes()), occasion.hex("stripe-v0", 64));
    let notification = Notification::new("application/json; charset=utf-8", sent.into_bytes())
        .with("stripe-signature", header)
        .with("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
    if kind.as_str().starts_with("payment_intent.") && occasion.variant != Variant::Forged {
        return notification.recorded("stripe", &[&intent_id(occasion)], object);
    }
    notification
}

fn intent_id(occasion: &Occasion) -> String {
    format!("pi_{}", occasion.hex("stripe-intent", 24))
}

fn charge_id(occasion: &Occasion) -> String {
    format!("ch_{}", occasion.hex("stripe-charge", 24))
}

fn object(kind: Kind, occasion: &Occasion, livemode: bool) -> Value {
    match kind {
        Kind::PaymentSucceeded => intent(occasion, livemode, "succeeded"),
        Kind::PaymentFailed => intent(occasion, livemode, "requires_payment_method"),
        Kind::PaymentProcessing => intent(occasion, livemode, "processing"),
        Kind::PaymentCanceled => intent(occasion, livemode, "canceled"),
        Kind::PaymentCapturable => intent(occasion, livemode, "requires_capture"),
        Kind::ChargeSucceeded => charge(occasion, livemode, 0),
        Kind::ChargeRefunded => charge(occasion, livemode, occasion.amount()),
        Kind::RefundUpdated => json!({"id": format!("re_{}", occasion.hex("stripe-refund", 24)), "object": "refund",
            "amount": occasion.amount(), "charge": charge_id(occasion), "currency": "usd",
            "payment_intent": intent_id(occasion), "reason": "requested_by_customer", "status": "succeeded",
            "created": occasion.at.seconds(), "metadata": {}}),
        Kind::DisputeCreated => dispute(occasion, livemode, "needs_response"),
        Kind::DisputeClosed => dispute(occasion, livemode, "lost"),
        Kind::CheckoutCompleted => session(occasion, livemode, "complete", "paid"),
        Kind::CheckoutUnpaid => session(occasion, livemode, "complete", "unpaid"),
        Kind::CheckoutExpired => session(occasion, livemode, "expired", "unpaid"),
        Kind::CustomerCreated => json!({"id": format!("cus_{}", occasion.hex("stripe-customer", 14)),
            "object": "customer", "livemode": livemode, "created": occasion.at.seconds(), "metadata": {}}),
    }
}

fn intent(occasion: &Occasion, livemode: bool, status: &str) -> Value {
    let amount = occasion.amount();
    let failure = if status == "requires_payment_method" {
        json!({"code": "card_declined", "decline_code": "insufficient_funds", "type": "card_error",
            "message": "Your card has insufficient funds."})
    } else {
        Value::Null
    };
    json!({
        "id": intent_id(occasion), "object": "payment_intent", "amount": amount,
        "amount_received": if status == "succeeded" { amount } else { 0 },
        "amount_capturable": if status == "requires_capture" { amount } else { 0 },
        "cancellation_reason": if status == "canceled" { json!("abandoned") } else { Value::Null },
        "currency": "usd", "status": status, "capture_method": "automatic", "customer": null,
        "latest_charge": charge_id(occasion), "last_payment_error": failure, "livemode": livemode,
        "metadata": {"order_id": occasion.order_id()}, "payment_method": null, "payment_method_types": ["card"],
        "created": occasion.at.seconds(),
    })
}

fn charge(occasion: &Occasion, livemode: bool, refunded: u64) -> Value {
    json!({
        "id": charge_id(occasion), "object": "charge", "amount": occasion.amount(),
        "amount_captured": occasion.amount(), "amount_refunded": refunded, "captured": true, "currency": "usd",
        "livemode": livemode, "metadata": {"order_id": occasion.order_id()}, "paid": true,
        "payment_intent": intent_id(occasion), "refunded": refunded > 0, "status": "succeeded",
        "created": occasion.at.seconds(),
    })
}

fn dispute(occasion: &Occasion, livemode: bool, status: &str) -> Value {
    json!({"id": format!("du_{}", occasion.hex("stripe-dispute", 24)), "object": "dispute",
        "amount": occasion.amount(), "charge": charge_id(occasion), "currency": "usd", "livemode": livemode,
        "payment_intent": intent_id(occasion), "reason": "fraudulent", "status": status,
        "created": occasion.at.seconds(), "metadata": {}})
}

fn session(occasion: &Occasion, livemode: bool, status: &str, payment_status: &str) -> Value {
    json!({"id": format!("cs_{}_{}", if livemode { "live" } else { "test" }, occasion.hex("stripe-session", 40)),
        "object": "checkout.session", "amount_total": occasion.amount(), "client_reference_id": occasion.order_id(),
        "currency": "usd", "livemode": livemode, "mode": "payment", "payment_intent": intent_id(occasion),
        "payment_status": payment_status, "status": status, "created": occasion.at.seconds(), "metadata": {}})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts;
    use simpul_core::time::Timestamp;

    const PUBLISHED: &[u8] = br#"{"account":"acct_123","api_version":"2017-05-25","created":1533204620,"data":{"object":{"amount":1000,"currency":"usd","customer":"cus_123","date":1533204620,"description":"Test Invoice Item","discountable":false,"id":"ii_123","invoice":"in_123","livemode":false,"metadata":{},"object":"invoiceitem","period":{"end":1533204620,"start":1533204620},"proration":false,"quantity":3,"quantity_decimal":"0"}},"id":"evt_123","livemode":false,"object":"event","pending_webhooks":1,"request":{"id":"req_123","idempotency_key":"idempotency-key-123"},"type":"invoiceitem.created"}"#;

    #[test]
    fn signs_the_published_vectors() {
        assert_eq!(
            signature("secret", 1_533_204_620, PUBLISHED),
            "d7373bc68f4bd320b253cd7461f87af6e1cdf1b4d7db1614d8d1d746972d2d0a"
        );
        let body = br#"{"id":"evt_test_webhook","object":"event"}"#;
        assert_eq!(
            signature("whsec_test_secret", 1_700_000_000, body),
            "d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990"
        );
    }

    #[test]
    fn only_the_valid_and_the_stale_signature_hold() {
        let account = accounts::right("stripe", Mode::Sandbox).expect("an account");
        let at = Timestamp::from_millis(1_770_088_530_000);
        for kind in Kind::ALL.iter().copied() {
            for variant in [Variant::Valid, Variant::Forged, Variant::Altered, Variant::Stale] {
                let sent = notification(account, kind, &Occasion::new(1, at, "").variant(variant));
                let header = sent.header("stripe-signature").expect("a signature");
                let part = |name: &str| header.split(',').find_map(|part| part.strip_prefix(name)).expect("a part");
                let time: i64 = part("t=").parse().expect("seconds");
                let holds = signature(account.field("webhookSecret"), time, &sent.body) == part("v1=");
                assert_eq!(holds, matches!(variant, Variant::Valid | Variant::Stale), "{kind:?} {variant:?}");
                assert_eq!(at.seconds() - time > 300, variant == Variant::Stale);
            }
        }
    }
}
