//! Receivers that misbehave: each is told apart, bounded in time and memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use simpul_core::error_type::ErrorType;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

use super::world::*;

/// Closes with a reset instead of an orderly end.
fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
    drop(stream);
}

/// Sends `head`, then `again` until nobody takes it any more, and counts the bytes.
async fn endless(head: &'static str, again: &'static str) -> (Receiver, Arc<AtomicUsize>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let receiver = Receiver::start(move |mut stream, _| {
        let counter = Arc::clone(&counter);
        async move {
            read_request(&mut stream).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            while stream.write_all(again.as_bytes()).await.is_ok() {
                counter.fetch_add(again.len(), Ordering::SeqCst);
            }
        }
    })
    .await;
    (receiver, sent)
}

#[tokio::test]
async fn nothing_listens() {
    let listener = TcpListener::bind(format!("{PUBLIC}:0")).await.unwrap();
    let url = format!("http://{NAME}:{}/", listener.local_addr().unwrap().port());
    drop(listener);
    let exchange = egress(names()).exchange(delivery(url, SECOND), 10).await;
    fails(&exchange, ErrorType::ConnectionRefused);
    assert!(exchange.timings.dns.is_some() && exchange.timings.connect.is_none());
    assert_eq!(exchange.remote_address, None);
}

#[tokio::test]
async fn a_name_that_is_unknown_and_one_that_nobody_answers_for() {
    let egress = egress(names().with("slow.test", &[&[]]));
    let exchange = egress.exchange(delivery("http://unknown.test/", SECOND), 10).await;
    fails(&exchange, ErrorType::DnsError);
    assert!(exchange.timings.dns.is_none() && exchange.timings.first_byte.is_none());
    let exchange = egress.exchange(delivery("http://slow.test/", SECOND), 10).await;
    let failure = fails(&exchange, ErrorType::DnsError);
    assert!(failure.message.contains("in time"), "{failure}");
    assert!(exchange.timings.total <= SECOND + SECOND / 5);
}

#[tokio::test]
async fn a_reset_before_the_answer_is_a_failure_and_one_within_the_body_is_not() {
    let before = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await.unwrap();
        reset(stream);
    })
    .await;
    let egress = egress(names());
    fails(&egress.exchange(delivery(before.url("http"), SECOND), 10).await, ErrorType::ConnectionReset);

    let within_head = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-le").await.unwrap();
        sleep(Duration::from_millis(50)).await;
        reset(stream);
    })
    .await;
    fails(&egress.exchange(delivery(within_head.url("http"), SECOND), 10).await, ErrorType::ConnectionReset);

    let within_body = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\npart").await.unwrap();
        sleep(Duration::from_millis(50)).await;
        reset(stream);
    })
    .await;
    let response = answer(egress.exchange(delivery(within_body.url("http"), SECOND), 1000).await);
    assert_eq!((response.status, response.body.as_slice()), (200, b"part".as_slice()));
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_cut_at_the_cap_at_once() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10485760\r\n\r\n").await.unwrap();
        // The client leaves before the end.
        stream.write_all(&vec![b'x'; 10 << 20]).await.ok();
    })
    .await;
    let exchange = egress(names()).exchange(delivery(receiver.url("http"), SECOND * 2), 16 * 1024).await;
    assert!(exchange.timings.total < SECOND, "{:?}", exchange.timings);
    let response = answer(exchange);
    assert_eq!((response.status, response.body.len(), response.truncated), (200, 16 * 1024, true));
}

#[tokio::test]
async fn a_body_that_drips_or_never_comes_ends_at_the_deadline_and_the_status_stands() {
    let receiver = Receiver::start(|mut stream, number| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 1000\r\n\r\n").await.unwrap();
        while number == 0 && stream.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(200)).await;
        }
        sleep(SECOND * 3).await;
    })
    .await;
    let egress = egress(names());
    for least in [3, 0] {
        let exchange = egress.exchange(delivery(receiver.url("http"), SECOND), 1000).await;
        let timings = exchange.timings;
        assert!(timings.first_byte.unwrap() < SECOND / 2, "{timings:?}");
        assert!(timings.total > SECOND * 9 / 10 && timings.total <= SECOND + SECOND / 10, "{timings:?}");
        let response = answer(exchange);
        assert_eq!(response.status, 201);
        assert!(response.body.len() >= least && response.body.len() < 10, "{}", response.body.len());
    }
}

