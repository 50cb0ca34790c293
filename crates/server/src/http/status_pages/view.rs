//! What a public status page says, as data: names that people gave, bands, shares of time, and what is wrong in a few words
//! of ours. No id, no address, no provider's text comes in here.

use std::collections::BTreeMap;

use serde::Serialize;
use simpul_core::access::Scope;
use simpul_core::error_type::ErrorType;
use simpul_core::health::HealthStatus;
use simpul_core::id::IntegrationId;
use simpul_core::incident::{IncidentCause, IncidentKind};
use simpul_core::integration::Integration;
use simpul_core::language::Language;
use simpul_core::time::{DAY, HOUR, Timestamp};
use simpul_store::{Incident, IntegrationFilter, SeenHour, StatusPage};
use utoipa::ToSchema;

use super::MOST;
use crate::http::ApiResult;
use crate::http::vocabulary::HealthStatusSchema;
use crate::state::AppState;

/// Days that the bars reach back.
pub(super) const DAYS: usize = 90;

/// A public status page.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PublicStatus)]
pub(super) struct StatusView {
    pub title: String,
    /// The worst band of those below; `unknown` only where nothing is known of any.
    #[schema(value_type = HealthStatusSchema)]
    pub health_status: HealthStatus,
    /// In words, in the language asked for.
    pub summary: String,
    pub integrations: Vec<IntegrationView>,
    /// What is wrong now; empty also where the page does not show incidents.
    pub incidents: Vec<IncidentView>,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

/// One integration on it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PublicIntegration)]
pub(super) struct IntegrationView {
    pub display_name: String,
    /// By the last 24 hours.
    #[schema(value_type = HealthStatusSchema)]
    pub health_status: HealthStatus,
    pub summary: String,
    /// Share of the hours observed in 90 days in which it worked, 0 to 100; `null` where none was.
    pub uptime: Option<f64>,
    /// 90 days, the oldest first.
    pub days: Vec<DayView>,
}

/// A day in UTC.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PublicDay)]
pub(super) struct DayView {
    #[schema(example = "2026-02-21")]
    pub date: String,
    /// 0 to 100; `null` where nothing was observed.
    pub uptime: Option<f64>,
}

/// Something that is wrong now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PublicIncident)]
pub(super) struct IncidentView {
    pub summary: String,
    #[schema(value_type = String, format = "date-time")]
    pub started_at: Timestamp,
}

/// The page as it stands now.
pub(super) async fn view_of(state: &AppState, page: &StatusPage, language: Language) -> ApiResult<StatusView> {
    let now = state.now();
    let ids = match &page.integration_ids {
        Some(ids) => ids.clone(),
        None => {
            let filter = IntegrationFilter {
                partner_id: Some(page.partner_id),
                is_active: Some(true),
                ..IntegrationFilter::default()
            };
            state.store.list_integration_ids(Scope::Partner(page.partner_id), &filter).await?
        }
    };
    let ids: Vec<IntegrationId> = ids.into_iter().take(MOST).collect();
    let mut integrations = state.store.integrations_with_ids(&ids).await?;
    integrations.retain(|integration| integration.partner_id == page.partner_id);
    let first = Timestamp::from_millis(now.floor(DAY).millis() - (DAYS as i64 - 1) * DAY);
    let mut hours: BTreeMap<IntegrationId, Vec<SeenHour>> = BTreeMap::new();
    for hour in state.store.seen_hours(&ids, first).await? {
        hours.entry(hour.integration_id).or_default().push(hour);
    }
    let views: Vec<IntegrationView> = integrations
        .iter()
        .map(|integration| {
            let seen = hours.get(&integration.id).map_or(&[][..], Vec::as_slice);
            integration_view(&integration.display_name, seen, first, now, language)
        })
        .collect();
    let known = views.iter().map(|view| view.health_status).filter(|status| *status != HealthStatus::Unknown);
    let health_status = known.min().unwrap_or(HealthStatus::Unknown);
    let incidents = match page.show_incidents {
        true => incidents(state, &integrations, language).await?,
        false => Vec::new(),
    };
    Ok(StatusView {
        title: page.title.clone(),
        health_status,
        summary: overall(health_status, language).to_owned(),
        integrations: views,
        incidents,
        updated_at: now,
    })
}

fn integration_view(
    name: &str,
    hours: &[SeenHour],
    first: Timestamp,
    now: Timestamp,
    language: Language,
) -> IntegrationView {
    let recent = Timestamp::from_millis(now.millis() - DAY).floor(HOUR);
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let (mut ok, mut all) = (0, 0);
    for hour in hours.iter().filter(|hour| hour.bucket_start >= recent) {
        ok += count(hour.succeeded);
        all += count(hour.succeeded) + count(hour.failed);
    }
    let health_status = HealthStatus::of(ok, all);
    let days = (0..DAYS as i64)
        .map(|day| {
            let start = Timestamp::from_millis(first.millis() + day * DAY);
            let date = start.to_string().get(..10).unwrap_or_default().to_owned();
            DayView { date, uptime: uptime(hours.iter().filter(|hour| hour.bucket_start.floor(DAY) == start)) }
        })
        .collect();
    IntegrationView {
        display_name: name.to_owned(),
        health_status,
        summary: words(health_status, language).to_owned(),
        uptime: uptime(hours.iter()),
        days,
    }
}

/// The mean over the hours in which the connection was seen up or down: each observed hour weighs the same, however many
/// calls it had. 0 to 100, two decimals, rounded down.
fn uptime<'a>(hours: impl Iterator<Item = &'a SeenHour>) -> Option<f64> {
    let (mut sum, mut observed) = (0.0, 0_u32);
    for hour in hours {
        let seen = hour.succeeded + hour.down;
        if seen > 0 {
            #[expect(clippy::cast_precision_loss, reason = "requests of an hour stay far below 2^52")]
            let share = hour.succeeded as f64 / seen as f64;
            sum += share;
            observed += 1;
        }
    }
    (observed > 0).then(|| (sum / f64::from(observed) * 10_000.0 + 1e-6).floor() / 100.0)
}

