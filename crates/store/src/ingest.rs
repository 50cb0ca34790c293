//! Accepting events: what is new among them, in which order they stand, and whom they go to, in one transaction with their
//! log rows. Nothing is answered to anybody before that transaction has committed.

mod fan_out;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use simpul_core::activity::Activity;
use simpul_core::event::EventType;
use simpul_core::id::{EventId, IntegrationId, PartnerId};
use simpul_core::time::{DAY, Timestamp};
use sqlx::QueryBuilder;

use crate::Store;
use crate::bulk::{Bulk, Part};
use crate::db::{CHUNK, Tx, within};
use crate::error::Result;
use crate::events::EventSource;
use crate::notifications::{self, Notification};
use crate::queue::LeasedDelivery;
use crate::room::Room;

/// An event that somebody tells the hub of.
#[derive(Debug, Clone)]
pub struct NewEvent {
    pub id: EventId,
    pub integration_id: IntegrationId,
    pub partner_id: PartnerId,
    pub event_type: EventType,
    pub source: EventSource,
    /// Seen before on this integration, the event is a duplicate.
    pub deduplication_key: Option<String>,
    /// A one-time token: likewise.
    pub replay_guard: Option<String>,
    /// After this long the key may be used again; `None` for never.
    pub key_lifetime: Option<Duration>,
    pub subject: Option<String>,
    /// The order, payment or message that it is about, for webhooks that want those in order.
    pub order_key: Option<String>,
    pub rank: u8,
    pub occurred_at: Timestamp,
    /// The body to deliver.
    pub payload: Arc<str>,
}

/// Everything that one request brings; stored whole or not at all.
#[derive(Debug, Clone, Default)]
pub struct Ingest {
    pub events: Vec<NewEvent>,
    pub notification: Option<Notification>,
    /// Its log row, with the message to use instead if every event turns out to be a duplicate.
    pub log: Option<(Activity, String)>,
    pub created_at: Timestamp,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The event's id, or that of the event it repeats.
    pub id: EventId,
    pub duplicate: bool,
}

/// A duplicate's original is looked for under this many keys at most an event.
const KEYS: usize = 2;

impl NewEvent {
    fn keys(&self) -> impl Iterator<Item = &str> {
        [self.deduplication_key.as_deref(), self.replay_guard.as_deref()].into_iter().take(KEYS).flatten()
    }
}

/// What a batch of ingests left in the database and for the dispatcher.
pub(crate) struct Ingested {
    /// One list an ingest, in the order of its events.
    pub(crate) accepted: Vec<Vec<Accepted>>,
    pub(crate) leased: Vec<LeasedDelivery>,
    /// Deliveries that wait in the table to be claimed.
    pub(crate) waiting: usize,
}

/// Stores a batch. What there is room for is leased to this node; the others wait in the table. Log rows are left in `logs`,
/// for the caller to write with those of the rest of the transaction.
pub(crate) async fn apply(
    store: &Store,
    tx: &mut Tx,
    batch: &[&Ingest],
    room: &Room,
    logs: &mut Vec<Activity>,
) -> Result<Ingested> {
    let originals = claim_keys(tx, batch).await?;
    let mut accepted = Vec::with_capacity(batch.len());
    let mut fresh: Vec<(&NewEvent, Timestamp)> = Vec::new();
    let mut stored_notifications = Vec::new();
    for ingest in batch {
        let answers: Vec<Accepted> = ingest
            .events
            .iter()
            .map(|event| match originals.get(&event.id) {
                Some(original) => Accepted { id: *original, duplicate: true },
                None => Accepted { id: event.id, duplicate: false },
            })
            .collect();
        fresh.extend(
            ingest
                .events
                .iter()
                .zip(&answers)
                .filter(|(_, answer)| !answer.duplicate)
                .map(|(event, _)| (event, ingest.created_at)),
        );
        let only_duplicates = !answers.is_empty() && answers.iter().all(|answer| answer.duplicate);
        if let Some((log, duplicate_message)) = &ingest.log {
            let mut log = log.clone();
            if only_duplicates {
                log.message.clone_from(duplicate_message);
            }
            logs.push(log);
        }
        if let Some(notification) = &ingest.notification {
            stored_notifications.push(notification.clone().or_duplicate(only_duplicates));
        }
        accepted.push(answers);
    }
    let late = late_events(tx, &fresh).await?;
    insert_events(tx, &fresh, &late).await?;
    let (leased, waiting) = fan_out::fan_out(store, tx, &fresh, &late, room).await?;
    notifications::insert(tx, &stored_notifications).await?;
    Ok(Ingested { accepted, leased, waiting })
}

