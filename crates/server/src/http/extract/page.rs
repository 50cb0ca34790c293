//! Pages of lists: 1-based, 50 long by default, 500 at most; out of range is refused, not clamped.

use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use crate::http::ApiError;
use crate::http::error::Fields;

const DEFAULT_LIMIT: u32 = 50;
const MOST: u32 = 500;

/// The query of a list that is only paged. A list with filters has these two members among its own.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// 1-based.
    #[param(minimum = 1, default = 1)]
    pub page: Option<i64>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
}

impl PageQuery {
    /// # Errors
    /// 400 that names the parameter which is out of range.
    pub fn page(self) -> Result<Page, ApiError> {
        Page::of(self.page, self.limit)
    }
}

/// A page within range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// 1-based.
    pub page: u32,
    /// 1 to 500 rows.
    pub limit: u32,
}

impl Page {
    /// # Errors
    /// 400 that names the parameter which is out of range.
    pub fn of(page: Option<i64>, limit: Option<i64>) -> Result<Self, ApiError> {
        let mut fields = Fields::new();
        let page = page.map_or(Some(1), |page| u32::try_from(page).ok().filter(|page| *page >= 1));
        if page.is_none() {
            fields.insert("page".to_owned(), json!(["must be 1 or more"]));
        }
        let limit = limit
            .map_or(Some(DEFAULT_LIMIT), |limit| u32::try_from(limit).ok().filter(|limit| (1..=MOST).contains(limit)));
        if limit.is_none() {
            fields.insert("limit".to_owned(), json!([format!("must be from 1 to {MOST}")]));
        }
        match (page, limit) {
            (Some(page), Some(limit)) => Ok(Self { page, limit }),
            _ => Err(ApiError::bad_query(fields)),
        }
    }

    /// Rows before this page.
    #[must_use]
    pub fn offset(self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.limit)
    }
}
