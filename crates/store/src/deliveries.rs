//! Deliveries and their attempts as they are read back, and sending one delivery or one event again.

use simpul_core::access::Scope;
use simpul_core::delivery::State;
use simpul_core::event::EventType;
use simpul_core::id::{AttemptId, DeliveryId, EventId, IntegrationId, WebhookId};
use simpul_core::time::Timestamp;
use simpul_core::webhook::Ordering;
use sqlx::{AssertSqlSafe, FromRow, QueryBuilder};

use crate::db::{Tx, read, within};
use crate::error::Result;
use crate::queue::{News, tell};
use crate::{Store, ordering};

/// One event on its way to one webhook.
#[derive(Debug, Clone, FromRow)]
pub struct Delivery {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    pub event_id: EventId,
    pub integration_id: IntegrationId,
    pub event_type: String,
    /// A [`State`]'s word.
    pub state: String,
    pub attempt_count: i32,
    pub next_attempt_at: Option<Timestamp>,
    pub last_response_status: Option<i32>,
    pub created_at: Timestamp,
    pub completed_at: Option<Timestamp>,
}

/// One request made for a delivery.
#[derive(Debug, Clone, FromRow)]
pub struct Attempt {
    pub id: AttemptId,
    pub delivery_id: DeliveryId,
    pub number: i32,
    pub trigger: String,
    pub triggered_by: Option<String>,
    pub status: String,
    /// JSON text, as are the response's headers.
    pub request_headers: String,
    pub response_status: Option<i32>,
    pub response_headers: Option<String>,
    pub response_body: Option<String>,
    pub error_type: Option<String>,
    pub error_message: Option<String>,
    /// Milliseconds.
    pub duration: i64,
    /// Milliseconds of each stage, where the attempt came so far and opened a connection of its own.
    pub dns_duration: Option<i64>,
    pub connect_duration: Option<i64>,
    pub tls_duration: Option<i64>,
    pub first_byte_duration: Option<i64>,
    pub remote_address: Option<String>,
    pub created_at: Timestamp,
}

/// Which deliveries of a webhook a list is about.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// `pending` takes in leased ones.
    pub status: Option<State>,
    pub event_type: Option<EventType>,
    /// Before this id, for deep reading.
    pub cursor: Option<DeliveryId>,
}

const COLUMNS: &str = "id, webhook_id, event_id, integration_id, event_type, state, attempt_count, next_attempt_at,
    last_response_status, created_at, completed_at";

/// The states that a status stands for.
fn states_of(status: State) -> &'static [&'static str] {
    match status {
        State::Pending | State::Leased | State::Held => &["pending", "leased", "held"],
        State::Success => &["success"],
        State::Failed => &["failed"],
        State::Parked => &["parked"],
        State::Filtered => &["filtered"],
        State::Dropped => &["dropped"],
    }
}

macro_rules! push_states {
    ($query:expr, $status:expr) => {
        if let Some(status) = $status {
            $query.push(" AND state IN (");
            let mut list = $query.separated(", ");
            for state in states_of(status) {
                list.push_bind(*state);
            }
            $query.push(")");
        }
    };
}

