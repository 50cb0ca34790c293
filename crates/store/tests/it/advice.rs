//! What recommendations rest on, dismissals, and the addresses of public pages.

use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::recommendation::{Dismissal, Severity};
use simpul_core::time::{HOUR, MINUTE, Timestamp};
use simpul_store::{ActivityFilter, ActivityPage, Badge, StatusPage};

use crate::support::{Bench, add_partner, integration, log, log_of, on_both};

fn at(bench: &Bench, offset: i64) -> Timestamp {
    Timestamp::from_millis(bench.now().millis() + offset)
}

fn call(bench: &Bench, offset: i64, error_type: Option<ErrorType>) -> Activity {
    let status = if error_type.is_some() { Status::Failed } else { Status::Success };
    let mut call = log_of(bench.integration.id, Action::Transaction, status, at(bench, offset));
    call.error_type = error_type;
    call.duration = Some(100);
    call
}

async fn config_changes(bench: &Bench) -> usize {
    let filter = ActivityFilter { actions: vec![Action::ConfigChange], ..ActivityFilter::default() };
    bench.store.list_activity(bench.integration.id, &filter, ActivityPage::Offset(0), 100).await.expect("read").len()
}

fn dismissal(code: &str, now: Timestamp) -> Dismissal {
    Dismissal {
        code: code.to_owned(),
        until: None,
        severity: Severity::Warning,
        fingerprint: "a key".to_owned(),
        reason: Some("known".to_owned()),
        created_by: "somebody".to_owned(),
        created_at: now,
    }
}

