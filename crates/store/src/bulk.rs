//! Many rows in one statement, whichever the database: `VALUES` lists on SQLite, one array a column on PostgreSQL.
//!
//! PostgreSQL would parse and plan a long `VALUES` list anew each time; with arrays the text is always the same and is prepared
//! once. SQLite has no arrays; there the list comes in a few fixed lengths, so that each is prepared once as well.

use std::borrow::Cow;
use std::ops::Range;

use simpul_core::id::{
    AttemptId, DeliveryId, EventId, IncidentEntryId, IncidentId, IntegrationId, LogId, NodeId, NotificationId,
    PartnerId, UserId, WebhookId,
};
use simpul_core::time::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::query_builder::QueryBuilder;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Postgres, Sqlite};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::Result;

/// Lengths of a `VALUES` list.
const LENGTHS: [usize; 5] = [256, 64, 16, 4, 1];
/// Rows of one statement with arrays.
const ARRAY: usize = 2_000;

/// The cells of one column.
enum Column<'a> {
    Ids(Vec<Option<Uuid>>),
    Texts(Vec<Option<Cow<'a, str>>>),
    Numbers(Vec<Option<i32>>),
    Longs(Vec<Option<i64>>),
    Reals(Vec<Option<f64>>),
    Flags(Vec<Option<bool>>),
    Times(Vec<Option<Timestamp>>),
}

/// What a cell may be.
pub(crate) trait Cell<'a>: Sized {
    /// Puts cells into a column.
    fn column(cells: Vec<Self>) -> BulkColumn<'a>;
}

/// A column in the making.
pub(crate) struct BulkColumn<'a>(Column<'a>);

macro_rules! cells {
    ($($type:ty, $column:ident, $cell:ident => $value:expr;)+) => {$(
        impl<'a> Cell<'a> for $type {
            fn column(cells: Vec<Self>) -> BulkColumn<'a> {
                BulkColumn(Column::$column(cells.into_iter().map(|$cell| Some($value)).collect()))
            }
        }

        impl<'a> Cell<'a> for Option<$type> {
            fn column(cells: Vec<Self>) -> BulkColumn<'a> {
                BulkColumn(Column::$column(cells.into_iter().map(|cell| cell.map(|$cell| $value)).collect()))
            }
        }
    )+};
}

cells! {
    AttemptId, Ids, id => id.0;
    DeliveryId, Ids, id => id.0;
    EventId, Ids, id => id.0;
    IncidentId, Ids, id => id.0;
    IncidentEntryId, Ids, id => id.0;
    IntegrationId, Ids, id => id.0;
    LogId, Ids, id => id.0;
    NodeId, Ids, id => id.0;
    NotificationId, Ids, id => id.0;
    PartnerId, Ids, id => id.0;
    UserId, Ids, id => id.0;
    WebhookId, Ids, id => id.0;
    &'a str, Texts, text => Cow::Borrowed(text);
    String, Texts, text => Cow::Owned(text);
    Cow<'a, str>, Texts, text => text;
    i32, Numbers, number => number;
    i64, Longs, number => number;
    f64, Reals, number => number;
    bool, Flags, flag => flag;
    Timestamp, Times, time => time;
}

/// A piece of a statement after its rows.
pub(crate) enum Part<'a> {
    Sql(&'a str),
    Node(NodeId),
    Time(Timestamp),
}

/// Rows that are written together, gathered column by column.
#[derive(Default)]
pub(crate) struct Bulk<'a> {
    columns: Vec<Column<'a>>,
    rows: usize,
}

