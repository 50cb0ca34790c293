//! Alerts as they are kept: which rule has what to say of which incident. What follows from a change, and the messages that
//! tell of it, are written in one transaction, guarded by what the writer had read: of two nodes that decide the same, one
//! writes and the other's transaction comes to nothing.

mod channels;
mod deliveries;
mod facts;
#[cfg(feature = "testing")]
mod fixture;
mod rules;
mod views;

use simpul_core::alert::{Alert, AlertDelivery, AlertState};
use simpul_core::id::{AlertId, AlertRuleId, IncidentId};
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow, QueryBuilder};

use crate::Store;
use crate::db::{CHUNK, read, within};
use crate::error::{Error, Result};
use crate::incidents::{COLUMNS as INCIDENT_COLUMNS, Incident, IncidentRow};
pub use deliveries::{AlertDeliveryFilter, AlertFailure, AlertOutcome};
pub use facts::AlertIncident;
pub use views::AlertView;

/// An alert as it is to be, and as it was read.
#[derive(Debug, Clone)]
pub struct AlertChange {
    pub before: Alert,
    pub after: Alert,
}

/// What is written together.
#[derive(Debug, Clone, Default)]
pub struct AlertWrite {
    /// Taken up once; an alert of the same rule and incident stays as it is.
    pub new: Vec<Alert>,
    pub changes: Vec<AlertChange>,
    pub deliveries: Vec<AlertDelivery>,
    /// A rule that is silent until then.
    pub hold: Option<(AlertRuleId, Option<Timestamp>)>,
}

pub(crate) const COLUMNS: &str = "id, rule_id, incident_id, state, due_at, told_at, told_count, created_at, updated_at";

