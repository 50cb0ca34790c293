//! An event as the platform's programs send it, and the checks on it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use simpul_core::event::EventType;
use simpul_core::integration::IntegrationType;
use simpul_core::time::Timestamp;
use simpul_engine::PlatformEvent;
use utoipa::ToSchema;

use crate::http::Problems;
use crate::http::webhooks::known_types;

/// Bytes of an event's data as JSON.
const DATA_LIMIT: usize = 256 * 1024;
const KEY_CHARACTERS: usize = 200;
/// How far ahead of ours the sender's clock may be.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// Something that happened on the platform.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventIn {
    /// A canonical type that the integration's type has.
    #[serde(rename = "type")]
    #[schema(example = "payment.success")]
    pub event_type: String,
    /// At most 256 KiB; becomes the delivered body's `data`.
    #[schema(value_type = Object)]
    pub data: Value,
    /// The same key within seven days is answered with the first event, and delivers nothing again.
    #[schema(min_length = 1, max_length = 200)]
    pub idempotency_key: Option<String>,
    /// Now, when absent; at most five minutes in the future.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub occurred_at: Option<Timestamp>,
}

/// One event, or up to 1,000 in a list.
#[derive(Debug, ToSchema)]
#[schema(as = EventsIn)]
#[serde(untagged)]
pub enum EventsIn {
    One(EventIn),
    Many(Vec<EventIn>),
}

impl EventIn {
    /// The event as the engine takes it; what is wrong goes to `problems`, each path beginning with `prefix`.
    pub(super) fn checked(
        self,
        prefix: &str,
        integration_type: IntegrationType,
        now: Timestamp,
        problems: &mut Problems,
    ) -> Option<PlatformEvent> {
        let event_type = EventType::parse(&self.event_type)
            .filter(|event_type| event_type.is_from_platform() && event_type.belongs_to(integration_type));
        if event_type.is_none() {
            let known = known_types(integration_type, EventType::is_from_platform);
            let kind = integration_type.as_str();
            problems.add(format!("{prefix}type"), format!("must be one that a {kind} integration has: {known}"));
        }
        if !self.data.is_object() {
            problems.add(format!("{prefix}data"), "must be an object");
        } else if self.data.to_string().len() > DATA_LIMIT {
            problems.add(format!("{prefix}data"), format!("must have at most {DATA_LIMIT} bytes as JSON"));
        }
        if let Some(key) = &self.idempotency_key {
            let field = format!("{prefix}idempotencyKey");
            problems.length(&field, key, 1, KEY_CHARACTERS);
            if key.chars().any(char::is_control) {
                problems.add(field, "must not hold control characters");
            }
        }
        if self.occurred_at.is_some_and(|at| at > now.plus(AHEAD)) {
            problems.add(format!("{prefix}occurredAt"), "must not be more than five minutes in the future");
        }
        Some(PlatformEvent {
            event_type: event_type?,
            data: self.data,
            idempotency_key: self.idempotency_key,
            occurred_at: self.occurred_at,
        })
    }
}
