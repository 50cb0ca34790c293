//! Row 1: events accepted a second, with no webhook to deliver to.

use std::time::Duration;

use super::{Run, warned};
use crate::backend::Backend;
use crate::closed_loop::{self, CALLERS, Until};
use crate::failure::Result;
use crate::measure::{Floor, Measure, Unit};
use crate::usage::Subject;

const WARM_UP: u64 = 500;

pub(crate) async fn measure(run: &Run<'_>) -> Result<Vec<Measure>> {
    let (fresh, hub) = run.start().await?;
    let door = hub.door()?;
    closed_loop::send(&door, CALLERS, Until::Count(WARM_UP)).await?;
    let own = Subject::Process(std::process::id());
    let (own_before, before) = (own.cpu_seconds()?, hub.simpul.subject().cpu_seconds()?);
    let length = run.sizes.pick(Duration::from_secs(10), Duration::from_secs(2));
    let sent = closed_loop::send(&door, CALLERS, Until::Elapsed(length)).await?;
    let per_10_000 = 10_000.0 / sent.accepted as f64;
    let note = format!(
        "answer p50 {:.1}, p99 {:.1} ms; CPU for 10,000: Simpul {:.2} s, generator {:.2} s; {} refused{}",
        sent.latency.at(0.5),
        sent.latency.at(0.99),
        (hub.simpul.subject().cpu_seconds()? - before) * per_10_000,
        (own.cpu_seconds()? - own_before) * per_10_000,
        sent.refused,
        warned(&hub),
    );
    hub.simpul.stop().await?;
    fresh.remove().await?;
    let floor = match run.place.backend {
        Backend::Sqlite => 8_000.0,
        Backend::Postgres => 6_000.0,
    };
    let (limit, of) = run.limits.accepted(run.place.backend);
    let measure = Measure::new(1, "events accepted, 1 KB, 64 callers", sent.per_second(), Unit::PerSecond);
    Ok(vec![measure.floor(Floor::AtLeast(floor)).limit(limit, of).note(note)])
}
