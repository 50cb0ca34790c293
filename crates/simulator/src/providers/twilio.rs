//! Twilio: the account resource, the message list that a standard API key may read, and sending.

use serde_json::{Value, json};

use super::{StandIn, Visit};
use crate::accounts::{Account, Situation};
use crate::exchange::{Answer, Call};
use simpul_core::integration::Mode;

pub(super) const STAND_IN: StandIn = StandIn {
    slug: "twilio",
    carries,
    credential: |call| call.basic().map_or_else(String::new, |(user, password)| format!("{user}:{password}")),
    answer,
    rate_limited: |_| error(429, 20429, "Too Many Requests"),
    server_error: || error(500, 20500, "An internal server error has occurred"),
    error_inside: || {
        Answer::json(
            200,
            &json!({"code": 20003, "message": "Authenticate",
            "more_info": "https://www.twilio.com/docs/errors/20003", "status": 401}),
        )
    },
};

fn carries(call: &Call, account: &Account) -> bool {
    call.basic().is_some_and(|(user, password)| {
        let by_token = user == account.field("accountSid") && password == account.field("authToken");
        let api_key = account.field("apiKeySid");
        by_token || (!api_key.is_empty() && user == api_key && password == account.field("apiKeySecret"))
    })
}

fn error(status: u16, code: u32, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({"code": code, "message": message,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"), "status": status}),
    )
}

fn unauthenticated() -> Answer {
    error(401, 20003, "Authenticate").with("WWW-Authenticate", "Basic realm=\"Twilio API\"")
}

fn answer(visit: &Visit<'_>) -> Answer {
    let by_api_key = visit.call.basic().is_some_and(|(user, _)| user.starts_with("SK"));
    // A suspended or closed account is refused at once, except where a parent reads its sub-account's state.
    match (visit.situation, visit.mode()) {
        (Situation::WrongKey | Situation::OtherEnvironment, _) | (Situation::Expired, Mode::Production) => {
            return unauthenticated();
        }
        (Situation::Suspended, Mode::Production) => return error(401, 20005, "Account not active"),
        _ => {}
    }
    let segments = visit.call.segments();
    let ["2010-04-01", "Accounts", rest @ ..] = segments.as_slice() else {
        return not_found(visit);
    };
    let own = visit.field("accountSid");
    match (visit.call.method.as_str(), rest) {
        ("GET", [resource]) if *resource == format!("{own}.json") => {
            // A standard key may use everything but accounts and keys.
            if by_api_key { unauthenticated() } else { Answer::json(200, &account(visit, own)) }
        }
        ("GET", [sid, "Messages.json"]) if *sid == own => {
            let page = json!({"messages": [], "page": 0, "page_size": 1, "start": 0, "end": 0,
                "first_page_uri": format!("/2010-04-01/Accounts/{own}/Messages.json?PageSize=1&Page=0"),
                "next_page_uri": null, "previous_page_uri": null, "uri": visit.call.path});
            Answer::json(200, &page)
        }
        ("GET", [sid, "Balance.json"]) if *sid == own => {
            Answer::json(200, &json!({"account_sid": own, "balance": "18.05", "currency": "USD"}))
        }
        ("POST", [sid, "Messages.json"]) if *sid == own => send(visit, own),
        _ => not_found(visit),
    }
}

fn not_found(visit: &Visit<'_>) -> Answer {
    error(404, 20404, &format!("The requested resource {} was not found", visit.call.path))
}

fn account(visit: &Visit<'_>, sid: &str) -> Value {
    let status = match visit.situation {
        Situation::Suspended => "suspended",
        Situation::Expired => "closed",
        _ => "active",
    };
    let kind = if visit.mode() == Mode::Sandbox { "Trial" } else { "Full" };
    json!({
        "sid": sid, "owner_account_sid": sid, "friendly_name": "ops@simpul.example's Account", "status": status,
        "type": kind, "auth_token": visit.field("authToken"),
        "date_created": "Tue, 03 Feb 2026 03:15:30 +0000", "date_updated": "Tue, 03 Feb 2026 03:15:30 +0000",
        "uri": format!("/2010-04-01/Accounts/{sid}.json"),
        "subresource_uris": {"messages": format!("/2010-04-01/Accounts/{sid}/Messages.json")},
    })
}

fn send(visit: &Visit<'_>, sid: &str) -> Answer {
    let form = |name: &str| visit.call.form(name).unwrap_or_default();
    let (to, from) = (form("To"), form("From"));
    if to.is_empty() {
        return error(400, 21604, "A 'To' phone number is required.");
    }
    if from.starts_with("whatsapp:") != to.starts_with("whatsapp:") {
        return error(400, 21910, "Invalid From and To pair. From and To should be of the same channel");
    }
    if from.trim_start_matches("whatsapp:") != visit.field("phoneNumber") {
        return error(400, 63007, "Twilio could not find a Channel with the specified From address");
    }
    let message = format!("SM{:032x}", visit.serial);
    Answer::json(
        201,
        &json!({"sid": message, "status": "queued", "to": to, "from": from, "body": form("Body"), "error_code": null,
            "error_message": null, "direction": "outbound-api", "num_segments": "1", "num_media": "0", "price": null,
            "price_unit": "USD", "messaging_service_sid": null, "account_sid": sid, "api_version": "2010-04-01",
            "date_created": "Tue, 03 Feb 2026 03:15:30 +0000", "date_sent": null,
            "date_updated": "Tue, 03 Feb 2026 03:15:30 +0000",
            "uri": format!("/2010-04-01/Accounts/{sid}/Messages/{message}.json"),
            "subresource_uris": {"media": format!("/2010-04-01/Accounts/{sid}/Messages/{message}/Media.json")}}),
    )
}
