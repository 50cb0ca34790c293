//! `GET /metrics`: the process's figures for Prometheus, behind a token on the main address, and on an address of its own.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use subtle::ConstantTimeEq as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::operations::show_liveness;
use super::{ApiError, ApiResult, layers};
use crate::metrics::Format;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show_metrics))
}

/// What the second address (`metrics_listen`) answers.
pub fn own_address(state: AppState) -> Router {
    let router = Router::new().route("/metrics", get(show_metrics_here)).route("/healthz", get(show_liveness));
    layers::wrapped(router, state.metrics.http().clone()).with_state(state)
}

/// The process's figures in Prometheus' text format, or OpenMetrics where `Accept` names it. Asks for the bearer token of the
/// setting `metrics_token`; without one, it is served on `metrics_listen` alone.
#[utoipa::path(get, path = "/metrics", tag = "Operations", security(("bearer" = [])),
    responses((status = 200, description = "The figures", body = String, content_type = "text/plain")))]
async fn show_metrics(State(state): State<AppState>, headers: HeaderMap) -> ApiResult<Response> {
    if state.config.metrics_token.is_none() {
        return Err(ApiError::not_found("address"));
    }
    require_token(&state, &headers)?;
    figures(&state, &headers).await
}

async fn show_metrics_here(State(state): State<AppState>, headers: HeaderMap) -> ApiResult<Response> {
    require_token(&state, &headers)?;
    figures(&state, &headers).await
}

/// A token that is set is asked for on either address.
fn require_token(state: &AppState, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(token) = &state.config.metrics_token else { return Ok(()) };
    let given = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    let fits = given.is_some_and(|given| given.ct_eq(token.expose().as_bytes()).into());
    if fits { Ok(()) } else { Err(ApiError::unauthorized()) }
}

async fn figures(state: &AppState, headers: &HeaderMap) -> ApiResult<Response> {
    let format = Format::wanted(headers);
    let text = state.metrics.render(format).await.map_err(|error| ApiError::internal(&error))?;
    Ok(([(CONTENT_TYPE, format.content_type())], text).into_response())
}
