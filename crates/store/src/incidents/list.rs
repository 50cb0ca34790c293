//! Reading incidents: by filter, one with its timeline, the members of an outage, what is open.

use std::collections::HashMap;

use simpul_core::access::Scope;
use simpul_core::id::{IncidentEntryId, IncidentId, IntegrationId, PartnerId};
use simpul_core::incident::{IncidentEntryKind, IncidentKind, IncidentSeverity};
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow, QueryBuilder};

use super::{COLUMNS, Incident, IncidentRow, word};
use crate::db::{CHUNK, read};
use crate::error::Result;
use crate::{Page, Store};

/// Which incidents a list is about; absent members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct IncidentFilter {
    pub is_open: Option<bool>,
    pub kind: Option<IncidentKind>,
    pub severity: Option<IncidentSeverity>,
    pub integration_id: Option<IntegrationId>,
    /// Its own, and the outages that its integrations are part of.
    pub partner_id: Option<PartnerId>,
    pub provider: Option<String>,
    /// Those that lasted into the time from here (inclusive) to `to`.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// A line of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentEntry {
    pub id: IncidentEntryId,
    pub incident_id: IncidentId,
    pub kind: IncidentEntryKind,
    pub message: String,
    /// The user's or key's id; `None` for the hub's own.
    pub author: Option<String>,
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct EntryRow {
    id: IncidentEntryId,
    incident_id: IncidentId,
    kind: String,
    message: String,
    author: Option<String>,
    created_at: Timestamp,
}

/// A scoped caller sees its own, and an outage that one of its integrations is part of.
const VISIBLE: &str = "($1 IS NULL OR partner_id = $1 OR (kind = 'provider_outage' AND EXISTS
    (SELECT 1 FROM incidents members WHERE members.outage_id = incidents.id AND members.partner_id = $1)))";

impl Store {
    /// One page of incidents, the newest first, and how many there are in all.
    pub async fn list_incidents(
        &self,
        scope: Scope,
        filter: &IncidentFilter,
        page: Page,
    ) -> Result<(Vec<Incident>, i64)> {
        let condition = format!(
            "FROM incidents WHERE {VISIBLE} AND ($2 IS NULL OR (closed_at IS NULL) = $2) AND ($3 IS NULL OR kind = $3)
             AND ($4 IS NULL OR severity = $4) AND ($5 IS NULL OR integration_id = $5)
             AND ($6 IS NULL OR partner_id = $6 OR (kind = 'provider_outage' AND EXISTS
                 (SELECT 1 FROM incidents members WHERE members.outage_id = incidents.id AND members.partner_id = $6)))
             AND ($7 IS NULL OR provider = $7) AND ($8 IS NULL OR closed_at IS NULL OR closed_at >= $8)
             AND ($9 IS NULL OR started_at <= $9)"
        );
        let list = format!("SELECT {COLUMNS} {condition} ORDER BY id DESC LIMIT $10 OFFSET $11");
        let count = format!("SELECT COUNT(*) {condition}");
        macro_rules! bound {
            ($query:expr) => {
                $query
                    .bind(scope.partner_id())
                    .bind(filter.is_open)
                    .bind(filter.kind.map(IncidentKind::as_str))
                    .bind(filter.severity.map(IncidentSeverity::as_str))
                    .bind(filter.integration_id)
                    .bind(filter.partner_id)
                    .bind(filter.provider.as_deref())
                    .bind(filter.from)
                    .bind(filter.to)
            };
        }
        let rows: Vec<IncidentRow> = read!(self, |pool| bound!(sqlx::query_as(AssertSqlSafe(list)))
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total = read!(self, |pool| bound!(sqlx::query_scalar(AssertSqlSafe(count))).fetch_one(pool).await?);
        Ok((rows.into_iter().map(Incident::try_from).collect::<Result<_>>()?, total))
    }

    /// An incident that the caller may see.
    pub async fn find_incident(&self, scope: Scope, id: IncidentId) -> Result<Option<Incident>> {
        let sql = format!("SELECT {COLUMNS} FROM incidents WHERE {VISIBLE} AND id = $2");
        let row: Option<IncidentRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.partner_id())
            .bind(id)
            .fetch_optional(pool)
            .await?);
        row.map(Incident::try_from).transpose()
    }

    /// The timeline of an incident, in order, at most `limit` lines.
    pub async fn incident_entries(&self, id: IncidentId, limit: u32) -> Result<Vec<IncidentEntry>> {
        const SQL: &str =
            "SELECT id, incident_id, kind, message, author, created_at FROM incident_entries WHERE incident_id = $1
            ORDER BY id LIMIT $2";
        let rows: Vec<EntryRow> =
            read!(self, |pool| sqlx::query_as(SQL).bind(id).bind(i64::from(limit)).fetch_all(pool).await?);
        rows.into_iter()
            .map(|row| {
                Ok(IncidentEntry {
                    id: row.id,
                    incident_id: row.incident_id,
                    kind: word(IncidentEntryKind::parse(&row.kind), "kind", row.incident_id)?,
                    message: row.message,
                    author: row.author,
                    created_at: row.created_at,
                })
            })
            .collect()
    }

    /// The incidents that are part of a provider's outage, as far as the caller may see them, by age; at most `limit`.
    pub async fn outage_members(&self, scope: Scope, outage_id: IncidentId, limit: u32) -> Result<Vec<Incident>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM incidents WHERE outage_id = $2 AND ($1 IS NULL OR partner_id = $1) ORDER BY id LIMIT $3"
        );
        let rows: Vec<IncidentRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.partner_id())
            .bind(outage_id)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?);
        rows.into_iter().map(Incident::try_from).collect()
    }

    /// Of a provider's outage: how many integrations of the scope are part of it, and their failed calls.
    pub async fn outage_share(&self, scope: Scope, outage_id: IncidentId) -> Result<(i64, i64)> {
        const SQL: &str =
            "SELECT COUNT(DISTINCT integration_id), CAST(COALESCE(SUM(affected_calls), 0) AS BIGINT) FROM incidents
            WHERE outage_id = $2 AND ($1 IS NULL OR partner_id = $1)";
        Ok(read!(self, |pool| sqlx::query_as(SQL).bind(scope.partner_id()).bind(outage_id).fetch_one(pool).await?))
    }

    /// What is open of these integrations.
    pub async fn open_incidents_of(&self, ids: &[IntegrationId]) -> Result<HashMap<IntegrationId, Vec<Incident>>> {
        let mut found: HashMap<IntegrationId, Vec<Incident>> = HashMap::new();
        for chunk in ids.chunks(CHUNK) {
            let rows: Vec<IncidentRow> = read!(self, |pool| {
                let mut query = QueryBuilder::new(format!(
                    "SELECT {COLUMNS} FROM incidents WHERE closed_at IS NULL AND integration_id IN ("
                ));
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(") ORDER BY id");
                query.build_query_as().persistent(false).fetch_all(pool).await?
            });
            for row in rows {
                let incident = Incident::try_from(row)?;
                if let Some(id) = incident.integration_id {
                    found.entry(id).or_default().push(incident);
                }
            }
        }
        Ok(found)
    }

    /// What is open of a kind, by age, at most `limit`; of one provider, if one is given.
    pub async fn open_incidents(
        &self,
        kind: IncidentKind,
        provider: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Incident>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM incidents WHERE closed_at IS NULL AND kind = $1 AND ($2 IS NULL OR provider = $2) ORDER BY id LIMIT $3"
        );
        let rows: Vec<IncidentRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(kind.as_str())
            .bind(provider)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?);
        rows.into_iter().map(Incident::try_from).collect()
    }
}
