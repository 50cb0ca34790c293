//! Row 4: how long an event takes from the instant it was due to the receiver, at 200 events a second.

use std::time::Duration;

use super::{Run, warned};
use crate::closed_loop::{self, Until};
use crate::failure::Result;
use crate::ledger::Ledger;
use crate::limits::Share;
use crate::measure::{Floor, Measure, Unit};
use crate::open_loop;
use crate::sink::{Behaviour, Sink};

pub(crate) const PER_SECOND: u32 = 200;
const WARM_UP: u64 = 200;

pub(crate) async fn measure(run: &Run<'_>) -> Result<Vec<Measure>> {
    let length = run.sizes.pick(Duration::from_secs(20), Duration::from_secs(4));
    let sink = Sink::recording(vec![Behaviour::Accept], 10_000)?;
    let (fresh, hub) = run.start().await?;
    let webhooks = [hub.make_webhook(&sink.url(0)).await?];
    let mut ledger = Ledger::new(1);
    ledger.accept(closed_loop::send(&hub.door()?, 4, Until::Count(WARM_UP)).await?.ids);
    ledger.wait(&sink).await?;
    hub.settled(&webhooks).await?;

    let sent = open_loop::send(&hub.door()?, PER_SECOND, length).await?;
    ledger.accept(sent.due.iter().map(|(id, _)| *id));
    ledger.wait(&sink).await?;
    let latency = sent.latency(&ledger, 0)?;
    let note = format!(
        "{} events; {} refused; longest {:.1} ms{}",
        latency.count(),
        sent.refused,
        latency.at(1.0),
        warned(&hub)
    );
    hub.simpul.stop().await?;
    fresh.remove().await?;

    let measure = |share: &str, at: f64| {
        Measure::new(4, format!("end to end at {PER_SECOND}/s, open loop: {share}"), latency.at(at), Unit::Milliseconds)
    };
    let backend = run.place.backend;
    let (p50, of) = run.limits.end_to_end(backend, Share::P50);
    let (p99, _) = run.limits.end_to_end(backend, Share::P99);
    Ok(vec![
        measure("p50", 0.5).floor(Floor::Under(4.0)).limit(p50, of),
        measure("p95", 0.95),
        measure("p99", 0.99).floor(Floor::Under(15.0)).limit(p99, of).note(note),
    ])
}
