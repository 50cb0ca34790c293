//! Takes connections in, within bounds that a hostile or broken client cannot stretch, and lets them finish at the stop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;

/// Connections open at once; more wait to be taken in.
const CONNECTIONS: usize = 10_000;
/// Header lines of a request; more are a 431.
const HEADERS: usize = 100;
/// Bytes of a request's headers; more are a 431.
const HEADER_BYTES: usize = 64 * 1024;
/// How long the headers of a request may take to arrive; also how long a kept connection may stay idle, so it is longer than
/// the minute that clients usually keep one.
const HEADER_TIME: Duration = Duration::from_secs(65);
/// How long requests in hand may take once the process is asked to stop.
const STOP_TIME: Duration = Duration::from_secs(30);
/// A pause after a connection could not be taken in, as when the process is out of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers connections until `stopping` turns true and the requests in hand are answered, or 30 seconds have passed.
pub async fn serve(listener: TcpListener, router: Router, mut stopping: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let taken = tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => break,
            taken = take(&listener, &places) => taken,
        };
        let Some((stream, peer, place)) = taken else { continue };
        let connection = graceful.watch(connection(stream, peer, router.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(STOP_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished within 30 seconds of the stop");
    }
}

type Taken = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

async fn take(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<Taken> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(error = %error, "a connection could not be set up");
            }
            Some((stream, peer, place))
        }
        Err(error) => {
            tracing::warn!(error = %error, "a connection could not be taken in");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    let service = service_fn(move |request: http::Request<Incoming>| {
        let router = router.clone();
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let response: Result<Response, Infallible> = router.oneshot(request).await;
            response
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_headers(HEADERS)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
}
