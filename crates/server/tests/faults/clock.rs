//! The clock is set back and forward by an hour while retries wait: they go about when they would have gone.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;
use simpul_store::testing::TestDatabase;

use crate::ledger::Shared;
use crate::load::{Sender, events};
use crate::node::Node;
use crate::sink::Behaviour;
use crate::world::{World, until};

const DELAY: u64 = 5;
/// The delay, a second until the jump is seen, and time for a busy machine.
const LIMIT: Duration = Duration::from_secs(DELAY + 10);

/// The clock of a process, which its file moves.
struct FalseClock {
    library: PathBuf,
    file: tempfile::NamedTempFile,
}

impl FalseClock {
    fn find() -> Option<Self> {
        let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
        let mut libraries = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
        let Some(library) = libraries.find(|library| library.exists()) else {
            println!("skipped: libfaketime is not installed (Debian's package faketime)");
            return None;
        };
        let clock = Self { library, file: tempfile::NamedTempFile::new().expect("a file") };
        clock.set("+0");
        Some(clock)
    }

    /// So far from the true time, as `-1h`.
    fn set(&self, offset: &str) {
        let next = self.file.path().with_extension("next");
        std::fs::write(&next, offset).expect("written");
        // In one step: the process reads it at any moment.
        std::fs::rename(next, self.file.path()).expect("moved");
    }

    /// A process whose timers keep to the true time, as they do when an administrator sets a clock.
    fn rule(&self, node: &mut Node) {
        node.set("LD_PRELOAD", &self.library.display().to_string());
        node.set("FAKETIME_TIMESTAMP_FILE", &self.file.path().display().to_string());
        for name in ["FAKETIME_NO_CACHE", "FAKETIME_DONT_FAKE_MONOTONIC", "DONT_FAKE_MONOTONIC"] {
            node.set(name, "1");
        }
    }
}

async fn retries_keep_their_time(database: TestDatabase) {
    let Some(clock) = FalseClock::find() else { return };
    let mut node = Node::new(&database.url, &database.master_key);
    clock.rule(&mut node);
    let world = World::of(vec![node]).await;
    let integration = world.make_integration("Jam Dinding").await;
    let policy = json!({"retryAttempts": 10, "retryDelay": DELAY, "backoff": "fixed"});
    world.make_webhook(&integration, "receiver", policy.clone()).await;
    // What it is to get stands in memory, leased, when the clock moves.
    world.make_webhook(&integration, "slow", policy).await;
    world.sink.behaves("slow", Behaviour::After(Duration::from_millis(1_500)));
    for offset in ["-1h", "+0"] {
        let ledger = Shared::default();
        let sender = Sender::new(&world, &integration, &ledger);
        world.sink.behaves("receiver", Behaviour::Status(500));
        let asked = world.sink.requests("receiver");
        assert!(sender.send(0, &events(50, 0), Instant::now()).await);
        assert!(until(Duration::from_secs(20), || world.sink.requests("receiver") >= asked + 50).await);
        // Until the outcomes are written.
        tokio::time::sleep(Duration::from_secs(1)).await;
        clock.set(offset);
        assert!(is_at(&world, offset).await, "the process takes the clock's word");
        world.sink.behaves("receiver", Behaviour::Status(200));
        assert!(sender.send(0, &events(10, 0), Instant::now()).await);
        let moved = Instant::now();
        let retries = ledger.drained(&world.sink, &["receiver"], LIMIT).await;
        println!("clock set to {offset}: the retries came within {:.1?}", moved.elapsed());
        assert_eq!((retries.accepted, retries.lost), (60, 0), "retries were kept waiting");
        let held = ledger.drained(&world.sink, &["slow"], LIMIT).await;
        println!("what was in memory came within {:.1?}, lost {}", moved.elapsed(), held.lost);
        assert_eq!(held.lost, 0, "what was in memory was kept waiting");
    }
    // Until what may come twice has come.
    tokio::time::sleep(Duration::from_secs(8)).await;
    for path in ["receiver", "slow"] {
        let arrivals = world.sink.arrivals(path);
        let distinct: std::collections::HashSet<_> = arrivals.iter().map(|arrival| &arrival.id).collect();
        println!("{path}: {} came, {} of them again", arrivals.len(), arrivals.len() - distinct.len());
    }
    world.end().await;
    database.remove().await;
}

/// Whether the process itself says that it is that late.
async fn is_at(world: &World, offset: &str) -> bool {
    let made = world.make_integration(&format!("Jam {offset}")).await;
    let (_, body) = world.ask(reqwest::Method::GET, &format!("/api/admin/integrations/{made}"), None).await;
    let at: simpul_core::time::Timestamp = body["data"]["createdAt"].as_str().expect("a time").parse().expect("a time");
    #[expect(clippy::disallowed_methods, reason = "the true time, beside the one that the process is made to believe")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    let behind = i64::try_from(now).expect("a time") - at.millis();
    let expected = if offset == "+0" { 0 } else { 3_600_000 };
    (behind - expected).abs() < 60_000
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    retries_keep_their_time(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    retries_keep_their_time(TestDatabase::postgres().await).await;
}
