//! What health is computed from: sums of rollups over windows, and the last few outcomes; of one integration or of many, in
//! the same number of statements.

use simpul_core::access::Scope;
use simpul_core::error_type::ErrorType;
use simpul_core::id::IntegrationId;
use simpul_core::time::Timestamp;
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::db::read;
use crate::error::Result;
use crate::horizons::Horizons;
use crate::rollups::{cover, push_spans};

/// How many activities of one kind fell into one latency bucket.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct RollupLine {
    pub integration_id: IntegrationId,
    /// Which of the windows that were asked for.
    pub period: i32,
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

/// How the connection's last finished activities ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastOutcome {
    pub integration_id: IntegrationId,
    /// Which of the moments that were asked for.
    pub period: i32,
    pub is_failed: bool,
    pub created_at: Timestamp,
}

impl Store {
    /// The rollups of some integrations, summed over each of some windows that do not overlap. Both ends are whole minutes, the
    /// second exclusive; what begins more than 48 hours ago is on a whole hour, more than 60 days ago on a whole day (UTC).
    pub async fn rollup_lines_of(
        &self,
        ids: &[IntegrationId],
        windows: &[(Timestamp, Timestamp)],
    ) -> Result<Vec<RollupLine>> {
        let spans: Vec<_> = windows
            .iter()
            .flat_map(|(from, to)| cover((Some(*from), Some(*to)), &Horizons::default()).rollups)
            .collect();
        if ids.is_empty() || spans.is_empty() {
            return Ok(Vec::new());
        }
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new("SELECT integration_id, CASE");
            for (period, (from, to)) in windows.iter().enumerate() {
                query.push(" WHEN bucket_start >= ").push_bind(*from).push(" AND bucket_start < ").push_bind(*to);
                query.push(format!(" THEN {period}"));
            }
            query.push(
                " END AS period, action, component, status, error_type, latency_bucket, CAST(SUM(requests) AS BIGINT) AS requests,
                 CAST(SUM(duration_sum) AS BIGINT) AS duration_sum FROM activity_rollups WHERE integration_id IN (",
            );
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(")");
            push_spans!(query, spans);
            query.push(" GROUP BY integration_id, period, action, component, status, error_type, latency_bucket");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }

    /// The last finished activities of some connections before each of some moments, newest first, at most `limit` of each.
    pub async fn last_outcomes_of(
        &self,
        ids: &[IntegrationId],
        moments: &[Timestamp],
        limit: u32,
    ) -> Result<Vec<LastOutcome>> {
        if ids.is_empty() || moments.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        // Each is found by its place in the partial index, however long the log is.
        let found: Vec<(IntegrationId, i32, i32, Option<String>, Option<Timestamp>)> = read!(self, |pool| {
            let mut query = QueryBuilder::new("WITH wanted (id) AS (VALUES ");
            let mut list = query.separated(", ");
            for id in ids {
                list.push("(").push_bind_unseparated(*id).push_unseparated(")");
            }
            query.push(") ");
            for (period, moment) in moments.iter().enumerate() {
                for place in 0..limit {
                    query.push(if period == 0 && place == 0 { "" } else { " UNION ALL " });
                    query.push(format!("SELECT wanted.id, {period} AS period, {place} AS place"));
                    for column in ["status", "created_at"] {
                        query.push(format!(
                            ", (SELECT {column} FROM integration_logs AS logs WHERE logs.integration_id = wanted.id
                            AND component = 'connection' AND action IN ('test', 'transaction', 'webhook')
                            AND status IN ('success', 'failed') AND created_at < "
                        ));
                        query.push_bind(*moment).push(format!(
                            " ORDER BY created_at DESC, logs.id DESC LIMIT 1 OFFSET {place}) AS {column}"
                        ));
                    }
                    query.push(" FROM wanted");
                }
            }
            query.push(" ORDER BY 1, 2, 3");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        });
        let outcomes = found.into_iter().filter_map(|(integration_id, period, _, status, created_at)| {
            Some(LastOutcome { integration_id, period, is_failed: status? == "failed", created_at: created_at? })
        });
        Ok(outcomes.collect())
    }

    /// Finished requests of every integration in scope that had any: (integration, successes, all).
    pub async fn request_counts(
        &self,
        scope: Scope,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(IntegrationId, i64, i64)>> {
        let spans = cover((Some(from), Some(to)), &Horizons::default()).rollups;
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT integration_id, CAST(SUM(CASE WHEN status = 'success' THEN requests ELSE 0 END) AS BIGINT),
                 CAST(SUM(requests) AS BIGINT) FROM activity_rollups WHERE action IN ('test', 'transaction', 'webhook')
                 AND status IN ('success', 'failed') AND component <> 'maintenance'",
            );
            push_spans!(query, spans);
            if let Some(partner_id) = scope.partner_id() {
                query
                    .push(" AND integration_id IN (SELECT id FROM partner_integrations WHERE partner_id = ")
                    .push_bind(partner_id)
                    .push(")");
            }
            query.push(" GROUP BY integration_id");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
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
