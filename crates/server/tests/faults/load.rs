//! Senders that retry with idempotency keys, as the guide asks of clients, on whichever node answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::ledger::Shared;
use crate::world::World;

/// A request that takes longer hangs.
const HANGS: Duration = Duration::from_secs(20);
/// A client that has retried for so long gives up.
const PATIENCE: Duration = Duration::from_secs(120);
/// Before another node, or the same once more, is asked after a broken connection.
const AGAIN: Duration = Duration::from_millis(50);

/// One client.
#[derive(Clone)]
pub(crate) struct Sender {
    client: reqwest::Client,
    key: String,
    urls: Vec<String>,
    ledger: Shared,
}

/// How the senders go about it.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) senders: usize,
    /// Between two requests of one sender.
    pub(crate) pause: Duration,
    /// Events of every other request; the rest are single.
    pub(crate) list: usize,
    /// Bytes in each event beside the necessary.
    pub(crate) filling: usize,
}

/// Senders at work.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    senders: JoinSet<()>,
}

impl Sender {
    pub(crate) fn new(world: &World, integration: &str, ledger: &Shared) -> Self {
        let urls = world
            .nodes
            .iter()
            .map(|node| format!("{}/api/admin/integrations/{integration}/events", node.base))
            .collect();
        Self { client: world.client.clone(), key: world.key.clone(), urls, ledger: ledger.clone() }
    }

    /// Knows only so many of the nodes.
    pub(crate) fn keep_to(&mut self, nodes: usize) {
        self.urls.truncate(nodes);
    }

    /// Sends until it is accepted, starting at the node of that number; `false` when it had to give up.
    pub(crate) async fn send(&self, first: usize, body: &Value, meant_for: Instant) -> bool {
        let begun = Instant::now();
        for attempt in 0.. {
            if begun.elapsed() > PATIENCE {
                break;
            }
            let url = &self.urls[(first + attempt) % self.urls.len()];
            if let Some(wait) = self.try_once(url, body, meant_for).await {
                sleep(wait).await;
            } else {
                return true;
            }
        }
        self.ledger.with(|ledger| ledger.abandoned += 1);
        false
    }

    /// `None` when it was accepted, else how long to wait.
    async fn try_once(&self, url: &str, body: &Value, meant_for: Instant) -> Option<Duration> {
        let begun = Instant::now();
        let request = self.client.post(url).bearer_auth(&self.key).json(body).timeout(HANGS);
        let answer = match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                let after = response.headers().get("retry-after").and_then(|after| after.to_str().ok()?.parse().ok());
                response.text().await.map(|text| (status, after.map(Duration::from_secs), text))
            }
            Err(error) => Err(error),
        };
        self.ledger.with(|ledger| {
            ledger.longest = ledger.longest.max(begun.elapsed());
            let (status, after, text) = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    *if error.is_timeout() { &mut ledger.hung } else { &mut ledger.broken } += 1;
                    return Some(AGAIN);
                }
            };
            *ledger.statuses.entry(status).or_default() += 1;
            match (status, after) {
                (202, _) => {
                    let body: Value = serde_json::from_str(&text).expect("JSON");
                    let list = body["data"].as_array().cloned().unwrap_or_else(|| vec![body["data"].clone()]);
                    let ids = list.iter().map(|event| event["id"].as_str().expect("an id").to_owned());
                    ledger.accepted.extend(ids.map(|id| (id, meant_for)));
                    return None;
                }
                (503, None) => ledger.bare += 1,
                (503, Some(_)) => {}
                _ => ledger.surprise = Some(format!("{status}: {text}")),
            }
            Some(after.unwrap_or(AGAIN).min(Duration::from_secs(1)))
        })
    }
}

impl Load {
    pub(crate) fn start(sender: &Sender, plan: Plan) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut senders = JoinSet::new();
        for number in 0..plan.senders {
            let (sender, stop) = (sender.clone(), Arc::clone(&stop));
            senders.spawn(async move {
                let mut count = 0;
                while !stop.load(Ordering::Acquire) {
                    let size = if count % 2 == 0 { plan.list } else { 1 };
                    sender.send(number, &events(size, plan.filling), Instant::now()).await;
                    count += 1;
                    sleep(plan.pause).await;
                }
            });
        }
        Self { stop, senders }
    }

    /// Single events at a steady rate, each sent at its time whether or not those before it were answered.
    pub(crate) fn steady(sender: &Sender, every: Duration) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut senders = JoinSet::new();
        let (sender, stopping) = (sender.clone(), Arc::clone(&stop));
        senders.spawn(async move {
            let mut under_way = JoinSet::new();
            let mut turn = Instant::now();
            while !stopping.load(Ordering::Acquire) {
                let (sender, meant_for) = (sender.clone(), turn);
                under_way.spawn(async move { sender.send(0, &events(1, 0), meant_for).await });
                turn += every;
                tokio::time::sleep_until(turn.into()).await;
            }
            under_way.join_all().await;
        });
        Self { stop, senders }
    }

    /// Asks the senders to stop; each goes on until what it has in hand is accepted.
    pub(crate) async fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.senders.join_all().await;
    }
}

/// As many events as asked for, each with a key of its own: a list, or one alone.
pub(crate) fn events(size: usize, filling: usize) -> Value {
    let event = |_| {
        let key = format!("{:032x}", rand::random::<u128>());
        json!({"type": "payment.success", "data": {"paymentId": key, "note": "x".repeat(filling)}, "idempotencyKey": key})
    };
    if size == 1 { event(0) } else { (0..size).map(event).collect() }
}
