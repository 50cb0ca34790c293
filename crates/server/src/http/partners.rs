//! Partners: `/api/admin/partners`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use simpul_core::id::PartnerId;
use simpul_core::partner::{Partner, slug_of};
use simpul_core::time::Timestamp;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::members::{Deleted, SearchQuery, present, total};
use super::{ApiError, ApiQuery, ApiResult, Data, Listed, Pagination, PathId, Problems, RequestBody};
use crate::auth::{PartnerManager, Viewer};
use crate::http::extract::BODY_LIMIT;
use crate::state::{AppState, conflict_at};

/// Characters of a name.
pub(super) const NAME_CHARACTERS: usize = 120;
const SLUG_CHARACTERS: usize = 80;
/// Numbered slugs that are tried before a random number is.
const NUMBERED_SLUGS: u32 = 9;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_partners, create_partner))
        .routes(routes!(read_partner, change_partner, delete_partner))
}

/// A merchant that brings accounts at providers of its own.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartnerOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: PartnerId,
    /// 1 to 120 characters.
    pub name: String,
    /// Lower-case letters, digits and hyphens; unique.
    pub slug: String,
    /// Whether the partner is in use.
    pub is_active: bool,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

impl From<Partner> for PartnerOut {
    fn from(partner: Partner) -> Self {
        let Partner { id, name, slug, is_active, created_at, updated_at } = partner;
        Self { id, name, slug, is_active, created_at, updated_at }
    }
}

/// A new partner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartnerIn {
    /// 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120, example = "Kopi Senja")]
    pub name: String,
    /// Lower-case letters and digits with single hyphens between; derived from the name when absent.
    #[schema(max_length = 80, example = "kopi-senja")]
    pub slug: Option<String>,
    /// `true` when absent.
    #[schema(default = true)]
    pub is_active: Option<bool>,
}

/// A change to a partner; absent members stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PartnerPatch {
    /// 1 to 120 characters.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, min_length = 1, max_length = 120)]
    pub name: Option<String>,
    /// Lower-case letters and digits with single hyphens between; unique.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, max_length = 80)]
    pub slug: Option<String>,
    /// Whether the partner is in use.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    pub is_active: Option<bool>,
}

/// Partners that the caller may see, by name.
#[utoipa::path(get, path = "/api/admin/partners", tag = "Partners", params(SearchQuery),
    responses((status = 200, description = "One page", body = Listed<PartnerOut>)))]
async fn list_partners(
    Viewer(caller): Viewer,
    State(state): State<AppState>,
    ApiQuery(query): ApiQuery<SearchQuery>,
) -> ApiResult<Listed<PartnerOut>> {
    let (page, words) = query.parts()?;
    let (partners, count) = state.store.list_partners(caller.scope(), words, page.into()).await?;
    let partners = partners.into_iter().map(PartnerOut::from).collect();
    Ok(Listed::new(partners, Pagination::new(total(count), page, None)))
}

/// Creates a partner; takes a super_admin, or an admin who is not confined to one partner.
#[utoipa::path(post, path = "/api/admin/partners", tag = "Partners", request_body = PartnerIn,
    responses((status = 201, description = "Created", body = Data<PartnerOut>),
        (status = 409, description = "The slug is taken", body = super::envelope::Failure)))]
async fn create_partner(
    PartnerManager(_): PartnerManager,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<PartnerOut>)> {
    let input: PartnerIn = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    let name = problems.line("name", &input.name, NAME_CHARACTERS);
    if let Some(slug) = &input.slug {
        problems.slug("slug", slug, SLUG_CHARACTERS);
    }
    problems.into_result()?;
    let now = state.now();
    let is_derived = input.slug.is_none();
    let slug = input.slug.unwrap_or_else(|| derived_slug(&name));
    let is_active = input.is_active.unwrap_or(true);
    let partner = Partner { id: PartnerId::generate(now), name, slug, is_active, created_at: now, updated_at: now };
    let partner = if is_derived {
        insert_numbered(&state, partner).await?
    } else {
        state.store.insert_partner(&partner).await.map_err(conflict_at("slug"))?;
        partner
    };
    Ok(Data::new(partner.into()).created())
}

