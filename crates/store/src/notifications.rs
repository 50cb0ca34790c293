//! What providers sent, whatever became of it. A refused notification keeps its request, sealed, for as long as it is among
//! the integration's newest thousand, so that it can be accepted once the secret is mended.

use simpul_core::access::Scope;
use simpul_core::id::{IntegrationId, NotificationId};
use simpul_core::refusal::RefusalReason;
use simpul_core::time::Timestamp;
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::db::{CHUNK, Tx, read, within};
use crate::error::{Error, Result};

/// Refused notifications of one integration that keep their request.
const REQUESTS_KEPT: i64 = 1_000;
/// Requests that one statement lets go.
const LET_GO: i64 = 500;
/// What a sealed request is bound to, beside integration and row.
const FIELD: &str = "request";

/// One request to an inbound URL, as it is written.
#[derive(Debug, Clone)]
pub struct Notification {
    pub id: NotificationId,
    pub integration_id: IntegrationId,
    /// `accepted`, `duplicate`, `kept` (genuine, but it became no event) or `refused`.
    pub outcome: String,
    pub reason: Option<String>,
    /// For a refused one.
    pub reason_code: Option<RefusalReason>,
    /// JSON text, secrets redacted.
    pub headers: String,
    /// As received, where no event carries it.
    pub body: Option<String>,
    /// From [`Store::seal_request`], for a refused one.
    pub sealed_request: Option<String>,
    pub remote_address: Option<String>,
    pub received_at: Timestamp,
    /// Who accepts it, and when, where this is a refused notification whose row is there already: the row is marked, and
    /// the write fails with [`Error::Conflict`] if it was accepted before.
    pub acceptance: Option<(String, Timestamp)>,
}

/// One request to an inbound URL, as it is read back; the request itself stays sealed.
#[derive(Debug, Clone, FromRow)]
pub struct NotificationRow {
    pub id: NotificationId,
    pub integration_id: IntegrationId,
    pub outcome: String,
    pub reason: Option<String>,
    pub reason_code: Option<String>,
    pub headers: String,
    pub body: Option<String>,
    pub remote_address: Option<String>,
    pub received_at: Timestamp,
    /// The whole request is still there.
    pub has_request: bool,
    pub accepted_at: Option<Timestamp>,
    pub accepted_by: Option<String>,
}

/// Which of an integration's notifications; empty members do not restrict.
#[derive(Debug, Clone, Copy, Default)]
pub struct NotificationFilter<'a> {
    pub outcome: Option<&'a str>,
    pub reason: Option<RefusalReason>,
}

/// Which refused notifications to accept again; empty members do not restrict.
#[derive(Debug, Clone, Copy, Default)]
pub struct AcceptFilter {
    pub reason: Option<RefusalReason>,
    /// Received then or later.
    pub from: Option<Timestamp>,
    /// Received then or before.
    pub to: Option<Timestamp>,
}

const COLUMNS: &str = "id, integration_id, outcome, reason, reason_code, headers, body, remote_address, received_at,
    sealed_request IS NOT NULL AS has_request, accepted_at, accepted_by";

impl Notification {
    /// The same notification, told apart from its first arrival.
    pub(crate) fn or_duplicate(mut self, is_duplicate: bool) -> Self {
        if is_duplicate {
            "duplicate".clone_into(&mut self.outcome);
            self.body = None;
        }
        self
    }
}

/// Writes notifications, or marks those that are accepted after all.
pub(crate) async fn insert(tx: &mut Tx, notifications: &[Notification]) -> Result<()> {
    let (accepted, fresh): (Vec<_>, Vec<_>) = notifications.iter().partition(|row| row.acceptance.is_some());
    for chunk in fresh.chunks(CHUNK) {
        within!(&mut *tx, |connection| {
            let mut query = QueryBuilder::new(
                "INSERT INTO inbound_notifications (id, integration_id, outcome, reason, reason_code, headers, body, sealed_request,
                 remote_address, received_at) ",
            );
            query.push_values(chunk, |mut row, notification| {
                row.push_bind(notification.id)
                    .push_bind(notification.integration_id)
                    .push_bind(&notification.outcome)
                    .push_bind(notification.reason.as_deref().map(|reason| reason.replace('\0', "\u{fffd}")))
                    .push_bind(notification.reason_code.map(RefusalReason::as_str))
                    .push_bind(&notification.headers)
                    .push_bind(notification.body.as_deref().map(|body| body.replace('\0', "\u{fffd}")))
                    .push_bind(notification.sealed_request.as_deref())
                    .push_bind(notification.remote_address.as_deref())
                    .push_bind(notification.received_at);
            });
            query.build().persistent(chunk.len() == 1).execute(connection).await?;
        });
    }
    for notification in accepted {
        mark_accepted(tx, notification).await?;
    }
    Ok(())
}

/// What was accepted needs its request no longer.
async fn mark_accepted(tx: &mut Tx, notification: &Notification) -> Result<()> {
    const SQL: &str = "UPDATE inbound_notifications SET accepted_by = $2, accepted_at = $3, sealed_request = NULL
        WHERE id = $1 AND accepted_at IS NULL";
    let Some((by, at)) = &notification.acceptance else { return Ok(()) };
    let marked = within!(&mut *tx, |connection| sqlx::query(SQL)
        .bind(notification.id)
        .bind(by)
        .bind(*at)
        .execute(connection)
        .await?
        .rows_affected());
    if marked == 1 { Ok(()) } else { Err(Error::Conflict("an acceptance of this notification")) }
}

