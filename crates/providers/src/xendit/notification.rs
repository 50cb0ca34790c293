//! Xendit notifications: proven by a token in a header, told apart by shape, as each product has its own.

use serde_json::Value;
use simpul_core::activity::clip;
use simpul_core::event::EventType;
use simpul_core::time::Timestamp;

use super::Account;
use crate::digest::same;
use crate::notification::{Acknowledgement, Inbound, NormalisedEvent, Received, Refusal};
use crate::payment_data::{PaymentData, currency, first_amount, first_text, text, time};
use crate::provider::Notifications;

impl Notifications for Account {
    fn receive(&self, request: &Inbound<'_>) -> Result<Received, Refusal> {
        let forged = |message: &str| Err(Refusal::Forged(message.to_owned()));
        let Some(token) = &self.webhook_token else {
            return forged("Notifications cannot be verified: fill in webhookToken, the Webhook verification token");
        };
        let Some(claimed) = request.header("x-callback-token") else {
            return forged("The notification carries no x-callback-token header");
        };
        if !same(token, claimed.trim()) {
            return forged("The x-callback-token header is not the webhookToken of this integration");
        }
        match serde_json::from_slice::<Value>(request.body) {
            Ok(body) if body.is_object() => Ok(read(&body, request.received_at)),
            _ => Err(Refusal::Malformed("The notification's body is not a JSON object".to_owned())),
        }
    }

    fn acknowledge(&self) -> Acknowledgement {
        Acknowledgement::EMPTY
    }
}

/// Reads a notification, whichever product it is from.
fn read(body: &Value, received_at: Timestamp) -> Received {
    let Some(event) = text(body, "event") else { return read_flat(body, received_at) };
    // Refunds are wrapped twice in Xendit's own example; disputes and older QR payments are not wrapped at all.
    let mut object = body;
    for _ in 0..2 {
        object = object.get("data").filter(|data| data.is_object()).unwrap_or(object);
    }
    let source = Source { body, object, event: Some(event.as_str()), received_at };
    match event.split_once('.').map_or((event.as_str(), ""), |(family, what)| (family, what)) {
        ("payment", "capture" | "succeeded" | "authorization" | "awaiting_capture" | "pending" | "failure" | "failed" | "expiry")
        | ("capture", "succeeded" | "failed")
        | ("payment_request", "expiry")
        | ("ewallet", "capture")
        | ("qr", "payment") => payment(&source),
        ("ewallet", "void" | "refund") => withdrawn_wallet(&source),
        ("payment_session", "expired") => session_expired(&source),
        ("payment_session", "completed") => kept("The payment of this session has its own notification"),
        ("refund", "succeeded") => refund(&source),
        ("refund", "failed") => kept("A refund did not go through; the payment stands"),
        ("dispute", "action_required" | "under_review") => dispute(&source),
        ("dispute", _) => kept("A dispute that was already reported has moved on"),
        _ => kept(format!("Simpul does not turn Xendit's {event} into an event")),
    }
}

/// Products without an `event` member.
fn read_flat(body: &Value, received_at: Timestamp) -> Received {
    let source = Source { body, object: body, event: None, received_at };
    let has = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
    if has("callback_virtual_account_id") && has("payment_id") && has("amount") {
        return virtual_account(&source);
    }
    let of_another_product =
        ["account_number", "account_holder_name", "disbursement_description", "fixed_payment_code_id"].iter().any(|name| has(name));
    if has("id") && has("external_id") && has("status") && !of_another_product {
        return invoice(body, received_at);
    }
    kept("A notification of a Xendit product that Simpul does not turn into events")
}

fn kept(reason: impl Into<String>) -> Received {
    Received::kept(clip(&reason.into(), 300))
}

/// One notification: the whole body, and the object in it that tells of the payment.
struct Source<'a> {
    body: &'a Value,
    object: &'a Value,
    event: Option<&'a str>,
    received_at: Timestamp,
}

