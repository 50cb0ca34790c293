//! The activity log: writing rows together with their rollups, and reading them by filter, newest first.

use std::borrow::Cow;

use simpul_core::activity::{Action, Activity, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::id::{IntegrationId, LogId, UserId};
use simpul_core::time::Timestamp;
use sqlx::{FromRow, QueryBuilder};

use crate::bulk::Bulk;
use crate::db::{Tx, read};
use crate::error::Result;
use crate::partners::contains_pattern;
use crate::{Store, activity_counts, connection_hours, maintenance, rollups};

/// A log row as it is read back.
#[derive(Debug, Clone, FromRow)]
pub struct ActivityRow {
    pub id: LogId,
    pub integration_id: IntegrationId,
    pub action: String,
    pub status: String,
    pub component: String,
    pub message: String,
    pub error_type: Option<String>,
    /// JSON text, as are the next two.
    pub request_data: Option<String>,
    pub response_data: Option<String>,
    pub error_details: Option<String>,
    pub duration: Option<i64>,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub user_id: Option<UserId>,
    pub created_at: Timestamp,
}

/// Which rows of an integration's log; empty members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct ActivityFilter {
    pub actions: Vec<Action>,
    pub statuses: Vec<Status>,
    pub error_type: Option<ErrorType>,
    /// Inclusive, as is `end`.
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    /// Must occur in the message.
    pub words: Option<String>,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy)]
pub enum ActivityPage {
    Offset(u32),
    /// After this row, in the order newest first.
    After(Timestamp, LogId),
}

/// How many rows have this action and status.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StatCount {
    pub action: String,
    pub status: String,
    pub count: i64,
}

/// Writes log rows and adds them to the rollups and to what was seen of connections, inside the caller's transaction. What falls
/// into maintenance is marked so.
pub(crate) async fn insert(store: &Store, tx: &mut Tx, rows: &[Activity]) -> Result<()> {
    const SQL: &str = "INSERT INTO integration_logs (id, integration_id, action, status, component, message, error_type, request_data,
        response_data, error_details, duration, ip_address, user_agent, user_id, created_at) ";
    let rows = &*maintenance::marked(store, tx, rows).await?;
    store.touched.note(rows.iter().map(|row| row.integration_id));
    let json = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string);
    let mut bulk = Bulk::default();
    bulk.add(rows.iter().map(|row| row.id))
        .add(rows.iter().map(|row| row.integration_id))
        .add(rows.iter().map(|row| row.action.as_str()))
        .add(rows.iter().map(|row| row.status.as_str()))
        .add(rows.iter().map(|row| row.component.as_str()))
        .add(rows.iter().map(|row| without_nul(&row.message)))
        .add(rows.iter().map(|row| row.error_type.map(ErrorType::as_str)))
        .add(rows.iter().map(|row| json(&row.request_data)))
        .add(rows.iter().map(|row| json(&row.response_data)))
        .add(rows.iter().map(|row| json(&row.error_details)))
        .add(rows.iter().map(|row| row.duration))
        .add(rows.iter().map(|row| row.ip_address.as_deref()))
        .add(rows.iter().map(|row| row.user_agent.as_deref().map(without_nul)))
        .add(rows.iter().map(|row| row.user_id))
        .add(rows.iter().map(|row| row.created_at));
    bulk.execute(tx, SQL, &[]).await?;
    rollups::add(tx, rows).await?;
    activity_counts::add(tx, rows).await?;
    connection_hours::add(tx, rows).await
}

/// PostgreSQL keeps no NUL in a text.
fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// Appends the filter's conditions on kinds of rows to a statement that ends in a condition.
macro_rules! push_kinds {
    ($query:expr, $filter:expr) => {{
        if !$filter.actions.is_empty() {
            $query.push(" AND action IN (");
            let mut list = $query.separated(", ");
            for action in &$filter.actions {
                list.push_bind(action.as_str());
            }
            $query.push(")");
        }
        if !$filter.statuses.is_empty() {
            $query.push(" AND status IN (");
            let mut list = $query.separated(", ");
            for status in &$filter.statuses {
                list.push_bind(status.as_str());
            }
            $query.push(")");
        }
        if let Some(error_type) = $filter.error_type {
            $query.push(" AND error_type = ").push_bind(error_type.as_str());
        }
    }};
}
pub(crate) use push_kinds;

