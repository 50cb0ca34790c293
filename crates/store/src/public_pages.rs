//! What the outside may see by an unguessable address: an integration's badge, a partner's status page. The address is
//! looked up by its hash; its text is kept sealed, to be shown again.

use simpul_core::access::Scope;
use simpul_core::activity::Activity;
use simpul_core::id::{IntegrationId, PartnerId};
use simpul_core::time::Timestamp;
use sqlx::FromRow;

use crate::db::{read, within};
use crate::error::{Error, Result};
use crate::seal::token_hash;
use crate::{Store, activity};

/// The field that a badge's token is sealed as.
const BADGE: &str = "badgeToken";

/// An integration's badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    pub token: String,
    /// The user's or key's id.
    pub created_by: String,
    pub created_at: Timestamp,
}

/// A partner's public status page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusPage {
    pub partner_id: PartnerId,
    pub token: String,
    pub title: String,
    pub show_incidents: bool,
    /// All of the partner's active integrations where `None`.
    pub integration_ids: Option<Vec<IntegrationId>>,
    pub created_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(FromRow)]
struct StatusPageRow {
    partner_id: PartnerId,
    sealed_token: String,
    title: String,
    show_incidents: bool,
    integration_ids: Option<String>,
    created_by: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

const PAGE_COLUMNS: &str =
    "partner_id, sealed_token, title, show_incidents, integration_ids, created_by, created_at, updated_at";

fn page_context(partner_id: PartnerId) -> String {
    format!("{partner_id}/status page token")
}

fn sealed_error(partner_id: PartnerId) -> Error {
    Error::Sealed { what: "status page token", owner: partner_id.to_string() }
}

impl Store {
    /// An integration's badge, if it has one.
    pub async fn find_badge(&self, integration_id: IntegrationId) -> Result<Option<Badge>> {
        const SQL: &str =
            "SELECT sealed_token, created_by, created_at FROM integration_badges WHERE integration_id = $1";
        let row: Option<(String, String, Timestamp)> =
            read!(self, |pool| sqlx::query_as(SQL).bind(integration_id).fetch_optional(pool).await?);
        let Some((sealed, created_by, created_at)) = row else { return Ok(None) };
        let token = self.data_key(integration_id).await?.open(integration_id, BADGE, &sealed)?;
        Ok(Some(Badge { token, created_by, created_at }))
    }

    /// Gives an integration a badge, in place of the one it has.
    pub async fn set_badge(&self, integration_id: IntegrationId, badge: &Badge, log: Activity) -> Result<()> {
        const SQL: &str =
            "INSERT INTO integration_badges (integration_id, token_hash, sealed_token, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT (integration_id) DO UPDATE SET token_hash = excluded.token_hash,
            sealed_token = excluded.sealed_token, created_by = excluded.created_by, created_at = excluded.created_at";
        let sealed = self.data_key(integration_id).await?.seal(integration_id, BADGE, &badge.token)?;
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(integration_id)
                .bind(token_hash(&badge.token))
                .bind(sealed)
                .bind(&badge.created_by)
                .bind(badge.created_at)
                .execute(connection)
                .await?;
        });
        activity::insert(self, &mut tx, &[log]).await?;
        tx.commit().await
    }

    /// Removes a badge; its address is unknown from then on. Answers whether there was one.
    pub async fn remove_badge(&self, integration_id: IntegrationId, log: Activity) -> Result<bool> {
        const SQL: &str = "DELETE FROM integration_badges WHERE integration_id = $1";
        let mut tx = self.db.begin().await?;
        let removed = within!(&mut tx, |connection| sqlx::query(SQL)
            .bind(integration_id)
            .execute(connection)
            .await?
            .rows_affected());
        if removed > 0 {
            activity::insert(self, &mut tx, &[log]).await?;
        }
        tx.commit().await?;
        Ok(removed > 0)
    }

    /// The integration whose badge has this token.
    pub async fn integration_of_badge(&self, token: &str) -> Result<Option<IntegrationId>> {
        const SQL: &str = "SELECT integration_id FROM integration_badges WHERE token_hash = $1";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(token_hash(token)).fetch_optional(pool).await?))
    }

    /// A partner's status page, if it has one.
    pub async fn find_status_page(&self, scope: Scope, partner_id: PartnerId) -> Result<Option<StatusPage>> {
        let sql = format!(
            "SELECT {PAGE_COLUMNS} FROM status_pages WHERE partner_id = $1 AND ($2 IS NULL OR partner_id = $2)"
        );
        let row: Option<StatusPageRow> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(partner_id)
            .bind(scope.partner_id())
            .fetch_optional(pool)
            .await?);
        row.map(|row| self.open_page(row)).transpose()
    }

    /// The status page with this token.
    pub async fn find_status_page_by_token(&self, token: &str) -> Result<Option<StatusPage>> {
        let sql = format!("SELECT {PAGE_COLUMNS} FROM status_pages WHERE token_hash = $1");
        let row: Option<StatusPageRow> = read!(self, |pool| sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(token_hash(token))
            .fetch_optional(pool)
            .await?);
        row.map(|row| self.open_page(row)).transpose()
    }

    fn open_page(&self, row: StatusPageRow) -> Result<StatusPage> {
        let id = row.partner_id;
        let token = self.keys.master.open(&row.sealed_token, &page_context(id)).ok_or_else(|| sealed_error(id))?;
        let token = String::from_utf8(token.to_vec()).map_err(|_| sealed_error(id))?;
        let corrupt = |_| Error::Corrupt { table: "status_pages", column: "integration_ids", row: id.to_string() };
        let integration_ids =
            row.integration_ids.map(|text| serde_json::from_str(&text).map_err(corrupt)).transpose()?;
        Ok(StatusPage {
            partner_id: id,
            token,
            title: row.title,
            show_incidents: row.show_incidents,
            integration_ids,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }

    /// Writes a partner's status page, in place of the one it has.
    pub async fn set_status_page(&self, page: &StatusPage) -> Result<()> {
        const SQL: &str = "INSERT INTO status_pages (partner_id, token_hash, sealed_token, title, show_incidents, integration_ids,
            created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (partner_id) DO UPDATE SET token_hash = excluded.token_hash, sealed_token = excluded.sealed_token,
            title = excluded.title, show_incidents = excluded.show_incidents, integration_ids = excluded.integration_ids,
            updated_at = excluded.updated_at";
        let id = page.partner_id;
        let sealed = self.keys.master.seal(page.token.as_bytes(), &page_context(id)).ok_or_else(|| sealed_error(id))?;
        let corrupt = |_| Error::Corrupt { table: "status_pages", column: "integration_ids", row: id.to_string() };
        let integration_ids = page.integration_ids.as_ref().map(serde_json::to_string).transpose().map_err(corrupt)?;
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(id)
                .bind(token_hash(&page.token))
                .bind(sealed)
                .bind(&page.title)
                .bind(page.show_incidents)
                .bind(integration_ids)
                .bind(&page.created_by)
                .bind(page.created_at)
                .bind(page.updated_at)
                .execute(connection)
                .await?;
        });
        tx.commit().await
    }

    /// Removes a partner's status page. Answers whether there was one.
    pub async fn remove_status_page(&self, partner_id: PartnerId) -> Result<bool> {
        const SQL: &str = "DELETE FROM status_pages WHERE partner_id = $1";
        let mut tx = self.db.begin().await?;
        let removed =
            within!(&mut tx, |connection| sqlx::query(SQL).bind(partner_id).execute(connection).await?.rows_affected());
        tx.commit().await?;
        Ok(removed > 0)
    }
}
