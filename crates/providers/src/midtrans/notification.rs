//! Midtrans notifications: the signature over three of the body's strings, and what each status means.

use serde_json::Value;
use sha2::{Digest, Sha512};
use simpul_core::activity::clip;
use simpul_core::event::EventType;
use simpul_core::time::Timestamp;

use super::Account;
use crate::digest::hex_matches;
use crate::notification::{Acknowledgement, Inbound, NormalisedEvent, Received, Refusal};
use crate::payment_data::{PaymentData, amount, currency, first_text, text};
use crate::provider::Notifications;

/// Midtrans writes local times of western Indonesia without an offset.
const OFFSET_HOURS: i8 = 7;

impl Notifications for Account {
    fn receive(&self, request: &Inbound<'_>) -> Result<Received, Refusal> {
        if request.header("iris-signature").is_some() {
            return Err(forged("This is a Midtrans payout (Iris) notification; only payment notifications can be verified"));
        }
        let Ok(body) = serde_json::from_slice::<Value>(request.body) else {
            return Err(forged("The notification carries no signature: its body is not JSON"));
        };
        verify(&self.server_key, &body).map_err(|refusal| self.or_unknown_account(refusal, &body))?;
        // Midtrans' dashboard sends such an order to try the address.
        if text(&body, "order_id").is_some_and(|order| order.starts_with("payment_notif_test_")) {
            return Ok(Received::kept("A test notification from the Midtrans dashboard; it is no payment"));
        }
        read(&body, request.received_at)
    }

    fn acknowledge(&self) -> Acknowledgement {
        Acknowledgement::EMPTY
    }
}

impl Account {
    /// Another merchant's notification is signed with that merchant's key. What it says of itself is unproven, and serves to
    /// name the reason alone.
    fn or_unknown_account(&self, refusal: Refusal, body: &Value) -> Refusal {
        match (&self.merchant_id, text(body, "merchant_id")) {
            (Some(own), Some(other)) if !own.eq_ignore_ascii_case(&other) => Refusal::UnknownAccount(format!(
                "The signature does not fit, and the notification names the merchant {}, not this integration's",
                clip(&other, 60)
            )),
            _ => refusal,
        }
    }
}

fn forged(message: &str) -> Refusal {
    Refusal::Forged(message.to_owned())
}

/// `signature_key` is SHA-512 of order id, status code, gross amount and server key, each string as it stands in the body.
pub(super) fn verify(server_key: &str, body: &Value) -> Result<(), Refusal> {
    let member = |name: &str| body.get(name).and_then(Value::as_str);
    let Some(claimed) = member("signature_key") else {
        return Err(forged(if body.get("event_name").is_some() {
            "Midtrans does not sign recurring notifications, so this one cannot be verified"
        } else {
            "The notification carries no signature_key"
        }));
    };
    let (Some(order), Some(code), Some(gross)) = (member("order_id"), member("status_code"), member("gross_amount"))
    else {
        return Err(forged("The notification lacks order_id, status_code or gross_amount, which the signature covers"));
    };
    let mut digest = Sha512::new();
    for part in [order, code, gross, server_key] {
        digest.update(part.as_bytes());
    }
    if hex_matches(&digest.finalize(), claimed) {
        Ok(())
    } else {
        Err(forged("The signature does not fit: the server key is another one, or the notification was altered"))
    }
}

/// What a status means, or why it becomes no event.
fn meaning(status: &str, fraud: Option<&str>, code: &str) -> Result<EventType, String> {
    match (status, fraud) {
        // The code is signed and the status is not: a paid status under another code was put there by someone else.
        ("settlement" | "capture", None | Some("accept")) if code != "200" => {
            Err(format!("Midtrans' status {status} contradicts its status code {code}"))
        }
        ("settlement" | "capture", None | Some("accept")) => Ok(EventType::PaymentSuccess),
        ("capture", Some("challenge")) | ("authorize" | "pending", _) => Ok(EventType::PaymentPending),
        ("capture", Some("deny")) | ("deny" | "cancel" | "failure", _) => Ok(EventType::PaymentFailed),
        ("expire", _) => Ok(EventType::PaymentExpired),
        ("refund" | "partial_refund", _) => Ok(EventType::PaymentRefunded),
        ("chargeback" | "partial_chargeback", _) => Ok(EventType::PaymentDisputed),
        ("settlement" | "capture", Some(fraud)) => {
            Err(format!("Midtrans' status {status} with fraud status {fraud} is not known to be a payment"))
        }
        _ => Err(format!("Simpul does not know Midtrans' transaction status {status}")),
    }
}