/// Claims every event's keys. Answers which events are duplicates, and of what.
async fn claim_keys(tx: &mut Tx, batch: &[&Ingest]) -> Result<HashMap<EventId, EventId>> {
    const CLAIM: &str = "INSERT INTO event_keys (integration_id, event_key, event_id, created_at) ";
    const TAKE_OVER: &str = " ON CONFLICT (integration_id, event_key) DO UPDATE SET event_id = excluded.event_id,
        created_at = excluded.created_at WHERE event_keys.event_key LIKE 'idempotency:%' AND event_keys.created_at < ";
    // One statement cannot touch a row twice, so repetitions inside the batch are found here. Sorted: two nodes that claim
    // the same keys must do so in the same order.
    let mut first: HashMap<(IntegrationId, &str), EventId> = HashMap::new();
    let mut originals = HashMap::new();
    let mut claims: Vec<Claim<'_>> = Vec::new();
    for ingest in batch {
        for event in &ingest.events {
            if let Some(original) = event.keys().find_map(|key| first.get(&(event.integration_id, key))) {
                originals.insert(event.id, *original);
                continue;
            }
            let expired_before = event
                .key_lifetime
                .map_or(Timestamp::from_millis(i64::MIN), |lifetime| ingest.created_at.minus(lifetime));
            for key in event.keys() {
                first.insert((event.integration_id, key), event.id);
                claims.push((event.integration_id, key, event.id, ingest.created_at, expired_before));
            }
        }
    }
    claims.sort_unstable_by(|left, right| (left.0, left.1).cmp(&(right.0, right.1)));
    let mut lost: HashSet<(IntegrationId, String)> = HashSet::new();
    for chunk in claims.chunks(CHUNK) {
        let expired_before = chunk.iter().map(|claim| claim.4).max().unwrap_or_default();
        let mut bulk = Bulk::default();
        bulk.add(chunk.iter().map(|claim| claim.0))
            .add(chunk.iter().map(|claim| claim.1))
            .add(chunk.iter().map(|claim| claim.2))
            .add(chunk.iter().map(|claim| claim.3));
        let tail =
            [Part::Sql(TAKE_OVER), Part::Time(expired_before), Part::Sql(" RETURNING integration_id, event_key")];
        let won: Vec<(IntegrationId, String)> = bulk.fetch(tx, CLAIM, &tail).await?;
        let won: HashSet<(IntegrationId, &str)> = won.iter().map(|(id, key)| (*id, key.as_str())).collect();
        lost.extend(
            chunk.iter().filter(|claim| !won.contains(&(claim.0, claim.1))).map(|claim| (claim.0, claim.1.to_owned())),
        );
    }
    if !lost.is_empty() {
        let owners = owners_of(tx, &lost).await?;
        for event in batch.iter().flat_map(|ingest| &ingest.events) {
            if let Some(original) = event.keys().find_map(|key| owners.get(&(event.integration_id, key.to_owned())))
                && *original != event.id
            {
                originals.entry(event.id).or_insert(*original);
            }
        }
        follow(&mut originals);
        release_keys(tx, &claims, &lost, &originals).await?;
    }
    Ok(originals)
}

/// Gives back the keys that a duplicate won before another of its keys gave it away: a forged notification that repeats a
/// one-time token must not occupy the key of the true one.
async fn release_keys(
    tx: &mut Tx,
    claims: &[Claim<'_>],
    lost: &HashSet<(IntegrationId, String)>,
    originals: &HashMap<EventId, EventId>,
) -> Result<()> {
    const SQL: &str = "DELETE FROM event_keys WHERE integration_id = $1 AND event_key = $2 AND event_id = $3";
    for (integration_id, key, event_id, _, _) in claims {
        if originals.contains_key(event_id) && !lost.contains(&(*integration_id, (*key).to_owned())) {
            within!(&mut *tx, |connection| {
                sqlx::query(SQL).bind(*integration_id).bind(*key).bind(*event_id).execute(connection).await?;
            });
        }
    }
    Ok(())
}

/// Integration, key, event, when it is claimed, and before when an older claim has expired.
type Claim<'a> = (IntegrationId, &'a str, EventId, Timestamp, Timestamp);

/// A duplicate of something that turned out to be a duplicate itself names the true original.
fn follow(originals: &mut HashMap<EventId, EventId>) {
    let known = originals.clone();
    for original in originals.values_mut() {
        if let Some(earlier) = known.get(original) {
            *original = *earlier;
        }
    }
}