fn derived_slug(name: &str) -> String {
    let slug = slug_of(name);
    if slug.is_empty() { "partner".to_owned() } else { slug }
}

/// Inserts under the derived slug, or the first numbered one that is free.
async fn insert_numbered(state: &AppState, mut partner: Partner) -> ApiResult<Partner> {
    let base = partner.slug.clone();
    for attempt in 1..=NUMBERED_SLUGS + 3 {
        match attempt {
            1 => {}
            2..=NUMBERED_SLUGS => partner.slug = format!("{base}-{attempt}"),
            _ => partner.slug = format!("{base}-{}", rand::random::<u32>()),
        }
        match state.store.insert_partner(&partner).await {
            Ok(()) => return Ok(partner),
            Err(simpul_store::Error::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::conflict("No free slug could be derived from this name: send one.", Some("slug")))
}

/// One partner.
#[utoipa::path(get, path = "/api/admin/partners/{id}", tag = "Partners",
    params(("id" = String, Path, description = "The partner's id", format = "uuid")),
    responses((status = 200, description = "The partner", body = Data<PartnerOut>)))]
async fn read_partner(
    Viewer(caller): Viewer,
    PathId(id): PathId<PartnerId>,
    State(state): State<AppState>,
) -> ApiResult<Data<PartnerOut>> {
    Ok(Data::new(find_partner(&state, caller.scope(), id).await?.into()))
}

/// A partner within scope, or the contract's 404.
pub(super) async fn find_partner(
    state: &AppState,
    scope: simpul_core::access::Scope,
    id: PartnerId,
) -> ApiResult<Partner> {
    state.store.find_partner(scope, id).await?.ok_or_else(|| ApiError::not_found("partner"))
}

/// Changes a partner; absent members stay as they are.
#[utoipa::path(put, path = "/api/admin/partners/{id}", tag = "Partners", request_body = PartnerPatch,
    params(("id" = String, Path, description = "The partner's id", format = "uuid")),
    responses((status = 200, description = "The partner as it is now", body = Data<PartnerOut>),
        (status = 409, description = "The slug is taken", body = super::envelope::Failure)))]
async fn change_partner(
    PartnerManager(caller): PartnerManager,
    PathId(id): PathId<PartnerId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<Data<PartnerOut>> {
    let mut partner = find_partner(&state, caller.scope(), id).await?;
    let patch: PartnerPatch = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    if let Some(name) = patch.name {
        partner.name = problems.line("name", &name, NAME_CHARACTERS);
    }
    if let Some(slug) = patch.slug {
        problems.slug("slug", &slug, SLUG_CHARACTERS);
        partner.slug = slug;
    }
    problems.into_result()?;
    partner.is_active = patch.is_active.unwrap_or(partner.is_active);
    partner.updated_at = state.now();
    state.store.update_partner(&partner).await.map_err(conflict_at("slug"))?;
    Ok(Data::new(partner.into()))
}

/// Deletes a partner with its outlets, integrations, webhooks, users and keys.
#[utoipa::path(delete, path = "/api/admin/partners/{id}", tag = "Partners",
    params(("id" = String, Path, description = "The partner's id", format = "uuid")),
    responses((status = 200, description = "Deleted", body = Data<Deleted>)))]
async fn delete_partner(
    PartnerManager(caller): PartnerManager,
    PathId(id): PathId<PartnerId>,
    State(state): State<AppState>,
) -> ApiResult<Data<Deleted>> {
    let partner = find_partner(&state, caller.scope(), id).await?;
    state.store.delete_partner(partner.id).await?;
    Ok(Data::new(Deleted::new(partner.id)))
}
