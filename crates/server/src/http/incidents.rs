//! Incidents: what is or was in trouble, with its timeline; notes and acknowledgements by people. `/api/admin/incidents`.

mod output;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use simpul_core::id::{IncidentId, IntegrationId, PartnerId};
use simpul_core::incident::{IncidentKind, IncidentSeverity};
use simpul_core::language::Language;
use simpul_core::time::{DAY, Timestamp};
use simpul_store::{Incident, IncidentFilter};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::BODY_LIMIT;
use super::lookup::parameter;
use super::members::total;
use super::vocabulary::{IncidentKindSchema, IncidentSeveritySchema};
use super::{
    ApiError, ApiQuery, ApiResult, Data, Lang, LangQuery, Listed, Page, Pagination, PathId, Problems, RequestBody,
};
use crate::auth::{Caller, Operator, Viewer};
use crate::state::AppState;
pub use output::{IncidentDetail, IncidentEntryOut, IncidentOut};
use output::{detail, shown};

/// Characters of a note.
const NOTE_CHARACTERS: usize = 2_000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_incidents))
        .routes(routes!(read_incident))
        .routes(routes!(note_incident))
        .routes(routes!(acknowledge_incident))
}

/// Which incidents a list is about; absent parameters do not restrict.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct IncidentQuery {
    #[param(minimum = 1, default = 1)]
    page: Option<i64>,
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<i64>,
    /// `open` or `closed`.
    #[param(pattern = "^(open|closed)$")]
    state: Option<String>,
    #[param(value_type = Option<IncidentKindSchema>)]
    kind: Option<String>,
    #[param(value_type = Option<IncidentSeveritySchema>)]
    severity: Option<String>,
    #[param(value_type = Option<String>, format = "uuid")]
    integration_id: Option<IntegrationId>,
    /// The partner's own, and the providers' outages that its integrations are part of.
    #[param(value_type = Option<String>, format = "uuid")]
    partner_id: Option<PartnerId>,
    /// The provider's slug.
    provider: Option<String>,
    /// Those that lasted until then or longer: RFC 3339, or a date.
    from: Option<String>,
    /// Those that had begun by then; a date includes its whole day (UTC).
    to: Option<String>,
}

impl IncidentQuery {
    fn parts(self) -> ApiResult<(Page, IncidentFilter)> {
        let time = |of_day: i64| {
            move |text: &str| {
                let date = Timestamp::from_date(text).map(|date| Timestamp::from_millis(date.millis() + of_day));
                date.or_else(|_| text.parse()).ok()
            }
        };
        let when = "must be an RFC 3339 time such as 2026-02-21T10:00:00Z, or a date such as 2026-02-21";
        let is_open = |text: &str| match text {
            "open" => Some(true),
            "closed" => Some(false),
            _ => None,
        };
        let kinds = "must be connection, webhook, provider_outage or expiry";
        let filter = IncidentFilter {
            is_open: parameter("state", self.state.as_deref(), "must be open or closed", is_open)?,
            kind: parameter("kind", self.kind.as_deref(), kinds, IncidentKind::parse)?,
            severity: parameter(
                "severity",
                self.severity.as_deref(),
                "must be critical or warning",
                IncidentSeverity::parse,
            )?,
            integration_id: self.integration_id,
            partner_id: self.partner_id,
            provider: self.provider,
            from: parameter("from", self.from.as_deref(), when, time(0))?,
            to: parameter("to", self.to.as_deref(), when, time(DAY - 1))?,
        };
        Ok((Page::of(self.page, self.limit)?, filter))
    }
}

/// Incidents that the caller may see, the newest first. One confined to a partner sees a provider's outage as far as its own
/// integrations are part of it.
#[utoipa::path(get, path = "/api/admin/incidents", tag = "Incidents", params(IncidentQuery, LangQuery),
    responses((status = 200, description = "One page", body = Listed<IncidentOut>)))]
