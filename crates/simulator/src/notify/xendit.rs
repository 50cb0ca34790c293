//! Xendit's notifications: three generations of shapes, proven only by a static token in a header.

use serde_json::{Value, json};

use super::{Notification, Occasion, Variant};
use crate::accounts::Account;

kinds! {
    InvoicePaid = "invoice_paid", InvoiceSettled = "invoice_settled", InvoicePending = "invoice_pending",
    InvoiceExpired = "invoice_expired", PaymentCapture = "payment.capture",
    PaymentAuthorization = "payment.authorization", PaymentFailure = "payment.failure",
    PaymentExpiry = "payment.expiry", PaymentRequestExpiry = "payment_request.expiry",
    PaymentSucceeded = "payment.succeeded", RefundSucceeded = "refund.succeeded", RefundFailed = "refund.failed",
    DisputeActionRequired = "dispute.action_required", VirtualAccountPaid = "fva_paid",
    EwalletCapture = "ewallet.capture", QrPayment = "qr.payment", DashboardTest = "dashboard_test",
}

const BUSINESS: &str = "6094fa76c2fd53701b8e079c";

/// The notification of a kind. Invoices and v3 payments are recorded for reading back.
#[must_use]
pub fn notification(account: &Account, kind: Kind, occasion: &Occasion) -> Notification {
    let truth = payload(kind, occasion);
    let mut body = truth.clone();
    match occasion.variant {
        Variant::Altered | Variant::AlteredUnsigned => raise_amounts(&mut body),
        _ => {}
    }
    let token = match occasion.variant {
        Variant::Forged => "not-the-accounts-callback-token-0123456789abcdef",
        _ => account.field("webhookToken"),
    };
    let notification = Notification::json(&body)
        .with("x-callback-token", token)
        .with("webhook-id", occasion.uuid(&format!("xendit-webhook-{}", kind.as_str())));
    if occasion.variant == Variant::Forged {
        return notification;
    }
    match kind {
        Kind::InvoicePaid | Kind::InvoiceSettled | Kind::InvoicePending | Kind::InvoiceExpired => {
            let id = invoice_id(occasion);
            notification.recorded("xendit-invoice", &[&id], truth)
        }
        Kind::PaymentCapture | Kind::PaymentAuthorization | Kind::PaymentFailure | Kind::PaymentExpiry => {
            let payment = truth["data"].clone();
            notification.recorded("xendit-payment", &[&payment_id(occasion)], payment)
        }
        _ => notification,
    }
}

