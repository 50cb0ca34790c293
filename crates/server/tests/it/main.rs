//! The real binary, over real sockets, on SQLite and on PostgreSQL, with the simulator in the providers' place.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a test that cannot go on says so by panicking")]

mod bad_input;
mod crash;
mod journey;
mod openapi_document;
mod shaping;
mod support;
mod telemetry;
