//! Replays: sending many of a webhook's finished deliveries again, a step at a time, so that it can be watched, paused and
//! cancelled.
//!
//! A replay takes what was made at or before its own creation, in the order of ids, which is the order of time. It keeps the
//! last id that it has dealt with; a step looks at a bounded number of deliveries after it (`advance.rs`), so its cost does
//! not grow with history. All bounds by time are bounds of ids, which carry the time at which they were made.
//!
//! Ranges are written as row values, and ordered by all their columns, so that only the index that begins with the webhook can
//! answer them: by ids alone, PostgreSQL may walk the deliveries of all webhooks.

mod advance;

use simpul_core::access::Scope;
use simpul_core::activity::Activity;
use simpul_core::delivery::State;
use simpul_core::event::{EventType, filter_matches};
use simpul_core::id::{DeliveryId, IntegrationId, ReplayId, WebhookId};
use simpul_core::replay::{ReplayChange, ReplayState};
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow, QueryBuilder};

use crate::db::{Tx, read, within};
use crate::error::{Error, Result};
use crate::{Page, Store, activity};
pub use advance::ReplayStep;

/// Which finished deliveries of a webhook to send again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplayFilter {
    /// One of [`State::FINISHED`]; all of them when absent.
    pub status: Option<State>,
    /// By creation time, both inclusive.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// Names and `family.*` prefixes; empty for all.
    pub events: Vec<String>,
}

impl ReplayFilter {
    /// The states of the deliveries that it selects.
    fn states(&self) -> impl Iterator<Item = State> {
        State::FINISHED.iter().copied().filter(|state| self.status.is_none_or(|status| status == *state))
    }

    /// Whether a delivery within the bounds of time is selected.
    fn selects(&self, state: &str, event_type: &str) -> bool {
        self.states().any(|selected| selected.as_str() == state)
            && (self.events.is_empty()
                || EventType::parse(event_type).is_some_and(|event_type| filter_matches(&self.events, event_type)))
    }

    /// The lowest and the highest id that it can select among deliveries made at or before `until`.
    fn bounds(&self, until: Timestamp) -> (DeliveryId, DeliveryId) {
        let from = self.from.unwrap_or(Timestamp::from_millis(0));
        let to = self.to.map_or(until, |to| to.min(until));
        (DeliveryId::lowest_at(from), DeliveryId::highest_at(to))
    }
}

/// Many deliveries of a webhook on their way to being sent again.
#[derive(Debug, Clone)]
pub struct Replay {
    pub id: ReplayId,
    pub webhook_id: WebhookId,
    pub integration_id: IntegrationId,
    pub state: ReplayState,
    pub filter: ReplayFilter,
    /// Deliveries that the filter selected when the replay was made.
    pub total: i64,
    /// Deliveries set on their way so far; may end below `total`, where some were removed or sent by somebody else meanwhile.
    pub replayed: i64,
    /// The last delivery that was dealt with.
    pub cursor: Option<DeliveryId>,
    /// The user's or key's id, which every attempt carries.
    pub created_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When it was completed or cancelled.
    pub completed_at: Option<Timestamp>,
    /// Whether its webhook takes deliveries now.
    pub webhook_is_active: bool,
}

/// What a filter selects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplayTally {
    pub count: i64,
    /// There were more deliveries to look at than should be: all figures cover the oldest ones alone.
    pub is_partial: bool,
    /// Creation times.
    pub oldest: Option<Timestamp>,
    pub newest: Option<Timestamp>,
    /// By name, in order; types without a delivery are absent.
    pub by_event_type: Vec<(String, i64)>,
}

/// A replay that goes on by itself.
#[derive(Debug, Clone, FromRow)]
pub struct RunningReplay {
    pub id: ReplayId,
    pub webhook_id: WebhookId,
    pub webhook_is_active: bool,
}

#[derive(FromRow)]
struct ReplayRow {
    id: ReplayId,
    webhook_id: WebhookId,
    integration_id: IntegrationId,
    state: String,
    filter_status: Option<String>,
    filter_from: Option<Timestamp>,
    filter_to: Option<Timestamp>,
    filter_events: String,
    total: i64,
    replayed: i64,
    cursor_id: Option<DeliveryId>,
    created_by: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    completed_at: Option<Timestamp>,
    webhook_is_active: bool,
}

impl TryFrom<ReplayRow> for Replay {
    type Error = Error;

