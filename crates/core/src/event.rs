//! The canonical events: what happened, in the hub's own words, whichever provider said it.

use serde::{Deserialize, Serialize};

use crate::integration::IntegrationType;

macro_rules! event_types {
    ($($variant:ident = $text:literal, $rank:literal;)+) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum EventType { $(#[serde(rename = $text)] $variant,)+ }

        impl EventType {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in JSON, SQL and event filters.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }

            /// How far along its subject's life an event of this type stands, 1 to 5; 0 where order does not matter.
            /// A late event of a lower rank than one already seen for the same subject is kept but not delivered.
            #[must_use]
            pub fn rank(self) -> u8 {
                match self { $(Self::$variant => $rank,)+ }
            }
        }
    };
}

event_types! {
    PaymentPending = "payment.pending", 1;
    PaymentFailed = "payment.failed", 3;
    PaymentExpired = "payment.expired", 3;
    PaymentSuccess = "payment.success", 4;
    PaymentRefunded = "payment.refunded", 5;
    PaymentDisputed = "payment.disputed", 5;
    MessageSent = "message.sent", 1;
    MessageFailed = "message.failed", 2;
    MessageDelivered = "message.delivered", 2;
    MessageRead = "message.read", 3;
    MessageReceived = "message.received", 0;
    EmailSent = "email.sent", 1;
    EmailFailed = "email.failed", 2;
    EmailDelivered = "email.delivered", 2;
    EmailBounced = "email.bounced", 3;
    EmailComplained = "email.complained", 4;
    IntegrationHealthChanged = "integration.health_changed", 0;
    WebhookFailing = "webhook.failing", 0;
    WebhookDisabled = "webhook.disabled", 0;
    WebhookTest = "webhook.test", 0;
}

impl EventType {
    /// Whether an integration of this type can have such an event.
    #[must_use]
    pub fn belongs_to(self, integration_type: IntegrationType) -> bool {
        match self.as_str().split_once('.').map(|(family, _)| family) {
            Some("payment") => integration_type == IntegrationType::PaymentGateway,
            Some("message") => integration_type == IntegrationType::Whatsapp,
            Some("email") => integration_type == IntegrationType::EmailSmtp,
            _ => true,
        }
    }

    /// Whether the platform may send it in; the hub's own announcements are not the platform's to make.
    #[must_use]
    pub fn is_from_platform(self) -> bool {
        !matches!(
            self,
            Self::IntegrationHealthChanged | Self::WebhookFailing | Self::WebhookDisabled | Self::WebhookTest
        )
    }
}

/// Whether a webhook's event list names this type: a name, a `payment.*` prefix, or nothing for all.
#[must_use]
pub fn filter_matches(filter: &[String], event_type: EventType) -> bool {
    filter.is_empty()
        || filter.iter().any(|entry| match entry.strip_suffix('*') {
            Some(prefix) => event_type.as_str().starts_with(prefix),
            None => entry == event_type.as_str(),
        })
}

/// Whether an entry of an event list means anything: a known name, or `family.*` of a known family.
#[must_use]
pub fn is_filter_entry(entry: &str) -> bool {
    match entry.strip_suffix(".*") {
        Some(family) => EventType::ALL
            .iter()
            .any(|event_type| event_type.as_str().split_once('.').is_some_and(|(own, _)| own == family)),
        None => EventType::parse(entry).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_take_names_prefixes_or_everything() {
        let filter = |entries: &[&str]| entries.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(filter_matches(&[], EventType::EmailSent));
        assert!(filter_matches(&filter(&["payment.*"]), EventType::PaymentRefunded));
        assert!(!filter_matches(&filter(&["payment.*"]), EventType::MessageSent));
        assert!(filter_matches(&filter(&["email.sent", "message.read"]), EventType::MessageRead));
        for known in ["payment.success", "payment.*", "webhook.*"] {
            assert!(is_filter_entry(known), "{known}");
        }
        for unknown in ["payment.won", "*", "pay*", ".*", "payments.*", ""] {
            assert!(!is_filter_entry(unknown), "{unknown}");
        }
    }

    #[test]
    fn a_type_belongs_to_its_family_of_integrations() {
        assert!(EventType::PaymentSuccess.belongs_to(IntegrationType::PaymentGateway));
        assert!(!EventType::PaymentSuccess.belongs_to(IntegrationType::Whatsapp));
        assert!(EventType::WebhookTest.belongs_to(IntegrationType::EmailSmtp));
    }
}
