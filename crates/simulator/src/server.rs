//! The HTTP side: finds the stand-in or receiver that a request is for, and puts faults between it and the wire.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use simpul_core::integration::Mode;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use crate::accounts::{self, Account, Situation};
use crate::exchange::{Answer, Call};
use crate::ledger::Ledger;
use crate::notify::Notification;
use crate::providers::{StandIn, Visit, mounted};
use crate::receiver::{ReceivedRequest, Receivers, Reply};
use crate::scenario::{Fault, common_answer};
use crate::wire::{BreakableListener, Breaker};
use crate::{Settings, control, locked};

/// Larger requests are refused; the hub's own limit for batches is 4 MiB.
const MAXIMUM_BODY: usize = 8 * 1024 * 1024;
/// How much of a truncated answer gets out: its head and some of its body.
const TRUNCATED_AFTER: usize = 2_000;

/// What all requests share.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) stopping: watch::Receiver<bool>,
    pub(crate) faults: Mutex<BTreeMap<String, Fault>>,
    pub(crate) calls: Mutex<BTreeMap<String, u64>>,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) receivers: Mutex<Receivers>,
    /// Wakes those who wait for a receiver's next request.
    pub(crate) arrival: Notify,
    serial: AtomicU64,
}

impl World {
    pub(crate) fn new(settings: Settings, stopping: watch::Receiver<bool>) -> Self {
        Self {
            settings,
            stopping,
            faults: Mutex::default(),
            calls: Mutex::default(),
            ledger: Mutex::default(),
            receivers: Mutex::default(),
            arrival: Notify::new(),
            serial: AtomicU64::new(1),
        }
    }

    /// Sleeps, or less when the simulator is stopped meanwhile.
    pub(crate) async fn pause(&self, time: Option<Duration>) {
        tokio::select! {
            () = tokio::time::sleep(time.unwrap_or(self.settings.slow)) => {}
            () = self.stopped() => {}
        }
    }

    pub(crate) async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that the simulator's handle was dropped, which is no order to stop.
        if stopping.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub(crate) fn count_call(&self, provider: &str) {
        *locked(&self.calls).entry(provider.to_owned()).or_default() += 1;
    }

    /// Makes true what a notification says.
    pub(crate) fn record(&self, notification: &Notification) {
        if let Some(entry) = &notification.record {
            let ids: Vec<&str> = entry.ids.iter().map(String::as_str).collect();
            locked(&self.ledger).put(entry.collection, &ids, entry.object.clone());
        }
    }

    pub(crate) fn fault(&self, provider: &str) -> Option<Fault> {
        locked(&self.faults).get(provider).copied()
    }
}

/// Serves until the world is stopped.
pub(crate) async fn serve(listener: TcpListener, world: Arc<World>) {
    let application = Router::new().fallback(handle).with_state(Arc::clone(&world));
    let service = application.into_make_service_with_connect_info::<Breaker>();
    let stop = async move { world.stopped().await };
    // axum's serve never returns an error (its documentation says so); the listener waits accept errors out.
    axum::serve(BreakableListener(listener), service).with_graceful_shutdown(stop).await.unwrap_or_default();
}

async fn handle(
    State(world): State<Arc<World>>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAXIMUM_BODY).await else {
        return respond(Answer::text(413, "text/plain", "too large"));
    };
    let path = parts.uri.path().trim_start_matches('/');
    let (segment, rest) = path.split_once('/').unwrap_or((path, ""));
    let call = Call {
        method: parts.method.as_str().to_owned(),
        path: format!("/{rest}"),
        query: parts.uri.query().unwrap_or("").to_owned(),
        headers: parts.headers,
        body: body.to_vec(),
    };
    if segment == "receiver" {
        return receive(&world, &breaker, rest, call).await;
    }
    if let "slack" | "telegram" = segment {
        return chat(&world, segment, call);
    }
    if segment == "control" {
        return respond(control::answer(&world, &call));
    }
    match mounted(segment) {
        Some((stand_in, variant)) => simulate(&world, &breaker, stand_in, variant, &call).await,
        None => respond(Answer::text(404, "text/plain", "The simulator has no such provider.")),
    }
}

