//! Outages of whole providers: when most integrations of one fail together, it is the provider, not many bad keys.

use std::collections::BTreeMap;
use std::time::Duration;

use simpul_core::error_type::ErrorType;
use simpul_core::id::{IncidentId, IntegrationId};
use simpul_core::incident::{IncidentCause, IncidentKind, IncidentSeverity, IncidentTrigger};
use simpul_core::time::Timestamp;
use simpul_store::{ConnectionMinute, Incident, IncidentChange, Telling};

use crate::Engine;

/// The time that counts as "together".
const TOGETHER: Duration = Duration::from_secs(15 * 60);
/// Integrations that must fail, and failures in a row of each.
const INTEGRATIONS: u32 = 3;
const FAILURES: i64 = 2;
/// Keys that are rejected are the provider's fault only where almost all are.
const REJECTED: usize = 5;
const REJECTED_PERCENT: usize = 80;
/// Members that are looked at.
const MEMBERS: u32 = 10_000;

/// How the integrations of a provider fare.
#[derive(Debug, Default, PartialEq, Eq)]
struct Standing {
    /// Integrations with any outcome.
    active: usize,
    /// Those that fail in a row in a way that can be the provider's, with the last error type.
    failing: BTreeMap<IntegrationId, ErrorType>,
    /// Those whose credentials are rejected.
    rejected: BTreeMap<IntegrationId, ErrorType>,
    /// The first minute of the failures that still go on.
    since: Option<Timestamp>,
}

impl Standing {
    /// `minutes` by integration and time.
    fn of(minutes: &[ConnectionMinute], open: &BTreeMap<IntegrationId, ErrorType>) -> Self {
        let mut standing = Self::default();
        for own in minutes.chunk_by(|one, next| one.integration_id == next.integration_id) {
            standing.active += 1;
            let last_success =
                own.iter().filter(|minute| minute.status == "success").map(|minute| minute.bucket_start).max();
            let mut failures = own
                .iter()
                .filter(|minute| minute.status == "failed" && last_success.is_none_or(|at| minute.bucket_start > at));
            let (first, count) = (failures.clone().next(), failures.clone().map(|minute| minute.requests).sum::<i64>());
            let last = failures.next_back().and_then(|minute| ErrorType::parse(&minute.error_type));
            let id = own[0].integration_id;
            let found = open.get(&id).copied().or_else(|| last.filter(|_| count >= FAILURES));
            match found {
                Some(error_type) if error_type.can_be_the_providers() => {
                    standing.failing.insert(id, error_type);
                    let minute = first.map(|minute| minute.bucket_start);
                    standing.since = [standing.since, minute].into_iter().flatten().min();
                }
                Some(ErrorType::AuthenticationFailed) => {
                    standing.rejected.insert(id, ErrorType::AuthenticationFailed);
                }
                _ => {}
            }
        }
        standing
    }

    /// The cause, where most of the integrations fail together.
    fn cause(&self) -> Option<ErrorType> {
        let is_most = self.failing.len() >= INTEGRATIONS as usize && 2 * self.failing.len() > self.active;
        if is_most {
            let mut counts: BTreeMap<ErrorType, usize> = BTreeMap::new();
            for error_type in self.failing.values() {
                *counts.entry(*error_type).or_default() += 1;
            }
            return counts.into_iter().max_by_key(|(_, count)| *count).map(|(error_type, _)| error_type);
        }
        let is_rejected =
            self.rejected.len() >= REJECTED && 100 * self.rejected.len() >= REJECTED_PERCENT * self.active;
        is_rejected.then_some(ErrorType::AuthenticationFailed)
    }
}

