//! TLS: what is accepted, and each way of being refused.

use simpul_core::error_type::ErrorType;
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::world::*;

async fn over_tls(acceptor: TlsAcceptor) -> Receiver {
    Receiver::start(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            while read_request(&mut stream).await.is_some() {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_certificate_of_the_operator_s_authority_is_accepted_and_the_handshake_measured() {
    let authority = Authority::new();
    let receiver = over_tls(authority.certificate(NAME, &["http/1.1"])).await;
    let egress = trusting(&authority);
    let exchange = egress.exchange(delivery(receiver.url("https"), SECOND), 10).await;
    let timings = exchange.timings;
    assert!(timings.dns.is_some() && timings.connect.is_some() && timings.tls.is_some());
    assert!(timings.tls.unwrap() < timings.first_byte.unwrap());
    assert_eq!(exchange.remote_address, Some(receiver.address));
    assert_eq!(answer(exchange).body, b"ok");
    assert!(egress.exchange(delivery(receiver.url("https"), SECOND), 10).await.timings.tls.is_none());
}

#[tokio::test]
async fn certificates_that_prove_nothing_are_refused_with_the_reason() {
    let authority = Authority::new();
    let cases = [
        (Authority::self_signed(NAME), "self-signed"),
        (Authority::new().certificate(NAME, &[]), "issued by nobody known"),
        (authority.certificate("other.test", &[]), "another host name"),
        (authority.expired(NAME), "expired"),
    ];
    for (acceptor, reason) in cases {
        let receiver = over_tls(acceptor).await;
        let exchange = trusting(&authority).exchange(delivery(receiver.url("https"), SECOND), 10).await;
        let failure = fails(&exchange, ErrorType::TlsError);
        assert!(failure.message.contains(reason), "{failure}");
        assert_eq!(exchange.remote_address, Some(receiver.address));
        let timings = exchange.timings;
        assert!(timings.dns.is_some() && timings.connect.is_some() && timings.tls.is_none(), "{timings:?}");
    }
}

#[tokio::test]
async fn a_certificate_for_the_name_does_not_open_the_address() {
    let authority = Authority::new();
    let receiver = over_tls(authority.certificate(NAME, &[])).await;
    let url = format!("https://{}/", receiver.address);
    let exchange = trusting(&authority).exchange(get(url, SECOND), 10).await;
    fails(&exchange, ErrorType::TlsError);
}

#[tokio::test]
async fn a_port_without_tls_is_told_apart_from_one_that_says_nothing() {
    let egress = egress(names());
    let plain = Receiver::start(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        read_request(&mut stream).await;
    })
    .await;
    let exchange = egress.exchange(get(plain.url("https"), SECOND), 10).await;
    let failure = fails(&exchange, ErrorType::TlsError);
    assert!(failure.message.contains("does not speak TLS"), "{failure}");

    let silent = Receiver::start(|stream, _| async move {
        tokio::time::sleep(SECOND * 3).await;
        drop(stream);
    })
    .await;
    let exchange = egress.exchange(get(silent.url("https"), SECOND / 2), 10).await;
    let failure = fails(&exchange, ErrorType::Timeout);
    assert!(failure.message.contains("TLS handshake"), "{failure}");
    assert_eq!(exchange.remote_address, Some(silent.address));
    assert!(exchange.timings.connect.is_some() && exchange.timings.tls.is_none());

    let closing = Receiver::start(|_, _| async {}).await;
    let exchange = egress.exchange(get(closing.url("https"), SECOND), 10).await;
    fails(&exchange, ErrorType::ConnectionReset);
}
