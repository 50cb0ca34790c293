//! Maintenance and pauses: spans in which failures are expected and count for nothing.
//! `/api/admin/integrations/{id}/pause`, `…/resume` and `/api/admin/maintenance`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::id::{IntegrationId, MaintenanceId, PartnerId};
use simpul_core::integration::Integration;
use simpul_core::time::{DAY, Timestamp};
use simpul_store::{MaintenanceFilter, MaintenanceWindow};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client::Client;
use super::envelope::Failure;
use super::extract::BODY_LIMIT;
use super::lookup::{address_of, integration_in, parameter, time_member};
use super::members::{Deleted, total};
use super::{ApiError, ApiQuery, ApiResult, Data, Listed, Page, Pagination, PathId, Problems, RequestBody};
use crate::auth::{Caller, Operator, Viewer};
use crate::state::AppState;

const REASON_CHARACTERS: usize = 200;
/// The longest span with an end.
const LONGEST: i64 = 366 * DAY;
/// Spans that may hold or lie ahead at once, pauses included.
const AT_MOST: i64 = 20_000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(pause_integration))
        .routes(routes!(resume_integration))
        .routes(routes!(list_maintenance, plan_maintenance))
        .routes(routes!(end_maintenance))
}

/// A span in which failures are expected: neither tested by schedule nor counted.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MaintenanceOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: MaintenanceId,
    /// What it is about; with all three `null`, everything.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub partner_id: Option<PartnerId>,
    #[schema(value_type = Option<String>, format = "uuid")]
    pub integration_id: Option<IntegrationId>,
    /// The provider's slug.
    pub provider: Option<String>,
    /// Made by `POST …/pause`.
    pub is_pause: bool,
    /// `planned`, `active` or `over`.
    pub state: &'static str,
    #[schema(value_type = String, format = "date-time")]
    pub starts_at: Timestamp,
    /// Exclusive; `null` for a pause without an end.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub ends_at: Option<Timestamp>,
    pub reason: String,
    /// The id of the user or key that made it.
    pub created_by: String,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
}

fn out(window: MaintenanceWindow, now: Timestamp) -> MaintenanceOut {
    let state = match () {
        () if window.holds_at(now) => "active",
        () if window.starts_at > now => "planned",
        () => "over",
    };
    MaintenanceOut {
        id: window.id,
        partner_id: window.partner_id,
        integration_id: window.integration_id,
        provider: window.provider,
        is_pause: window.is_pause,
        state,
        starts_at: window.starts_at,
        ends_at: window.ends_at,
        reason: window.reason,
        created_by: window.created_by,
        created_at: window.created_at,
    }
}

/// How long to pause, and why; everything may be absent, and so may the body.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct PauseIn {
    /// RFC 3339; without it, until somebody resumes.
    until: Option<String>,
    #[schema(max_length = 200)]
    reason: Option<String>,
}

/// Pauses an integration's scheduled tests; what happens meanwhile counts for nothing. A pause that holds already is replaced.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/pause", tag = "Maintenance", request_body = Option<PauseIn>,
    params(("id" = String, Path, description = "The integration's id", format = "uuid")),
    responses((status = 200, description = "The pause", body = Data<MaintenanceOut>)))]
async fn pause_integration(
    Operator(caller): Operator,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<Data<MaintenanceOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let input: PauseIn = body.optional_json(BODY_LIMIT).await?;
    let now = state.now();
    let mut problems = Problems::new();
    let until = time_member("until", input.until.as_deref(), DAY, &mut problems);
    if until.is_some_and(|until| until <= now || until.since(now) > LONGEST) {
        problems.add("until", "must lie ahead, by at most a year");
    }
    let reason = input.reason.unwrap_or_default().trim().to_owned();
    problems.length("reason", &reason, 0, REASON_CHARACTERS);
    if reason.chars().any(char::is_control) {
        problems.add("reason", "must be one line without control characters");
    }
    problems.into_result()?;
    require_room(&state).await?;
    let window = MaintenanceWindow {
        id: MaintenanceId::generate(now),
        integration_id: Some(integration.id),
        partner_id: None,
        provider: None,
        is_pause: true,
        starts_at: now,
        ends_at: until,
        reason,
        created_by: caller.label(),
        created_at: now,
    };
    let message = until.map_or_else(|| "Paused".to_owned(), |until| format!("Paused until {until}"));
    let log = change_log(&state, (&caller, &client), &integration, &message, &window.reason);
    state.store.insert_window(&window, Some(log)).await?;
    Ok(Data::new(out(window, now)))
}