#[tokio::test]
async fn a_receiver_that_hangs_or_drips_its_head_is_left_at_the_deadline() {
    let receiver = Receiver::start(|mut stream, number| async move {
        read_request(&mut stream).await.unwrap();
        while number == 1 && stream.write_all(b"H").await.is_ok() {
            sleep(SECOND * 2).await;
        }
        sleep(SECOND * 3).await;
    })
    .await;
    let egress = egress(names());
    for _ in 0..2 {
        let exchange = egress.exchange(delivery(receiver.url("http"), SECOND), 10).await;
        fails(&exchange, ErrorType::Timeout);
        let timings = exchange.timings;
        assert!(timings.total >= SECOND && timings.total <= SECOND + SECOND / 10, "{timings:?}");
        assert!(timings.connect.is_some() && timings.first_byte.is_none(), "{timings:?}");
        assert_eq!(exchange.remote_address, Some(receiver.address));
    }
    assert_eq!(receiver.connections(), 2, "a connection with an answer owed is not used again");
}

#[tokio::test]
async fn endless_heads_are_bounded() {
    for (head, again) in [
        ("HTTP/1.1 200 OK\r\n", "x-more: and more\r\n"),
        ("HTTP/1.1 200 OK\r\nx-long: ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("HTTP/1.1 200 ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ] {
        let (receiver, sent) = endless(head, again).await;
        let started = Instant::now();
        let exchange = egress(names()).exchange(delivery(receiver.url("http"), SECOND * 2), 10).await;
        let failure = fails(&exchange, ErrorType::UnexpectedResponse);
        assert!(failure.message.contains("head of the answer is too large"), "{failure}");
        assert!(started.elapsed() < SECOND * 3 / 2, "{:?}", started.elapsed());
        // What the sockets hold on both sides, beside the 64 KiB.
        assert!(sent.load(Ordering::SeqCst) < 12 << 20);
    }
}

#[tokio::test]
async fn endless_preliminary_answers_and_chunks_end_at_the_deadline() {
    let (receiver, _) = endless("", "HTTP/1.1 100 Continue\r\n\r\n").await;
    let exchange = egress(names()).exchange(delivery(receiver.url("http"), SECOND / 2), 10).await;
    assert!(exchange.answer.is_err());
    assert!(exchange.timings.total < SECOND, "{:?}", exchange.timings);

    let (receiver, _) = endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nx\r\n").await;
    let response = answer(egress(names()).exchange(delivery(receiver.url("http"), SECOND), 100).await);
    assert_eq!((response.status, response.body.len(), response.truncated), (200, 100, true));
}

#[tokio::test]
async fn what_is_not_http_is_said_to_be_none() {
    for garbage in [
        "SSH-2.0-OpenSSH_9.9\r\n",
        "220 mail.test ESMTP\r\n",
        "\x15\x03\x01\x00\x02\x02\x16",
        "HTTP/1.1 999999 x\r\n\r\n",
    ] {
        // On being asked, and at once on being connected to.
        for unasked in [false, true] {
            let receiver = Receiver::start(move |mut stream, _| async move {
                if !unasked {
                    read_request(&mut stream).await;
                }
                stream.write_all(garbage.as_bytes()).await.unwrap();
                sleep(SECOND).await;
            })
            .await;
            let exchange = egress(names()).exchange(delivery(receiver.url("http"), SECOND * 2), 10).await;
            let failure = fails(&exchange, ErrorType::UnexpectedResponse);
            assert!(failure.message.contains("not HTTP"), "{failure}");
        }
    }
}
