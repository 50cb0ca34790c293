//! Opening, changing and closing incidents: each with its timeline, its log row and its event in one transaction.
//!
//! One incident of a kind is open for a subject: a unique index sees to it, so that two nodes which find the same trouble open
//! it once. Whoever comes second changes nothing and tells nobody.

use simpul_core::activity::Activity;
use simpul_core::id::{IncidentEntryId, IncidentId, IntegrationId};
use simpul_core::incident::{IncidentCause, IncidentEntryKind, IncidentSeverity};
use simpul_core::time::Timestamp;

use super::Incident;
use crate::db::{Tx, within};
use crate::error::Result;
use crate::ingest::{self, Ingest, NewEvent};
use crate::queue::{News, tell};
use crate::room::Room;
use crate::{Store, activity};

/// What is told of a change, beside the incident itself.
#[derive(Debug, Clone, Default)]
pub struct Telling {
    pub log: Option<Activity>,
    /// For the integration's webhooks.
    pub event: Option<NewEvent>,
}

/// What has become of an open incident.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentChange {
    pub id: IncidentId,
    pub cause: IncidentCause,
    pub severity: IncidentSeverity,
    pub last_failure_at: Timestamp,
    pub last_error: String,
    pub affected_calls: i64,
    pub affected_integrations: i64,
    /// A line of the timeline, where the cause is another one.
    pub told: Option<String>,
}

impl Store {
    /// Opens an incident, unless one of its kind is open for its subject. Answers whether it did. One that names an outage
    /// joins it.
    pub async fn open_incident(&self, incident: &Incident, message: &str, telling: Telling) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let opened = open(&mut tx, incident, message).await?;
        if opened {
            if let Some(outage_id) = incident.outage_id {
                note(&mut tx, outage_id, IncidentEntryKind::Joined, &incident.subject, None, incident.opened_at)
                    .await?;
            }
            self.tell(&mut tx, telling, incident.opened_at).await?;
        }
        tx.commit().await?;
        Ok(opened)
    }

    /// Closes an open incident. Answers whether it was open.
    pub async fn close_incident(&self, id: IncidentId, message: &str, at: Timestamp, telling: Telling) -> Result<bool> {
        const SQL: &str = "UPDATE incidents SET closed_at = $2, updated_at = $2 WHERE id = $1 AND closed_at IS NULL";
        let mut tx = self.db.begin().await?;
        let closed = within!(&mut tx, |connection| sqlx::query(SQL)
            .bind(id)
            .bind(at)
            .execute(connection)
            .await?
            .rows_affected())
            == 1;
        if closed {
            note(&mut tx, id, IncidentEntryKind::Closed, message, None, at).await?;
            self.tell(&mut tx, telling, at).await?;
        }
        tx.commit().await?;
        Ok(closed)
    }

    /// Writes what has become of an open incident.
    pub async fn change_incident(&self, change: &IncidentChange, at: Timestamp) -> Result<bool> {
        const SQL: &str = "UPDATE incidents SET cause = $2, severity = $3, last_failure_at = $4, last_error = $5, affected_calls = $6,
            affected_integrations = $7, updated_at = $8 WHERE id = $1 AND closed_at IS NULL";
        let mut tx = self.db.begin().await?;
        let changed = within!(&mut tx, |connection| sqlx::query(SQL)
            .bind(change.id)
            .bind(change.cause.as_str())
            .bind(change.severity.as_str())
            .bind(change.last_failure_at)
            .bind(&change.last_error)
            .bind(change.affected_calls)
            .bind(change.affected_integrations)
            .bind(at)
            .execute(connection)
            .await?
            .rows_affected())
            == 1;
        if changed && let Some(message) = &change.told {
            note(&mut tx, change.id, IncidentEntryKind::CauseChanged, message, None, at).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// Makes open incidents of connections part of a provider's outage. Answers how many were not part of one before.
    pub async fn join_outage(&self, outage_id: IncidentId, members: &[IncidentId], at: Timestamp) -> Result<u64> {
        const SQL: &str = "UPDATE incidents SET outage_id = $2, updated_at = $3 WHERE id = $1 AND outage_id IS NULL AND closed_at IS NULL
            RETURNING subject";
        let mut joined = 0;
        let mut tx = self.db.begin().await?;
        for id in members {
            let subject: Option<String> = within!(&mut tx, |connection| sqlx::query_scalar(SQL)
                .bind(*id)
                .bind(outage_id)
                .bind(at)
                .fetch_optional(connection)
                .await?);
            if let Some(subject) = subject {
                note(&mut tx, outage_id, IncidentEntryKind::Joined, &subject, None, at).await?;
                joined += 1;
            }
        }
        tx.commit().await?;
        Ok(joined)
    }

    /// Adds a person's note to the timeline.
    pub async fn note_incident(&self, id: IncidentId, message: &str, author: &str, at: Timestamp) -> Result<()> {
        const SQL: &str = "UPDATE incidents SET updated_at = $2 WHERE id = $1";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL).bind(id).bind(at).execute(connection).await?;
        });
        note(&mut tx, id, IncidentEntryKind::Note, message, Some(author), at).await?;
        tx.commit().await
    }

    /// Says that somebody has taken it on. Answers whether nobody had before.
    pub async fn acknowledge_incident(&self, id: IncidentId, author: &str, at: Timestamp) -> Result<bool> {
        const SQL: &str = "UPDATE incidents SET acknowledged_at = $2, acknowledged_by = $3, updated_at = $2
            WHERE id = $1 AND acknowledged_at IS NULL";
        let mut tx = self.db.begin().await?;
        let is_first = within!(&mut tx, |connection| sqlx::query(SQL)
            .bind(id)
            .bind(at)
            .bind(author)
            .execute(connection)
            .await?
            .rows_affected())
            == 1;
        if is_first {
            note(&mut tx, id, IncidentEntryKind::Acknowledged, "", Some(author), at).await?;
        }
        tx.commit().await?;
        Ok(is_first)
    }

    /// Tells an integration's webhooks that its band has changed, once: only while the snapshot still shows the band it was in.
    pub async fn tell_band(
        &self,
        id: IntegrationId,
        (from, to): (simpul_core::health::HealthStatus, simpul_core::health::HealthStatus),
        event: NewEvent,
        at: Timestamp,
    ) -> Result<bool> {
        const SQL: &str = "UPDATE integration_health SET health_status = $3, changed_at = $4 WHERE integration_id = $1 AND health_status = $2
            AND removed_at IS NULL";
        let mut tx = self.db.begin().await?;
        let is_first = within!(&mut tx, |connection| sqlx::query(SQL)
            .bind(id)
            .bind(from.as_str())
            .bind(to.as_str())
            .bind(at)
            .execute(connection)
            .await?
            .rows_affected())
            == 1;
        if is_first {
            self.tell(&mut tx, Telling { log: None, event: Some(event) }, at).await?;
        }
        tx.commit().await?;
        Ok(is_first)
    }

    /// Writes the log row and the event; the event's deliveries wait in the table.
    async fn tell(&self, tx: &mut Tx, telling: Telling, at: Timestamp) -> Result<()> {
        let mut logs: Vec<Activity> = telling.log.into_iter().collect();
        if let Some(event) = telling.event {
            let ingest = Ingest { events: vec![event], notification: None, log: None, created_at: at };
            let ingested = Box::pin(ingest::apply(self, tx, &[&ingest], &Room::new(0, 0), &mut logs)).await?;
            if ingested.waiting > 0 {
                tell(tx, News::Waiting).await?;
            }
        }
        activity::insert(self, tx, &logs).await
    }
}

