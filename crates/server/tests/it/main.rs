//! The real binary, over real sockets, on SQLite and on PostgreSQL, with the simulator in the providers' place.

mod bad_input;
mod crash;
mod journey;
mod support;
