//! What an operator may set, read from `simpul.toml`, the environment and the command line, and checked at the start.
//!
//! One table ([`table::SETTINGS`]) names every key with its default, help and check. Sources, each above the one before:
//! defaults, the file, `SIMPUL_<KEY>`, flags. Anything unknown or unusable stops the start with a sentence that names the
//! key, its source and what is accepted.

mod describe;
mod load;
mod table;
mod value;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

pub use describe::{Row, example, render};
pub use load::{Loaded, Sources, load};
pub use table::{SETTINGS, Setting};
pub(crate) use value::header_pairs;
pub use value::{DatabaseUrl, LogFormat, MasterKey, PublicUrl, Secret};

/// Where a setting's value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Default,
    /// The configuration file at this path.
    File(PathBuf),
    Environment,
    CommandLine,
}

impl std::fmt::Display for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => formatter.write_str("the default"),
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Environment => formatter.write_str("the environment"),
            Self::CommandLine => formatter.write_str("the command line"),
        }
    }
}

/// A configuration that cannot be used: one sentence for the operator. The process exits with status 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    #[must_use]
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// For a value of `key` that only proved unusable later, such as a file that cannot be read.
    #[must_use]
    pub fn unusable(key: &str, source: &Source, problem: &str) -> Self {
        let name = match source {
            Source::Environment => load::variable(key),
            _ => key.to_owned(),
        };
        Self(format!("{name} (from {source}) {problem}."))
    }
}

/// Everything that can be set, checked and typed. Secrets show as bullets in `Debug` and `Display`.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address and port that the API and the dashboard listen on.
    pub listen: SocketAddr,
    pub public_url: PublicUrl,
    pub database_url: DatabaseUrl,
    /// Absent: read from `master_key_file`, or generated beside the database.
    pub master_key: Option<MasterKey>,
    pub master_key_file: Option<PathBuf>,
    pub admin_email: Option<String>,
    pub admin_password: Option<Secret>,
    /// Address ranges that the egress guard lets through although they are private.
    pub egress_allow: Vec<IpNet>,
    /// Base URLs that replace a provider's own in both modes, by slug; without a slash at the end.
    pub provider_urls: BTreeMap<&'static str, Url>,
    /// Consecutive exhausted deliveries before a webhook is disabled.
    pub webhook_disable_after: u32,
    pub webhook_disable_after_hours: u32,
    pub webhook_parked_days: u32,
    pub webhook_drain_rate: u32,
    /// Days that activity logs, attempts and raw notifications are kept.
    pub log_retention_days: u32,
    /// Whether connections are tested by schedule.
    pub scheduled_tests: bool,
    pub telegram_url: Url,
    pub metrics_listen: Option<SocketAddr>,
    pub metrics_token: Option<Secret>,
    pub otlp_endpoint: Option<Url>,
    pub otlp_headers: Option<Secret>,
    pub otlp_trace_percent: u32,
    pub log_format: LogFormat,
    /// A level, or `target=level` pairs, as `tracing-subscriber` reads them.
    pub log_level: String,
    pub extra_ca_file: Option<PathBuf>,
    /// Deliveries in flight at once, all webhooks together.
    pub delivery_concurrency: usize,
    /// Deliveries in flight at once to one webhook.
    pub webhook_concurrency: usize,
    /// Hours that a sign-in lasts.
    pub session_hours: u32,
}

impl Config {
    /// How long a sign-in lasts.
    #[must_use]
    pub fn session_length(&self) -> Duration {
        Duration::from_secs(u64::from(self.session_hours) * 3600)
    }

    /// How long activity is kept.
    #[must_use]
    pub fn log_retention(&self) -> Duration {
        Duration::from_secs(u64::from(self.log_retention_days) * 86_400)
    }
}

#[cfg(test)]
mod tests;