/// Appends all of the filter's conditions.
macro_rules! push_filter {
    ($query:expr, $filter:expr, $start:expr) => {{
        if let Some(start) = $start {
            $query.push(" AND created_at >= ").push_bind(start);
        }
        if let Some(end) = $filter.end {
            $query.push(" AND created_at <= ").push_bind(end);
        }
        push_kinds!($query, $filter);
        if let Some(words) = &$filter.words {
            $query.push(" AND LOWER(message) LIKE ").push_bind(contains_pattern(words)).push(" ESCAPE '!'");
        }
    }};
}

impl Store {
    /// Writes rows at once, outside the queue of writes: for changes that people make.
    pub async fn insert_activity(&self, rows: &[Activity]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        insert(self, &mut tx, rows).await?;
        tx.commit().await
    }

    /// One page of an integration's log, newest first.
    pub async fn list_activity(
        &self,
        integration_id: IntegrationId,
        filter: &ActivityFilter,
        page: ActivityPage,
        limit: u32,
    ) -> Result<Vec<ActivityRow>> {
        let start = self.readable_from(filter.start).await?;
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT id, integration_id, action, status, component, message, error_type, request_data, response_data,
                 error_details, duration, ip_address, user_agent, user_id, created_at FROM integration_logs WHERE integration_id = ",
            );
            query.push_bind(integration_id);
            push_filter!(query, filter, start);
            if let ActivityPage::After(created_at, id) = page {
                query.push(" AND (created_at, id) < (").push_bind(created_at).push(", ").push_bind(id).push(")");
            }
            query.push(" ORDER BY created_at DESC, id DESC LIMIT ").push_bind(i64::from(limit));
            if let ActivityPage::Offset(offset) = page {
                query.push(" OFFSET ").push_bind(i64::from(offset));
            }
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }

    /// Exact counts by action and status for a filter: days, and hours and minutes at their edges, from what was counted when they were written, the rest from rows. A
    /// filter on words has to read the rows.
    pub async fn count_activity(
        &self,
        integration_id: IntegrationId,
        filter: &ActivityFilter,
    ) -> Result<Vec<StatCount>> {
        let horizons = self.horizons().await?;
        let start = horizons.logs.max(filter.start);
        // The end of a filter is inclusive to the millisecond.
        let end = filter.end.map(|end| Timestamp::from_millis(end.millis().saturating_add(1)));
        if filter.words.is_some() {
            return self.count_rows(integration_id, filter, start, end).await;
        }
        if start.zip(end).is_some_and(|(start, end)| start >= end) {
            return Ok(Vec::new());
        }
        let cover = rollups::cover((start, end), &horizons);
        let mut counts = self.count_spans(integration_id, filter, &cover.rollups).await?;
        for (from, to) in cover.rows {
            counts.extend(self.count_rows(integration_id, filter, from, to).await?);
        }
        Ok(summed(counts))
    }

    async fn count_rows(
        &self,
        integration_id: IntegrationId,
        filter: &ActivityFilter,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Vec<StatCount>> {
        let end = to.map(|to| Timestamp::from_millis(to.millis() - 1));
        let filter = ActivityFilter { end, ..filter.clone() };
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT action, status, COUNT(*) AS count FROM integration_logs WHERE integration_id = ",
            );
            query.push_bind(integration_id);
            push_filter!(query, filter, from);
            query.push(" GROUP BY action, status ORDER BY action, status");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }

    /// The later of `start` and the age to which retention has removed rows, so that counts speak of rows that are there.
    async fn readable_from(&self, start: Option<Timestamp>) -> Result<Option<Timestamp>> {
        Ok(self.horizons().await?.logs.max(start))
    }

    /// Whether anything at all was logged for an integration, deleted ones included.
    pub async fn has_activity(&self, integration_id: IntegrationId) -> Result<bool> {
        const SQL: &str = "SELECT id FROM integration_logs WHERE integration_id = $1 LIMIT 1";
        let row: Option<LogId> =
            read!(self, |pool| sqlx::query_scalar(SQL).bind(integration_id).fetch_optional(pool).await?);
        Ok(row.is_some())
    }
}

/// Adds up counts of the same action and status.
fn summed(counts: Vec<StatCount>) -> Vec<StatCount> {
    let mut sums = std::collections::BTreeMap::new();
    for StatCount { action, status, count } in counts {
        *sums.entry((action, status)).or_insert(0) += count;
    }
    sums.into_iter().map(|((action, status), count)| StatCount { action, status, count }).collect()
}
