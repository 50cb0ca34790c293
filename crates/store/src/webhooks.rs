//! Webhooks: receivers, their sealed secrets and headers, and what becomes of their deliveries when they are switched.

use std::collections::HashMap;

use simpul_core::access::Scope;
use simpul_core::activity::Activity;
use simpul_core::id::{IntegrationId, WebhookId};
use simpul_core::time::Timestamp;
use simpul_core::webhook::{Ordering, Webhook};
use sqlx::{AssertSqlSafe, QueryBuilder};

use crate::db::{CHUNK, Tx, read, within};
use crate::error::{Error, Result};
use crate::queue::{News, PARKED, tell};
use crate::{Page, Store, activity, ordering};

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
        activity::insert(self, &mut tx, &[log]).await?;
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
        if webhook.ordering == Ordering::None {
            ordering::release_held(&mut tx, webhook.id, webhook.updated_at).await?;
        }
        tell(&mut tx, News::Changed(webhook.id)).await?;
        activity::insert(self, &mut tx, &[log]).await?;
        tx.commit().await
    }

    /// Deletes a webhook with its deliveries that still wait.
    pub async fn delete_webhook(&self, id: WebhookId, log: Activity) -> Result<()> {
        const SQL: &[&str] = &[
            "DELETE FROM deliveries WHERE webhook_id = $1 AND state IN ('pending', 'leased', 'parked', 'held')",
            "DELETE FROM integration_webhooks WHERE id = $1",
        ];
        let mut tx = self.db.begin().await?;
        for sql in SQL {
            within!(&mut tx, |connection| {
                sqlx::query(*sql).bind(id).execute(connection).await?;
            });
        }
        tell(&mut tx, News::Changed(id)).await?;
        activity::insert(self, &mut tx, &[log]).await?;
        tx.commit().await
    }

    /// Notes the outcome of a `webhook.test`, which is no delivery.
    pub async fn record_webhook_test(&self, id: WebhookId, status: &str, log: Activity) -> Result<()> {
        const SQL: &str = "UPDATE integration_webhooks SET last_triggered_at = $2, last_status = $3 WHERE id = $1";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL).bind(id).bind(log.created_at).bind(status).execute(connection).await?;
        });
        activity::insert(self, &mut tx, &[log]).await?;
        tx.commit().await
    }

    /// How many deliveries are parked for a webhook, counted to `at_most`.
    pub async fn count_parked(&self, id: WebhookId, at_most: i64) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM (SELECT id FROM deliveries WHERE webhook_id = $1 AND state = 'parked' LIMIT $2) AS counted";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).bind(id).bind(at_most).fetch_one(pool).await?))
    }

    /// Gives up one batch of what waits for a webhook that is not active. Answers how many; 0 when nothing is left.
    pub async fn drop_parked(&self, id: WebhookId, now: Timestamp) -> Result<u64> {
        const SQL: &str = "UPDATE deliveries SET state = 'dropped', completed_at = $2, next_attempt_at = NULL WHERE id IN
            (SELECT id FROM deliveries WHERE webhook_id = $1 AND state IN ('parked', 'held', 'pending') ORDER BY id LIMIT $3)
            AND state IN ('parked', 'held', 'pending')";
        let mut tx = self.db.begin().await?;
        let dropped = within!(&mut tx, |connection| sqlx::query(SQL)
            .bind(id)
            .bind(now)
            .bind(PARKED)
            .execute(connection)
            .await?
            .rows_affected());
        tx.commit().await?;
        Ok(dropped)
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

/// Sets a webhook's activity and what follows for its waiting deliveries. Nothing here touches more than a bounded number of
/// rows: what a disabled webhook left waiting is parked and let go again bit by bit, as the table is looked at.
async fn switch(tx: &mut Tx, id: WebhookId, is_active: bool, now: Timestamp) -> Result<()> {
    const ON: &str = "UPDATE integration_webhooks SET is_active = TRUE, disabled_at = NULL, disabled_reason = NULL, failure_count = 0,
        failing_since = NULL, warned_at = NULL, dead_attempts = 0, circuit_probes = 0, circuit = 'recovering', circuit_changed_at = $2,
        next_probe_at = NULL WHERE id = $1";
    const OFF: &str = "UPDATE integration_webhooks SET is_active = FALSE, disabled_at = NULL, disabled_reason = NULL WHERE id = $1 AND $2 IS NOT NULL";
    within!(&mut *tx, |connection| {
        sqlx::query(if is_active { ON } else { OFF }).bind(id).bind(now).execute(connection).await?;
    });
    if is_active { Ok(()) } else { park(tx, id, PARKED).await }
}

/// Parks deliveries of a webhook that was switched off or disabled, at most this many.
pub(crate) async fn park(tx: &mut Tx, id: WebhookId, at_most: i64) -> Result<()> {
    const SQL: &str = "UPDATE deliveries SET state = 'parked', next_attempt_at = NULL WHERE state = 'pending' AND id IN
        (SELECT id FROM deliveries WHERE webhook_id = $1 AND state = 'pending' ORDER BY id LIMIT $2)";
    within!(&mut *tx, |connection| {
        sqlx::query(SQL).bind(id).bind(at_most).execute(connection).await?;
    });
    Ok(())
}

/// Lets parked deliveries of a webhook wait for their turn again, the oldest first, at most this many.
pub(crate) async fn unpark(tx: &mut Tx, id: WebhookId, at_most: usize, now: Timestamp) -> Result<()> {
    const SQL: &str = "UPDATE deliveries SET state = CASE WHEN order_key IS NULL THEN 'pending' ELSE 'held' END, next_attempt_at = $3
        WHERE state = 'parked' AND id IN (SELECT id FROM deliveries WHERE webhook_id = $1 AND state = 'parked' ORDER BY id LIMIT $2)
        RETURNING order_key";
    let keys: Vec<Option<String>> = within!(&mut *tx, |connection| sqlx::query_scalar(SQL)
        .bind(id)
        .bind(i64::try_from(at_most).unwrap_or(i64::MAX))
        .bind(now)
        .fetch_all(connection)
        .await?);
    let keys = keys.into_iter().flatten().map(|key| (id, key)).collect();
    ordering::promote(tx, &keys, now).await?;
    Ok(())
}
