//! Partners and outlets.

use simpul_core::access::Scope;
use simpul_core::id::{IntegrationId, OutletId, PartnerId};
use simpul_core::partner::{Outlet, Partner};
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow};

use crate::db::{read, within};
use crate::error::{Result, or_conflict};
use crate::integrations::forget_integration;
use crate::{Page, Store};

#[derive(FromRow)]
struct PartnerRow {
    id: PartnerId,
    name: String,
    slug: String,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<PartnerRow> for Partner {
    fn from(row: PartnerRow) -> Self {
        let PartnerRow { id, name, slug, is_active, created_at, updated_at } = row;
        Self { id, name, slug, is_active, created_at, updated_at }
    }
}

#[derive(FromRow)]
struct OutletRow {
    id: OutletId,
    partner_id: PartnerId,
    name: String,
    code: String,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<OutletRow> for Outlet {
    fn from(row: OutletRow) -> Self {
        let OutletRow { id, partner_id, name, code, is_active, created_at, updated_at } = row;
        Self { id, partner_id, name, code, is_active, created_at, updated_at }
    }
}

const PARTNER: &str = "id, name, slug, is_active, created_at, updated_at";
const OUTLET: &str = "id, partner_id, name, code, is_active, created_at, updated_at";

impl Store {
    /// Partners by name, and how many there are in all. `words` must occur in the name or the slug.
    pub async fn list_partners(&self, scope: Scope, words: Option<&str>, page: Page) -> Result<(Vec<Partner>, i64)> {
        const WHERE: &str = "FROM partners WHERE ($1 IS NULL OR id = $1) AND ($2 IS NULL OR LOWER(name || ' ' || slug) LIKE $2 ESCAPE '!')";
        let list = format!("SELECT {PARTNER} {WHERE} ORDER BY LOWER(name), id LIMIT $3 OFFSET $4");
        let count = format!("SELECT COUNT(*) {WHERE}");
        let words = words.map(contains_pattern);
        let rows: Vec<PartnerRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(list))
            .bind(scope.partner_id())
            .bind(words.as_deref())
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total = read!(self, |pool| sqlx::query_scalar(AssertSqlSafe(count))
            .bind(scope.partner_id())
            .bind(words.as_deref())
            .fetch_one(pool)
            .await?);
        Ok((rows.into_iter().map(Partner::from).collect(), total))
    }