impl<'a> Bulk<'a> {
    /// Adds a column; every column has as many cells as the first.
    pub(crate) fn add<C: Cell<'a>>(&mut self, cells: impl Iterator<Item = C>) -> &mut Self {
        let cells: Vec<C> = cells.collect();
        self.rows = if self.columns.is_empty() { cells.len() } else { self.rows.min(cells.len()) };
        self.columns.push(C::column(cells).0);
        self
    }

    /// Runs `head`, the rows, and `tail`; answers how many rows that changed.
    pub(crate) async fn execute(&self, tx: &mut Tx, head: &str, tail: &[Part<'_>]) -> Result<u64> {
        let mut changed = 0;
        match tx {
            Tx::Sqlite(transaction) => {
                for rows in self.lists() {
                    let mut query = self.with_values(rows, head, tail);
                    changed += query.build().persistent(true).execute(&mut **transaction).await?.rows_affected();
                }
            }
            Tx::Postgres(transaction) => {
                for rows in self.arrays() {
                    let mut query = self.with_arrays(rows, head, tail);
                    changed += query.build().persistent(true).execute(&mut **transaction).await?.rows_affected();
                }
            }
        }
        Ok(changed)
    }

    /// The same for a statement that returns rows.
    pub(crate) async fn fetch<O>(&self, tx: &mut Tx, head: &str, tail: &[Part<'_>]) -> Result<Vec<O>>
    where
        O: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut found = Vec::new();
        match tx {
            Tx::Sqlite(transaction) => {
                for rows in self.lists() {
                    let mut query = self.with_values(rows, head, tail);
                    found.extend(query.build_query_as().persistent(true).fetch_all(&mut **transaction).await?);
                }
            }
            Tx::Postgres(transaction) => {
                for rows in self.arrays() {
                    let mut query = self.with_arrays(rows, head, tail);
                    found.extend(query.build_query_as().persistent(true).fetch_all(&mut **transaction).await?);
                }
            }
        }
        Ok(found)
    }

    fn lists(&self) -> Vec<Range<usize>> {
        let (mut lists, mut start) = (Vec::new(), 0);
        for length in LENGTHS {
            while self.rows - start >= length {
                lists.push(start..start + length);
                start += length;
            }
        }
        lists
    }

    fn arrays(&self) -> impl Iterator<Item = Range<usize>> {
        let rows = self.rows;
        (0..rows).step_by(ARRAY).map(move |start| start..(start + ARRAY).min(rows))
    }

    fn with_values(&self, rows: Range<usize>, head: &str, tail: &[Part<'_>]) -> QueryBuilder<Sqlite> {
        let mut query = QueryBuilder::new(head);
        query.push_values(rows, |mut list, row| {
            for column in &self.columns {
                match column {
                    Column::Ids(cells) => list.push_bind(cells[row]),
                    Column::Texts(cells) => list.push_bind(cells[row].as_deref()),
                    Column::Numbers(cells) => list.push_bind(cells[row]),
                    Column::Longs(cells) => list.push_bind(cells[row]),
                    Column::Reals(cells) => list.push_bind(cells[row]),
                    Column::Flags(cells) => list.push_bind(cells[row]),
                    Column::Times(cells) => list.push_bind(cells[row]),
                };
            }
        });
        for part in tail {
            match part {
                Part::Sql(text) => query.push(text),
                Part::Node(id) => query.push_bind(*id),
                Part::Time(time) => query.push_bind(*time),
            };
        }
        query
    }

    fn with_arrays(&self, rows: Range<usize>, head: &str, tail: &[Part<'_>]) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(head);
        query.push("SELECT * FROM UNNEST(");
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                query.push(", ");
            }
            let rows = rows.clone();
            match column {
                Column::Ids(cells) => query.push_bind(cells[rows].to_vec()).push("::UUID[]"),
                Column::Texts(cells) => {
                    let texts: Vec<Option<&str>> = cells[rows].iter().map(|cell| cell.as_deref()).collect();
                    query.push_bind(texts).push("::TEXT[]")
                }
                Column::Numbers(cells) => query.push_bind(cells[rows].to_vec()).push("::INTEGER[]"),
                Column::Longs(cells) => query.push_bind(cells[rows].to_vec()).push("::BIGINT[]"),
                Column::Reals(cells) => query.push_bind(cells[rows].to_vec()).push("::DOUBLE PRECISION[]"),
                Column::Flags(cells) => query.push_bind(cells[rows].to_vec()).push("::BOOLEAN[]"),
                Column::Times(cells) => query.push_bind(cells[rows].to_vec()).push("::TIMESTAMPTZ[]"),
            };
        }
        query.push(")");
        for part in tail {
            match part {
                Part::Sql(text) => query.push(text),
                Part::Node(id) => query.push_bind(*id),
                Part::Time(time) => query.push_bind(*time),
            };
        }
        query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_cover_every_row_once() {
        for rows in [0, 1, 3, 4, 5, 63, 64, 100, 256, 700] {
            let mut bulk = Bulk::default();
            bulk.add((0..rows).map(|number: i32| number));
            let covered: Vec<usize> = bulk.lists().into_iter().flatten().collect();
            assert_eq!(covered, (0..usize::try_from(rows).unwrap()).collect::<Vec<_>>());
            assert_eq!(bulk.arrays().flatten().count(), usize::try_from(rows).unwrap());
        }
    }
}
