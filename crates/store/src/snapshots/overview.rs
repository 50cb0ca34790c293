//! Reading the snapshot: pages of the overview, worst first, its counts, and what has changed since a time.

use simpul_core::access::Scope;
use simpul_core::health::HealthStatus;
use simpul_core::id::{IncidentId, IntegrationId, OutletId, PartnerId};
use simpul_core::integration::IntegrationType;
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow, QueryBuilder};

use super::{HealthSnapshot, SnapshotRow};
use crate::db::read;
use crate::error::{Error, Result};
use crate::partners::contains_pattern;
use crate::{Page, Store};

/// Which integrations the overview is about; absent members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct OverviewFilter {
    pub partner_id: Option<PartnerId>,
    pub integration_type: Option<IntegrationType>,
    pub provider: Option<String>,
    pub is_active: Option<bool>,
    /// Must occur in the display name, the provider's slug or the partner's name.
    pub words: Option<String>,
    /// Any of these; empty for all.
    pub statuses: Vec<HealthStatus>,
}

/// An integration with its snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthEntry {
    pub snapshot: HealthSnapshot,
    pub partner_name: String,
    pub outlet_id: Option<OutletId>,
    pub integration_type: IntegrationType,
    /// The provider's slug.
    pub provider: String,
    pub display_name: String,
    pub is_active: bool,
    pub test_mode: bool,
    pub last_tested_at: Option<Timestamp>,
    pub last_test_status: Option<String>,
}

/// Something that listeners are told.
#[derive(Debug, Clone, PartialEq)]
pub enum HealthChange {
    Changed(Box<HealthEntry>),
    Removed { integration_id: IntegrationId, partner_id: PartnerId, changed_at: Timestamp },
}

impl HealthChange {
    #[must_use]
    pub fn integration_id(&self) -> IntegrationId {
        match self {
            Self::Changed(entry) => entry.snapshot.integration_id,
            Self::Removed { integration_id, .. } => *integration_id,
        }
    }

    #[must_use]
    pub fn partner_id(&self) -> PartnerId {
        match self {
            Self::Changed(entry) => entry.snapshot.partner_id,
            Self::Removed { partner_id, .. } => *partner_id,
        }
    }

    #[must_use]
    pub fn changed_at(&self) -> Timestamp {
        match self {
            Self::Changed(entry) => entry.snapshot.changed_at,
            Self::Removed { changed_at, .. } => *changed_at,
        }
    }
}

/// How many integrations of a provider stand in a band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCount {
    pub provider: String,
    pub integration_type: IntegrationType,
    pub health_status: HealthStatus,
    pub count: u64,
}

#[derive(FromRow)]
struct EntryRow {
    #[sqlx(flatten)]
    snapshot: SnapshotRow,
    partner_name: String,
    outlet_id: Option<OutletId>,
    integration_type: String,
    provider: String,
    display_name: String,
    is_active: bool,
    test_mode: bool,
    last_tested_at: Option<Timestamp>,
    last_test_status: Option<String>,
}

impl TryFrom<EntryRow> for HealthEntry {
    type Error = Error;

    fn try_from(row: EntryRow) -> Result<Self> {
        let integration_type = kind(&row.integration_type)?;
        Ok(Self {
            snapshot: row.snapshot.try_into()?,
            partner_name: row.partner_name,
            outlet_id: row.outlet_id,
            integration_type,
            provider: row.provider,
            display_name: row.display_name,
            is_active: row.is_active,
            test_mode: row.test_mode,
            last_tested_at: row.last_tested_at,
            last_test_status: row.last_test_status,
        })
    }
}

fn kind(word: &str) -> Result<IntegrationType> {
    IntegrationType::parse(word).ok_or_else(|| Error::Corrupt {
        table: "partner_integrations",
        column: "integration_type",
        row: word.to_owned(),
    })
}

