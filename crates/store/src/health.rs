//! What health is computed from: sums of rollups over a window, minute by minute states, and the last few outcomes.

use simpul_core::error_type::ErrorType;
use simpul_core::id::IntegrationId;
use simpul_core::time::Timestamp;
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::db::read;
use crate::error::Result;
use crate::rollups::{MINUTELY, push_spans, spans};

/// How many activities of one kind fell into one latency bucket.
#[derive(Debug, Clone, FromRow)]
pub struct RollupLine {
    pub action: String,
    pub component: String,
    pub status: String,
    pub error_type: String,
    /// −1 for activities that carry no duration.
    pub latency_bucket: i32,
    pub requests: i64,
    /// Milliseconds.
    pub duration_sum: i64,
}

/// What was seen of the connection in one minute.
#[derive(Debug, Clone, FromRow)]
pub struct MinuteState {
    pub bucket_start: Timestamp,
    pub error_type: String,
    pub status: String,
}

impl Store {
    /// The window's rollups, summed. `from` and `to` are whole minutes, `to` exclusive.
    pub async fn rollup_lines(
        &self,
        integration_id: IntegrationId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<RollupLine>> {
        let spans = spans(Some(from), Some(to));
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT action, component, status, error_type, latency_bucket, CAST(SUM(requests) AS BIGINT) AS requests,
                 CAST(SUM(duration_sum) AS BIGINT) AS duration_sum FROM activity_rollups WHERE integration_id = ",
            );
            query.push_bind(integration_id);
            push_spans!(query, spans);
            query.push(
                " GROUP BY action, component, status, error_type, latency_bucket
                  ORDER BY action, component, status, error_type, latency_bucket",
            );
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }

    /// What each minute of the window saw of the connection (tests, transactions, notifications), in order.
    pub async fn connection_minutes(
        &self,
        integration_id: IntegrationId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<MinuteState>> {
        const SQL: &str = "SELECT DISTINCT bucket_start, error_type, status FROM activity_rollups
            WHERE integration_id = $1 AND minutes = $2 AND bucket_start >= $3 AND bucket_start < $4
            AND component = 'connection' AND action IN ('test', 'transaction', 'webhook') AND status IN ('success', 'failed')
            ORDER BY bucket_start";
        Ok(read!(self, |pool| sqlx::query_as(SQL)
            .bind(integration_id)
            .bind(MINUTELY)
            .bind(from)
            .bind(to)
            .fetch_all(pool)
            .await?))
    }

    /// The status and time of the last finished activities of the connection, newest first, at most `limit`.
    pub async fn last_outcomes(&self, integration_id: IntegrationId, limit: u32) -> Result<Vec<(String, Timestamp)>> {
        const SQL: &str = "SELECT status, created_at FROM integration_logs WHERE integration_id = $1
            AND component = 'connection' AND action IN ('test', 'transaction', 'webhook') AND status IN ('success', 'failed')
            ORDER BY created_at DESC, id DESC LIMIT $2";
        Ok(read!(self, |pool| sqlx::query_as(SQL).bind(integration_id).bind(i64::from(limit)).fetch_all(pool).await?))
    }

    /// The details of the last test that passed, as JSON text.
    pub async fn last_test_details(&self, integration_id: IntegrationId) -> Result<Option<String>> {
        const SQL: &str = "SELECT response_data FROM integration_logs WHERE integration_id = $1 AND action = 'test' AND status = 'success'
            ORDER BY created_at DESC, id DESC LIMIT 1";
        let text: Option<Option<String>> =
            read!(self, |pool| sqlx::query_scalar(SQL).bind(integration_id).fetch_optional(pool).await?);
        Ok(text.flatten())
    }

    /// The error type of the last test, if it had one: a success that lacks a permission has.
    pub async fn last_test_error(&self, integration_id: IntegrationId) -> Result<Option<ErrorType>> {
        const SQL: &str = "SELECT error_type FROM integration_logs WHERE integration_id = $1 AND action = 'test'
            ORDER BY created_at DESC, id DESC LIMIT 1";
        let word: Option<Option<String>> =
            read!(self, |pool| sqlx::query_scalar(SQL).bind(integration_id).fetch_optional(pool).await?);
        Ok(word.flatten().as_deref().and_then(ErrorType::parse))
    }
}
