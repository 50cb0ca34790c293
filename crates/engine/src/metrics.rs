//! What the engine counts of deliveries, notifications and connection tests.
//!
//! Labels come from closed lists (outcomes, the registry's providers), so that their number is bounded whatever is sent to us.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use simpul_core::delivery::Trigger;
use simpul_store::{Outcome, Settlement};

/// Seconds, up to a webhook's longest timeout.
const ATTEMPTS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];
/// Seconds from acceptance to delivery, over all attempts.
const LATENCIES: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 60.0, 600.0, 3_600.0, 43_200.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProviderLabels {
    provider: &'static str,
    outcome: &'static str,
}

/// Counters of one process. Cheap to clone; clones share their values.
#[derive(Debug, Clone)]
pub struct EngineMetrics {
    attempts: Family<OutcomeLabel, Counter>,
    attempt_duration: Histogram,
    delivery_latency: Histogram,
    notifications: Family<ProviderLabels, Counter>,
    tests: Family<ProviderLabels, Counter>,
}

impl Default for EngineMetrics {
    fn default() -> Self {
        Self {
            attempts: Family::default(),
            attempt_duration: Histogram::new(ATTEMPTS),
            delivery_latency: Histogram::new(LATENCIES),
            notifications: Family::default(),
            tests: Family::default(),
        }
    }
}

fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered => "delivered",
        Outcome::Retry { .. } => "retry",
        Outcome::Exhausted => "exhausted",
        Outcome::Gone => "gone",
        Outcome::Filtered => "filtered",
        Outcome::Postponed { .. } => "postponed",
    }
}

fn seconds(millis: i64) -> f64 {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0)).as_secs_f64()
}

/// The slug as the registry writes it; what it does not know has one name in common.
fn known(provider: &str) -> &'static str {
    simpul_providers::find(provider).map_or("unknown", |provider| provider.manifest().slug)
}

impl EngineMetrics {
    /// An attempt has ended. Replays say nothing of latency: their event is as old as it is.
    pub(crate) fn attempted(&self, settlement: &Settlement) {
        let Settlement { delivery, outcome, attempt, at, .. } = settlement;
        self.attempts.get_or_create(&OutcomeLabel { outcome: outcome_word(outcome) }).inc();
        if let Some(took) = attempt.as_ref().and_then(|attempt| attempt.log.duration) {
            self.attempt_duration.observe(seconds(took));
        }
        if matches!(outcome, Outcome::Delivered) && delivery.trigger != Trigger::Manual {
            self.delivery_latency.observe(seconds(at.since(delivery.id.made_at())));
        }
    }

    /// A provider's notification was answered: `accepted`, `refused`, or `postponed`.
    pub(crate) fn notified(&self, provider: &str, outcome: &'static str) {
        self.notifications.get_or_create(&ProviderLabels { provider: known(provider), outcome }).inc();
    }

    /// A connection was tested.
    pub(crate) fn tested(&self, provider: &str, success: bool) {
        let outcome = if success { "success" } else { "failed" };
        self.tests.get_or_create(&ProviderLabels { provider: known(provider), outcome }).inc();
    }

    /// Gives the metrics their names.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("delivery_attempts", "Attempts at deliveries, by their outcome", self.attempts.clone());
        registry.register_with_unit(
            "delivery_attempt_duration",
            "How long receivers take to answer",
            Unit::Seconds,
            self.attempt_duration.clone(),
        );
        registry.register_with_unit(
            "delivery_latency",
            "From the acceptance of an event to its delivery, replays left out",
            Unit::Seconds,
            self.delivery_latency.clone(),
        );
        registry.register("notifications", "Notifications received from providers", self.notifications.clone());
        registry.register("connection_tests", "Connection tests, scheduled and asked for", self.tests.clone());
    }
}
