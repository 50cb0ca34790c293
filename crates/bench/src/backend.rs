//! The two databases that Simpul runs on, each measurement with an empty one of its own.

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tempfile::TempDir;

use crate::failure::{Failure, Result};
use crate::usage::{Subject, parent_of};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A PostgreSQL cluster on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    options: PgConnectOptions,
    /// All its processes.
    pub(crate) processes: Subject,
    pub(crate) version: String,
    /// The settings that a commit's cost depends on.
    pub(crate) settings: String,
}

impl Cluster {
    /// Connects, and finds the cluster's processes and settings.
    ///
    /// # Errors
    /// It cannot be reached, or runs elsewhere.
    pub(crate) async fn find(url: &str) -> Result<Self> {
        let options: PgConnectOptions = url.parse()?;
        let mut connection = options.connect().await?;
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
        let version = sqlx::query_scalar("SHOW server_version").fetch_one(&mut connection).await?;
        let mut settings = Vec::new();
        for name in ["fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "wal_sync_method"] {
            let setting = sqlx::query_scalar("SELECT current_setting($1)").bind(name);
            let value: String = setting.fetch_one(&mut connection).await?;
            settings.push(format!("{name}={value}"));
        }
        let backend = u32::try_from(backend).map_err(|_| Failure::told("PostgreSQL told no process id"))?;
        let processes = Subject::Family(
            parent_of(backend).map_err(|_| Failure::told("PostgreSQL must run on this machine to be measured"))?,
        );
        connection.close().await?;
        Ok(Self { options, processes, version, settings: settings.join(", ") })
    }

    /// A connection to the cluster's own database.
    pub(crate) async fn connect(&self) -> Result<PgConnection> {
        Ok(self.options.connect().await?)
    }
}

/// Where data is kept while measuring.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) backend: Backend,
    pub(crate) folder: PathBuf,
    pub(crate) cluster: Option<Cluster>,
}

/// An empty database.
pub(crate) struct Fresh {
    pub(crate) url: String,
    folder: TempDir,
    drop_in: Option<(Cluster, String)>,
}

impl Place {
    /// The database's own processes, where it has any.
    pub(crate) fn database_processes(&self) -> Option<Subject> {
        match self.backend {
            Backend::Sqlite => None,
            Backend::Postgres => self.cluster.as_ref().map(|cluster| cluster.processes),
        }
    }

    pub(crate) async fn fresh(&self) -> Result<Fresh> {
        let folder = tempfile::Builder::new().prefix("simpul-bench-data.").tempdir_in(&self.folder)?;
        match (self.backend, &self.cluster) {
            (Backend::Sqlite, _) => {
                let url = format!("sqlite:{}", folder.path().join("simpul.db").display());
                Ok(Fresh { url, folder, drop_in: None })
            }
            (Backend::Postgres, None) => Err(Failure::told("PostgreSQL is measured with --postgres URL")),
            (Backend::Postgres, Some(cluster)) => {
                let name = format!("bench_{:x}", rand::random::<u64>());
                execute(cluster, &format!("CREATE DATABASE {name}")).await?;
                let url = cluster.options.clone().database(&name).to_url_lossy().to_string();
                Ok(Fresh { url, folder, drop_in: Some((cluster.clone(), name)) })
            }
        }
    }
}

impl Fresh {
    /// Bytes that the data takes now.
    pub(crate) async fn size(&self) -> Result<u64> {
        let Some((cluster, name)) = &self.drop_in else {
            return files_size(self.folder.path());
        };
        let mut connection = cluster.connect().await?;
        let asked = sqlx::query_scalar("SELECT pg_database_size($1)").bind(name);
        let size: i64 = asked.fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(size.unsigned_abs())
    }

    /// Removes the data. What is left after a failure goes with the cluster and the folder.
    pub(crate) async fn remove(self) -> Result<()> {
        if let Some((cluster, name)) = &self.drop_in {
            execute(cluster, &format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        }
        Ok(self.folder.close()?)
    }
}

fn files_size(folder: &Path) -> Result<u64> {
    let mut size = 0;
    for entry in std::fs::read_dir(folder)? {
        size += entry?.metadata()?.len();
    }
    Ok(size)
}

/// Runs a statement that names a database of our own making.
async fn execute(cluster: &Cluster, statement: &str) -> Result<()> {
    let mut connection = cluster.connect().await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
    Ok(connection.close().await?)
}
