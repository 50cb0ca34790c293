//! Alerts as people look them up, with the rule and the incident that they belong to.

use simpul_core::access::Scope;
use simpul_core::alert::{Alert, AlertState};
use sqlx::{AssertSqlSafe, FromRow};

use super::AlertRow;
use crate::db::read;
use crate::error::{Error, Result};
use crate::incidents::Incident;
use crate::{Page, Store};

/// An alert with its rule's name and its incident, if that is still kept.
#[derive(Debug, Clone)]
pub struct AlertView {
    pub alert: Alert,
    pub rule_name: String,
    pub incident: Option<Incident>,
}

#[derive(FromRow)]
struct ViewRow {
    #[sqlx(flatten)]
    alert: AlertRow,
    rule_name: String,
}

const COLUMNS: &str =
    "alerts.id, alerts.rule_id, alerts.incident_id, alerts.state, alerts.due_at, alerts.told_at, alerts.told_count,
    alerts.created_at, alerts.updated_at, alert_rules.name AS rule_name";
const FROM: &str = "FROM alerts JOIN alert_rules ON alert_rules.id = alerts.rule_id
    WHERE ($1 IS NULL OR alert_rules.partner_id = $1) AND ($2 IS NULL OR alerts.state = $2)";

impl Store {
    /// Alerts of the rules within scope, the newest first, and how many there are in all.
    pub async fn list_alerts(
        &self,
        scope: Scope,
        state: Option<AlertState>,
        page: Page,
    ) -> Result<(Vec<AlertView>, i64)> {
        let list = format!("SELECT {COLUMNS} {FROM} ORDER BY alerts.id DESC LIMIT $3 OFFSET $4");
        let count = format!("SELECT COUNT(*) {FROM}");
        let (own, state) = (scope.partner_id(), state.map(AlertState::as_str));
        let rows: Vec<ViewRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(list))
            .bind(own)
            .bind(state)
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total =
            read!(self, |pool| sqlx::query_scalar(AssertSqlSafe(count)).bind(own).bind(state).fetch_one(pool).await?);
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let alert: Alert = row.alert.try_into()?;
            views.push((alert, row.rule_name));
        }
        let ids: Vec<_> = views.iter().map(|(alert, _)| alert.incident_id).collect();
        let incidents = self.incidents_with_ids(&ids).await?;
        let view = |(alert, rule_name): (Alert, String)| {
            let incident = incidents.iter().find(|incident| incident.id == alert.incident_id).cloned();
            Ok::<_, Error>(AlertView { alert, rule_name, incident })
        };
        Ok((views.into_iter().map(view).collect::<Result<_>>()?, total))
    }
}
