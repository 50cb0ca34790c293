//! Reading integrations: one, a partner's, an outlet's with what it inherits, and all that the caller may see.

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use simpul_core::health::HealthStatus;
use simpul_core::id::{IntegrationId, OutletId, PartnerId};
use simpul_core::integration::{Integration, IntegrationType};
use simpul_core::language::Language;
use simpul_store::{IntegrationFilter, OverviewFilter};
use utoipa::IntoParams;

use super::{IntegrationOut, find_outlet, shown};
use crate::auth::{Caller, Viewer};
use crate::http::lookup::integration_in;
use crate::http::members::SearchQuery;
use crate::http::partners::find_partner;
use crate::http::vocabulary::{HealthStatusSchema, IntegrationTypeSchema};
use crate::http::{ApiError, ApiQuery, ApiResult, Data, Lang, LangQuery, Listed, Page, PageQuery, Pagination, PathId};
use crate::state::AppState;

/// Which integrations a list is about; absent parameters do not restrict.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(in crate::http) struct IntegrationQuery {
    #[param(minimum = 1, default = 1)]
    page: Option<i64>,
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<i64>,
    #[param(value_type = Option<String>, format = "uuid")]
    partner_id: Option<PartnerId>,
    #[param(value_type = Option<IntegrationTypeSchema>)]
    integration_type: Option<IntegrationType>,
    /// The provider's slug.
    provider: Option<String>,
    /// The band over the last 24 hours.
    #[param(value_type = Option<HealthStatusSchema>)]
    health_status: Option<String>,
    is_active: Option<bool>,
    /// Text that must occur in the display name or the provider's slug, in any case.
    #[param(max_length = 200)]
    q: Option<String>,
}

impl IntegrationQuery {
    fn parts(self) -> ApiResult<(Page, IntegrationFilter, Option<HealthStatus>)> {
        let search = SearchQuery { page: self.page, limit: self.limit, q: self.q };
        let (page, words) = search.parts()?;
        let health = self.health_status.as_deref().map(health_status).transpose()?;
        let filter = IntegrationFilter {
            partner_id: self.partner_id,
            outlet_id: None,
            integration_type: self.integration_type,
            provider: self.provider,
            is_active: self.is_active,
            words: words.map(str::to_owned),
        };
        Ok((page, filter, health))
    }
}

fn health_status(word: &str) -> ApiResult<HealthStatus> {
    HealthStatus::parse(word).ok_or_else(|| {
        let known: Vec<&str> = HealthStatus::ALL.iter().map(|status| status.as_str()).collect();
        let problem = json!([format!("must be one of {}", known.join(", "))]);
        ApiError::bad_query([("healthStatus".to_owned(), problem)].into_iter().collect())
    })
}

/// The ids of one page, and how many there are in all.
fn paged<T: Clone>(all: &[T], page: Page) -> (Vec<T>, u64) {
    let start = usize::try_from(page.offset()).unwrap_or(usize::MAX).min(all.len());
    let end = start.saturating_add(page.limit as usize).min(all.len());
    (all[start..end].to_vec(), all.len() as u64)
}

/// All integrations that the caller may see, by partner, type and provider.
#[utoipa::path(get, path = "/api/admin/integrations", tag = "Integrations", params(IntegrationQuery, LangQuery),
    responses((status = 200, description = "One page", body = Listed<IntegrationOut>)))]
pub(super) async fn list_integrations(
    Viewer(caller): Viewer,
    Lang(language): Lang,
    State(state): State<AppState>,
    ApiQuery(query): ApiQuery<IntegrationQuery>,
) -> ApiResult<Listed<IntegrationOut>> {
    let (page, filter, health) = query.parts()?;
    let ids = match health {
        Some(wanted) => state.store.ids_in_band(caller.scope(), &in_band(filter, wanted)).await?,
        None => state.store.list_integration_ids(caller.scope(), &filter).await?,
    };
    let (ids, total) = paged(&ids, page);
    let integrations = state.store.integrations_with_ids(&ids).await?;
    let data = all_shown(&state, (&caller, language), integrations).await?;
    Ok(Listed::new(data, Pagination::new(total, page, None)))
}

