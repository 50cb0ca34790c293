//! What can go wrong while measuring.

/// Why a figure could not be measured. Nothing branches on it: it is shown beside the table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Told(String),
    #[error("input or output failed: {0}")]
    Io(#[from] std::io::Error),
    #[error("HTTP failed: {0}")]
    Http(#[from] hyper::Error),
    #[error("a request could not be made: {0}")]
    Request(#[from] hyper::http::Error),
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("an answer is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("a task ended badly: {0}")]
    Task(#[from] tokio::task::JoinError),
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn told(sentence: impl Into<String>) -> Self {
        Self::Told(sentence.into())
    }
}
