//! What answers are wrapped in: `{"success", "data", …}` and its siblings, and the failure.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A successful answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Data<T> {
    /// `true`, except for a connection test that ran and failed.
    pub success: bool,
    pub data: T,
    /// What happened, where the contract asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub message: Option<String>,
    /// What was accepted but looks wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<Warning>,
}

/// Something accepted that the operator should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Warning {
    /// The member's path, such as `configuration.serverKey`.
    pub field: String,
    /// Such as `environment_mismatch`.
    pub code: String,
    pub message: String,
}

impl<T> Data<T> {
    #[must_use]
    pub fn new(data: T) -> Self {
        Self { success: true, data, message: None, warnings: Vec::new() }
    }

    #[must_use]
    pub fn message(self, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..self }
    }

    #[must_use]
    pub fn warnings(self, warnings: Vec<Warning>) -> Self {
        Self { warnings, ..self }
    }

    /// The same answer as 201.
    #[must_use]
    pub fn created(self) -> (StatusCode, Self) {
        (StatusCode::CREATED, self)
    }

    /// The same answer as 202.
    #[must_use]
    pub fn accepted(self) -> (StatusCode, Self) {
        (StatusCode::ACCEPTED, self)
    }
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Listed<T> {
    /// Always `true`.
    pub success: bool,
    pub data: Vec<T>,
    pub pagination: Pagination,
}

impl<T> Listed<T> {
    #[must_use]
    pub fn new(data: Vec<T>, pagination: Pagination) -> Self {
        Self { success: true, data, pagination }
    }
}

/// One page of a list, with counts over all that the filter matches.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListedWithStats<T, S> {
    /// Always `true`.
    pub success: bool,
    pub data: Vec<T>,
    pub stats: Vec<S>,
    pub pagination: Pagination,
}

impl<T, S> ListedWithStats<T, S> {
    #[must_use]
    pub fn new(data: Vec<T>, stats: Vec<S>, pagination: Pagination) -> Self {
        Self { success: true, data, stats, pagination }
    }
}

/// Where a page stands in its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// All that the filter matches, exactly.
    pub total: u64,
    /// 1-based.
    pub page: u32,
    pub limit: u32,
    pub total_pages: u64,
    /// Send as `cursor`, in place of `page`, to read on; `null` at the end or where a list takes no cursor.
    pub next_cursor: Option<String>,
}

impl Pagination {
    #[must_use]
    pub fn new(total: u64, page: super::Page, next_cursor: Option<String>) -> Self {
        let total_pages = total.div_ceil(u64::from(page.limit).max(1));
        Self { total, page: page.page, limit: page.limit, total_pages, next_cursor }
    }
}

/// Any answer that is not a success.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Failure {
    /// Always `false`.
    pub success: bool,
    /// One plain sentence.
    #[schema(example = "There is no such integration.")]
    pub error: String,
    #[schema(example = "not_found")]
    pub code: String,
    /// For validation, `{"fields": {"configuration.serverKey": ["must start with …"]}}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, nullable = false)]
    pub details: Option<Value>,
}

impl<T: Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl<T: Serialize> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl<T: Serialize, S: Serialize> IntoResponse for ListedWithStats<T, S> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn siblings_are_left_out_where_there_is_nothing_to_say() {
        assert_eq!(serde_json::to_value(Data::new(7)).unwrap(), json!({"success": true, "data": 7}));
        let warning = Warning {
            field: "configuration.serverKey".into(),
            code: "environment_mismatch".into(),
            message: "m".into(),
        };
        let full = Data::new(7).message("Webhook created successfully").warnings(vec![warning]);
        assert_eq!(
            serde_json::to_value(full).unwrap(),
            json!({"success": true, "data": 7, "message": "Webhook created successfully",
                   "warnings": [{"field": "configuration.serverKey", "code": "environment_mismatch", "message": "m"}]})
        );
    }

    #[test]
    fn a_list_says_where_its_page_stands() {
        let page = super::super::Page::of(Some(2), Some(20)).unwrap();
        let listed = Listed::new(vec![1], Pagination::new(21, page, None));
        assert_eq!(
            serde_json::to_value(listed).unwrap()["pagination"],
            json!({"total": 21, "page": 2, "limit": 20, "totalPages": 2, "nextCursor": null})
        );
        assert_eq!(Pagination::new(0, page, None).total_pages, 0);
    }
}
