//! The receiver of webhooks over the wire.

use std::time::Duration;

use simpul_core::signature;
use simpul_simulator::Behaviour;

use crate::http::{NOW, Reply, header, request, start};

async fn post(url: &str, headers: &[(String, String)]) -> std::io::Result<Reply> {
    request("POST", url, headers, b"{\"type\":\"webhook.test\"}").await
}

#[tokio::test]
async fn each_behaviour_answers_as_told_and_records_the_request() {
    let running = start().await;
    for (behaviour, status) in [
        (Behaviour::Accept, 200),
        (Behaviour::Status(500), 500),
        (Behaviour::Unavailable { retry_after_seconds: 7 }, 503),
        (Behaviour::Gone, 410),
        (Behaviour::Redirect, 307),
        (Behaviour::Slow(Some(Duration::from_millis(5))), 200),
        (Behaviour::FailFirst(1), 500),
        (Behaviour::FailFirst(0), 200),
    ] {
        running.receiver_behaves("shop", behaviour);
        let reply = post(&running.receiver_url("shop"), &[]).await.expect("an answer");
        assert_eq!(reply.status, status, "{behaviour:?}");
        if status == 503 {
            assert_eq!(reply.header("retry-after"), Some("7"));
        }
    }
    running.receiver_behaves("shop", Behaviour::Cut);
    assert!(post(&running.receiver_url("shop"), &[]).await.is_err());
    let received = running.received("shop");
    assert_eq!(received.len(), 9);
    assert_eq!(received.iter().map(|request| request.answered).next_back(), Some(0));
    assert_eq!(received[0].body, b"{\"type\":\"webhook.test\"}");
    assert_eq!(running.received_total("another"), 0);
    running.stop().await;
}

#[tokio::test]
async fn says_whether_a_delivery_is_signed_with_its_secret() {
    let running = start().await;
    running.receiver_secret("shop", Some("a-good-secret".into()));
    let seconds = NOW / 1_000;
    for secret in ["a-good-secret", "a-bad-secret"] {
        let signed = signature::sign(&[secret], "evt_1", seconds, b"{\"type\":\"webhook.test\"}");
        let headers = [
            header("webhook-id", "evt_1"),
            header("webhook-timestamp", &seconds.to_string()),
            header("webhook-signature", &signed),
        ];
        assert_eq!(post(&running.receiver_url("shop"), &headers).await.expect("an answer").status, 200);
    }
    let received = running.wait_for_received("shop", 2).await;
    assert_eq!(received.iter().map(|request| request.verified).collect::<Vec<_>>(), [Some(true), Some(false)]);
    running.stop().await;
}
