//! Alert rules: who is told of what, and what a rule would tell now. Without a rule nothing is sent.

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use simpul_core::access::Scope;
use simpul_core::alert::AlertRule;
use simpul_core::id::{AlertChannelId, AlertRuleId, PartnerId};
use simpul_core::incident::{IncidentKind, IncidentSeverity};
use simpul_core::language::Language;
use simpul_core::time::Timestamp;
use simpul_store::Page as Rows;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::channels::owner;
use super::log::AlertMessageOut;
use super::rule_input::{self, AlertQuietHours, AlertRuleIn};
use super::{AT_MOST, note_change};
use crate::auth::{Admin, Caller, Viewer};
use crate::http::envelope::Failure;
use crate::http::extract::BODY_LIMIT;
use crate::http::members::{Deleted, total};
use crate::http::{ApiError, ApiQuery, ApiResult, Data, Listed, PageQuery, Pagination, PathId, Problems, RequestBody};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_alert_rules, create_alert_rule))
        .routes(routes!(preview_alert_rule))
        .routes(routes!(read_alert_rule, change_alert_rule, delete_alert_rule))
}

/// Who is told of what.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertRuleOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: AlertRuleId,
    #[schema(value_type = Option<String>, format = "uuid", required = true)]
    pub partner_id: Option<PartnerId>,
    pub name: String,
    pub is_active: bool,
    #[schema(value_type = String)]
    pub minimum_severity: IncidentSeverity,
    #[schema(value_type = Vec<String>)]
    pub kinds: Vec<IncidentKind>,
    #[schema(value_type = Vec<String>)]
    pub partner_ids: Vec<PartnerId>,
    pub providers: Vec<String>,
    #[schema(value_type = Vec<String>)]
    pub channel_ids: Vec<AlertChannelId>,
    #[schema(required = true)]
    pub repeat_minutes: Option<u32>,
    pub notify_resolved: bool,
    #[schema(required = true)]
    pub quiet_hours: Option<AlertQuietHours>,
    pub group_seconds: u32,
    #[schema(value_type = String)]
    pub language: Language,
    /// Nothing is told before: it has sent 30 messages within an hour, and gathers what follows.
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub held_until: Option<Timestamp>,
    pub created_by: String,
    pub updated_by: String,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

impl From<AlertRule> for AlertRuleOut {
    fn from(rule: AlertRule) -> Self {
        let quiet_hours = rule.quiet_hours.map(|hours| AlertQuietHours {
            from: hours.from,
            to: hours.to,
            time_zone: Some(hours.time_zone),
            allow_critical: Some(hours.allow_critical),
        });
        Self {
            id: rule.id,
            partner_id: rule.partner_id,
            name: rule.name,
            is_active: rule.is_active,
            minimum_severity: rule.minimum_severity,
            kinds: rule.kinds,
            partner_ids: rule.partner_ids,
            providers: rule.providers,
            channel_ids: rule.channel_ids,
            repeat_minutes: rule.repeat_minutes,
            notify_resolved: rule.notify_resolved,
            quiet_hours,
            group_seconds: rule.group_seconds,
            language: rule.language,
            held_until: rule.held_until,
            created_by: rule.created_by,
            updated_by: rule.updated_by,
            created_at: rule.created_at,
            updated_at: rule.updated_at,
        }
    }
}

/// What a rule would tell now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlertRulePreviewOut {
    /// Troubles that it tells of; an outage counts once.
    pub count: usize,
    /// The message; `null` where there is nothing to tell.
    #[schema(required = true)]
    pub message: Option<AlertMessageOut>,
}

async fn rule_in(state: &AppState, scope: Scope, id: AlertRuleId) -> ApiResult<AlertRule> {
    state.store.find_alert_rule(scope, id).await?.ok_or_else(|| ApiError::not_found("alert rule"))
}

/// The alert rules that the caller may see, the oldest first.
#[utoipa::path(get, path = "/api/admin/alert-rules", tag = "Alerts", params(PageQuery),
    responses((status = 200, description = "One page", body = Listed<AlertRuleOut>)))]
async fn list_alert_rules(
    Viewer(caller): Viewer,
    State(state): State<AppState>,
    query: Result<ApiQuery<PageQuery>, ApiError>,
) -> ApiResult<Listed<AlertRuleOut>> {
    let page = query?.0.page()?;
    let (rules, count) = state.store.list_alert_rules(caller.scope(), page.into()).await?;
    Ok(Listed::new(rules.into_iter().map(Into::into).collect(), Pagination::new(total(count), page, None)))
}

