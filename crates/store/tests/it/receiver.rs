//! A receiver's standing: circuits that open, probe and recover, warnings, and being disabled by time.

use std::time::Duration;

use simpul_core::event::EventType;
use simpul_core::webhook::{Circuit, Webhook};
use simpul_store::{Outcome, Sign};

use crate::queue::{claim, deliveries, settlement, signed, waiting};
use crate::support::{Bench, log, on_both, rules};

fn retry(bench: &Bench) -> Outcome {
    Outcome::Retry { at: bench.now().plus(Duration::from_secs(1)) }
}

/// Fails `count` attempts, one after another, over more than half a minute.
async fn fail(bench: &Bench, writer: &simpul_store::Writer, count: usize) {
    for _ in 0..count {
        let delivery = claim(&bench.store, bench, 1).await.remove(0);
        bench.clock.advance(Duration::from_secs(2));
        writer.settle(settlement(bench, &delivery, retry(bench))).await.expect("written");
    }
}

async fn enable(bench: &Bench, mut webhook: Webhook) {
    webhook.is_active = true;
    bench.store.update_webhook(&webhook, true, log(bench.integration.id, bench.now())).await.expect("switched");
}

on_both! {
    async fn a_dead_receiver_is_probed_and_the_rest_waits(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 30).await;
        fail(bench, &writer, 19).await;
        assert_eq!(bench.webhook(webhook_id).await.circuit, Circuit::Closed);
        fail(bench, &writer, 1).await;
        let webhook = bench.webhook(webhook_id).await;
        assert_eq!(webhook.circuit, Circuit::Open);
        assert!(webhook.failing_since.is_some() && webhook.next_probe_at.is_some_and(|at| at > bench.now()));
        // What is due waits, what arrives waits with it, and neither uses up an attempt.
        bench.clock.advance(Duration::from_secs(4));
        let (fast, mut arriving) = bench.writer(100);
        fast.ingest(bench.ingest(vec![bench.event(EventType::PaymentSuccess, "later")])).await.expect("stored");
        assert!(arriving.try_recv().is_err() && claim(&bench.store, bench, 50).await.is_empty());
        bench.clock.advance(Duration::from_secs(2));
        let probe = claim(&bench.store, bench, 50).await;
        assert_eq!(probe.len(), 1, "one goes to see");
        assert!(claim(&bench.store, bench, 50).await.is_empty());
        writer.settle(settlement(bench, &probe[0], retry(bench))).await.expect("written");
        let next = bench.webhook(webhook_id).await.next_probe_at.expect("planned");
        assert_eq!(next.since(bench.now()), 10_000, "further apart each time");
        bench.clock.advance(Duration::from_secs(10));
        assert_eq!(claim(&bench.store, bench, 50).await.len(), 1);
    }

    async fn what_was_under_way_when_the_circuit_opened_does_not_put_the_probe_off(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 30).await;
        let under_way = claim(&bench.store, bench, 5).await;
        fail(bench, &writer, 20).await;
        let planned = bench.webhook(webhook_id).await.next_probe_at.expect("it opened");
        for delivery in under_way {
            bench.clock.advance(Duration::from_millis(200));
            writer.settle(settlement(bench, &delivery, retry(bench))).await.expect("written");
        }
        let webhook = bench.webhook(webhook_id).await;
        assert_eq!((webhook.circuit, webhook.next_probe_at), (Circuit::Open, Some(planned)));
        bench.clock.advance(Duration::from_secs(5));
        assert_eq!(claim(&bench.store, bench, 50).await.len(), 1, "the first probe comes in its time");
    }

    async fn a_clock_that_is_set_back_does_not_put_the_probe_off(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 30).await;
        fail(bench, &writer, 20).await;
        assert_eq!(bench.webhook(webhook_id).await.circuit, Circuit::Open);
        let back_by = Duration::from_secs(3_600);
        let earlier = bench.now().minus(back_by);
        bench.store.shift_schedule(back_by, earlier).await.expect("shifted");
        let soon = earlier.plus(Duration::from_secs(6));
        let claimed = bench.store.claim_due(&rules(50), None, soon).await.expect("claimed");
        assert_eq!(claimed.deliveries.len(), 1, "a probe goes");
    }

    async fn when_it_answers_again_what_waited_goes_out_at_a_pace_the_oldest_first(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 30).await;
        fail(bench, &writer, 20).await;
        assert_eq!(bench.webhook(webhook_id).await.circuit, Circuit::Open);
        bench.clock.advance(Duration::from_secs(6));
        let probe = claim(&bench.store, bench, 50).await.remove(0);
        writer.settle(settlement(bench, &probe, Outcome::Delivered)).await.expect("written");
        assert_eq!(bench.webhook(webhook_id).await.circuit, Circuit::Recovering);
        let (fast, mut arriving) = bench.writer(100);
        fast.ingest(bench.ingest(vec![bench.event(EventType::PaymentSuccess, "younger")])).await.expect("stored");
        assert!(arriving.try_recv().is_err(), "what is younger waits its turn");
        // Ten a second, half a second ahead.
        let first = claim(&bench.store, bench, 50).await;
        assert!((4..=6).contains(&first.len()), "{}", first.len());
        assert!(first.iter().all(|delivery| delivery.not_before.is_some()));
        let mut out = first.len();
        for delivery in first {
            writer.settle(settlement(bench, &delivery, Outcome::Delivered)).await.expect("written");
        }
        for _ in 0..20 {
            bench.clock.advance(Duration::from_millis(500));
            for delivery in claim(&bench.store, bench, 50).await {
                out += 1;
                writer.settle(settlement(bench, &delivery, Outcome::Delivered)).await.expect("written");
            }
        }
        assert_eq!(out, 30, "everything but the probe");
        let webhook = bench.webhook(webhook_id).await;
        assert_eq!((webhook.circuit, webhook.failing_since), (Circuit::Closed, None));
    }

    async fn a_refusal_is_an_answer_and_opens_no_circuit(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 25).await;
        for delivery in claim(&bench.store, bench, 60).await {
            bench.clock.advance(Duration::from_secs(2));
            writer.settle(signed(bench, &delivery, retry(bench), Sign::Alive)).await.expect("written");
        }
        let webhook = bench.webhook(webhook_id).await;
        assert_eq!(webhook.circuit, Circuit::Closed);
        assert!(webhook.failing_since.is_some());
    }

    async fn a_burst_of_failures_within_a_moment_opens_no_circuit(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 40).await;
        for delivery in claim(&bench.store, bench, 90).await {
            writer.settle(settlement(bench, &delivery, retry(bench))).await.expect("written");
        }
        assert_eq!(bench.webhook(webhook_id).await.circuit, Circuit::Closed);
    }

    async fn long_failure_warns_and_then_disables(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let witness = bench.add_webhook(|webhook| webhook.events = vec!["webhook.*".to_owned()]).await;
        let writer = waiting(bench, 3).await;
        let mut held = claim(&bench.store, bench, 3).await;
        writer.settle(settlement(bench, &held.remove(0), retry(bench))).await.expect("written");
        bench.clock.advance(Duration::from_secs(71 * 3_600));
        let ids: Vec<_> = held.iter().map(|delivery| delivery.id).collect();
        bench.store.renew_leases(&ids, bench.now()).await.expect("renewed");
        writer.settle(settlement(bench, &held.remove(0), retry(bench))).await.expect("written");
        let webhook = bench.webhook(webhook_id).await;
        assert!(webhook.is_active && webhook.warned_at.is_some(), "{webhook:?}");
        bench.clock.advance(Duration::from_secs(30 * 3_600));
        writer.settle(settlement(bench, &held.remove(0), retry(bench))).await.expect("written");
        let webhook = bench.webhook(webhook_id).await;
        assert!(!webhook.is_active);
        assert!(webhook.disabled_reason.is_some_and(|reason| reason.contains("101 hours")));
        let told: Vec<String> = deliveries(bench, witness).await.into_iter().map(|delivery| delivery.event_type).collect();
        assert_eq!(told, ["webhook.disabled", "webhook.failing"]);
    }

    async fn faults_of_our_own_are_not_the_receivers(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 4).await;
        for delivery in claim(&bench.store, bench, 4).await {
            writer.settle(signed(bench, &delivery, Outcome::Exhausted, Sign::Unasked)).await.expect("written");
        }
        let webhook = bench.webhook(webhook_id).await;
        assert_eq!((webhook.is_active, webhook.failure_count, webhook.failing_since), (true, 0, None));
    }

    async fn what_is_postponed_or_filtered_counts_no_attempt(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 2).await;
        let held = claim(&bench.store, bench, 2).await;
        let at = bench.now().plus(Duration::from_secs(5));
        for (delivery, outcome) in held.iter().zip([Outcome::Postponed { at }, Outcome::Filtered]) {
            let mut settlement = signed(bench, delivery, outcome, Sign::Unasked);
            settlement.attempt = None;
            writer.settle(settlement).await.expect("written");
        }
        let mut states: Vec<(String, i32)> =
            deliveries(bench, webhook_id).await.into_iter().map(|delivery| (delivery.state, delivery.attempt_count)).collect();
        states.sort();
        assert_eq!(states, [("filtered".to_owned(), 0), ("pending".to_owned(), 0)]);
        bench.clock.advance(Duration::from_secs(5));
        let again = claim(&bench.store, bench, 2).await.remove(0);
        assert_eq!((again.trigger.as_str(), again.attempt_count), ("initial", 0));
    }

    async fn what_is_parked_can_be_dropped_and_is_given_up_with_age(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 1).await;
        let held = claim(&bench.store, bench, 1).await.remove(0);
        writer.settle(settlement(bench, &held, Outcome::Gone)).await.expect("written");
        waiting(bench, 3).await;
        assert_eq!(bench.store.count_parked(webhook_id, 100).await.expect("counted"), 3);
        let cutoff = bench.now();
        bench.clock.advance(Duration::from_secs(1));
        waiting(bench, 2).await;
        assert_eq!(bench.store.drop_parked_before(cutoff.plus(Duration::from_millis(1)), bench.now()).await.expect("dropped"), 3);
        assert_eq!(bench.store.drop_parked(webhook_id, bench.now()).await.expect("dropped"), 2);
        enable(bench, bench.webhook(webhook_id).await).await;
        assert!(claim(&bench.store, bench, 50).await.is_empty());
        let dropped = deliveries(bench, webhook_id).await.into_iter().filter(|delivery| delivery.state == "dropped");
        assert_eq!(dropped.count(), 5, "kept, visible, replayable");
    }
}
