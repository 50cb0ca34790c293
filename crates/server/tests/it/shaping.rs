//! What a webhook asks for beside where and what: only some events, in another form, in order, signed with a key.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Hub, on_both};

async fn webhook(hub: &Hub, integration_id: &str, receiver: &str, wishes: Value) -> Value {
    let mut body = json!({"webhookUrl": hub.simulator.receiver_url(receiver), "retryAttempts": 1, "retryDelay": 1});
    for (name, value) in wishes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    hub.post(&format!("/api/admin/integrations/{integration_id}/webhooks"), body, 201).await
}

async fn arrived(hub: &Hub, receiver: &str, count: usize) -> Vec<Value> {
    let end = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        let received = hub.simulator.received(receiver);
        if received.len() >= count {
            return received.iter().map(|request| serde_json::from_slice(&request.body).expect("JSON")).collect();
        }
        assert!(std::time::Instant::now() < end, "{receiver} has {} of {count}", received.len());
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

fn payment(number: u32, amount: u32) -> Value {
    json!({"type": "payment.success", "data": {"paymentId": format!("tx-{number}"), "amount": amount}})
}

on_both! {
    async fn filters_and_shapes_decide_what_arrives(hub: &mut Hub) {
        let partner = hub.make_partner("Saringan").await;
        let integration = hub.make_integration(&partner, "xendit").await;
        let id = integration["id"].as_str().expect("an id").to_owned();
        let filtered = webhook(hub, &id, "large", json!({"filter": "data.amount > 100"})).await;
        webhook(hub, &id, "shaped", json!({"transformation": "{payment: .data.paymentId, id}"})).await;
        webhook(hub, &id, "thin", json!({"payloadStyle": "thin"})).await;
        let broken = webhook(hub, &id, "broken", json!({"transformation": "def f: f; f", "retryAttempts": 0})).await;
        hub.post(&format!("/api/admin/integrations/{id}/events"), json!([payment(1, 50), payment(2, 500)]), 202).await;
        let shaped = arrived(hub, "shaped", 2).await;
        assert!(shaped.iter().all(|body| body["payment"].is_string() && body["data"].is_null()), "{shaped:?}");
        let thin = arrived(hub, "thin", 2).await;
        assert!(thin.iter().all(|body| body["id"].is_string() && body["data"].is_null()), "{thin:?}");
        let path = format!("/api/admin/webhooks/{}/deliveries", filtered["id"].as_str().expect("an id"));
        hub.until(&path, Duration::from_secs(20), |body| {
            let of = |status: &str| body["data"].as_array().is_some_and(|rows| rows.iter().any(|row| row["status"] == status));
            of("filtered") && of("success")
        })
        .await;
        let large = arrived(hub, "large", 1).await;
        assert_eq!((large.len(), &large[0]["data"]["amount"]), (1, &json!(500)));
        // A program without an end fails its own deliveries, says why, and is no fault of the receiver.
        let broken = broken["id"].as_str().expect("an id");
        let failed = hub
            .until(&format!("/api/admin/webhooks/{broken}/deliveries?status=failed"), Duration::from_secs(20), |body| {
                body["data"].as_array().is_some_and(|rows| rows.len() == 2)
            })
            .await;
        let delivery = hub.get(&format!("/api/admin/deliveries/{}", failed["data"][0]["id"].as_str().expect("an id"))).await;
        let told = delivery["data"]["attempts"][0]["errorMessage"].as_str().unwrap_or_default();
        assert!(told.contains("transformation"), "{told}");
        assert!(hub.simulator.received("broken").is_empty());
        assert_eq!(hub.get(&format!("/api/admin/webhooks/{broken}")).await["data"]["failureCount"], 0);
    }

    async fn what_is_about_one_payment_arrives_in_order(hub: &mut Hub) {
        let partner = hub.make_partner("Antrean").await;
        let integration = hub.make_integration(&partner, "xendit").await;
        let id = integration["id"].as_str().expect("an id").to_owned();
        webhook(hub, &id, "ordered", json!({"ordering": "per_key", "signatureScheme": "both"})).await;
        hub.simulator.receiver_behaves("ordered", simpul_simulator::Behaviour::Slow(Some(Duration::from_millis(5))));
        for amount in 0..10 {
            let batch: Vec<Value> = (0..5).map(|number| payment(number, amount)).collect();
            hub.post(&format!("/api/admin/integrations/{id}/events"), Value::Array(batch), 202).await;
        }
        let bodies = arrived(hub, "ordered", 50).await;
        for number in 0..5 {
            let amounts: Vec<i64> = bodies
                .iter()
                .filter(|body| body["data"]["paymentId"] == format!("tx-{number}"))
                .filter_map(|body| body["data"]["amount"].as_i64())
                .collect();
            assert_eq!(amounts, (0..10).collect::<Vec<i64>>());
        }
        let request = hub.simulator.received("ordered").remove(0);
        let signatures = request.header("webhook-signature").expect("signed").to_owned();
        assert!(signatures.contains("v1,") && signatures.contains("v1a,"), "{signatures}");
    }
}
