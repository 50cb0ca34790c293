//! Recommendations as they are answered, and putting one aside: for good, for a time, and undone.

#[cfg(test)]
mod tests;

use axum::extract::{RawPathParams, State};
use serde::{Deserialize, Serialize};
use simpul_core::activity::Activity;
use simpul_core::error_type::ErrorType;
use simpul_core::id::{IntegrationId, WebhookId};
use simpul_core::integration::Integration;
use simpul_core::language::Language;
use simpul_core::recommendation::{ActionKind, Dismissal, Evidence, Recommendation, Severity};
use simpul_core::time::{DAY, HOUR, Timestamp};
use simpul_engine::{Advice, Window};
use simpul_providers::sentence;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client::Client;
use super::extract::BODY_LIMIT;
use super::integrations::change_log;
use super::lookup::{integration_in, time_member};
use super::members::Deleted;
use super::vocabulary::ErrorTypeSchema;
use super::{ApiError, ApiResult, Data, Lang, LangQuery, PathId, Problems, RequestBody};
use crate::auth::{Caller, Operator};
use crate::state::AppState;

/// No snooze is longer, in days.
const LONGEST: i64 = 366;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(dismiss_recommendation))
        .routes(routes!(snooze_recommendation))
        .routes(routes!(undo_dismissal))
}

/// The schema of [`Severity`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = RecommendationSeverity, rename_all = "snake_case")]
pub enum SeveritySchema {
    Critical,
    Warning,
    Info,
}

/// The schema of [`ActionKind`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = RecommendationActionKind, rename_all = "snake_case")]
pub enum ActionKindSchema {
    EditConfiguration,
    SwitchMode,
    Test,
    OpenProvider,
    OpenWebhooks,
    OpenLogs,
    Rotate,
    None,
}

/// A finding and its remedy, in the language asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Recommendation)]
pub struct RecommendationOut {
    /// Stable; the sentences are not.
    #[schema(example = "key_rejected")]
    pub code: &'static str,
    #[schema(value_type = SeveritySchema)]
    pub severity: Severity,
    /// One sentence with the evidence.
    #[schema(example = "Midtrans has rejected the server key since 10:42 WIB (14 calls).")]
    pub message: String,
    /// What to do, as an instruction.
    pub action: String,
    #[schema(value_type = ActionKindSchema)]
    pub action_kind: ActionKind,
    /// The provider's console, where the remedy is there and has one address.
    pub link: Option<&'static str>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub since: Option<Timestamp>,
    pub evidence: EvidenceOut,
    /// Listed only because dismissed ones were asked for.
    pub dismissed: bool,
    /// When a snooze ends; `null` where it is dismissed until it changes, or not at all.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub dismissed_until: Option<Timestamp>,
    pub dismissed_reason: Option<String>,
}

/// What a finding rests on; only what it uses is there.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RecommendationEvidence)]
pub struct EvidenceOut {
    /// Calls, deliveries or notifications that show it, out of `ofCalls`.
    pub calls: Option<u64>,
    pub of_calls: Option<u64>,
    #[schema(value_type = Option<ErrorTypeSchema>)]
    pub error_type: Option<ErrorType>,
    /// Secrets redacted.
    pub last_error: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub last_error_at: Option<Timestamp>,
    /// The configuration's member that it is about.
    #[schema(example = "serverKey")]
    pub field: Option<String>,
    /// The mail server's last reply.
    pub smtp_status: Option<u16>,
    /// Seconds that the provider asked to wait.
    pub retry_after: Option<u64>,
    /// Milliseconds, as are the next two.
    #[serde(rename = "p95ResponseTime")]
    pub p95_response_time: Option<i64>,
    pub latency_target: Option<i64>,
    /// The median of the last 7 days.
    #[serde(rename = "usualP95ResponseTime")]
    pub usual_p95_response_time: Option<i64>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub expires_at: Option<Timestamp>,
    /// What is left of a quota.
    pub remaining: Option<i64>,
    /// Milliseconds that usually lie between two notifications.
    pub usual_gap: Option<i64>,
    /// Whole days.
    pub age_days: Option<i64>,
    #[schema(value_type = Vec<String>)]
    pub webhook_ids: Vec<WebhookId>,
}

