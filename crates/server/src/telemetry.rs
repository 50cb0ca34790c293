//! What Simpul tells of itself as it works: log lines on standard error, and traces to a collector where one is configured.

pub mod collector;
pub mod otlp_metrics;

use std::io::IsTerminal as _;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::LogFormat;
use collector::Traces;

const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
/// What goes into traces: our own spans, not those of libraries.
const TRACED: &str = "off,simpul=info,simpul_engine=info,simpul_store=info";

/// Whether the text is a level, or a list of levels and `target=level` pairs. Stricter than the filter itself, which
/// takes a mistyped level for the name of a module and then logs nothing.
#[must_use]
pub fn is_level(text: &str) -> bool {
    let sound = |part: &str| {
        let level = part.trim().rsplit_once('=').map_or(part.trim(), |(_, level)| level);
        LEVELS.contains(&level.to_ascii_lowercase().as_str())
    };
    text.split(',').all(sound) && EnvFilter::try_new(text).is_ok()
}

/// Starts logging, and tracing where a collector is given, for the whole process.
///
/// # Errors
/// The level cannot be read, or logging was started before.
pub fn start(
    format: LogFormat,
    level: &str,
    traces: Option<&Traces>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let lines =
        tracing_subscriber::fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let spans = match traces {
        None => None,
        Some(traces) => {
            opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
            let tracer = traces.provider().tracer("simpul");
            Some(tracing_opentelemetry::layer().with_tracer(tracer).with_filter(EnvFilter::try_new(TRACED)?))
        }
    };
    let registry = tracing_subscriber::registry().with(lines.with_filter(EnvFilter::try_new(level)?)).with(spans);
    Ok(registry.try_init()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_level_is_not_taken_for_a_module() {
        assert!(is_level("info"));
        assert!(is_level("warn,simpul=debug"));
        assert!(!is_level("inf"));
        assert!(!is_level(""));
        assert!(!is_level("info,sqlx=loud"));
    }
}
