//! The account that is kept outside of Simpul: what was answered 202, and how every request went.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::sink::Sink;
use crate::world::until;

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Ids that were answered 202, each with when its sender meant to send it.
    pub(crate) accepted: HashMap<String, Instant>,
    /// Answers, by status.
    pub(crate) statuses: BTreeMap<u16, usize>,
    /// A body of a status that a client does not expect.
    pub(crate) surprise: Option<String>,
    /// 503s without `Retry-After`.
    pub(crate) bare: usize,
    /// Requests whose connection was refused or broken off.
    pub(crate) broken: usize,
    /// Requests that were not answered in time.
    pub(crate) hung: usize,
    /// The longest time to an answer.
    pub(crate) longest: Duration,
    /// Requests that the client gave up although it had retried for long.
    pub(crate) abandoned: usize,
}

/// A ledger that many senders write into.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Ledger>>);

/// What became of the accepted at some receivers.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) accepted: usize,
    pub(crate) received: usize,
    pub(crate) lost: usize,
    pub(crate) duplicates: usize,
    /// Ids that came although no client was ever told that they were accepted.
    pub(crate) strangers: usize,
    pub(crate) took: Duration,
}

impl Shared {
    pub(crate) fn with<T>(&self, use_it: impl FnOnce(&mut Ledger) -> T) -> T {
        use_it(&mut self.0.lock().expect("not poisoned"))
    }

    fn missing(&self, sink: &Sink, paths: &[&str]) -> usize {
        let accepted: HashSet<String> = self.with(|ledger| ledger.accepted.keys().cloned().collect());
        let missing = |path: &&str| {
            let received: HashSet<String> = sink.arrivals(path).into_iter().map(|arrival| arrival.id).collect();
            accepted.iter().filter(|id| !received.contains(*id)).count()
        };
        paths.iter().map(missing).sum()
    }

    /// Waits until every accepted event has come to each of these receivers, at most `limit`, and draws up the account.
    pub(crate) async fn drained(&self, sink: &Sink, paths: &[&str], limit: Duration) -> Account {
        let begun = Instant::now();
        until(limit, || self.missing(sink, paths) == 0).await;
        let took = begun.elapsed();
        let accepted = self.with(|ledger| ledger.accepted.clone());
        let (mut received, mut distinct, mut strangers) = (0, 0, 0);
        for path in paths {
            let arrivals = sink.arrivals(path);
            received += arrivals.len();
            let ids: HashSet<&str> = arrivals.iter().map(|arrival| arrival.id.as_str()).collect();
            distinct += ids.len();
            strangers += ids.iter().filter(|id| !accepted.contains_key(**id)).count();
        }
        Account {
            accepted: accepted.len(),
            received,
            lost: self.missing(sink, paths),
            duplicates: received - distinct,
            strangers,
            took,
        }
    }

    /// From when each event was meant to be sent to when it came, for those sent between `from` and `to`.
    pub(crate) fn latencies(&self, sink: &Sink, path: &str, from: Instant, to: Instant) -> Vec<Duration> {
        let mut first: HashMap<String, Instant> = HashMap::new();
        for arrival in sink.arrivals(path) {
            first.entry(arrival.id).or_insert(arrival.at);
        }
        let accepted = self.with(|ledger| ledger.accepted.clone());
        let sent = accepted.into_iter().filter(|(_, sent)| (from..=to).contains(sent));
        let mut latencies: Vec<Duration> =
            sent.filter_map(|(id, sent)| Some(first.get(&id)?.duration_since(sent))).collect();
        latencies.sort_unstable();
        latencies
    }
}

impl Account {
    /// Prints the figures; nothing accepted may be missing, and nothing may come twice under two ids.
    pub(crate) fn check(&self, what: &str) {
        let Self { accepted, received, lost, duplicates, strangers, took } = self;
        println!(
            "{what}: accepted {accepted}, received {received}, lost {lost}, duplicates {duplicates}, never answered {strangers}, drained in {took:.1?}"
        );
        assert_eq!(*lost, 0, "{what}: accepted and not delivered");
        assert_eq!(*strangers, 0, "{what}: a request that was retried with its key was taken twice");
    }
}

/// The value below which this many percent of the sorted lie.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get((sorted.len() * percent / 100).min(last)).copied().unwrap_or(Duration::MAX)
}
