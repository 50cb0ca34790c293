//! HTTP/2: chosen in the handshake, shared by many requests, given up when it is dead.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use simpul_core::error_type::ErrorType;
use tokio::time::sleep;

use super::world::*;

/// Answers on every connection but the first `dead`, which take requests and say nothing.
async fn over_http2(authority: &Authority, dead: usize, size: usize) -> Receiver {
    let acceptor = authority.certificate(NAME, &["h2", "http/1.1"]);
    Receiver::start(move |stream, number| {
        let acceptor = acceptor.clone();
        async move {
            let stream = acceptor.accept(stream).await.unwrap();
            let service = service_fn(move |request: Request<Incoming>| async move {
                assert_eq!(request.version(), http::Version::HTTP_2);
                sleep(Duration::from_millis(20)).await;
                if number < dead {
                    sleep(SECOND * 10).await;
                }
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(vec![b'x'; size]))))
            });
            // The client may leave at any time.
            hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await
                .ok();
        }
    })
    .await
}

#[tokio::test]
async fn many_requests_share_one_connection_and_one_of_them_tells_its_stages() {
    let authority = Authority::new();
    let receiver = over_http2(&authority, 0, 2).await;
    let egress = trusting(&authority);
    let first = egress.exchange(delivery(receiver.url("https"), SECOND), 10).await;
    assert!(first.timings.dns.is_some() && first.timings.tls.is_some());
    assert_eq!(first.remote_address, Some(receiver.address));
    assert_eq!(answer(first).body, b"xx");
    let ask = || egress.exchange(delivery(receiver.url("https"), SECOND), 10);
    for exchange in <[_; 4]>::from(tokio::join!(ask(), ask(), ask(), ask())) {
        assert_eq!((exchange.timings.dns, exchange.timings.connect, exchange.timings.tls), (None, None, None));
        assert_eq!(exchange.remote_address, Some(receiver.address));
        assert_eq!(answer(exchange).status, 200);
    }
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn requests_that_start_together_are_all_answered() {
    let authority = Authority::new();
    let receiver = over_http2(&authority, 0, 2).await;
    let egress = trusting(&authority);
    let ask = || egress.exchange(delivery(receiver.url("https"), SECOND), 10);
    let all = <[_; 4]>::from(tokio::join!(ask(), ask(), ask(), ask()));
    let own = all.iter().filter(|exchange| exchange.timings.tls.is_some()).count();
    assert!((1..=receiver.connections()).contains(&own), "{own}");
    for exchange in all {
        assert_eq!(answer(exchange).status, 200);
    }
    let next = egress.exchange(delivery(receiver.url("https"), SECOND), 10).await;
    assert!(next.timings.tls.is_none());
}

#[tokio::test]
async fn a_large_body_is_cut_and_the_connection_goes_on() {
    let authority = Authority::new();
    let receiver = over_http2(&authority, 0, 10 << 20).await;
    let egress = trusting(&authority);
    for _ in 0..5 {
        let exchange = egress.exchange(delivery(receiver.url("https"), SECOND * 2), 1000).await;
        assert!(exchange.timings.total < SECOND, "{:?}", exchange.timings);
        let response = answer(exchange);
        assert_eq!((response.body.len(), response.truncated), (1000, true));
    }
}

#[tokio::test]
async fn a_connection_without_an_answer_is_not_used_again() {
    let authority = Authority::new();
    let receiver = over_http2(&authority, 1, 2).await;
    let egress = trusting(&authority);
    let exchange = egress.exchange(delivery(receiver.url("https"), SECOND / 2), 10).await;
    fails(&exchange, ErrorType::Timeout);
    assert!(exchange.timings.tls.is_some());
    let exchange = egress.exchange(delivery(receiver.url("https"), SECOND), 10).await;
    assert!(exchange.timings.tls.is_some());
    assert_eq!(answer(exchange).status, 200);
    assert_eq!(receiver.connections(), 2);
}
