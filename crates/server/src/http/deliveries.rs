//! Deliveries and their attempts: `/api/admin/webhooks/{id}/deliveries` and `/api/admin/deliveries`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simpul_core::delivery::State as DeliveryState;
use simpul_core::id::{AttemptId, DeliveryId, EventId, WebhookId};
use simpul_core::time::Timestamp;
use simpul_store::{Attempt, Delivery, DeliveryFilter, Page as Rows};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::envelope::Failure;
use super::lookup::{COUNTED_AT_MOST, cursor_parameter, cut, event_type_parameter, parameter, webhook_in};
use super::members::total;
use super::webhooks::inactive;
use super::{ApiError, ApiQuery, ApiResult, Data, Listed, Page, Pagination, PathId};
use crate::auth::{Caller, Operator, Viewer};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_deliveries))
        .routes(routes!(read_delivery))
        .routes(routes!(replay_delivery))
}

/// One event on its way to one webhook.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: DeliveryId,
    #[schema(value_type = String, format = "uuid")]
    pub webhook_id: WebhookId,
    /// Also the `webhook-id` of every attempt.
    #[schema(value_type = String, format = "uuid")]
    pub event_id: EventId,
    pub event_type: String,
    /// `pending`, `success`, `failed`, `parked` while its webhook is disabled, `filtered` where the webhook's filter did not want
    /// it, or `dropped` where it was parked and given up.
    pub status: String,
    pub attempt_count: i32,
    /// When it is tried next; `null` unless pending.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub next_attempt_at: Option<Timestamp>,
    pub last_response_status: Option<i32>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub completed_at: Option<Timestamp>,
}

impl From<Delivery> for DeliveryOut {
    fn from(delivery: Delivery) -> Self {
        let status = DeliveryState::parse(&delivery.state).map_or("pending", DeliveryState::status);
        Self {
            id: delivery.id,
            webhook_id: delivery.webhook_id,
            event_id: delivery.event_id,
            event_type: delivery.event_type,
            status: status.to_owned(),
            attempt_count: delivery.attempt_count,
            next_attempt_at: delivery.next_attempt_at.filter(|_| status == "pending"),
            last_response_status: delivery.last_response_status,
            created_at: delivery.created_at,
            completed_at: delivery.completed_at,
        }
    }
}

/// One request made for a delivery.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: AttemptId,
    /// 1 is the first.
    pub number: i32,
    /// `initial`, `automatic` or `manual`.
    pub trigger: String,
    /// The id of the user or key that asked for it, where one did.
    pub triggered_by: Option<String>,
    /// `success` or `failed`.
    pub status: String,
    /// As sent; secrets redacted.
    #[schema(value_type = Object)]
    pub request_headers: Value,
    pub response_status: Option<i32>,
    #[schema(value_type = Option<Object>)]
    pub response_headers: Value,
    /// The first 16 KiB.
    pub response_body: Option<String>,
    pub error_type: Option<String>,
    /// What went wrong, in a sentence.
    pub error_message: Option<String>,
    /// Milliseconds.
    pub duration: i64,
    /// Milliseconds to resolve the name, to connect and to agree on encryption, where the attempt opened a connection of its
    /// own and came so far; and from the start to the head of the answer.
    pub dns_duration: Option<i64>,
    pub connect_duration: Option<i64>,
    pub tls_duration: Option<i64>,
    pub first_byte_duration: Option<i64>,
    pub remote_address: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
}

impl From<Attempt> for AttemptOut {
    fn from(attempt: Attempt) -> Self {
        Self {
            id: attempt.id,
            number: attempt.number,
            trigger: attempt.trigger,
            triggered_by: attempt.triggered_by,
            status: attempt.status,
            request_headers: json_of(Some(&attempt.request_headers)),
            response_status: attempt.response_status,
            response_headers: json_of(attempt.response_headers.as_deref()),
            response_body: attempt.response_body,
            error_type: attempt.error_type,
            error_message: attempt.error_message,
            duration: attempt.duration,
            dns_duration: attempt.dns_duration,
            connect_duration: attempt.connect_duration,
            tls_duration: attempt.tls_duration,
            first_byte_duration: attempt.first_byte_duration,
            remote_address: attempt.remote_address,
            created_at: attempt.created_at,
        }
    }
}

/// Stored JSON text as a value; `null` where there is none.
pub(super) fn json_of(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null)
}

/// The event that a delivery carries.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventReference {
    #[schema(value_type = String, format = "uuid")]
    pub id: EventId,
    #[serde(rename = "type")]
    pub event_type: String,
}

