//! Work that one node does for all: one leader at a time, and another one when it dies or gives up.

use std::time::Duration;

use crate::support::{Bench, on_both};

const LEASE: Duration = Duration::from_secs(30);

on_both! {
    async fn one_node_leads_while_it_renews(bench: Bench) {
        let other = bench.database.open(bench.clock.clone()).await;
        assert!(bench.store.lead("replays", LEASE).await.expect("free"));
        assert!(!other.lead("replays", LEASE).await.expect("taken"));
        assert!(other.lead("probes", LEASE).await.expect("another work"));
        bench.clock.advance(LEASE - Duration::from_millis(1));
        assert!(bench.store.lead("replays", LEASE).await.expect("renewed"));
        bench.clock.advance(LEASE - Duration::from_millis(1));
        assert!(!other.lead("replays", LEASE).await.expect("still taken"));
        other.close().await;
    }

    async fn a_dead_leaders_work_is_taken_over_when_its_lease_has_run_out(bench: Bench) {
        let other = bench.database.open(bench.clock.clone()).await;
        assert!(other.lead("replays", LEASE).await.expect("free"));
        bench.clock.advance(LEASE);
        assert!(bench.store.lead("replays", LEASE).await.expect("run out"));
        assert!(!other.lead("replays", LEASE).await.expect("late"), "it was too slow and leads no more");
        other.close().await;
    }

    async fn who_resigns_leaves_the_lead_at_once_and_nobody_elses(bench: Bench) {
        let other = bench.database.open(bench.clock.clone()).await;
        assert!(bench.store.lead("replays", LEASE).await.expect("free"));
        other.resign("replays").await.expect("nothing to give up");
        assert!(!other.lead("replays", LEASE).await.expect("taken"));
        bench.store.resign("replays").await.expect("given up");
        assert!(other.lead("replays", LEASE).await.expect("free"));
        other.close().await;
    }

    async fn of_many_that_ask_at_once_one_leads(bench: Bench) {
        let mut nodes = Vec::new();
        for _ in 0..4 {
            nodes.push(bench.database.open(bench.clock.clone()).await);
        }
        let asked = nodes.iter().cloned().map(|node| tokio::spawn(async move { node.lead("replays", LEASE).await.expect("asked") }));
        let asked: Vec<_> = asked.collect();
        let mut leaders = 0;
        for answer in asked {
            leaders += usize::from(answer.await.expect("ran"));
        }
        assert_eq!(leaders, 1);
        for node in nodes {
            node.close().await;
        }
    }
}
