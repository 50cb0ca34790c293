//! PostgreSQL is stopped for ten seconds under load: callers are told to come back, and everything accepted arrives.

use std::time::{Duration, Instant};

use serde_json::json;
use simpul_store::MasterKey;
use tokio::time::sleep;

use crate::cluster::Cluster;
use crate::ledger::Shared;
use crate::load::{Load, Plan, Sender};
use crate::node::Node;
use crate::sink::Behaviour;
use crate::world::World;

const AWAY: Duration = Duration::from_secs(10);
/// An answer that takes longer is a hang to the caller.
const LONGEST: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_stopped_for_ten_seconds() {
    let cluster = Cluster::start();
    let mut world = World::of(vec![Node::new(&cluster.url(), &MasterKey::generate())]).await;
    let integration = world.make_integration("Gangguan Basis Data").await;
    let mut webhooks = Vec::new();
    for path in ["prompt", "slow"] {
        webhooks.push(world.make_webhook(&integration, path, json!({"retryAttempts": 5, "retryDelay": 1})).await);
    }
    world.sink.behaves("slow", Behaviour::After(Duration::from_millis(100)));
    let ledger = Shared::default();
    let sender = Sender::new(&world, &integration, &ledger);
    let load = Load::start(&sender, Plan { senders: 8, pause: Duration::from_millis(100), list: 5, filling: 0 });
    sleep(Duration::from_secs(3)).await;
    let before = ledger.with(|ledger| ledger.accepted.len());
    cluster.stop();
    let stopped = Instant::now();
    let mut readiness = Vec::new();
    while stopped.elapsed() < AWAY {
        readiness.push(world.nodes[0].status("/readyz").await);
        assert_eq!(world.nodes[0].status("/healthz").await, Some(200), "the process is up");
        sleep(Duration::from_millis(500)).await;
    }
    let meanwhile = ledger.with(|ledger| ledger.accepted.len()) - before;
    cluster.start_again();
    let started = Instant::now();
    while world.nodes[0].status("/readyz").await != Some(200) {
        assert!(started.elapsed() < Duration::from_secs(15), "it did not get ready again");
        sleep(Duration::from_millis(50)).await;
    }
    let ready_after = started.elapsed();
    sleep(Duration::from_secs(3)).await;
    load.stop().await;
    let account = ledger.drained(&world.sink, &["prompt", "slow"], Duration::from_secs(100)).await;
    account.check("PostgreSQL away for 10 s");
    ledger.with(|ledger| {
        println!(
            "before {before}, meanwhile {meanwhile}; answers {:?}, 503 without Retry-After {}, longest answer {:.1?}; ready {ready_after:.1?} after PostgreSQL",
            ledger.statuses, ledger.bare, ledger.longest
        );
        assert!(ledger.statuses.contains_key(&503), "callers were told");
        assert_eq!((ledger.bare, ledger.hung, ledger.broken, ledger.abandoned), (0, 0, 0, 0));
        assert_eq!(ledger.surprise, None);
        assert!(ledger.longest < LONGEST, "an answer took {:?}", ledger.longest);
    });
    println!("readiness meanwhile {readiness:?}");
    assert!(readiness.iter().all(|status| *status == Some(503)), "{readiness:?}");
    assert!(world.nodes[0].is_alive());
    for id in &webhooks {
        let webhook = world.webhook(id).await;
        assert_eq!((&webhook["failureCount"], &webhook["isActive"]), (&json!(0), &json!(true)), "{webhook}");
    }
    world.end().await;
}
