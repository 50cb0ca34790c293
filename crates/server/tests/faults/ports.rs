//! Ports that a process can be stopped on and started on again.

use std::net::TcpListener;

/// A free port below those that the system gives to outgoing connections: none of these can take it while its owner is
/// down, and a client that calls it meanwhile cannot end up connected to itself.
pub(crate) fn free() -> u16 {
    loop {
        let port = 20_000 + rand::random::<u16>() % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
