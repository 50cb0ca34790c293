//! What was seen of each connection, a bit a minute: seen up, seen down. Uptime, heartbeats and charts are read from it.
//!
//! A row is an hour. Bits are added with `|` in the transaction that writes the log rows; that commutes, so rows that come late
//! or in any order leave the same bits. A minute with both bits was up.

use std::collections::BTreeMap;

use simpul_core::activity::{Activity, Component, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::id::IntegrationId;
use simpul_core::time::{HOUR, MINUTE, Timestamp};
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::bulk::{Bulk, Part};
use crate::db::{Tx, read};
use crate::error::Result;

/// An hour of a connection; bit 0 is its first minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct ConnectionHour {
    pub integration_id: IntegrationId,
    pub hour_start: Timestamp,
    /// Minutes in which anything succeeded.
    pub up_minutes: i64,
    /// Minutes in which something failed in a way that means that the provider is out of reach.
    pub down_minutes: i64,
}

impl ConnectionHour {
    /// The minutes in which something was seen, in order: up if anything succeeded, else down.
    pub fn samples(self) -> impl Iterator<Item = (Timestamp, bool)> {
        (0..60)
            .filter(move |minute| ((self.up_minutes | self.down_minutes) >> minute) & 1 == 1)
            .map(move |minute| (self.minute(minute), (self.up_minutes >> minute) & 1 == 1))
    }

    fn minute(self, minute: i64) -> Timestamp {
        Timestamp::from_millis(self.hour_start.millis() + minute * MINUTE)
    }
}

/// Whether a row says that the connection was up, or down; `None` where it says neither.
fn seen(activity: &Activity) -> Option<bool> {
    if activity.component != Component::Connection || !activity.action.counts_as_request() {
        return None;
    }
    match activity.status {
        Status::Success => Some(true),
        Status::Failed => activity.error_type.is_some_and(ErrorType::means_down).then_some(false),
        Status::Pending => None,
    }
}

/// Adds rows to the hours, in the order of the key so that two nodes cannot wait for each other. An hour that knows it all
/// already is not written again.
pub(crate) async fn add(tx: &mut Tx, rows: &[Activity]) -> Result<()> {
    const INSERT: &str = "INSERT INTO connection_hours (integration_id, hour_start, up_minutes, down_minutes) ";
    const ADD: &str = " ON CONFLICT (integration_id, hour_start) DO UPDATE SET
        up_minutes = connection_hours.up_minutes | excluded.up_minutes,
        down_minutes = connection_hours.down_minutes | excluded.down_minutes
        WHERE (connection_hours.up_minutes | excluded.up_minutes) <> connection_hours.up_minutes
        OR (connection_hours.down_minutes | excluded.down_minutes) <> connection_hours.down_minutes";
    let mut hours: BTreeMap<(IntegrationId, Timestamp), (i64, i64)> = BTreeMap::new();
    for activity in rows {
        let Some(is_up) = seen(activity) else { continue };
        let hour_start = activity.created_at.floor(HOUR);
        let bit = 1_i64 << (activity.created_at.since(hour_start) / MINUTE);
        let (up, down) = hours.entry((activity.integration_id, hour_start)).or_default();
        *(if is_up { up } else { down }) |= bit;
    }
    let hours: Vec<_> = hours.into_iter().collect();
    let mut bulk = Bulk::default();
    bulk.add(hours.iter().map(|((integration_id, _), _)| *integration_id))
        .add(hours.iter().map(|((_, hour_start), _)| *hour_start))
        .add(hours.iter().map(|(_, (up, _))| *up))
        .add(hours.iter().map(|(_, (_, down))| *down));
    bulk.execute(tx, INSERT, &[Part::Sql(ADD)]).await?;
    Ok(())
}

impl Store {
    /// The hours that overlap `from` to `to` in which something was seen of these connections, by integration and in order.
    pub async fn connection_hours_of(
        &self,
        ids: &[IntegrationId],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ConnectionHour>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT integration_id, hour_start, up_minutes, down_minutes FROM connection_hours WHERE integration_id IN (",
            );
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(") AND hour_start >= ").push_bind(from.floor(HOUR)).push(" AND hour_start < ").push_bind(to);
            query.push(" ORDER BY integration_id, hour_start");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_up_if_anything_succeeded_in_it() {
        let start = Timestamp::from_millis(0);
        let hour = ConnectionHour {
            integration_id: IntegrationId::generate(start),
            hour_start: start,
            up_minutes: 1 | 1 << 59,
            down_minutes: 1 | 1 << 2,
        };
        let at = |minute: i64| Timestamp::from_millis(minute * MINUTE);
        assert_eq!(hour.samples().collect::<Vec<_>>(), [(at(0), true), (at(2), false), (at(59), true)]);
    }
}
