//! Facts about this installation that outlive the process: whose master key it is, how far back the log reaches.

use crate::Store;
use crate::db::{read, within};
use crate::error::{Error, Result};

const CHECK: &str = "master_key_check";
const CONTEXT: &str = "installation/master key check";

/// Opens a value that the first start sealed; on the first start, seals it.
pub(crate) async fn check_master_key(store: &Store) -> Result<()> {
    match store.installation_value(CHECK).await? {
        Some(sealed) => store.keys.master.open(&sealed, CONTEXT).map(|_| ()).ok_or(Error::WrongMasterKey),
        None => {
            let sealed = store.keys.master.seal(b"simpul", CONTEXT).ok_or(Error::WrongMasterKey)?;
            store.set_installation_value(CHECK, &sealed, false).await?;
            // Another node may have been first with another key.
            let kept = store.installation_value(CHECK).await?.unwrap_or_default();
            store.keys.master.open(&kept, CONTEXT).map(|_| ()).ok_or(Error::WrongMasterKey)
        }
    }
}

impl Store {
    pub(crate) async fn installation_value(&self, name: &str) -> Result<Option<String>> {
        const SQL: &str = "SELECT value FROM installation WHERE name = $1";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(name).fetch_optional(pool).await?))
    }

    pub(crate) async fn set_installation_value(&self, name: &str, value: &str, replace: bool) -> Result<()> {
        const KEEP: &str = "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        const REPLACE: &str = "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let mut tx = self.db.begin().await?;
        let sql = if replace { REPLACE } else { KEEP };
        within!(&mut tx, |connection| {
            sqlx::query(sql).bind(name).bind(value).execute(connection).await?;
        });
        tx.commit().await
    }
}
