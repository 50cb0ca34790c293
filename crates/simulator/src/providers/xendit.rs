//! Xendit: balance, invoices and payments; one host, where the key alone says which environment is meant.

use serde_json::{Value, json};
use simpul_core::time::Timestamp;

use super::{StandIn, Visit};
use crate::accounts::{Account, Situation};
use crate::exchange::{Answer, Call};

pub(super) const STAND_IN: StandIn = StandIn {
    slug: "xendit",
    carries,
    credential: |call| call.basic().map_or_else(String::new, |(user, _)| user),
    answer,
    rate_limited,
    server_error: || {
        error(
            500,
            "SERVER_ERROR",
            "Error connecting to our server. Retry safely using Idempotency-key header when available",
        )
    },
    error_inside: || error(200, "INVALID_API_KEY", INVALID_KEY),
};

const INVALID_KEY: &str = "The API key provided is invalid. Please make sure to use the secret/public API key that you can obtain from the Xendit Dashboard. See https://developers.xendit.co/api-reference/#authentication for more details";
const NO_KEY: &str = "No API Key detected. Please provide your API key in the Authorization header, using Basic auth (e.g. \"Authorization: Basic YOUR_SECRET_KEY\").";
const FORBIDDEN: &str = "The API key is forbidden to perform this request. Please check your API key's permission";

fn carries(call: &Call, account: &Account) -> bool {
    call.basic().is_some_and(|(user, password)| user == account.field("apiKey") && password.is_empty())
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"error_code": code, "message": message}))
}

fn rate_limited(_now: Timestamp) -> Answer {
    error(429, "RATE_LIMIT_EXCEEDED", "You have exceeded the rate limit of this endpoint. Please retry later.")
        .with("Rate-Limit-Limit", "60")
        .with("Rate-Limit-Remaining", "0")
        .with("Rate-Limit-Reset", "12.5")
}

fn answer(visit: &Visit<'_>) -> Answer {
    if visit.call.header("authorization").is_empty() {
        return error(401, "INVALID_API_KEY", NO_KEY);
    }
    let answer = match visit.situation {
        Situation::Right | Situation::MissingPermission => read(visit),
        Situation::Suspended => error(403, "ACCESS_SUSPENDED", "Your account has been suspended"),
        _ => error(401, "INVALID_API_KEY", INVALID_KEY),
    };
    answer.with("Request-ID", visit.uuid()).with("Rate-Limit-Limit", "60").with("Rate-Limit-Remaining", "59")
}

fn read(visit: &Visit<'_>) -> Answer {
    if visit.call.method != "GET" {
        return error(404, "NOT_FOUND", "The requested resource was not found");
    }
    match visit.call.segments().as_slice() {
        ["balance"] if visit.situation == Situation::MissingPermission => {
            error(403, "REQUEST_FORBIDDEN_ERROR", FORBIDDEN)
        }
        ["balance"] => Answer::json(200, &json!({"balance": 1_241_231})),
        ["v2", "invoices"] => Answer::json(200, &Value::Array(Vec::new())),
        ["v2", "invoices", id] => found(
            visit.recorded("xendit-invoice", id),
            error(404, "INVOICE_NOT_FOUND_ERROR", "Could not find invoice by id"),
        ),
        ["v3", "payments", id] => {
            found(visit.recorded("xendit-payment", id), error(404, "DATA_NOT_FOUND", "Could not find payment"))
        }
        _ => error(404, "NOT_FOUND", "The requested resource was not found"),
    }
}

fn found(object: Option<Value>, otherwise: Answer) -> Answer {
    object.map_or(otherwise, |object| Answer::json(200, &object))
}
