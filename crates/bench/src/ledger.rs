//! What was accepted and what arrived, kept apart from Simpul: the judge of whether anything was lost.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::sink::{Arrival, Sink};

/// Nothing new for this long means that nothing more will come. A dead node's leases on PostgreSQL run for a minute.
const STALL: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(20);

/// Ids that were answered 202, and requests that came for them.
pub(crate) struct Ledger {
    receivers: u16,
    accepted: HashSet<u128>,
    /// When each event first came to each receiver.
    first: HashMap<(u128, u16), Instant>,
    requests: u64,
    /// How far the sink's records have been read.
    position: usize,
}

impl Ledger {
    /// For events that each go to the receivers 0 to `receivers` − 1.
    pub(crate) fn new(receivers: u16) -> Self {
        Self { receivers, accepted: HashSet::new(), first: HashMap::new(), requests: 0, position: 0 }
    }

    /// The same, from what the sink receives next.
    pub(crate) fn from_now(receivers: u16, sink: &Sink) -> Self {
        Self { position: sink.arrivals_from(0).len(), ..Self::new(receivers) }
    }

    pub(crate) fn accept(&mut self, ids: impl IntoIterator<Item = u128>) {
        self.accepted.extend(ids);
    }

    pub(crate) fn receive(&mut self, arrivals: impl IntoIterator<Item = Arrival>) {
        for arrival in arrivals {
            self.requests += 1;
            self.first.entry((arrival.event, arrival.receiver)).or_insert(arrival.at);
        }
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.len()
    }

    /// Deliveries of accepted events that have not come.
    pub(crate) fn missing(&self) -> usize {
        let all = self.accepted.iter().flat_map(|id| (0..self.receivers).map(move |receiver| (*id, receiver)));
        all.filter(|key| !self.first.contains_key(key)).count()
    }

    /// Requests that repeated an earlier one.
    pub(crate) fn duplicates(&self) -> u64 {
        self.requests - self.first.len() as u64
    }

    /// Events that came although their sender never saw an answer: a connection broke between commit and answer.
    pub(crate) fn unanswered(&self) -> usize {
        let events: HashSet<u128> = self.first.keys().map(|(event, _)| *event).collect();
        events.difference(&self.accepted).count()
    }

    /// When the last delivery of an accepted event first came.
    pub(crate) fn last(&self) -> Option<Instant> {
        let known = self.first.iter().filter(|((event, _), _)| self.accepted.contains(event));
        known.map(|(_, at)| *at).max()
    }

    /// When an event first came to a receiver.
    pub(crate) fn arrival(&self, event: u128, receiver: u16) -> Option<Instant> {
        self.first.get(&(event, receiver)).copied()
    }

    /// Enters what the sink has received since the last call.
    pub(crate) fn read(&mut self, sink: &Sink) {
        let arrivals = sink.arrivals_from(self.position);
        self.position += arrivals.len();
        self.receive(arrivals);
    }

    /// Waits until everything that was accepted has come.
    ///
    /// # Errors
    /// Nothing new has come for two minutes, and something is missing.
    pub(crate) async fn wait(&mut self, sink: &Sink) -> Result<()> {
        let expected = self.accepted.len() * usize::from(self.receivers);
        let (mut seen, mut moved) = (0, Instant::now());
        loop {
            self.read(sink);
            if self.first.len() >= expected && self.missing() == 0 {
                return Ok(());
            }
            if self.requests != seen {
                (seen, moved) = (self.requests, Instant::now());
            } else if moved.elapsed() > STALL {
                let missing = self.missing();
                let limit = STALL.as_secs();
                return Err(Failure::told(format!(
                    "{missing} of {expected} deliveries did not come; none for {limit} s"
                )));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(event: u128, receiver: u16) -> Arrival {
        Arrival { event, receiver, at: Instant::now() }
    }

    #[test]
    fn what_has_not_come_to_every_receiver_is_missing() {
        let mut ledger = Ledger::new(2);
        ledger.accept([1, 2]);
        assert_eq!(ledger.missing(), 4);
        ledger.receive([arrival(1, 0), arrival(1, 1), arrival(2, 1)]);
        assert_eq!(ledger.missing(), 1);
        assert!(ledger.arrival(2, 0).is_none());
    }

    #[test]
    fn repeats_and_strangers_hide_no_loss() {
        let mut ledger = Ledger::new(1);
        ledger.accept([1, 2]);
        ledger.receive([arrival(1, 0), arrival(1, 0), arrival(9, 0)]);
        assert_eq!((ledger.missing(), ledger.duplicates(), ledger.unanswered()), (1, 1, 1));
    }

    #[test]
    fn the_first_arrival_counts() {
        let mut ledger = Ledger::new(1);
        ledger.accept([1]);
        let early = arrival(1, 0);
        let late = Arrival { at: early.at + Duration::from_secs(1), ..early };
        ledger.receive([early, late, Arrival { event: 5, ..late }]);
        assert_eq!(ledger.arrival(1, 0), Some(early.at));
        assert_eq!(ledger.last(), Some(early.at));
    }
}
