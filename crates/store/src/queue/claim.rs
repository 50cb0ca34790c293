//! Taking due deliveries from the table, webhook by webhook, so that no backlog stands in another's way.
//!
//! The webhooks with something waiting are found by hopping from one to the next in an index, a bounded number a look; each
//! is then allowed a share of the claim. What a webhook is allowed depends on its state: nothing of one whose circuit is
//! open, except a probe when its time has come; a paced number of one that recovers or has a rate limit; what belongs to one
//! that is not active is parked. Claiming is the one statement that differs between the databases: PostgreSQL must skip rows
//! that another node is just claiming, SQLite has a single writer.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use simpul_core::id::{DeliveryId, WebhookId};
use simpul_core::time::Timestamp;
use simpul_core::webhook::Circuit;
use sqlx::{FromRow, QueryBuilder};

use super::pace::reserve;
use super::probe::take_probes;
use super::{LEASE, LeasedDelivery};
use crate::Store;
use crate::db::{CHUNK, Tx, read, within};
use crate::error::Result;
use crate::room::{Place, Room};
use crate::webhooks::{park, unpark};

/// Deliveries of one claim.
const CLAIM: usize = 500;
/// Webhooks that one look hops over.
const HOPS: i32 = 128;
/// A webhook's least share of a claim.
const SHARE: usize = 4;
/// Deliveries of an inactive webhook that are parked in one claim.
pub(crate) const PARKED: i64 = 1_000;

/// What claims go by, beside the table.
#[derive(Debug, Clone)]
pub struct ClaimRules {
    /// What there is memory for.
    pub room: Room,
    /// Deliveries a second to a webhook that recovers, by all nodes together.
    pub drain_rate: u32,
}

/// What one claim brought.
#[derive(Debug, Default)]
pub struct Claimed {
    pub deliveries: Vec<LeasedDelivery>,
    /// Where the next look begins, so that every webhook has its turn; `None` at the end.
    pub next: Option<WebhookId>,
}

#[derive(FromRow)]
struct Waiting {
    webhook_id: Option<WebhookId>,
    is_active: Option<bool>,
    circuit: Option<String>,
    rate_limit: Option<i32>,
    is_due: bool,
}

/// What a webhook may have of this claim.
struct Share {
    most: usize,
    /// Deliveries a second.
    rate: Option<u32>,
    recovers: bool,
}

/// What there is to do, found by reading alone.
#[derive(Default)]
struct Plan {
    shares: BTreeMap<WebhookId, Share>,
    inactive: Vec<WebhookId>,
    next: Option<WebhookId>,
}

