//! What `verify` says of a delivery, for each way in which a receiver comes to refuse it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use simpul_core::signature::sign;
use simpul_core::time::{Clock as _, SystemClock};
use simpul_simulator::ReceivedRequest;

use super::event;
use crate::http::test_hub::Hub;

struct Case {
    hub: Hub,
    path: String,
    secret: String,
    received: ReceivedRequest,
}

impl Case {
    async fn start(more: Value) -> Self {
        let hub = Hub::start().await;
        let made = hub.webhook("shop", more).await;
        let with_slash =
            json!({"type": "payment.success", "data": {"orderId": "INV/1", "name": "Café", "amount": 1000}});
        assert_eq!(hub.post(&hub.path("events"), with_slash).await.status, 202);
        let received = hub.received("shop", 1).await.pop().unwrap();
        let path = format!("/api/admin/webhooks/{}", made["id"].as_str().unwrap());
        let secret = made["webhookSecret"].as_str().unwrap().to_owned();
        Self { hub, path, secret, received }
    }

    fn headers(&self) -> Value {
        json!(self.received.headers.iter().cloned().collect::<std::collections::BTreeMap<_, _>>())
    }

    fn body(&self) -> String {
        String::from_utf8(self.received.body.clone()).unwrap()
    }

    async fn verify(&self, input: Value) -> Value {
        let answer = self.hub.call("operator", "POST", &format!("{}/verify", self.path), Some(input)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let secret = self.secret.strip_prefix("whsec_").unwrap_or(&self.secret);
        assert!(!answer.text.contains(secret) && !answer.text.contains("whsk_"), "{}", answer.text);
        answer.body["data"].clone()
    }

    async fn with_body(&self, body: &str) -> Value {
        self.verify(json!({"headers": self.headers(), "body": body})).await
    }

    async fn with_header(&self, name: &str, value: Value) -> Value {
        let mut headers = self.headers();
        headers[name] = value;
        self.verify(json!({"headers": headers, "body": self.body()})).await
    }

    /// The delivery as somebody else would have signed it now.
    async fn signed_with(&self, secret: &str, body: &str) -> Value {
        let (id, at) = (self.received.header("webhook-id").unwrap(), SystemClock.now().seconds());
        let signature = sign(&[secret], id, at, self.body().as_bytes());
        let headers = json!({"webhook-id": id, "webhook-timestamp": at.to_string(), "webhook-signature": signature});
        self.verify(json!({"headers": headers, "body": body})).await
    }
}

fn outcome(verdict: &Value) -> (bool, Option<&str>) {
    (verdict["valid"].as_bool().unwrap(), verdict["cause"].as_str())
}

fn passed(verdict: &Value) -> Value {
    verdict["checks"].as_array().unwrap().iter().map(|check| check["passed"].clone()).collect()
}

#[tokio::test]
async fn a_delivery_as_it_came_is_valid_whatever_the_form_of_the_headers() {
    let case = Case::start(json!({"signatureScheme": "both"})).await;
    let as_text = case.with_body(&case.body()).await;
    assert_eq!((outcome(&as_text), passed(&as_text)), ((true, None), json!([true, true, true, true])), "{as_text}");
    assert_eq!(as_text["checks"][3]["check"], "body");
    assert!(as_text["reason"].is_null() && as_text["difference"].is_null());
    let header = |name| case.received.header(name).unwrap();
    let parts: Vec<&str> = header("webhook-signature").split(' ').collect();
    let headers = json!({"HTTP_WEBHOOK_ID": header("webhook-id"), "Webhook-Timestamp": [header("webhook-timestamp")],
        "WEBHOOK-SIGNATURE": parts});
    let encoded = json!({"headers": headers, "bodyBase64": STANDARD.encode(&case.received.body)});
    assert_eq!(outcome(&case.verify(encoded).await), (true, None));
}

#[tokio::test]
async fn headers_and_timestamps_are_judged_first() {
    let case = Case::start(json!({})).await;
    let missing = case.verify(json!({"headers": {"webhook-id": "x"}, "body": "{}"})).await;
    assert_eq!(
        (outcome(&missing), passed(&missing)),
        ((false, Some("missing_header")), json!([false, null, null, null]))
    );
    assert!(missing["reason"].as_str().unwrap().contains("webhook-timestamp, webhook-signature"));
    let cut = case.with_header("webhook-signature", json!("v1,abc")).await;
    assert_eq!(outcome(&cut), (false, Some("malformed_header")));
    let at = SystemClock.now();
    for (off, cause, words) in [(-700, "timestamp_too_old", "11 min"), (400, "timestamp_in_future", "6 min")] {
        let time = (at.seconds() + off).to_string();
        let signature =
            sign(&[&case.secret], case.received.header("webhook-id").unwrap(), at.seconds() + off, &case.received.body);
        let headers = json!({"webhook-id": case.received.header("webhook-id"), "webhook-timestamp": time, "webhook-signature": signature});
        let verdict = case.verify(json!({"headers": headers, "body": case.body()})).await;
        assert_eq!((outcome(&verdict), passed(&verdict)), ((false, Some(cause)), json!([true, false, true, true])));
        assert!(verdict["reason"].as_str().unwrap().contains(words), "{verdict}");
        let then = simpul_core::time::Timestamp::from_millis((at.seconds() + off) * 1_000).to_string();
        let earlier = case.verify(json!({"headers": headers, "body": case.body(), "receivedAt": then})).await;
        assert_eq!(outcome(&earlier), (true, None));
    }
}

#[tokio::test]
async fn the_body_is_told_as_altered_or_written_anew_with_the_place() {
    let case = Case::start(json!({})).await;
    let body = case.body();
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&body).unwrap()).unwrap();
    for (received, words) in [
        (pretty, "white space"),
        (body.replace("INV/1", "INV\\/1"), "escaped"),
        (body.replace("Café", "Caf\\u00e9"), "escaped"),
        (body.replace(r#""testMode":true,"#, "").replacen('{', r#"{"testMode":true,"#, 1), "order"),
    ] {
        let verdict = case.with_body(&received).await;
        assert_eq!(
            (outcome(&verdict), passed(&verdict)),
            ((false, Some("reencoded_json")), json!([true, true, true, false]))
        );
        assert!(verdict["reason"].as_str().unwrap().contains(words), "{verdict}");
    }
    let altered = case.with_body(&body.replace(r#""amount":1000"#, r#""amount":9000"#)).await;
    assert_eq!(outcome(&altered), (false, Some("altered_body")));
    let offset = body.find(r#":1000"#).unwrap() + 1;
    assert_eq!(altered["difference"]["offset"], offset);
    assert!(altered["difference"]["sent"].as_str().unwrap().contains(r#""amount":1000"#), "{altered}");
    assert!(altered["difference"]["received"].as_str().unwrap().contains(r#""amount":9000"#), "{altered}");
}

#[tokio::test]
async fn secrets_are_told_apart_present_previous_another_webhooks_or_nobodys() {
    let case = Case::start(json!({})).await;
    let nobody = case.signed_with("nobody's secret", &case.body()).await;
    assert_eq!((outcome(&nobody), passed(&nobody)), ((false, Some("wrong_secret")), json!([true, true, false, true])));
    let both_wrong = case.signed_with("nobody's secret", "{}").await;
    assert_eq!(
        (outcome(&both_wrong), passed(&both_wrong)),
        ((false, Some("wrong_secret")), json!([true, true, false, false]))
    );
    let other = case.hub.webhook("other", json!({})).await;
    let swapped = case.signed_with(other["webhookSecret"].as_str().unwrap(), &case.body()).await;
    assert_eq!(outcome(&swapped), (false, Some("other_webhook")));
    assert!(swapped["reason"].as_str().unwrap().contains(other["id"].as_str().unwrap()));

    case.hub.post(&format!("{}/rotate-secret", case.path), json!({"overlapHours": 1})).await;
    let overlapping = case.signed_with(&case.secret, &case.body()).await;
    assert_eq!(outcome(&overlapping), (true, None));
    assert!(overlapping["checks"][2]["message"].as_str().unwrap().contains("goes on signing until"));
    let later = SystemClock.now().plus(std::time::Duration::from_secs(3_700));
    let signature = sign(&[&case.secret], "x", later.seconds(), b"{}");
    let headers =
        json!({"webhook-id": "x", "webhook-timestamp": later.seconds().to_string(), "webhook-signature": signature});
    let expired = case.verify(json!({"headers": headers, "body": "{}", "receivedAt": later})).await;
    assert_eq!(outcome(&expired), (false, Some("wrong_secret")));
    assert!(expired["reason"].as_str().unwrap().contains("it was valid until 20"), "{expired}");
}

#[tokio::test]
async fn a_body_shaped_for_the_webhook_cannot_be_compared_and_it_says_so() {
    let case = Case::start(json!({"payloadStyle": "thin"})).await;
    let nobody = case.signed_with("nobody's secret", "{}").await;
    assert_eq!((outcome(&nobody), passed(&nobody)), ((false, Some("wrong_secret")), json!([true, true, false, null])));
    assert!(nobody["checks"][3]["message"].as_str().unwrap().contains("thin style"), "{nobody}");
    case.hub.wait(&format!("{}/deliveries", case.path), |rows| rows[0]["status"] == "success").await;
    let altered = case.with_body("{}").await;
    assert_eq!(
        (outcome(&altered), passed(&altered)),
        ((false, Some("altered_body")), json!([true, true, true, false]))
    );
    assert!(altered["difference"].is_null());
}

#[tokio::test]
async fn an_event_of_another_integration_is_no_evidence_and_odd_input_is_refused() {
    let case = Case::start(json!({})).await;
    let stranger = case.hub.call("stranger", "POST", &format!("{}/verify", case.path), Some(json!({}))).await;
    assert_eq!(stranger.status, 404);
    let headers = case.headers();
    for input in [
        json!({"body": "{}"}),
        json!({"headers": headers}),
        json!({"headers": headers, "body": "", "bodyBase64": ""}),
        json!({"headers": headers, "bodyBase64": "%"}),
        json!({"headers": headers, "body": "", "receivedAt": "now"}),
        json!({"headers": {"a": 1}, "body": ""}),
        json!({"headers": headers, "body": "", "more": 1}),
    ] {
        let answer = case.hub.call("operator", "POST", &format!("{}/verify", case.path), Some(input.clone())).await;
        assert_eq!(answer.status, 422, "{input}: {}", answer.text);
    }
    assert_eq!(case.hub.post(&case.hub.path("events"), event("payment.success")).await.status, 202);
}
