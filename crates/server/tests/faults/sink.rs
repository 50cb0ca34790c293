//! A receiver of webhooks that notes what came, and can be told to be slow or broken, or be stopped and started again.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::ports;

/// Bytes of a delivery; more would be a fault of Simpul.
const BODY: usize = 1 << 20;

/// How the receiver at one path answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Behaviour {
    /// 200 after this long.
    After(Duration),
    /// 200, at once except for one in so many, which takes this long.
    SlowEvery(usize, Duration),
    /// This status.
    Status(u16),
}

/// A delivery that was answered 200.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) path: String,
    pub(crate) id: String,
    /// When it came, not when it was answered.
    pub(crate) at: Instant,
}

#[derive(Default)]
struct Shared {
    arrivals: Mutex<Vec<Arrival>>,
    /// Requests by path, whatever was answered.
    requests: Mutex<HashMap<String, usize>>,
    behaviours: Mutex<HashMap<String, Behaviour>>,
}

/// A running sink; it answers 200 wherever nothing else was said.
pub(crate) struct Sink {
    port: u16,
    shared: Arc<Shared>,
    running: Option<JoinHandle<()>>,
}

impl Sink {
    pub(crate) async fn start() -> Self {
        let mut sink = Self { port: ports::free(), shared: Arc::default(), running: None };
        sink.start_again().await;
        sink
    }

    /// Listens again on the same port.
    pub(crate) async fn start_again(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.expect("the sink's port is free");
        self.running = Some(tokio::spawn(listen(listener, Arc::clone(&self.shared))));
    }

    /// Closes its port and every connection.
    pub(crate) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            drop(running.await);
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    pub(crate) fn behaves(&self, path: &str, behaviour: Behaviour) {
        self.shared.behaviours.lock().expect("not poisoned").insert(path.to_owned(), behaviour);
    }

    /// Everything that was answered 200 at this path, in the order in which it came.
    pub(crate) fn arrivals(&self, path: &str) -> Vec<Arrival> {
        let held = self.shared.arrivals.lock().expect("not poisoned");
        let mut arrivals: Vec<Arrival> = held.iter().filter(|arrival| arrival.path == path).cloned().collect();
        arrivals.sort_by_key(|arrival| arrival.at);
        arrivals
    }

    /// Requests to this path so far, whatever was answered.
    pub(crate) fn requests(&self, path: &str) -> usize {
        self.shared.requests.lock().expect("not poisoned").get(path).copied().unwrap_or_default()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, and the connections with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            taken = listener.accept() => {
                let Ok((stream, _)) = taken else { continue };
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    let service = service_fn(|request| answer(request, &shared));
                    // A sender that was killed breaks its connections off.
                    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(request: Request<Incoming>, shared: &Shared) -> Result<Response<String>, Infallible> {
    let at = Instant::now();
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let id = request.headers().get("webhook-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let body = axum::body::to_bytes(Body::new(request.into_body()), BODY).await;
    let number = {
        let mut requests = shared.requests.lock().expect("not poisoned");
        let count = requests.entry(path.clone()).or_default();
        *count += 1;
        *count
    };
    let behaviour = shared.behaviours.lock().expect("not poisoned").get(&path).copied();
    let status = match behaviour {
        None => 200,
        Some(Behaviour::After(wait)) => {
            tokio::time::sleep(wait).await;
            200
        }
        Some(Behaviour::SlowEvery(share, wait)) => {
            if number.is_multiple_of(share) {
                tokio::time::sleep(wait).await;
            }
            200
        }
        Some(Behaviour::Status(status)) => status,
    };
    if status == 200
        && body.is_ok()
        && let Some(id) = id
    {
        shared.arrivals.lock().expect("not poisoned").push(Arrival { path, id, at });
    }
    Ok(Response::builder().status(status).body(String::new()).expect("a response"))
}
