//! Incidents of one integration: opened, followed and closed as its last outcomes say (`core::incident::judgement`).

use serde_json::{Map, Value, json};
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::event::EventType;
use simpul_core::id::{EventId, IncidentId};
use simpul_core::incident::judgement::{Trouble, severity};
use simpul_core::incident::summary::{Facts, summary};
use simpul_core::incident::{IncidentCause, IncidentKind, IncidentSeverity, IncidentTrigger};
use simpul_core::integration::IntegrationType;
use simpul_core::language::Language;
use simpul_core::recommendation::{Expiry, ExpiryKind, expiries};
use simpul_core::time::{DAY, Timestamp};
use simpul_store::{EventSource, Incident, IncidentChange, NewEvent, Telling};

use crate::watch::Look;
use crate::{Engine, payload};

impl Engine {
    /// Opens, follows or closes the incident of a connection. Answers whether the integration's webhooks were told.
    pub(crate) async fn judge_connection(&self, look: &mut Look<'_>) -> simpul_store::Result<bool> {
        let at = look.open.iter().position(|incident| incident.kind == IncidentKind::Connection);
        let Some(at) = at else {
            return match look.evidence.trouble().filter(|_| !look.is_excused) {
                Some(trouble) => self.open_connection(look, &trouble).await,
                None => Ok(false),
            };
        };
        if !look.evidence.is_over(look.open[at].opened_by) {
            let changed = self.follow(look, &look.open[at]).await?;
            look.open[at] = changed;
            return Ok(false);
        }
        let incident = look.open.remove(at);
        let ended = Incident { closed_at: Some(look.now), ..incident };
        let message = summary(&facts(&ended, look.now), Language::English);
        let mut log = look.log(Status::Success, format!("Incident over: {message}"), &ended);
        log.error_type = None;
        let event = look.event(Some(&ended), Some("closed"), &message);
        let telling = Telling { log: Some(log), event: Some(event) };
        let closed = self.store.close_incident(ended.id, "Two successes in a row.", look.now, telling).await?;
        if closed {
            tracing::info!(incident.id = %ended.id, integration.id = %look.integration.id, "{message}");
            self.wake();
        }
        Ok(closed)
    }

    async fn open_connection(&self, look: &mut Look<'_>, trouble: &Trouble) -> simpul_store::Result<bool> {
        let integration = look.integration;
        let is_the_providers =
            matches!(trouble.cause, IncidentCause::Error(error_type) if error_type.can_be_the_providers());
        let incident = Incident {
            id: IncidentId::generate(look.now),
            kind: IncidentKind::Connection,
            severity: trouble.severity,
            integration_id: Some(integration.id),
            partner_id: Some(integration.partner_id),
            provider: integration.provider.clone(),
            webhook_id: None,
            outage_id: look.outage_id.filter(|_| is_the_providers),
            subject: integration.id.to_string(),
            cause: trouble.cause,
            opened_by: trouble.trigger,
            started_at: trouble.started_at,
            opened_at: look.now,
            closed_at: None,
            last_failure_at: trouble.last_failure_at,
            first_error: trouble.first_error.clone(),
            last_error: trouble.last_error.clone(),
            affected_calls: self.store.failed_calls_since(integration.id, trouble.started_at).await?,
            affected_integrations: 1,
            acknowledged_at: None,
            acknowledged_by: None,
            updated_at: look.now,
        };
        let message = summary(&facts(&incident, look.now), Language::English);
        let log = look.log(Status::Failed, format!("Incident: {message}"), &incident);
        let event = look.event(Some(&incident), Some("opened"), &message);
        let telling = Telling { log: Some(log), event: Some(event) };
        let opened = self.store.open_incident(&incident, &trouble.last_error, telling).await?;
        if opened {
            tracing::warn!(incident.id = %incident.id, integration.id = %integration.id, "{message}");
            self.wake();
            look.open.push(incident);
        }
        Ok(opened)
    }

