//! Letting go of logs, attempts, notifications and old events, a batch at a time.

use std::sync::Arc;
use std::time::Duration;

use simpul_core::time::{Clock, DAY};
use simpul_store::Store;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

const EVERY: Duration = Duration::from_secs(3_600);
/// Between batches, so that writers get their turn.
const PAUSE: Duration = Duration::from_millis(50);

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
    let age = Duration::from_millis(u64::from(ages.log_days) * DAY.unsigned_abs());
    while store.drop_parked_before(now.minus(ages.parked_for), now).await? > 0 && !*stop.borrow() {
        sleep(PAUSE).await;
    }
    let mut removed = store.remove_expired_sessions(now).await?;
    loop {
        let batch = store.remove_before(now.minus(age)).await?;
        removed += batch;
        if batch == 0 || *stop.borrow() {
            break;
        }
        sleep(PAUSE).await;
    }
    if removed > 0 {
        tracing::info!(removed, "old rows removed");
    }
    Ok(())
}
