//! What only an admin may ask of an integration's secrets: to see them in clear, and to replace its inbound address.

use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value};
use simpul_core::id::IntegrationId;
use utoipa::ToSchema;

use super::{IntegrationOut, change_log, secret_names, shown};
use crate::auth::Admin;
use crate::http::client::Client;
use crate::http::lookup::integration_in;
use crate::http::{ApiError, ApiResult, Data, Lang, LangQuery, PathId};
use crate::state::AppState;
use crate::token;

/// A configuration in clear.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct Revealed {
    /// The one that the integration works with: the partner's where it inherits.
    #[schema(value_type = Object)]
    pub configuration: Map<String, Value>,
}

/// The configuration in clear. Every call is written to the activity log before it is answered.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/reveal", tag = "Integrations",
    params(("id" = String, Path, description = "The integration's id", format = "uuid")),
    responses((status = 200, description = "The secrets in clear", body = Data<Revealed>)))]
pub(super) async fn reveal_integration(
    Admin(caller): Admin,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<([(http::HeaderName, &'static str); 1], Data<Revealed>)> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let configuration = state.engine.effective_configuration(&integration).await?;
    let log = change_log(&integration, "Credentials revealed", &[], &caller, &client, state.now());
    state.store.insert_activity(&[log]).await?;
    let configuration = configuration.0.into_iter().collect();
    Ok(([(http::header::CACHE_CONTROL, "no-store")], Data::new(Revealed { configuration })))
}

/// Gives the integration a new inbound address. The old one stops working at once: enter the new one at the provider.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/rotate-inbound-token", tag = "Integrations",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), LangQuery),
    responses((status = 200, description = "The integration with its new inboundUrl", body = Data<IntegrationOut>)))]
pub(super) async fn rotate_inbound_token(
    Admin(caller): Admin,
    PathId(id): PathId<IntegrationId>,
    language: Result<Lang, ApiError>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<IntegrationOut>> {
    let mut integration = integration_in(&state, caller.scope(), id).await?;
    let Lang(language) = language?;
    let now = state.now();
    integration.inbound_token = token::generate().expose().to_owned();
    integration.updated_by = caller.label();
    integration.updated_at = now;
    let log = change_log(&integration, "Inbound URL rotated", &["inboundUrl".to_owned()], &caller, &client, now);
    state.store.update_integration(&integration, &secret_names(&integration.provider), log).await?;
    Ok(Data::new(shown(&state, &caller, integration, language).await?))
}
