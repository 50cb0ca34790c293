//! Messages on their way: claimed for a while, sent, and settled. A node that dies while it sends leaves its claim to run out,
//! and the message is sent again: at least once, never not at all.

use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::alert::{AlertDelivery, AlertDeliveryState};
use simpul_core::id::{AlertChannelId, AlertDeliveryId, AlertRuleId};
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow};

use crate::db::{Tx, read, within};
use crate::error::{Error, Result};
use crate::{Page, Store};

const COLUMNS: &str =
    "id, channel_id, rule_id, message_id, message, state, attempts, next_attempt_at, remaining, failed_channels,
    error_type, last_error, created_at, completed_at";

/// Which deliveries to list.
#[derive(Debug, Clone, Default)]
pub struct AlertDeliveryFilter {
    pub channel_id: Option<AlertChannelId>,
    pub rule_id: Option<AlertRuleId>,
    pub state: Option<AlertDeliveryState>,
}

/// Why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertFailure {
    pub error_type: String,
    pub message: String,
}

/// What became of one try.
#[derive(Debug, Clone)]
pub struct AlertOutcome {
    pub state: AlertDeliveryState,
    /// While it waits.
    pub next_attempt_at: Option<Timestamp>,
    pub failure: Option<AlertFailure>,
    pub remaining: Option<Vec<String>>,
    /// The message on its way through the channel that takes over.
    pub fallback: Option<AlertDelivery>,
    pub at: Timestamp,
}

#[derive(FromRow)]
struct DeliveryRow {
    id: AlertDeliveryId,
    channel_id: AlertChannelId,
    rule_id: Option<AlertRuleId>,
    message_id: AlertDeliveryId,
    message: String,
    state: String,
    attempts: i32,
    next_attempt_at: Option<Timestamp>,
    remaining: Option<String>,
    failed_channels: String,
    error_type: Option<String>,
    last_error: Option<String>,
    created_at: Timestamp,
    completed_at: Option<Timestamp>,
}

fn corrupt(column: &'static str, id: AlertDeliveryId) -> Error {
    Error::Corrupt { table: "alert_deliveries", column, row: id.to_string() }
}

impl TryFrom<DeliveryRow> for AlertDelivery {
    type Error = Error;

    fn try_from(row: DeliveryRow) -> Result<Self> {
        let id = row.id;
        let remaining = row.remaining.map(|text| serde_json::from_str(&text).map_err(|_| corrupt("remaining", id)));
        Ok(Self {
            id,
            channel_id: row.channel_id,
            rule_id: row.rule_id,
            message_id: row.message_id,
            message: serde_json::from_str(&row.message).map_err(|_| corrupt("message", id))?,
            state: AlertDeliveryState::parse(&row.state).ok_or_else(|| corrupt("state", id))?,
            attempts: u32::try_from(row.attempts).map_err(|_| corrupt("attempts", id))?,
            next_attempt_at: row.next_attempt_at,
            remaining: remaining.transpose()?,
            failed_channels: serde_json::from_str(&row.failed_channels).map_err(|_| corrupt("failed_channels", id))?,
            error_type: row.error_type,
            last_error: row.last_error,
            created_at: row.created_at,
            completed_at: row.completed_at,
        })
    }
}

fn list_text(list: &[String], id: AlertDeliveryId) -> Result<String> {
    serde_json::to_string(list).map_err(|_| corrupt("remaining", id))
}

