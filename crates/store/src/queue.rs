//! The queue of deliveries: leases.
//!
//! A waiting row is claimed (`queue/claim.rs`) by setting it to `leased` under this node's id until a time; no transaction
//! stays open while the receiver is called. The node renews the leases on what it has in memory; when it dies they run out, and
//! whoever looks next takes the rows back. A result is written only where the row is still leased to the node that made the attempt
//! and the attempt count has not moved (`settle.rs`), so a node that was too slow cannot overwrite what came after it. The
//! price is that a delivery may be made twice: never lost, at least once, always under the same `webhook-id`.
//!
//! Nodes on one PostgreSQL tell each other over LISTEN/NOTIFY what they left in the table and whose deliveries are to be
//! given back; a node that misses a word finds out by its own look at the table a second later.

mod claim;
mod news;
mod pace;
mod probe;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use simpul_core::delivery::Trigger;
use simpul_core::event::EventType;
use simpul_core::id::{DeliveryId, EventId, WebhookId};
use simpul_core::time::Timestamp;
use simpul_core::webhook::Webhook;
use sqlx::{FromRow, QueryBuilder};

pub(crate) use claim::PARKED;
pub use claim::{ClaimRules, Claimed};
pub use news::News;
pub(crate) use news::tell;

use crate::Store;
use crate::db::{CHUNK, Db, Tx, read, within};
use crate::error::{Error, Result};
use crate::room::Place;
use crate::webhooks::{self, WebhookRow};

/// How long a claim holds unless renewed.
pub(crate) const LEASE: Duration = Duration::from_secs(60);

/// A delivery that this node may make now, with all it takes to make it.
#[derive(Debug, Clone)]
pub struct LeasedDelivery {
    pub id: DeliveryId,
    pub event_id: EventId,
    pub event_type: EventType,
    pub payload: Arc<str>,
    pub webhook: Arc<Webhook>,
    /// Attempts made so far, replays included.
    pub attempt_count: u32,
    /// Attempts made since the delivery was made or last replayed: what the retry limit counts.
    pub round_attempts: u32,
    pub trigger: Trigger,
    pub triggered_by: Option<String>,
    /// What it waited for others about, where its webhook asks for order.
    pub order_key: Option<String>,
    /// Not to be started before: its turn by the webhook's rate.
    pub not_before: Option<Timestamp>,
    /// Its share of the memory, until the outcome is written.
    pub place: Option<Arc<Place>>,
}

#[derive(FromRow)]
struct LeasedRow {
    id: DeliveryId,
    webhook_id: WebhookId,
    event_id: EventId,
    event_type: String,
    attempt_count: i32,
    round_attempts: i32,
    trigger: String,
    triggered_by: Option<String>,
    order_key: Option<String>,
    payload: String,
}

