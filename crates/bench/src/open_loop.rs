//! Events sent at set instants, whether or not earlier ones have been answered.
//!
//! Each event's latency counts from the instant at which it was due. If the server is slow the schedule does not slip, so a
//! pause of the server is seen by every event that was due in it, not by one alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::event::Door;
use crate::failure::{Failure, Result};
use crate::latency::Latency;
use crate::ledger::Ledger;

/// Connections at most; an event that finds none free waits, and its wait counts.
const CONNECTIONS: usize = 256;
const OPENED_FIRST: usize = 16;

/// Equally spaced instants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    pub(crate) start: Instant,
    pub(crate) per_second: u32,
    pub(crate) count: u32,
}

impl Schedule {
    pub(crate) fn new(start: Instant, per_second: u32, length: Duration) -> Self {
        let count = u128::from(per_second) * length.as_millis() / 1_000;
        Self { start, per_second, count: u32::try_from(count).unwrap_or(u32::MAX) }
    }

    /// When the event of this number is due. Reckoned from the start each time: no error adds up.
    pub(crate) fn due(&self, number: u32) -> Instant {
        let nanos = u64::from(number) * 1_000_000_000 / u64::from(self.per_second);
        self.start + Duration::from_nanos(nanos)
    }
}

/// What was sent, and when it was due.
pub(crate) struct Sent {
    /// Event id and instant.
    pub(crate) due: Vec<(u128, Instant)>,
    /// Answers other than 202. They have no latency; the report says how many there were.
    pub(crate) refused: u64,
}

impl Sent {
    /// From due to the first arrival at a receiver.
    ///
    /// # Errors
    /// An event is not in the ledger.
    pub(crate) fn latency(&self, ledger: &Ledger, receiver: u16) -> Result<Latency> {
        let mut latency = Latency::new()?;
        for (id, due) in &self.due {
            let at = ledger.arrival(*id, receiver).ok_or_else(|| Failure::told("an accepted event did not arrive"))?;
            latency.record(at.saturating_duration_since(*due));
        }
        Ok(latency)
    }
}

/// Sends events at a rate for a while, and waits for their answers.
///
/// # Errors
/// A connection broke.
pub(crate) async fn send(door: &Door, per_second: u32, length: Duration) -> Result<Sent> {
    let mut idle = Vec::with_capacity(CONNECTIONS);
    for _ in 0..OPENED_FIRST {
        idle.push(Connection::open(door.target.address).await?);
    }
    let idle = Arc::new(Mutex::new(idle));
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut ticks = tick(Schedule::new(Instant::now() + Duration::from_millis(20), per_second, length))?;
    let mut tasks = JoinSet::new();
    while let Some((number, due)) = ticks.recv().await {
        let (door, idle, room) = (door.clone(), Arc::clone(&idle), Arc::clone(&room));
        tasks.spawn(async move {
            let _place = room.acquire().await.map_err(|_| Failure::told("the connections are closed"))?;
            let mut connection = take(&idle, &door).await?;
            let answer = connection.send(door.one(u64::from(number))?).await?;
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            Ok::<_, Failure>((answer.first_id().filter(|_| answer.status == 202), due))
        });
    }
    let mut sent = Sent { due: Vec::new(), refused: 0 };
    while let Some(answered) = tasks.join_next().await {
        match answered?? {
            (Some(id), due) => sent.due.push((id, due)),
            (None, _) => sent.refused += 1,
        }
    }
    Ok(sent)
}

/// A connection that was kept, or a new one.
async fn take(idle: &Mutex<Vec<Connection>>, door: &Door) -> Result<Connection> {
    loop {
        let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some(mut connection) = kept else { return Connection::open(door.target.address).await };
        if connection.is_open().await {
            return Ok(connection);
        }
    }
}

/// A thread keeps the time: the runtime's timers are good to a millisecond only, which is much of what is measured.
fn tick(schedule: Schedule) -> Result<mpsc::UnboundedReceiver<(u32, Instant)>> {
    // Holds at most the schedule's own number of ticks.
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::Builder::new().name("schedule".to_owned()).spawn(move || {
        for number in 0..schedule.count {
            let due = schedule.due(number);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if sender.send((number, due)).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::{Behaviour, Sink};

    #[test]
    fn the_schedule_is_exact_to_its_end() {
        let start = Instant::now();
        let schedule = Schedule::new(start, 300, Duration::from_secs(20));
        assert_eq!(schedule.count, 6_000);
        assert_eq!(schedule.due(0), start);
        assert_eq!(schedule.due(300), start + Duration::from_secs(1));
        assert_eq!(schedule.due(5_999).duration_since(start).as_millis(), 19_996);
    }

    #[tokio::test]
    async fn a_slow_server_does_not_slow_the_schedule() {
        // 40 events in 200 ms to a server that takes 300 ms for each: one at a time they would take 12 s.
        let sink = Sink::recording(vec![Behaviour::After(Duration::from_millis(300))], 40).unwrap();
        let started = Instant::now();
        let sent = send(&Door::of_sink(sink.target()), 200, Duration::from_millis(200)).await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
        assert_eq!((sent.refused, sink.count()), (40, 40), "200 is not how Simpul accepts");
    }

    #[tokio::test]
    async fn latency_counts_from_the_due_instant() {
        let sink = Sink::recording(vec![Behaviour::Echo], 10).unwrap();
        let sent = send(&Door::of_sink(sink.target()), 100, Duration::from_millis(100)).await.unwrap();
        let mut ledger = Ledger::new(1);
        ledger.accept(sent.due.iter().map(|(id, _)| *id));
        ledger.wait(&sink).await.unwrap();
        let late =
            Sent { due: sent.due.iter().map(|(id, due)| (*id, *due - Duration::from_secs(1))).collect(), refused: 0 };
        assert!(late.latency(&ledger, 0).unwrap().at(0.5) >= 1_000.0);
        assert_eq!(sent.latency(&ledger, 0).unwrap().count(), 10);
    }
}
