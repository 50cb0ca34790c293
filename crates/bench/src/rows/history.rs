//! Rows 8 and 12 to 14 over a long log: pages, health and series of a busy integration, the memory of an export, and how long a
//! write waits at most while retention removes a month.
//!
//! The busy integration has 10,000 rows in each of its last two days from the start, and a tenth of all rows in the end: health
//! looks at the same two days both times, so that the ratio tells what history costs.

use std::time::{Duration, Instant};

use hyper::Method;

use super::{Run, warned};
use crate::closed_loop::{Sent, Until, send};
use crate::connection::Connection;
use crate::failure::{Failure, Result};
use crate::fill::{DAY, Filler, Stretch};
use crate::hub::Hub;
use crate::latency::Latency;
use crate::measure::{Floor, Measure, Unit};
use crate::progress::say;
use crate::usage::{peak, reset_peak};

const DAYS: i64 = 90;
/// The days that are there from the start, and the rows in them.
const RECENT: i64 = 2 * DAY;
const IN_RECENT: i64 = 20_000;
const REQUESTS: u32 = 200;
const MEGABYTE: f64 = 1e6;
/// Retention begins so long after the start; see `simpul-engine`'s retention.
const GRACE: Duration = Duration::from_secs(15);
const WRITERS: usize = 4;

/// What is asked of the busy integration: row of the table, name, path, and whether it must not grow with history.
const ASKED: [(u8, &str, &str, bool); 7] = [
    (8, "long log: page with counts", "logs?limit=50", true),
    (8, "long log: page of failures with counts", "logs?status=failed&limit=50", true),
    (8, "long log: health", "health", true),
    (8, "long log: health over 30 days", "health?window=30d", false),
    (12, "series over 24 hours", "health/series", true),
    (12, "series over 7 days", "health/series?window=7d", false),
    (12, "series over 30 days", "health/series?window=30d", false),
];

pub(crate) async fn measure(run: &Run<'_>) -> Result<Vec<Measure>> {
    let rows = i64::try_from(run.sizes.pick(run.sizes.logs, run.sizes.logs.min(100_000))).unwrap_or(i64::MAX);
    let integrations = run.sizes.pick(run.sizes.integrations, run.sizes.integrations.min(20));
    let fresh = run.place.fresh().await?;
    let settings = run.settings(&fresh);
    let hub = Hub::start(&settings).await?;
    hub.make_integrations(integrations - 1).await?;
    let now = jiff_now();
    let busy = hub.integration.clone();

    let stopped = hub.stop().await?;
    let recent = IN_RECENT.min(rows / 2);
    let last_days = Stretch { from: now - RECENT, to: now, count: recent, integrations: 1, busy_until: now, mark: 8 };
    let mut filler = Filler::open(&fresh.url, &busy, now).await?;
    filler.fill(last_days).await?;
    filler.finish().await?;
    let hub = Hub::start_again(&settings, stopped).await?;
    let before = look(&hub).await?;

    let stopped = hub.stop().await?;
    let mut filler = Filler::open(&fresh.url, &busy, now).await?;
    let all = Stretch {
        from: now - DAYS * DAY,
        to: now,
        count: rows - recent,
        integrations: i64::try_from(integrations).unwrap_or(1),
        busy_until: now - RECENT,
        mark: 9,
    };
    let took = filler.fill(all).await?;
    let (stored, of_busy) = (filler.count(false).await?, filler.count(true).await?);
    let finishing = Instant::now();
    filler.finish().await?;
    let note = format!(
        "{rows} log rows of {integrations} integrations over {DAYS} days, filled in {:.0} s, then {:.0} s of tidying by the database; {:.1} GB",
        took.as_secs_f64(),
        finishing.elapsed().as_secs_f64(),
        fresh.size().await? as f64 / 1e9
    );
    say(&format!("  {note}"));
    let hub = Hub::start_again(&settings, stopped).await?;
    let counted = hub.get(&format!("/api/admin/integrations/{busy}/logs?limit=1")).await?;
    if counted["pagination"]["total"].as_i64() != Some(of_busy) {
        return Err(Failure::told(format!("{of_busy} rows are told as {}", counted["pagination"]["total"])));
    }
    let after = look(&hub).await?;
    let mut measures = Vec::new();
    for ((asked, before), after) in ASKED.iter().zip(&before).zip(&after) {
        measures.extend(figures(run, asked, (recent, rows), before, after));
    }
    if let Some(first) = measures.first_mut() {
        first.note = format!("{note}; {}{}", first.note, warned(&hub));
    }
    measures.extend(export(&hub, of_busy).await?);
    let stopped = hub.stop().await?;

    let mut settings = settings;
    settings.more.push(("SIMPUL_LOG_RETENTION_DAYS", "60".to_owned()));
    let hub = Hub::start_again(&settings, stopped).await?;
    let (quiet, removing) = stalls(&hub, run).await?;
    hub.stop().await?;
    let mut filler = Filler::open(&fresh.url, &busy, now).await?;
    let gone = stored + i64::try_from(quiet.accepted + removing.accepted).unwrap_or(0) - filler.count(false).await?;
    measures.extend(stall_figures(&quiet, &removing, gone));
    drop(filler);
    fresh.remove().await?;
    Ok(measures)
}

