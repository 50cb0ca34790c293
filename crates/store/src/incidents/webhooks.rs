//! Incidents of receivers: opened in the transaction that announces a webhook's trouble, closed once it has recovered.

use simpul_core::id::{IncidentId, IntegrationId, PartnerId, WebhookId};
use simpul_core::incident::{IncidentCause, IncidentEntryKind, IncidentKind, IncidentSeverity, IncidentTrigger};
use simpul_core::time::Timestamp;

use super::{Incident, write};
use crate::Store;
use crate::db::{Tx, read, within};
use crate::error::Result;

/// What befell a webhook.
pub(crate) struct WebhookTrouble<'a> {
    pub(crate) webhook_id: WebhookId,
    pub(crate) integration_id: IntegrationId,
    pub(crate) partner_id: PartnerId,
    pub(crate) provider: &'a str,
    pub(crate) is_disabled: bool,
    pub(crate) reason: &'a str,
    /// Its first failure since its last success.
    pub(crate) since: Option<Timestamp>,
    pub(crate) at: Timestamp,
}

/// Opens a webhook's incident, or makes one that is open worse.
pub(crate) async fn note_trouble(tx: &mut Tx, trouble: &WebhookTrouble<'_>) -> Result<()> {
    const WORSE: &str = "UPDATE incidents SET severity = 'critical', cause = 'webhook_disabled', last_error = $2, last_failure_at = $3,
        updated_at = $3 WHERE kind = 'webhook' AND subject = $1 AND closed_at IS NULL AND cause <> 'webhook_disabled' RETURNING id";
    let (severity, cause) = if trouble.is_disabled {
        (IncidentSeverity::Critical, IncidentCause::WebhookDisabled)
    } else {
        (IncidentSeverity::Warning, IncidentCause::WebhookFailing)
    };
    let subject = trouble.webhook_id.to_string();
    let incident = Incident {
        id: IncidentId::generate(trouble.at),
        kind: IncidentKind::Webhook,
        severity,
        integration_id: Some(trouble.integration_id),
        partner_id: Some(trouble.partner_id),
        provider: trouble.provider.to_owned(),
        webhook_id: Some(trouble.webhook_id),
        outage_id: None,
        subject: subject.clone(),
        cause,
        opened_by: IncidentTrigger::Webhook,
        started_at: trouble.since.unwrap_or(trouble.at),
        opened_at: trouble.at,
        closed_at: None,
        last_failure_at: trouble.at,
        first_error: trouble.reason.to_owned(),
        last_error: trouble.reason.to_owned(),
        affected_calls: 0,
        affected_integrations: 1,
        acknowledged_at: None,
        acknowledged_by: None,
        updated_at: trouble.at,
    };
    if write::open(tx, &incident, trouble.reason).await? || !trouble.is_disabled {
        return Ok(());
    }
    let worse: Option<IncidentId> = within!(&mut *tx, |connection| sqlx::query_scalar(WORSE)
        .bind(&subject)
        .bind(trouble.reason)
        .bind(trouble.at)
        .fetch_optional(connection)
        .await?);
    match worse {
        Some(id) => write::note(tx, id, IncidentEntryKind::CauseChanged, trouble.reason, None, trouble.at).await,
        None => Ok(()),
    }
}

/// The first failure of a webhook since its last success.
pub(crate) async fn failing_since(tx: &mut Tx, id: WebhookId) -> Result<Option<Timestamp>> {
    const SQL: &str = "SELECT failing_since FROM integration_webhooks WHERE id = $1";
    let since: Option<Option<Timestamp>> =
        within!(&mut *tx, |connection| sqlx::query_scalar(SQL).bind(id).fetch_optional(connection).await?);
    Ok(since.flatten())
}

impl Store {
    /// Closes the incidents of webhooks that have recovered, were switched or are gone. Answers whose they were.
    pub async fn close_recovered_webhooks(&self, now: Timestamp) -> Result<Vec<IntegrationId>> {
        const OVER: &str = "SELECT incidents.id, incidents.integration_id, CASE WHEN webhooks.id IS NULL THEN 'gone'
            WHEN webhooks.is_active THEN 'recovered' ELSE 'off' END FROM incidents
            LEFT JOIN integration_webhooks webhooks ON webhooks.id = incidents.webhook_id
            WHERE incidents.kind = 'webhook' AND incidents.closed_at IS NULL
            AND (webhooks.id IS NULL OR (webhooks.disabled_at IS NULL AND webhooks.warned_at IS NULL)
            OR (NOT webhooks.is_active AND webhooks.disabled_at IS NULL)) LIMIT 500";
        let over: Vec<(IncidentId, Option<IntegrationId>, String)> =
            read!(self, |pool| sqlx::query_as(OVER).fetch_all(pool).await?);
        let mut whose = Vec::new();
        for (id, integration_id, why) in over {
            let message = match why.as_str() {
                "gone" => "The webhook was deleted.",
                "off" => "The webhook was switched off.",
                _ => "The webhook takes deliveries again.",
            };
            if self.close_incident(id, message, now, write::Telling::default()).await? {
                whose.extend(integration_id);
            }
        }
        Ok(whose)
    }
}
