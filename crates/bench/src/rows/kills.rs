//! Row 10: `kill -9` in the middle of 5,000 events, again and again on the same data; what was answered 202 must arrive.
//!
//! 64 callers send the round's events. When a random share of them has been accepted the process is killed and started
//! again; callers whose connection broke connect anew and send on. The ledger of what was accepted and what arrived is the
//! bench's own. The receiver takes 5 ms, so that there is work in hand when the process dies. On PostgreSQL a dead node's
//! leases run for a minute: the last of its work is waited for at the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{Run, warned};
use crate::closed_loop::CALLERS;
use crate::connection::{Answer, Connection};
use crate::event::Door;
use crate::failure::{Failure, Result};
use crate::hub::Hub;
use crate::ledger::Ledger;
use crate::measure::{Floor, Measure, Unit};
use crate::simpul::{Settings, Simpul};
use crate::sink::{Behaviour, Sink};

const RECEIVER: Duration = Duration::from_millis(5);
const PAUSE: Duration = Duration::from_millis(20);
/// A round that has not ended by then never will.
const ROUND: Duration = Duration::from_secs(120);
/// More than any outage needs; a webhook's deliveries must not be exhausted by a kill.
const RETRIES: u32 = 5;

/// One round's progress, shared by its callers.
struct Round {
    events: u64,
    next: AtomicU64,
    accepted: AtomicU64,
}

pub(crate) async fn measure(run: &Run<'_>) -> Result<Vec<Measure>> {
    let events = run.sizes.pick(5_000, 1_000);
    let kills = run.sizes.pick(run.sizes.kills, run.sizes.kills.min(3));
    let sink = Sink::recording(vec![Behaviour::After(RECEIVER)], 1 << 17)?;
    let (fresh, mut hub) = run.start().await?;
    let settings = run.settings(&fresh);
    let webhooks = [hub.make_webhook_with_retries(&sink.url(0), RETRIES).await?];
    let mut ledger = Ledger::new(1);
    let (mut waiting, mut restarted) = (Vec::new(), Instant::now());
    for _ in 0..kills {
        let share: f64 = rand::random_range(0.1..0.9);
        let ids;
        (ids, restarted) = round(&mut hub, &settings, events, (events as f64 * share) as u64).await?;
        ledger.accept(ids);
        ledger.read(&sink);
        waiting.push(ledger.missing());
    }
    ledger.wait(&sink).await.or_else(|failure| tell(&failure))?;
    let drained = ledger.last().map_or(Duration::ZERO, |last| last.saturating_duration_since(restarted));
    if ledger.missing() == 0 {
        hub.settled(&webhooks).await?;
    }
    let note = format!(
        "{kills} kills; {} accepted, {} that were never answered arrived too; the last arrived {:.1} s after the last start{}",
        ledger.accepted(),
        ledger.unanswered(),
        drained.as_secs_f64(),
        warned(&hub),
    );
    hub.simpul.stop().await?;
    fresh.remove().await?;
    let what = format!("kill -9 in the middle of {events} events, {kills} times");
    Ok(vec![
        Measure::new(10, format!("{what}: lost"), ledger.missing() as f64, Unit::Count).floor(Floor::Zero).note(note),
        Measure::new(10, format!("{what}: delivered again"), ledger.duplicates() as f64, Unit::Count).note(format!(
            "outstanding after each round: {}",
            waiting.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
        )),
    ])
}

/// What did not come is the figure itself, not a failure to measure it.
fn tell(failure: &Failure) -> Result<()> {
    crate::progress::say(&failure.to_string());
    Ok(())
}

/// Sends a round's events and kills Simpul when `kill_at` have been accepted; answers the ids that were accepted, and when
/// it was ready again.
async fn round(hub: &mut Hub, settings: &Settings, events: u64, kill_at: u64) -> Result<(Vec<u128>, Instant)> {
    let round = Arc::new(Round { events, next: AtomicU64::new(0), accepted: AtomicU64::new(0) });
    let (announce, address) = watch::channel(hub.simpul.address);
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        callers.spawn(call(hub.door()?, Arc::clone(&round), address.clone()));
    }
    let end = Instant::now() + ROUND;
    while round.accepted.load(Ordering::Acquire) < kill_at {
        if Instant::now() > end {
            return Err(Failure::told("events were not accepted in time"));
        }
        sleep(Duration::from_millis(1)).await;
    }
    hub.simpul.kill()?;
    hub.simpul = Simpul::start(settings).await?;
    let restarted = Instant::now();
    announce.send_replace(hub.simpul.address);
    let mut ids = Vec::new();
    while let Some(own) = tokio::time::timeout_at(end.into(), callers.join_next())
        .await
        .map_err(|_| Failure::told("events were not accepted in time after a kill"))?
    {
        ids.extend(own??);
    }
    Ok((ids, restarted))
}

async fn call(door: Door, round: Arc<Round>, mut address: watch::Receiver<SocketAddr>) -> Result<Vec<u128>> {
    let (mut ids, mut connection) = (Vec::new(), None);
    loop {
        let number = round.next.fetch_add(1, Ordering::Relaxed);
        if number >= round.events {
            return Ok(ids);
        }
        loop {
            let at = *address.borrow_and_update();
            match attempt(&mut connection, at, &door, number).await {
                Ok(answer) if answer.status == 202 => {
                    let id = answer.first_id().ok_or_else(|| Failure::told("an event was accepted without an id"))?;
                    ids.push(id);
                    round.accepted.fetch_add(1, Ordering::AcqRel);
                    break;
                }
                Ok(answer) if matches!(answer.status, 429 | 503) => sleep(PAUSE).await,
                Ok(answer) => return Err(Failure::told(format!("an event was answered {}", answer.shown()))),
                // The connection broke: whether the event was stored is not known, so it is sent again.
                Err(_) => {
                    connection = None;
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

async fn attempt(connection: &mut Option<Connection>, address: SocketAddr, door: &Door, number: u64) -> Result<Answer> {
    let open = match connection.take() {
        Some(open) => open,
        None => Connection::open(address).await?,
    };
    connection.insert(open).send(door.one(number)?).await
}
