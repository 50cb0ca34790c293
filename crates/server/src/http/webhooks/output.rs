//! A webhook as it is shown: its secret and telling headers masked.

use std::collections::BTreeMap;

use serde::Serialize;
use simpul_core::id::{IntegrationId, WebhookId};
use simpul_core::signature::public_key_of;
use simpul_core::time::Timestamp;
use simpul_core::webhook::Webhook;
use utoipa::ToSchema;

use super::{headers, masked};

/// A receiver of an integration's events.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: WebhookId,
    #[schema(value_type = String, format = "uuid")]
    pub integration_id: IntegrationId,
    pub webhook_url: String,
    /// Masked, except in the answers to its creation and rotation.
    #[schema(example = "whsec_••••9mE=")]
    pub webhook_secret: String,
    /// Event names and `family.*` prefixes; empty for all.
    pub events: Vec<String>,
    pub is_active: bool,
    /// Retries after the first attempt.
    pub retry_attempts: u32,
    /// Seconds before the first retry.
    pub retry_delay: u32,
    /// `exponential` or `fixed`.
    pub backoff: &'static str,
    /// Seconds that one attempt may take.
    pub timeout: u32,
    /// Sent with every delivery; values of headers whose name speaks of a secret are masked.
    pub headers: BTreeMap<String, String>,
    pub description: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub last_triggered_at: Option<Timestamp>,
    /// `success`, `failed` or `pending`.
    pub last_status: Option<String>,
    /// Consecutive deliveries that exhausted their attempts.
    pub failure_count: u32,
    /// When the hub disabled it by itself.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub disabled_at: Option<Timestamp>,
    pub disabled_reason: Option<String>,
    /// `none` or `per_key`.
    pub ordering: &'static str,
    /// Attempts under way at once; `null` for the hub's own limit.
    pub concurrency: Option<u32>,
    /// Deliveries started in a second; `null` for no limit.
    pub rate_limit: Option<u32>,
    /// A CEL expression; only events for which it is true are delivered.
    pub filter: Option<String>,
    /// A jq program that makes the delivered body.
    pub transformation: Option<String>,
    /// `full` or `thin`.
    pub payload_style: &'static str,
    /// `hmac`, `ed25519` or `both`.
    pub signature_scheme: &'static str,
    /// `whpk_…`, with which a receiver checks `v1a` signatures; `null` where the scheme has none. The keys of earlier rotations
    /// that still sign are in `/api/webhooks/{id}/jwks.json`.
    #[schema(example = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    pub public_key: Option<String>,
    /// The first failed attempt since the last success.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub failing_since: Option<Timestamp>,
    /// When it was announced that the webhook will be disabled unless it recovers.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub warned_at: Option<Timestamp>,
    /// `closed`; `open` while nothing answers there and only a probe is sent now and then; `recovering` while what waited
    /// goes out at a set pace.
    pub circuit: &'static str,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub circuit_changed_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub next_probe_at: Option<Timestamp>,
    /// The id of the user or key that made it.
    pub created_by: String,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

/// A webhook with what waits for it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDetail {
    #[serde(flatten)]
    pub webhook: WebhookOut,
    /// Deliveries kept for it while it is disabled, counted to 10,000: enabling it delivers or drops them.
    pub parked_count: i64,
}

impl WebhookOut {
    pub(super) fn masked(webhook: Webhook) -> Self {
        let secret = masked(&webhook.secret);
        Self { webhook_secret: secret, ..Self::in_clear(webhook) }
    }

    /// With the signing secret in clear; headers are masked all the same.
    pub(super) fn in_clear(webhook: Webhook) -> Self {
        let key = webhook.signing_key.as_deref().filter(|_| webhook.signature_scheme.has_ed25519());
        Self {
            public_key: key.and_then(public_key_of),
            id: webhook.id,
            integration_id: webhook.integration_id,
            webhook_url: webhook.webhook_url,
            webhook_secret: webhook.secret,
            events: webhook.events,
            is_active: webhook.is_active,
            retry_attempts: webhook.retry_attempts,
            retry_delay: webhook.retry_delay,
            backoff: webhook.backoff.as_str(),
            timeout: webhook.timeout,
            headers: headers::masked(webhook.headers),
            description: webhook.description,
            last_triggered_at: webhook.last_triggered_at,
            last_status: webhook.last_status,
            failure_count: webhook.failure_count,
            disabled_at: webhook.disabled_at,
            disabled_reason: webhook.disabled_reason,
            ordering: webhook.ordering.as_str(),
            concurrency: webhook.concurrency,
            rate_limit: webhook.rate_limit,
            filter: webhook.filter,
            transformation: webhook.transformation,
            payload_style: webhook.payload_style.as_str(),
            signature_scheme: webhook.signature_scheme.as_str(),
            failing_since: webhook.failing_since,
            warned_at: webhook.warned_at,
            circuit: webhook.circuit.as_str(),
            circuit_changed_at: webhook.circuit_changed_at,
            next_probe_at: webhook.next_probe_at,
            created_by: webhook.created_by,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}