/// An integration that was not looked at yet is shown as unknown.
const ENTRY: &str = "SELECT integrations.id AS integration_id, integrations.partner_id, COALESCE(health.health_status, 'unknown') AS health_status,
    health.health_score, health.previous_score, COALESCE(health.provisional, TRUE) AS provisional,
    COALESCE(health.total_requests, 0) AS total_requests, COALESCE(health.success_count, 0) AS success_count, health.p95_response_time,
    health.uptime, COALESCE(health.connection_status, 'unknown') AS connection_status,
    COALESCE(health.deliveries_status, 'unknown') AS deliveries_status, health.open_incident_id,
    COALESCE(health.facts, '[\"never_tested\"]') AS facts, COALESCE(health.paused, FALSE) AS paused, health.paused_until,
    COALESCE(health.changed_at, integrations.updated_at) AS changed_at,
    COALESCE(health.evaluated_at, integrations.created_at) AS evaluated_at, partners.name AS partner_name, integrations.outlet_id,
    integrations.integration_type, integrations.provider, integrations.display_name, integrations.is_active, integrations.test_mode,
    integrations.last_tested_at, integrations.last_test_status ";
const FROM: &str = "FROM partner_integrations integrations JOIN partners ON partners.id = integrations.partner_id
    LEFT JOIN integration_health health ON health.integration_id = integrations.id ";
/// The same where the partner's name is not asked for: every row is found in an index.
const FROM_NAMELESS: &str = "FROM partner_integrations integrations
    LEFT JOIN integration_health health ON health.integration_id = integrations.id ";
/// Open incidents first, then the worst band and the lowest score in it; what is unknown comes last.
const WORST_FIRST: &str = " ORDER BY CASE WHEN health.open_incident_id IS NULL THEN 1 ELSE 0 END,
    CASE health.health_status WHEN 'critical' THEN 0 WHEN 'degraded' THEN 1 WHEN 'warning' THEN 2 WHEN 'healthy' THEN 3 ELSE 4 END,
    COALESCE(health.health_score, 101), integrations.id ";

fn from(filter: &OverviewFilter) -> &'static str {
    if filter.words.is_some() { FROM } else { FROM_NAMELESS }
}

macro_rules! push_conditions {
    ($query:expr, $scope:expr, $filter:expr, $words:expr, $statuses:expr) => {{
        $query.push("WHERE 1 = 1");
        if let Some(partner_id) = $scope.partner_id() {
            $query.push(" AND integrations.partner_id = ").push_bind(partner_id);
        }
        if let Some(partner_id) = $filter.partner_id {
            $query.push(" AND integrations.partner_id = ").push_bind(partner_id);
        }
        if let Some(kind) = $filter.integration_type {
            $query.push(" AND integrations.integration_type = ").push_bind(kind.as_str());
        }
        if let Some(provider) = &$filter.provider {
            $query.push(" AND integrations.provider = ").push_bind(provider.as_str());
        }
        if let Some(is_active) = $filter.is_active {
            $query.push(" AND integrations.is_active = ").push_bind(is_active);
        }
        if let Some(words) = $words {
            $query
                .push(" AND LOWER(integrations.display_name || ' ' || integrations.provider || ' ' || partners.name) LIKE ")
                .push_bind(words)
                .push(" ESCAPE '!'");
        }
        if $statuses && !$filter.statuses.is_empty() {
            $query.push(" AND COALESCE(health.health_status, 'unknown') IN (");
            let mut list = $query.separated(", ");
            for status in &$filter.statuses {
                list.push_bind(status.as_str());
            }
            $query.push(")");
        }
    }};
}

impl OverviewFilter {
    /// Whether nothing but the bands restricts it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let restricted = [
            self.partner_id.is_some(),
            self.integration_type.is_some(),
            self.provider.is_some(),
            self.is_active.is_some(),
            self.words.is_some(),
        ];
        !restricted.contains(&true)
    }
}

impl Store {
    /// One page of the overview, worst first.
    pub async fn list_health(&self, scope: Scope, filter: &OverviewFilter, page: Page) -> Result<Vec<HealthEntry>> {
        let words = filter.words.as_deref().map(contains_pattern);
        let rows: Vec<EntryRow> = read!(self, |pool| {
            // Ids alone are sorted; the wide rows are read for the page that was asked for.
            let mut query = QueryBuilder::new(format!(
                "{ENTRY}{FROM}WHERE integrations.id IN (SELECT integrations.id {}",
                from(filter)
            ));
            push_conditions!(query, scope, filter, words.as_deref(), true);
            query.push(WORST_FIRST).push("LIMIT ").push_bind(i64::from(page.limit));
            query.push(" OFFSET ").push_bind(i64::from(page.offset)).push(")").push(WORST_FIRST);
            query.build_query_as().persistent(false).fetch_all(pool).await?
        });
        rows.into_iter().map(HealthEntry::try_from).collect()
    }

