//! Chats that alerts are sent to: Slack's incoming webhooks, and a bot of Telegram. What a hook or token is called decides the
//! answer, as a wrong one would; a fault of `slack` or `telegram` makes it fail for all.

use serde_json::{Value, json};

use crate::exchange::{Answer, Call};
use crate::scenario::Fault;

/// The name under which a message is kept, and the answer to it.
pub(crate) fn answer(segment: &str, call: &Call, fault: Option<Fault>) -> (String, Answer) {
    match segment {
        "slack" => slack(call, fault),
        _ => telegram(call, fault),
    }
}

fn slack(call: &Call, fault: Option<Fault>) -> (String, Answer) {
    let hook = call.segments().last().copied().unwrap_or_default().to_owned();
    let text = |status: u16, text: &str| Answer::text(status, "text/plain", text);
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let answer = match fault {
        Some(Fault::RateLimited { retry_after_seconds }) => {
            text(429, "rate_limited").with("Retry-After", retry_after_seconds.to_string())
        }
        Some(_) => text(500, "rollup_error"),
        None if hook.contains("gone") => text(404, "no_service"),
        None if hook.contains("wrong") => text(403, "invalid_token"),
        None if body["text"].as_str().is_none_or(str::is_empty) => text(400, "no_text"),
        None => text(200, "ok"),
    };
    (format!("slack/{hook}"), answer)
}

fn telegram(call: &Call, fault: Option<Fault>) -> (String, Answer) {
    let segments = call.segments();
    let token = segments.first().and_then(|first| first.strip_prefix("bot")).unwrap_or_default().to_owned();
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let refusal = |code: u16, description: &str| {
        Answer::json(code, &json!({"ok": false, "error_code": code, "description": description}))
    };
    let chat = body["chat_id"].as_str().unwrap_or_default();
    let answer = match fault {
        Some(Fault::RateLimited { retry_after_seconds }) => Answer::json(
            429,
            &json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry later",
                "parameters": {"retry_after": retry_after_seconds}}),
        ),
        Some(_) => refusal(502, "Bad Gateway"),
        None if token.contains("wrong") => refusal(401, "Unauthorized"),
        None if segments.get(1) != Some(&"sendMessage") => refusal(404, "Not Found"),
        None if chat.contains("unknown") => refusal(400, "Bad Request: chat not found"),
        None if body["text"].as_str().is_none_or(str::is_empty) => refusal(400, "Bad Request: message text is empty"),
        None => Answer::json(200, &json!({"ok": true, "result": {"message_id": 7, "chat": {"id": chat}}})),
    };
    (format!("telegram/{token}"), answer)
}
