//! The figures of a window, point by point, for charts.

use simpul_core::id::IntegrationId;
use simpul_core::time::{DAY, HOUR, Timestamp};
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::db::read;
use crate::error::Result;
use crate::rollups::{DAILY, HOURLY, MINUTELY};

/// How many requests ended one way in one latency bucket in one step of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesLine {
    /// Where the step begins.
    pub at: Timestamp,
    pub outcome: SeriesOutcome,
    /// −1 for those that carry no duration.
    pub latency_bucket: i32,
    pub requests: i64,
    /// Milliseconds.
    pub duration_sum: i64,
}

/// How requests of a series ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesOutcome {
    Failed,
    Success,
    /// They do not count, finished or not.
    Maintenance,
}

/// Outcome and latency bucket as one number below [`ENDS`].
const ENDED: &str =
    "CASE WHEN component = 'maintenance' THEN 2 WHEN status = 'success' THEN 1 ELSE 0 END * 128 + latency_bucket + 1";
const ENDS: i64 = 512;

/// A line as it is read: its step and how it ended are one number, which SQLite groups by faster than by columns.
#[derive(FromRow)]
struct StepRow {
    number: i64,
    requests: i64,
    duration_sum: i64,
}

impl StepRow {
    fn line(self, step: i64) -> SeriesLine {
        let (place, ended) = (self.number.div_euclid(ENDS), self.number.rem_euclid(ENDS));
        let outcome = match ended / 128 {
            0 => SeriesOutcome::Failed,
            1 => SeriesOutcome::Success,
            _ => SeriesOutcome::Maintenance,
        };
        SeriesLine {
            at: Timestamp::from_millis(place * step),
            outcome,
            latency_bucket: i32::try_from(ended % 128 - 1).unwrap_or(-1),
            requests: self.requests,
            duration_sum: self.duration_sum,
        }
    }
}

impl Store {
    /// The finished requests of an integration, and any of maintenance, summed over each of `count` steps of `step` milliseconds from `from` on. The step is whole
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
        let to = Timestamp::from_millis(from.millis() + i64::from(count) * step);
        let place = self.place_of("bucket_start", step);
        let rows: Vec<StepRow> = read!(self, |pool| {
            let mut query = QueryBuilder::new(format!(
                "SELECT CAST({place} * {ENDS} + {ENDED} AS BIGINT) AS number, CAST(SUM(requests) AS BIGINT) AS requests,
                CAST(SUM(duration_sum) AS BIGINT) AS duration_sum FROM activity_rollups
                WHERE (action IN ('test', 'transaction', 'webhook') AND status <> 'pending' OR component = 'maintenance')
                AND integration_id = "
            ));
            query.push_bind(integration_id).push(" AND minutes = ").push_bind(minutes);
            query.push(" AND bucket_start >= ").push_bind(from).push(" AND bucket_start < ").push_bind(to);
            query.push(" GROUP BY 1");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(|row| row.line(step)).collect())
    }
}
