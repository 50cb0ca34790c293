//! Directing the simulator over the wire.

use serde_json::{Value, json};

use crate::http::{Reply, get, header, request, start};

async fn control(running: &simpul_simulator::Running, method: &str, path: &str, body: &Value) -> Reply {
    let url = format!("http://{}/control/{path}", running.http_address());
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    request(method, &url, &[], &body).await.expect("an answer")
}

#[tokio::test]
async fn a_fault_that_is_switched_on_lasts_until_it_is_switched_off() {
    let running = start().await;
    let accounts = control(&running, "GET", "accounts", &Value::Null).await.json();
    let right = |account: &&Value| {
        account["provider"] == "wablas" && account["situation"] == "right" && account["mode"] == "sandbox"
    };
    let account = accounts.as_array().and_then(|all| all.iter().find(right)).expect("an account of Wablas").clone();
    let token = account["configuration"]["token"].as_str().expect("a token").to_owned();
    let ask = || async {
        get(
            &format!("{}/api/device/info?token={token}", running.base_url("wablas")),
            &[header("authorization", &token)],
        )
        .await
    };
    assert_eq!(ask().await.status, 200);
    assert_eq!(control(&running, "PUT", "faults/wablas", &json!({"fault": "500"})).await.status, 200);
    assert_eq!(ask().await.status, 500);
    assert_eq!(control(&running, "PUT", "faults/wablas", &json!({"fault": null})).await.status, 200);
    assert_eq!(ask().await.status, 200);
    let wrong = control(&running, "PUT", "faults/wablas", &json!({"fault": "nonsense"})).await;
    assert!(wrong.status == 400 && wrong.json()["error"].as_str().is_some_and(|error| error.contains("nonsense")));
}

#[tokio::test]
async fn a_receiver_is_directed_and_tells_what_it_had() {
    let running = start().await;
    control(&running, "PUT", "receivers/shop", &json!({"behaviour": "503"})).await;
    let reply = request("POST", &running.receiver_url("shop"), &[], b"{}").await.expect("an answer");
    assert_eq!(reply.status, 503);
    let had = control(&running, "GET", "receivers/shop", &Value::Null).await.json();
    assert_eq!((&had[0]["body"], &had[0]["answered"], &had[0]["verified"]), (&json!("{}"), &json!(503), &Value::Null));
}

#[tokio::test]
async fn a_notification_is_written_as_its_provider_would_send_it_and_confirmed() {
    let running = start().await;
    let ask = json!({"provider": "midtrans", "kind": "settlement", "seed": 7, "url": "http://hub.example/x"});
    let built = control(&running, "POST", "notifications", &ask).await.json();
    assert_eq!(built["headers"]["content-type"], "application/json");
    assert!(built["bodyBase64"].as_str().is_some_and(|body| body.len() > 100), "{built}");
    let unknown = json!({"provider": "midtrans", "kind": "nonsense", "seed": 7, "url": "http://hub.example/x"});
    assert_eq!(control(&running, "POST", "notifications", &unknown).await.status, 400);
}