pub(super) async fn insert(tx: &mut Tx, delivery: &AlertDelivery) -> Result<()> {
    const SQL: &str = "INSERT INTO alert_deliveries (id, channel_id, rule_id, message_id, kind, message, state, attempts, next_attempt_at,
        failed_channels, error_type, last_error, created_at, completed_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 WHERE EXISTS (SELECT 1 FROM alert_channels WHERE id = $2)";
    let message = serde_json::to_string(&delivery.message).map_err(|_| corrupt("message", delivery.id))?;
    let failed =
        serde_json::to_string(&delivery.failed_channels).map_err(|_| corrupt("failed_channels", delivery.id))?;
    within!(tx, |connection| {
        sqlx::query(SQL)
            .bind(delivery.id)
            .bind(delivery.channel_id)
            .bind(delivery.rule_id)
            .bind(delivery.message_id)
            .bind(delivery.message.kind.as_str())
            .bind(message)
            .bind(delivery.state.as_str())
            .bind(i32::try_from(delivery.attempts).unwrap_or(i32::MAX))
            .bind(delivery.next_attempt_at)
            .bind(failed)
            .bind(delivery.error_type.as_deref())
            .bind(delivery.last_error.as_deref())
            .bind(delivery.created_at)
            .bind(delivery.completed_at)
            .execute(connection)
            .await?;
    });
    Ok(())
}

/// Notes at a channel how its last delivery went.
async fn note(tx: &mut Tx, channel_id: AlertChannelId, at: Timestamp, error: Option<&str>) -> Result<()> {
    const SQL: &str =
        "UPDATE alert_channels SET last_delivery_at = $2, last_status = $3, last_error = $4 WHERE id = $1";
    let status = if error.is_none() { "success" } else { "failed" };
    within!(tx, |connection| {
        sqlx::query(SQL).bind(channel_id).bind(at).bind(status).bind(error).execute(connection).await?;
    });
    Ok(())
}

