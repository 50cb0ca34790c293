//! Recommendations of one integration: what the store knows is gathered, the rules of core judge it, and what somebody put
//! aside is set apart.

use serde_json::{Map, Value};
use simpul_core::activity::{Component, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::histogram::percentile;
use simpul_core::integration::{Integration, IntegrationType};
use simpul_core::language::Language;
use simpul_core::recommendation::{
    Dismissal, Expiry, Failures, HABIT, LastTest, MailRefusal, Pause, Recommendation, Silence, Situation, WebhookState,
    Words, expiries, recommend, silence,
};
use simpul_core::time::{DAY, HOUR, MINUTE, Timestamp};
use simpul_core::webhook::{Circuit, Webhook};
use simpul_providers::{Manifest, sentence};
use simpul_store::{FailureRow, HourlyLatency, LastTestRow, Page, RollupLine};

use crate::Engine;
use crate::health::Window;

/// The latest failures that are looked at for what they say.
const LOOKED_AT: u32 = 50;
/// The first failures of a spell that are counted one by one; past them, minutes are.
const COUNTED: u32 = 200;
/// What is usual is read from this long.
const USUAL: i64 = 7 * DAY;
/// Hours with this many successes count towards what is usual, and this many such hours make it so.
const SUCCESSES_OF_AN_HOUR: u64 = 3;
const HOURS_OF_HABIT: usize = 24;

/// What health has worked out already.
pub(crate) struct Figures<'a> {
    /// Finished requests of the connection.
    pub(crate) requests: u64,
    /// Its failures by type.
    pub(crate) errors: &'a [(ErrorType, u64)],
    /// Finished deliveries and how many of them failed.
    pub(crate) deliveries: (u64, u64),
    /// 95th percentile of successes and the target, milliseconds.
    pub(crate) latency: Option<(i64, i64)>,
    /// Genuine notifications in the window.
    pub(crate) notifications: u64,
}

/// What to do, and what somebody does not want to hear of.
#[derive(Debug, Clone, Default)]
pub struct Advice {
    /// The most severe first.
    pub shown: Vec<Recommendation>,
    pub dismissed: Vec<(Recommendation, Dismissal)>,
}

/// What a provider's manifest says, in both languages.
fn in_both(text: &str) -> Words {
    Words::new(text, sentence(text, Language::Indonesian))
}

fn window_words(window: Window) -> Words {
    match window {
        Window::Hour => Words::new("hour", "1 jam"),
        Window::Day => Words::new("24 hours", "24 jam"),
        Window::Week => Words::new("7 days", "7 hari"),
        Window::Month => Words::new("30 days", "30 hari"),
    }
}

impl Engine {
    /// What to do about an integration. Dismissals of findings that the last 24 hours do not show any more are forgotten, so
    /// that a finding which returns is seen.
    pub(crate) async fn advise(
        &self,
        integration: &Integration,
        window: Window,
        figures: &Figures<'_>,
        now: Timestamp,
    ) -> simpul_store::Result<Advice> {
        let found = self.findings(integration, window, figures, now).await?;
        let dismissals = self.store.list_dismissals(integration.id).await?;
        let gone: Vec<&str> = dismissals
            .iter()
            .map(|dismissal| dismissal.code.as_str())
            .filter(|code| found.iter().all(|finding| finding.code != *code))
            .collect();
        if window == Window::Day && !gone.is_empty() {
            self.store.forget_dismissals(integration.id, &gone).await?;
        }
        let mut advice = Advice::default();
        for finding in found {
            match dismissals.iter().find(|dismissal| dismissal.hides(&finding, now)) {
                Some(dismissal) => advice.dismissed.push((finding, dismissal.clone())),
                None => advice.shown.push(finding),
            }
        }
        Ok(advice)
    }

