//! What a provider sent to an integration, whatever became of it: `/api/admin/integrations/{id}/notifications`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simpul_core::id::{IntegrationId, NotificationId};
use simpul_core::time::Timestamp;
use simpul_store::{Notification, Page as Rows};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::deliveries::json_of;
use super::lookup::{COUNTED_AT_MOST, integration_in, parameter};
use super::members::total;
use super::{ApiError, ApiQuery, ApiResult, Listed, Page, Pagination, PathId};
use crate::auth::Operator;
use crate::state::AppState;

const OUTCOMES: &[&str] = &["accepted", "duplicate", "kept", "refused"];

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_notifications))
}

/// One request to the integration's inbound URL.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: NotificationId,
    /// `accepted`, `duplicate`, `kept` (genuine, but it became no event) or `refused`.
    pub outcome: String,
    pub reason: Option<String>,
    /// Secrets redacted.
    #[schema(value_type = Object)]
    pub headers: Value,
    /// As received, where no event carries it.
    pub body: Option<String>,
    pub remote_address: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    pub received_at: Timestamp,
}

impl From<Notification> for NotificationOut {
    fn from(notification: Notification) -> Self {
        Self {
            id: notification.id,
            outcome: notification.outcome,
            reason: notification.reason,
            headers: json_of(Some(&notification.headers)),
            body: notification.body,
            remote_address: notification.remote_address,
            received_at: notification.received_at,
        }
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
    /// `accepted`, `duplicate`, `kept` or `refused`.
    outcome: Option<String>,
}

/// What the provider sent, newest first. `pagination.total` counts to 10,000 at most.
#[utoipa::path(get, path = "/api/admin/integrations/{id}/notifications", tag = "Events",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), NotificationQuery),
    responses((status = 200, description = "One page", body = Listed<NotificationOut>)))]
async fn list_notifications(
    Operator(caller): Operator,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    query: Result<ApiQuery<NotificationQuery>, ApiError>,
) -> ApiResult<Listed<NotificationOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let query = query?.0;
    let page = Page::of(query.page, query.limit)?;
    let expected = "must be accepted, duplicate, kept or refused";
    let outcome = parameter("outcome", query.outcome.as_deref(), expected, |text| {
        OUTCOMES.iter().copied().find(|outcome| *outcome == text)
    })?;
    let rows = Rows::from(page);
    let found = state.store.list_notifications(integration.id, outcome, rows.offset, rows.limit).await?;
    let count = state.store.count_notifications(integration.id, outcome, COUNTED_AT_MOST).await?;
    let found = found.into_iter().map(NotificationOut::from).collect();
    Ok(Listed::new(found, Pagination::new(total(count), page, None)))
}
