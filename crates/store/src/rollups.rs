//! Rollups: for each integration and minute (and hour), how many activities of each kind there were, by latency bucket.
//! They are incremented in the transaction that writes the rows, so that a figure made of them is exact, and one row of
//! theirs is one bucket of one histogram, so that any window is a sum.

use std::collections::BTreeMap;

use simpul_core::activity::Activity;
use simpul_core::error_type::ErrorType;
use simpul_core::histogram::bucket_of;
use simpul_core::id::IntegrationId;
use simpul_core::time::{HOUR, MINUTE, Timestamp};
use sqlx::QueryBuilder;

use crate::Store;
use crate::activity::{ActivityFilter, StatCount};
use crate::bulk::{Bulk, Part};
use crate::db::{Tx, read};
use crate::error::Result;

/// The spans that are kept, in minutes.
pub(crate) const MINUTELY: i32 = 1;
pub(crate) const HOURLY: i32 = 60;
/// The latency bucket of activities that carry no duration.
pub(crate) const UNTIMED: i32 = -1;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    integration_id: IntegrationId,
    minutes: i32,
    bucket_start: Timestamp,
    action: &'static str,
    component: &'static str,
    status: &'static str,
    error_type: &'static str,
    latency_bucket: i32,
}

/// Adds rows to the rollups. Keys are written in one order everywhere, so that two nodes cannot wait for each other.
pub(crate) async fn add(tx: &mut Tx, rows: &[Activity]) -> Result<()> {
    const INSERT: &str =
        "INSERT INTO activity_rollups (integration_id, minutes, bucket_start, action, component, status, error_type,
        latency_bucket, requests, duration_sum) ";
    const ADD: &str =
        " ON CONFLICT (integration_id, minutes, bucket_start, action, component, status, error_type, latency_bucket)
        DO UPDATE SET requests = activity_rollups.requests + excluded.requests,
        duration_sum = activity_rollups.duration_sum + excluded.duration_sum";
    let mut sums: BTreeMap<Key, (i64, i64)> = BTreeMap::new();
    for activity in rows {
        for (minutes, unit) in [(MINUTELY, MINUTE), (HOURLY, HOUR)] {
            let key = Key {
                integration_id: activity.integration_id,
                minutes,
                bucket_start: activity.created_at.floor(unit),
                action: activity.action.as_str(),
                component: activity.component.as_str(),
                status: activity.status.as_str(),
                error_type: activity.error_type.map_or("", ErrorType::as_str),
                latency_bucket: activity.duration.map_or(UNTIMED, bucket_of),
            };
            let sum = sums.entry(key).or_default();
            sum.0 += 1;
            sum.1 += activity.duration.unwrap_or(0);
        }
    }
    let sums: Vec<_> = sums.into_iter().collect();
    let mut bulk = Bulk::default();
    bulk.add(sums.iter().map(|(key, _)| key.integration_id))
        .add(sums.iter().map(|(key, _)| key.minutes))
        .add(sums.iter().map(|(key, _)| key.bucket_start))
        .add(sums.iter().map(|(key, _)| key.action))
        .add(sums.iter().map(|(key, _)| key.component))
        .add(sums.iter().map(|(key, _)| key.status))
        .add(sums.iter().map(|(key, _)| key.error_type))
        .add(sums.iter().map(|(key, _)| key.latency_bucket))
        .add(sums.iter().map(|(_, (requests, _))| *requests))
        .add(sums.iter().map(|(_, (_, duration_sum))| *duration_sum));
    bulk.execute(tx, INSERT, &[Part::Sql(ADD)]).await?;
    Ok(())
}

/// A window of whole minutes as the fewest spans: minutes up to the first full hour, hours, minutes after the last.
pub(crate) fn spans(
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Vec<(i32, Option<Timestamp>, Option<Timestamp>)> {
    let next_hour = |time: Timestamp| {
        if time.floor(HOUR) == time { time } else { Timestamp::from_millis(time.floor(HOUR).millis() + HOUR) }
    };
    let hours_from = from.map(next_hour);
    let hours_to = to.map(|to| to.floor(HOUR));
    if let (Some(first), Some(last)) = (hours_from, hours_to)
        && first >= last
    {
        return vec![(MINUTELY, from, to)];
    }
    let mut spans = vec![(HOURLY, hours_from, hours_to)];
    if from != hours_from {
        spans.push((MINUTELY, from, hours_from));
    }
    if to != hours_to {
        spans.push((MINUTELY, hours_to, to));
    }
    spans
}

/// Appends the condition that a rollup lies in one of these spans.
macro_rules! push_spans {
    ($query:expr, $spans:expr) => {{
        $query.push(" AND (");
        for (index, (minutes, from, to)) in $spans.iter().enumerate() {
            $query.push(if index == 0 { "(minutes = " } else { " OR (minutes = " }).push_bind(*minutes);
            if let Some(from) = from {
                $query.push(" AND bucket_start >= ").push_bind(*from);
            }
            if let Some(to) = to {
                $query.push(" AND bucket_start < ").push_bind(*to);
            }
            $query.push(")");
        }
        $query.push(")");
    }};
}
pub(crate) use push_spans;

impl Store {
    /// Counts from rollups alone; `from` and `to` are whole minutes, `to` exclusive.
    pub(crate) async fn count_rollups(
        &self,
        integration_id: IntegrationId,
        filter: &ActivityFilter,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Vec<StatCount>> {
        let spans = spans(from, to);
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT action, status, CAST(SUM(requests) AS BIGINT) AS count FROM activity_rollups WHERE integration_id = ",
            );
            query.push_bind(integration_id);
            push_spans!(query, spans);
            if !filter.actions.is_empty() {
                query.push(" AND action IN (");
                let mut list = query.separated(", ");
                for action in &filter.actions {
                    list.push_bind(action.as_str());
                }
                query.push(")");
            }
            if !filter.statuses.is_empty() {
                query.push(" AND status IN (");
                let mut list = query.separated(", ");
                for status in &filter.statuses {
                    list.push_bind(status.as_str());
                }
                query.push(")");
            }
            if let Some(error_type) = filter.error_type {
                query.push(" AND error_type = ").push_bind(error_type.as_str());
            }
            query.push(" GROUP BY action, status ORDER BY action, status");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        format!("2026-02-21T{text}Z").parse().ok()
    }

    #[test]
    fn a_window_is_the_fewest_spans_that_cover_it_once() {
        assert_eq!(
            spans(at("10:30:00"), at("13:15:00")),
            vec![
                (HOURLY, at("11:00:00"), at("13:00:00")),
                (MINUTELY, at("10:30:00"), at("11:00:00")),
                (MINUTELY, at("13:00:00"), at("13:15:00"))
            ]
        );
        assert_eq!(spans(at("10:30:00"), at("10:45:00")), vec![(MINUTELY, at("10:30:00"), at("10:45:00"))]);
        assert_eq!(spans(at("10:00:00"), at("12:00:00")), vec![(HOURLY, at("10:00:00"), at("12:00:00"))]);
        assert_eq!(spans(None, None), vec![(HOURLY, None, None)]);
        assert_eq!(spans(at("10:59:00"), at("11:01:00")), vec![(MINUTELY, at("10:59:00"), at("11:01:00"))]);
    }
}
