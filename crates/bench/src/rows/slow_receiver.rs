//! Row 6: what a receiver that takes five seconds does to a fast one beside it.

use std::time::Duration;

use super::{Run, warned};
use crate::closed_loop::{self, Until};
use crate::failure::Result;
use crate::latency::Latency;
use crate::ledger::Ledger;
use crate::measure::{Floor, Measure, Unit};
use crate::open_loop;
use crate::sink::{Behaviour, Sink};

const PER_SECOND: u32 = 100;
const SLOW: Duration = Duration::from_secs(5);
const WARM_UP: u64 = 100;

pub(crate) async fn measure(run: &Run<'_>) -> Result<Vec<Measure>> {
    let (alone, _) = fast(run, false).await?;
    let (beside, note) = fast(run, true).await?;
    let (without, with) = (alone.at(0.99), beside.at(0.99));
    let limit = &run.limits.loopback;
    let what = |situation: &str| format!("a fast receiver's p99 at {PER_SECOND}/s, {situation}");
    Ok(vec![
        Measure::new(6, what("alone"), without, Unit::Milliseconds)
            .limit(limit.p99, "loopback with nothing between")
            .note(format!("p50 {:.2} ms", alone.at(0.5))),
        Measure::new(6, what("beside a slow one (5 s)"), with, Unit::Milliseconds)
            .limit(limit.p99, "loopback with nothing between")
            .note(format!("p50 {:.2} ms{note}", beside.at(0.5))),
        Measure::new(6, "growth of its p99", with / without, Unit::Times).floor(Floor::Under(2.0)),
    ])
}

/// The fast receiver's latency.
async fn fast(run: &Run<'_>, beside_slow: bool) -> Result<(Latency, String)> {
    let length = run.sizes.pick(Duration::from_secs(20), Duration::from_secs(8));
    // The slow one has a sink of its own, so that what waits there is no work for the fast one's.
    let sink = Sink::recording(vec![Behaviour::Accept], 10_000)?;
    let slow = Sink::counting(vec![Behaviour::After(SLOW)])?;
    let (fresh, mut hub) = run.start().await?;
    let webhooks = [hub.make_webhook(&sink.url(0)).await?];
    let mut ledger = Ledger::new(1);
    ledger.accept(closed_loop::send(&hub.door()?, 4, Until::Count(WARM_UP)).await?.ids);
    ledger.wait(&sink).await?;
    hub.settled(&webhooks).await?;
    if beside_slow {
        hub.make_webhook(&slow.url(0)).await?;
    }
    let sent = open_loop::send(&hub.door()?, PER_SECOND, length).await?;
    ledger.accept(sent.due.iter().map(|(id, _)| *id));
    ledger.wait(&sink).await?;
    let latency = sent.latency(&ledger, 0)?;
    let note = format!("; the slow one had {} requests; {} refused{}", slow.count(), sent.refused, warned(&hub));
    // Killed: a clean stop would wait for the slow receiver.
    hub.simpul.kill()?;
    fresh.remove().await?;
    Ok((latency, note))
}