    fn try_from(row: ReplayRow) -> Result<Self> {
        let corrupt = |column| Error::Corrupt { table: "replays", column, row: row.id.to_string() };
        let status = match &row.filter_status {
            None => None,
            Some(text) => Some(State::parse(text).ok_or_else(|| corrupt("filter_status"))?),
        };
        Ok(Self {
            id: row.id,
            webhook_id: row.webhook_id,
            integration_id: row.integration_id,
            state: ReplayState::parse(&row.state).ok_or_else(|| corrupt("state"))?,
            filter: ReplayFilter {
                status,
                from: row.filter_from,
                to: row.filter_to,
                events: serde_json::from_str(&row.filter_events).map_err(|_| corrupt("filter_events"))?,
            },
            total: row.total,
            replayed: row.replayed,
            cursor: row.cursor_id,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            completed_at: row.completed_at,
            webhook_is_active: row.webhook_is_active,
        })
    }
}

/// Appends the condition that holds for a webhook's deliveries within bounds of ids, the lower one inclusive (`>=`) or not
/// (`>`), and in the filter's status where it names one.
macro_rules! push_range {
    ($query:expr, $webhook_id:expr, $status:expr, $from:literal, $lowest:expr, $highest:expr) => {
        match $status {
            Some(status) => {
                $query.push(" WHERE webhook_id = ").push_bind($webhook_id);
                $query.push(concat!(" AND (state, id) ", $from, " (")).push_bind(status.as_str());
                $query.push(", ").push_bind($lowest).push(") AND (state, id) <= (").push_bind(status.as_str());
                $query.push(", ").push_bind($highest).push(")");
            }
            None => {
                $query.push(concat!(" WHERE (webhook_id, id) ", $from, " (")).push_bind($webhook_id);
                $query.push(", ").push_bind($lowest).push(") AND (webhook_id, id) <= (").push_bind($webhook_id);
                $query.push(", ").push_bind($highest).push(")");
            }
        }
    };
}
use push_range;

/// The order of ids within a range, as its index has it.
fn range_order(status: Option<State>) -> &'static str {
    if status.is_some() { " ORDER BY state, id LIMIT " } else { " ORDER BY webhook_id, id LIMIT " }
}

const SELECT: &str =
    "SELECT replays.id, replays.webhook_id, replays.integration_id, replays.state, replays.filter_status,
    replays.filter_from, replays.filter_to, replays.filter_events, replays.total, replays.replayed, replays.cursor_id,
    replays.created_by, replays.created_at, replays.updated_at, replays.completed_at,
    integration_webhooks.is_active AS webhook_is_active
    FROM replays JOIN integration_webhooks ON integration_webhooks.id = replays.webhook_id";

#[derive(FromRow)]
struct TallyRow {
    event_type: String,
    state: String,
    deliveries: i64,
    oldest: Timestamp,
    newest: Timestamp,
}