    /// How many integrations stand in which band, by provider; the filter's own bands do not restrict.
    pub async fn count_health(&self, scope: Scope, filter: &OverviewFilter) -> Result<Vec<HealthCount>> {
        let words = filter.words.as_deref().map(contains_pattern);
        let rows: Vec<(String, String, String, i64)> = read!(self, |pool| {
            let mut query = QueryBuilder::new(format!(
                "SELECT integrations.provider, integrations.integration_type, COALESCE(health.health_status, 'unknown'), COUNT(*) {}",
                from(filter)
            ));
            push_conditions!(query, scope, filter, words.as_deref(), false);
            query.push(" GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
            query.build_query_as().persistent(false).fetch_all(pool).await?
        });
        rows.into_iter()
            .map(|(provider, integration_type, word, count)| {
                let integration_type = kind(&integration_type)?;
                let health_status = HealthStatus::parse(&word).unwrap_or(HealthStatus::Unknown);
                let count = u64::try_from(count).unwrap_or(0);
                Ok(HealthCount { provider, integration_type, health_status, count })
            })
            .collect()
    }

    /// Which of an integration list's matches stand in a band, in its order: by partner, type and provider.
    pub async fn ids_in_band(&self, scope: Scope, filter: &OverviewFilter) -> Result<Vec<IntegrationId>> {
        let words = filter.words.as_deref().map(contains_pattern);
        Ok(read!(self, |pool| {
            let mut query = QueryBuilder::new(format!("SELECT integrations.id {FROM}"));
            push_conditions!(query, scope, filter, words.as_deref(), true);
            query.push(
                " ORDER BY integrations.partner_id, integrations.integration_type, integrations.provider, integrations.id",
            );
            query.build_query_scalar().persistent(false).fetch_all(pool).await?
        }))
    }

    /// What is shown differently, or is gone, since a time (inclusive), in the order of the changes, at most `limit` of each.
    pub async fn health_changes_since(&self, since: Timestamp, limit: u32) -> Result<Vec<HealthChange>> {
        const REMOVED: &str = "SELECT integration_id, partner_id, changed_at FROM integration_health
            WHERE changed_at >= $1 AND removed_at IS NOT NULL ORDER BY changed_at, integration_id LIMIT $2";
        let changed = format!(
            "{ENTRY}FROM integration_health health JOIN partner_integrations integrations ON integrations.id = health.integration_id
             JOIN partners ON partners.id = integrations.partner_id WHERE health.changed_at >= $1 AND health.removed_at IS NULL
             ORDER BY health.changed_at, health.integration_id LIMIT $2"
        );
        let rows: Vec<EntryRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(changed))
            .bind(since)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?);
        let removed: Vec<(IntegrationId, PartnerId, Timestamp)> =
            read!(self, |pool| sqlx::query_as(REMOVED).bind(since).bind(i64::from(limit)).fetch_all(pool).await?);
        let mut changes = Vec::with_capacity(rows.len() + removed.len());
        for row in rows {
            changes.push(HealthChange::Changed(Box::new(row.try_into()?)));
        }
        changes.extend(removed.into_iter().map(|(integration_id, partner_id, changed_at)| HealthChange::Removed {
            integration_id,
            partner_id,
            changed_at,
        }));
        changes.sort_by_key(|change| (change.changed_at(), change.integration_id()));
        Ok(changes)
    }

    /// The open outages that the caller may see, by provider: those that one of its integrations is part of.
    pub async fn open_outages(&self, scope: Scope) -> Result<Vec<(String, IncidentId)>> {
        const SQL: &str = "SELECT provider, id FROM incidents WHERE kind = 'provider_outage' AND closed_at IS NULL AND ($1 IS NULL
            OR EXISTS (SELECT 1 FROM incidents members WHERE members.outage_id = incidents.id AND members.partner_id = $1))";
        Ok(read!(self, |pool| sqlx::query_as(SQL).bind(scope.partner_id()).fetch_all(pool).await?))
    }
}
