//! How many requests a second this machine carries over loopback when the server does nothing, and how long one takes.

use std::time::{Duration, Instant};

use hyper::Method;

use crate::closed_loop::{self, CALLERS, Until};
use crate::connection::Connection;
use crate::event::Door;
use crate::failure::Result;
use crate::latency::Latency;
use crate::ledger::Ledger;
use crate::open_loop;
use crate::rows::latency::PER_SECOND;
use crate::sink::{Behaviour, Sink};
use crate::usage::Subject;

const SEQUENTIAL: u32 = 2_000;

/// Bare requests of 1 KB from the generator.
#[derive(Debug, Clone)]
pub(crate) struct Loopback {
    /// 64 callers against a server that reads the request and answers.
    pub(crate) requests_per_second: f64,
    /// The same against the sink, which also records each request.
    pub(crate) sink_requests_per_second: f64,
    /// Processor time of generator and sink together for 10,000 requests.
    pub(crate) cpu_per_10_000: f64,
    /// From due to the sink at 200 a second with nothing between, in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// A GET and its answer, one after the other, in milliseconds.
    pub(crate) get_p50: f64,
    pub(crate) get_p99: f64,
}

pub(super) async fn measure(length: Duration) -> Result<Loopback> {
    let trivial = Sink::counting(vec![Behaviour::Accept])?;
    let bare = closed_loop::send(&Door::of_sink(trivial.target()), CALLERS, Until::Elapsed(length)).await?;
    let gets = gets(&trivial).await?;

    let sink = Sink::recording(vec![Behaviour::Echo], 500_000)?;
    let own = Subject::Process(std::process::id());
    let before = own.cpu_seconds()?;
    let direct = closed_loop::send(&Door::of_sink(sink.target()), CALLERS, Until::Elapsed(length)).await?;
    let cpu = own.cpu_seconds()? - before;

    let sink = Sink::recording(vec![Behaviour::Echo], 10_000)?;
    let paced = open_loop::send(&Door::of_sink(sink.target()), PER_SECOND, length).await?;
    let mut ledger = Ledger::new(1);
    ledger.accept(paced.due.iter().map(|(id, _)| *id));
    ledger.wait(&sink).await?;
    let latency = paced.latency(&ledger, 0)?;
    Ok(Loopback {
        requests_per_second: bare.per_second(),
        sink_requests_per_second: direct.per_second(),
        cpu_per_10_000: cpu * 10_000.0 / direct.accepted as f64,
        p50: latency.at(0.5),
        p99: latency.at(0.99),
        get_p50: gets.at(0.5),
        get_p99: gets.at(0.99),
    })
}

async fn gets(sink: &Sink) -> Result<Latency> {
    let target = sink.target();
    let mut connection = Connection::open(target.address).await?;
    let mut latency = Latency::new()?;
    for _ in 0..SEQUENTIAL {
        let request = target.request(Method::GET, "/0", String::new())?;
        let at = Instant::now();
        connection.send(request).await?;
        latency.record(at.elapsed());
    }
    Ok(latency)
}
