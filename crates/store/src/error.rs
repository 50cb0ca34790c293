//! What can go wrong in the store, by what the caller should do.

/// A store's answer.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something of that name exists already: the caller's input is at fault.
    #[error("{0} exists already")]
    Conflict(&'static str),
    /// The change would leave nobody who can manage users.
    #[error("this is the last super_admin")]
    LastSuperAdmin,
    /// The queue of writes is full: try again in a moment.
    #[error("the write queue is full")]
    Full,
    /// The database cannot be reached or refuses to write for now: try again.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// A statement failed for another reason: a fault in Simpul.
    #[error("a statement failed")]
    Database(#[source] sqlx::Error),
    /// A row holds what it should not.
    #[error("table {table}, column {column}, row {row} holds a value that cannot be read")]
    Corrupt { table: &'static str, column: &'static str, row: String },
    /// A secret cannot be opened: wrong master key, or a row that was tampered with.
    #[error("the {what} of {owner} cannot be decrypted: the master key differs, or the row was altered")]
    Sealed { what: &'static str, owner: String },
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date: {0}")]
    Migration(String),
    /// The database was written with another master key.
    #[error(
        "the master key is not the one that this database was written with; set SIMPUL_MASTER_KEY or SIMPUL_MASTER_KEY_FILE to the original key"
    )]
    WrongMasterKey,
    /// Another process serves this SQLite file.
    #[error("another Simpul process is using this database file; stop it first, or use PostgreSQL to run several")]
    InUse,
    /// The address of the database cannot be used.
    #[error("database_url {0}")]
    Address(String),
}

impl Error {
    /// Whether the same call may succeed a little later without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Full | Self::Unavailable(_))
    }
}

/// SQLite's result codes for a full disk, an I/O error, a busy or locked file, and one that became read-only.
const SQLITE_TRANSIENT: &[i32] = &[5, 6, 8, 10, 13];

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let transient = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(database) => database.code().is_some_and(|code| match code.parse::<i32>() {
                // PostgreSQL's classes have five characters; SQLite's extended codes keep the primary one in the low byte.
                Ok(number) if code.len() < 5 => SQLITE_TRANSIENT.contains(&(number & 0xff)),
                _ => ["08", "53", "57", "58", "40"].iter().any(|class| code.starts_with(class)),
            }),
            _ => false,
        };
        if transient { Self::Unavailable(error) } else { Self::Database(error) }
    }
}

/// Turns a broken uniqueness rule into a conflict that names what exists already.
pub(crate) fn or_conflict(what: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |error| match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => Error::Conflict(what),
        _ => error.into(),
    }
}
