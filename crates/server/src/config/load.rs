//! Gathers settings from their sources, lowest first, and checks each value where it was given.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::{Config, ConfigError, DatabaseUrl, LogFormat, PublicUrl, SETTINGS, Setting, Source};

/// What a configuration is read from; tests give their own.
#[derive(Debug, Default)]
pub struct Sources {
    /// All variables of the process; those without `SIMPUL_` are not looked at.
    pub environment: Vec<(OsString, OsString)>,
    /// The file that `--config` names.
    pub file: Option<PathBuf>,
    /// Keys and values from flags, in the order given; a later one counts.
    pub flags: Vec<(String, String)>,
    /// Where `simpul.toml` is looked for when no file is named.
    pub directory: PathBuf,
}

/// A usable configuration, and where each value came from.
#[derive(Debug)]
pub struct Loaded {
    pub config: Config,
    pub(super) origins: BTreeMap<&'static str, (String, Source)>,
}

impl Loaded {
    /// An error about a value that only proved unusable later, such as a file that cannot be read. `problem` finishes
    /// the sentence that begins with the key.
    #[must_use]
    pub fn unusable(&self, key: &str, problem: &str) -> ConfigError {
        let source = self.origins.get(key).map_or(&Source::Default, |(_, source)| source);
        ConfigError::unusable(key, source, problem)
    }
}

/// Reads, merges and checks all settings.
///
/// # Errors
/// A key that does not exist, a value that cannot be used, a file that cannot be read: the sentence names key and source.
pub fn load(sources: Sources) -> Result<Loaded, ConfigError> {
    let mut origins: BTreeMap<&'static str, (String, Source)> =
        SETTINGS.iter().map(|setting| (setting.key, (setting.default.to_owned(), Source::Default))).collect();
    let (variables, named_by_variable) = from_environment(sources.environment)?;
    let file = sources.file.or(named_by_variable);
    for (setting, text, source) in from_file(file.as_deref(), &sources.directory)? {
        origins.insert(setting.key, (text, source));
    }
    for (setting, text) in variables {
        origins.insert(setting.key, (text, Source::Environment));
    }
    for (key, text) in sources.flags {
        let setting = Setting::find(&key).ok_or_else(|| unknown(&key, &key, &Source::CommandLine))?;
        if setting.secret {
            return Err(ConfigError(format!(
                "{key} is a secret and is not taken from the command line, where other users of this machine could read \
                 it: set {} or write it in simpul.toml.",
                variable(&key)
            )));
        }
        origins.insert(setting.key, (text, Source::CommandLine));
    }
    let config = build(&origins)?;
    Ok(Loaded { config, origins })
}

fn build(origins: &BTreeMap<&'static str, (String, Source)>) -> Result<Config, ConfigError> {
    let mut config = blank()?;
    for setting in SETTINGS {
        if let Some((text, source)) = origins.get(setting.key)
            && (setting.apply)(&mut config, text).is_none()
        {
            let problem = format!("must be {}", setting.accepts);
            return Err(ConfigError::unusable(setting.key, source, &problem));
        }
    }
    if config.master_key.is_some() && config.master_key_file.is_some() {
        return Err(ConfigError::new("master_key and master_key_file are both set: keep one of them."));
    }
    if config.metrics_listen == Some(config.listen) && config.listen.port() != 0 {
        return Err(ConfigError::new(
            "metrics_listen and listen are the same address: give metrics_listen its own port.",
        ));
    }
    Ok(config)
}

/// What the table's defaults are then written over; none of these values is ever seen.
fn blank() -> Result<Config, ConfigError> {
    let nothing = || ConfigError::new("The built-in defaults cannot be read.");
    Ok(Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: PublicUrl::parse("http://localhost").ok_or_else(nothing)?,
        database_url: DatabaseUrl::parse("sqlite:simpul.db").ok_or_else(nothing)?,
        master_key: None,
        master_key_file: None,
        admin_email: None,
        admin_password: None,
        egress_allow: Vec::new(),
        provider_urls: BTreeMap::new(),
        webhook_disable_after: 0,
        webhook_disable_after_hours: 0,
        webhook_parked_days: 0,
        webhook_drain_rate: 0,
        scheduled_tests: true,
        log_retention_days: 0,
        telegram_url: url::Url::parse("http://localhost").map_err(|_| nothing())?,
        metrics_listen: None,
        metrics_token: None,
        otlp_endpoint: None,
        otlp_headers: None,
        otlp_trace_percent: 0,
        log_format: LogFormat::Text,
        log_level: String::new(),
        extra_ca_file: None,
        delivery_concurrency: 0,
        webhook_concurrency: 0,
        session_hours: 0,
    })
}

