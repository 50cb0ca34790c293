//! Integrations as they are made, changed, tested and deleted, each with its log row in one transaction.

use std::collections::BTreeMap;
use std::time::Duration;

use simpul_core::activity::Activity;
use simpul_core::id::IntegrationId;
use simpul_core::integration::Integration;

use super::corrupt;
use crate::db::{Tx, within};
use crate::error::{Result, or_conflict};
use crate::seal::{DataKey, token_hash};
use crate::{Store, activity, incidents, probes, snapshots};

/// The columns of an integration as they are written.
struct Written {
    configuration: String,
    sealed_secrets: String,
    settings: String,
    sealed_inbound_token: String,
}

fn written(integration: &Integration, secret_names: &[&str], key: &DataKey) -> Result<Written> {
    let mut plain = BTreeMap::new();
    let mut sealed = BTreeMap::new();
    for (name, value) in &integration.configuration.0 {
        match value.as_str() {
            Some(text) if secret_names.contains(&name.as_str()) => {
                sealed.insert(name.as_str(), key.seal(integration.id, name, text)?);
            }
            _ => drop(plain.insert(name.as_str(), value)),
        }
    }
    let json = |column, text: serde_json::Result<String>| text.map_err(|_| corrupt(column, integration.id));
    Ok(Written {
        configuration: json("configuration", serde_json::to_string(&plain))?,
        sealed_secrets: json("sealed_secrets", serde_json::to_string(&sealed))?,
        settings: json("settings", serde_json::to_string(&integration.settings))?,
        sealed_inbound_token: key.seal(integration.id, "inboundToken", &integration.inbound_token)?,
    })
}

impl Store {
    /// Stores an integration, its secrets sealed under a data key of its own, and its log row.
    ///
    /// # Errors
    /// A conflict where the partner (or outlet) has one of that type and provider.
    pub async fn insert_integration(
        &self,
        integration: &Integration,
        secret_names: &[&str],
        log: Activity,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO partner_integrations (id, partner_id, outlet_id, integration_type, provider, display_name,
            is_active, test_mode, use_partner_config, configuration, sealed_secrets, settings, inbound_token_hash, sealed_inbound_token,
            created_by, updated_by, created_at, updated_at, credentials_changed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $17)";
        let mut tx = self.db.begin().await?;
        let key = self.create_data_key(&mut tx, integration.id).await?;
        let written = written(integration, secret_names, &key)?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(integration.id)
                .bind(integration.partner_id)
                .bind(integration.outlet_id)
                .bind(integration.integration_type.as_str())
                .bind(&integration.provider)
                .bind(&integration.display_name)
                .bind(integration.is_active)
                .bind(integration.test_mode)
                .bind(integration.use_partner_config)
                .bind(written.configuration)
                .bind(written.sealed_secrets)
                .bind(written.settings)
                .bind(token_hash(&integration.inbound_token))
                .bind(written.sealed_inbound_token)
                .bind(&integration.created_by)
                .bind(&integration.updated_by)
                .bind(integration.created_at)
                .bind(integration.updated_at)
                .execute(connection)
                .await
                .map_err(or_conflict("an integration of this type and provider"))?;
        });
        activity::insert(self, &mut tx, &[log]).await?;
        self.commit(tx).await
    }

    /// Writes everything a person may change, and the log row that says who did.
    pub async fn update_integration(
        &self,
        integration: &Integration,
        secret_names: &[&str],
        log: Activity,
    ) -> Result<()> {
        const SQL: &str = "UPDATE partner_integrations SET display_name = $2, is_active = $3, test_mode = $4, use_partner_config = $5,
            configuration = $6, sealed_secrets = $7, settings = $8, inbound_token_hash = $9, sealed_inbound_token = $10,
            updated_by = $11, updated_at = $12,
            credentials_changed_at = CASE WHEN $13 THEN $12 ELSE COALESCE(credentials_changed_at, updated_at) END WHERE id = $1";
        let key = self.data_key(integration.id).await?;
        let written = written(integration, secret_names, &key)?;
        let mut tx = self.db.begin().await?;
        let changed = credentials_differ(&mut tx, integration, secret_names, &key).await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(integration.id)
                .bind(&integration.display_name)
                .bind(integration.is_active)
                .bind(integration.test_mode)
                .bind(integration.use_partner_config)
                .bind(written.configuration)
                .bind(written.sealed_secrets)
                .bind(written.settings)
                .bind(token_hash(&integration.inbound_token))
                .bind(written.sealed_inbound_token)
                .bind(&integration.updated_by)
                .bind(integration.updated_at)
                .bind(changed)
                .execute(connection)
                .await?;
        });
        let soon = Duration::from_secs(u64::from(integration.settings.test_interval_minutes) * 60);
        probes::bring_forward(&mut tx, integration.id, integration.updated_at.plus(soon)).await?;
        if !integration.is_active {
            let message = "The integration was switched off.";
            incidents::write::close_all(&mut tx, integration.id, message, integration.updated_at).await?;
        }
        activity::insert(self, &mut tx, &[log]).await?;
        self.commit(tx).await
    }

    /// Records a test: the integration's last result and the log row, in one transaction.
    pub async fn record_test(&self, id: IntegrationId, status: &str, message: &str, log: Activity) -> Result<()> {
        const SQL: &str = "UPDATE partner_integrations SET last_tested_at = $2, last_test_status = $3, last_test_message = $4 WHERE id = $1";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL).bind(id).bind(log.created_at).bind(status).bind(message).execute(connection).await?;
        });
        activity::insert(self, &mut tx, &[log]).await?;
        self.commit(tx).await
    }

    /// Deletes an integration with its webhooks and waiting deliveries; its logs stay until retention removes them.
    pub async fn delete_integration(&self, id: IntegrationId, log: Activity) -> Result<()> {
        let mut tx = self.db.begin().await?;
        activity::insert(self, &mut tx, &[log]).await?;
        forget_integration(self, &mut tx, id).await?;
        self.commit(tx).await
    }
}

