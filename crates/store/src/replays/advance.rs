//! One step of a replay.
//!
//! A step reads the next deliveries after the replay's cursor, chooses those that the filter selects, and then, in one
//! transaction, sets them on their way and moves the cursor. Several nodes may try the same step: the cursor is moved only
//! where it still stands where the step began and the replay still runs, and whoever finds that it does not takes everything
//! back. So no delivery is sent twice by one replay, and nothing is sent after a pause or a cancellation was answered.

use simpul_core::id::{DeliveryId, ReplayId, WebhookId};
use simpul_core::replay::ReplayState;
use simpul_core::time::Timestamp;
use sqlx::{FromRow, QueryBuilder};

use super::{Replay, push_range, range_order};
use crate::Store;
use crate::db::{CHUNK, Tx, read, within};
use crate::deliveries::let_go;
use crate::error::Result;

/// Deliveries that a step looks at, selected or not.
const LOOKED_AT: usize = 2_000;

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayStep {
    /// The cursor moved, and so many deliveries were set on their way.
    Advanced { sent: usize },
    /// The same, and nothing is left.
    Completed { sent: usize },
    /// Its webhook is not active: nothing was done.
    Inactive,
    /// Another node was faster, or it does not run any more: nothing was done.
    Passed,
}

#[derive(FromRow)]
struct Candidate {
    id: DeliveryId,
    state: String,
    event_type: String,
}

/// What a step is going to do.
struct Plan {
    ids: Vec<DeliveryId>,
    cursor: Option<DeliveryId>,
    completes: bool,
}

impl Store {
    /// Sends the next deliveries of a running replay again, at most `batch`, with a full set of attempts each.
    pub async fn advance_replay(&self, id: ReplayId, batch: usize) -> Result<ReplayStep> {
        let found = self.find_replay(simpul_core::access::Scope::All, id).await?;
        let Some(replay) = found.filter(|replay| replay.state == ReplayState::Running) else {
            return Ok(ReplayStep::Passed);
        };
        let plan = plan(&replay, &self.next_of_replay(&replay).await?, batch);
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        if !hold_active(&mut tx, replay.webhook_id).await? {
            return Ok(ReplayStep::Inactive);
        }
        let ids = send_again(&mut tx, &replay, &plan.ids, now).await?;
        let sent = ids.len();
        if !move_cursor(&mut tx, &replay, &plan, sent, now).await? {
            return Ok(ReplayStep::Passed);
        }
        let_go(&mut tx, &ids, now).await?;
        tx.commit().await?;
        Ok(if plan.completes { ReplayStep::Completed { sent } } else { ReplayStep::Advanced { sent } })
    }

    /// The deliveries after the cursor. Without a status to look for, the state is left out of the statement, so that an index
    /// answers it in the order of ids.
    async fn next_of_replay(&self, replay: &Replay) -> Result<Vec<Candidate>> {
        let (lowest, highest) = replay.filter.bounds(replay.created_at);
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new("SELECT id, state, event_type FROM deliveries");
            match replay.cursor {
                Some(cursor) => push_range!(query, replay.webhook_id, replay.filter.status, ">", cursor, highest),
                None => push_range!(query, replay.webhook_id, replay.filter.status, ">=", lowest, highest),
            }
            query.push(range_order(replay.filter.status));
            query.push_bind(i64::try_from(LOOKED_AT).unwrap_or(i64::MAX));
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }
}

fn plan(replay: &Replay, candidates: &[Candidate], batch: usize) -> Plan {
    let mut ids = Vec::with_capacity(batch.min(candidates.len()));
    for candidate in candidates {
        if !replay.filter.selects(&candidate.state, &candidate.event_type) {
            continue;
        }
        if ids.len() == batch {
            return Plan { cursor: ids.last().copied(), completes: false, ids };
        }
        ids.push(candidate.id);
    }
    let cursor = candidates.last().map(|candidate| candidate.id).or(replay.cursor);
    Plan { ids, cursor, completes: candidates.len() < LOOKED_AT }
}

/// Whether the webhook is active; if so it cannot be switched off before the transaction ends, and what the step sets on
/// its way is parked with the rest.
async fn hold_active(tx: &mut Tx, webhook_id: WebhookId) -> Result<bool> {
    const SQL: &str = "UPDATE integration_webhooks SET is_active = is_active WHERE id = $1 AND is_active";
    let held = within!(tx, |connection| sqlx::query(SQL).bind(webhook_id).execute(connection).await?.rows_affected());
    Ok(held == 1)
}

/// Answers which deliveries were still there and finished.
async fn send_again(tx: &mut Tx, replay: &Replay, ids: &[DeliveryId], now: Timestamp) -> Result<Vec<DeliveryId>> {
    let mut sent = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        sent.extend::<Vec<DeliveryId>>(within!(&mut *tx, |connection| {
            let mut query = QueryBuilder::new(
                "UPDATE deliveries SET state = CASE WHEN order_key IS NULL THEN 'pending' ELSE 'held' END, round_attempts = 0,
                 trigger = 'manual', completed_at = NULL, next_attempt_at = ",
            );
            query.push_bind(now).push(", triggered_by = ").push_bind(&replay.created_by);
            query.push(" WHERE state IN (");
            let mut list = query.separated(", ");
            for state in replay.filter.states() {
                list.push_bind(state.as_str());
            }
            query.push(") AND id IN (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            query.push(") RETURNING id");
            query.build_query_scalar().persistent(false).fetch_all(connection).await?
        }));
    }
    Ok(sent)
}

/// Answers `false` where another node moved it first, or it does not run any more.
async fn move_cursor(tx: &mut Tx, replay: &Replay, plan: &Plan, sent: usize, now: Timestamp) -> Result<bool> {
    const SQL: &str = "UPDATE replays SET cursor_id = $3, replayed = replayed + $4, state = $5, updated_at = $6,
        completed_at = $7 WHERE id = $1 AND state = 'running' AND cursor_id IS NOT DISTINCT FROM $2";
    let state = if plan.completes { ReplayState::Completed } else { ReplayState::Running };
    let moved = within!(tx, |connection| sqlx::query(SQL)
        .bind(replay.id)
        .bind(replay.cursor)
        .bind(plan.cursor)
        .bind(i64::try_from(sent).unwrap_or(i64::MAX))
        .bind(state.as_str())
        .bind(now)
        .bind(plan.completes.then_some(now))
        .execute(connection)
        .await?
        .rows_affected());
    Ok(moved == 1)
}
