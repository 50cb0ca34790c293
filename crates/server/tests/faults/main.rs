//! Faults, met by the real binary: it is killed, its database goes away, its disk fills, its clock moves, its receivers break.
//!
//! Each test keeps a ledger of its own, which knows nothing of Simpul's tables: what was answered 202 to a client that retries
//! with idempotency keys, and what a receiver saw. Each prints its figures; `--no-capture` shows them.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a test that cannot go on says so by panicking")]

mod burst;
mod client;
mod clock;
mod cluster;
mod commit_unheard;
mod database_away;
mod disk_full;
mod hostile;
mod kill;
mod ledger;
mod load;
mod node;
mod nodes;
mod outage;
mod ports;
mod proxy;
mod rolling;
mod sink;
mod world;