    /// Writes what has become of an open incident, where anything has. Answers the incident as it is now.
    async fn follow(&self, look: &Look<'_>, incident: &Incident) -> simpul_store::Result<Incident> {
        let mut now = incident.clone();
        if let Some(failure) = look.evidence.last_failure().filter(|failure| failure.at > incident.last_failure_at) {
            now.last_failure_at = failure.at;
            now.last_error.clone_from(&failure.message);
            now.affected_calls =
                self.store.failed_calls_since(look.integration.id, incident.started_at).await?.max(now.affected_calls);
        }
        let mut told = None;
        let newer = look.evidence.present_cause().map(IncidentCause::Error).filter(|cause| {
            *cause != incident.cause
                && now.last_failure_at > incident.last_failure_at
                && incident.opened_by != IncidentTrigger::Band
        });
        if let Some(cause) = newer {
            let outcomes = &look.evidence.outcomes;
            let nothing = !outcomes.iter().any(|outcome| outcome.succeeded && outcome.at >= incident.started_at);
            (now.cause, now.severity) = (cause, severity(cause, nothing));
            told = Some(now.last_error.clone());
        }
        if now != *incident {
            let change = IncidentChange {
                id: now.id,
                cause: now.cause,
                severity: now.severity,
                last_failure_at: now.last_failure_at,
                last_error: now.last_error.clone(),
                affected_calls: now.affected_calls,
                affected_integrations: now.affected_integrations,
                told,
            };
            self.store.change_incident(&change, look.now).await?;
        }
        Ok(now)
    }

    /// Opens, makes worse or closes the incidents of what is about to end, as the last test that passed told it.
    pub(crate) async fn judge_expiry(&self, look: &mut Look<'_>) -> simpul_store::Result<()> {
        let is_told = look.integration.integration_type != IntegrationType::PaymentGateway;
        let open = look.open.iter().any(|incident| incident.kind == IncidentKind::Expiry);
        if !(is_told || open) {
            return Ok(());
        }
        let details = self.store.last_test_details(look.integration.id).await?;
        let details: Map<String, Value> = details.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let ends = expiries(&details);
        for kind in ExpiryKind::ALL {
            // A low quota is a recommendation, since nobody knows how fast it goes; one that is used up stops messages.
            let is_due = |end: &Expiry| match kind {
                ExpiryKind::Quota => end.is_past(look.now),
                _ => end.is_near(look.now),
            };
            let near = ends.iter().find(|end| end.kind == *kind && is_due(end) && !look.is_excused);
            let subject = format!("{}:{}", look.integration.id, kind.as_str());
            let at = look.open.iter().position(|incident| incident.subject == subject);
            match (near, at) {
                (None, None) => {}
                (None, Some(at)) => {
                    let incident = look.open.remove(at);
                    let message = "The end is no longer near.";
                    self.store.close_incident(incident.id, message, look.now, Telling::default()).await?;
                }
                (Some(end), at) => self.note_expiry(look, subject, end, at).await?,
            }
        }
        Ok(())
    }

