//! Writing down how attempts ended: the attempt, the delivery's state, the webhook's standing, the log and the rollups of
//! many deliveries in one transaction.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use crate::bulk::{Bulk, Part};
use crate::db::Tx;
use crate::error::Result;
use crate::queue::LeasedDelivery;
use crate::receiver::{self, DisableRules};
use crate::room::Room;
use crate::{Store, ordering};
use simpul_core::activity::Activity;
use simpul_core::delivery::State;
use simpul_core::error_type::ErrorType;
use simpul_core::id::{AttemptId, DeliveryId, WebhookId};
use simpul_core::time::Timestamp;

/// How a delivery's turn ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    /// Try again then.
    Retry {
        at: Timestamp,
    },
    /// It was the last attempt.
    Exhausted,
    /// The receiver is gone (410): the webhook is disabled at once.
    Gone,
    /// The webhook's filter does not want it; nothing was sent.
    Filtered,
    /// A fault of our own kept it from being sent: it goes again then, and nothing is counted.
    Postponed {
        at: Timestamp,
    },
}

/// What there is to write about a request that was made.
#[derive(Debug, Clone)]
pub struct AttemptRecord {
    /// JSON text of the headers that were sent, the signature included, secrets redacted.
    pub request_headers: String,
    pub response_status: Option<u16>,
    pub response_headers: Option<String>,
    pub response_body: Option<String>,
    pub error_message: Option<String>,
    pub remote_address: Option<String>,
    /// Milliseconds from one stage to the next, where the attempt came so far and opened a connection of its own.
    pub dns_duration: Option<i64>,
    pub connect_duration: Option<i64>,
    pub tls_duration: Option<i64>,
    /// Milliseconds from the start to the head of the answer.
    pub first_byte_duration: Option<i64>,
    /// The attempt's log row; its duration, error type and time are the attempt's too.
    pub log: Activity,
}

/// What a receiver's behaviour says of the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Something that can take deliveries answered.
    Alive,
    /// Nothing answered, or it said that it cannot take deliveries now.
    Dead,
    /// The receiver was not asked.
    Unasked,
}

/// A delivery whose turn is over, with all there is to write about it.
#[derive(Debug, Clone)]
pub struct Settlement {
    pub delivery: LeasedDelivery,
    pub outcome: Outcome,
    pub sign: Sign,
    pub at: Timestamp,
    /// `None` where no request was made.
    pub attempt: Option<AttemptRecord>,
}

/// What settling a batch brought about.
#[derive(Debug, Default)]
pub struct Settled {
    /// Webhooks that were disabled, with the reason.
    pub disabled: Vec<(WebhookId, String)>,
    /// Webhooks that will be disabled unless they recover, with what is wrong.
    pub warned: Vec<(WebhookId, String)>,
    /// Webhooks whose deliveries are no longer to be made from memory: disabled, or their circuit opened.
    pub recalled: Vec<WebhookId>,
    /// Deliveries of the events that announce it.
    pub(crate) leased: Vec<LeasedDelivery>,
    pub(crate) waiting: usize,
}

pub(crate) async fn apply(
    store: &Store,
    tx: &mut Tx,
    batch: &[&Settlement],
    rules: &DisableRules,
    room: &Room,
    logs: &mut Vec<Activity>,
) -> Result<Settled> {
    if batch.is_empty() {
        return Ok(Settled::default());
    }
    insert_attempts(tx, batch).await?;
    let held = update_deliveries(tx, store, batch).await?;
    logs.extend(batch.iter().filter_map(|settlement| Some(settlement.attempt.as_ref()?.log.clone())));
    let counted: Vec<&Settlement> =
        batch.iter().copied().filter(|settlement| held.contains(&settlement.delivery.id)).collect();
    let mut settled = receiver::judge(store, tx, &counted, rules, room, logs).await?;
    let freed: BTreeSet<ordering::OrderKey> = counted
        .iter()
        .filter(|settlement| !matches!(settlement.outcome, Outcome::Retry { .. } | Outcome::Postponed { .. }))
        .filter_map(|settlement| Some((settlement.delivery.webhook.id, settlement.delivery.order_key.clone()?)))
        .collect();
    if !freed.is_empty() {
        let now = counted.iter().map(|settlement| settlement.at).max().unwrap_or_default();
        settled.waiting += usize::try_from(ordering::promote(tx, &freed, now).await?).unwrap_or_default();
    }
    Ok(settled)
}

