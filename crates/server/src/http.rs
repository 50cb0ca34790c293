//! The HTTP side: one error type, the envelope, extractors that keep the contract's order of checks, and the layers
//! that every request passes through.

pub mod alerts;
pub mod api_keys;
pub mod badges;
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
pub mod incidents;
pub mod integrations;
pub mod layers;
pub mod listener;
pub mod logs;
mod lookup;
pub mod maintenance;
pub mod members;
pub mod metrics;
pub mod notifications;
pub mod openapi;
pub mod operations;
pub mod outlets;
pub mod partners;
pub mod providers;
mod public_answer;
pub mod public_cache;
pub mod recommendations;
pub mod replays;
pub mod router;
pub mod session;
pub mod status_pages;
#[cfg(test)]
pub(crate) mod test_hub;
pub mod users;
pub mod vocabulary;
pub mod webhooks;

pub use envelope::{Data, Listed, ListedWithStats, Pagination, Warning};
pub use error::ApiError;
pub use extract::problems::is_email;
pub use extract::{ApiQuery, Lang, LangQuery, Page, PageQuery, PathId, Problems, RequestBody};

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;
