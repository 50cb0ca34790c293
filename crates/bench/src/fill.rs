//! Fills an installation's log with years of a platform's work in minutes: by statements inside of the database, in the schema that
//! Simpul made, while no Simpul runs.
//!
//! What Simpul would have written row by row is written in batches: log rows in the order of time, their counts of a day, their
//! rollups of a day, of an hour (for the last 61 days) and of a minute (49 hours), and the minutes in which connections were
//! seen. So is how far back minutes and hours are kept. Whether it all agrees is seen afterwards: the total that Simpul tells
//! from its counts must be that of the rows.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::failure::{Failure, Result};
use crate::progress::say;

pub(crate) const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;
/// Rows of one transaction.
const BATCH: i64 = 200_000;
/// The steps of durations in milliseconds, and the bucket of the histogram that each falls into (16 exact ones, then 48 that
/// each reach 18.7 % further).
const DURATIONS: [(i64, i64); 8] =
    [(35, 20), (80, 25), (120, 27), (180, 30), (260, 32), (400, 34), (700, 38), (1_500, 42)];

enum Database {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

/// Which rows: `count` of them from `from` to `to` (milliseconds since 1970), evenly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) count: i64,
    /// Integrations that share them; the busy one takes every tenth row, but not after `busy_until`.
    pub(crate) integrations: i64,
    pub(crate) busy_until: i64,
    /// Tells the ids of two stretches apart: 8 or 9.
    pub(crate) mark: u8,
}

/// A database that is being filled.
pub(crate) struct Filler {
    database: Database,
    now: i64,
}

impl Filler {
    /// Connects, and numbers the integrations: the busy one first.
    pub(crate) async fn open(url: &str, busy: &str, now: i64) -> Result<Self> {
        let id: Uuid = busy.parse().map_err(|_| Failure::told("an integration's id is no UUID"))?;
        let (database, kind, literal) = if let Some(path) = url.strip_prefix("sqlite:") {
            let options = SqliteConnectOptions::new().filename(path).pragma("cache_size", "-400000");
            let options = options.pragma("temp_store", "memory").pragma("synchronous", "normal");
            let connection = Box::new(options.connect().await?);
            (Database::Sqlite(connection), "BLOB", format!("X'{}'", id.simple()))
        } else {
            let options: PgConnectOptions = url.parse()?;
            (Database::Postgres(Box::new(options.connect().await?)), "UUID", format!("'{id}'::UUID"))
        };
        let mut filler = Self { database, now };
        if matches!(filler.database, Database::Postgres(_)) {
            filler.run("SET work_mem = '128MB'").await?;
        }
        filler.run(&format!("CREATE TEMP TABLE bench_ids (n INTEGER PRIMARY KEY, id {kind} NOT NULL)")).await?;
        let order = format!("CASE WHEN id = {literal} THEN 0 ELSE 1 END, id");
        let number = format!("SELECT ROW_NUMBER() OVER (ORDER BY {order}) - 1, id FROM partner_integrations");
        filler.run(&format!("INSERT INTO bench_ids (n, id) {number}")).await?;
        for (name, kept, unit) in [("minutes", 49 * HOUR, HOUR), ("hours", 61 * DAY, DAY)] {
            let from = (now - kept) / unit * unit;
            let noted = format!("INSERT INTO installation (name, value) VALUES ('{name}_retained_from', '{from}')");
            filler.run(&format!("{noted} ON CONFLICT (name) DO UPDATE SET value = excluded.value")).await?;
        }
        Ok(filler)
    }

    /// Writes the rows of a stretch and what is made of them; answers how long that took.
    pub(crate) async fn fill(&mut self, stretch: Stretch) -> Result<Duration> {
        let started = Instant::now();
        let mut first = 0;
        while first < stretch.count {
            let last = (first + BATCH).min(stretch.count);
            self.run("BEGIN").await?;
            let logs = self.logs(stretch, first, last);
            self.run(&logs).await?;
            let (from, to) = (stretch.at(first), stretch.at(last));
            for (minutes, unit, name, kept) in
                [(1_440, DAY, "day", i64::MAX), (60, HOUR, "hour", 61 * DAY), (1, MINUTE, "minute", 49 * HOUR)]
            {
                let horizon = if kept == i64::MAX { 0 } else { (self.now - kept) / unit * unit };
                if to >= horizon {
                    let rollups = self.rollups(stretch, (from.max(horizon), to), (minutes, unit, name));
                    self.run(&rollups).await?;
                }
            }
            let counts = self.counts(stretch, (from, to));
            self.run(&counts).await?;
            let hours = self.connection_hours(stretch, (from, to));
            self.run(&hours).await?;
            self.run("COMMIT").await?;
            if last / 1_000_000 != first / 1_000_000 {
                say(&format!("  {last} log rows after {:.0} s", started.elapsed().as_secs_f64()));
            }
            first = last;
        }
        Ok(started.elapsed())
    }

