//! What recommendations rest on, beside the figures: the last test, the last errors, since when it fails, what is usual
//! here. Each question is one statement whose cost is bounded by a span of hours or a number of rows, not by history.

use simpul_core::id::IntegrationId;
use simpul_core::time::{HOUR, MINUTE, Timestamp};
use sqlx::FromRow;

use crate::Store;
use crate::db::read;
use crate::error::Result;
use crate::rollups::{HOURLY, MINUTELY};

/// Facts of an integration that no log tells.
#[derive(Debug, Clone, FromRow)]
pub struct AdviceFacts {
    /// When the secrets were last changed that it works with: the partner's where it inherits.
    pub credentials_changed_at: Timestamp,
    /// Other active integrations of the partner of the same type.
    pub others_of_its_kind: i64,
    /// The pause under way, if its tests are paused; without an end where `paused_until` is absent.
    pub paused_since: Option<Timestamp>,
    pub paused_until: Option<Timestamp>,
}

/// The last test, as it was logged.
#[derive(Debug, Clone, FromRow)]
pub struct LastTestRow {
    pub status: String,
    pub error_type: Option<String>,
    pub message: String,
    /// JSON text: what the provider told.
    pub response_data: Option<String>,
    pub error_details: Option<String>,
    pub created_at: Timestamp,
}

/// A failed call of the connection.
#[derive(Debug, Clone, FromRow)]
pub struct FailureRow {
    pub error_type: Option<String>,
    pub message: String,
    /// JSON text.
    pub error_details: Option<String>,
    pub created_at: Timestamp,
}

/// How many successes of an hour fell into one latency bucket.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct HourlyLatency {
    pub bucket_start: Timestamp,
    pub latency_bucket: i32,
    pub requests: i64,
}

impl Store {
    /// `None` where the integration is gone.
    pub async fn advice_facts(&self, id: IntegrationId, now: Timestamp) -> Result<Option<AdviceFacts>> {
        const SQL: &str = "SELECT COALESCE(p.credentials_changed_at, p.updated_at, i.credentials_changed_at, i.updated_at)
                AS credentials_changed_at,
            (SELECT COUNT(*) FROM partner_integrations o WHERE o.partner_id = i.partner_id
                AND o.integration_type = i.integration_type AND o.is_active AND o.id <> i.id) AS others_of_its_kind,
            (SELECT MIN(w.starts_at) FROM maintenance_windows w WHERE w.integration_id = i.id AND w.is_pause
                AND w.starts_at <= $2 AND (w.ends_at IS NULL OR w.ends_at > $2)) AS paused_since,
            (SELECT CASE WHEN COUNT(*) = COUNT(w.ends_at) THEN MAX(w.ends_at) END FROM maintenance_windows w
                WHERE w.integration_id = i.id AND w.is_pause AND w.starts_at <= $2
                AND (w.ends_at IS NULL OR w.ends_at > $2)) AS paused_until
            FROM partner_integrations i LEFT JOIN partner_integrations p ON i.use_partner_config AND p.partner_id = i.partner_id
                AND p.outlet_id IS NULL AND p.integration_type = i.integration_type AND p.provider = i.provider
            WHERE i.id = $1";
        Ok(read!(self, |pool| sqlx::query_as(SQL).bind(id).bind(now).fetch_optional(pool).await?))
    }

    /// The last test of the connection.
    pub async fn last_test(&self, id: IntegrationId) -> Result<Option<LastTestRow>> {
        const SQL: &str =
            "SELECT status, error_type, message, response_data, error_details, created_at FROM integration_logs
            WHERE integration_id = $1 AND action = 'test' ORDER BY created_at DESC, id DESC LIMIT 1";
        Ok(read!(self, |pool| sqlx::query_as(SQL).bind(id).fetch_optional(pool).await?))
    }

    /// Failures of the connection since `from`, the latest first, at most `limit`.
    pub async fn latest_failures(&self, id: IntegrationId, from: Timestamp, limit: u32) -> Result<Vec<FailureRow>> {
        const SQL: &str =
            "SELECT error_type, message, error_details, created_at FROM integration_logs WHERE integration_id = $1
            AND component = 'connection' AND status = 'failed' AND action IN ('test', 'transaction', 'webhook')
            AND created_at >= $2 ORDER BY created_at DESC, id DESC LIMIT $3";
        Ok(read!(self, |pool| sqlx::query_as(SQL).bind(id).bind(from).bind(i64::from(limit)).fetch_all(pool).await?))
    }

    /// The error type and time of the first failed calls after `after`, notifications left out, at most `limit`.
    pub async fn first_failures(
        &self,
        id: IntegrationId,
        after: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Option<String>, Timestamp)>> {
        const SQL: &str = "SELECT error_type, created_at FROM integration_logs WHERE integration_id = $1
            AND component = 'connection' AND status = 'failed' AND created_at > $2 AND action IN ('test', 'transaction')
            ORDER BY created_at, id LIMIT $3";
        Ok(read!(self, |pool| sqlx::query_as(SQL).bind(id).bind(after).bind(i64::from(limit)).fetch_all(pool).await?))
    }

    /// The minute of the last successful test or transaction since `from`; the last minute of its hour where minutes are not
    /// kept any more.
    pub async fn last_success_minute(&self, id: IntegrationId, from: Timestamp) -> Result<Option<Timestamp>> {
        let Some(hour) = self.last_success(id, HOURLY, from.floor(HOUR)).await? else { return Ok(None) };
        let minute = self.last_success(id, MINUTELY, hour).await?;
        Ok(Some(minute.unwrap_or(Timestamp::from_millis(hour.millis() + HOUR - MINUTE))))
    }

    async fn last_success(&self, id: IntegrationId, minutes: i32, from: Timestamp) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT MAX(bucket_start) FROM activity_rollups WHERE integration_id = $1 AND minutes = $2
            AND bucket_start >= $3 AND component = 'connection' AND action IN ('test', 'transaction') AND status = 'success'";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(id).bind(minutes).bind(from).fetch_one(pool).await?))
    }

    /// The hours since `from` in which the provider sent a genuine notification, in order.
    pub async fn notification_hours(&self, id: IntegrationId, from: Timestamp) -> Result<Vec<Timestamp>> {
        const SQL: &str =
            "SELECT DISTINCT bucket_start FROM activity_rollups WHERE integration_id = $1 AND minutes = $2
            AND bucket_start >= $3 AND action = 'webhook' AND component = 'connection' AND status = 'success'
            ORDER BY bucket_start";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(id).bind(HOURLY).bind(from).fetch_all(pool).await?))
    }

    /// The latency of successful calls, by hour, in order.
    pub async fn hourly_latency(&self, id: IntegrationId, from: Timestamp) -> Result<Vec<HourlyLatency>> {
        const SQL: &str =
            "SELECT bucket_start, latency_bucket, CAST(SUM(requests) AS BIGINT) AS requests FROM activity_rollups
            WHERE integration_id = $1 AND minutes = $2 AND bucket_start >= $3 AND latency_bucket >= 0
            AND component = 'connection' AND action IN ('test', 'transaction', 'webhook') AND status = 'success'
            GROUP BY bucket_start, latency_bucket ORDER BY bucket_start, latency_bucket";
        Ok(read!(self, |pool| sqlx::query_as(SQL).bind(id).bind(HOURLY).bind(from).fetch_all(pool).await?))
    }
}
