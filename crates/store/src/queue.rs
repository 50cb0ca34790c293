//! The queue of deliveries: leases.
//!
//! A waiting row is claimed by setting it to `leased` under this node's id until a time; no transaction stays open while the
//! receiver is called. The node renews its leases while it lives; when it dies they run out, and whoever looks next takes
//! the rows back. A result is written only where the row is still leased to the node that made the attempt and the attempt
//! count has not moved (`settle.rs`), so a node that was too slow cannot overwrite what came after it. The price is that a
//! delivery may be made twice: never lost, at least once, always under the same `webhook-id`.
//!
//! Claiming is the one statement that differs: PostgreSQL must skip rows that another node is just claiming, SQLite has a
//! single writer.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use simpul_core::delivery::Trigger;
use simpul_core::event::EventType;
use simpul_core::id::{DeliveryId, EventId, WebhookId};
use simpul_core::time::Timestamp;
use simpul_core::webhook::Webhook;
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::db::{CHUNK, Db, Tx, read, within};
use crate::error::{Error, Result};
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
    payload: String,
}

/// Two statements: the rows to take, oldest first, and the claim on them.
macro_rules! claim {
    ($connection:expr, $lock:literal, $store:expr, $busy:expr, $limit:expr, $now:expr) => {{
        let mut query =
            QueryBuilder::new("WITH due AS (SELECT id FROM deliveries WHERE state = 'pending' AND next_attempt_at <= ");
        query.push_bind($now);
        if !$busy.is_empty() {
            query.push(" AND webhook_id NOT IN (");
            let mut list = query.separated(", ");
            for webhook_id in $busy {
                list.push_bind(*webhook_id);
            }
            query.push(")");
        }
        query.push(" ORDER BY next_attempt_at LIMIT ").push_bind(i64::from($limit)).push($lock);
        query.push(") UPDATE deliveries SET state = 'leased', lease_owner = ").push_bind($store.node());
        query.push(", lease_until = ").push_bind($now.plus(LEASE));
        query.push(" WHERE id IN (SELECT id FROM due) RETURNING id");
        query.build_query_scalar::<DeliveryId>().persistent($busy.is_empty()).fetch_all($connection).await?
    }};
}

impl Store {
    /// Claims up to `limit` due deliveries for this node, the longest due first, passing over webhooks that have as many under
    /// way as they may.
    pub async fn claim_due(&self, limit: u32, busy: &[WebhookId], now: Timestamp) -> Result<Vec<LeasedDelivery>> {
        let mut tx = self.db.begin().await?;
        let ids = match &mut tx {
            Tx::Sqlite(transaction) => claim!(&mut **transaction, "", self, busy, limit, now),
            Tx::Postgres(transaction) => claim!(&mut **transaction, " FOR UPDATE SKIP LOCKED", self, busy, limit, now),
        };
        let leased = self.leased_within(&mut tx, &ids).await?;
        tx.commit().await?;
        Ok(leased)
    }

    async fn leased_within(&self, tx: &mut Tx, ids: &[DeliveryId]) -> Result<Vec<LeasedDelivery>> {
        let mut rows: Vec<LeasedRow> = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            rows.extend::<Vec<LeasedRow>>(within!(&mut *tx, |connection| {
                let mut query = QueryBuilder::new(
                    "SELECT deliveries.id, deliveries.webhook_id, deliveries.event_id, deliveries.event_type, deliveries.attempt_count,
                     deliveries.round_attempts, deliveries.trigger, deliveries.triggered_by, events.payload
                     FROM deliveries JOIN events ON events.id = deliveries.event_id WHERE deliveries.id IN (",
                );
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(") ORDER BY deliveries.id");
                query.build_query_as().persistent(false).fetch_all(connection).await?
            }));
        }
        let mut webhook_ids: Vec<WebhookId> = rows.iter().map(|row| row.webhook_id).collect();
        webhook_ids.sort_unstable();
        webhook_ids.dedup();
        let webhooks = self.webhooks_with_ids(tx, &webhook_ids).await?;
        let mut leased = Vec::with_capacity(rows.len());
        for row in rows {
            // A webhook deleted since takes its deliveries with it.
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
                query.build_query_as().persistent(false).fetch_all(connection).await?
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

    /// Extends every lease that this node holds.
    pub async fn renew_leases(&self, now: Timestamp) -> Result<u64> {
        const SQL: &str = "UPDATE deliveries SET lease_until = $2 WHERE state = 'leased' AND lease_owner = $1";
        let mut tx = self.db.begin().await?;
        let changed = within!(&mut tx, |connection| sqlx::query(SQL)
            .bind(self.node())
            .bind(now.plus(LEASE))
            .execute(connection)
            .await?
            .rows_affected());
        tx.commit().await?;
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
        tx.commit().await?;
        Ok(changed)
    }

    /// When the next waiting delivery is due, if any waits.
    pub async fn next_due(&self) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT MIN(next_attempt_at) FROM deliveries WHERE state = 'pending'";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).fetch_one(pool).await?))
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
            webhook,
        })
    }
}
