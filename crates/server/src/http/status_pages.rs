//! A partner's public status page: opt-in, under an unguessable address, with nothing of the inside on it.

mod html;
mod public;
#[cfg(test)]
mod tests;
mod view;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use simpul_core::id::{IntegrationId, PartnerId};
use simpul_core::time::Timestamp;
use simpul_store::{IntegrationFilter, StatusPage};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::BODY_LIMIT;
use super::members::{Deleted, present};
use super::partners::find_partner;
use super::{ApiError, ApiResult, Data, PathId, Problems, RequestBody};
use crate::auth::{Admin, Caller, Viewer};
use crate::state::AppState;
use crate::token;

/// Integrations on one page.
const MOST: usize = 50;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_status_page, set_status_page, delete_status_page))
        .routes(routes!(public::show_status))
}

/// A partner's public status page.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StatusPage)]
pub struct StatusPageOut {
    /// Whoever knows it can read the page; with `.json` at its end, as data.
    #[schema(example = "https://hub.example.com/status/8Jx…")]
    pub url: String,
    pub title: String,
    pub show_incidents: bool,
    /// `null` shows all active integrations of the partner, those to come included.
    #[schema(value_type = Option<Vec<String>>)]
    pub integration_ids: Option<Vec<IntegrationId>>,
    /// The id of the user or key that made it.
    pub created_by: String,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

/// What the page shows; absent members stay as they are, or have their default on a new page.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
struct StatusPageIn {
    /// The partner's name by default.
    #[schema(max_length = 120)]
    title: Option<String>,
    #[schema(default = true)]
    show_incidents: Option<bool>,
    /// At most 50; `null` for all active ones.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    integration_ids: Option<Option<Vec<IntegrationId>>>,
    /// Give an existing page a new address; the old one is unknown within half a minute.
    #[schema(default = false)]
    rotate: Option<bool>,
}

fn out(state: &AppState, page: StatusPage) -> StatusPageOut {
    StatusPageOut {
        url: state.config.public_url.join(&format!("/status/{}", page.token)),
        title: page.title,
        show_incidents: page.show_incidents,
        integration_ids: page.integration_ids,
        created_by: page.created_by,
        created_at: page.created_at,
        updated_at: page.updated_at,
    }
}

async fn page_of(state: &AppState, caller: &Caller, id: PartnerId) -> ApiResult<StatusPage> {
    let partner = find_partner(state, caller.scope(), id).await?;
    let page = state.store.find_status_page(caller.scope(), partner.id).await?;
    page.ok_or_else(|| ApiError::not_found("status page"))
}

/// The partner's status page; 404 where it has none.
#[utoipa::path(get, path = "/api/admin/partners/{id}/status-page", tag = "Public pages",
    params(("id" = String, Path, description = "The partner's id", format = "uuid")),
    responses((status = 200, description = "The page", body = Data<StatusPageOut>)))]
async fn read_status_page(
    Viewer(caller): Viewer,
    PathId(id): PathId<PartnerId>,
    State(state): State<AppState>,
) -> ApiResult<Data<StatusPageOut>> {
    let page = page_of(&state, &caller, id).await?;
    Ok(Data::new(out(&state, page)))
}

/// Opens a status page for the partner, or changes the one it has; its address stays unless `rotate` says otherwise.
#[utoipa::path(post, path = "/api/admin/partners/{id}/status-page", tag = "Public pages",
    request_body = Option<StatusPageIn>,
    params(("id" = String, Path, description = "The partner's id", format = "uuid")),
    responses((status = 200, description = "Changed", body = Data<StatusPageOut>),
        (status = 201, description = "Opened", body = Data<StatusPageOut>)))]
async fn set_status_page(
    Admin(caller): Admin,
    PathId(id): PathId<PartnerId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<StatusPageOut>)> {
    let partner = find_partner(&state, caller.scope(), id).await?;
    let before = state.store.find_status_page(caller.scope(), id).await?;
    let input: StatusPageIn = body.optional_json(BODY_LIMIT).await?;
    let (status, now) = (if before.is_some() { StatusCode::OK } else { StatusCode::CREATED }, state.now());
    let mut page = before.unwrap_or_else(|| StatusPage {
        partner_id: partner.id,
        token: token::generate().expose().to_owned(),
        title: partner.name,
        show_incidents: true,
        integration_ids: None,
        created_by: caller.label(),
        created_at: now,
        updated_at: now,
    });
    let mut problems = Problems::new();
    if let Some(title) = &input.title {
        page.title = problems.line("title", title, 120);
    }
    page.show_incidents = input.show_incidents.unwrap_or(page.show_incidents);
    if let Some(ids) = input.integration_ids {
        check_ids(&state, &caller, id, ids.as_deref().unwrap_or_default(), &mut problems).await?;
        page.integration_ids = ids;
    }
    problems.into_result()?;
    if input.rotate.unwrap_or(false) {
        page.token = token::generate().expose().to_owned();
    }
    page.updated_at = now;
    state.store.set_status_page(&page).await?;
    state.public.forget();
    Ok((status, Data::new(out(&state, page))))
}

async fn check_ids(
    state: &AppState,
    caller: &Caller,
    partner_id: PartnerId,
    ids: &[IntegrationId],
    problems: &mut Problems,
) -> ApiResult<()> {
    if ids.len() > MOST {
        problems.add("integrationIds", format!("must hold at most {MOST} ids"));
        return Ok(());
    }
    let filter = IntegrationFilter { partner_id: Some(partner_id), ..IntegrationFilter::default() };
    let own = state.store.list_integration_ids(caller.scope(), &filter).await?;
    for (index, id) in ids.iter().enumerate() {
        if !own.contains(id) || ids[..index].contains(id) {
            problems.add(format!("integrationIds[{index}]"), "must be an integration of this partner, named once");
        }
    }
    Ok(())
}

/// Closes the partner's status page.
#[utoipa::path(delete, path = "/api/admin/partners/{id}/status-page", tag = "Public pages",
    params(("id" = String, Path, description = "The partner's id", format = "uuid")),
    responses((status = 200, description = "Closed; `id` is the partner's", body = Data<Deleted>)))]
async fn delete_status_page(
    Admin(caller): Admin,
    PathId(id): PathId<PartnerId>,
    State(state): State<AppState>,
) -> ApiResult<Data<Deleted>> {
    page_of(&state, &caller, id).await?;
    state.store.remove_status_page(id).await?;
    state.public.forget();
    Ok(Data::new(Deleted::new(id)))
}