#[derive(FromRow)]
pub(crate) struct AlertRow {
    id: AlertId,
    rule_id: AlertRuleId,
    incident_id: IncidentId,
    state: String,
    due_at: Option<Timestamp>,
    told_at: Option<Timestamp>,
    told_count: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<AlertRow> for Alert {
    type Error = Error;

    fn try_from(row: AlertRow) -> Result<Self> {
        let state = AlertState::parse(&row.state);
        Ok(Self {
            id: row.id,
            rule_id: row.rule_id,
            incident_id: row.incident_id,
            state: state.ok_or_else(|| Error::Corrupt { table: "alerts", column: "state", row: row.id.to_string() })?,
            due_at: row.due_at,
            told_at: row.told_at,
            told_count: row.told_count,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl Store {
    /// Incidents that are open, by id after `after`, at most `limit`.
    pub async fn open_incidents_after(&self, after: Option<IncidentId>, limit: u32) -> Result<Vec<Incident>> {
        let sql = format!(
            "SELECT {INCIDENT_COLUMNS} FROM incidents WHERE closed_at IS NULL AND ($1 IS NULL OR id > $1) ORDER BY id LIMIT $2"
        );
        let rows: Vec<IncidentRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?);
        rows.into_iter().map(Incident::try_from).collect()
    }

    /// The incidents with these ids; those that are gone are left out.
    pub async fn incidents_with_ids(&self, ids: &[IncidentId]) -> Result<Vec<Incident>> {
        self.incidents_where("id", ids, "").await
    }

    /// Open incidents that are part of these outages.
    pub async fn open_members(&self, outages: &[IncidentId]) -> Result<Vec<Incident>> {
        self.incidents_where("outage_id", outages, " AND closed_at IS NULL").await
    }

    async fn incidents_where(
        &self,
        column: &'static str,
        ids: &[IncidentId],
        more: &'static str,
    ) -> Result<Vec<Incident>> {
        let mut incidents = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let rows: Vec<IncidentRow> = read!(self, |pool| {
                let mut query =
                    QueryBuilder::new(format!("SELECT {INCIDENT_COLUMNS} FROM incidents WHERE {column} IN ("));
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(")").push(more);
                query.build_query_as().persistent(false).fetch_all(pool).await?
            });
            for row in rows {
                incidents.push(row.try_into()?);
            }
        }
        Ok(incidents)
    }

    /// The alerts of these incidents that may still change.
    pub async fn alerts_of_incidents(&self, ids: &[IncidentId]) -> Result<Vec<Alert>> {
        let mut alerts = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let rows: Vec<AlertRow> = read!(self, |pool| {
                let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM alerts WHERE incident_id IN ("));
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(") AND state IN ('pending', 'firing', 'closing', 'joined') ORDER BY id");
                query.build_query_as().persistent(false).fetch_all(pool).await?
            });
            for row in rows {
                alerts.push(row.try_into()?);
            }
        }
        Ok(alerts)
    }

    /// The incidents whose alerts are not at their end, by id after `after`.
    pub async fn incidents_under_alert(&self, after: Option<IncidentId>, limit: u32) -> Result<Vec<IncidentId>> {
        const SQL: &str =
            "SELECT DISTINCT incident_id FROM alerts WHERE state IN ('pending', 'firing', 'closing', 'joined')
            AND ($1 IS NULL OR incident_id > $1) ORDER BY incident_id LIMIT $2";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(after).bind(i64::from(limit)).fetch_all(pool).await?))
    }

    /// The rules that have something to say now.
    pub async fn due_alert_rules(&self, now: Timestamp) -> Result<Vec<AlertRuleId>> {
        const SQL: &str = "SELECT DISTINCT rule_id FROM alerts WHERE due_at <= $1";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(now).fetch_all(pool).await?))
    }

    /// A rule's alerts that may be told: all that wait, and those told before whose repetition is due. At most `limit`, the
    /// longest due first.
    pub async fn tellable_alerts(&self, rule_id: AlertRuleId, until: Timestamp, limit: u32) -> Result<Vec<Alert>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM alerts WHERE rule_id = $1 AND due_at IS NOT NULL AND (state IN ('pending', 'closing') OR due_at <= $2)
             ORDER BY due_at, id LIMIT $3"
        );
        let rows: Vec<AlertRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(rule_id)
            .bind(until)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?);
        rows.into_iter().map(Alert::try_from).collect()
    }

    /// Alerts of a rule that were over before they were told, since then.
    pub async fn alerts_withdrawn_since(&self, rule_id: AlertRuleId, since: Timestamp) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM alerts WHERE rule_id = $1 AND state = 'withdrawn' AND updated_at >= $2";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(rule_id).bind(since).fetch_one(pool).await?))
    }

    /// Writes what follows, all or nothing. Answers `false`, with nothing written, where an alert is not what it was any more.
    pub async fn write_alerts(&self, write: &AlertWrite) -> Result<bool> {
        const NEW: &str =
            "INSERT INTO alerts (id, rule_id, incident_id, state, due_at, told_at, told_count, created_at, updated_at)
            SELECT $1, $2, $3, $4, $5, NULL, 0, $6, $6 WHERE EXISTS (SELECT 1 FROM alert_rules WHERE id = $2)
            ON CONFLICT (rule_id, incident_id) DO NOTHING";
        const CHANGE: &str = "UPDATE alerts SET state = $2, due_at = $3, told_at = $4, told_count = $5, updated_at = $6
            WHERE id = $1 AND state = $7 AND told_count = $8";
        const HOLD: &str = "UPDATE alert_rules SET held_until = $2 WHERE id = $1";
        let mut tx = self.db.begin().await?;
        for alert in &write.new {
            within!(&mut tx, |connection| {
                sqlx::query(NEW)
                    .bind(alert.id)
                    .bind(alert.rule_id)
                    .bind(alert.incident_id)
                    .bind(alert.state.as_str())
                    .bind(alert.due_at)
                    .bind(alert.created_at)
                    .execute(connection)
                    .await?;
            });
        }
        for AlertChange { before, after } in &write.changes {
            let changed = within!(&mut tx, |connection| sqlx::query(CHANGE)
                .bind(after.id)
                .bind(after.state.as_str())
                .bind(after.due_at)
                .bind(after.told_at)
                .bind(after.told_count)
                .bind(after.updated_at)
                .bind(before.state.as_str())
                .bind(before.told_count)
                .execute(connection)
                .await?
                .rows_affected());
            if changed != 1 {
                return Ok(false);
            }
        }
        for delivery in &write.deliveries {
            deliveries::insert(&mut tx, delivery).await?;
        }
        if let Some((rule_id, until)) = write.hold {
            within!(&mut tx, |connection| {
                sqlx::query(HOLD).bind(rule_id).bind(until).execute(connection).await?;
            });
        }
        tx.commit().await?;
        Ok(true)
    }
}
