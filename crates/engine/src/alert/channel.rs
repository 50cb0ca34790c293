//! One message through one channel: who of its recipients was reached, and what it means where not all were.

use std::time::Duration;

use serde_json::{Map, Value};
use simpul_core::activity::clip;
use simpul_core::alert::{AlertChannel, AlertDelivery, AlertDeliveryState, AlertMessage, ChannelKind};
use simpul_core::error_type::ErrorType;
use simpul_core::id::AlertDeliveryId;
use simpul_core::language::Language;
use simpul_core::secret::Redactor;
use simpul_core::time::Clock;
use simpul_providers::{HttpFailure, SendError};
use simpul_store::Store;
use tokio::time::{Instant, timeout};

use super::courier::Courier;
use super::{chat, email, webhook, whatsapp};

/// No message takes longer through a channel.
pub(super) const BUDGET: Duration = Duration::from_secs(60);
/// Bytes of an error that are kept.
const ERROR_KEPT: usize = 500;

/// A message that did not reach everybody.
#[derive(Debug, Clone)]
pub(super) struct Undelivered {
    pub(super) error_type: ErrorType,
    pub(super) message: String,
    /// Whether trying again is of no use.
    pub(super) is_final: bool,
    pub(super) retry_after: Option<Duration>,
    /// Who may be reached later; `None` for everybody who was tried.
    pub(super) remaining: Option<Vec<String>>,
    /// Somebody was reached.
    pub(super) is_partial: bool,
}

impl Undelivered {
    pub(super) fn for_good(error_type: ErrorType, message: impl Into<String>) -> Self {
        Self { is_final: true, ..Self::later(error_type, message) }
    }

    pub(super) fn later(error_type: ErrorType, message: impl Into<String>) -> Self {
        Self {
            error_type,
            message: message.into(),
            is_final: false,
            retry_after: None,
            remaining: None,
            is_partial: false,
        }
    }

    /// No answer. What is set up wrongly stays wrong.
    pub(super) fn unanswered(failure: &HttpFailure) -> Self {
        let is_final = matches!(failure.error_type, ErrorType::BlockedAddress | ErrorType::InvalidConfiguration);
        Self { is_final, ..Self::later(failure.error_type, failure.message.clone()) }
    }
}

impl From<SendError> for Undelivered {
    /// What may have been sent is sent again: an alert is better read twice than not at all.
    fn from(error: SendError) -> Self {
        let (told, is_final) = (error.error().clone(), matches!(error, SendError::Refused(_)));
        Self { is_final, retry_after: told.retry_after, ..Self::later(told.error_type, told.detail) }
    }
}

/// A message on its way, as a channel is given it.
pub(super) struct Parcel<'a> {
    pub(super) channel: &'a AlertChannel,
    pub(super) message: &'a AlertMessage,
    /// The same on each try and through every channel.
    pub(super) id: AlertDeliveryId,
    pub(super) recipients: Vec<String>,
}

/// Sends a message. Secrets of the channel are in no error.
pub(super) async fn send(
    courier: &Courier,
    channel: &AlertChannel,
    delivery: &AlertDelivery,
) -> Result<(), Undelivered> {
    if !channel.is_active {
        return Err(Undelivered::for_good(ErrorType::InvalidConfiguration, "The channel is switched off"));
    }
    let recipients = delivery.remaining.clone().unwrap_or_else(|| channel.configuration.recipients.clone());
    let parcel = Parcel { channel, message: &delivery.message, id: delivery.message_id, recipients };
    let sending = async {
        match channel.kind {
            ChannelKind::Email => email::send(courier, &parcel).await,
            ChannelKind::Webhook => webhook::send(courier, &parcel).await,
            ChannelKind::Whatsapp => whatsapp::send(courier, &parcel).await,
            ChannelKind::Slack => chat::slack(courier, &parcel).await,
            ChannelKind::Telegram => chat::telegram(courier, &parcel).await,
        }
    };
    let late = || Undelivered::later(ErrorType::Timeout, format!("no answer within {} seconds", BUDGET.as_secs()));
    let sent = timeout(BUDGET, sending).await.unwrap_or_else(|_| Err(late()));
    let redactor = Redactor::new(channel.configuration.secrets(channel.kind));
    sent.map_err(|undelivered| Undelivered {
        message: clip(&redactor.text(&undelivered.message), ERROR_KEPT),
        ..undelivered
    })
}

/// How a test of a channel ended.
#[derive(Debug, Clone)]
pub struct ChannelTestReport {
    pub success: bool,
    pub message: String,
    pub error_type: Option<ErrorType>,
    /// Milliseconds.
    pub duration: i64,
    pub details: Map<String, Value>,
}

/// Sends a test now, whether the channel is switched on or not, and keeps it with the deliveries.
pub(super) async fn test(
    courier: &Courier,
    store: &Store,
    clock: &dyn Clock,
    channel: &AlertChannel,
    language: Language,
) -> simpul_store::Result<ChannelTestReport> {
    let (now, started) = (clock.now(), Instant::now());
    let id = AlertDeliveryId::generate(now);
    let mut delivery = AlertDelivery {
        id,
        channel_id: channel.id,
        rule_id: None,
        message_id: id,
        message: AlertMessage::test(language, &channel.name),
        state: AlertDeliveryState::Sent,
        attempts: 1,
        next_attempt_at: None,
        remaining: None,
        failed_channels: Vec::new(),
        error_type: None,
        last_error: None,
        created_at: now,
        completed_at: Some(now),
    };
    let sent = send(courier, &AlertChannel { is_active: true, ..channel.clone() }, &delivery).await;
    let mut details = Map::new();
    details.insert("channelKind".to_owned(), channel.kind.as_str().into());
    details.insert("deliveryId".to_owned(), id.to_string().into());
    let (message, error_type) = match sent {
        Ok(()) => ("The test message was taken".to_owned(), None),
        Err(undelivered) => {
            delivery.state = AlertDeliveryState::Failed;
            delivery.error_type = Some(undelivered.error_type.as_str().to_owned());
            delivery.last_error = Some(undelivered.message.clone());
            (undelivered.message, Some(undelivered.error_type))
        }
    };
    store.record_alert_test(&delivery).await?;
    let duration = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    Ok(ChannelTestReport { success: error_type.is_none(), message, error_type, duration, details })
}
