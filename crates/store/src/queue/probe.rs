//! Open circuits: when a delivery is let through to see whether the receiver answers again.

use std::time::Duration;

use simpul_core::id::WebhookId;
use simpul_core::time::Timestamp;

use crate::Store;
use crate::db::{Tx, read, within};
use crate::error::Result;

/// A probe that was taken and of which nothing was heard is taken again after this long: longer than any attempt lasts.
const UNHEARD: Duration = Duration::from_secs(75);

impl Store {
    /// The webhooks whose circuit is open, whose probe is due, and for which something waits.
    pub(super) async fn due_probes(&self, now: Timestamp) -> Result<Vec<WebhookId>> {
        const SQL: &str = "SELECT id FROM integration_webhooks WHERE circuit = 'open' AND is_active AND next_probe_at <= $1
            AND EXISTS (SELECT 1 FROM deliveries WHERE deliveries.webhook_id = integration_webhooks.id AND deliveries.state = 'pending'
                AND deliveries.next_attempt_at <= $1)
            ORDER BY next_probe_at LIMIT 50";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(now).fetch_all(pool).await?))
    }

    /// No open circuit waits longer than until then for its probe.
    pub(super) async fn probe_by(&self, at: Timestamp) -> Result<()> {
        const SQL: &str =
            "UPDATE integration_webhooks SET next_probe_at = $1 WHERE circuit = 'open' AND next_probe_at > $1";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL).bind(at).execute(connection).await?;
        });
        tx.commit().await
    }
}

/// Takes these probes for this node; answers those that no other node took first.
pub(super) async fn take_probes(tx: &mut Tx, due: &[WebhookId], now: Timestamp) -> Result<Vec<WebhookId>> {
    const SQL: &str =
        "UPDATE integration_webhooks SET next_probe_at = $2 WHERE id = $1 AND circuit = 'open' AND next_probe_at <= $3";
    let mut taken = Vec::new();
    let mut due = due.to_vec();
    due.sort_unstable();
    for id in due {
        let changed = within!(&mut *tx, |connection| sqlx::query(SQL)
            .bind(id)
            .bind(now.plus(UNHEARD))
            .bind(now)
            .execute(connection)
            .await?
            .rows_affected());
        if changed == 1 {
            taken.push(id);
        }
    }
    Ok(taken)
}
