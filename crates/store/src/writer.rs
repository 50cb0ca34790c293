//! Group commit: one task writes what many callers bring.
//!
//! Callers put a write and a way to answer into a bounded queue. The task takes everything that has gathered, up to a bound,
//! writes it in one transaction, and answers each caller after the commit. While it commits, the next batch gathers: nobody
//! waits for a timer, an idle store answers at once, and a busy one pays for one commit for hundreds of writes. If a batch
//! fails for a reason that may lie in one of its writes, each is tried alone, so that one caller's fault is not everybody's.
//! A full queue, by number or by bytes, is an error at once: the caller says 503 and memory does not grow.
//!
//! An outcome of a delivery cannot be taken back, so it is never refused: while the database is away it is kept here and
//! written when the database is back. Their number is bounded by the places in memory that the deliveries hold (`room.rs`).
//!
//! Deliveries that a commit leased to this node go from here to the dispatcher, so that a caller who has gone away in the
//! meantime leaves nothing behind in memory that only it knew of.

mod batch;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use simpul_core::activity::Activity;
use simpul_core::id::WebhookId;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::Store;
use crate::error::{Error, Result};
use crate::ingest::{Accepted, Ingest};
use crate::metrics::WriterMetrics;
use crate::queue::LeasedDelivery;
use crate::receiver::DisableRules;
use crate::room::Room;
use crate::settle::{Settled, Settlement};
use batch::Batch;

/// Writes that may wait.
const QUEUE: usize = 8_192;
/// Kibibytes of payload that may wait.
const QUEUE_KIB: usize = 64 * 1_024;
/// Writes, and events among them, in one transaction.
const BATCH: usize = 512;
const BATCH_EVENTS: usize = 2_000;
/// Before an outcome that could not be written is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

enum Write {
    Ingest(Box<Ingest>, oneshot::Sender<Result<Vec<Accepted>>>, OwnedSemaphorePermit),
    Settle(Box<Settlement>, Option<oneshot::Sender<Result<()>>>),
    Record(Vec<Activity>, oneshot::Sender<Result<()>>),
    /// Kept with outcomes until the database takes writes again: it is answered only after they are written.
    Flush(oneshot::Sender<()>),
}

impl Write {
    fn events(&self) -> usize {
        match self {
            Self::Ingest(ingest, ..) => ingest.events.len().max(1),
            Self::Settle(..) | Self::Flush(_) => 1,
            Self::Record(rows, _) => rows.len(),
        }
    }
}

/// Where the writer leaves what it leased, and how it is set up.
#[derive(Clone)]
pub struct WriterOptions {
    /// Deliveries leased to this node arrive here; it must hold as many as the room.
    pub leased: mpsc::Sender<LeasedDelivery>,
    /// What there is memory for.
    pub room: Room,
    /// Woken when deliveries were left waiting in the table.
    pub waiting: Arc<Notify>,
    /// Told of webhooks whose deliveries are no longer to be made from memory.
    pub recall: Arc<dyn Fn(WebhookId) + Send + Sync>,
    pub disable: DisableRules,
}

/// The queue's entrance. Cheap to clone.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Write>,
    /// Where outcomes go: a queue and a connection of their own where the database can write two things at once.
    outcomes: mpsc::Sender<Write>,
    bytes: Arc<Semaphore>,
    metrics: WriterMetrics,
}

impl Writer {
    /// Starts the writing tasks. They end, with everything written, when the last clone of the writer is dropped.
    pub fn start(store: Store, options: WriterOptions) -> (Self, Vec<JoinHandle<()>>) {
        let metrics = WriterMetrics::default();
        let start = |store: Store, options: WriterOptions| {
            let (queue, receiver) = mpsc::channel(QUEUE);
            (
                queue,
                tokio::spawn(Task { store, options, receiver, ready: VecDeque::new(), metrics: metrics.clone() }.run()),
            )
        };
        let (queue, accepting) = start(store.clone(), options.clone());
        let (mut outcomes, mut tasks) = (queue.clone(), vec![accepting]);
        if store.writes_in_parallel() {
            let (own, settling) = start(store, options);
            outcomes = own;
            tasks.push(settling);
        }
        (Self { queue, outcomes, bytes: Arc::new(Semaphore::new(QUEUE_KIB)), metrics }, tasks)
    }