impl Store {
    /// Everything that it takes to make these deliveries, in the order of `ids`.
    async fn leased_within(&self, tx: &mut Tx, ids: &[DeliveryId]) -> Result<Vec<LeasedDelivery>> {
        let mut rows: HashMap<DeliveryId, LeasedRow> = HashMap::new();
        for chunk in ids.chunks(CHUNK) {
            let found: Vec<LeasedRow> = within!(&mut *tx, |connection| {
                let mut query = QueryBuilder::new(
                    "SELECT deliveries.id, deliveries.webhook_id, deliveries.event_id, deliveries.event_type, deliveries.attempt_count,
                     deliveries.round_attempts, deliveries.trigger, deliveries.triggered_by, deliveries.order_key, events.payload
                     FROM deliveries JOIN events ON events.id = deliveries.event_id WHERE deliveries.id IN (",
                );
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(")");
                query.build_query_as().persistent(chunk.len() == 1).fetch_all(connection).await?
            });
            rows.extend(found.into_iter().map(|row| (row.id, row)));
        }
        let mut webhook_ids: Vec<WebhookId> = rows.values().map(|row| row.webhook_id).collect();
        webhook_ids.sort_unstable();
        webhook_ids.dedup();
        let webhooks = self.webhooks_with_ids(tx, &webhook_ids).await?;
        let mut leased = Vec::with_capacity(rows.len());
        for id in ids {
            // A webhook deleted since takes its deliveries with it.
            let Some(row) = rows.remove(id) else { continue };
            let Some(webhook) = webhooks.get(&row.webhook_id) else { continue };
            leased.push(row.with(Arc::clone(webhook))?);
        }
        Ok(leased)
    }

    async fn webhooks_with_ids(&self, tx: &mut Tx, ids: &[WebhookId]) -> Result<HashMap<WebhookId, Arc<Webhook>>> {
        let mut rows: Vec<WebhookRow> = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            rows.extend::<Vec<WebhookRow>>(within!(&mut *tx, |connection| {
                let mut query =
                    QueryBuilder::new(format!("SELECT {} FROM integration_webhooks WHERE id IN (", webhooks::COLUMNS));
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(") ORDER BY integration_id");
                query.build_query_as().persistent(chunk.len() == 1).fetch_all(connection).await?
            }));
        }
        let opened = self.open_webhooks(rows).await?;
        Ok(opened.into_values().flatten().map(|webhook| (webhook.id, Arc::new(webhook))).collect())
    }

    /// Takes back deliveries whose lease has run out: their node died, or was too slow to renew.
    pub async fn reclaim_expired(&self, now: Timestamp) -> Result<u64> {
        const SQL: &str =
            "UPDATE deliveries SET state = 'pending', next_attempt_at = $1, lease_owner = NULL, lease_until = NULL
            WHERE state = 'leased' AND lease_until < $1";
        let mut tx = self.db.begin().await?;
        let changed =
            within!(&mut tx, |connection| sqlx::query(SQL).bind(now).execute(connection).await?.rows_affected());
        tx.commit().await?;
        Ok(changed)
    }

    /// Takes back every lease, whoever holds it. Only for a SQLite file that this process has claimed for itself.
    pub async fn reclaim_all(&self, now: Timestamp) -> Result<u64> {
        if matches!(self.db, Db::Postgres(_)) {
            return self.reclaim_expired(now).await;
        }
        const SQL: &str =
            "UPDATE deliveries SET state = 'pending', next_attempt_at = $1, lease_owner = NULL, lease_until = NULL
            WHERE state = 'leased'";
        let mut tx = self.db.begin().await?;
        let changed =
            within!(&mut tx, |connection| sqlx::query(SQL).bind(now).execute(connection).await?.rows_affected());
        tx.commit().await?;
        Ok(changed)
    }

    /// Extends this node's leases on what it has in memory. A lease on anything else runs out: a commit was made that the
    /// node did not hear of, or a lease could not be given back.
    pub async fn renew_leases(&self, held: &[DeliveryId], now: Timestamp) -> Result<u64> {
        let mut changed = 0;
        for chunk in held.chunks(CHUNK) {
            let mut tx = self.db.begin().await?;
            changed += within!(&mut tx, |connection| {
                let mut query = QueryBuilder::new("UPDATE deliveries SET lease_until = ");
                query.push_bind(now.plus(LEASE)).push(" WHERE state = 'leased' AND lease_owner = ");
                query.push_bind(self.node()).push(" AND id IN (");
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(")");
                query.build().persistent(false).execute(connection).await?.rows_affected()
            });
            tx.commit().await?;
        }
        Ok(changed)
    }