fn pick(language: Language, (en, id): (&'static str, &'static str)) -> &'static str {
    match language {
        Language::English => en,
        Language::Indonesian => id,
    }
}

/// The whole in words.
fn overall(status: HealthStatus, language: Language) -> &'static str {
    pick(
        language,
        match status {
            HealthStatus::Healthy => ("All services work.", "Semua layanan berjalan normal."),
            HealthStatus::Warning => ("Some calls fail.", "Sebagian kecil transaksi terganggu."),
            HealthStatus::Degraded => ("Services are disrupted.", "Layanan terganggu."),
            HealthStatus::Critical => ("Services are down.", "Layanan tidak berfungsi."),
            HealthStatus::Unknown => ("Nothing is known at the moment.", "Status saat ini belum diketahui."),
        },
    )
}

/// A band in words.
fn words(status: HealthStatus, language: Language) -> &'static str {
    pick(
        language,
        match status {
            HealthStatus::Healthy => ("Works", "Normal"),
            HealthStatus::Warning => ("Some calls fail", "Sedikit terganggu"),
            HealthStatus::Degraded => ("Disrupted", "Terganggu"),
            HealthStatus::Critical => ("Down", "Tidak berfungsi"),
            HealthStatus::Unknown => ("Not known", "Belum diketahui"),
        },
    )
}

async fn incidents(state: &AppState, integrations: &[Integration], language: Language) -> ApiResult<Vec<IncidentView>> {
    let ids: Vec<IntegrationId> = integrations.iter().map(|integration| integration.id).collect();
    let mut providers: Vec<&str> = integrations.iter().map(|integration| integration.provider.as_str()).collect();
    providers.sort_unstable();
    providers.dedup();
    let open = state.store.open_incidents_of(&ids, &providers).await?;
    Ok(open.iter().filter_map(|incident| incident_view(incident, integrations, language)).collect())
}

fn incident_view(incident: &Incident, integrations: &[Integration], language: Language) -> Option<IncidentView> {
    let name = match incident.kind {
        IncidentKind::ProviderOutage => simpul_providers::find(&incident.provider)?.manifest().label.to_owned(),
        // Within an outage, the outage is told.
        IncidentKind::Connection if incident.outage_id.is_none() => {
            let own = integrations.iter().find(|integration| Some(integration.id) == incident.integration_id)?;
            own.display_name.clone()
        }
        _ => return None,
    };
    let is_outage = incident.kind == IncidentKind::ProviderOutage;
    let summary = match (cause(incident.cause), language) {
        (_, Language::English) if is_outage => format!("{name} has an outage."),
        (_, Language::Indonesian) if is_outage => format!("{name} sedang mengalami gangguan."),
        (Cause::OutOfReach, Language::English) => format!("{name} cannot be reached."),
        (Cause::OutOfReach, Language::Indonesian) => format!("{name} tidak dapat dijangkau."),
        (Cause::Unlinked, Language::English) => format!("{name} is not connected."),
        (Cause::Unlinked, Language::Indonesian) => format!("{name} tidak tersambung."),
        (Cause::Other, Language::English) => format!("{name} is disrupted."),
        (Cause::Other, Language::Indonesian) => format!("{name} sedang terganggu."),
    };
    Some(IncidentView { summary, started_at: incident.started_at })
}

/// What the outside is told of a cause.
enum Cause {
    OutOfReach,
    Unlinked,
    Other,
}

