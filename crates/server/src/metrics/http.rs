//! Requests answered, by route: how many and how long they took.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Seconds.
const DURATIONS: [f64; 9] = [0.001, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0];
/// Methods that are told apart; a client may send any word.
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"];

/// The route is its pattern, never the path: paths hold tokens and ids. Statuses go by class, so that the number of label sets
/// is bounded by the number of routes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: String,
    status: &'static str,
}

/// Cheap to clone; clones share their values.
#[derive(Debug, Clone)]
pub struct HttpMetrics {
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        Self { durations: Family::new_with_constructor(|| Histogram::new(DURATIONS)) }
    }
}

impl HttpMetrics {
    /// A request was answered. `route` is a pattern such as `/api/admin/partners/{id}`.
    pub fn answered(&self, method: &http::Method, route: &str, status: u16, took: Duration) {
        let labels = RouteLabels {
            method: METHODS.into_iter().find(|known| method.as_str() == *known).unwrap_or("other"),
            route: route.to_owned(),
            status: match status {
                100..=199 => "1xx",
                200..=299 => "2xx",
                300..=399 => "3xx",
                400..=499 => "4xx",
                _ => "5xx",
            },
        };
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "http_request_duration",
            "How long requests take to be answered, up to the first byte of the answer",
            Unit::Seconds,
            self.durations.clone(),
        );
    }
}
