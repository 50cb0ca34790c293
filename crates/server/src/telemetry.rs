//! Log lines on standard error, as text or as JSON.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

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

/// Starts logging for the whole process.
///
/// # Errors
/// The level cannot be read, or logging was started before.
pub fn start(format: LogFormat, level: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(level)?)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
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
