//! Which delivery goes next: a lane for each webhook, lanes in turn, a cap on the attempts under way in each.
//!
//! A receiver that is slow fills its own lane and nobody else's. A lane that is at its cap takes no turns until one of its
//! attempts has ended, so choosing costs the same however many lanes are full.

use std::collections::{HashMap, VecDeque};

use simpul_core::id::WebhookId;
use simpul_store::LeasedDelivery;

#[derive(Default)]
struct Lane {
    under_way: usize,
    queue: VecDeque<LeasedDelivery>,
    /// It stands among the turns.
    has_turn: bool,
    cap: usize,
}

/// Deliveries in memory that wait for their attempt.
pub(crate) struct Lanes {
    lanes: HashMap<WebhookId, Lane>,
    /// Lanes with something to start and room to start it, in turn.
    turns: VecDeque<WebhookId>,
    /// For webhooks that name no cap of their own.
    cap: usize,
}

impl Lanes {
    pub(crate) fn new(cap: usize) -> Self {
        Self { lanes: HashMap::new(), turns: VecDeque::new(), cap }
    }

    pub(crate) fn add(&mut self, delivery: LeasedDelivery) {
        let webhook_id = delivery.webhook.id;
        let lane = self.lanes.entry(webhook_id).or_default();
        lane.cap = delivery.webhook.concurrency.and_then(|cap| usize::try_from(cap).ok()).unwrap_or(self.cap);
        lane.queue.push_back(delivery);
        self.give_turn(webhook_id);
    }

    /// The next delivery to make; its lane counts it as under way until [`Self::ended`].
    pub(crate) fn next(&mut self) -> Option<LeasedDelivery> {
        while let Some(webhook_id) = self.turns.pop_front() {
            let Some(lane) = self.lanes.get_mut(&webhook_id) else { continue };
            lane.has_turn = false;
            let Some(delivery) = lane.queue.pop_front() else { continue };
            lane.under_way += 1;
            self.give_turn(webhook_id);
            return Some(delivery);
        }
        None
    }

    /// An attempt of this webhook has ended.
    pub(crate) fn ended(&mut self, webhook_id: WebhookId) {
        let Some(lane) = self.lanes.get_mut(&webhook_id) else { return };
        lane.under_way = lane.under_way.saturating_sub(1);
        if lane.under_way == 0 && lane.queue.is_empty() {
            self.lanes.remove(&webhook_id);
        } else {
            self.give_turn(webhook_id);
        }
    }

    /// Takes out what waits for a webhook; what is under way goes on.
    pub(crate) fn recall(&mut self, webhook_id: WebhookId) -> Vec<LeasedDelivery> {
        let Some(lane) = self.lanes.get_mut(&webhook_id) else { return Vec::new() };
        let recalled = std::mem::take(&mut lane.queue).into();
        if lane.under_way == 0 {
            self.lanes.remove(&webhook_id);
        }
        recalled
    }

    fn give_turn(&mut self, webhook_id: WebhookId) {
        if let Some(lane) = self.lanes.get_mut(&webhook_id)
            && !lane.has_turn
            && lane.under_way < lane.cap
            && !lane.queue.is_empty()
        {
            lane.has_turn = true;
            self.turns.push_back(webhook_id);
        }
    }
}
