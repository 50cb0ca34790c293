//! An integration's health over a window and the one before, from rollups: figures, score, what is wrong and what to do.

#[cfg(test)]
mod exactness;
mod figures;
mod judgement;
mod series;
mod window;

use std::collections::BTreeMap;

use simpul_core::access::Scope;
use simpul_core::error_type::ErrorType;
use simpul_core::health::{Deduction, HealthStatus, Signals, Trend};
use simpul_core::id::IntegrationId;
use simpul_core::integration::Integration;
use simpul_core::recommendation::{Evidence, Recommendation, recommend};
use simpul_core::time::Timestamp;
use simpul_store::Page;

use crate::Engine;
pub use figures::{ComponentHealth, Metrics};
use figures::{Sums, count, descending};
use judgement::{Periods, judge};
pub use series::{PointState, Series, SeriesPoint, Step};
pub use window::Window;

/// All that `GET …/health` tells.
#[derive(Debug, Clone)]
pub struct HealthReport {
    pub status: HealthStatus,
    pub score: Option<f64>,
    pub deductions: Vec<Deduction>,
    /// Too few requests to alert anybody.
    pub provisional: bool,
    pub metrics: Metrics,
    pub connection: ComponentHealth,
    pub deliveries: ComponentHealth,
    /// Failures by type, the most frequent first.
    pub errors: Vec<(ErrorType, u64)>,
    /// Failures that name no type.
    pub untyped_errors: u64,
    /// The window before this one.
    pub previous: PreviousHealth,
    /// Where the score went since then; `None` where either is unknown.
    pub trend: Option<Trend>,
    pub recommendations: Vec<Recommendation>,
    pub checked_at: Timestamp,
}

/// The window before, of the same length.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviousHealth {
    pub status: HealthStatus,
    pub score: Option<f64>,
    pub success_rate: Option<f64>,
    pub p95_response_time: Option<i64>,
    pub uptime: Option<f64>,
}

/// Integrations that are read about in one go.
const TOGETHER: usize = 200;

impl Engine {
    /// The health of an integration over a window.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn health(&self, integration: &Integration, window: Window) -> simpul_store::Result<HealthReport> {
        let periods = Periods::of(window, self.clock.now());
        let mut seen = periods.read(&self.store, std::slice::from_ref(integration)).await?;
        let seen = seen.remove(&integration.id).unwrap_or_default();
        let (mut report, sums, signals) = judge(integration, &periods, &seen);
        report.recommendations = self.recommendations(integration, window, &sums, &signals, periods.now).await?;
        Ok(report)
    }

    /// The health of many integrations over the last 24 hours, in their order, without recommendations: three statements for
    /// 200 of them.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn health_of_many(&self, integrations: &[Integration]) -> simpul_store::Result<Vec<HealthReport>> {
        let periods = Periods::of(Window::Day, self.clock.now());
        let mut reports = Vec::with_capacity(integrations.len());
        for together in integrations.chunks(TOGETHER) {
            let mut seen = periods.read(&self.store, together).await?;
            for integration in together {
                let seen = seen.remove(&integration.id).unwrap_or_default();
                reports.push(judge(integration, &periods, &seen).0);
            }
        }
        Ok(reports)
    }

    /// The band over the last 24 hours of every integration in scope that had any request.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn health_statuses(
        &self,
        scope: Scope,
    ) -> simpul_store::Result<BTreeMap<IntegrationId, (HealthStatus, u64, u64)>> {
        let (from, to) = Window::Day.bounds(self.clock.now());
        let counts = self.store.request_counts(scope, from, to).await?;
        Ok(counts
            .into_iter()
            .map(|(id, ok, all)| (id, (HealthStatus::of(count(ok), count(all)), count(ok), count(all))))
            .collect())
    }

    async fn recommendations(
        &self,
        integration: &Integration,
        window: Window,
        sums: &Sums,
        signals: &Signals,
        now: Timestamp,
    ) -> simpul_store::Result<Vec<Recommendation>> {
        let (webhooks, total) = self.store.list_webhooks(integration.id, Page { offset: 0, limit: 500 }).await?;
        let errors = descending(&sums.connection_errors);
        let last_test = self.store.last_test_error(integration.id).await?;
        Ok(recommend(&Evidence {
            provider_label: simpul_providers::find(&integration.provider)
                .map_or(integration.provider.as_str(), |provider| provider.manifest().label),
            window: window.words(),
            requests: sums.connection.total_requests,
            errors: &errors,
            latency: signals.latency,
            last_tested_at: integration.last_tested_at,
            last_test_failed: integration.last_test_status.as_deref() == Some("failed"),
            last_test_limited: integration.last_test_status.as_deref() == Some("success")
                && last_test == Some(ErrorType::PermissionDenied),
            deliveries: (sums.deliveries.total_requests, sums.deliveries.failed_count),
            disabled_webhooks: webhooks.iter().filter(|webhook| webhook.disabled_at.is_some()).count() as u64,
            webhooks: count(total),
            now,
        }))
    }
}
