//! Recommendations that somebody put aside, for good or for a time.

use simpul_core::activity::Activity;
use simpul_core::id::IntegrationId;
use simpul_core::recommendation::{Dismissal, Severity};
use simpul_core::time::Timestamp;
use sqlx::{FromRow, QueryBuilder};

use crate::db::{Tx, read, within};
use crate::error::{Error, Result};
use crate::{Store, activity};

#[derive(FromRow)]
struct DismissalRow {
    code: String,
    dismissed_until: Option<Timestamp>,
    severity: String,
    fingerprint: String,
    reason: Option<String>,
    created_by: String,
    created_at: Timestamp,
}

impl Store {
    /// An integration's dismissals; there is one for a code at most, so there are no more than codes.
    pub async fn list_dismissals(&self, integration_id: IntegrationId) -> Result<Vec<Dismissal>> {
        const SQL: &str = "SELECT code, dismissed_until, severity, fingerprint, reason, created_by, created_at
            FROM recommendation_dismissals WHERE integration_id = $1 ORDER BY code";
        let rows: Vec<DismissalRow> =
            read!(self, |pool| sqlx::query_as(SQL).bind(integration_id).fetch_all(pool).await?);
        let open = |row: DismissalRow| {
            let severity = Severity::parse(&row.severity).ok_or_else(|| Error::Corrupt {
                table: "recommendation_dismissals",
                column: "severity",
                row: integration_id.to_string(),
            })?;
            Ok(Dismissal {
                code: row.code,
                until: row.dismissed_until,
                severity,
                fingerprint: row.fingerprint,
                reason: row.reason,
                created_by: row.created_by,
                created_at: row.created_at,
            })
        };
        rows.into_iter().map(open).collect()
    }

    /// Puts a recommendation aside, in place of an earlier time that it was, and logs who did.
    pub async fn dismiss(&self, integration_id: IntegrationId, dismissal: &Dismissal, log: Activity) -> Result<()> {
        const SQL: &str =
            "INSERT INTO recommendation_dismissals (integration_id, code, dismissed_until, severity, fingerprint,
            reason, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (integration_id, code) DO UPDATE SET dismissed_until = excluded.dismissed_until,
            severity = excluded.severity, fingerprint = excluded.fingerprint, reason = excluded.reason,
            created_by = excluded.created_by, created_at = excluded.created_at";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(integration_id)
                .bind(&dismissal.code)
                .bind(dismissal.until)
                .bind(dismissal.severity.as_str())
                .bind(&dismissal.fingerprint)
                .bind(dismissal.reason.as_deref())
                .bind(&dismissal.created_by)
                .bind(dismissal.created_at)
                .execute(connection)
                .await?;
        });
        activity::insert(self, &mut tx, &[log]).await?;
        tx.commit().await
    }

    /// Shows a recommendation again, and logs who wanted it. Answers whether it was dismissed.
    pub async fn undo_dismissal(&self, integration_id: IntegrationId, code: &str, log: Activity) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let removed = remove(&mut tx, integration_id, &[code]).await?;
        if removed > 0 {
            activity::insert(self, &mut tx, &[log]).await?;
        }
        tx.commit().await?;
        Ok(removed > 0)
    }

    /// Forgets dismissals of findings that are gone: if they return, they are shown.
    pub async fn forget_dismissals(&self, integration_id: IntegrationId, codes: &[&str]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        remove(&mut tx, integration_id, codes).await?;
        tx.commit().await
    }
}

async fn remove(tx: &mut Tx, integration_id: IntegrationId, codes: &[&str]) -> Result<u64> {
    Ok(within!(&mut *tx, |connection| {
        let mut query = QueryBuilder::new("DELETE FROM recommendation_dismissals WHERE integration_id = ");
        query.push_bind(integration_id).push(" AND code IN (");
        let mut list = query.separated(", ");
        for code in codes {
            list.push_bind(*code);
        }
        query.push(")");
        query.build().persistent(false).execute(connection).await?.rows_affected()
    }))
}
