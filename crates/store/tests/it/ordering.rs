//! `ordering: per_key`: one under way for each key, in the order of acceptance, and a retry holds its own key alone.

use std::time::Duration;

use simpul_core::event::EventType;
use simpul_core::id::WebhookId;
use simpul_core::webhook::Ordering;
use simpul_store::{LeasedDelivery, Outcome, Writer};

use crate::queue::{claim, deliveries, settlement};
use crate::support::{Bench, log, on_both};

/// Accepts events about these keys, in one batch each; answers their ids.
async fn accept(bench: &Bench, writer: &Writer, keys: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for (number, key) in keys.iter().enumerate() {
        let mut event = bench.event(EventType::MessageReceived, &format!("{key}-{number}-{}", bench.now().millis()));
        event.order_key = Some((*key).to_owned());
        ids.push(event.id.to_string());
        writer.ingest(bench.ingest(vec![event])).await.expect("stored");
    }
    ids
}

fn keys(leased: &[LeasedDelivery]) -> Vec<&str> {
    let mut keys: Vec<&str> = leased.iter().filter_map(|delivery| delivery.order_key.as_deref()).collect();
    keys.sort_unstable();
    keys
}

async fn ordered(bench: &Bench) -> WebhookId {
    bench.add_webhook(|webhook| webhook.ordering = Ordering::PerKey).await
}

on_both! {
    async fn one_of_each_key_is_under_way_and_the_next_follows_its_end(bench: Bench) {
        ordered(bench).await;
        let (writer, _arriving) = bench.writer(100);
        let ids = accept(bench, &writer, &["a", "a", "b", "a"]).await;
        let first = claim(&bench.store, bench, 50).await;
        assert_eq!(keys(&first), ["a", "b"]);
        assert!(claim(&bench.store, bench, 50).await.is_empty(), "the others are held");
        let a = first.iter().find(|delivery| delivery.order_key.as_deref() == Some("a")).expect("leased");
        assert_eq!(a.event_id.to_string(), ids[0]);
        writer.settle(settlement(bench, a, Outcome::Delivered)).await.expect("written");
        let second = claim(&bench.store, bench, 50).await;
        assert_eq!((second.len(), second[0].event_id.to_string()), (1, ids[1].clone()));
        writer.settle(settlement(bench, &second[0], Outcome::Exhausted)).await.expect("written");
        let third = claim(&bench.store, bench, 50).await;
        assert_eq!((third.len(), third[0].event_id.to_string()), (1, ids[3].clone()), "an exhausted one makes way");
    }

    async fn a_retry_holds_its_own_key_alone(bench: Bench) {
        ordered(bench).await;
        let (writer, _arriving) = bench.writer(100);
        accept(bench, &writer, &["a", "b", "a", "b"]).await;
        for delivery in claim(&bench.store, bench, 50).await {
            let outcome = match delivery.order_key.as_deref() {
                Some("a") => Outcome::Retry { at: bench.now().plus(Duration::from_secs(60)) },
                _ => Outcome::Delivered,
            };
            writer.settle(settlement(bench, &delivery, outcome)).await.expect("written");
        }
        assert_eq!(keys(&claim(&bench.store, bench, 50).await), ["b"]);
        bench.clock.advance(Duration::from_secs(61));
        assert_eq!(keys(&claim(&bench.store, bench, 50).await), ["a"]);
    }

    async fn a_replay_waits_for_what_is_under_way_of_its_key(bench: Bench) {
        let webhook_id = ordered(bench).await;
        let (writer, _arriving) = bench.writer(100);
        accept(bench, &writer, &["a", "a"]).await;
        let first = claim(&bench.store, bench, 50).await.remove(0);
        writer.settle(settlement(bench, &first, Outcome::Delivered)).await.expect("written");
        let second = claim(&bench.store, bench, 50).await.remove(0);
        assert!(bench.store.replay_delivery(first.id, "somebody", bench.now()).await.expect("replayed"));
        assert!(claim(&bench.store, bench, 50).await.is_empty(), "the second is still under way");
        writer.settle(settlement(bench, &second, Outcome::Delivered)).await.expect("written");
        assert_eq!(claim(&bench.store, bench, 50).await.remove(0).id, first.id);
        assert_eq!(deliveries(bench, webhook_id).await.len(), 2);
    }

    async fn without_the_wish_for_order_what_was_held_goes(bench: Bench) {
        let webhook_id = ordered(bench).await;
        let (writer, _arriving) = bench.writer(100);
        accept(bench, &writer, &["a", "a", "a"]).await;
        assert_eq!(claim(&bench.store, bench, 50).await.len(), 1);
        let mut webhook = bench.webhook(webhook_id).await;
        webhook.ordering = Ordering::None;
        bench.store.update_webhook(&webhook, false, log(bench.integration.id, bench.now())).await.expect("changed");
        assert_eq!(claim(&bench.store, bench, 50).await.len(), 2);
    }
}
