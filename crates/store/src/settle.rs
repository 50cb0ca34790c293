//! Writing down how attempts ended: the attempt, the delivery's state, the webhook's counters, the log and the rollups of
//! many deliveries in one transaction, and the disabling of webhooks whose time has come.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::delivery::State;
use simpul_core::event::EventType;
use simpul_core::id::{AttemptId, DeliveryId, EventId, IntegrationId, PartnerId, WebhookId};
use simpul_core::time::Timestamp;
use sqlx::QueryBuilder;

use crate::db::{CHUNK, Tx, within};
use crate::error::Result;
use crate::events::EventSource;
use crate::ingest::{self, Ingest, NewEvent};
use crate::queue::LeasedDelivery;
use crate::webhooks::park;
use crate::{Store, activity};

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    Delivered,
    /// Try again then.
    Retry {
        at: Timestamp,
    },
    /// It was the last one.
    Exhausted,
    /// The receiver is gone (410): the webhook is disabled at once.
    Gone,
}

/// A finished attempt with all there is to write about it.
#[derive(Debug, Clone)]
pub struct Settlement {
    pub delivery: LeasedDelivery,
    pub outcome: AttemptOutcome,
    /// JSON text of the headers that were sent, the signature included, secrets redacted.
    pub request_headers: String,
    pub response_status: Option<u16>,
    pub response_headers: Option<String>,
    pub response_body: Option<String>,
    pub error_message: Option<String>,
    pub remote_address: Option<String>,
    /// The attempt's log row; its duration, error type and time are the attempt's too.
    pub log: Activity,
}

/// What settling a batch brought about.
#[derive(Debug, Default)]
pub struct Settled {
    /// Webhooks that were disabled, with the reason.
    pub disabled: Vec<(WebhookId, String)>,
    /// Deliveries of the events that announce it.
    pub(crate) leased: Vec<LeasedDelivery>,
    pub(crate) waiting: usize,
}

pub(crate) async fn apply(
    store: &Store,
    tx: &mut Tx,
    batch: &[&Settlement],
    disable_after: u32,
    slots: usize,
) -> Result<Settled> {
    if batch.is_empty() {
        return Ok(Settled::default());
    }
    insert_attempts(tx, batch).await?;
    let held = update_deliveries(tx, store, batch).await?;
    let logs: Vec<Activity> = batch.iter().map(|settlement| settlement.log.clone()).collect();
    activity::insert(tx, &logs).await?;
    let counted: Vec<&&Settlement> = batch.iter().filter(|settlement| held.contains(&settlement.delivery.id)).collect();
    let disabled = update_webhooks(tx, &counted, disable_after).await?;
    announce(store, tx, disabled, slots).await
}

async fn insert_attempts(tx: &mut Tx, batch: &[&Settlement]) -> Result<()> {
    for chunk in batch.chunks(CHUNK) {
        within!(&mut *tx, |connection| {
            let mut query = QueryBuilder::new(
                "INSERT INTO delivery_attempts (id, delivery_id, number, trigger, triggered_by, status, request_headers, response_status,
                 response_headers, response_body, error_type, error_message, duration, remote_address, created_at) ",
            );
            query.push_values(chunk, |mut row, settlement| {
                let delivery = &settlement.delivery;
                let delivered = settlement.outcome == AttemptOutcome::Delivered;
                row.push_bind(AttemptId::generate(settlement.log.created_at))
                    .push_bind(delivery.id)
                    .push_bind(count(delivery.attempt_count + 1))
                    .push_bind(delivery.trigger.as_str())
                    .push_bind(delivery.triggered_by.as_deref())
                    .push_bind(if delivered { "success" } else { "failed" })
                    .push_bind(&settlement.request_headers)
                    .push_bind(settlement.response_status.map(i32::from))
                    .push_bind(settlement.response_headers.as_deref())
                    .push_bind(settlement.response_body.as_deref().map(|body| body.replace('\0', "\u{fffd}")))
                    .push_bind(settlement.log.error_type.map(simpul_core::error_type::ErrorType::as_str))
                    .push_bind(settlement.error_message.as_deref())
                    .push_bind(settlement.log.duration.unwrap_or(0))
                    .push_bind(settlement.remote_address.as_deref())
                    .push_bind(settlement.log.created_at);
            });
            query.build().persistent(chunk.len() == 1).execute(connection).await?;
        });
    }
    Ok(())
}