impl Engine {
    /// Opens, follows and closes outages.
    pub(crate) async fn judge_outages(&self, now: Timestamp) -> simpul_store::Result<()> {
        let since = now.minus(TOGETHER);
        let mut open: BTreeMap<String, Incident> = self
            .store
            .open_incidents(IncidentKind::ProviderOutage, None, MEMBERS)
            .await?
            .into_iter()
            .map(|outage| (outage.provider.clone(), outage))
            .collect();
        let mut providers = self.store.failing_providers(since, INTEGRATIONS).await?;
        providers.extend(open.keys().filter(|slug| !providers.contains(slug)).cloned().collect::<Vec<_>>());
        for provider in providers {
            let incidents = self.store.open_incidents(IncidentKind::Connection, Some(&provider), MEMBERS).await?;
            let causes: BTreeMap<IntegrationId, ErrorType> = incidents
                .iter()
                .filter_map(|incident| match incident.cause {
                    IncidentCause::Error(error_type) => Some((incident.integration_id?, error_type)),
                    _ => None,
                })
                .collect();
            let minutes = self.store.provider_minutes(&provider, since).await?;
            let standing = Standing::of(&minutes, &causes);
            match (standing.cause(), open.remove(&provider)) {
                (None, None) => {}
                (Some(cause), None) => self.open_outage(&provider, cause, &standing, &incidents, now).await?,
                (Some(cause), Some(outage)) => {
                    self.join(&outage, cause, &incidents, now).await?;
                    self.follow_outage(outage, &incidents, now).await?;
                }
                (None, Some(outage)) => self.end_outage(outage, &standing, &incidents, now).await?,
            }
        }
        Ok(())
    }

    async fn open_outage(
        &self,
        provider: &str,
        cause: ErrorType,
        standing: &Standing,
        incidents: &[Incident],
        now: Timestamp,
    ) -> simpul_store::Result<()> {
        let first = incidents.iter().min_by_key(|incident| incident.started_at);
        let error = first.map_or_else(|| cause.label().to_owned(), |incident| incident.last_error.clone());
        let started_at = [first.map(|incident| incident.started_at), standing.since].into_iter().flatten().min();
        let affected = if cause == ErrorType::AuthenticationFailed { &standing.rejected } else { &standing.failing };
        let outage = Incident {
            id: IncidentId::generate(now),
            kind: IncidentKind::ProviderOutage,
            severity: IncidentSeverity::Critical,
            integration_id: None,
            partner_id: None,
            provider: provider.to_owned(),
            webhook_id: None,
            outage_id: None,
            subject: provider.to_owned(),
            cause: IncidentCause::Error(cause),
            opened_by: IncidentTrigger::Providers,
            started_at: started_at.unwrap_or(now),
            opened_at: now,
            closed_at: None,
            last_failure_at: now,
            first_error: error.clone(),
            last_error: error,
            affected_calls: 0,
            affected_integrations: i64::try_from(affected.len()).unwrap_or(i64::MAX),
            acknowledged_at: None,
            acknowledged_by: None,
            updated_at: now,
        };
        let message = format!("{} of {} integrations fail together.", affected.len(), standing.active);
        if self.store.open_incident(&outage, &message, Telling::default()).await? {
            tracing::warn!(incident.id = %outage.id, provider, integrations = affected.len(), "a provider's outage");
            self.join(&outage, cause, incidents, now).await?;
            self.follow_outage(outage, incidents, now).await?;
        }
        Ok(())
    }

    /// Takes in the open incidents that have its causes.
    async fn join(
        &self,
        outage: &Incident,
        cause: ErrorType,
        incidents: &[Incident],
        now: Timestamp,
    ) -> simpul_store::Result<()> {
        let fits = |incident: &&Incident| match incident.cause {
            IncidentCause::Error(own) => own == cause || own.can_be_the_providers(),
            _ => false,
        };
        let members: Vec<IncidentId> = incidents
            .iter()
            .filter(|incident| incident.outage_id.is_none())
            .filter(fits)
            .map(|incident| incident.id)
            .collect();
        if !members.is_empty() {
            self.store.join_outage(outage.id, &members, now).await?;
        }
        Ok(())
    }

    async fn follow_outage(
        &self,
        outage: Incident,
        incidents: &[Incident],
        now: Timestamp,
    ) -> simpul_store::Result<()> {
        let (members, calls) = self.store.outage_share(simpul_core::access::Scope::All, outage.id).await?;
        let last = incidents.iter().max_by_key(|incident| incident.last_failure_at);
        let change = IncidentChange {
            id: outage.id,
            cause: outage.cause,
            severity: outage.severity,
            last_failure_at: last.map_or(outage.last_failure_at, |incident| incident.last_failure_at),
            last_error: last.map_or_else(|| outage.last_error.clone(), |incident| incident.last_error.clone()),
            affected_calls: calls,
            affected_integrations: members.max(outage.affected_integrations),
            told: None,
        };
        let is_same = change.affected_calls == outage.affected_calls
            && change.affected_integrations == outage.affected_integrations
            && change.last_error == outage.last_error;
        if !is_same {
            self.store.change_incident(&change, now).await?;
        }
        Ok(())
    }

