//! What handlers take out of a request. A body is held unread until the handler has checked role, id and scope, because
//! the contract's order is 401, 403, 404, 415, 413, 400, 422.

mod body;
mod language;
mod page;
mod path;
pub mod problems;
mod query;
mod reason;

pub use body::{BODY_LIMIT, ITEM_LIMIT, LIST_LIMIT, OneOrMany, RequestBody};
pub use language::{Lang, LangQuery};
pub use page::{Page, PageQuery};
pub use path::PathId;
pub use problems::Problems;
pub use query::ApiQuery;

#[cfg(test)]
mod tests;
