//! Spans of maintenance and pauses: kept, listed, and applied to what is logged meanwhile.
//!
//! A row of the connection that falls into a span is written with the component `maintenance`, which no figure of health
//! counts. The spans are read once a second at most, inside the transaction that needs them: another node's new span holds
//! here within that second, this node's at once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use simpul_core::access::Scope;
use simpul_core::activity::{Activity, Component};
use simpul_core::id::{IntegrationId, MaintenanceId, PartnerId};
use simpul_core::time::{DAY, Timestamp};
use sqlx::{FromRow, QueryBuilder};

use crate::db::{CHUNK, Tx, read, within};
use crate::error::Result;
use crate::{Page, Store, activity};

/// How long spans that were read are believed.
const LIFETIME: Duration = Duration::from_secs(1);
/// Rows may be logged late: a span that has ended is still applied to them for so long.
const LATE: Duration = Duration::from_millis(DAY.unsigned_abs());

/// A span in which failures are expected. Members that are `None` do not restrict: with all three absent it holds for everything.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MaintenanceWindow {
    pub id: MaintenanceId,
    pub integration_id: Option<IntegrationId>,
    pub partner_id: Option<PartnerId>,
    /// The provider's slug.
    pub provider: Option<String>,
    /// One integration's pause, as `POST …/pause` makes it.
    pub is_pause: bool,
    pub starts_at: Timestamp,
    /// Exclusive; `None` for a pause without an end.
    pub ends_at: Option<Timestamp>,
    pub reason: String,
    /// The user's or key's id.
    pub created_by: String,
    pub created_at: Timestamp,
}

const COLUMNS: &str =
    "id, integration_id, partner_id, provider, is_pause, starts_at, ends_at, reason, created_by, created_at";

impl MaintenanceWindow {
    /// Whether it holds at this time.
    #[must_use]
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.starts_at <= at && self.ends_at.is_none_or(|end| at < end)
    }

    /// Whether it is about this integration.
    #[must_use]
    pub fn is_about(&self, integration_id: IntegrationId, partner_id: PartnerId, provider: &str) -> bool {
        self.integration_id.is_none_or(|id| id == integration_id)
            && self.partner_id.is_none_or(|id| id == partner_id)
            && self.provider.as_deref().is_none_or(|slug| slug == provider)
    }
}

/// The spans that may matter now, with when they were read.
#[derive(Debug, Default)]
pub(crate) struct KnownWindows(Mutex<Option<(Instant, Arc<Vec<MaintenanceWindow>>)>>);

impl KnownWindows {
    fn recall(&self) -> Option<Arc<Vec<MaintenanceWindow>>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|(read_at, _)| read_at.elapsed() < LIFETIME).map(|(_, windows)| Arc::clone(windows))
    }

    fn remember(&self, windows: &Arc<Vec<MaintenanceWindow>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), Arc::clone(windows)));
    }

    fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

const OPEN: &str =
    "SELECT id, integration_id, partner_id, provider, is_pause, starts_at, ends_at, reason, created_by, created_at
    FROM maintenance_windows WHERE ends_at IS NULL OR ends_at > $1 ORDER BY id";

async fn known(store: &Store, tx: &mut Tx) -> Result<Arc<Vec<MaintenanceWindow>>> {
    if let Some(windows) = store.windows.recall() {
        return Ok(windows);
    }
    let since = store.clock.now().minus(LATE);
    let windows: Vec<MaintenanceWindow> =
        within!(&mut *tx, |connection| sqlx::query_as(OPEN).bind(since).fetch_all(connection).await?);
    let windows = Arc::new(windows);
    store.windows.remember(&windows);
    Ok(windows)
}

