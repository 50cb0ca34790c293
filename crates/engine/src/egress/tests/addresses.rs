//! Forbidden addresses, however they are written and wherever they come from.

use std::sync::Arc;

use hyper_util::client::legacy::connect::Connection;
use simpul_core::error_type::ErrorType;
use simpul_providers::Network;
use tower::Service;

use super::super::connector::Connector;
use super::super::guard::Guard;
use super::super::resolver::{Resolve, SystemResolver};
use super::world::*;
use crate::address::Policy;
use crate::tls::client_config;

/// Forms of addresses that are not public, as a resolver may answer them.
const FORBIDDEN: &[&str] = &[
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001::1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
];

/// Spellings of loopback and metadata addresses that only a URL can hold.
const SPELLINGS: &[&str] = &[
    "0x7f.1",
    "0x7f000001",
    "0X7F.0.0.0x1",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "0",
    "0xA9FEA9FE",
    "2852039166",
    "0251.0376.0251.0376",
    "%31%32%37.0.0.1",
    "①②⑦.0.0.1",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::FFFF:7F00:0001]",
];

#[tokio::test]
async fn a_forbidden_address_in_the_url_is_refused_in_every_spelling() {
    let egress = egress(names());
    let literals =
        FORBIDDEN.iter().map(|text| if text.contains(':') { format!("[{text}]") } else { (*text).to_owned() });
    for host in literals.chain(SPELLINGS.iter().map(|text| (*text).to_owned())) {
        for url in [format!("http://{host}:8080/"), format!("https://{host}/")] {
            let exchange = egress.exchange(get(&url, SECOND), 10).await;
            fails(&exchange, ErrorType::BlockedAddress);
            assert_eq!(exchange.remote_address, None, "{url}");
            // Also before anything is sent, as when a webhook is saved.
            assert_eq!(egress.judge(&url).unwrap_err().error_type, ErrorType::BlockedAddress, "{url}");
        }
    }
}

#[tokio::test]
async fn a_name_at_a_forbidden_address_is_refused() {
    for address in FORBIDDEN {
        let egress = egress(names().with("inside.test", &[&[address]]));
        let exchange = egress.exchange(get("http://inside.test:8080/", SECOND), 10).await;
        fails(&exchange, ErrorType::BlockedAddress);
        assert!(exchange.timings.connect.is_none(), "{address}");
        let dialled = egress.dial("inside.test", 587).await;
        assert_eq!(dialled.unwrap_err().error_type, ErrorType::BlockedAddress, "{address}");
        let dialled = egress.dial(address, 587).await;
        assert_eq!(dialled.unwrap_err().error_type, ErrorType::BlockedAddress, "{address}");
    }
}

#[tokio::test]
async fn localhost_is_refused_by_what_it_resolves_to() {
    let receiver = Receiver::at("127.0.0.1:0".parse().unwrap(), |_, _| async {}).await;
    let egress = super::super::Egress::new(Policy::default(), None).unwrap();
    for name in ["localhost", "LOCALHOST", "localhost."] {
        let exchange = egress.exchange(get(format!("http://{name}:{}/", receiver.address.port()), SECOND), 10).await;
        let error_type = exchange.answer.unwrap_err().error_type;
        // Some systems do not know the name with its final dot.
        assert!(matches!(error_type, ErrorType::BlockedAddress | ErrorType::DnsError), "{name}: {error_type:?}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn the_connector_judges_again_what_the_url_named() {
    let receiver = Receiver::at("127.0.0.1:0".parse().unwrap(), |_, _| async {}).await;
    let resolver: Arc<dyn Resolve> = Arc::new(SystemResolver::default());
    let guard = Arc::new(Guard { policy: policy(), resolver });
    let mut connector = Connector::new(guard, client_config(None).unwrap());
    let port = receiver.address.port();
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433", "localhost"] {
        let refused = connector.call(format!("http://{host}:{port}/").parse().unwrap()).await.err();
        assert_eq!(refused.map(|failure| failure.error_type), Some(ErrorType::BlockedAddress), "{host}");
    }
    let open = Receiver::start(|_, _| async {}).await;
    let wire = connector.call(format!("http://{}/", open.address).parse().unwrap()).await.unwrap();
    assert!(!wire.inner().connected().is_negotiated_h2());
    assert_eq!((receiver.connections(), open.connections() <= 1), (0, true));
}

#[tokio::test]
async fn other_schemes_ports_and_credentials_are_refused() {
    let egress = egress(names());
    let cases = [
        ("ftp://receiver.test/", ErrorType::InvalidConfiguration),
        ("file:///etc/passwd", ErrorType::InvalidConfiguration),
        ("unix:/run/docker.sock", ErrorType::InvalidConfiguration),
        ("http://user:secret@receiver.test/", ErrorType::InvalidConfiguration),
        ("http://token@receiver.test/", ErrorType::InvalidConfiguration),
        ("not a url", ErrorType::InvalidConfiguration),
        ("http://receiver.test:22/", ErrorType::BlockedAddress),
        ("http://receiver.test:25/", ErrorType::BlockedAddress),
        ("http://8.8.8.8:53/", ErrorType::BlockedAddress),
    ];
    for (url, expected) in cases {
        let exchange = egress.exchange(get(url, SECOND), 10).await;
        let failure = fails(&exchange, expected);
        assert!(!failure.message.contains("secret"));
        assert_eq!(egress.judge(url).unwrap_err().error_type, expected, "{url}");
    }
}

#[tokio::test]
async fn mail_goes_only_to_the_addresses_that_its_port_is_open_at() {
    let receiver = Receiver::start(|_, _| async {}).await;
    let egress = egress(names().with("mixed.test", &[&["8.8.8.8", PUBLIC]]));
    let stream = egress.dial("mixed.test", receiver.address.port()).await.unwrap();
    assert_eq!(stream.peer_addr().unwrap(), receiver.address);
    let refused = egress.dial("8.8.8.8", receiver.address.port()).await.unwrap_err();
    assert_eq!(refused.error_type, ErrorType::BlockedAddress);
}
