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
use crate::rollups::cover;

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

/// A span of a window (its place among the windows, a condition on rollups).
type Wanted = (i32, String);

/// The spans of windows as conditions, and the times that these bind after the first `bound` parameters.
fn conditions(windows: &[(Timestamp, Timestamp)], bound: usize) -> (Vec<Wanted>, Vec<Timestamp>) {
    let (mut wanted, mut times) = (Vec::new(), Vec::new());
    for (period, (start, end)) in (0..).zip(windows) {
        for (minutes, from, to) in cover((Some(*start), Some(*end)), &Horizons::default()).rollups {
            let mut condition = format!("minutes = {minutes}");
            for (comparison, time) in [(">=", from), ("<", to)] {
                let Some(time) = time else { continue };
                times.push(time);
                condition.push_str(&format!(" AND bucket_start {comparison} ${}", bound + times.len()));
            }
            wanted.push((period, condition));
        }
    }
    (wanted, times)
}

/// The statement that sums the spans: each by itself, or all in one grouping.
fn sums(ids: usize, wanted: &[Wanted], one_by_one: bool) -> String {
    let list = (1..=ids).map(|id| format!("${id}")).collect::<Vec<_>>().join(", ");
    let sum = |period: &str, condition: &str| {
        format!(
            "SELECT integration_id, {period} AS period, CAST({kind} AS BIGINT) AS kind, CAST(SUM(requests) AS BIGINT) AS requests,
            CAST(SUM(duration_sum) AS BIGINT) AS duration_sum FROM activity_rollups
            WHERE integration_id IN ({list}) AND ({condition}) GROUP BY 1, 2, 3",
            kind = *KIND
        )
    };
    if one_by_one {
        let each: Vec<String> = wanted.iter().map(|(period, condition)| sum(&period.to_string(), condition)).collect();
        return each.join(" UNION ALL ");
    }
    let cases: String = wanted.iter().map(|(period, condition)| format!(" WHEN {condition} THEN {period}")).collect();
    let any: Vec<String> = wanted.iter().map(|(_, condition)| format!("({condition})")).collect();
    sum(&format!("CASE{cases} END"), &any.join(" OR "))
}

impl Store {
    /// The rollups of some integrations, summed over each of some windows that do not overlap. A kind may come once for each span
    /// that a window is made of. Both ends are whole minutes, the second exclusive; what begins more than 48 hours ago is on a whole hour, more than
    /// 60 days ago on a whole day (UTC).
    pub async fn rollup_lines_of(
        &self,
        ids: &[IntegrationId],
        windows: &[(Timestamp, Timestamp)],
    ) -> Result<Vec<RollupLine>> {
        let (wanted, times) = conditions(windows, ids.len());
        if ids.is_empty() || wanted.is_empty() {
            return Ok(Vec::new());
        }
        let sql = sums(ids.len(), &wanted, self.groups_by_sorting());
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
