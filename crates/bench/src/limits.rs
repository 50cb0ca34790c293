//! What the machine itself can do, measured in the same run: commits, rows in batches, bare loopback requests.

mod loopback;
mod storage;

use std::path::Path;
use std::time::Duration;

use crate::backend::{Backend, Cluster};
use crate::failure::Result;
use crate::progress::say;
pub(crate) use loopback::Loopback;
pub(crate) use storage::Storage;

/// All limits.
pub(crate) struct Limits {
    /// Appends of 4 KiB, each followed by `fdatasync`, to a file beside the data.
    pub(crate) appends_per_second: f64,
    /// The same over what the file holds already.
    pub(crate) overwrites_per_second: f64,
    pub(crate) sqlite: Storage,
    pub(crate) postgres: Option<Storage>,
    pub(crate) loopback: Loopback,
}

impl Limits {
    pub(crate) async fn measure(folder: &Path, cluster: Option<&Cluster>, length: Duration) -> Result<Self> {
        say("measuring the machine's own limits");
        let (appends_per_second, overwrites_per_second) = storage::syncs(folder, length)?;
        let sqlite = storage::sqlite(folder, length).await?;
        let postgres = match cluster {
            Some(cluster) => Some(storage::postgres(cluster, length).await?),
            None => None,
        };
        let loopback = loopback::measure(length).await?;
        Ok(Self { appends_per_second, overwrites_per_second, sqlite, postgres, loopback })
    }

    /// Of the database that is measured; SQLite's where PostgreSQL's were not taken.
    pub(crate) fn storage(&self, backend: Backend) -> &Storage {
        match (backend, &self.postgres) {
            (Backend::Postgres, Some(postgres)) => postgres,
            _ => &self.sqlite,
        }
    }

    /// Events a second that could at best be accepted: each is a request, and a row in a batch.
    pub(crate) fn accepted(&self, backend: Backend) -> (f64, &'static str) {
        let rows = self.storage(backend).batched_rows_per_second;
        if rows < self.loopback.requests_per_second {
            (rows, "1 KB rows in batches of 500")
        } else {
            (self.loopback.requests_per_second, "bare loopback requests")
        }
    }

    /// Deliveries a second that could at best be made where each event goes to `webhooks`: a request in for each event, a
    /// request out for each delivery.
    pub(crate) fn delivered(&self, webhooks: u32) -> (f64, &'static str) {
        let webhooks = f64::from(webhooks);
        (self.loopback.requests_per_second * webhooks / (webhooks + 1.0), "bare loopback, in and out")
    }

    /// Milliseconds from due to arrival at best: a commit, a request in and a request out.
    pub(crate) fn end_to_end(&self, backend: Backend, share: Share) -> (f64, &'static str) {
        let commit = &self.storage(backend).commit;
        let request = &self.loopback;
        let sum = match share {
            Share::P50 => commit.p50 + 2.0 * request.p50,
            Share::P99 => commit.p99 + request.p50 + request.p99,
        };
        (sum, "one commit and two loopback requests")
    }
}

/// Which percentile.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Share {
    P50,
    P99,
}
