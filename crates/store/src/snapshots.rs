//! The health snapshot: what the overview shows of each integration, one row each, as it was last computed.
//!
//! Any node may compute a row; the last one written counts. `changed_at` moves only when something that is shown changes, so
//! that listeners are told of changes alone.

mod overview;

use std::collections::HashMap;

use simpul_core::health::HealthStatus;
use simpul_core::id::{IncidentId, IntegrationId, PartnerId};
use simpul_core::time::{DAY, MINUTE, Timestamp};
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::bulk::{Bulk, Part};
use crate::db::{CHUNK, Tx, read, within};
use crate::error::{Error, Result};
use crate::rollups::MINUTELY;

pub use overview::{HealthChange, HealthCount, HealthEntry, OverviewFilter};

/// What is shown of an integration's health over the last 24 hours.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthSnapshot {
    pub integration_id: IntegrationId,
    pub partner_id: PartnerId,
    pub health_status: HealthStatus,
    /// 0 to 100; `None` where nothing was counted.
    pub health_score: Option<f64>,
    /// The score of the 24 hours before.
    pub previous_score: Option<f64>,
    pub provisional: bool,
    pub total_requests: i64,
    pub success_count: i64,
    /// Milliseconds.
    pub p95_response_time: Option<i64>,
    /// 0 to 100.
    pub uptime: Option<f64>,
    pub connection_status: HealthStatus,
    pub deliveries_status: HealthStatus,
    /// The open incident of its connection, or else of anything of it.
    pub open_incident_id: Option<IncidentId>,
    /// Hard facts beside the score, such as `credentials_rejected`.
    pub facts: Vec<String>,
    pub paused: bool,
    pub paused_until: Option<Timestamp>,
    pub changed_at: Timestamp,
    pub evaluated_at: Timestamp,
}

impl HealthSnapshot {
    /// Whether both show the same.
    #[must_use]
    pub fn shows_the_same(&self, other: &Self) -> bool {
        let timeless = |snapshot: &Self| Self {
            changed_at: Timestamp::default(),
            evaluated_at: Timestamp::default(),
            ..snapshot.clone()
        };
        timeless(self) == timeless(other)
    }
}

#[derive(FromRow)]
struct SnapshotRow {
    integration_id: IntegrationId,
    partner_id: PartnerId,
    health_status: String,
    health_score: Option<f64>,
    previous_score: Option<f64>,
    provisional: bool,
    total_requests: i64,
    success_count: i64,
    p95_response_time: Option<i64>,
    uptime: Option<f64>,
    connection_status: String,
    deliveries_status: String,
    open_incident_id: Option<IncidentId>,
    facts: String,
    paused: bool,
    paused_until: Option<Timestamp>,
    changed_at: Timestamp,
    evaluated_at: Timestamp,
}

fn status(word: &str, column: &'static str, id: IntegrationId) -> Result<HealthStatus> {
    HealthStatus::parse(word).ok_or_else(|| Error::Corrupt { table: "integration_health", column, row: id.to_string() })
}

impl TryFrom<SnapshotRow> for HealthSnapshot {
    type Error = Error;

    fn try_from(row: SnapshotRow) -> Result<Self> {
        let id = row.integration_id;
        Ok(Self {
            integration_id: id,
            partner_id: row.partner_id,
            health_status: status(&row.health_status, "health_status", id)?,
            health_score: row.health_score,
            previous_score: row.previous_score,
            provisional: row.provisional,
            total_requests: row.total_requests,
            success_count: row.success_count,
            p95_response_time: row.p95_response_time,
            uptime: row.uptime,
            connection_status: status(&row.connection_status, "connection_status", id)?,
            deliveries_status: status(&row.deliveries_status, "deliveries_status", id)?,
            open_incident_id: row.open_incident_id,
            facts: facts(&row.facts, id)?,
            paused: row.paused,
            paused_until: row.paused_until,
            changed_at: row.changed_at,
            evaluated_at: row.evaluated_at,
        })
    }
}

fn facts(text: &str, id: IntegrationId) -> Result<Vec<String>> {
    serde_json::from_str(text).map_err(|_| Error::Corrupt {
        table: "integration_health",
        column: "facts",
        row: id.to_string(),
    })
}

const COLUMNS: &str = "integration_id, partner_id, health_status, health_score, previous_score, provisional, total_requests,
    success_count, p95_response_time, uptime, connection_status, deliveries_status, open_incident_id, facts, paused, paused_until,
    changed_at, evaluated_at";

impl Store {
    /// The snapshots of these integrations, as far as there are any.
    pub async fn snapshots_of(&self, ids: &[IntegrationId]) -> Result<HashMap<IntegrationId, HealthSnapshot>> {
        let mut snapshots = HashMap::new();
        for chunk in ids.chunks(CHUNK) {
            let rows: Vec<SnapshotRow> = read!(self, |pool| {
                let mut query = QueryBuilder::new(format!(
                    "SELECT {COLUMNS} FROM integration_health WHERE removed_at IS NULL AND integration_id IN ("
                ));
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(")");
                query.build_query_as().persistent(false).fetch_all(pool).await?
            });
            for row in rows {
                snapshots.insert(row.integration_id, HealthSnapshot::try_from(row)?);
            }
        }
        Ok(snapshots)
    }

