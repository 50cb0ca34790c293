//! Refused notifications: sealed, bounded, found by what they were refused for, and accepted once.

use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::event::EventType;
use simpul_core::id::NotificationId;
use simpul_core::refusal::RefusalReason;
use simpul_core::time::Timestamp;
use simpul_store::{AcceptFilter, Error, Ingest, Notification, NotificationFilter, Writer};

use crate::support::{Bench, add_partner, on_both};

const REQUEST: &str = r#"{"headers":[["x-callback-token","a-very-secret-token"]]}"#;

async fn refused(bench: &Bench, reason: RefusalReason) -> Notification {
    let id = NotificationId::generate(bench.now());
    let sealed = bench.store.seal_request(bench.integration.id, id, REQUEST).await.expect("seals");
    assert!(!sealed.contains("secret"));
    Notification {
        id,
        integration_id: bench.integration.id,
        outcome: "refused".to_owned(),
        reason: Some("the signature does not fit".to_owned()),
        reason_code: Some(reason),
        headers: "{}".to_owned(),
        body: Some("{}".to_owned()),
        sealed_request: Some(sealed),
        remote_address: None,
        received_at: bench.now(),
        acceptance: None,
    }
}

async fn store(bench: &Bench, writer: &Writer, notification: Notification) -> NotificationId {
    let id = notification.id;
    writer
        .ingest(Ingest { notification: Some(notification), created_at: bench.now(), ..Ingest::default() })
        .await
        .expect("stored");
    id
}

async fn acceptable(bench: &Bench, filter: AcceptFilter) -> Vec<NotificationId> {
    bench.store.acceptable_notifications(bench.integration.id, filter, 2_000).await.expect("read")
}