    /// Closes an outage once most of its members have recovered and nothing says that it goes on.
    async fn end_outage(
        &self,
        outage: Incident,
        standing: &Standing,
        incidents: &[Incident],
        now: Timestamp,
    ) -> simpul_store::Result<()> {
        let (members, _) = self.store.outage_share(simpul_core::access::Scope::All, outage.id).await?;
        let still = incidents.iter().filter(|incident| incident.outage_id == Some(outage.id)).count();
        let is_over =
            2 * i64::try_from(still).unwrap_or(i64::MAX) <= members && 2 * standing.failing.len() <= standing.active;
        if !is_over {
            return self.follow_outage(outage, incidents, now).await;
        }
        let message = "Most of its integrations work again.";
        if self.store.close_incident(outage.id, message, now, Telling::default()).await? {
            tracing::info!(incident.id = %outage.id, provider = outage.provider, "a provider's outage is over");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use simpul_core::id::PartnerId;
    use simpul_core::time::MINUTE;

    use super::*;

    fn minute(id: IntegrationId, minute: i64, error_type: &str, requests: i64) -> ConnectionMinute {
        ConnectionMinute {
            integration_id: id,
            partner_id: PartnerId::lowest_at(Timestamp::default()),
            bucket_start: Timestamp::from_millis(minute * MINUTE),
            status: if error_type.is_empty() { "success" } else { "failed" }.to_owned(),
            error_type: error_type.to_owned(),
            requests,
        }
    }

    fn ids(count: i64) -> Vec<IntegrationId> {
        (0..count).map(|index| IntegrationId::generate(Timestamp::from_millis(index))).collect()
    }

    fn cause(minutes: &[ConnectionMinute]) -> Option<ErrorType> {
        Standing::of(minutes, &BTreeMap::new()).cause()
    }

    #[test]
    fn most_integrations_failing_together_are_an_outage() {
        let ids = ids(5);
        let failing = |count: usize| -> Vec<ConnectionMinute> {
            ids.iter()
                .enumerate()
                .flat_map(|(index, id)| match index < count {
                    true => vec![minute(*id, 1, "", 1), minute(*id, 2, "timeout", 1), minute(*id, 7, "timeout", 1)],
                    false => vec![minute(*id, 1, "timeout", 3), minute(*id, 2, "", 1)],
                })
                .collect()
        };
        assert_eq!(cause(&failing(2)), None, "two of five, however they fail");
        assert_eq!(cause(&failing(3)), Some(ErrorType::Timeout));
        assert_eq!(Standing::of(&failing(3), &BTreeMap::new()).since, Some(Timestamp::from_millis(2 * MINUTE)));
        let once: Vec<ConnectionMinute> = ids.iter().map(|id| minute(*id, 3, "timeout", 1)).collect();
        assert_eq!(cause(&once), None, "one failure each");
    }

    #[test]
    fn rejected_keys_are_an_outage_only_where_almost_all_are_rejected_at_once() {
        let rejected = |count: i64, fine: i64| -> Vec<ConnectionMinute> {
            let ids = ids(count + fine);
            let (bad, good) = ids.split_at(usize::try_from(count).unwrap_or(0));
            let mut minutes: Vec<_> = bad.iter().map(|id| minute(*id, 1, "authentication_failed", 2)).collect();
            minutes.extend(good.iter().map(|id| minute(*id, 1, "", 2)));
            minutes
        };
        assert_eq!(cause(&rejected(4, 0)), None, "four bad keys");
        assert_eq!(cause(&rejected(8, 2)), Some(ErrorType::AuthenticationFailed));
        assert_eq!(cause(&rejected(7, 3)), None);
    }
}
