//! Simpul's vocabulary and rules: pure data and pure functions, no I/O, nothing asynchronous.

pub mod access;
pub mod activity;
pub mod alert;
pub mod delivery;
pub mod error_type;
pub mod event;
pub mod health;
pub mod histogram;
pub mod id;
pub mod incident;
pub mod integration;
pub mod language;
pub mod partner;
pub mod recommendation;
pub mod refusal;
pub mod replay;
pub mod retry;
pub mod secret;
pub mod signature;
#[cfg(feature = "sql")]
mod sql;
pub mod time;
pub mod webhook;
mod words;