/// What resuming came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resumed {
    #[schema(value_type = String, format = "uuid")]
    pub integration_id: IntegrationId,
    /// `false` where it was not paused.
    pub resumed: bool,
}

/// Ends an integration's pause. Maintenance that holds for it is ended by itself.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/resume", tag = "Maintenance",
    params(("id" = String, Path, description = "The integration's id", format = "uuid")),
    responses((status = 200, description = "Whether it was paused", body = Data<Resumed>)))]
async fn resume_integration(
    Operator(caller): Operator,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<Resumed>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let log = change_log(&state, (&caller, &client), &integration, "Resumed", "");
    let resumed = state.store.resume(integration.id, state.now(), log).await?;
    Ok(Data::new(Resumed { integration_id: integration.id, resumed }))
}

fn change_log(
    state: &AppState,
    (caller, client): (&Caller, &Client),
    integration: &Integration,
    message: &str,
    reason: &str,
) -> Activity {
    let mut log = Activity::new(integration.id, Action::ConfigChange, Status::Success, message, state.now());
    log.request_data = Some(json!({"by": caller.label(), "reason": reason}));
    log.user_id = caller.user_id();
    log.ip_address = address_of(client);
    log.user_agent.clone_from(&client.user_agent);
    log
}

async fn require_room(state: &AppState) -> ApiResult<()> {
    if state.store.count_open_windows(state.now()).await? < AT_MOST {
        return Ok(());
    }
    Err(ApiError::conflict("There are 20,000 spans of maintenance and pauses already: end some first.", None))
}

/// Which spans a list is about; absent parameters do not restrict.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct MaintenanceQuery {
    #[param(minimum = 1, default = 1)]
    page: Option<i64>,
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<i64>,
    #[param(value_type = Option<String>, format = "uuid")]
    partner_id: Option<PartnerId>,
    #[param(value_type = Option<String>, format = "uuid")]
    integration_id: Option<IntegrationId>,
    /// The provider's slug.
    provider: Option<String>,
    /// `open` for those that hold or lie ahead, `over` for the others.
    #[param(pattern = "^(open|over)$")]
    state: Option<String>,
}

/// Maintenance and pauses that the caller may see, the newest first. What holds for all partners is seen by those who see all.
#[utoipa::path(get, path = "/api/admin/maintenance", tag = "Maintenance", params(MaintenanceQuery),
    responses((status = 200, description = "One page", body = Listed<MaintenanceOut>)))]
async fn list_maintenance(
    Viewer(caller): Viewer,
    State(state): State<AppState>,
    ApiQuery(query): ApiQuery<MaintenanceQuery>,
) -> ApiResult<Listed<MaintenanceOut>> {
    let is_over = |text: &str| match text {
        "open" => Some(false),
        "over" => Some(true),
        _ => None,
    };
    let filter = MaintenanceFilter {
        partner_id: query.partner_id,
        integration_id: query.integration_id,
        provider: query.provider,
        is_over: parameter("state", query.state.as_deref(), "must be open or over", is_over)?,
    };
    let page = Page::of(query.page, query.limit)?;
    let now = state.now();
    let (windows, count) = state.store.list_windows(caller.scope(), &filter, now, page.into()).await?;
    let windows = windows.into_iter().map(|window| out(window, now)).collect();
    Ok(Listed::new(windows, Pagination::new(total(count), page, None)))
}

