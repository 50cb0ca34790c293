//! Small things that bodies of several resources share: present-or-absent members, roles, the answer to a deletion.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// Reads a member that may be absent but, when present, has to be a `T`; with `T = Option<_>`, `null` is told from
/// absent. Use with `#[serde(default, deserialize_with = "present")]`.
///
/// # Errors
/// The value is not a `T`.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The schema of [`simpul_core::access::Role`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = Role, rename_all = "snake_case")]
pub enum RoleSchema {
    /// Reads; secrets are always masked.
    Viewer,
    /// Also tests, sends events and logs, replays.
    Operator,
    /// Also creates, changes, deletes and reveals within its scope.
    Admin,
    /// Everything, users and keys included.
    SuperAdmin,
}

/// What was deleted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Deleted {
    #[schema(format = "uuid")]
    pub id: String,
}

impl Deleted {
    #[must_use]
    pub fn new(id: impl std::fmt::Display) -> Self {
        Self { id: id.to_string() }
    }
}

/// The query of a list that can be searched.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// 1-based.
    #[param(minimum = 1, default = 1)]
    pub page: Option<i64>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
    /// Text that must occur, in any case.
    #[param(max_length = 200)]
    pub q: Option<String>,
}

impl SearchQuery {
    /// The page and the text to look for; empty text is none.
    ///
    /// # Errors
    /// 400 that names the parameter which is out of range.
    pub fn parts(&self) -> super::ApiResult<(super::Page, Option<&str>)> {
        let page = super::Page::of(self.page, self.limit)?;
        let words = self.q.as_deref().map(str::trim).filter(|words| !words.is_empty());
        if words.is_some_and(|words| words.chars().count() > 200 || words.contains('\0')) {
            let problem = serde_json::json!(["must have at most 200 characters and no null character"]);
            return Err(super::ApiError::bad_query([("q".to_owned(), problem)].into_iter().collect()));
        }
        Ok((page, words))
    }
}

/// A count of rows, which is never negative.
#[must_use]
pub fn total(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
