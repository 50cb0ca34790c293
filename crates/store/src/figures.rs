//! Figures of the installation as a whole, for whoever watches Simpul itself.

use simpul_core::time::Timestamp;

use crate::Store;
use crate::db::read;
use crate::error::Result;

/// Rows of a backlog are counted up to this many: a long backlog must not make watching it costly.
pub const COUNTED_AT_MOST: i64 = 100_000;

/// What the whole installation looks like, all nodes together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Deliveries that wait in the table, at most [`COUNTED_AT_MOST`], as are the next two.
    pub deliveries_pending: i64,
    pub deliveries_leased: i64,
    /// Those that wait for a disabled webhook.
    pub deliveries_parked: i64,
    /// When the delivery that is due longest was due.
    pub oldest_due_at: Option<Timestamp>,
    /// Webhooks that are disabled, and those whose circuit is open.
    pub webhooks_disabled: i64,
    pub webhooks_open: i64,
    /// Messages of alerts that are not sent yet, at most [`COUNTED_AT_MOST`].
    pub alert_messages_waiting: i64,
    /// Integrations by health status, as last computed.
    pub integrations: Vec<(String, i64)>,
    /// Open incidents by kind and severity.
    pub incidents: Vec<(String, String, i64)>,
}

impl Store {
    /// Reads the figures; the cost does not grow with history.
    pub async fn figures(&self) -> Result<Figures> {
        const INTEGRATIONS: &str = "SELECT health_status, COUNT(*) FROM integration_health WHERE removed_at IS NULL
            GROUP BY health_status ORDER BY health_status";
        const INCIDENTS: &str = "SELECT kind, severity, COUNT(*) FROM incidents WHERE closed_at IS NULL
            GROUP BY kind, severity ORDER BY kind, severity";
        Ok(Figures {
            deliveries_pending: self.backlog("SELECT COUNT(*) FROM (SELECT 1 AS one FROM deliveries WHERE state = 'pending' LIMIT $1) AS few").await?,
            deliveries_leased: self.backlog("SELECT COUNT(*) FROM (SELECT 1 AS one FROM deliveries WHERE state = 'leased' LIMIT $1) AS few").await?,
            deliveries_parked: self.backlog("SELECT COUNT(*) FROM (SELECT 1 AS one FROM deliveries WHERE state = 'parked' LIMIT $1) AS few").await?,
            oldest_due_at: self.oldest_due_at().await?,
            webhooks_disabled: self.backlog("SELECT COUNT(*) FROM (SELECT 1 AS one FROM integration_webhooks WHERE disabled_at IS NOT NULL LIMIT $1) AS few").await?,
            webhooks_open: self.backlog("SELECT COUNT(*) FROM (SELECT 1 AS one FROM integration_webhooks WHERE circuit = 'open' LIMIT $1) AS few").await?,
            alert_messages_waiting: self.backlog("SELECT COUNT(*) FROM (SELECT 1 AS one FROM alert_deliveries WHERE state = 'waiting' LIMIT $1) AS few").await?,
            integrations: read!(self, |pool| sqlx::query_as(INTEGRATIONS).fetch_all(pool).await?),
            incidents: read!(self, |pool| sqlx::query_as(INCIDENTS).fetch_all(pool).await?),
        })
    }

    async fn backlog(&self, sql: &'static str) -> Result<i64> {
        Ok(read!(self, |pool| sqlx::query_scalar(sql).bind(COUNTED_AT_MOST).fetch_one(pool).await?))
    }

    async fn oldest_due_at(&self) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT next_attempt_at FROM deliveries WHERE state = 'pending' AND next_attempt_at <= $1
            ORDER BY next_attempt_at LIMIT 1";
        let now = self.clock.now();
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(now).fetch_optional(pool).await?))
    }
}
