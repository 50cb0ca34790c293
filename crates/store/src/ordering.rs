//! The order of deliveries about the same order, payment or message, where a webhook asks for it.
//!
//! Such a delivery carries an `order_key` and is made `held`. Of each key, the oldest held one is let go when no other is
//! waiting or under way: one at a time, and a retry holds its own key alone. Each transaction that adds or finishes such
//! deliveries ends with [`promote`]; the cost does not grow with how many are held.

use std::collections::BTreeSet;

use simpul_core::id::{DeliveryId, WebhookId};
use simpul_core::time::Timestamp;
use sqlx::QueryBuilder;

use crate::db::{CHUNK, Tx, within};
use crate::error::Result;

/// A webhook and one of its keys.
pub(crate) type OrderKey = (WebhookId, String);

/// Lets the oldest held delivery of each key go, where none is waiting or under way. Answers how many that were.
pub(crate) async fn promote(tx: &mut Tx, keys: &BTreeSet<OrderKey>, now: Timestamp) -> Result<u64> {
    let keys: Vec<&OrderKey> = keys.iter().collect();
    let mut promoted = 0;
    for chunk in keys.chunks(CHUNK / 5) {
        promoted += within!(&mut *tx, |connection| {
            let mut query = QueryBuilder::new("UPDATE deliveries SET state = 'pending', next_attempt_at = ");
            query.push_bind(now).push(" WHERE id IN (");
            for (index, (webhook_id, key)) in chunk.iter().enumerate() {
                query.push(if index == 0 { "SELECT id FROM (" } else { " UNION ALL SELECT id FROM (" });
                query.push("SELECT id FROM deliveries WHERE state = 'held' AND webhook_id = ").push_bind(*webhook_id);
                query.push(" AND order_key = ").push_bind(key).push(" ORDER BY id LIMIT 1) AS oldest");
            }
            query.push(
                ") AND NOT EXISTS (SELECT 1 FROM deliveries AS other WHERE other.webhook_id = deliveries.webhook_id
                 AND other.order_key = deliveries.order_key AND other.order_key IS NOT NULL
                 AND other.state IN ('pending', 'leased'))",
            );
            query.build().persistent(chunk.len() == 1).execute(connection).await?.rows_affected()
        });
    }
    Ok(promoted)
}

/// The keys of these deliveries.
pub(crate) async fn keys_of(tx: &mut Tx, ids: &[DeliveryId]) -> Result<BTreeSet<OrderKey>> {
    let mut keys = BTreeSet::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<OrderKey> = within!(&mut *tx, |connection| {
            let mut query = QueryBuilder::new(
                "SELECT DISTINCT webhook_id, order_key FROM deliveries WHERE order_key IS NOT NULL AND id IN (",
            );
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().persistent(false).fetch_all(connection).await?
        });
        keys.extend(rows);
    }
    Ok(keys)
}

/// Lets go what is held of a webhook that no longer asks for order.
pub(crate) async fn release_held(tx: &mut Tx, webhook_id: WebhookId, now: Timestamp) -> Result<()> {
    const SQL: &str = "UPDATE deliveries SET state = 'pending', order_key = NULL, next_attempt_at = $2
        WHERE webhook_id = $1 AND state = 'held'";
    within!(&mut *tx, |connection| {
        sqlx::query(SQL).bind(webhook_id).bind(now).execute(connection).await?;
    });
    Ok(())
}
