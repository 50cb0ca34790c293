//! Midtrans: the Core API's transaction status, where the body's `status_code` counts and not the HTTP status.

use serde_json::json;
use simpul_core::integration::Mode;

use super::{StandIn, Visit};
use crate::accounts::{Account, Situation};
use crate::exchange::{Answer, Call};
use crate::notify::seed_uuid;

pub(super) const STAND_IN: StandIn = StandIn {
    slug: "midtrans",
    carries,
    credential: |call| call.basic().map_or_else(String::new, |(user, _)| user),
    answer,
    rate_limited: |_| body(429, 429, "API rate limit exceeded"),
    server_error: || body(500, 500, "Sorry, we encountered internal server error. We will fix this soon."),
    error_inside: || body(200, 401, UNAUTHORISED),
};

const UNAUTHORISED: &str = "Transaction cannot be authorized with the current client/server key.";

fn carries(call: &Call, account: &Account) -> bool {
    call.basic().is_some_and(|(user, password)| user == account.field("serverKey") && password.is_empty())
}

fn body(http_status: u16, status_code: u16, message: &str) -> Answer {
    let id = seed_uuid("midtrans-answer", u64::from(status_code));
    Answer::json(http_status, &json!({"status_code": status_code.to_string(), "status_message": message, "id": id}))
}

fn answer(visit: &Visit<'_>) -> Answer {
    let key_is_empty = visit.call.basic().is_none_or(|(user, _)| user.is_empty());
    if key_is_empty {
        return body(401, 401, "Operation is not allowed due to unauthorized payload.");
    }
    let other_environment = match visit.variant {
        "sandbox" => visit.mode() == Mode::Production,
        "production" => visit.mode() == Mode::Sandbox,
        _ => false,
    };
    if other_environment || visit.situation != Situation::Right {
        return body(401, 401, UNAUTHORISED);
    }
    match visit.call.segments().as_slice() {
        ["v2", id, "status"] if visit.call.method == "GET" => visit.recorded("midtrans", id).map_or_else(
            || body(200, 404, "Transaction doesn't exist."),
            |transaction| Answer::json(200, &transaction),
        ),
        // A path that the API does not know is answered by the web server in front of it.
        _ => Answer::text(404, "text/html", "<html><body><h1>404 Not Found</h1></body></html>"),
    }
}
