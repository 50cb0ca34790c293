//! When each integration is tested next. A node that takes a test moves its time on in the same statement, so that two nodes
//! which both believe to lead take it once.

use simpul_core::id::{IntegrationId, PartnerId};
use simpul_core::integration::Settings;
use simpul_core::time::Timestamp;
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::bulk::{Bulk, Part};
use crate::db::{Tx, read, within};
use crate::error::{Error, Result};

/// An integration that is tested by schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeTarget {
    pub integration_id: IntegrationId,
    pub partner_id: PartnerId,
    /// The provider's slug.
    pub provider: String,
    /// Minutes between two tests.
    pub interval_minutes: u32,
    /// When its test is due; `None` where none was planned yet.
    pub due_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct TargetRow {
    id: IntegrationId,
    partner_id: PartnerId,
    provider: String,
    settings: String,
    next_probe_at: Option<Timestamp>,
}

impl TryFrom<TargetRow> for ProbeTarget {
    type Error = Error;

    fn try_from(row: TargetRow) -> Result<Self> {
        let settings: Settings = serde_json::from_str(&row.settings).map_err(|_| Error::Corrupt {
            table: "partner_integrations",
            column: "settings",
            row: row.id.to_string(),
        })?;
        Ok(Self {
            integration_id: row.id,
            partner_id: row.partner_id,
            provider: row.provider,
            interval_minutes: settings.test_interval_minutes.max(1),
            due_at: row.next_probe_at,
        })
    }
}

impl Store {
    /// Active integrations whose next test is not planned, at most `limit`.
    pub async fn unplanned_probes(&self, limit: u32) -> Result<Vec<ProbeTarget>> {
        const SQL: &str = "SELECT integrations.id, integrations.partner_id, integrations.provider, integrations.settings, probes.next_probe_at
            FROM partner_integrations integrations LEFT JOIN probes ON probes.integration_id = integrations.id
            WHERE integrations.is_active AND probes.integration_id IS NULL LIMIT $1";
        let rows: Vec<TargetRow> =
            read!(self, |pool| sqlx::query_as(SQL).bind(i64::from(limit)).fetch_all(pool).await?);
        rows.into_iter().map(ProbeTarget::try_from).collect()
    }

    /// Plans first tests; what is planned already stays.
    pub async fn plan_probes(&self, planned: &[(IntegrationId, Timestamp)]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let mut bulk = Bulk::default();
        bulk.add(planned.iter().map(|(id, _)| *id)).add(planned.iter().map(|(_, at)| *at));
        bulk.execute(
            &mut tx,
            "INSERT INTO probes (integration_id, next_probe_at) ",
            &[Part::Sql(" ON CONFLICT (integration_id) DO NOTHING")],
        )
        .await?;
        tx.commit().await
    }

    /// Forgets the plans for integrations that are not active: once active again, they are planned anew.
    pub async fn forget_idle_probes(&self) -> Result<u64> {
        const IDLE: &str = "SELECT probes.integration_id FROM probes JOIN partner_integrations integrations
            ON integrations.id = probes.integration_id WHERE NOT integrations.is_active LIMIT 1000";
        const SQL: &str = "DELETE FROM probes WHERE integration_id = $1";
        let idle: Vec<IntegrationId> = read!(self, |pool| sqlx::query_scalar(IDLE).fetch_all(pool).await?);
        if idle.is_empty() {
            return Ok(0);
        }
        let mut tx = self.db.begin().await?;
        for id in &idle {
            within!(&mut tx, |connection| {
                sqlx::query(SQL).bind(*id).execute(connection).await?;
            });
        }
        tx.commit().await?;
        Ok(idle.len() as u64)
    }

    /// Active integrations whose test is due, the longest due first, at most `limit`; none of the providers in `except`.
    pub async fn probes_due(&self, now: Timestamp, except: &[String], limit: u32) -> Result<Vec<ProbeTarget>> {
        let rows: Vec<TargetRow> = read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT integrations.id, integrations.partner_id, integrations.provider, integrations.settings, probes.next_probe_at
                 FROM probes JOIN partner_integrations integrations ON integrations.id = probes.integration_id
                 WHERE integrations.is_active AND probes.next_probe_at <= ",
            );
            query.push_bind(now);
            for provider in except {
                query.push(" AND integrations.provider <> ").push_bind(provider);
            }
            query.push(" ORDER BY probes.next_probe_at, probes.integration_id LIMIT ").push_bind(i64::from(limit));
            query.build_query_as().persistent(false).fetch_all(pool).await?
        });
        rows.into_iter().map(ProbeTarget::try_from).collect()
    }

    /// Takes tests that are due by moving their times on. Answers which ones were still to be taken.
    pub async fn take_probes(&self, next: &[(IntegrationId, Timestamp)], now: Timestamp) -> Result<Vec<IntegrationId>> {
        const GIVEN: &str = "WITH taken (integration_id, next_probe_at) AS (";
        const UPDATE: &str = ") UPDATE probes SET next_probe_at = taken.next_probe_at FROM taken
            WHERE probes.integration_id = taken.integration_id AND probes.next_probe_at <= ";
        let mut ordered = next.to_vec();
        ordered.sort_unstable();
        let mut tx = self.db.begin().await?;
        let mut bulk = Bulk::default();
        bulk.add(ordered.iter().map(|(id, _)| *id)).add(ordered.iter().map(|(_, at)| *at));
        let tail = [Part::Sql(UPDATE), Part::Time(now), Part::Sql(" RETURNING probes.integration_id")];
        let taken: Vec<(IntegrationId,)> = bulk.fetch(&mut tx, GIVEN, &tail).await?;
        tx.commit().await?;
        Ok(taken.into_iter().map(|(id,)| id).collect())
    }

    /// When an integration is tested next.
    pub async fn next_probe_at(&self, integration_id: IntegrationId) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT next_probe_at FROM probes WHERE integration_id = $1";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(integration_id).fetch_optional(pool).await?))
    }

    /// The providers that have active integrations.
    pub async fn providers_in_use(&self) -> Result<Vec<String>> {
        const SQL: &str = "SELECT DISTINCT provider FROM partner_integrations WHERE is_active";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).fetch_all(pool).await?))
    }
}

/// Brings an integration's next test forward where its interval has become shorter.
pub(crate) async fn bring_forward(tx: &mut Tx, id: IntegrationId, no_later_than: Timestamp) -> Result<()> {
    const SQL: &str = "UPDATE probes SET next_probe_at = $2 WHERE integration_id = $1 AND next_probe_at > $2";
    within!(&mut *tx, |connection| {
        sqlx::query(SQL).bind(id).bind(no_later_than).execute(connection).await?;
    });
    Ok(())
}
