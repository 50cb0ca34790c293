//! Which addresses the hub may connect to: the public internet, and what the operator allows beside it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Decides about addresses and ports. Everything private, local or reserved is refused unless an allowed range holds it.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    allowed: Vec<IpNet>,
}

/// Ports below 1024 that HTTP uses; any from 1024 on may be used too.
const HTTP_PORTS: &[u16] = &[80, 443];
/// Ports that mail submission uses.
const MAIL_PORTS: &[u16] = &[25, 465, 587, 2525];

impl Policy {
    #[must_use]
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Whether an allowed range holds the address.
    #[must_use]
    pub fn is_allowed_range(&self, address: IpAddr) -> bool {
        let address = plain(address);
        self.allowed.iter().any(|range| range.contains(&address))
    }

    /// Whether a connection to the address may be made.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        self.is_allowed_range(address) || is_public(address)
    }

    /// Whether HTTP may go to this port of the address.
    #[must_use]
    pub fn permits_http_port(&self, address: Option<IpAddr>, port: u16) -> bool {
        HTTP_PORTS.contains(&port) || port >= 1024 || address.is_some_and(|address| self.is_allowed_range(address))
    }

    /// Whether mail may go to this port of the address.
    #[must_use]
    pub fn permits_mail_port(&self, address: IpAddr, port: u16) -> bool {
        MAIL_PORTS.contains(&port) || self.is_allowed_range(address)
    }
}

/// The IPv4 address inside an IPv4-mapped one; any other as it is.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// Whether the address is one of the public internet (IANA special-purpose registries left out).
fn is_public(address: IpAddr) -> bool {
    match plain(address) {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 224;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let bytes = address.octets();
    let embedded = |at: usize| Ipv4Addr::new(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
    match (first, second) {
        // NAT64 (RFC 6052) reaches the IPv4 address it carries.
        (0x64, 0xff9b) => address.segments()[2..6] == [0, 0, 0, 0] && is_public_v4(embedded(12)),
        // 6to4 (RFC 3056) likewise.
        (0x2002, _) => is_public_v4(embedded(2)),
        // Teredo, ORCHID, documentation and the rest of 2001::/23; documentation 3fff::/20.
        (0x2001, 0x0db8) | (0x2001, 0..=0x01ff) => false,
        (0x3fff, 0..=0x0fff) => false,
        // Global unicast is 2000::/3; all else is loopback, mapped, unique local, link local, multicast or unassigned.
        (0x2000..=0x3fff, _) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_form_is_refused() {
        let policy = Policy::default();
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.9.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!policy.permits(address.parse().expect("an address")), "{address}");
        }
        for address in
            ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
        {
            assert!(policy.permits(address.parse().expect("an address")), "{address}");
        }
    }

    #[test]
    fn an_operator_opens_ranges() {
        let policy = Policy::new(vec!["127.0.0.0/8".parse().expect("a range")]);
        let loopback: IpAddr = "127.0.0.1".parse().expect("an address");
        assert!(policy.permits(loopback));
        assert!(policy.permits("::ffff:127.0.0.1".parse().expect("an address")));
        assert!(!policy.permits("10.0.0.1".parse().expect("an address")));
        assert!(policy.permits_mail_port(loopback, 4025));
        assert!(!policy.permits_mail_port("8.8.8.8".parse().expect("an address"), 4025));
    }

    #[test]
    fn ports_of_other_services_are_refused() {
        let policy = Policy::default();
        let public = "8.8.8.8".parse().ok();
        for port in [22, 25, 111] {
            assert!(!policy.permits_http_port(public, port), "{port}");
        }
        for port in [80, 443, 3001, 8443] {
            assert!(policy.permits_http_port(public, port), "{port}");
        }
    }
}