impl Store {
    /// Takes messages that are due, for `lease` from now; each counts as tried. At most `limit`.
    pub async fn claim_alert_deliveries(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<AlertDelivery>> {
        const DUE: &str = "SELECT id, attempts FROM alert_deliveries WHERE state = 'waiting' AND next_attempt_at <= $1
            ORDER BY next_attempt_at, id LIMIT $2";
        let due: Vec<(AlertDeliveryId, i32)> =
            read!(self, |pool| sqlx::query_as(DUE).bind(now).bind(i64::from(limit)).fetch_all(pool).await?);
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let claim = format!(
            "UPDATE alert_deliveries SET attempts = attempts + 1, next_attempt_at = $3
             WHERE id = $1 AND attempts = $2 AND state = 'waiting' AND next_attempt_at <= $4 RETURNING {COLUMNS}"
        );
        let mut claimed = Vec::with_capacity(due.len());
        let mut tx = self.db.begin().await?;
        for (id, attempts) in due {
            let row: Option<DeliveryRow> = within!(&mut tx, |connection| sqlx::query_as(AssertSqlSafe(claim.clone()))
                .bind(id)
                .bind(attempts)
                .bind(now.plus(lease))
                .bind(now)
                .fetch_optional(connection)
                .await?);
            claimed.extend(row.map(AlertDelivery::try_from));
        }
        tx.commit().await?;
        claimed.into_iter().collect()
    }

    /// Writes what became of a claimed message. Answers `false`, with nothing written, where another node has taken it over.
    pub async fn settle_alert_delivery(&self, delivery: &AlertDelivery, outcome: &AlertOutcome) -> Result<bool> {
        const SQL: &str = "UPDATE alert_deliveries SET state = $3, next_attempt_at = $4, remaining = $5, error_type = $6, last_error = $7,
            completed_at = $8 WHERE id = $1 AND attempts = $2 AND state = 'waiting'";
        let remaining = outcome.remaining.as_ref().map(|list| list_text(list, delivery.id)).transpose()?;
        let completed = (outcome.state != AlertDeliveryState::Waiting).then_some(outcome.at);
        let failure = outcome.failure.as_ref();
        let mut tx = self.db.begin().await?;
        let changed = within!(&mut tx, |connection| sqlx::query(SQL)
            .bind(delivery.id)
            .bind(i32::try_from(delivery.attempts).unwrap_or(i32::MAX))
            .bind(outcome.state.as_str())
            .bind(outcome.next_attempt_at)
            .bind(remaining)
            .bind(failure.map(|failure| failure.error_type.as_str()))
            .bind(failure.map(|failure| failure.message.as_str()))
            .bind(completed)
            .execute(connection)
            .await?
            .rows_affected());
        if changed != 1 {
            return Ok(false);
        }
        let error = failure.map(|failure| failure.message.as_str());
        note(&mut tx, delivery.channel_id, outcome.at, error).await?;
        if let Some(fallback) = &outcome.fallback {
            insert(&mut tx, fallback).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Keeps a message that was sent outside the queue: a channel's test.
    pub async fn record_alert_test(&self, delivery: &AlertDelivery) -> Result<()> {
        let mut tx = self.db.begin().await?;
        insert(&mut tx, delivery).await?;
        note(&mut tx, delivery.channel_id, delivery.created_at, delivery.last_error.as_deref()).await?;
        tx.commit().await
    }

    /// Deliveries through the channels within scope, the newest first, and how many there are in all.
    pub async fn list_alert_deliveries(
        &self,
        scope: Scope,
        filter: &AlertDeliveryFilter,
        page: Page,
    ) -> Result<(Vec<AlertDelivery>, i64)> {
        const WHERE: &str = "WHERE ($1 IS NULL OR channel_id IN (SELECT id FROM alert_channels WHERE partner_id = $1))
            AND ($2 IS NULL OR channel_id = $2) AND ($3 IS NULL OR rule_id = $3) AND ($4 IS NULL OR state = $4)";
        let list = format!("SELECT {COLUMNS} FROM alert_deliveries {WHERE} ORDER BY id DESC LIMIT $5 OFFSET $6");
        let count = format!("SELECT COUNT(*) FROM alert_deliveries {WHERE}");
        let state = filter.state.map(AlertDeliveryState::as_str);
        let rows: Vec<DeliveryRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(list))
            .bind(scope.partner_id())
            .bind(filter.channel_id)
            .bind(filter.rule_id)
            .bind(state)
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total = read!(self, |pool| sqlx::query_scalar(AssertSqlSafe(count))
            .bind(scope.partner_id())
            .bind(filter.channel_id)
            .bind(filter.rule_id)
            .bind(state)
            .fetch_one(pool)
            .await?);
        Ok((rows.into_iter().map(AlertDelivery::try_from).collect::<Result<_>>()?, total))
    }

    pub async fn find_alert_delivery(&self, scope: Scope, id: AlertDeliveryId) -> Result<Option<AlertDelivery>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM alert_deliveries WHERE id = $1
             AND ($2 IS NULL OR channel_id IN (SELECT id FROM alert_channels WHERE partner_id = $2))"
        );
        let row: Option<DeliveryRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id)
            .bind(scope.partner_id())
            .fetch_optional(pool)
            .await?);
        row.map(AlertDelivery::try_from).transpose()
    }

    /// Sends a failed message again, from its first try on. Answers `false` where it has not failed.
    pub async fn retry_alert_delivery(&self, id: AlertDeliveryId, now: Timestamp) -> Result<bool> {
        const SQL: &str =
            "UPDATE alert_deliveries SET state = 'waiting', attempts = 0, next_attempt_at = $2, completed_at = NULL
            WHERE id = $1 AND state = 'failed'";
        let mut tx = self.db.begin().await?;
        let changed = within!(&mut tx, |connection| sqlx::query(SQL)
            .bind(id)
            .bind(now)
            .execute(connection)
            .await?
            .rows_affected());
        tx.commit().await?;
        Ok(changed == 1)
    }

    /// Messages that a rule has sent since then, each counted once however many channels it has.
    pub async fn count_alert_messages(&self, rule_id: AlertRuleId, since: Timestamp) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(DISTINCT message_id) FROM alert_deliveries WHERE rule_id = $1 AND id >= $2";
        let lowest = AlertDeliveryId::lowest_at(since);
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(rule_id).bind(lowest).fetch_one(pool).await?))
    }

    /// Deliveries by state, of all channels: what the figures of this hub show.
    pub async fn alert_delivery_counts(&self) -> Result<Vec<(String, i64)>> {
        const SQL: &str = "SELECT state, COUNT(*) FROM alert_deliveries GROUP BY state ORDER BY state";
        Ok(read!(self, |pool| sqlx::query_as(SQL).fetch_all(pool).await?))
    }
}
