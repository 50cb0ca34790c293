//! Rows 2, 3 and 5: events accepted and delivered to one webhook, and to ten; processor time and memory while they are.

use super::{Run, warned};
use crate::closed_loop::{self, CALLERS, Until};
use crate::failure::{Failure, Result};
use crate::hub::Hub;
use crate::ledger::Ledger;
use crate::measure::{Floor, Measure, Unit};
use crate::sink::{Behaviour, Sink};
use crate::usage::{MemoryWatch, Subject, peak};

const WARM_UP: u64 = 500;
const MEGABYTE: f64 = 1e6;

/// Processor time of each party, in seconds.
struct Cpu {
    simpul: f64,
    database: f64,
    own: f64,
}

struct Parties {
    simpul: Subject,
    database: Option<Subject>,
}

impl Parties {
    fn cpu(&self) -> Result<Cpu> {
        let database = self.database.map_or(Ok(0.0), Subject::cpu_seconds)?;
        let own = Subject::Process(std::process::id()).cpu_seconds()?;
        Ok(Cpu { simpul: self.simpul.cpu_seconds()?, database, own })
    }
}

impl Cpu {
    fn since(&self, before: &Self, share: f64) -> Self {
        let each = |now: f64, then: f64| (now - then) * share;
        Self {
            simpul: each(self.simpul, before.simpul),
            database: each(self.database, before.database),
            own: each(self.own, before.own),
        }
    }
}

/// What one load showed.
struct Load {
    per_second: f64,
    cpu: Cpu,
    note: String,
}

pub(crate) async fn measure(run: &Run<'_>, webhooks: u32) -> Result<Vec<Measure>> {
    let events = if webhooks == 1 { run.sizes.events } else { run.sizes.events / 4 };
    let deliveries = usize::try_from(events).unwrap_or(0) * webhooks as usize;
    let sink = Sink::recording(vec![Behaviour::Accept; webhooks as usize], deliveries)?;
    let (fresh, hub) = run.start().await?;
    let mut ids = Vec::new();
    for receiver in 0..webhooks as usize {
        ids.push(hub.make_webhook(&sink.url(receiver)).await?);
    }
    warm_up(&hub, &sink, webhooks, &ids).await?;

    let parties = Parties { simpul: hub.simpul.subject(), database: run.place.database_processes() };
    let idle = Memory::now(&parties)?;
    let watches = Watches::start(&parties)?;
    let load = load(&hub, &sink, &parties, events, webhooks, &ids).await?;
    let loaded = watches.most();
    let most = peak(hub.simpul.pid());
    hub.simpul.stop().await?;
    fresh.remove().await?;

    let mut measures = vec![rate(run, &load, events, webhooks)];
    measures.extend(cpu(run, &load.cpu, webhooks));
    if webhooks == 1 {
        measures.extend(memory(run, &idle, &loaded, most));
    }
    Ok(measures)
}

async fn warm_up(hub: &Hub, sink: &Sink, webhooks: u32, ids: &[String]) -> Result<()> {
    let mut ledger = Ledger::new(u16::try_from(webhooks).unwrap_or(1));
    ledger.accept(closed_loop::send(&hub.door()?, CALLERS, Until::Count(WARM_UP)).await?.ids);
    ledger.wait(sink).await?;
    hub.settled(ids).await
}

async fn load(hub: &Hub, sink: &Sink, parties: &Parties, events: u64, webhooks: u32, ids: &[String]) -> Result<Load> {
    let before = parties.cpu()?;
    let mut ledger = Ledger::from_now(u16::try_from(webhooks).unwrap_or(1), sink);
    let sent = closed_loop::send(&hub.door()?, CALLERS, Until::Count(events)).await?;
    ledger.accept(sent.ids.iter().copied());
    ledger.wait(sink).await?;
    // What settling costs belongs to the delivery.
    hub.settled(ids).await?;
    let deliveries = ledger.accepted() as f64 * f64::from(webhooks);
    let last = ledger.last().ok_or_else(|| Failure::told("nothing was delivered"))?;
    let elapsed = last.duration_since(sent.started);
    let cpu = parties.cpu()?.since(&before, 10_000.0 / deliveries);
    let note = format!(
        "accepted at {:.0}/s, the last arrived {:.2} s after the last was accepted; {} refused, {} repeated{}",
        sent.per_second(),
        elapsed.saturating_sub(sent.elapsed).as_secs_f64(),
        sent.refused,
        ledger.duplicates(),
        warned(hub),
    );
    Ok(Load { per_second: deliveries / elapsed.as_secs_f64(), cpu, note })
}