/// The rows, with those of the connection that fall into a span marked as maintenance.
pub(crate) async fn marked<'a>(store: &Store, tx: &mut Tx, rows: &'a [Activity]) -> Result<Cow<'a, [Activity]>> {
    let counts = |row: &Activity| row.component == Component::Connection && row.action.counts_as_request();
    if !rows.iter().any(counts) {
        return Ok(Cow::Borrowed(rows));
    }
    let windows = known(store, tx).await?;
    let held: Vec<&MaintenanceWindow> =
        windows.iter().filter(|window| rows.iter().any(|row| counts(row) && window.holds_at(row.created_at))).collect();
    if held.is_empty() {
        return Ok(Cow::Borrowed(rows));
    }
    let needs_owners = held.iter().any(|window| window.partner_id.is_some() || window.provider.is_some());
    let owners = if needs_owners { owners(tx, rows).await? } else { HashMap::new() };
    let is_marked = |row: &Activity| {
        let owner = owners.get(&row.integration_id);
        let is_about = |window: &MaintenanceWindow| match owner {
            Some((partner_id, provider)) => window.is_about(row.integration_id, *partner_id, provider),
            None => {
                window.partner_id.is_none()
                    && window.provider.is_none()
                    && window.integration_id.is_none_or(|id| id == row.integration_id)
            }
        };
        counts(row) && held.iter().any(|window| window.holds_at(row.created_at) && is_about(window))
    };
    let mut rows = rows.to_vec();
    for row in &mut rows {
        if is_marked(row) {
            row.component = Component::Maintenance;
        }
    }
    Ok(Cow::Owned(rows))
}

