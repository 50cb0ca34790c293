//! Stripe's events. Several tell of one payment, so keys name the PaymentIntent; refunds are read from the refund's own
//! object, whichever family of events brings it.

use serde_json::Value;
use simpul_core::activity::clip;
use simpul_core::event::EventType;
use simpul_core::integration::Mode;
use simpul_core::time::{SECOND, Timestamp};

use super::{Account, money, signature};
use crate::notification::{Acknowledgement, Inbound, NormalisedEvent, Received, Refusal};
use crate::payment_data::{PaymentData, currency, first_text, text};
use crate::provider::Notifications;

impl Notifications for Account {
    fn receive(&self, request: &Inbound<'_>) -> Result<Received, Refusal> {
        let forged = |message: &str| Refusal::Forged(message.to_owned());
        let Some(secret) = &self.webhook_secret else {
            return Err(forged("Notifications cannot be verified: fill in webhookSecret, the endpoint's signing secret"));
        };
        let Some(header) = request.header("stripe-signature") else {
            return Err(forged("The notification carries no Stripe-Signature header"));
        };
        signature::verify(secret, header, request.body, request.received_at)?;
        match serde_json::from_slice::<Value>(request.body) {
            Ok(body) if body.is_object() => {
                self.check_account(&body)?;
                Ok(self.read(&body, request.received_at))
            }
            _ => Err(Refusal::Malformed("The notification's body is not a JSON object".to_owned())),
        }
    }

    fn acknowledge(&self) -> Acknowledgement {
        Acknowledgement::EMPTY
    }

    /// A platform's endpoint is sent the events of all connected accounts, rightly: refusing those of the others would make
    /// Stripe send them again and at last switch the endpoint off.
    fn refuse(&self, refusal: &Refusal) -> u16 {
        match refusal {
            Refusal::UnknownAccount(_) => 200,
            Refusal::Forged(_) | Refusal::Stale(_) => 401,
            Refusal::Malformed(_) => 400,
        }
    }
}

fn kept(reason: impl Into<String>) -> Received {
    Received::kept(clip(&reason.into(), 300))
}

impl Account {
    fn check_account(&self, body: &Value) -> Result<(), Refusal> {
        match (&self.account_id, text(body, "account")) {
            (Some(own), Some(other)) if *own != other => Err(Refusal::UnknownAccount(format!(
                "An event of another connected account, {}; this integration's accountId names another",
                clip(&other, 60)
            ))),
            _ => Ok(()),
        }
    }

    fn read(&self, body: &Value, received_at: Timestamp) -> Received {
        if text(body, "object").as_deref() == Some("v2.core.event") {
            return kept("A thin event, which names its object without holding it");
        }
        if let Some(live) = body.get("livemode").and_then(Value::as_bool)
            && live != (self.mode == Mode::Production)
        {
            let world = if live { "live" } else { "test" };
            return kept(format!("A {world} event on an integration in {} mode", self.mode.as_str()));
        }
        let (Some(event), Some(object)) = (text(body, "type"), body.pointer("/data/object")) else {
            return kept("An event without a type or an object");
        };
        let created = body.get("created").and_then(Value::as_i64);
        let occurred_at =
            created.map_or(received_at, |seconds| Timestamp::from_millis(seconds.saturating_mul(SECOND)));
        Source { body, object, event: &event, occurred_at }.read()
    }
}

/// One event and the object it is about.
struct Source<'a> {
    body: &'a Value,
    object: &'a Value,
    event: &'a str,
    occurred_at: Timestamp,
}

/// An id that stands alone or within its expanded object.
fn id_of(object: &Value, name: &str) -> Option<String> {
    let member = object.get(name)?;
    text(object, name).or_else(|| text(member, "id"))
}

