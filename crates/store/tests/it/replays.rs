//! Replays: what the filter selects and nothing else, once, in steps that can be stopped and taken up again.

use std::collections::BTreeMap;
use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::delivery::State;
use simpul_core::event::EventType;
use simpul_core::id::{ReplayId, WebhookId};
use simpul_core::replay::{ReplayChange, ReplayState};
use simpul_store::{Delivery, DeliveryFilter, Page, Replay, ReplayFilter, ReplayStep, Store};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};

use crate::support::{Bench, add_partner, log, on_both};

const ALL: Page = Page { offset: 0, limit: 100 };

/// Runs a statement beside the store, to bring about what would take long otherwise.
async fn run_sql(bench: &Bench, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    if let Some(path) = bench.database.url.strip_prefix("sqlite:") {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(10));
        options.connect().await.expect("opens").execute(sql).await.expect("runs");
    } else {
        let options: sqlx::postgres::PgConnectOptions = bench.database.url.parse().expect("an address");
        options.connect().await.expect("connects").execute(sql).await.expect("runs");
    }
}

/// Deliveries of `count` events, finished in this state; the clock stands a second later.
async fn finished(bench: &Bench, event_type: EventType, state: &str, count: usize) {
    let (writer, _) = bench.writer(0);
    let events = (0..count).map(|number| bench.event(event_type, &format!("{event_type:?}-{number}-{}", bench.now())));
    writer.ingest(bench.ingest(events.collect())).await.expect("stored");
    let sql = format!(
        "UPDATE deliveries SET state = '{state}', next_attempt_at = NULL, completed_at = created_at WHERE state = 'pending' AND trigger = 'initial'"
    );
    run_sql(bench, &sql).await;
    bench.clock.advance(Duration::from_secs(1));
}

/// Starts a replay of everything that the filter selects now; the clock stands a second later.
async fn started(bench: &Bench, webhook_id: WebhookId, filter: ReplayFilter) -> Replay {
    let now = bench.now();
    let tally = bench.store.tally_replay(webhook_id, &filter, now, None).await.expect("counted");
    let replay = Replay {
        id: ReplayId::generate(now),
        webhook_id,
        integration_id: bench.integration.id,
        state: ReplayState::Running,
        filter,
        total: tally.count,
        replayed: 0,
        cursor: None,
        created_by: "somebody".to_owned(),
        created_at: now,
        updated_at: now,
        completed_at: None,
        webhook_is_active: true,
    };
    bench.store.insert_replay(&replay, log(bench.integration.id, now)).await.expect("stored");
    bench.clock.advance(Duration::from_secs(1));
    replay
}

async fn step(store: &Store, replay: &Replay, batch: usize) -> ReplayStep {
    store.advance_replay(replay.id, batch).await.expect("advanced")
}

async fn found(bench: &Bench, replay: &Replay) -> Replay {
    bench.store.find_replay(Scope::All, replay.id).await.expect("read").expect("is there")
}

async fn change(bench: &Bench, replay: &Replay, change: ReplayChange) -> Option<Replay> {
    let (id, now) = (bench.integration.id, bench.now());
    bench.store.change_replay(replay.id, change, now, move |_| log(id, now)).await.expect("changed")
}

async fn deliveries(bench: &Bench, webhook_id: WebhookId) -> Vec<Delivery> {
    bench.store.list_deliveries(webhook_id, &DeliveryFilter::default(), 0, 3_000).await.expect("read")
}

/// How many deliveries of a webhook are in each state.
async fn states(bench: &Bench, webhook_id: WebhookId) -> BTreeMap<String, usize> {
    let mut states = BTreeMap::new();
    for delivery in deliveries(bench, webhook_id).await {
        *states.entry(delivery.state).or_default() += 1;
    }
    states
}

fn counts<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expected.into_iter().map(|(state, count)| (state.to_owned(), count)).collect()
}

