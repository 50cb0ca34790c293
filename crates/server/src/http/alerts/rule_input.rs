//! What may be said of an alert rule when it is made or changed, and the checks on it.

use serde::{Deserialize, Serialize};
use simpul_core::access::Scope;
use simpul_core::alert::{AlertRule, InvalidQuietHours, QuietHours};
use simpul_core::id::PartnerId;
use simpul_core::incident::{IncidentKind, IncidentSeverity};
use simpul_core::language::Language;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::http::members::present;
use crate::http::{ApiResult, Problems};
use crate::state::AppState;

const LISTED_AT_MOST: usize = 100;
const CHANNELS_AT_MOST: usize = 10;

/// Quiet hours: what is not critical waits for their end.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertQuietHours {
    #[schema(example = "22:00")]
    pub from: String,
    #[schema(example = "06:00")]
    pub to: String,
    /// An IANA name; Asia/Jakarta when absent.
    #[schema(value_type = String, required = false, default = "Asia/Jakarta")]
    pub time_zone: Option<String>,
    /// Whether what is critical is told all the same.
    #[schema(value_type = bool, required = false, default = true)]
    pub allow_critical: Option<bool>,
}

/// A rule; on a change, absent members stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AlertRuleIn {
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, max_length = 100)]
    pub name: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, default = true)]
    pub is_active: Option<bool>,
    /// Whose people manage it, and whose trouble alone it tells of; set when the rule is made.
    #[schema(format = "uuid")]
    pub partner_id: Option<String>,
    /// `warning` or `critical`.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, default = "warning")]
    pub minimum_severity: Option<String>,
    /// `connection`, `webhook`, `provider_outage`, `expiry`; empty for all.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    pub kinds: Option<Vec<String>>,
    /// Empty for all.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, max_items = 100)]
    pub partner_ids: Option<Vec<String>>,
    /// Slugs; empty for all.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    pub providers: Option<Vec<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, min_items = 1, max_items = 10)]
    pub channel_ids: Option<Vec<String>>,
    /// Tell again this often while it lasts and is not acknowledged; `null` for once.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>, minimum = 5, maximum = 10080)]
    pub repeat_minutes: Option<Option<i64>>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, default = true)]
    pub notify_resolved: Option<bool>,
    /// `null` for none.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<AlertQuietHours>)]
    pub quiet_hours: Option<Option<AlertQuietHours>>,
    /// Seconds that the first trouble waits for others to be told with it.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, minimum = 0, maximum = 3600, default = 60)]
    pub group_seconds: Option<i64>,
    /// `en` or `id`.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, default = "en")]
    pub language: Option<String>,
}

fn ids<T: std::str::FromStr>(field: &str, texts: Vec<String>, most: usize, problems: &mut Problems) -> Vec<T> {
    read_all(field, texts, most, "must be an id", problems, |text| text.parse().ok())
}

fn read_all<T>(
    field: &str,
    texts: Vec<String>,
    most: usize,
    problem: &str,
    problems: &mut Problems,
    read: impl Fn(&str) -> Option<T>,
) -> Vec<T> {
    if texts.len() > most {
        problems.add(field, format!("must have at most {most} items; it has {}", texts.len()));
        return Vec::new();
    }
    let mut values = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        match read(text) {
            Some(value) => values.push(value),
            None => problems.add(format!("{field}[{index}]"), problem),
        }
    }
    values
}

