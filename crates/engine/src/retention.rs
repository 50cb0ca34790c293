//! Letting go of logs, attempts, notifications, old events and fine-grained rollups, a batch at a time.
//!
//! Writers come first: a batch is made as large as fits into a few milliseconds, and after each the sweep rests for at least as
//! long as it took.

use std::sync::Arc;
use std::time::Duration;

use simpul_core::time::{Clock, DAY, HOUR, Timestamp};
use simpul_store::{Horizons, Old, Store};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

const EVERY: Duration = Duration::from_secs(3_600);
/// Between batches, so that writers get their turn.
const PAUSE: Duration = Duration::from_millis(20);
/// Between noting how far back things reach and removing what is behind: whoever read the old horizon is done by then.
const GRACE: Duration = Duration::from_secs(15);
/// Rows of a batch, and how long one should take.
const SMALLEST: u32 = 50;
const LARGEST: u32 = 2_000;
const TARGET: Duration = Duration::from_millis(10);
/// Rollups of a minute are kept for the windows of health and the one before them, those of an hour likewise.
const MINUTES_KEPT: i64 = 49 * HOUR;
const HOURS_KEPT: i64 = 61 * DAY;

/// How old what may become.
#[derive(Clone, Copy)]
pub(crate) struct Ages {
    /// Logs, attempts, raw notifications and finished deliveries.
    pub(crate) log_days: u32,
    /// Deliveries that wait for a disabled webhook.
    pub(crate) parked_for: Duration,
}

/// Runs until asked to stop: once after the start, then every hour.
pub(crate) async fn run(store: Store, clock: Arc<dyn Clock>, ages: Ages, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = sweep(&store, &*clock, ages, &stop).await {
            tracing::warn!(%error, "old rows could not be removed; trying again in an hour");
        }
        if timeout(EVERY, stop.changed()).await.is_ok() {
            return;
        }
    }
}

async fn sweep(store: &Store, clock: &dyn Clock, ages: Ages, stop: &watch::Receiver<bool>) -> simpul_store::Result<()> {
    let now = clock.now();
    while store.drop_parked_before(now.minus(ages.parked_for), now).await? > 0 && !*stop.borrow() {
        sleep(PAUSE).await;
    }
    let mut removed = store.remove_expired_sessions(now).await?;
    let horizons = store.note_horizons(wanted(now, ages.log_days)).await?;
    if timeout(GRACE, stop.clone().changed()).await.is_ok() {
        return Ok(());
    }
    for old in Old::ALL {
        removed += remove(store, &horizons, *old, stop).await?;
    }
    if removed > 0 {
        tracing::info!(removed, "old rows removed");
    }
    Ok(())
}

/// How far back is to be kept: logs by whole days, so that their rollups of a day are whole.
pub(crate) fn wanted(now: Timestamp, log_days: u32) -> Horizons {
    let before = |age: i64, unit: i64| Some(Timestamp::from_millis(now.millis() - age).floor(unit));
    Horizons {
        logs: before(i64::from(log_days) * DAY, DAY),
        hours: before(HOURS_KEPT, DAY),
        minutes: before(MINUTES_KEPT, HOUR),
    }
}

/// Removes all that is old of one kind.
async fn remove(
    store: &Store,
    horizons: &Horizons,
    old: Old,
    stop: &watch::Receiver<bool>,
) -> simpul_store::Result<u64> {
    let (mut removed, mut batch) = (0, SMALLEST);
    while !*stop.borrow() {
        let started = Instant::now();
        let gone = store.remove_behind(horizons, old, batch).await?;
        removed += gone;
        if gone < u64::from(batch) {
            break;
        }
        let taken = started.elapsed();
        batch = next_batch(batch, taken);
        sleep(taken.max(PAUSE)).await;
    }
    Ok(removed)
}

fn next_batch(batch: u32, taken: Duration) -> u32 {
    match taken {
        short if short < TARGET / 2 => batch.saturating_mul(2).min(LARGEST),
        long if long > TARGET => (batch / 2).max(SMALLEST),
        _ => batch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_and_hours_end_at_midnight() {
        let now: Timestamp = "2026-02-21T10:20:30Z".parse().unwrap();
        let of = |text: &str| text.parse().ok();
        let expected = Horizons {
            logs: of("2025-11-23T00:00:00Z"),
            hours: of("2025-12-22T00:00:00Z"),
            minutes: of("2026-02-19T09:00:00Z"),
        };
        assert_eq!(wanted(now, 90), expected);
    }

    #[test]
    fn a_batch_is_as_large_as_its_time_allows() {
        assert_eq!(next_batch(50, Duration::from_millis(1)), 100);
        assert_eq!(next_batch(2_000, Duration::from_millis(1)), 2_000);
        assert_eq!(next_batch(400, Duration::from_millis(8)), 400);
        assert_eq!(next_batch(400, Duration::from_millis(30)), 200);
        assert_eq!(next_batch(50, Duration::from_secs(1)), 50);
    }
}
