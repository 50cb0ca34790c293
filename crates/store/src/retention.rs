//! Letting go of what is old, a small batch at a time so that writers hardly notice.

use std::collections::BTreeMap;

use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::id::{IntegrationId, LogId, WebhookId};
use simpul_core::time::Timestamp;

use crate::db::{read, within};
use crate::error::Result;
use crate::horizons::Horizons;
use crate::rollups::{DAILY, HOURLY, MINUTELY};
use crate::{Store, activity};

/// Deliveries given up by one statement.
const BATCH: i64 = 2_000;

/// What is removed once it lies behind a horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Old {
    Logs,
    Attempts,
    Notifications,
    Deliveries,
    Events,
    EventKeys,
    Replays,
    /// Closed incidents, with their timelines.
    Incidents,
    /// Spans of maintenance that are over.
    Maintenance,
    Days,
    Hours,
    Minutes,
    /// Counts of the log's days.
    Counts,
    ConnectionHours,
    AlertDeliveries,
    Alerts,
}

impl Old {
    /// In the order in which they are to be removed.
    pub const ALL: &'static [Self] = &[
        Self::Minutes,
        Self::Hours,
        Self::Logs,
        Self::Attempts,
        Self::Notifications,
        Self::Deliveries,
        Self::Events,
        Self::EventKeys,
        Self::Replays,
        Self::Incidents,
        Self::Maintenance,
        Self::Days,
        Self::Counts,
        Self::ConnectionHours,
        Self::AlertDeliveries,
        Self::Alerts,
    ];

    /// Takes the horizon (as the lowest id of its time where the table is sorted by id) and the size of a batch.
    fn sql(self) -> &'static str {
        match self {
            Self::Logs => {
                "DELETE FROM integration_logs WHERE id IN (SELECT id FROM integration_logs WHERE id < $1 ORDER BY id LIMIT $2)"
            }
            Self::Attempts => {
                "DELETE FROM delivery_attempts WHERE id IN (SELECT id FROM delivery_attempts WHERE id < $1 ORDER BY id LIMIT $2)"
            }
            Self::Notifications => {
                "DELETE FROM inbound_notifications WHERE id IN (SELECT id FROM inbound_notifications WHERE id < $1 ORDER BY id LIMIT $2)"
            }
            Self::Deliveries => {
                "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE id < $1
                 AND state IN ('success', 'failed', 'parked', 'filtered', 'dropped') ORDER BY id LIMIT $2)"
            }
            Self::Events => {
                "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < $1
                 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.event_id = events.id) ORDER BY id LIMIT $2)"
            }
            Self::EventKeys => {
                "DELETE FROM event_keys WHERE (integration_id, event_key) IN
                 (SELECT integration_id, event_key FROM event_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2)"
            }
            Self::Replays => "DELETE FROM replays WHERE id IN (SELECT id FROM replays WHERE completed_at < $1 LIMIT $2)",
            Self::Incidents => "DELETE FROM incidents WHERE id IN (SELECT id FROM incidents WHERE closed_at < $1 LIMIT $2)",
            Self::Maintenance => {
                "DELETE FROM maintenance_windows WHERE id IN (SELECT id FROM maintenance_windows WHERE ends_at < $1 LIMIT $2)"
            }
            Self::Days | Self::Hours | Self::Minutes => ROLLUPS,
            Self::Counts => {
                "DELETE FROM activity_counts WHERE (integration_id, day_start, action, status, error_type) IN
                 (SELECT integration_id, day_start, action, status, error_type FROM activity_counts WHERE day_start < $1
                 ORDER BY day_start LIMIT $2)"
            }
            Self::ConnectionHours => {
                "DELETE FROM connection_hours WHERE (integration_id, hour_start) IN
                 (SELECT integration_id, hour_start FROM connection_hours WHERE hour_start < $1 ORDER BY hour_start LIMIT $2)"
            }
            Self::AlertDeliveries => {
                "DELETE FROM alert_deliveries WHERE id IN (SELECT id FROM alert_deliveries WHERE completed_at < $1 LIMIT $2)"
            }
            Self::Alerts => {
                "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE updated_at < $1
                 AND state IN ('resolved', 'withdrawn', 'joined') ORDER BY updated_at LIMIT $2)"
            }
        }
    }

    fn horizon(self, horizons: &Horizons) -> Option<Timestamp> {
        match self {
            Self::Minutes => horizons.minutes.max(horizons.logs),
            Self::Hours => horizons.hours.max(horizons.logs),
            _ => horizons.logs,
        }
    }

    fn minutes(self) -> Option<i32> {
        match self {
            Self::Days => Some(DAILY),
            Self::Hours => Some(HOURLY),
            Self::Minutes => Some(MINUTELY),
            _ => None,
        }
    }

    fn is_by_id(self) -> bool {
        matches!(self, Self::Logs | Self::Attempts | Self::Notifications | Self::Deliveries | Self::Events)
    }
}

