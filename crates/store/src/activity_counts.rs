//! How many log rows of each kind there are: of whole days from a table of their own, which is a few rows a day however varied
//! the response times are; of shorter spans from rollups.

use std::collections::BTreeMap;

use simpul_core::activity::Activity;
use simpul_core::error_type::ErrorType;
use simpul_core::id::IntegrationId;
use simpul_core::time::{DAY, Timestamp};
use sqlx::QueryBuilder;

use crate::Store;
use crate::activity::{ActivityFilter, StatCount, push_kinds};
use crate::bulk::{Bulk, Part};
use crate::db::{Tx, read};
use crate::error::Result;
use crate::rollups::{DAILY, Span, push_spans};

/// Adds rows to the days. Keys are written in one order everywhere, so that two nodes cannot wait for each other.
pub(crate) async fn add(tx: &mut Tx, rows: &[Activity]) -> Result<()> {
    const INSERT: &str =
        "INSERT INTO activity_counts (integration_id, day_start, action, status, error_type, requests) ";
    const ADD: &str = " ON CONFLICT (integration_id, day_start, action, status, error_type)
        DO UPDATE SET requests = activity_counts.requests + excluded.requests";
    let mut days: BTreeMap<_, i64> = BTreeMap::new();
    for activity in rows {
        let error_type = activity.error_type.map_or("", ErrorType::as_str);
        let day_start = activity.created_at.floor(DAY);
        let key = (activity.integration_id, day_start, activity.action.as_str(), activity.status.as_str(), error_type);
        *days.entry(key).or_default() += 1;
    }
    let mut bulk = Bulk::default();
    bulk.add(days.keys().map(|key| key.0))
        .add(days.keys().map(|key| key.1))
        .add(days.keys().map(|key| key.2))
        .add(days.keys().map(|key| key.3))
        .add(days.keys().map(|key| key.4))
        .add(days.values().copied());
    bulk.execute(tx, INSERT, &[Part::Sql(ADD)]).await?;
    Ok(())
}

impl Store {
    /// Counts of these spans by action and status, a pair as often as there are kinds of spans.
    pub(crate) async fn count_spans(
        &self,
        integration_id: IntegrationId,
        filter: &ActivityFilter,
        spans: &[Span],
    ) -> Result<Vec<StatCount>> {
        let (days, shorter): (Vec<Span>, Vec<Span>) = spans.iter().partition(|(minutes, ..)| *minutes == DAILY);
        let mut counts = Vec::new();
        for (_, from, to) in days {
            counts.extend(self.count_days(integration_id, filter, from, to).await?);
        }
        if !shorter.is_empty() {
            counts.extend(self.count_rollups(integration_id, filter, &shorter).await?);
        }
        Ok(counts)
    }

    async fn count_days(
        &self,
        integration_id: IntegrationId,
        filter: &ActivityFilter,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Vec<StatCount>> {
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT action, status, CAST(SUM(requests) AS BIGINT) AS count FROM activity_counts WHERE integration_id = ",
            );
            query.push_bind(integration_id);
            if let Some(from) = from {
                query.push(" AND day_start >= ").push_bind(from);
            }
            if let Some(to) = to {
                query.push(" AND day_start < ").push_bind(to);
            }
            push_kinds!(query, filter);
            query.push(" GROUP BY action, status");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }

    async fn count_rollups(
        &self,
        integration_id: IntegrationId,
        filter: &ActivityFilter,
        spans: &[Span],
    ) -> Result<Vec<StatCount>> {
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT action, status, CAST(SUM(requests) AS BIGINT) AS count FROM activity_rollups WHERE integration_id = ",
            );
            query.push_bind(integration_id);
            push_spans!(query, spans);
            push_kinds!(query, filter);
            query.push(" GROUP BY action, status");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }
}