impl EvidenceOut {
    fn of(evidence: Evidence, language: Language) -> Self {
        Self {
            calls: evidence.calls,
            of_calls: evidence.of_calls,
            error_type: evidence.error_type,
            last_error: evidence.last_error.map(|error| sentence(&error, language).into_owned()),
            last_error_at: evidence.last_error_at,
            field: evidence.field,
            smtp_status: evidence.smtp_status,
            retry_after: evidence.retry_after,
            p95_response_time: evidence.p95_response_time,
            latency_target: evidence.latency_target,
            usual_p95_response_time: evidence.usual_p95_response_time,
            expires_at: evidence.expires_at,
            remaining: evidence.remaining,
            usual_gap: evidence.usual_gap,
            age_days: evidence.age_days,
            webhook_ids: evidence.webhook_ids,
        }
    }
}

fn out(
    integration: &Integration,
    finding: Recommendation,
    dismissal: Option<&Dismissal>,
    language: Language,
) -> RecommendationOut {
    let console = || simpul_providers::find(&integration.provider)?.manifest().console_url;
    RecommendationOut {
        code: finding.code,
        severity: finding.severity,
        message: finding.message.in_language(language).to_owned(),
        action: finding.action.in_language(language).to_owned(),
        action_kind: finding.action_kind,
        link: matches!(finding.action_kind, ActionKind::OpenProvider | ActionKind::Rotate).then(console).flatten(),
        since: finding.since,
        evidence: EvidenceOut::of(finding.evidence, language),
        dismissed: dismissal.is_some(),
        dismissed_until: dismissal.and_then(|dismissal| dismissal.until),
        dismissed_reason: dismissal.and_then(|dismissal| dismissal.reason.clone()),
    }
}

/// Those that are shown, and after them the dismissed ones if they are wanted.
pub(super) fn all(
    integration: &Integration,
    advice: Advice,
    include_dismissed: bool,
    language: Language,
) -> Vec<RecommendationOut> {
    let shown = advice.shown.into_iter().map(|finding| out(integration, finding, None, language));
    let dismissed = advice.dismissed.into_iter().filter(|_| include_dismissed);
    let dismissed = dismissed.map(|(finding, dismissal)| out(integration, finding, Some(&dismissal), language));
    shown.chain(dismissed).collect()
}

/// Why it is put aside.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
struct DismissIn {
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// For how long it is put aside: one of `until` and `hours`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
struct SnoozeIn {
    #[schema(value_type = Option<String>, format = "date-time")]
    until: Option<String>,
    #[schema(minimum = 1, maximum = 8_784)]
    hours: Option<i64>,
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// The code in the path.
fn code_of(path: &RawPathParams) -> String {
    path.iter().find(|(name, _)| *name == "code").map(|(_, code)| code.to_owned()).unwrap_or_default()
}

/// The finding of this code, as the last 24 hours show it, dismissed or not.
async fn finding_of(state: &AppState, integration: &Integration, code: &str) -> ApiResult<Recommendation> {
    let advice = state.engine.health(integration, Window::Day).await?.advice;
    let mut all = advice.shown.into_iter().chain(advice.dismissed.into_iter().map(|(finding, _)| finding));
    all.find(|finding| finding.code == code).ok_or_else(|| ApiError::not_found("recommendation"))
}

fn log_of(
    state: &AppState,
    (integration, code): (&Integration, &str),
    (caller, client): (&Caller, &Client),
    what: &str,
) -> Activity {
    let message = format!("Recommendation {code} {what}");
    change_log(integration, &message, &[format!("recommendations.{code}")], caller, client, state.now())
}

/// Puts a recommendation aside until it gets worse, is about something else, or was gone and returns.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/recommendations/{code}/dismiss", tag = "Health",
    request_body = Option<DismissIn>,
    params(("id" = String, Path, description = "The integration's id", format = "uuid"),
        ("code" = String, Path, description = "The recommendation's code"), LangQuery),
    responses((status = 200, description = "Dismissed", body = Data<RecommendationOut>)))]
