//! The log as a file: streamed page by page, so that memory does not grow with its length.

use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;
use simpul_core::id::IntegrationId;
use simpul_store::{ActivityFilter, ActivityPage, ActivityRow};
use utoipa::IntoParams;

use super::{LogOut, LogQuery, readable, refused};
use crate::auth::Viewer;
use crate::http::vocabulary::{ActionSchema, ErrorTypeSchema, StatusSchema};
use crate::http::{ApiError, ApiQuery, ApiResult, PathId};
use crate::state::{AppState, chain};

/// Rows read at once: at first, at least and at most. Rows may carry 200 KB each, so what the last page held decides.
const FIRST_PAGE: u32 = 50;
const SMALLEST_PAGE: u32 = 10;
const LARGEST_PAGE: u32 = 500;
/// Bytes that a page should have.
const PAGE_BYTES: usize = 256 * 1_024;

/// As many rows as have [`PAGE_BYTES`], if they are like those of the last page.
fn next_page(rows: usize, bytes: usize) -> u32 {
    let each = (bytes / rows.max(1)).max(1);
    u32::try_from(PAGE_BYTES / each).unwrap_or(LARGEST_PAGE).clamp(SMALLEST_PAGE, LARGEST_PAGE)
}

/// Which rows, and as what.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct ExportQuery {
    /// `csv` or `ndjson`.
    #[param(default = "csv")]
    format: Option<String>,
    #[param(value_type = Vec<ActionSchema>)]
    action: Vec<String>,
    #[param(value_type = Vec<StatusSchema>)]
    status: Vec<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    q: Option<String>,
    #[param(value_type = Option<ErrorTypeSchema>)]
    error_type: Option<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Csv,
    Ndjson,
}

/// All rows of a filter as one file, newest first.
#[utoipa::path(get, path = "/api/admin/integrations/{id}/logs/export", tag = "Activity log",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), ExportQuery),
    responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
pub(super) async fn export_logs(
    Viewer(caller): Viewer,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    query: Result<ApiQuery<ExportQuery>, ApiError>,
) -> ApiResult<(HeaderMap, Body)> {
    let id = readable(&state, &caller, id).await?;
    let query = query?.0;
    let format = match query.format.as_deref().unwrap_or("csv") {
        "csv" => Format::Csv,
        "ndjson" => Format::Ndjson,
        _ => return Err(refused("format", "must be csv or ndjson")),
    };
    let filter = LogQuery {
        action: query.action,
        status: query.status,
        start_date: query.start_date,
        end_date: query.end_date,
        q: query.q,
        error_type: query.error_type,
        ..LogQuery::default()
    }
    .filter()?;
    let mut headers = HeaderMap::new();
    let (media_type, disposition) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"logs.csv\""),
        Format::Ndjson => ("application/x-ndjson", "attachment; filename=\"logs.ndjson\""),
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    Ok((headers, Body::from_stream(file(state, id, filter, format))))
}

type Chunk = Result<Bytes, std::io::Error>;

fn file(
    state: AppState,
    id: IntegrationId,
    filter: ActivityFilter,
    format: Format,
) -> impl stream::Stream<Item = Chunk> {
    let heading = match format {
        Format::Csv => vec![Ok(Bytes::from(line(&COLUMNS.map(str::to_owned))))],
        Format::Ndjson => Vec::new(),
    };
    // The next page is read when the last has been taken: a slow receiver makes the reading slow, and nothing gathers.
    let begin = Some((ActivityPage::Offset(0), FIRST_PAGE));
    let pages = stream::try_unfold(begin, move |place| {
        let (state, filter) = (state.clone(), filter.clone());
        async move {
            let Some((from, limit)) = place else { return Ok(None) };
            let rows = state.store.list_activity(id, &filter, from, limit).await.map_err(|error| {
                tracing::warn!(error = chain(&error), "an export broke off");
                std::io::Error::other("the log could not be read")
            })?;
            let (count, is_last) = (rows.len(), rows.len() < limit as usize);
            let last = rows.last().filter(|_| !is_last).map(|row| ActivityPage::After(row.created_at, row.id));
            let mut text = String::with_capacity(PAGE_BYTES);
            for row in rows {
                text.push_str(&written(row, format));
            }
            let next = last.map(|after| (after, next_page(count, text.len())));
            Ok((!text.is_empty()).then(|| (Bytes::from(text), next)))
        }
    });
    stream::iter(heading).chain(pages)
}

const COLUMNS: [&str; 13] = [
    "id",
    "integrationId",
    "action",
    "status",
    "message",
    "errorType",
    "duration",
    "ipAddress",
    "userId",
    "createdAt",
    "requestData",
    "responseData",
    "errorDetails",
];

fn written(row: ActivityRow, format: Format) -> String {
    if format == Format::Ndjson {
        let mut line = serde_json::to_string(&LogOut::from(row)).unwrap_or_default();
        line.push('\n');
        return line;
    }
    line(&[
        row.id.to_string(),
        row.integration_id.to_string(),
        row.action,
        row.status,
        row.message,
        row.error_type.unwrap_or_default(),
        row.duration.map(|duration| duration.to_string()).unwrap_or_default(),
        row.ip_address.unwrap_or_default(),
        row.user_id.map(|id| id.to_string()).unwrap_or_default(),
        row.created_at.to_string(),
        row.request_data.unwrap_or_default(),
        row.response_data.unwrap_or_default(),
        row.error_details.unwrap_or_default(),
    ])
}

/// One line of CSV (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe before it.
fn line(cells: &[String]) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let safe = cells
        .iter()
        .map(|cell| if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.clone() });
    // Writing to memory does not fail, and every line has the same number of cells.
    if writer.write_record(safe).is_err() {
        return String::new();
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_fewer_rows_where_rows_are_large() {
        assert_eq!(next_page(50, 50 * 400), 500);
        assert_eq!(next_page(50, 50 * 2_621), 100);
        assert_eq!(next_page(50, 50 * 200_000), 10);
    }

    #[test]
    fn a_cell_is_quoted_and_never_a_formula() {
        assert_eq!(line(&["=1+1".to_owned(), "a,\"b\"".to_owned(), "-5".to_owned()]), "'=1+1,\"a,\"\"b\"\"\",'-5\r\n");
    }
}
