//! A receiver of events and how it wants them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{IntegrationId, WebhookId};
use crate::retry::Backoff;
use crate::signature::is_signing_key;
use crate::time::Timestamp;
use crate::words::words;

/// Where an integration's events are delivered.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub id: WebhookId,
    pub integration_id: IntegrationId,
    pub webhook_url: String,
    /// In clear; the store seals and opens it.
    pub secret: String,
    /// Secrets and signing keys of earlier rotations that may still sign, the newest first.
    pub previous_secrets: Vec<PreviousSecret>,
    pub signature_scheme: SignatureScheme,
    /// The private half of the Ed25519 key as `whsk_…`, once the webhook has used that scheme.
    pub signing_key: Option<String>,
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
    pub ordering: Ordering,
    /// Attempts under way at once, 1 to 100; `None` for the hub's own limit.
    pub concurrency: Option<u32>,
    /// Deliveries started in a second by all nodes together, 1 to 1,000; `None` for no limit.
    pub rate_limit: Option<u32>,
    /// A CEL expression over the event; only events for which it is true are delivered.
    pub filter: Option<String>,
    /// A jq program that makes the delivered body of the event.
    pub transformation: Option<String>,
    pub payload_style: PayloadStyle,
    /// Sent with every delivery beside the standard ones.
    pub headers: BTreeMap<String, String>,
    pub description: Option<String>,
    pub last_triggered_at: Option<Timestamp>,
    pub last_status: Option<String>,
    /// Consecutive deliveries that exhausted their attempts.
    pub failure_count: u32,
    pub disabled_at: Option<Timestamp>,
    pub disabled_reason: Option<String>,
    /// The first failed attempt since the last success.
    pub failing_since: Option<Timestamp>,
    /// When it was announced that the webhook will be disabled unless it recovers.
    pub warned_at: Option<Timestamp>,
    pub circuit: Circuit,
    /// When the circuit last changed its state.
    pub circuit_changed_at: Option<Timestamp>,
    /// When an open circuit lets the next delivery through to see whether the receiver answers.
    pub next_probe_at: Option<Timestamp>,
    pub created_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A secret or signing key that a rotation replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    pub secret: String,
    /// It signs until then.
    pub expires_at: Timestamp,
}

words! {
    /// How deliveries are signed.
    SignatureScheme {
        /// HMAC-SHA256 with the webhook's secret (`v1`).
        Hmac = "hmac",
        /// Ed25519 with the webhook's own key, whose public half is published (`v1a`).
        Ed25519 = "ed25519",
        /// Both signatures side by side.
        Both = "both",
    }
}

impl SignatureScheme {
    /// Whether deliveries carry an HMAC of the secret.
    #[must_use]
    pub fn has_hmac(self) -> bool {
        matches!(self, Self::Hmac | Self::Both)
    }

    /// Whether deliveries carry an Ed25519 signature.
    #[must_use]
    pub fn has_ed25519(self) -> bool {
        matches!(self, Self::Ed25519 | Self::Both)
    }
}

words! {
    /// Which deliveries of one webhook wait for each other.
    Ordering {
        /// None: each goes as soon as it can.
        None = "none",
        /// Those about the same order, payment or message: one at a time, in the order in which they were accepted.
        PerKey = "per_key",
    }
}

words! {
    /// How much of an event is delivered.
    PayloadStyle {
        Full = "full",
        /// Identity and type alone; the receiver fetches the rest.
        Thin = "thin",
    }
}

words! {
    /// Whether deliveries are let through to the receiver.
    Circuit {
        /// All of them.
        Closed = "closed",
        /// Nothing answers there: one now and then, the rest wait in the table.
        Open = "open",
        /// It answers again: what waited goes out at a set pace, the oldest first.
        Recovering = "recovering",
    }
}

impl Webhook {
    /// A webhook with every setting at its default.
    #[must_use]
    pub fn new(
        integration_id: IntegrationId,
        webhook_url: String,
        secret: String,
        created_by: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            id: WebhookId::generate(now),
            integration_id,
            webhook_url,
            secret,
            previous_secrets: Vec::new(),
            signature_scheme: SignatureScheme::Hmac,
            signing_key: None,
            events: Vec::new(),
            is_active: true,
            retry_attempts: 3,
            retry_delay: 60,
            backoff: Backoff::Exponential,
            timeout: 15,
            ordering: Ordering::None,
            concurrency: None,
            rate_limit: None,
            filter: None,
            transformation: None,
            payload_style: PayloadStyle::Full,
            headers: BTreeMap::new(),
            description: None,
            last_triggered_at: None,
            last_status: None,
            failure_count: 0,
            disabled_at: None,
            disabled_reason: None,
            failing_since: None,
            warned_at: None,
            circuit: Circuit::Closed,
            circuit_changed_at: None,
            next_probe_at: None,
            created_by: created_by.to_owned(),
            created_at: now,
            updated_at: now,
        }
    }

    /// The HMAC secrets that sign at `now`, the current one first.
    #[must_use]
    pub fn active_secrets(&self, now: Timestamp) -> Vec<&str> {
        let previous = self.previous_at(now).filter(|secret| !is_signing_key(secret));
        std::iter::once(self.secret.as_str()).chain(previous).collect()
    }

    /// The Ed25519 keys that sign at `now`, the current one first; none while the webhook has no such key.
    #[must_use]
    pub fn active_signing_keys(&self, now: Timestamp) -> Vec<&str> {
        let previous = self.previous_at(now).filter(|secret| is_signing_key(secret));
        self.signing_key.as_deref().into_iter().chain(previous).collect()
    }

    fn previous_at(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.previous_secrets
            .iter()
            .filter(move |previous| previous.expires_at > now)
            .map(|previous| previous.secret.as_str())
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

#[cfg(test)]
pub(crate) mod testing {
    //! A webhook for the tests of this crate.

    use super::*;

    pub(crate) fn webhook() -> Webhook {
        let now = Timestamp::from_millis(0);
        Webhook::new(
            IntegrationId::generate(now),
            "https://receiver.example/hook".to_owned(),
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
            "test",
            now,
        )
    }
}
