//! Outlets of a partner: `/api/admin/partners/{id}/outlets` and `/api/admin/outlets`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use simpul_core::access::Scope;
use simpul_core::id::{OutletId, PartnerId};
use simpul_core::partner::Outlet;
use simpul_core::time::Timestamp;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::members::{Deleted, SearchQuery, present, total};
use super::partners::{NAME_CHARACTERS, find_partner};
use super::{ApiError, ApiQuery, ApiResult, Data, Listed, Pagination, PathId, Problems, RequestBody};
use crate::auth::{Admin, Viewer};
use crate::http::extract::BODY_LIMIT;
use crate::state::{AppState, conflict_at};

const CODE_CHARACTERS: usize = 40;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_outlets, create_outlet)).routes(routes!(
        read_outlet,
        change_outlet,
        delete_outlet
    ))
}

/// One shop of a partner.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutletOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: OutletId,
    #[schema(value_type = String, format = "uuid")]
    pub partner_id: PartnerId,
    pub name: String,
    /// The partner's own name for it; unique within the partner.
    pub code: String,
    /// Whether the outlet is in use.
    pub is_active: bool,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

impl From<Outlet> for OutletOut {
    fn from(outlet: Outlet) -> Self {
        let Outlet { id, partner_id, name, code, is_active, created_at, updated_at } = outlet;
        Self { id, partner_id, name, code, is_active, created_at, updated_at }
    }
}

/// A new outlet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutletIn {
    /// 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120, example = "Kemang")]
    pub name: String,
    /// 1 to 40 letters, digits, `-`, `_` and `.`; unique within the partner.
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9._-]+$", example = "JKT-01")]
    pub code: String,
    /// `true` when absent.
    #[schema(default = true)]
    pub is_active: Option<bool>,
}

/// A change to an outlet; absent members stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct OutletPatch {
    /// 1 to 120 characters.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, min_length = 1, max_length = 120)]
    pub name: Option<String>,
    /// 1 to 40 letters, digits, `-`, `_` and `.`; unique within the partner.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9._-]+$")]
    pub code: Option<String>,
    /// Whether the outlet is in use.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    pub is_active: Option<bool>,
}

/// A partner's outlets, by name.
#[utoipa::path(get, path = "/api/admin/partners/{id}/outlets", tag = "Partners",
    params(("id" = String, Path, description = "The partner's id", format = "uuid"), SearchQuery),
    responses((status = 200, description = "One page", body = Listed<OutletOut>)))]
async fn list_outlets(
    Viewer(caller): Viewer,
    PathId(id): PathId<PartnerId>,
    State(state): State<AppState>,
    query: Result<ApiQuery<SearchQuery>, ApiError>,
) -> ApiResult<Listed<OutletOut>> {
    // A foreign id is a 404 even where the query is wrong as well.
    let partner = find_partner(&state, caller.scope(), id).await?;
    let ApiQuery(query) = query?;
    let (page, words) = query.parts()?;
    let (outlets, count) = state.store.list_outlets(partner.id, words, page.into()).await?;
    let outlets = outlets.into_iter().map(OutletOut::from).collect();
    Ok(Listed::new(outlets, Pagination::new(total(count), page, None)))
}

/// Creates an outlet.
#[utoipa::path(post, path = "/api/admin/partners/{id}/outlets", tag = "Partners", request_body = OutletIn,
    params(("id" = String, Path, description = "The partner's id", format = "uuid")),
    responses((status = 201, description = "Created", body = Data<OutletOut>),
        (status = 409, description = "The code is taken", body = super::envelope::Failure)))]
async fn create_outlet(
    Admin(caller): Admin,
    PathId(id): PathId<PartnerId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<OutletOut>)> {
    let partner = find_partner(&state, caller.scope(), id).await?;
    let input: OutletIn = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    let name = problems.line("name", &input.name, NAME_CHARACTERS);
    check_code(&mut problems, &input.code);
    problems.into_result()?;
    let now = state.now();
    let outlet = Outlet {
        id: OutletId::generate(now),
        partner_id: partner.id,
        name,
        code: input.code,
        is_active: input.is_active.unwrap_or(true),
        created_at: now,
        updated_at: now,
    };
    state.store.insert_outlet(&outlet).await.map_err(conflict_at("code"))?;
    Ok(Data::new(outlet.into()).created())
}

fn check_code(problems: &mut Problems, code: &str) {
    let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if code.is_empty() || !code.bytes().all(is_sound) {
        problems.add("code", "must be letters, digits, hyphens, underscores and dots, such as JKT-01");
    }
    problems.length("code", code, 0, CODE_CHARACTERS);
}

/// An outlet within scope, or the contract's 404.
pub(super) async fn find_outlet(state: &AppState, scope: Scope, id: OutletId) -> ApiResult<Outlet> {
    state.store.find_outlet(scope, id).await?.ok_or_else(|| ApiError::not_found("outlet"))
}

/// One outlet.
#[utoipa::path(get, path = "/api/admin/outlets/{id}", tag = "Partners",
    params(("id" = String, Path, description = "The outlet's id", format = "uuid")),
    responses((status = 200, description = "The outlet", body = Data<OutletOut>)))]
async fn read_outlet(
    Viewer(caller): Viewer,
    PathId(id): PathId<OutletId>,
    State(state): State<AppState>,
) -> ApiResult<Data<OutletOut>> {
    Ok(Data::new(find_outlet(&state, caller.scope(), id).await?.into()))
}

/// Changes an outlet; absent members stay as they are.
#[utoipa::path(put, path = "/api/admin/outlets/{id}", tag = "Partners", request_body = OutletPatch,
    params(("id" = String, Path, description = "The outlet's id", format = "uuid")),
    responses((status = 200, description = "The outlet as it is now", body = Data<OutletOut>),
        (status = 409, description = "The code is taken", body = super::envelope::Failure)))]
async fn change_outlet(
    Admin(caller): Admin,
    PathId(id): PathId<OutletId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<Data<OutletOut>> {
    let mut outlet = find_outlet(&state, caller.scope(), id).await?;
    let patch: OutletPatch = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    if let Some(name) = &patch.name {
        outlet.name = problems.line("name", name, NAME_CHARACTERS);
    }
    if let Some(code) = patch.code {
        check_code(&mut problems, &code);
        outlet.code = code;
    }
    problems.into_result()?;
    outlet.is_active = patch.is_active.unwrap_or(outlet.is_active);
    outlet.updated_at = state.now();
    state.store.update_outlet(&outlet).await.map_err(conflict_at("code"))?;
    Ok(Data::new(outlet.into()))
}

/// Deletes an outlet with its own integrations.
#[utoipa::path(delete, path = "/api/admin/outlets/{id}", tag = "Partners",
    params(("id" = String, Path, description = "The outlet's id", format = "uuid")),
    responses((status = 200, description = "Deleted", body = Data<Deleted>)))]
async fn delete_outlet(
    Admin(caller): Admin,
    PathId(id): PathId<OutletId>,
    State(state): State<AppState>,
) -> ApiResult<Data<Deleted>> {
    let outlet = find_outlet(&state, caller.scope(), id).await?;
    state.store.delete_outlet(outlet.id).await?;
    Ok(Data::new(Deleted::new(outlet.id)))
}
