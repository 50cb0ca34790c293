//! A provider's notification on its way in: verified, confirmed where need be, put into the hub's words, stored, answered.

use http::{HeaderMap, Method};
use serde_json::json;
use simpul_core::activity::{Action, Activity, Status, clip};
use simpul_core::error_type::ErrorType;
use simpul_core::id::{EventId, NotificationId};
use simpul_core::integration::{Integration, Mode};
use simpul_core::secret::Redactor;
use simpul_core::time::Timestamp;
use simpul_providers::{Acknowledgement, Inbound, NormalisedEvent, Provider, Received, Refusal};
use simpul_store::{EventSource, Ingest, NewEvent, Notification};

use crate::Engine;
use crate::attempt::headers_json;
use crate::confirm::{Confirmed, confirm};
use crate::outbound::{order_key, payload};

/// A request to an inbound URL, as received.
pub struct InboundRequest<'a> {
    pub token: &'a str,
    pub method: &'a Method,
    /// With the leading `?`, as received; empty where there is none.
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub remote_address: Option<String>,
}

/// What the provider is to be told.
#[derive(Debug)]
pub enum InboundAnswer {
    /// Everything is stored.
    Accepted(Acknowledgement),
    /// No integration has this token, or its provider sends no notifications.
    Unknown,
    /// Not genuine, or not readable: the status, and the sentence that says why.
    Refused(u16, Refusal),
    /// Nothing was stored: it is to be sent again.
    Later(String),
}

/// Bytes of a refused or unmapped notification that are kept.
const BODY_KEPT: usize = 64 * 1024;

struct Context<'a> {
    request: &'a InboundRequest<'a>,
    integration: &'a Integration,
    provider: &'static dyn Provider,
    redactor: Redactor,
    now: Timestamp,
}

impl Engine {
    /// Takes a notification. An answer of success is given only when everything is durable.
    ///
    /// # Errors
    /// The store cannot be reached, or too much is waiting to be written.
    pub async fn receive(&self, request: &InboundRequest<'_>) -> simpul_store::Result<InboundAnswer> {
        let Some(integration) = self.store.recall_integration_by_token(request.token).await? else {
            return Ok(InboundAnswer::Unknown);
        };
        let Some(provider) = simpul_providers::find(&integration.provider) else { return Ok(InboundAnswer::Unknown) };
        let configuration = self.effective_configuration(&integration).await?;
        let redactor = Redactor::new(
            provider.manifest().secret_values(&configuration).into_iter().chain([integration.inbound_token.clone()]),
        );
        let context = Context { request, integration: &integration, provider, redactor, now: self.clock.now() };
        let base_url = self.base_url(&integration.provider);
        let connection =
            match provider.connect(&configuration, Mode::of(integration.test_mode), base_url, self.network()) {
                Ok(connection) => connection,
                Err(error) => {
                    return self
                        .postpone(&context, &format!("the integration is not configured completely: {error}"))
                        .await;
                }
            };
        let Some(notifications) = connection.notifications() else { return Ok(InboundAnswer::Unknown) };
        let url = format!("{}{}", self.inbound_url(request.token), request.query);
        let inbound = Inbound {
            method: request.method,
            url: &url,
            headers: request.headers,
            body: request.body,
            received_at: context.now,
        };
        let received = match notifications.receive(&inbound) {
            Ok(received) => received,
            Err(refusal) => return self.refuse(&context, notifications.refuse(&refusal), refusal).await,
        };
        let Received { events, kept } = received;
        let events = if integration.settings.confirm_notifications {
            match confirm(&*connection, events).await {
                Confirmed::All(events) => events,
                Confirmed::Denied(reason) => {
                    let refusal = Refusal::Forged(reason);
                    return self.refuse(&context, notifications.refuse(&refusal), refusal).await;
                }
                Confirmed::Unanswered(reason) => {
                    return self
                        .postpone(
                            &context,
                            &format!("{} could not be asked to confirm it: {reason}", provider.manifest().label),
                        )
                        .await;
                }
            }
        } else {
            events
        };
        let reasons: Vec<String> = kept.into_iter().map(|kept| kept.reason).collect();
        self.writer.ingest(context.ingest(events, &reasons)).await?;
        Ok(InboundAnswer::Accepted(notifications.acknowledge()))
    }

