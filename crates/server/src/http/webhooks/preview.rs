//! `POST /api/admin/webhooks/{id}/preview`: what a webhook would deliver for an event, without delivering anything.

mod sample;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use simpul_core::event::{EventType, filter_matches};
use simpul_core::id::{EventId, WebhookId};
use simpul_core::integration::Integration;
use simpul_core::signature::signature_header;
use simpul_core::time::Timestamp;
use simpul_core::webhook::{PayloadStyle, Webhook};
use simpul_engine::{Preview, ShapeError, Shaped, payload};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::policy::checked_expression;
use super::{expressions, headers, known_types};
use crate::auth::{Caller, Operator};
use crate::http::envelope::Failure;
use crate::http::extract::BODY_LIMIT;
use crate::http::lookup::{integration_in, webhook_in};
use crate::http::members::present;
use crate::http::{ApiResult, Data, PathId, Problems, RequestBody};
use crate::state::AppState;

const USER_AGENT: &str = concat!("Simpul/", env!("CARGO_PKG_VERSION"));

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(preview_webhook))
}

/// Which event to look at, and settings to try without storing them; everything may be absent, and so may the body.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewIn {
    /// One of the integration's events.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub event_id: Option<EventId>,
    /// An event that did not happen; not together with `eventId`.
    pub event: Option<PreviewEvent>,
    /// In place of the stored one; `null` for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    pub filter: Option<Option<String>>,
    /// In place of the stored one; `null` for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    pub transformation: Option<Option<String>>,
    /// In place of the stored one: `full` or `thin`.
    pub payload_style: Option<String>,
}

/// An event to try a webhook's settings with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewEvent {
    #[serde(rename = "type")]
    #[schema(example = "payment.success")]
    pub event_type: String,
    #[schema(value_type = Object)]
    pub data: Value,
    /// The provider's own notification; an empty object when absent.
    #[schema(value_type = Option<Object>)]
    pub raw: Option<Value>,
    /// Now, when absent.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub occurred_at: Option<Timestamp>,
}

/// What the filter says of the event: one of the two.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilterOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub result: Option<bool>,
    /// Why it says nothing; such an event is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<String>,
}

/// What would be delivered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewOut {
    /// By the webhook's events, filter and transformation; whether it is active is not considered.
    pub delivered: bool,
    /// Why, or why not, in one sentence.
    pub reason: String,
    /// `stored` (by `eventId`, or the latest), `given`, or `sample` where there is none.
    pub event_source: &'static str,
    #[schema(value_type = String, format = "uuid")]
    pub event_id: EventId,
    /// `null` without a filter, or where it was stopped.
    pub filter: Option<FilterOut>,
    /// The delivered body, number for number; `null` where the filter or the transformation leaves none.
    #[schema(value_type = Option<Object>)]
    pub body: Option<Box<RawValue>>,
    /// The headers of a delivery of this body at this moment; values that open a door are masked. `null` without a body.
    pub headers: Option<BTreeMap<String, String>>,
    /// Milliseconds that filter and transformation took, waiting for their turn included.
    pub duration_ms: u64,
}

/// Shows what would be delivered for an event, by the stored settings or by others that are tried and not stored. Without
/// `eventId` or `event` it is the integration's latest event, or a sample where there is none yet: `payment.success`,
/// `message.delivered` or `email.delivered` with the members that such events have. Nothing is sent or stored.
#[utoipa::path(post, path = "/api/admin/webhooks/{id}/preview", tag = "Webhooks", request_body = Option<PreviewIn>,
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "What would be delivered", body = Data<PreviewOut>),
        (status = 503, description = "Filters cannot be evaluated just now", body = Failure)))]
