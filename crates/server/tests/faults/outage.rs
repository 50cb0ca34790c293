//! A receiver is down for three quarters of a minute: its circuit opens, nothing is lost, nobody else notices, and what
//! waited arrives oldest first.

use std::time::{Duration, Instant};

use serde_json::json;
use simpul_store::testing::TestDatabase;
use tokio::time::sleep;

use crate::ledger::{Shared, percentile};
use crate::load::{Load, Sender};
use crate::sink::Sink;
use crate::world::World;

const DOWN: Duration = Duration::from_secs(42);
const EVERY: Duration = Duration::from_millis(50);
/// The circuit opens after 30 s of silence.
const OPENS: Duration = Duration::from_secs(40);
/// The probes come 5, 15 and 35 s after it opened.
const CLOSES: Duration = Duration::from_secs(60);
/// How far apart two deliveries may change places: a retry that waits for its delay is overtaken by what came meanwhile.
const DISORDER: Duration = Duration::from_secs(8);
/// Probes, and attempts that were under way when the circuit opened.
const TRIED: usize = 20;
const PROMPT: Duration = Duration::from_secs(1);

async fn the_backlog_arrives(database: TestDatabase) {
    let world = World::on(&database, 1).await;
    let mut fallible = Sink::start().await;
    let integration = world.make_integration("Sedang Pemeliharaan").await;
    // Retries enough for the half minute until the circuit opens; behind an open circuit none are used up.
    let policy = json!({"retryAttempts": 20, "retryDelay": 3, "backoff": "fixed"});
    let down = world.make_webhook_to(&integration, &fallible.url("down"), policy.clone()).await;
    world.make_webhook(&integration, "other", policy).await;
    let ledger = Shared::default();
    let sender = Sender::new(&world, &integration, &ledger);
    let load = Load::steady(&sender, EVERY);
    sleep(Duration::from_secs(2)).await;
    fallible.stop().await;
    let stopped = Instant::now();
    let opened = world.until_webhook(&down, OPENS, |webhook| webhook["circuit"] == "open").await;
    let open_at = Instant::now();
    sleep(DOWN.saturating_sub(stopped.elapsed())).await;
    fallible.start_again().await;
    let back = Instant::now();
    let recovers = world.until_webhook(&down, CLOSES, |webhook| webhook["circuit"] != "open").await;
    let closed = world.until_webhook(&down, CLOSES, |webhook| webhook["circuit"] == "closed").await;
    load.stop().await;
    println!(
        "the circuit opened after {opened:.1?}; {recovers:.1?} after the receiver was back it recovered, for {closed:.1?}"
    );
    ledger.drained(&fallible, &["down"], Duration::from_secs(30)).await.check("the receiver that was down");
    ledger.drained(&world.sink, &["other"], Duration::from_secs(10)).await.check("the other receiver");
    let sent = ledger.with(|ledger| ledger.accepted.clone());
    let arrivals = fallible.arrivals("down");
    let waited: Vec<Instant> = arrivals
        .iter()
        .filter(|arrival| arrival.at >= back)
        .map(|arrival| sent[&arrival.id])
        .filter(|sent| *sent < back)
        .collect();
    let overall = disorder(waited.iter().copied());
    // What was tried before the circuit opened comes first, in the order of its next tries.
    let behind = disorder(waited.iter().map(|sent| *sent.max(&open_at)));
    let latencies = ledger.latencies(&world.sink, "other", stopped, back);
    let (median, high) = (percentile(&latencies, 50), percentile(&latencies, 99));
    println!(
        "{} waited, the furthest out of order by {overall:.1?}, of those behind the open circuit by {behind:.1?}; the other receiver meanwhile p50 {median:.1?}, p99 {high:.1?}",
        waited.len()
    );
    assert!(waited.len() > 100, "there was a backlog: {}", waited.len());
    assert!(behind < DISORDER, "the oldest go first: {behind:?}");
    assert!(high < PROMPT, "the other receiver waited: {high:?}");
    let webhook = world.webhook(&down).await;
    assert_eq!((&webhook["failureCount"], &webhook["isActive"]), (&json!(0), &json!(true)), "{webhook}");
    world.end().await;
    database.remove().await;
}

/// By how much the older of two came after the younger, at most, leaving out the few that were tried meanwhile and wait for
/// their retry.
fn disorder(sent: impl Iterator<Item = Instant>) -> Duration {
    let mut latest: Option<Instant> = None;
    let mut late: Vec<Duration> = sent
        .map(|sent| {
            let before = latest.map_or(sent, |latest| latest.max(sent));
            latest = Some(before);
            before - sent
        })
        .collect();
    late.sort_unstable();
    late.iter().rev().nth(TRIED).copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    the_backlog_arrives(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    the_backlog_arrives(TestDatabase::postgres().await).await;
}
