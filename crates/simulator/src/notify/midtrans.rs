//! Midtrans' payment notification: its signature covers order, status code and amount, neither status nor time.

use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use super::{Notification, Occasion, Variant, jakarta};
use crate::accounts::Account;
use crate::exchange::hex;

kinds! {
    Pending = "pending", Settlement = "settlement", Capture = "capture", CaptureChallenge = "capture_challenge",
    Authorize = "authorize", Deny = "deny", Cancel = "cancel", Expire = "expire", Failure = "failure",
    Refund = "refund", PartialRefund = "partial_refund", Chargeback = "chargeback",
    PartialChargeback = "partial_chargeback", DashboardTest = "dashboard_test", Subscription = "subscription",
}

/// The `signature_key` of a notification: lower-case hex of SHA-512 over the four strings as they stand in the body.
#[must_use]
pub fn signature_key(order_id: &str, status_code: &str, gross_amount: &str, server_key: &str) -> String {
    hex(&Sha512::digest(format!("{order_id}{status_code}{gross_amount}{server_key}")))
}

impl Kind {
    fn status(self) -> &'static str {
        match self {
            Self::CaptureChallenge => "capture",
            Self::DashboardTest | Self::Subscription => "settlement",
            other => other.as_str(),
        }
    }

    fn status_code(self) -> &'static str {
        match self {
            Self::Pending | Self::CaptureChallenge => "201",
            Self::Deny | Self::Expire | Self::Failure => "202",
            _ => "200",
        }
    }

    fn is_card(self) -> bool {
        matches!(self, Self::Capture | Self::CaptureChallenge | Self::Authorize)
    }
}

/// The notification of a kind. Its record is what a status call tells afterwards.
#[must_use]
pub fn notification(account: &Account, kind: Kind, occasion: &Occasion) -> Notification {
    if kind == Kind::Subscription {
        return subscription(account, occasion);
    }
    let server_key = account.field("serverKey");
    let order_id = if kind == Kind::DashboardTest {
        format!("payment_notif_test_{}_{}", account.field("merchantId"), occasion.hex("midtrans-test", 12))
    } else {
        occasion.order_id()
    };
    let signing_key = if occasion.variant == Variant::Forged { "SB-Mid-server-not-the-accounts" } else { server_key };
    let truth = transaction(account, kind, occasion, &order_id, signing_key);
    let mut body = truth.clone();
    match occasion.variant {
        Variant::Altered => body["gross_amount"] = format!("{}.00", occasion.amount() + 1).into(),
        Variant::AlteredUnsigned => {
            let claimed = if kind.status() == "settlement" { "refund" } else { "settlement" };
            body["transaction_status"] = claimed.into();
        }
        _ => {}
    }
    let notification = Notification::json(&body).with("user-agent", "Veritrans").with("accept", "application/json");
    if kind == Kind::DashboardTest || occasion.variant == Variant::Forged {
        return notification;
    }
    let transaction_id = occasion.uuid("midtrans-transaction");
    notification.recorded("midtrans", &[&order_id, &transaction_id], as_read(account, kind, truth))
}

/// The same transaction as a status call shows it: an expired one under the code 407.
fn as_read(account: &Account, kind: Kind, mut transaction: Value) -> Value {
    if kind == Kind::Expire {
        let text = |name: &str| transaction[name].as_str().unwrap_or("").to_owned();
        let signature = signature_key(&text("order_id"), "407", &text("gross_amount"), account.field("serverKey"));
        transaction["status_code"] = "407".into();
        transaction["signature_key"] = signature.into();
    }
    transaction["status_message"] = "Success, transaction is found".into();
    transaction
}

