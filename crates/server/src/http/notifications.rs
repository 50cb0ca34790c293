//! What a provider sent to an integration, whatever became of it: `/api/admin/integrations/{id}/notifications`.

pub mod accept;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simpul_core::id::{IntegrationId, NotificationId};
use simpul_core::refusal::RefusalReason;
use simpul_core::time::Timestamp;
use simpul_engine::Suppressed;
use simpul_store::{NotificationFilter, NotificationRow, Page as Rows};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::deliveries::json_of;
use super::lookup::{COUNTED_AT_MOST, cursor_parameter, cut, integration_in, parameter};
use super::members::total;
use super::vocabulary::RefusalReasonSchema;
use super::{ApiError, ApiQuery, ApiResult, Page, Pagination, PathId};
use crate::auth::Operator;
use crate::state::AppState;

const OUTCOMES: &[&str] = &["accepted", "duplicate", "kept", "refused"];

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_notifications)).merge(accept::routes())
}

/// One request to the integration's inbound URL.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: NotificationId,
    /// `accepted`, `duplicate`, `kept` (genuine, but it became no event) or `refused`.
    pub outcome: String,
    /// A sentence.
    pub reason: Option<String>,
    /// For a refused one.
    #[schema(value_type = Option<RefusalReasonSchema>)]
    pub reason_code: Option<String>,
    /// Secrets redacted.
    #[schema(value_type = Object)]
    pub headers: Value,
    /// As received, secrets redacted, where no event carries it; the first 64 KiB.
    pub body: Option<String>,
    pub remote_address: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    pub received_at: Timestamp,
    /// It was refused, and its whole request is kept: the newest thousand of an integration, each up to 256 KiB.
    pub can_accept: bool,
    /// When it was accepted after all.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub accepted_at: Option<Timestamp>,
    /// The id of the user or key that accepted it.
    pub accepted_by: Option<String>,
}

impl From<NotificationRow> for NotificationOut {
    fn from(row: NotificationRow) -> Self {
        Self {
            can_accept: row.outcome == "refused" && row.has_request && row.accepted_at.is_none(),
            id: row.id,
            outcome: row.outcome,
            reason: row.reason,
            reason_code: row.reason_code,
            headers: json_of(Some(&row.headers)),
            body: row.body,
            remote_address: row.remote_address,
            received_at: row.received_at,
            accepted_at: row.accepted_at,
            accepted_by: row.accepted_by,
        }
    }
}

/// A page of notifications, and how many refused ones left no row.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationsListed {
    /// Always `true`.
    pub success: bool,
    pub data: Vec<NotificationOut>,
    pub pagination: Pagination,
    pub suppressed: SuppressedOut,
}

impl IntoResponse for NotificationsListed {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// Refused notifications past sixty a minute, which are counted and not kept. Counted by the process that answers, since it
/// started.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuppressedOut {
    /// In the minute that is under way.
    pub this_minute: u64,
    pub last_hour: u64,
}

impl From<Suppressed> for SuppressedOut {
    fn from(suppressed: Suppressed) -> Self {
        Self { this_minute: suppressed.this_minute, last_hour: suppressed.last_hour }
    }
}

/// Which notifications.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct NotificationQuery {
    /// 1-based.
    #[param(minimum = 1, default = 1)]
    page: Option<i64>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<i64>,
    /// The `nextCursor` of an earlier answer, in place of `page`.
    cursor: Option<String>,
    /// `accepted`, `duplicate`, `kept` or `refused`.
    outcome: Option<String>,
    /// Refused for this reason.
    #[param(value_type = Option<RefusalReasonSchema>)]
    reason: Option<String>,
}

/// What a reason must be, for a sentence.
pub(super) const REASON_EXPECTED: &str = "must be bad_signature, stale, malformed or unknown_account";

/// What the provider sent, newest first. `pagination.total` counts to 10,000 at most.
#[utoipa::path(get, path = "/api/admin/integrations/{id}/notifications", tag = "Events",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), NotificationQuery),
    responses((status = 200, description = "One page", body = NotificationsListed)))]
async fn list_notifications(
    Operator(caller): Operator,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    query: Result<ApiQuery<NotificationQuery>, ApiError>,
) -> ApiResult<NotificationsListed> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let query = query?.0;
    let page = Page::of(query.page, query.limit)?;
    let expected = "must be accepted, duplicate, kept or refused";
    let outcome = parameter("outcome", query.outcome.as_deref(), expected, |text| {
        OUTCOMES.iter().copied().find(|outcome| *outcome == text)
    })?;
    let reason = parameter("reason", query.reason.as_deref(), REASON_EXPECTED, RefusalReason::parse)?;
    let cursor = cursor_parameter(query.cursor.as_deref())?;
    let filter = NotificationFilter { outcome, reason };
    let offset = if cursor.is_some() { 0 } else { Rows::from(page).offset };
    let mut rows = state.store.list_notifications(integration.id, filter, cursor, offset, page.limit + 1).await?;
    let more = cut(&mut rows, page.limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let count = state.store.count_notifications(integration.id, filter, COUNTED_AT_MOST).await?;
    Ok(NotificationsListed {
        success: true,
        data: rows.into_iter().map(NotificationOut::from).collect(),
        pagination: Pagination::new(total(count), page, next),
        suppressed: state.engine.suppressed(&integration).into(),
    })
}

#[cfg(test)]
mod tests;
