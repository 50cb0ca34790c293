//! What the writer measures: how long its transactions take, how much goes into one, and what it accepted.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::ingest::Accepted;

/// Seconds; a commit on a good disk takes a millisecond, an outage ends at ten seconds.
const DURATIONS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];
const SIZES: [f64; 6] = [1.0, 4.0, 16.0, 64.0, 256.0, 512.0];

/// Counters of one process. Cheap to clone; clones share their values.
#[derive(Debug, Clone)]
pub struct WriterMetrics {
    transaction_duration: Histogram,
    transaction_writes: Histogram,
    transactions_failed: Counter,
    events_accepted: Counter,
    events_repeated: Counter,
}

impl Default for WriterMetrics {
    fn default() -> Self {
        Self {
            transaction_duration: Histogram::new(DURATIONS),
            transaction_writes: Histogram::new(SIZES),
            transactions_failed: Counter::default(),
            events_accepted: Counter::default(),
            events_repeated: Counter::default(),
        }
    }
}

impl WriterMetrics {
    pub(crate) fn committed(&self, writes: usize, took: Duration) {
        self.transaction_duration.observe(took.as_secs_f64());
        self.transaction_writes.observe(u32::try_from(writes).unwrap_or(u32::MAX).into());
    }

    pub(crate) fn failed(&self) {
        self.transactions_failed.inc();
    }

    /// Counts events that were answered for; repetitions of an idempotency key are apart.
    pub(crate) fn accepted(&self, accepted: &[Vec<Accepted>]) {
        for accepted in accepted.iter().flatten() {
            if accepted.duplicate {
                self.events_repeated.inc()
            } else {
                self.events_accepted.inc()
            };
        }
    }

    /// Gives the metrics their names.
    pub fn register(&self, registry: &mut Registry) {
        let seconds = Unit::Seconds;
        registry.register_with_unit(
            "write_transaction_duration",
            "How long the transactions of the group commit take",
            seconds,
            self.transaction_duration.clone(),
        );
        registry.register(
            "write_transaction_writes",
            "How many writes go into one transaction of the group commit",
            self.transaction_writes.clone(),
        );
        registry.register(
            "write_transactions_failed",
            "Transactions of the group commit that the database did not take",
            self.transactions_failed.clone(),
        );
        registry.register(
            "events_accepted",
            "Events that are durable and were answered for",
            self.events_accepted.clone(),
        );
        registry.register(
            "events_repeated",
            "Events that were known already by their key and deliver nothing again",
            self.events_repeated.clone(),
        );
    }
}
