//! The connection breaks after PostgreSQL has committed and before the node hears of it: what was leased by such a commit is
//! in nobody's memory, and is delivered all the same.

use std::time::Duration;

use serde_json::json;
use simpul_store::testing::TestDatabase;
use tokio::time::sleep;

use crate::ledger::Shared;
use crate::load::{Load, Plan, Sender};
use crate::node::Node;
use crate::proxy::Proxy;
use crate::sink::Behaviour;
use crate::world::{World, until};

const BROKEN: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_committed_unheard_is_delivered() {
    let database = TestDatabase::postgres().await;
    let mut url: url::Url = database.url.parse().expect("a URL");
    let target = format!("{}:{}", url.host_str().expect("a host"), url.port().unwrap_or(5432));
    let proxy = Proxy::start(target).await;
    url.set_host(Some("127.0.0.1")).expect("a host");
    url.set_port(Some(proxy.port())).expect("a port");
    // The proxy reads along.
    url.query_pairs_mut().append_pair("sslmode", "disable");
    let world = World::of(vec![Node::new(url.as_str(), &database.master_key)]).await;
    let integration = world.make_integration("Kabar Terputus").await;
    for path in ["prompt", "failing"] {
        world.make_webhook(&integration, path, json!({"retryAttempts": 20, "retryDelay": 1, "backoff": "fixed"})).await;
    }
    // Its retries are claimed from the table all the time.
    world.sink.behaves("failing", Behaviour::Status(404));
    let ledger = Shared::default();
    let sender = Sender::new(&world, &integration, &ledger);
    let load = Load::start(&sender, Plan { senders: 4, pause: Duration::from_millis(100), list: 5, filling: 0 });
    sleep(Duration::from_secs(1)).await;
    proxy.break_commits(BROKEN);
    let broken = until(Duration::from_secs(40), || proxy.left_to_break() == 0).await;
    load.stop().await;
    world.sink.behaves("failing", Behaviour::Status(200));
    // A lease that nobody renews runs out within a minute.
    let account = ledger.drained(&world.sink, &["prompt", "failing"], Duration::from_secs(90)).await;
    ledger.with(|ledger| println!("answers {:?}, broken off {}", ledger.statuses, ledger.broken));
    account.check("commits that were not heard of");
    assert!(broken, "{} commits were not broken off", proxy.left_to_break());
    ledger.with(|ledger| assert_eq!((ledger.hung, ledger.abandoned, &ledger.surprise), (0, 0, &None)));
    world.end().await;
    database.remove().await;
}