    /// Brings the planner up to date, as the database does by itself in time.
    pub(crate) async fn finish(mut self) -> Result<()> {
        match self.database {
            Database::Sqlite(_) => self.run("PRAGMA wal_checkpoint(TRUNCATE)").await?,
            Database::Postgres(_) => self.run("VACUUM (ANALYZE)").await?,
        }
        match self.database {
            Database::Sqlite(connection) => connection.close().await?,
            Database::Postgres(connection) => connection.close().await?,
        }
        Ok(())
    }

    /// Log rows of an integration, or of all.
    pub(crate) async fn count(&mut self, busy_only: bool) -> Result<i64> {
        let only = if busy_only { " WHERE integration_id = (SELECT id FROM bench_ids WHERE n = 0)" } else { "" };
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM integration_logs{only}"));
        Ok(match &mut self.database {
            Database::Sqlite(connection) => sqlx::query_scalar(sql).fetch_one(&mut **connection).await?,
            Database::Postgres(connection) => sqlx::query_scalar(sql).fetch_one(&mut **connection).await?,
        })
    }

    async fn run(&mut self, sql: &str) -> Result<()> {
        match &mut self.database {
            Database::Sqlite(connection) => {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **connection).await?;
            }
            Database::Postgres(connection) => {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **connection).await?;
            }
        }
        Ok(())
    }

    fn is_sqlite(&self) -> bool {
        matches!(self.database, Database::Sqlite(_))
    }

    /// An expression of milliseconds as the database keeps times.
    fn time(&self, millis: &str) -> String {
        if self.is_sqlite() {
            millis.to_owned()
        } else {
            format!("('epoch'::TIMESTAMPTZ + ({millis}) * INTERVAL '1 millisecond')")
        }
    }

    /// UUIDv7: the time, then the number of the row.
    fn id(&self, mark: u8, time: &str, number: &str) -> String {
        if self.is_sqlite() {
            format!("UNHEX(PRINTF('%012x7%03x{mark}%015x', {time}, ({number}) % 4096, {number}))")
        } else {
            format!(
                "(LPAD(TO_HEX({time}), 12, '0') || '7' || LPAD(TO_HEX(({number}) % 4096), 3, '0') || '{mark}'
                || LPAD(TO_HEX({number}), 15, '0'))::UUID"
            )
        }
    }

    fn logs(&self, stretch: Stretch, first: i64, last: i64) -> String {
        let Stretch { from, to, count, integrations, busy_until, mark } = stretch;
        let numbers = if self.is_sqlite() {
            format!(
                "WITH RECURSIVE numbers (i) AS (VALUES ({first}) UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {last}) "
            )
        } else {
            format!("WITH numbers (i) AS (SELECT GENERATE_SERIES({first}::BIGINT, {}::BIGINT)) ", last - 1)
        };
        let others = (integrations - 1).max(1);
        let at = format!("{from} + i * {} / {count}", to - from);
        let whose = if integrations == 1 {
            "0".to_owned()
        } else {
            format!("CASE WHEN i % 10 = 0 AND {at} < {busy_until} THEN 0 ELSE 1 + i % {others} END")
        };
        // Spreads kinds so that each integration has all of them.
        let kind = format!("(i / {integrations} * 7919 + i % {integrations} * 13) % 997");
        let (id, created_at) = (self.id(mark, "at", "i"), self.time("at"));
        let durations: String =
            (0..).zip(DURATIONS).map(|(index, (duration, _))| format!(" WHEN {index} THEN {duration}")).collect();
        format!(
            "{numbers}INSERT INTO integration_logs (id, integration_id, action, status, component, message, error_type,
            request_data, duration, user_agent, created_at)
            SELECT {id}, bench_ids.id,
            CASE WHEN kind % 10 < 2 THEN 'test' WHEN kind % 10 < 7 THEN 'webhook' ELSE 'transaction' END,
            CASE WHEN kind % 19 = 0 THEN 'failed' ELSE 'success' END,
            CASE WHEN kind % 10 BETWEEN 2 AND 6 THEN 'deliveries' ELSE 'connection' END,
            'Settled through the gateway', CASE WHEN kind % 19 = 0 THEN 'timeout' END,
            '{{\"orderId\":\"INV-2026\",\"amount\":150000,\"currency\":\"IDR\"}}',
            CASE kind % 8{durations} END, 'bench {mark}', {created_at}
            FROM (SELECT i, {at} AS at, {whose} AS whose, {kind} AS kind FROM numbers) AS made
            JOIN bench_ids ON bench_ids.n = made.whose"
        )
    }

    /// The rows of a stretch between two times, found by their ids.
    fn rows(&self, stretch: Stretch, (from, to): (i64, i64)) -> String {
        let id = |time: i64| self.id(stretch.mark, &format!("CAST({time} AS BIGINT)"), "CAST(0 AS BIGINT)");
        let time = |time: i64| self.time(&time.to_string());
        format!(
            "FROM integration_logs WHERE id >= {} AND id <= {} AND created_at >= {} AND created_at < {} AND user_agent = 'bench {}'",
            id(from - 1),
            id(to + 1),
            time(from),
            time(to),
            stretch.mark
        )
    }

    fn start_of(&self, unit: i64, name: &str) -> String {
        if self.is_sqlite() {
            format!("created_at / {unit} * {unit}")
        } else {
            format!("DATE_TRUNC('{name}', created_at, 'UTC')")
        }
    }

    fn rollups(&self, stretch: Stretch, span: (i64, i64), (minutes, unit, name): (i64, i64, &str)) -> String {
        let buckets: String =
            DURATIONS.iter().map(|(duration, bucket)| format!(" WHEN {duration} THEN {bucket}")).collect();
        let (start, rows) = (self.start_of(unit, name), self.rows(stretch, span));
        format!(
            "INSERT INTO activity_rollups (integration_id, minutes, bucket_start, action, component, status, error_type,
            latency_bucket, requests, duration_sum)
            SELECT integration_id, {minutes}, {start}, action, component, status, COALESCE(error_type, ''),
            CASE duration{buckets} END, COUNT(*), SUM(duration) {rows} GROUP BY 1, 3, 4, 5, 6, 7, 8
            ON CONFLICT (integration_id, minutes, bucket_start, action, component, status, error_type, latency_bucket)
            DO UPDATE SET requests = activity_rollups.requests + excluded.requests,
            duration_sum = activity_rollups.duration_sum + excluded.duration_sum"
        )
    }

    fn counts(&self, stretch: Stretch, span: (i64, i64)) -> String {
        let (start, rows) = (self.start_of(DAY, "day"), self.rows(stretch, span));
        format!(
            "INSERT INTO activity_counts (integration_id, day_start, action, status, error_type, requests)
            SELECT integration_id, {start}, action, status, COALESCE(error_type, ''), COUNT(*) {rows} GROUP BY 1, 2, 3, 4, 5
            ON CONFLICT (integration_id, day_start, action, status, error_type)
            DO UPDATE SET requests = activity_counts.requests + excluded.requests"
        )
    }

    fn connection_hours(&self, stretch: Stretch, span: (i64, i64)) -> String {
        let (start, rows) = (self.start_of(HOUR, "hour"), self.rows(stretch, span));
        let bits = |status: &str| {
            if self.is_sqlite() {
                format!(
                    "COALESCE(SUM(DISTINCT CASE WHEN status = '{status}' THEN 1 << (created_at / 60000 % 60) END), 0)"
                )
            } else {
                let minute = "EXTRACT(MINUTE FROM created_at AT TIME ZONE 'UTC')::INTEGER";
                format!("COALESCE(BIT_OR(1::BIGINT << {minute}) FILTER (WHERE status = '{status}'), 0)")
            }
        };
        format!(
            "INSERT INTO connection_hours (integration_id, hour_start, up_minutes, down_minutes)
            SELECT integration_id, {start}, {}, {} {rows} AND component = 'connection' GROUP BY 1, 2
            ON CONFLICT (integration_id, hour_start) DO UPDATE SET
            up_minutes = connection_hours.up_minutes | excluded.up_minutes,
            down_minutes = connection_hours.down_minutes | excluded.down_minutes",
            bits("success"),
            bits("failed")
        )
    }
}

impl Stretch {
    /// When its row of this number is.
    fn at(self, number: i64) -> i64 {
        self.from + number * (self.to - self.from) / self.count
    }
}
