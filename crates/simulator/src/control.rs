//! Directing a simulator from outside its process, under `/control`: which accounts there are, what fails, how receivers behave and
//! what they had, and notifications as a provider would send them. For browser tests, and for trying one's own platform
//! against Simpul.
//!
//! | request | meaning |
//! |---|---|
//! | `GET accounts` | every account with its configuration |
//! | `PUT faults/<provider>` `{"fault": word \| null}` | a named fault or a situation of the account; `null` ends it |
//! | `PUT receivers/<name>` `{"behaviour": word, "secret": text}` | `accept`, `gone`, `slow`, `cut`, `redirect`, or a status |
//! | `GET receivers/<name>` | what it had, oldest first |
//! | `POST notifications` `{"provider", "kind", "seed", "url", "variant"?, "mode"?}` | the request to send, which the provider then confirms |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use simpul_core::integration::Mode;

use crate::accounts::{self, Situation};
use crate::exchange::{Answer, Call};
use crate::locked;
use crate::notify::{self, Notification, Occasion, Variant};
use crate::receiver::Behaviour;
use crate::scenario::Fault;
use crate::server::World;

/// Answers one request; its path is what follows `/control`.
pub(crate) fn answer(world: &World, call: &Call) -> Answer {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let done = match (call.method.as_str(), call.segments().as_slice()) {
        ("GET", ["accounts"]) => Ok(list_accounts()),
        ("PUT", ["faults", provider]) => set_fault(world, provider, &body),
        ("PUT", ["receivers", name]) => set_receiver(world, name, &body),
        ("GET", ["receivers", name]) => Ok(list_received(world, name)),
        ("POST", ["notifications"]) => build_notification(world, &body),
        _ => return Answer::text(404, "text/plain", "The simulator has no such control."),
    };
    match done {
        Ok(value) => Answer::json(200, &value),
        Err(problem) => Answer::json(400, &json!({"error": problem})),
    }
}

fn list_accounts() -> Value {
    let account = |account: &accounts::Account| {
        let configuration: serde_json::Map<String, Value> =
            account.fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({"provider": account.provider, "mode": account.mode.as_str(), "situation": account.situation.as_str(),
            "configuration": configuration})
    };
    accounts::all().map(account).collect()
}

fn set_fault(world: &World, provider: &str, body: &Value) -> Result<Value, String> {
    let Some(word) = body.get("fault").and_then(Value::as_str) else {
        locked(&world.faults).remove(provider);
        return Ok(json!({"fault": null}));
    };
    let situation = Situation::ALL.iter().find(|situation| situation.as_str() == word).copied();
    let fault = Fault::NAMED
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, fault)| *fault)
        .or(situation.map(Fault::Account))
        .ok_or_else(|| format!("fault must be null, a named fault or a situation, not {word}"))?;
    locked(&world.faults).insert(provider.to_owned(), fault);
    Ok(json!({"fault": word}))
}

fn behaviour(word: &str) -> Result<Behaviour, String> {
    Ok(match word {
        "accept" => Behaviour::Accept,
        "gone" => Behaviour::Gone,
        "slow" => Behaviour::Slow(None),
        "cut" => Behaviour::Cut,
        "redirect" => Behaviour::Redirect,
        status => Behaviour::Status(
            status
                .parse()
                .map_err(|_| format!("behaviour must be accept, gone, slow, cut, redirect or a status, not {word}"))?,
        ),
    })
}

fn set_receiver(world: &World, name: &str, body: &Value) -> Result<Value, String> {
    let behaviour = body.get("behaviour").and_then(Value::as_str).map(behaviour).transpose()?;
    let mut receivers = locked(&world.receivers);
    if let Some(behaviour) = behaviour {
        receivers.behave(name, behaviour);
    }
    if let Some(secret) = body.get("secret") {
        receivers.set_secret(name, secret.as_str().map(str::to_owned));
    }
    Ok(json!({}))
}

fn list_received(world: &World, name: &str) -> Value {
    let request = |request: crate::ReceivedRequest| {
        let headers: serde_json::Map<String, Value> =
            request.headers.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        json!({"headers": headers, "body": String::from_utf8_lossy(&request.body), "receivedAt": request.received_at,
            "verified": request.verified, "answered": request.answered})
    };
    locked(&world.receivers).requests(name).into_iter().map(request).collect()
}

fn build_notification(world: &World, body: &Value) -> Result<Value, String> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} is missing"));
    let mode =
        if body.get("mode").and_then(Value::as_str) == Some("production") { Mode::Production } else { Mode::Sandbox };
    let provider = text("provider")?;
    let account = accounts::right(provider, mode).ok_or_else(|| format!("{provider} is not simulated"))?;
    let variant = match body.get("variant").and_then(Value::as_str) {
        None | Some("valid") => Variant::Valid,
        Some("forged") => Variant::Forged,
        Some("altered") => Variant::Altered,
        Some("altered_unsigned") => Variant::AlteredUnsigned,
        Some("stale") => Variant::Stale,
        Some(word) => {
            return Err(format!("variant must be valid, forged, altered, altered_unsigned or stale, not {word}"));
        }
    };
    let seed = body.get("seed").and_then(Value::as_u64).ok_or("seed is missing")?;
    let occasion = Occasion::new(seed, world.settings.clock.now(), text("url")?).variant(variant);
    let kind = text("kind")?;
    let notification = notify::build(account, kind, &occasion)
        .ok_or_else(|| format!("{provider} sends no {kind}; it sends {}", notify::kinds(provider).join(", ")))?;
    if variant == Variant::Valid {
        world.record(&notification);
    }
    Ok(written(&notification))
}

fn written(notification: &Notification) -> Value {
    let headers: serde_json::Map<String, Value> = notification
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .chain([("content-type".to_owned(), Value::from(notification.content_type))])
        .collect();
    json!({"headers": headers, "bodyBase64": STANDARD.encode(&notification.body)})
}