/// Moves each delivery on, where it is still this node's and no attempt came in between. Answers which ones were.
async fn update_deliveries(tx: &mut Tx, store: &Store, batch: &[&Settlement]) -> Result<HashSet<DeliveryId>> {
    let mut held = HashSet::new();
    let mut ordered: Vec<&&Settlement> = batch.iter().collect();
    ordered.sort_unstable_by_key(|settlement| settlement.delivery.id);
    for chunk in ordered.chunks(CHUNK) {
        let ids: Vec<DeliveryId> = within!(&mut *tx, |connection| {
            let mut query = QueryBuilder::new(
                "WITH settled (id, attempt_count, state, next_attempt_at, response_status, completed_at) AS (",
            );
            query.push_values(chunk, |mut row, settlement| {
                let (state, next) = match settlement.outcome {
                    AttemptOutcome::Delivered => (State::Success, None),
                    AttemptOutcome::Retry { at } => (State::Pending, Some(at)),
                    AttemptOutcome::Exhausted | AttemptOutcome::Gone => (State::Failed, None),
                };
                row.push_bind(settlement.delivery.id)
                    .push_bind(count(settlement.delivery.attempt_count))
                    .push_bind(state.as_str())
                    .push_bind(next)
                    .push_bind(settlement.response_status.map(i32::from))
                    .push_bind(next.is_none().then_some(settlement.log.created_at));
            });
            query.push(
                ") UPDATE deliveries SET state = settled.state, attempt_count = deliveries.attempt_count + 1,
                 round_attempts = deliveries.round_attempts + 1, trigger = 'automatic', next_attempt_at = settled.next_attempt_at,
                 last_response_status = settled.response_status, completed_at = settled.completed_at, lease_owner = NULL,
                 lease_until = NULL FROM settled WHERE deliveries.id = settled.id AND deliveries.state = 'leased'
                 AND deliveries.attempt_count = settled.attempt_count AND deliveries.lease_owner = ",
            );
            query.push_bind(store.node()).push(" RETURNING deliveries.id");
            query.build_query_scalar().persistent(chunk.len() == 1).fetch_all(connection).await?
        });
        held.extend(ids);
    }
    Ok(held)
}

/// How a webhook's deliveries of one batch ended, in order.
#[derive(Default)]
struct Tally {
    /// A success came by, so the count starts from the exhausted ones after it.
    reset: bool,
    exhausted: u32,
    gone: bool,
    last_status: &'static str,
    last_at: Timestamp,
    name: Option<IntegrationId>,
}

/// A webhook that is to be disabled.
struct Disabled {
    webhook_id: WebhookId,
    integration_id: IntegrationId,
    reason: String,
    at: Timestamp,
}

async fn update_webhooks(tx: &mut Tx, batch: &[&&Settlement], disable_after: u32) -> Result<Vec<Disabled>> {
    let mut tallies: BTreeMap<WebhookId, Tally> = BTreeMap::new();
    for settlement in batch {
        let tally = tallies.entry(settlement.delivery.webhook.id).or_default();
        tally.name = Some(settlement.delivery.webhook.integration_id);
        tally.last_at = tally.last_at.max(settlement.log.created_at);
        match settlement.outcome {
            AttemptOutcome::Delivered => {
                *tally = Tally { reset: true, exhausted: 0, last_status: "success", ..std::mem::take(tally) }
            }
            AttemptOutcome::Retry { .. } => tally.last_status = "pending",
            AttemptOutcome::Exhausted | AttemptOutcome::Gone => {
                tally.exhausted += 1;
                tally.gone |= settlement.outcome == AttemptOutcome::Gone;
                tally.last_status = "failed";
            }
        }
    }
    const SQL: &str =
        "UPDATE integration_webhooks SET failure_count = CASE WHEN $2 THEN $3 ELSE failure_count + $3 END,
        last_triggered_at = $4, last_status = $5 WHERE id = $1 RETURNING failure_count, is_active";
    let mut disabled = Vec::new();
    for (webhook_id, tally) in tallies {
        let row: Option<(i32, bool)> = within!(&mut *tx, |connection| sqlx::query_as(SQL)
            .bind(webhook_id)
            .bind(tally.reset)
            .bind(count(tally.exhausted))
            .bind(tally.last_at)
            .bind(tally.last_status)
            .fetch_optional(connection)
            .await?);
        let (Some((failures, true)), Some(integration_id)) = (row, tally.name) else { continue };
        let reason = if tally.gone {
            "The receiver answered 410 Gone: it asked for no more deliveries.".to_owned()
        } else if u32::try_from(failures).is_ok_and(|failures| failures >= disable_after) {
            format!("{failures} deliveries in a row failed on every attempt.")
        } else {
            continue;
        };
        disabled.push(Disabled { webhook_id, integration_id, reason, at: tally.last_at });
    }
    Ok(disabled)
}

