//! The queue of messages: each is tried eight times within an hour, then another channel takes over, if there is one that has
//! not failed already.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::iter;
use simpul_core::access::Scope;
use simpul_core::alert::{AlertChannel, AlertDelivery, AlertDeliveryState, RETRY_SECONDS};
use simpul_core::id::AlertDeliveryId;
use simpul_core::time::{Clock, Timestamp};
use simpul_store::{AlertFailure, AlertOutcome, Store};

use super::channel::{self, Undelivered};
use super::courier::Courier;

/// Longer than any message takes, so that only a node that died loses its claim.
const LEASE: Duration = Duration::from_secs(120);
const BATCH: u32 = 32;
/// Messages under way at once.
const AT_ONCE: usize = 8;
/// Channels that one message goes through at most.
const CHANNELS: usize = 5;
/// The longest that a channel may ask us to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(900);

/// Sends what is due.
pub(super) async fn pass(courier: &Courier, store: &Store, clock: &dyn Clock) -> simpul_store::Result<()> {
    loop {
        let claimed = store.claim_alert_deliveries(clock.now(), LEASE, BATCH).await?;
        if claimed.is_empty() {
            return Ok(());
        }
        let settled: Vec<_> = iter(claimed)
            .map(|delivery| async move { deliver(courier, store, clock, delivery).await })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        settled.into_iter().collect::<simpul_store::Result<()>>()?;
    }
}

async fn deliver(
    courier: &Courier,
    store: &Store,
    clock: &dyn Clock,
    delivery: AlertDelivery,
) -> simpul_store::Result<()> {
    // Gone with its channel meanwhile.
    let Some(channel) = store.find_alert_channel(Scope::All, delivery.channel_id).await? else { return Ok(()) };
    let sent = channel::send(courier, &channel, &delivery).await;
    let outcome = outcome(&channel, &delivery, sent, clock.now());
    report(&channel, &delivery, &outcome);
    store.settle_alert_delivery(&delivery, &outcome).await?;
    Ok(())
}

/// An alert that does not arrive must itself be seen.
fn report(channel: &AlertChannel, delivery: &AlertDelivery, outcome: &AlertOutcome) {
    let Some(failure) = &outcome.failure else { return };
    tracing::warn!(
        channel.id = %channel.id, channel.kind = channel.kind.as_str(), delivery.id = %delivery.id, attempts = delivery.attempts,
        state = outcome.state.as_str(), error_type = failure.error_type, error = failure.message,
        falls_back = outcome.fallback.is_some(), "a message of alerts was not delivered"
    );
}

fn outcome(
    channel: &AlertChannel,
    delivery: &AlertDelivery,
    sent: Result<(), Undelivered>,
    at: Timestamp,
) -> AlertOutcome {
    let Err(undelivered) = sent else {
        let state = AlertDeliveryState::Sent;
        return AlertOutcome { state, next_attempt_at: None, failure: None, remaining: None, fallback: None, at };
    };
    let failure =
        AlertFailure { error_type: undelivered.error_type.as_str().to_owned(), message: undelivered.message.clone() };
    let tried = usize::try_from(delivery.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let next = RETRY_SECONDS.get(tried).filter(|_| !undelivered.is_final).map(|seconds| {
        let asked = undelivered.retry_after.unwrap_or_default().min(LONGEST_WAIT);
        at.plus(Duration::from_secs(*seconds).max(asked))
    });
    let remaining = undelivered.remaining.clone().or_else(|| delivery.remaining.clone());
    let was_partial = undelivered.is_partial || delivery.remaining.is_some();
    let state = match next {
        Some(_) => AlertDeliveryState::Waiting,
        // Somebody has read it; whoever was refused is named in the error.
        None if was_partial => AlertDeliveryState::Sent,
        None => AlertDeliveryState::Failed,
    };
    let fallback =
        if state == AlertDeliveryState::Failed { fallback(channel, delivery, &failure.message, at) } else { None };
    AlertOutcome { state, next_attempt_at: next, failure: Some(failure), remaining, fallback, at }
}

/// The same message through the channel that takes over.
fn fallback(channel: &AlertChannel, delivery: &AlertDelivery, error: &str, at: Timestamp) -> Option<AlertDelivery> {
    let next = channel.fallback_channel_id?;
    let mut failed_channels = delivery.failed_channels.clone();
    failed_channels.push(channel.id);
    if failed_channels.contains(&next) || failed_channels.len() >= CHANNELS {
        return None;
    }
    Some(AlertDelivery {
        id: AlertDeliveryId::generate(at),
        channel_id: next,
        message: delivery.message.clone().taken_over(&channel.name, error),
        state: AlertDeliveryState::Waiting,
        attempts: 0,
        next_attempt_at: Some(at),
        remaining: None,
        failed_channels,
        error_type: None,
        last_error: None,
        created_at: at,
        completed_at: None,
        ..delivery.clone()
    })
}
