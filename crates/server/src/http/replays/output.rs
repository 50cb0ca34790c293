//! Replays as they are shown: how far they have come, and what one would send.

use serde::Serialize;
use simpul_core::id::{ReplayId, WebhookId};
use simpul_core::replay::ReplayState;
use simpul_core::time::Timestamp;
use simpul_engine::ReplayWait;
use simpul_store::{Replay, ReplayFilter, ReplayTally};
use utoipa::ToSchema;

/// How many deliveries are sent again.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Replayed {
    pub replayed: u64,
}

/// A replay that was started.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReplayStarted {
    /// How many deliveries are sent again, now or in a while.
    pub replayed: u64,
    /// Where to watch it; `null` where there is nothing to send.
    pub replay: Option<ReplayOut>,
}

/// Which deliveries a replay sends.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReplayFilterOut {
    /// `success`, `failed`, `filtered` or `dropped`; `null` for all of them.
    pub status: Option<&'static str>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub from: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub to: Option<Timestamp>,
    /// Event names and `family.*` prefixes; empty for all.
    pub events: Vec<String>,
}

impl From<ReplayFilter> for ReplayFilterOut {
    fn from(filter: ReplayFilter) -> Self {
        let status = filter.status.map(simpul_core::delivery::State::as_str);
        Self { status, from: filter.from, to: filter.to, events: filter.events }
    }
}

/// Many deliveries of a webhook on their way to being sent again.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: ReplayId,
    #[schema(value_type = String, format = "uuid")]
    pub webhook_id: WebhookId,
    /// `running`, `paused`, `cancelled` or `completed`.
    pub state: &'static str,
    /// Why a running replay sends nothing just now: `webhook_inactive` until the webhook is enabled again, `backlog` while
    /// more than 1,000 deliveries wait for the webhook; `null` while it goes on.
    pub waiting: Option<&'static str>,
    pub filter: ReplayFilterOut,
    /// Deliveries that the filter selected at the start. Those made later are not part of it.
    pub total: i64,
    /// Deliveries set on their way so far. It may end below `total`: what is removed or sent by somebody else meanwhile is
    /// left out.
    pub replayed: i64,
    /// 0 to 100, rounded down; 100 once completed.
    #[schema(minimum = 0, maximum = 100)]
    pub percent: i64,
    /// The id of the user or key that started it; every attempt carries it as `triggeredBy`.
    pub created_by: String,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
    /// When it was completed or cancelled.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub completed_at: Option<Timestamp>,
}

impl ReplayOut {
    pub(super) fn new(replay: Replay, waiting: Option<ReplayWait>) -> Self {
        Self {
            id: replay.id,
            webhook_id: replay.webhook_id,
            state: replay.state.as_str(),
            waiting: waiting.filter(|_| replay.state == ReplayState::Running).map(ReplayWait::as_str),
            percent: percent(&replay),
            filter: replay.filter.into(),
            total: replay.total,
            replayed: replay.replayed,
            created_by: replay.created_by,
            created_at: replay.created_at,
            updated_at: replay.updated_at,
            completed_at: replay.completed_at,
        }
    }
}

fn percent(replay: &Replay) -> i64 {
    match replay.state {
        ReplayState::Completed => 100,
        _ => (replay.replayed.saturating_mul(100) / replay.total.max(1)).min(100),
    }
}

/// How many deliveries of one event type.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventTypeCount {
    pub event_type: String,
    pub count: i64,
}

/// What a replay would send.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayPreview {
    pub count: i64,
    /// `true` where more than a million deliveries would have to be looked at: all figures cover the oldest million of them.
    pub at_least: bool,
    /// When the oldest of these deliveries was made.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub oldest: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub newest: Option<Timestamp>,
    /// By name.
    pub by_event_type: Vec<EventTypeCount>,
}

impl From<ReplayTally> for ReplayPreview {
    fn from(tally: ReplayTally) -> Self {
        let counts = tally.by_event_type.into_iter();
        Self {
            count: tally.count,
            at_least: tally.is_partial,
            oldest: tally.oldest,
            newest: tally.newest,
            by_event_type: counts.map(|(event_type, count)| EventTypeCount { event_type, count }).collect(),
        }
    }
}

/// A count with its thousands set apart, for a sentence.
pub(super) fn grouped(count: i64) -> String {
    let digits = count.max(0).to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 delivery`, `1,234 deliveries`.
pub(super) fn deliveries(count: i64) -> String {
    format!("{} {}", grouped(count), if count == 1 { "delivery" } else { "deliveries" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let texts = [0, 1, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "1", "999", "1,000", "12,345", "1,234,567"]);
        assert_eq!([1, 1_234].map(deliveries), ["1 delivery", "1,234 deliveries"]);
    }
}