/// Whether the secrets differ from those that are stored.
async fn credentials_differ(tx: &mut Tx, integration: &Integration, names: &[&str], key: &DataKey) -> Result<bool> {
    const SQL: &str = "SELECT sealed_secrets FROM partner_integrations WHERE id = $1";
    let id = integration.id;
    let stored: Option<String> =
        within!(&mut *tx, |connection| sqlx::query_scalar(SQL).bind(id).fetch_optional(connection).await?);
    let Some(stored) = stored else { return Ok(false) };
    let sealed: BTreeMap<String, String> = serde_json::from_str(&stored).map_err(|_| corrupt("sealed_secrets", id))?;
    let now: BTreeMap<&str, &str> =
        names.iter().filter_map(|name| Some((*name, integration.configuration.0.get(*name)?.as_str()?))).collect();
    if now.len() != sealed.len() {
        return Ok(true);
    }
    for (name, ciphertext) in &sealed {
        if now.get(name.as_str()).copied() != Some(key.open(id, name, ciphertext)?.as_str()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes an integration's rows, but for its logs, its past events and incidents; what is open of it is closed.
pub(crate) async fn forget_integration(store: &Store, tx: &mut Tx, id: IntegrationId) -> Result<()> {
    const SQL: &[&str] = &[
        "DELETE FROM deliveries WHERE integration_id = $1 AND state IN ('pending', 'leased', 'parked')",
        "DELETE FROM partner_integrations WHERE id = $1",
        "DELETE FROM data_keys WHERE integration_id = $1",
    ];
    for sql in SQL {
        within!(&mut *tx, |connection| {
            sqlx::query(*sql).bind(id).execute(connection).await?;
        });
    }
    let now = store.clock.now();
    incidents::write::close_all(tx, id, "The integration was deleted.", now).await?;
    snapshots::mark_removed(tx, id, now).await
}
