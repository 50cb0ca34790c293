//! A message of alerts: what is in trouble, since when, and what to do, as it is kept and as plain text. The one place where
//! incidents become words for people who are called.

use serde::{Deserialize, Serialize};

use super::wording::{Words, clock, count, remedy, sentence, span};
use crate::id::{AlertId, IncidentId, IntegrationId, PartnerId};
use crate::incident::{IncidentCause, IncidentKind, IncidentSeverity};
use crate::language::Language;
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// Why a message is sent.
    MessageKind {
        Firing = "firing",
        Repeated = "repeated",
        Resolved = "resolved",
        Test = "test",
    }
}

/// Troubles that a text lists; the rest are counted.
pub const LISTED: usize = 10;
/// Troubles that a message keeps.
pub const KEPT: usize = 100;

/// What is known of an incident when it is told.
#[derive(Debug, Clone)]
pub struct Facts {
    pub alert_id: AlertId,
    pub incident_id: IncidentId,
    pub kind: IncidentKind,
    pub severity: IncidentSeverity,
    pub cause: IncidentCause,
    /// The slug, and the name for people.
    pub provider: String,
    pub provider_label: String,
    pub partner_id: Option<PartnerId>,
    pub partner_name: Option<String>,
    pub integration_id: Option<IntegrationId>,
    pub integration_name: Option<String>,
    pub started_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub affected_calls: i64,
    /// Of an outage: the integrations in it, and how many there are, as far as the reader may know.
    pub affected: i64,
    pub of: i64,
    /// What the provider or receiver said last.
    pub last_error: String,
}

/// One trouble within a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    pub alert_id: AlertId,
    pub incident_id: IncidentId,
    pub kind: IncidentKind,
    pub severity: IncidentSeverity,
    pub cause: String,
    pub provider: String,
    pub partner_id: Option<PartnerId>,
    pub integration_id: Option<IntegrationId>,
    pub started_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub affected_calls: i64,
    /// Who, what, since when.
    pub sentence: String,
    /// What to do.
    pub remedy: String,
    pub link: String,
}

/// What is sent through each of a rule's channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertMessage {
    pub kind: MessageKind,
    pub language: Language,
    /// One line: a mail's subject, a chat's first line.
    pub title: String,
    pub items: Vec<Item>,
    /// Troubles beyond those in `items`.
    pub more: usize,
    /// What else is to be said: of the rule's silence, of another channel's failure.
    pub notes: Vec<String>,
}

impl AlertMessage {
    /// A message about these troubles; `public_url` is without a trailing slash.
    #[must_use]
    pub fn about(kind: MessageKind, language: Language, facts: &[Facts], public_url: &str, now: Timestamp) -> Self {
        let items: Vec<Item> = facts.iter().take(KEPT).map(|facts| item(facts, language, public_url, now)).collect();
        let words = Words::of(language);
        let title = match (facts, kind) {
            ([only], _) => format!("{} {}", words.label(kind), sentence(only, language, now)),
            (several, kind) => format!("{} {}", words.label(kind), words.several(kind, several.len())),
        };
        Self { kind, language, title, more: facts.len() - items.len(), items, notes: Vec::new() }
    }

    /// What a channel's test sends.
    #[must_use]
    pub fn test(language: Language, channel: &str) -> Self {
        let title = Words::of(language).test(channel);
        Self { kind: MessageKind::Test, language, title, items: Vec::new(), more: 0, notes: Vec::new() }
    }

    /// The same for a channel that takes over from one that failed.
    #[must_use]
    pub fn taken_over(mut self, failed_channel: &str, error: &str) -> Self {
        self.notes.push(Words::of(self.language).taken_over(failed_channel, error));
        self
    }

    /// Says that the rule is silent until then.
    #[must_use]
    pub fn silent_until(mut self, until: Timestamp) -> Self {
        self.notes.push(Words::of(self.language).silent(&clock(until, until, self.language)));
        self
    }

    /// Says how many troubles came and went while the rule was silent.
    #[must_use]
    pub fn missed(mut self, passed: i64) -> Self {
        if passed > 0 {
            self.notes.push(Words::of(self.language).missed(&count(passed)));
        }
        self
    }

    /// Plain text without markup, at most `limit` characters.
    #[must_use]
    pub fn text(&self, limit: usize) -> String {
        for listed in (0..=LISTED.min(self.items.len())).rev() {
            let text = self.listing(listed);
            if text.chars().count() <= limit {
                return text;
            }
        }
        let title: String = self.title.chars().take(limit.saturating_sub(1)).collect();
        format!("{title}…")
    }

    fn listing(&self, listed: usize) -> String {
        let mut parts = Vec::new();
        match self.items.as_slice() {
            // The title is the one trouble's own sentence.
            [only] if listed == 1 => parts.push([self.title.as_str(), &only.remedy, &only.link].join("\n")),
            items => {
                parts.push(self.title.clone());
                for item in &items[..listed] {
                    parts.push(format!("- {}\n  {}\n  {}", item.sentence, item.remedy, item.link));
                }
                let rest = items.len() - listed + self.more;
                if rest > 0 {
                    parts.push(Words::of(self.language).more(rest));
                }
            }
        }
        parts.extend(self.notes.iter().cloned());
        parts.join("\n\n")
    }
}

fn item(facts: &Facts, language: Language, public_url: &str, now: Timestamp) -> Item {
    Item {
        alert_id: facts.alert_id,
        incident_id: facts.incident_id,
        kind: facts.kind,
        severity: facts.severity,
        cause: facts.cause.as_str().to_owned(),
        provider: facts.provider.clone(),
        partner_id: facts.partner_id,
        integration_id: facts.integration_id,
        started_at: facts.started_at,
        closed_at: facts.closed_at,
        affected_calls: facts.affected_calls,
        sentence: sentence(facts, language, now),
        remedy: match facts.closed_at {
            None => remedy(facts, language),
            Some(end) => Words::of(language).lasted(&span(end.since(facts.started_at), language)),
        },
        link: format!("{public_url}/incidents/{}", facts.incident_id),
    }
}

#[cfg(test)]
mod tests;
