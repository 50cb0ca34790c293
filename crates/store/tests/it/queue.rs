//! The queue: each delivery to one holder at a time, none lost, results only from who holds it.

use std::collections::HashSet;
use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::event::EventType;
use simpul_core::id::WebhookId;
use simpul_store::{AttemptRecord, Delivery, DeliveryFilter, LeasedDelivery, Outcome, Settlement, Sign, Store};

use crate::support::{Bench, log, on_both, rules};

pub(crate) fn settlement(bench: &Bench, delivery: &LeasedDelivery, outcome: Outcome) -> Settlement {
    let sign = if outcome == Outcome::Delivered { Sign::Alive } else { Sign::Dead };
    signed(bench, delivery, outcome, sign)
}

pub(crate) fn signed(bench: &Bench, delivery: &LeasedDelivery, outcome: Outcome, sign: Sign) -> Settlement {
    let status = match outcome {
        Outcome::Delivered => Status::Success,
        Outcome::Retry { .. } => Status::Pending,
        _ => Status::Failed,
    };
    let mut log = Activity::new(bench.integration.id, Action::Webhook, status, "attempt", bench.now());
    log.component = Component::Deliveries;
    log.duration = Some(12);
    let attempt = AttemptRecord {
        request_headers: "{}".to_owned(),
        response_status: Some(200),
        response_headers: None,
        response_body: Some("ok\0".to_owned()),
        error_message: None,
        remote_address: None,
        dns_duration: Some(1),
        connect_duration: Some(2),
        tls_duration: None,
        first_byte_duration: Some(9),
        log,
    };
    let delivery = LeasedDelivery { place: None, ..delivery.clone() };
    Settlement { delivery, outcome, sign, at: bench.now(), attempt: Some(attempt) }
}

/// Accepts `count` events without leasing any: they wait in the table.
pub(crate) async fn waiting(bench: &Bench, count: usize) -> simpul_store::Writer {
    let (writer, _) = bench.writer(0);
    for number in 0..count {
        let event = bench.event(EventType::PaymentSuccess, &format!("{number}-{}", bench.now().millis()));
        writer.ingest(bench.ingest(vec![event])).await.expect("stored");
    }
    writer
}

pub(crate) async fn claim(store: &Store, bench: &Bench, places: usize) -> Vec<LeasedDelivery> {
    bench.claim(store, places).await
}

pub(crate) async fn deliveries(bench: &Bench, webhook_id: WebhookId) -> Vec<Delivery> {
    bench.store.list_deliveries(webhook_id, &DeliveryFilter::default(), 0, 500).await.expect("read")
}

