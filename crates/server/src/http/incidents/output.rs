//! Incidents as callers see them. One confined to a partner sees of a provider's outage only what concerns its own integrations.

use serde::Serialize;
use simpul_core::access::Scope;
use simpul_core::id::{IncidentEntryId, IncidentId, IntegrationId, PartnerId, WebhookId};
use simpul_core::incident::summary::summary;
use simpul_core::incident::{IncidentEntryKind, IncidentKind, IncidentSeverity, IncidentTrigger};
use simpul_core::language::Language;
use simpul_core::time::Timestamp;
use simpul_engine::incident_facts;
use simpul_providers::sentence;
use simpul_store::{Incident, IncidentEntry};
use utoipa::ToSchema;

use crate::http::ApiResult;
use crate::http::vocabulary::{
    IncidentEntryKindSchema, IncidentKindSchema, IncidentSeveritySchema, IncidentTriggerSchema,
};
use crate::state::AppState;

/// Lines of a timeline, and members of an outage, that one answer holds.
const LINES: u32 = 1_000;
const MEMBERS: u32 = 500;

/// A spell of trouble.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IncidentOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: IncidentId,
    #[schema(value_type = IncidentKindSchema)]
    pub kind: IncidentKind,
    #[schema(value_type = IncidentSeveritySchema)]
    pub severity: IncidentSeverity,
    /// `null` for a provider's outage, as is the partner.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub integration_id: Option<IntegrationId>,
    #[schema(value_type = Option<String>, format = "uuid")]
    pub partner_id: Option<PartnerId>,
    /// The provider's slug.
    pub provider: String,
    #[schema(value_type = Option<String>, format = "uuid")]
    pub webhook_id: Option<WebhookId>,
    /// The provider's outage that it is part of.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub outage_id: Option<IncidentId>,
    /// An error type, or `worse_band`, `webhook_failing`, `webhook_disabled`, `expires_soon`, `expired`.
    #[schema(example = "authentication_failed")]
    pub cause: &'static str,
    #[schema(value_type = IncidentTriggerSchema)]
    pub opened_by: IncidentTrigger,
    /// The first failure.
    #[schema(value_type = String, format = "date-time")]
    pub started_at: Timestamp,
    /// When it was enough to tell.
    #[schema(value_type = String, format = "date-time")]
    pub opened_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub closed_at: Option<Timestamp>,
    /// Milliseconds from the first failure to the end, or to now.
    pub duration: i64,
    #[schema(value_type = String, format = "date-time")]
    pub last_failure_at: Timestamp,
    pub first_error: String,
    pub last_error: String,
    /// Failed calls of the platform; tests are not among them.
    pub affected_calls: i64,
    pub affected_integrations: i64,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub acknowledged_at: Option<Timestamp>,
    /// The user's or key's id.
    pub acknowledged_by: Option<String>,
    /// One sentence, in the language asked for.
    #[schema(example = "Midtrans has rejected the credentials since 10:42 WIB (14 calls).")]
    pub summary: String,
}

/// A line of a timeline.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IncidentEntry)]
pub struct IncidentEntryOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: IncidentEntryId,
    #[schema(value_type = IncidentEntryKindSchema)]
    pub kind: IncidentEntryKind,
    /// What was said; for `joined`, the integration's id.
    pub message: String,
    /// The user's or key's id; `null` for the hub's own.
    pub author: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
}

impl From<IncidentEntry> for IncidentEntryOut {
    fn from(entry: IncidentEntry) -> Self {
        Self {
            id: entry.id,
            kind: entry.kind,
            message: entry.message,
            author: entry.author,
            created_at: entry.created_at,
        }
    }
}

/// An incident with its timeline.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IncidentDetail {
    #[serde(flatten)]
    pub incident: IncidentOut,
    /// The first thousand lines, in order.
    pub entries: Vec<IncidentEntryOut>,
    /// Of a provider's outage: the incidents that are part of it, the first 500.
    pub members: Vec<IncidentOut>,
}

/// The incident as this caller may see it.
pub(super) async fn shown(
    state: &AppState,
    scope: Scope,
    mut incident: Incident,
    language: Language,
) -> ApiResult<IncidentOut> {
    if scope.partner_id().is_some() && incident.kind == IncidentKind::ProviderOutage {
        let own = state.store.outage_members(scope, incident.id, MEMBERS).await?;
        let share = state.store.outage_share(scope, incident.id).await?;
        (incident.affected_integrations, incident.affected_calls) = share;
        incident.first_error = own.first().map(|member| member.first_error.clone()).unwrap_or_default();
        incident.last_error = own.last().map(|member| member.last_error.clone()).unwrap_or_default();
        (incident.acknowledged_at, incident.acknowledged_by) = (None, None);
    }
    Ok(out(incident, state.now(), language))
}

fn out(incident: Incident, now: Timestamp, language: Language) -> IncidentOut {
    let summary = summary(&incident_facts(&incident, now), language);
    IncidentOut {
        id: incident.id,
        kind: incident.kind,
        severity: incident.severity,
        integration_id: incident.integration_id,
        partner_id: incident.partner_id,
        provider: incident.provider,
        webhook_id: incident.webhook_id,
        outage_id: incident.outage_id,
        cause: incident.cause.as_str(),
        opened_by: incident.opened_by,
        started_at: incident.started_at,
        opened_at: incident.opened_at,
        closed_at: incident.closed_at,
        duration: incident.closed_at.unwrap_or(now).since(incident.started_at).max(0),
        last_failure_at: incident.last_failure_at,
        first_error: sentence(&incident.first_error, language).into_owned(),
        last_error: sentence(&incident.last_error, language).into_owned(),
        affected_calls: incident.affected_calls,
        affected_integrations: incident.affected_integrations,
        acknowledged_at: incident.acknowledged_at,
        acknowledged_by: incident.acknowledged_by,
        summary,
    }
}

/// The incident with its timeline, as this caller may see it.
pub(super) async fn detail(
    state: &AppState,
    scope: Scope,
    incident: Incident,
    language: Language,
) -> ApiResult<IncidentDetail> {
    let is_outage = incident.kind == IncidentKind::ProviderOutage;
    let members = if is_outage { state.store.outage_members(scope, incident.id, MEMBERS).await? } else { Vec::new() };
    let mut entries = state.store.incident_entries(incident.id, LINES).await?;
    if is_outage && scope.partner_id().is_some() {
        entries.retain(|entry| match entry.kind {
            IncidentEntryKind::Opened | IncidentEntryKind::Closed | IncidentEntryKind::CauseChanged => true,
            IncidentEntryKind::Joined => members.iter().any(|member| member.subject == entry.message),
            IncidentEntryKind::Note | IncidentEntryKind::Acknowledged => false,
        });
        // It counts the integrations of all partners.
        for entry in entries.iter_mut().filter(|entry| entry.kind == IncidentEntryKind::Opened) {
            entry.message.clear();
        }
    }
    let now = state.now();
    Ok(IncidentDetail {
        incident: shown(state, scope, incident, language).await?,
        entries: entries.into_iter().map(IncidentEntryOut::from).collect(),
        members: members.into_iter().map(|member| out(member, now, language)).collect(),
    })
}
