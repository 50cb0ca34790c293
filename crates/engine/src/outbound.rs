//! The body that is delivered, and events that the platform's own programs bring.

use std::sync::Arc;

use serde_json::{Value, json};
use simpul_core::activity::{Action, Activity, Status, clip};
use simpul_core::event::EventType;
use simpul_core::id::EventId;
use simpul_core::integration::Integration;
use simpul_core::time::Timestamp;
use simpul_store::{Accepted, EventSource, IDEMPOTENCY_DAYS, Ingest, NewEvent};

use crate::Engine;

/// An event as the platform states it.
#[derive(Debug, Clone)]
pub struct PlatformEvent {
    pub event_type: EventType,
    pub data: Value,
    pub idempotency_key: Option<String>,
    pub occurred_at: Option<Timestamp>,
}

/// The delivered body of an event: the same bytes on every attempt, to every webhook.
#[must_use]
pub fn payload(
    id: EventId,
    integration: &Integration,
    event_type: EventType,
    at: Timestamp,
    data: &Value,
    raw: &Value,
) -> Arc<str> {
    json!({
        "id": id,
        "type": event_type,
        "timestamp": at,
        "integrationId": integration.id,
        "partnerId": integration.partner_id,
        "provider": integration.provider,
        "testMode": integration.test_mode,
        "data": data,
        "raw": raw,
    })
    .to_string()
    .into()
}

impl Engine {
    /// Stores events from the platform and starts their delivery. Answers in the order of `events`, once all are durable.
    ///
    /// # Errors
    /// The queue is full or the store cannot be reached; then none is stored.
    pub async fn accept(
        &self,
        integration: &Integration,
        events: Vec<PlatformEvent>,
    ) -> simpul_store::Result<Vec<Accepted>> {
        let now = self.clock.now();
        let events: Vec<NewEvent> = events.into_iter().map(|event| platform_event(integration, event, now)).collect();
        let log = events.first().map(|first| {
            let message = match events.len() {
                1 => format!("{} received from the platform", first.event_type.as_str()),
                count => format!("{count} events received from the platform"),
            };
            let mut log = Activity::new(integration.id, Action::Webhook, Status::Success, message, now);
            log.request_data =
                Some(json!({"eventIds": events.iter().take(50).map(|event| event.id).collect::<Vec<_>>()}));
            log
        });
        let log = log.map(|log| {
            let repeated = format!("{} again: already received", log.message);
            (log, repeated)
        });
        self.writer.ingest(Ingest { events, notification: None, log, created_at: now }).await
    }
}

/// The members of an event's data that say which payment, message or order it is about, in this order.
const ORDER_KEYS: [&str; 4] = ["paymentId", "messageId", "orderId", "reference"];
const ORDER_KEY_BYTES: usize = 200;

/// What is kept of the id by which deliveries are put in order.
pub(crate) fn order_key(id: &str) -> String {
    clip(&id.replace('\0', ""), ORDER_KEY_BYTES)
}

fn platform_event(integration: &Integration, event: PlatformEvent, now: Timestamp) -> NewEvent {
    let id = EventId::generate(now);
    let occurred_at = event.occurred_at.unwrap_or(now);
    NewEvent {
        id,
        integration_id: integration.id,
        partner_id: integration.partner_id,
        event_type: event.event_type,
        source: EventSource::Platform,
        deduplication_key: event.idempotency_key.map(|key| format!("idempotency:{key}")),
        replay_guard: None,
        key_lifetime: Some(IDEMPOTENCY_DAYS),
        subject: None,
        order_key: ORDER_KEYS.iter().find_map(|name| event.data.get(*name)?.as_str()).map(order_key),
        rank: 0,
        occurred_at,
        payload: payload(id, integration, event.event_type, occurred_at, &event.data, &json!({})),
    }
}
