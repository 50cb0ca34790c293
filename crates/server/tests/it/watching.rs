//! What a tired operator sees: an account turns bad, an incident says why, the overview and its stream show it; it is mended.

use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use simpul_simulator::Fault;
use simpul_simulator::accounts::Situation;

use crate::support::{Hub, on_both};

const SOON: Duration = Duration::from_secs(20);

async fn test(hub: &Hub, id: &str, times: usize) {
    for _ in 0..times {
        let path = format!("/api/admin/integrations/{id}/test");
        assert_eq!(hub.send(Method::POST, &path, None).await.status, 200);
    }
}

/// Reads the stream until an event's data fits.
async fn heard(response: reqwest::Response, fits: impl Fn(&Value) -> bool) -> Value {
    let mut stream = response.bytes_stream();
    let mut text = String::new();
    let reading = async {
        while let Some(chunk) = stream.next().await {
            text.push_str(&String::from_utf8_lossy(&chunk.expect("goes on")));
            let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
            if let Some(found) = data.filter_map(|data| serde_json::from_str(data).ok()).find(&fits) {
                return found;
            }
        }
        panic!("the stream ended: {text}");
    };
    tokio::time::timeout(SOON, reading).await.expect("in time")
}

on_both! {
    async fn an_account_turns_bad_and_is_mended(hub: &mut Hub) {
        let partner = hub.make_partner("Kopi Senja").await;
        let integration = hub.make_integration(&partner, "fonnte").await;
        let id = integration["id"].as_str().expect("an id").to_owned();
        let stream = hub.client.get(format!("{}/api/admin/health/stream", hub.base)).bearer_auth(&hub.key).send().await.expect("answers");
        assert_eq!(stream.status(), 200);
        test(hub, &id, 1).await;
        hub.simulator.set_fault("fonnte", Some(Fault::Account(Situation::DeviceDisconnected)));
        test(hub, &id, 3).await;
        let opened = hub.until("/api/admin/incidents?state=open", SOON, |body| body["pagination"]["total"] == 1).await;
        let incident = &opened["data"][0];
        assert_eq!((&incident["cause"], &incident["severity"], &incident["integrationId"]), (&json!("device_disconnected"), &json!("critical"), &json!(id)));
        let shown = heard(stream, |data| data["openIncidentId"] == incident["id"]).await;
        assert_eq!(shown["facts"], json!(["device_disconnected"]));
        let overview = hub.until("/api/admin/health", SOON, |body| body["data"][0]["openIncidentId"] == incident["id"]).await;
        assert_eq!(overview["data"][0]["lastTestStatus"], "failed");

        hub.simulator.set_fault("fonnte", None);
        test(hub, &id, 2).await;
        hub.until("/api/admin/incidents?state=open", SOON, |body| body["pagination"]["total"] == 0).await;
        hub.until("/api/admin/health", SOON, |body| body["data"][0]["openIncidentId"].is_null() && body["data"][0]["facts"] == json!([])).await;
        let logs = hub.get(&format!("/api/admin/integrations/{id}/logs?action=error")).await;
        let messages: Vec<&str> = logs["data"].as_array().expect("rows").iter().filter_map(|row| row["message"].as_str()).collect();
        assert_eq!(messages.len(), 2, "{messages:?}");
    }
}