fn rate(run: &Run<'_>, load: &Load, events: u64, webhooks: u32) -> Measure {
    let (limit, of) = run.limits.delivered(webhooks);
    let measure = if webhooks == 1 {
        let what = format!("accepted and delivered to one webhook, {events} events, 64 callers");
        Measure::new(2, what, load.per_second, Unit::PerSecond).floor(Floor::AtLeast(4_000.0))
    } else {
        let what = format!("the same, {events} events to {webhooks} webhooks each: deliveries");
        Measure::new(3, what, load.per_second, Unit::PerSecond).floor(Floor::AtLeast(10_000.0))
    };
    measure.limit(limit, of).note(load.note.clone())
}

fn cpu(run: &Run<'_>, cpu: &Cpu, webhooks: u32) -> Vec<Measure> {
    let to = if webhooks == 1 { "one webhook".to_owned() } else { format!("{webhooks} webhooks") };
    let of = "generator and sink with nothing between";
    let measure = |who: &str, value: f64| {
        Measure::new(5, format!("CPU for 10,000 deliveries to {to}: {who}"), value, Unit::Seconds)
    };
    let together = measure("together", cpu.simpul + cpu.database)
        .floor(Floor::Under(5.0))
        .limit(run.limits.loopback.cpu_per_10_000, of)
        .note(format!("beside it generator and sink took {:.2} s", cpu.own));
    let mut measures = vec![measure("Simpul", cpu.simpul)];
    if run.place.database_processes().is_some() {
        measures.push(measure("PostgreSQL", cpu.database));
    }
    measures.push(together);
    measures
}

/// Bytes that each party holds.
struct Memory {
    simpul: u64,
    database: Option<u64>,
}

impl Memory {
    fn now(parties: &Parties) -> Result<Self> {
        Ok(Self { simpul: parties.simpul.memory()?, database: parties.database.map(Subject::memory).transpose()? })
    }
}

struct Watches {
    simpul: MemoryWatch,
    database: Option<MemoryWatch>,
}

impl Watches {
    fn start(parties: &Parties) -> Result<Self> {
        let database = parties.database.map(MemoryWatch::start).transpose()?;
        Ok(Self { simpul: MemoryWatch::start(parties.simpul)?, database })
    }

    fn most(self) -> Memory {
        Memory { simpul: self.simpul.most(), database: self.database.map(MemoryWatch::most) }
    }
}

fn memory(run: &Run<'_>, idle: &Memory, loaded: &Memory, peak: Option<u64>) -> Vec<Measure> {
    let megabytes = |bytes: u64| bytes as f64 / MEGABYTE;
    let measure = |what: &str, bytes: u64| Measure::new(5, what, megabytes(bytes), Unit::Megabytes);
    let note = peak.map_or_else(String::new, |peak| {
        format!("peak since its start, password hashing included: {:.1} MB", megabytes(peak))
    });
    let mut measures = vec![measure("memory of Simpul under load", loaded.simpul).floor(Floor::Under(80.0)).note(note)];
    if run.place.database_processes().is_some() {
        measures.push(measure("memory of PostgreSQL after warming up", idle.database.unwrap_or(0)));
        let note = "shared buffers counted once";
        measures.push(measure("memory of PostgreSQL under load", loaded.database.unwrap_or(0)).note(note));
    }
    measures
}
