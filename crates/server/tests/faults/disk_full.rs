//! SQLite's disk is full: callers are told to come back, reads go on, and all is well once there is room.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use simpul_store::MasterKey;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::cluster::is_root;
use crate::ledger::Shared;
use crate::load::{Load, Plan, Sender};
use crate::node::Node;
use crate::sink::Behaviour;
use crate::world::{World, until};

/// A file system in memory, small enough to fill.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        if !cfg!(target_os = "linux") || !is_root() {
            println!("skipped: a small file system can be mounted by root on Linux only");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m", "tmpfs"]).arg(folder.path()).output();
        let mounted = mounted.expect("mount runs");
        if !mounted.status.success() {
            println!("skipped: no file system can be mounted here: {}", String::from_utf8_lossy(&mounted.stderr));
            return None;
        }
        Some(Self(folder))
    }

    fn ballast(&self) -> PathBuf {
        self.0.path().join("ballast")
    }

    /// Takes up what is left, except for this much.
    fn fill(&self, left: usize) {
        let mut file = File::create(self.ballast()).expect("made");
        let piece = [0_u8; 64 * 1_024];
        let mut written = 0;
        while let Ok(count) = file.write(&piece) {
            written += count;
        }
        file.set_len((written.saturating_sub(left)).try_into().expect("a length")).expect("cut off");
    }

    fn make_room(&self) {
        std::fs::remove_file(self.ballast()).expect("removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).output());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_has_no_room() {
    let Some(disk) = SmallDisk::mount() else { return };
    let url = format!("sqlite:{}", disk.0.path().join("simpul.db").display());
    let mut world = World::of(vec![Node::new(&url, &MasterKey::generate())]).await;
    let integration = world.make_integration("Piringan Penuh").await;
    let webhook = world
        .make_webhook(&integration, "slow", json!({"retryAttempts": 10, "retryDelay": 1, "backoff": "fixed"}))
        .await;
    world.sink.behaves("slow", Behaviour::After(Duration::from_millis(100)));
    let ledger = Shared::default();
    let sender = Sender::new(&world, &integration, &ledger);
    let load = Load::start(&sender, Plan { senders: 4, pause: Duration::from_millis(100), list: 5, filling: 2_000 });
    let refused = || ledger.with(|ledger| ledger.statuses.get(&503).copied().unwrap_or_default());
    for dies in [false, true] {
        sleep(Duration::from_secs(2)).await;
        disk.fill(512 * 1_024);
        let (before, target) = (ledger.with(|ledger| ledger.accepted.len()), refused() + 8);
        assert!(until(Duration::from_secs(40), || refused() >= target).await, "the disk never filled");
        assert_eq!(world.nodes[0].status("/healthz").await, Some(200));
        for path in [format!("/api/admin/webhooks/{webhook}"), format!("/api/admin/integrations/{integration}/events")]
        {
            let (status, body) = world.ask(Method::GET, &path, None).await;
            assert_eq!(status, 200, "reads go on: {path}: {body}");
        }
        // Outcomes that cannot be written gather meanwhile.
        sleep(Duration::from_secs(2)).await;
        assert!(world.nodes[0].is_alive());
        if dies {
            world.nodes[0].kill();
        }
        disk.make_room();
        if dies {
            world.nodes[0].start().await;
        }
        let again = ledger.with(|ledger| ledger.accepted.len()) + 50;
        assert!(
            until(Duration::from_secs(30), || ledger.with(|ledger| ledger.accepted.len()) >= again).await,
            "nothing was accepted once there was room"
        );
        println!("full, killed: {dies}; accepted before {before}, refused so far {}", refused());
    }
    load.stop().await;
    let account = ledger.drained(&world.sink, &["slow"], Duration::from_secs(60)).await;
    account.check("disk full");
    ledger.with(|ledger| {
        println!("answers {:?}, longest {:.1?}", ledger.statuses, ledger.longest);
        assert_eq!((ledger.bare, ledger.hung, ledger.abandoned), (0, 0, 0));
        assert_eq!(ledger.surprise, None);
    });
    let webhook = world.webhook(&webhook).await;
    assert_eq!((&webhook["failureCount"], &webhook["isActive"]), (&json!(0), &json!(true)), "{webhook}");
    world.end().await;
}
