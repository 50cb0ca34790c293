//! Following the incidents: which rule takes up which of them, and what becomes of an alert when its incident changes.
//!
//! The cursor is the time of the last change seen, less some seconds, since several nodes write. A new leader, and a change of
//! the rules, begin with everything that is open; so nothing has to be remembered across a restart, and all of it may be seen
//! twice without harm.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use simpul_core::alert::{Alert, AlertRule, AlertState};
use simpul_core::id::{AlertId, AlertRuleId, IncidentId};
use simpul_core::incident::{IncidentKind, IncidentSeverity};
use simpul_core::time::{Clock, Timestamp};
use simpul_store::{AlertChange, AlertWrite, Incident, Store};

use super::tell::Teller;
use super::trouble;

/// Changes that nodes commit later than others that they made earlier.
const OVERLAP: Duration = Duration::from_secs(10);
const PAGE: u32 = 500;
/// How long what an outage leaves behind may take to be over as well.
const AFTER_OUTAGE: Duration = Duration::from_secs(300);

/// The rules as they were seen last.
type Seen = Vec<(AlertRuleId, Timestamp)>;

pub(super) struct Judge {
    store: Store,
    clock: Arc<dyn Clock>,
    teller: Teller,
    /// `None` before everything was looked at once.
    cursor: Option<Timestamp>,
    seen: Seen,
}

impl Judge {
    pub(super) fn new(store: Store, clock: Arc<dyn Clock>, public_url: String) -> Self {
        let teller = Teller { store: store.clone(), clock: Arc::clone(&clock), public_url };
        Self { store, clock, teller, cursor: None, seen: Vec::new() }
    }

    /// Another node leads: what is known here is old when this one leads again.
    pub(super) fn forget(&mut self) {
        self.cursor = None;
    }

    /// Takes up what has changed, and tells what is due.
    pub(super) async fn pass(&mut self) -> simpul_store::Result<()> {
        let rules = self.store.active_alert_rules().await?;
        let seen: Seen = rules.iter().map(|rule| (rule.id, rule.updated_at)).collect();
        if rules.is_empty() {
            (self.seen, self.cursor) = (seen, None);
            return Ok(());
        }
        let started = self.clock.now();
        if self.cursor.is_none() || seen != self.seen {
            self.follow_everything(&rules).await?;
            self.seen = seen;
            self.cursor = Some(started);
        } else if let Some(cursor) = self.cursor {
            self.cursor = Some(self.follow_changes(&rules, cursor).await?);
        }
        for rule_id in self.store.due_alert_rules(self.clock.now()).await? {
            if let Some(rule) = rules.iter().find(|rule| rule.id == rule_id) {
                self.teller.tell(rule).await?;
            }
        }
        Ok(())
    }

