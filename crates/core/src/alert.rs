//! Alerts: whom a rule tells of which trouble, through which channels, and when.

pub mod message;
mod quiet;
mod wording;

use serde::{Deserialize, Serialize};

use crate::id::{AlertChannelId, AlertDeliveryId, AlertId, AlertRuleId, IncidentId, IntegrationId, PartnerId};
use crate::incident::{IncidentKind, IncidentSeverity};
use crate::language::Language;
use crate::time::{SECOND, Timestamp};
use crate::words::words;
pub use message::{AlertMessage, MessageKind};
pub use quiet::{InvalidQuietHours, QuietHours};

words! {
    /// How a channel reaches people.
    ChannelKind {
        /// Through an integration of the hub, or the operator's own mail server.
        Email = "email",
        /// A signed POST (Standard Webhooks).
        Webhook = "webhook",
        /// Through a WhatsApp integration of the hub.
        Whatsapp = "whatsapp",
        /// An incoming webhook of Slack, or of what takes the same body, such as Mattermost.
        Slack = "slack",
        Telegram = "telegram",
    }
}

words! {
    /// How far an alert is.
    AlertState {
        /// Waits to be told: gathered with others, or held back by quiet hours.
        Pending = "pending",
        /// Told, and not over.
        Firing = "firing",
        /// Over; that is still to be told.
        Closing = "closing",
        /// Over, and told so where the rule asks for it.
        Resolved = "resolved",
        /// Over before it was told: nobody hears of it.
        Withdrawn = "withdrawn",
        /// Part of a provider's outage, which is told in its place.
        Joined = "joined",
    }
}

words! {
    /// How far a message is on its way through one channel.
    AlertDeliveryState { Waiting = "waiting", Sent = "sent", Failed = "failed" }
}

/// What a channel is set up with; which members count depends on its kind.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChannelConfiguration {
    /// email, whatsapp: the hub's integration that sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration_id: Option<IntegrationId>,
    /// email: addresses; whatsapp: numbers in E.164 form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// email without an integration: the operator's own mail server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// `starttls`, `tls` or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_email: Option<String>,
    /// webhook: the receiver; slack: the incoming webhook's address, which is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// webhook: what its messages are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<String>,
}

impl ChannelConfiguration {
    /// The names of the members that are secrets, for a kind.
    #[must_use]
    pub fn secret_names(kind: ChannelKind) -> &'static [&'static str] {
        match kind {
            ChannelKind::Email => &["password"],
            ChannelKind::Webhook => &["secret"],
            ChannelKind::Whatsapp => &[],
            ChannelKind::Slack => &["url"],
            ChannelKind::Telegram => &["botToken"],
        }
    }

    /// Everything that must never be shown.
    pub fn secrets(&self, kind: ChannelKind) -> impl Iterator<Item = String> {
        let url = if kind == ChannelKind::Slack { self.url.clone() } else { None };
        [self.password.clone(), self.secret.clone(), self.bot_token.clone(), url].into_iter().flatten()
    }
}

impl std::fmt::Debug for ChannelConfiguration {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ChannelConfiguration(…)")
    }
}

/// A way to reach people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertChannel {
    pub id: AlertChannelId,
    /// The partner whose people manage it; `None` for the operator's own.
    pub partner_id: Option<PartnerId>,
    pub name: String,
    pub kind: ChannelKind,
    pub is_active: bool,
    /// In clear; the store seals and opens it.
    pub configuration: ChannelConfiguration,
    /// Takes over what this one could not send.
    pub fallback_channel_id: Option<AlertChannelId>,
    pub last_delivery_at: Option<Timestamp>,
    /// `success` or `failed`.
    pub last_status: Option<String>,
    pub last_error: Option<String>,
    pub created_by: String,
    pub updated_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Who is told of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRule {
    pub id: AlertRuleId,
    /// The partner whose people manage it, and whose trouble alone it tells of; `None` for the operator's own.
    pub partner_id: Option<PartnerId>,
    pub name: String,
    pub is_active: bool,
    pub minimum_severity: IncidentSeverity,
    /// Empty for all, as are the next two.
    pub kinds: Vec<IncidentKind>,
    pub partner_ids: Vec<PartnerId>,
    /// Slugs.
    pub providers: Vec<String>,
    pub channel_ids: Vec<AlertChannelId>,
    /// Tell again this often while it lasts and nobody has acknowledged it.
    pub repeat_minutes: Option<u32>,
    pub notify_resolved: bool,
    pub quiet_hours: Option<QuietHours>,
    /// How long the first trouble waits for others to be told with it.
    pub group_seconds: u32,
    pub language: Language,
    /// Nothing is told before: the rule has said too much within an hour.
    pub held_until: Option<Timestamp>,
    pub created_by: String,
    pub updated_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Messages of one rule within an hour; what comes after is gathered into one.
pub const MESSAGES_AN_HOUR: i64 = 30;
/// How long a rule that has said too much is silent.
pub const HOLD_MINUTES: u64 = 60;

/// What a rule looks at in an incident.
#[derive(Debug, Clone, Copy)]
pub struct Trouble<'a> {
    pub kind: IncidentKind,
    pub severity: IncidentSeverity,
    pub partner_id: Option<PartnerId>,
    pub provider: &'a str,
}

