//! Events: what the platform sends in, and reading and replaying what happened. `/api/admin/integrations/{id}/events` and
//! `/api/admin/events`.

pub mod input;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simpul_core::id::{EventId, IntegrationId, PartnerId};
use simpul_core::time::Timestamp;
use simpul_store::{EventRow, Page as Rows};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::deliveries::{DeliveryOut, json_of};
use super::envelope::Failure;
use super::extract::OneOrMany;
use super::lookup::{COUNTED_AT_MOST, cursor_parameter, cut, event_type_parameter, integration_in};
use super::members::total;
use super::replays::Replayed;
use super::{ApiError, ApiQuery, ApiResult, Data, Listed, Page, Pagination, PathId, Problems, RequestBody};
use crate::auth::{Caller, Operator, Viewer};
use crate::state::AppState;
use input::{EventIn, EventsIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_events, send_events))
        .routes(routes!(read_event))
        .routes(routes!(replay_event))
}

/// An event that was taken.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventAccepted {
    /// Also the `webhook-id` of its deliveries; for a duplicate, the first event's.
    #[schema(value_type = String, format = "uuid")]
    pub id: EventId,
    #[serde(rename = "type")]
    pub event_type: String,
    /// The same `idempotencyKey` was seen within seven days: nothing is delivered again.
    pub duplicate: bool,
}

/// One answer for one event, a list for a list, in its order.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum EventsAccepted {
    One(EventAccepted),
    Many(Vec<EventAccepted>),
}

/// An event as it was stored.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: EventId,
    #[schema(value_type = String, format = "uuid")]
    pub integration_id: IntegrationId,
    #[schema(value_type = String, format = "uuid")]
    pub partner_id: PartnerId,
    #[serde(rename = "type")]
    pub event_type: String,
    /// `provider`, `platform` or `hub`.
    pub source: String,
    /// The payment, message or mail that it is about.
    pub subject: Option<String>,
    /// It arrived after an event further along its subject's life, and was kept but not delivered.
    pub is_late: bool,
    #[schema(value_type = String, format = "date-time")]
    pub occurred_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    /// The delivered body.
    #[schema(value_type = Object)]
    pub payload: Value,
}

impl From<EventRow> for EventOut {
    fn from(event: EventRow) -> Self {
        Self {
            id: event.id,
            integration_id: event.integration_id,
            partner_id: event.partner_id,
            event_type: event.event_type,
            source: event.source,
            subject: event.subject,
            is_late: event.is_late,
            occurred_at: event.occurred_at,
            created_at: event.created_at,
            payload: json_of(Some(&event.payload)),
        }
    }
}

/// An event and where it went.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventDetail {
    #[serde(flatten)]
    pub event: EventOut,
    /// One for each webhook that wanted it.
    pub deliveries: Vec<DeliveryOut>,
}

/// Takes events from the platform: one, or a list of up to 1,000 that is taken whole or refused whole. The answer is given
/// once everything is durably stored.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/events", tag = "Events", request_body = EventsIn,
    params(("id" = String, Path, description = "The integration's id", format = "uuid")),
    responses((status = 202, description = "Stored; delivery has begun", body = Data<EventsAccepted>),
        (status = 409, description = "The integration is not active", body = Failure)))]
async fn send_events(
    Operator(caller): Operator,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<EventsAccepted>)> {
    let integration = state.store.recall_integration(caller.scope(), id).await?;
    let integration = integration.ok_or_else(|| ApiError::not_found("integration"))?;
    let given = body.one_or_many::<EventIn>().await?;
    let (given, is_list) = match given {
        OneOrMany::One(event) => (vec![event], false),
        OneOrMany::Many(events) => (events, true),
    };
    let now = state.now();
    let mut problems = Problems::new();
    let mut events = Vec::with_capacity(given.len());
    for (index, event) in given.into_iter().enumerate() {
        let prefix = if is_list { format!("[{index}].") } else { String::new() };
        events.extend(event.checked(&prefix, integration.integration_type, now, &mut problems));
    }
    problems.into_result()?;
    if !integration.is_active {
        let sentence = "This integration is not active: enable it first.";
        return Err(ApiError::conflict(sentence, None).with_code("integration_inactive"));
    }
    let types: Vec<&'static str> = events.iter().map(|event| event.event_type.as_str()).collect();
    let accepted = state.engine.accept(&integration, events).await?;
    let mut answers = accepted.into_iter().zip(types).map(|(accepted, event_type)| EventAccepted {
        id: accepted.id,
        event_type: event_type.to_owned(),
        duplicate: accepted.duplicate,
    });
    let answer = match answers.next() {
        Some(only) if !is_list => EventsAccepted::One(only),
        first => EventsAccepted::Many(first.into_iter().chain(answers).collect()),
    };
    Ok(Data::new(answer).accepted())
}

