//! Incidents as they are kept, and the changes that alerts follow.

mod list;
mod outcomes;
pub(crate) mod webhooks;
pub(crate) mod write;

pub use list::{IncidentEntry, IncidentFilter};
pub use outcomes::ConnectionMinute;
pub use write::{IncidentChange, Telling};

use simpul_core::id::{IncidentId, IntegrationId, PartnerId, WebhookId};
use simpul_core::incident::{IncidentCause, IncidentKind, IncidentSeverity, IncidentTrigger};
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow};

use crate::Store;
use crate::db::read;
use crate::error::{Error, Result};

/// A spell of trouble.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    pub id: IncidentId,
    pub kind: IncidentKind,
    pub severity: IncidentSeverity,
    /// `None` for a provider's outage, as is the partner.
    pub integration_id: Option<IntegrationId>,
    pub partner_id: Option<PartnerId>,
    /// The provider's slug.
    pub provider: String,
    pub webhook_id: Option<WebhookId>,
    /// The provider's outage that it is part of.
    pub outage_id: Option<IncidentId>,
    /// Tells apart what can be open side by side: one incident of a kind is open for each subject.
    pub subject: String,
    pub cause: IncidentCause,
    pub opened_by: IncidentTrigger,
    /// The first failure, which is before it opened.
    pub started_at: Timestamp,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub last_failure_at: Timestamp,
    pub first_error: String,
    pub last_error: String,
    pub affected_calls: i64,
    pub affected_integrations: i64,
    pub acknowledged_at: Option<Timestamp>,
    /// The user's or key's id.
    pub acknowledged_by: Option<String>,
    pub updated_at: Timestamp,
}

/// The columns of an [`IncidentRow`], in its order.
pub(crate) const COLUMNS: &str = "id, kind, severity, integration_id, partner_id, provider, webhook_id, outage_id, subject, cause,
    opened_by, started_at, opened_at, closed_at, last_failure_at, first_error, last_error, affected_calls, affected_integrations,
    acknowledged_at, acknowledged_by, updated_at";

#[derive(FromRow)]
pub(crate) struct IncidentRow {
    id: IncidentId,
    kind: String,
    severity: String,
    integration_id: Option<IntegrationId>,
    partner_id: Option<PartnerId>,
    provider: String,
    webhook_id: Option<WebhookId>,
    outage_id: Option<IncidentId>,
    subject: String,
    cause: String,
    opened_by: String,
    started_at: Timestamp,
    opened_at: Timestamp,
    closed_at: Option<Timestamp>,
    last_failure_at: Timestamp,
    first_error: String,
    last_error: String,
    affected_calls: i64,
    affected_integrations: i64,
    acknowledged_at: Option<Timestamp>,
    acknowledged_by: Option<String>,
    updated_at: Timestamp,
}

fn word<T>(found: Option<T>, column: &'static str, id: IncidentId) -> Result<T> {
    found.ok_or_else(|| Error::Corrupt { table: "incidents", column, row: id.to_string() })
}

impl TryFrom<IncidentRow> for Incident {
    type Error = Error;

    fn try_from(row: IncidentRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            kind: word(IncidentKind::parse(&row.kind), "kind", row.id)?,
            severity: word(IncidentSeverity::parse(&row.severity), "severity", row.id)?,
            integration_id: row.integration_id,
            partner_id: row.partner_id,
            provider: row.provider,
            webhook_id: row.webhook_id,
            outage_id: row.outage_id,
            subject: row.subject,
            cause: word(IncidentCause::parse(&row.cause), "cause", row.id)?,
            opened_by: word(IncidentTrigger::parse(&row.opened_by), "opened_by", row.id)?,
            started_at: row.started_at,
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            last_failure_at: row.last_failure_at,
            first_error: row.first_error,
            last_error: row.last_error,
            affected_calls: row.affected_calls,
            affected_integrations: row.affected_integrations,
            acknowledged_at: row.acknowledged_at,
            acknowledged_by: row.acknowledged_by,
            updated_at: row.updated_at,
        })
    }
}

impl Store {
    /// Incidents that were opened, changed or closed at or after `since`, in the order of their change, at most `limit`.
    /// Several nodes write: ask again from a few seconds before the last answer, and take a repetition for what it is.
    pub async fn incidents_changed_since(&self, since: Timestamp, limit: u32) -> Result<Vec<Incident>> {
        let sql = format!("SELECT {COLUMNS} FROM incidents WHERE updated_at >= $1 ORDER BY updated_at, id LIMIT $2");
        let rows: Vec<IncidentRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(since)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?);
        rows.into_iter().map(Incident::try_from).collect()
    }
}
