//! Events to try a webhook's settings with before its integration has any.

use serde_json::{Value, json};
use simpul_core::event::EventType;
use simpul_core::id::EventId;
use simpul_core::integration::{Integration, IntegrationType};
use simpul_core::time::Timestamp;
use simpul_engine::payload;

use super::Subject;

/// A sample of the integration's type, with the normalised members that providers of that type have in common.
pub(super) fn event(integration: &Integration, now: Timestamp) -> Subject {
    let (event_type, data) = of_type(integration.integration_type);
    let id = EventId::generate(now);
    let payload = payload(id, integration, event_type, now, &data, &json!({}));
    Subject { source: "sample", id, event_type: event_type.as_str().to_owned(), payload }
}

fn of_type(integration_type: IntegrationType) -> (EventType, Value) {
    match integration_type {
        IntegrationType::PaymentGateway => (
            EventType::PaymentSuccess,
            json!({
                "paymentId": "sample-payment-1", "reference": "INV-2026-0001", "amount": "150000", "currency": "IDR",
                "providerStatus": "settlement", "method": "qris", "confirmed": true,
            }),
        ),
        IntegrationType::Whatsapp => (
            EventType::MessageDelivered,
            json!({"messageId": "sample-message-1", "to": "6281234567890", "from": "6289876543210", "providerStatus": "delivered"}),
        ),
        IntegrationType::EmailSmtp => (
            EventType::EmailDelivered,
            json!({"messageId": "sample-mail-1@example.com", "recipient": "pembeli@example.com", "providerStatus": "delivered"}),
        ),
    }
}
