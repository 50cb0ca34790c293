//! Mailgun: the state of a domain and sending; regions are separate, and an unknown path is answered 200.

use serde_json::json;
use simpul_core::integration::Mode;
use simpul_core::time::Timestamp;

use super::{StandIn, Visit};
use crate::accounts::{Account, Situation};
use crate::exchange::{Answer, Call};

pub(super) const STAND_IN: StandIn = StandIn {
    slug: "mailgun",
    carries: |call, account: &Account| key_of(call) == account.field("apiKey"),
    credential: key_of,
    answer,
    rate_limited,
    server_error: || message(500, "Internal Server Error"),
    error_inside: || Answer::text(200, "text/html; charset=utf-8", "Mailgun Magnificent API"),
};

/// The password of user `api`; anything else is no credential.
fn key_of(call: &Call) -> String {
    call.basic().filter(|(user, _)| user == "api").map_or_else(String::new, |(_, password)| password)
}

fn message(status: u16, text: &str) -> Answer {
    Answer::json(status, &json!({ "message": text }))
}

fn rate_limited(now: Timestamp) -> Answer {
    Answer::json(429, &json!({"retry-seconds": 60}))
        .with("X-RateLimit-Limit", "300")
        .with("X-RateLimit-Remaining", "0")
        .with("X-RateLimit-Reset", (now.seconds() + 60).to_string())
}

fn answer(visit: &Visit<'_>) -> Answer {
    let known = visit.account.is_some() && visit.situation != Situation::WrongKey;
    match (visit.call.method.as_str(), visit.call.segments().as_slice()) {
        ("GET", ["v3" | "v4", "domains", domain]) => {
            // A domain sending key may only send.
            if !known || visit.situation == Situation::MissingPermission {
                return message(401, "Invalid private key");
            }
            if *domain == visit.field("domain") && is_here(visit) {
                Answer::json(200, &domain_state(visit, domain))
            } else {
                message(404, &format!("Domain not found: {domain}"))
            }
        }
        ("POST", ["v3", domain, "messages"]) => {
            if !known {
                return Answer::text(401, "text/plain; charset=utf-8", "Forbidden");
            }
            if *domain != visit.field("domain") || !is_here(visit) {
                return message(404, &format!("Domain not found: {domain}"));
            }
            send(visit, domain)
        }
        ("GET", ["v5", "accounts", "http_signing_key"]) if known => {
            Answer::json(200, &json!({"http_signing_key": visit.field("webhookSigningKey")}))
        }
        _ => Answer::text(200, "text/html; charset=utf-8", "Mailgun Magnificent API"),
    }
}

/// Whether the domain lives in the region that was asked.
fn is_here(visit: &Visit<'_>) -> bool {
    (visit.variant == "eu") == (visit.situation == Situation::OtherEnvironment)
}

fn domain_state(visit: &Visit<'_>, domain: &str) -> serde_json::Value {
    let unverified = visit.situation == Situation::Unverified;
    let disabled = visit.situation == Situation::Suspended;
    let validity = if unverified { "unknown" } else { "valid" };
    let kind = if visit.mode() == Mode::Sandbox && visit.situation == Situation::Right { "sandbox" } else { "custom" };
    let mut state = json!({
        "domain": {"created_at": "Thu, 13 Oct 2011 18:02:00 GMT", "id": "123456789012345678901234", "name": domain,
            "is_disabled": disabled, "require_tls": false, "skip_verification": false,
            "smtp_login": format!("postmaster@{domain}"), "smtp_password": "simpul-smtp-password",
            "spam_action": "disabled", "state": if unverified { "unverified" } else { "active" }, "type": kind,
            "use_automatic_sender_security": true, "web_prefix": "email", "web_scheme": "https", "wildcard": false},
        "receiving_dns_records": [{"is_active": !unverified, "cached": [], "priority": "10", "record_type": "MX",
            "valid": validity, "value": "mxa.mailgun.org"}],
        "sending_dns_records": [{"is_active": !unverified, "cached": [], "name": domain, "record_type": "TXT",
            "valid": validity, "value": "v=spf1 include:mailgun.org ~all"}],
    });
    if disabled {
        state["domain"]["disabled"] = json!({"code": "blacklisted", "reason": "Too many bounces", "note": "",
            "permanently": false, "until": "Thu, 31 Dec 2099 00:00:00 GMT"});
    }
    state
}

fn send(visit: &Visit<'_>, domain: &str) -> Answer {
    for name in ["from", "to"] {
        if visit.call.form(name).is_none_or(|value| value.is_empty()) {
            return message(400, &format!("{name} parameter is missing"));
        }
    }
    if visit.situation == Situation::Suspended {
        return message(403, &format!("Domain {domain} is not allowed to send: disabled"));
    }
    let id = format!("<20260212182612.{:012x}@{domain}>", visit.serial);
    Answer::json(200, &json!({"id": id, "message": "Queued. Thank you."}))
}
