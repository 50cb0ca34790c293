//! Letting go of what is old, a small batch at a time so that writers hardly notice.

use std::collections::BTreeMap;

use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::id::{IntegrationId, LogId, WebhookId};
use simpul_core::time::Timestamp;

use crate::db::within;
use crate::error::Result;
use crate::{Store, activity};

const RETAINED_FROM: &str = "logs_retained_from";
/// Rows removed by one statement.
const BATCH: i64 = 2_000;

/// What may be removed by age, which its id tells: each statement takes an id of the cutoff and the size of a batch.
const BY_ID: &[&str] = &[
    "DELETE FROM integration_logs WHERE id IN (SELECT id FROM integration_logs WHERE id < $1 ORDER BY id LIMIT $2)",
    "DELETE FROM delivery_attempts WHERE id IN (SELECT id FROM delivery_attempts WHERE id < $1 ORDER BY id LIMIT $2)",
    "DELETE FROM inbound_notifications WHERE id IN (SELECT id FROM inbound_notifications WHERE id < $1 ORDER BY id LIMIT $2)",
    "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE id < $1
     AND state IN ('success', 'failed', 'parked', 'filtered', 'dropped') ORDER BY id LIMIT $2)",
    "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < $1
     AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.event_id = events.id) ORDER BY id LIMIT $2)",
];
/// Likewise by a time of their own.
const BY_TIME: &[&str] = &[
    "DELETE FROM event_keys WHERE (integration_id, event_key) IN (SELECT integration_id, event_key FROM event_keys WHERE created_at < $1 LIMIT $2)",
    "DELETE FROM replays WHERE id IN (SELECT id FROM replays WHERE completed_at < $1 LIMIT $2)",
    "DELETE FROM alert_deliveries WHERE id IN (SELECT id FROM alert_deliveries WHERE completed_at < $1 LIMIT $2)",
    "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE updated_at < $1 AND state IN ('resolved', 'withdrawn', 'joined') LIMIT $2)",
];

impl Store {
    /// Removes one batch of rows from before `cutoff` out of each table. Answers how many; 0 when nothing is left.
    ///
    /// The cutoff is noted first, so that counts made from rollups speak only of rows that are still there.
    pub async fn remove_before(&self, cutoff: Timestamp) -> Result<u64> {
        let cutoff = cutoff.floor(simpul_core::time::HOUR);
        if self.log_retained_from().await?.is_none_or(|noted| noted < cutoff) {
            self.set_installation_value(RETAINED_FROM, &cutoff.millis().to_string(), true).await?;
        }
        let mut removed = 0;
        for (sql, is_by_id) in BY_ID.iter().map(|sql| (sql, true)).chain(BY_TIME.iter().map(|sql| (sql, false))) {
            let mut tx = self.db.begin().await?;
            removed += within!(&mut tx, |connection| {
                let query = sqlx::query(*sql);
                let query = if is_by_id { query.bind(LogId::lowest_at(cutoff)) } else { query.bind(cutoff) };
                query.bind(BATCH).execute(connection).await?.rows_affected()
            });
            tx.commit().await?;
        }
        Ok(removed)
    }

    /// Gives up one batch of deliveries that have waited for a disabled webhook since before `cutoff`, with a log row for each
    /// webhook. Answers how many; 0 when nothing is left.
    pub async fn drop_parked_before(&self, cutoff: Timestamp, now: Timestamp) -> Result<u64> {
        const SQL: &str = "UPDATE deliveries SET state = 'dropped', completed_at = $2, next_attempt_at = NULL WHERE state = 'parked' AND id IN
            (SELECT id FROM deliveries WHERE state = 'parked' AND created_at < $1 ORDER BY created_at LIMIT $3)
            RETURNING integration_id, webhook_id";
        let mut tx = self.db.begin().await?;
        let dropped: Vec<(IntegrationId, WebhookId)> = within!(&mut tx, |connection| sqlx::query_as(SQL)
            .bind(cutoff)
            .bind(now)
            .bind(BATCH)
            .fetch_all(connection)
            .await?);
        let mut counts: BTreeMap<(IntegrationId, WebhookId), u64> = BTreeMap::new();
        for ids in &dropped {
            *counts.entry(*ids).or_default() += 1;
        }
        let logs: Vec<Activity> = counts.into_iter().map(|(ids, count)| dropped_log(ids, count, now)).collect();
        activity::insert(&mut tx, &logs).await?;
        tx.commit().await?;
        Ok(u64::try_from(dropped.len()).unwrap_or(u64::MAX))
    }

    /// Removes sessions that have ended.
    pub async fn remove_expired_sessions(&self, now: Timestamp) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let removed = within!(&mut tx, |connection| sqlx::query("DELETE FROM sessions WHERE expires_at < $1")
            .bind(now)
            .execute(connection)
            .await?
            .rows_affected());
        tx.commit().await?;
        Ok(removed)
    }

    pub(crate) async fn log_retained_from(&self) -> Result<Option<Timestamp>> {
        let text = self.installation_value(RETAINED_FROM).await?;
        Ok(text.and_then(|text| text.parse().ok()).map(Timestamp::from_millis))
    }
}

fn dropped_log((integration_id, webhook_id): (IntegrationId, WebhookId), count: u64, now: Timestamp) -> Activity {
    let message = format!("{count} deliveries were given up: they waited too long for their disabled webhook");
    let mut log = Activity::new(integration_id, Action::Error, Status::Failed, message, now);
    log.component = Component::Deliveries;
    log.error_details = Some(serde_json::json!({"webhookId": webhook_id, "count": count}));
    log
}