    async fn findings(
        &self,
        integration: &Integration,
        window: Window,
        figures: &Figures<'_>,
        now: Timestamp,
    ) -> simpul_store::Result<Vec<Recommendation>> {
        let id = integration.id;
        let manifest = simpul_providers::find(&integration.provider).map(|provider| provider.manifest());
        let facts = self.store.advice_facts(id, now).await?;
        let last_test = self.store.last_test(id).await?;
        let (webhooks, _) = self.store.list_webhooks(id, Page { offset: 0, limit: 500 }).await?;
        let from = Timestamp::from_millis(now.millis() - window.millis());
        let trouble = self.trouble(integration, figures, from, now).await?;
        let expiries = last_test.as_ref().map(told_ends).unwrap_or_default();
        let errors = trouble.failures(figures.errors, manifest);
        let refusals = trouble.mail_refusals(integration.integration_type);
        let states: Vec<WebhookState> = webhooks.iter().map(webhook_state).collect();
        Ok(recommend(&Situation {
            provider_label: manifest.map_or(integration.provider.as_str(), |manifest| manifest.label),
            credentials_help: manifest.map(|manifest| in_both(manifest.credentials_help)).unwrap_or_default(),
            integration_type: Some(integration.integration_type),
            is_active: integration.is_active,
            window: window_words(window),
            requests: figures.requests,
            errors: &errors,
            mail_refusals: &refusals,
            latency: figures.latency,
            usual_latency: self.usual_latency(integration, figures, now).await?,
            last_test: tested(integration, last_test.as_ref()),
            expiries: &expiries,
            deliveries: figures.deliveries,
            webhooks: &states,
            notifications: figures.notifications,
            silence: self.silence(integration, now).await?,
            credentials_changed_at: facts.as_ref().map(|facts| facts.credentials_changed_at),
            credential_max_age_days: integration.settings.credential_max_age_days,
            is_only_of_its_kind: facts.as_ref().is_some_and(|facts| facts.others_of_its_kind == 0),
            pause: facts.and_then(|facts| Some(Pause { since: facts.paused_since?, until: facts.paused_until })),
            now,
        }))
    }

    /// What the connection's failures say, and since when it fails; nothing is asked where none failed.
    async fn trouble(
        &self,
        integration: &Integration,
        figures: &Figures<'_>,
        from: Timestamp,
        now: Timestamp,
    ) -> simpul_store::Result<Trouble> {
        if figures.errors.is_empty() {
            return Ok(Trouble::default());
        }
        let latest = self.store.latest_failures(integration.id, from, LOOKED_AT).await?;
        let worked_at = self.store.last_success_minute(integration.id, from).await?.map(|minute| {
            let tested_at = integration.last_tested_at.filter(|_| is_success(integration));
            // Where the success is the last test, its time is known; of another, the end of its minute.
            let end = Timestamp::from_millis(minute.millis() + MINUTE - 1);
            tested_at.filter(|at| at.floor(MINUTE) == minute).unwrap_or(end)
        });
        let after = worked_at.unwrap_or(Timestamp::from_millis(from.millis() - 1));
        let first = self.store.first_failures(integration.id, after, COUNTED).await?;
        let counted = if first.len() < COUNTED as usize {
            None
        } else {
            let (start, end) = (after.floor(MINUTE), Timestamp::from_millis(now.floor(MINUTE).millis() + MINUTE));
            Some(self.store.rollup_lines_of(&[integration.id], &[(start, end)]).await?)
        };
        let mut spells: Vec<Spell> = Vec::new();
        for (word, at) in first {
            let Some(error_type) = word.as_deref().and_then(ErrorType::parse) else { continue };
            match spells.iter_mut().find(|spell| spell.error_type == error_type) {
                Some(spell) => spell.count += 1,
                None => spells.push(Spell { error_type, since: at, count: 1 }),
            }
        }
        if let Some(lines) = counted {
            spells.iter_mut().for_each(|spell| spell.count = failed(&lines, spell.error_type));
        }
        Ok(Trouble { latest, spells })
    }