    async fn note_expiry(
        &self,
        look: &mut Look<'_>,
        subject: String,
        end: &Expiry,
        at: Option<usize>,
    ) -> simpul_store::Result<()> {
        let cause = if end.is_past(look.now) { IncidentCause::Expired } else { IncidentCause::ExpiresSoon };
        let detail = detail_of(end);
        let is_urgent = cause == IncidentCause::Expired || end.at.is_some_and(|at| at.since(look.now) <= DAY);
        let severity = if is_urgent { IncidentSeverity::Critical } else { IncidentSeverity::Warning };
        if let Some(at) = at {
            let incident = &mut look.open[at];
            if incident.cause == cause && incident.severity == severity && incident.last_error == detail {
                return Ok(());
            }
            let told = (incident.cause != cause || incident.severity != severity).then(|| detail.clone());
            (incident.cause, incident.severity, incident.last_error) = (cause, severity, detail.clone());
            let change = IncidentChange {
                id: incident.id,
                cause,
                severity,
                last_failure_at: look.now,
                last_error: detail,
                affected_calls: 0,
                affected_integrations: 1,
                told,
            };
            return self.store.change_incident(&change, look.now).await.map(|_| ());
        }
        let integration = look.integration;
        let incident = Incident {
            id: IncidentId::generate(look.now),
            kind: IncidentKind::Expiry,
            severity,
            integration_id: Some(integration.id),
            partner_id: Some(integration.partner_id),
            provider: integration.provider.clone(),
            webhook_id: None,
            outage_id: None,
            subject,
            cause,
            opened_by: IncidentTrigger::Expiry,
            started_at: look.now,
            opened_at: look.now,
            closed_at: None,
            last_failure_at: look.now,
            first_error: detail.clone(),
            last_error: detail.clone(),
            affected_calls: 0,
            affected_integrations: 1,
            acknowledged_at: None,
            acknowledged_by: None,
            updated_at: look.now,
        };
        let message = summary(&facts(&incident, look.now), Language::English);
        let log = look.log(Status::Failed, format!("Incident: {message}"), &incident);
        let telling = Telling { log: Some(log), event: Some(look.event(Some(&incident), Some("opened"), &message)) };
        if self.store.open_incident(&incident, &detail, telling).await? {
            self.wake();
            look.open.push(incident);
        }
        Ok(())
    }
}

/// The facts of the sentence about an incident.
#[must_use]
pub fn facts(incident: &Incident, now: Timestamp) -> Facts<'_> {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Facts {
        kind: incident.kind,
        cause: incident.cause,
        provider_label: simpul_providers::find(&incident.provider)
            .map_or(incident.provider.as_str(), |provider| provider.manifest().label),
        detail: &incident.last_error,
        started_at: incident.started_at,
        closed_at: incident.closed_at,
        affected_calls: count(incident.affected_calls),
        affected_integrations: count(incident.affected_integrations),
        now,
    }
}

/// What ends, and its last moment or what is left of it, as the summary reads them.
fn detail_of(end: &Expiry) -> String {
    let what = end.kind.as_str();
    match (end.at, end.remaining) {
        (Some(at), _) => format!("{what} {}", Timestamp::from_millis(at.millis() - 1)),
        (None, remaining) => format!("{what} {}", remaining.unwrap_or_default()),
    }
}

impl Look<'_> {
    fn log(&self, status: Status, message: String, incident: &Incident) -> Activity {
        let mut log = Activity::new(self.integration.id, Action::Error, status, message, self.now);
        log.error_type = match incident.cause {
            IncidentCause::Error(error_type) => Some(error_type),
            _ => None,
        };
        log.error_details = Some(json!({"incidentId": incident.id, "cause": incident.cause.as_str()}));
        log
    }

    /// The event that tells the integration's webhooks.
    pub(crate) fn event(&self, incident: Option<&Incident>, became: Option<&str>, message: &str) -> NewEvent {
        let (integration, at) = (self.integration, self.now);
        let id = EventId::generate(at);
        let data = json!({
            "healthStatus": self.status,
            "previousStatus": self.previous_status,
            "healthScore": self.score,
            "incidentId": incident.map(|incident| incident.id),
            "incident": became,
            "cause": incident.map(|incident| incident.cause.as_str()),
            "message": message,
        });
        NewEvent {
            id,
            integration_id: integration.id,
            partner_id: integration.partner_id,
            event_type: EventType::IntegrationHealthChanged,
            source: EventSource::Hub,
            deduplication_key: None,
            replay_guard: None,
            key_lifetime: None,
            subject: None,
            order_key: None,
            rank: 0,
            occurred_at: at,
            payload: payload(id, integration, EventType::IntegrationHealthChanged, at, &data, &json!({})),
        }
    }
}
