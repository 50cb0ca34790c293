//! The guarded client against real sockets and real TLS: what it refuses, what it survives, what it measures.

mod addresses;
mod certificates;
mod connections;
mod faults;
mod http2;
mod rebinding;
mod requests;
mod world;
