//! Webhooks: receivers, their sealed secrets and headers, and what becomes of their deliveries when they are switched.

use std::collections::HashMap;

use simpul_core::access::Scope;
use simpul_core::activity::Activity;
use simpul_core::id::{IntegrationId, WebhookId};
use simpul_core::time::Timestamp;
use simpul_core::webhook::Webhook;
use sqlx::{AssertSqlSafe, QueryBuilder};

use crate::db::{CHUNK, Tx, read, within};
use crate::error::{Error, Result};
use crate::{Page, Store, activity};

mod row;

use row::sealed;
pub(crate) use row::{COLUMNS, WebhookRow};

/// A number whose range the caller has checked, as SQL's integer.
fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl Store {
    /// An integration's webhooks by age, and how many there are in all.
    pub async fn list_webhooks(&self, integration_id: IntegrationId, page: Page) -> Result<(Vec<Webhook>, i64)> {
        let list = format!(
            "SELECT {COLUMNS} FROM integration_webhooks WHERE integration_id = $1 ORDER BY id LIMIT $2 OFFSET $3"
        );
        const COUNT: &str = "SELECT COUNT(*) FROM integration_webhooks WHERE integration_id = $1";
        let rows: Vec<WebhookRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(list))
            .bind(integration_id)
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total = read!(self, |pool| sqlx::query_scalar(COUNT).bind(integration_id).fetch_one(pool).await?);
        if rows.is_empty() {
            return Ok((Vec::new(), total));
        }
        let key = self.data_key(integration_id).await?;
        Ok((rows.into_iter().map(|row| row.open(&key)).collect::<Result<_>>()?, total))
    }

    pub async fn find_webhook(&self, scope: Scope, id: WebhookId) -> Result<Option<Webhook>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM integration_webhooks WHERE id = $1 AND ($2 IS NULL OR integration_id IN
             (SELECT id FROM partner_integrations WHERE partner_id = $2))"
        );
        let row: Option<WebhookRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id)
            .bind(scope.partner_id())
            .fetch_optional(pool)
            .await?);
        match row {
            None => Ok(None),
            Some(row) => {
                let key = self.data_key(row.integration_id).await?;
                row.open(&key).map(Some)
            }
        }
    }

    pub async fn insert_webhook(&self, webhook: &Webhook, log: Activity) -> Result<()> {
        const SQL: &str = "INSERT INTO integration_webhooks (id, integration_id, webhook_url, sealed_secret, sealed_headers, events,
            is_active, retry_attempts, retry_delay, backoff, timeout, description, failure_count, created_by, created_at, updated_at,
            sealed_previous_secrets, signature_scheme, sealed_signing_key, ordering, concurrency, rate_limit, filter, transformation,
            payload_style) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
            $24)";
        let key = self.data_key(webhook.integration_id).await?;
        let sealed = sealed(webhook, &key)?;
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(webhook.id)
                .bind(webhook.integration_id)
                .bind(&webhook.webhook_url)
                .bind(sealed.secret)
                .bind(sealed.headers)
                .bind(sealed.events)
                .bind(webhook.is_active)
                .bind(small(webhook.retry_attempts))
                .bind(small(webhook.retry_delay))
                .bind(webhook.backoff.as_str())
                .bind(small(webhook.timeout))
                .bind(webhook.description.as_deref())
                .bind(&webhook.created_by)
                .bind(webhook.created_at)
                .bind(webhook.updated_at)
                .bind(sealed.previous_secrets)
                .bind(webhook.signature_scheme.as_str())
                .bind(sealed.signing_key)
                .bind(webhook.ordering.as_str())
                .bind(webhook.concurrency.map(small))
                .bind(webhook.rate_limit.map(small))
                .bind(webhook.filter.as_deref())
                .bind(webhook.transformation.as_deref())
                .bind(webhook.payload_style.as_str())
                .execute(connection)
                .await?;
        });
        activity::insert(&mut tx, &[log]).await?;
        tx.commit().await
    }

    /// Writes everything a person may change. Switching a webhook off parks its waiting deliveries; switching it on lets
    /// them go, forgets why it was disabled and starts its failure count anew. The counters that deliveries write are
    /// touched only when `switched` says so.
    pub async fn update_webhook(&self, webhook: &Webhook, switched: bool, log: Activity) -> Result<()> {
        const SQL: &str = "UPDATE integration_webhooks SET webhook_url = $2, sealed_secret = $3, sealed_previous_secret = NULL,
            previous_secret_expires_at = NULL, sealed_headers = $4, events = $5, retry_attempts = $6, retry_delay = $7, backoff = $8,
            timeout = $9, description = $10, updated_at = $11, sealed_previous_secrets = $12, signature_scheme = $13, sealed_signing_key = $14,
            ordering = $15, concurrency = $16, rate_limit = $17, filter = $18, transformation = $19, payload_style = $20 WHERE id = $1";
        let key = self.data_key(webhook.integration_id).await?;
        let sealed = sealed(webhook, &key)?;
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(webhook.id)
                .bind(&webhook.webhook_url)
                .bind(sealed.secret)
                .bind(sealed.headers)
                .bind(sealed.events)
                .bind(small(webhook.retry_attempts))
                .bind(small(webhook.retry_delay))
                .bind(webhook.backoff.as_str())
                .bind(small(webhook.timeout))
                .bind(webhook.description.as_deref())
                .bind(webhook.updated_at)
                .bind(sealed.previous_secrets)
                .bind(webhook.signature_scheme.as_str())
                .bind(sealed.signing_key)
                .bind(webhook.ordering.as_str())
                .bind(webhook.concurrency.map(small))
                .bind(webhook.rate_limit.map(small))
                .bind(webhook.filter.as_deref())
                .bind(webhook.transformation.as_deref())
                .bind(webhook.payload_style.as_str())
                .execute(connection)
                .await?;
        });
        if switched {
            switch(&mut tx, webhook.id, webhook.is_active, webhook.updated_at).await?;
        }
        activity::insert(&mut tx, &[log]).await?;
        tx.commit().await
    }

    /// Deletes a webhook with its deliveries that still wait.
    pub async fn delete_webhook(&self, id: WebhookId, log: Activity) -> Result<()> {
        const SQL: &[&str] = &[
            "DELETE FROM deliveries WHERE webhook_id = $1 AND state IN ('pending', 'leased', 'parked')",
            "DELETE FROM integration_webhooks WHERE id = $1",
        ];
        let mut tx = self.db.begin().await?;
        for sql in SQL {
            within!(&mut tx, |connection| {
                sqlx::query(*sql).bind(id).execute(connection).await?;
            });
        }
        activity::insert(&mut tx, &[log]).await?;
        tx.commit().await
    }

    /// Notes the outcome of a `webhook.test`, which is no delivery.
    pub async fn record_webhook_test(&self, id: WebhookId, status: &str, log: Activity) -> Result<()> {
        const SQL: &str = "UPDATE integration_webhooks SET last_triggered_at = $2, last_status = $3 WHERE id = $1";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL).bind(id).bind(log.created_at).bind(status).execute(connection).await?;
        });
        activity::insert(&mut tx, &[log]).await?;
        tx.commit().await
    }

    /// The webhooks of several integrations that take events now, or would but for being disabled after failures.
    pub(crate) async fn webhooks_within(
        &self,
        tx: &mut Tx,
        ids: &[IntegrationId],
    ) -> Result<HashMap<IntegrationId, Vec<Webhook>>> {
        let mut rows: Vec<WebhookRow> = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            rows.extend::<Vec<WebhookRow>>(within!(&mut *tx, |connection| {
                let mut query =
                    QueryBuilder::new(format!("SELECT {COLUMNS} FROM integration_webhooks WHERE integration_id IN ("));
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(") AND (is_active OR disabled_at IS NOT NULL) ORDER BY id");
                query.build_query_as().persistent(chunk.len() == 1).fetch_all(connection).await?
            }));
        }
        self.open_webhooks(rows).await
    }

    pub(crate) async fn open_webhooks(&self, rows: Vec<WebhookRow>) -> Result<HashMap<IntegrationId, Vec<Webhook>>> {
        let mut ids: Vec<IntegrationId> = rows.iter().map(|row| row.integration_id).collect();
        ids.dedup();
        let keys = self.data_keys(&ids).await?;
        let mut webhooks: HashMap<IntegrationId, Vec<Webhook>> = HashMap::new();
        for row in rows {
            let integration_id = row.integration_id;
            let key = keys
                .get(&integration_id)
                .ok_or_else(|| Error::Sealed { what: "data key", owner: integration_id.to_string() })?;
            webhooks.entry(integration_id).or_default().push(row.open(key)?);
        }
        Ok(webhooks)
    }
}