    /// Refuses a notification, leaving a log row and the notification itself, unless the integration has been refusing so
    /// much lately that it is only counted.
    async fn refuse(
        &self,
        context: &Context<'_>,
        status: u16,
        refusal: Refusal,
    ) -> simpul_store::Result<InboundAnswer> {
        let reason = context.redactor.text(&refusal.to_string());
        if self.refusals.admits(context.integration.id, context.now) {
            let error_type = match refusal {
                Refusal::Forged(_) => ErrorType::SignatureInvalid,
                Refusal::Malformed(_) => ErrorType::MalformedNotification,
            };
            let label = context.provider.manifest().label;
            let mut log = context.log(Status::Failed, format!("Notification from {label} refused: {reason}"));
            log.error_type = Some(error_type);
            log.error_details = Some(json!({"reason": reason, "status": status}));
            let notification = context.notification("refused", Some(reason), true);
            let message = log.message.clone();
            self.writer
                .ingest(Ingest {
                    events: Vec::new(),
                    notification: Some(notification),
                    log: Some((log, message)),
                    created_at: context.now,
                })
                .await?;
        }
        Ok(InboundAnswer::Refused(status, refusal))
    }

    /// Asks the provider to send again later; nothing counts as accepted.
    async fn postpone(&self, context: &Context<'_>, reason: &str) -> simpul_store::Result<InboundAnswer> {
        let reason = context.redactor.text(reason);
        if self.refusals.admits(context.integration.id, context.now) {
            let log = context.log(
                Status::Pending,
                format!("Notification not taken yet, the provider was asked to send it again: {reason}"),
            );
            self.writer.record(vec![log]).await?;
        }
        Ok(InboundAnswer::Later(reason))
    }
}

impl Context<'_> {
    fn log(&self, status: Status, message: String) -> Activity {
        let mut log = Activity::new(self.integration.id, Action::Webhook, status, message, self.now);
        log.ip_address.clone_from(&self.request.remote_address);
        log.user_agent =
            self.request.headers.get("user-agent").and_then(|agent| agent.to_str().ok()).map(|agent| clip(agent, 300));
        log
    }

    fn notification(&self, outcome: &str, reason: Option<String>, with_body: bool) -> Notification {
        let end = self.request.body.len().min(BODY_KEPT);
        let body = with_body.then(|| self.redactor.text(&String::from_utf8_lossy(&self.request.body[..end])));
        Notification {
            id: NotificationId::generate(self.now),
            integration_id: self.integration.id,
            outcome: outcome.to_owned(),
            reason,
            headers: self.redactor.text(&headers_json(self.request.headers)),
            body,
            remote_address: self.request.remote_address.clone(),
            received_at: self.now,
        }
    }

    fn ingest(&self, events: Vec<NormalisedEvent>, kept: &[String]) -> Ingest {
        let label = self.provider.manifest().label;
        let names: Vec<&str> = events.iter().take(10).map(|event| event.event_type.as_str()).collect();
        let (outcome, message) = if events.is_empty() {
            let reason = kept.first().map_or("it holds nothing to deliver", String::as_str);
            ("kept", format!("Notification from {label} kept without an event: {reason}"))
        } else {
            ("accepted", format!("Notification from {label} accepted: {}", names.join(", ")))
        };
        let mut log = self.log(Status::Success, message);
        let duplicate = format!("Notification from {label} repeated, already accepted: {}", names.join(", "));
        let reason = (!kept.is_empty()).then(|| clip(&kept.join("; "), 1_000));
        let notification = self.notification(outcome, reason, !kept.is_empty());
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
