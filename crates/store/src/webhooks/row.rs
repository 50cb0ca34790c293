//! A webhook's row: how its columns become a [`Webhook`], and what of it is sealed.

use std::collections::BTreeMap;

use simpul_core::id::{IntegrationId, WebhookId};
use simpul_core::retry::Backoff;
use simpul_core::time::Timestamp;
use simpul_core::webhook::{Circuit, Ordering, PayloadStyle, PreviousSecret, SignatureScheme, Webhook};
use sqlx::FromRow;

use crate::error::{Error, Result};
use crate::seal::DataKey;

#[derive(FromRow)]
pub(crate) struct WebhookRow {
    pub(crate) id: WebhookId,
    pub(crate) integration_id: IntegrationId,
    webhook_url: String,
    sealed_secret: String,
    sealed_previous_secret: Option<String>,
    previous_secret_expires_at: Option<Timestamp>,
    sealed_previous_secrets: Option<String>,
    signature_scheme: String,
    sealed_signing_key: Option<String>,
    ordering: String,
    concurrency: Option<i32>,
    rate_limit: Option<i32>,
    filter: Option<String>,
    transformation: Option<String>,
    payload_style: String,
    sealed_headers: String,
    events: String,
    is_active: bool,
    retry_attempts: i32,
    retry_delay: i32,
    backoff: String,
    timeout: i32,
    description: Option<String>,
    last_triggered_at: Option<Timestamp>,
    last_status: Option<String>,
    failure_count: i32,
    disabled_at: Option<Timestamp>,
    disabled_reason: Option<String>,
    failing_since: Option<Timestamp>,
    warned_at: Option<Timestamp>,
    circuit: String,
    circuit_changed_at: Option<Timestamp>,
    next_probe_at: Option<Timestamp>,
    created_by: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

pub(crate) const COLUMNS: &str = "id, integration_id, webhook_url, sealed_secret, sealed_previous_secret, previous_secret_expires_at,
    sealed_previous_secrets, signature_scheme, sealed_signing_key, ordering, concurrency, rate_limit, filter, transformation, payload_style,
    sealed_headers, events, is_active, retry_attempts, retry_delay, backoff, timeout, description, last_triggered_at, last_status,
    failure_count, disabled_at, disabled_reason, failing_since, warned_at, circuit, circuit_changed_at, next_probe_at, created_by, created_at,
    updated_at";

impl WebhookRow {
    pub(crate) fn open(self, key: &DataKey) -> Result<Webhook> {
        let id = self.id;
        let corrupt = |column| Error::Corrupt { table: "integration_webhooks", column, row: id.to_string() };
        let headers: BTreeMap<String, String> = serde_json::from_str(&key.open(id, "headers", &self.sealed_headers)?)
            .map_err(|_| corrupt("sealed_headers"))?;
        let number = |column, value: i32| u32::try_from(value).map_err(|_| corrupt(column));
        let previous_secrets = self.previous_secrets(key)?;
        Ok(Webhook {
            id,
            integration_id: self.integration_id,
            webhook_url: self.webhook_url,
            secret: key.open(id, "secret", &self.sealed_secret)?,
            previous_secrets,
            signature_scheme: SignatureScheme::parse(&self.signature_scheme)
                .ok_or_else(|| corrupt("signature_scheme"))?,
            signing_key: self
                .sealed_signing_key
                .as_deref()
                .map(|sealed| key.open(id, "signingKey", sealed))
                .transpose()?,
            events: serde_json::from_str(&self.events).map_err(|_| corrupt("events"))?,
            is_active: self.is_active,
            retry_attempts: number("retry_attempts", self.retry_attempts)?,
            retry_delay: number("retry_delay", self.retry_delay)?,
            backoff: Backoff::parse(&self.backoff).ok_or_else(|| corrupt("backoff"))?,
            timeout: number("timeout", self.timeout)?,
            ordering: Ordering::parse(&self.ordering).ok_or_else(|| corrupt("ordering"))?,
            concurrency: self.concurrency.map(|value| number("concurrency", value)).transpose()?,
            rate_limit: self.rate_limit.map(|value| number("rate_limit", value)).transpose()?,
            filter: self.filter,
            transformation: self.transformation,
            payload_style: PayloadStyle::parse(&self.payload_style).ok_or_else(|| corrupt("payload_style"))?,
            headers,
            description: self.description,
            last_triggered_at: self.last_triggered_at,
            last_status: self.last_status,
            failure_count: number("failure_count", self.failure_count)?,
            disabled_at: self.disabled_at,
            disabled_reason: self.disabled_reason,
            failing_since: self.failing_since,
            warned_at: self.warned_at,
            circuit: Circuit::parse(&self.circuit).ok_or_else(|| corrupt("circuit"))?,
            circuit_changed_at: self.circuit_changed_at,
            next_probe_at: self.next_probe_at,
            created_by: self.created_by,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }

    /// Rows from before several secrets could be kept hold one in columns of its own.
    fn previous_secrets(&self, key: &DataKey) -> Result<Vec<PreviousSecret>> {
        if let Some(sealed) = &self.sealed_previous_secrets {
            let text = key.open(self.id, "previousSecrets", sealed)?;
            return serde_json::from_str(&text).map_err(|_| Error::Corrupt {
                table: "integration_webhooks",
                column: "sealed_previous_secrets",
                row: self.id.to_string(),
            });
        }
        let (Some(sealed), Some(expires_at)) = (&self.sealed_previous_secret, self.previous_secret_expires_at) else {
            return Ok(Vec::new());
        };
        Ok(vec![PreviousSecret { secret: key.open(self.id, "previousSecret", sealed)?, expires_at }])
    }
}

/// The sealed columns of a webhook as they are written.
pub(super) struct Sealed {
    pub(super) secret: String,
    pub(super) previous_secrets: String,
    pub(super) signing_key: Option<String>,
    pub(super) headers: String,
    pub(super) events: String,
}

pub(super) fn sealed(webhook: &Webhook, key: &DataKey) -> Result<Sealed> {
    let corrupt = |column| Error::Corrupt { table: "integration_webhooks", column, row: webhook.id.to_string() };
    let headers = serde_json::to_string(&webhook.headers).map_err(|_| corrupt("sealed_headers"))?;
    let previous_secrets =
        serde_json::to_string(&webhook.previous_secrets).map_err(|_| corrupt("sealed_previous_secrets"))?;
    Ok(Sealed {
        secret: key.seal(webhook.id, "secret", &webhook.secret)?,
        previous_secrets: key.seal(webhook.id, "previousSecrets", &previous_secrets)?,
        signing_key: webhook
            .signing_key
            .as_deref()
            .map(|secret| key.seal(webhook.id, "signingKey", secret))
            .transpose()?,
        headers: key.seal(webhook.id, "headers", &headers)?,
        events: serde_json::to_string(&webhook.events).map_err(|_| corrupt("events"))?,
    })
}