/// Appends the filter's conditions; the literal outcome lets both databases use the index of refused rows.
macro_rules! push_filter {
    ($query:expr, $integration_id:expr, $filter:expr) => {{
        $query.push(" FROM inbound_notifications WHERE integration_id = ").push_bind($integration_id);
        match $filter.outcome {
            Some("refused") => drop($query.push(" AND outcome = 'refused'")),
            Some(outcome) => drop($query.push(" AND outcome = ").push_bind(outcome.to_owned())),
            // Only what is refused has a reason.
            None if $filter.reason.is_some() => drop($query.push(" AND outcome = 'refused'")),
            None => {}
        }
        if let Some(reason) = $filter.reason {
            $query.push(" AND reason_code = ").push_bind(reason.as_str());
        }
    }};
}

impl Store {
    /// What a provider sent to an integration, newest first, before `cursor` where one is given.
    pub async fn list_notifications(
        &self,
        integration_id: IntegrationId,
        filter: NotificationFilter<'_>,
        cursor: Option<NotificationId>,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<NotificationRow>> {
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(format!("SELECT {COLUMNS}"));
            push_filter!(query, integration_id, filter);
            if let Some(cursor) = cursor {
                query.push(" AND id < ").push_bind(cursor);
            }
            query
                .push(" ORDER BY id DESC LIMIT ")
                .push_bind(i64::from(limit))
                .push(" OFFSET ")
                .push_bind(i64::from(offset));
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }

    /// How many notifications an integration has, counted to `at_most`: the cost of a page must not grow with history.
    pub async fn count_notifications(
        &self,
        integration_id: IntegrationId,
        filter: NotificationFilter<'_>,
        at_most: i64,
    ) -> Result<i64> {
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT id");
            push_filter!(query, integration_id, filter);
            query.push(" LIMIT ").push_bind(at_most).push(") AS counted");
            query.build_query_scalar().persistent(false).fetch_one(pool).await?
        }))
    }

    pub async fn find_notification(&self, scope: Scope, id: NotificationId) -> Result<Option<NotificationRow>> {
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM inbound_notifications WHERE id = "));
            query.push_bind(id).push(" AND integration_id IN (SELECT id FROM partner_integrations");
            if let Some(partner_id) = scope.partner_id() {
                query.push(" WHERE partner_id = ").push_bind(partner_id);
            }
            query.push(")");
            query.build_query_as().persistent(false).fetch_optional(pool).await?
        }))
    }

    /// An integration's refused notifications that can be accepted again, the oldest first.
    pub async fn acceptable_notifications(
        &self,
        integration_id: IntegrationId,
        filter: AcceptFilter,
        limit: u32,
    ) -> Result<Vec<NotificationId>> {
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new("SELECT id FROM inbound_notifications WHERE integration_id = ");
            query.push_bind(integration_id).push(" AND sealed_request IS NOT NULL AND accepted_at IS NULL");
            if let Some(reason) = filter.reason {
                query.push(" AND reason_code = ").push_bind(reason.as_str());
            }
            if let Some(from) = filter.from {
                query.push(" AND received_at >= ").push_bind(from);
            }
            if let Some(to) = filter.to {
                query.push(" AND received_at <= ").push_bind(to);
            }
            query.push(" ORDER BY id LIMIT ").push_bind(i64::from(limit));
            query.build_query_scalar().persistent(false).fetch_all(pool).await?
        }))
    }

    /// Seals a request with the integration's data key, for the row of that id alone.
    pub async fn seal_request(
        &self,
        integration_id: IntegrationId,
        id: NotificationId,
        request: &str,
    ) -> Result<String> {
        self.data_key(integration_id).await?.seal(id, FIELD, request)
    }

    /// The request of a refused notification; `None` where it was not kept, or was let go.
    pub async fn open_request(&self, integration_id: IntegrationId, id: NotificationId) -> Result<Option<String>> {
        const SQL: &str = "SELECT sealed_request FROM inbound_notifications WHERE id = $1 AND integration_id = $2";
        let sealed: Option<Option<String>> =
            read!(self, |pool| sqlx::query_scalar(SQL).bind(id).bind(integration_id).fetch_optional(pool).await?);
        let Some(sealed) = sealed.flatten() else { return Ok(None) };
        self.data_key(integration_id).await?.open(id, FIELD, &sealed).map(Some)
    }

    /// Lets the requests of all but the newest thousand of an integration's refused notifications go. It reads the index of
    /// kept requests alone, which holds hardly more than those.
    pub async fn let_old_requests_go(&self, integration_id: IntegrationId) -> Result<u64> {
        const OLD: &str =
            "SELECT id FROM inbound_notifications WHERE integration_id = $1 AND sealed_request IS NOT NULL
            ORDER BY id DESC LIMIT $2 OFFSET $3";
        const GO: &str = "UPDATE inbound_notifications SET sealed_request = NULL WHERE id = $1";
        let old: Vec<NotificationId> = read!(self, |pool| sqlx::query_scalar(OLD)
            .bind(integration_id)
            .bind(LET_GO)
            .bind(REQUESTS_KEPT)
            .fetch_all(pool)
            .await?);
        if old.is_empty() {
            return Ok(0);
        }
        let mut tx = self.db.begin().await?;
        let mut gone = 0;
        // The newest of them first, so that two nodes take the rows' locks in one order.
        for id in old {
            gone += within!(&mut tx, |connection| sqlx::query(GO).bind(id).execute(connection).await?.rows_affected());
        }
        tx.commit().await?;
        Ok(gone)
    }
}