    pub async fn find_partner(&self, scope: Scope, id: PartnerId) -> Result<Option<Partner>> {
        let sql = format!("SELECT {PARTNER} FROM partners WHERE id = $1 AND ($2 IS NULL OR id = $2)");
        let row: Option<PartnerRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id)
            .bind(scope.partner_id())
            .fetch_optional(pool)
            .await?);
        Ok(row.map(Partner::from))
    }

    /// # Errors
    /// A conflict where the slug is taken.
    pub async fn insert_partner(&self, partner: &Partner) -> Result<()> {
        const SQL: &str =
            "INSERT INTO partners (id, name, slug, is_active, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(partner.id)
                .bind(&partner.name)
                .bind(&partner.slug)
                .bind(partner.is_active)
                .bind(partner.created_at)
                .bind(partner.updated_at)
                .execute(connection)
                .await
                .map_err(or_conflict("a partner with this slug"))?;
        });
        self.commit(tx).await
    }

    /// Writes name, slug and activity.
    ///
    /// # Errors
    /// A conflict where the slug is taken.
    pub async fn update_partner(&self, partner: &Partner) -> Result<()> {
        const SQL: &str = "UPDATE partners SET name = $2, slug = $3, is_active = $4, updated_at = $5 WHERE id = $1";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(partner.id)
                .bind(&partner.name)
                .bind(&partner.slug)
                .bind(partner.is_active)
                .bind(partner.updated_at)
                .execute(connection)
                .await
                .map_err(or_conflict("a partner with this slug"))?;
        });
        self.commit(tx).await
    }

    /// Deletes a partner with its outlets, integrations, webhooks, users and keys; logs stay until retention removes them.
    pub async fn delete_partner(&self, id: PartnerId) -> Result<()> {
        const INTEGRATIONS: &str = "SELECT id FROM partner_integrations WHERE partner_id = $1";
        let mut tx = self.db.begin().await?;
        let ids: Vec<IntegrationId> =
            within!(&mut tx, |connection| sqlx::query_scalar(INTEGRATIONS).bind(id).fetch_all(connection).await?);
        for integration_id in ids {
            forget_integration(self, &mut tx, integration_id).await?;
        }
        within!(&mut tx, |connection| {
            sqlx::query("DELETE FROM partners WHERE id = $1").bind(id).execute(connection).await?;
        });
        self.commit(tx).await
    }

    /// A partner's outlets by name, and how many there are in all.
    /// `words` must occur in the name or the code.
    pub async fn list_outlets(
        &self,
        partner_id: PartnerId,
        words: Option<&str>,
        page: Page,
    ) -> Result<(Vec<Outlet>, i64)> {
        const WHERE: &str = "FROM partner_outlets WHERE partner_id = $1 AND ($2 IS NULL OR LOWER(name || ' ' || code) LIKE $2 ESCAPE '!')";
        let list = format!("SELECT {OUTLET} {WHERE} ORDER BY LOWER(name), id LIMIT $3 OFFSET $4");
        let count = format!("SELECT COUNT(*) {WHERE}");
        let words = words.map(contains_pattern);
        let rows: Vec<OutletRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(list))
            .bind(partner_id)
            .bind(words.as_deref())
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total = read!(self, |pool| sqlx::query_scalar(AssertSqlSafe(count))
            .bind(partner_id)
            .bind(words.as_deref())
            .fetch_one(pool)
            .await?);
        Ok((rows.into_iter().map(Outlet::from).collect(), total))
    }

    pub async fn find_outlet(&self, scope: Scope, id: OutletId) -> Result<Option<Outlet>> {
        let sql = format!("SELECT {OUTLET} FROM partner_outlets WHERE id = $1 AND ($2 IS NULL OR partner_id = $2)");
        let row: Option<OutletRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id)
            .bind(scope.partner_id())
            .fetch_optional(pool)
            .await?);
        Ok(row.map(Outlet::from))
    }

    /// # Errors
    /// A conflict where the partner has an outlet of that code.
    pub async fn insert_outlet(&self, outlet: &Outlet) -> Result<()> {
        const SQL: &str = "INSERT INTO partner_outlets (id, partner_id, name, code, is_active, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(outlet.id)
                .bind(outlet.partner_id)
                .bind(&outlet.name)
                .bind(&outlet.code)
                .bind(outlet.is_active)
                .bind(outlet.created_at)
                .bind(outlet.updated_at)
                .execute(connection)
                .await
                .map_err(or_conflict("an outlet with this code"))?;
        });
        self.commit(tx).await
    }

    /// Writes name, code and activity.
    ///
    /// # Errors
    /// A conflict where the partner has an outlet of that code.
    pub async fn update_outlet(&self, outlet: &Outlet) -> Result<()> {
        const SQL: &str =
            "UPDATE partner_outlets SET name = $2, code = $3, is_active = $4, updated_at = $5 WHERE id = $1";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(outlet.id)
                .bind(&outlet.name)
                .bind(&outlet.code)
                .bind(outlet.is_active)
                .bind(outlet.updated_at)
                .execute(connection)
                .await
                .map_err(or_conflict("an outlet with this code"))?;
        });
        self.commit(tx).await
    }

    /// Deletes an outlet with its own integrations.
    pub async fn delete_outlet(&self, id: OutletId) -> Result<()> {
        const INTEGRATIONS: &str = "SELECT id FROM partner_integrations WHERE outlet_id = $1";
        let mut tx = self.db.begin().await?;
        let ids: Vec<IntegrationId> =
            within!(&mut tx, |connection| sqlx::query_scalar(INTEGRATIONS).bind(id).fetch_all(connection).await?);
        for integration_id in ids {
            forget_integration(self, &mut tx, integration_id).await?;
        }
        within!(&mut tx, |connection| {
            sqlx::query("DELETE FROM partner_outlets WHERE id = $1").bind(id).execute(connection).await?;
        });
        self.commit(tx).await
    }
}

/// A `LIKE … ESCAPE '!'` pattern for text that contains `words` as they stand, in lower case.
pub(crate) fn contains_pattern(words: &str) -> String {
    let mut pattern = String::from("%");
    for character in words.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