    async fn follow_everything(&self, rules: &[AlertRule]) -> simpul_store::Result<()> {
        let mut after = None;
        loop {
            let page = self.store.open_incidents_after(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            self.follow(rules, page).await?;
        }
        let mut after = None;
        loop {
            let ids = self.store.incidents_under_alert(after, PAGE).await?;
            let Some(last) = ids.last() else { return Ok(()) };
            after = Some(*last);
            let incidents = self.store.incidents_with_ids(&ids).await?;
            self.follow(rules, incidents).await?;
        }
    }

    async fn follow_changes(&self, rules: &[AlertRule], cursor: Timestamp) -> simpul_store::Result<Timestamp> {
        let (mut since, mut limit) = (cursor.minus(OVERLAP), PAGE);
        let mut newest = cursor;
        loop {
            let changed = self.store.incidents_changed_since(since, limit).await?;
            let Some(last) = changed.last().map(|incident| incident.updated_at) else { return Ok(newest) };
            let is_all = changed.len() < usize::try_from(limit).unwrap_or(usize::MAX);
            newest = newest.max(last);
            self.follow(rules, changed).await?;
            if is_all {
                return Ok(newest);
            }
            // More than a page changed within one millisecond: a longer page gets past it.
            limit = if last == since { limit.saturating_mul(2) } else { PAGE };
            since = last;
        }
    }

    /// Brings alerts in line with these incidents. What another node has changed meanwhile is looked at again later.
    async fn follow(&self, rules: &[AlertRule], incidents: Vec<Incident>) -> simpul_store::Result<()> {
        let situation = self.situation(incidents).await?;
        let now = self.clock.now();
        let mut write = AlertWrite::default();
        let mut taken = BTreeSet::new();
        for incident in &situation.incidents {
            for rule in rules {
                situation.apply(rule, incident, now, &mut write, &mut taken);
            }
        }
        if write.new.is_empty() && write.changes.is_empty() {
            return Ok(());
        }
        if !self.store.write_alerts(&write).await? {
            tracing::debug!("another node has changed these alerts");
        }
        Ok(())
    }

    /// The incidents with what decides about them: their outages, what those leave behind, and the alerts there are.
    async fn situation(&self, mut incidents: Vec<Incident>) -> simpul_store::Result<Situation> {
        let over: Vec<IncidentId> = incidents
            .iter()
            .filter(|incident| incident.kind == IncidentKind::ProviderOutage && incident.closed_at.is_some())
            .map(|incident| incident.id)
            .collect();
        for member in self.store.open_members(&over).await? {
            if !incidents.iter().any(|incident| incident.id == member.id) {
                incidents.push(member);
            }
        }
        let mut outage_ids: Vec<IncidentId> = incidents.iter().filter_map(|incident| incident.outage_id).collect();
        outage_ids.sort_unstable();
        outage_ids.dedup();
        let outages = self.store.incidents_with_ids(&outage_ids).await?;
        let mut ids: Vec<IncidentId> = incidents.iter().map(|incident| incident.id).chain(outage_ids).collect();
        ids.sort_unstable();
        ids.dedup();
        let alerts = self.store.alerts_of_incidents(&ids).await?;
        let outages = outages.into_iter().filter(|outage| outage.closed_at.is_none());
        Ok(Situation {
            incidents,
            outages: outages.map(|outage| (outage.id, outage)).collect(),
            alerts: alerts.into_iter().map(|alert| ((alert.rule_id, alert.incident_id), alert)).collect(),
        })
    }
}

struct Situation {
    incidents: Vec<Incident>,
    /// Those that are open.
    outages: HashMap<IncidentId, Incident>,
    alerts: HashMap<(AlertRuleId, IncidentId), Alert>,
}

impl Situation {
    fn apply(
        &self,
        rule: &AlertRule,
        incident: &Incident,
        now: Timestamp,
        write: &mut AlertWrite,
        taken: &mut BTreeSet<(AlertRuleId, IncidentId)>,
    ) {
        let outage = incident.outage_id.and_then(|id| self.outages.get(&id));
        let is_wanted = incident.closed_at.is_none() && rule.matches(&trouble(incident));
        let existing = self.alerts.get(&(rule.id, incident.id));
        if let Some(before) = existing
            && let Some(after) = changed(rule, incident, outage.is_some(), before, now)
        {
            write.changes.push(AlertChange { before: before.clone(), after });
        }
        if !is_wanted {
            return;
        }
        // An outage is told in the place of all that are part of it.
        let subject = outage.unwrap_or(incident);
        // What an outage leaves behind is mostly over soon as well.
        let is_left = subject.outage_id.is_some();
        let ready = now.plus(if is_left { AFTER_OUTAGE.max(gathering(rule)) } else { gathering(rule) });
        let key = (rule.id, subject.id);
        if !self.alerts.contains_key(&key) && taken.insert(key) {
            write.new.push(Alert {
                id: AlertId::generate(now),
                rule_id: rule.id,
                incident_id: subject.id,
                state: AlertState::Pending,
                due_at: Some(rule.tell_at(subject.severity, ready)),
                told_at: None,
                told_count: 0,
                created_at: now,
                updated_at: now,
            });
        }
    }
}

pub(super) fn gathering(rule: &AlertRule) -> Duration {
    Duration::from_secs(u64::from(rule.group_seconds))
}

/// The alert as it is to be, where the incident's state calls for another one.
fn changed(rule: &AlertRule, incident: &Incident, is_covered: bool, alert: &Alert, now: Timestamp) -> Option<Alert> {
    let to =
        |state: AlertState, due_at: Option<Timestamp>| Some(Alert { state, due_at, updated_at: now, ..alert.clone() });
    let is_over = incident.closed_at.is_some();
    match alert.state {
        AlertState::Pending if is_over => to(AlertState::Withdrawn, None),
        AlertState::Pending | AlertState::Firing if is_covered => to(AlertState::Joined, None),
        AlertState::Pending => {
            // What has become critical need not wait for the morning.
            let due = rule.tell_at(incident.severity, now.plus(gathering(rule)));
            let is_sooner = incident.severity == IncidentSeverity::Critical
                && alert.due_at.is_some_and(|old| old > now.plus(AFTER_OUTAGE.max(gathering(rule))) && due < old);
            if is_sooner { to(AlertState::Pending, Some(due)) } else { None }
        }
        AlertState::Firing if is_over && rule.notify_resolved => {
            to(AlertState::Closing, Some(rule.tell_at(incident.severity, now.plus(gathering(rule)))))
        }
        AlertState::Firing if is_over => to(AlertState::Resolved, None),
        AlertState::Firing if incident.acknowledged_at.is_some() && alert.due_at.is_some() => {
            to(AlertState::Firing, None)
        }
        AlertState::Joined if is_over => to(AlertState::Resolved, None),
        AlertState::Joined if !is_covered => {
            let ready = now.plus(AFTER_OUTAGE.max(gathering(rule)));
            to(AlertState::Pending, Some(rule.tell_at(incident.severity, ready)))
        }
        _ => None,
    }
}