impl Store {
    /// Claims due deliveries for this node, as far as there is room for them: of each webhook its share, the longest due
    /// first.
    pub async fn claim_due(&self, rules: &ClaimRules, after: Option<WebhookId>, now: Timestamp) -> Result<Claimed> {
        let Plan { mut shares, inactive, next } = self.plan(rules, after, now).await?;
        let probes = self.due_probes(now).await?;
        if shares.is_empty() && inactive.is_empty() && probes.is_empty() {
            return Ok(Claimed { deliveries: Vec::new(), next });
        }
        let mut tx = self.db.begin().await?;
        for webhook_id in inactive {
            park(&mut tx, webhook_id, PARKED).await?;
        }
        let probes = take_probes(&mut tx, &probes, now).await?;
        for webhook_id in &probes {
            shares.insert(*webhook_id, Share { most: 1, rate: None, recovers: false });
        }
        let mut turns: HashMap<WebhookId, Vec<Timestamp>> = HashMap::new();
        for (webhook_id, share) in &mut shares {
            if share.recovers {
                unpark(&mut tx, *webhook_id, share.most, now).await?;
            }
        }
        let candidates = self.candidates(&mut tx, &shares, now).await?;
        let mut chosen: Vec<(DeliveryId, WebhookId, Arc<Place>)> = Vec::new();
        for (webhook_id, share) in &shares {
            let mine = candidates.get(webhook_id).map(Vec::as_slice).unwrap_or_default();
            if share.recovers && mine.len() < share.most {
                close_circuit(&mut tx, *webhook_id, now).await?;
            }
            let allowed = match share.rate {
                None => mine.len(),
                Some(rate) => {
                    let slots = reserve(&mut tx, *webhook_id, rate, mine.len(), now).await?;
                    let count = slots.len();
                    turns.insert(*webhook_id, slots);
                    count
                }
            };
            for (id, size) in mine.iter().take(allowed) {
                let Some(place) = rules.room.take(*webhook_id, *id, *size) else { break };
                chosen.push((*id, *webhook_id, Arc::new(place)));
            }
        }
        let ids: Vec<DeliveryId> = chosen.iter().map(|(id, _, _)| *id).collect();
        let mut deliveries = self.leased_within(&mut tx, &ids).await?;
        // The circuit may have opened since the plan was made.
        deliveries
            .retain(|delivery| delivery.webhook.circuit != Circuit::Open || probes.contains(&delivery.webhook.id));
        let ids: Vec<DeliveryId> = deliveries.iter().map(|delivery| delivery.id).collect();
        self.lease(&mut tx, &ids, now).await?;
        tx.commit().await?;
        let mut places: HashMap<DeliveryId, Arc<Place>> =
            chosen.into_iter().map(|(id, _, place)| (id, place)).collect();
        let mut turns: HashMap<WebhookId, std::vec::IntoIter<Timestamp>> =
            turns.into_iter().map(|(id, slots)| (id, slots.into_iter())).collect();
        for delivery in &mut deliveries {
            delivery.place = places.remove(&delivery.id);
            delivery.not_before = turns.get_mut(&delivery.webhook.id).and_then(Iterator::next);
        }
        Ok(Claimed { deliveries, next })
    }

