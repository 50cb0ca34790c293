//! Incidents for tests of what follows from them, written as they are given.

use crate::Store;
use crate::db::within;
use crate::error::Result;
use crate::incidents::Incident;

impl Store {
    /// Writes an incident, in place of the one with its id if there is one.
    pub async fn put_incident(&self, incident: &Incident) -> Result<()> {
        const SQL: &str = "INSERT INTO incidents (id, kind, severity, integration_id, partner_id, provider, webhook_id, outage_id, subject,
            cause, opened_by, started_at, opened_at, closed_at, last_failure_at, first_error, last_error, affected_calls,
            affected_integrations, acknowledged_at, acknowledged_by, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
            ON CONFLICT (id) DO UPDATE SET severity = excluded.severity, outage_id = excluded.outage_id, closed_at = excluded.closed_at,
            acknowledged_at = excluded.acknowledged_at, updated_at = excluded.updated_at";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(incident.id)
                .bind(incident.kind.as_str())
                .bind(incident.severity.as_str())
                .bind(incident.integration_id)
                .bind(incident.partner_id)
                .bind(&incident.provider)
                .bind(incident.webhook_id)
                .bind(incident.outage_id)
                .bind(&incident.subject)
                .bind(incident.cause.as_str())
                .bind(incident.opened_by.as_str())
                .bind(incident.started_at)
                .bind(incident.opened_at)
                .bind(incident.closed_at)
                .bind(incident.last_failure_at)
                .bind(&incident.first_error)
                .bind(&incident.last_error)
                .bind(incident.affected_calls)
                .bind(incident.affected_integrations)
                .bind(incident.acknowledged_at)
                .bind(incident.acknowledged_by.as_deref())
                .bind(incident.updated_at)
                .execute(connection)
                .await?;
        });
        tx.commit().await
    }
}
