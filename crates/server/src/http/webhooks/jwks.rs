//! The public keys of a webhook, for anybody: `/api/webhooks/{id}/jwks.json`.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;
use simpul_core::access::Scope;
use simpul_core::id::WebhookId;
use simpul_core::signature::{Jwk, jwk_of};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::envelope::Failure;
use crate::http::lookup::webhook_in;
use crate::http::{ApiError, ApiResult, PathId};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_jwks))
}

/// A JSON Web Key Set (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub struct Jwks {
    /// Everything that signs now, the current key first.
    #[schema(value_type = Vec<JwkSchema>)]
    pub keys: Vec<Jwk>,
}

/// The schema of [`Jwk`].
#[derive(ToSchema)]
#[schema(as = Jwk)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct JwkSchema {
    #[schema(example = "OKP")]
    kty: String,
    #[schema(example = "Ed25519")]
    crv: String,
    /// The public key's 32 bytes in unpadded base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
    /// The key's thumbprint (RFC 7638).
    #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    kid: String,
    #[schema(rename = "use", example = "sig")]
    usage: String,
    #[schema(example = "EdDSA")]
    alg: String,
}

/// The public keys with which a webhook's `v1a` signatures are checked, those of a rotation's overlap included. A plain JSON
/// Web Key Set (RFC 7517, RFC 8037), without the envelope; it may be cached for five minutes.
#[utoipa::path(get, path = "/api/webhooks/{id}/jwks.json", tag = "Webhooks", security(()),
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "The keys", body = Jwks, content_type = "application/jwk-set+json"),
        (status = 404, description = "No such webhook, or it does not sign with Ed25519", body = Failure)))]
async fn read_jwks(PathId(id): PathId<WebhookId>, State(state): State<AppState>) -> ApiResult<Response> {
    let webhook = webhook_in(&state, Scope::All, id).await?;
    let keys: Vec<Jwk> = if webhook.signature_scheme.has_ed25519() {
        webhook.active_signing_keys(state.now()).into_iter().filter_map(jwk_of).collect()
    } else {
        Vec::new()
    };
    if keys.is_empty() {
        // The same answer as for an unknown id: nobody learns which ids exist.
        return Err(ApiError::not_found("webhook"));
    }
    let body = serde_json::to_string(&Jwks { keys }).map_err(|error| ApiError::internal(&error))?;
    Ok(([(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, "public, max-age=300")], body).into_response())
}
