//! An integration's health point by point, for charts.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use simpul_core::id::{IncidentId, IntegrationId};
use simpul_core::time::Timestamp;
use simpul_engine::SeriesPoint;
use simpul_store::{Incident, IncidentFilter, Page};
use utoipa::{IntoParams, ToSchema};

use super::window_of;
use crate::auth::Viewer;
use crate::http::lookup::integration_in;
use crate::http::{ApiError, ApiQuery, ApiResult, Data, PathId};
use crate::state::AppState;

/// Incidents that a series shows at most.
const INCIDENTS: u32 = 100;

/// A window of an integration's health, point by point.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SeriesOut {
    pub window: &'static str,
    /// Milliseconds from one point to the next.
    pub step: i64,
    /// Every step of the window, the last of them under way.
    pub points: Vec<SeriesPointOut>,
    /// What was wrong in the window, the newest first; the latest 100.
    pub incidents: Vec<SeriesIncident>,
}

/// The figures of one step; times in milliseconds, shares 0 to 100, `null` where nothing was measured.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SeriesPointOut {
    /// Where the step begins.
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
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
    /// How long the connection was seen up in this step.
    pub up: u64,
    pub down: u64,
    /// How long it was not seen.
    pub unknown: u64,
    /// `partial` when up for some of the time and down for some; `maintenance` when nothing else was seen.
    #[schema(value_type = String, pattern = "^(up|down|partial|unknown|maintenance)$")]
    pub state: &'static str,
}

/// An incident that overlaps the window.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SeriesIncident {
    #[schema(value_type = String, format = "uuid")]
    pub id: IncidentId,
    pub kind: &'static str,
    pub cause: &'static str,
    #[schema(value_type = String, format = "date-time")]
    pub opened_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub closed_at: Option<Timestamp>,
}

/// Which span, and how finely.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SeriesQuery {
    /// `1h`, `24h`, `7d` or `30d`.
    #[param(default = "24h", pattern = "^(1h|24h|7d|30d)$")]
    window: Option<String>,
    /// One that fits the window: 1h: `1m`, `5m`; 24h: `5m`, `15m`, `1h`; 7d: `1h`, `2h`, `6h`; 30d: `6h`, `1d`. Absent: about 90 points.
    #[param(pattern = "^(1m|5m|15m|1h|2h|6h|1d)$")]
    step: Option<String>,
}

/// The health of an integration over a window, point by point: counts, response times, and what was seen of the connection.
#[utoipa::path(get, path = "/api/admin/integrations/{id}/health/series", tag = "Health",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), SeriesQuery),
    responses((status = 200, description = "The series", body = Data<SeriesOut>)))]
pub(super) async fn read_health_series(
    Viewer(caller): Viewer,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    query: Result<ApiQuery<SeriesQuery>, ApiError>,
) -> ApiResult<Data<SeriesOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let query = query?.0;
    let window = window_of(query.window.as_deref())?;
    let step = window.step(query.step.as_deref()).ok_or_else(|| {
        let mut steps = window.steps().to_vec();
        steps.sort_unstable();
        let problem = format!("must be {} in a window of {}", steps.join(" or "), window.as_str());
        ApiError::bad_query([("step".to_owned(), json!([problem]))].into_iter().collect())
    })?;
    let series = state.engine.health_series(&integration, window, step).await?;
    let filter = IncidentFilter {
        integration_id: Some(id),
        from: series.points.first().map(|point| point.at),
        ..IncidentFilter::default()
    };
    let (incidents, _) =
        state.store.list_incidents(caller.scope(), &filter, Page { offset: 0, limit: INCIDENTS }).await?;
    Ok(Data::new(SeriesOut {
        window: window.as_str(),
        step: series.step.millis(),
        points: series.points.into_iter().map(point_out).collect(),
        incidents: incidents.into_iter().map(incident_out).collect(),
    }))
}

fn incident_out(incident: Incident) -> SeriesIncident {
    SeriesIncident {
        id: incident.id,
        kind: incident.kind.as_str(),
        cause: incident.cause.as_str(),
        opened_at: incident.opened_at,
        closed_at: incident.closed_at,
    }
}

fn point_out(point: SeriesPoint) -> SeriesPointOut {
    SeriesPointOut {
        at: point.at,
        total_requests: point.total_requests,
        success_count: point.success_count,
        failed_count: point.failed_count,
        success_rate: point.success_rate,
        avg_response_time: point.average_response_time,
        p50_response_time: point.p50_response_time,
        p95_response_time: point.p95_response_time,
        p99_response_time: point.p99_response_time,
        up: point.up,
        down: point.down,
        unknown: point.unknown,
        state: point.state.as_str(),
    }
}

#[cfg(test)]
mod tests;