impl Source<'_> {
    fn read(&self) -> Received {
        use EventType::{PaymentFailed, PaymentPending, PaymentSuccess};
        match self.event {
            "payment_intent.succeeded" => self.intent(PaymentSuccess, ""),
            "payment_intent.payment_failed" | "payment_intent.canceled" => self.intent(PaymentFailed, ""),
            "payment_intent.processing" | "payment_intent.requires_action" | "payment_intent.partially_funded" => {
                self.intent(PaymentPending, "")
            }
            // Reserved funds are news beside the first "pending".
            "payment_intent.amount_capturable_updated" => self.intent(PaymentPending, ":authorized"),
            "charge.succeeded" | "charge.captured" | "charge.pending" | "charge.failed" | "charge.expired" => self.charge(),
            "charge.refunded" => self.listed_refunds(),
            "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => self.refund(self.object, None),
            "charge.dispute.created" => self.dispute(),
            _ if self.event.starts_with("checkout.session.") => self.session(),
            _ if self.event.starts_with("charge.dispute.") => kept("A dispute that was already reported has moved on"),
            _ if self.event.starts_with("invoice.") => kept("The payment of an invoice has its own payment_intent event"),
            _ => kept(format!("Simpul does not turn Stripe's {} into an event", self.event)),
        }
    }

    fn intent(&self, event_type: EventType, suffix: &str) -> Received {
        let object = self.object;
        let Some(id) = text(object, "id") else { return kept("A PaymentIntent without an id") };
        let received = money::major(object, "amount_received").filter(|_| event_type == EventType::PaymentSuccess);
        let error = object.get("last_payment_error").filter(|_| event_type == EventType::PaymentFailed);
        let failure = error
            .and_then(|error| first_text(error, &["decline_code", "code", "message"]))
            .or_else(|| text(object, "cancellation_reason"));
        let data = self
            .data(Some(id.clone()))
            .with("amount", received.or_else(|| money::major(object, "amount")))
            .with("failureReason", failure);
        self.build(event_type, &format!("{id}{suffix}"), id, data)
    }

    /// A charge speaks only where no PaymentIntent does.
    fn charge(&self) -> Received {
        let object = self.object;
        if id_of(object, "payment_intent").is_some() {
            return kept("The PaymentIntent of this charge has its own event");
        }
        let Some(id) = text(object, "id") else { return kept("A charge without an id") };
        let captured = object.get("captured").and_then(Value::as_bool) == Some(true);
        let event_type = match self.event {
            "charge.succeeded" | "charge.captured" if captured => EventType::PaymentSuccess,
            "charge.failed" => EventType::PaymentFailed,
            "charge.expired" => EventType::PaymentExpired,
            _ => EventType::PaymentPending,
        };
        let captured_amount =
            money::major(object, "amount_captured").filter(|_| event_type == EventType::PaymentSuccess);
        let data = self
            .data(Some(id.clone()))
            .with("amount", captured_amount.or_else(|| money::major(object, "amount")))
            .with("failureReason", first_text(object, &["failure_code", "failure_message"]));
        self.build(event_type, &id, id.clone(), data)
    }

    fn session(&self) -> Received {
        let object = self.object;
        let Some(session) = text(object, "id") else { return kept("A Checkout Session without an id") };
        let paid = text(object, "payment_status");
        let event_type = match (self.event, paid.as_deref()) {
            _ if text(object, "mode").is_some_and(|mode| mode != "payment") => {
                return kept("A Checkout Session for a subscription or a setup; its payments have their own events");
            }
            ("checkout.session.completed", Some("paid")) | ("checkout.session.async_payment_succeeded", _) => {
                EventType::PaymentSuccess
            }
            ("checkout.session.completed", Some("unpaid")) => EventType::PaymentPending,
            ("checkout.session.completed", Some("no_payment_required")) => {
                return kept("A Checkout Session that needed no payment");
            }
            ("checkout.session.async_payment_failed", _) => EventType::PaymentFailed,
            ("checkout.session.expired", _) => EventType::PaymentExpired,
            _ => return kept(format!("Simpul does not turn this {} into an event", self.event)),
        };
        let id = id_of(object, "payment_intent").unwrap_or(session);
        let amount = money::major(object, "amount_total");
        let data = self.data(Some(id.clone())).with("amount", amount);
        self.build(event_type, &id, id.clone(), data)
    }

    /// `charge.refunded` of older API versions lists the refunds; newer ones leave them to `refund.*`.
    fn listed_refunds(&self) -> Received {
        let none = Vec::new();
        let listed = self.object.pointer("/refunds/data").and_then(Value::as_array).unwrap_or(&none);
        if listed.is_empty() {
            return kept("Each refund of this charge has its own refund event");
        }
        let partial = self.object.get("refunded").and_then(Value::as_bool).map(|full| !full);
        let mut all = Received::default();
        for refund in listed {
            let one = self.refund(refund, partial);
            all.events.extend(one.events);
            all.kept.extend(one.kept);
        }
        all
    }

    fn refund(&self, refund: &Value, partial: Option<bool>) -> Received {
        let status = text(refund, "status").unwrap_or_default();
        if status != "succeeded" {
            return kept(format!("A refund that has not succeeded (status {status})"));
        }
        let Some(id) = text(refund, "id") else { return kept("A refund without an id") };
        let payment = id_of(refund, "payment_intent")
            .or_else(|| id_of(self.object, "payment_intent"))
            .or_else(|| id_of(refund, "charge"));
        let subject = payment.clone().unwrap_or_else(|| id.clone());
        let data = self
            .data(payment)
            .with("currency", currency(refund))
            .with("providerStatus", Some(status))
            .with("refundId", Some(id.clone()))
            .with("refundedAmount", money::major(refund, "amount"))
            .with("partial", partial);
        self.build(EventType::PaymentRefunded, &id, subject, data)
    }

    fn dispute(&self) -> Received {
        let Some(id) = text(self.object, "id") else { return kept("A dispute without an id") };
        let payment = id_of(self.object, "payment_intent").or_else(|| id_of(self.object, "charge"));
        let subject = payment.clone().unwrap_or_else(|| id.clone());
        let data = self
            .data(payment)
            .with("amount", money::major(self.object, "amount"))
            .with("failureReason", text(self.object, "reason"))
            .with("disputeId", Some(id.clone()));
        self.build(EventType::PaymentDisputed, &id, subject, data)
    }

    fn data(&self, payment_id: Option<String>) -> PaymentData {
        let object = self.object;
        let metadata = object.get("metadata").unwrap_or(&Value::Null);
        let reference = text(object, "client_reference_id").or_else(|| {
            first_text(metadata, &["order_id", "orderId", "reference", "reference_id", "external_id"])
        });
        let kinds = object.get("payment_method_types").and_then(Value::as_array);
        let only_kind = kinds.and_then(|kinds| if kinds.len() == 1 { kinds[0].as_str() } else { None });
        let method = object
            .pointer("/payment_method_details/type")
            .and_then(Value::as_str)
            .or(only_kind);
        PaymentData::default()
            .with("paymentId", payment_id)
            .with("reference", reference)
            .with("currency", currency(object))
            .with("providerStatus", first_text(object, &["payment_status", "status"]))
            .with("providerEventType", Some(self.event))
            .with("method", method)
    }

    fn build(&self, event_type: EventType, key: &str, subject: String, data: PaymentData) -> Received {
        Received::event(NormalisedEvent {
            replay_guard: None,
            event_type,
            deduplication_key: format!("{}:{key}", event_type.as_str()),
            subject: Some(subject),
            rank: event_type.rank(),
            occurred_at: self.occurred_at,
            data: data.into_value(),
            raw: self.body.clone(),
            // The signature covers the whole body and the time.
            confirm: false,
        })
    }
}
