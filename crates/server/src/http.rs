//! The HTTP side: one error type, the envelope, extractors that keep the contract's order of checks, and the layers
//! that every request passes through.

pub mod client;
pub mod envelope;
pub mod error;
pub mod extract;
pub mod layers;
pub mod members;
pub mod openapi;
mod partners;
pub mod router;

pub use envelope::{Data, Listed, ListedWithStats, Pagination, Warning};
pub use error::ApiError;
pub use extract::problems::is_email;
pub use extract::{ApiQuery, Page, PageQuery, PathId, Problems, RequestBody};

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;
