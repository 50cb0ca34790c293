//! Each provider's answer to right, wrong and special credentials, as its documentation has it.

use simpul_core::integration::Mode;
use simpul_simulator::Running;
use simpul_simulator::accounts::{self, Account, Situation};

use crate::http::{Reply, basic, get, header, request, start};

const MODES: [Mode; 2] = [Mode::Sandbox, Mode::Production];

fn account(provider: &str, mode: Mode, situation: Situation) -> &'static Account {
    accounts::find(provider, mode, situation).expect("an account")
}

async fn midtrans(running: &Running, mount: &str, key: &str) -> Reply {
    get(&format!("{}/v2/conntest-1/status", running.base_url(mount)), &[basic(key, "")]).await
}

#[tokio::test]
async fn midtrans_says_404_in_the_body_to_a_right_key_and_401_to_a_wrong_one() {
    let running = start().await;
    for mode in MODES {
        let reply =
            midtrans(&running, "midtrans", account("midtrans", mode, Situation::Right).field("serverKey")).await;
        assert_eq!((reply.status, reply.json()["status_code"].as_str()), (200, Some("404")));
    }
    for key in ["SB-Mid-server-wrong", ""] {
        let reply = midtrans(&running, "midtrans", key).await;
        assert_eq!((reply.status, reply.json()["status_code"].as_str()), (401, Some("401")), "{key}");
    }
    let sandbox_key = account("midtrans", Mode::Sandbox, Situation::Right).field("serverKey");
    assert_eq!(midtrans(&running, "midtrans-sandbox", sandbox_key).await.status, 200);
    assert_eq!(midtrans(&running, "midtrans-production", sandbox_key).await.status, 401);
    let html = get(&format!("{}/v2/x", running.base_url("midtrans")), &[basic(sandbox_key, "")]).await;
    assert_eq!((html.status, html.header("content-type")), (404, Some("text/html")));
    running.stop().await;
}

#[tokio::test]
async fn xendit_tells_a_wrong_key_from_a_missing_permission_and_a_suspension() {
    let running = start().await;
    let url = format!("{}/balance", running.base_url("xendit"));
    for mode in MODES {
        for (situation, status, code) in [
            (Situation::Right, 200, None),
            (Situation::MissingPermission, 403, Some("REQUEST_FORBIDDEN_ERROR")),
            (Situation::Suspended, 403, Some("ACCESS_SUSPENDED")),
        ] {
            let reply = get(&url, &[basic(account("xendit", mode, situation).field("apiKey"), "")]).await;
            assert_eq!((reply.status, reply.json()["error_code"].as_str()), (status, code));
        }
    }
    for headers in [vec![], vec![basic("xnd_public_development_x", "")]] {
        let reply = get(&url, &headers).await;
        assert_eq!((reply.status, reply.json()["error_code"].as_str()), (401, Some("INVALID_API_KEY")));
    }
    running.stop().await;
}

#[tokio::test]
async fn stripe_masks_the_key_it_refuses_and_names_the_missing_permission() {
    let running = start().await;
    let url = format!("{}/v1/balance", running.base_url("stripe"));
    let ask = async |key: &str| get(&url, &[header("Authorization", &format!("Bearer {key}"))]).await;
    for mode in MODES {
        let key = |situation| account("stripe", mode, situation).field("secretKey");
        let live = mode == Mode::Production;
        assert_eq!(ask(key(Situation::Right)).await.json()["livemode"], live);
        assert_eq!(ask(key(Situation::OtherEnvironment)).await.json()["livemode"], !live);
        let limited = ask(key(Situation::MissingPermission)).await;
        assert_eq!(limited.status, 403);
        assert!(limited.json()["error"]["message"].as_str().expect("a message").contains("'rak_balance_read'"));
        let expired = ask(key(Situation::Expired)).await;
        assert_eq!((expired.status, expired.json()["error"]["code"].as_str()), (401, Some("api_key_expired")));
    }
    let wrong = ask("sk_test_thisIsQuiteWrong1234").await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.json()["error"]["message"], "Invalid API Key provided: sk_test_****************1234");
    let publishable = ask("pk_test_51SimpulSandbox").await;
    assert_eq!(publishable.json()["error"]["code"], "secret_key_required");
    running.stop().await;
}

