//! A signed POST, exactly as deliveries are signed (Standard Webhooks); its type is `alert.firing`, `alert.repeated`,
//! `alert.resolved` or `alert.test`.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::json;
use simpul_core::error_type::ErrorType;
use simpul_core::signature::sign;
use simpul_providers::HttpRequest;

use super::channel::{Parcel, Undelivered};
use super::courier::Courier;
use crate::attempt::{BODY_KEPT, USER_AGENT, fault};

const TIMEOUT: Duration = Duration::from_secs(15);
/// Characters of the text beside the data.
const TEXT: usize = 4_000;

pub(super) async fn send(courier: &Courier, parcel: &Parcel<'_>) -> Result<(), Undelivered> {
    let configuration = &parcel.channel.configuration;
    let (Some(url), Some(secret)) = (&configuration.url, &configuration.secret) else {
        return Err(Undelivered::for_good(ErrorType::InvalidConfiguration, "The channel lacks its url or secret"));
    };
    let (now, message) = (courier.clock.now(), parcel.message);
    let body = json!({
        "id": parcel.id,
        "type": format!("alert.{}", message.kind.as_str()),
        "timestamp": now,
        "data": {
            "title": message.title, "text": message.text(TEXT), "language": message.language,
            "alerts": message.items, "more": message.more, "notes": message.notes,
        },
    })
    .to_string();
    let id = parcel.id.to_string();
    let mut headers = HeaderMap::new();
    let members = [
        (HeaderName::from_static("webhook-id"), id.clone()),
        (HeaderName::from_static("webhook-timestamp"), now.seconds().to_string()),
        (HeaderName::from_static("webhook-signature"), sign(&[secret], &id, now.seconds(), body.as_bytes())),
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::USER_AGENT, USER_AGENT.to_owned()),
    ];
    for (name, value) in members {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    let request =
        HttpRequest { method: Method::POST, url: url.clone(), headers, body: Bytes::from(body), timeout: TIMEOUT };
    let exchange = courier.egress.exchange(request, BODY_KEPT).await;
    match (&exchange.answer, fault(&exchange)) {
        (_, None) => Ok(()),
        (Err(failure), _) => Err(Undelivered::unanswered(failure)),
        (Ok(response), Some(fault)) if response.status == 410 => {
            Err(Undelivered::for_good(fault.error_type, fault.message))
        }
        (Ok(response), Some(fault)) => {
            let after =
                response.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
            let retry_after = after.map(Duration::from_secs);
            Err(Undelivered { retry_after, ..Undelivered::later(fault.error_type, fault.message) })
        }
    }
}