/// Makes every amount in the body one higher.
fn raise_amounts(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member.as_u64() {
                    Some(amount) if name.contains("amount") => *member = (amount + 1).into(),
                    _ => raise_amounts(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(raise_amounts),
        _ => {}
    }
}

fn invoice_id(occasion: &Occasion) -> String {
    occasion.hex("xendit-invoice", 24)
}

fn payment_id(occasion: &Occasion) -> String {
    format!("py-{}", occasion.uuid("xendit-payment"))
}

fn payload(kind: Kind, occasion: &Occasion) -> Value {
    match kind {
        Kind::InvoicePaid => invoice(occasion, "PAID"),
        Kind::InvoiceSettled => invoice(occasion, "SETTLED"),
        Kind::InvoicePending => invoice(occasion, "PENDING"),
        Kind::InvoiceExpired => invoice(occasion, "EXPIRED"),
        Kind::PaymentCapture => payment(occasion, kind, "SUCCEEDED"),
        Kind::PaymentAuthorization => payment(occasion, kind, "AUTHORIZED"),
        Kind::PaymentFailure => payment(occasion, kind, "FAILED"),
        Kind::PaymentExpiry | Kind::PaymentRequestExpiry => payment(occasion, kind, "EXPIRED"),
        Kind::PaymentSucceeded => payment_v2(occasion),
        Kind::RefundSucceeded => refund(occasion, kind, "SUCCEEDED"),
        Kind::RefundFailed => refund(occasion, kind, "FAILED"),
        Kind::DisputeActionRequired => {
            json!({"event": kind.as_str(), "id": format!("mi-dspt-{}", occasion.uuid("xendit-dispute")),
            "status": "ACTION_REQUIRED", "amount": {"initial": format!("{}.00", occasion.amount()), "terminal": null},
            "payment_id": payment_id(occasion), "created": occasion.at.to_string()})
        }
        Kind::VirtualAccountPaid => virtual_account(occasion),
        Kind::EwalletCapture => ewallet(occasion),
        Kind::QrPayment => json!({"event": "qr.payment", "id": format!("qrpy_{}", occasion.uuid("xendit-qr")),
            "amount": occasion.amount(), "created": occasion.at.to_string(), "status": "COMPLETED",
            "qr_code": {"id": format!("qr_{}", occasion.uuid("xendit-qr-code")), "external_id": occasion.order_id(),
                "qr_string": "00020101021226", "type": "DYNAMIC"},
            "payment_details": {"receipt_id": occasion.hex("xendit-receipt", 12), "source": "GOPAY"}}),
        Kind::DashboardTest => json!({"id": "579c8d61f23fa4ca35e52da4", "external_id": "invoice_123124123",
            "user_id": "5781d19b2e2385880609791c", "is_high": true, "payment_method": "BANK_TRANSFER", "status": "PAID",
            "merchant_name": "Xendit", "amount": 50000, "paid_amount": 50000, "bank_code": "PERMATA",
            "paid_at": "2016-10-12T08:15:03.404Z", "payer_email": "wildan@xendit.co",
            "description": "This is a description", "currency": "IDR", "created": "2016-10-10T08:15:03.404Z",
            "updated": "2016-10-10T08:15:03.404Z"}),
    }
}

fn invoice(occasion: &Occasion, status: &str) -> Value {
    let at = occasion.at.to_string();
    let mut body = json!({
        "id": invoice_id(occasion), "external_id": occasion.order_id(), "user_id": "5848fdf860053555135587e7",
        "status": status, "merchant_name": "Toko Contoh", "amount": occasion.amount(),
        "payer_email": "budi@example.com", "description": format!("Order {}", occasion.order_id()), "currency": "IDR",
        "created": at, "updated": at,
    });
    if matches!(status, "PAID" | "SETTLED") {
        body["paid_amount"] = occasion.amount().into();
        body["paid_at"] = at.into();
        body["payment_method"] = "BANK_TRANSFER".into();
        body["payment_channel"] = "BCA".into();
        body["payment_destination"] = "1076612345678".into();
        body["payment_id"] = occasion.uuid("xendit-invoice-payment").into();
    }
    body
}

fn envelope(occasion: &Occasion, kind: Kind, data: Value) -> Value {
    json!({"event": kind.as_str(), "business_id": BUSINESS, "created": occasion.at.to_string(), "data": data})
}

fn payment(occasion: &Occasion, kind: Kind, status: &str) -> Value {
    let at = occasion.at.to_string();
    let mut data = json!({
        "payment_request_id": format!("pr-{}", occasion.uuid("xendit-request")), "business_id": BUSINESS,
        "reference_id": occasion.order_id(), "type": "PAY", "country": "ID", "currency": "IDR",
        "request_amount": occasion.amount(), "capture_method": "AUTOMATIC", "channel_code": "BRI_VIRTUAL_ACCOUNT",
        "status": status, "created": at, "updated": at,
    });
    if kind != Kind::PaymentRequestExpiry {
        data["payment_id"] = payment_id(occasion).into();
    }
    if status == "SUCCEEDED" {
        data["captures"] = json!([{"capture_id": format!("cap-{}", occasion.uuid("xendit-capture")),
            "capture_amount": occasion.amount(), "capture_timestamp": at}]);
    }
    if status == "FAILED" {
        data["failure_code"] = "INSUFFICIENT_BALANCE".into();
    }
    envelope(occasion, kind, data)
}

fn payment_v2(occasion: &Occasion) -> Value {
    let data = json!({"id": format!("ddpy-{}", occasion.uuid("xendit-payment-v2")),
        "payment_request_id": format!("pr-{}", occasion.uuid("xendit-request")), "reference_id": occasion.order_id(),
        "currency": "IDR", "amount": occasion.amount(), "country": "ID", "status": "SUCCEEDED",
        "payment_method": {"type": "DIRECT_DEBIT", "reusability": "ONE_TIME_USE"}, "failure_code": null,
        "created": occasion.at.to_string(), "updated": occasion.at.to_string()});
    let mut body = envelope(occasion, Kind::PaymentSucceeded, data);
    body["api_version"] = Value::Null;
    body
}

fn refund(occasion: &Occasion, kind: Kind, status: &str) -> Value {
    let data = json!({"id": format!("rfd-{}", occasion.uuid("xendit-refund")), "payment_id": payment_id(occasion),
        "payment_request_id": format!("pr-{}", occasion.uuid("xendit-request")), "reference_id": occasion.order_id(),
        "currency": "IDR", "amount": occasion.amount(), "status": status, "reason": "REQUESTED_BY_CUSTOMER",
        "failure_code": if status == "FAILED" { json!("INSUFFICIENT_BALANCE") } else { Value::Null },
        "created": occasion.at.to_string(), "updated": occasion.at.to_string()});
    envelope(occasion, kind, data)
}

fn virtual_account(occasion: &Occasion) -> Value {
    let at = occasion.at.to_string();
    json!({"id": occasion.uuid("xendit-va-payment"), "payment_id": occasion.uuid("xendit-va-payment-id"),
        "callback_virtual_account_id": occasion.uuid("xendit-va"), "owner_id": "5848fdf860053555135587e7",
        "external_id": occasion.order_id(), "account_number": "9999000001", "bank_code": "MANDIRI",
        "merchant_code": "88608", "amount": occasion.amount(), "transaction_timestamp": at, "created": at,
        "updated": at})
}

fn ewallet(occasion: &Occasion) -> Value {
    let data = json!({"id": format!("ewc_{}", occasion.uuid("xendit-ewallet")), "reference_id": occasion.order_id(),
        "status": "SUCCEEDED", "currency": "IDR", "charge_amount": occasion.amount(),
        "capture_amount": occasion.amount(), "refunded_amount": null, "channel_code": "ID_SHOPEEPAY",
        "checkout_method": "ONE_TIME_PAYMENT", "failure_code": null, "void_status": null,
        "created": occasion.at.to_string(), "updated": occasion.at.to_string()});
    envelope(occasion, Kind::EwalletCapture, data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts;
    use simpul_core::integration::Mode;
    use simpul_core::time::Timestamp;

    #[test]
    fn the_token_is_the_accounts_unless_forged_and_an_altered_amount_differs_from_the_record() {
        let account = accounts::right("xendit", Mode::Production).expect("an account");
        let occasion = Occasion::new(9, Timestamp::from_millis(1_770_088_530_000), "");
        let valid = notification(account, Kind::InvoicePaid, &occasion);
        assert_eq!(valid.header("x-callback-token"), Some(account.field("webhookToken")));
        let forged = notification(account, Kind::InvoicePaid, &occasion.clone().variant(Variant::Forged));
        assert_ne!(forged.header("x-callback-token"), Some(account.field("webhookToken")));
        assert!(forged.record.is_none());
        let altered = notification(account, Kind::InvoicePaid, &occasion.variant(Variant::Altered));
        let body: Value = serde_json::from_slice(&altered.body).expect("JSON");
        assert_ne!(body["amount"], altered.record.expect("a record").object["amount"]);
    }
}