/// Which events of an integration.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct EventQuery {
    /// 1-based.
    #[param(minimum = 1, default = 1)]
    page: Option<i64>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<i64>,
    /// In place of `page`: the `nextCursor` of an earlier answer.
    cursor: Option<String>,
    /// Such as `payment.success`.
    #[serde(rename = "type")]
    event_type: Option<String>,
}

/// An integration's events, newest first. `pagination.total` counts to 10,000 at most.
#[utoipa::path(get, path = "/api/admin/integrations/{id}/events", tag = "Events",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), EventQuery),
    responses((status = 200, description = "One page", body = Listed<EventOut>)))]
async fn list_events(
    Viewer(caller): Viewer,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    query: Result<ApiQuery<EventQuery>, ApiError>,
) -> ApiResult<Listed<EventOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let query = query?.0;
    let page = Page::of(query.page, query.limit)?;
    let event_type = event_type_parameter("type", query.event_type.as_deref())?;
    let cursor = cursor_parameter(query.cursor.as_deref())?;
    let offset = if cursor.is_some() { 0 } else { Rows::from(page).offset };
    let mut rows = state.store.list_events(integration.id, event_type, cursor, offset, page.limit + 1).await?;
    let more = cut(&mut rows, page.limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let count = state.store.count_events(integration.id, event_type, COUNTED_AT_MOST).await?;
    let rows = rows.into_iter().map(EventOut::from).collect();
    Ok(Listed::new(rows, Pagination::new(total(count), page, next)))
}

async fn event_in(state: &AppState, caller: &Caller, id: EventId) -> ApiResult<EventRow> {
    state.store.find_event(caller.scope(), id).await?.ok_or_else(|| ApiError::not_found("event"))
}

/// One event with its deliveries.
#[utoipa::path(get, path = "/api/admin/events/{id}", tag = "Events",
    params(("id" = String, Path, description = "The event's id", format = "uuid")),
    responses((status = 200, description = "The event", body = Data<EventDetail>)))]
async fn read_event(
    Viewer(caller): Viewer,
    PathId(id): PathId<EventId>,
    State(state): State<AppState>,
) -> ApiResult<Data<EventDetail>> {
    let event = event_in(&state, &caller, id).await?;
    let deliveries = state.store.deliveries_of_event(event.id).await?.into_iter().map(DeliveryOut::from).collect();
    Ok(Data::new(EventDetail { event: event.into(), deliveries }))
}

/// Sends an event again to every active webhook that wants it, also to those made after it happened. Deliveries still
/// under way are left alone.
#[utoipa::path(post, path = "/api/admin/events/{id}/replay", tag = "Events",
    params(("id" = String, Path, description = "The event's id", format = "uuid")),
    responses((status = 202, description = "How many deliveries are sent", body = Data<Replayed>)))]
async fn replay_event(
    Operator(caller): Operator,
    PathId(id): PathId<EventId>,
    State(state): State<AppState>,
) -> ApiResult<(StatusCode, Data<Replayed>)> {
    let event = event_in(&state, &caller, id).await?;
    let replayed = state.store.replay_event(&event, &caller.label(), state.now()).await?;
    state.engine.wake();
    Ok(Data::new(Replayed { replayed }).accepted())
}

#[cfg(test)]
mod tests;
