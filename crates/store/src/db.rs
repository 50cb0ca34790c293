//! Which database, its pools and transactions, and the two macros that expand one statement for each driver.
//!
//! The subset of SQL that both share: `$n` parameters (or `push_bind` in built statements), `RETURNING`,
//! `ON CONFLICT (…) DO NOTHING/UPDATE`, CTEs, `VALUES` lists, row values, partial indexes. Ids are `BLOB`/`UUID`, times are
//! `INTEGER`/`TIMESTAMPTZ` and always bound, JSON is `TEXT` and opaque to SQL. Sums are cast to `BIGINT`, since PostgreSQL
//! would widen them. Only this file, `bulk.rs` and what is under `queue` may ask which backend it is.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use simpul_core::id::{IntegrationId, NodeId};
use simpul_core::integration::Integration;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Postgres, Sqlite, Transaction};

use crate::error::{Error, Result};
use crate::identities::ApiKey;
use crate::maintenance::KnownWindows;
use crate::remembered::Remembered;
use crate::seal::{DataKeys, MasterKey};
use crate::touched::Touched;
use crate::{SharedClock, installation};

/// Waiting longer than this for a connection is an outage.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Rows of one multi-row statement.
pub(crate) const CHUNK: usize = 500;

/// A database's address, read from `database_url`.
#[derive(Debug, Clone)]
pub enum Database {
    /// The path of a SQLite file.
    Sqlite(PathBuf),
    /// A `postgres://` address.
    Postgres(Box<PgConnectOptions>),
}

impl FromStr for Database {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(['?', '\0']) || path.starts_with(":memory:") {
                return Err(Error::Address("must name a file, as in sqlite:data/simpul.db".to_owned()));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return PgConnectOptions::from_str(url)
                .map(|options| Self::Postgres(Box::new(options.application_name("simpul"))))
                .map_err(|_| Error::Address("is not a valid postgres:// address".to_owned()));
        }
        Err(Error::Address("must start with sqlite: or postgres://".to_owned()))
    }
}

pub(crate) enum Db {
    /// One connection writes; SQLite itself would only make the others wait.
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
    },
    Postgres(PgPool),
}

/// An open transaction. Dropped without `commit`, it is rolled back.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Expands a read for each driver: `read!(store, |pool| query.fetch_all(pool).await?)`.
macro_rules! read {
    ($store:expr, |$pool:ident| $body:expr) => {
        match &$store.db {
            $crate::db::Db::Sqlite { read: $pool, .. } => $body,
            $crate::db::Db::Postgres($pool) => $body,
        }
    };
}

/// Expands a statement inside a transaction for each driver: `within!(tx, |connection| query.execute(connection).await?)`.
macro_rules! within {
    ($tx:expr, |$connection:ident| $body:expr) => {
        match $tx {
            $crate::db::Tx::Sqlite(transaction) => {
                let $connection = &mut **transaction;
                $body
            }
            $crate::db::Tx::Postgres(transaction) => {
                let $connection = &mut **transaction;
                $body
            }
        }
    };
}

pub(crate) use {read, within};

impl Db {
    pub(crate) async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }
}

impl Tx {
    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}

/// The one door to the database. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

impl std::ops::Deref for Store {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// What a store holds.
pub struct Inner {
    pub(crate) db: Db,
    pub(crate) clock: SharedClock,
    pub(crate) keys: DataKeys,
    /// This process, as the holder of leases.
    pub(crate) node: NodeId,
    /// What every request asks for: keys by the hash of their text, integrations by id and by the hash of their token.
    pub(crate) remembered_keys: Remembered<Vec<u8>, ApiKey>,
    pub(crate) remembered_integrations: Remembered<IntegrationId, Arc<Integration>>,
    pub(crate) remembered_addresses: Remembered<Vec<u8>, Arc<Integration>>,
    /// Spans of maintenance, as they were read a moment ago.
    pub(crate) windows: KnownWindows,
    /// Integrations that something was logged for since they were last asked after.
    pub(crate) touched: Touched,
    /// Held while a SQLite file is in use, so that no second process serves it.
    lock: std::sync::Mutex<Option<std::fs::File>>,
}

impl Store {
    /// Opens the database, brings its schema up to date, and checks the master key against it.
    ///
    /// # Errors
    /// The database cannot be reached or migrated, or was written with another master key.
    pub async fn open(database: &Database, master_key: MasterKey, clock: SharedClock) -> Result<Self> {
        let db = match database {
            Database::Sqlite(path) => open_sqlite(path).await?,
            Database::Postgres(options) => open_postgres(options).await?,
        };
        let node = NodeId::generate(clock.now());
        let store = Self(Arc::new(Inner {
            db,
            clock,
            keys: DataKeys::new(master_key),
            node,
            remembered_keys: Remembered::default(),
            remembered_integrations: Remembered::default(),
            remembered_addresses: Remembered::default(),
            windows: KnownWindows::default(),
            touched: Touched::default(),
            lock: std::sync::Mutex::new(None),
        }));
        installation::check_master_key(&store).await?;
        Ok(store)
    }

