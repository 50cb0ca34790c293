//! What health is computed from: sums of rollups over windows, and the last few outcomes; of one integration or of many, in
//! the same number of statements.

use simpul_core::activity::{Action, Component, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::id::IntegrationId;
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow, QueryBuilder};

use crate::Store;
use crate::db::read;
use crate::error::Result;
use crate::horizons::Horizons;
use crate::kinds::{KIND, Kind};
use crate::rollups::{Span, cover};

/// How many activities of one kind fell into one latency bucket; a word that this version does not know is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollupLine {
    pub integration_id: IntegrationId,
    /// Which of the windows that were asked for.
    pub period: i32,
    pub action: Option<Action>,
    pub component: Option<Component>,
    pub status: Option<Status>,
    /// `None` where it names none.
    pub error_type: Option<ErrorType>,
    /// −1 for activities that carry no duration.
    pub latency_bucket: i32,
    pub requests: i64,
    /// Milliseconds.
    pub duration_sum: i64,
}

/// A line as it is read.
#[derive(FromRow)]
struct SumRow {
    integration_id: IntegrationId,
    period: i32,
    kind: i64,
    requests: i64,
    duration_sum: i64,
}

impl From<SumRow> for RollupLine {
    fn from(row: SumRow) -> Self {
        let SumRow { integration_id, period, kind, requests, duration_sum } = row;
        let Kind { action, component, status, error_type, latency_bucket } = Kind::of(kind);
        Self { integration_id, period, action, component, status, error_type, latency_bucket, requests, duration_sum }
    }
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

/// A place among the last outcomes of a connection, which may be empty.
#[derive(FromRow)]
struct PlaceOfOutcome {
    integration_id: IntegrationId,
    period: i32,
    status: Option<String>,
    created_at: Option<Timestamp>,
}

/// The statement that sums each span by itself, for ids that are bound first, and the times that are bound after them. In one
/// grouping of all spans SQLite would sort the rows of all of them together.
fn lines_statement(ids: usize, spans: impl Iterator<Item = (i32, Span)>) -> (String, Vec<Timestamp>) {
    let list = (1..=ids).map(|id| format!("${id}")).collect::<Vec<_>>().join(", ");
    let mut times = Vec::new();
    let sums = spans.map(|(period, (minutes, from, to))| {
        let mut bound = |comparison: &str, time: Option<Timestamp>| {
            times.extend(time);
            time.map(|_| format!(" AND bucket_start {comparison} ${}", ids + times.len())).unwrap_or_default()
        };
        let (from, to) = (bound(">=", from), bound("<", to));
        format!(
            "SELECT integration_id, {period} AS period, CAST({kind} AS BIGINT) AS kind, CAST(SUM(requests) AS BIGINT) AS requests,
            CAST(SUM(duration_sum) AS BIGINT) AS duration_sum FROM activity_rollups
            WHERE integration_id IN ({list}) AND minutes = {minutes}{from}{to} GROUP BY 1, 3",
            kind = *KIND
        )
    });
    let sums: Vec<String> = sums.collect();
    (sums.join(" UNION ALL "), times)
}

impl Store {
    /// The rollups of some integrations, summed over each of some windows. A kind comes once for each span that a window is made
    /// of. Both ends are whole minutes, the second exclusive; what begins more than 48 hours ago is on a whole hour, more than
    /// 60 days ago on a whole day (UTC).
    pub async fn rollup_lines_of(
        &self,
        ids: &[IntegrationId],
        windows: &[(Timestamp, Timestamp)],
    ) -> Result<Vec<RollupLine>> {
        let spans = |window: &(Timestamp, Timestamp)| {
            let window = (Some(window.0), Some(window.1));
            cover(window, &Horizons::default()).rollups
        };
        let spans =
            (0..).zip(windows).flat_map(|(period, window)| spans(window).into_iter().map(move |span| (period, span)));
        let (sql, times) = lines_statement(ids.len(), spans);
        if ids.is_empty() || sql.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<SumRow> = read!(self, |pool| {
            let mut query = sqlx::query_as(AssertSqlSafe(sql));
            for id in ids {
                query = query.bind(*id);
            }
            for time in times {
                query = query.bind(time);
            }
            query.persistent(false).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(RollupLine::from).collect())
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
        let found: Vec<PlaceOfOutcome> = read!(self, |pool| {
            let mut query = QueryBuilder::new("WITH wanted (id) AS (VALUES ");
            let mut list = query.separated(", ");
            for id in ids {
                list.push("(").push_bind_unseparated(*id).push_unseparated(")");
            }
            query.push(") ");
            for (period, moment) in moments.iter().enumerate() {
                for place in 0..limit {
                    query.push(if period == 0 && place == 0 { "" } else { " UNION ALL " });
                    query.push(format!("SELECT wanted.id AS integration_id, {period} AS period, {place} AS place"));
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
        let outcomes = found.into_iter().filter_map(|found| {
            Some(LastOutcome {
                integration_id: found.integration_id,
                period: found.period,
                is_failed: found.status? == "failed",
                created_at: found.created_at?,
            })
        });
        Ok(outcomes.collect())
    }

    /// The details of the last test that passed, as JSON text.
    pub async fn last_test_details(&self, integration_id: IntegrationId) -> Result<Option<String>> {
        const SQL: &str = "SELECT response_data FROM integration_logs WHERE integration_id = $1 AND action = 'test' AND status = 'success'
            ORDER BY created_at DESC, id DESC LIMIT 1";
        let text: Option<Option<String>> =
            read!(self, |pool| sqlx::query_scalar(SQL).bind(integration_id).fetch_optional(pool).await?);
        Ok(text.flatten())
    }
}
