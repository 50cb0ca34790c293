//! Claims: every webhook has its share, whatever lies in front of it; rates hold across nodes; memory is bounded.

use std::time::Duration;

use simpul_core::event::EventType;
use simpul_store::{ClaimRules, Room};

use crate::queue::{claim, waiting};
use crate::support::{Bench, on_both, rules};

on_both! {
    async fn a_backlog_stands_in_nobodys_way(bench: Bench) {
        let flooded = bench.add_webhook(|webhook| webhook.events = vec!["payment.failed".to_owned()]).await;
        let (writer, _arriving) = bench.writer(0);
        let flood = (0..800).map(|number| bench.event(EventType::PaymentFailed, &format!("flood-{number}"))).collect();
        writer.ingest(bench.ingest(flood)).await.expect("stored");
        bench.clock.advance(Duration::from_secs(1));
        let mut others = Vec::new();
        for _ in 0..3 {
            others.push(bench.add_webhook(|webhook| webhook.events = vec!["payment.success".to_owned()]).await);
        }
        waiting(bench, 2).await;
        let claimed = bench.store.claim_due(&rules(2_000), None, bench.now()).await.expect("claimed").deliveries;
        for other in others {
            assert_eq!(claimed.iter().filter(|delivery| delivery.webhook.id == other).count(), 2);
        }
        assert!(claimed.iter().filter(|delivery| delivery.webhook.id == flooded).count() >= 100, "and it goes on itself");
    }

    async fn more_webhooks_than_one_look_sees_all_have_their_turn(bench: Bench) {
        for _ in 0..140 {
            bench.add_webhook(|_| {}).await;
        }
        waiting(bench, 1).await;
        let mut seen: Vec<_> = claim(&bench.store, bench, 2_000).await.iter().map(|delivery| delivery.webhook.id).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 140);
    }

    async fn a_rate_holds_across_nodes(bench: Bench) {
        bench.add_webhook(|webhook| webhook.rate_limit = Some(20)).await;
        waiting(bench, 100).await;
        let other = bench.database.open(bench.clock.clone()).await;
        let mut turns = Vec::new();
        for _ in 0..10 {
            for store in [&bench.store, &other] {
                turns.extend(claim(store, bench, 500).await.into_iter().filter_map(|delivery| delivery.not_before));
            }
            bench.clock.advance(Duration::from_millis(100));
        }
        turns.sort_unstable();
        assert!((28..=31).contains(&turns.len()), "a second and the half second ahead: {}", turns.len());
        assert!(turns.windows(2).all(|pair| pair[1].since(pair[0]) >= 50), "{turns:?}");
        other.close().await;
    }

    async fn bytes_bound_what_is_claimed(bench: Bench) {
        bench.add_webhook(|_| {}).await;
        waiting(bench, 20).await;
        let size = bench.event(EventType::PaymentSuccess, "x").payload.len();
        let rules = ClaimRules { room: Room::new(100, size * 5), drain_rate: 10 };
        let claimed = bench.store.claim_due(&rules, None, bench.now()).await.expect("claimed").deliveries;
        assert_eq!(claimed.len(), 5);
        drop(claimed);
        let again = bench.store.claim_due(&rules, None, bench.now()).await.expect("claimed").deliveries;
        assert_eq!(again.len(), 5, "what is done makes room");
    }

    async fn the_schedule_moves_with_a_clock_that_was_set_back(bench: Bench) {
        bench.add_webhook(|_| {}).await;
        let (writer, _arriving) = bench.writer(0);
        writer.ingest(bench.ingest(vec![bench.event(EventType::PaymentSuccess, "one")])).await.expect("stored");
        let back = simpul_core::time::Timestamp::from_millis(bench.now().millis() - 3_600_000);
        let earlier = std::sync::Arc::new(simpul_core::time::ManualClock::at(back));
        let store = bench.database.open(earlier.clone()).await;
        let look = |now| store.claim_due(Box::leak(Box::new(rules(10))), None, now);
        assert!(look(back).await.expect("claimed").deliveries.is_empty(), "an hour too early");
        assert_eq!(store.shift_schedule(Duration::from_secs(3_600), back).await.expect("moved"), 1);
        assert_eq!(look(back).await.expect("claimed").deliveries.len(), 1);
        store.close().await;
    }
}
