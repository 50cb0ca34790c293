//! One look at a batch of integrations: their health, their incidents, the facts beside the score, and the snapshot.

use std::collections::HashMap;
use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::error_type::ErrorType;
use simpul_core::health::HealthStatus;
use simpul_core::id::{IncidentId, IntegrationId};
use simpul_core::incident::judgement::{Evidence, Outcome, Span};
use simpul_core::incident::{IncidentCause, IncidentKind};
use simpul_core::integration::Integration;
use simpul_core::time::{DAY, HOUR, MINUTE, Timestamp};
use simpul_store::{HealthSnapshot, Incident, MaintenanceWindow};

use crate::Engine;
use crate::health::HealthReport;

/// What is read once for the whole batch.
struct Batch {
    now: Timestamp,
    before: HashMap<IntegrationId, HealthSnapshot>,
    open: HashMap<IntegrationId, Vec<Incident>>,
    spans: HashMap<IntegrationId, (Span, Span)>,
    windows: Vec<MaintenanceWindow>,
    outages: HashMap<String, IncidentId>,
}

/// What is known of one integration.
pub(crate) struct Look<'a> {
    pub(crate) integration: &'a Integration,
    pub(crate) evidence: Evidence,
    pub(crate) open: Vec<Incident>,
    /// The open outage of its provider.
    pub(crate) outage_id: Option<IncidentId>,
    pub(crate) status: HealthStatus,
    pub(crate) previous_status: HealthStatus,
    pub(crate) score: Option<f64>,
    /// Switched off, paused or in maintenance: nothing opens.
    pub(crate) is_excused: bool,
    pub(crate) now: Timestamp,
}

impl Engine {
    /// Computes the snapshots of these integrations anew and judges their incidents.
    pub(super) async fn look_at(&self, ids: &[IntegrationId]) -> simpul_store::Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let integrations = self.store.integrations_with_ids(ids).await?;
        let ids: Vec<IntegrationId> = integrations.iter().map(|integration| integration.id).collect();
        let now = self.clock.now();
        let batch = Batch {
            now,
            before: self.store.snapshots_of(&ids).await?,
            open: self.store.open_incidents_of(&ids).await?,
            spans: self.store.hour_and_day(&ids, now).await?,
            windows: self.store.open_windows(now).await?,
            outages: self.store.open_outages(Scope::All).await?.into_iter().collect(),
        };
        let mut snapshots = Vec::with_capacity(integrations.len());
        let reports = self.health_of_many(&integrations).await?;
        for (integration, report) in integrations.iter().zip(&reports) {
            snapshots.push(self.look(integration, &batch, report).await?);
        }
        self.store.write_snapshots(&snapshots).await
    }

    async fn look(
        &self,
        integration: &Integration,
        batch: &Batch,
        report: &HealthReport,
    ) -> simpul_store::Result<HealthSnapshot> {
        let (id, now) = (integration.id, batch.now);
        let interval = i64::from(integration.settings.test_interval_minutes) * MINUTE;
        let since = now.minus(Duration::from_millis((DAY + 4 * interval).unsigned_abs()));
        let (hour, before_hour) = batch.spans.get(&id).copied().unwrap_or_default();
        let evidence = Evidence {
            outcomes: self.store.recent_outcomes(id, since).await?,
            hour,
            before: before_hour,
            configured_at: integration.updated_at,
            now,
        };
        let held: Vec<&MaintenanceWindow> = batch
            .windows
            .iter()
            .filter(|window| window.holds_at(now) && window.is_about(id, integration.partner_id, &integration.provider))
            .collect();
        let before = batch.before.get(&id);
        let mut look = Look {
            integration,
            evidence,
            open: batch.open.get(&id).cloned().unwrap_or_default(),
            outage_id: batch.outages.get(&integration.provider).copied(),
            status: report.status,
            previous_status: before.map_or(HealthStatus::Unknown, |before| before.health_status),
            score: report.score,
            is_excused: !integration.is_active || !held.is_empty(),
            now,
        };
        let was_told = self.judge_connection(&mut look).await?;
        self.judge_expiry(&mut look).await?;
        if let Some(before) = before
            && !was_told
        {
            self.tell_band(&look, before, report).await?;
        }
        let mut snapshot = shown(&look, report);
        snapshot.facts = facts(&look, self.is_probing());
        (snapshot.paused, snapshot.paused_until) = paused(&held);
        if let Some(before) = before {
            let is_same = snapshot.shows_the_same(before) && integration.updated_at <= before.evaluated_at;
            let is_tested_anew = integration.last_tested_at.is_some_and(|at| at > before.evaluated_at);
            if is_same && !is_tested_anew {
                snapshot.changed_at = before.changed_at;
            }
        }
        Ok(snapshot)
    }

    /// Tells the integration's webhooks of another band, where both are more than a guess.
    async fn tell_band(
        &self,
        look: &Look<'_>,
        before: &HealthSnapshot,
        report: &HealthReport,
    ) -> simpul_store::Result<()> {
        let is_known = |status: HealthStatus, provisional: bool| status != HealthStatus::Unknown && !provisional;
        let changed = report.status != before.health_status
            && is_known(report.status, report.provisional)
            && is_known(before.health_status, before.provisional)
            && !look.is_excused;
        if changed {
            let message = format!("Health went from {} to {}.", before.health_status.as_str(), report.status.as_str());
            let event = look.event(None, None, &message);
            let bands = (before.health_status, report.status);
            if self.store.tell_band(look.integration.id, bands, event, look.now).await? {
                self.wake();
            }
        }
        Ok(())
    }
}

