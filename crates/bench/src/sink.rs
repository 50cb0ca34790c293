//! The receiver of webhooks: it reads each request, notes which event came where and when, and answers.
//!
//! It runs on a thread of its own and does as little as it can, since it shares the machine with what is measured: a
//! record is pushed to a list that has its room already; duplicates are sorted out by the ledger afterwards.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::connection::{Target, read};
use crate::failure::{Failure, Result};

/// How one receiver, `/<its number>`, answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Behaviour {
    /// 200 at once.
    Accept,
    /// 200 after this long.
    After(Duration),
    /// 500 to every n-th request, 200 to the others.
    FailEvery(u64),
    /// As Simpul answers an event: 202 with its id.
    Echo,
}

/// One request that came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) event: u128,
    pub(crate) receiver: u16,
    pub(crate) at: Instant,
}

struct Shared {
    behaviours: Vec<Behaviour>,
    arrivals: Option<Mutex<Vec<Arrival>>>,
    count: AtomicU64,
}

/// A running sink; it ends when dropped.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Sink {
    /// Starts one that records, with room for about `expected` arrivals.
    pub(crate) fn recording(behaviours: Vec<Behaviour>, expected: usize) -> Result<Self> {
        Self::start(behaviours, Some(Mutex::new(Vec::with_capacity(expected + expected / 8))))
    }

    /// Starts one that only counts.
    pub(crate) fn counting(behaviours: Vec<Behaviour>) -> Result<Self> {
        Self::start(behaviours, None)
    }

    fn start(behaviours: Vec<Behaviour>, arrivals: Option<Mutex<Vec<Arrival>>>) -> Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { behaviours, arrivals, count: AtomicU64::new(0) });
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("sink".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                runtime.block_on(async move {
                    tokio::select! {
                        () = listen(listener, shared) => {}
                        _ = stopped => {}
                    }
                });
            }
        })?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    pub(crate) fn target(&self) -> Target {
        Target::new(self.address)
    }

    /// The address of a receiver, as a webhook's URL.
    pub(crate) fn url(&self, receiver: usize) -> String {
        format!("http://{}/{receiver}", self.address)
    }

    /// Requests so far, repeated ones included.
    pub(crate) fn count(&self) -> u64 {
        self.shared.count.load(Ordering::Acquire)
    }

    /// The requests from the given position on, in their order.
    pub(crate) fn arrivals_from(&self, position: usize) -> Vec<Arrival> {
        let Some(arrivals) = &self.shared.arrivals else { return Vec::new() };
        let held = arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(position..).unwrap_or_default().to_vec()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // The thread's runtime ends with the sender.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

async fn listen(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        // A connection that is gone before it is taken is its sender's affair.
        let Ok((stream, _)) = listener.accept().await else { continue };
        tokio::spawn(serve(stream, Arc::clone(&shared)));
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(|request| answer(request, &shared));
    // The senders keep their own account of connections that broke.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

async fn answer(request: Request<Incoming>, shared: &Shared) -> Result<Response<String>> {
    let receiver: u16 = request.uri().path().trim_start_matches('/').parse().unwrap_or(0);
    let id = request.headers().get("webhook-id").and_then(|id| Uuid::try_parse_ascii(id.as_bytes()).ok());
    read(request.into_body()).await?;
    let event = id.map_or(0, |id| id.as_u128());
    if let Some(arrivals) = &shared.arrivals {
        let arrival = Arrival { event, receiver, at: Instant::now() };
        arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(arrival);
    }
    let number = shared.count.fetch_add(1, Ordering::AcqRel) + 1;
    let behaviour = shared.behaviours.get(usize::from(receiver));
    let behaviour = behaviour.ok_or_else(|| Failure::told("a request came for a receiver that there is not"))?;
    let (status, body) = match *behaviour {
        Behaviour::Accept => (200, String::new()),
        Behaviour::After(wait) => {
            tokio::time::sleep(wait).await;
            (200, String::new())
        }
        Behaviour::FailEvery(share) => (if number.is_multiple_of(share) { 500 } else { 200 }, String::new()),
        Behaviour::Echo => (202, format!(r#"{{"success":true,"data":{{"id":"{}"}}}}"#, Uuid::from_u128(event))),
    };
    Ok(Response::builder().status(status).body(body)?)
}
