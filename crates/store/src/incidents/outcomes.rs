//! What incidents are judged by: the last outcomes of a connection, its last hour against the day before, failed calls.

use std::collections::HashMap;

use simpul_core::error_type::ErrorType;
use simpul_core::id::{IntegrationId, PartnerId};
use simpul_core::incident::judgement::{Outcome, Span};
use simpul_core::time::{DAY, HOUR, MINUTE, Timestamp};
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::db::read;
use crate::error::Result;
use crate::horizons::Horizons;
use crate::rollups::{MINUTELY, cover, push_spans};

/// Outcomes that are looked at, and tests beside them where calls crowd them out.
const OUTCOMES: i64 = 24;
const TESTS: i64 = 4;

#[derive(FromRow)]
struct OutcomeRow {
    action: String,
    status: String,
    error_type: Option<String>,
    message: String,
    created_at: Timestamp,
}

/// One minute of an integration's connection.
#[derive(Debug, Clone, FromRow)]
pub struct ConnectionMinute {
    pub integration_id: IntegrationId,
    pub partner_id: PartnerId,
    pub bucket_start: Timestamp,
    /// `success` or `failed`.
    pub status: String,
    pub error_type: String,
    pub requests: i64,
}

impl Store {
    /// The last finished tests and calls of the connection since a time, the newest first. Costs the same whatever the history.
    pub async fn recent_outcomes(&self, id: IntegrationId, since: Timestamp) -> Result<Vec<Outcome>> {
        const MIXED: &str = "SELECT action, status, error_type, message, created_at FROM integration_logs WHERE integration_id = $1
            AND component = 'connection' AND action IN ('test', 'transaction', 'webhook') AND status IN ('success', 'failed')
            AND created_at >= $2 ORDER BY created_at DESC, id DESC LIMIT $3";
        const LAST_TESTS: &str =
            "SELECT action, status, error_type, message, created_at FROM integration_logs WHERE integration_id = $1
            AND action = 'test' AND component = 'connection' AND status IN ('success', 'failed')
            AND created_at >= $2 ORDER BY created_at DESC, id DESC LIMIT $3";
        let mut rows: Vec<OutcomeRow> =
            read!(self, |pool| sqlx::query_as(MIXED).bind(id).bind(since).bind(OUTCOMES).fetch_all(pool).await?);
        let tests = i64::try_from(rows.iter().filter(|row| row.action == "test").count()).unwrap_or(i64::MAX);
        if i64::try_from(rows.len()).unwrap_or(i64::MAX) == OUTCOMES && tests < TESTS {
            let oldest = rows.last().map(|row| row.created_at);
            let earlier: Vec<OutcomeRow> =
                read!(self, |pool| sqlx::query_as(LAST_TESTS).bind(id).bind(since).bind(TESTS).fetch_all(pool).await?);
            rows.extend(earlier.into_iter().filter(|row| Some(row.created_at) < oldest));
        }
        Ok(rows
            .into_iter()
            .map(|row| Outcome {
                at: row.created_at,
                succeeded: row.status == "success",
                is_test: row.action == "test",
                error_type: row.error_type.as_deref().and_then(ErrorType::parse),
                message: row.message,
            })
            .collect())
    }

