//! What load balancers and supervisors ask: `/healthz` and `/readyz`.

use std::time::Duration;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiResult, Data};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show_liveness)).routes(routes!(show_readiness))
}

/// The process.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LivenessOut {
    /// Always `up`.
    pub status: &'static str,
    /// Simpul's version.
    pub version: &'static str,
}

/// Whether requests can be served.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReadinessOut {
    /// Always `ready`; anything else is a 503.
    pub status: &'static str,
    /// `sqlite` or `postgres`.
    pub database: &'static str,
}

/// Whether the process is up.
#[utoipa::path(get, path = "/healthz", tag = "Operations", security(()),
    responses((status = 200, description = "It is up", body = Data<LivenessOut>)))]
pub(super) async fn show_liveness() -> Data<LivenessOut> {
    Data::new(LivenessOut { status: "up", version: env!("CARGO_PKG_VERSION") })
}

/// Whether requests can be served: the store answers and its tables are up to date.
#[utoipa::path(get, path = "/readyz", tag = "Operations", security(()),
    responses((status = 200, description = "Requests can be served", body = Data<ReadinessOut>)))]
async fn show_readiness(State(state): State<AppState>) -> ApiResult<Data<ReadinessOut>> {
    // The tables were brought up to date before the server began to listen.
    state.store.ping().await?;
    if !state.engine.has_room() {
        return Err(ApiError::unavailable(Duration::from_secs(1)));
    }
    Ok(Data::new(ReadinessOut { status: "ready", database: state.store.backend() }))
}
