//! What may be said of an alert channel when it is made or changed, and the checks on it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use simpul_core::alert::{AlertChannel, ChannelConfiguration, ChannelKind};
use simpul_core::integration::{Configuration, Integration, IntegrationType, Mode};
use simpul_core::secret::{looks_masked, mask};
use simpul_engine::Egress;
use utoipa::ToSchema;

use crate::http::Problems;
use crate::http::members::present;

const RECIPIENTS_AT_MOST: usize = 50;

/// A new alert channel.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AlertChannelIn {
    #[schema(value_type = String, max_length = 100)]
    pub name: Option<String>,
    #[schema(value_type = String, example = "email")]
    pub kind: Option<String>,
    /// Whose people manage it; `null` or absent for the operator's own.
    #[schema(format = "uuid")]
    pub partner_id: Option<String>,
    #[schema(default = true)]
    pub is_active: Option<bool>,
    #[schema(value_type = AlertChannelConfigurationSchema)]
    pub configuration: Option<Map<String, Value>>,
    /// The channel that takes over what this one cannot send.
    #[schema(format = "uuid")]
    pub fallback_channel_id: Option<String>,
}

/// A change to an alert channel; absent members stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AlertChannelPatch {
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, max_length = 100)]
    pub name: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false)]
    pub is_active: Option<bool>,
    /// Merged member by member: `null` removes one, a masked secret stays.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<AlertChannelConfigurationSchema>, nullable = false)]
    pub configuration: Option<Map<String, Value>>,
    /// `null` for none.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub fallback_channel_id: Option<Option<String>>,
}

/// What a channel is set up with. `email`: `recipients`, and either `integrationId` or `host`, `port`, `username`, `password`,
/// `encryption`, `fromEmail`. `whatsapp`: `integrationId` and `recipients` in E.164 form. `webhook`: `url`, `secret`. `slack`:
/// `url`, which is a secret. `telegram`: `botToken`, `chatId`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AlertChannelConfiguration)]
#[serde(rename_all = "camelCase")]
pub struct AlertChannelConfigurationSchema {
    #[schema(format = "uuid")]
    integration_id: Option<String>,
    #[schema(nullable = false, required = false, max_items = 50)]
    recipients: Option<Vec<String>>,
    host: Option<String>,
    port: Option<u16>,
    username: Option<String>,
    password: Option<String>,
    /// `starttls`, `tls` or `none`.
    encryption: Option<String>,
    from_email: Option<String>,
    url: Option<String>,
    secret: Option<String>,
    bot_token: Option<String>,
    chat_id: Option<String>,
}

fn path(name: &str) -> String {
    format!("configuration.{name}")
}

/// The members that a kind takes.
fn members_of(kind: ChannelKind) -> &'static [&'static str] {
    match kind {
        ChannelKind::Email => {
            &["integrationId", "recipients", "host", "port", "username", "password", "encryption", "fromEmail"]
        }
        ChannelKind::Webhook => &["url", "secret"],
        ChannelKind::Whatsapp => &["integrationId", "recipients"],
        ChannelKind::Slack => &["url"],
        ChannelKind::Telegram => &["botToken", "chatId"],
    }
}

/// A secret as it is shown.
fn masked(name: &str, secret: &str) -> String {
    mask(secret, if name == "secret" { &["whsec_"] } else { &[] })
}

