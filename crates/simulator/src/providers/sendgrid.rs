//! SendGrid: the scopes of a key and sending.

use serde_json::{Value, json};
use simpul_core::time::Timestamp;

use super::{StandIn, Visit};
use crate::accounts::{Account, Situation};
use crate::exchange::Answer;

pub(super) const STAND_IN: StandIn = StandIn {
    slug: "sendgrid",
    carries: |call, account: &Account| call.bearer() == account.field("apiKey"),
    credential: |call| call.bearer().to_owned(),
    answer,
    rate_limited,
    server_error: || error(500, "internal server error"),
    error_inside: || error(200, "access forbidden"),
};

const INVALID: &str = "The provided authorization grant is invalid, expired, or revoked";
const UNVERIFIED_SENDER: &str = "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved. Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity requirements";

fn error(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"errors": [{"message": message, "field": null, "help": null}]}))
}

fn rate_limited(now: Timestamp) -> Answer {
    Answer::json(429, &json!({"errors": [{"field": null, "message": "too many requests"}]}))
        .with("X-RateLimit-Limit", "600")
        .with("X-RateLimit-Remaining", "0")
        .with("X-RateLimit-Reset", (now.seconds() + 60).to_string())
}

fn answer(visit: &Visit<'_>) -> Answer {
    if visit.call.method == "GET" && visit.call.header("accept").is_empty() {
        return error(406, "not acceptable");
    }
    if visit.call.header("authorization").is_empty() {
        return Answer::json(401, &json!({"errors": [{"field": null, "message": "authorization required"}]}));
    }
    match visit.situation {
        Situation::Right | Situation::MissingPermission | Situation::QuotaExhausted => {}
        Situation::Suspended => {
            return Answer::json(403, &json!({"errors": [{"field": null, "message": "access forbidden"}]}));
        }
        _ => return error(401, INVALID),
    }
    match (visit.call.method.as_str(), visit.call.segments().as_slice()) {
        ("GET", ["v3", "scopes"]) => scopes(visit),
        ("POST", ["v3", "mail", "send"]) => send(visit),
        _ => error(404, "not found"),
    }
}

fn scopes(visit: &Visit<'_>) -> Answer {
    let mut scopes = vec!["alerts.create", "alerts.read", "2fa_required", "sender_verification_eligible"];
    if visit.situation != Situation::MissingPermission {
        scopes.insert(0, "mail.send");
    }
    Answer::json(200, &json!({ "scopes": scopes }))
}

fn send(visit: &Visit<'_>) -> Answer {
    let Ok(mail) = serde_json::from_slice::<Value>(&visit.call.body) else {
        return error(400, "Bad Request");
    };
    if mail["personalizations"].as_array().is_none_or(Vec::is_empty) {
        let detail = json!({"message": "The personalizations field is required and must have at least one personalization.",
            "field": "personalizations", "help": null});
        return Answer::json(400, &json!({"errors": [detail]}));
    }
    match visit.situation {
        Situation::MissingPermission => error(403, "access forbidden"),
        Situation::QuotaExhausted => error(401, "Maximum credits exceeded"),
        _ if mail["from"]["email"] != visit.field("fromEmail") => {
            let detail = json!({"message": UNVERIFIED_SENDER, "field": "from", "help": null});
            Answer::json(403, &json!({"errors": [detail]}))
        }
        _ => Answer::text(202, "text/plain", "").with("X-Message-Id", format!("SimulatedMsg{:010}", visit.serial)),
    }
}
