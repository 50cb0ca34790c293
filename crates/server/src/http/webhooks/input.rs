//! What may be said of a webhook when it is created or changed, and the checks on it.

use std::collections::BTreeMap;

use serde::Deserialize;
use simpul_core::error_type::ErrorType;
use simpul_core::event::{EventType, is_filter_entry};
use simpul_core::integration::{Integration, IntegrationType};
use simpul_core::retry::Backoff;
use simpul_core::secret::looks_masked;
use simpul_core::signature::is_signing_key;
use simpul_core::time::Timestamp;
use simpul_core::webhook::Webhook;
use simpul_engine::Egress;
use utoipa::ToSchema;

use super::policy::{self, DeliveryPolicy};
use super::{generated_secret, headers, masked, secret_problem};
use crate::http::members::present;
use crate::http::{ApiResult, Problems};

const EVENTS_AT_MOST: usize = 50;
const DESCRIPTION_CHARACTERS: usize = 500;

/// A new webhook.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookIn {
    /// An http or https URL that the hub may reach.
    #[schema(max_length = 2048, example = "https://shop.example/hooks/simpul")]
    pub webhook_url: String,
    /// Taken as given; generated as `whsec_…` when absent.
    #[schema(min_length = 8, max_length = 512)]
    pub webhook_secret: Option<String>,
    /// Event names and `family.*` prefixes; empty or absent for all.
    #[schema(max_items = 50, example = json!(["payment.success", "payment.refunded"]))]
    pub events: Option<Vec<String>>,
    #[schema(default = true)]
    pub is_active: Option<bool>,
    /// Retries after the first attempt.
    #[schema(minimum = 0, maximum = 20, default = 3)]
    pub retry_attempts: Option<i64>,
    /// Seconds before the first retry.
    #[schema(minimum = 1, maximum = 86400, default = 60)]
    pub retry_delay: Option<i64>,
    /// `exponential` (each delay twice the one before) or `fixed`.
    #[schema(default = "exponential")]
    pub backoff: Option<String>,
    /// Seconds that one attempt may take.
    #[schema(minimum = 1, maximum = 60, default = 15)]
    pub timeout: Option<i64>,
    /// At most 20, sent with every delivery.
    pub headers: Option<BTreeMap<String, String>>,
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// `none`, or `per_key`: deliveries about the same order, payment or message go one at a time, in order.
    #[schema(default = "none")]
    pub ordering: Option<String>,
    /// Attempts under way at once; absent for the hub's own limit.
    #[schema(minimum = 1, maximum = 100)]
    pub concurrency: Option<i64>,
    /// Deliveries started in a second, by all nodes together; absent for no limit.
    #[schema(minimum = 1, maximum = 1000)]
    pub rate_limit: Option<i64>,
    /// A CEL expression over the body's members, and `event` for the whole; where it is false, nothing is delivered.
    #[schema(max_length = 4000, example = "data.currency == 'IDR' && !testMode")]
    pub filter: Option<String>,
    /// A jq program that makes the delivered body, one object, of the full body of the event.
    #[schema(max_length = 4000, example = "{id, type, payment: .data}")]
    pub transformation: Option<String>,
    /// `full`, or `thin`: identity and type alone, the receiver fetches the rest.
    #[schema(default = "full")]
    pub payload_style: Option<String>,
    /// `hmac` (the secret), `ed25519` (a key whose public half is published), or `both`.
    #[schema(default = "hmac")]
    pub signature_scheme: Option<String>,
}

/// A change to a webhook; absent members stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookPatch {
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, max_length = 2048)]
    pub webhook_url: Option<String>,
    /// The masked one leaves the secret; another replaces it at once.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, min_length = 8, max_length = 512)]
    pub webhook_secret: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, max_items = 50)]
    pub events: Option<Vec<String>>,
    /// `true` enables it again, also after the hub disabled it.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    pub is_active: Option<bool>,
    /// With `isActive: true`: `deliver` what was parked meanwhile (the oldest first, at a set pace), or `drop` it.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, default = "deliver")]
    pub parked: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, minimum = 0, maximum = 20)]
    pub retry_attempts: Option<i64>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, minimum = 1, maximum = 86400)]
    pub retry_delay: Option<i64>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    pub backoff: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, minimum = 1, maximum = 60)]
    pub timeout: Option<i64>,
    /// All headers, in place of those there were; a masked value stands for the stored one.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    pub headers: Option<BTreeMap<String, String>>,
    /// `null` removes it.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub description: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    pub ordering: Option<String>,
    /// `null` for the hub's own limit.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 100)]
    pub concurrency: Option<Option<i64>>,
    /// `null` for no limit.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1000)]
    pub rate_limit: Option<Option<i64>>,
    /// `null` removes it.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    pub filter: Option<Option<String>>,
    /// `null` removes it.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    pub transformation: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    pub payload_style: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    pub signature_scheme: Option<String>,
}