fn as_map(configuration: &ChannelConfiguration) -> Map<String, Value> {
    match serde_json::to_value(configuration) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// The configuration with its secrets masked.
pub(super) fn shown(kind: ChannelKind, configuration: &ChannelConfiguration) -> Map<String, Value> {
    let secret = ChannelConfiguration::secret_names(kind);
    let mask = |(name, value): (String, Value)| match value.as_str() {
        Some(text) if secret.contains(&name.as_str()) => {
            let text = masked(&name, text);
            (name, Value::String(text))
        }
        _ => (name, value),
    };
    as_map(configuration).into_iter().map(mask).collect()
}

/// Lays `sent` over what is stored. An unknown member, and a mask that is not the stored secret's, become problems.
pub(super) fn merge(
    kind: ChannelKind,
    stored: &ChannelConfiguration,
    sent: Map<String, Value>,
    problems: &mut Problems,
) -> ChannelConfiguration {
    let (own, known) = (as_map(stored), members_of(kind));
    let mut merged = own.clone();
    for (name, value) in sent {
        if !known.contains(&name.as_str()) {
            problems.add(path(&name), format!("is not a known member; {} takes {}", kind.as_str(), known.join(", ")));
            continue;
        }
        let is_secret = ChannelConfiguration::secret_names(kind).contains(&name.as_str());
        let mask = value.as_str().filter(|text| is_secret && looks_masked(text));
        match (mask, own.get(&name).and_then(Value::as_str)) {
            (Some(mask), Some(secret)) if masked(&name, secret) == mask => {}
            (Some(_), _) => problems.add(
                path(&name),
                "is a mask, but not that of the stored secret: send the whole secret, or leave it out",
            ),
            (None, _) if value.is_null() => drop(merged.remove(&name)),
            (None, _) => match serde_json::from_value::<ChannelConfiguration>(Value::Object(
                [(name.clone(), value.clone())].into_iter().collect(),
            )) {
                Ok(_) => drop(merged.insert(name, value)),
                Err(_) => problems.add(path(&name), "is not of the right type"),
            },
        }
    }
    serde_json::from_value(Value::Object(merged)).unwrap_or_default()
}

/// Checks a channel as a whole. `integration` is the one that it names, if the caller may use it.
pub(super) fn check(
    channel: &AlertChannel,
    integration: Option<&Integration>,
    egress: &Egress,
    problems: &mut Problems,
) {
    let configuration = &channel.configuration;
    let mut url = |name: &str| match &configuration.url {
        None => problems.add(path(name), "is required"),
        Some(text) => {
            if problems.http_url(&path(name), text).is_some()
                && let Err(failure) = egress.judge(text)
            {
                problems.add(path(name), failure.message);
            }
        }
    };
    match channel.kind {
        ChannelKind::Slack => url("url"),
        ChannelKind::Webhook => {
            url("url");
            let secret = configuration.secret.as_deref().unwrap_or_default();
            problems.length(&path("secret"), secret, 8, 512);
        }
        ChannelKind::Telegram => {
            let token = configuration.bot_token.as_deref().unwrap_or_default();
            let is_token = token.split_once(':').is_some_and(|(id, rest)| {
                let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
                !id.is_empty()
                    && id.bytes().all(|byte| byte.is_ascii_digit())
                    && rest.len() >= 10
                    && rest.bytes().all(fits)
            });
            if !is_token {
                problems.add(path("botToken"), "must be the token that @BotFather gave, such as 123456:ABC-DEF…");
            }
            problems.line(&path("chatId"), configuration.chat_id.as_deref().unwrap_or_default(), 64);
        }
        ChannelKind::Email => email(configuration, integration, problems),
        ChannelKind::Whatsapp => {
            recipients(configuration, problems, is_number, "must be a number such as +6281234567890");
            through(configuration, integration, IntegrationType::Whatsapp, problems);
        }
    }
}

fn email(configuration: &ChannelConfiguration, integration: Option<&Integration>, problems: &mut Problems) {
    recipients(configuration, problems, is_address, "must be an e-mail address");
    if configuration.from_email.as_deref().is_some_and(|address| !is_address(address)) {
        problems.add(path("fromEmail"), "must be an e-mail address");
    }
    if configuration.integration_id.is_some() {
        if configuration.host.is_some() {
            problems.add(path("host"), "must not be given together with integrationId");
        }
        return through(configuration, integration, IntegrationType::EmailSmtp, problems);
    }
    if configuration.host.is_none() {
        return problems.add(path("integrationId"), "is required, unless host and port name a mail server");
    }
    if configuration.from_email.is_none() {
        problems.add(path("fromEmail"), "is required");
    }
    let members = serde_json::to_value(configuration).ok().and_then(|value| value.as_object().cloned());
    let own = ["host", "port", "username", "password", "encryption"];
    let members = members.unwrap_or_default().into_iter().filter(|(name, _)| own.contains(&name.as_str()));
    if let Some(smtp) = simpul_providers::find("smtp") {
        for problem in smtp.inspect(&Configuration(members.collect()), Mode::Production).problems {
            problems.add(path(problem.field), problem.message);
        }
    }
}

fn through(
    configuration: &ChannelConfiguration,
    integration: Option<&Integration>,
    kind: IntegrationType,
    problems: &mut Problems,
) {
    match (configuration.integration_id, integration) {
        (None, _) => problems.add(path("integrationId"), "is required"),
        (Some(_), None) => problems.add(path("integrationId"), "is not an integration that you can use"),
        (Some(_), Some(found)) if found.integration_type != kind => {
            problems.add(path("integrationId"), format!("must be an integration of the type {}", kind.as_str()));
        }
        _ => {}
    }
}

fn recipients(configuration: &ChannelConfiguration, problems: &mut Problems, fits: fn(&str) -> bool, problem: &str) {
    let list = &configuration.recipients;
    if list.is_empty() || list.len() > RECIPIENTS_AT_MOST {
        problems.add(path("recipients"), format!("must have 1 to {RECIPIENTS_AT_MOST} items"));
    }
    for (index, _) in list.iter().enumerate().take(RECIPIENTS_AT_MOST).filter(|(_, item)| !fits(item)) {
        problems.add(path(&format!("recipients[{index}]")), problem);
    }
}

fn is_address(text: &str) -> bool {
    crate::http::is_email(text)
}

fn is_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
