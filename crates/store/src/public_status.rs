//! The incidents that public status pages show: those that are open.

use simpul_core::id::IntegrationId;
use sqlx::QueryBuilder;

use crate::Store;
use crate::db::read;
use crate::error::Result;
use crate::incidents::{COLUMNS, Incident, IncidentRow};

/// Open incidents that a page shows at most.
const INCIDENTS: i64 = 50;

impl Store {
    /// Open incidents of these integrations' connections, and outages of these providers, the latest first.
    pub async fn public_incidents_of(&self, ids: &[IntegrationId], providers: &[&str]) -> Result<Vec<Incident>> {
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
