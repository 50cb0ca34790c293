//! `kill -9` at random moments under load, twenty times: nothing that was accepted is lost.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use simpul_store::testing::TestDatabase;
use tokio::time::sleep;

use crate::ledger::Shared;
use crate::load::{Load, Plan, Sender};
use crate::sink::Behaviour;
use crate::world::World;

const ROUNDS: usize = 20;
const RECEIVERS: &[&str] = &["prompt", "moody", "slow"];
/// A dead node's leases on PostgreSQL run for a minute before another node, or its own restart, may take them.
const DRAIN: Duration = Duration::from_secs(150);

async fn nothing_is_lost(database: TestDatabase) {
    let mut world = World::on(&database, 1).await;
    let integration = world.make_integration("Tahan Banting").await;
    for path in RECEIVERS {
        world.make_webhook(&integration, path, json!({"retryAttempts": 10, "retryDelay": 1, "backoff": "fixed"})).await;
    }
    world.sink.behaves("moody", Behaviour::SlowEvery(25, Duration::from_millis(400)));
    // Slower than what comes in: work is left in memory and in the table whenever the process dies.
    world.sink.behaves("slow", Behaviour::After(Duration::from_millis(60)));
    let seed: u64 = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let ledger = Shared::default();
    let sender = Sender::new(&world, &integration, &ledger);
    let begun = Instant::now();
    let load = Load::start(&sender, Plan { senders: 8, pause: Duration::from_millis(150), list: 10, filling: 0 });
    let mut moments = Vec::new();
    for _ in 0..ROUNDS {
        let moment = Duration::from_millis(random.random_range(100..1_000));
        moments.push(moment.as_millis());
        sleep(moment).await;
        world.nodes[0].kill();
        world.nodes[0].start().await;
    }
    load.stop().await;
    let killing = begun.elapsed();
    let account = ledger.drained(&world.sink, RECEIVERS, DRAIN).await;
    println!("seed {seed}: killed after {moments:?} ms, {ROUNDS} rounds in {killing:.1?}");
    account.check("kill -9");
    ledger.with(|ledger| {
        println!("requests broken off {}, answers {:?}", ledger.broken, ledger.statuses);
        assert!(ledger.broken > 0, "no request was under way when the process died");
        assert_eq!((ledger.hung, ledger.abandoned, &ledger.surprise), (0, 0, &None));
    });
    assert!(account.accepted > 500, "the work was under way: {}", account.accepted);
    world.end().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    nothing_is_lost(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    nothing_is_lost(TestDatabase::postgres().await).await;
}
