//! Nodes on one PostgreSQL are restarted one after the other under load, as for an upgrade: no request of a retrying client
//! is dropped, and a node that stops leaves no lease behind.

use std::time::Duration;

use serde_json::json;
use simpul_store::testing::TestDatabase;
use tokio::time::sleep;

use crate::ledger::Shared;
use crate::load::{Load, Plan, Sender};
use crate::nodes::Holders;
use crate::sink::Behaviour;
use crate::world::World;

/// A stop waits for attempts under way for 20 s at most; these take 80 ms.
const STOP: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_drops_nothing() {
    let database = TestDatabase::postgres().await;
    let mut world = World::on(&database, 2).await;
    let integration = world.make_integration("Pergantian Regu").await;
    for path in ["prompt", "slow"] {
        world.make_webhook(&integration, path, json!({"retryAttempts": 3, "retryDelay": 1})).await;
    }
    world.sink.behaves("slow", Behaviour::After(Duration::from_millis(80)));
    let ledger = Shared::default();
    let sender = Sender::new(&world, &integration, &ledger);
    let load = Load::start(&sender, Plan { senders: 6, pause: Duration::from_millis(100), list: 15, filling: 0 });
    let mut holders = Holders::of(&database).await;
    for number in [0, 1, 0, 1] {
        sleep(Duration::from_secs(2)).await;
        let (code, took) = world.nodes[number].terminate().await;
        let held_by = holders.look().await.len();
        println!("node {number} stopped in {took:.1?}; then {held_by} nodes held deliveries");
        assert_eq!(code, Some(0), "a clean stop");
        assert!(took < STOP, "the stop took {took:?}");
        assert!(held_by <= 1, "the node that stopped left leases behind");
        world.nodes[number].start().await;
    }
    load.stop().await;
    // Well before any lease that was left behind could have run out.
    let account = ledger.drained(&world.sink, &["prompt", "slow"], Duration::from_secs(40)).await;
    account.check("rolling restart");
    ledger.with(|ledger| {
        println!("broken off {}, answers {:?}, longest {:.1?}", ledger.broken, ledger.statuses, ledger.longest);
        assert_eq!((ledger.hung, ledger.abandoned, &ledger.surprise), (0, 0, &None));
    });
    assert_eq!(account.duplicates, 0, "a clean stop repeats nothing");
    world.end().await;
    database.remove().await;
}
