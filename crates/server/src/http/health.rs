//! Health: one integration's over a window, and the overview of all that the caller may see.

mod series;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use simpul_core::error_type::ErrorType;
use simpul_core::health::{Deduction, HealthStatus, Trend, percent};
use simpul_core::id::{IntegrationId, PartnerId};
use simpul_core::integration::Integration;
use simpul_core::recommendation::Recommendation;
use simpul_core::time::{DAY, Timestamp};
use simpul_engine::{ComponentHealth, HealthReport, Metrics, PreviousHealth, Window};
use simpul_store::IntegrationFilter;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::lookup::{integration_in, parameter};
use super::vocabulary::{ErrorTypeSchema, HealthStatusSchema};
use super::{ApiError, ApiQuery, ApiResult, Data, Listed, Page, PageQuery, Pagination, PathId};
use crate::auth::Viewer;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_health))
        .routes(routes!(series::read_health_series))
        .routes(routes!(list_health))
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
    #[schema(value_type = Vec<Object>)]
    pub recommendation_details: Vec<Recommendation>,
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

/// Which span to look back over.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WindowQuery {
    /// `1h`, `24h`, `7d` or `30d`.
    #[param(default = "24h", pattern = "^(1h|24h|7d|30d)$")]
    window: Option<String>,
}

impl WindowQuery {
    fn window(&self) -> ApiResult<Window> {
        window_of(self.window.as_deref())
    }
}

fn window_of(word: Option<&str>) -> ApiResult<Window> {
    let window = parameter("window", word, "must be 1h, 24h, 7d or 30d", Window::parse)?;
    Ok(window.unwrap_or(Window::Day))
}

/// The health of an integration, from rollups: figures, score with its deductions, what is wrong and what to do.
#[utoipa::path(get, path = "/api/admin/integrations/{id}/health", tag = "Health",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), WindowQuery),
    responses((status = 200, description = "The health", body = Data<HealthOut>)))]
async fn read_health(
    Viewer(caller): Viewer,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    query: Result<ApiQuery<WindowQuery>, ApiError>,
) -> ApiResult<Data<HealthOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let window = query?.0.window()?;
    let report = state.engine.health(&integration, window).await?;
    Ok(Data::new(health_out(&integration, window, report)))
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

fn health_out(integration: &Integration, window: Window, report: HealthReport) -> HealthOut {
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
        recommendations: report
            .recommendations
            .iter()
            .map(|found| format!("{} {}", found.message, found.action))
            .collect(),
        recommendation_details: report.recommendations,
        deductions: report.deductions,
        window: window.as_str(),
        checked_at: report.checked_at,
    }
}

/// An integration in the overview, by its last 24 hours.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverviewOut {
    #[schema(value_type = String, format = "uuid")]
    pub integration_id: IntegrationId,
    #[schema(value_type = String, format = "uuid")]
    pub partner_id: PartnerId,
    pub provider: String,
    pub display_name: String,
    pub is_active: bool,
    #[schema(value_type = HealthStatusSchema)]
    pub health_status: HealthStatus,
    pub success_rate: Option<f64>,
    pub total_requests: u64,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub last_tested_at: Option<Timestamp>,
    pub last_test_status: Option<String>,
}

/// All integrations that the caller may see, the worst of the last 24 hours first; unknown ones last.
#[utoipa::path(get, path = "/api/admin/health", tag = "Health", params(PageQuery),
    responses((status = 200, description = "One page", body = Listed<OverviewOut>)))]
async fn list_health(
    Viewer(caller): Viewer,
    State(state): State<AppState>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Listed<OverviewOut>> {
    let page: Page = query.page()?;
    let statuses = state.engine.health_statuses(caller.scope()).await?;
    let mut ids = state.store.list_integration_ids(caller.scope(), &IntegrationFilter::default()).await?;
    let of = |id: &IntegrationId| statuses.get(id).copied().unwrap_or((HealthStatus::Unknown, 0, 0));
    ids.sort_by_key(|id| {
        let (status, ok, all) = of(id);
        (status == HealthStatus::Unknown, status, (ok * 10_000).checked_div(all))
    });
    let total = ids.len() as u64;
    let offset = usize::try_from(page.offset()).unwrap_or(usize::MAX).min(ids.len());
    let ids: Vec<IntegrationId> = ids.into_iter().skip(offset).take(page.limit as usize).collect();
    let data = state
        .store
        .integrations_with_ids(&ids)
        .await?
        .into_iter()
        .map(|integration| {
            let (health_status, ok, all) = of(&integration.id);
            OverviewOut {
                integration_id: integration.id,
                partner_id: integration.partner_id,
                provider: integration.provider,
                display_name: integration.display_name,
                is_active: integration.is_active,
                health_status,
                success_rate: percent(ok, all),
                total_requests: all,
                last_tested_at: integration.last_tested_at,
                last_test_status: integration.last_test_status,
            }
        })
        .collect();
    Ok(Listed::new(data, Pagination::new(total, page, None)))
}
