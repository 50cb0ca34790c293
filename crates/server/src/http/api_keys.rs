//! Programs' keys: `/api/admin/api-keys`, for a super_admin alone.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use simpul_core::access::Role;
use simpul_core::id::{ApiKeyId, PartnerId};
use simpul_core::time::Timestamp;
use simpul_store::ApiKey;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::members::{Deleted, RoleSchema, SearchQuery, total};
use super::partners::NAME_CHARACTERS;
use super::users::check_partner;
use super::{ApiError, ApiQuery, ApiResult, Data, Listed, Pagination, PathId, Problems, RequestBody};
use crate::auth::SuperAdmin;
use crate::http::extract::BODY_LIMIT;
use crate::state::AppState;
use crate::token::NewApiKey;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_api_keys, create_api_key)).routes(routes!(delete_api_key))
}

/// A program's key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: ApiKeyId,
    pub name: String,
    #[schema(value_type = RoleSchema)]
    pub role: Role,
    /// The one partner that the program sees; `null` for all.
    #[schema(value_type = Option<String>, format = "uuid", required = true)]
    pub partner_id: Option<PartnerId>,
    /// The key's first 12 characters, by which people tell keys apart.
    #[schema(example = "spk_k3x81mpa")]
    pub prefix: String,
    /// The whole key; in the answer to its creation alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub key: Option<String>,
    /// When it stops to count; `null` for never.
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub expires_at: Option<Timestamp>,
    /// To the minute; `null` before its first use.
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub last_used_at: Option<Timestamp>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
}

impl From<ApiKey> for ApiKeyOut {
    fn from(key: ApiKey) -> Self {
        let ApiKey { id, name, role, partner_id, prefix, expires_at, last_used_at, created_by: _, created_at } = key;
        Self { id, name, role, partner_id, prefix, key: None, expires_at, last_used_at, created_at }
    }
}

/// A new key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyIn {
    /// 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120, example = "Checkout")]
    pub name: String,
    #[schema(value_type = RoleSchema)]
    pub role: Role,
    /// Confines the program to one partner; not for a super_admin.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub partner_id: Option<PartnerId>,
    /// In the future; never when absent.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub expires_at: Option<Timestamp>,
}

/// Keys, newest first. The keys themselves are not shown again.
#[utoipa::path(get, path = "/api/admin/api-keys", tag = "Users and keys", params(SearchQuery),
    responses((status = 200, description = "One page", body = Listed<ApiKeyOut>)))]
async fn list_api_keys(
    SuperAdmin(caller): SuperAdmin,
    State(state): State<AppState>,
    ApiQuery(query): ApiQuery<SearchQuery>,
) -> ApiResult<Listed<ApiKeyOut>> {
    let (page, words) = query.parts()?;
    let (keys, count) = state.store.list_api_keys(caller.scope(), words, page.into()).await?;
    let keys = keys.into_iter().map(ApiKeyOut::from).collect();
    Ok(Listed::new(keys, Pagination::new(total(count), page, None)))
}

/// Creates a key. The answer is the one time that it is shown.
#[utoipa::path(post, path = "/api/admin/api-keys", tag = "Users and keys", request_body = ApiKeyIn,
    responses((status = 201, description = "Created", body = Data<ApiKeyOut>)))]
async fn create_api_key(
    SuperAdmin(caller): SuperAdmin,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<ApiKeyOut>)> {
    let input: ApiKeyIn = body.json(BODY_LIMIT).await?;
    let now = state.now();
    let mut problems = Problems::new();
    let name = problems.line("name", &input.name, NAME_CHARACTERS);
    if input.expires_at.is_some_and(|expires_at| expires_at <= now) {
        problems.add("expiresAt", "must be in the future");
    }
    check_partner(&mut problems, &state, input.role, input.partner_id).await?;
    problems.into_result()?;
    let new = NewApiKey::generate();
    let key = ApiKey {
        id: ApiKeyId::generate(now),
        name,
        role: input.role,
        partner_id: input.partner_id,
        prefix: new.prefix,
        expires_at: input.expires_at,
        last_used_at: None,
        created_by: caller.label(),
        created_at: now,
    };
    state.store.insert_api_key(&key, new.key.expose()).await?;
    let shown = ApiKeyOut { key: Some(new.key.expose().to_owned()), ..key.into() };
    Ok(Data::new(shown).message("API key created: copy it now, it is not shown again").created())
}

/// Revokes a key at once.
#[utoipa::path(delete, path = "/api/admin/api-keys/{id}", tag = "Users and keys",
    params(("id" = String, Path, description = "The key's id", format = "uuid")),
    responses((status = 200, description = "Revoked", body = Data<Deleted>)))]
async fn delete_api_key(
    SuperAdmin(_): SuperAdmin,
    PathId(id): PathId<ApiKeyId>,
    State(state): State<AppState>,
) -> ApiResult<Data<Deleted>> {
    state.store.find_api_key(id).await?.ok_or_else(|| ApiError::not_found("API key"))?;
    state.store.delete_api_key(id).await?;
    Ok(Data::new(Deleted::new(id)))
}
