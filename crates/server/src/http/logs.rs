//! The activity log: reading it by filter with exact counts, recording the platform's own transactions, exporting it.

mod export;
mod input;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simpul_core::access::{Role, Scope};
use simpul_core::activity::{Action, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::id::{IntegrationId, LogId, UserId};
use simpul_core::language::Language;
use simpul_core::time::{DAY, Timestamp};
use simpul_providers::{details_in_language, sentence};
use simpul_store::{ActivityFilter, ActivityPage, ActivityRow, StatCount};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::deliveries::json_of;
use super::extract::OneOrMany;
use super::lookup::{cut, integration_in, parameter};
use super::members::total;
use super::vocabulary::{ActionSchema, ErrorTypeSchema, StatusSchema};
use super::{
    ApiError, ApiQuery, ApiResult, Data, Lang, LangQuery, ListedWithStats, Page, Pagination, PathId, RequestBody,
};
use crate::auth::{Caller, Operator, Viewer};
use crate::state::AppState;
use input::{LogIn, LogsIn};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_logs, record_logs)).routes(routes!(export::export_logs))
}

/// One thing that was done with an integration.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: LogId,
    #[schema(value_type = String, format = "uuid")]
    pub integration_id: IntegrationId,
    #[schema(value_type = ActionSchema)]
    pub action: String,
    #[schema(value_type = StatusSchema)]
    pub status: String,
    pub message: String,
    #[schema(value_type = Option<ErrorTypeSchema>)]
    pub error_type: Option<String>,
    /// Secrets are redacted before they are stored, here and in the next two.
    #[schema(value_type = Option<Object>)]
    pub request_data: Value,
    #[schema(value_type = Option<Object>)]
    pub response_data: Value,
    #[schema(value_type = Option<Object>)]
    pub error_details: Value,
    /// Milliseconds.
    pub duration: Option<i64>,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    #[schema(value_type = Option<String>, format = "uuid")]
    pub user_id: Option<UserId>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
}

impl From<ActivityRow> for LogOut {
    fn from(row: ActivityRow) -> Self {
        Self {
            id: row.id,
            integration_id: row.integration_id,
            action: row.action,
            status: row.status,
            message: row.message,
            error_type: row.error_type,
            request_data: json_of(row.request_data.as_deref()),
            response_data: json_of(row.response_data.as_deref()),
            error_details: json_of(row.error_details.as_deref()),
            duration: row.duration,
            ip_address: row.ip_address,
            user_agent: row.user_agent,
            user_id: row.user_id,
            created_at: row.created_at,
        }
    }
}

impl LogOut {
    /// The row with what a connection test said in that language; every other row, and what providers said, stays.
    fn in_language(mut self, language: Language) -> Self {
        if self.action == Action::Test.as_str() {
            self.message = sentence(&self.message, language).into_owned();
            for details in [&mut self.response_data, &mut self.error_details] {
                if let Value::Object(details) = details {
                    details_in_language(details, language);
                }
            }
        }
        self
    }
}

/// How many rows of the filter have this action and status.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatOut {
    pub action: String,
    pub status: String,
    pub count: u64,
}

/// Which rows; absent parameters do not restrict.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct LogQuery {
    #[param(minimum = 1, default = 1)]
    page: Option<i64>,
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<i64>,
    /// May be repeated.
    #[param(value_type = Vec<ActionSchema>)]
    action: Vec<String>,
    /// May be repeated.
    #[param(value_type = Vec<StatusSchema>)]
    status: Vec<String>,
    /// RFC 3339, or a date.
    start_date: Option<String>,
    /// RFC 3339, or a date, whose whole day (UTC) is taken in.
    end_date: Option<String>,
    /// Words of the message.
    #[param(max_length = 200)]
    q: Option<String>,
    #[param(value_type = Option<ErrorTypeSchema>)]
    error_type: Option<String>,
    /// The `nextCursor` of an earlier answer, in place of `page`.
    cursor: Option<String>,
}

fn refused(name: &str, problem: impl Into<String>) -> ApiError {
    ApiError::bad_query([(name.to_owned(), json!([problem.into()]))].into_iter().collect())
}

fn words<T>(name: &str, texts: &[String], known: &[&str], parse: impl Fn(&str) -> Option<T>) -> ApiResult<Vec<T>> {
    let expected = format!("must be one of {}", known.join(", "));
    texts.iter().map(|text| parse(text).ok_or_else(|| refused(name, expected.clone()))).collect()
}

/// A time, or a date: its first millisecond, or with `to_end` its last.
fn time(name: &str, text: Option<&str>, to_end: bool) -> ApiResult<Option<Timestamp>> {
    parameter(name, text, "must be an RFC 3339 time such as 2026-02-21T10:00:00Z, or a date", |text| {
        let last = if to_end { DAY - 1 } else { 0 };
        let day = Timestamp::from_date(text).map(|day| Timestamp::from_millis(day.millis() + last));
        day.or_else(|_| text.parse()).ok()
    })
}

