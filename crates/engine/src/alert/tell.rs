//! Telling: what of a rule's alerts goes into a message now, and what has to wait. The alerts' new states and the messages to
//! all channels are written together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use simpul_core::alert::message::Facts;
use simpul_core::alert::{
    Alert, AlertDelivery, AlertDeliveryState, AlertMessage, AlertRule, AlertState, HOLD_MINUTES, MESSAGES_AN_HOUR,
    MessageKind,
};
use simpul_core::id::{AlertDeliveryId, AlertId, IncidentId};
use simpul_core::time::{Clock, Timestamp};
use simpul_store::{AlertChange, AlertIncident, AlertWrite, Incident, Store};

use super::judge::gathering;

/// Alerts that one message tells of.
const MOST: u32 = 2_000;
const HOUR: Duration = Duration::from_secs(3_600);
const HOLD: Duration = Duration::from_secs(HOLD_MINUTES * 60);

pub(super) struct Teller {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) public_url: String,
}

/// One message in the making.
struct Telling {
    kind: MessageKind,
    entries: Vec<(AlertId, Incident)>,
    changes: Vec<AlertChange>,
}

impl Teller {
    /// Writes the messages that a rule owes now.
    pub(super) async fn tell(&self, rule: &AlertRule) -> simpul_store::Result<()> {
        let now = self.clock.now();
        let alerts = self.store.tellable_alerts(rule.id, now.plus(gathering(rule)), MOST).await?;
        let ids: Vec<IncidentId> = alerts.iter().map(|alert| alert.incident_id).collect();
        let incidents = self.store.incidents_with_ids(&ids).await?;
        let incidents: HashMap<IncidentId, Incident> =
            incidents.into_iter().map(|incident| (incident.id, incident)).collect();
        let mut write = AlertWrite::default();
        let mut rule = rule.clone();
        for kind in [MessageKind::Firing, MessageKind::Resolved, MessageKind::Repeated] {
            let told = sort(&rule, kind, &alerts, &incidents, now, &mut write);
            if !told.entries.is_empty() {
                self.add(&mut rule, told, &mut write, now).await?;
            }
        }
        if write.changes.is_empty() {
            return Ok(());
        }
        if !self.store.write_alerts(&write).await? {
            tracing::debug!(rule.id = %rule.id, "another node has told these alerts");
        }
        Ok(())
    }

    /// Adds a message, with what it does to the rule's silence.
    async fn add(
        &self,
        rule: &mut AlertRule,
        told: Telling,
        write: &mut AlertWrite,
        now: Timestamp,
    ) -> simpul_store::Result<()> {
        let mut message = compose(&self.store, rule, told.kind, told.entries, &self.public_url, now).await?;
        if let Some(until) = rule.held_until.take() {
            let missed = self.store.alerts_withdrawn_since(rule.id, until.minus(HOLD)).await?;
            message = message.missed(missed);
            write.hold = Some((rule.id, None));
        }
        let sent = self.store.count_alert_messages(rule.id, now.minus(HOUR)).await?;
        if sent + 1 >= MESSAGES_AN_HOUR {
            let until = now.plus(HOLD);
            message = message.silent_until(until);
            rule.held_until = Some(until);
            write.hold = Some((rule.id, Some(until)));
        }
        write.deliveries.extend(deliveries(rule, &message, now));
        write.changes.extend(told.changes);
        Ok(())
    }
}

fn deliveries(rule: &AlertRule, message: &AlertMessage, now: Timestamp) -> Vec<AlertDelivery> {
    let message_id = AlertDeliveryId::generate(now);
    let through = |channel_id| AlertDelivery {
        id: AlertDeliveryId::generate(now),
        channel_id,
        rule_id: Some(rule.id),
        message_id,
        message: message.clone(),
        state: AlertDeliveryState::Waiting,
        attempts: 0,
        next_attempt_at: Some(now),
        remaining: None,
        failed_channels: Vec::new(),
        error_type: None,
        last_error: None,
        created_at: now,
        completed_at: None,
    };
    rule.channel_ids.iter().map(|channel_id| through(*channel_id)).collect()
}

