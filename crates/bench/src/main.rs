//! `simpul-bench`: measures the built `simpul` from outside and prints the design's table of numbers.
//!
//! The generator runs on the main thread, the sink on its own; Simpul is a process of its own, as is PostgreSQL. See
//! `bench/README.md` for what each row means.

mod backend;
mod closed_loop;
mod connection;
mod event;
mod failure;
mod fill;
mod hub;
mod latency;
mod ledger;
mod limits;
mod machine;
mod measure;
mod open_loop;
mod options;
mod progress;
mod report;
mod rows;
mod simpul;
mod sink;
mod table;
mod usage;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

use crate::backend::{Backend, Cluster, Place};
use crate::failure::{Failure, Result};
use crate::limits::Limits;
use crate::machine::Machine;
use crate::measure::Measure;
use crate::options::Options;
use crate::progress::say;
use crate::report::{Part, Report};
use crate::rows::{Bench, Run, Sizes};

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(&options)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            say(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Measures and reports; answers whether everything could be measured and nothing was lost.
async fn run(options: &Options) -> Result<bool> {
    for binary in std::iter::once(&options.binary).chain(&options.against) {
        if !binary.is_file() {
            return Err(Failure::told(format!("{} is not there: build it, or use `make bench`", binary.display())));
        }
    }
    let folder = options.data.clone().unwrap_or_else(std::env::temp_dir);
    let machine = Machine::describe(&folder);
    warn_about(&machine, options);
    let cluster = cluster(options).await?;
    let events = options.events.unwrap_or(if options.quick { 2_000 } else { 20_000 });
    let sizes = Sizes {
        quick: options.quick,
        events,
        rows: options.rows,
        logs: options.logs,
        integrations: options.integrations,
        kills: options.kills,
    };
    let length = sizes.pick(Duration::from_secs(3), Duration::from_millis(500));
    let limits = Limits::measure(&folder, cluster.as_ref(), length).await?;
    let mut parts = Vec::new();
    for backend in options.backends() {
        let place = Place { backend: *backend, folder: folder.clone(), cluster: cluster.clone() };
        parts.push(measure(options, &place, &limits, sizes).await);
    }
    let date = today();
    let report = Report { options, machine, cluster: cluster.as_ref(), limits: &limits, parts, date };
    std::io::stdout().write_all(report.markdown().as_bytes())?;
    if options.is_recorded() {
        say(&format!("recorded in {}", report.record()?.display()));
    }
    Ok(report.is_complete() && !report.has_losses())
}

fn warn_about(machine: &Machine, options: &Options) {
    if cfg!(debug_assertions) {
        say("this is a debug build: the generator itself will be slow");
    }
    if machine.file_system == "tmpfs" {
        say("the data is in memory, where a commit costs nothing: give a folder on a disk with --data");
    }
    if options.quick {
        say("quick: small counts, the figures mean little");
    }
}

async fn cluster(options: &Options) -> Result<Option<Cluster>> {
    if !options.backends().contains(&Backend::Postgres) {
        return Ok(None);
    }
    let missing = "PostgreSQL is measured with --postgres URL; `make bench` starts one, --backend sqlite does without";
    let url = options.postgres.as_ref().ok_or_else(|| Failure::told(missing))?;
    Ok(Some(Cluster::find(url).await?))
}

/// Everything that is wanted on one database: each measurement in turn, in it each round, in it each program.
async fn measure(options: &Options, place: &Place, limits: &Limits, sizes: Sizes) -> Part {
    let programs: Vec<PathBuf> = std::iter::once(&options.binary).chain(&options.against).map(absolute).collect();
    let mut part = Part { backend: place.backend, rounds: Vec::new(), failures: Vec::new() };
    let wanted = Bench::ALL.into_iter().filter(|bench| bench.rows().iter().any(|row| options.wants(*row)));
    for bench in wanted {
        for _ in 0..options.rounds() {
            for (program, binary) in programs.iter().enumerate() {
                let which = if programs.len() == 1 { "" } else { [" (A)", " (B)"][program] };
                say(&format!("{}: {}{which}", place.backend.name(), bench.name()));
                let run = Run { binary: binary.clone(), place, limits, sizes };
                match bench.measure(&run).await {
                    Ok(measures) => {
                        let measures: Vec<Measure> =
                            measures.into_iter().filter(|measure| options.wants(measure.row)).collect();
                        for measure in &measures {
                            say(&format!("  {}: {}", measure.what, measure.unit.show(measure.value)));
                        }
                        part.rounds.push((program, measures));
                    }
                    Err(failure) => {
                        say(&format!("  not measured: {failure}"));
                        part.failures.push(format!("{}: {failure}", bench.name()));
                    }
                }
            }
        }
    }
    part
}

/// A path without a folder would be looked up among the system's programs.
fn absolute(path: &PathBuf) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| Path::new(".").join(path))
}

fn today() -> String {
    #[expect(clippy::disallowed_methods, reason = "only dates the report")]
    let now = jiff::Timestamp::now();
    now.strftime("%Y-%m-%d").to_string()
}
