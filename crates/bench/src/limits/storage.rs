//! How fast the disk and each database commit rows of 1 KB, one a commit and in batches of 500.
//!
//! The databases are set as Simpul sets them: SQLite in WAL mode with `synchronous=FULL`; PostgreSQL as its cluster is, which
//! must have `fsync` and `synchronous_commit` on.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};
use tokio::task::JoinSet;

use crate::backend::Cluster;
use crate::closed_loop::CALLERS;
use crate::event::{EVENT_BYTES, body};
use crate::failure::Result;
use crate::latency::Latency;

const BATCH: u64 = 500;
const SYNCED_BYTES: u64 = 4_096;
const REUSED_BYTES: u64 = 16 << 20;

/// Percentiles in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Commit {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// What a database does at best.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    /// One row a commit, one connection.
    pub(crate) commits_per_second: f64,
    pub(crate) commit: Commit,
    /// One row a commit from 64 connections at once; SQLite has one writer only.
    pub(crate) shared_commits_per_second: Option<f64>,
    pub(crate) batched_rows_per_second: f64,
}

/// Writes of 4 KiB that each reach the disk, a second: at the end of a growing file, and over what a file of 16 MiB holds,
/// as databases do with logs that they use again.
pub(super) fn syncs(folder: &Path, length: Duration) -> Result<(f64, f64)> {
    let mut file = tempfile::tempfile_in(folder)?;
    let appends = synced_writes(&mut file, length, u64::MAX)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&vec![b'x'; REUSED_BYTES as usize])?;
    file.sync_all()?;
    file.rewind()?;
    Ok((appends, synced_writes(&mut file, length, REUSED_BYTES)?))
}

fn synced_writes(file: &mut File, length: Duration, wrap_at: u64) -> Result<f64> {
    let block = [b'x'; SYNCED_BYTES as usize];
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < length {
        if (u64::from(count) * SYNCED_BYTES).is_multiple_of(wrap_at) {
            file.rewind()?;
        }
        file.write_all(&block)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}

/// Commits until the time is up; answers rows a second and how long each commit took.
macro_rules! commit_rows {
    ($connection:expr, $length:expr, $rows:expr, $first:expr) => {{
        let mut latency = Latency::new()?;
        let started = Instant::now();
        let mut number: u64 = $first;
        while started.elapsed() < $length {
            let mut insert = sqlx::QueryBuilder::new("INSERT INTO bench_limit (id, payload) ");
            insert.push_values(number..number + $rows, |mut row, id| {
                row.push_bind(id as i64).push_bind(body(id, EVENT_BYTES));
            });
            let at = Instant::now();
            insert.build().execute(&mut $connection).await?;
            latency.record(at.elapsed());
            number += $rows;
        }
        ((number - $first) as f64 / started.elapsed().as_secs_f64(), latency)
    }};
}

const TABLE: &str = "CREATE TABLE bench_limit (id BIGINT PRIMARY KEY, payload TEXT NOT NULL)";
/// Where the ids of batches begin, past those of single rows.
const BATCHES_FROM: u64 = 1 << 40;

pub(super) async fn sqlite(folder: &Path, length: Duration) -> Result<Storage> {
    let folder = tempfile::Builder::new().prefix("simpul-bench-limit.").tempdir_in(folder)?;
    let mut connection: SqliteConnection = SqliteConnectOptions::new()
        .filename(folder.path().join("limit.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await?;
    sqlx::query(TABLE).execute(&mut connection).await?;
    let (commits_per_second, latency) = commit_rows!(connection, length, 1, 0);
    let (batched_rows_per_second, _) = commit_rows!(connection, length, BATCH, BATCHES_FROM);
    connection.close().await?;
    let commit = Commit { p50: latency.at(0.5), p99: latency.at(0.99) };
    Ok(Storage { commits_per_second, commit, shared_commits_per_second: None, batched_rows_per_second })
}

pub(super) async fn postgres(cluster: &Cluster, length: Duration) -> Result<Storage> {
    let mut connection = cluster.connect().await?;
    sqlx::query("DROP TABLE IF EXISTS bench_limit").execute(&mut connection).await?;
    sqlx::query(TABLE).execute(&mut connection).await?;
    let (commits_per_second, latency) = commit_rows!(connection, length, 1, 0);
    let (batched_rows_per_second, _) = commit_rows!(connection, length, BATCH, BATCHES_FROM);
    let shared = shared_commits(cluster, length).await?;
    sqlx::query("DROP TABLE bench_limit").execute(&mut connection).await?;
    connection.close().await?;
    let commit = Commit { p50: latency.at(0.5), p99: latency.at(0.99) };
    Ok(Storage { commits_per_second, commit, shared_commits_per_second: Some(shared), batched_rows_per_second })
}

async fn shared_commits(cluster: &Cluster, length: Duration) -> Result<f64> {
    let mut connections = Vec::with_capacity(CALLERS);
    for _ in 0..CALLERS {
        connections.push(cluster.connect().await?);
    }
    let mut tasks = JoinSet::new();
    for (connection, number) in connections.into_iter().zip(1_u64..) {
        tasks.spawn(commit_alone(connection, length, (BATCHES_FROM << 1) + (number << 32)));
    }
    let mut all = 0.0;
    while let Some(own) = tasks.join_next().await {
        all += own??;
    }
    Ok(all)
}

async fn commit_alone(mut connection: PgConnection, length: Duration, first: u64) -> Result<f64> {
    let (rate, _) = commit_rows!(connection, length, 1, first);
    connection.close().await?;
    Ok(rate)
}
