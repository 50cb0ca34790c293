//! The overview: all integrations that the caller may see, worst first, from the snapshot of their last 24 hours.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use simpul_core::health::{HealthStatus, Trend, percent};
use simpul_core::id::{IncidentId, IntegrationId, OutletId, PartnerId};
use simpul_core::integration::IntegrationType;
use simpul_core::time::Timestamp;
use simpul_store::{HealthCount, HealthEntry, OverviewFilter};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Viewer;
use crate::http::members::SearchQuery;
use crate::http::vocabulary::{HealthStatusSchema, IntegrationTypeSchema};
use crate::http::{ApiError, ApiQuery, ApiResult, Page, Pagination};
use crate::state::AppState;

/// An integration's health at a glance, over its last 24 hours.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HealthSummary {
    #[schema(value_type = String, format = "uuid")]
    pub integration_id: IntegrationId,
    #[schema(value_type = String, format = "uuid")]
    pub partner_id: PartnerId,
    pub partner_name: String,
    #[schema(value_type = Option<String>, format = "uuid")]
    pub outlet_id: Option<OutletId>,
    #[schema(value_type = IntegrationTypeSchema)]
    pub integration_type: IntegrationType,
    pub provider: String,
    pub display_name: String,
    pub is_active: bool,
    pub test_mode: bool,
    #[schema(value_type = HealthStatusSchema)]
    pub health_status: HealthStatus,
    /// 0 to 100; `null` where nothing was counted.
    pub health_score: Option<f64>,
    /// Fewer than five requests: too few to alert anybody.
    pub provisional: bool,
    /// 0 to 100; `null` where nothing was counted.
    pub success_rate: Option<f64>,
    pub total_requests: u64,
    pub success_count: u64,
    /// Milliseconds.
    #[serde(rename = "p95ResponseTime")]
    pub p95_response_time: Option<i64>,
    /// 0 to 100; `null` where nothing was observed.
    pub uptime: Option<f64>,
    /// `up`, `down` or `steady` against the 24 hours before; `null` where there is nothing to compare.
    #[schema(value_type = Option<String>, pattern = "^(up|down|steady)$")]
    pub trend: Option<Trend>,
    pub previous_score: Option<f64>,
    /// The provider's half.
    #[schema(value_type = HealthStatusSchema)]
    pub connection_status: HealthStatus,
    /// Our receivers' half.
    #[schema(value_type = HealthStatusSchema)]
    pub deliveries_status: HealthStatus,
    #[schema(value_type = Option<String>, format = "uuid")]
    pub open_incident_id: Option<IncidentId>,
    /// Paused, or in maintenance.
    pub paused: bool,
    /// `null` where it has no end.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub paused_until: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub last_tested_at: Option<Timestamp>,
    /// `success` or `failed`.
    pub last_test_status: Option<String>,
    /// Hard facts beside the score: `credentials_rejected`, `device_disconnected`, `environment_mismatch`, `account_suspended`,
    /// `expired`, `expires_soon`, `webhook_disabled`, `webhook_failing`, `never_tested`, `stale`.
    #[schema(example = json!(["credentials_rejected"]))]
    pub facts: Vec<String>,
    #[schema(value_type = String, format = "date-time")]
    pub changed_at: Timestamp,
}

impl From<HealthEntry> for HealthSummary {
    fn from(entry: HealthEntry) -> Self {
        let snapshot = entry.snapshot;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let (success_count, total_requests) = (count(snapshot.success_count), count(snapshot.total_requests));
        Self {
            integration_id: snapshot.integration_id,
            partner_id: snapshot.partner_id,
            partner_name: entry.partner_name,
            outlet_id: entry.outlet_id,
            integration_type: entry.integration_type,
            provider: entry.provider,
            display_name: entry.display_name,
            is_active: entry.is_active,
            test_mode: entry.test_mode,
            health_status: snapshot.health_status,
            health_score: snapshot.health_score,
            provisional: snapshot.provisional,
            success_rate: percent(success_count, total_requests),
            total_requests,
            success_count,
            p95_response_time: snapshot.p95_response_time,
            uptime: snapshot.uptime,
            trend: Trend::between(snapshot.previous_score, snapshot.health_score),
            previous_score: snapshot.previous_score,
            connection_status: snapshot.connection_status,
            deliveries_status: snapshot.deliveries_status,
            open_incident_id: snapshot.open_incident_id,
            paused: snapshot.paused,
            paused_until: snapshot.paused_until,
            last_tested_at: entry.last_tested_at,
            last_test_status: entry.last_test_status,
            facts: snapshot.facts,
            changed_at: snapshot.changed_at,
        }
    }
}

/// How many integrations stand in a band.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BandCount {
    #[schema(value_type = HealthStatusSchema)]
    pub health_status: HealthStatus,
    pub count: u64,
}

/// How a provider's integrations stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProviderHealth {
    /// The provider's slug.
    pub provider: String,
    /// The provider's name.
    pub label: String,
    #[schema(value_type = IntegrationTypeSchema)]
    pub integration_type: IntegrationType,
    pub total: u64,
    pub healthy: u64,
    pub warning: u64,
    pub degraded: u64,
    pub critical: u64,
    pub unknown: u64,
    /// The provider's open outage.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub outage_incident_id: Option<IncidentId>,
}