async fn owners_of(
    tx: &mut Tx,
    keys: &HashSet<(IntegrationId, String)>,
) -> Result<HashMap<(IntegrationId, String), EventId>> {
    let keys: Vec<_> = keys.iter().collect();
    let mut owners = HashMap::new();
    for chunk in keys.chunks(CHUNK) {
        let rows: Vec<(IntegrationId, String, EventId)> = within!(&mut *tx, |connection| {
            let mut query = QueryBuilder::new(
                "SELECT integration_id, event_key, event_id FROM event_keys WHERE (integration_id, event_key) IN (VALUES ",
            );
            let mut list = query.separated(", ");
            for (integration_id, key) in chunk {
                list.push("(")
                    .push_bind_unseparated(*integration_id)
                    .push_unseparated(", ")
                    .push_bind_unseparated(key)
                    .push_unseparated(")");
            }
            query.push(")");
            query.build_query_as().persistent(false).fetch_all(connection).await?
        });
        owners.extend(rows.into_iter().map(|(integration_id, key, event_id)| ((integration_id, key), event_id)));
    }
    Ok(owners)
}

/// Which events arrived after one that stands further along the same subject's life.
async fn late_events(tx: &mut Tx, fresh: &[(&NewEvent, Timestamp)]) -> Result<HashSet<EventId>> {
    let mut subjects: Vec<(IntegrationId, &str)> = fresh
        .iter()
        .filter(|(event, _)| event.rank > 0)
        .filter_map(|(event, _)| Some((event.integration_id, event.subject.as_deref()?)))
        .collect();
    subjects.sort_unstable();
    subjects.dedup();
    let mut highest: HashMap<(IntegrationId, String), i32> = HashMap::new();
    for chunk in subjects.chunks(CHUNK) {
        let rows: Vec<(IntegrationId, String, i32)> = within!(&mut *tx, |connection| {
            let mut query = QueryBuilder::new(
                "SELECT integration_id, subject, MAX(subject_rank) FROM events WHERE subject IS NOT NULL AND (integration_id, subject) IN (VALUES ",
            );
            let mut list = query.separated(", ");
            for (integration_id, subject) in chunk {
                list.push("(")
                    .push_bind_unseparated(*integration_id)
                    .push_unseparated(", ")
                    .push_bind_unseparated(*subject)
                    .push_unseparated(")");
            }
            query.push(") GROUP BY integration_id, subject");
            query.build_query_as().persistent(chunk.len() == 1).fetch_all(connection).await?
        });
        highest.extend(rows.into_iter().map(|(integration_id, subject, rank)| ((integration_id, subject), rank)));
    }
    let mut late = HashSet::new();
    for (event, _) in fresh {
        let Some(subject) = event.subject.clone().filter(|_| event.rank > 0) else { continue };
        let seen = highest.entry((event.integration_id, subject)).or_default();
        if i32::from(event.rank) < *seen {
            late.insert(event.id);
        }
        *seen = (*seen).max(i32::from(event.rank));
    }
    Ok(late)
}

async fn insert_events(tx: &mut Tx, fresh: &[(&NewEvent, Timestamp)], late: &HashSet<EventId>) -> Result<()> {
    const SQL: &str =
        "INSERT INTO events (id, integration_id, partner_id, event_type, source, subject, subject_rank, is_late,
        payload, occurred_at, created_at) ";
    let mut bulk = Bulk::default();
    bulk.add(fresh.iter().map(|(event, _)| event.id))
        .add(fresh.iter().map(|(event, _)| event.integration_id))
        .add(fresh.iter().map(|(event, _)| event.partner_id))
        .add(fresh.iter().map(|(event, _)| event.event_type.as_str()))
        .add(fresh.iter().map(|(event, _)| event.source.as_str()))
        .add(fresh.iter().map(|(event, _)| event.subject.as_deref()))
        .add(fresh.iter().map(|(event, _)| i32::from(event.rank)))
        .add(fresh.iter().map(|(event, _)| late.contains(&event.id)))
        .add(fresh.iter().map(|(event, _)| &*event.payload))
        .add(fresh.iter().map(|(event, _)| event.occurred_at))
        .add(fresh.iter().map(|(_, created_at)| *created_at));
    bulk.execute(tx, SQL, &[]).await?;
    Ok(())
}

/// How long an idempotency key of the platform stands.
pub const IDEMPOTENCY_DAYS: Duration = Duration::from_millis(7 * DAY.unsigned_abs());
