//! Accepting refused notifications once the secret is mended: one by its id, or many of an integration.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use simpul_core::event::EventType;
use simpul_core::id::{EventId, IntegrationId, NotificationId};
use simpul_core::refusal::RefusalReason;
use simpul_core::time::DAY;
use simpul_engine::{AcceptCounts, AcceptOutcome, AcceptSubject};
use simpul_store::{AcceptFilter, Accepted, NotificationRow};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{NotificationOut, REASON_EXPECTED};
use crate::auth::{Caller, Operator};
use crate::http::client::Client;
use crate::http::envelope::Failure;
use crate::http::extract::BODY_LIMIT;
use crate::http::inbound::LATER;
use crate::http::lookup::{address_of, integration_in, time_member};
use crate::http::vocabulary::RefusalReasonSchema;
use crate::http::{ApiError, ApiResult, Data, PathId, Problems, RequestBody};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(accept_notification)).routes(routes!(accept_notifications))
}

/// A notification that counts after all.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationAccepted {
    /// `accepted`, `duplicate` (its events were there already) or `kept` (genuine, but it becomes no event).
    pub result: &'static str,
    pub events: Vec<AcceptedEvent>,
    pub notification: NotificationOut,
}

/// One of its events.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcceptedEvent {
    /// For a duplicate, the first event's.
    #[schema(value_type = String, format = "uuid")]
    pub id: EventId,
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub event_type: EventType,
    pub duplicate: bool,
}

impl From<(EventType, Accepted)> for AcceptedEvent {
    fn from((event_type, accepted): (EventType, Accepted)) -> Self {
        Self { id: accepted.id, event_type, duplicate: accepted.duplicate }
    }
}

fn subject(caller: &Caller, client: &Client) -> AcceptSubject {
    AcceptSubject {
        by: caller.label(),
        user_id: caller.user_id(),
        ip_address: address_of(client),
        user_agent: client.user_agent.clone(),
    }
}

async fn notification_in(state: &AppState, caller: &Caller, id: NotificationId) -> ApiResult<NotificationRow> {
    let found = state.store.find_notification(caller.scope(), id).await?;
    found.ok_or_else(|| ApiError::not_found("notification"))
}

/// Judges a refused notification again, with the integration's present secrets and by the time at which it came. If it is
/// genuine now, its events are stored and delivered as if it had just arrived; what the provider has sent again meanwhile is
/// not delivered twice.
#[utoipa::path(post, path = "/api/admin/notifications/{id}/accept", tag = "Events",
    params(("id" = String, Path, description = "The notification's id", format = "uuid")),
    responses((status = 200, description = "It counts now", body = Data<NotificationAccepted>),
        (status = 409, description = "`still_refused` (the details have reason and remedy), `already_accepted`, `not_refused`, or `request_not_kept`", body = Failure),
        (status = 503, description = "The provider could not be asked to confirm it", body = Failure)))]
async fn accept_notification(
    Operator(caller): Operator,
    PathId(id): PathId<NotificationId>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<NotificationAccepted>> {
    let row = notification_in(&state, &caller, id).await?;
    let integration = integration_in(&state, caller.scope(), row.integration_id).await?;
    match state.engine.accept_refused(&integration, &row, &subject(&caller, &client)).await? {
        AcceptOutcome::Accepted(events) => {
            let result = match events.as_slice() {
                [] => "kept",
                events if events.iter().all(|(_, accepted)| accepted.duplicate) => "duplicate",
                _ => "accepted",
            };
            let notification = notification_in(&state, &caller, id).await?.into();
            let events = events.into_iter().map(AcceptedEvent::from).collect();
            Ok(Data::new(NotificationAccepted { result, events, notification }))
        }
        AcceptOutcome::StillRefused(reason, sentence) => Err(still_refused(reason, &sentence)),
        AcceptOutcome::Unconfirmed(reason) => Err(ApiError::unavailable(LATER)
            .with_sentence(format!("The notification could not be confirmed, and nothing changed: {reason}."))),
        AcceptOutcome::AlreadyAccepted => {
            Err(ApiError::conflict("This notification is accepted already.", None).with_code("already_accepted"))
        }
        AcceptOutcome::NotRefused => {
            Err(ApiError::conflict("This notification was not refused.", None).with_code("not_refused"))
        }
        AcceptOutcome::NotKept => {
            let sentence = "The request of this notification is not kept: it was larger than 256 KiB, or a thousand newer ones were refused since. Ask the provider to send it again.";
            Err(ApiError::conflict(sentence, None).with_code("request_not_kept"))
        }
    }
}

fn still_refused(reason: Option<RefusalReason>, sentence: &str) -> ApiError {
    let remedy = reason.map_or("Complete the integration's configuration, then accept again.", RefusalReason::remedy);
    let sentence = sentence.trim_end_matches('.');
    ApiError::conflict(format!("The notification is still refused: {sentence}. {remedy}"), None)
        .with_code("still_refused")
        .with_details(json!({"reason": sentence, "reasonCode": reason.map(RefusalReason::as_str), "remedy": remedy}))
}

/// Which refused notifications to accept; everything may be absent, and so may the body.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct AcceptIn {
    #[schema(value_type = Option<RefusalReasonSchema>)]
    pub reason: Option<String>,
    /// Received from then on: RFC 3339, or a date.
    pub from: Option<String>,
    /// Received until then; a date includes its whole day (UTC).
    pub to: Option<String>,
}

/// What became of them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedOut {
    /// With at least one event that was new.
    pub accepted: u64,
    /// All of whose events were there already.
    pub duplicate: u64,
    /// Genuine, but without an event.
    pub kept: u64,
    pub still_refused: u64,
    /// The provider could not be asked to confirm them.
    pub unconfirmed: u64,
    /// Not tried by this call: more than 500, or more than fit into its 20 seconds.
    pub remaining: u64,
}

impl From<AcceptCounts> for AcceptedOut {
    fn from(counts: AcceptCounts) -> Self {
        Self {
            accepted: counts.accepted,
            duplicate: counts.duplicate,
            kept: counts.kept,
            still_refused: counts.still_refused,
            unconfirmed: counts.unconfirmed,
            remaining: counts.remaining,
        }
    }
}

/// Accepts an integration's refused notifications again, the oldest first, up to 500 in one call; each as by its own id.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/notifications/accept", tag = "Events",
    request_body = Option<AcceptIn>, params(("id" = String, Path, description = "The integration's id", format = "uuid")),
    responses((status = 200, description = "How many", body = Data<AcceptedOut>)))]
async fn accept_notifications(
    Operator(caller): Operator,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<Data<AcceptedOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let input: AcceptIn = body.optional_json(BODY_LIMIT).await?;
    let filter = filter(&input)?;
    let counts = state.engine.accept_all_refused(&integration, filter, &subject(&caller, &client)).await?;
    Ok(Data::new(counts.into()))
}

fn filter(input: &AcceptIn) -> ApiResult<AcceptFilter> {
    let mut problems = Problems::new();
    let reason = input.reason.as_deref().and_then(|text| {
        let reason = RefusalReason::parse(text);
        if reason.is_none() {
            problems.add("reason", REASON_EXPECTED);
        }
        reason
    });
    let from = time_member("from", input.from.as_deref(), 0, &mut problems);
    let to = time_member("to", input.to.as_deref(), DAY - 1, &mut problems);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        problems.add("to", "must not be before from");
    }
    problems.into_result()?;
    Ok(AcceptFilter { reason, from, to })
}
