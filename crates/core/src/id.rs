//! Typed identifiers: UUIDv7 behind a newtype each, so that a partner's id cannot be passed where an outlet's is meant.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Timestamp;

/// The text was not a UUID in hyphenated form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID in lower-case hyphenated form")]
pub struct InvalidId;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Makes an id that sorts by the time it was made (UUIDv7, RFC 9562 section 5.7).
            #[must_use]
            pub fn generate(now: Timestamp) -> Self {
                Self(uuid_v7(now))
            }

            /// When it was made.
            #[must_use]
            pub fn made_at(self) -> Timestamp {
                Timestamp::from_millis(i64::try_from(self.0.as_u128() >> 80).unwrap_or(i64::MAX))
            }

            /// The lowest of all ids made at this time: with it, a range of times is a range of ids.
            #[must_use]
            pub fn lowest_at(at: Timestamp) -> Self {
                Self(uuid_v7_of(at, [0; 10]))
            }

            /// The highest of all ids made at this time.
            #[must_use]
            pub fn highest_at(at: Timestamp) -> Self {
                Self(uuid_v7_of(at, [0xff; 10]))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if text.len() != 36 {
                    return Err(InvalidId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    )+};
}

id! {
    /// A platform's partner (merchant).
    PartnerId,
    /// One outlet of a partner.
    OutletId,
    /// One account at a provider.
    IntegrationId,
    /// One row of the activity log.
    LogId,
    /// A receiver of events.
    WebhookId,
    /// Something that happened; the `webhook-id` of each of its deliveries.
    EventId,
    /// One event on its way to one webhook.
    DeliveryId,
    /// One request made for a delivery.
    AttemptId,
    /// One request received from a provider.
    NotificationId,
    /// Many deliveries of a webhook sent again.
    ReplayId,
    /// A spell of trouble, from its first failure to its end.
    IncidentId,
    /// One line of an incident's timeline.
    IncidentEntryId,
    /// A span in which failures are expected and not counted.
    MaintenanceId,
    /// A way to reach the people who are to know.
    AlertChannelId,
    /// Who is told of what, through which channels.
    AlertRuleId,
    /// What one rule has to say of one trouble, until it is over.
    AlertId,
    /// One message on its way through one channel.
    AlertDeliveryId,
    /// A person who signs in.
    UserId,
    /// A signed-in browser.
    SessionId,
    /// A program's key.
    ApiKeyId,
    /// One running process, as the holder of leases.
    NodeId,
}

/// Counts the ids of this process. It fills the bits after the time, so that ids of one millisecond sort as they were
/// made (RFC 9562 section 6.2, method 1); 40 random bits after it keep the ids of two nodes apart.
static COUNTER: AtomicU64 = AtomicU64::new(0);

fn uuid_v7(now: Timestamp) -> Uuid {
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let byte = |shift: u32| u8::try_from((count >> shift) & 0xff).unwrap_or_default();
    let random = Uuid::new_v4().into_bytes();
    // The version takes the upper half of the first byte, the variant the two upper bits of the third.
    let counted = [byte(30) & 0x0f, byte(22), byte(16) & 0x3f, byte(8), byte(0)];
    let mut bytes = [0; 10];
    bytes[..5].copy_from_slice(&counted);
    bytes[5..].copy_from_slice(&random[..5]);
    uuid_v7_of(now, bytes)
}

/// Version and variant take the place of six of the bits.
fn uuid_v7_of(time: Timestamp, bytes: [u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(time.millis().max(0).unsigned_abs(), &bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = EventId::generate(Timestamp::from_millis(1_000));
        let late = EventId::generate(Timestamp::from_millis(2_000));
        assert!(early < late);
        assert_eq!(late.made_at(), Timestamp::from_millis(2_000));
        assert_eq!(early.0.get_version_num(), 7);
        assert_eq!(early.0.get_variant(), uuid::Variant::RFC4122);
    }

    #[test]
    fn ids_of_one_millisecond_sort_as_they_were_made() {
        let now = Timestamp::from_millis(1_771_668_000_000);
        let ids: Vec<EventId> = (0..5_000).map(|_| EventId::generate(now)).collect();
        assert!(ids.is_sorted_by(|earlier, later| earlier < later));
    }

    #[test]
    fn a_range_of_times_is_a_range_of_ids() {
        let at = |millis: i64| Timestamp::from_millis(1_771_668_000_000 + millis);
        let id = EventId::generate(at(0));
        assert!(EventId::lowest_at(at(0)) <= id && id <= EventId::highest_at(at(0)));
        assert!(EventId::highest_at(at(-1)) < id && id < EventId::lowest_at(at(1)));
    }

    #[test]
    fn only_the_hyphenated_form_is_read() {
        let id = PartnerId::generate(Timestamp::from_millis(1));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.0.as_simple().to_string().parse::<PartnerId>(), Err(InvalidId));
        assert_eq!("' OR 1=1 --".parse::<PartnerId>(), Err(InvalidId));
    }
}