/// The variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("SIMPUL_{}", key.to_ascii_uppercase())
}

type FromEnvironment = (Vec<(&'static Setting, String)>, Option<PathBuf>);

fn from_environment(environment: Vec<(OsString, OsString)>) -> Result<FromEnvironment, ConfigError> {
    let mut found = Vec::new();
    let mut file = None;
    for (name, value) in environment {
        let Some(name) = name.to_str().filter(|name| name.starts_with("SIMPUL_")) else { continue };
        if name == "SIMPUL_CONFIG" {
            file = Some(PathBuf::from(value)).filter(|path| !path.as_os_str().is_empty());
            continue;
        }
        if is_someone_elses(name, &value) {
            continue;
        }
        let setting = SETTINGS
            .iter()
            .find(|setting| variable(setting.key) == name)
            .ok_or_else(|| unknown(name, &name["SIMPUL_".len()..].to_ascii_lowercase(), &Source::Environment))?;
        let value = value
            .into_string()
            .map_err(|_| ConfigError::unusable(setting.key, &Source::Environment, "must be UTF-8 text"))?;
        found.push((setting, value));
    }
    Ok((found, file))
}

/// Variables that are not settings: those of tests, the build's SIMPUL_DASHBOARD, and those that Kubernetes gives every
/// container beside a service that is named `simpul`.
fn is_someone_elses(name: &str, value: &OsString) -> bool {
    let is_link = value.to_str().is_some_and(|value| value.starts_with("tcp://") || value.starts_with("udp://"));
    name.starts_with("SIMPUL_TEST_")
        || name == "SIMPUL_DASHBOARD"
        || name == "SIMPUL_SERVICE_HOST"
        || name.starts_with("SIMPUL_SERVICE_PORT")
        || name.starts_with("SIMPUL_PORT_")
        || (name == "SIMPUL_PORT" && is_link)
}

type FromFile = Vec<(&'static Setting, String, Source)>;

fn from_file(named: Option<&Path>, directory: &Path) -> Result<FromFile, ConfigError> {
    let path = named.map_or_else(|| directory.join("simpul.toml"), Path::to_owned);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => return Ok(Vec::new()),
        Err(error) => {
            return Err(ConfigError(format!("The configuration file {} cannot be read: {error}.", path.display())));
        }
    };
    let table: toml::Table = toml::from_str(&text).map_err(|error| {
        // The error's own display quotes the line, which may hold a secret.
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        ConfigError(format!("{} is not TOML: line {line}: {}.", path.display(), error.message().replace('\n', ", ")))
    })?;
    let source = Source::File(path);
    table
        .into_iter()
        .map(|(key, value)| {
            let setting = Setting::find(&key).ok_or_else(|| unknown(&key, &key, &source))?;
            let text = written(&value)
                .ok_or_else(|| ConfigError::unusable(&key, &source, &format!("must be {}", setting.accepts)))?;
            Ok((setting, text, source.clone()))
        })
        .collect()
}

/// A value of the file as the text that a variable would hold; a list is joined with commas.
fn written(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            items.map(|items| items.join(","))
        }
        _ => None,
    }
}

fn unknown(name: &str, key: &str, source: &Source) -> ConfigError {
    let nearest = SETTINGS
        .iter()
        .map(|setting| (distance(key, setting.key), setting.key))
        .min()
        .filter(|(distance, nearest)| *distance <= nearest.len() / 3);
    let remedy = match (nearest, source) {
        (Some((_, nearest)), Source::Environment) => format!("did you mean {}?", variable(nearest)),
        (Some((_, nearest)), _) => format!("did you mean {nearest}?"),
        (None, _) => "`simpul config --example` lists all settings.".to_owned(),
    };
    ConfigError(format!("{name} (from {source}) is not a setting: {remedy}"))
}

/// How many letters must be changed, added or taken away to make one word of the other (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, letter) in left.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in right.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
