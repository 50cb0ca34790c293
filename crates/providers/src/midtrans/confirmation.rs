//! Reading a Midtrans transaction back, because its notifications sign neither the status nor the time.

use async_trait::async_trait;
use serde_json::Value;
use simpul_core::event::EventType;

use super::{Account, LABEL, notification};
use crate::http_answer::{CONFIRM_TIMEOUT, provider_error, unreachable};
use crate::notification::NormalisedEvent;
use crate::payment_data::{path_segment, same_amount, text};
use crate::provider::{Confirmation, Payments, ProviderError};

#[async_trait]
impl Payments for Account {
    async fn confirm(&self, event: NormalisedEvent) -> Result<Confirmation, ProviderError> {
        let Some(id) = event.subject.as_deref().and_then(path_segment) else {
            return Ok(denied("The notification's transaction id has an impossible form"));
        };
        let mut request = self.status_request(&id).map_err(provider_error)?;
        request.timeout = CONFIRM_TIMEOUT;
        let response =
            self.network.send(request).await.map_err(|failure| provider_error(unreachable(LABEL, &failure)))?;
        let (code, answer) = self.status_code(&response).map_err(provider_error)?;
        if code == "404" {
            return Ok(denied("Midtrans knows no such transaction"));
        }
        Ok(compare(event, &answer))
    }
}

fn denied(reason: &str) -> Confirmation {
    Confirmation::Denied(reason.to_owned())
}

/// The event as the answer tells it, if both are about the same payment.
fn compare(event: NormalisedEvent, answer: &Value) -> Confirmation {
    let claimed = |name: &str| text(&event.raw, name);
    if text(answer, "transaction_id") != event.subject || text(answer, "order_id") != claimed("order_id") {
        return denied("Midtrans names another order for this transaction");
    }
    let amounts = (text(answer, "gross_amount"), claimed("gross_amount"));
    if !matches!(amounts, (Some(stated), Some(claimed)) if same_amount(&stated, &claimed)) {
        return denied("Midtrans states another amount for this transaction");
    }
    let read = match notification::read(answer, event.occurred_at) {
        Ok(read) => read,
        Err(refusal) => return Confirmation::Denied(refusal.to_string()),
    };
    let mut events = read.events;
    // Several refunds: the one that was claimed, or else the newest.
    let at = events.iter().position(|read| read.deduplication_key == event.deduplication_key);
    let Some(mut confirmed) = at.map(|at| events.swap_remove(at)).or_else(|| events.pop()) else {
        return Confirmation::Denied(read.kept.into_iter().next().map(|kept| kept.reason).unwrap_or_default());
    };
    confirmed.confirm = false;
    // A denied or cancelled payment may have been a success before (Permata, Mandiri Bill, Indomaret; a voided card).
    if confirmed.event_type == EventType::PaymentFailed {
        confirmed.rank = EventType::PaymentRefunded.rank();
    }
    if let Some(data) = confirmed.data.as_object_mut() {
        data.insert("confirmed".to_owned(), true.into());
    }
    Confirmation::Confirmed(Box::new(confirmed))
}