#[tokio::test]
async fn twilio_shows_the_account_to_its_token_and_only_messages_to_an_api_key() {
    let running = start().await;
    let url = |sid: &str, rest: &str| format!("{}/2010-04-01/Accounts/{sid}{rest}", running.base_url("twilio"));
    let right = account("twilio", Mode::Production, Situation::Right);
    let (sid, token) = (right.field("accountSid"), right.field("authToken"));
    let reply = get(&url(sid, ".json"), &[basic(sid, token)]).await;
    assert_eq!((reply.status, reply.json()["status"].as_str()), (200, Some("active")));
    let wrong = get(&url(sid, ".json"), &[basic(sid, "0123")]).await;
    assert_eq!((wrong.status, wrong.json()["code"].as_u64()), (401, Some(20003)));
    let other = get(&url("AC00000000000000000000000000000099", ".json"), &[basic(sid, token)]).await;
    assert_eq!((other.status, other.json()["code"].as_u64()), (404, Some(20404)));

    let limited = account("twilio", Mode::Sandbox, Situation::MissingPermission);
    let key = [basic(limited.field("apiKeySid"), limited.field("apiKeySecret"))];
    assert_eq!(get(&url(limited.field("accountSid"), ".json"), &key).await.status, 401);
    assert_eq!(get(&url(limited.field("accountSid"), "/Messages.json?PageSize=1"), &key).await.status, 200);

    for (mode, status) in [(Mode::Sandbox, 200), (Mode::Production, 401)] {
        let suspended = account("twilio", mode, Situation::Suspended);
        let sid = suspended.field("accountSid");
        assert_eq!(get(&url(sid, ".json"), &[basic(sid, suspended.field("authToken"))]).await.status, status);
    }
    let form = b"To=whatsapp%3A%2B6281200000001&From=whatsapp%3A%2B14155238886&Body=Halo";
    let headers = [basic(sid, token), header("Content-Type", "application/x-www-form-urlencoded")];
    let sent = request("POST", &url(sid, "/Messages.json"), &headers, form).await.expect("an answer");
    assert_eq!((sent.status, sent.json()["status"].as_str()), (201, Some("queued")));
    running.stop().await;
}

#[tokio::test]
async fn wablas_says_in_the_body_what_is_wrong_with_the_device() {
    let running = start().await;
    let base = running.base_url("wablas");
    let device =
        async |account: &Account| get(&format!("{base}/api/device/info?token={}", account.field("token")), &[]).await;
    for mode in MODES {
        for (situation, member, value) in [
            (Situation::Right, "status", serde_json::json!("connected")),
            (Situation::DeviceDisconnected, "status", serde_json::json!("disconnected")),
            (Situation::Expired, "active", serde_json::json!(false)),
            (Situation::Suspended, "active", serde_json::json!(false)),
            (Situation::QuotaExhausted, "quota", serde_json::json!(0)),
        ] {
            let reply = device(account("wablas", mode, situation)).await;
            assert_eq!((reply.status, &reply.json()["data"][member]), (200, &value));
        }
    }
    let wrong = get(&format!("{base}/api/device/info?token=wrong"), &[]).await;
    assert_eq!(wrong.json()["status"], false);
    let right = account("wablas", Mode::Sandbox, Situation::Right);
    let both = format!("{}.{}", right.field("token"), right.field("secretKey"));
    for (credential, status) in [(both.as_str(), 200), (right.field("token"), 401), ("wrong.secret", 401)] {
        let url = format!("{base}/api/report-realtime?limit=1");
        assert_eq!(get(&url, &[header("Authorization", credential)]).await.status, status);
    }
    running.stop().await;
}