on_both! {
    async fn several_nodes_never_hold_the_same_delivery(bench: Bench) {
        bench.add_webhook(|_| {}).await;
        waiting(bench, 60).await;
        let mut nodes = Vec::new();
        for _ in 0..4 {
            nodes.push(bench.database.open(bench.clock.clone()).await);
        }
        let mut seen = HashSet::new();
        // Who looks while another is claiming gets less: they look again.
        for _ in 0..50 {
            let claims = futures(&nodes, bench).await;
            for delivery in claims {
                assert!(seen.insert(delivery.id), "claimed twice");
            }
        }
        assert_eq!(seen.len(), 60);
        for node in nodes {
            node.close().await;
        }
    }

    async fn a_dead_nodes_work_is_taken_over_and_its_late_result_is_not_believed(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        waiting(bench, 1).await;
        let other = bench.database.open(bench.clock.clone()).await;
        let held = claim(&other, bench, 10).await.remove(0);
        assert!(claim(&bench.store, bench, 10).await.is_empty(), "held");
        bench.clock.advance(Duration::from_secs(61));
        assert_eq!(bench.store.reclaim_expired(bench.now()).await.expect("reclaimed"), 1);
        let taken = claim(&bench.store, bench, 10).await.remove(0);
        let (late, _) = Bench::writer_of(&other);
        late.settle(settlement(bench, &held, Outcome::Exhausted)).await.expect("written");
        assert_eq!(deliveries(bench, webhook_id).await[0].state, "leased", "the late result changed nothing");
        let (writer, _) = bench.writer(0);
        writer.settle(settlement(bench, &taken, Outcome::Delivered)).await.expect("written");
        let delivery = &deliveries(bench, webhook_id).await[0];
        assert_eq!((delivery.state.as_str(), delivery.attempt_count), ("success", 1));
        assert_eq!(bench.webhook(webhook_id).await.failure_count, 0);
        other.close().await;
    }

    async fn renewed_leases_hold_and_released_ones_are_free(bench: Bench) {
        bench.add_webhook(|_| {}).await;
        waiting(bench, 3).await;
        let held: Vec<_> = claim(&bench.store, bench, 3).await.iter().map(|delivery| delivery.id).collect();
        bench.clock.advance(Duration::from_secs(40));
        assert_eq!(bench.store.renew_leases(&held, bench.now()).await.expect("renewed"), 3);
        bench.clock.advance(Duration::from_secs(40));
        assert_eq!(bench.store.reclaim_expired(bench.now()).await.expect("looked"), 0);
        assert_eq!(bench.store.release_leases(bench.now()).await.expect("released"), 3);
        assert_eq!(claim(&bench.store, bench, 3).await.len(), 3);
    }

    async fn leases_on_what_is_in_nobodys_memory_run_out(bench: Bench) {
        bench.add_webhook(|_| {}).await;
        waiting(bench, 3).await;
        let rules = rules(10);
        let mut claimed = bench.store.claim_due(&rules, None, bench.now()).await.expect("claimed").deliveries;
        assert_eq!((claimed.len(), rules.room.held().len()), (3, 3));
        // As when the claim was committed and its confirmation lost.
        claimed.truncate(1);
        bench.clock.advance(Duration::from_secs(40));
        assert_eq!(bench.store.renew_leases(&rules.room.held(), bench.now()).await.expect("renewed"), 1);
        bench.clock.advance(Duration::from_secs(40));
        assert_eq!(bench.store.reclaim_expired(bench.now()).await.expect("looked"), 2);
    }

    async fn a_retry_waits_for_its_time(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 1).await;
        let held = claim(&bench.store, bench, 10).await.remove(0);
        let at = bench.now().plus(Duration::from_secs(60));
        writer.settle(settlement(bench, &held, Outcome::Retry { at })).await.expect("written");
        assert!(claim(&bench.store, bench, 10).await.is_empty());
        assert_eq!(bench.store.next_due().await.expect("read"), Some(at));
        assert_eq!(bench.webhook(webhook_id).await.last_status.as_deref(), Some("pending"));
        bench.clock.advance(Duration::from_secs(60));
        let again = claim(&bench.store, bench, 10).await.remove(0);
        assert_eq!((again.attempt_count, again.round_attempts, again.trigger.as_str()), (1, 1, "automatic"));
        assert_eq!(again.payload, held.payload, "the same bytes on every attempt");
        let delivery = &deliveries(bench, webhook_id).await[0];
        let attempts = bench.store.attempts_of(delivery.id).await.expect("read");
        assert_eq!((attempts.len(), attempts[0].trigger.as_str(), attempts[0].number), (1, "initial", 1));
    }

    async fn exhausted_deliveries_in_a_row_disable_the_webhook_and_park_what_waits(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let witness = bench.add_webhook(|webhook| webhook.events = vec!["webhook.disabled".to_owned()]).await;
        let writer = waiting(bench, 4).await;
        let mut held = claim(&bench.store, bench, 3).await;
        writer.settle(settlement(bench, &held.remove(0), Outcome::Exhausted)).await.expect("written");
        assert_eq!(bench.webhook(webhook_id).await.failure_count, 1);
        writer.settle(settlement(bench, &held.remove(0), Outcome::Delivered)).await.expect("written");
        assert_eq!(bench.webhook(webhook_id).await.failure_count, 0, "a success resets the count");
        for _ in 0..2 {
            waiting(bench, 1).await;
            bench.clock.advance(Duration::from_millis(1));
        }
        held.extend(claim(&bench.store, bench, 1).await);
        for delivery in held {
            writer.settle(settlement(bench, &delivery, Outcome::Exhausted)).await.expect("written");
        }
        let webhook = bench.webhook(webhook_id).await;
        assert!(!webhook.is_active && webhook.disabled_at.is_some(), "{webhook:?}");
        assert_eq!(webhook.disabled_reason.as_deref(), Some("2 deliveries in a row failed on every attempt."));
        let states: Vec<String> = deliveries(bench, webhook_id).await.into_iter().map(|delivery| delivery.state).collect();
        assert_eq!(states.iter().filter(|state| *state == "parked").count(), 2, "{states:?}");
        assert_eq!(deliveries(bench, witness).await.len(), 1, "the others are told");
        // What happens while it is disabled is parked, too, and all of it goes out when it is active again.
        waiting(bench, 1).await;
        let mut webhook = bench.webhook(webhook_id).await;
        webhook.is_active = true;
        bench.store.update_webhook(&webhook, true, log(bench.integration.id, bench.now())).await.expect("switched");
        let webhook = bench.webhook(webhook_id).await;
        assert!(webhook.is_active && webhook.disabled_at.is_none() && webhook.failure_count == 0);
        let free = claim(&bench.store, bench, 50).await;
        assert_eq!(free.iter().filter(|delivery| delivery.webhook.id == webhook_id).count(), 3);
    }

    async fn gone_disables_at_once(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 1).await;
        let held = claim(&bench.store, bench, 1).await.remove(0);
        writer.settle(settlement(bench, &held, Outcome::Gone)).await.expect("written");
        let webhook = bench.webhook(webhook_id).await;
        assert!(webhook.disabled_reason.is_some_and(|reason| reason.contains("410")));
    }

    async fn a_replay_starts_a_full_set_of_attempts_under_the_same_id(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 3).await;
        for held in claim(&bench.store, bench, 3).await {
            writer.settle(settlement(bench, &held, Outcome::Delivered)).await.expect("written");
        }
        let delivery = deliveries(bench, webhook_id).await.remove(0);
        assert!(bench.store.replay_delivery(delivery.id, "somebody", bench.now()).await.expect("replayed"));
        assert!(!bench.store.replay_delivery(delivery.id, "somebody", bench.now()).await.expect("refused"), "under way");
        let again = claim(&bench.store, bench, 10).await.remove(0);
        assert_eq!((again.event_id, again.round_attempts, again.trigger.as_str()), (delivery.event_id, 0, "manual"));
        assert_eq!(again.triggered_by.as_deref(), Some("somebody"));
        let late = bench.add_webhook(|_| {}).await;
        let event = bench.store.find_event(Scope::All, delivery.event_id).await.expect("read").expect("there");
        assert_eq!(bench.store.replay_event(&event, "somebody", bench.now()).await.expect("replayed"), 1);
        assert_eq!(deliveries(bench, late).await.len(), 1, "a webhook made later gets it too");
    }
}

async fn futures(nodes: &[Store], bench: &Bench) -> Vec<LeasedDelivery> {
    let (a, b, c, d) = tokio::join!(
        claim(&nodes[0], bench, 3),
        claim(&nodes[1], bench, 3),
        claim(&nodes[2], bench, 3),
        claim(&nodes[3], bench, 3)
    );
    [a, b, c, d].concat()
}