    /// Returns when everything that was handed over before has been written.
    ///
    /// # Errors
    /// [`Error::Full`] when the writer has ended.
    pub async fn flush(&self) -> Result<()> {
        for queue in [&self.queue, &self.outcomes] {
            let (answer, answered) = oneshot::channel();
            queue.send(Write::Flush(answer)).await.map_err(|_| Error::Full)?;
            answered.await.map_err(|_| Error::Full)?;
        }
        Ok(())
    }

    /// Stores events, their deliveries and their log rows. Returns once they are durable.
    ///
    /// # Errors
    /// [`Error::Full`] at once when too much is waiting; otherwise what the store said.
    pub async fn ingest(&self, ingest: Ingest) -> Result<Vec<Accepted>> {
        let bytes: usize = ingest.events.iter().map(|event| event.payload.len()).sum();
        let kib = u32::try_from(bytes / 1_024 + 1).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.bytes).try_acquire_many_owned(kib).map_err(|_| Error::Full)?;
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Write::Ingest(Box::new(ingest), answer, permit)).map_err(|_| Error::Full)?;
        answered.await.map_err(|_| Error::Full)?
    }

    /// Writes down how a delivery's turn ended; returns once it is durable.
    ///
    /// # Errors
    /// What the store said, where it will say so again.
    pub async fn settle(&self, settlement: Settlement) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.outcomes.send(Write::Settle(Box::new(settlement), Some(answer))).await.map_err(|_| Error::Full)?;
        answered.await.map_err(|_| Error::Full)?
    }

    /// Hands over how a delivery's turn ended: it is written as soon as the database takes it. Waits for room in the queue.
    ///
    /// # Errors
    /// [`Error::Full`] when the writer has ended.
    pub async fn settle_soon(&self, settlement: Settlement) -> Result<()> {
        self.outcomes.send(Write::Settle(Box::new(settlement), None)).await.map_err(|_| Error::Full)
    }

    /// Writes log rows, all or none.
    ///
    /// # Errors
    /// [`Error::Full`] at once when too much is waiting; otherwise what the store said.
    pub async fn record(&self, rows: Vec<Activity>) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Write::Record(rows, answer)).map_err(|_| Error::Full)?;
        answered.await.map_err(|_| Error::Full)?
    }

    #[must_use]
    pub fn metrics(&self) -> &WriterMetrics {
        &self.metrics
    }

    /// Writes that wait for the database.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let taken = |queue: &mpsc::Sender<Write>| queue.max_capacity() - queue.capacity();
        if self.queue.same_channel(&self.outcomes) {
            taken(&self.queue)
        } else {
            taken(&self.queue) + taken(&self.outcomes)
        }
    }

    /// How many more writes the queue has room for.
    #[must_use]
    pub fn room(&self) -> usize {
        if self.bytes.available_permits() == 0 { 0 } else { self.queue.capacity() }
    }
}

struct Task {
    store: Store,
    options: WriterOptions,
    receiver: mpsc::Receiver<Write>,
    /// Taken from the queue and not yet written.
    ready: VecDeque<Write>,
    metrics: WriterMetrics,
}

