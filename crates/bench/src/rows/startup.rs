//! Row 9: the binary's size, the time from its start to ready, and the memory it holds when idle.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Run;
use crate::failure::Result;
use crate::measure::{Floor, Measure, Unit, median};
use crate::simpul::Simpul;
use crate::usage::Subject;

const STARTS: usize = 5;
const MEGABYTE: f64 = 1e6;

pub(crate) async fn measure(run: &Run<'_>) -> Result<Vec<Measure>> {
    let size = std::fs::metadata(&run.binary)?.len() as f64 / MEGABYTE;
    let fresh = run.place.fresh().await?;
    let settings = run.settings(&fresh);
    let first = Simpul::start(&settings).await?;
    let first_ms = millis(first.ready_after);
    first.stop().await?;

    let (mut ready, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let simpul = Simpul::start(&settings).await?;
        ready.push(millis(simpul.ready_after));
        simpul.stop().await?;
        let at = Instant::now();
        Command::new(&run.binary).arg("--version").stdout(Stdio::null()).status()?;
        bare.push(millis(at.elapsed()));
    }

    let simpul = Simpul::start(&settings).await?;
    let pause = run.sizes.pick(Duration::from_secs(5), Duration::from_secs(2));
    tokio::time::sleep(pause).await;
    let idle = simpul.subject().memory()? as f64 / MEGABYTE;
    let cpu = idle_cpu(simpul.subject(), pause).await?;
    simpul.stop().await?;
    fresh.remove().await?;
    Ok(vec![
        Measure::new(9, "size of the binary", size, Unit::Megabytes).floor(Floor::Under(40.0)),
        Measure::new(9, format!("start to ready, median of {STARTS}"), median(&ready), Unit::Milliseconds)
            .floor(Floor::Under(100.0))
            .limit(median(&bare), "`simpul --version`"),
        Measure::new(9, "first start to ready, on an empty database", first_ms, Unit::Milliseconds)
            .note("makes the tables and hashes a password"),
        Measure::new(9, "memory of Simpul, idle", idle, Unit::Megabytes)
            .floor(Floor::Under(30.0))
            .note(format!("it uses {:.2} % of a core when idle", cpu * 100.0)),
    ])
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// The share of a core that is used while nothing is asked.
async fn idle_cpu(subject: Subject, length: Duration) -> Result<f64> {
    let before = subject.cpu_seconds()?;
    tokio::time::sleep(length).await;
    Ok((subject.cpu_seconds()? - before) / length.as_secs_f64())
}