/// A span to plan: of one integration, a partner, a provider, or what all of those given have in common. With none of them it
/// is about everything, or about the one partner that the caller sees.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
struct MaintenanceIn {
    #[schema(value_type = Option<String>, format = "uuid")]
    partner_id: Option<PartnerId>,
    #[schema(value_type = Option<String>, format = "uuid")]
    integration_id: Option<IntegrationId>,
    /// The provider's slug.
    provider: Option<String>,
    /// RFC 3339, or a date; now when absent.
    starts_at: Option<String>,
    /// RFC 3339, or a date, whose whole day is included (UTC).
    #[schema(value_type = String)]
    ends_at: Option<String>,
    /// 1 to 200 characters.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    reason: Option<String>,
}

/// Plans maintenance: while it lasts, nothing it is about is tested by schedule, and nothing counts.
#[utoipa::path(post, path = "/api/admin/maintenance", tag = "Maintenance", request_body = MaintenanceIn,
    responses((status = 201, description = "The span", body = Data<MaintenanceOut>),
        (status = 409, description = "There are too many", body = Failure)))]
async fn plan_maintenance(
    Operator(caller): Operator,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<MaintenanceOut>)> {
    let input: MaintenanceIn = body.json(BODY_LIMIT).await?;
    let now = state.now();
    let mut problems = Problems::new();
    let starts_at = time_member("startsAt", input.starts_at.as_deref(), 0, &mut problems);
    let ends_at = time_member("endsAt", input.ends_at.as_deref(), DAY, &mut problems);
    let start = starts_at.unwrap_or(now);
    match ends_at {
        None if input.ends_at.is_none() => problems.add("endsAt", "is required"),
        None => {}
        Some(end) if end <= start.max(now) => problems.add("endsAt", "must lie ahead, and after startsAt"),
        Some(end) if end.since(start) > LONGEST => problems.add("endsAt", "must be within a year of startsAt"),
        Some(_) => {}
    }
    let reason = problems.line("reason", input.reason.as_deref().unwrap_or_default(), REASON_CHARACTERS);
    if input.provider.as_deref().is_some_and(|slug| simpul_providers::find(slug).is_none()) {
        problems.add("provider", "is not the slug of a known provider");
    }
    if let Some(id) = input.integration_id
        && state.store.find_integration(caller.scope(), id).await?.is_none()
    {
        problems.add("integrationId", "is not the id of an integration");
    }
    let partner_id = input.partner_id.or(caller.partner_id.filter(|_| input.integration_id.is_none()));
    if let Some(id) = partner_id
        && state.store.find_partner(caller.scope(), id).await?.is_none()
    {
        problems.add("partnerId", "is not the id of a partner");
    }
    problems.into_result()?;
    require_room(&state).await?;
    let window = MaintenanceWindow {
        id: MaintenanceId::generate(now),
        integration_id: input.integration_id,
        partner_id,
        provider: input.provider,
        is_pause: false,
        starts_at: start,
        ends_at,
        reason,
        created_by: caller.label(),
        created_at: now,
    };
    state.store.insert_window(&window, None).await?;
    state.engine.look_again(&window).await?;
    Ok(Data::new(out(window, now)).created())
}

/// Ends maintenance or a pause now; what lies ahead is removed.
#[utoipa::path(delete, path = "/api/admin/maintenance/{id}", tag = "Maintenance",
    params(("id" = String, Path, description = "The span's id", format = "uuid")),
    responses((status = 200, description = "Ended", body = Data<Deleted>)))]
async fn end_maintenance(
    Operator(caller): Operator,
    PathId(id): PathId<MaintenanceId>,
    State(state): State<AppState>,
) -> ApiResult<Data<Deleted>> {
    let window = state.store.find_window(caller.scope(), id).await?;
    let window = window.ok_or_else(|| ApiError::not_found("maintenance"))?;
    state.store.end_window(id, state.now()).await?;
    state.engine.look_again(&window).await?;
    Ok(Data::new(Deleted::new(id)))
}

#[cfg(test)]
mod tests;