fn jiff_now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the rows must lie before the program's own now")]
    let now = jiff::Timestamp::now();
    now.as_millisecond()
}

async fn look(hub: &Hub) -> Result<Vec<Latency>> {
    let target = hub.target()?;
    let mut all = Vec::new();
    for (_, what, path, _) in ASKED {
        // One connection for each: between two a server may well close an idle one.
        let mut connection = Connection::open(target.address).await?;
        let path = format!("/api/admin/integrations/{}/{path}", hub.integration);
        let mut latency = Latency::new()?;
        for _ in 0..REQUESTS {
            let request = target.request(Method::GET, &path, String::new())?;
            let at = Instant::now();
            let answer = connection.send(request).await?;
            latency.record(at.elapsed());
            if answer.status != 200 {
                return Err(Failure::told(format!("{what} was answered {}", answer.shown())));
            }
        }
        all.push(latency);
    }
    Ok(all)
}

fn figures(
    run: &Run<'_>,
    (row, what, _, is_constant): &(u8, &'static str, &str, bool),
    (small, rows): (i64, i64),
    before: &Latency,
    after: &Latency,
) -> Vec<Measure> {
    let limit = &run.limits.loopback;
    let note = format!("at {small} rows p50 {:.2}, p99 {:.2} ms", before.at(0.5), before.at(0.99));
    let named = |share: &str| format!("{what} at {rows} rows: {share}");
    let mut measures = vec![
        Measure::new(*row, named("p50"), after.at(0.5), Unit::Milliseconds)
            .limit(limit.get_p50, "a bare GET")
            .note(note),
        Measure::new(*row, named("p99"), after.at(0.99), Unit::Milliseconds)
            .limit(limit.get_p99, "a bare GET")
            .floor(Floor::Under(15.0)),
    ];
    if *is_constant {
        for (share, name) in [(0.5, "p50"), (0.99, "p99")] {
            let growth = after.at(share) / before.at(share);
            let what = format!("{what}: growth of {name} from {small} to {rows} rows");
            measures.push(Measure::new(*row, what, growth, Unit::Times).floor(Floor::Under(1.5)));
        }
    }
    measures
}

/// How much memory it takes to export the busy integration's whole log.
async fn export(hub: &Hub, rows: i64) -> Result<Vec<Measure>> {
    let target = hub.target()?;
    let mut measures = Vec::new();
    for format in ["ndjson", "csv"] {
        let path = format!("/api/admin/integrations/{}/logs/export?format={format}", hub.integration);
        let before = hub.simpul.subject().memory()? as f64 / MEGABYTE;
        reset_peak(hub.simpul.pid());
        let at = Instant::now();
        let mut connection = Connection::open(target.address).await?;
        let (bytes, lines) = connection.drain(target.request(Method::GET, &path, String::new())?).await?;
        let header = u64::from(format == "csv");
        if lines != u64::try_from(rows).unwrap_or(0) + header {
            return Err(Failure::told(format!("{lines} lines were exported of {rows} rows")));
        }
        let most = peak(hub.simpul.pid()).map_or(before, |peak| peak as f64 / MEGABYTE);
        let what = format!("export of {rows} rows as {format}: memory of Simpul grows by");
        let note =
            format!("from {before:.1} MB; {:.0} MB in {:.1} s", bytes as f64 / MEGABYTE, at.elapsed().as_secs_f64());
        measures.push(
            Measure::new(13, what, (most - before).max(0.0), Unit::Megabytes).floor(Floor::Under(60.0)).note(note),
        );
    }
    Ok(measures)
}

/// Writers that each send the next event when the last is answered: before retention begins to remove, and while it does.
async fn stalls(hub: &Hub, run: &Run<'_>) -> Result<(Sent, Sent)> {
    let started = Instant::now();
    let door = hub.door()?;
    let quiet = send(&door, WRITERS, Until::Elapsed(Duration::from_secs(10))).await?;
    tokio::time::sleep((GRACE + Duration::from_secs(2)).saturating_sub(started.elapsed())).await;
    let length = run.sizes.pick(Duration::from_secs(60), Duration::from_secs(5));
    Ok((quiet, send(&door, WRITERS, Until::Elapsed(length)).await?))
}

fn stall_figures(quiet: &Sent, removing: &Sent, gone: i64) -> Vec<Measure> {
    let shown = |sent: &Sent| {
        format!("p50 {:.2}, p99 {:.1} ms, {:.0}/s", sent.latency.at(0.5), sent.latency.at(0.99), sent.per_second())
    };
    let note = format!(
        "{gone} log rows removed in {:.0} s beside {WRITERS} writers ({}); before it the longest was {:.0} ms ({})",
        removing.elapsed.as_secs_f64(),
        shown(removing),
        quiet.latency.at(1.0),
        shown(quiet)
    );
    let what = "retention removes a month: the longest write";
    vec![
        Measure::new(14, what, removing.latency.at(1.0), Unit::Milliseconds).floor(Floor::Under(100.0)).note(note),
        Measure::new(14, "retention removes a month: p99 of writes", removing.latency.at(0.99), Unit::Milliseconds),
    ]
}