/// The alerts that a message of this kind tells of. Nothing is told before one of them is due; then those that gather with it
/// come along. What may not be told now is put off in `write`.
fn sort(
    rule: &AlertRule,
    kind: MessageKind,
    alerts: &[Alert],
    incidents: &HashMap<IncidentId, Incident>,
    now: Timestamp,
    write: &mut AlertWrite,
) -> Telling {
    let state = match kind {
        MessageKind::Firing => AlertState::Pending,
        MessageKind::Resolved => AlertState::Closing,
        MessageKind::Repeated | MessageKind::Test => AlertState::Firing,
    };
    let horizon = now.plus(gathering(rule));
    let of_kind: Vec<&Alert> =
        alerts.iter().filter(|alert| alert.state == state && alert.due_at.is_some_and(|due| due <= horizon)).collect();
    let mut told = Telling { kind, entries: Vec::new(), changes: Vec::new() };
    if !of_kind.iter().any(|alert| alert.due_at.is_some_and(|due| due <= now)) {
        return told;
    }
    for alert in of_kind {
        let to = |state, due_at| Alert { state, due_at, updated_at: now, ..alert.clone() };
        let mut change = |after| write.changes.push(AlertChange { before: alert.clone(), after });
        let Some(incident) = incidents.get(&alert.incident_id) else {
            change(to(if alert.told_at.is_some() { AlertState::Resolved } else { AlertState::Withdrawn }, None));
            continue;
        };
        if kind == MessageKind::Firing && incident.closed_at.is_some() {
            change(to(AlertState::Withdrawn, None));
            continue;
        }
        let is_quiet_about = incident.acknowledged_at.is_some() || incident.closed_at.is_some();
        if kind == MessageKind::Repeated && (is_quiet_about || rule.repeat_minutes.is_none()) {
            if incident.closed_at.is_none() {
                change(to(AlertState::Firing, None));
            }
            continue;
        }
        let may = rule.tell_at(incident.severity, now);
        if may > now {
            change(to(state, Some(may)));
            continue;
        }
        let after = Alert {
            state: if kind == MessageKind::Resolved { AlertState::Resolved } else { AlertState::Firing },
            due_at: repeat_at(rule, incident, kind, now),
            told_at: alert.told_at.or(Some(now)),
            told_count: alert.told_count + 1,
            updated_at: now,
            ..alert.clone()
        };
        told.changes.push(AlertChange { before: alert.clone(), after });
        told.entries.push((alert.id, incident.clone()));
    }
    told
}

fn repeat_at(rule: &AlertRule, incident: &Incident, kind: MessageKind, now: Timestamp) -> Option<Timestamp> {
    if kind == MessageKind::Resolved || incident.acknowledged_at.is_some() {
        return None;
    }
    let minutes = rule.repeat_minutes?;
    Some(rule.tell_at(incident.severity, now.plus(Duration::from_secs(u64::from(minutes) * 60))))
}

/// The message about these incidents, the worst and oldest first.
pub(super) async fn compose(
    store: &Store,
    rule: &AlertRule,
    kind: MessageKind,
    mut entries: Vec<(AlertId, Incident)>,
    public_url: &str,
    now: Timestamp,
) -> simpul_store::Result<AlertMessage> {
    entries.sort_by_key(|(_, incident)| (incident.severity, incident.started_at, incident.id));
    let ids: Vec<AlertId> = entries.iter().map(|(id, _)| *id).collect();
    let incidents = entries.into_iter().map(|(_, incident)| incident).collect();
    let described = store.describe_incidents(incidents, rule.partners().as_deref()).await?;
    let facts: Vec<Facts> = ids.into_iter().zip(described).map(|(id, described)| facts(id, described)).collect();
    Ok(AlertMessage::about(kind, rule.language, &facts, public_url, now))
}

fn facts(alert_id: AlertId, described: AlertIncident) -> Facts {
    let AlertIncident { incident, partner_name, integration_name, affected, of } = described;
    let label = simpul_providers::find(&incident.provider)
        .map_or_else(|| incident.provider.clone(), |provider| provider.manifest().label.to_owned());
    Facts {
        alert_id,
        incident_id: incident.id,
        kind: incident.kind,
        severity: incident.severity,
        cause: incident.cause,
        provider_label: label,
        provider: incident.provider,
        partner_id: incident.partner_id,
        partner_name,
        integration_id: incident.integration_id,
        integration_name,
        started_at: incident.started_at,
        closed_at: incident.closed_at,
        affected_calls: incident.affected_calls,
        affected,
        of,
        last_error: incident.last_error,
    }
}