    /// For each integration that had any: the requests of its connection in the last hour, and in the 24 hours before it.
    pub async fn hour_and_day(
        &self,
        ids: &[IntegrationId],
        now: Timestamp,
    ) -> Result<HashMap<IntegrationId, (Span, Span)>> {
        let to = Timestamp::from_millis(now.floor(MINUTE).millis() + MINUTE);
        let hour = Timestamp::from_millis(to.millis() - HOUR);
        let day = Timestamp::from_millis(hour.millis() - DAY);
        let mut parts = cover((Some(day), Some(hour)), &Horizons::default()).rollups;
        parts.extend(cover((Some(hour), Some(to)), &Horizons::default()).rollups);
        let mut found: HashMap<IntegrationId, (Span, Span)> = HashMap::new();
        for chunk in ids.chunks(crate::db::CHUNK) {
            let rows: Vec<(IntegrationId, i32, i64, i64)> = read!(self, |pool| {
                let mut query = QueryBuilder::new("SELECT integration_id, CASE WHEN bucket_start >= ");
                query.push_bind(hour).push(
                    " THEN 1 ELSE 0 END, CAST(SUM(CASE WHEN status = 'success' THEN requests ELSE 0 END) AS BIGINT),
                     CAST(SUM(requests) AS BIGINT) FROM activity_rollups WHERE component = 'connection'
                     AND action IN ('test', 'transaction', 'webhook') AND status IN ('success', 'failed') AND integration_id IN (",
                );
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(")");
                push_spans!(query, parts);
                query.push(" GROUP BY 1, 2");
                query.build_query_as().persistent(false).fetch_all(pool).await?
            });
            let count = |number: i64| u64::try_from(number).unwrap_or(0);
            for (id, is_hour, succeeded, total) in rows {
                let pair = found.entry(id).or_default();
                let span = Span { succeeded: count(succeeded), total: count(total) };
                *(if is_hour == 1 { &mut pair.0 } else { &mut pair.1 }) = span;
            }
        }
        Ok(found)
    }

    /// Failed calls of a connection since the minute of a time; tests are not among them.
    pub async fn failed_calls_since(&self, id: IntegrationId, since: Timestamp) -> Result<i64> {
        let parts = cover((Some(since.floor(MINUTE)), None), &self.horizons().await?).rollups;
        let count: Option<i64> = read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT CAST(SUM(requests) AS BIGINT) FROM activity_rollups WHERE component = 'connection'
                 AND action IN ('transaction', 'webhook') AND status = 'failed' AND integration_id = ",
            );
            query.push_bind(id);
            push_spans!(query, parts);
            query.build_query_scalar().persistent(false).fetch_one(pool).await?
        });
        Ok(count.unwrap_or(0))
    }

    /// Providers for which at least `least` integrations had a failure since a time.
    pub async fn failing_providers(&self, since: Timestamp, least: u32) -> Result<Vec<String>> {
        const SQL: &str = "SELECT integrations.provider FROM activity_rollups rollups
            JOIN partner_integrations integrations ON integrations.id = rollups.integration_id
            WHERE rollups.minutes = $1 AND rollups.bucket_start >= $2 AND rollups.status = 'failed' AND rollups.component = 'connection'
            GROUP BY integrations.provider HAVING COUNT(DISTINCT rollups.integration_id) >= $3";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL)
            .bind(MINUTELY)
            .bind(since.floor(MINUTE))
            .bind(i64::from(least))
            .fetch_all(pool)
            .await?))
    }

    /// Each minute of each of a provider's active integrations since a time.
    pub async fn provider_minutes(&self, provider: &str, since: Timestamp) -> Result<Vec<ConnectionMinute>> {
        const SQL: &str = "SELECT rollups.integration_id, integrations.partner_id, rollups.bucket_start, rollups.status, rollups.error_type,
            CAST(SUM(rollups.requests) AS BIGINT) AS requests FROM activity_rollups rollups
            JOIN partner_integrations integrations ON integrations.id = rollups.integration_id
            WHERE rollups.minutes = $1 AND rollups.bucket_start >= $2 AND rollups.component = 'connection'
            AND rollups.action IN ('test', 'transaction', 'webhook') AND rollups.status IN ('success', 'failed')
            AND integrations.provider = $3 AND integrations.is_active
            GROUP BY rollups.integration_id, integrations.partner_id, rollups.bucket_start, rollups.status, rollups.error_type
            ORDER BY rollups.integration_id, rollups.bucket_start";
        Ok(read!(self, |pool| sqlx::query_as(SQL)
            .bind(MINUTELY)
            .bind(since.floor(MINUTE))
            .bind(provider)
            .fetch_all(pool)
            .await?))
    }
}
