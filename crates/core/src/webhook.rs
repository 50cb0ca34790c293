//! A receiver of events and how it wants them.

use std::collections::BTreeMap;

use crate::id::{IntegrationId, WebhookId};
use crate::retry::Backoff;
use crate::time::Timestamp;

/// Where an integration's events are delivered.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub id: WebhookId,
    pub integration_id: IntegrationId,
    pub webhook_url: String,
    /// In clear; the store seals and opens it.
    pub secret: String,
    /// The secret before the last rotation, while it still signs.
    pub previous_secret: Option<String>,
    pub previous_secret_expires_at: Option<Timestamp>,
    /// Event names and `family.*` prefixes; empty for all.
    pub events: Vec<String>,
    pub is_active: bool,
    /// Retries after the first attempt, 0 to 20.
    pub retry_attempts: u32,
    /// Seconds before the first retry, 1 to 86400.
    pub retry_delay: u32,
    pub backoff: Backoff,
    /// Seconds that one attempt may take in all, 1 to 60.
    pub timeout: u32,
    /// Sent with every delivery beside the standard ones.
    pub headers: BTreeMap<String, String>,
    pub description: Option<String>,
    pub last_triggered_at: Option<Timestamp>,
    pub last_status: Option<String>,
    /// Consecutive deliveries that exhausted their attempts.
    pub failure_count: u32,
    pub disabled_at: Option<Timestamp>,
    pub disabled_reason: Option<String>,
    pub created_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Webhook {
    /// The secrets that sign at `now`, the current one first.
    #[must_use]
    pub fn active_secrets(&self, now: Timestamp) -> Vec<&str> {
        let previous =
            self.previous_secret.as_deref().filter(|_| self.previous_secret_expires_at.is_some_and(|end| end > now));
        std::iter::once(self.secret.as_str()).chain(previous).collect()
    }
}

/// Headers that the hub sets itself or that would change how a request is framed; a webhook may not name them.
pub const RESERVED_HEADERS: &[&str] = &[
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "content-type",
    "content-length",
    "transfer-encoding",
    "host",
    "user-agent",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "expect",
    "accept-encoding",
    "content-encoding",
];
