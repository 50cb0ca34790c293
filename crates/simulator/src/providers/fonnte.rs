//! Fonnte: the device profile and sending; errors come under HTTP 200, and some of them spell `Status` with a capital.

use serde_json::json;

use super::{StandIn, Visit};
use crate::accounts::{Account, Situation};
use crate::exchange::{Answer, Call};

pub(super) const STAND_IN: StandIn = StandIn {
    slug: "fonnte",
    carries: |call, account: &Account| call.header("authorization") == account.field("token"),
    credential: |call: &Call| call.header("authorization").to_owned(),
    answer,
    rate_limited: |_| Answer::json(429, &json!({"reason": "too many requests", "status": false})),
    server_error: || Answer::json(500, &json!({"reason": "internal server error", "status": false})),
    error_inside: || refusal("request timeout"),
};

fn refusal(reason: &str) -> Answer {
    Answer::json(200, &json!({"reason": reason, "status": false}))
}

fn answer(visit: &Visit<'_>) -> Answer {
    if visit.call.method != "POST" {
        return Answer::text(405, "text/html", "Method Not Allowed").with("Allow", "POST");
    }
    if visit.call.header("authorization").is_empty() {
        return Answer::json(200, &json!({"Status": false, "reason": "unknown user"}));
    }
    if visit.account.is_none() || visit.situation == Situation::WrongKey {
        return refusal("token invalid");
    }
    match visit.call.segments().as_slice() {
        ["device"] => device(visit),
        ["send"] => send(visit),
        // A device token is not an account token.
        ["get-devices"] => refusal("unknown user"),
        _ => Answer::text(404, "text/html", "Not Found"),
    }
}

fn device(visit: &Visit<'_>) -> Answer {
    let status = if visit.situation == Situation::DeviceDisconnected { "disconnect" } else { "connect" };
    let expired = if visit.situation == Situation::Expired { "18 November 2023" } else { "18 November 2099" };
    let quota = if visit.situation == Situation::QuotaExhausted { "0" } else { "78" };
    Answer::json(
        200,
        &json!({"device": visit.field("device"), "device_status": status, "expired": expired, "messages": 16785,
            "name": "Simpul", "package": "Reguler", "quota": quota, "status": true}),
    )
}

fn send(visit: &Visit<'_>) -> Answer {
    let target = visit.call.form("target").unwrap_or_default();
    if visit.call.header("content-type").starts_with("application/json") || visit.call.body.is_empty() {
        return refusal("invalid/empty body value");
    }
    if target.is_empty() {
        return refusal("input invalid");
    }
    match visit.situation {
        Situation::DeviceDisconnected => refusal("request invalid on disconnected device"),
        Situation::QuotaExhausted | Situation::Expired => refusal("insufficient quota"),
        _ => {
            let targets: Vec<&str> = target.split(',').collect();
            let ids: Vec<String> = (0_u64..)
                .zip(&targets)
                .map(|(index, _)| (80_000_000 + visit.serial * 100 + index).to_string())
                .collect();
            Answer::json(
                200,
                &json!({"detail": "success! message in queue", "id": ids, "process": "pending",
                    "requestid": 2_900_000 + visit.serial, "status": true, "target": targets}),
            )
        }
    }
}