on_both! {
    async fn a_sealed_request_opens_for_its_own_row_alone(bench: Bench) {
        let (writer, _leased) = bench.writer(0);
        let first = store(bench, &writer, refused(bench, RefusalReason::BadSignature).await).await;
        let opened = bench.store.open_request(bench.integration.id, first).await.expect("opens");
        assert_eq!(opened.as_deref(), Some(REQUEST));
        let moved = Notification {
            sealed_request: refused(bench, RefusalReason::Stale).await.sealed_request,
            ..refused(bench, RefusalReason::Stale).await
        };
        let moved = store(bench, &writer, moved).await;
        assert!(matches!(bench.store.open_request(bench.integration.id, moved).await, Err(Error::Sealed { .. })));
        let other = add_partner(&bench.store, "warung", bench.now()).await;
        assert!(bench.store.find_notification(Scope::Partner(other), first).await.expect("read").is_none());
        let own = bench.store.find_notification(Scope::Partner(bench.partner_id), first).await.expect("read");
        assert!(own.is_some_and(|row| row.has_request && row.reason_code.as_deref() == Some("bad_signature")));
    }

    async fn an_acceptance_is_one_transaction_with_its_events_and_happens_once(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let (writer, _leased) = bench.writer(10);
        let row = refused(bench, RefusalReason::BadSignature).await;
        store(bench, &writer, row.clone()).await;
        let accept = |key: &str| {
            let notification = Notification { acceptance: Some(("ada".to_owned(), bench.now())), ..row.clone() };
            Ingest { notification: Some(notification), ..bench.ingest(vec![bench.event(EventType::PaymentSuccess, key)]) }
        };
        assert!(!writer.ingest(accept("k1")).await.expect("accepted")[0].duplicate);
        let again = writer.ingest(accept("k2")).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        let both = futures(&writer, accept("k3"), bench.ingest(vec![bench.event(EventType::PaymentSuccess, "k4")])).await;
        assert!(matches!(both, (Err(Error::Conflict(_)), Ok(_))), "what came with it in one batch is stored all the same");
        let marked = bench.store.find_notification(Scope::All, row.id).await.expect("read").expect("there");
        assert_eq!((marked.accepted_by.as_deref(), marked.accepted_at), (Some("ada"), Some(bench.now())));
        assert!(!marked.has_request, "it is needed no longer");
        assert_eq!(bench.store.list_deliveries(webhook_id, &Default::default(), 0, 10).await.expect("read").len(), 2);
        assert_eq!(bench.store.count_notifications(bench.integration.id, NotificationFilter::default(), 10).await.expect("read"), 1);
    }

    async fn they_are_found_by_outcome_reason_time_and_page(bench: Bench) {
        let (writer, _leased) = bench.writer(0);
        let mut ids = Vec::new();
        for reason in [RefusalReason::BadSignature, RefusalReason::Stale, RefusalReason::BadSignature] {
            ids.push(store(bench, &writer, refused(bench, reason).await).await);
            bench.clock.advance(Duration::from_secs(60));
        }
        let genuine = Notification { outcome: "accepted".to_owned(), reason_code: None, sealed_request: None, ..refused(bench, RefusalReason::Stale).await };
        store(bench, &writer, genuine).await;
        let list = async |filter, cursor, limit| -> Vec<NotificationId> {
            let rows = bench.store.list_notifications(bench.integration.id, filter, cursor, 0, limit).await.expect("read");
            rows.into_iter().map(|row| row.id).collect()
        };
        let all = NotificationFilter { outcome: Some("refused"), reason: None };
        assert_eq!(list(all, None, 2).await, [ids[2], ids[1]]);
        assert_eq!(list(all, Some(ids[1]), 2).await, [ids[0]]);
        let bad = NotificationFilter { outcome: None, reason: Some(RefusalReason::BadSignature) };
        assert_eq!(list(bad, None, 10).await, [ids[2], ids[0]]);
        assert_eq!(bench.store.count_notifications(bench.integration.id, bad, 10).await.expect("read"), 2);
        assert_eq!(list(NotificationFilter::default(), None, 10).await.len(), 4);
        assert_eq!(acceptable(bench, AcceptFilter::default()).await, ids);
        let second = bench.now().millis() - 2 * 60_000;
        let minute = AcceptFilter { reason: None, from: Some(Timestamp::from_millis(second)), to: Some(Timestamp::from_millis(second + 59_999)) };
        assert_eq!(acceptable(bench, minute).await, [ids[1]]);
        assert_eq!(acceptable(bench, AcceptFilter { reason: Some(RefusalReason::Malformed), ..minute }).await, []);
    }

    async fn only_the_newest_thousand_keep_their_request(bench: Bench) {
        let (writer, _leased) = bench.writer(0);
        let mut ids = Vec::new();
        for _ in 0..1_003 {
            ids.push(refused(bench, RefusalReason::BadSignature).await);
        }
        let oldest: Vec<NotificationId> = ids.iter().map(|row| row.id).collect();
        let writes = ids.into_iter().map(|row| store(bench, &writer, row));
        for write in writes {
            write.await;
        }
        assert_eq!(bench.store.let_old_requests_go(bench.integration.id).await.expect("done"), 3);
        assert_eq!(acceptable(bench, AcceptFilter::default()).await, oldest[3..]);
        assert_eq!(bench.store.let_old_requests_go(bench.integration.id).await.expect("done"), 0);
        assert_eq!(bench.store.open_request(bench.integration.id, oldest[0]).await.expect("read"), None);
        let kept = bench.store.count_notifications(bench.integration.id, NotificationFilter::default(), 5_000).await;
        assert_eq!(kept.expect("read"), 1_003, "the rows themselves stay");
    }
}

/// Two writes that wait in the queue together.
async fn futures(
    writer: &Writer,
    first: Ingest,
    second: Ingest,
) -> (simpul_store::Result<Vec<simpul_store::Accepted>>, simpul_store::Result<Vec<simpul_store::Accepted>>) {
    tokio::join!(writer.ingest(first), writer.ingest(second))
}