impl Store {
    /// Counts what a filter selects among a webhook's deliveries made at or before `until`. At most `at_most` deliveries are
    /// looked at, the oldest ones, where a bound is given.
    pub async fn tally_replay(
        &self,
        webhook_id: WebhookId,
        filter: &ReplayFilter,
        until: Timestamp,
        at_most: Option<i64>,
    ) -> Result<ReplayTally> {
        let (lowest, highest) = filter.bounds(until);
        let rows: Vec<TallyRow> = read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT event_type, state, COUNT(*) AS deliveries, MIN(created_at) AS oldest, MAX(created_at) AS newest FROM (
                 SELECT event_type, state, created_at FROM deliveries",
            );
            push_range!(query, webhook_id, filter.status, ">=", lowest, highest);
            if let Some(at_most) = at_most {
                query.push(range_order(filter.status)).push_bind(at_most.saturating_add(1));
            }
            query.push(") AS seen GROUP BY event_type, state ORDER BY event_type, state");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        });
        let seen: i64 = rows.iter().map(|row| row.deliveries).sum();
        let mut tally =
            ReplayTally { is_partial: at_most.is_some_and(|at_most| seen > at_most), ..ReplayTally::default() };
        for row in rows.into_iter().filter(|row| filter.selects(&row.state, &row.event_type)) {
            tally.count += row.deliveries;
            tally.oldest = tally.oldest.map(|oldest| oldest.min(row.oldest)).or(Some(row.oldest));
            tally.newest = tally.newest.max(Some(row.newest));
            match tally.by_event_type.last_mut() {
                Some((event_type, count)) if *event_type == row.event_type => *count += row.deliveries,
                _ => tally.by_event_type.push((row.event_type, row.deliveries)),
            }
        }
        Ok(tally)
    }

    pub async fn insert_replay(&self, replay: &Replay, log: Activity) -> Result<()> {
        const SQL: &str =
            "INSERT INTO replays (id, webhook_id, integration_id, state, filter_status, filter_from, filter_to,
            filter_events, total, replayed, created_by, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $11)";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(replay.id)
                .bind(replay.webhook_id)
                .bind(replay.integration_id)
                .bind(replay.state.as_str())
                .bind(replay.filter.status.map(State::as_str))
                .bind(replay.filter.from)
                .bind(replay.filter.to)
                .bind(serde_json::json!(replay.filter.events).to_string())
                .bind(replay.total)
                .bind(&replay.created_by)
                .bind(replay.created_at)
                .execute(connection)
                .await?;
        });
        activity::insert(self, &mut tx, &[log]).await?;
        tx.commit().await
    }

    pub async fn find_replay(&self, scope: Scope, id: ReplayId) -> Result<Option<Replay>> {
        let sql = format!(
            "{SELECT} WHERE replays.id = $1 AND ($2 IS NULL OR replays.integration_id IN
             (SELECT id FROM partner_integrations WHERE partner_id = $2))"
        );
        let row: Option<ReplayRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id)
            .bind(scope.partner_id())
            .fetch_optional(pool)
            .await?);
        row.map(Replay::try_from).transpose()
    }

    /// A webhook's replays, the newest first, and how many there are in all.
    pub async fn list_replays(&self, webhook_id: WebhookId, page: Page) -> Result<(Vec<Replay>, i64)> {
        let list = format!("{SELECT} WHERE replays.webhook_id = $1 ORDER BY replays.id DESC LIMIT $2 OFFSET $3");
        const COUNT: &str = "SELECT COUNT(*) FROM replays WHERE webhook_id = $1";
        let rows: Vec<ReplayRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(list))
            .bind(webhook_id)
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total = read!(self, |pool| sqlx::query_scalar(COUNT).bind(webhook_id).fetch_one(pool).await?);
        Ok((rows.into_iter().map(Replay::try_from).collect::<Result<_>>()?, total))
    }

    /// Replays that go on by themselves, the oldest first, after the given one.
    pub async fn running_replays(&self, after: Option<ReplayId>, limit: u32) -> Result<Vec<RunningReplay>> {
        const SQL: &str = "SELECT replays.id, replays.webhook_id, integration_webhooks.is_active AS webhook_is_active
            FROM replays JOIN integration_webhooks ON integration_webhooks.id = replays.webhook_id
            WHERE replays.state = 'running' AND ($1 IS NULL OR replays.id > $1) ORDER BY replays.id LIMIT $2";
        Ok(read!(self, |pool| sqlx::query_as(SQL).bind(after).bind(i64::from(limit)).fetch_all(pool).await?))
    }

    /// Pauses, resumes or cancels a replay. Answers it as it is then; `None` when its state does not allow it, or it is gone.
    /// `log` makes the row that tells of it.
    pub async fn change_replay(
        &self,
        id: ReplayId,
        change: ReplayChange,
        now: Timestamp,
        log: impl FnOnce(&Replay) -> Activity + Send,
    ) -> Result<Option<Replay>> {
        let mut tx = self.db.begin().await?;
        if !set_state(&mut tx, id, change, now).await? {
            return Ok(None);
        }
        let sql = format!("{SELECT} WHERE replays.id = $1");
        let row: ReplayRow =
            within!(&mut tx, |connection| sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_one(connection).await?);
        let replay = Replay::try_from(row)?;
        activity::insert(self, &mut tx, &[log(&replay)]).await?;
        tx.commit().await?;
        Ok(Some(replay))
    }
}

async fn set_state(tx: &mut Tx, id: ReplayId, change: ReplayChange, now: Timestamp) -> Result<bool> {
    let changed = within!(tx, |connection| {
        let mut query = QueryBuilder::new("UPDATE replays SET state = ");
        query.push_bind(change.to().as_str()).push(", updated_at = ").push_bind(now);
        query.push(", completed_at = ").push_bind(change.to().is_over().then_some(now));
        query.push(" WHERE id = ").push_bind(id).push(" AND state IN (");
        let mut list = query.separated(", ");
        for state in change.from() {
            list.push_bind(state.as_str());
        }
        query.push(")");
        query.build().persistent(false).execute(connection).await?.rows_affected()
    });
    Ok(changed == 1)
}