/// A page of the overview.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct HealthOverview {
    /// Always `true`.
    pub success: bool,
    pub data: Vec<HealthSummary>,
    /// Over all that the filter matches, whatever its `healthStatus`; every band is there.
    pub stats: Vec<BandCount>,
    /// Over all that the caller may see.
    pub providers: Vec<ProviderHealth>,
    pub pagination: Pagination,
}

impl IntoResponse for HealthOverview {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// Which integrations the overview is about; absent parameters do not restrict.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct OverviewQuery {
    #[param(minimum = 1, default = 1)]
    page: Option<i64>,
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<i64>,
    #[param(value_type = Option<String>, format = "uuid")]
    partner_id: Option<PartnerId>,
    #[param(value_type = Option<IntegrationTypeSchema>)]
    integration_type: Option<IntegrationType>,
    /// The provider's slug.
    provider: Option<String>,
    /// May be repeated: any of these.
    #[param(value_type = Vec<HealthStatusSchema>)]
    health_status: Vec<String>,
    is_active: Option<bool>,
    /// Text that must occur in the display name, the provider's slug or the partner's name, in any case.
    #[param(max_length = 200)]
    q: Option<String>,
}

impl OverviewQuery {
    fn parts(self) -> ApiResult<(Page, OverviewFilter)> {
        let search = SearchQuery { page: self.page, limit: self.limit, q: self.q };
        let (page, words) = search.parts()?;
        let filter = OverviewFilter {
            partner_id: self.partner_id,
            integration_type: self.integration_type,
            provider: self.provider,
            is_active: self.is_active,
            words: words.map(str::to_owned),
            statuses: self.health_status.iter().map(|word| band(word)).collect::<ApiResult<_>>()?,
        };
        Ok((page, filter))
    }
}

fn band(word: &str) -> ApiResult<HealthStatus> {
    HealthStatus::parse(word).ok_or_else(|| {
        let known: Vec<&str> = HealthStatus::ALL.iter().map(|status| status.as_str()).collect();
        let problem = json!([format!("must be one of {}", known.join(", "))]);
        ApiError::bad_query([("healthStatus".to_owned(), problem)].into_iter().collect())
    })
}

/// All integrations that the caller may see: those with an open incident first, then the worst of the last 24 hours; unknown
/// ones last.
#[utoipa::path(get, path = "/api/admin/health", tag = "Health", params(OverviewQuery),
    responses((status = 200, description = "One page", body = HealthOverview)))]
pub(super) async fn list_health(
    Viewer(caller): Viewer,
    State(state): State<AppState>,
    ApiQuery(query): ApiQuery<OverviewQuery>,
) -> ApiResult<HealthOverview> {
    let (page, filter) = query.parts()?;
    let scope = caller.scope();
    let counts = state.store.count_health(scope, &filter).await?;
    let of_all = if filter.is_open() {
        counts.clone()
    } else {
        state.store.count_health(scope, &OverviewFilter::default()).await?
    };
    let data = state.store.list_health(scope, &filter, page.into()).await?;
    let stats = stats(&counts);
    let is_wanted = |status: HealthStatus| filter.statuses.is_empty() || filter.statuses.contains(&status);
    let total = stats.iter().filter(|band| is_wanted(band.health_status)).map(|band| band.count).sum();
    Ok(HealthOverview {
        success: true,
        data: data.into_iter().map(HealthSummary::from).collect(),
        stats,
        providers: providers(&of_all, &state.store.open_outages(scope).await?),
        pagination: Pagination::new(total, page, None),
    })
}

fn stats(counts: &[HealthCount]) -> Vec<BandCount> {
    let of = |status: HealthStatus| {
        counts.iter().filter(|count| count.health_status == status).map(|count| count.count).sum()
    };
    HealthStatus::ALL.iter().map(|status| BandCount { health_status: *status, count: of(*status) }).collect()
}

fn providers(counts: &[HealthCount], outages: &[(String, IncidentId)]) -> Vec<ProviderHealth> {
    let of_one = counts.chunk_by(|one, next| one.provider == next.provider);
    of_one
        .map(|own| {
            let count = |status: HealthStatus| {
                own.iter().filter(|count| count.health_status == status).map(|count| count.count).sum()
            };
            let provider = &own[0].provider;
            ProviderHealth {
                provider: provider.clone(),
                label: simpul_providers::find(provider)
                    .map_or_else(|| provider.clone(), |known| known.manifest().label.to_owned()),
                integration_type: own[0].integration_type,
                total: own.iter().map(|count| count.count).sum(),
                healthy: count(HealthStatus::Healthy),
                warning: count(HealthStatus::Warning),
                degraded: count(HealthStatus::Degraded),
                critical: count(HealthStatus::Critical),
                unknown: count(HealthStatus::Unknown),
                outage_incident_id: outages.iter().find(|(slug, _)| slug == provider).map(|(_, id)| *id),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