    /// Claims a SQLite file for this process alone; does nothing on PostgreSQL, where nodes share the work.
    ///
    /// # Errors
    /// [`Error::InUse`] where another process serves the file.
    pub fn claim(&self, database: &Database) -> Result<()> {
        let Database::Sqlite(path) = database else { return Ok(()) };
        let mut lock_path = path.clone().into_os_string();
        lock_path.push(".lock");
        let file = std::fs::File::create(lock_path).map_err(|error| Error::Unavailable(error.into()))?;
        file.try_lock().map_err(|_| Error::InUse)?;
        if let Ok(mut held) = self.lock.lock() {
            *held = Some(file);
        }
        Ok(())
    }

    /// Commits a change to what is remembered, and forgets it.
    pub(crate) async fn commit(&self, tx: Tx) -> Result<()> {
        let committed = tx.commit().await;
        self.remembered_keys.forget();
        self.remembered_integrations.forget();
        self.remembered_addresses.forget();
        committed
    }

    /// This process, as the holder of leases.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// It gave none.
    pub async fn ping(&self) -> Result<()> {
        read!(self, |pool| sqlx::query("SELECT 1").execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Whether two transactions can write at once.
    pub(crate) fn writes_in_parallel(&self) -> bool {
        matches!(self.db, Db::Postgres(_))
    }

    /// Whether rows are sorted to be grouped, so that several small groupings cost less than one of all.
    pub(crate) fn groups_by_sorting(&self) -> bool {
        matches!(self.db, Db::Sqlite { .. })
    }

    /// An expression: which span of so many milliseconds, whole seconds, a time lies in, counted from 1970.
    pub(crate) fn place_of(&self, column: &str, span: i64) -> String {
        match self.db {
            Db::Sqlite { .. } => format!("({column} / {span})"),
            Db::Postgres(_) => format!("CAST(FLOOR(EXTRACT(EPOCH FROM {column}) / {}) AS BIGINT)", span / 1_000),
        }
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub fn backend(&self) -> &'static str {
        match self.db {
            Db::Sqlite { .. } => "sqlite",
            Db::Postgres(_) => "postgres",
        }
    }

    /// Closes all connections, writing SQLite's log back into its file.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

async fn open_sqlite(path: &Path) -> Result<Db> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        tokio::fs::create_dir_all(folder).await.map_err(|error| Error::Unavailable(error.into()))?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-8192");
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(20))
        .idle_timeout(None)
        .max_lifetime(None)
        // SQLite rolls back by itself when the disk is full. The driver does not see that and would begin nothing on this
        // connection ever again, so another one takes its place.
        .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        .connect_with(options.clone())
        .await?;
    sqlx::migrate!("migrations/sqlite").run(&write).await.map_err(|error| Error::Migration(error.to_string()))?;
    let read = SqlitePoolOptions::new()
        .max_connections(8)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.create_if_missing(false).read_only(true).pragma("cache_size", "-2048"))
        .await?;
    Ok(Db::Sqlite { write, read })
}

async fn open_postgres(options: &PgConnectOptions) -> Result<Db> {
    let pool =
        PgPoolOptions::new().max_connections(16).acquire_timeout(ACQUIRE_TIMEOUT).connect_with(options.clone()).await?;
    // sqlx takes an advisory lock around it, so that nodes that start together migrate once.
    sqlx::migrate!("migrations/postgres").run(&pool).await.map_err(|error| Error::Migration(error.to_string()))?;
    Ok(Db::Postgres(pool))
}
