//! What the store promises, checked on SQLite and on PostgreSQL from the same code.

mod activity;
mod catalogue;
mod events;
mod integrations;
mod queue;
mod support;