impl WebhookIn {
    /// # Errors
    /// 422 that names every member which cannot be taken.
    pub(super) fn into_webhook(
        self,
        integration: &Integration,
        egress: &Egress,
        (by, now): (&str, Timestamp),
        problems: Problems,
    ) -> ApiResult<Webhook> {
        let mut webhook = Webhook::new(integration.id, String::new(), generated_secret(), by, now);
        let patch = WebhookPatch {
            webhook_url: Some(self.webhook_url),
            webhook_secret: self.webhook_secret,
            events: self.events,
            is_active: self.is_active,
            parked: None,
            retry_attempts: self.retry_attempts,
            retry_delay: self.retry_delay,
            backoff: self.backoff,
            timeout: self.timeout,
            headers: self.headers,
            description: Some(self.description),
            ordering: self.ordering,
            concurrency: Some(self.concurrency),
            rate_limit: Some(self.rate_limit),
            filter: Some(self.filter),
            transformation: Some(self.transformation),
            payload_style: self.payload_style,
            signature_scheme: self.signature_scheme,
        };
        patch.apply(&mut webhook, integration, egress, problems)?;
        Ok(webhook)
    }
}

impl WebhookPatch {
    /// Applies what is given, adds to the problems found already, and answers the names of the members that changed.
    ///
    /// # Errors
    /// 422 that names every member which cannot be taken; `blocked_address` where the URL names a forbidden address.
    pub(super) fn apply(
        self,
        webhook: &mut Webhook,
        integration: &Integration,
        egress: &Egress,
        mut problems: Problems,
    ) -> ApiResult<Vec<&'static str>> {
        let before = webhook.clone();
        let mut is_blocked = false;
        if let Some(parked) = self.parked.as_deref() {
            if !matches!(parked, "deliver" | "drop") {
                problems.add("parked", "must be deliver or drop");
            } else if self.is_active != Some(true) {
                problems.add(
                    "parked",
                    "says what becomes of parked deliveries when a webhook is enabled: send isActive true with it",
                );
            }
        }
        if let Some(url) = self.webhook_url {
            is_blocked = check_url(&url, egress, &mut problems);
            webhook.webhook_url = url;
        }
        if let Some(secret) = self.webhook_secret {
            apply_secret(webhook, secret, &mut problems);
        }
        if let Some(events) = self.events {
            webhook.events = checked_events(events, integration.integration_type, &mut problems);
        }
        webhook.is_active = self.is_active.unwrap_or(webhook.is_active);
        number(&mut webhook.retry_attempts, self.retry_attempts, ("retryAttempts", 0, 20), &mut problems);
        number(&mut webhook.retry_delay, self.retry_delay, ("retryDelay", 1, 86_400), &mut problems);
        number(&mut webhook.timeout, self.timeout, ("timeout", 1, 60), &mut problems);
        if let Some(text) = self.backoff {
            match Backoff::parse(&text) {
                Some(backoff) => webhook.backoff = backoff,
                None => problems.add("backoff", "must be exponential or fixed"),
            }
        }
        if let Some(given) = self.headers {
            webhook.headers = headers::checked(given, &before.headers, &mut problems);
        }
        if let Some(description) = self.description {
            webhook.description = checked_description(description, &mut problems);
        }
        let policy = DeliveryPolicy {
            ordering: self.ordering,
            concurrency: self.concurrency,
            rate_limit: self.rate_limit,
            filter: self.filter,
            transformation: self.transformation,
            payload_style: self.payload_style,
            signature_scheme: self.signature_scheme,
        };
        policy.apply(webhook, &mut problems);
        problems.into_result().map_err(|error| if is_blocked { error.with_code("blocked_address") } else { error })?;
        Ok(differences(&before, webhook))
    }
}