impl Task {
    async fn run(mut self) {
        let mut kept: Vec<Write> = Vec::new();
        let mut pause = FIRST_PAUSE;
        let mut next_try = Instant::now();
        loop {
            if !self.gather(!kept.is_empty(), next_try).await && kept.is_empty() {
                return;
            }
            let mut writes = self.next_batch();
            if Instant::now() >= next_try {
                writes.splice(0..0, kept.drain(..kept.len().min(BATCH)));
            }
            if writes.is_empty() {
                continue;
            }
            let failed = self.write(writes).await;
            if failed.is_empty() {
                pause = FIRST_PAUSE;
                continue;
            }
            kept.extend(failed);
            next_try = Instant::now() + pause;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Waits for something to write, or until kept outcomes may be tried again. `false` when no more will come.
    async fn gather(&mut self, keeps: bool, next_try: Instant) -> bool {
        if !self.ready.is_empty() {
            return true;
        }
        let mut taken = Vec::new();
        let count = if keeps {
            match timeout_at(next_try, self.receiver.recv_many(&mut taken, BATCH)).await {
                Ok(0) => {
                    tokio::time::sleep_until(next_try).await;
                    0
                }
                Ok(count) => count,
                Err(_) => return true,
            }
        } else {
            self.receiver.recv_many(&mut taken, BATCH).await
        };
        self.ready.extend(taken);
        count > 0
    }

    fn next_batch(&mut self) -> Vec<Write> {
        let (mut writes, mut events) = (Vec::new(), 0);
        while let Some(write) = self.ready.pop_front() {
            events += write.events();
            if !writes.is_empty() && events > BATCH_EVENTS {
                self.ready.push_front(write);
                break;
            }
            writes.push(write);
        }
        writes
    }

    /// Writes a batch and answers its callers. Gives back outcomes that the database cannot take now.
    async fn write(&self, writes: Vec<Write>) -> Vec<Write> {
        let started = Instant::now();
        match Batch(&writes).commit(&self.store, &self.options).await {
            Ok(written) => {
                self.metrics.committed(writes.len(), started.elapsed());
                self.metrics.accepted(&written.accepted);
                written.hand_on(&self.options);
                answer(writes, written.accepted);
                Vec::new()
            }
            Err(error) if error.is_transient() => {
                self.metrics.failed();
                refuse(writes, &error)
            }
            Err(error) if writes.len() == 1 => {
                self.metrics.failed();
                refuse(writes, &error);
                Vec::new()
            }
            Err(_) => {
                let mut kept = Vec::new();
                for write in writes {
                    kept.extend(Box::pin(self.write(vec![write])).await);
                }
                kept
            }
        }
    }
}

fn answer(batch: Vec<Write>, accepted: Vec<Vec<Accepted>>) {
    let mut accepted = accepted.into_iter();
    for write in batch {
        // A caller that has gone away needs no answer.
        match write {
            Write::Ingest(_, caller, permit) => {
                drop(permit);
                drop(caller.send(Ok(accepted.next().unwrap_or_default())));
            }
            Write::Settle(_, caller) => drop(caller.map(|caller| caller.send(Ok(())))),
            Write::Record(_, caller) => drop(caller.send(Ok(()))),
            Write::Flush(caller) => drop(caller.send(())),
        }
    }
}

/// Tells the callers. Outcomes that a later try may write are given back.
fn refuse(batch: Vec<Write>, error: &Error) -> Vec<Write> {
    tracing::error!(writes = batch.len(), error = %chain(error), "a batch of writes failed");
    let again = || match error {
        Error::Conflict(what) => Error::Conflict(what),
        error if error.is_transient() => Error::Full,
        _ => Error::Database(sqlx::Error::RowNotFound),
    };
    let mut kept = Vec::new();
    for write in batch {
        match write {
            Write::Ingest(_, caller, _) => drop(caller.send(Err(again()))),
            Write::Settle(settlement, caller) if error.is_transient() => kept.push(Write::Settle(settlement, caller)),
            Write::Settle(settlement, caller) => {
                tracing::error!(delivery.id = %settlement.delivery.id, "an outcome could not be written; the delivery will be repeated");
                drop(caller.map(|caller| caller.send(Err(again()))));
            }
            Write::Record(_, caller) => drop(caller.send(Err(again()))),
            flush @ Write::Flush(_) => kept.push(flush),
        }
    }
    kept
}

/// Says in the process's log what befell webhooks.
fn tell(settled: &Settled) {
    for (webhook_id, reason) in &settled.disabled {
        tracing::warn!(webhook.id = %webhook_id, reason, "webhook disabled");
    }
    for (webhook_id, reason) in &settled.warned {
        tracing::warn!(webhook.id = %webhook_id, reason, "webhook failing");
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
