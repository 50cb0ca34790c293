//! Reading a Xendit payment back, because its notifications prove only that their sender holds a token.

use async_trait::async_trait;
use http::HeaderValue;
use serde_json::Value;
use simpul_core::error_type::ErrorType;

use super::{Account, LABEL, notification};
use crate::http_answer::{CONFIRM_TIMEOUT, common_failure, provider_error, unreachable};
use crate::notification::NormalisedEvent;
use crate::payment_data::{amount, first_text, path_segment, same_amount, text};
use crate::provider::{Confirmation, Payments, ProviderError};

/// The version of the Payments API whose `GET /v3/payments/{id}` is read.
const API_VERSION: &str = "2024-11-11";

/// What can be asked about a notification.
enum Question {
    Invoice(String),
    Payment(String),
}

#[async_trait]
impl Payments for Account {
    async fn confirm(&self, event: NormalisedEvent) -> Result<Confirmation, ProviderError> {
        let Some(question) = question(&event.raw) else {
            return Ok(confirmed(event, false));
        };
        let (Question::Invoice(id) | Question::Payment(id)) = &question;
        let Some(segment) = path_segment(id) else {
            return Ok(denied("The notification's id has an impossible form"));
        };
        let path = match question {
            Question::Invoice(_) => format!("/v2/invoices/{segment}"),
            Question::Payment(_) => format!("/v3/payments/{segment}"),
        };
        let mut request = self.request(&path).map_err(provider_error)?;
        request.timeout = CONFIRM_TIMEOUT;
        request.headers.insert("api-version", HeaderValue::from_static(API_VERSION));
        let response =
            self.network.send(request).await.map_err(|failure| provider_error(unreachable(LABEL, &failure)))?;
        if response.status == 404 && common_failure(LABEL, &response).is_none() {
            return Ok(denied("Xendit knows no such payment"));
        }
        let answer = self.body(&response).map_err(|refused| provider_error(refused.into_failure()))?;
        if !answer.is_object() {
            return Err(ProviderError {
                error_type: ErrorType::UnexpectedResponse,
                retry_after: None,
                detail: "Xendit's answer about the payment cannot be read".to_owned(),
            });
        }
        Ok(compare(event, &question, &answer))
    }
}

/// Only invoices and payments of API v3 have a documented way to be read back from what their notification holds.
fn question(raw: &Value) -> Option<Question> {
    let data = raw.get("data");
    match raw.get("event").and_then(Value::as_str) {
        None if raw.get("callback_virtual_account_id").is_none() => text(raw, "id").map(Question::Invoice),
        Some(event) if event.starts_with("payment.") => data.and_then(|data| text(data, "payment_id")).map(Question::Payment),
        _ => None,
    }
}

fn denied(reason: &str) -> Confirmation {
    Confirmation::Denied(reason.to_owned())
}

fn confirmed(mut event: NormalisedEvent, asked: bool) -> Confirmation {
    event.confirm = false;
    if let Some(data) = event.data.as_object_mut() {
        data.insert("confirmed".to_owned(), asked.into());
    }
    Confirmation::Confirmed(Box::new(event))
}

/// The event as the answer tells it, if both are about the same payment.
fn compare(event: NormalisedEvent, question: &Question, answer: &Value) -> Confirmation {
    let (claim, id, ids, reference, money) = match question {
        Question::Invoice(id) => (&event.raw, id, ["id", "id"], "external_id", "amount"),
        Question::Payment(id) => (&event.raw["data"], id, ["payment_id", "id"], "reference_id", "request_amount"),
    };
    if first_text(answer, &ids).as_ref() != Some(id) || text(answer, reference) != text(claim, reference) {
        return denied("Xendit names another order for this payment");
    }
    let amounts = (amount(answer, money), amount(claim, money));
    if !matches!(&amounts, (Some(stated), Some(claimed)) if same_amount(stated, claimed)) {
        return denied("Xendit states another amount for this payment");
    }
    let read = match question {
        Question::Invoice(_) => notification::invoice(answer, event.occurred_at),
        Question::Payment(_) => notification::read_back(answer, &event),
    };
    match (read.events.into_iter().next(), read.kept.into_iter().next()) {
        (Some(read), _) => confirmed(read, true),
        (None, kept) => Confirmation::Denied(kept.map(|kept| kept.reason).unwrap_or_default()),
    }
}
