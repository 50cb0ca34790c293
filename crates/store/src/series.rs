//! The figures of a window, point by point, for charts.

use simpul_core::id::IntegrationId;
use simpul_core::time::{DAY, HOUR, Timestamp};
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::db::read;
use crate::error::Result;
use crate::rollups::{DAILY, HOURLY, MINUTELY};

/// How many activities of one kind fell into one latency bucket in one step of a series.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SeriesLine {
    /// Where the step begins.
    pub at: Timestamp,
    pub action: String,
    pub component: String,
    pub status: String,
    /// −1 for activities that carry no duration.
    pub latency_bucket: i32,
    pub requests: i64,
    /// Milliseconds.
    pub duration_sum: i64,
}

impl Store {
    /// The rollups of an integration, summed over each of `count` steps of `step` milliseconds from `from` on. The step is whole
    /// days, divides the day in whole hours, or the hour in whole minutes, and `from` is a multiple of it.
    pub async fn series_lines(
        &self,
        integration_id: IntegrationId,
        from: Timestamp,
        step: i64,
        count: u32,
    ) -> Result<Vec<SeriesLine>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let minutes = match step {
            step if step % DAY == 0 => DAILY,
            step if step % HOUR == 0 => HOURLY,
            _ => MINUTELY,
        };
        let at = |index: u32| Timestamp::from_millis(from.millis() + i64::from(index) * step);
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new("WITH steps (at, until) AS (VALUES ");
            let mut list = query.separated(", ");
            for index in 0..count {
                list.push("(").push_bind_unseparated(at(index)).push_unseparated(", ");
                list.push_bind_unseparated(at(index + 1)).push_unseparated(")");
            }
            query.push(
                ") SELECT steps.at AS at, action, component, status, latency_bucket, CAST(SUM(requests) AS BIGINT) AS requests,
                CAST(SUM(duration_sum) AS BIGINT) AS duration_sum FROM steps CROSS JOIN activity_rollups
                WHERE bucket_start >= steps.at AND bucket_start < steps.until AND integration_id = ",
            );
            query.push_bind(integration_id).push(" AND minutes = ").push_bind(minutes);
            // For the planner of PostgreSQL: the whole window as one range.
            query.push(" AND bucket_start >= ").push_bind(from).push(" AND bucket_start < ").push_bind(at(count));
            query.push(
                " GROUP BY steps.at, action, component, status, latency_bucket ORDER BY steps.at, latency_bucket",
            );
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }
}
