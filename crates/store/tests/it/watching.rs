//! What the watch over health keeps: plans of tests, spans of maintenance, snapshots, incidents.

use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::activity::{Action, Component, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::event::EventType;
use simpul_core::health::HealthStatus;
use simpul_core::id::{IncidentId, IntegrationId, MaintenanceId};
use simpul_core::incident::{IncidentCause, IncidentEntryKind, IncidentKind, IncidentSeverity, IncidentTrigger};
use simpul_core::time::Timestamp;
use simpul_store::{
    ActivityFilter, ActivityPage, HealthChange, HealthSnapshot, Incident, IncidentChange, IncidentFilter,
    MaintenanceWindow, OverviewFilter, Page, Telling,
};

use crate::queue::{claim, settlement, waiting};
use crate::support::{Bench, add_partner, integration, log, log_of, on_both};

const MINUTE: Duration = Duration::from_secs(60);
const PAGE: Page = Page { offset: 0, limit: 50 };

fn window(bench: &Bench) -> MaintenanceWindow {
    MaintenanceWindow {
        id: MaintenanceId::generate(bench.now()),
        integration_id: None,
        partner_id: None,
        provider: None,
        is_pause: false,
        starts_at: bench.now(),
        ends_at: Some(bench.now().plus(60 * MINUTE)),
        reason: "new contract".to_owned(),
        created_by: "test".to_owned(),
        created_at: bench.now(),
    }
}

async fn components(bench: &Bench, id: IntegrationId) -> Vec<String> {
    let filter = ActivityFilter { actions: vec![Action::Test], ..ActivityFilter::default() };
    let rows = bench.store.list_activity(id, &filter, ActivityPage::Offset(0), 100).await.expect("read");
    rows.into_iter().rev().map(|row| row.component).collect()
}

async fn test(bench: &Bench, id: IntegrationId, at: Timestamp) {
    bench.store.insert_activity(&[log_of(id, Action::Test, Status::Failed, at)]).await.expect("written");
}

async fn add_integration(bench: &Bench, slug: &str, provider: &str) -> IntegrationId {
    let partner_id = add_partner(&bench.store, slug, bench.now()).await;
    let made = integration(partner_id, provider, bench.now());
    bench.store.insert_integration(&made, &["serverKey"], log(made.id, bench.now())).await.expect("stored");
    made.id
}

fn incident(bench: &Bench) -> Incident {
    Incident {
        id: IncidentId::generate(bench.now()),
        kind: IncidentKind::Connection,
        severity: IncidentSeverity::Critical,
        integration_id: Some(bench.integration.id),
        partner_id: Some(bench.partner_id),
        provider: "midtrans".to_owned(),
        webhook_id: None,
        outage_id: None,
        subject: bench.integration.id.to_string(),
        cause: IncidentCause::Error(ErrorType::AuthenticationFailed),
        opened_by: IncidentTrigger::Probes,
        started_at: bench.now().minus(MINUTE),
        opened_at: bench.now(),
        closed_at: None,
        last_failure_at: bench.now(),
        first_error: "rejected".to_owned(),
        last_error: "rejected".to_owned(),
        affected_calls: 3,
        affected_integrations: 1,
        acknowledged_at: None,
        acknowledged_by: None,
        updated_at: bench.now(),
    }
}

fn snapshot(bench: &Bench, id: IntegrationId, status: HealthStatus, score: Option<f64>) -> HealthSnapshot {
    HealthSnapshot {
        integration_id: id,
        partner_id: bench.partner_id,
        health_status: status,
        health_score: score,
        previous_score: None,
        provisional: false,
        total_requests: 10,
        success_count: 9,
        p95_response_time: Some(120),
        uptime: Some(99.5),
        connection_status: status,
        deliveries_status: HealthStatus::Unknown,
        open_incident_id: None,
        facts: vec!["never_tested".to_owned()],
        paused: false,
        paused_until: None,
        changed_at: bench.now(),
        evaluated_at: bench.now(),
    }
}

async fn entries(bench: &Bench, id: IncidentId) -> Vec<IncidentEntryKind> {
    bench.store.incident_entries(id, 100).await.expect("read").into_iter().map(|entry| entry.kind).collect()
}

on_both! {
    async fn a_test_is_planned_once_and_taken_once(bench: Bench) {
        let id = bench.integration.id;
        let unplanned = bench.store.unplanned_probes(10).await.expect("read");
        assert_eq!((unplanned.len(), unplanned[0].interval_minutes, unplanned[0].provider.as_str()), (1, 5, "midtrans"));
        let due_at = bench.now().plus(5 * MINUTE);
        bench.store.plan_probes(&[(id, due_at)]).await.expect("planned");
        bench.store.plan_probes(&[(id, bench.now())]).await.expect("planned already");
        assert!(bench.store.unplanned_probes(10).await.expect("read").is_empty());
        assert!(bench.store.probes_due(bench.now(), &[], 10).await.expect("read").is_empty());
        bench.clock.advance(5 * MINUTE);
        assert_eq!(bench.store.probes_due(bench.now(), &[], 10).await.expect("read").len(), 1);
        assert!(bench.store.probes_due(bench.now(), &["midtrans".to_owned()], 10).await.expect("read").is_empty());
        let other = bench.database.open(bench.clock.clone()).await;
        let next = [(id, bench.now().plus(5 * MINUTE))];
        let taken = [bench.store.take_probes(&next, bench.now()).await.expect("asked"), other.take_probes(&next, bench.now()).await.expect("asked")];
        assert_eq!(taken.concat(), [id], "two nodes that both believe to lead take it once");
        other.close().await;
    }

    async fn a_shorter_interval_brings_the_next_test_forward_and_an_idle_integration_has_none(bench: Bench) {
        let mut changed = bench.integration.clone();
        bench.store.plan_probes(&[(changed.id, bench.now().plus(60 * MINUTE))]).await.expect("planned");
        changed.settings.test_interval_minutes = 2;
        changed.updated_at = bench.now();
        bench.store.update_integration(&changed, &["serverKey"], log(changed.id, bench.now())).await.expect("changed");
        assert_eq!(bench.store.next_probe_at(changed.id).await.expect("read"), Some(bench.now().plus(2 * MINUTE)));
        changed.is_active = false;
        bench.store.update_integration(&changed, &["serverKey"], log(changed.id, bench.now())).await.expect("changed");
        assert_eq!(bench.store.forget_idle_probes().await.expect("forgotten"), 1);
        assert_eq!(bench.store.next_probe_at(changed.id).await.expect("read"), None);
        assert!(bench.store.unplanned_probes(10).await.expect("read").is_empty());
    }

    async fn what_happens_in_maintenance_is_marked_by_its_own_time(bench: Bench) {
        let id = bench.integration.id;
        let elsewhere = add_integration(bench, "warung", "xendit").await;
        test(bench, id, bench.now()).await;
        let by_provider = MaintenanceWindow { provider: Some("midtrans".to_owned()), ..window(bench) };
        bench.store.insert_window(&by_provider, None).await.expect("planned");
        test(bench, id, bench.now()).await;
        test(bench, id, bench.now().minus(MINUTE)).await;
        test(bench, elsewhere, bench.now()).await;
        test(bench, id, bench.now().plus(60 * MINUTE)).await;
        assert_eq!(components(bench, id).await, ["connection", "connection", "maintenance", "connection"], "before, at the start, in it, after it");
        assert_eq!(components(bench, elsewhere).await, ["connection"]);
        let mut delivered = log_of(id, Action::Webhook, Status::Failed, bench.now());
        delivered.component = Component::Deliveries;
        bench.store.insert_activity(&[delivered]).await.expect("written");
        bench.store.end_window(by_provider.id, bench.now()).await.expect("ended");
        bench.clock.advance(MINUTE);
        test(bench, id, bench.now()).await;
        assert_eq!(components(bench, id).await.iter().filter(|component| *component == "maintenance").count(), 1);
    }

    async fn a_pause_holds_until_somebody_resumes_and_stays_in_the_history(bench: Bench) {
        let id = bench.integration.id;
        let pause = |ends_at| MaintenanceWindow { integration_id: Some(id), is_pause: true, ends_at, ..window(bench) };
        bench.store.insert_window(&pause(None), Some(log(id, bench.now()))).await.expect("paused");
        bench.clock.advance(MINUTE);
        let second = MaintenanceWindow { starts_at: bench.now(), ..pause(Some(bench.now().plus(60 * MINUTE))) };
        bench.store.insert_window(&second, None).await.expect("paused again");
        let held: Vec<_> = bench.store.open_windows(bench.now()).await.expect("read").into_iter().filter(|window| window.holds_at(bench.now())).collect();
        assert_eq!(held.iter().map(|window| window.id).collect::<Vec<_>>(), [second.id], "one takes the other's place");
        bench.clock.advance(MINUTE);
        assert!(bench.store.resume(id, bench.now(), log(id, bench.now())).await.expect("resumed"));
        assert!(!bench.store.resume(id, bench.now(), log(id, bench.now())).await.expect("not paused"));
        test(bench, id, bench.now()).await;
        assert_eq!(components(bench, id).await, ["connection"]);
        let (all, total) = bench.store.list_windows(Scope::All, &Default::default(), bench.now(), PAGE).await.expect("read");
        assert_eq!((all.len(), total), (2, 2));
        let stranger = add_partner(&bench.store, "stranger", bench.now()).await;
        assert_eq!(bench.store.list_windows(Scope::Partner(stranger), &Default::default(), bench.now(), PAGE).await.expect("read").1, 0);
        assert_eq!(bench.store.list_windows(Scope::Partner(bench.partner_id), &Default::default(), bench.now(), PAGE).await.expect("read").1, 2);
    }

    async fn the_overview_shows_the_worst_first_and_counts_what_it_shows(bench: Bench) {
        let (bad, unknown) = (add_integration(bench, "bad", "xendit").await, add_integration(bench, "new", "stripe").await);
        let fine = bench.integration.id;
        let rows = [snapshot(bench, fine, HealthStatus::Healthy, Some(99.0)), snapshot(bench, bad, HealthStatus::Critical, Some(10.0))];
        bench.store.write_snapshots(&rows).await.expect("written");
        let shown = |filter: OverviewFilter| async move { bench.store.list_health(Scope::All, &filter, PAGE).await.expect("read").into_iter().map(|entry| entry.snapshot.integration_id).collect::<Vec<_>>() };
        assert_eq!(shown(OverviewFilter::default()).await, [bad, fine, unknown]);
        let mut troubled = rows[0].clone();
        troubled.open_incident_id = Some(IncidentId::generate(bench.now()));
        bench.store.write_snapshots(&[troubled]).await.expect("written");
        assert_eq!(shown(OverviewFilter::default()).await, [fine, bad, unknown], "an open incident comes first");
        assert_eq!(shown(OverviewFilter { statuses: vec![HealthStatus::Unknown], ..Default::default() }).await, [unknown]);
        assert_eq!(shown(OverviewFilter { words: Some("BAD".to_owned()), ..Default::default() }).await, [bad], "by the partner's name");
        let filter = OverviewFilter { provider: Some("xendit".to_owned()), ..Default::default() };
        let counts = bench.store.count_health(Scope::All, &filter).await.expect("counted");
        assert_eq!((counts.len(), counts[0].count, counts[0].health_status), (1, 1, HealthStatus::Critical));
        assert_eq!(bench.store.list_health(Scope::Partner(bench.partner_id), &Default::default(), PAGE).await.expect("read").len(), 1);
        assert_eq!(bench.store.ids_in_band(Scope::All, &OverviewFilter { statuses: vec![HealthStatus::Critical], ..Default::default() }).await.expect("read"), [bad]);
    }

    async fn listeners_hear_of_changes_and_of_what_is_gone(bench: Bench) {
        let id = bench.integration.id;
        let start = bench.now();
        bench.store.write_snapshots(&[snapshot(bench, id, HealthStatus::Healthy, Some(99.0))]).await.expect("written");
        let changes = bench.store.health_changes_since(start, 10).await.expect("read");
        assert!(matches!(&changes[..], [HealthChange::Changed(entry)] if entry.display_name == "Midtrans utama"), "{changes:?}");
        bench.clock.advance(MINUTE);
        bench.store.delete_integration(id, log(id, bench.now())).await.expect("deleted");
        let changes = bench.store.health_changes_since(bench.now(), 10).await.expect("read");
        assert_eq!(changes, [HealthChange::Removed { integration_id: id, partner_id: bench.partner_id, changed_at: bench.now() }]);
        bench.store.write_snapshots(&[snapshot(bench, id, HealthStatus::Critical, None)]).await.expect("late");
        assert_eq!(bench.store.health_changes_since(bench.now(), 10).await.expect("read").len(), 1, "a late look does not bring it back");
        bench.clock.advance(25 * 60 * MINUTE);
        bench.store.forget_removed(bench.now()).await.expect("forgotten");
        assert!(bench.store.health_changes_since(start, 10).await.expect("read").is_empty());
    }

    async fn an_incident_opens_once_however_many_nodes_see_it(bench: Bench) {
        bench.add_webhook(|webhook| webhook.events = vec!["integration.*".to_owned()]).await;
        let told = || Telling { log: Some(log_of(bench.integration.id, Action::Error, Status::Failed, bench.now())), event: Some(bench.event(EventType::IntegrationHealthChanged, "x")) };
        let telling = || Telling { event: told().event.map(|event| simpul_store::NewEvent { deduplication_key: None, ..event }), ..told() };
        let first = incident(bench);
        assert!(bench.store.open_incident(&first, "rejected", telling()).await.expect("opened"));
        assert!(!bench.store.open_incident(&incident(bench), "rejected", telling()).await.expect("open already"));
        assert_eq!(claim(&bench.store, bench, 10).await.len(), 1, "told once");
        let change = IncidentChange { id: first.id, cause: IncidentCause::Error(ErrorType::Timeout), severity: IncidentSeverity::Warning, last_failure_at: bench.now(), last_error: "late".to_owned(), affected_calls: 9, affected_integrations: 1, told: Some("late".to_owned()) };
        assert!(bench.store.change_incident(&change, bench.now()).await.expect("changed"));
        bench.store.note_incident(first.id, "asked Midtrans", "ops", bench.now()).await.expect("noted");
        assert!(bench.store.acknowledge_incident(first.id, "ops", bench.now()).await.expect("taken on"));
        assert!(!bench.store.acknowledge_incident(first.id, "somebody else", bench.now()).await.expect("taken already"));
        bench.clock.advance(MINUTE);
        assert!(bench.store.close_incident(first.id, "works", bench.now(), Telling::default()).await.expect("closed"));
        assert!(!bench.store.close_incident(first.id, "works", bench.now(), Telling::default()).await.expect("closed already"));
        assert!(!bench.store.change_incident(&change, bench.now()).await.expect("closed already"));
        use IncidentEntryKind as Kind;
        assert_eq!(entries(bench, first.id).await, [Kind::Opened, Kind::CauseChanged, Kind::Note, Kind::Acknowledged, Kind::Closed]);
        assert!(bench.store.open_incident(&incident(bench), "again", Telling::default()).await.expect("opened anew"));
        let changed = bench.store.incidents_changed_since(first.opened_at, 10).await.expect("read");
        assert_eq!(changed.iter().map(|incident| incident.closed_at.is_some()).collect::<Vec<_>>(), [true, false]);
    }

    async fn incidents_are_found_by_what_they_are(bench: Bench) {
        let own = incident(bench);
        bench.store.open_incident(&own, "rejected", Telling::default()).await.expect("opened");
        let outage = Incident { id: IncidentId::generate(bench.now()), kind: IncidentKind::ProviderOutage, integration_id: None, partner_id: None, subject: "midtrans".to_owned(), opened_by: IncidentTrigger::Providers, ..incident(bench) };
        bench.store.open_incident(&outage, "most", Telling::default()).await.expect("opened");
        let stranger = add_partner(&bench.store, "stranger", bench.now()).await;
        let listed = |scope: Scope, filter: IncidentFilter| async move { bench.store.list_incidents(scope, &filter, PAGE).await.expect("read").1 };
        assert_eq!(listed(Scope::All, IncidentFilter::default()).await, 2);
        assert_eq!(listed(Scope::Partner(bench.partner_id), IncidentFilter::default()).await, 1, "the outage concerns nobody of its yet");
        assert_eq!(bench.store.join_outage(outage.id, &[own.id], bench.now()).await.expect("joined"), 1);
        assert_eq!(bench.store.join_outage(outage.id, &[own.id], bench.now()).await.expect("joined already"), 0);
        assert_eq!(listed(Scope::Partner(bench.partner_id), IncidentFilter::default()).await, 2);
        assert_eq!(listed(Scope::Partner(stranger), IncidentFilter::default()).await, 0);
        assert!(bench.store.find_incident(Scope::Partner(stranger), outage.id).await.expect("read").is_none());
        assert_eq!(bench.store.open_outages(Scope::Partner(stranger)).await.expect("read"), []);
        assert_eq!(bench.store.open_outages(Scope::Partner(bench.partner_id)).await.expect("read"), [("midtrans".to_owned(), outage.id)]);
        assert_eq!(bench.store.outage_share(Scope::All, outage.id).await.expect("read"), (1, 3));
        for (filter, count) in [
            (IncidentFilter { is_open: Some(true), ..Default::default() }, 2),
            (IncidentFilter { is_open: Some(false), ..Default::default() }, 0),
            (IncidentFilter { kind: Some(IncidentKind::Connection), ..Default::default() }, 1),
            (IncidentFilter { severity: Some(IncidentSeverity::Warning), ..Default::default() }, 0),
            (IncidentFilter { integration_id: Some(bench.integration.id), ..Default::default() }, 1),
            (IncidentFilter { partner_id: Some(bench.partner_id), ..Default::default() }, 2),
            (IncidentFilter { provider: Some("stripe".to_owned()), ..Default::default() }, 0),
            (IncidentFilter { to: Some(own.started_at.minus(MINUTE)), ..Default::default() }, 0),
            (IncidentFilter { from: Some(bench.now().plus(MINUTE)), ..Default::default() }, 2),
        ] {
            assert_eq!(listed(Scope::All, filter.clone()).await, count, "{filter:?}");
        }
        bench.store.delete_integration(bench.integration.id, log(bench.integration.id, bench.now())).await.expect("deleted");
        assert_eq!(listed(Scope::All, IncidentFilter { is_open: Some(true), ..Default::default() }).await, 1, "what is open of it is closed");
    }

    async fn a_failing_webhook_has_an_incident_until_it_recovers(bench: Bench) {
        let webhook_id = bench.add_webhook(|_| {}).await;
        let writer = waiting(bench, 6).await;
        let open = || async { bench.store.open_incidents(IncidentKind::Webhook, None, 10).await.expect("read") };
        for _ in 0..2 {
            let delivery = claim(&bench.store, bench, 1).await.remove(0);
            writer.settle(settlement(bench, &delivery, simpul_store::Outcome::Exhausted)).await.expect("written");
        }
        let found = open().await;
        assert_eq!((found.len(), found[0].cause, found[0].webhook_id), (1, IncidentCause::WebhookDisabled, Some(webhook_id)));
        assert!(bench.store.close_recovered_webhooks(bench.now()).await.expect("looked").is_empty());
        let mut webhook = bench.webhook(webhook_id).await;
        webhook.is_active = true;
        bench.store.update_webhook(&webhook, true, log(bench.integration.id, bench.now())).await.expect("switched");
        assert_eq!(bench.store.close_recovered_webhooks(bench.now()).await.expect("looked"), [bench.integration.id]);
        assert!(open().await.is_empty());
    }

    async fn the_last_outcomes_and_the_last_hour_are_what_was_logged(bench: Bench) {
        let id = bench.integration.id;
        let start = bench.now();
        for minute in 0..30_u32 {
            let (action, status) = if minute < 3 { (Action::Test, Status::Failed) } else { (Action::Transaction, Status::Success) };
            bench.store.insert_activity(&[log_of(id, action, status, start.plus(minute * 4 * MINUTE))]).await.expect("written");
        }
        bench.clock.advance(2 * 60 * MINUTE);
        let outcomes = bench.store.recent_outcomes(id, start).await.expect("read");
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_test).count(), 3, "tests are found behind many calls");
        assert!(outcomes.windows(2).all(|pair| pair[0].at > pair[1].at));
        let (hour, before) = bench.store.hour_and_day(&[id], bench.now()).await.expect("read")[&id];
        assert_eq!((hour.succeeded, hour.total, before.succeeded, before.total), (14, 14, 13, 16), "{hour:?} {before:?}");
        assert_eq!(bench.store.failed_calls_since(id, start).await.expect("read"), 0);
    }
}
