//! What the outcomes of deliveries say of a receiver, kept with its webhook: the count of failures, since when it fails, its
//! circuit, and the two ways to be disabled. All of it is in the database, so that every node and every restart agrees.
//!
//! The circuit opens when nothing able to take deliveries has answered for [`DEAD_ATTEMPTS`] attempts in a row over at least
//! [`DEAD_TIME`]. Then one delivery is let through now and then (5 s after, then twice as long each time, up to 5 minutes);
//! the others wait in the table and use up no attempts. The first answer starts the recovery: what waited goes out at a set
//! pace, the oldest first (`queue/claim.rs`), and the circuit closes when nothing of it is left.

use std::collections::BTreeMap;
use std::time::Duration;

use simpul_core::activity::Activity;
use simpul_core::id::{IntegrationId, WebhookId};
use simpul_core::time::Timestamp;
use simpul_core::webhook::Circuit;

use crate::Store;
use crate::announcement::{Announcement, announce};
use crate::db::{Tx, within};
use crate::error::Result;
use crate::room::Room;
use crate::settle::{Outcome, Settled, Settlement, Sign, count};

/// Attempts in a row without an answer before a circuit opens.
const DEAD_ATTEMPTS: u32 = 20;
/// And at least this long without one: a burst that fails within a moment is left to the retries.
const DEAD_TIME: Duration = Duration::from_secs(30);
const FIRST_PROBE: Duration = Duration::from_secs(5);
const LONGEST_PROBE: Duration = Duration::from_secs(300);

/// When a webhook is disabled.
#[derive(Debug, Clone, Copy)]
pub struct DisableRules {
    /// So many deliveries in a row that exhausted their attempts.
    pub after_exhausted: u32,
    /// Or so long without a single success.
    pub after: Duration,
}

impl DisableRules {
    /// A warning is given when this share of the way is gone.
    const WARN_PERCENT: u32 = 70;

    fn warns_at(&self) -> u32 {
        (self.after_exhausted * Self::WARN_PERCENT).div_ceil(100).max(1)
    }
}

/// How a webhook's deliveries of one batch ended, in order.
#[derive(Default)]
struct Tally {
    /// A success came by, so counts start from what came after it.
    reset: bool,
    exhausted: u32,
    gone: bool,
    last_status: Option<&'static str>,
    last_at: Timestamp,
    /// The first failure after the last success of this batch.
    failed_at: Option<Timestamp>,
    /// Something answered, so dead attempts are counted from there.
    alive: bool,
    dead: u32,
    /// One that was let through an open circuit found nobody. What was under way when it opened says nothing new.
    probed: bool,
}

impl Tally {
    fn add(&mut self, settlement: &Settlement) {
        self.last_at = self.last_at.max(settlement.at);
        match settlement.sign {
            Sign::Alive => (self.alive, self.dead) = (true, 0),
            Sign::Dead => {
                self.dead += 1;
                self.probed |= settlement.delivery.webhook.circuit == Circuit::Open;
            }
            Sign::Unasked => return,
        }
        match settlement.outcome {
            Outcome::Delivered => {
                (self.reset, self.exhausted, self.failed_at) = (true, 0, None);
                self.last_status = Some("success");
            }
            Outcome::Retry { .. } => {
                self.failed_at.get_or_insert(settlement.at);
                self.last_status = Some("pending");
            }
            Outcome::Exhausted | Outcome::Gone => {
                self.failed_at.get_or_insert(settlement.at);
                self.exhausted += 1;
                self.gone |= settlement.outcome == Outcome::Gone;
                self.last_status = Some("failed");
            }
            Outcome::Filtered | Outcome::Postponed { .. } => {}
        }
    }
}

#[derive(sqlx::FromRow)]
struct Standing {
    failure_count: i32,
    is_active: bool,
    failing_since: Option<Timestamp>,
    warned_at: Option<Timestamp>,
    dead_attempts: i32,
    circuit: String,
    circuit_probes: i32,
}

/// Brings the standing of every webhook in the batch up to date, and disables those whose time has come.
pub(crate) async fn judge(
    store: &Store,
    tx: &mut Tx,
    batch: &[&Settlement],
    rules: &DisableRules,
    room: &Room,
    logs: &mut Vec<Activity>,
) -> Result<Settled> {
    let mut tallies: BTreeMap<WebhookId, (IntegrationId, Tally)> = BTreeMap::new();
    for settlement in batch {
        let webhook = &settlement.delivery.webhook;
        tallies.entry(webhook.id).or_insert_with(|| (webhook.integration_id, Tally::default())).1.add(settlement);
    }
    let mut announcements = Vec::new();
    let mut recalled = Vec::new();
    for (webhook_id, (integration_id, tally)) in tallies {
        let Some(standing) = update(tx, webhook_id, &tally).await? else { continue };
        if turn_circuit(tx, webhook_id, &tally, &standing).await? {
            recalled.push(webhook_id);
        }
        if !standing.is_active {
            continue;
        }
        let announced =
            |reason, disables| Announcement { webhook_id, integration_id, reason, disables, at: tally.last_at };
        if let Some(reason) = reason_to_disable(&tally, &standing, rules) {
            recalled.push(webhook_id);
            announcements.push(announced(reason, true));
        } else if let Some(reason) = reason_to_warn(&tally, &standing, rules) {
            announcements.push(announced(reason, false));
        }
    }
    let mut settled = announce(store, tx, announcements, room, logs).await?;
    settled.recalled = recalled;
    Ok(settled)
}