fn transaction(account: &Account, kind: Kind, occasion: &Occasion, order_id: &str, signing_key: &str) -> Value {
    let gross_amount = format!("{}.00", occasion.amount());
    let status_code = kind.status_code();
    let mut body = json!({
        "transaction_time": jakarta(occasion.at),
        "transaction_status": kind.status(),
        "transaction_id": occasion.uuid("midtrans-transaction"),
        "status_message": "midtrans payment notification",
        "status_code": status_code,
        "signature_key": signature_key(order_id, status_code, &gross_amount, signing_key),
        "payment_type": if kind.is_card() { "credit_card" } else { "bank_transfer" },
        "order_id": order_id,
        "merchant_id": account.field("merchantId"),
        "gross_amount": gross_amount,
        "fraud_status": match kind { Kind::CaptureChallenge => "challenge", Kind::Deny => "deny", _ => "accept" },
        "currency": "IDR",
    });
    if kind.is_card() {
        body["masked_card"] = "48111111-1114".into();
        body["bank"] = "bni".into();
        body["eci"] = "05".into();
        body["approval_code"] = "1700000000000".into();
        body["card_type"] = "credit".into();
    } else {
        body["va_numbers"] = json!([{"va_number": format!("33330000{:04}", occasion.seed % 10_000), "bank": "bca"}]);
        body["payment_amounts"] = json!([]);
    }
    if kind.status() == "settlement" {
        body["settlement_time"] = jakarta(occasion.at).into();
    }
    if matches!(kind, Kind::Refund | Kind::PartialRefund) {
        let amount = if kind == Kind::Refund { occasion.amount() } else { occasion.amount() / 2 };
        body["refund_amount"] = format!("{amount}.00").into();
        body["refunds"] = json!([{"refund_chargeback_id": 10_000 + occasion.seed,
            "refund_chargeback_uuid": occasion.uuid("midtrans-refund"), "refund_amount": format!("{amount}.00"),
            "created_at": jakarta(occasion.at), "reason": "Barang habis", "refund_key": occasion.hex("midtrans-refund-key", 16),
            "refund_method": "UNKNOWN"}]);
    }
    body
}

/// Subscriptions are told without a signature.
fn subscription(account: &Account, occasion: &Occasion) -> Notification {
    Notification::json(&json!({
        "event_name": "subscription.charge",
        "transaction": {"order_id": occasion.order_id(), "transaction_status": "settlement", "status_code": "200",
            "gross_amount": format!("{}.00", occasion.amount()), "merchant_id": account.field("merchantId")},
        "subscription": {"id": occasion.uuid("midtrans-subscription"), "name": "MONTHLY", "status": "active"},
    }))
    .with("user-agent", "Veritrans")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts;
    use simpul_core::integration::Mode;
    use simpul_core::time::Timestamp;

    #[test]
    fn signs_the_documented_vectors() {
        for (order, code, amount, key, expected) in [
            (
                "1111",
                "200",
                "100000.00",
                "askvnoibnosifnboseofinbofinfgbiufglnbfg",
                "edc076b21793ebe3e17926350f5b8ae67d902fe657b3d0aa31b932d5c127e2375d308a2bc94f3265ac2d80a1f181a79b997ac178a236fcff35af263fc4d4c231",
            ),
            (
                "ORDER-123456",
                "200",
                "10000",
                "SB-Mid-server-xxxxxxxxxxxxxxxxxx",
                "8d4bc63ef1b714c5aac25b173008b9b594698f1936bb1bc420cf96fbcf9ef74b9ece254c7b8354d1bd55e8c977c25d39995df85787372640db01566898fbc2cb",
            ),
            (
                "INV-2026-000123",
                "202",
                "150000.00",
                "SB-Mid-server-EXAMPLEKEY0000000000",
                "86ea8e6a7fe5f910f1b5a08aef37bbf79d8835dd706d55e2498cb32bd2b3e3e5cc0bf0ec82cf4cf17ef8fe149d9e775cd4372d1abc8deb653d1041963d9df12b",
            ),
        ] {
            assert_eq!(signature_key(order, code, amount, key), expected);
        }
    }

    fn holds(account: &Account, notification: &Notification) -> bool {
        let body: Value = serde_json::from_slice(&notification.body).expect("JSON");
        let text = |name: &str| body[name].as_str().expect("a string").to_owned();
        signature_key(&text("order_id"), &text("status_code"), &text("gross_amount"), account.field("serverKey"))
            == text("signature_key")
    }

    #[test]
    fn forged_and_altered_do_not_hold_and_an_altered_status_does() {
        let account = accounts::right("midtrans", Mode::Sandbox).expect("an account");
        let occasion = Occasion::new(123, Timestamp::from_millis(1_770_088_530_000), "");
        for kind in Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Subscription) {
            let build = |variant| notification(account, kind, &occasion.clone().variant(variant));
            assert!(holds(account, &build(Variant::Valid)), "{kind:?}");
            assert!(!holds(account, &build(Variant::Forged)), "{kind:?}");
            assert!(!holds(account, &build(Variant::Altered)), "{kind:?}");
            assert!(holds(account, &build(Variant::AlteredUnsigned)), "{kind:?}");
        }
    }
}