async fn insert_attempts(tx: &mut Tx, batch: &[&Settlement]) -> Result<()> {
    const SQL: &str = "INSERT INTO delivery_attempts (id, delivery_id, number, trigger, triggered_by, status, request_headers,
        response_status, response_headers, response_body, error_type, error_message, duration, remote_address, created_at, dns_duration,
        connect_duration, tls_duration, first_byte_duration) ";
    let made: Vec<(&Settlement, &AttemptRecord)> =
        batch.iter().filter_map(|settlement| Some((*settlement, settlement.attempt.as_ref()?))).collect();
    let status = |settlement: &Settlement| if settlement.outcome == Outcome::Delivered { "success" } else { "failed" };
    let mut bulk = Bulk::default();
    bulk.add(made.iter().map(|(_, attempt)| AttemptId::generate(attempt.log.created_at)))
        .add(made.iter().map(|(settlement, _)| settlement.delivery.id))
        .add(made.iter().map(|(settlement, _)| count(settlement.delivery.attempt_count + 1)))
        .add(made.iter().map(|(settlement, _)| settlement.delivery.trigger.as_str()))
        .add(made.iter().map(|(settlement, _)| settlement.delivery.triggered_by.as_deref()))
        .add(made.iter().map(|(settlement, _)| status(settlement)))
        .add(made.iter().map(|(_, attempt)| attempt.request_headers.as_str()))
        .add(made.iter().map(|(_, attempt)| attempt.response_status.map(i32::from)))
        .add(made.iter().map(|(_, attempt)| attempt.response_headers.as_deref()))
        .add(made.iter().map(|(_, attempt)| attempt.response_body.as_deref().map(storable)))
        .add(made.iter().map(|(_, attempt)| attempt.log.error_type.map(ErrorType::as_str)))
        .add(made.iter().map(|(_, attempt)| attempt.error_message.as_deref()))
        .add(made.iter().map(|(_, attempt)| attempt.log.duration.unwrap_or(0)))
        .add(made.iter().map(|(_, attempt)| attempt.remote_address.as_deref()))
        .add(made.iter().map(|(_, attempt)| attempt.log.created_at))
        .add(made.iter().map(|(_, attempt)| attempt.dns_duration))
        .add(made.iter().map(|(_, attempt)| attempt.connect_duration))
        .add(made.iter().map(|(_, attempt)| attempt.tls_duration))
        .add(made.iter().map(|(_, attempt)| attempt.first_byte_duration));
    bulk.execute(tx, SQL, &[]).await?;
    Ok(())
}

/// PostgreSQL keeps no NUL in a text.
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// Moves each delivery on, where it is still this node's and no attempt came in between. Answers which ones were.
///
/// The guard is a CASE so that PostgreSQL finds the rows by their id: given the state alone as a condition it may choose the
/// index of leases, which holds an entry for everything that was leased since the last vacuum.
async fn update_deliveries(tx: &mut Tx, store: &Store, batch: &[&Settlement]) -> Result<HashSet<DeliveryId>> {
    const GIVEN: &str =
        "WITH settled (id, attempt_count, made, state, next_attempt_at, response_status, completed_at) AS (";
    const UPDATE: &str = ") UPDATE deliveries SET state = settled.state, attempt_count = deliveries.attempt_count + settled.made,
        round_attempts = deliveries.round_attempts + settled.made,
        trigger = CASE WHEN settled.made = 1 THEN 'automatic' ELSE deliveries.trigger END,
        next_attempt_at = settled.next_attempt_at,
        last_response_status = CASE WHEN settled.made = 1 THEN settled.response_status ELSE deliveries.last_response_status END,
        completed_at = settled.completed_at, lease_owner = NULL, lease_until = NULL
        FROM settled WHERE deliveries.id = settled.id AND CASE WHEN deliveries.state = 'leased'
        THEN deliveries.attempt_count = settled.attempt_count AND deliveries.lease_owner = ";
    let mut ordered: Vec<(&Settlement, State, Option<Timestamp>)> = batch
        .iter()
        .map(|settlement| match settlement.outcome {
            Outcome::Delivered => (*settlement, State::Success, None),
            Outcome::Retry { at } | Outcome::Postponed { at } => (*settlement, State::Pending, Some(at)),
            Outcome::Exhausted | Outcome::Gone => (*settlement, State::Failed, None),
            Outcome::Filtered => (*settlement, State::Filtered, None),
        })
        .collect();
    ordered.sort_unstable_by_key(|(settlement, ..)| settlement.delivery.id);
    let answered = |settlement: &Settlement| settlement.attempt.as_ref().and_then(|attempt| attempt.response_status);
    let mut bulk = Bulk::default();
    bulk.add(ordered.iter().map(|(settlement, ..)| settlement.delivery.id))
        .add(ordered.iter().map(|(settlement, ..)| count(settlement.delivery.attempt_count)))
        .add(ordered.iter().map(|(settlement, ..)| i32::from(settlement.attempt.is_some())))
        .add(ordered.iter().map(|(_, state, _)| state.as_str()))
        .add(ordered.iter().map(|(_, _, next)| *next))
        .add(ordered.iter().map(|(settlement, ..)| answered(settlement).map(i32::from)))
        .add(ordered.iter().map(|(settlement, _, next)| next.is_none().then_some(settlement.at)));
    let tail = [Part::Sql(UPDATE), Part::Node(store.node()), Part::Sql(" ELSE FALSE END RETURNING deliveries.id")];
    let held: Vec<(DeliveryId,)> = bulk.fetch(tx, GIVEN, &tail).await?;
    Ok(held.into_iter().map(|(id,)| id).collect())
}

/// A small count, as SQL's integer.
pub(crate) fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
