//! An integration's status badge: an unguessable address that answers with a small picture of its band.

pub(super) mod svg;
#[cfg(test)]
mod tests;

use axum::extract::{RawPathParams, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use simpul_core::access::Scope;
use simpul_core::id::IntegrationId;
use simpul_core::language::Language;
use simpul_core::time::Timestamp;
use simpul_engine::Window;
use simpul_store::Badge;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) use svg::percentage;

use super::client::Client;
use super::envelope::Failure;
use super::integrations::change_log;
use super::lookup::integration_in;
use super::members::Deleted;
use super::public_answer::{answer, is_token, segment};
use super::public_cache::{PublicKey, Rendered};
use super::{ApiError, ApiResult, Data, Lang, LangQuery, PathId};
use crate::auth::{Admin, Viewer};
use crate::state::AppState;
use crate::token::{self, TokenHash};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_badge, create_badge, delete_badge)).routes(routes!(show_badge))
}

/// An integration's badge.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Badge)]
pub struct BadgeOut {
    /// Whoever knows it sees the integration's name, band and success rate, and nothing else.
    #[schema(example = "https://hub.example.com/badge/8Jx….svg")]
    pub url: String,
    /// The id of the user or key that made it.
    pub created_by: String,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
}

fn out(state: &AppState, badge: Badge) -> BadgeOut {
    BadgeOut {
        url: state.config.public_url.join(&format!("/badge/{}.svg", badge.token)),
        created_by: badge.created_by,
        created_at: badge.created_at,
    }
}

/// The integration's badge; 404 where it has none.
#[utoipa::path(get, path = "/api/admin/integrations/{id}/badge", tag = "Public pages",
    params(("id" = String, Path, description = "The integration's id", format = "uuid")),
    responses((status = 200, description = "The badge", body = Data<BadgeOut>)))]
async fn read_badge(
    Viewer(caller): Viewer,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
) -> ApiResult<Data<BadgeOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let badge = state.store.find_badge(integration.id).await?.ok_or_else(|| ApiError::not_found("badge"))?;
    Ok(Data::new(out(&state, badge)))
}

/// Gives the integration a badge. Where it has one, its address is replaced, and the old one is unknown within half a minute.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/badge", tag = "Public pages",
    params(("id" = String, Path, description = "The integration's id", format = "uuid")),
    responses((status = 201, description = "The new badge", body = Data<BadgeOut>)))]
async fn create_badge(
    Admin(caller): Admin,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<(StatusCode, Data<BadgeOut>)> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let now = state.now();
    let badge = Badge { token: token::generate().expose().to_owned(), created_by: caller.label(), created_at: now };
    let log = change_log(&integration, "Badge created", &["badge".to_owned()], &caller, &client, now);
    state.store.set_badge(id, &badge, log).await?;
    state.public.forget();
    Ok(Data::new(out(&state, badge)).created())
}

/// Takes the badge away.
#[utoipa::path(delete, path = "/api/admin/integrations/{id}/badge", tag = "Public pages",
    params(("id" = String, Path, description = "The integration's id", format = "uuid")),
    responses((status = 200, description = "Removed", body = Data<Deleted>)))]
async fn delete_badge(
    Admin(caller): Admin,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<Deleted>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let log = change_log(&integration, "Badge removed", &["badge".to_owned()], &caller, &client, state.now());
    if !state.store.remove_badge(id, log).await? {
        return Err(ApiError::not_found("badge"));
    }
    state.public.forget();
    Ok(Data::new(Deleted::new(id)))
}

/// The picture: the integration's name, its band of the last 24 hours and the success rate. Kept for half a minute; it takes
/// `If-None-Match`.
#[utoipa::path(get, path = "/badge/{file}", tag = "Public pages", security(()),
    params(("file" = String, Path, description = "The badge's token, followed by `.svg`"), LangQuery),
    responses((status = 200, description = "The badge", body = String, content_type = "image/svg+xml"),
        (status = 304, description = "The caller has it already"),
        (status = 404, description = "No badge has this address", body = Failure)))]
async fn show_badge(
    State(state): State<AppState>,
    path: RawPathParams,
    language: Result<Lang, ApiError>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let unknown = || ApiError::not_found("address");
    let token = segment(&path).strip_suffix(".svg").filter(|token| is_token(token)).ok_or_else(unknown)?;
    let Lang(language) = language?;
    let key = PublicKey { form: "badge", token: TokenHash::of(token), language };
    let made = state.public.answer(key, state.now(), async || draw(&state, token, language).await).await?;
    Ok(answer(&*made.ok_or_else(unknown)?, "image/svg+xml; charset=utf-8", &headers))
}

async fn draw(state: &AppState, token: &str, language: Language) -> ApiResult<Option<Rendered>> {
    let Some(id) = state.store.integration_of_badge(token).await? else { return Ok(None) };
    let Some(integration) = state.store.find_integration(Scope::All, id).await? else { return Ok(None) };
    let report = state.engine.health(&integration, Window::Day).await?;
    let drawn = svg::badge(&integration.display_name, report.status, report.metrics.success_rate, language);
    Ok(Some(Rendered::new(drawn)))
}
