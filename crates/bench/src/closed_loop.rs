//! Callers that each send the next event when the last is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::connection::Connection;
use crate::event::Door;
use crate::failure::{Failure, Result};
use crate::latency::Latency;

/// How many callers there are, as in the peers' figures.
pub(crate) const CALLERS: usize = 64;
/// How long a caller that was refused for want of room waits before it sends the same again.
const PAUSE: Duration = Duration::from_millis(20);

/// When callers stop.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    Count(u64),
    Elapsed(Duration),
}

/// What the callers saw.
pub(crate) struct Sent {
    /// Ids of the answers, as far as they held one.
    pub(crate) ids: Vec<u128>,
    pub(crate) accepted: u64,
    /// Answers 503 and 429; the caller paused and sent the event again.
    pub(crate) refused: u64,
    pub(crate) started: Instant,
    pub(crate) elapsed: Duration,
    /// From sending an event to its answer.
    pub(crate) latency: Latency,
}

impl Sent {
    pub(crate) fn per_second(&self) -> f64 {
        self.accepted as f64 / self.elapsed.as_secs_f64()
    }

    fn add(&mut self, other: Self) -> Result<()> {
        self.ids.extend(other.ids);
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.latency.merge(&other.latency)
    }
}

/// Sends events through the door until it is enough.
///
/// # Errors
/// A connection broke, or an answer was neither 2xx nor a request to try again.
pub(crate) async fn send(door: &Door, callers: usize, until: Until) -> Result<Sent> {
    let mut connections = Vec::with_capacity(callers);
    for _ in 0..callers {
        connections.push(Connection::open(door.target.address).await?);
    }
    let next = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for connection in connections {
        tasks.spawn(call(connection, door.clone(), Arc::clone(&next), started, until));
    }
    let mut sent = nothing(started)?;
    while let Some(own) = tasks.join_next().await {
        sent.add(own??)?;
    }
    sent.elapsed = started.elapsed();
    Ok(sent)
}

fn nothing(started: Instant) -> Result<Sent> {
    let (ids, elapsed) = (Vec::new(), Duration::ZERO);
    Ok(Sent { ids, accepted: 0, refused: 0, started, elapsed, latency: Latency::new()? })
}

async fn call(
    mut connection: Connection,
    door: Door,
    next: Arc<AtomicU64>,
    started: Instant,
    until: Until,
) -> Result<Sent> {
    let mut sent = nothing(started)?;
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let enough = match until {
            Until::Count(count) => number >= count,
            Until::Elapsed(length) => started.elapsed() >= length,
        };
        if enough {
            return Ok(sent);
        }
        loop {
            let at = Instant::now();
            let answer = connection.send(door.one(number)?).await?;
            match answer.status {
                200..=299 => {
                    sent.latency.record(at.elapsed());
                    sent.accepted += 1;
                    sent.ids.extend(answer.first_id());
                    break;
                }
                429 | 503 => sent.refused += 1,
                _ => return Err(Failure::told(format!("an event was answered {}", answer.shown()))),
            }
            sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::{Behaviour, Sink};

    #[tokio::test]
    async fn each_event_is_sent_once_and_its_id_kept() {
        let sink = Sink::recording(vec![Behaviour::Echo], 100).unwrap();
        let sent = send(&Door::of_sink(sink.target()), 4, Until::Count(100)).await.unwrap();
        let mut ids = sent.ids.clone();
        ids.sort_unstable();
        assert_eq!(ids, (1..=100).collect::<Vec<u128>>());
        assert_eq!((sent.accepted, sent.refused, sink.count()), (100, 0, 100));
        assert_eq!(sent.latency.count(), 100);
    }

    #[tokio::test]
    async fn an_answer_that_is_an_error_ends_the_run() {
        let sink = Sink::counting(vec![Behaviour::FailEvery(10)]).unwrap();
        let failure = send(&Door::of_sink(sink.target()), 2, Until::Count(100)).await.err().unwrap();
        assert!(failure.to_string().contains("500"), "{failure}");
    }
}
