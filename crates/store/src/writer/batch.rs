//! One transaction of the writer: what the writes of a batch become, and what goes to the dispatcher once it has committed.

use std::time::Duration;

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ingest::{self, Accepted};
use crate::queue::{LeasedDelivery, News};
use crate::settle::{self, Settled};
use crate::writer::{Write, WriterOptions};
use crate::{Store, activity, queue};

/// For one transaction, waiting for a connection included.
const PATIENCE: Duration = Duration::from_secs(10);

/// The writes that go together.
pub(super) struct Batch<'a>(pub(super) &'a [Write]);

/// What a committed batch brought about.
pub(super) struct Written {
    /// One list an ingest, in the order of the batch.
    pub(super) accepted: Vec<Vec<Accepted>>,
    settled: Settled,
    leased: Vec<LeasedDelivery>,
    waiting: usize,
}

impl Batch<'_> {
    /// Commits, or gives up after [`PATIENCE`]: a database that stands still must not keep callers waiting without an end.
    /// What it made of the transaction is not known then; callers are told to try again, and their keys tell a repetition.
    pub(super) async fn commit(&self, store: &Store, options: &WriterOptions) -> Result<Written> {
        let stuck = |_| Error::Unavailable(sqlx::Error::PoolTimedOut);
        tokio::time::timeout(PATIENCE, self.commit_at_leisure(store, options)).await.map_err(stuck)?
    }

    async fn commit_at_leisure(&self, store: &Store, options: &WriterOptions) -> Result<Written> {
        let mut tx = store.db.begin().await?;
        let written = self.apply(store, &mut tx, options).await?;
        if written.waiting > 0 {
            queue::tell(&mut tx, News::Waiting).await?;
        }
        tx.commit().await?;
        Ok(written)
    }

    async fn apply(&self, store: &Store, tx: &mut Tx, options: &WriterOptions) -> Result<Written> {
        let mut ingests = Vec::new();
        let mut settlements = Vec::new();
        let mut rows = Vec::new();
        for write in self.0 {
            match write {
                Write::Ingest(ingest, ..) => ingests.push(&**ingest),
                Write::Settle(settlement, _) => settlements.push(&**settlement),
                Write::Record(own, _) => rows.extend(own.iter().cloned()),
                Write::Flush(_) => {}
            }
        }
        let mut settled = settle::apply(store, tx, &settlements, &options.disable, &options.room, &mut rows).await?;
        let ingested = ingest::apply(store, tx, &ingests, &options.room, &mut rows).await?;
        activity::insert(store, tx, &rows).await?;
        let mut leased = std::mem::take(&mut settled.leased);
        leased.extend(ingested.leased);
        let waiting = settled.waiting + ingested.waiting;
        Ok(Written { accepted: ingested.accepted, settled, leased, waiting })
    }
}

impl Written {
    /// Hands what was leased to the dispatcher and tells who must know.
    pub(super) fn hand_on(&self, options: &WriterOptions) {
        super::tell(&self.settled);
        for webhook_id in &self.settled.recalled {
            (options.recall)(*webhook_id);
        }
        for delivery in &self.leased {
            // The channel has a place for every place in the room. If the dispatcher is gone, the lease runs out.
            if options.leased.try_send(delivery.clone()).is_err() {
                tracing::debug!(delivery.id = %delivery.id, "leased while stopping; it is given back");
            }
        }
        if self.waiting > 0 {
            options.waiting.notify_one();
        }
    }
}
