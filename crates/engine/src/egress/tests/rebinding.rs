//! Names that change what they resolve to, or resolve to several things at once.

use std::net::SocketAddr;

use simpul_core::error_type::ErrorType;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use super::world::*;

async fn close_after_answer(mut stream: TcpStream, _: usize) {
    read_request(&mut stream).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
}

async fn keep_alive(mut stream: TcpStream, _: usize) {
    while read_request(&mut stream).await.is_some() {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
    }
}

fn on_loopback(receiver: &Receiver) -> SocketAddr {
    SocketAddr::new("127.0.0.1".parse().unwrap(), receiver.address.port())
}

#[tokio::test]
async fn a_name_that_turns_to_loopback_is_refused_at_the_next_connection() {
    let receiver = Receiver::start(close_after_answer).await;
    let inside = Receiver::at(on_loopback(&receiver), keep_alive).await;
    let egress = egress(names().with(NAME, &[&[PUBLIC], &["127.0.0.1"]]));
    assert_eq!(answer(egress.exchange(get(receiver.url("http"), SECOND), 10).await).status, 200);
    let second = egress.exchange(get(receiver.url("http"), SECOND), 10).await;
    fails(&second, ErrorType::BlockedAddress);
    assert_eq!((receiver.connections(), inside.connections()), (1, 0));
}

#[tokio::test]
async fn a_kept_connection_stays_at_the_address_that_was_judged() {
    let receiver = Receiver::start(keep_alive).await;
    let inside = Receiver::at(on_loopback(&receiver), keep_alive).await;
    let egress = egress(names().with(NAME, &[&[PUBLIC], &["127.0.0.1"]]));
    for _ in 0..3 {
        let exchange = egress.exchange(get(receiver.url("http"), SECOND), 10).await;
        assert_eq!(exchange.remote_address, Some(receiver.address));
        assert_eq!(answer(exchange).status, 200);
    }
    assert_eq!((receiver.connections(), inside.connections()), (1, 0));
}

#[tokio::test]
async fn of_a_mixed_answer_only_the_permitted_addresses_are_used() {
    let receiver = Receiver::start(keep_alive).await;
    let inside = Receiver::at(on_loopback(&receiver), keep_alive).await;
    let egress = egress(names().with(NAME, &[&["10.0.0.1", "127.0.0.1", "::1", PUBLIC, "169.254.169.254"]]));
    let exchange = egress.exchange(get(receiver.url("http"), SECOND), 10).await;
    assert_eq!(exchange.remote_address, Some(receiver.address));
    assert_eq!(answer(exchange).status, 200);
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn addresses_that_refuse_or_swallow_leave_time_for_the_next() {
    let receiver = Receiver::start(keep_alive).await;
    let port = receiver.address.port();
    // A listener that accepts nothing: once its queue is full, the system drops what else arrives.
    let hole = TcpSocket::new_v4().unwrap();
    hole.bind(format!("127.0.0.4:{port}").parse().unwrap()).unwrap();
    let hole = hole.listen(1).unwrap();
    let mut filling = Vec::new();
    for _ in 0..4 {
        let connect = TcpStream::connect(hole.local_addr().unwrap());
        filling.push(tokio::time::timeout(SECOND / 5, connect).await);
    }
    let policy = crate::address::Policy::new(vec!["127.0.0.2/31".parse().unwrap(), "127.0.0.4/32".parse().unwrap()]);
    let names = names().with(NAME, &[&["127.0.0.3", "127.0.0.4", PUBLIC]]);
    let egress = super::super::Egress::with_resolver(policy, None, std::sync::Arc::new(names)).unwrap();
    let exchange = egress.exchange(get(receiver.url("http"), SECOND * 2), 10).await;
    assert_eq!(exchange.remote_address, Some(receiver.address));
    let connect = exchange.timings.connect.unwrap();
    assert!(connect > SECOND / 2 && connect < SECOND * 3 / 2, "the hole has its share of the time: {connect:?}");
    assert_eq!(answer(exchange).status, 200);
}