fn shown(look: &Look<'_>, report: &HealthReport) -> HealthSnapshot {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let open = look.open.iter().min_by_key(|incident| incident.kind != IncidentKind::Connection);
    HealthSnapshot {
        integration_id: look.integration.id,
        partner_id: look.integration.partner_id,
        health_status: report.status,
        health_score: report.score,
        previous_score: report.previous.score,
        provisional: report.provisional,
        total_requests: count(report.metrics.total_requests),
        success_count: count(report.metrics.success_count),
        p95_response_time: report.metrics.p95_response_time,
        uptime: report.metrics.uptime,
        connection_status: report.connection.status(),
        deliveries_status: report.deliveries.status(),
        open_incident_id: open.map(|incident| incident.id),
        facts: Vec::new(),
        paused: false,
        paused_until: None,
        changed_at: look.now,
        evaluated_at: look.now,
    }
}

/// Whether an integration is paused, and until when; a window of maintenance is shown likewise.
fn paused(held: &[&MaintenanceWindow]) -> (bool, Option<Timestamp>) {
    let is_endless = held.iter().any(|window| window.ends_at.is_none());
    let until = held.iter().filter_map(|window| window.ends_at).max();
    (!held.is_empty(), until.filter(|_| !is_endless))
}

/// Hard facts that the score does not show.
fn facts(look: &Look<'_>, is_probing: bool) -> Vec<String> {
    let integration = look.integration;
    let mut facts: Vec<&str> = Vec::new();
    let last_test: Option<&Outcome> = look.evidence.outcomes.iter().find(|outcome| outcome.is_test);
    let failed = last_test.filter(|test| !test.succeeded).and_then(|test| test.error_type);
    let causes: Vec<IncidentCause> = look.open.iter().map(|incident| incident.cause).collect();
    for (error_type, fact) in [
        (ErrorType::AuthenticationFailed, "credentials_rejected"),
        (ErrorType::DeviceDisconnected, "device_disconnected"),
        (ErrorType::EnvironmentMismatch, "environment_mismatch"),
        (ErrorType::AccountSuspended, "account_suspended"),
    ] {
        if failed == Some(error_type) || causes.contains(&IncidentCause::Error(error_type)) {
            facts.push(fact);
        }
    }
    for (cause, fact) in [
        (IncidentCause::Expired, "expired"),
        (IncidentCause::ExpiresSoon, "expires_soon"),
        (IncidentCause::WebhookDisabled, "webhook_disabled"),
        (IncidentCause::WebhookFailing, "webhook_failing"),
    ] {
        if causes.contains(&cause) {
            facts.push(fact);
        }
    }
    let interval = i64::from(integration.settings.test_interval_minutes) * MINUTE;
    let expected = if is_probing { (10 * interval).max(HOUR) } else { 7 * DAY };
    match integration.last_tested_at {
        None => facts.push("never_tested"),
        Some(at) if integration.is_active && look.now.since(at) > expected => facts.push("stale"),
        Some(_) => {}
    }
    facts.into_iter().map(str::to_owned).collect()
}