/// Advances on one node until somebody has come to the end; answers how many it sent.
async fn until_the_end(store: Store, id: ReplayId) -> usize {
    let mut sent_in_all = 0;
    loop {
        match store.advance_replay(id, 20).await.expect("advanced") {
            ReplayStep::Advanced { sent } => sent_in_all += sent,
            ReplayStep::Completed { sent } => return sent_in_all + sent,
            ReplayStep::Inactive => panic!("the webhook is active"),
            ReplayStep::Passed => {
                let state = store.find_replay(Scope::All, id).await.expect("read").expect("is there").state;
                if state == ReplayState::Completed {
                    return sent_in_all;
                }
            }
        }
    }
}

on_both! {
    async fn however_many_nodes_advance_each_delivery_is_sent_once(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let other = bench.add_webhook(|_| {}).await;
        finished(bench, EventType::PaymentSuccess, "failed", 430).await;
        let replay = started(bench, webhook_id, ReplayFilter::default()).await;
        assert_eq!(replay.total, 430);
        let mut nodes = Vec::new();
        for _ in 0..3 {
            nodes.push(bench.database.open(bench.clock.clone()).await);
        }
        let tasks: Vec<_> = nodes.iter().map(|node| tokio::spawn(until_the_end(node.clone(), replay.id))).collect();
        let mut sent = 0;
        for task in tasks {
            sent += task.await.expect("ran");
        }
        let ended = found(bench, &replay).await;
        assert_eq!((sent, ended.replayed, ended.state), (430, 430, ReplayState::Completed));
        assert_eq!(ended.completed_at, Some(bench.now()));
        assert_eq!(states(bench, webhook_id).await, counts([("pending", 430)]));
        assert_eq!(states(bench, other).await, counts([("failed", 430)]), "another webhook's are left alone");
        let claimed = bench.claim(&bench.store, 1_000).await;
        assert_eq!(claimed.len(), 430);
        for delivery in claimed {
            assert_eq!((delivery.trigger.as_str(), delivery.triggered_by.as_deref(), delivery.round_attempts), ("manual", Some("somebody"), 0));
        }
        for node in nodes {
            node.close().await;
        }
    }

    async fn a_paused_replay_sends_nothing_and_goes_on_at_its_cursor_also_on_another_node(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        finished(bench, EventType::PaymentSuccess, "success", 50).await;
        let replay = started(bench, webhook_id, ReplayFilter::default()).await;
        assert_eq!(step(&bench.store, &replay, 20).await, ReplayStep::Advanced { sent: 20 });
        assert_eq!(change(bench, &replay, ReplayChange::Pause).await.expect("paused").replayed, 20);
        assert_eq!(step(&bench.store, &replay, 20).await, ReplayStep::Passed);
        assert!(change(bench, &replay, ReplayChange::Pause).await.is_none(), "paused already");
        assert!(bench.store.running_replays(None, 10).await.expect("read").is_empty());
        assert_eq!(states(bench, webhook_id).await, counts([("pending", 20), ("success", 30)]));
        let mut oldest: Vec<_> = deliveries(bench, webhook_id).await;
        oldest.reverse();
        assert!(oldest[..20].iter().all(|delivery| delivery.state == "pending"), "the oldest went first");

        // What was sent is done again before the replay goes on: it is behind the cursor and stays as it is.
        run_sql(bench, "UPDATE deliveries SET state = 'success' WHERE state = 'pending'").await;
        let restarted = bench.database.open(bench.clock.clone()).await;
        assert_eq!(change(bench, &replay, ReplayChange::Resume).await.expect("resumed").state, ReplayState::Running);
        assert_eq!(restarted.running_replays(None, 10).await.expect("read").len(), 1);
        assert_eq!(step(&restarted, &replay, 20).await, ReplayStep::Advanced { sent: 20 });
        assert_eq!(step(&restarted, &replay, 20).await, ReplayStep::Completed { sent: 10 });
        assert_eq!(step(&restarted, &replay, 20).await, ReplayStep::Passed);
        assert_eq!(states(bench, webhook_id).await, counts([("pending", 30), ("success", 20)]));
        for refused in [ReplayChange::Pause, ReplayChange::Resume, ReplayChange::Cancel] {
            assert!(change(bench, &replay, refused).await.is_none(), "{refused:?} of a completed replay");
        }
        restarted.close().await;
    }

    async fn a_cancelled_replay_has_ended(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        finished(bench, EventType::PaymentSuccess, "failed", 5).await;
        let replay = started(bench, webhook_id, ReplayFilter::default()).await;
        assert_eq!(step(&bench.store, &replay, 2).await, ReplayStep::Advanced { sent: 2 });
        let cancelled = change(bench, &replay, ReplayChange::Cancel).await.expect("cancelled");
        assert_eq!((cancelled.state, cancelled.replayed, cancelled.completed_at), (ReplayState::Cancelled, 2, Some(bench.now())));
        assert!(change(bench, &replay, ReplayChange::Resume).await.is_none());
        assert_eq!(step(&bench.store, &replay, 2).await, ReplayStep::Passed);
        assert_eq!(states(bench, webhook_id).await, counts([("failed", 3), ("pending", 2)]));
    }

    async fn a_filter_selects_by_status_time_and_event_type(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let start = bench.now();
        let later = |seconds: u64| Some(start.plus(Duration::from_secs(seconds)));
        finished(bench, EventType::PaymentSuccess, "failed", 1).await;
        finished(bench, EventType::PaymentRefunded, "success", 2).await;
        finished(bench, EventType::WebhookDisabled, "failed", 4).await;
        finished(bench, EventType::PaymentSuccess, "filtered", 8).await;
        finished(bench, EventType::PaymentFailed, "dropped", 16).await;
        finished(bench, EventType::PaymentSuccess, "parked", 32).await;
        finished(bench, EventType::PaymentSuccess, "leased", 64).await;
        let events = |entries: &[&str]| entries.iter().map(ToString::to_string).collect();
        let cases = [
            (ReplayFilter::default(), 31),
            (ReplayFilter { status: Some(State::Failed), ..ReplayFilter::default() }, 5),
            (ReplayFilter { status: Some(State::Success), ..ReplayFilter::default() }, 2),
            (ReplayFilter { status: Some(State::Filtered), ..ReplayFilter::default() }, 8),
            (ReplayFilter { status: Some(State::Dropped), ..ReplayFilter::default() }, 16),
            (ReplayFilter { status: Some(State::Parked), ..ReplayFilter::default() }, 0),
            (ReplayFilter { events: events(&["payment.*"]), ..ReplayFilter::default() }, 27),
            (ReplayFilter { events: events(&["payment.success", "webhook.*"]), ..ReplayFilter::default() }, 13),
            (ReplayFilter { events: events(&["email.*"]), ..ReplayFilter::default() }, 0),
            (ReplayFilter { from: later(1), to: later(3), ..ReplayFilter::default() }, 14),
            (ReplayFilter { from: Some(start.plus(Duration::from_millis(1))), to: later(2), ..ReplayFilter::default() }, 6),
            (ReplayFilter { to: Some(start), ..ReplayFilter::default() }, 1),
            (ReplayFilter { from: later(100), ..ReplayFilter::default() }, 0),
            (ReplayFilter { status: Some(State::Failed), from: later(1), events: events(&["webhook.disabled"]), ..ReplayFilter::default() }, 4),
        ];
        for (filter, expected) in cases {
            let replay = started(bench, webhook_id, filter.clone()).await;
            assert_eq!(replay.total, i64::try_from(expected).expect("small"), "{filter:?}");
            assert_eq!(found(bench, &replay).await.filter, filter);
            let before = states(bench, webhook_id).await;
            assert_eq!(step(&bench.store, &replay, 500).await, ReplayStep::Completed { sent: expected }, "{filter:?}");
            let waiting = states(bench, webhook_id).await.get("pending").copied().unwrap_or_default();
            assert_eq!(waiting, expected, "{filter:?}");
            // Back to how it was: what waits now was finished in the state that its event type and second tell.
            for (seconds, state) in ["failed", "success", "failed", "filtered", "dropped"].into_iter().enumerate() {
                let at = start.plus(Duration::from_secs(seconds as u64));
                let of_second = bench.store.list_deliveries(webhook_id, &DeliveryFilter::default(), 0, 500).await.expect("read");
                for delivery in of_second.iter().filter(|delivery| delivery.created_at == at && delivery.state == "pending") {
                    let id = delivery.id.0.simple();
                    let id = if bench.store.backend() == "sqlite" { format!("x'{id}'") } else { format!("'{id}'") };
                    run_sql(bench, &format!("UPDATE deliveries SET state = '{state}' WHERE id = {id}")).await;
                }
            }
            assert_eq!(states(bench, webhook_id).await, before);
        }
    }

    async fn what_is_made_after_the_start_is_not_part_of_it(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        finished(bench, EventType::PaymentSuccess, "failed", 3).await;
        let until = ReplayFilter { to: Some(bench.now().plus(Duration::from_secs(3_600))), ..ReplayFilter::default() };
        let replay = started(bench, webhook_id, until).await;
        finished(bench, EventType::PaymentSuccess, "failed", 4).await;
        assert_eq!(step(&bench.store, &replay, 3).await, ReplayStep::Completed { sent: 3 });
        assert_eq!(states(bench, webhook_id).await, counts([("failed", 4), ("pending", 3)]));
    }

    async fn a_step_looks_at_a_bounded_number_of_deliveries(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        for _ in 0..5 {
            finished(bench, EventType::PaymentSuccess, "success", 500).await;
        }
        finished(bench, EventType::PaymentRefunded, "success", 1).await;
        let rare = ReplayFilter { events: vec!["payment.refunded".to_owned()], ..ReplayFilter::default() };
        let replay = started(bench, webhook_id, rare).await;
        assert_eq!(step(&bench.store, &replay, 200).await, ReplayStep::Advanced { sent: 0 });
        assert_eq!(step(&bench.store, &replay, 200).await, ReplayStep::Completed { sent: 1 });
    }

    async fn a_preview_tells_what_a_replay_would_send(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let start = bench.now();
        finished(bench, EventType::PaymentSuccess, "failed", 3).await;
        finished(bench, EventType::PaymentSuccess, "success", 2).await;
        finished(bench, EventType::PaymentRefunded, "failed", 4).await;
        let tally = bench.store.tally_replay(webhook_id, &ReplayFilter::default(), bench.now(), Some(9)).await.expect("counted");
        assert_eq!((tally.count, tally.is_partial), (9, false));
        assert_eq!((tally.oldest, tally.newest), (Some(start), Some(start.plus(Duration::from_secs(2)))));
        assert_eq!(tally.by_event_type, [("payment.refunded".to_owned(), 4), ("payment.success".to_owned(), 5)]);
        let bounded = bench.store.tally_replay(webhook_id, &ReplayFilter::default(), bench.now(), Some(4)).await.expect("counted");
        assert_eq!((bounded.count, bounded.is_partial, bounded.oldest), (5, true, Some(start)));
        let none = ReplayFilter { status: Some(State::Dropped), ..ReplayFilter::default() };
        let none = bench.store.tally_replay(webhook_id, &none, bench.now(), Some(9)).await.expect("counted");
        assert_eq!(none, simpul_store::ReplayTally::default());
    }

    async fn an_inactive_webhooks_replay_waits(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        finished(bench, EventType::PaymentSuccess, "failed", 3).await;
        let replay = started(bench, webhook_id, ReplayFilter::default()).await;
        assert_eq!(step(&bench.store, &replay, 1).await, ReplayStep::Advanced { sent: 1 });
        let mut webhook = bench.webhook(webhook_id).await;
        webhook.is_active = false;
        bench.store.update_webhook(&webhook, true, log(bench.integration.id, bench.now())).await.expect("switched");
        assert_eq!(step(&bench.store, &replay, 1).await, ReplayStep::Inactive);
        let waits = found(bench, &replay).await;
        assert_eq!((waits.state, waits.webhook_is_active, waits.replayed), (ReplayState::Running, false, 1));
        assert_eq!(states(bench, webhook_id).await, counts([("failed", 2), ("parked", 1)]));
        webhook.is_active = true;
        bench.store.update_webhook(&webhook, true, log(bench.integration.id, bench.now())).await.expect("switched");
        assert_eq!(step(&bench.store, &replay, 5).await, ReplayStep::Completed { sent: 2 });
        // The parked one is let go by the next claim.
        assert_eq!(states(bench, webhook_id).await, counts([("parked", 1), ("pending", 2)]));
    }

    async fn what_somebody_else_sends_meanwhile_is_left_out(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        finished(bench, EventType::PaymentSuccess, "failed", 3).await;
        let replay = started(bench, webhook_id, ReplayFilter::default()).await;
        let one = deliveries(bench, webhook_id).await.remove(1).id;
        assert!(bench.store.replay_delivery(one, "another", bench.now()).await.expect("replayed"));
        assert_eq!(step(&bench.store, &replay, 5).await, ReplayStep::Completed { sent: 2 });
        let ended = found(bench, &replay).await;
        assert_eq!((ended.total, ended.replayed, ended.state), (3, 2, ReplayState::Completed));
    }

    async fn ordered_deliveries_go_one_at_a_time(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        finished(bench, EventType::PaymentSuccess, "failed", 2).await;
        run_sql(bench, "UPDATE deliveries SET order_key = 'INV-1'").await;
        finished(bench, EventType::PaymentSuccess, "failed", 1).await;
        let replay = started(bench, webhook_id, ReplayFilter::default()).await;
        assert_eq!(step(&bench.store, &replay, 5).await, ReplayStep::Completed { sent: 3 });
        assert_eq!(states(bench, webhook_id).await, counts([("held", 1), ("pending", 2)]), "one of a key at a time");
    }

    async fn a_replay_is_seen_within_its_scope_and_goes_with_its_webhook(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        finished(bench, EventType::PaymentSuccess, "failed", 1).await;
        let first = started(bench, webhook_id, ReplayFilter::default()).await;
        let second = started(bench, webhook_id, ReplayFilter::default()).await;
        let (listed, count) = bench.store.list_replays(webhook_id, ALL).await.expect("read");
        assert_eq!((listed.iter().map(|replay| replay.id).collect::<Vec<_>>(), count), (vec![second.id, first.id], 2));
        let running = bench.store.running_replays(Some(first.id), 10).await.expect("read");
        assert_eq!(running.iter().map(|replay| replay.id).collect::<Vec<_>>(), [second.id]);
        let foreign = Scope::Partner(add_partner(&bench.store, "warung", bench.now()).await);
        let own = Scope::Partner(bench.partner_id);
        assert!(bench.store.find_replay(foreign, first.id).await.expect("read").is_none());
        assert!(bench.store.find_replay(own, first.id).await.expect("read").is_some());
        bench.store.delete_webhook(webhook_id, log(bench.integration.id, bench.now())).await.expect("deleted");
        assert!(bench.store.find_replay(own, first.id).await.expect("read").is_none());
        assert_eq!(step(&bench.store, &first, 1).await, ReplayStep::Passed);
    }

    async fn retention_removes_replays_that_have_ended(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        finished(bench, EventType::PaymentSuccess, "failed", 1).await;
        let over = started(bench, webhook_id, ReplayFilter::default()).await;
        let running = started(bench, webhook_id, ReplayFilter::default()).await;
        change(bench, &over, ReplayChange::Cancel).await.expect("cancelled");
        bench.clock.advance(Duration::from_secs(2 * 86_400));
        bench.remove_behind(bench.now()).await;
        let (left, _) = bench.store.list_replays(webhook_id, ALL).await.expect("read");
        assert_eq!(left.iter().map(|replay| replay.id).collect::<Vec<_>>(), [running.id]);
    }
}
