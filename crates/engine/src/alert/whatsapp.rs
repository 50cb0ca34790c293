//! WhatsApp, through one of the hub's own integrations: one text to each number.

use simpul_core::error_type::ErrorType;
use simpul_providers::SendError;

use super::channel::{Parcel, Undelivered};
use super::courier::Courier;

pub(super) async fn send(courier: &Courier, parcel: &Parcel<'_>) -> Result<(), Undelivered> {
    let Some(integration_id) = parcel.channel.configuration.integration_id else {
        return Err(Undelivered::for_good(ErrorType::InvalidConfiguration, "The channel names no integration"));
    };
    let account = courier.account(integration_id).await?;
    let Some(messages) = account.connection.messages() else {
        return Err(Undelivered::for_good(ErrorType::InvalidConfiguration, "The integration cannot send messages"));
    };
    let text = parcel.message.text(messages.longest_text());
    let mut remaining = Vec::new();
    let mut worst: Option<SendError> = None;
    let mut reached = 0;
    for (index, number) in parcel.recipients.iter().enumerate() {
        match messages.send_text(number, &text).await {
            Ok(_) => reached += 1,
            Err(error) if concerns_the_account(&error) => {
                if !matches!(error, SendError::Refused(_)) {
                    remaining.extend(parcel.recipients[index..].iter().cloned());
                }
                worst = Some(error);
                break;
            }
            Err(error) => {
                let is_final = matches!(error, SendError::Refused(_));
                if !is_final {
                    remaining.push(number.clone());
                }
                if !is_final || worst.is_none() {
                    worst = Some(error);
                }
            }
        }
    }
    let Some(error) = worst else { return Ok(()) };
    let undelivered = Undelivered::from(error);
    Err(Undelivered {
        is_final: remaining.is_empty(),
        remaining: (!remaining.is_empty()).then_some(remaining),
        is_partial: reached > 0,
        ..undelivered
    })
}

/// Whether the next number would fare no better.
fn concerns_the_account(error: &SendError) -> bool {
    !matches!(error.error().error_type, ErrorType::NotFound | ErrorType::UnexpectedResponse | ErrorType::Timeout)
}