/// Reads a transaction, as a notification or the status call gives it.
pub(super) fn read(body: &Value, received_at: Timestamp) -> Result<Received, Refusal> {
    let Some(id) = text(body, "transaction_id") else {
        return Err(Refusal::Malformed("The notification has no transaction_id".to_owned()));
    };
    let lower = |name: &str| text(body, name).map(|value| value.to_ascii_lowercase());
    let Some(status) = lower("transaction_status") else {
        return Err(Refusal::Malformed("The notification has no transaction_status".to_owned()));
    };
    let fraud = lower("fraud_status");
    let code = text(body, "status_code").unwrap_or_default();
    let event_type = match meaning(&status, fraud.as_deref(), &code) {
        Ok(event_type) => event_type,
        Err(reason) => return Ok(Received::kept(clip(&reason, 300))),
    };
    let transaction = Transaction { id, status, fraud, body, received_at };
    let events = match event_type {
        EventType::PaymentRefunded => transaction.refunds(),
        _ => vec![transaction.event(event_type)],
    };
    Ok(Received { events, kept: Vec::new() })
}

struct Transaction<'a> {
    id: String,
    status: String,
    fraud: Option<String>,
    body: &'a Value,
    received_at: Timestamp,
}

impl Transaction<'_> {
    fn event(&self, event_type: EventType) -> NormalisedEvent {
        let dispute = (event_type == EventType::PaymentDisputed)
            .then(|| first_text(self.body, &["refund_chargeback_uuid", "refund_chargeback_id"]))
            .flatten();
        let mut key = format!("{event_type}:{}", self.id, event_type = event_type.as_str());
        // Reserved or held funds are news beside the first "pending".
        if event_type == EventType::PaymentPending && self.status != "pending" {
            key = format!("{key}:{}", self.status);
        }
        if event_type == EventType::PaymentDisputed {
            key = format!("{key}:{}", dispute.as_deref().unwrap_or(&self.status));
        }
        self.build(event_type, key, self.occurred_at(event_type), self.data(event_type).with("disputeId", dispute))
    }

    /// One event for each refund: `refunds` holds all of them, the earlier ones too, which their keys tell apart.
    fn refunds(&self) -> Vec<NormalisedEvent> {
        let none = Vec::new();
        let listed = self.body.get("refunds").and_then(Value::as_array).unwrap_or(&none);
        let prefix = format!("{}:{}", EventType::PaymentRefunded.as_str(), self.id);
        let events: Vec<NormalisedEvent> = listed
            .iter()
            .filter_map(|refund| {
                let names = ["refund_chargeback_id", "refund_chargeback_uuid", "refund_key"];
                let refund_id = first_text(refund, &names)?;
                let time = local_time(refund, "created_at").unwrap_or(self.received_at);
                let data = self
                    .data(EventType::PaymentRefunded)
                    .with("refundId", Some(refund_id.clone()))
                    .with("refundedAmount", amount(refund, "refund_amount"));
                Some(self.build(EventType::PaymentRefunded, format!("{prefix}:{refund_id}"), time, data))
            })
            .collect();
        if !events.is_empty() {
            return events;
        }
        // Without a list, the sum refunded so far tells one refund from the next.
        let refunded = amount(self.body, "refund_amount");
        let key = format!("{prefix}:{}", refunded.as_deref().unwrap_or(&self.status));
        let data = self.data(EventType::PaymentRefunded).with("refundedAmount", refunded);
        vec![self.build(EventType::PaymentRefunded, key, self.received_at, data)]
    }

    fn data(&self, event_type: EventType) -> PaymentData {
        let failure = (event_type == EventType::PaymentFailed)
            .then(|| {
                first_text(self.body, &["channel_response_message"])
                    .or_else(|| self.fraud.as_deref().filter(|fraud| *fraud == "deny").map(|_| "fraud_deny".to_owned()))
            })
            .flatten();
        let partial =
            (event_type == EventType::PaymentRefunded).then(|| self.status.starts_with("partial"));
        PaymentData::default()
            .with("paymentId", Some(self.id.clone()))
            .with("reference", text(self.body, "order_id"))
            .with("amount", amount(self.body, "gross_amount"))
            .with("currency", Some(currency(self.body).unwrap_or_else(|| "IDR".to_owned())))
            .with("providerStatus", Some(self.status.clone()))
            .with("method", text(self.body, "payment_type"))
            .with("failureReason", failure)
            .with("partial", partial)
    }

    /// `transaction_time` is when the payment was begun, so it dates only what follows at once from that.
    fn occurred_at(&self, event_type: EventType) -> Timestamp {
        let names: &[&str] = match (event_type, self.status.as_str()) {
            (EventType::PaymentDisputed, _) | (_, "cancel") => &[],
            (EventType::PaymentExpired, _) => &["expiry_time", "transaction_time"],
            _ => &["settlement_time", "transaction_time"],
        };
        names.iter().find_map(|name| local_time(self.body, name)).unwrap_or(self.received_at)
    }

    fn build(
        &self,
        event_type: EventType,
        deduplication_key: String,
        occurred_at: Timestamp,
        data: PaymentData,
    ) -> NormalisedEvent {
        NormalisedEvent {
            replay_guard: None,
            event_type,
            deduplication_key,
            subject: Some(self.id.clone()),
            rank: event_type.rank(),
            occurred_at,
            data: data.into_value(),
            raw: self.body.clone(),
            confirm: event_type != EventType::PaymentPending,
        }
    }
}

fn local_time(object: &Value, name: &str) -> Option<Timestamp> {
    Timestamp::from_local(object.get(name)?.as_str()?, OFFSET_HOURS).ok()
}
