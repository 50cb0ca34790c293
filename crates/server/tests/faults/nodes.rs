//! Several nodes on one PostgreSQL share the work, make no delivery twice, and take over from one that is killed.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::json;
use simpul_store::testing::TestDatabase;
use sqlx::{Connection as _, PgConnection};
use tokio::time::sleep;
use uuid::Uuid;

use crate::ledger::Shared;
use crate::load::{Load, Plan, Sender, events};
use crate::node::Node;
use crate::sink::Behaviour;
use crate::world::World;

/// By the issue: whatever a dead node held is taken over within this time.
const TAKEN_OVER: Duration = Duration::from_secs(70);
/// What one node holds of one webhook at most is half of its room, so that of this much the others get some.
const MUCH: usize = 7_000;

/// Looks into the database which nodes hold deliveries.
pub(crate) struct Holders(PgConnection);

impl Holders {
    pub(crate) async fn of(database: &TestDatabase) -> Self {
        Self(PgConnection::connect(&database.url).await.expect("PostgreSQL answers"))
    }

    pub(crate) async fn look(&mut self) -> HashSet<Uuid> {
        let sql = "SELECT DISTINCT lease_owner FROM deliveries WHERE state = 'leased'";
        let held: Vec<Uuid> = sqlx::query_scalar(sql).fetch_all(&mut self.0).await.expect("answers");
        held.into_iter().collect()
    }
}

/// All of it is sent to one node.
async fn the_work_is_shared(count: usize) {
    let database = TestDatabase::postgres().await;
    let world = World::on(&database, count).await;
    let integration = world.make_integration("Gotong Royong").await;
    world.make_webhook(&integration, "slow", json!({"retryAttempts": 3, "retryDelay": 1})).await;
    world.sink.behaves("slow", Behaviour::After(Duration::from_millis(50)));
    let ledger = Shared::default();
    let mut sender = Sender::new(&world, &integration, &ledger);
    sender.keep_to(1);
    let begun = Instant::now();
    for _ in 0..MUCH / 500 {
        assert!(sender.send(0, &events(500, 0), Instant::now()).await);
    }
    let mut database_of = Holders::of(&database).await;
    let mut holders = HashSet::new();
    while holders.len() < count && begun.elapsed() < Duration::from_secs(30) {
        holders.extend(database_of.look().await);
        sleep(Duration::from_millis(100)).await;
    }
    let account = ledger.drained(&world.sink, &["slow"], Duration::from_secs(90)).await;
    println!("{count} nodes, {} of them held deliveries; all done after {:.1?}", holders.len(), begun.elapsed());
    account.check("work for several nodes");
    assert_eq!(account.duplicates, 0, "a node delivered what another held");
    assert_eq!(holders.len(), count, "not every node had a share");
    world.end().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_share_the_work() {
    the_work_is_shared(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_share_the_work() {
    the_work_is_shared(3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_others_take_over_from_one_that_was_killed() {
    let database = TestDatabase::postgres().await;
    let mut world = World::on(&database, 3).await;
    let integration = world.make_integration("Siaga Penuh").await;
    world.make_webhook(&integration, "slow", json!({"retryAttempts": 3, "retryDelay": 1})).await;
    world.sink.behaves("slow", Behaviour::After(Duration::from_millis(80)));
    let ledger = Shared::default();
    let sender = Sender::new(&world, &integration, &ledger);
    let load = Load::start(&sender, Plan { senders: 6, pause: Duration::from_millis(100), list: 20, filling: 0 });
    let moment = Duration::from_millis(2_000 + rand::random::<u64>() % 3_000);
    sleep(moment).await;
    world.nodes[1].kill();
    let killed = Instant::now();
    sleep(Duration::from_secs(3)).await;
    load.stop().await;
    let account = ledger.drained(&world.sink, &["slow"], Duration::from_secs(100)).await;
    let last = world.sink.arrivals("slow").last().map(|arrival| arrival.at.saturating_duration_since(killed));
    let last = last.expect("something came");
    println!("one of three killed after {moment:.1?}; the last delivery came {last:.1?} after");
    account.check("one of three killed");
    assert!(last < TAKEN_OVER, "taken over only after {last:?}");
    ledger.with(|ledger| assert_eq!((ledger.hung, ledger.abandoned, &ledger.surprise), (0, 0, &None)));
    world.nodes.remove(1);
    world.end().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_together_on_an_empty_database_all_get_ready() {
    for count in [2, 3] {
        let database = TestDatabase::postgres().await;
        let nodes = (0..count).map(|_| Node::new(&database.url, &database.master_key)).collect();
        let world = World::of(nodes).await;
        for node in &world.nodes {
            assert_eq!(node.status("/readyz").await, Some(200));
        }
        let mut connection = PgConnection::connect(&database.url).await.expect("PostgreSQL answers");
        let sql = "SELECT (SELECT COUNT(*) FROM _sqlx_migrations WHERE NOT success), (SELECT COUNT(*) FROM users)";
        let (failed, users): (i64, i64) = sqlx::query_as(sql).fetch_one(&mut connection).await.expect("answers");
        assert_eq!((failed, users), (0, 1), "migrated once, one first administrator");
        connection.close().await.expect("closed");
        world.end().await;
        database.remove().await;
    }
}
