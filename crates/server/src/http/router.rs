//! All addresses put together: the documented resources, the OpenAPI document, and the layers around them.

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::{
    alerts, api_keys, badges, connection_tests, deliveries, events, health, inbound, incidents, integrations, layers,
    logs, maintenance, metrics, notifications, openapi, operations, outlets, partners, providers, recommendations,
    replays, session, status_pages, users, webhooks,
};
use crate::state::AppState;

/// Every resource; each file of this folder adds its own here.
fn resources() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(session::routes())
        .merge(users::routes())
        .merge(api_keys::routes())
        .merge(partners::routes())
        .merge(outlets::routes())
        .merge(providers::routes())
        .merge(integrations::routes())
        .merge(connection_tests::routes())
        .merge(logs::routes())
        .merge(health::routes())
        .merge(incidents::routes())
        .merge(maintenance::routes())
        .merge(recommendations::routes())
        .merge(badges::routes())
        .merge(status_pages::routes())
        .merge(webhooks::routes())
        .merge(deliveries::routes())
        .merge(replays::routes())
        .merge(events::routes())
        .merge(notifications::routes())
        .merge(inbound::routes())
        .merge(operations::routes())
        .merge(alerts::routes())
        .merge(metrics::routes())
}

/// What the server answers with.
///
/// # Errors
/// The OpenAPI document cannot be written as JSON.
pub fn router(state: AppState) -> Result<Router, serde_json::Error> {
    let (router, _) = openapi::documented(resources())?;
    Ok(layers::wrapped(router, state.metrics.http().clone()).with_state(state))
}

/// The OpenAPI document, which needs no state.
///
/// # Errors
/// It cannot be written as JSON.
pub fn document() -> Result<OpenApi, serde_json::Error> {
    openapi::documented(resources()).map(|(_, document)| document)
}
