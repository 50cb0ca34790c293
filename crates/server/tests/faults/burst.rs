//! One partner's burst to its slow receiver does not hold up another partner's events.

use std::time::{Duration, Instant};

use serde_json::json;
use simpul_store::testing::TestDatabase;
use tokio::time::sleep;

use crate::ledger::{Shared, percentile};
use crate::load::{Load, Sender, events};
use crate::sink::Behaviour;
use crate::world::World;

const BURST: usize = 5_000;
/// For a debug build on two busy cores; well below the seconds that the others take.
const PROMPT: Duration = Duration::from_secs(2);

async fn the_other_partner_notices_nothing(database: TestDatabase) {
    let world = World::on(&database, 1).await;
    let policy = json!({"retryAttempts": 3, "retryDelay": 1});
    let (loud, quiet) = (world.make_integration("Pesta Diskon").await, world.make_integration("Warung Tenang").await);
    world.make_webhook(&loud, "slow", policy.clone()).await;
    world.make_webhook(&quiet, "prompt", policy).await;
    world.sink.behaves("slow", Behaviour::After(Duration::from_millis(50)));
    let (burst, steady) = (Shared::default(), Shared::default());
    let (loud, quiet) = (Sender::new(&world, &loud, &burst), Sender::new(&world, &quiet, &steady));
    let load = Load::steady(&quiet, Duration::from_millis(20));
    sleep(Duration::from_secs(2)).await;
    let begun = Instant::now();
    let bodies: Vec<_> = (0..BURST / 500).map(|_| events(500, 0)).collect();
    let lists = bodies.iter().map(|body| loud.send(0, body, begun));
    assert!(futures_util::future::join_all(lists).await.into_iter().all(|accepted| accepted));
    let taken = begun.elapsed();
    let account = burst.drained(&world.sink, &["slow"], Duration::from_secs(120)).await;
    let done = Instant::now();
    load.stop().await;
    account.check("the burst");
    steady.drained(&world.sink, &["prompt"], Duration::from_secs(10)).await.check("the other partner");
    let latencies = steady.latencies(&world.sink, "prompt", begun, done);
    let (median, high) = (percentile(&latencies, 50), percentile(&latencies, 99));
    println!(
        "{BURST} events taken in {taken:.1?}, delivered in {:.1?}; the other partner meanwhile: {} events, p50 {median:.1?}, p99 {high:.1?}",
        done - begun,
        latencies.len()
    );
    assert!(high < PROMPT, "the other partner waited: {high:?}");
    world.end().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    the_other_partner_notices_nothing(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    the_other_partner_notices_nothing(TestDatabase::postgres().await).await;
}