async fn update(tx: &mut Tx, id: WebhookId, tally: &Tally) -> Result<Option<Standing>> {
    const SQL: &str = "UPDATE integration_webhooks SET
        failure_count = CASE WHEN $2 THEN $3 ELSE failure_count + $3 END,
        failing_since = CASE WHEN $2 THEN $4 ELSE COALESCE(failing_since, $4) END,
        warned_at = CASE WHEN $2 THEN NULL ELSE warned_at END,
        dead_attempts = CASE WHEN $5 THEN $6 ELSE dead_attempts + $6 END,
        last_triggered_at = CASE WHEN $7 IS NULL THEN last_triggered_at ELSE $8 END,
        last_status = COALESCE($7, last_status)
        WHERE id = $1 RETURNING failure_count, is_active, failing_since, warned_at, dead_attempts, circuit, circuit_probes";
    Ok(within!(&mut *tx, |connection| sqlx::query_as(SQL)
        .bind(id)
        .bind(tally.reset)
        .bind(count(tally.exhausted))
        .bind(tally.failed_at)
        .bind(tally.alive)
        .bind(count(tally.dead))
        .bind(tally.last_status)
        .bind(tally.last_at)
        .fetch_optional(connection)
        .await?))
}

/// Opens, keeps open or begins to close a circuit. Answers whether it opened.
async fn turn_circuit(tx: &mut Tx, id: WebhookId, tally: &Tally, standing: &Standing) -> Result<bool> {
    const OPEN: &str = "UPDATE integration_webhooks SET circuit = 'open', circuit_changed_at = $2, circuit_probes = 0, next_probe_at = $3 WHERE id = $1";
    const STILL: &str = "UPDATE integration_webhooks SET circuit_probes = circuit_probes + 1, next_probe_at = $3 WHERE id = $1 AND $2 IS NOT NULL";
    const RECOVER: &str = "UPDATE integration_webhooks SET circuit = 'recovering', circuit_changed_at = $2, circuit_probes = 0, next_probe_at = NULL
        WHERE id = $1 AND $3 IS NOT NULL";
    let now = tally.last_at;
    let is_dead = standing.dead_attempts >= count(DEAD_ATTEMPTS)
        && standing
            .failing_since
            .is_some_and(|since| now.since(since) >= i64::try_from(DEAD_TIME.as_millis()).unwrap_or(i64::MAX));
    let (sql, probe_at) = match Circuit::parse(&standing.circuit) {
        Some(Circuit::Open) if tally.dead == 0 && tally.alive => (RECOVER, now),
        Some(Circuit::Open) if tally.probed => (STILL, now.plus(probe_delay(standing.circuit_probes))),
        Some(Circuit::Closed | Circuit::Recovering) if is_dead => (OPEN, now.plus(FIRST_PROBE)),
        _ => return Ok(false),
    };
    within!(&mut *tx, |connection| {
        sqlx::query(sql).bind(id).bind(now).bind(probe_at).execute(connection).await?;
    });
    Ok(sql == OPEN)
}

/// The wait after this many probes without an answer.
fn probe_delay(probes: i32) -> Duration {
    let doublings = u32::try_from(probes.clamp(0, 16)).unwrap_or_default() + 1;
    (FIRST_PROBE * 2_u32.saturating_pow(doublings)).min(LONGEST_PROBE)
}

fn reason_to_disable(tally: &Tally, standing: &Standing, rules: &DisableRules) -> Option<String> {
    if tally.gone {
        return Some("The receiver answered 410 Gone: it asked for no more deliveries.".to_owned());
    }
    let failures = u32::try_from(standing.failure_count).unwrap_or_default();
    if tally.exhausted > 0 && failures >= rules.after_exhausted {
        return Some(format!("{failures} deliveries in a row failed on every attempt."));
    }
    let since = standing.failing_since?;
    let failing_for = Duration::from_millis(u64::try_from(tally.last_at.since(since)).unwrap_or_default());
    (tally.failed_at.is_some() && failing_for >= rules.after).then(|| {
        format!("Every attempt has failed since {since}, {} hours without a success.", failing_for.as_secs() / 3_600)
    })
}

fn reason_to_warn(tally: &Tally, standing: &Standing, rules: &DisableRules) -> Option<String> {
    if standing.warned_at.is_some() || tally.failed_at.is_none() {
        return None;
    }
    let failures = u32::try_from(standing.failure_count).unwrap_or_default();
    if tally.exhausted > 0 && failures >= rules.warns_at() {
        let left = rules.after_exhausted.saturating_sub(failures);
        return Some(format!(
            "{failures} deliveries in a row failed on every attempt; after {left} more it is disabled."
        ));
    }
    let since = standing.failing_since?;
    let warn_after = rules.after * DisableRules::WARN_PERCENT / 100;
    let failing_for = Duration::from_millis(u64::try_from(tally.last_at.since(since)).unwrap_or_default());
    (failing_for >= warn_after).then(|| {
        format!(
            "Every attempt has failed since {since}; it is disabled at {} unless it recovers.",
            since.plus(rules.after)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_come_further_and_further_apart() {
        let delays: Vec<u64> = (0..8).map(|probes| probe_delay(probes).as_secs()).collect();
        assert_eq!(delays, [10, 20, 40, 80, 160, 300, 300, 300]);
    }

    #[test]
    fn a_warning_comes_before_the_end() {
        let rules = |after_exhausted| DisableRules { after_exhausted, after: Duration::from_secs(1) };
        assert_eq!([rules(1).warns_at(), rules(2).warns_at(), rules(10).warns_at()], [1, 2, 7]);
    }
}
