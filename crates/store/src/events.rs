//! Events as they are kept and read back. Writing them is `ingest.rs`.

use simpul_core::access::Scope;
use simpul_core::event::EventType;
use simpul_core::id::{EventId, IntegrationId, PartnerId};
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow, QueryBuilder};

use crate::Store;
use crate::db::read;
use crate::error::Result;

/// Who told the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventSource {
    Provider,
    Platform,
    Hub,
}

impl EventSource {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Platform => "platform",
            Self::Hub => "hub",
        }
    }
}

/// An event as it is read back.
#[derive(Debug, Clone, FromRow)]
pub struct EventRow {
    pub id: EventId,
    pub integration_id: IntegrationId,
    pub partner_id: PartnerId,
    pub event_type: String,
    pub source: String,
    pub subject: Option<String>,
    /// It arrived after an event that stands further along the same subject's life, and was not delivered.
    pub is_late: bool,
    /// The delivered body, byte for byte.
    pub payload: String,
    pub occurred_at: Timestamp,
    pub created_at: Timestamp,
}

const COLUMNS: &str =
    "id, integration_id, partner_id, event_type, source, subject, is_late, payload, occurred_at, created_at";

impl Store {
    /// An integration's events, newest first, before `cursor` where one is given.
    pub async fn list_events(
        &self,
        integration_id: IntegrationId,
        event_type: Option<EventType>,
        cursor: Option<EventId>,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<EventRow>> {
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM events WHERE integration_id = "));
            query.push_bind(integration_id);
            if let Some(event_type) = event_type {
                query.push(" AND event_type = ").push_bind(event_type.as_str());
            }
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

    pub async fn find_event(&self, scope: Scope, id: EventId) -> Result<Option<EventRow>> {
        let sql = format!("SELECT {COLUMNS} FROM events WHERE id = $1 AND ($2 IS NULL OR partner_id = $2)");
        Ok(read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id)
            .bind(scope.partner_id())
            .fetch_optional(pool)
            .await?))
    }

    /// How many events an integration has, counted to `at_most`: the cost of a page must not grow with history.
    pub async fn count_events(
        &self,
        integration_id: IntegrationId,
        event_type: Option<EventType>,
        at_most: i64,
    ) -> Result<i64> {
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT id FROM events WHERE integration_id = ");
            query.push_bind(integration_id);
            if let Some(event_type) = event_type {
                query.push(" AND event_type = ").push_bind(event_type.as_str());
            }
            query.push(" LIMIT ").push_bind(at_most).push(") AS counted");
            query.build_query_scalar().persistent(false).fetch_one(pool).await?
        }))
    }
}