/// Takes the minutes of the span as well, and before `$1` a time that has little more than a batch before it: whatever the
/// planner thinks of the rest, it finds these by their time.
const ROLLUPS: &str = "DELETE FROM activity_rollups WHERE minutes = $3 AND bucket_start < $1
    AND (integration_id, bucket_start, action, component, status, error_type, latency_bucket) IN
    (SELECT integration_id, bucket_start, action, component, status, error_type, latency_bucket FROM activity_rollups
     WHERE minutes = $3 AND bucket_start < $1 ORDER BY bucket_start LIMIT $2)";

impl Store {
    /// Removes one batch, at most `limit` rows, of what lies behind the horizons, which must have been noted a while ago (see
    /// [`Store::note_horizons`]). Answers how many there were; fewer than `limit` when nothing is left.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn remove_behind(&self, horizons: &Horizons, old: Old, limit: u32) -> Result<u64> {
        let Some(mut horizon) = old.horizon(horizons) else { return Ok(0) };
        if let Some(minutes) = old.minutes() {
            horizon = self.end_of_batch(minutes, horizon, limit).await?;
        }
        let mut tx = self.db.begin().await?;
        let removed = within!(&mut tx, |connection| {
            let query = sqlx::query(old.sql());
            let query = if old.is_by_id() { query.bind(LogId::lowest_at(horizon)) } else { query.bind(horizon) };
            let query = query.bind(i64::from(limit));
            let query = if let Some(minutes) = old.minutes() { query.bind(minutes) } else { query };
            query.execute(connection).await?.rows_affected()
        });
        tx.commit().await?;
        Ok(removed)
    }

    /// The first time before which there are at least `limit` rollups, or the horizon where that comes first.
    async fn end_of_batch(&self, minutes: i32, horizon: Timestamp, limit: u32) -> Result<Timestamp> {
        const SQL: &str = "SELECT bucket_start FROM activity_rollups WHERE minutes = $1 AND bucket_start < $2
            ORDER BY bucket_start LIMIT 1 OFFSET $3";
        let last: Option<Timestamp> = read!(self, |pool| sqlx::query_scalar(SQL)
            .bind(minutes)
            .bind(horizon)
            .bind(i64::from(limit))
            .fetch_optional(pool)
            .await?);
        Ok(last.map_or(horizon, |last| Timestamp::from_millis(last.millis() + 1)))
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
        activity::insert(self, &mut tx, &logs).await?;
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
}

fn dropped_log((integration_id, webhook_id): (IntegrationId, WebhookId), count: u64, now: Timestamp) -> Activity {
    let message = format!("{count} deliveries were given up: they waited too long for their disabled webhook");
    let mut log = Activity::new(integration_id, Action::Error, Status::Failed, message, now);
    log.component = Component::Deliveries;
    log.error_details = Some(serde_json::json!({"webhookId": webhook_id, "count": count}));
    log
}