async fn owners(tx: &mut Tx, rows: &[Activity]) -> Result<HashMap<IntegrationId, (PartnerId, String)>> {
    let mut ids: Vec<IntegrationId> = rows.iter().map(|row| row.integration_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut owners = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let found: Vec<(IntegrationId, PartnerId, String)> = within!(&mut *tx, |connection| {
            let mut query =
                QueryBuilder::new("SELECT id, partner_id, provider FROM partner_integrations WHERE id IN (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().persistent(false).fetch_all(connection).await?
        });
        owners.extend(found.into_iter().map(|(id, partner_id, provider)| (id, (partner_id, provider))));
    }
    Ok(owners)
}

/// What a list of spans is about.
#[derive(Debug, Clone, Default)]
pub struct MaintenanceFilter {
    pub partner_id: Option<PartnerId>,
    pub integration_id: Option<IntegrationId>,
    pub provider: Option<String>,
    /// Those that hold now or lie ahead, or those that are over.
    pub is_over: Option<bool>,
}

/// A scoped caller sees what is about its partner or one of its integrations; what holds for all partners is not its to see.
const IN_SCOPE: &str =
    "($1 IS NULL OR partner_id = $1 OR integration_id IN (SELECT id FROM partner_integrations WHERE partner_id = $1))";

impl Store {
    /// The spans that hold now or will.
    pub async fn open_windows(&self, now: Timestamp) -> Result<Vec<MaintenanceWindow>> {
        Ok(read!(self, |pool| sqlx::query_as(OPEN).bind(now).fetch_all(pool).await?))
    }

    /// One page of spans, the newest first, and how many there are in all.
    pub async fn list_windows(
        &self,
        scope: Scope,
        filter: &MaintenanceFilter,
        now: Timestamp,
        page: Page,
    ) -> Result<(Vec<MaintenanceWindow>, i64)> {
        let condition = format!(
            "WHERE {IN_SCOPE} AND ($2 IS NULL OR partner_id = $2) AND ($3 IS NULL OR integration_id = $3)
             AND ($4 IS NULL OR provider = $4) AND ($5 IS NULL OR (ends_at IS NOT NULL AND ends_at <= $6) = $5)"
        );
        let list = format!("SELECT {COLUMNS} FROM maintenance_windows {condition} ORDER BY id DESC LIMIT $7 OFFSET $8");
        let count = format!("SELECT COUNT(*) FROM maintenance_windows {condition}");
        macro_rules! bound {
            ($query:expr) => {
                $query
                    .bind(scope.partner_id())
                    .bind(filter.partner_id)
                    .bind(filter.integration_id)
                    .bind(filter.provider.as_deref())
                    .bind(filter.is_over)
                    .bind(now)
            };
        }
        let rows = read!(self, |pool| bound!(sqlx::query_as(sqlx::AssertSqlSafe(list)))
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total = read!(self, |pool| bound!(sqlx::query_scalar(sqlx::AssertSqlSafe(count))).fetch_one(pool).await?);
        Ok((rows, total))
    }

    /// A span that the caller may see.
    pub async fn find_window(&self, scope: Scope, id: MaintenanceId) -> Result<Option<MaintenanceWindow>> {
        let sql = format!("SELECT {COLUMNS} FROM maintenance_windows WHERE {IN_SCOPE} AND id = $2");
        Ok(read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(scope.partner_id())
            .bind(id)
            .fetch_optional(pool)
            .await?))
    }

    /// How many spans hold now or lie ahead.
    pub async fn count_open_windows(&self, now: Timestamp) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM maintenance_windows WHERE ends_at IS NULL OR ends_at > $1";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(now).fetch_one(pool).await?))
    }

    /// Keeps a span, with the log row of an integration's pause. A pause takes the place of one that still holds.
    pub async fn insert_window(&self, window: &MaintenanceWindow, log: Option<Activity>) -> Result<()> {
        const SQL: &str =
            "INSERT INTO maintenance_windows (id, integration_id, partner_id, provider, is_pause, starts_at, ends_at,
            reason, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let mut tx = self.db.begin().await?;
        if let Some(integration_id) = window.integration_id.filter(|_| window.is_pause) {
            end_pauses(&mut tx, integration_id, window.starts_at).await?;
        }
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(window.id)
                .bind(window.integration_id)
                .bind(window.partner_id)
                .bind(window.provider.as_deref())
                .bind(window.is_pause)
                .bind(window.starts_at)
                .bind(window.ends_at)
                .bind(&window.reason)
                .bind(&window.created_by)
                .bind(window.created_at)
                .execute(connection)
                .await?;
        });
        activity::insert(self, &mut tx, log.as_slice()).await?;
        self.commit_windows(tx).await
    }

    /// Ends an integration's pause. Answers whether there was one; the log row is written only then.
    pub async fn resume(&self, integration_id: IntegrationId, now: Timestamp, log: Activity) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let ended = end_pauses(&mut tx, integration_id, now).await? > 0;
        if ended {
            activity::insert(self, &mut tx, &[log]).await?;
        }
        self.commit_windows(tx).await?;
        Ok(ended)
    }

    /// Ends a span that holds now, or removes one that has not begun: what was marked stays marked.
    pub async fn end_window(&self, id: MaintenanceId, now: Timestamp) -> Result<()> {
        const SQL: &[&str] = &[
            "DELETE FROM maintenance_windows WHERE id = $1 AND starts_at >= $2",
            "UPDATE maintenance_windows SET ends_at = $2 WHERE id = $1 AND (ends_at IS NULL OR ends_at > $2)",
        ];
        let mut tx = self.db.begin().await?;
        for sql in SQL {
            within!(&mut tx, |connection| {
                sqlx::query(*sql).bind(id).bind(now).execute(connection).await?;
            });
        }
        self.commit_windows(tx).await
    }

    async fn commit_windows(&self, tx: Tx) -> Result<()> {
        let committed = tx.commit().await;
        self.windows.forget();
        committed
    }
}

async fn end_pauses(tx: &mut Tx, integration_id: IntegrationId, now: Timestamp) -> Result<u64> {
    const SQL: &str = "UPDATE maintenance_windows SET ends_at = $2 WHERE integration_id = $1 AND is_pause
        AND (ends_at IS NULL OR ends_at > $2)";
    Ok(within!(&mut *tx, |connection| sqlx::query(SQL)
        .bind(integration_id)
        .bind(now)
        .execute(connection)
        .await?
        .rows_affected()))
}