impl AlertRule {
    /// Whether the rule tells of it. A provider's outage belongs to no partner, so a rule for certain partners hears of it
    /// through their own integrations that are part of it.
    #[must_use]
    pub fn matches(&self, trouble: &Trouble<'_>) -> bool {
        let is_severe =
            self.minimum_severity == IncidentSeverity::Warning || trouble.severity == IncidentSeverity::Critical;
        let of_kind = self.kinds.is_empty() || self.kinds.contains(&trouble.kind);
        let of_provider = self.providers.is_empty() || self.providers.iter().any(|slug| slug == trouble.provider);
        is_severe && of_kind && of_provider && self.covers(trouble.partner_id)
    }

    fn covers(&self, partner_id: Option<PartnerId>) -> bool {
        match self.partners() {
            None => true,
            Some(partners) => partner_id.is_some_and(|id| partners.contains(&id)),
        }
    }

    /// The partners that it is confined to; `None` for all.
    #[must_use]
    pub fn partners(&self) -> Option<Vec<PartnerId>> {
        match (self.partner_id, self.partner_ids.is_empty()) {
            (Some(own), _) => Some(vec![own]),
            (None, false) => Some(self.partner_ids.clone()),
            (None, true) => None,
        }
    }

    /// When something of this severity may be told, if it is ready at `ready`.
    #[must_use]
    pub fn tell_at(&self, severity: IncidentSeverity, ready: Timestamp) -> Timestamp {
        let ready = self.held_until.map_or(ready, |until| until.max(ready));
        match &self.quiet_hours {
            Some(quiet) if !(quiet.allow_critical && severity == IncidentSeverity::Critical) => quiet.over_at(ready),
            _ => ready,
        }
    }

    /// How long it gathers, in milliseconds.
    #[must_use]
    pub fn gathering(&self) -> i64 {
        i64::from(self.group_seconds) * SECOND
    }
}

/// What one rule has to say of one trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    pub id: AlertId,
    pub rule_id: AlertRuleId,
    pub incident_id: IncidentId,
    pub state: AlertState,
    /// When there is something to do; `None` while there is not.
    pub due_at: Option<Timestamp>,
    pub told_at: Option<Timestamp>,
    /// Messages that told of it.
    pub told_count: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Seconds from one try of a message to the next.
pub const RETRY_SECONDS: [u64; 7] = [10, 30, 60, 120, 300, 600, 900];

/// One message on its way through one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertDelivery {
    pub id: AlertDeliveryId,
    pub channel_id: AlertChannelId,
    /// `None` for a test.
    pub rule_id: Option<AlertRuleId>,
    /// The same for one message through all its channels.
    pub message_id: AlertDeliveryId,
    pub message: AlertMessage,
    pub state: AlertDeliveryState,
    pub attempts: u32,
    pub next_attempt_at: Option<Timestamp>,
    /// Who of the channel's recipients is still to be reached; `None` for all.
    pub remaining: Option<Vec<String>>,
    /// The channels that failed before this one took over.
    pub failed_channels: Vec<AlertChannelId>,
    pub error_type: Option<String>,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    pub completed_at: Option<Timestamp>,
}
