//! The two sets of migrations make the same tables.

use std::collections::BTreeSet;

use sqlx::{ConnectOptions, Row};

use crate::support::{Bench, on_both};

type Column = (String, String, bool);

async fn columns(bench: &Bench) -> BTreeSet<Column> {
    let mut columns: BTreeSet<Column> = BTreeSet::new();
    if let Some(path) = bench.database.url.strip_prefix("sqlite:") {
        let mut connection = sqlx::sqlite::SqliteConnectOptions::new().filename(path).connect().await.expect("opens");
        let rows = sqlx::query(
            "SELECT t.name, c.name, c.\"notnull\" FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'",
        );
        for row in rows.fetch_all(&mut connection).await.expect("reads") {
            columns.insert((row.get(0), row.get(1), row.get::<bool, _>(2)));
        }
    } else {
        let options: sqlx::postgres::PgConnectOptions = bench.database.url.parse().expect("an address");
        let mut connection = options.connect().await.expect("connects");
        let rows = sqlx::query(
            "SELECT table_name::text, column_name::text, is_nullable::text FROM information_schema.columns WHERE table_schema = 'public'",
        );
        for row in rows.fetch_all(&mut connection).await.expect("reads") {
            columns.insert((row.get(0), row.get(1), row.get::<String, _>(2) == "NO"));
        }
    }
    columns.into_iter().filter(|(table, _, _)| !table.starts_with("_sqlx") && !table.starts_with("sqlite_")).collect()
}

#[tokio::test]
async fn both_backends_have_the_same_tables_columns_and_nullability() {
    let sqlite = Bench::on(simpul_store::testing::TestDatabase::sqlite()).await;
    let postgres = Bench::on(simpul_store::testing::TestDatabase::postgres().await).await;
    let (left, right) = (columns(&sqlite).await, columns(&postgres).await);
    assert!(left.len() > 100, "the catalogue was read: {}", left.len());
    assert_eq!(left.symmetric_difference(&right).collect::<Vec<_>>(), Vec::<&Column>::new());
    sqlite.remove().await;
    postgres.remove().await;
}

on_both! {
    /// Opening an existing database again changes nothing and finds what was there.
    async fn a_second_start_finds_what_the_first_wrote(bench: Bench) {
        let again = bench.database.open(bench.clock.clone()).await;
        let found = again.find_integration(simpul_core::access::Scope::All, bench.integration.id).await.expect("read");
        assert_eq!(found.map(|found| found.display_name), Some("Midtrans utama".to_owned()));
        again.close().await;
    }

    async fn another_master_key_stops_the_start_with_a_sentence(bench: Bench) {
        let other = simpul_store::MasterKey::generate();
        let refused = simpul_store::Store::open(bench.database.database(), other, bench.clock.clone()).await.err().expect("refused");
        assert!(matches!(refused, simpul_store::Error::WrongMasterKey));
        assert!(refused.to_string().contains("SIMPUL_MASTER_KEY"));
    }
}