impl Source<'_> {
    fn data(&self, payment_id: Option<String>) -> PaymentData {
        let object = self.object;
        let reference = first_text(object, &["reference_id", "external_id"])
            .or_else(|| object.get("qr_code").and_then(|code| text(code, "external_id")));
        let method = first_text(object, &["channel_code", "payment_channel", "bank_code"])
            .or_else(|| object.get("payment_method").and_then(|method| text(method, "type")))
            .or_else(|| text(object, "payment_method"));
        PaymentData::default()
            .with("paymentId", payment_id)
            .with("reference", reference)
            .with("currency", currency(object))
            .with("providerStatus", text(object, "status"))
            .with("providerEventType", self.event)
            .with("method", method)
    }

    fn time(&self, names: &[&str]) -> Timestamp {
        names.iter().find_map(|name| time(self.object, name)).unwrap_or(self.received_at)
    }

    fn build(&self, event_type: EventType, id: &str, subject: String, at: Timestamp, data: PaymentData) -> Received {
        Received::event(NormalisedEvent {
            replay_guard: None,
            event_type,
            deduplication_key: format!("{}:{id}", event_type.as_str()),
            subject: Some(subject),
            rank: event_type.rank(),
            occurred_at: at,
            data: data.into_value(),
            raw: self.body.clone(),
            confirm: event_type != EventType::PaymentPending,
        })
    }
}

/// An invoice (payment link), as its notification or `GET /v2/invoices/{id}` gives it.
pub(super) fn invoice(body: &Value, received_at: Timestamp) -> Received {
    let source = Source { body, object: body, event: None, received_at };
    let Some(id) = text(body, "id") else { return kept("An invoice without an id") };
    // The dashboard's "Test and save" posts this invoice, with the account's real token.
    if id == "579c8d61f23fa4ca35e52da4" || text(body, "external_id").as_deref() == Some("invoice_123124123") {
        return kept("A test notification from the Xendit dashboard; it is no payment");
    }
    let status = text(body, "status").unwrap_or_default().to_ascii_uppercase();
    let event_type = match status.as_str() {
        "PAID" | "SETTLED" => EventType::PaymentSuccess,
        "PENDING" => EventType::PaymentPending,
        "EXPIRED" => EventType::PaymentExpired,
        _ => return kept(format!("Simpul does not know Xendit's invoice status {status}")),
    };
    let amounts: &[&str] = if event_type == EventType::PaymentSuccess { &["paid_amount", "amount"] } else { &["amount"] };
    let data = source.data(Some(id.clone())).with("amount", first_amount(body, amounts));
    let at = source.time(&["paid_at", "updated", "created"]);
    source.build(event_type, &id, id.clone(), at, data)
}

/// What a payment's status means, or `None` when Simpul does not know it.
fn meaning(status: &str) -> Option<EventType> {
    Some(match status {
        "SUCCEEDED" | "COMPLETED" => EventType::PaymentSuccess,
        "PENDING" | "REQUIRES_ACTION" | "AUTHORIZED" | "AWAITING_CAPTURE" => EventType::PaymentPending,
        "FAILED" | "CANCELED" | "CANCELLED" => EventType::PaymentFailed,
        "EXPIRED" => EventType::PaymentExpired,
        _ => return None,
    })
}

/// Payments API (v2 and v3), e-wallets and QR codes.
fn payment(source: &Source<'_>) -> Received {
    let status = text(source.object, "status").unwrap_or_default().to_ascii_uppercase();
    if source.event == Some("ewallet.capture") && matches!(status.as_str(), "VOIDED" | "REFUNDED") {
        return withdrawn_wallet(source);
    }
    let Some(event_type) = meaning(&status) else {
        return if status == "VOIDED" { voided(source) } else { kept(format!("Simpul does not know Xendit's payment status {status}")) };
    };
    let says_success =
        matches!(source.event, Some("payment.capture" | "payment.succeeded" | "capture.succeeded" | "ewallet.capture" | "qr.payment"));
    if event_type == EventType::PaymentSuccess && !says_success {
        return kept(format!("Xendit's {} contradicts its status {status}", source.event.unwrap_or("notification")));
    }
    payment_of(source, event_type)
}

/// A payment of the Payments API as `GET /v3/payments/{id}` gives it; `claim` is the notification it is to confirm.
pub(super) fn read_back(answer: &Value, claim: &NormalisedEvent) -> Received {
    let status = text(answer, "status").unwrap_or_default().to_ascii_uppercase();
    let event = claim.raw.get("event").and_then(Value::as_str);
    let source = Source { body: answer, object: answer, event, received_at: claim.occurred_at };
    match meaning(&status) {
        Some(event_type) => payment_of(&source, event_type),
        None => kept(format!("Xendit states the status {status}, which Simpul does not know")),
    }
}

