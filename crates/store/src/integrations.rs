//! Integrations: their configuration with its secrets sealed one by one, their inbound tokens, and what a test left behind.

mod write;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use simpul_core::access::Scope;
use simpul_core::id::{IntegrationId, OutletId, PartnerId};
use simpul_core::integration::{Configuration, Integration, IntegrationType, Settings};
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow, QueryBuilder};

use crate::Store;
use crate::db::read;
use crate::error::{Error, Result};
use crate::partners::contains_pattern;
use crate::seal::{DataKey, token_hash};

pub(crate) use write::forget_integration;

#[derive(FromRow)]
pub(crate) struct IntegrationRow {
    id: IntegrationId,
    partner_id: PartnerId,
    outlet_id: Option<OutletId>,
    integration_type: String,
    provider: String,
    display_name: String,
    is_active: bool,
    test_mode: bool,
    use_partner_config: bool,
    configuration: String,
    sealed_secrets: String,
    settings: String,
    sealed_inbound_token: String,
    last_tested_at: Option<Timestamp>,
    last_test_status: Option<String>,
    last_test_message: Option<String>,
    created_by: String,
    updated_by: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

const COLUMNS: &str = "id, partner_id, outlet_id, integration_type, provider, display_name, is_active, test_mode, use_partner_config,
    configuration, sealed_secrets, settings, sealed_inbound_token, last_tested_at, last_test_status, last_test_message, created_by,
    updated_by, created_at, updated_at";

/// Which integrations a list is about; absent members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct IntegrationFilter {
    pub partner_id: Option<PartnerId>,
    pub outlet_id: Option<OutletId>,
    pub integration_type: Option<IntegrationType>,
    pub provider: Option<String>,
    pub is_active: Option<bool>,
    /// Must occur in the display name or the provider's slug.
    pub words: Option<String>,
}

fn corrupt(column: &'static str, id: IntegrationId) -> Error {
    Error::Corrupt { table: "partner_integrations", column, row: id.to_string() }
}