async fn list_incidents(
    Viewer(caller): Viewer,
    Lang(language): Lang,
    State(state): State<AppState>,
    ApiQuery(query): ApiQuery<IncidentQuery>,
) -> ApiResult<Listed<IncidentOut>> {
    let (page, filter) = query.parts()?;
    let (incidents, count) = state.store.list_incidents(caller.scope(), &filter, page.into()).await?;
    let mut data = Vec::with_capacity(incidents.len());
    for incident in incidents {
        data.push(shown(&state, caller.scope(), incident, language).await?);
    }
    Ok(Listed::new(data, Pagination::new(total(count), page, None)))
}

/// An incident that the caller may see, or the contract's 404.
async fn incident_in(state: &AppState, caller: &Caller, id: IncidentId) -> ApiResult<Incident> {
    state.store.find_incident(caller.scope(), id).await?.ok_or_else(|| ApiError::not_found("incident"))
}

/// One incident with its timeline, and the incidents that are part of a provider's outage.
#[utoipa::path(get, path = "/api/admin/incidents/{id}", tag = "Incidents",
    params(("id" = String, Path, description = "The incident's id", format = "uuid"), LangQuery),
    responses((status = 200, description = "The incident", body = Data<IncidentDetail>)))]
async fn read_incident(
    Viewer(caller): Viewer,
    PathId(id): PathId<IncidentId>,
    State(state): State<AppState>,
    language: Result<Lang, ApiError>,
) -> ApiResult<Data<IncidentDetail>> {
    let incident = incident_in(&state, &caller, id).await?;
    let Lang(language) = language?;
    Ok(Data::new(detail(&state, caller.scope(), incident, language).await?))
}

/// An incident that the caller may speak for: a provider's outage is more than one partner's.
async fn own_incident(state: &AppState, caller: &Caller, id: IncidentId) -> ApiResult<Incident> {
    let incident = incident_in(state, caller, id).await?;
    if caller.partner_id.is_some() && incident.kind == IncidentKind::ProviderOutage {
        return Err(ApiError::forbidden(
            "A provider's outage concerns other partners too: note the incident of your own integration.",
        ));
    }
    Ok(incident)
}

/// What a person has to say.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct NoteIn {
    /// 1 to 2,000 characters.
    #[schema(value_type = String, min_length = 1, max_length = 2_000)]
    message: Option<String>,
}

/// Adds a note to the timeline.
#[utoipa::path(post, path = "/api/admin/incidents/{id}/notes", tag = "Incidents", request_body = NoteIn,
    params(("id" = String, Path, description = "The incident's id", format = "uuid")),
    responses((status = 201, description = "The incident as it is now", body = Data<IncidentDetail>)))]
async fn note_incident(
    Operator(caller): Operator,
    PathId(id): PathId<IncidentId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<IncidentDetail>)> {
    let incident = own_incident(&state, &caller, id).await?;
    let input: NoteIn = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    let message = input.message.unwrap_or_default().trim().to_owned();
    if message.is_empty() {
        problems.add("message", "is required");
    }
    if message.contains('\0') {
        problems.add("message", "must not hold a null character");
    }
    problems.length("message", &message, 0, NOTE_CHARACTERS);
    problems.into_result()?;
    state.store.note_incident(incident.id, &message, &caller.label(), state.now()).await?;
    let incident = incident_in(&state, &caller, id).await?;
    Ok(Data::new(detail(&state, caller.scope(), incident, Language::English).await?).created())
}

/// Says that somebody has taken it on. Who says so first is kept.
#[utoipa::path(post, path = "/api/admin/incidents/{id}/acknowledge", tag = "Incidents",
    params(("id" = String, Path, description = "The incident's id", format = "uuid")),
    responses((status = 200, description = "The incident as it is now", body = Data<IncidentDetail>)))]
async fn acknowledge_incident(
    Operator(caller): Operator,
    PathId(id): PathId<IncidentId>,
    State(state): State<AppState>,
) -> ApiResult<Data<IncidentDetail>> {
    let incident = own_incident(&state, &caller, id).await?;
    state.store.acknowledge_incident(incident.id, &caller.label(), state.now()).await?;
    let incident = incident_in(&state, &caller, id).await?;
    Ok(Data::new(detail(&state, caller.scope(), incident, Language::English).await?))
}

#[cfg(test)]
mod tests;