impl Store {
    /// A webhook's deliveries, newest first.
    pub async fn list_deliveries(
        &self,
        webhook_id: WebhookId,
        filter: &DeliveryFilter,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Delivery>> {
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM deliveries WHERE webhook_id = "));
            query.push_bind(webhook_id);
            push_states!(query, filter.status);
            if let Some(event_type) = filter.event_type {
                query.push(" AND event_type = ").push_bind(event_type.as_str());
            }
            if let Some(cursor) = filter.cursor {
                query.push(" AND id < ").push_bind(cursor);
            }
            query
                .push(" ORDER BY id DESC LIMIT ")
                .push_bind(i64::from(limit))
                .push(" OFFSET ")
                .push_bind(i64::from(offset));
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }

    /// How many deliveries match, counted to `at_most`: the cost of a page must not grow with history.
    pub async fn count_deliveries(&self, webhook_id: WebhookId, filter: &DeliveryFilter, at_most: i64) -> Result<i64> {
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT id FROM deliveries WHERE webhook_id = ");
            query.push_bind(webhook_id);
            push_states!(query, filter.status);
            if let Some(event_type) = filter.event_type {
                query.push(" AND event_type = ").push_bind(event_type.as_str());
            }
            query.push(" LIMIT ").push_bind(at_most).push(") AS counted");
            query.build_query_scalar().persistent(false).fetch_one(pool).await?
        }))
    }

    pub async fn find_delivery(&self, scope: Scope, id: DeliveryId) -> Result<Option<Delivery>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM deliveries WHERE id = $1 AND ($2 IS NULL OR integration_id IN
             (SELECT id FROM partner_integrations WHERE partner_id = $2))"
        );
        Ok(read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id)
            .bind(scope.partner_id())
            .fetch_optional(pool)
            .await?))
    }

    /// An event's deliveries, one for each webhook that wanted it.
    pub async fn deliveries_of_event(&self, event_id: EventId) -> Result<Vec<Delivery>> {
        let sql = format!("SELECT {COLUMNS} FROM deliveries WHERE event_id = $1 ORDER BY id LIMIT 1000");
        Ok(read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql)).bind(event_id).fetch_all(pool).await?))
    }

    /// A delivery's attempts in order, at most the last thousand.
    pub async fn attempts_of(&self, delivery_id: DeliveryId) -> Result<Vec<Attempt>> {
        const SQL: &str =
            "SELECT id, delivery_id, number, trigger, triggered_by, status, request_headers, response_status,
            response_headers, response_body, error_type, error_message, duration, dns_duration, connect_duration, tls_duration,
            first_byte_duration, remote_address, created_at FROM delivery_attempts WHERE delivery_id = $1 ORDER BY number DESC, id DESC LIMIT 1000";
        let mut attempts: Vec<Attempt> =
            read!(self, |pool| sqlx::query_as(SQL).bind(delivery_id).fetch_all(pool).await?);
        attempts.reverse();
        Ok(attempts)
    }

    /// Sends a finished delivery again, with a full set of attempts; `false` when it is still under way, or its webhook is
    /// gone or switched off.
    pub async fn replay_delivery(&self, id: DeliveryId, by: &str, now: Timestamp) -> Result<bool> {
        const SQL: &str =
            "UPDATE deliveries SET state = CASE WHEN order_key IS NULL THEN 'pending' ELSE 'held' END, round_attempts = 0,
            trigger = 'manual', triggered_by = $2, next_attempt_at = $3, completed_at = NULL
            WHERE id = $1 AND state IN ('success', 'failed', 'filtered', 'dropped')
            AND webhook_id IN (SELECT id FROM integration_webhooks WHERE is_active) RETURNING id";
        let mut tx = self.db.begin().await?;
        let changed: Vec<DeliveryId> = within!(&mut tx, |connection| sqlx::query_scalar(SQL)
            .bind(id)
            .bind(by)
            .bind(now)
            .fetch_all(connection)
            .await?);
        let_go(&mut tx, &changed, now).await?;
        tx.commit().await?;
        Ok(!changed.is_empty())
    }

    /// Sends an event again to every active webhook of its integration that wants it, also to those that were made after it
    /// happened. Answers how many deliveries that is; those still under way are left alone.
    pub async fn replay_event(&self, event: &crate::EventRow, by: &str, now: Timestamp) -> Result<u64> {
        const AGAIN: &str =
            "UPDATE deliveries SET state = CASE WHEN order_key IS NULL THEN 'pending' ELSE 'held' END, round_attempts = 0,
            trigger = 'manual', triggered_by = $2, next_attempt_at = $3, completed_at = NULL
            WHERE event_id = $1 AND state IN ('success', 'failed', 'filtered', 'dropped')
            AND webhook_id IN (SELECT id FROM integration_webhooks WHERE is_active) RETURNING id";
        const NEW: &str = "INSERT INTO deliveries (id, webhook_id, event_id, integration_id, event_type, state, attempt_count,
            round_attempts, trigger, triggered_by, next_attempt_at, created_at, order_key, payload_size)
            VALUES ($1, $2, $3, $4, $5, $8, 0, 0, 'manual', $6, $7, $7, $9, $10) ON CONFLICT (event_id, webhook_id) DO NOTHING RETURNING id";
        let event_type = EventType::parse(&event.event_type);
        let mut tx = self.db.begin().await?;
        let mut changed: Vec<DeliveryId> = within!(&mut tx, |connection| sqlx::query_scalar(AGAIN)
            .bind(event.id)
            .bind(by)
            .bind(now)
            .fetch_all(connection)
            .await?);
        let webhooks = self.webhooks_within(&mut tx, &[event.integration_id]).await?;
        for webhook in webhooks.values().flatten().filter(|webhook| webhook.is_active) {
            if !event_type.is_some_and(|event_type| simpul_core::event::filter_matches(&webhook.events, event_type)) {
                continue;
            }
            let order_key = event.subject.as_deref().filter(|_| webhook.ordering == Ordering::PerKey);
            let state = if order_key.is_some() { State::Held } else { State::Pending };
            let made: Option<DeliveryId> = within!(&mut tx, |connection| sqlx::query_scalar(NEW)
                .bind(DeliveryId::generate(now))
                .bind(webhook.id)
                .bind(event.id)
                .bind(event.integration_id)
                .bind(&event.event_type)
                .bind(by)
                .bind(now)
                .bind(state.as_str())
                .bind(order_key)
                .bind(i32::try_from(event.payload.len()).unwrap_or(i32::MAX))
                .fetch_optional(connection)
                .await?);
            changed.extend(made);
        }
        let_go(&mut tx, &changed, now).await?;
        tx.commit().await?;
        Ok(u64::try_from(changed.len()).unwrap_or(u64::MAX))
    }
}

/// After deliveries were made to wait anew: those with a key go in their order, and the other nodes are told.
pub(crate) async fn let_go(tx: &mut Tx, ids: &[DeliveryId], now: Timestamp) -> Result<()> {
    let keys = ordering::keys_of(tx, ids).await?;
    ordering::promote(tx, &keys, now).await?;
    if ids.is_empty() { Ok(()) } else { tell(tx, News::Waiting).await }
}
