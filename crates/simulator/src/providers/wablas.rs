//! Wablas: device information by token, and the calls that want token and secret together. What it answers to a wrong
//! token is nowhere documented; this one says it in the body under 200 where only a token is asked for, and with 401 elsewhere.

use serde_json::json;

use super::{StandIn, Visit};
use crate::accounts::{Account, Situation};
use crate::exchange::{Answer, Call};

pub(super) const STAND_IN: StandIn = StandIn {
    slug: "wablas",
    carries: |call, account: &Account| {
        let (token, secret) = presented(call);
        token == account.field("token") && secret.is_none_or(|secret| secret == account.field("secretKey"))
    },
    credential: |call| presented(call).0,
    answer,
    rate_limited: |_| refusal(429, "too many requests"),
    server_error: || refusal(500, "internal server error"),
    error_inside: || refusal(200, "device not found"),
};

/// Token and secret, from the query (`?token=`) or the header; the secret follows the first dot.
fn presented(call: &Call) -> (String, Option<String>) {
    let text = call.query("token").unwrap_or_else(|| call.header("authorization").to_owned());
    match text.split_once('.') {
        Some((token, secret)) => (token.to_owned(), Some(secret.to_owned())),
        None => (text, None),
    }
}

fn refusal(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"status": false, "message": message}))
}

fn answer(visit: &Visit<'_>) -> Answer {
    let segments = visit.call.segments();
    let token_is_enough = segments.as_slice() == ["api", "device", "info"];
    if visit.account.is_none() || visit.situation == Situation::WrongKey {
        return refusal(if token_is_enough { 200 } else { 401 }, "token invalid");
    }
    if !token_is_enough && presented(visit.call).1.is_none() {
        return refusal(401, "secret key invalid");
    }
    match (visit.call.method.as_str(), segments.as_slice()) {
        ("GET", ["api", "device", "info"]) => device(visit),
        ("GET", ["api", "list-server"]) => Answer::json(
            200,
            &json!({"status": true, "message": "succesfuly get available wablas server", "server": ["kudus", "deu"]}),
        ),
        ("GET", ["api", "report-realtime"]) => {
            Answer::json(200, &json!({"status": true, "page": 1, "totalData": 0, "message": []}))
        }
        ("POST", ["api", "send-message"]) => send(visit),
        _ => Answer::text(404, "text/html", "<html><body>404 Not Found</body></html>"),
    }
}

fn device(visit: &Visit<'_>) -> Answer {
    let expired = visit.situation == Situation::Expired;
    let status = if visit.situation == Situation::DeviceDisconnected { "disconnected" } else { "connected" };
    let quota = if visit.situation == Situation::QuotaExhausted { json!(0) } else { json!("unlimited") };
    Answer::json(
        200,
        &json!({"status": true, "data": {
            "name": "Simpul", "serial": visit.field("device"), "sender": visit.field("phone"), "quota": quota,
            "expired_date": if expired { "2022-04-08" } else { "2099-12-31" },
            "active": !expired && visit.situation != Situation::Suspended, "status": status}}),
    )
}

fn send(visit: &Visit<'_>) -> Answer {
    let (phone, message) =
        (visit.call.form("phone").unwrap_or_default(), visit.call.form("message").unwrap_or_default());
    if phone.is_empty() || message.is_empty() {
        return refusal(200, "phone and message are required");
    }
    if visit.situation != Situation::Right {
        return refusal(200, "device is not connected");
    }
    Answer::json(
        200,
        &json!({"status": true, "message": "Message is pending and waiting to be processed", "data": {
            "device_id": visit.field("device"), "quota": 88,
            "messages": [{"id": visit.uuid(), "phone": phone, "message": message, "status": "pending"}]}}),
    )
}