/// A delivery with everything that was tried.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeliveryDetail {
    #[serde(flatten)]
    pub delivery: DeliveryOut,
    pub event: EventReference,
    /// In order, at most the last thousand.
    pub attempts: Vec<AttemptOut>,
}

/// Which deliveries of a webhook.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct DeliveryQuery {
    /// 1-based.
    #[param(minimum = 1, default = 1)]
    page: Option<i64>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<i64>,
    /// In place of `page`: the `nextCursor` of an earlier answer.
    cursor: Option<String>,
    /// `pending`, `success`, `failed`, `parked`, `filtered` or `dropped`.
    status: Option<String>,
    /// Such as `payment.success`.
    event_type: Option<String>,
}

/// A webhook's deliveries, newest first. `pagination.total` counts to 10,000 at most.
#[utoipa::path(get, path = "/api/admin/webhooks/{id}/deliveries", tag = "Deliveries",
    params(("id" = String, Path, description = "The webhook's id", format = "uuid"), DeliveryQuery),
    responses((status = 200, description = "One page", body = Listed<DeliveryOut>)))]
async fn list_deliveries(
    Viewer(caller): Viewer,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    query: Result<ApiQuery<DeliveryQuery>, ApiError>,
) -> ApiResult<Listed<DeliveryOut>> {
    let webhook = webhook_in(&state, caller.scope(), id).await?;
    let query = query?.0;
    let page = Page::of(query.page, query.limit)?;
    let status = parameter(
        "status",
        query.status.as_deref(),
        "must be pending, success, failed, parked, filtered or dropped",
        |text| DeliveryState::parse(text).filter(|status| status.status() == text),
    )?;
    let event_type = event_type_parameter("eventType", query.event_type.as_deref())?;
    let filter = DeliveryFilter { status, event_type, cursor: cursor_parameter(query.cursor.as_deref())? };
    let offset = if filter.cursor.is_some() { 0 } else { Rows::from(page).offset };
    let mut rows = state.store.list_deliveries(webhook.id, &filter, offset, page.limit + 1).await?;
    let more = cut(&mut rows, page.limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let count = state.store.count_deliveries(webhook.id, &filter, COUNTED_AT_MOST).await?;
    let rows = rows.into_iter().map(DeliveryOut::from).collect();
    Ok(Listed::new(rows, Pagination::new(total(count), page, next)))
}

async fn delivery_in(state: &AppState, caller: &Caller, id: DeliveryId) -> ApiResult<Delivery> {
    state.store.find_delivery(caller.scope(), id).await?.ok_or_else(|| ApiError::not_found("delivery"))
}

/// One delivery with every attempt.
#[utoipa::path(get, path = "/api/admin/deliveries/{id}", tag = "Deliveries",
    params(("id" = String, Path, description = "The delivery's id", format = "uuid")),
    responses((status = 200, description = "The delivery", body = Data<DeliveryDetail>)))]
async fn read_delivery(
    Viewer(caller): Viewer,
    PathId(id): PathId<DeliveryId>,
    State(state): State<AppState>,
) -> ApiResult<Data<DeliveryDetail>> {
    let delivery = delivery_in(&state, &caller, id).await?;
    let attempts = state.store.attempts_of(delivery.id).await?.into_iter().map(AttemptOut::from).collect();
    let event = EventReference { id: delivery.event_id, event_type: delivery.event_type.clone() };
    Ok(Data::new(DeliveryDetail { delivery: delivery.into(), event, attempts }))
}

/// Sends a finished delivery again, with a full set of attempts and the same `webhook-id`.
#[utoipa::path(post, path = "/api/admin/deliveries/{id}/replay", tag = "Deliveries",
    params(("id" = String, Path, description = "The delivery's id", format = "uuid")),
    responses((status = 202, description = "It is sent again", body = Data<DeliveryOut>),
        (status = 409, description = "It is still under way, or its webhook is not active", body = Failure)))]
async fn replay_delivery(
    Operator(caller): Operator,
    PathId(id): PathId<DeliveryId>,
    State(state): State<AppState>,
) -> ApiResult<(StatusCode, Data<DeliveryOut>)> {
    let delivery = delivery_in(&state, &caller, id).await?;
    if !state.store.replay_delivery(delivery.id, &caller.label(), state.now()).await? {
        let webhook = state.store.find_webhook(caller.scope(), delivery.webhook_id).await?;
        return Err(match webhook {
            None => ApiError::conflict("Its webhook has been deleted.", None).with_code("webhook_deleted"),
            Some(webhook) if !webhook.is_active => inactive(),
            Some(_) => ApiError::conflict("This delivery is still under way.", None).with_code("delivery_under_way"),
        });
    }
    state.engine.wake();
    Ok(Data::new(delivery_in(&state, &caller, id).await?.into()).accepted())
}
