//! Sending a signed `webhook.test` to a receiver on request: not an event, not retried, its outcome told at once.

use serde_json::json;
use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::event::EventType;
use simpul_core::id::EventId;
use simpul_core::integration::Integration;
use simpul_core::webhook::Webhook;

use crate::attempt::{fault, host_of, send};
use crate::outbound::payload;
use crate::{Engine, TestSubject};

/// How a test of a webhook ended.
#[derive(Debug, Clone)]
pub struct WebhookTestReport {
    /// The `webhook-id` that was sent.
    pub event_id: EventId,
    pub success: bool,
    pub message: String,
    pub error_type: Option<ErrorType>,
    pub response_status: Option<u16>,
    pub response_body: Option<String>,
    /// Milliseconds.
    pub duration: i64,
}

impl Engine {
    /// Sends `webhook.test`, whatever the webhook's event filter and activity.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn test_webhook(
        &self,
        integration: &Integration,
        webhook: &Webhook,
        subject: &TestSubject,
    ) -> simpul_store::Result<WebhookTestReport> {
        let now = self.clock.now();
        let event_id = EventId::generate(now);
        let data = json!({"message": "This is a test from Simpul.", "webhookId": webhook.id});
        let body = payload(event_id, integration, EventType::WebhookTest, now, &data, &json!({}));
        let sent = send(&self.egress, &*self.clock, webhook, &event_id.to_string(), &body).await;
        let fault = fault(&sent.exchange);
        let host = host_of(&webhook.webhook_url);
        let message = match &fault {
            None => format!("webhook.test delivered to {host}"),
            Some(fault) => format!("webhook.test not delivered to {host}: {}", fault.message),
        };
        let status = if fault.is_none() { Status::Success } else { Status::Failed };
        let duration = i64::try_from(sent.exchange.timings.total.as_millis()).unwrap_or(i64::MAX);
        let mut log = Activity::new(integration.id, Action::Webhook, status, message.clone(), self.clock.now());
        log.component = Component::Deliveries;
        log.error_type = fault.as_ref().map(|fault| fault.error_type);
        log.duration = Some(duration);
        log.request_data = Some(json!({"webhookId": webhook.id, "eventId": event_id, "eventType": "webhook.test"}));
        log.user_id = subject.user_id;
        log.ip_address.clone_from(&subject.ip_address);
        log.user_agent.clone_from(&subject.user_agent);
        self.store.record_webhook_test(webhook.id, status.as_str(), log).await?;
        let response = sent.exchange.answer.as_ref().ok();
        Ok(WebhookTestReport {
            event_id,
            success: fault.is_none(),
            message,
            error_type: fault.map(|fault| fault.error_type),
            response_status: response.map(|response| response.status),
            response_body: response.map(|response| String::from_utf8_lossy(&response.body).into_owned()),
            duration,
        })
    }
}