    /// Gives back every lease of this node: the last act of a clean stop.
    pub async fn release_leases(&self, now: Timestamp) -> Result<u64> {
        const SQL: &str =
            "UPDATE deliveries SET state = 'pending', next_attempt_at = $2, lease_owner = NULL, lease_until = NULL
            WHERE state = 'leased' AND lease_owner = $1";
        let mut tx = self.db.begin().await?;
        let changed = within!(&mut tx, |connection| sqlx::query(SQL)
            .bind(self.node())
            .bind(now)
            .execute(connection)
            .await?
            .rows_affected());
        if changed > 0 {
            tell(&mut tx, News::Waiting).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// Gives some of this node's leases back; they are due at once, in the order in which they were before.
    pub async fn release(&self, ids: &[DeliveryId], now: Timestamp) -> Result<()> {
        let mut tx = self.db.begin().await?;
        for chunk in ids.chunks(CHUNK) {
            within!(&mut tx, |connection| {
                let mut query = QueryBuilder::new("UPDATE deliveries SET state = 'pending', next_attempt_at = ");
                query
                    .push_bind(now)
                    .push(", lease_owner = NULL, lease_until = NULL WHERE state = 'leased' AND lease_owner = ");
                query.push_bind(self.node()).push(" AND id IN (");
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(")");
                query.build().persistent(false).execute(connection).await?;
            });
        }
        tx.commit().await
    }

    /// When the next waiting delivery is due, if any waits.
    pub async fn next_due(&self) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT MIN(next_attempt_at) FROM deliveries WHERE state = 'pending'";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).fetch_one(pool).await?))
    }

    /// Whether some webhook recovers, so that what waits for it has to be looked after.
    pub async fn has_recovering(&self) -> Result<bool> {
        const SQL: &str =
            "SELECT EXISTS (SELECT 1 FROM integration_webhooks WHERE circuit = 'recovering' AND is_active)";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).fetch_one(pool).await?))
    }

    /// Moves the schedule with a clock that was set back by this much, so that a correction of the clock keeps neither
    /// deliveries nor the probes of open circuits waiting; answers how many deliveries were moved.
    pub async fn shift_schedule(&self, back_by: Duration, now: Timestamp) -> Result<u64> {
        self.probe_by(now).await?;
        let mut moved = 0;
        let rows: Vec<(DeliveryId, Timestamp)> = {
            const SQL: &str = "SELECT id, next_attempt_at FROM deliveries WHERE state = 'pending' AND next_attempt_at > $1 LIMIT 100000";
            read!(self, |pool| sqlx::query_as(SQL).bind(now).fetch_all(pool).await?)
        };
        for chunk in rows.chunks(CHUNK) {
            let mut tx = self.db.begin().await?;
            moved += within!(&mut tx, |connection| {
                let mut query = QueryBuilder::new("WITH shifted (id, was, due) AS (");
                query.push_values(chunk, |mut row, (id, due)| {
                    row.push_bind(*id).push_bind(*due).push_bind(due.minus(back_by));
                });
                query.push(
                    ") UPDATE deliveries SET next_attempt_at = shifted.due FROM shifted WHERE deliveries.id = shifted.id
                     AND deliveries.state = 'pending' AND deliveries.next_attempt_at = shifted.was",
                );
                query.build().persistent(false).execute(connection).await?.rows_affected()
            });
            tx.commit().await?;
        }
        Ok(moved)
    }
}

impl LeasedRow {
    fn with(self, webhook: Arc<Webhook>) -> Result<LeasedDelivery> {
        let corrupt = |column| Error::Corrupt { table: "deliveries", column, row: self.id.to_string() };
        Ok(LeasedDelivery {
            id: self.id,
            event_id: self.event_id,
            event_type: EventType::parse(&self.event_type).ok_or_else(|| corrupt("event_type"))?,
            attempt_count: u32::try_from(self.attempt_count).map_err(|_| corrupt("attempt_count"))?,
            round_attempts: u32::try_from(self.round_attempts).map_err(|_| corrupt("round_attempts"))?,
            trigger: Trigger::parse(&self.trigger).ok_or_else(|| corrupt("trigger"))?,
            payload: self.payload.into(),
            triggered_by: self.triggered_by,
            order_key: self.order_key,
            not_before: None,
            place: None,
            webhook,
        })
    }
}
