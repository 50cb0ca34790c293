//! A webhook's rate across all nodes: each start has a turn, and turns are given out under the row's lock.

use simpul_core::id::WebhookId;
use simpul_core::time::Timestamp;

use crate::db::{Tx, within};
use crate::error::Result;

/// How far ahead turns are given out, in milliseconds: what a node holds at most, and loses at most when it dies.
const AHEAD: i64 = 500;

/// Takes at most `wanted` turns at `rate` a second, those that begin soon. Answers when each begins.
pub(super) async fn reserve(
    tx: &mut Tx,
    webhook_id: WebhookId,
    rate: u32,
    wanted: usize,
    now: Timestamp,
) -> Result<Vec<Timestamp>> {
    const FIRST: &str =
        "INSERT INTO webhook_pace (webhook_id, next_slot_at) VALUES ($1, $2) ON CONFLICT (webhook_id) DO NOTHING";
    // Changes nothing and locks the row.
    const LOCK: &str =
        "UPDATE webhook_pace SET next_slot_at = next_slot_at WHERE webhook_id = $1 RETURNING next_slot_at";
    const TAKE: &str = "UPDATE webhook_pace SET next_slot_at = $2 WHERE webhook_id = $1";
    if wanted == 0 {
        return Ok(Vec::new());
    }
    let next: Timestamp = within!(&mut *tx, |connection| {
        sqlx::query(FIRST).bind(webhook_id).bind(now).execute(&mut *connection).await?;
        sqlx::query_scalar(LOCK).bind(webhook_id).fetch_one(connection).await?
    });
    let turns = turns(next, rate, wanted, now);
    if let Some(last) = turns.last() {
        let next = Timestamp::from_millis(last.millis() + interval(1, rate).max(1));
        within!(&mut *tx, |connection| {
            sqlx::query(TAKE).bind(webhook_id).bind(next).execute(connection).await?;
        });
    }
    Ok(turns)
}

/// Milliseconds from the first turn to the one `number` further on, rounded up.
fn interval(number: i64, rate: u32) -> i64 {
    (number * 1_000 + i64::from(rate) - 1) / i64::from(rate.max(1))
}

fn turns(next: Timestamp, rate: u32, wanted: usize, now: Timestamp) -> Vec<Timestamp> {
    // A clock that was set back must not keep everything waiting for the turns of before.
    let first = if next.since(now) > 10 * AHEAD { now } else { next.max(now) };
    (0_i64..)
        .take(wanted)
        .map(|number| Timestamp::from_millis(first.millis() + interval(number, rate)))
        .take_while(|turn| turn.since(now) <= AHEAD)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_keep_the_rate_and_do_not_reach_far_ahead() {
        let now = Timestamp::from_millis(1_000_000);
        let at = |millis: i64| Timestamp::from_millis(1_000_000 + millis);
        assert_eq!(turns(at(-5_000), 10, 3, now), vec![now, at(100), at(200)], "the past is not made up for");
        assert_eq!(turns(at(400), 10, 5, now), vec![at(400), at(500)]);
        assert_eq!(turns(at(501), 10, 5, now), vec![]);
        assert_eq!(turns(now, 300, 4, now), vec![now, at(4), at(7), at(10)]);
        assert_eq!(turns(at(3_600_000), 1, 1, now), vec![now], "the clock was set back");
    }
}
