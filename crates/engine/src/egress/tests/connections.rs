//! Kept connections: used again, measured once, and no failure when the receiver had closed them.

use std::time::Duration;

use simpul_core::error_type::ErrorType;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::world::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

async fn keep_alive(mut stream: TcpStream, _: usize) {
    while read_request(&mut stream).await.is_some() {
        stream.write_all(OK).await.unwrap();
    }
}

#[tokio::test]
async fn the_stages_are_told_by_the_exchange_that_opened_the_connection_alone() {
    let receiver = Receiver::start(keep_alive).await;
    let egress = egress(names());
    let first = egress.exchange(delivery(receiver.url("http"), SECOND), 10).await;
    let timings = first.timings;
    let (dns, connect, head) = (timings.dns.unwrap(), timings.connect.unwrap(), timings.first_byte.unwrap());
    assert!(dns >= Duration::from_millis(5) && timings.tls.is_none());
    assert!(dns + connect <= head && head <= timings.total, "{timings:?}");
    let second = egress.exchange(delivery(receiver.url("http"), SECOND), 10).await.timings;
    assert_eq!((second.dns, second.connect, second.tls), (None, None, None));
    assert!(second.first_byte.unwrap() <= second.total);
    let literal = egress.exchange(get(format!("http://{}/", receiver.address), SECOND), 10).await.timings;
    assert!(literal.dns.is_none() && literal.connect.is_some());
    assert_eq!(receiver.connections(), 2);
}

/// While B waits for its own connection, A's becomes free and B takes it; B's connection is left for C.
#[tokio::test]
async fn a_connection_opened_for_another_exchange_is_not_told_as_its_own() {
    let authority = Authority::new();
    let acceptor = authority.certificate(NAME, &[]);
    let receiver = Receiver::start(move |stream, number| {
        let acceptor = acceptor.clone();
        async move {
            if number == 1 {
                sleep(Duration::from_millis(300)).await;
            }
            let mut stream = acceptor.accept(stream).await.unwrap();
            while read_request(&mut stream).await.is_some() {
                sleep(Duration::from_millis(100)).await;
                stream.write_all(OK).await.unwrap();
            }
        }
    })
    .await;
    let egress = trusting(&authority);
    let ask = || egress.exchange(delivery(receiver.url("https"), SECOND), 10);
    let (a, b) = tokio::join!(ask(), async {
        sleep(Duration::from_millis(50)).await;
        ask().await
    });
    assert!(a.timings.tls.is_some());
    assert_eq!((b.timings.dns, b.timings.connect, b.timings.tls), (None, None, None));
    sleep(Duration::from_millis(300)).await;
    let (c, d) = tokio::join!(ask(), ask());
    for exchange in [c, d] {
        assert_eq!((exchange.timings.connect, exchange.timings.tls), (None, None));
        assert_eq!(exchange.remote_address, Some(receiver.address));
        assert_eq!(answer(exchange).status, 200);
    }
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn a_receiver_that_closes_after_each_answer_without_saying_so_never_fails() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(OK).await.unwrap();
    })
    .await;
    let egress = egress(names());
    for round in 0..100 {
        let exchange = egress.exchange(delivery(receiver.url("http"), SECOND), 10).await;
        assert_eq!(answer(exchange).status, 200, "round {round}");
        if round % 10 == 0 {
            sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The same with a client that is too busy to notice: a request is given to a connection that is closed already. It comes
/// back unwritten and goes out on another, though it carries no id by which a repetition would be known.
#[tokio::test]
async fn a_connection_that_was_closed_unnoticed_is_no_failure() {
    let listener = std::net::TcpListener::bind(format!("{PUBLIC}:0")).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::io::Read::read(&mut stream, &mut [0; 4096]).unwrap();
            std::io::Write::write_all(&mut stream, OK).unwrap();
        }
    });
    let egress = egress(names());
    for round in 0..20 {
        let mut payment = delivery(&url, SECOND);
        payment.headers.clear();
        assert_eq!(answer(egress.exchange(payment, 10).await).status, 200, "round {round}");
        // Blocks the only thread, so that nothing can see the end of the connection.
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Closes a kept connection just when the second request is on its way: it was written, and nobody reads it.
async fn deaf_to_the_second(mut stream: TcpStream, _: usize) {
    read_request(&mut stream).await.unwrap();
    stream.write_all(OK).await.unwrap();
    read_request(&mut stream).await;
}

#[tokio::test]
async fn what_breaks_off_on_a_kept_connection_is_repeated_once_where_that_does_no_harm() {
    let receiver = Receiver::start(deaf_to_the_second).await;
    let egress = egress(names());
    let url = receiver.url("http");
    assert_eq!(answer(egress.exchange(delivery(&url, SECOND), 10).await).status, 200);
    let repeated = egress.exchange(delivery(&url, SECOND), 10).await;
    assert!(repeated.timings.connect.is_some(), "the repetition opened a connection of its own");
    assert_eq!((answer(repeated).status, receiver.connections()), (200, 2));

    assert_eq!(answer(egress.exchange(get(&url, SECOND), 10).await).status, 200);
    let mut payment = delivery(&url, SECOND);
    payment.headers.clear();
    let refused = egress.exchange(payment, 10).await;
    fails(&refused, ErrorType::ConnectionReset);
    assert_eq!((refused.timings.connect, refused.remote_address), (None, Some(receiver.address)));
    assert_eq!(receiver.connections(), 3);
}

#[tokio::test]
async fn what_breaks_off_on_a_new_connection_is_not_repeated() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await;
    })
    .await;
    let exchange = egress(names()).exchange(delivery(receiver.url("http"), SECOND), 10).await;
    fails(&exchange, ErrorType::ConnectionReset);
    assert_eq!(exchange.remote_address, Some(receiver.address));
    assert!(exchange.timings.connect.is_some() && exchange.timings.first_byte.is_none());
    assert_eq!(receiver.connections(), 1);
}
