//! What a migration makes of rows that are there already is what would have been written with them.

use std::time::Duration;

use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::error_type::ErrorType;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::support::{Bench, log_of, on_both};

/// Each migration that fills a table: its name, what is emptied before it, and what is read of it.
const BACKFILLS: [(&str, &str, &str); 3] = [
    (
        "0005_rollups",
        "DELETE FROM activity_rollups WHERE minutes = 1440",
        "SELECT CAST(bucket_start AS TEXT) || action || component || status || error_type
         || CAST(latency_bucket AS TEXT) || ' ' || CAST(requests AS TEXT) || ' ' || CAST(duration_sum AS TEXT)
         FROM activity_rollups WHERE minutes = 1440",
    ),
    (
        "0005_rollups",
        "DELETE FROM connection_hours",
        "SELECT CAST(hour_start AS TEXT) || ' ' || CAST(up_minutes AS TEXT) || ' ' || CAST(down_minutes AS TEXT) FROM connection_hours",
    ),
    (
        "0010_activity_counts",
        "DELETE FROM activity_counts",
        "SELECT CAST(day_start AS TEXT) || action || status || error_type || ' ' || CAST(requests AS TEXT) FROM activity_counts",
    ),
];

/// Rows of every kind over two days, some of them in the same minute.
fn rows(bench: &Bench) -> Vec<Activity> {
    let every = Duration::from_secs(7 * 60);
    (0..400_usize)
        .map(|index| {
            let at = bench.now().minus(every * u32::try_from(index / 2).expect("small"));
            let status = Status::ALL[index % Status::ALL.len()];
            let mut row = log_of(bench.integration.id, Action::ALL[index % Action::ALL.len()], status, at);
            row.component = if index % 4 == 0 { Component::Deliveries } else { Component::Connection };
            row.error_type = (status == Status::Failed).then(|| ErrorType::ALL[index % ErrorType::ALL.len()]);
            row.duration = (index % 3 > 0).then(|| i64::try_from(index * 37).expect("small"));
            row
        })
        .collect()
}

async fn execute(bench: &Bench, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    if let Some(path) = bench.database.url.strip_prefix("sqlite:") {
        let mut connection = SqliteConnectOptions::new().filename(path).connect().await.expect("opens");
        sqlx::raw_sql(sql).execute(&mut connection).await.expect("runs");
        connection.close().await.expect("closes");
    } else {
        let options: PgConnectOptions = bench.database.url.parse().expect("an address");
        let mut connection = options.connect().await.expect("connects");
        sqlx::raw_sql(sql).execute(&mut connection).await.expect("runs");
    }
}

async fn read(bench: &Bench, sql: &'static str) -> Vec<String> {
    let mut lines: Vec<String> = if let Some(path) = bench.database.url.strip_prefix("sqlite:") {
        let mut connection = SqliteConnectOptions::new().filename(path).connect().await.expect("opens");
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("reads")
    } else {
        let options: PgConnectOptions = bench.database.url.parse().expect("an address");
        let mut connection = options.connect().await.expect("connects");
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("reads")
    };
    lines.sort_unstable();
    lines
}

/// The statement of a migration that fills this table.
fn filling(bench: &Bench, migration: &str, table: &str) -> String {
    let backend = if bench.database.url.starts_with("sqlite:") { "sqlite" } else { "postgres" };
    let path = format!("{}/migrations/{backend}/{migration}.sql", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the migration is there");
    let start = format!("INSERT INTO {table} ");
    text.split(";\n").find_map(|part| part.find(&start).map(|at| part[at..].to_owned())).expect("it fills the table")
}

on_both! {
    async fn old_rows_are_counted_as_if_the_tables_had_been_there(bench: Bench) {
        bench.store.insert_activity(&rows(bench)).await.expect("stored");
        for (migration, empty, shown) in BACKFILLS {
            let written = read(bench, shown).await;
            assert!(written.len() > 1, "{empty}");
            let table = empty.split(' ').nth(2).expect("names a table");
            execute(bench, empty).await;
            assert_eq!(read(bench, shown).await, Vec::<String>::new());
            execute(bench, &filling(bench, migration, table)).await;
            assert_eq!(read(bench, shown).await, written, "{migration} fills {table}");
        }
    }
}
