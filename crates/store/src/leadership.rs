//! Work that one node does for all: who leads it, under a lease that ends by itself when its holder dies.
//!
//! A node leads while its lease lasts. It renews well before the end; when it dies, whoever asks after the lease has run out
//! leads from then on. A leader that was too slow to renew may still be at work when the next one begins, so leadership only
//! saves work from being tried twice: what must not happen twice is guarded where it is written.

use std::time::Duration;

use crate::Store;
use crate::db::within;
use crate::error::Result;

impl Store {
    /// Takes the lead of a work, or renews it, for `lease` from now. Answers whether this node leads: it does not while the
    /// lease of another one lasts.
    pub async fn lead(&self, name: &str, lease: Duration) -> Result<bool> {
        const SQL: &str = "INSERT INTO leaderships (name, holder, lease_until) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
            WHERE leaderships.holder = excluded.holder OR leaderships.lease_until <= $4";
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let changed = within!(&mut tx, |connection| sqlx::query(SQL)
            .bind(name)
            .bind(self.node())
            .bind(now.plus(lease))
            .bind(now)
            .execute(connection)
            .await?
            .rows_affected());
        tx.commit().await?;
        Ok(changed == 1)
    }

    /// Gives up the lead, so that another node need not wait for the lease to run out. Does nothing where another one leads.
    pub async fn resign(&self, name: &str) -> Result<()> {
        const SQL: &str = "DELETE FROM leaderships WHERE name = $1 AND holder = $2";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL).bind(name).bind(self.node()).execute(connection).await?;
        });
        tx.commit().await
    }
}
