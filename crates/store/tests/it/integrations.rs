//! Integrations at rest: sealed, scoped to their partner, unique.

use simpul_core::access::Scope;
use simpul_core::activity::{Action, Status};
use simpul_store::{ActivityFilter, Error, IntegrationFilter};
use sqlx::ConnectOptions;

use crate::support::{Bench, NOW, add_partner, integration, log, log_of, on_both};

/// Every text of the row, as somebody with the database but without the key would see it.
async fn raw_row(bench: &Bench) -> String {
    const SQL: &str =
        "SELECT configuration || sealed_secrets || settings || sealed_inbound_token FROM partner_integrations";
    if let Some(path) = bench.database.url.strip_prefix("sqlite:") {
        let mut connection = sqlx::sqlite::SqliteConnectOptions::new().filename(path).connect().await.expect("opens");
        sqlx::query_scalar(SQL).fetch_one(&mut connection).await.expect("reads")
    } else {
        let options: sqlx::postgres::PgConnectOptions = bench.database.url.parse().expect("an address");
        let mut connection = options.connect().await.expect("connects");
        sqlx::query_scalar(SQL).fetch_one(&mut connection).await.expect("reads")
    }
}

on_both! {
    async fn secrets_are_sealed_and_come_back_in_clear(bench: Bench) {
        let raw = raw_row(bench).await;
        assert!(raw.contains("G123") && !raw.contains("very-secret") && !raw.contains(&bench.integration.inbound_token), "{raw}");
        let found = bench.store.find_integration_by_token(&bench.integration.inbound_token).await.expect("read").expect("found");
        assert_eq!(found.configuration, bench.integration.configuration);
        assert!(bench.store.find_integration_by_token("another").await.expect("read").is_none());
    }

    async fn a_second_of_the_same_type_and_provider_is_a_conflict(bench: Bench) {
        let second = integration(bench.partner_id, "midtrans", bench.now());
        let refused = bench.store.insert_integration(&second, &["serverKey"], log(second.id, bench.now())).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        let other = integration(bench.partner_id, "xendit", bench.now());
        bench.store.insert_integration(&other, &["serverKey"], log(other.id, bench.now())).await.expect("another provider");
    }

    async fn another_partner_sees_nothing(bench: Bench) {
        let stranger = Scope::Partner(add_partner(&bench.store, "lain", bench.now()).await);
        let filter = IntegrationFilter::default();
        assert!(bench.store.find_integration(stranger, bench.integration.id).await.expect("read").is_none());
        assert!(bench.store.list_integration_ids(stranger, &filter).await.expect("read").is_empty());
        assert_eq!(bench.store.list_integration_ids(Scope::Partner(bench.partner_id), &filter).await.expect("read"), [bench.integration.id]);
        let webhook_id = bench.add_webhook(|_| {}).await;
        assert!(bench.store.find_webhook(stranger, webhook_id).await.expect("read").is_none());
    }

    async fn filters_match_words_literally(bench: Bench) {
        for (words, found) in [("UTAMA", 1), ("midtrans", 1), ("%", 0), ("_", 0), ("' OR 1=1 --", 0)] {
            let filter = IntegrationFilter { words: Some(words.to_owned()), ..IntegrationFilter::default() };
            assert_eq!(bench.store.list_integration_ids(Scope::All, &filter).await.expect("read").len(), found, "{words}");
        }
    }

    async fn a_test_changes_the_integration_and_the_log_together(bench: Bench) {
        let log = log_of(bench.integration.id, Action::Test, Status::Failed, bench.now());
        bench.store.record_test(bench.integration.id, "failed", "rejected", log).await.expect("stored");
        let found = bench.store.find_integration(Scope::All, bench.integration.id).await.expect("read").expect("found");
        assert_eq!(found.last_test_status.as_deref(), Some("failed"));
        assert_eq!(found.last_tested_at.map(|at| at.millis()), Some(NOW));
        let filter = ActivityFilter { actions: vec![Action::Test], ..ActivityFilter::default() };
        assert_eq!(bench.store.count_activity(bench.integration.id, &filter).await.expect("read")[0].count, 1);
    }

    async fn deleting_leaves_the_log(bench: Bench) {
        bench.add_webhook(|_| {}).await;
        bench.store.delete_integration(bench.integration.id, log(bench.integration.id, bench.now())).await.expect("deleted");
        assert!(bench.store.find_integration(Scope::All, bench.integration.id).await.expect("read").is_none());
        assert!(bench.store.has_activity(bench.integration.id).await.expect("read"));
        bench.store.delete_partner(bench.partner_id).await.expect("deleted");
    }
}