    /// The median of the hourly 95th percentiles of the last 7 days; asked only where the present one is far off its target.
    async fn usual_latency(
        &self,
        integration: &Integration,
        figures: &Figures<'_>,
        now: Timestamp,
    ) -> simpul_store::Result<Option<i64>> {
        if figures.latency.is_none_or(|(p95, target)| p95 < 2 * target) {
            return Ok(None);
        }
        let from = Timestamp::from_millis(now.millis() - USUAL).floor(HOUR);
        Ok(median_of_hours(&self.store.hourly_latency(integration.id, from).await?))
    }

    async fn silence(&self, integration: &Integration, now: Timestamp) -> simpul_store::Result<Option<Silence>> {
        let from = Timestamp::from_millis(now.millis() - HABIT).floor(HOUR);
        let hours = self.store.notification_hours(integration.id, from).await?;
        let Some(last) = hours.last() else { return Ok(None) };
        if silence(&hours, Some(now), now).is_none() {
            return Ok(None);
        }
        let ok_at = self.store.last_success_minute(integration.id, *last).await?;
        Ok(silence(&hours, ok_at, now))
    }
}

/// Failures of one type since the last success.
struct Spell {
    error_type: ErrorType,
    since: Timestamp,
    count: u64,
}

/// Failed calls of the connection of one type, by rollups.
fn failed(lines: &[RollupLine], error_type: ErrorType) -> u64 {
    let of_type = |line: &&RollupLine| {
        line.status == Some(Status::Failed)
            && line.component == Some(Component::Connection)
            && line.error_type == Some(error_type)
    };
    lines.iter().filter(of_type).map(|line| u64::try_from(line.requests).unwrap_or(0)).sum()
}

/// What the connection's failures say.
#[derive(Default)]
struct Trouble {
    /// The latest first.
    latest: Vec<FailureRow>,
    spells: Vec<Spell>,
}

impl Trouble {
    fn failures(&self, counts: &[(ErrorType, u64)], manifest: Option<&'static Manifest>) -> Vec<Failures> {
        counts.iter().map(|(error_type, count)| self.of(*error_type, *count, manifest)).collect()
    }

    fn of(&self, error_type: ErrorType, count: u64, manifest: Option<&'static Manifest>) -> Failures {
        let mut failures = Failures::counted(error_type, count);
        let spell = self.spells.iter().find(|spell| spell.error_type == error_type);
        failures.spell = spell.map(|spell| (spell.since, spell.count));
        let row = self.latest.iter().find(|row| row.error_type.as_deref() == Some(error_type.as_str()));
        let Some(row) = row else { return failures };
        failures.last_at = Some(row.created_at);
        failures.last_error = Some(row.message.clone());
        let details = object(row.error_details.as_deref());
        failures.retry_after = details.get("retryAfter").and_then(Value::as_u64);
        let name = details.get("field").and_then(Value::as_str);
        failures.field = name.map(|name| name.trim_start_matches("configuration.")).and_then(|name| {
            let field = manifest?.field(name)?;
            Some((name.to_owned(), in_both(field.title)))
        });
        failures
    }

    /// Refusals of mail servers, by reply and enhanced status.
    fn mail_refusals(&self, kind: IntegrationType) -> Vec<MailRefusal> {
        let mut refusals: Vec<MailRefusal> = Vec::new();
        let rows = self.latest.iter().filter(|_| kind == IntegrationType::EmailSmtp);
        for row in rows {
            let details = object(row.error_details.as_deref());
            let Some(status) = reply_code(&details, &row.message) else { continue };
            let enhanced = details.get("enhancedStatus").and_then(Value::as_str).map(str::to_owned);
            match refusals.iter_mut().find(|known| known.status == status && known.enhanced == enhanced) {
                Some(known) => {
                    known.calls += 1;
                    known.first_at = row.created_at;
                }
                None => refusals.push(MailRefusal {
                    status,
                    enhanced,
                    calls: 1,
                    first_at: row.created_at,
                    last_at: row.created_at,
                    last_error: row.message.clone(),
                }),
            }
        }
        refusals
    }
}