impl IntegrationRow {
    fn open(self, key: &DataKey) -> Result<Integration> {
        let id = self.id;
        let mut members: BTreeMap<String, serde_json::Value> =
            serde_json::from_str(&self.configuration).map_err(|_| corrupt("configuration", id))?;
        let sealed: BTreeMap<String, String> =
            serde_json::from_str(&self.sealed_secrets).map_err(|_| corrupt("sealed_secrets", id))?;
        for (name, ciphertext) in sealed {
            let plain = key.open(id, &name, &ciphertext)?;
            members.insert(name, plain.into());
        }
        let settings: Settings = serde_json::from_str(&self.settings).map_err(|_| corrupt("settings", id))?;
        Ok(Integration {
            id,
            partner_id: self.partner_id,
            outlet_id: self.outlet_id,
            integration_type: IntegrationType::parse(&self.integration_type)
                .ok_or_else(|| corrupt("integration_type", id))?,
            provider: self.provider,
            display_name: self.display_name,
            is_active: self.is_active,
            test_mode: self.test_mode,
            use_partner_config: self.use_partner_config,
            configuration: Configuration(members),
            settings,
            inbound_token: key.open(id, "inboundToken", &self.sealed_inbound_token)?,
            last_tested_at: self.last_tested_at,
            last_test_status: self.last_test_status,
            last_test_message: self.last_test_message,
            created_by: self.created_by,
            updated_by: self.updated_by,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl Store {
    /// The ids of the integrations that match, by partner, type and provider.
    pub async fn list_integration_ids(&self, scope: Scope, filter: &IntegrationFilter) -> Result<Vec<IntegrationId>> {
        const SQL: &str = "SELECT id FROM partner_integrations WHERE ($1 IS NULL OR partner_id = $1) AND ($2 IS NULL OR partner_id = $2)
            AND ($3 IS NULL OR outlet_id = $3) AND ($4 IS NULL OR integration_type = $4) AND ($5 IS NULL OR provider = $5)
            AND ($6 IS NULL OR is_active = $6) AND ($7 IS NULL OR LOWER(display_name || ' ' || provider) LIKE $7 ESCAPE '!')
            ORDER BY partner_id, integration_type, provider, id";
        let words = filter.words.as_deref().map(contains_pattern);
        Ok(read!(self, |pool| sqlx::query_scalar(SQL)
            .bind(scope.partner_id())
            .bind(filter.partner_id)
            .bind(filter.outlet_id)
            .bind(filter.integration_type.map(IntegrationType::as_str))
            .bind(filter.provider.as_deref())
            .bind(filter.is_active)
            .bind(words.as_deref())
            .fetch_all(pool)
            .await?))
    }

    /// These integrations, in the order of `ids`; those that are gone are left out.
    pub async fn integrations_with_ids(&self, ids: &[IntegrationId]) -> Result<Vec<Integration>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<IntegrationRow> = read!(self, |pool| {
            let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM partner_integrations WHERE id IN ("));
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        });
        let mut found: HashMap<IntegrationId, Integration> =
            self.open_all(rows).await?.into_iter().map(|integration| (integration.id, integration)).collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// All integrations of a partner that belong to no outlet, or all of one outlet.
    pub async fn integrations_of(
        &self,
        partner_id: PartnerId,
        outlet_id: Option<OutletId>,
    ) -> Result<Vec<Integration>> {
        let sql = match outlet_id {
            None => format!(
                "SELECT {COLUMNS} FROM partner_integrations WHERE partner_id = $1 AND outlet_id IS NULL AND $2 IS NULL ORDER BY integration_type, provider"
            ),
            Some(_) => format!(
                "SELECT {COLUMNS} FROM partner_integrations WHERE partner_id = $1 AND outlet_id = $2 ORDER BY integration_type, provider"
            ),
        };
        let rows: Vec<IntegrationRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(partner_id)
            .bind(outlet_id)
            .fetch_all(pool)
            .await?);
        self.open_all(rows).await
    }

    async fn open_all(&self, rows: Vec<IntegrationRow>) -> Result<Vec<Integration>> {
        let keys = self.data_keys(&rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
        rows.into_iter()
            .map(|row| {
                let key =
                    keys.get(&row.id).ok_or_else(|| Error::Sealed { what: "data key", owner: row.id.to_string() })?;
                row.open(key)
            })
            .collect()
    }

    pub async fn find_integration(&self, scope: Scope, id: IntegrationId) -> Result<Option<Integration>> {
        let sql =
            format!("SELECT {COLUMNS} FROM partner_integrations WHERE id = $1 AND ($2 IS NULL OR partner_id = $2)");
        let row: Option<IntegrationRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id)
            .bind(scope.partner_id())
            .fetch_optional(pool)
            .await?);
        self.open_one(row).await
    }

    /// The same, from memory where it was asked for a moment ago.
    pub async fn recall_integration(&self, scope: Scope, id: IntegrationId) -> Result<Option<Arc<Integration>>> {
        let in_scope =
            |found: &Arc<Integration>| scope.partner_id().is_none_or(|partner_id| found.partner_id == partner_id);
        let before = match self.remembered_integrations.recall(&id) {
            Ok(found) => return Ok(Some(found).filter(in_scope)),
            Err(before) => before,
        };
        let found = self.find_integration(scope, id).await?.map(Arc::new);
        if let Some(found) = &found {
            self.remembered_integrations.remember(id, Arc::clone(found), before);
        }
        Ok(found)
    }

    /// The integration of this token, from memory where it was asked for a moment ago.
    pub async fn recall_integration_by_token(&self, token: &str) -> Result<Option<Arc<Integration>>> {
        let hash = token_hash(token);
        let before = match self.remembered_addresses.recall(&hash) {
            Ok(found) => return Ok(Some(found)),
            Err(before) => before,
        };
        let found = self.find_integration_by_token(token).await?.map(Arc::new);
        if let Some(found) = &found {
            self.remembered_addresses.remember(hash, Arc::clone(found), before);
        }
        Ok(found)
    }

    /// The integration whose inbound URL ends in this token.
    pub async fn find_integration_by_token(&self, token: &str) -> Result<Option<Integration>> {
        let sql = format!("SELECT {COLUMNS} FROM partner_integrations WHERE inbound_token_hash = $1");
        let row: Option<IntegrationRow> =
            read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql)).bind(token_hash(token)).fetch_optional(pool).await?);
        self.open_one(row).await
    }

    /// The partner's own integration of a provider: what an outlet's integration inherits from.
    pub async fn find_partner_integration(
        &self,
        partner_id: PartnerId,
        integration_type: IntegrationType,
        provider: &str,
    ) -> Result<Option<Integration>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM partner_integrations WHERE partner_id = $1 AND outlet_id IS NULL AND integration_type = $2 AND provider = $3"
        );
        let row: Option<IntegrationRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(partner_id)
            .bind(integration_type.as_str())
            .bind(provider)
            .fetch_optional(pool)
            .await?);
        self.open_one(row).await
    }

    async fn open_one(&self, row: Option<IntegrationRow>) -> Result<Option<Integration>> {
        match row {
            None => Ok(None),
            Some(row) => {
                let key = self.data_key(row.id).await?;
                row.open(&key).map(Some)
            }
        }
    }
}