impl AlertRuleIn {
    /// Lays it over a rule; what cannot be taken becomes a problem.
    pub(super) fn apply(self, rule: &mut AlertRule, problems: &mut Problems) {
        if let Some(name) = self.name {
            rule.name = problems.line("name", &name, 100);
        } else if rule.name.is_empty() {
            problems.add("name", "is required");
        }
        rule.is_active = self.is_active.unwrap_or(rule.is_active);
        rule.notify_resolved = self.notify_resolved.unwrap_or(rule.notify_resolved);
        if let Some(text) = self.minimum_severity {
            match IncidentSeverity::parse(&text) {
                Some(severity) => rule.minimum_severity = severity,
                None => problems.add("minimumSeverity", "must be warning or critical"),
            }
        }
        if let Some(texts) = self.kinds {
            let problem = "must be connection, webhook, provider_outage or expiry";
            rule.kinds = read_all("kinds", texts, LISTED_AT_MOST, problem, problems, IncidentKind::parse);
        }
        if let Some(texts) = self.providers {
            let known = |text: &str| simpul_providers::find(text).map(|_| text.to_owned());
            rule.providers = read_all("providers", texts, LISTED_AT_MOST, "is not a known provider", problems, known);
        }
        if let Some(texts) = self.partner_ids {
            rule.partner_ids = ids("partnerIds", texts, LISTED_AT_MOST, problems);
        }
        if let Some(texts) = self.channel_ids {
            rule.channel_ids = ids("channelIds", texts, CHANNELS_AT_MOST, problems);
        }
        if let Some(minutes) = self.repeat_minutes {
            rule.repeat_minutes = minutes.and_then(|minutes| {
                problems.range("repeatMinutes", minutes, 5, 10_080);
                u32::try_from(minutes).ok()
            });
        }
        if let Some(seconds) = self.group_seconds {
            problems.range("groupSeconds", seconds, 0, 3_600);
            rule.group_seconds = u32::try_from(seconds).unwrap_or_default();
        }
        if let Some(text) = self.language {
            match Language::ALL.iter().find(|language| language.as_str() == text) {
                Some(language) => rule.language = *language,
                None => problems.add("language", "must be en or id"),
            }
        }
        if let Some(hours) = self.quiet_hours {
            rule.quiet_hours = hours.and_then(|hours| quiet(hours, problems));
        }
    }
}

fn quiet(hours: AlertQuietHours, problems: &mut Problems) -> Option<QuietHours> {
    let hours = QuietHours {
        from: hours.from,
        to: hours.to,
        time_zone: hours.time_zone.unwrap_or_else(|| "Asia/Jakarta".to_owned()),
        allow_critical: hours.allow_critical.unwrap_or(true),
    };
    match hours.check() {
        Ok(()) => Some(hours),
        Err(error) => {
            let member = match error {
                InvalidQuietHours::From => "from",
                InvalidQuietHours::To => "to",
                InvalidQuietHours::TimeZone => "timeZone",
            };
            problems.add(format!("quietHours.{member}"), error.to_string());
            None
        }
    }
}

/// Checks what only the store knows: whose the partners and channels are.
pub(super) async fn check(
    state: &AppState,
    caller: &Caller,
    rule: &AlertRule,
    mut problems: Problems,
) -> ApiResult<()> {
    if rule.channel_ids.is_empty() {
        problems.add("channelIds", "must name at least one alert channel: without one nobody is told");
    }
    for (index, id) in rule.channel_ids.iter().enumerate() {
        let problem = match state.store.find_alert_channel(caller.scope(), *id).await? {
            None => Some("is not an alert channel that you can use"),
            Some(channel) if channel.partner_id.is_some() && channel.partner_id != rule.partner_id => {
                Some("belongs to a partner whose trouble alone this rule does not tell of")
            }
            Some(_) => None,
        };
        if let Some(problem) = problem {
            problems.add(format!("channelIds[{index}]"), problem);
        }
    }
    for (index, id) in rule.partner_ids.iter().enumerate() {
        if !sees(state, caller.scope(), rule.partner_id, *id).await? {
            problems.add(format!("partnerIds[{index}]"), "is not a partner that this rule can tell of");
        }
    }
    problems.into_result()
}

async fn sees(state: &AppState, scope: Scope, own: Option<PartnerId>, id: PartnerId) -> ApiResult<bool> {
    Ok(own.is_none_or(|own| own == id) && state.store.find_partner(scope, id).await?.is_some())
}
