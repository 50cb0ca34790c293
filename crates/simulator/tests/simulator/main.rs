//! The simulator over real sockets: right and wrong credentials, every fault, the receiver and the mail server.

#![expect(clippy::expect_used, reason = "a test ends at the first thing that is not there, helpers included")]

mod answers;
mod control;
mod faults;
mod http;
mod mail;
mod read_back;
mod receiver;
