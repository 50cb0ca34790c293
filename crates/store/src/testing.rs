//! Fresh databases for tests: a SQLite file in a temporary folder, a PostgreSQL database made for one test and dropped
//! after it. Behind the feature `testing`.

use std::sync::Arc;

use simpul_core::time::Clock;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};

use crate::{Database, MasterKey, Store};

/// The variable that names a PostgreSQL cluster in which tests may make databases.
pub const POSTGRES_VARIABLE: &str = "SIMPUL_TEST_POSTGRES_URL";

/// A database that lives as long as its test.
pub struct TestDatabase {
    database: Database,
    /// `sqlite:…` or `postgres://…`, as in the configuration.
    pub url: String,
    folder: Option<tempfile::TempDir>,
    postgres: Option<(PgConnectOptions, String)>,
    pub master_key: MasterKey,
}

impl TestDatabase {
    /// An empty SQLite file.
    ///
    /// # Panics
    /// The temporary folder cannot be made.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
        let url = format!("sqlite:{}", folder.path().join("simpul.db").display());
        Self::of(url, Some(folder), None)
    }

    /// An empty database in the cluster that `SIMPUL_TEST_POSTGRES_URL` names.
    ///
    /// # Panics
    /// The variable is not set, or the cluster cannot be used: a test that needs PostgreSQL must not pass without it.
    pub async fn postgres() -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests are told by the test command where PostgreSQL is")]
        let cluster = std::env::var(POSTGRES_VARIABLE)
            .unwrap_or_else(|_| panic!("{POSTGRES_VARIABLE} is not set: run the tests with `make test`"));
        let options: PgConnectOptions =
            cluster.parse().unwrap_or_else(|error| panic!("{POSTGRES_VARIABLE} is no address: {error}"));
        let name = format!("simpul_test_{}", uuid::Uuid::new_v4().simple());
        let mut admin = options.connect().await.unwrap_or_else(|error| panic!("PostgreSQL cannot be reached: {error}"));
        run(&mut admin, format!("CREATE DATABASE {name}")).await;
        let mut url = options.clone().database(&name).to_url_lossy();
        url.set_query(None);
        Self::of(url.to_string(), None, Some((options, name)))
    }

    fn of(url: String, folder: Option<tempfile::TempDir>, postgres: Option<(PgConnectOptions, String)>) -> Self {
        let database = url.parse().unwrap_or_else(|error| panic!("{url}: {error}"));
        Self { database, url, folder, postgres, master_key: MasterKey::generate() }
    }

    /// Opens a store on it; several may be open at once.
    ///
    /// # Panics
    /// The store cannot be opened.
    pub async fn open(&self, clock: Arc<dyn Clock>) -> Store {
        let opened = Store::open(&self.database, self.master_key.clone(), clock).await;
        opened.unwrap_or_else(|error| panic!("{}: {error}", self.url))
    }

    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Removes it. A test that fails before leaves it behind in a cluster that is thrown away anyway.
    pub async fn remove(self) {
        drop(self.folder);
        if let Some((options, name)) = self.postgres
            && let Ok(mut admin) = options.connect().await
        {
            run(&mut admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn run(admin: &mut PgConnection, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(&mut *admin).await.unwrap_or_else(|error| panic!("PostgreSQL refused: {error}"));
}
