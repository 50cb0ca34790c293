//! What a receiver sees of a request, and what the client does not do on its own.

use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt;

use super::world::*;

async fn answering(head: &'static str, body: &'static [u8]) -> (Receiver, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let receiver = Receiver::start(move |mut stream, _| {
        let record = Arc::clone(&record);
        async move {
            while let Some(request) = read_request(&mut stream).await {
                record.lock().unwrap().push(request);
                let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all(head.as_bytes()).await.unwrap();
                stream.write_all(body).await.unwrap();
            }
        }
    })
    .await;
    (receiver, seen)
}

#[tokio::test]
async fn a_request_carries_its_own_headers_and_no_others() {
    let (receiver, seen) = answering("200 OK\r\nset-cookie: a=b", b"ok").await;
    let egress = egress(names());
    for _ in 0..2 {
        let response = answer(egress.exchange(delivery(receiver.url("http"), SECOND), 10).await);
        assert_eq!((response.status, response.body.as_slice(), response.truncated), (200, b"ok".as_slice(), false));
    }
    let expected = format!(
        "POST /hook HTTP/1.1\r\nwebhook-id: evt_1\r\naccept: */*\r\nhost: {NAME}:{}\r\ncontent-length: 13\r\n\r\n{{\"paid\":true}}",
        receiver.address.port()
    );
    assert_eq!(*seen.lock().unwrap(), [expected.clone(), expected]);
}

#[tokio::test]
async fn redirects_are_told_and_not_followed() {
    let inside = Receiver::at("127.0.0.1:0".parse().unwrap(), |_, _| async {}).await;
    for head in
        ["301 Moved\r\nlocation: http://127.0.0.1/", "307 Temporary\r\nlocation: /other", "303 See\r\nlocation: //x"]
    {
        let (receiver, seen) = answering(head, b"").await;
        let response = answer(egress(names()).exchange(delivery(receiver.url("http"), SECOND), 10).await);
        assert!((300..400).contains(&response.status));
        assert!(response.headers.contains_key("location"));
        assert_eq!(seen.lock().unwrap().len(), 1);
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_compressed_body_is_handed_over_as_it_came() {
    let (receiver, seen) = answering("200 OK\r\ncontent-encoding: gzip", b"\x1f\x8b\x08rest").await;
    let response = answer(egress(names()).exchange(get(receiver.url("http"), SECOND), 100).await);
    assert_eq!(response.body, b"\x1f\x8b\x08rest");
    assert!(!seen.lock().unwrap()[0].contains("accept-encoding"));
}

#[tokio::test]
async fn a_body_of_exactly_the_cap_is_whole() {
    let (receiver, _) = answering("200 OK", b"12345").await;
    let egress = egress(names());
    for (cap, body, truncated) in [(5, "12345", false), (4, "1234", true), (0, "", true), (6, "12345", false)] {
        let response = answer(egress.exchange(get(receiver.url("http"), SECOND), cap).await);
        assert_eq!((response.body.as_slice(), response.truncated), (body.as_bytes(), truncated), "{cap}");
    }
}
