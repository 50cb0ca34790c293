//! The HTTP side: one error type, the envelope, extractors that keep the contract's order of checks, and the layers
//! that every request passes through.

pub mod alerts;
pub mod api_keys;
pub mod client;
mod configuration;
pub mod connection_tests;
pub mod deliveries;
pub mod envelope;
pub mod error;
pub mod events;
pub mod extract;
pub mod health;
pub mod inbound;
pub mod integrations;
pub mod layers;
pub mod listener;
pub mod logs;
mod lookup;
pub mod members;
pub mod metrics;
pub mod notifications;
pub mod openapi;
pub mod operations;
pub mod outlets;
pub mod partners;
pub mod providers;
pub mod replays;
pub mod router;
pub mod session;
#[cfg(test)]
pub(crate) mod test_hub;
pub mod users;
pub mod vocabulary;
pub mod webhooks;

pub use envelope::{Data, Listed, ListedWithStats, Pagination, Warning};
pub use error::ApiError;
pub use extract::problems::is_email;
pub use extract::{ApiQuery, Page, PageQuery, PathId, Problems, RequestBody};

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;
