//! Rows 7 and 8: how long lists, log and health take over many stored deliveries of one webhook.
//!
//! The table is filled through the API with lists of a thousand events; one delivery in twenty fails. The same requests are
//! timed at 10,000 rows and at the full number, so that a cost that grows with history shows.

use std::time::{Duration, Instant};

use hyper::Method;

use super::{Run, warned};
use crate::connection::Connection;
use crate::event::FILLER_BYTES;
use crate::failure::{Failure, Result};
use crate::hub::Hub;
use crate::latency::Latency;
use crate::measure::{Floor, Measure, Unit};
use crate::progress::say;
use crate::sink::{Behaviour, Sink};

const FIRST_LOOK: u64 = 10_000;
const LIST: u64 = 1_000;
const FAILING: u64 = 20;
/// Deliveries that may be outstanding while filling.
const AHEAD: u64 = 20_000;
const STALL: Duration = Duration::from_secs(120);
const REQUESTS: u32 = 200;

struct Asked {
    row: u8,
    what: &'static str,
    path: String,
}

pub(crate) async fn measure(run: &Run<'_>) -> Result<Vec<Measure>> {
    let rows = run.sizes.pick(run.sizes.rows, run.sizes.rows.min(20_000));
    let sink = Sink::counting(vec![Behaviour::FailEvery(FAILING)])?;
    let fresh = run.place.fresh().await?;
    let mut settings = run.settings(&fresh);
    settings.more.push(("SIMPUL_WEBHOOK_DISABLE_AFTER", "10000".to_owned()));
    let hub = Hub::start(&settings).await?;
    let webhook = [hub.make_webhook(&sink.url(0)).await?];
    let asked = asked(&webhook[0], &hub.integration);

    let small = FIRST_LOOK.min(rows);
    fill(&hub, &sink, 0, small).await?;
    hub.settled(&webhook).await?;
    let before = look(&hub, &asked).await?;
    let started = Instant::now();
    fill(&hub, &sink, small, rows).await?;
    hub.settled(&webhook).await?;
    let filling = started.elapsed();
    let after = look(&hub, &asked).await?;
    let note = format!(
        "filled at {:.0} deliveries/s; {:.0} bytes a delivery stored{}",
        (rows - small) as f64 / filling.as_secs_f64().max(0.001),
        fresh.size().await? as f64 / rows as f64,
        warned(&hub),
    );
    hub.simpul.stop().await?;
    fresh.remove().await?;

    let mut measures = Vec::new();
    for ((asked, before), after) in asked.iter().zip(&before).zip(&after) {
        measures.extend(figures(run, asked, (small, rows), before, after));
    }
    if let Some(first) = measures.first_mut() {
        first.note = format!("{}; {note}", first.note);
    }
    Ok(measures)
}

fn asked(webhook: &str, integration: &str) -> Vec<Asked> {
    let ask = |row, what, path| Asked { row, what, path };
    let webhook = format!("/api/admin/webhooks/{webhook}");
    let integration = format!("/api/admin/integrations/{integration}");
    vec![
        ask(7, "deliveries, first page", format!("{webhook}/deliveries?limit=50")),
        ask(7, "deliveries, failed ones", format!("{webhook}/deliveries?status=failed&limit=50")),
        ask(7, "a webhook with its statistics", webhook),
        ask(8, "log page with counts", format!("{integration}/logs?limit=50")),
        ask(8, "log page of failures with counts", format!("{integration}/logs?status=failed&limit=50")),
        ask(8, "health", format!("{integration}/health")),
    ]
}

/// Sends events until `until` have been sent, and waits until each has reached the sink.
async fn fill(hub: &Hub, sink: &Sink, from: u64, until: u64) -> Result<()> {
    let door = hub.door()?;
    let mut connection = Connection::open(door.target.address).await?;
    let (mut sent, mut seen, mut moved) = (from, sink.count(), Instant::now());
    while sink.count() < until {
        let arrived = sink.count();
        if arrived != seen {
            if arrived / 500_000 != seen / 500_000 {
                say(&format!("{arrived} of {until} deliveries stored"));
            }
            (seen, moved) = (arrived, Instant::now());
        } else if moved.elapsed() > STALL {
            return Err(Failure::told(format!("filling stopped at {arrived} of {until} deliveries")));
        }
        if sent >= until || sent > arrived + AHEAD {
            tokio::time::sleep(Duration::from_millis(2)).await;
            continue;
        }
        let count = LIST.min(until - sent);
        let answer = connection.send(door.many(sent, count, FILLER_BYTES)?).await?;
        match answer.status {
            202 => sent += count,
            429 | 503 => tokio::time::sleep(Duration::from_millis(50)).await,
            _ => return Err(Failure::told(format!("a list of events was answered {}", answer.shown()))),
        }
    }
    Ok(())
}

async fn look(hub: &Hub, asked: &[Asked]) -> Result<Vec<Latency>> {
    let target = hub.target()?;
    let mut connection = Connection::open(target.address).await?;
    let mut all = Vec::new();
    for asked in asked {
        let mut latency = Latency::new()?;
        for _ in 0..REQUESTS {
            let request = target.request(Method::GET, &asked.path, String::new())?;
            let at = Instant::now();
            let answer = connection.send(request).await?;
            latency.record(at.elapsed());
            if answer.status != 200 {
                return Err(Failure::told(format!("{} was answered {}", asked.what, answer.shown())));
            }
        }
        all.push(latency);
    }
    Ok(all)
}

fn figures(run: &Run<'_>, asked: &Asked, (small, rows): (u64, u64), before: &Latency, after: &Latency) -> Vec<Measure> {
    let limit = &run.limits.loopback;
    let of = "a bare GET";
    let what = |share: &str| format!("{} at {rows} rows: {share}", asked.what);
    let p50 = Measure::new(asked.row, what("p50"), after.at(0.5), Unit::Milliseconds).limit(limit.get_p50, of);
    let p99 = Measure::new(asked.row, what("p99"), after.at(0.99), Unit::Milliseconds).limit(limit.get_p99, of);
    let note = format!("at {small} rows p50 {:.2}, p99 {:.2} ms", before.at(0.5), before.at(0.99));
    if asked.row == 7 {
        return vec![p50.floor(Floor::Under(5.0)).note(note), p99];
    }
    let growth = after.at(0.99) / before.at(0.99);
    let what = format!("{}: growth of p99 from {small} to {rows} rows", asked.what);
    vec![
        p50,
        p99.floor(Floor::Under(15.0)).note(note),
        Measure::new(asked.row, what, growth, Unit::Times).floor(Floor::Under(1.5)),
    ]
}
