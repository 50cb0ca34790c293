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

/// Runs until asked to stop: once after the start, then every hour.
pub(crate) async fn run(store: Store, clock: Arc<dyn Clock>, days: u32, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = sweep(&store, &*clock, days, &stop).await {
            tracing::warn!(%error, "old rows could not be removed; trying again in an hour");
        }
        if timeout(EVERY, stop.changed()).await.is_ok() {
            return;
        }
    }
}

async fn sweep(store: &Store, clock: &dyn Clock, days: u32, stop: &watch::Receiver<bool>) -> simpul_store::Result<()> {
    let now = clock.now();
    let age = Duration::from_millis(u64::from(days) * DAY.unsigned_abs());
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