async fn preview_webhook(
    Operator(caller): Operator,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<Data<PreviewOut>> {
    let mut webhook = webhook_in(&state, caller.scope(), id).await?;
    let integration = integration_in(&state, caller.scope(), webhook.integration_id).await?;
    let input: PreviewIn = body.optional_json(BODY_LIMIT).await?;
    let given = [input.filter.as_ref(), input.transformation.as_ref()];
    let mut problems = expressions::problems(&state, Some(&webhook), given).await?;
    let subject = subject(&state, &caller, &integration, &input, &mut problems).await?;
    let is_tried = input.filter.is_some() || input.transformation.is_some() || input.payload_style.is_some();
    apply(&mut webhook, input, &mut problems);
    problems.into_result()?;
    // Without a subject there are problems.
    let subject = subject.unwrap_or_else(|| sample::event(&integration, state.now()));
    let started = Instant::now();
    let preview = state.engine.shaper().preview(&webhook, &subject.payload).await;
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let preview = preview.map_err(|error| match error {
        ShapeError::Unavailable { .. } => expressions::unavailable(),
        error => crate::http::ApiError::internal(&error),
    })?;
    Ok(Data::new(told((&webhook, is_tried), subject, preview, duration_ms, state.now())))
}

/// The event that is looked at.
struct Subject {
    source: &'static str,
    id: EventId,
    event_type: String,
    payload: Arc<str>,
}

/// `None` where there is a problem.
async fn subject(
    state: &AppState,
    caller: &Caller,
    integration: &Integration,
    input: &PreviewIn,
    problems: &mut Problems,
) -> ApiResult<Option<Subject>> {
    let stored = match (input.event_id, &input.event) {
        (Some(_), Some(_)) => {
            problems.add("event", "must not be given together with eventId");
            return Ok(None);
        }
        (None, Some(event)) => return Ok(event.checked(integration, state.now(), problems)),
        (Some(id), None) => {
            let found = state.store.find_event(caller.scope(), id).await?;
            let own = found.filter(|event| event.integration_id == integration.id);
            if own.is_none() {
                problems.add("eventId", "is not the id of an event of this webhook's integration");
                return Ok(None);
            }
            own
        }
        (None, None) => state.store.list_events(integration.id, None, None, 0, 1).await?.pop(),
    };
    Ok(Some(stored.map_or_else(
        || sample::event(integration, state.now()),
        |event| Subject { source: "stored", id: event.id, event_type: event.event_type, payload: event.payload.into() },
    )))
}

impl PreviewEvent {
    fn checked(&self, integration: &Integration, now: Timestamp, problems: &mut Problems) -> Option<Subject> {
        let kind = integration.integration_type;
        let event_type = EventType::parse(&self.event_type).filter(|event_type| event_type.belongs_to(kind));
        if event_type.is_none() {
            let known = known_types(kind, |_| true);
            problems.add("event.type", format!("must be one that a {} integration has: {known}", kind.as_str()));
        }
        for (field, value) in [("event.data", Some(&self.data)), ("event.raw", self.raw.as_ref())] {
            if value.is_some_and(|value| !value.is_object()) {
                problems.add(field, "must be an object");
            }
        }
        let (event_type, id) = (event_type?, EventId::generate(now));
        let raw = self.raw.clone().unwrap_or_else(|| json!({}));
        Some(Subject {
            source: "given",
            id,
            event_type: event_type.as_str().to_owned(),
            payload: payload(id, integration, event_type, self.occurred_at.unwrap_or(now), &self.data, &raw),
        })
    }
}

/// The settings that are tried.
fn apply(webhook: &mut Webhook, input: PreviewIn, problems: &mut Problems) {
    if let Some(filter) = input.filter {
        webhook.filter = checked_expression(filter, "filter", problems);
    }
    if let Some(transformation) = input.transformation {
        webhook.transformation = checked_expression(transformation, "transformation", problems);
    }
    match input.payload_style.as_deref().map(PayloadStyle::parse) {
        Some(Some(style)) => webhook.payload_style = style,
        Some(None) => problems.add("payloadStyle", "must be full or thin"),
        None => {}
    }
}

fn told(
    (webhook, is_tried): (&Webhook, bool),
    subject: Subject,
    preview: Preview,
    duration_ms: u64,
    now: Timestamp,
) -> PreviewOut {
    let is_wanted =
        EventType::parse(&subject.event_type).is_some_and(|event_type| filter_matches(&webhook.events, event_type));
    let (delivered, reason) = reason(webhook, &subject.event_type, is_wanted, &preview);
    let body = match preview.shaped {
        Ok(Shaped::AsIs) => Some(subject.payload),
        Ok(Shaped::Body(body)) => Some(body),
        Ok(Shaped::Filtered) | Err(_) => None,
    };
    PreviewOut {
        delivered,
        reason,
        event_source: subject.source,
        event_id: subject.id,
        filter: preview.filter.map(|verdict| match verdict {
            Ok(result) => FilterOut { result: Some(result), error: None },
            Err(error) => FilterOut { result: None, error: Some(format!("the filter {error}")) },
        }),
        headers: body.as_ref().map(|body| {
            let signed = (!is_tried && subject.source != "given").then_some(&**body);
            sent_headers(webhook, subject.id, signed, now)
        }),
        body: body.and_then(|body| RawValue::from_string(body.as_ref().to_owned()).ok()),
        duration_ms,
    }
}

fn reason(webhook: &Webhook, event_type: &str, is_wanted: bool, preview: &Preview) -> (bool, String) {
    let shaped = match &preview.shaped {
        Err(error) => return (false, format!("It cannot be delivered: {error}.")),
        Ok(Shaped::Filtered) => return (false, "The filter is false for this event: nothing is delivered.".to_owned()),
        Ok(_) if !is_wanted => {
            return (false, format!("{event_type} is not among the webhook's events: nothing is delivered."));
        }
        Ok(Shaped::AsIs) => "whole",
        Ok(Shaped::Body(_)) if webhook.transformation.is_some() => "as the transformation makes it",
        Ok(Shaped::Body(_)) => "in its thin form",
    };
    let reason = match &preview.filter {
        None => format!("The event is delivered {shaped}."),
        Some(Ok(_)) => format!("The filter is true for this event: it is delivered {shaped}."),
        Some(Err(problem)) => format!(
            "The event is delivered {shaped}, because the filter {problem}: what cannot be judged is not kept back."
        ),
    };
    (true, reason)
}

/// The headers of a delivery now. A body that the hub would deliver as things stand is signed; one that the caller made up, or
/// that unsaved settings make, is not: nobody is given a signature over words of their own.
fn sent_headers(webhook: &Webhook, id: EventId, signed: Option<&str>, now: Timestamp) -> BTreeMap<String, String> {
    let id = id.to_string();
    let signature = signed.map_or_else(
        || "made when it is delivered".to_owned(),
        |body| signature_header(webhook, &id, now, body.as_bytes()),
    );
    let standard = [
        ("webhook-id", id),
        ("webhook-timestamp", now.seconds().to_string()),
        ("webhook-signature", signature),
        ("content-type", "application/json".to_owned()),
        ("user-agent", USER_AGENT.to_owned()),
    ];
    let own =
        headers::masked(webhook.headers.clone()).into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    own.chain(standard.into_iter().map(|(name, value)| (name.to_owned(), value))).collect()
}