fn payment_of(source: &Source<'_>, event_type: EventType) -> Received {
    let object = source.object;
    let Some(id) = first_text(object, &["payment_id", "id", "payment_request_id"]) else {
        return kept("A payment without an id");
    };
    let captures = object.get("captures").and_then(Value::as_array);
    let only_capture = captures.and_then(|captures| if captures.len() == 1 { captures.first() } else { None });
    let captured = (event_type == EventType::PaymentSuccess)
        .then(|| only_capture.and_then(|capture| first_amount(capture, &["capture_amount"])))
        .flatten();
    let amounts = ["capture_amount", "captured_amount", "amount", "request_amount", "charge_amount"];
    let data = source
        .data(Some(id.clone()))
        .with("amount", captured.or_else(|| first_amount(object, &amounts)))
        .with("failureReason", text(object, "failure_code"));
    let at = only_capture
        .and_then(|capture| time(capture, "capture_timestamp"))
        .unwrap_or_else(|| source.time(&["updated", "created"]));
    // Reserved funds are news beside the first "pending".
    let reserved = matches!(text(object, "status").as_deref(), Some("AUTHORIZED" | "AWAITING_CAPTURE"));
    let key = if reserved { format!("{id}:authorized") } else { id.clone() };
    source.build(event_type, &key, id, at, data)
}

/// A charge that was taken back: it outranks the success that it takes back.
fn voided(source: &Source<'_>) -> Received {
    let mut received = payment_of(source, EventType::PaymentFailed);
    for event in &mut received.events {
        event.rank = EventType::PaymentRefunded.rank();
        event.deduplication_key.push_str(":voided");
    }
    received
}

fn withdrawn_wallet(source: &Source<'_>) -> Received {
    let object = source.object;
    match text(object, "status").unwrap_or_default().to_ascii_uppercase().as_str() {
        "VOIDED" => voided(source),
        "REFUNDED" => {
            let Some(id) = text(object, "id") else { return kept("An e-wallet refund without an id") };
            // The sum refunded so far tells one refund of a charge from the next.
            let refunded = first_amount(object, &["refunded_amount"]);
            let key = format!("{id}:{}", refunded.as_deref().unwrap_or("all"));
            let data = source
                .data(Some(id.clone()))
                .with("amount", first_amount(object, &["capture_amount", "charge_amount"]))
                .with("refundedAmount", refunded);
            source.build(EventType::PaymentRefunded, &key, id, source.time(&["updated"]), data)
        }
        status => kept(format!("Xendit does not document an e-wallet notification with status {status}")),
    }
}

/// A fixed virtual account was paid: no status, its arrival is the news.
fn virtual_account(source: &Source<'_>) -> Received {
    let Some(id) = text(source.object, "payment_id") else { return kept("A virtual account payment without an id") };
    let data = source.data(Some(id.clone())).with("amount", first_amount(source.object, &["amount"]));
    source.build(EventType::PaymentSuccess, &id, id.clone(), source.time(&["transaction_timestamp", "created"]), data)
}

fn session_expired(source: &Source<'_>) -> Received {
    let Some(id) = first_text(source.object, &["payment_session_id", "id"]) else {
        return kept("An expired session without an id");
    };
    let data = source.data(Some(id.clone())).with("amount", first_amount(source.object, &["amount"]));
    source.build(EventType::PaymentExpired, &id, id.clone(), source.time(&["updated"]), data)
}

fn refund(source: &Source<'_>) -> Received {
    let object = source.object;
    let status = text(object, "status").unwrap_or_default().to_ascii_uppercase();
    if status != "SUCCEEDED" {
        return kept(format!("A refund that has not succeeded (status {status})"));
    }
    let Some(id) = first_text(object, &["id", "refund_id"]) else { return kept("A refund without an id") };
    let payment = first_text(object, &["invoice_id", "payment_id", "payment_request_id"]);
    let subject = payment.clone().unwrap_or_else(|| id.clone());
    let data = source
        .data(payment)
        .with("refundId", Some(id.clone()))
        .with("refundedAmount", first_amount(object, &["amount"]));
    source.build(EventType::PaymentRefunded, &id, subject, source.time(&["updated", "created"]), data)
}

fn dispute(source: &Source<'_>) -> Received {
    let object = source.object;
    let Some(id) = text(object, "id") else { return kept("A dispute without an id") };
    let payment = text(object, "payment_id");
    let subject = payment.clone().unwrap_or_else(|| id.clone());
    let disputed = object.get("amount").and_then(|amount| first_amount(amount, &["initial"]));
    let data = source.data(payment).with("amount", disputed).with("disputeId", Some(id.clone()));
    source.build(EventType::PaymentDisputed, &id, subject, source.time(&["updated", "created"]), data)
}