/// Inserts an incident with the first line of its timeline, unless one of its kind is open for its subject.
pub(crate) async fn open(tx: &mut Tx, incident: &Incident, message: &str) -> Result<bool> {
    const SQL: &str = "INSERT INTO incidents (id, kind, severity, integration_id, partner_id, provider, webhook_id, outage_id, subject,
        cause, opened_by, started_at, opened_at, closed_at, last_failure_at, first_error, last_error, affected_calls,
        affected_integrations, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL, $14, $15, $16, $17, $18, $13)
        ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO NOTHING";
    let opened = within!(&mut *tx, |connection| sqlx::query(SQL)
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
        .bind(incident.last_failure_at)
        .bind(&incident.first_error)
        .bind(&incident.last_error)
        .bind(incident.affected_calls)
        .bind(incident.affected_integrations)
        .execute(connection)
        .await?
        .rows_affected())
        == 1;
    if opened {
        note(tx, incident.id, IncidentEntryKind::Opened, message, None, incident.opened_at).await?;
    }
    Ok(opened)
}

/// Adds a line to a timeline.
pub(crate) async fn note(
    tx: &mut Tx,
    id: IncidentId,
    kind: IncidentEntryKind,
    message: &str,
    author: Option<&str>,
    at: Timestamp,
) -> Result<()> {
    const SQL: &str = "INSERT INTO incident_entries (id, incident_id, kind, message, author, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    within!(&mut *tx, |connection| {
        sqlx::query(SQL)
            .bind(IncidentEntryId::generate(at))
            .bind(id)
            .bind(kind.as_str())
            .bind(message)
            .bind(author)
            .bind(at)
            .execute(connection)
            .await?;
    });
    Ok(())
}

/// Closes whatever is open of an integration that was switched off or deleted.
pub(crate) async fn close_all(tx: &mut Tx, id: IntegrationId, message: &str, at: Timestamp) -> Result<()> {
    const SQL: &str = "UPDATE incidents SET closed_at = $2, updated_at = $2 WHERE integration_id = $1 AND closed_at IS NULL RETURNING id";
    let closed: Vec<IncidentId> =
        within!(&mut *tx, |connection| sqlx::query_scalar(SQL).bind(id).bind(at).fetch_all(connection).await?);
    for id in closed {
        note(tx, id, IncidentEntryKind::Closed, message, None, at).await?;
    }
    Ok(())
}
