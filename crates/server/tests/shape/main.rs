//! Filters and transformations with the real binary: hostile programs and what they must not harm, and the HTTP side.
#![expect(clippy::expect_used, reason = "a test that cannot go on says so by panicking")]

mod hostile;
mod http;
#[path = "../it/support.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the other test binary needs the rest of it")]
mod support;
mod worker_process;
mod workers;