fn in_band(filter: IntegrationFilter, wanted: HealthStatus) -> OverviewFilter {
    OverviewFilter {
        partner_id: filter.partner_id,
        integration_type: filter.integration_type,
        provider: filter.provider,
        is_active: filter.is_active,
        words: filter.words,
        statuses: vec![wanted],
    }
}

async fn all_shown(
    state: &AppState,
    (caller, language): (&Caller, Language),
    integrations: Vec<Integration>,
) -> ApiResult<Vec<IntegrationOut>> {
    let mut out = Vec::with_capacity(integrations.len());
    for integration in integrations {
        out.push(shown(state, caller, integration, language).await?);
    }
    Ok(out)
}

/// A partner's own integrations; those of its outlets are listed with the outlet.
#[utoipa::path(get, path = "/api/admin/partners/{id}/integrations", tag = "Integrations",
    params(("id" = String, Path, description = "The partner's id", format = "uuid"), PageQuery, LangQuery),
    responses((status = 200, description = "One page", body = Listed<IntegrationOut>)))]
pub(super) async fn list_partner_integrations(
    Viewer(caller): Viewer,
    PathId(id): PathId<PartnerId>,
    language: Result<Lang, ApiError>,
    State(state): State<AppState>,
    query: Result<ApiQuery<PageQuery>, ApiError>,
) -> ApiResult<Listed<IntegrationOut>> {
    let partner = find_partner(&state, caller.scope(), id).await?;
    let (Lang(language), page) = (language?, query?.0.page()?);
    let (integrations, total) = paged(&state.store.integrations_of(partner.id, None).await?, page);
    let data = all_shown(&state, (&caller, language), integrations).await?;
    Ok(Listed::new(data, Pagination::new(total, page, None)))
}

/// An outlet's own integrations, and those it inherits: an own one hides the partner's of the same type and provider.
#[utoipa::path(get, path = "/api/admin/outlets/{id}/integrations", tag = "Integrations",
    params(("id" = String, Path, description = "The outlet's id", format = "uuid"), PageQuery, LangQuery),
    responses((status = 200, description = "One page; each says whether it is `inherited`", body = Listed<IntegrationOut>)))]
pub(super) async fn list_outlet_integrations(
    Viewer(caller): Viewer,
    PathId(id): PathId<OutletId>,
    language: Result<Lang, ApiError>,
    State(state): State<AppState>,
    query: Result<ApiQuery<PageQuery>, ApiError>,
) -> ApiResult<Listed<IntegrationOut>> {
    let outlet = find_outlet(&state, caller.scope(), id).await?;
    let (Lang(language), page) = (language?, query?.0.page()?);
    let mut all = state.store.integrations_of(outlet.partner_id, Some(outlet.id)).await?;
    let mut inherited = state.store.integrations_of(outlet.partner_id, None).await?;
    inherited.retain(|partners| !all.iter().any(|own| is_same_kind(own, partners)));
    all.extend(inherited);
    all.sort_by(|one, other| (one.integration_type, &one.provider).cmp(&(other.integration_type, &other.provider)));
    let (integrations, total) = paged(&all, page);
    let mut data = all_shown(&state, (&caller, language), integrations).await?;
    for integration in &mut data {
        integration.inherited = Some(integration.outlet_id.is_none());
    }
    Ok(Listed::new(data, Pagination::new(total, page, None)))
}

fn is_same_kind(one: &Integration, other: &Integration) -> bool {
    one.integration_type == other.integration_type && one.provider == other.provider
}

/// One integration, its secrets masked.
#[utoipa::path(get, path = "/api/admin/integrations/{id}", tag = "Integrations",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), LangQuery),
    responses((status = 200, description = "The integration", body = Data<IntegrationOut>)))]
pub(super) async fn read_integration(
    Viewer(caller): Viewer,
    PathId(id): PathId<IntegrationId>,
    language: Result<Lang, ApiError>,
    State(state): State<AppState>,
) -> ApiResult<Data<IntegrationOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    Ok(Data::new(shown(&state, &caller, integration, language?.0).await?))
}