#[tokio::test]
async fn fonnte_answers_200_to_everything() {
    let running = start().await;
    let url = format!("{}/device", running.base_url("fonnte"));
    let ask =
        async |token: &str| request("POST", &url, &[header("Authorization", token)], b"").await.expect("an answer");
    for mode in MODES {
        for (situation, status) in [(Situation::Right, "connect"), (Situation::DeviceDisconnected, "disconnect")] {
            let reply = ask(account("fonnte", mode, situation).field("token")).await;
            assert_eq!((reply.status, reply.json()["device_status"].as_str()), (200, Some(status)));
        }
    }
    let wrong = ask("wrong").await;
    assert_eq!((wrong.status, wrong.json()["reason"].as_str()), (200, Some("token invalid")));
    let missing = request("POST", &url, &[], b"").await.expect("an answer");
    assert_eq!(missing.json()["Status"], false);
    running.stop().await;
}

#[tokio::test]
async fn mailgun_keeps_regions_apart_and_answers_200_to_unknown_paths() {
    let running = start().await;
    let ask = async |mount: &str, account: &Account| {
        let url = format!("{}/v4/domains/{}", running.base_url(mount), account.field("domain"));
        get(&url, &[basic("api", account.field("apiKey"))]).await
    };
    for mode in MODES {
        let right = account("mailgun", mode, Situation::Right);
        assert_eq!(ask("mailgun", right).await.json()["domain"]["state"], "active");
        assert_eq!(ask("mailgun-eu", right).await.status, 404);
        let other = account("mailgun", mode, Situation::OtherEnvironment);
        assert_eq!((ask("mailgun", other).await.status, ask("mailgun-eu", other).await.status), (404, 200));
        let unverified = ask("mailgun", account("mailgun", mode, Situation::Unverified)).await;
        assert_eq!(unverified.json()["domain"]["state"], "unverified");
        let disabled = ask("mailgun", account("mailgun", mode, Situation::Suspended)).await;
        assert_eq!(disabled.json()["domain"]["is_disabled"], true);

        let sending = account("mailgun", mode, Situation::MissingPermission);
        let refused = ask("mailgun", sending).await;
        assert_eq!((refused.status, refused.json()["message"].as_str()), (401, Some("Invalid private key")));
        let url = format!("{}/v3/{}/messages", running.base_url("mailgun"), sending.field("domain"));
        let key = [basic("api", sending.field("apiKey"))];
        assert_eq!(request("POST", &url, &key, b"").await.expect("an answer").status, 400);
        let wrong = request("POST", &url, &[basic("api", "key-wrong")], b"").await.expect("an answer");
        assert_eq!((wrong.status, wrong.body.as_slice()), (401, b"Forbidden".as_slice()));
    }
    let lost = get(&format!("{}/v9/nothing", running.base_url("mailgun")), &[]).await;
    assert_eq!((lost.status, lost.body.as_slice()), (200, b"Mailgun Magnificent API".as_slice()));
    running.stop().await;
}

#[tokio::test]
async fn sendgrid_lists_scopes_and_wants_an_accept_header() {
    let running = start().await;
    let url = format!("{}/v3/scopes", running.base_url("sendgrid"));
    let accept = header("Accept", "application/json");
    let ask = async |key: &str| get(&url, &[accept.clone(), header("Authorization", &format!("Bearer {key}"))]).await;
    for mode in MODES {
        let key = |situation| account("sendgrid", mode, situation).field("apiKey");
        let may_send = |reply: &Reply| reply.json()["scopes"].as_array().expect("scopes").contains(&"mail.send".into());
        assert!(may_send(&ask(key(Situation::Right)).await));
        assert!(!may_send(&ask(key(Situation::MissingPermission)).await));
        assert_eq!(ask(key(Situation::Suspended)).await.status, 403);
    }
    let wrong = ask("SG.wrong").await;
    assert_eq!(wrong.status, 401);
    assert_eq!(
        wrong.json()["errors"][0]["message"],
        "The provided authorization grant is invalid, expired, or revoked"
    );
    assert_eq!(get(&url, &[]).await.status, 406);
    assert_eq!(get(&url, std::slice::from_ref(&accept)).await.json()["errors"][0]["message"], "authorization required");
    running.stop().await;
}
