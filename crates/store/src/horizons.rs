//! How far back the log and its rollups reach. Each horizon is noted before anything behind it is removed, with time between
//! for those who have read the old one; readers never go behind it, so they never add up what is half gone, nor rows that came
//! late and wait there to be removed.

use simpul_core::time::Timestamp;

use crate::Store;
use crate::db::{read, within};
use crate::error::Result;

const LOGS: &str = "logs_retained_from";
const HOURS: &str = "hours_retained_from";
const MINUTES: &str = "minutes_retained_from";

/// From when on there is what; `None` where nothing was ever removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Horizons {
    /// Log rows, rollups of any kind, hours of connections.
    pub logs: Option<Timestamp>,
    /// Rollups of an hour.
    pub hours: Option<Timestamp>,
    /// Rollups of a minute.
    pub minutes: Option<Timestamp>,
}

impl Store {
    pub(crate) async fn horizons(&self) -> Result<Horizons> {
        const SQL: &str = "SELECT name, value FROM installation WHERE name IN ($1, $2, $3)";
        let noted: Vec<(String, String)> =
            read!(self, |pool| sqlx::query_as(SQL).bind(LOGS).bind(HOURS).bind(MINUTES).fetch_all(pool).await?);
        let of = |wanted: &str| {
            let (_, text) = noted.iter().find(|(name, _)| name == wanted)?;
            text.parse().ok().map(Timestamp::from_millis)
        };
        Ok(Horizons { logs: of(LOGS), hours: of(HOURS), minutes: of(MINUTES) })
    }

    /// Notes how far back is to be kept. A horizon never goes back again. What is behind may be removed once readers that have
    /// seen the old horizons are done: see [`Store::remove_behind`].
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn note_horizons(&self, wanted: Horizons) -> Result<Horizons> {
        const SQL: &str = "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value
            WHERE CAST(installation.value AS BIGINT) < CAST(excluded.value AS BIGINT)";
        let mut tx = self.db.begin().await?;
        for (name, horizon) in [(HOURS, wanted.hours), (LOGS, wanted.logs), (MINUTES, wanted.minutes)] {
            let Some(horizon) = horizon else { continue };
            within!(&mut tx, |connection| {
                sqlx::query(SQL).bind(name).bind(horizon.millis().to_string()).execute(connection).await?;
            });
        }
        tx.commit().await?;
        self.horizons().await
    }
}
