//! What a public status page says, as data: names that people gave, bands, shares of time, and what is wrong in a few words
//! of ours. No id, no address, no provider's text comes in here.

use std::collections::HashMap;

use serde::Serialize;
use simpul_core::access::Scope;
use simpul_core::error_type::ErrorType;
use simpul_core::health::{HealthStatus, percent, uptime};
use simpul_core::id::IntegrationId;
use simpul_core::incident::{IncidentCause, IncidentKind};
use simpul_core::integration::Integration;
use simpul_core::language::Language;
use simpul_core::time::{DAY, MINUTE, Timestamp};
use simpul_store::{Incident, IntegrationFilter, StatusPage};
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
    let mut samples: HashMap<IntegrationId, Vec<(Timestamp, bool)>> = HashMap::new();
    for hour in state.store.connection_hours_of(&ids, first, now).await? {
        samples.entry(hour.integration_id).or_default().extend(hour.samples());
    }
    let reports = state.engine.health_of_many(&integrations).await?;
    let views: Vec<IntegrationView> = integrations
        .iter()
        .zip(reports)
        .map(|(integration, report)| {
            let seen = samples.get(&integration.id).map_or(&[][..], Vec::as_slice);
            // Our own receivers are none of the outside's business: the connection's half alone.
            integration_view(integration, report.connection.status(), seen, (first, now), language)
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
    integration: &Integration,
    health_status: HealthStatus,
    samples: &[(Timestamp, bool)],
    (first, now): (Timestamp, Timestamp),
    language: Language,
) -> IntegrationView {
    let interval = i64::from(integration.settings.test_interval_minutes) * MINUTE;
    // Time-weighted, as health has it: a sample holds until the next, at most twice the interval of tests.
    let share = |from: Timestamp, to: Timestamp| {
        let reaching = Timestamp::from_millis(from.millis() - 2 * interval);
        let start = samples.partition_point(|(at, _)| *at < reaching);
        let end = samples.partition_point(|(at, _)| *at < to);
        let seen = uptime(samples.get(start..end).unwrap_or_default(), interval, from, to);
        percent(seen.up, seen.observed)
    };
    let days = (0..DAYS as i64)
        .map(|day| {
            let start = Timestamp::from_millis(first.millis() + day * DAY);
            let end = Timestamp::from_millis(start.millis() + DAY).min(now);
            DayView { date: start.to_string().get(..10).unwrap_or_default().to_owned(), uptime: share(start, end) }
        })
        .collect();
    IntegrationView {
        display_name: integration.display_name.clone(),
        health_status,
        summary: words(health_status, language).to_owned(),
        uptime: share(first, now),
        days,
    }
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
    let open = state.store.public_incidents_of(&ids, &providers).await?;
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

    fn kasir() -> Integration {
        let now = Timestamp::from_millis(1);
        Integration {
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
        }
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
        let own = kasir();
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
    fn the_bars_are_ninety_days_weighted_by_time() {
        let at = |day: i64, minute: i64| Timestamp::from_millis(day * DAY + minute * MINUTE);
        // The first day up for ten minutes and down for five; the last one down over midnight, then up.
        let samples =
            [(at(0, 0), true), (at(0, 10), false), (at(0, 15), false), (at(88, 1_435), false), (at(89, 5), true)];
        let status = HealthStatus::Warning;
        let view = integration_view(&kasir(), status, &samples, (at(0, 0), at(89, 15)), Language::Indonesian);
        assert_eq!((view.display_name.as_str(), view.summary.as_str()), ("Kasir", "Sedikit terganggu"));
        assert_eq!(view.days.len(), 90);
        assert_eq!(view.days[0], DayView { date: "1970-01-01".to_owned(), uptime: Some(40.0) }, "10 of 25 minutes");
        assert_eq!(view.days[1].uptime, None, "nobody looked");
        assert_eq!(view.days[88].uptime, Some(0.0));
        assert_eq!(view.days[89].uptime, Some(66.66), "10 of 15 minutes");
        assert_eq!(view.uptime, Some(44.44), "20 of 45 minutes");
    }
}