/// A rule made of a request, checked as a whole.
async fn made(state: &AppState, caller: &Caller, input: AlertRuleIn) -> ApiResult<AlertRule> {
    let (now, mut problems) = (state.now(), Problems::new());
    let partner_id = owner(state, caller, input.partner_id.as_deref(), &mut problems).await?;
    let mut rule = AlertRule {
        id: AlertRuleId::generate(now),
        partner_id,
        name: String::new(),
        is_active: true,
        minimum_severity: IncidentSeverity::Warning,
        kinds: Vec::new(),
        partner_ids: Vec::new(),
        providers: Vec::new(),
        channel_ids: Vec::new(),
        repeat_minutes: None,
        notify_resolved: true,
        quiet_hours: None,
        group_seconds: 60,
        language: Language::English,
        held_until: None,
        created_by: caller.label(),
        updated_by: caller.label(),
        created_at: now,
        updated_at: now,
    };
    input.apply(&mut rule, &mut problems);
    rule_input::check(state, caller, &rule, problems).await?;
    Ok(rule)
}

/// Adds an alert rule. It tells of everything that is open and fits, once it has gathered.
#[utoipa::path(post, path = "/api/admin/alert-rules", tag = "Alerts", request_body = AlertRuleIn,
    responses((status = 201, description = "Created", body = Data<AlertRuleOut>),
        (status = 409, description = "There are 200 already", body = Failure)))]
async fn create_alert_rule(
    Admin(caller): Admin,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<AlertRuleOut>)> {
    let rule = made(&state, &caller, body.json(BODY_LIMIT).await?).await?;
    let (_, count) = state.store.list_alert_rules(Scope::All, Rows { offset: 0, limit: 1 }).await?;
    if count >= AT_MOST {
        let sentence = format!("There are {AT_MOST} alert rules already: delete one first.");
        return Err(ApiError::conflict(sentence, None).with_code("too_many_alert_rules"));
    }
    state.store.insert_alert_rule(&rule).await?;
    note_change(&caller, "alert rule", "created", rule.id);
    Ok(Data::new(rule.into()).created())
}

/// What a rule of this form would tell of the incidents that are open now; nothing is stored or sent.
#[utoipa::path(post, path = "/api/admin/alert-rules/preview", tag = "Alerts", request_body = AlertRuleIn,
    responses((status = 200, description = "How many, and the message", body = Data<AlertRulePreviewOut>)))]
async fn preview_alert_rule(
    Admin(caller): Admin,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<Data<AlertRulePreviewOut>> {
    let rule = made(&state, &caller, body.json(BODY_LIMIT).await?).await?;
    let preview = state.engine.preview_alert_rule(&rule).await?;
    Ok(Data::new(AlertRulePreviewOut { count: preview.count, message: preview.message.map(Into::into) }))
}

/// One alert rule.
#[utoipa::path(get, path = "/api/admin/alert-rules/{id}", tag = "Alerts",
    params(("id" = String, Path, description = "The rule's id", format = "uuid")),
    responses((status = 200, description = "The rule", body = Data<AlertRuleOut>)))]
async fn read_alert_rule(
    Viewer(caller): Viewer,
    PathId(id): PathId<AlertRuleId>,
    State(state): State<AppState>,
) -> ApiResult<Data<AlertRuleOut>> {
    Ok(Data::new(rule_in(&state, caller.scope(), id).await?.into()))
}

/// Changes an alert rule; absent members stay as they are, and so does whose it is.
#[utoipa::path(put, path = "/api/admin/alert-rules/{id}", tag = "Alerts", request_body = AlertRuleIn,
    params(("id" = String, Path, description = "The rule's id", format = "uuid")),
    responses((status = 200, description = "The rule as it is now", body = Data<AlertRuleOut>)))]
async fn change_alert_rule(
    Admin(caller): Admin,
    PathId(id): PathId<AlertRuleId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<Data<AlertRuleOut>> {
    let mut rule = rule_in(&state, caller.scope(), id).await?;
    let input: AlertRuleIn = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    if input.partner_id.as_ref().is_some_and(|asked| rule.partner_id.is_none_or(|own| own.to_string() != *asked)) {
        problems.add("partnerId", "cannot be changed: make another rule");
    }
    input.apply(&mut rule, &mut problems);
    rule_input::check(&state, &caller, &rule, problems).await?;
    (rule.updated_by, rule.updated_at) = (caller.label(), state.now());
    state.store.update_alert_rule(&rule).await?;
    note_change(&caller, "alert rule", "changed", rule.id);
    Ok(Data::new(rule.into()))
}

/// Deletes an alert rule with its alerts; the log of what it has sent stays.
#[utoipa::path(delete, path = "/api/admin/alert-rules/{id}", tag = "Alerts",
    params(("id" = String, Path, description = "The rule's id", format = "uuid")),
    responses((status = 200, description = "Deleted", body = Data<Deleted>)))]
async fn delete_alert_rule(
    Admin(caller): Admin,
    PathId(id): PathId<AlertRuleId>,
    State(state): State<AppState>,
) -> ApiResult<Data<Deleted>> {
    let rule = rule_in(&state, caller.scope(), id).await?;
    state.store.delete_alert_rule(rule.id).await?;
    note_change(&caller, "alert rule", "deleted", rule.id);
    Ok(Data::new(Deleted::new(rule.id)))
}