fn differences(before: &Webhook, after: &Webhook) -> Vec<&'static str> {
    [
        ("webhookUrl", before.webhook_url != after.webhook_url),
        ("webhookSecret", before.secret != after.secret),
        ("events", before.events != after.events),
        ("isActive", before.is_active != after.is_active),
        ("retryAttempts", before.retry_attempts != after.retry_attempts),
        ("retryDelay", before.retry_delay != after.retry_delay),
        ("backoff", before.backoff != after.backoff),
        ("timeout", before.timeout != after.timeout),
        ("headers", before.headers != after.headers),
        ("description", before.description != after.description),
    ]
    .into_iter()
    .chain(policy::differences(before, after))
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

/// Answers whether the URL names a forbidden address.
fn check_url(url: &str, egress: &Egress, problems: &mut Problems) -> bool {
    const FIELD: &str = "webhookUrl";
    if url.chars().any(|character| character.is_control() || character.is_whitespace()) {
        problems.add(FIELD, "must not hold white space or control characters");
        return false;
    }
    if problems.http_url(FIELD, url).is_none() {
        return false;
    }
    match egress.judge(url) {
        Ok(_) => false,
        Err(failure) => {
            problems.add(FIELD, format!("cannot be used: {}", failure.message));
            failure.error_type == ErrorType::BlockedAddress
        }
    }
}

fn apply_secret(webhook: &mut Webhook, secret: String, problems: &mut Problems) {
    if looks_masked(&secret) && secret == masked(&webhook.secret) {
        return;
    }
    if let Some(problem) = secret_problem(&secret) {
        problems.add("webhookSecret", problem);
        return;
    }
    if secret != webhook.secret {
        webhook.secret = secret;
        webhook.previous_secrets.retain(|previous| is_signing_key(&previous.secret));
    }
}

/// Event names and prefixes without repetitions, each one that this type of integration can have.
pub(super) fn checked_events(
    given: Vec<String>,
    integration_type: IntegrationType,
    problems: &mut Problems,
) -> Vec<String> {
    if given.len() > EVENTS_AT_MOST {
        problems.add("events", format!("must have at most {EVENTS_AT_MOST} items; it has {}", given.len()));
        return Vec::new();
    }
    let mut events = Vec::with_capacity(given.len());
    for (index, entry) in given.into_iter().enumerate() {
        let fits = |event_type: &&EventType| {
            let is_named = match entry.strip_suffix('*') {
                Some(prefix) => event_type.as_str().starts_with(prefix),
                None => event_type.as_str() == entry,
            };
            is_named && event_type.belongs_to(integration_type)
        };
        if !is_filter_entry(&entry) {
            let known = known_types(integration_type, |_| true);
            problems.add(format!("events[{index}]"), format!("is not a known event; known are {known}, and family.*"));
        } else if !EventType::ALL.iter().any(|event_type| fits(&event_type)) {
            let (kind, known) = (integration_type.as_str(), known_types(integration_type, |_| true));
            problems.add(
                format!("events[{index}]"),
                format!("is not an event that a {kind} integration has; it has {known}"),
            );
        } else if !events.contains(&entry) {
            events.push(entry);
        }
    }
    events
}

/// The names of the event types that an integration of this type can have, for a sentence.
pub(in crate::http) fn known_types(integration_type: IntegrationType, also: impl Fn(EventType) -> bool) -> String {
    let names: Vec<&str> = EventType::ALL
        .iter()
        .filter(|event_type| event_type.belongs_to(integration_type) && also(**event_type))
        .map(|event_type| event_type.as_str())
        .collect();
    names.join(", ")
}

pub(super) fn number(
    member: &mut u32,
    given: Option<i64>,
    (name, least, most): (&str, i64, i64),
    problems: &mut Problems,
) {
    let Some(given) = given else { return };
    problems.range(name, given, least, most);
    *member = u32::try_from(given.clamp(least, most)).unwrap_or(*member);
}

fn checked_description(description: Option<String>, problems: &mut Problems) -> Option<String> {
    let text = description?;
    problems.length("description", &text, 0, DESCRIPTION_CHARACTERS);
    if text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\t' | '\r')) {
        problems.add("description", "must not hold control characters");
    }
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