    /// Writes snapshots in one transaction. That of an integration that is gone is not brought back.
    pub async fn write_snapshots(&self, snapshots: &[HealthSnapshot]) -> Result<()> {
        const TAIL: &str = " ON CONFLICT (integration_id) DO UPDATE SET partner_id = excluded.partner_id,
            health_status = excluded.health_status, health_score = excluded.health_score, previous_score = excluded.previous_score,
            provisional = excluded.provisional, total_requests = excluded.total_requests, success_count = excluded.success_count,
            p95_response_time = excluded.p95_response_time, uptime = excluded.uptime, connection_status = excluded.connection_status,
            deliveries_status = excluded.deliveries_status, open_incident_id = excluded.open_incident_id, facts = excluded.facts,
            paused = excluded.paused, paused_until = excluded.paused_until, changed_at = excluded.changed_at,
            evaluated_at = excluded.evaluated_at WHERE integration_health.removed_at IS NULL";
        if snapshots.is_empty() {
            return Ok(());
        }
        // One order everywhere, so that two nodes cannot wait for each other.
        let mut ordered: Vec<&HealthSnapshot> = snapshots.iter().collect();
        ordered.sort_unstable_by_key(|snapshot| snapshot.integration_id);
        let mut bulk = Bulk::default();
        bulk.add(ordered.iter().map(|row| row.integration_id))
            .add(ordered.iter().map(|row| row.partner_id))
            .add(ordered.iter().map(|row| row.health_status.as_str()))
            .add(ordered.iter().map(|row| row.health_score))
            .add(ordered.iter().map(|row| row.previous_score))
            .add(ordered.iter().map(|row| row.provisional))
            .add(ordered.iter().map(|row| row.total_requests))
            .add(ordered.iter().map(|row| row.success_count))
            .add(ordered.iter().map(|row| row.p95_response_time))
            .add(ordered.iter().map(|row| row.uptime))
            .add(ordered.iter().map(|row| row.connection_status.as_str()))
            .add(ordered.iter().map(|row| row.deliveries_status.as_str()))
            .add(ordered.iter().map(|row| row.open_incident_id))
            .add(ordered.iter().map(|row| serde_json::json!(row.facts).to_string()))
            .add(ordered.iter().map(|row| row.paused))
            .add(ordered.iter().map(|row| row.paused_until))
            .add(ordered.iter().map(|row| row.changed_at))
            .add(ordered.iter().map(|row| row.evaluated_at));
        let mut tx = self.db.begin().await?;
        bulk.execute(&mut tx, &format!("INSERT INTO integration_health ({COLUMNS}) "), &[Part::Sql(TAIL)]).await?;
        tx.commit().await
    }

    /// Integrations whose figures have changed without anything happening since they were last looked at: a minute has left
    /// their window, they were never looked at, or not for a quarter of an hour. At most `limit`.
    pub async fn unwatched(
        &self,
        edges: (Timestamp, Timestamp),
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<IntegrationId>> {
        const NEVER: &str =
            "SELECT integrations.id FROM partner_integrations integrations LEFT JOIN integration_health health
            ON health.integration_id = integrations.id WHERE health.integration_id IS NULL LIMIT $1";
        const LONG: &str =
            "SELECT integration_id FROM integration_health WHERE evaluated_at < $1 AND removed_at IS NULL
            ORDER BY evaluated_at LIMIT $2";
        const LEFT: &str = "SELECT DISTINCT rollups.integration_id FROM activity_rollups rollups
            JOIN integration_health health ON health.integration_id = rollups.integration_id
            WHERE rollups.minutes = $1 AND rollups.bucket_start >= $2 AND rollups.bucket_start < $3
            AND health.evaluated_at < $4 AND health.removed_at IS NULL LIMIT $5";
        let (limit, minute) = (i64::from(limit), std::time::Duration::from_millis(MINUTE.unsigned_abs()));
        let mut ids: Vec<IntegrationId> =
            read!(self, |pool| sqlx::query_scalar(NEVER).bind(limit).fetch_all(pool).await?);
        let more: Vec<IntegrationId> = read!(self, |pool| sqlx::query_scalar(LONG)
            .bind(now.minus(15 * minute))
            .bind(limit)
            .fetch_all(pool)
            .await?);
        ids.extend(more);
        if edges.0 < edges.1 {
            let left: Vec<IntegrationId> = read!(self, |pool| sqlx::query_scalar(LEFT)
                .bind(MINUTELY)
                .bind(edges.0)
                .bind(edges.1)
                .bind(now.minus(minute))
                .bind(limit)
                .fetch_all(pool)
                .await?);
            ids.extend(left);
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// Lets go of the rows of integrations that are gone, a day after listeners were told, and marks those that a late
    /// computation left behind.
    pub async fn forget_removed(&self, now: Timestamp) -> Result<()> {
        const FORGET: &str = "DELETE FROM integration_health WHERE removed_at < $1";
        const MARK: &str = "UPDATE integration_health SET removed_at = $1, changed_at = $1 WHERE removed_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM partner_integrations WHERE partner_integrations.id = integration_health.integration_id)";
        let mut tx = self.db.begin().await?;
        for (sql, at) in [(FORGET, now.minus(std::time::Duration::from_millis(DAY.unsigned_abs()))), (MARK, now)] {
            within!(&mut tx, |connection| {
                sqlx::query(sql).bind(at).execute(connection).await?;
            });
        }
        tx.commit().await
    }
}

/// Marks an integration's row as gone, so that listeners hear of it.
pub(crate) async fn mark_removed(tx: &mut Tx, id: IntegrationId, now: Timestamp) -> Result<()> {
    const SQL: &str = "UPDATE integration_health SET removed_at = $2, changed_at = $2, open_incident_id = NULL WHERE integration_id = $1";
    within!(&mut *tx, |connection| {
        sqlx::query(SQL).bind(id).bind(now).execute(connection).await?;
    });
    Ok(())
}