/// Sets a webhook's activity and moves its waiting deliveries with it.
async fn switch(tx: &mut Tx, id: WebhookId, is_active: bool, now: Timestamp) -> Result<()> {
    const ON: &str = "UPDATE integration_webhooks SET is_active = TRUE, disabled_at = NULL, disabled_reason = NULL, failure_count = 0 WHERE id = $1";
    const OFF: &str =
        "UPDATE integration_webhooks SET is_active = FALSE, disabled_at = NULL, disabled_reason = NULL WHERE id = $1";
    const RELEASE: &str =
        "UPDATE deliveries SET state = 'pending', next_attempt_at = $2 WHERE webhook_id = $1 AND state = 'parked'";
    within!(&mut *tx, |connection| {
        sqlx::query(if is_active { ON } else { OFF }).bind(id).execute(connection).await?;
    });
    if is_active {
        within!(&mut *tx, |connection| {
            sqlx::query(RELEASE).bind(id).bind(now).execute(connection).await?;
        });
        return Ok(());
    }
    park(tx, id).await
}

/// Parks the deliveries of a webhook that was switched off or disabled.
pub(crate) async fn park(tx: &mut Tx, id: WebhookId) -> Result<()> {
    const SQL: &str =
        "UPDATE deliveries SET state = 'parked', next_attempt_at = NULL WHERE webhook_id = $1 AND state = 'pending'";
    within!(&mut *tx, |connection| {
        sqlx::query(SQL).bind(id).execute(connection).await?;
    });
    Ok(())
}
