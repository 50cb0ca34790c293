//! What public status pages are drawn from: hour by hour what was seen of each connection, and the incidents that are open.

use simpul_core::error_type::ErrorType;
use simpul_core::id::IntegrationId;
use simpul_core::time::Timestamp;
use sqlx::{FromRow, QueryBuilder};

use crate::Store;
use crate::db::read;
use crate::error::Result;
use crate::incidents::{COLUMNS, Incident, IncidentRow};
use crate::rollups::HOURLY;

/// Open incidents that a page shows at most.
const INCIDENTS: i64 = 50;

/// What one hour saw of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct SeenHour {
    pub integration_id: IntegrationId,
    pub bucket_start: Timestamp,
    pub succeeded: i64,
    pub failed: i64,
    /// Those of the failures that mean the provider was out of reach or did not let us in.
    pub down: i64,
}

impl Store {
    /// Tests, transactions and notifications of these integrations since `from`, by hour, in order.
    pub async fn seen_hours(&self, ids: &[IntegrationId], from: Timestamp) -> Result<Vec<SeenHour>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let down = ErrorType::ALL.iter().filter(|error_type| error_type.means_down());
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT integration_id, bucket_start,
                 CAST(SUM(CASE WHEN status = 'success' THEN requests ELSE 0 END) AS BIGINT) AS succeeded,
                 CAST(SUM(CASE WHEN status = 'failed' THEN requests ELSE 0 END) AS BIGINT) AS failed,
                 CAST(SUM(CASE WHEN status = 'failed' AND error_type IN (",
            );
            let mut list = query.separated(", ");
            for error_type in down {
                list.push_bind(error_type.as_str());
            }
            query.push(
                ") THEN requests ELSE 0 END) AS BIGINT) AS down FROM activity_rollups WHERE component = 'connection'
                 AND action IN ('test', 'transaction', 'webhook') AND status IN ('success', 'failed') AND minutes = ",
            );
            query.push_bind(HOURLY).push(" AND bucket_start >= ").push_bind(from).push(" AND integration_id IN (");
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(") GROUP BY integration_id, bucket_start ORDER BY integration_id, bucket_start");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        }))
    }

    /// Open incidents of these integrations' connections, and outages of these providers, the latest first.
    pub async fn open_incidents_of(&self, ids: &[IntegrationId], providers: &[&str]) -> Result<Vec<Incident>> {
        if ids.is_empty() || providers.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<IncidentRow> = read!(self, |pool| {
            let mut query = QueryBuilder::new(format!(
                "SELECT {COLUMNS} FROM incidents WHERE closed_at IS NULL AND (kind = 'connection' AND integration_id IN ("
            ));
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(") OR kind = 'provider_outage' AND provider IN (");
            let mut list = query.separated(", ");
            for provider in providers {
                list.push_bind(*provider);
            }
            query.push(")) ORDER BY opened_at DESC, id DESC LIMIT ").push_bind(INCIDENTS);
            query.build_query_as().persistent(false).fetch_all(pool).await?
        });
        rows.into_iter().map(Incident::try_from).collect()
    }
}
