//! Alert rules as they are kept.

use serde::Serialize;
use serde::de::DeserializeOwned;
use simpul_core::access::Scope;
use simpul_core::alert::AlertRule;
use simpul_core::id::{AlertRuleId, PartnerId};
use simpul_core::incident::IncidentSeverity;
use simpul_core::language::Language;
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow};

use crate::db::{read, within};
use crate::error::{Error, Result};
use crate::{Page, Store};

const COLUMNS: &str =
    "id, partner_id, name, is_active, minimum_severity, kinds, partner_ids, providers, channel_ids, repeat_minutes,
    notify_resolved, quiet_hours, group_seconds, language, held_until, created_by, updated_by, created_at, updated_at";

#[derive(FromRow)]
struct RuleRow {
    id: AlertRuleId,
    partner_id: Option<PartnerId>,
    name: String,
    is_active: bool,
    minimum_severity: String,
    kinds: String,
    partner_ids: String,
    providers: String,
    channel_ids: String,
    repeat_minutes: Option<i32>,
    notify_resolved: bool,
    quiet_hours: Option<String>,
    group_seconds: i32,
    language: String,
    held_until: Option<Timestamp>,
    created_by: String,
    updated_by: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

fn corrupt(column: &'static str, id: AlertRuleId) -> Error {
    Error::Corrupt { table: "alert_rules", column, row: id.to_string() }
}

fn json<T: DeserializeOwned>(text: &str, column: &'static str, id: AlertRuleId) -> Result<T> {
    serde_json::from_str(text).map_err(|_| corrupt(column, id))
}

impl TryFrom<RuleRow> for AlertRule {
    type Error = Error;

    fn try_from(row: RuleRow) -> Result<Self> {
        let id = row.id;
        let number = |column, value: i32| u32::try_from(value).map_err(|_| corrupt(column, id));
        Ok(Self {
            id,
            partner_id: row.partner_id,
            name: row.name,
            is_active: row.is_active,
            minimum_severity: IncidentSeverity::parse(&row.minimum_severity)
                .ok_or_else(|| corrupt("minimum_severity", id))?,
            kinds: json(&row.kinds, "kinds", id)?,
            partner_ids: json(&row.partner_ids, "partner_ids", id)?,
            providers: json(&row.providers, "providers", id)?,
            channel_ids: json(&row.channel_ids, "channel_ids", id)?,
            repeat_minutes: row.repeat_minutes.map(|value| number("repeat_minutes", value)).transpose()?,
            notify_resolved: row.notify_resolved,
            quiet_hours: row.quiet_hours.as_deref().map(|text| json(text, "quiet_hours", id)).transpose()?,
            group_seconds: number("group_seconds", row.group_seconds)?,
            language: Language::parse(&row.language).ok_or_else(|| corrupt("language", id))?,
            held_until: row.held_until,
            created_by: row.created_by,
            updated_by: row.updated_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn text(value: &impl Serialize, column: &'static str, id: AlertRuleId) -> Result<String> {
    serde_json::to_string(value).map_err(|_| corrupt(column, id))
}

fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl Store {
    /// Rules within scope by age, and how many there are in all.
    pub async fn list_alert_rules(&self, scope: Scope, page: Page) -> Result<(Vec<AlertRule>, i64)> {
        let list = format!(
            "SELECT {COLUMNS} FROM alert_rules WHERE ($1 IS NULL OR partner_id = $1) ORDER BY id LIMIT $2 OFFSET $3"
        );
        const COUNT: &str = "SELECT COUNT(*) FROM alert_rules WHERE ($1 IS NULL OR partner_id = $1)";
        let own = scope.partner_id();
        let rows: Vec<RuleRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(list))
            .bind(own)
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total = read!(self, |pool| sqlx::query_scalar(COUNT).bind(own).fetch_one(pool).await?);
        Ok((rows.into_iter().map(AlertRule::try_from).collect::<Result<_>>()?, total))
    }

    pub async fn find_alert_rule(&self, scope: Scope, id: AlertRuleId) -> Result<Option<AlertRule>> {
        let sql = format!("SELECT {COLUMNS} FROM alert_rules WHERE id = $1 AND ($2 IS NULL OR partner_id = $2)");
        let row: Option<RuleRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id)
            .bind(scope.partner_id())
            .fetch_optional(pool)
            .await?);
        row.map(AlertRule::try_from).transpose()
    }

    /// Every rule that is switched on.
    pub async fn active_alert_rules(&self) -> Result<Vec<AlertRule>> {
        let sql = format!("SELECT {COLUMNS} FROM alert_rules WHERE is_active ORDER BY id");
        let rows: Vec<RuleRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await?);
        rows.into_iter().map(AlertRule::try_from).collect()
    }

    pub async fn insert_alert_rule(&self, rule: &AlertRule) -> Result<()> {
        const SQL: &str = "INSERT INTO alert_rules (id, partner_id, name, is_active, minimum_severity, kinds, partner_ids, providers,
            channel_ids, repeat_minutes, notify_resolved, quiet_hours, group_seconds, language, updated_by, updated_at, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
        self.write_alert_rule(SQL, rule, true).await
    }

    /// Writes everything that a person may change.
    pub async fn update_alert_rule(&self, rule: &AlertRule) -> Result<()> {
        const SQL: &str = "UPDATE alert_rules SET partner_id = $2, name = $3, is_active = $4, minimum_severity = $5, kinds = $6,
            partner_ids = $7, providers = $8, channel_ids = $9, repeat_minutes = $10, notify_resolved = $11, quiet_hours = $12,
            group_seconds = $13, language = $14, updated_by = $15, updated_at = $16 WHERE id = $1";
        self.write_alert_rule(SQL, rule, false).await
    }

    async fn write_alert_rule(&self, sql: &'static str, rule: &AlertRule, is_new: bool) -> Result<()> {
        let id = rule.id;
        let quiet = rule.quiet_hours.as_ref().map(|hours| text(hours, "quiet_hours", id)).transpose()?;
        let (kinds, partners) = (text(&rule.kinds, "kinds", id)?, text(&rule.partner_ids, "partner_ids", id)?);
        let (providers, channels) =
            (text(&rule.providers, "providers", id)?, text(&rule.channel_ids, "channel_ids", id)?);
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            let mut query = sqlx::query(sql)
                .bind(id)
                .bind(rule.partner_id)
                .bind(&rule.name)
                .bind(rule.is_active)
                .bind(rule.minimum_severity.as_str())
                .bind(kinds)
                .bind(partners)
                .bind(providers)
                .bind(channels)
                .bind(rule.repeat_minutes.map(small))
                .bind(rule.notify_resolved)
                .bind(quiet)
                .bind(small(rule.group_seconds))
                .bind(rule.language.as_str())
                .bind(&rule.updated_by)
                .bind(rule.updated_at);
            if is_new {
                query = query.bind(&rule.created_by).bind(rule.created_at);
            }
            query.execute(connection).await?;
        });
        tx.commit().await
    }

    /// Deletes a rule with its alerts; what it has sent stays in the log of deliveries.
    pub async fn delete_alert_rule(&self, id: AlertRuleId) -> Result<()> {
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query("DELETE FROM alert_rules WHERE id = $1").bind(id).execute(connection).await?;
        });
        tx.commit().await
    }
}
