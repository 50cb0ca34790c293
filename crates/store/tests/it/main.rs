//! What the store promises, checked on SQLite and on PostgreSQL from the same code.
#![expect(clippy::expect_used, reason = "a test that cannot go on says so by panicking")]

mod activity;
mod advice;
mod backfill;
mod catalogue;
mod claims;
mod events;
mod integrations;
mod leadership;
mod notifications;
mod ordering;
mod queue;
mod receiver;
mod replays;
mod support;
mod watching;
