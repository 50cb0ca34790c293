//! What providers sent, whatever became of it.

use simpul_core::id::{IntegrationId, NotificationId};
use simpul_core::time::Timestamp;
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::db::{CHUNK, Tx, read, within};
use crate::error::Result;

/// One request to an inbound URL.
#[derive(Debug, Clone, FromRow)]
pub struct Notification {
    pub id: NotificationId,
    pub integration_id: IntegrationId,
    /// `accepted`, `duplicate`, `kept` (genuine, but it became no event) or `refused`.
    pub outcome: String,
    pub reason: Option<String>,
    /// JSON text, secrets redacted.
    pub headers: String,
    /// As received, where no event carries it.
    pub body: Option<String>,
    pub remote_address: Option<String>,
    pub received_at: Timestamp,
}

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

pub(crate) async fn insert(tx: &mut Tx, notifications: &[Notification]) -> Result<()> {
    for chunk in notifications.chunks(CHUNK) {
        within!(&mut *tx, |connection| {
            let mut query = QueryBuilder::new(
                "INSERT INTO inbound_notifications (id, integration_id, outcome, reason, headers, body, remote_address, received_at) ",
            );
            query.push_values(chunk, |mut row, notification| {
                row.push_bind(notification.id)
                    .push_bind(notification.integration_id)
                    .push_bind(&notification.outcome)
                    .push_bind(notification.reason.as_deref())
                    .push_bind(&notification.headers)
                    .push_bind(notification.body.as_deref().map(|body| body.replace('\0', "\u{fffd}")))
                    .push_bind(notification.remote_address.as_deref())
                    .push_bind(notification.received_at);
            });
            query.build().persistent(chunk.len() == 1).execute(connection).await?;
        });
    }
    Ok(())
}

impl Store {
    /// What a provider sent to an integration, newest first.
    pub async fn list_notifications(
        &self,
        integration_id: IntegrationId,
        outcome: Option<&str>,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Notification>> {
        const SQL: &str = "SELECT id, integration_id, outcome, reason, headers, body, remote_address, received_at
            FROM inbound_notifications WHERE integration_id = $1 AND ($2 IS NULL OR outcome = $2)
            ORDER BY id DESC LIMIT $3 OFFSET $4";
        Ok(read!(self, |pool| sqlx::query_as(SQL)
            .bind(integration_id)
            .bind(outcome)
            .bind(i64::from(limit))
            .bind(i64::from(offset))
            .fetch_all(pool)
            .await?))
    }

    /// How many notifications an integration has, counted to `at_most`: the cost of a page must not grow with history.
    pub async fn count_notifications(
        &self,
        integration_id: IntegrationId,
        outcome: Option<&str>,
        at_most: i64,
    ) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM (SELECT id FROM inbound_notifications
            WHERE integration_id = $1 AND ($2 IS NULL OR outcome = $2) LIMIT $3) AS counted";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL)
            .bind(integration_id)
            .bind(outcome)
            .bind(at_most)
            .fetch_one(pool)
            .await?))
    }
}
