//! Rollups: for each integration and minute, hour and day, how many activities of each kind there were, by latency bucket.
//! They are incremented in the transaction that writes the rows, so that a figure made of them is exact, and one row of
//! theirs is one bucket of one histogram, so that any window is a sum.
//!
//! Minutes and hours are let go long before the log is: they are contained in the days. What a window then cannot be made of
//! (the part of an hour or a day at its edge) is read from the log itself; [`cover`] says which part comes from where.

use std::collections::BTreeMap;

use simpul_core::activity::Activity;
use simpul_core::error_type::ErrorType;
use simpul_core::histogram::bucket_of;
use simpul_core::id::IntegrationId;
use simpul_core::time::{DAY, HOUR, MINUTE, Timestamp};

use crate::bulk::{Bulk, Part};
use crate::db::Tx;
use crate::error::Result;
use crate::horizons::Horizons;

/// The spans that are kept, in minutes.
pub(crate) const MINUTELY: i32 = 1;
pub(crate) const HOURLY: i32 = 60;
pub(crate) const DAILY: i32 = 1_440;
/// The latency bucket of activities that carry no duration.
pub(crate) const UNTIMED: i32 = -1;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
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
        let key = Key {
            integration_id: activity.integration_id,
            minutes: MINUTELY,
            bucket_start: activity.created_at.floor(MINUTE),
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
    for (key, (requests, duration_sum)) in sums.clone() {
        for (minutes, unit) in [(HOURLY, HOUR), (DAILY, DAY)] {
            let sum =
                sums.entry(Key { minutes, bucket_start: key.bucket_start.floor(unit), ..key.clone() }).or_default();
            sum.0 += requests;
            sum.1 += duration_sum;
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

/// A stretch of time, `to` exclusive; `None` is without an end.
pub(crate) type Stretch = (Option<Timestamp>, Option<Timestamp>);

/// Whole spans of so many minutes each.
pub(crate) type Span = (i32, Option<Timestamp>, Option<Timestamp>);

/// What a window is made of, each moment of it once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cover {
    pub(crate) rollups: Vec<Span>,
    /// What has to be read row by row.
    pub(crate) rows: Vec<Stretch>,
}

/// A window as whole days, what is left of it as hours, what is left of that as minutes, as far back as there are any; the
/// rest as rows: less than a minute at either end, or the part of an hour or a day where it begins or ends long ago.
pub(crate) fn cover(window: Stretch, horizons: &Horizons) -> Cover {
    let mut cover = Cover { rollups: Vec::new(), rows: vec![window] };
    for (minutes, unit, horizon) in
        [(DAILY, DAY, None), (HOURLY, HOUR, horizons.hours), (MINUTELY, MINUTE, horizons.minutes)]
    {
        let mut rest = Vec::new();
        for (from, to) in cover.rows {
            let first = from.map(|from| next(from, unit)).max(horizon);
            let last = to.map(|to| to.floor(unit));
            if first.zip(last).is_some_and(|(first, last)| first >= last) {
                rest.push((from, to));
                continue;
            }
            cover.rollups.push((minutes, first, last));
            rest.extend((from != first).then_some((from, first)));
            rest.extend((to != last).then_some((last, to)));
        }
        cover.rows = rest;
    }
    cover
}

/// The first start of a span of `unit` milliseconds that is not before `time`.
fn next(time: Timestamp, unit: i64) -> Timestamp {
    let start = time.floor(unit);
    if start == time { time } else { Timestamp::from_millis(start.millis() + unit) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        format!("2026-02-21T{text}Z").parse().ok()
    }

    fn day(text: &str) -> Option<Timestamp> {
        format!("2026-02-{text}Z").parse().ok()
    }

    fn whole(from: Option<Timestamp>, to: Option<Timestamp>) -> Cover {
        cover((from, to), &Horizons::default())
    }

    #[test]
    fn a_window_is_the_widest_spans_that_cover_it_once() {
        let hours = whole(at("10:30:00"), at("13:15:00"));
        assert_eq!(hours.rollups[0], (HOURLY, at("11:00:00"), at("13:00:00")));
        assert_eq!(
            hours.rollups[1..],
            [(MINUTELY, at("10:30:00"), at("11:00:00")), (MINUTELY, at("13:00:00"), at("13:15:00"))]
        );
        assert_eq!(whole(at("10:30:00"), at("10:45:00")).rollups, [(MINUTELY, at("10:30:00"), at("10:45:00"))]);
        assert_eq!(whole(at("10:00:00"), at("12:00:00")).rollups, [(HOURLY, at("10:00:00"), at("12:00:00"))]);
        assert_eq!(whole(at("10:59:00"), at("11:01:00")).rollups, [(MINUTELY, at("10:59:00"), at("11:01:00"))]);
        assert_eq!(whole(None, None), Cover { rollups: vec![(DAILY, None, None)], rows: Vec::new() });
        let days = whole(day("01T22:00:00"), day("05T00:00:00"));
        assert_eq!(
            days.rollups,
            [(DAILY, day("02T00:00:00"), day("05T00:00:00")), (HOURLY, day("01T22:00:00"), day("02T00:00:00"))]
        );
        assert_eq!(whole(at("10:59:30"), at("11:00:30")).rows, [(at("10:59:30"), at("11:00:30"))]);
    }

    #[test]
    fn behind_a_horizon_the_edges_are_read_from_rows() {
        let horizons = Horizons { logs: None, hours: day("10T00:00:00"), minutes: day("20T05:00:00") };
        let found = cover((day("12T03:20:00"), day("20T06:30:00")), &horizons);
        assert_eq!(found.rows, [(day("12T03:20:00"), day("12T04:00:00"))]);
        assert_eq!(found.rollups.last(), Some(&(MINUTELY, day("20T06:00:00"), day("20T06:30:00"))));
        let found = cover((day("03T03:20:00"), day("05T00:00:00")), &horizons);
        assert_eq!(found.rollups, [(DAILY, day("04T00:00:00"), day("05T00:00:00"))]);
        assert_eq!(found.rows, [(day("03T03:20:00"), day("04T00:00:00"))]);
        // A horizon inside of the stretch: rows up to it, rollups from it on.
        let found = cover((day("20T04:20:00"), day("20T04:40:00")), &horizons);
        assert_eq!((found.rollups.len(), found.rows.len()), (0, 1));
    }
}
