//! What a message says of incidents beyond their own rows: names, and how much of an outage a reader may know of.

use std::collections::HashMap;

use simpul_core::id::{IncidentId, IntegrationId, PartnerId};
use sqlx::QueryBuilder;

use crate::Store;
use crate::db::{CHUNK, read};
use crate::error::Result;
use crate::incidents::Incident;

/// An incident with the names that belong to it.
#[derive(Debug, Clone)]
pub struct AlertIncident {
    pub incident: Incident,
    pub partner_name: Option<String>,
    pub integration_name: Option<String>,
    /// Of an outage: integrations that are part of it and all that there are, within the partners asked for.
    pub affected: i64,
    pub of: i64,
}

impl Store {
    /// Adds names and extents to incidents. `partners` confines what is said of an outage; `None` for everything.
    pub async fn describe_incidents(
        &self,
        incidents: Vec<Incident>,
        partners: Option<&[PartnerId]>,
    ) -> Result<Vec<AlertIncident>> {
        let integration_ids: Vec<IntegrationId> = incidents.iter().filter_map(|found| found.integration_id).collect();
        let mut partner_ids: Vec<PartnerId> = incidents.iter().filter_map(|found| found.partner_id).collect();
        partner_ids.sort_unstable();
        partner_ids.dedup();
        let integrations = self.names("partner_integrations", "display_name", &integration_ids).await?;
        let names = self.names("partners", "name", &partner_ids).await?;
        let mut described = Vec::with_capacity(incidents.len());
        for mut incident in incidents {
            let (mut affected, mut of) = (0, 0);
            if incident.integration_id.is_none() {
                of = self.count_integrations_of(&incident.provider, partners).await?;
                affected = incident.affected_integrations;
                if let Some(partners) = partners {
                    (affected, incident.affected_calls) = self.members_of(incident.id, partners).await?;
                }
            }
            described.push(AlertIncident {
                partner_name: incident.partner_id.and_then(|id| names.get(&id).cloned()),
                integration_name: incident.integration_id.and_then(|id| integrations.get(&id).cloned()),
                affected,
                of,
                incident,
            });
        }
        Ok(described)
    }

    async fn names<Id>(&self, table: &'static str, column: &'static str, ids: &[Id]) -> Result<HashMap<Id, String>>
    where
        Id: Copy + Eq + std::hash::Hash + Send + Sync + Unpin + 'static,
        Id: for<'q> sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + for<'r> sqlx::Decode<'r, sqlx::Sqlite>,
        Id: for<'q> sqlx::Encode<'q, sqlx::Postgres>
            + sqlx::Type<sqlx::Postgres>
            + for<'r> sqlx::Decode<'r, sqlx::Postgres>,
    {
        let mut names = HashMap::new();
        for chunk in ids.chunks(CHUNK) {
            let rows: Vec<(Id, String)> = read!(self, |pool| {
                let mut query = QueryBuilder::new(format!("SELECT id, {column} FROM {table} WHERE id IN ("));
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(")");
                query.build_query_as().persistent(false).fetch_all(pool).await?
            });
            names.extend(rows);
        }
        Ok(names)
    }

    async fn count_integrations_of(&self, provider: &str, partners: Option<&[PartnerId]>) -> Result<i64> {
        Ok(read!(self, |pool| {
            let mut query =
                QueryBuilder::new("SELECT COUNT(*) FROM partner_integrations WHERE is_active AND provider = ");
            query.push_bind(provider.to_owned());
            if let Some(partners) = partners {
                query.push(" AND partner_id IN (");
                let mut list = query.separated(", ");
                for id in partners {
                    list.push_bind(*id);
                }
                query.push(")");
            }
            query.build_query_scalar().persistent(false).fetch_one(pool).await?
        }))
    }

    /// How many of these partners' integrations are part of an outage, and their failed calls.
    async fn members_of(&self, outage: IncidentId, partners: &[PartnerId]) -> Result<(i64, i64)> {
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT COUNT(*), CAST(COALESCE(SUM(affected_calls), 0) AS BIGINT) FROM incidents WHERE outage_id = ",
            );
            query.push_bind(outage).push(" AND partner_id IN (");
            let mut list = query.separated(", ");
            for id in partners {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().persistent(false).fetch_one(pool).await?
        }))
    }
}
