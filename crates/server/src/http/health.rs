//! Health: one integration's over a window, the overview of all that the caller may see, and the stream of its changes.

mod overview;
mod series;
mod stream;

pub use overview::HealthSummary;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use simpul_core::error_type::ErrorType;
use simpul_core::health::{Deduction, HealthStatus, Trend};
use simpul_core::id::IntegrationId;
use simpul_core::integration::Integration;
use simpul_core::time::{DAY, Timestamp};
use simpul_engine::{ComponentHealth, HealthReport, Metrics, PreviousHealth, Window};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::lookup::{integration_in, parameter};
use super::recommendations::{self, RecommendationOut};
use super::vocabulary::{ErrorTypeSchema, HealthStatusSchema};
use super::{ApiError, ApiQuery, ApiResult, Data, Lang, LangQuery, PathId};
use crate::auth::Viewer;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_health))
        .routes(routes!(series::read_health_series))
        .routes(routes!(overview::list_health))
        .routes(routes!(stream::stream_health))
}

/// An integration's health over a window.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HealthOut {
    #[schema(value_type = String, format = "uuid")]
    pub integration_id: IntegrationId,
    #[schema(value_type = HealthStatusSchema)]
    pub health_status: HealthStatus,
    /// 0 to 100; `null` where the window holds no request.
    pub health_score: Option<f64>,
    /// Fewer than five requests: too few to alert anybody.
    pub provisional: bool,
    pub metrics: MetricsOut,
    pub components: ComponentsOut,
    pub previous: PreviousOut,
    /// Where the score went since the window before; `null` where either is unknown.
    #[schema(value_type = Option<String>, pattern = "^(up|down|steady)$")]
    pub trend: Option<Trend>,
    pub last_test: LastTest,
    pub error_distribution: Vec<ErrorCount>,
    pub recommendations: Vec<String>,
    pub recommendation_details: Vec<RecommendationOut>,
    /// What keeps the score below the success rate, in points.
    #[schema(value_type = Vec<DeductionSchema>)]
    pub deductions: Vec<Deduction>,
    pub window: &'static str,
    #[schema(value_type = String, format = "date-time")]
    pub checked_at: Timestamp,
}

/// The window's figures; times in milliseconds, shares 0 to 100, `null` where nothing was measured.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricsOut {
    pub total_requests: u64,
    pub success_count: u64,
    pub failed_count: u64,
    pub success_rate: Option<f64>,
    pub avg_response_time: Option<u64>,
    #[serde(rename = "p50ResponseTime")]
    pub p50_response_time: Option<i64>,
    #[serde(rename = "p95ResponseTime")]
    pub p95_response_time: Option<i64>,
    #[serde(rename = "p99ResponseTime")]
    pub p99_response_time: Option<i64>,
    pub uptime: Option<f64>,
    /// Share of the window that was observed at all.
    pub coverage: f64,
}

/// The window before, of the same length.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviousOut {
    pub health_score: Option<f64>,
    #[schema(value_type = HealthStatusSchema)]
    pub health_status: HealthStatus,
    pub success_rate: Option<f64>,
    #[serde(rename = "p95ResponseTime")]
    pub p95_response_time: Option<i64>,
    pub uptime: Option<f64>,
}

/// Points that a signal took off the score.
#[derive(ToSchema)]
#[schema(as = Deduction)]
#[expect(dead_code, reason = "only described, for the OpenAPI document; written as Deduction")]
struct DeductionSchema {
    /// `uptime`, `latency`, `consecutive_failures` or `staleness`.
    code: String,
    points: f64,
}

