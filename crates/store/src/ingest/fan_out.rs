//! Whom an event goes to: a delivery for each webhook that wants it. It is leased to this node and goes out from memory where
//! there is room and nothing stands in its way; otherwise it waits in the table.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use simpul_core::delivery::{State, Trigger};
use simpul_core::event::filter_matches;
use simpul_core::id::{DeliveryId, EventId, IntegrationId};
use simpul_core::time::Timestamp;
use simpul_core::webhook::{Circuit, Ordering, Webhook};

use super::NewEvent;
use crate::Store;
use crate::bulk::Bulk;
use crate::db::Tx;
use crate::error::Result;
use crate::ordering::promote;
use crate::queue::{LEASE, LeasedDelivery};
use crate::room::{Place, Room};

/// One event on its way to one webhook.
struct Fan<'a> {
    id: DeliveryId,
    event: &'a NewEvent,
    webhook: Arc<Webhook>,
    state: State,
    order_key: Option<&'a str>,
    place: Option<Place>,
    created_at: Timestamp,
}

/// Makes the deliveries. Answers those that are leased to this node, and how many wait in the table.
pub(super) async fn fan_out(
    store: &Store,
    tx: &mut Tx,
    fresh: &[(&NewEvent, Timestamp)],
    late: &HashSet<EventId>,
    room: &Room,
) -> Result<(Vec<LeasedDelivery>, usize)> {
    let mut ids: Vec<IntegrationId> = fresh.iter().map(|(event, _)| event.integration_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let webhooks: HashMap<IntegrationId, Vec<Arc<Webhook>>> = store
        .webhooks_within(tx, &ids)
        .await?
        .into_iter()
        .map(|(id, webhooks)| (id, webhooks.into_iter().map(Arc::new).collect()))
        .collect();
    let mut fans = Vec::new();
    for (event, created_at) in fresh.iter().filter(|(event, _)| !late.contains(&event.id)) {
        let wanting = webhooks.get(&event.integration_id).into_iter().flatten();
        for webhook in wanting.filter(|webhook| filter_matches(&webhook.events, event.event_type)) {
            fans.push(Fan::new(event, webhook, room, *created_at));
        }
    }
    insert_deliveries(store, tx, &fans).await?;
    let held: BTreeSet<_> = fans
        .iter()
        .filter(|fan| fan.state == State::Held)
        .filter_map(|fan| Some((fan.webhook.id, fan.order_key?.to_owned())))
        .collect();
    if !held.is_empty() {
        promote(tx, &held, store.clock.now()).await?;
    }
    let waiting = fans.iter().filter(|fan| matches!(fan.state, State::Pending | State::Held)).count();
    Ok((fans.into_iter().filter(|fan| fan.state == State::Leased).map(Fan::into_leased).collect(), waiting))
}

impl<'a> Fan<'a> {
    fn new(event: &'a NewEvent, webhook: &Arc<Webhook>, room: &Room, created_at: Timestamp) -> Self {
        let order_key = event.order_key.as_deref().filter(|_| webhook.ordering == Ordering::PerKey);
        // A webhook with a rate takes turns from the table, and one that recovers sends what is older first.
        let is_free = webhook.circuit == Circuit::Closed && webhook.rate_limit.is_none();
        let id = DeliveryId::generate(created_at);
        let (state, place) = if !webhook.is_active {
            (State::Parked, None)
        } else if order_key.is_some() {
            (State::Held, None)
        } else {
            match room.take(webhook.id, id, event.payload.len()).filter(|_| is_free) {
                Some(place) => (State::Leased, Some(place)),
                None => (State::Pending, None),
            }
        };
        Self { id, event, webhook: Arc::clone(webhook), state, order_key, place, created_at }
    }

    fn into_leased(self) -> LeasedDelivery {
        LeasedDelivery {
            id: self.id,
            event_id: self.event.id,
            event_type: self.event.event_type,
            payload: Arc::clone(&self.event.payload),
            webhook: self.webhook,
            attempt_count: 0,
            round_attempts: 0,
            trigger: Trigger::Initial,
            triggered_by: None,
            order_key: None,
            not_before: None,
            place: self.place.map(Arc::new),
        }
    }
}

async fn insert_deliveries(store: &Store, tx: &mut Tx, fans: &[Fan<'_>]) -> Result<()> {
    const SQL: &str =
        "INSERT INTO deliveries (id, webhook_id, event_id, integration_id, event_type, state, attempt_count,
        round_attempts, trigger, next_attempt_at, lease_owner, lease_until, created_at, order_key, payload_size) ";
    let lease_until = store.clock.now().plus(LEASE);
    let is_leased = |fan: &Fan<'_>| fan.state == State::Leased;
    let mut bulk = Bulk::default();
    bulk.add(fans.iter().map(|fan| fan.id))
        .add(fans.iter().map(|fan| fan.webhook.id))
        .add(fans.iter().map(|fan| fan.event.id))
        .add(fans.iter().map(|fan| fan.event.integration_id))
        .add(fans.iter().map(|fan| fan.event.event_type.as_str()))
        .add(fans.iter().map(|fan| fan.state.as_str()))
        .add(fans.iter().map(|_| 0_i32))
        .add(fans.iter().map(|_| 0_i32))
        .add(fans.iter().map(|_| Trigger::Initial.as_str()))
        .add(fans.iter().map(|fan| (fan.state == State::Pending).then_some(fan.created_at)))
        .add(fans.iter().map(|fan| is_leased(fan).then_some(store.node())))
        .add(fans.iter().map(|fan| is_leased(fan).then_some(lease_until)))
        .add(fans.iter().map(|fan| fan.created_at))
        .add(fans.iter().map(|fan| fan.order_key))
        .add(fans.iter().map(|fan| i32::try_from(fan.event.payload.len()).unwrap_or(i32::MAX)));
    bulk.execute(tx, SQL, &[]).await?;
    Ok(())
}