impl LogQuery {
    fn filter(&self) -> ApiResult<ActivityFilter> {
        let actions: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
        let statuses: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
        let start = time("startDate", self.start_date.as_deref(), false)?;
        let end = time("endDate", self.end_date.as_deref(), true)?;
        if start.zip(end).is_some_and(|(start, end)| end < start) {
            return Err(refused("endDate", "must not be before startDate"));
        }
        let text = self.q.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if text.is_some_and(|text| text.chars().count() > 200 || text.contains('\0')) {
            return Err(refused("q", "must have at most 200 characters and no null character"));
        }
        Ok(ActivityFilter {
            actions: words("action", &self.action, &actions, Action::parse)?,
            statuses: words("status", &self.status, &statuses, Status::parse)?,
            error_type: parameter("errorType", self.error_type.as_deref(), "is no known error type", ErrorType::parse)?,
            start,
            end,
            words: text.map(str::to_owned),
        })
    }
}

/// Where a page ends: the time and id of its last row.
fn cursor_of(row: &ActivityRow) -> String {
    format!("{}_{}", row.created_at.millis(), row.id)
}

fn after(cursor: &str) -> Option<ActivityPage> {
    let (millis, id) = cursor.split_once('_')?;
    Some(ActivityPage::After(Timestamp::from_millis(millis.parse().ok()?), id.parse().ok()?))
}

/// The id, if the caller may read its log: an integration within scope, or for a `super_admin` one that is gone.
async fn readable(state: &AppState, caller: &Caller, id: IntegrationId) -> ApiResult<IntegrationId> {
    match integration_in(state, caller.scope(), id).await {
        Ok(integration) => Ok(integration.id),
        Err(error) => {
            let sees_all = caller.role == Role::SuperAdmin && caller.scope() == Scope::All;
            if sees_all && error.status() == StatusCode::NOT_FOUND && state.store.has_activity(id).await? {
                return Ok(id);
            }
            Err(error)
        }
    }
}

/// An integration's activity, newest first; `stats` and `total` are exact and cover the same filter. What connection tests said
/// is in the language asked for; words are searched in English, as rows are stored.
#[utoipa::path(get, path = "/api/admin/integrations/{id}/logs", tag = "Activity log",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), LogQuery, LangQuery),
    responses((status = 200, description = "One page", body = ListedWithStats<LogOut, StatOut>)))]
async fn list_logs(
    Viewer(caller): Viewer,
    PathId(id): PathId<IntegrationId>,
    language: Result<Lang, ApiError>,
    State(state): State<AppState>,
    query: Result<ApiQuery<LogQuery>, ApiError>,
) -> ApiResult<ListedWithStats<LogOut, StatOut>> {
    let id = readable(&state, &caller, id).await?;
    let (Lang(language), query) = (language?, query?.0);
    let page = Page::of(query.page, query.limit)?;
    let filter = query.filter()?;
    let cursor = parameter("cursor", query.cursor.as_deref(), "must be the nextCursor of an earlier answer", after)?;
    let from = cursor.unwrap_or(ActivityPage::Offset(u32::try_from(page.offset()).unwrap_or(u32::MAX)));
    let mut rows = state.store.list_activity(id, &filter, from, page.limit + 1).await?;
    let next = cut(&mut rows, page.limit).then(|| rows.last().map(cursor_of)).flatten();
    let stats = state.store.count_activity(id, &filter).await?;
    let all = stats.iter().map(|stat| total(stat.count)).sum();
    let stats = stats.into_iter().map(stat_out).collect();
    let rows = rows.into_iter().map(|row| LogOut::from(row).in_language(language)).collect();
    Ok(ListedWithStats::new(rows, stats, Pagination::new(all, page, next)))
}

fn stat_out(StatCount { action, status, count }: StatCount) -> StatOut {
    StatOut { action, status, count: total(count) }
}

/// The ids under which transactions were recorded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Recorded {
    #[schema(value_type = String, format = "uuid")]
    pub id: LogId,
}

/// One answer for one row, a list for a list, in its order.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum RecordedLogs {
    One(Recorded),
    Many(Vec<Recorded>),
}

/// Records transactions of the platform's own programs: one, or up to 1,000 in a list that is taken whole or refused whole.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/logs", tag = "Activity log", request_body = LogsIn,
    params(("id" = String, Path, description = "The integration's id", format = "uuid")),
    responses((status = 201, description = "Recorded", body = Data<RecordedLogs>)))]
async fn record_logs(
    Operator(caller): Operator,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<RecordedLogs>)> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let sent: OneOrMany<LogIn> = body.one_or_many().await?;
    let is_one = matches!(sent, OneOrMany::One(_));
    let rows = input::checked(&state, &caller, &integration, sent).await?;
    let mut ids: Vec<Recorded> = rows.iter().map(|row| Recorded { id: row.id }).collect();
    state.engine.writer().record(rows).await?;
    let answer = match ids.pop() {
        Some(only) if is_one => RecordedLogs::One(only),
        last => {
            ids.extend(last);
            RecordedLogs::Many(ids)
        }
    };
    Ok(Data::new(answer).created())
}
