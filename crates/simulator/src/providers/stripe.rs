//! Stripe: the balance and single payment intents; errors echo a masked part of the key, as Stripe's do.

use serde_json::json;
use simpul_core::integration::Mode;
use simpul_core::time::Timestamp;

use super::{StandIn, Visit};
use crate::accounts::{Account, Situation};
use crate::exchange::{Answer, Call};

pub(super) const STAND_IN: StandIn = StandIn {
    slug: "stripe",
    carries: |call, account: &Account| key_of(call) == account.field("secretKey"),
    credential: key_of,
    answer,
    rate_limited,
    server_error: || {
        Answer::json(500, &json!({"error": {"type": "api_error", "message": "An unknown error occurred"}}))
    },
    error_inside: || {
        Answer::json(200, &json!({"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}))
    },
};

const NO_KEY: &str = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.";

fn key_of(call: &Call) -> String {
    call.basic().map_or_else(|| call.bearer().to_owned(), |(user, _)| user)
}

fn rate_limited(_now: Timestamp) -> Answer {
    let body = json!({"error": {"type": "invalid_request_error", "code": "rate_limit",
        "message": "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits."}});
    Answer::json(429, &body).with("Stripe-Rate-Limited-Reason", "endpoint-rate").with("Stripe-Should-Retry", "true")
}

fn error(status: u16, code: Option<&str>, message: &str) -> Answer {
    let mut detail = json!({"type": "invalid_request_error", "message": message});
    if let Some(code) = code {
        detail["code"] = code.into();
        detail["doc_url"] = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")).into();
    }
    Answer::json(status, &json!({ "error": detail }))
}

/// `sk_test_****************1234`: the prefix and the last four characters.
fn masked(key: &str) -> String {
    let prefix_end = key.match_indices('_').nth(1).map_or(0, |(index, _)| index + 1);
    let tail: String = key.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{}****************{tail}", key.get(..prefix_end).unwrap_or(""))
}

fn answer(visit: &Visit<'_>) -> Answer {
    let key = key_of(visit.call);
    let answer = if key.is_empty() {
        error(401, None, NO_KEY)
    } else if key.starts_with("pk_") {
        error(
            401,
            Some("secret_key_required"),
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
        )
    } else {
        authenticated(visit, &key)
    };
    answer.with("Request-Id", format!("req_Simulated{:08}", visit.serial)).with("Stripe-Version", "2026-07-29.dahlia")
}

fn authenticated(visit: &Visit<'_>, key: &str) -> Answer {
    match visit.situation {
        Situation::Right | Situation::OtherEnvironment | Situation::MissingPermission => {}
        Situation::Expired => {
            return error(401, Some("api_key_expired"), &format!("Expired API Key provided: {}", masked(key)));
        }
        _ => return error(401, None, &format!("Invalid API Key provided: {}", masked(key))),
    }
    let account = visit.call.header("stripe-account");
    if !account.is_empty() && account != visit.field("accountId") {
        let message = format!(
            "The provided key '{}' does not have access to account '{account}' (or that account does not exist). Application access may have been revoked.",
            masked(key)
        );
        return error(403, Some("account_invalid"), &message);
    }
    match visit.call.segments().as_slice() {
        ["v1", "balance"] if visit.situation == Situation::MissingPermission => {
            let message = format!(
                "The provided key '{}' does not have the required permissions for this endpoint on account '{}'. Having the 'rak_balance_read' permission would allow this request to continue.",
                masked(key),
                visit.field("accountId")
            );
            error(403, None, &message)
        }
        ["v1", "balance"] => balance(visit),
        ["v1", "payment_intents", id] => visit.recorded("stripe", id).map_or_else(
            || error(404, Some("resource_missing"), &format!("No such payment_intent: '{id}'")),
            |intent| Answer::json(200, &intent),
        ),
        _ => error(404, None, &format!("Unrecognized request URL ({}: {}).", visit.call.method, visit.call.path)),
    }
}

fn balance(visit: &Visit<'_>) -> Answer {
    let livemode = (visit.mode() == Mode::Production) != (visit.situation == Situation::OtherEnvironment);
    Answer::json(
        200,
        &json!({
            "object": "balance",
            "available": [{"amount": 4_250_000, "currency": "usd", "source_types": {"card": 4_250_000}}],
            "connect_reserved": [{"amount": 0, "currency": "usd"}],
            "livemode": livemode,
            "pending": [{"amount": 120_000, "currency": "usd", "source_types": {"card": 120_000}}],
        }),
    )
}