    /// Looks which webhooks have something due, and what each may have.
    async fn plan(&self, rules: &ClaimRules, after: Option<WebhookId>, now: Timestamp) -> Result<Plan> {
        const HOP: &str = "WITH RECURSIVE waiting (number, webhook_id) AS (
            SELECT 1, (SELECT webhook_id FROM deliveries WHERE state = 'pending' AND webhook_id > $1 ORDER BY webhook_id LIMIT 1)
            UNION ALL
            SELECT waiting.number + 1, (SELECT further.webhook_id FROM deliveries AS further WHERE further.state = 'pending'
                AND further.webhook_id > waiting.webhook_id ORDER BY further.webhook_id LIMIT 1)
            FROM waiting WHERE waiting.webhook_id IS NOT NULL AND waiting.number < $2)
            SELECT waiting.webhook_id, w.is_active, w.circuit, w.rate_limit, EXISTS (SELECT 1 FROM deliveries AS due
                WHERE due.webhook_id = waiting.webhook_id AND due.state = 'pending' AND due.next_attempt_at <= $3) AS is_due
            FROM waiting LEFT JOIN integration_webhooks AS w ON w.id = waiting.webhook_id";
        const RECOVERING: &str =
            "SELECT id, rate_limit FROM integration_webhooks WHERE circuit = 'recovering' AND is_active LIMIT 100";
        let first = after.unwrap_or(WebhookId(uuid::Uuid::nil()));
        let waiting: Vec<Waiting> =
            read!(self, |pool| sqlx::query_as(HOP).bind(first).bind(HOPS).bind(now).fetch_all(pool).await?);
        let recovering: Vec<(WebhookId, Option<i32>)> =
            read!(self, |pool| sqlx::query_as(RECOVERING).fetch_all(pool).await?);
        let mut plan = Plan::default();
        if waiting.len() >= usize::try_from(HOPS).unwrap_or(usize::MAX) {
            plan.next = waiting.iter().filter_map(|row| row.webhook_id).max();
        }
        let limited = |rate: Option<i32>| rate.and_then(|rate| u32::try_from(rate).ok());
        let mut wanted: Vec<(WebhookId, Option<u32>, bool)> = Vec::new();
        for row in waiting.into_iter().filter(|row| row.is_due) {
            let (Some(id), Some(is_active)) = (row.webhook_id, row.is_active) else { continue };
            match row.circuit.as_deref().and_then(Circuit::parse) {
                _ if !is_active => plan.inactive.push(id),
                Some(Circuit::Open | Circuit::Recovering) => {}
                _ => wanted.push((id, limited(row.rate_limit), false)),
            }
        }
        for (id, rate) in recovering {
            let rate = limited(rate).map_or(rules.drain_rate, |rate| rate.min(rules.drain_rate));
            wanted.push((id, Some(rate), true));
        }
        let share = (CLAIM / wanted.len().max(1)).max(SHARE);
        for (id, rate, recovers) in wanted {
            let most = share.min(rules.room.for_webhook(id));
            if most > 0 {
                plan.shares.insert(id, Share { most, rate, recovers });
            }
        }
        Ok(plan)
    }

    /// The due deliveries of each webhook with their sizes, as many as its share, locked for this transaction.
    async fn candidates(
        &self,
        tx: &mut Tx,
        shares: &BTreeMap<WebhookId, Share>,
        now: Timestamp,
    ) -> Result<HashMap<WebhookId, Vec<(DeliveryId, usize)>>> {
        macro_rules! lock {
            ($connection:expr, $chunk:expr, $lock:literal) => {{
                let mut query = QueryBuilder::new("SELECT id, webhook_id, payload_size FROM deliveries WHERE id IN (");
                for (index, (webhook_id, share)) in $chunk.iter().enumerate() {
                    query.push(if index == 0 { "SELECT id FROM (" } else { " UNION ALL SELECT id FROM (" });
                    query
                        .push("SELECT id FROM deliveries WHERE state = 'pending' AND webhook_id = ")
                        .push_bind(**webhook_id);
                    query.push(" AND next_attempt_at <= ").push_bind(now).push(" ORDER BY next_attempt_at LIMIT ");
                    query.push_bind(i64::try_from(share.most).unwrap_or(i64::MAX)).push(") AS due");
                }
                // A CASE, so that PostgreSQL finds them by id and does not read everything that waits.
                query
                    .push(") AND CASE WHEN state = 'pending' THEN TRUE ELSE FALSE END ORDER BY next_attempt_at, id")
                    .push($lock);
                query
                    .build_query_as::<(DeliveryId, WebhookId, i32)>()
                    .persistent($chunk.len() == 1)
                    .fetch_all($connection)
                    .await?
            }};
        }
        let mut found: HashMap<WebhookId, Vec<(DeliveryId, usize)>> = HashMap::new();
        let shares: Vec<(&WebhookId, &Share)> = shares.iter().collect();
        for chunk in shares.chunks(CHUNK / 5) {
            let rows = match &mut *tx {
                Tx::Sqlite(transaction) => lock!(&mut **transaction, chunk, ""),
                Tx::Postgres(transaction) => lock!(&mut **transaction, chunk, " FOR UPDATE SKIP LOCKED"),
            };
            for (id, webhook_id, size) in rows {
                found.entry(webhook_id).or_default().push((id, usize::try_from(size).unwrap_or_default()));
            }
        }
        Ok(found)
    }

    async fn lease(&self, tx: &mut Tx, ids: &[DeliveryId], now: Timestamp) -> Result<()> {
        for chunk in ids.chunks(CHUNK) {
            within!(&mut *tx, |connection| {
                let mut query = QueryBuilder::new("UPDATE deliveries SET state = 'leased', lease_owner = ");
                query.push_bind(self.node()).push(", lease_until = ").push_bind(now.plus(LEASE)).push(" WHERE id IN (");
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(")");
                query.build().persistent(chunk.len() == 1).execute(connection).await?;
            });
        }
        Ok(())
    }
}

/// What waited has gone out.
async fn close_circuit(tx: &mut Tx, id: WebhookId, now: Timestamp) -> Result<()> {
    const SQL: &str = "UPDATE integration_webhooks SET circuit = 'closed', circuit_changed_at = $2 WHERE id = $1 AND circuit = 'recovering'";
    within!(&mut *tx, |connection| {
        sqlx::query(SQL).bind(id).bind(now).execute(connection).await?;
    });
    Ok(())
}
