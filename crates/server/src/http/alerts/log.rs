//! What is firing, and the log of the messages that told of it.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use simpul_core::alert::{AlertDelivery, AlertDeliveryState, AlertMessage, AlertState};
use simpul_core::id::{AlertChannelId, AlertDeliveryId, AlertId, AlertRuleId, IncidentId, IntegrationId, PartnerId};
use simpul_core::time::Timestamp;
use simpul_store::{AlertDeliveryFilter, AlertView};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Operator, Viewer};
use crate::http::envelope::Failure;
use crate::http::lookup::parameter;
use crate::http::members::total;
use crate::http::{ApiError, ApiQuery, ApiResult, Data, Listed, Page, Pagination, PathId};
use crate::state::AppState;

/// Characters of a message's text that are shown.
const TEXT: usize = 10_000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_alerts))
        .routes(routes!(list_alert_deliveries))
        .routes(routes!(retry_alert_delivery))
}

/// A message as people read it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertMessageOut {
    /// `firing`, `repeated`, `resolved` or `test`.
    pub kind: &'static str,
    /// `en` or `id`.
    pub language: &'static str,
    pub title: String,
    pub text: String,
    #[schema(value_type = Vec<String>)]
    pub incident_ids: Vec<IncidentId>,
}

impl From<AlertMessage> for AlertMessageOut {
    fn from(message: AlertMessage) -> Self {
        Self {
            kind: message.kind.as_str(),
            language: message.language.as_str(),
            text: message.text(TEXT),
            incident_ids: message.items.iter().map(|item| item.incident_id).collect(),
            title: message.title,
        }
    }
}

/// What one rule has to say of one incident.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: AlertId,
    #[schema(value_type = String, format = "uuid")]
    pub rule_id: AlertRuleId,
    pub rule_name: String,
    #[schema(value_type = String, format = "uuid")]
    pub incident_id: IncidentId,
    /// `pending` (gathered or held back), `firing`, `closing`, `resolved`, `withdrawn` (over before it was told) or `joined`
    /// (told with its provider's outage).
    pub state: &'static str,
    /// Of the incident, if that is still kept: `critical` or `warning`.
    #[schema(required = true)]
    pub severity: Option<&'static str>,
    #[schema(required = true)]
    pub kind: Option<&'static str>,
    #[schema(required = true)]
    pub provider: Option<String>,
    #[schema(value_type = Option<String>, format = "uuid", required = true)]
    pub partner_id: Option<PartnerId>,
    #[schema(value_type = Option<String>, format = "uuid", required = true)]
    pub integration_id: Option<IntegrationId>,
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub acknowledged_at: Option<Timestamp>,
    /// When there is something to do next.
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub due_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub told_at: Option<Timestamp>,
    /// Messages that told of it.
    pub told_count: i64,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

impl From<AlertView> for AlertOut {
    fn from(view: AlertView) -> Self {
        let (alert, incident) = (view.alert, view.incident.as_ref());
        Self {
            id: alert.id,
            rule_id: alert.rule_id,
            rule_name: view.rule_name,
            incident_id: alert.incident_id,
            state: alert.state.as_str(),
            severity: incident.map(|incident| incident.severity.as_str()),
            kind: incident.map(|incident| incident.kind.as_str()),
            provider: incident.map(|incident| incident.provider.clone()),
            partner_id: incident.and_then(|incident| incident.partner_id),
            integration_id: incident.and_then(|incident| incident.integration_id),
            acknowledged_at: incident.and_then(|incident| incident.acknowledged_at),
            due_at: alert.due_at,
            told_at: alert.told_at,
            told_count: alert.told_count,
            created_at: alert.created_at,
            updated_at: alert.updated_at,
        }
    }
}

/// One message on its way through one channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertDeliveryOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: AlertDeliveryId,
    #[schema(value_type = String, format = "uuid")]
    pub channel_id: AlertChannelId,
    /// `null` for a test.
    #[schema(value_type = Option<String>, format = "uuid", required = true)]
    pub rule_id: Option<AlertRuleId>,
    /// The same for one message through all its channels.
    #[schema(value_type = String, format = "uuid")]
    pub message_id: AlertDeliveryId,
    pub message: AlertMessageOut,
    /// `waiting`, `sent` or `failed`.
    pub state: &'static str,
    pub attempts: u32,
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub next_attempt_at: Option<Timestamp>,
    /// The channels that failed before this one took over.
    #[schema(value_type = Vec<String>)]
    pub failed_channels: Vec<AlertChannelId>,
    #[schema(required = true)]
    pub error_type: Option<String>,
    #[schema(required = true)]
    pub last_error: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub completed_at: Option<Timestamp>,
}

