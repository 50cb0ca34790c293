//! The one table of settings; reading, checking, describing and the example file are all made from it.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;

use super::value::{header_pairs, http_url};
use super::{Config, DatabaseUrl, LogFormat, MasterKey, PublicUrl, Secret};

/// One thing that can be set.
#[derive(Debug)]
pub struct Setting {
    /// Lower case, as in `simpul.toml`; the variable is `SIMPUL_` and the key in upper case.
    pub key: &'static str,
    /// As it would be written in the file; empty means not set.
    pub default: &'static str,
    pub help: &'static str,
    /// What a usable value is, to finish the sentence "must be …".
    pub accepts: &'static str,
    /// Never shown, and not taken from the command line, where other users of the machine could read it.
    pub secret: bool,
    /// Whether the file writes it without quotation marks.
    pub number: bool,
    /// Puts the value into the configuration; `None` when it cannot be used.
    pub(super) apply: fn(&mut Config, &str) -> Option<()>,
}

impl Setting {
    /// The setting with this key.
    #[must_use]
    pub fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    const fn text(
        key: &'static str,
        default: &'static str,
        accepts: &'static str,
        help: &'static str,
        apply: fn(&mut Config, &str) -> Option<()>,
    ) -> Self {
        Self { key, default, help, accepts, secret: false, number: false, apply }
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn number(mut self) -> Self {
        self.number = true;
        self
    }
}

const ADDRESS: &str = "an IP address and port, such as 127.0.0.1:3001 or [::]:3001";
const PROVIDER_URL: &str =
    "an http:// or https:// URL without query and without a slash at the end, such as http://127.0.0.1:8420";

macro_rules! provider_url {
    ($slug:literal) => {
        Setting::text(
            concat!("provider_", $slug, "_url"),
            "",
            PROVIDER_URL,
            concat!("Stands in for the base URL of ", $slug, " in both modes. Not set: the provider's own."),
            |config, text| {
                let url = optional(text, |text| (!text.ends_with('/')).then(|| http_url(text)).flatten())?;
                match url {
                    Some(url) => config.provider_urls.insert($slug, url),
                    None => config.provider_urls.remove($slug),
                };
                Some(())
            },
        )
    };
}
/// Every setting, in the order in which it is shown.
pub static SETTINGS: &[Setting] = &[
    Setting::text("listen", "127.0.0.1:3001", ADDRESS, "Address and port to listen on.", |config, text| {
        config.listen = text.parse().ok()?;
        Some(())
    }),
    Setting::text(
        "public_url",
        "http://localhost:3001",
        "an http:// or https:// address without path, query or slash at the end, such as https://hub.example.com",
        "How the outside reaches Simpul: forms the addresses given to providers, and marks cookies Secure behind https.",
        |config, text| {
            config.public_url = PublicUrl::parse(text)?;
            Some(())
        },
    ),
    Setting::text(
        "database_url",
        "sqlite:data/simpul.db",
        "sqlite:<path of a file> or postgres://user:password@host/database",
        "Where the data is kept: one SQLite file, or PostgreSQL where several nodes share the work.",
        |config, text| {
            config.database_url = DatabaseUrl::parse(text)?;
            Some(())
        },
    ),
    Setting::text(
        "master_key",
        "",
        "32 bytes in base64, as `openssl rand -base64 32` prints them",
        "Encrypts every stored secret. Not set: read from master_key_file, or generated once beside the database.",
        |config, text| {
            config.master_key = optional(text, MasterKey::from_base64)?;
            Some(())
        },
    )
    .secret(),
    Setting::text(
        "master_key_file",
        "",
        "the path of a file",
        "A file that holds the master key, in place of master_key.",
        |config, text| {
            config.master_key_file = optional(text, path)?;
            Some(())
        },
    ),
    Setting::text(
        "admin_email",
        "",
        "an e-mail address",
        "The first super_admin, made at the first start only. Not set: generated and printed once.",
        |config, text| {
            config.admin_email = optional(text, |text| crate::http::is_email(text).then(|| text.to_owned()))?;
            Some(())
        },
    ),
    Setting::text(
        "admin_password",
        "",
        "1 to 256 characters",
        "Password of the first super_admin. Not set: generated and printed once.",
        |config, text| {
            config.admin_password = optional(text, |text| (text.chars().count() <= 256).then(|| Secret::new(text)))?;
            Some(())
        },
    )
    .secret(),
    Setting::text(
        "egress_allow",
        "",
        "address ranges separated by commas, such as 127.0.0.0/8,10.1.0.0/16",
        "Private address ranges that outgoing calls may reach all the same.",
        |config, text| {
            config.egress_allow = ranges(text)?;
            Some(())
        },
    ),
    provider_url!("midtrans"),
    provider_url!("xendit"),
    provider_url!("stripe"),
    provider_url!("twilio"),
    provider_url!("wablas"),
    provider_url!("fonnte"),
    provider_url!("mailgun"),
    provider_url!("sendgrid"),
    Setting::text(
        "webhook_disable_after",
        "10",
        "a whole number from 1 to 10000",
        "Consecutive exhausted deliveries before a webhook is disabled.",
        |config, text| {
            config.webhook_disable_after = whole(text, 1, 10_000)?;
            Some(())
        },
    )
    .number(),
    Setting::text(
        "webhook_disable_after_hours",
        "120",
        "a whole number from 1 to 8760",
        "Hours without a single success before a webhook is disabled.",
        |config, text| {
            config.webhook_disable_after_hours = whole(text, 1, 8_760)?;
            Some(())
        },
    )
    .number(),
    Setting::text(
        "webhook_parked_days",
        "14",
        "a whole number from 1 to 3650",
        "Days that what happens while a webhook is disabled is kept for it.",
        |config, text| {
            config.webhook_parked_days = whole(text, 1, 3_650)?;
            Some(())
        },
    )
    .number(),
    Setting::text(
        "webhook_drain_rate",
        "100",
        "a whole number from 1 to 1000",
        "Deliveries a second to a webhook that answers again after an outage, until what waited for it has gone out.",
        |config, text| {
            config.webhook_drain_rate = whole(text, 1, 1_000)?;
            Some(())
        },
    )
    .number(),
    Setting::text(
        "telegram_url",
        "https://api.telegram.org",
        "an http:// or https:// URL without a slash at the end",
        "Where alert channels of the kind telegram find the bots' interface.",
        |config, text| {
            config.telegram_url = (!text.ends_with('/')).then(|| http_url(text)).flatten()?;
            Some(())
        },
    ),
    Setting::text(
        "log_retention_days",
        "90",
        "a whole number from 1 to 3650",
        "Days that activity logs, delivery attempts and raw notifications are kept.",
        |config, text| {
            config.log_retention_days = whole(text, 1, 3_650)?;
            Some(())
        },
    )
    .number(),
    Setting::text(
        "scheduled_tests",
        "on",
        "on or off",
        "Whether each integration's connection is tested by itself, as often as its settings say (5 minutes).",
        |config, text| {
            config.scheduled_tests = match text {
                "on" => true,
                "off" => false,
                _ => return None,
            };
            Some(())
        },
    ),
    Setting::text(
        "metrics_listen",
        "off",
        "off, or an IP address and port, such as 127.0.0.1:9464",
        "A second address for /metrics and /healthz.",
        |config, text| {
            config.metrics_listen =
                if text == "off" { None } else { optional(text, |text| text.parse::<SocketAddr>().ok())? };
            Some(())
        },
    ),
    Setting::text(
        "metrics_token",
        "",
        "visible ASCII characters without spaces",
        "Bearer token that /metrics asks for; without it, /metrics is served on metrics_listen alone.",
        |config, text| {
            config.metrics_token =
                optional(text, |text| text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| Secret::new(text)))?;
            Some(())
        },
    )
    .secret(),
    Setting::text(
        "otlp_endpoint",
        "",
        "an http:// or https:// URL without query, such as http://127.0.0.1:4318",
        "An OpenTelemetry collector that figures and traces are sent to (OTLP over HTTP). Not set: nothing is sent.",
        |config, text| {
            config.otlp_endpoint = optional(text, http_url)?;
            Some(())
        },
    ),
    Setting::text(
        "otlp_headers",
        "",
        "name=value pairs separated by commas",
        "Headers that the collector asks for, such as its key.",
        |config, text| {
            config.otlp_headers = optional(text, |text| header_pairs(text).is_some().then(|| Secret::new(text)))?;
            Some(())
        },
    )
    .secret(),
    Setting::text(
        "otlp_trace_percent",
        "10",
        "a whole number from 0 to 100",
        "How many of a hundred traces that begin here are sent; what a caller already traces is always sent.",
        |config, text| {
            config.otlp_trace_percent = whole(text, 0, 100)?;
            Some(())
        },
    )
    .number(),
    Setting::text(
        "log_format",
        "text",
        "text or json",
        "How log lines are written to standard error.",
        |config, text| {
            config.log_format = match text {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                _ => return None,
            };
            Some(())
        },
    ),
    Setting::text(
        "log_level",
        "info",
        "error, warn, info, debug, trace or off, or such levels by module, such as info,sqlx=warn",
        "How much is logged.",
        |config, text| {
            config.log_level = crate::telemetry::is_level(text).then(|| text.to_owned())?;
            Some(())
        },
    ),
    Setting::text(
        "extra_ca_file",
        "",
        "the path of a PEM file",
        "Certificates trusted in addition to the system's, for every outgoing TLS connection.",
        |config, text| {
            config.extra_ca_file = optional(text, path)?;
            Some(())
        },
    ),
    Setting::text(
        "delivery_concurrency",
        "512",
        "a whole number from 1 to 10000",
        "Deliveries in flight at once, all webhooks together.",
        |config, text| {
            config.delivery_concurrency = usize::try_from(whole(text, 1, 10_000)?).ok()?;
            Some(())
        },
    )
    .number(),
    Setting::text(
        "webhook_concurrency",
        "16",
        "a whole number from 1 to 1000",
        "Deliveries in flight at once to one webhook, so that a slow receiver never starves another.",
        |config, text| {
            config.webhook_concurrency = usize::try_from(whole(text, 1, 1_000)?).ok()?;
            Some(())
        },
    )
    .number(),
    Setting::text(
        "session_hours",
        "168",
        "a whole number from 1 to 8760",
        "Hours that a sign-in lasts.",
        |config, text| {
            config.session_hours = whole(text, 1, 8_760)?;
            Some(())
        },
    )
    .number(),
];

/// Reads an empty text as "not set"; `None` when it is set to something unusable.
fn optional<T>(text: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { read(text).map(Some) }
}

fn path(text: &str) -> Option<PathBuf> {
    (!text.trim().is_empty() && !text.contains('\0')).then(|| PathBuf::from(text))
}

fn whole(text: &str, least: u32, most: u32) -> Option<u32> {
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

/// A bare address is taken as the range of that address alone.
fn ranges(text: &str) -> Option<Vec<IpNet>> {
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    text.split(',')
        .map(|range| {
            let range = range.trim();
            range.parse::<IpNet>().ok().or_else(|| range.parse::<IpAddr>().ok().map(IpNet::from))
        })
        .collect()
}
