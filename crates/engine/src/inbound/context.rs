//! One notification with everything that it is judged and written down by.

use serde_json::json;
use simpul_core::activity::{Action, Activity, Status, clip};
use simpul_core::id::{EventId, NotificationId};
use simpul_core::integration::{Configuration, Integration};
use simpul_core::secret::Redactor;
use simpul_core::time::Timestamp;
use simpul_providers::{NormalisedEvent, Provider};
use simpul_store::{EventSource, Ingest, NewEvent, Notification};

use super::InboundRequest;
use crate::attempt::headers_json;
use crate::outbound::{order_key, payload};

/// Bytes of a refused or unmapped notification that are shown.
const BODY_KEPT: usize = 64 * 1024;

pub(super) struct Context<'a> {
    pub(super) request: &'a InboundRequest<'a>,
    pub(super) integration: &'a Integration,
    pub(super) provider: &'static dyn Provider,
    pub(super) configuration: Configuration,
    pub(super) redactor: Redactor,
    pub(super) now: Timestamp,
    /// When it came; earlier than `now` where it was refused then and is accepted again.
    pub(super) received_at: Timestamp,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        request: &'a InboundRequest<'a>,
        integration: &'a Integration,
        provider: &'static dyn Provider,
        configuration: Configuration,
        (now, received_at): (Timestamp, Timestamp),
    ) -> Self {
        let secrets = provider.manifest().secret_values(&configuration);
        let tokens = [integration.inbound_token.clone(), request.token.to_owned()];
        let redactor = Redactor::new(secrets.into_iter().chain(tokens));
        Self { request, integration, provider, configuration, redactor, now, received_at }
    }

    pub(super) fn log(&self, status: Status, message: String) -> Activity {
        let mut log = Activity::new(self.integration.id, Action::Webhook, status, message, self.now);
        log.ip_address.clone_from(&self.request.remote_address);
        log.user_agent =
            self.request.headers.get("user-agent").and_then(|agent| agent.to_str().ok()).map(|agent| clip(agent, 300));
        log
    }

    pub(super) fn notification(
        &self,
        id: NotificationId,
        outcome: &str,
        reason: Option<String>,
        with_body: bool,
    ) -> Notification {
        let end = self.request.body.len().min(BODY_KEPT);
        let body = with_body.then(|| self.redactor.text(&String::from_utf8_lossy(&self.request.body[..end])));
        Notification {
            id,
            integration_id: self.integration.id,
            outcome: outcome.to_owned(),
            reason,
            reason_code: None,
            headers: self.redactor.text(&headers_json(self.request.headers)),
            body,
            sealed_request: None,
            remote_address: self.request.remote_address.clone(),
            received_at: self.received_at,
            acceptance: None,
        }
    }

    pub(super) fn ingest(&self, events: Vec<NormalisedEvent>, kept: &[String]) -> Ingest {
        let label = self.provider.manifest().label;
        let names = names(&events);
        let (outcome, message) = if events.is_empty() {
            let reason = kept.first().map_or("it holds nothing to deliver", String::as_str);
            ("kept", format!("Notification from {label} kept without an event: {reason}"))
        } else {
            ("accepted", format!("Notification from {label} accepted: {names}"))
        };
        let log = self.log(Status::Success, message);
        let duplicate = format!("Notification from {label} repeated, already accepted: {names}");
        let reason = (!kept.is_empty()).then(|| clip(&kept.join("; "), 1_000));
        let id = NotificationId::generate(self.now);
        let notification = self.notification(id, outcome, reason, !kept.is_empty());
        self.ingest_as(events, notification, (log, duplicate))
    }

    /// Everything that an accepted notification brings, under its log row.
    pub(super) fn ingest_as(
        &self,
        events: Vec<NormalisedEvent>,
        notification: Notification,
        (mut log, duplicate): (Activity, String),
    ) -> Ingest {
        let events: Vec<NewEvent> = events.into_iter().map(|event| self.new_event(event)).collect();
        log.request_data = Some(json!({
            "notificationId": notification.id,
            "events": events.iter().take(50).map(|event| json!({"id": event.id, "type": event.event_type.as_str(), "subject": event.subject})).collect::<Vec<_>>(),
        }));
        Ingest { events, notification: Some(notification), log: Some((log, duplicate)), created_at: self.now }
    }

    fn new_event(&self, event: NormalisedEvent) -> NewEvent {
        let id = EventId::generate(self.now);
        let raw = self.redactor.json(event.raw);
        NewEvent {
            id,
            integration_id: self.integration.id,
            partner_id: self.integration.partner_id,
            event_type: event.event_type,
            source: EventSource::Provider,
            deduplication_key: Some(format!("provider:{}", event.deduplication_key)),
            replay_guard: event.replay_guard.map(|token| format!("token:{token}")),
            key_lifetime: None,
            order_key: event.subject.as_deref().map(order_key),
            subject: event.subject,
            rank: event.rank,
            occurred_at: event.occurred_at,
            payload: payload(id, self.integration, event.event_type, event.occurred_at, &event.data, &raw),
        }
    }
}

/// What the events are, for a sentence.
pub(super) fn names(events: &[NormalisedEvent]) -> String {
    events.iter().take(10).map(|event| event.event_type.as_str()).collect::<Vec<_>>().join(", ")
}