on_both! {
    async fn only_a_change_of_secrets_makes_credentials_younger(bench: Bench) {
        let changed_at = || async {
            let facts = bench.store.advice_facts(bench.integration.id, bench.now()).await.expect("read");
            facts.expect("there").credentials_changed_at
        };
        let (made_at, mut changed) = (bench.now(), bench.integration.clone());
        let store = |changed: simpul_core::integration::Integration| async move {
            let log = log(changed.id, changed.updated_at);
            bench.store.update_integration(&changed, &["serverKey"], log).await.expect("stored");
        };
        assert_eq!(changed_at().await, made_at);
        bench.clock.advance(Duration::from_secs(60));
        changed.display_name = "Another name".to_owned();
        changed.configuration.0.insert("merchantId".to_owned(), "G999".into());
        changed.updated_at = bench.now();
        store(changed.clone()).await;
        assert_eq!(changed_at().await, made_at, "no secret changed");
        changed.configuration.0.insert("serverKey".to_owned(), "SB-Mid-server-another".into());
        store(changed.clone()).await;
        assert_eq!(changed_at().await, bench.now());
        bench.clock.advance(Duration::from_secs(60));
        changed.configuration.0.remove("serverKey");
        changed.updated_at = bench.now();
        store(changed).await;
        assert_eq!(changed_at().await, bench.now(), "a secret that is gone is a change");
    }

    async fn others_of_its_kind_are_the_partners_own_active_ones(bench: Bench) {
        let others = || async {
            bench.store.advice_facts(bench.integration.id, bench.now()).await.expect("read").expect("there").others_of_its_kind
        };
        let stranger = add_partner(&bench.store, "lain", bench.now()).await;
        let mut off = integration(bench.partner_id, "xendit", bench.now());
        off.is_active = false;
        for one in [integration(stranger, "xendit", bench.now()), off] {
            bench.store.insert_integration(&one, &["serverKey"], log(one.id, bench.now())).await.expect("stored");
        }
        assert_eq!(others().await, 0);
        let second = integration(bench.partner_id, "stripe", bench.now());
        bench.store.insert_integration(&second, &["serverKey"], log(second.id, bench.now())).await.expect("stored");
        assert_eq!(others().await, 1);
        assert!(bench.store.advice_facts(simpul_core::id::IntegrationId::generate(bench.now()), bench.now()).await.expect("read").is_none());
    }

    async fn failures_are_found_among_any_number_of_successes(bench: Bench) {
        let mut rows: Vec<Activity> = (0..300).map(|minute| call(bench, -minute * MINUTE, None)).collect();
        rows.push(call(bench, -4 * HOUR - 1, Some(ErrorType::Timeout)));
        let mut receiver = call(bench, -HOUR, Some(ErrorType::Timeout));
        receiver.component = Component::Deliveries;
        rows.push(receiver);
        bench.store.insert_activity(&rows).await.expect("stored");
        let id = bench.integration.id;
        let found = bench.store.latest_failures(id, at(bench, -24 * HOUR), 50).await.expect("read");
        assert_eq!(found.len(), 1, "our receiver is not the provider");
        assert_eq!((found[0].error_type.as_deref(), found[0].created_at), (Some("timeout"), at(bench, -4 * HOUR - 1)));
        assert!(bench.store.latest_failures(id, at(bench, -HOUR), 50).await.expect("read").is_empty());
    }

    async fn a_spell_begins_after_the_last_success_and_notifications_do_not_end_it(bench: Bench) {
        let rejected = Some(ErrorType::AuthenticationFailed);
        let mut notification = log_of(bench.integration.id, Action::Webhook, Status::Success, at(bench, -MINUTE));
        notification.component = Component::Connection;
        bench.store.insert_activity(&[
            call(bench, -5 * HOUR, rejected),
            call(bench, -3 * HOUR, None),
            call(bench, -2 * HOUR, rejected),
            call(bench, -HOUR, Some(ErrorType::Timeout)),
            notification,
        ]).await.expect("stored");
        let id = bench.integration.id;
        let worked = bench.store.last_success_minute(id, at(bench, -24 * HOUR)).await.expect("read");
        assert_eq!(worked, Some(at(bench, -3 * HOUR).floor(MINUTE)));
        let first = bench.store.first_failures(id, at(bench, -3 * HOUR), 10).await.expect("read");
        let words: Vec<_> = first.iter().map(|(word, at)| (word.as_deref(), *at)).collect();
        assert_eq!(words, [(Some("authentication_failed"), at(bench, -2 * HOUR)), (Some("timeout"), at(bench, -HOUR))]);
        assert_eq!(bench.store.last_success_minute(id, at(bench, -HOUR)).await.expect("read"), None);
        let hours = bench.store.notification_hours(id, at(bench, -24 * HOUR)).await.expect("read");
        assert_eq!(hours, [at(bench, -MINUTE).floor(HOUR)]);
        let latency = bench.store.hourly_latency(id, at(bench, -24 * HOUR)).await.expect("read");
        assert_eq!(latency.iter().map(|line| (line.bucket_start, line.requests)).collect::<Vec<_>>(), [(at(bench, -3 * HOUR).floor(HOUR), 1)]);
    }

    async fn no_incident_is_open_where_none_was_opened(bench: Bench) {
        assert!(bench.store.public_incidents_of(&[bench.integration.id], &["midtrans"]).await.expect("read").is_empty());
        assert!(bench.store.public_incidents_of(&[], &[]).await.expect("read").is_empty());
    }

    async fn a_dismissal_is_kept_replaced_undone_and_logged(bench: Bench) {
        let (id, before) = (bench.integration.id, config_changes(bench).await);
        let log = || log(id, bench.now());
        let first = dismissal("slow", bench.now());
        bench.store.dismiss(id, &first, log()).await.expect("stored");
        let second = Dismissal { until: Some(at(bench, HOUR)), severity: Severity::Info, reason: None, ..first.clone() };
        bench.store.dismiss(id, &second, log()).await.expect("stored");
        bench.store.dismiss(id, &dismissal("timeouts", bench.now()), log()).await.expect("stored");
        assert_eq!(bench.store.list_dismissals(id).await.expect("read"), [second, dismissal("timeouts", bench.now())]);
        assert_eq!(config_changes(bench).await, before + 3);
        assert!(!bench.store.undo_dismissal(id, "never_tested", log()).await.expect("written"));
        assert_eq!(config_changes(bench).await, before + 3, "nothing was undone");
        assert!(bench.store.undo_dismissal(id, "slow", log()).await.expect("written"));
        bench.store.forget_dismissals(id, &["timeouts", "other"]).await.expect("written");
        assert_eq!(bench.store.list_dismissals(id).await.expect("read"), []);
    }

    async fn a_badge_is_found_by_its_token_alone_and_goes_with_its_integration(bench: Bench) {
        let id = bench.integration.id;
        let badge = |token: &str| Badge { token: token.to_owned(), created_by: "a".to_owned(), created_at: bench.now() };
        bench.store.set_badge(id, &badge("first"), log(id, bench.now())).await.expect("stored");
        assert_eq!(bench.store.find_badge(id).await.expect("read"), Some(badge("first")));
        bench.store.set_badge(id, &badge("second"), log(id, bench.now())).await.expect("stored");
        assert_eq!(bench.store.integration_of_badge("first").await.expect("read"), None, "rotated");
        assert_eq!(bench.store.integration_of_badge("second").await.expect("read"), Some(id));
        bench.store.delete_integration(id, log(id, bench.now())).await.expect("deleted");
        assert_eq!(bench.store.integration_of_badge("second").await.expect("read"), None);
        assert!(!bench.store.remove_badge(id, log(id, bench.now())).await.expect("written"));
    }

    async fn a_status_page_is_found_by_token_and_by_its_partner_within_scope(bench: Bench) {
        let page = StatusPage {
            partner_id: bench.partner_id,
            token: "token".to_owned(),
            title: "Kopi Senja".to_owned(),
            show_incidents: true,
            integration_ids: Some(vec![bench.integration.id]),
            created_by: "a".to_owned(),
            created_at: bench.now(),
            updated_at: bench.now(),
        };
        bench.store.set_status_page(&page).await.expect("stored");
        let find = |scope| bench.store.find_status_page(scope, bench.partner_id);
        assert_eq!(find(Scope::All).await.expect("read"), Some(page.clone()));
        let stranger = Scope::Partner(add_partner(&bench.store, "lain", bench.now()).await);
        assert_eq!(find(stranger).await.expect("read"), None);
        let changed = StatusPage { token: "another".to_owned(), integration_ids: None, show_incidents: false, ..page };
        bench.store.set_status_page(&changed).await.expect("stored");
        assert_eq!(bench.store.find_status_page_by_token("token").await.expect("read"), None);
        assert_eq!(bench.store.find_status_page_by_token("another").await.expect("read"), Some(changed));
        assert!(bench.store.remove_status_page(bench.partner_id).await.expect("written"));
        assert!(!bench.store.remove_status_page(bench.partner_id).await.expect("written"));
    }
}