fn cause(cause: IncidentCause) -> Cause {
    match cause {
        IncidentCause::Error(
            ErrorType::ProviderUnavailable
            | ErrorType::Timeout
            | ErrorType::DnsError
            | ErrorType::ConnectionRefused
            | ErrorType::ConnectionReset
            | ErrorType::TlsError,
        ) => Cause::OutOfReach,
        IncidentCause::Error(ErrorType::DeviceDisconnected) => Cause::Unlinked,
        _ => Cause::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(start: i64, succeeded: i64, failed: i64, down: i64) -> SeenHour {
        let id = IntegrationId::generate(Timestamp::from_millis(1));
        SeenHour { integration_id: id, bucket_start: Timestamp::from_millis(start * HOUR), succeeded, failed, down }
    }

    #[test]
    fn each_hour_weighs_the_same_and_what_was_not_seen_is_left_out() {
        let hours = [hour(0, 1_000, 0, 0), hour(1, 0, 1, 1), hour(2, 0, 5, 0), hour(3, 2, 1, 1)];
        assert_eq!(uptime(hours.iter()), Some(55.55), "one hour up, one down, one unknown, one two thirds");
        assert_eq!(uptime([].iter()), None);
        assert_eq!(uptime([hour(0, 3, 0, 0)].iter()), Some(100.0));
    }

    fn incident(kind: IncidentKind, cause: IncidentCause, integration_id: Option<IntegrationId>) -> Incident {
        let now = Timestamp::from_millis(1);
        Incident {
            id: simpul_core::id::IncidentId::generate(now),
            kind,
            severity: simpul_core::incident::IncidentSeverity::Critical,
            integration_id,
            partner_id: None,
            provider: "midtrans".to_owned(),
            webhook_id: None,
            outage_id: None,
            subject: "a secret subject".to_owned(),
            cause,
            opened_by: simpul_core::incident::IncidentTrigger::Calls,
            started_at: now,
            opened_at: now,
            closed_at: None,
            last_failure_at: now,
            first_error: "the provider's own words".to_owned(),
            last_error: "the provider's own words".to_owned(),
            affected_calls: 9,
            affected_integrations: 1,
            acknowledged_at: None,
            acknowledged_by: None,
            updated_at: now,
        }
    }

    #[test]
    fn an_incident_is_told_in_our_words_alone() {
        let now = Timestamp::from_millis(1);
        let own = Integration {
            id: IntegrationId::generate(now),
            partner_id: simpul_core::id::PartnerId::generate(now),
            outlet_id: None,
            integration_type: simpul_core::integration::IntegrationType::PaymentGateway,
            provider: "midtrans".to_owned(),
            display_name: "Kasir".to_owned(),
            is_active: true,
            test_mode: true,
            use_partner_config: false,
            configuration: simpul_core::integration::Configuration::default(),
            settings: simpul_core::integration::Settings {
                confirm_notifications: true,
                test_interval_minutes: 5,
                latency_target_ms: 2_000,
                credential_max_age_days: 365,
            },
            inbound_token: "t".to_owned(),
            last_tested_at: None,
            last_test_status: None,
            last_test_message: None,
            created_by: "a".to_owned(),
            updated_by: "a".to_owned(),
            created_at: now,
            updated_at: now,
        };
        let told = |incident: &Incident, language| {
            incident_view(incident, std::slice::from_ref(&own), language).map(|view| view.summary)
        };
        let of = |cause, id| incident(IncidentKind::Connection, IncidentCause::Error(cause), Some(id));
        for (cause, en, id) in [
            (ErrorType::Timeout, "Kasir cannot be reached.", "Kasir tidak dapat dijangkau."),
            (ErrorType::DeviceDisconnected, "Kasir is not connected.", "Kasir tidak tersambung."),
            (ErrorType::AuthenticationFailed, "Kasir is disrupted.", "Kasir sedang terganggu."),
        ] {
            assert_eq!(told(&of(cause, own.id), Language::English).as_deref(), Some(en));
            assert_eq!(told(&of(cause, own.id), Language::Indonesian).as_deref(), Some(id));
        }
        let outage = incident(IncidentKind::ProviderOutage, IncidentCause::WorseBand, None);
        assert_eq!(told(&outage, Language::English).as_deref(), Some("Midtrans has an outage."));
        let member = Incident { outage_id: Some(outage.id), ..of(ErrorType::Timeout, own.id) };
        assert_eq!(told(&member, Language::English), None, "the outage is told");
        let other = of(ErrorType::Timeout, IntegrationId::generate(Timestamp::from_millis(9)));
        assert_eq!(told(&other, Language::English), None, "not on this page");
        let webhook = incident(IncidentKind::Webhook, IncidentCause::WebhookFailing, Some(own.id));
        assert_eq!(told(&webhook, Language::English), None, "a receiver of ours is nobody's business");
    }

    #[test]
    fn the_bars_are_ninety_days_and_the_band_is_of_the_last_one() {
        let first = Timestamp::from_millis(0);
        let now = Timestamp::from_millis(89 * DAY + HOUR);
        let hours = [hour(0, 0, 9, 9), hour(89 * 24, 19, 1, 1)];
        let view = integration_view("Midtrans", &hours, first, now, Language::Indonesian);
        assert_eq!((view.health_status, view.summary.as_str()), (HealthStatus::Healthy, "Normal"));
        assert_eq!(view.days.len(), 90);
        assert_eq!(view.days[0], DayView { date: "1970-01-01".to_owned(), uptime: Some(0.0) });
        assert_eq!(view.days[1].uptime, None);
        assert_eq!(view.days[89].uptime, Some(95.0));
        assert_eq!(view.uptime, Some(47.5));
    }
}
