//! A clock that is set back must not keep deliveries waiting: the schedule moves with it.
//!
//! A clock that is set forward needs nothing: what is due early goes early. Both are told, since signatures carry the time.

use std::sync::Arc;
use std::time::Duration;

use simpul_core::time::{Clock, Timestamp};
use simpul_store::Store;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

const LOOK: Duration = Duration::from_secs(1);
/// Less than this is drift or a late timer.
const JUMP: i64 = 2_000;

/// Watches until asked to stop.
pub(crate) async fn run(store: Store, clock: Arc<dyn Clock>, mut stop: watch::Receiver<bool>) {
    let (mut last, mut at) = (clock.now(), Instant::now());
    loop {
        if timeout(LOOK, stop.changed()).await.is_ok() {
            return;
        }
        let (now, elapsed) = (clock.now(), at.elapsed());
        let jump = jump_of(last, now, elapsed);
        if jump <= -JUMP {
            let back_by = Duration::from_millis(jump.unsigned_abs());
            match store.shift_schedule(back_by, now).await {
                Ok(moved) => {
                    tracing::warn!(
                        seconds = back_by.as_secs(),
                        moved,
                        "the clock was set back; the schedule moved with it"
                    );
                }
                Err(error) => {
                    tracing::warn!(%error, "the clock was set back and the schedule could not be moved; trying again");
                    continue;
                }
            }
        } else if jump >= JUMP {
            tracing::warn!(seconds = jump / 1_000, "the clock was set forward; what is due early goes early");
        }
        (last, at) = (now, Instant::now());
    }
}

/// Milliseconds by which the clock moved beside what really passed; negative when it was set back.
fn jump_of(last: Timestamp, now: Timestamp, elapsed: Duration) -> i64 {
    now.since(last) - i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_what_the_passing_time_does_not_explain() {
        let at = Timestamp::from_millis;
        assert_eq!(jump_of(at(10_000), at(11_000), Duration::from_secs(1)), 0);
        assert_eq!(jump_of(at(10_000_000), at(6_401_000), Duration::from_secs(1)), -3_600_000);
        assert_eq!(jump_of(at(10_000), at(3_611_000), Duration::from_secs(1)), 3_600_000);
    }
}