async fn simulate(
    world: &World,
    breaker: &Breaker,
    stand_in: &'static StandIn,
    variant: &str,
    call: &Call,
) -> Response {
    world.count_call(stand_in.slug);
    let account = accounts::of(stand_in.slug).find(|account| (stand_in.carries)(call, account));
    let asked = if account.is_none() { Fault::in_credential(&(stand_in.credential)(call)) } else { None };
    let fault = world.fault(stand_in.slug).or(asked);
    let account = account.or_else(|| stand_in_account(stand_in.slug, fault));
    let now = world.settings.clock.now();
    match fault {
        Some(Fault::RateLimited { retry_after_seconds }) => {
            return respond((stand_in.rate_limited)(now).with("retry-after", retry_after_seconds.to_string()));
        }
        Some(Fault::ServerError) => return respond((stand_in.server_error)()),
        Some(Fault::ErrorInside) => return respond((stand_in.error_inside)()),
        Some(Fault::Cut) => breaker.break_after(0),
        Some(Fault::Truncated) => breaker.break_after(TRUNCATED_AFTER),
        Some(Fault::Slow(time)) => world.pause(time).await,
        _ => {}
    }
    if let Some(answer) = fault.and_then(common_answer) {
        return respond(answer);
    }
    let situation = match (fault, account) {
        (Some(Fault::Account(situation)), Some(_)) => situation,
        (_, Some(account)) => account.situation,
        (_, None) => Situation::WrongKey,
    };
    let serial = world.serial.fetch_add(1, Ordering::Relaxed);
    respond((stand_in.answer)(&Visit { call, account, situation, variant, ledger: &world.ledger, serial }))
}

/// A key that only asks for a slow answer gets a right one in the end.
fn stand_in_account(provider: &str, fault: Option<Fault>) -> Option<&'static Account> {
    matches!(fault, Some(Fault::Slow(_))).then(|| accounts::right(provider, Mode::Sandbox)).flatten()
}

/// Answers as the chat does, and keeps what was said with the receivers: `slack/<hook>` and `telegram/<token>`.
fn chat(world: &World, segment: &str, call: Call) -> Response {
    world.count_call(segment);
    let (name, answer) = crate::chat::answer(segment, &call, world.fault(segment));
    let request = ReceivedRequest {
        method: call.method,
        path: format!("/{segment}{}", call.path),
        headers: header_list(&call.headers),
        body: call.body,
        received_at: world.settings.clock.now(),
        verified: None,
        answered: answer.status,
    };
    locked(&world.receivers).take(&name, request);
    world.arrival.notify_waiters();
    respond(answer)
}

async fn receive(world: &World, breaker: &Breaker, name: &str, call: Call) -> Response {
    let request = ReceivedRequest {
        method: call.method,
        path: format!("/receiver/{name}"),
        headers: header_list(&call.headers),
        body: call.body,
        received_at: world.settings.clock.now(),
        verified: None,
        answered: 0,
    };
    let reply = locked(&world.receivers).take(name, request);
    world.arrival.notify_waiters();
    let status = match reply {
        Reply::Status(status) => status,
        Reply::RetryAfter(seconds) => {
            return respond(Answer::text(503, "text/plain", "").with("retry-after", seconds.to_string()));
        }
        Reply::Slow(time) => {
            world.pause(time).await;
            200
        }
        Reply::Redirect => {
            return respond(Answer::text(307, "text/plain", "").with("location", format!("/receiver/{name}-moved")));
        }
        Reply::Cut => {
            breaker.break_after(0);
            200
        }
    };
    respond(Answer::text(status, "text/plain", ""))
}

fn header_list(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    response
}
