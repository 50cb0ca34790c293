//! Faults, switched on from outside or asked for by a credential, as they look on the wire.

use std::time::Duration;

use simpul_core::integration::Mode;
use simpul_simulator::accounts::{self, Situation};
use simpul_simulator::{Fault, Running};

use crate::http::{Reply, basic, get, header, request, start};

const HTTP_PROVIDERS: [&str; 8] = ["midtrans", "xendit", "stripe", "twilio", "wablas", "fonnte", "mailgun", "sendgrid"];

/// The provider's connection test with some configuration.
async fn probe(running: &Running, provider: &str, field: &dyn Fn(&str) -> String) -> std::io::Result<Reply> {
    let base = running.base_url(provider);
    let bearer = |name: &str| header("Authorization", &format!("Bearer {}", field(name)));
    let (method, path, mut headers) = match provider {
        "midtrans" => ("GET", "/v2/conntest-1/status".to_owned(), vec![basic(&field("serverKey"), "")]),
        "xendit" => ("GET", "/balance".to_owned(), vec![basic(&field("apiKey"), "")]),
        "stripe" => ("GET", "/v1/balance".to_owned(), vec![bearer("secretKey")]),
        "twilio" => {
            let sid = field("accountSid");
            ("GET", format!("/2010-04-01/Accounts/{sid}.json"), vec![basic(&sid, &field("authToken"))])
        }
        "wablas" => ("GET", "/api/device/info".to_owned(), vec![header("Authorization", &field("token"))]),
        "fonnte" => ("POST", "/device".to_owned(), vec![header("Authorization", &field("token"))]),
        "mailgun" => ("GET", format!("/v4/domains/{}", field("domain")), vec![basic("api", &field("apiKey"))]),
        _ => ("GET", "/v3/scopes".to_owned(), vec![bearer("apiKey")]),
    };
    headers.push(header("Accept", "application/json"));
    request(method, &format!("{base}{path}"), &headers, b"").await
}

async fn probe_right(running: &Running, provider: &str) -> std::io::Result<Reply> {
    let account = accounts::right(provider, Mode::Sandbox).expect("an account");
    probe(running, provider, &|name| account.field(name).to_owned()).await
}

/// Whether the answer (or the lack of one) is what the fault promises.
fn shows(fault: Fault, outcome: &std::io::Result<Reply>) -> bool {
    let Ok(reply) = outcome else {
        return fault == Fault::Cut;
    };
    let is_json = serde_json::from_slice::<serde_json::Value>(&reply.body).is_ok();
    match fault {
        Fault::Html => reply.status == 200 && reply.header("content-type") == Some("text/html; charset=utf-8"),
        Fault::Unavailable { .. } => reply.status == 503 && reply.header("retry-after") == Some("30"),
        Fault::RateLimited { .. } => reply.status == 429 && reply.header("retry-after") == Some("30") && is_json,
        Fault::ServerError => reply.status == 500 && is_json,
        Fault::Truncated => reply.status == 200 && !reply.whole && !reply.body.is_empty(),
        Fault::Oversized => reply.whole && reply.body.len() == 8 * 1024 * 1024,
        Fault::ErrorInside | Fault::Slow(_) => reply.status == 200 && reply.whole,
        Fault::Redirect => reply.status == 302 && reply.header("location").is_some(),
        Fault::Empty => reply.status == 200 && reply.whole && reply.body.is_empty(),
        Fault::NotJson => reply.status == 200 && reply.header("content-type") == Some("application/json") && !is_json,
        Fault::Cut | Fault::Account(_) => false,
    }
}

#[tokio::test]
async fn every_fault_can_be_switched_on_and_off_at_every_provider() {
    let running = start().await;
    for provider in HTTP_PROVIDERS {
        for (name, fault) in Fault::NAMED {
            running.set_fault(provider, Some(*fault));
            let outcome = probe_right(&running, provider).await;
            assert!(shows(*fault, &outcome), "{provider} {name}: {outcome:?}");
        }
        running.set_fault(provider, None);
        let healthy = probe_right(&running, provider).await.expect("an answer");
        assert!(healthy.status == 200 && healthy.whole, "{provider}");
        assert_eq!(running.calls(provider), Fault::NAMED.len() as u64 + 1);
    }
    running.stop().await;
}

#[tokio::test]
async fn every_fault_can_be_asked_for_in_a_form_by_a_credential() {
    let running = start().await;
    for provider in HTTP_PROVIDERS {
        for (name, fault) in Fault::NAMED {
            let fields = accounts::asking_for(provider, Mode::Sandbox, name).expect("fields");
            let field = |wanted: &str| {
                fields.iter().find(|(key, _)| *key == wanted).map_or_else(String::new, |(_, value)| value.clone())
            };
            let outcome = probe(&running, provider, &field).await;
            assert!(shows(*fault, &outcome), "{provider} {name}: {outcome:?}");
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn a_cut_connection_is_a_reset() {
    let running = start().await;
    running.set_fault("stripe", Some(Fault::Cut));
    let error = probe_right(&running, "stripe").await.expect_err("no answer");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    running.stop().await;
}

#[tokio::test]
async fn an_account_can_get_into_trouble_while_it_is_used() {
    let running = start().await;
    running.set_fault("fonnte", Some(Fault::Account(Situation::DeviceDisconnected)));
    let reply = probe_right(&running, "fonnte").await.expect("an answer");
    assert_eq!(reply.json()["device_status"], "disconnect");
    running.set_fault("stripe", Some(Fault::Account(Situation::WrongKey)));
    assert_eq!(probe_right(&running, "stripe").await.expect("an answer").status, 401);
    running.stop().await;
}

#[tokio::test]
async fn stopping_ends_a_slow_answer() {
    let running = start().await;
    running.set_fault("xendit", Some(Fault::Slow(Some(Duration::from_secs(3_600)))));
    let url = format!("{}/balance", running.base_url("xendit"));
    let waiting = tokio::spawn(async move { get(&url, &[]).await });
    while running.calls("xendit") == 0 {
        tokio::task::yield_now().await;
    }
    tokio::time::timeout(Duration::from_secs(4), running.stop()).await.expect("stops at once");
    assert_eq!(waiting.await.expect("an answer").status, 401);
}

#[tokio::test]
async fn an_unknown_provider_is_not_found() {
    let running = start().await;
    assert_eq!(get(&running.base_url("paypal"), &[]).await.status, 404);
    running.stop().await;
}