/// The reply code of a refusal: `smtpStatus` of the details, or the three digits that the message begins with, as the
/// platform's own programs log it.
fn reply_code(details: &Map<String, Value>, message: &str) -> Option<u16> {
    let told = details.get("smtpStatus").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    let written = || message.split([' ', '-']).next().filter(|word| word.len() == 3)?.parse().ok();
    told.or_else(written).filter(|code| (400..600).contains(code))
}

fn object(text: Option<&str>) -> Map<String, Value> {
    match text.map(serde_json::from_str) {
        Some(Ok(Value::Object(map))) => map,
        _ => Map::new(),
    }
}

fn is_success(integration: &Integration) -> bool {
    integration.last_test_status.as_deref() == Some("success")
}

fn told_ends(test: &LastTestRow) -> Vec<Expiry> {
    expiries(&object(test.response_data.as_deref().or(test.error_details.as_deref())))
}

fn tested<'a>(integration: &'a Integration, row: Option<&'a LastTestRow>) -> Option<LastTest<'a>> {
    let permission = Some(ErrorType::PermissionDenied.as_str());
    Some(LastTest {
        at: integration.last_tested_at?,
        failed: integration.last_test_status.as_deref() == Some("failed"),
        limited: is_success(integration) && row.is_some_and(|row| row.error_type.as_deref() == permission),
        message: integration.last_test_message.as_deref().unwrap_or_default(),
    })
}

fn webhook_state(webhook: &Webhook) -> WebhookState {
    WebhookState {
        id: webhook.id,
        is_active: webhook.is_active,
        disabled_at: webhook.disabled_at,
        disabled_reason: webhook.disabled_reason.clone(),
        circuit_open_since: webhook.circuit_changed_at.filter(|_| webhook.circuit == Circuit::Open),
        failing_since: webhook.failing_since,
    }
}

/// The median over hours that saw enough, where there are enough of them.
fn median_of_hours(lines: &[HourlyLatency]) -> Option<i64> {
    let mut hours: Vec<i64> = lines
        .chunk_by(|left, right| left.bucket_start == right.bucket_start)
        .filter_map(|hour| {
            let buckets: Vec<(i32, u64)> =
                hour.iter().map(|line| (line.latency_bucket, u64::try_from(line.requests).unwrap_or(0))).collect();
            let all: u64 = buckets.iter().map(|(_, count)| count).sum();
            (all >= SUCCESSES_OF_AN_HOUR).then(|| percentile(&buckets, 95)).flatten()
        })
        .collect();
    hours.sort_unstable();
    if hours.len() < HOURS_OF_HABIT { None } else { hours.get(hours.len() / 2).copied() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_usual_takes_a_day_of_hours() {
        let line = |hour: i64, bucket: i32, requests: i64| HourlyLatency {
            bucket_start: Timestamp::from_millis(hour * HOUR),
            latency_bucket: bucket,
            requests,
        };
        let hours = |count: i64| (0..count).map(|hour| line(hour, 20, 5)).collect::<Vec<_>>();
        assert_eq!(median_of_hours(&hours(23)), None);
        assert_eq!(median_of_hours(&hours(24)), percentile(&[(20, 5)], 95));
        let mut mixed = hours(24);
        // A bad hour among good ones, and hours with too little to say.
        mixed.extend([line(24, 60, 50), line(25, 60, 2), line(26, 60, 2)]);
        assert_eq!(median_of_hours(&mixed), percentile(&[(20, 5)], 95));
    }

    #[test]
    fn a_mail_servers_reply_is_read_from_the_details_or_the_message() {
        let details = |value: Value| object(Some(&value.to_string()));
        assert_eq!(reply_code(&details(json!({"smtpStatus": 535})), "whatever"), Some(535));
        assert_eq!(reply_code(&details(json!({})), "550 5.7.1 refused"), Some(550));
        assert_eq!(reply_code(&details(json!({})), "554-refused"), Some(554));
        for message in ["250 ok", "5501 x", "refused", "", "é50"] {
            assert_eq!(reply_code(&details(json!({})), message), None, "{message}");
        }
    }
}