async fn dismiss_recommendation(
    Operator(caller): Operator,
    PathId(id): PathId<IntegrationId>,
    path: RawPathParams,
    language: Result<Lang, ApiError>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<Data<RecommendationOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let finding = finding_of(&state, &integration, &code_of(&path)).await?;
    let input: DismissIn = body.optional_json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    let reason = input.reason.as_deref().map(|reason| problems.line("reason", reason, 500));
    problems.into_result()?;
    put_aside(&state, (&integration, finding), (&caller, &client), None, reason, language?.0).await
}

/// Puts a recommendation aside for a time; it comes back sooner if it gets worse or is about something else.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/recommendations/{code}/snooze", tag = "Health",
    request_body = SnoozeIn,
    params(("id" = String, Path, description = "The integration's id", format = "uuid"),
        ("code" = String, Path, description = "The recommendation's code"), LangQuery),
    responses((status = 200, description = "Snoozed", body = Data<RecommendationOut>)))]
async fn snooze_recommendation(
    Operator(caller): Operator,
    PathId(id): PathId<IntegrationId>,
    path: RawPathParams,
    language: Result<Lang, ApiError>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<Data<RecommendationOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let finding = finding_of(&state, &integration, &code_of(&path)).await?;
    let input: SnoozeIn = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    let until = end_of(&input, state.now(), &mut problems);
    let reason = input.reason.as_deref().map(|reason| problems.line("reason", reason, 500));
    problems.into_result()?;
    put_aside(&state, (&integration, finding), (&caller, &client), until, reason, language?.0).await
}

fn end_of(input: &SnoozeIn, now: Timestamp, problems: &mut Problems) -> Option<Timestamp> {
    let until = time_member("until", input.until.as_deref(), DAY, problems);
    match (input.until.is_some(), input.hours) {
        (false, None) => problems.add("hours", "is required, or until"),
        (true, Some(_)) => problems.add("hours", "cannot be given together with until"),
        (false, Some(hours)) => {
            problems.range("hours", hours, 1, LONGEST * 24);
            return Some(Timestamp::from_millis(now.millis().saturating_add(hours.saturating_mul(HOUR))));
        }
        (true, None) => {
            if until.is_some_and(|until| !(1..=LONGEST * DAY).contains(&until.since(now))) {
                problems.add("until", format!("must lie in the future, at most {LONGEST} days ahead"));
            }
        }
    }
    until
}

async fn put_aside(
    state: &AppState,
    (integration, finding): (&Integration, Recommendation),
    (caller, client): (&Caller, &Client),
    until: Option<Timestamp>,
    reason: Option<String>,
    language: Language,
) -> ApiResult<Data<RecommendationOut>> {
    let dismissal = Dismissal {
        code: finding.code.to_owned(),
        until,
        severity: finding.severity,
        fingerprint: finding.fingerprint.clone(),
        reason,
        created_by: caller.label(),
        created_at: state.now(),
    };
    let what = if until.is_some() { "snoozed" } else { "dismissed" };
    let log = log_of(state, (integration, finding.code), (caller, client), what);
    state.store.dismiss(integration.id, &dismissal, log).await?;
    Ok(Data::new(out(integration, finding, Some(&dismissal), language)))
}

/// Shows a dismissed or snoozed recommendation again.
#[utoipa::path(delete, path = "/api/admin/integrations/{id}/recommendations/{code}/dismissal", tag = "Health",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"),
        ("code" = String, Path, description = "The recommendation's code")),
    responses((status = 200, description = "Shown again; `id` is the code", body = Data<Deleted>)))]
async fn undo_dismissal(
    Operator(caller): Operator,
    PathId(id): PathId<IntegrationId>,
    path: RawPathParams,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<Deleted>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let code = code_of(&path);
    let log = log_of(&state, (&integration, &code), (&caller, &client), "shown again");
    if !state.store.undo_dismissal(id, &code, log).await? {
        return Err(ApiError::not_found("dismissal"));
    }
    Ok(Data::new(Deleted::new(code)))
}
