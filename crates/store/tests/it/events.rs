//! Accepting events: once, in order, to whom they belong, all or nothing.

use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::event::EventType;
use simpul_core::id::IntegrationId;
use simpul_store::{ActivityFilter, ActivityPage, DeliveryFilter, EventSource, IDEMPOTENCY_DAYS};

use crate::support::{Bench, on_both};

async fn delivered(bench: &Bench, webhook_id: simpul_core::id::WebhookId) -> usize {
    bench.store.list_deliveries(webhook_id, &DeliveryFilter::default(), 0, 100).await.expect("read").len()
}

on_both! {
    async fn an_event_goes_to_the_webhooks_that_want_it(bench: Bench) {
        let all = bench.add_webhook(|_| {}).await;
        let payments = bench.add_webhook(|webhook| webhook.events = vec!["payment.*".to_owned()]).await;
        let mail = bench.add_webhook(|webhook| webhook.events = vec!["email.sent".to_owned()]).await;
        let off = bench.add_webhook(|webhook| webhook.is_active = false).await;
        let (writer, mut leased) = bench.writer(10);
        let accepted = writer.ingest(bench.ingest(vec![bench.event(EventType::PaymentSuccess, "k1")])).await.expect("stored");
        assert!(!accepted[0].duplicate);
        assert_eq!((delivered(bench, all).await, delivered(bench, payments).await, delivered(bench, mail).await, delivered(bench, off).await), (1, 1, 0, 0));
        let first = leased.recv().await.expect("leased to this node");
        assert_eq!(&*first.payload, format!("{{\"id\":\"{}\"}}", accepted[0].id));
        assert_eq!(first.webhook.secret, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assert_eq!(first.webhook.headers["X-Api-Key"], "sesame");
    }

    async fn the_same_event_twice_is_delivered_once(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let (writer, _leased) = bench.writer(10);
        let first = writer.ingest(bench.ingest(vec![bench.event(EventType::PaymentSuccess, "k1")])).await.expect("stored")[0];
        let again = writer.ingest(bench.ingest(vec![bench.event(EventType::PaymentSuccess, "k1"), bench.event(EventType::PaymentSuccess, "k2")])).await.expect("stored");
        assert_eq!((again[0].id, again[0].duplicate), (first.id, true));
        assert!(!again[1].duplicate);
        let within = writer.ingest(bench.ingest(vec![bench.event(EventType::PaymentSuccess, "k3"), bench.event(EventType::PaymentSuccess, "k3")])).await.expect("stored");
        assert_eq!((within[0].duplicate, within[1].duplicate, within[1].id), (false, true, within[0].id));
        assert_eq!(delivered(bench, webhook_id).await, 3);
        writer.ingest(bench.ingest(vec![bench.event(EventType::PaymentSuccess, "k1")])).await.expect("stored");
        let filter = ActivityFilter { words: Some("a duplicate".to_owned()), ..ActivityFilter::default() };
        assert_eq!(bench.store.list_activity(bench.integration.id, &filter, ActivityPage::Offset(0), 10).await.expect("read").len(), 1);
    }

    async fn many_at_once_with_one_key_are_one_event(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let (writer, _leased) = bench.writer(100);
        let waiting: Vec<_> = (0..50)
            .map(|_| {
                let (writer, ingest) = (writer.clone(), bench.ingest(vec![bench.event(EventType::PaymentSuccess, "k1")]));
                tokio::spawn(async move { writer.ingest(ingest).await.expect("stored")[0] })
            })
            .collect();
        let mut fresh = 0;
        let mut ids = std::collections::BTreeSet::new();
        for task in waiting {
            let accepted = task.await.expect("ran");
            fresh += usize::from(!accepted.duplicate);
            ids.insert(accepted.id);
        }
        assert_eq!((fresh, ids.len(), delivered(bench, webhook_id).await), (1, 1, 1));
    }

    async fn an_idempotency_key_stands_for_seven_days(bench: Bench) {
        let (writer, _leased) = bench.writer(10);
        let platform = || {
            let mut event = bench.event(EventType::PaymentSuccess, "idempotency:order-1");
            event.source = EventSource::Platform;
            event.key_lifetime = Some(IDEMPOTENCY_DAYS);
            event
        };
        let first = writer.ingest(bench.ingest(vec![platform()])).await.expect("stored")[0];
        bench.clock.advance(Duration::from_secs(6 * 86_400));
        assert_eq!(writer.ingest(bench.ingest(vec![platform()])).await.expect("stored")[0].id, first.id);
        bench.clock.advance(Duration::from_secs(2 * 86_400));
        assert!(!writer.ingest(bench.ingest(vec![platform()])).await.expect("stored")[0].duplicate);
    }

    async fn a_repeated_one_time_token_takes_no_key_from_the_true_event(bench: Bench) {
        let (writer, _leased) = bench.writer(10);
        let with_token = |key: &str| {
            let mut event = bench.event(EventType::PaymentSuccess, key);
            event.replay_guard = Some("token:abc".to_owned());
            event
        };
        assert!(!writer.ingest(bench.ingest(vec![with_token("k1")])).await.expect("stored")[0].duplicate);
        assert!(writer.ingest(bench.ingest(vec![with_token("k2")])).await.expect("stored")[0].duplicate, "the token was used");
        assert!(!writer.ingest(bench.ingest(vec![bench.event(EventType::PaymentSuccess, "k2")])).await.expect("stored")[0].duplicate);
    }

    async fn a_late_event_is_kept_but_not_delivered(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let (writer, _leased) = bench.writer(10);
        let about = |event_type: EventType, key: &str| {
            let mut event = bench.event(event_type, key);
            event.subject = Some("tx-1".to_owned());
            event
        };
        for (event_type, key, count) in [
            (EventType::PaymentFailed, "a", 1),
            (EventType::PaymentSuccess, "b", 2), // a success may follow a failure
            (EventType::PaymentPending, "c", 2),
            (EventType::PaymentRefunded, "d", 3),
            (EventType::PaymentRefunded, "e", 4),
        ] {
            let accepted = writer.ingest(bench.ingest(vec![about(event_type, key)])).await.expect("stored")[0];
            assert_eq!(delivered(bench, webhook_id).await, count, "{event_type:?}");
            let event = bench.store.find_event(Scope::All, accepted.id).await.expect("read").expect("kept");
            assert_eq!(event.is_late, event_type == EventType::PaymentPending);
        }
        let both = writer.ingest(bench.ingest(vec![
            { let mut event = about(EventType::PaymentSuccess, "f"); event.subject = Some("tx-2".to_owned()); event },
            { let mut event = about(EventType::PaymentPending, "g"); event.subject = Some("tx-2".to_owned()); event },
        ])).await.expect("stored");
        assert!(bench.store.find_event(Scope::All, both[1].id).await.expect("read").expect("kept").is_late, "out of order in one batch");
    }

    async fn one_callers_fault_is_not_everybodys(bench: Bench) {
        let (writer, _leased) = bench.writer(10);
        // A row that breaks a rule of the table: two rows of one id.
        let broken = Activity::new(IntegrationId::generate(bench.now()), Action::Error, Status::Failed, "x", bench.now());
        let bad = writer.record(vec![broken.clone(), broken]);
        let good = writer.ingest(bench.ingest(vec![bench.event(EventType::PaymentSuccess, "k1")]));
        let (bad, good) = tokio::join!(bad, good);
        assert!(bad.is_err());
        assert!(!good.expect("stored")[0].duplicate);
    }
}
