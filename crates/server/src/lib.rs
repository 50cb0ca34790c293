//! The `simpul` program as a library: configuration, command line, and the HTTP side.

pub mod auth;
pub mod cli;
pub mod config;
mod dashboard;
mod demo;
pub mod http;
pub mod login_throttle;
pub mod metrics;
pub mod password;
mod seed;
pub mod start;
pub mod state;
pub mod telemetry;
pub mod token;