/// The two halves of the headline.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ComponentsOut {
    /// The provider: tests, transactions, its notifications.
    pub connection: ComponentOut,
    /// Our receivers.
    pub deliveries: ComponentOut,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComponentOut {
    #[schema(value_type = HealthStatusSchema)]
    pub health_status: HealthStatus,
    pub success_rate: Option<f64>,
    pub total_requests: u64,
    pub success_count: u64,
    pub failed_count: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastTest {
    #[schema(value_type = Option<String>, format = "date-time")]
    pub tested_at: Option<Timestamp>,
    pub status: Option<String>,
    pub message: Option<String>,
    /// Whole days.
    pub days_since_last_test: Option<i64>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorCount {
    #[serde(rename = "type")]
    #[schema(example = "Timeout error")]
    pub label: &'static str,
    /// `null` for failures that were recorded without one.
    #[schema(value_type = Option<ErrorTypeSchema>)]
    pub error_type: Option<ErrorType>,
    pub count: u64,
}

/// Which span, and whether dismissed recommendations are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct HealthQuery {
    /// `1h`, `24h`, `7d` or `30d`.
    #[param(default = "24h", pattern = "^(1h|24h|7d|30d)$")]
    window: Option<String>,
    /// List dismissed and snoozed recommendations after the others, in `recommendationDetails` alone.
    #[param(default = false)]
    include_dismissed: Option<bool>,
}

fn window_of(word: Option<&str>) -> ApiResult<Window> {
    let window = parameter("window", word, "must be 1h, 24h, 7d or 30d", Window::parse)?;
    Ok(window.unwrap_or(Window::Day))
}

/// The health of an integration, from rollups: figures, score with its deductions, what is wrong and what to do.
#[utoipa::path(get, path = "/api/admin/integrations/{id}/health", tag = "Health",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), HealthQuery, LangQuery),
    responses((status = 200, description = "The health", body = Data<HealthOut>)))]
async fn read_health(
    Viewer(caller): Viewer,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    language: Result<Lang, ApiError>,
    query: Result<ApiQuery<HealthQuery>, ApiError>,
) -> ApiResult<Data<HealthOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let Lang(language) = language?;
    let query = query?.0;
    let window = window_of(query.window.as_deref())?;
    let mut report = state.engine.health(&integration, window).await?;
    let advice = std::mem::take(&mut report.advice);
    let details = recommendations::all(&integration, advice, query.include_dismissed.unwrap_or(false), language);
    Ok(Data::new(health_out(&integration, window, report, details)))
}

fn component(health: &ComponentHealth) -> ComponentOut {
    ComponentOut {
        health_status: health.status(),
        success_rate: health.success_rate(),
        total_requests: health.total_requests,
        success_count: health.success_count,
        failed_count: health.failed_count,
    }
}

fn metrics_out(metrics: &Metrics) -> MetricsOut {
    MetricsOut {
        total_requests: metrics.total_requests,
        success_count: metrics.success_count,
        failed_count: metrics.failed_count,
        success_rate: metrics.success_rate,
        avg_response_time: metrics.average_response_time,
        p50_response_time: metrics.p50_response_time,
        p95_response_time: metrics.p95_response_time,
        p99_response_time: metrics.p99_response_time,
        uptime: metrics.uptime,
        coverage: metrics.coverage,
    }
}

fn previous_out(previous: &PreviousHealth) -> PreviousOut {
    PreviousOut {
        health_score: previous.score,
        health_status: previous.status,
        success_rate: previous.success_rate,
        p95_response_time: previous.p95_response_time,
        uptime: previous.uptime,
    }
}

/// Every failure once: by type, the most frequent first, then those that were recorded without one.
fn distribution(errors: Vec<(ErrorType, u64)>, untyped: u64) -> Vec<ErrorCount> {
    let typed = errors.into_iter().map(|(error_type, count)| ErrorCount {
        label: error_type.label(),
        error_type: Some(error_type),
        count,
    });
    let untyped = (untyped > 0).then_some(ErrorCount { label: "Other error", error_type: None, count: untyped });
    typed.chain(untyped).collect()
}

fn health_out(
    integration: &Integration,
    window: Window,
    report: HealthReport,
    recommendation_details: Vec<RecommendationOut>,
) -> HealthOut {
    HealthOut {
        integration_id: integration.id,
        health_status: report.status,
        health_score: report.score,
        provisional: report.provisional,
        metrics: metrics_out(&report.metrics),
        components: ComponentsOut {
            connection: component(&report.connection),
            deliveries: component(&report.deliveries),
        },
        previous: previous_out(&report.previous),
        trend: report.trend,
        last_test: LastTest {
            tested_at: integration.last_tested_at,
            status: integration.last_test_status.clone(),
            message: integration.last_test_message.clone(),
            days_since_last_test: integration.last_tested_at.map(|at| report.checked_at.since(at).max(0) / DAY),
        },
        error_distribution: distribution(report.errors, report.untyped_errors),
        recommendations: recommendation_details
            .iter()
            .filter(|found| !found.dismissed)
            .map(|found| format!("{} {}", found.message, found.action))
            .collect(),
        recommendation_details,
        deductions: report.deductions,
        window: window.as_str(),
        checked_at: report.checked_at,
    }
}
