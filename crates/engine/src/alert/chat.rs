//! Chats: an incoming webhook of Slack or of what takes the same body, and a bot of Telegram. Plain text alone, so that no
//! name can turn into markup.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Value, json};
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;
use simpul_providers::{HttpRequest, HttpResponse, Network as _};

use super::channel::{Parcel, Undelivered};
use super::courier::Courier;

const TIMEOUT: Duration = Duration::from_secs(15);
/// Slack cuts longer texts.
const SLACK_TEXT: usize = 3_500;
/// Telegram refuses longer texts (Bot API, sendMessage).
const TELEGRAM_TEXT: usize = 4_096;

async fn post(courier: &Courier, url: String, body: &Value) -> Result<HttpResponse, Undelivered> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = Bytes::from(body.to_string());
    let request = HttpRequest { method: Method::POST, url, headers, body, timeout: TIMEOUT };
    courier.egress.send(request).await.map_err(|failure| Undelivered::unanswered(&failure))
}

fn excerpt(response: &HttpResponse) -> String {
    clip(String::from_utf8_lossy(&response.body).trim(), 200)
}

fn later(error_type: ErrorType, message: String, response: &HttpResponse) -> Undelivered {
    let after = response.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Undelivered { retry_after: after.map(Duration::from_secs), ..Undelivered::later(error_type, message) }
}

/// Slack gives `&`, `<` and `>` a meaning.
fn for_slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

pub(super) async fn slack(courier: &Courier, parcel: &Parcel<'_>) -> Result<(), Undelivered> {
    let Some(url) = &parcel.channel.configuration.url else {
        return Err(Undelivered::for_good(ErrorType::InvalidConfiguration, "The channel has no url"));
    };
    let text = for_slack(&parcel.message.text(SLACK_TEXT));
    let response = post(courier, url.clone(), &json!({"text": text})).await?;
    let said = excerpt(&response);
    match response.status {
        200..=299 if !said.starts_with('<') => Ok(()),
        429 => Err(later(ErrorType::RateLimited, "The chat limits the rate of messages".to_owned(), &response)),
        500..=599 => {
            let message = format!("The chat answered with a server error ({})", response.status);
            Err(later(ErrorType::ProviderUnavailable, message, &response))
        }
        401 | 403 => {
            Err(Undelivered::for_good(ErrorType::PermissionDenied, format!("The chat refuses the message: {said}")))
        }
        404 | 410 => {
            let message = format!("The chat knows no such incoming webhook: make a new one ({said})");
            Err(Undelivered::for_good(ErrorType::NotFound, message))
        }
        status => {
            let message = format!("The chat did not take the message ({status}): {said}");
            Err(Undelivered::for_good(ErrorType::UnexpectedResponse, message))
        }
    }
}

pub(super) async fn telegram(courier: &Courier, parcel: &Parcel<'_>) -> Result<(), Undelivered> {
    let configuration = &parcel.channel.configuration;
    let (Some(token), Some(chat_id)) = (&configuration.bot_token, &configuration.chat_id) else {
        return Err(Undelivered::for_good(ErrorType::InvalidConfiguration, "The channel lacks its botToken or chatId"));
    };
    let text = parcel.message.text(TELEGRAM_TEXT);
    let body = json!({"chat_id": chat_id, "text": text, "link_preview_options": {"is_disabled": true}});
    let response = post(courier, format!("{}/bot{token}/sendMessage", courier.telegram_url), &body).await?;
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    if response.status == 200 && answer["ok"] == true {
        return Ok(());
    }
    let said = clip(answer["description"].as_str().unwrap_or_default(), 200);
    match answer["error_code"].as_u64().unwrap_or_else(|| response.status.into()) {
        429 => {
            let wait = answer["parameters"]["retry_after"].as_u64().map(Duration::from_secs);
            let limited = later(ErrorType::RateLimited, "Telegram limits the rate of messages".to_owned(), &response);
            Err(Undelivered { retry_after: wait.or(limited.retry_after), ..limited })
        }
        500..=599 => Err(later(ErrorType::ProviderUnavailable, "Telegram is not available".to_owned(), &response)),
        401 | 404 => Err(Undelivered::for_good(
            ErrorType::AuthenticationFailed,
            "Telegram does not know the bot token: ask @BotFather for the current one",
        )),
        403 => {
            let message = format!("Telegram does not let the bot write there: add it to the chat ({said})");
            Err(Undelivered::for_good(ErrorType::PermissionDenied, message))
        }
        400 => {
            let message = format!("Telegram did not take the message; check chatId ({said})");
            Err(Undelivered::for_good(ErrorType::NotFound, message))
        }
        status => Err(later(
            ErrorType::UnexpectedResponse,
            format!("Telegram answered in an unexpected way ({status})"),
            &response,
        )),
    }
}
