//! Group commit: one task writes what many callers bring.
//!
//! Callers put a write and a way to answer into a bounded queue. The task takes everything that has gathered, up to
//! [`BATCH`], writes it in one transaction, and answers each caller after the commit. While it commits, the next batch
//! gathers: nobody waits for a timer, an idle store answers at once, and a busy one pays for one commit for hundreds of
//! writes. If a batch fails for a reason that may lie in one of its writes, each is tried alone, so that one caller's fault
//! is not everybody's. A full queue is an error at once: the caller says 503 and memory does not grow.
//!
//! Deliveries that a commit leased to this node go from here to the dispatcher, so that a caller who has gone away in the
//! meantime leaves nothing behind in memory that only it knew of.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use simpul_core::activity::Activity;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ingest::{self, Accepted, Ingest};
use crate::queue::LeasedDelivery;
use crate::settle::{self, Settled, Settlement};
use crate::{Store, activity};

/// Writes in one transaction.
const BATCH: usize = 512;
/// Writes that may wait.
const QUEUE: usize = 8_192;

enum Write {
    Ingest(Box<Ingest>, oneshot::Sender<Result<Vec<Accepted>>>),
    Settle(Box<Settlement>, oneshot::Sender<Result<()>>),
    Record(Vec<Activity>, oneshot::Sender<Result<()>>),
}

/// Where the writer leaves what it leased, and how it is set up.
pub struct WriterOptions {
    /// Deliveries leased to this node arrive here; at most `slots` are under way.
    pub leased: mpsc::Sender<LeasedDelivery>,
    /// How many more deliveries the dispatcher has room for in memory. It adds to this as it finishes them.
    pub slots: Arc<AtomicUsize>,
    /// Woken when deliveries were left waiting in the table.
    pub waiting: Arc<Notify>,
    /// Consecutive exhausted deliveries before a webhook is disabled.
    pub disable_after: u32,
}

/// The queue's entrance. Cheap to clone.
#[derive(Clone)]
pub struct Writer(mpsc::Sender<Write>);

impl Writer {
    /// Starts the writing task. It ends, with everything written, when the last clone of the writer is dropped.
    pub fn start(store: Store, options: WriterOptions) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(store, options, receiver));
        (Self(sender), task)
    }

    /// Stores events, their deliveries and their log rows. Returns once they are durable.
    ///
    /// # Errors
    /// [`Error::Full`] at once when too much is waiting; otherwise what the store said.
    pub async fn ingest(&self, ingest: Ingest) -> Result<Vec<Accepted>> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Write::Ingest(Box::new(ingest), answer)).map_err(|_| Error::Full)?;
        answered.await.map_err(|_| Error::Full)?
    }

    /// Writes down how an attempt ended; waits for room in the queue, since the attempt cannot be taken back.
    ///
    /// # Errors
    /// What the store said.
    pub async fn settle(&self, settlement: Settlement) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Write::Settle(Box::new(settlement), answer)).await.map_err(|_| Error::Full)?;
        answered.await.map_err(|_| Error::Full)?
    }

    /// Writes log rows, all or none.
    ///
    /// # Errors
    /// [`Error::Full`] at once when too much is waiting; otherwise what the store said.
    pub async fn record(&self, rows: Vec<Activity>) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Write::Record(rows, answer)).map_err(|_| Error::Full)?;
        answered.await.map_err(|_| Error::Full)?
    }

    /// How many more writes the queue has room for.
    #[must_use]
    pub fn room(&self) -> usize {
        self.0.capacity()
    }
}

async fn run(store: Store, options: WriterOptions, mut receiver: mpsc::Receiver<Write>) {
    let mut batch = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut batch, BATCH).await > 0 {
        let writes = std::mem::take(&mut batch);
        match commit(&store, &options, &writes).await {
            Ok(outcome) => answer(writes, outcome),
            Err(error) if writes.len() == 1 || error.is_transient() => refuse(writes, &error),
            Err(_) => {
                for write in writes {
                    let alone = [write];
                    match commit(&store, &options, &alone).await {
                        Ok(outcome) => answer(alone.into(), outcome),
                        Err(error) => refuse(alone.into(), &error),
                    }
                }
            }
        }
    }
}

/// What a committed batch has for its callers.
struct Outcome {
    accepted: Vec<Vec<Accepted>>,
    settled: Settled,
}

async fn commit(store: &Store, options: &WriterOptions, batch: &[Write]) -> Result<Outcome> {
    let slots = options.slots.load(Ordering::Acquire);
    let mut tx = store.db.begin().await?;
    let outcome = apply(store, &mut tx, options, batch, slots).await?;
    tx.commit().await?;
    let (outcome, leased, waiting) = outcome;
    // Only this task takes slots, so there are still as many as were counted.
    options.slots.fetch_sub(leased.len(), Ordering::AcqRel);
    for delivery in leased {
        // The channel has a place for every slot. If the dispatcher is gone, the lease runs out and another takes it.
        if options.leased.try_send(delivery).is_err() {
            options.slots.fetch_add(1, Ordering::AcqRel);
        }
    }
    if waiting > 0 {
        options.waiting.notify_one();
    }
    Ok(outcome)
}

async fn apply(
    store: &Store,
    tx: &mut Tx,
    options: &WriterOptions,
    batch: &[Write],
    slots: usize,
) -> Result<(Outcome, Vec<LeasedDelivery>, usize)> {
    let mut ingests = Vec::new();
    let mut settlements = Vec::new();
    let mut rows = Vec::new();
    for write in batch {
        match write {
            Write::Ingest(ingest, _) => ingests.push(&**ingest),
            Write::Settle(settlement, _) => settlements.push(&**settlement),
            Write::Record(own, _) => rows.extend(own.iter().cloned()),
        }
    }
    let mut settled = settle::apply(store, tx, &settlements, options.disable_after, slots).await?;
    let mut leased = std::mem::take(&mut settled.leased);
    let ingested = ingest::apply(store, tx, &ingests, slots - leased.len()).await?;
    activity::insert(tx, &rows).await?;
    leased.extend(ingested.leased);
    let waiting = settled.waiting + ingested.waiting;
    Ok((Outcome { accepted: ingested.accepted, settled }, leased, waiting))
}

fn answer(batch: Vec<Write>, outcome: Outcome) {
    for (webhook_id, reason) in &outcome.settled.disabled {
        tracing::warn!(webhook.id = %webhook_id, reason, "webhook disabled");
    }
    let mut accepted = outcome.accepted.into_iter();
    for write in batch {
        // A caller that has gone away needs no answer.
        match write {
            Write::Ingest(_, caller) => drop(caller.send(Ok(accepted.next().unwrap_or_default()))),
            Write::Settle(_, caller) | Write::Record(_, caller) => drop(caller.send(Ok(()))),
        }
    }
}

fn refuse(batch: Vec<Write>, error: &Error) {
    tracing::error!(writes = batch.len(), error = %chain(error), "a batch of writes failed");
    let again = || match error {
        Error::Conflict(what) => Error::Conflict(what),
        error if error.is_transient() => Error::Full,
        _ => Error::Database(sqlx::Error::RowNotFound),
    };
    for write in batch {
        match write {
            Write::Ingest(_, caller) => drop(caller.send(Err(again()))),
            Write::Settle(_, caller) | Write::Record(_, caller) => drop(caller.send(Err(again()))),
        }
    }
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
