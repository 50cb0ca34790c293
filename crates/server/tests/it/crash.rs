//! `kill -9` in the middle of the work: everything that was answered 202 arrives.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Hub, on_both};

const ROUNDS: u64 = 3;
const TASKS: u64 = 8;

/// Sends events until the hub stops answering; answers the ids of those that were accepted.
async fn send_until_killed(client: reqwest::Client, url: String, key: String, sender: String) -> Vec<String> {
    let mut accepted = Vec::new();
    for number in 0..2_000 {
        // Lists, so that more is accepted than the slow receiver takes at once: work is left when the process dies.
        let event =
            |item: u64| json!({"type": "payment.success", "data": {"paymentId": format!("{sender}-{number}-{item}")}});
        let body: Vec<Value> = (0..10).map(event).collect();
        let Ok(answer) = client.post(&url).bearer_auth(&key).json(&body).send().await else { break };
        if answer.status() != 202 {
            continue;
        }
        let Ok(body) = answer.json::<Value>().await else { break };
        let ids = body["data"].as_array().into_iter().flatten();
        accepted.extend(ids.filter_map(|event| event["id"].as_str().map(str::to_owned)));
    }
    accepted
}

on_both! {
    async fn nothing_accepted_is_lost(hub: &mut Hub) {
        let partner = hub.make_partner("Tahan Banting").await;
        let integration = hub.make_integration(&partner, "xendit").await;
        let id = integration["id"].as_str().expect("an id").to_owned();
        hub.make_webhook(&id, "ledger").await;
        hub.simulator.receiver_behaves("ledger", simpul_simulator::Behaviour::Slow(Some(Duration::from_millis(20))));
        let mut accepted: BTreeSet<String> = BTreeSet::new();
        let mut received: BTreeSet<String> = BTreeSet::new();
        let mut total = 0;
        for round in 0..ROUNDS {
            let url = format!("{}/api/admin/integrations/{id}/events", hub.base);
            let senders: Vec<_> = (0..TASKS)
                .map(|task| tokio::spawn(send_until_killed(hub.client.clone(), url.clone(), hub.key.clone(), format!("{round}-{task}"))))
                .collect();
            tokio::time::sleep(Duration::from_millis(300 + 200 * round)).await;
            hub.kill();
            for sender in senders {
                accepted.extend(sender.await.expect("ran"));
            }
            total += collect(hub, &mut received);
            hub.restart();
        }
        // A dead node's leases on PostgreSQL run for a minute before another may take them.
        let end = Instant::now() + Duration::from_secs(100);
        while !accepted.is_subset(&received) && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(100)).await;
            total += collect(hub, &mut received);
        }
        let lost = accepted.difference(&received).count();
        println!("accepted {}, received {total}, lost {lost}, duplicates {}", accepted.len(), total - received.len());
        assert!(accepted.len() > 50, "the work was under way: {}", accepted.len());
        assert_eq!(lost, 0);
        let health = hub.send(Method::GET, "/readyz", None).await;
        assert_eq!(health.status, 200);
    }
}

/// Takes what the receiver has seen since the last look; answers how many requests that was.
fn collect(hub: &Hub, received: &mut BTreeSet<String>) -> usize {
    let requests = hub.simulator.received("ledger");
    hub.simulator.forget_received("ledger");
    received.extend(requests.iter().filter_map(|request| request.header("webhook-id")).map(str::to_owned));
    requests.len()
}
