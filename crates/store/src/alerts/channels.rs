//! Alert channels: their rows, with the configuration sealed as a whole.

use simpul_core::access::Scope;
use simpul_core::alert::{AlertChannel, ChannelConfiguration, ChannelKind};
use simpul_core::id::{AlertChannelId, PartnerId};
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow};

use crate::db::{read, within};
use crate::error::{Error, Result};
use crate::seal::{DataKeys, RowKey};
use crate::{Page, Store};

const COLUMNS: &str =
    "id, partner_id, name, kind, is_active, wrapped_key, sealed_configuration, fallback_channel_id, last_delivery_at,
    last_status, last_error, created_by, updated_by, created_at, updated_at";
const FIELD: &str = "configuration";

#[derive(FromRow)]
struct ChannelRow {
    id: AlertChannelId,
    partner_id: Option<PartnerId>,
    name: String,
    kind: String,
    is_active: bool,
    wrapped_key: String,
    sealed_configuration: String,
    fallback_channel_id: Option<AlertChannelId>,
    last_delivery_at: Option<Timestamp>,
    last_status: Option<String>,
    last_error: Option<String>,
    created_by: String,
    updated_by: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

fn corrupt(column: &'static str, id: AlertChannelId) -> Error {
    Error::Corrupt { table: "alert_channels", column, row: id.to_string() }
}

impl ChannelRow {
    fn open(self, keys: &DataKeys) -> Result<AlertChannel> {
        let text = RowKey::open(keys, &self.id, &self.wrapped_key, FIELD, &self.sealed_configuration)?;
        let configuration: ChannelConfiguration =
            serde_json::from_str(&text).map_err(|_| corrupt("sealed_configuration", self.id))?;
        Ok(AlertChannel {
            id: self.id,
            partner_id: self.partner_id,
            name: self.name,
            kind: ChannelKind::parse(&self.kind).ok_or_else(|| corrupt("kind", self.id))?,
            is_active: self.is_active,
            configuration,
            fallback_channel_id: self.fallback_channel_id,
            last_delivery_at: self.last_delivery_at,
            last_status: self.last_status,
            last_error: self.last_error,
            created_by: self.created_by,
            updated_by: self.updated_by,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl Store {
    /// Channels within scope by age, and how many there are in all.
    pub async fn list_alert_channels(&self, scope: Scope, page: Page) -> Result<(Vec<AlertChannel>, i64)> {
        let list = format!(
            "SELECT {COLUMNS} FROM alert_channels WHERE ($1 IS NULL OR partner_id = $1) ORDER BY id LIMIT $2 OFFSET $3"
        );
        const COUNT: &str = "SELECT COUNT(*) FROM alert_channels WHERE ($1 IS NULL OR partner_id = $1)";
        let own = scope.partner_id();
        let rows: Vec<ChannelRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(list))
            .bind(own)
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total = read!(self, |pool| sqlx::query_scalar(COUNT).bind(own).fetch_one(pool).await?);
        Ok((rows.into_iter().map(|row| row.open(&self.keys)).collect::<Result<_>>()?, total))
    }

    pub async fn find_alert_channel(&self, scope: Scope, id: AlertChannelId) -> Result<Option<AlertChannel>> {
        let sql = format!("SELECT {COLUMNS} FROM alert_channels WHERE id = $1 AND ($2 IS NULL OR partner_id = $2)");
        let row: Option<ChannelRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id)
            .bind(scope.partner_id())
            .fetch_optional(pool)
            .await?);
        row.map(|row| row.open(&self.keys)).transpose()
    }

    pub async fn insert_alert_channel(&self, channel: &AlertChannel) -> Result<()> {
        const SQL: &str =
            "INSERT INTO alert_channels (id, partner_id, name, kind, is_active, wrapped_key, master_key_id,
            sealed_configuration, fallback_channel_id, created_by, updated_by, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        let (key, sealed) = self.sealed_channel(channel)?;
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(channel.id)
                .bind(channel.partner_id)
                .bind(&channel.name)
                .bind(channel.kind.as_str())
                .bind(channel.is_active)
                .bind(&key.wrapped)
                .bind(&key.master_key_id)
                .bind(sealed)
                .bind(channel.fallback_channel_id)
                .bind(&channel.created_by)
                .bind(&channel.updated_by)
                .bind(channel.created_at)
                .bind(channel.updated_at)
                .execute(connection)
                .await?;
        });
        tx.commit().await
    }

    /// Writes everything that a person may change; the configuration is sealed anew.
    pub async fn update_alert_channel(&self, channel: &AlertChannel) -> Result<()> {
        const SQL: &str = "UPDATE alert_channels SET name = $2, is_active = $3, wrapped_key = $4, master_key_id = $5,
            sealed_configuration = $6, fallback_channel_id = $7, updated_by = $8, updated_at = $9 WHERE id = $1";
        let (key, sealed) = self.sealed_channel(channel)?;
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(channel.id)
                .bind(&channel.name)
                .bind(channel.is_active)
                .bind(&key.wrapped)
                .bind(&key.master_key_id)
                .bind(sealed)
                .bind(channel.fallback_channel_id)
                .bind(&channel.updated_by)
                .bind(channel.updated_at)
                .execute(connection)
                .await?;
        });
        tx.commit().await
    }

    /// Deletes a channel with its deliveries. Answers `false`, with nothing deleted, while a rule or another channel uses it.
    pub async fn delete_alert_channel(&self, id: AlertChannelId) -> Result<bool> {
        const USED: &str = "SELECT COUNT(*) FROM alert_rules WHERE channel_ids LIKE $1";
        const FALLBACK: &str = "SELECT COUNT(*) FROM alert_channels WHERE fallback_channel_id = $1";
        let mut tx = self.db.begin().await?;
        let pattern = format!("%\"{id}\"%");
        let by_rules: i64 =
            within!(&mut tx, |connection| sqlx::query_scalar(USED).bind(pattern).fetch_one(connection).await?);
        let by_channels: i64 =
            within!(&mut tx, |connection| sqlx::query_scalar(FALLBACK).bind(id).fetch_one(connection).await?);
        if by_rules + by_channels > 0 {
            return Ok(false);
        }
        within!(&mut tx, |connection| {
            sqlx::query("DELETE FROM alert_channels WHERE id = $1").bind(id).execute(connection).await?;
        });
        tx.commit().await?;
        Ok(true)
    }

    fn sealed_channel(&self, channel: &AlertChannel) -> Result<(RowKey, String)> {
        let key = RowKey::make(&self.keys, &channel.id)?;
        let text =
            serde_json::to_string(&channel.configuration).map_err(|_| corrupt("sealed_configuration", channel.id))?;
        let sealed = key.seal(&channel.id, FIELD, &text)?;
        Ok((key, sealed))
    }
}