impl From<AlertDelivery> for AlertDeliveryOut {
    fn from(delivery: AlertDelivery) -> Self {
        Self {
            id: delivery.id,
            channel_id: delivery.channel_id,
            rule_id: delivery.rule_id,
            message_id: delivery.message_id,
            message: delivery.message.into(),
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            next_attempt_at: delivery.next_attempt_at.filter(|_| delivery.state == AlertDeliveryState::Waiting),
            failed_channels: delivery.failed_channels,
            error_type: delivery.error_type,
            last_error: delivery.last_error,
            created_at: delivery.created_at,
            completed_at: delivery.completed_at,
        }
    }
}

/// Which alerts to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertQuery {
    /// 1-based.
    #[param(minimum = 1, default = 1)]
    pub page: Option<i64>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
    /// `pending`, `firing`, `closing`, `resolved`, `withdrawn` or `joined`.
    pub state: Option<String>,
}

/// Alerts of the rules that the caller may see, the newest first.
#[utoipa::path(get, path = "/api/admin/alerts", tag = "Alerts", params(AlertQuery),
    responses((status = 200, description = "One page", body = Listed<AlertOut>)))]
async fn list_alerts(
    Viewer(caller): Viewer,
    State(state): State<AppState>,
    query: Result<ApiQuery<AlertQuery>, ApiError>,
) -> ApiResult<Listed<AlertOut>> {
    let query = query?.0;
    let page = Page::of(query.page, query.limit)?;
    let known = "must be pending, firing, closing, resolved, withdrawn or joined";
    let wanted = parameter("state", query.state.as_deref(), known, AlertState::parse)?;
    let (views, count) = state.store.list_alerts(caller.scope(), wanted, page.into()).await?;
    Ok(Listed::new(views.into_iter().map(Into::into).collect(), Pagination::new(total(count), page, None)))
}

/// Which deliveries to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct AlertDeliveryQuery {
    /// 1-based.
    #[param(minimum = 1, default = 1)]
    pub page: Option<i64>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
    #[param(format = "uuid")]
    pub channel_id: Option<String>,
    #[param(format = "uuid")]
    pub rule_id: Option<String>,
    /// `waiting`, `sent` or `failed`.
    pub state: Option<String>,
}

/// The messages of alerts and what became of them, the newest first.
#[utoipa::path(get, path = "/api/admin/alert-deliveries", tag = "Alerts", params(AlertDeliveryQuery),
    responses((status = 200, description = "One page", body = Listed<AlertDeliveryOut>)))]
async fn list_alert_deliveries(
    Viewer(caller): Viewer,
    State(state): State<AppState>,
    query: Result<ApiQuery<AlertDeliveryQuery>, ApiError>,
) -> ApiResult<Listed<AlertDeliveryOut>> {
    let query = query?.0;
    let page = Page::of(query.page, query.limit)?;
    let filter = AlertDeliveryFilter {
        channel_id: parameter("channelId", query.channel_id.as_deref(), "must be an id", |text| text.parse().ok())?,
        rule_id: parameter("ruleId", query.rule_id.as_deref(), "must be an id", |text| text.parse().ok())?,
        state: parameter(
            "state",
            query.state.as_deref(),
            "must be waiting, sent or failed",
            AlertDeliveryState::parse,
        )?,
    };
    let (deliveries, count) = state.store.list_alert_deliveries(caller.scope(), &filter, page.into()).await?;
    Ok(Listed::new(deliveries.into_iter().map(Into::into).collect(), Pagination::new(total(count), page, None)))
}

/// Sends a failed message again.
#[utoipa::path(post, path = "/api/admin/alert-deliveries/{id}/retry", tag = "Alerts",
    params(("id" = String, Path, description = "The delivery's id", format = "uuid")),
    responses((status = 200, description = "The delivery as it is now", body = Data<AlertDeliveryOut>),
        (status = 409, description = "It has not failed", body = Failure)))]
async fn retry_alert_delivery(
    Operator(caller): Operator,
    PathId(id): PathId<AlertDeliveryId>,
    State(state): State<AppState>,
) -> ApiResult<Data<AlertDeliveryOut>> {
    let missing = || ApiError::not_found("alert delivery");
    state.store.find_alert_delivery(caller.scope(), id).await?.ok_or_else(missing)?;
    if !state.store.retry_alert_delivery(id, state.now()).await? {
        let sentence = "This message has not failed: only a failed one can be sent again.";
        return Err(ApiError::conflict(sentence, None).with_code("alert_delivery_not_failed"));
    }
    let found = state.store.find_alert_delivery(caller.scope(), id).await?.ok_or_else(missing)?;
    Ok(Data::new(found.into()))
}