/// The partner, the provider's slug and the mode of an integration.
type Owner = (PartnerId, String, bool);

/// Disables webhooks, parks what waits for them, and tells the integration's other webhooks by an event.
async fn announce(store: &Store, tx: &mut Tx, disabled: Vec<Disabled>, slots: usize) -> Result<Settled> {
    const SQL: &str =
        "UPDATE integration_webhooks SET is_active = FALSE, disabled_at = $2, disabled_reason = $3 WHERE id = $1";
    const OWNER: &str = "SELECT partner_id, provider, test_mode FROM partner_integrations WHERE id = $1";
    let mut settled = Settled::default();
    let mut owners: HashMap<IntegrationId, Option<Owner>> = HashMap::new();
    let mut ingests = Vec::new();
    for Disabled { webhook_id, integration_id, reason, at } in disabled {
        within!(&mut *tx, |connection| {
            sqlx::query(SQL).bind(webhook_id).bind(at).bind(&reason).execute(connection).await?;
        });
        park(tx, webhook_id).await?;
        if let Entry::Vacant(unknown) = owners.entry(integration_id) {
            let owner: Option<Owner> = within!(&mut *tx, |connection| sqlx::query_as(OWNER)
                .bind(integration_id)
                .fetch_optional(connection)
                .await?);
            unknown.insert(owner);
        }
        let mut log =
            Activity::new(integration_id, Action::Error, Status::Failed, format!("Webhook disabled: {reason}"), at);
        log.component = Component::Deliveries;
        log.error_details = Some(serde_json::json!({"webhookId": webhook_id, "reason": reason}));
        let events = owners
            .get(&integration_id)
            .and_then(Option::as_ref)
            .map(|owner| disabled_event(integration_id, owner, webhook_id, &reason, at));
        ingests.push(Ingest {
            events: events.into_iter().collect(),
            notification: None,
            log: Some((log.clone(), log.message)),
            created_at: at,
        });
        settled.disabled.push((webhook_id, reason));
    }
    if !ingests.is_empty() {
        let ingested = Box::pin(ingest::apply(store, tx, &ingests.iter().collect::<Vec<_>>(), slots)).await?;
        settled.leased = ingested.leased;
        settled.waiting = ingested.waiting;
    }
    Ok(settled)
}

fn disabled_event(
    integration_id: IntegrationId,
    (partner_id, provider, test_mode): &Owner,
    webhook_id: WebhookId,
    reason: &str,
    at: Timestamp,
) -> NewEvent {
    let id = EventId::generate(at);
    let payload = serde_json::json!({
        "id": id, "type": EventType::WebhookDisabled, "timestamp": at, "integrationId": integration_id, "partnerId": partner_id,
        "provider": provider, "testMode": test_mode, "data": {"webhookId": webhook_id, "reason": reason}, "raw": {},
    });
    NewEvent {
        id,
        integration_id,
        partner_id: *partner_id,
        event_type: EventType::WebhookDisabled,
        source: EventSource::Hub,
        deduplication_key: None,
        replay_guard: None,
        key_lifetime: None,
        subject: None,
        rank: 0,
        occurred_at: at,
        payload: Arc::from(payload.to_string()),
    }
}

/// A small count, as SQL's integer.
fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
