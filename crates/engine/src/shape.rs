//! Whether a webhook wants an event, and in which form: its filter, its transformation and its payload style.
//!
//! Filters (CEL) and transformations (jq) are programs of other people. Neither library can be interrupted or held to an
//! amount of memory, so they run in worker processes: the hub's own program under a hidden subcommand, which limits
//! itself before it reads anything (`shape/worker.rs`). The hub keeps the clock (`shape/pool.rs`).

mod filter;
mod frame;
mod limits;
mod place;
mod pool;
mod process;
mod recent;
mod strikes;
mod thin;
mod transformation;
mod worker;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use simpul_core::webhook::{PayloadStyle, Webhook};

use frame::{OUTPUT_LIMIT, PAYLOAD_LIMIT};
use pool::{Evaluated, Pool, Purpose};
pub use worker::run_shape_worker;

/// Which of a webhook's two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expression {
    Filter,
    Transformation,
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Filter => "filter",
            Self::Transformation => "transformation",
        })
    }
}

/// An event cannot be shaped. The sentences have no full stop, so that they fit into others.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// `message` is a sentence without its subject ("cannot be read at line 1, column 5: …").
    #[error("the {which} {message}; try it with the webhook's preview and change it")]
    Invalid { which: Expression, message: String },
    #[error("the {which} was stopped after {} ms: it loops without end or does too much for one event; simplify it", limit.as_millis())]
    TimedOut { which: Expression, limit: Duration },
    #[error("the body that the transformation makes is over {} KiB, or the event over {} KiB: keep less of the event", OUTPUT_LIMIT / 1024, PAYLOAD_LIMIT / 1024)]
    TooLarge,
    #[error("the {which} was stopped because it needs more memory than the {} MiB that it may have; simplify it", limits::MEMORY / 1024 / 1024)]
    OutOfMemory { which: Expression },
    #[error("the {which} ended its worker process: it nests or recurses too deeply; simplify it")]
    WorkerDied { which: Expression },
    /// Nothing is wrong with the webhook: worth trying again.
    #[error("filters and transformations cannot be evaluated just now, because {reason}: try again later")]
    Unavailable { reason: &'static str },
}

/// What becomes of an event for one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shaped {
    /// The event's own body.
    AsIs,
    /// This body in place of it.
    Body(Arc<str>),
    /// Nothing is delivered.
    Filtered,
}

/// [`Shaped`] with everything that a person who writes a filter wants to know.
#[derive(Debug, Clone)]
pub struct Preview {
    /// What the filter says, or why it says nothing; such an event is delivered. `None` without a filter.
    pub filter: Option<Result<bool, String>>,
    pub shaped: Result<Shaped, ShapeError>,
}

/// Evaluates filters and transformations. Cheap to clone.
#[derive(Clone)]
pub struct Shaper {
    pool: Option<Arc<Pool>>,
}

impl Shaper {
    /// `program` is the path of a `simpul` program; without one, what needs a worker is [`ShapeError::Unavailable`].
    #[must_use]
    pub fn new(program: Option<PathBuf>) -> Self {
        Self { pool: program.map(|program| Arc::new(Pool::new(program))) }
    }

    /// What becomes of an event's body for this webhook. Answers at once where the webhook has neither filter nor
    /// transformation. An event on which the filter cannot be evaluated is delivered: losing nothing beats filtering.
    ///
    /// # Errors
    /// The transformation makes no body of this event; or a program was stopped; or no worker is to be had.
    pub async fn shape(&self, webhook: &Webhook, payload: &Arc<str>) -> Result<Shaped, ShapeError> {
        if webhook.filter.is_none() && webhook.transformation.is_none() {
            return Ok(styled(webhook.payload_style, payload));
        }
        let evaluated = self.evaluate(webhook, payload, Purpose::Delivery).await?;
        outcome(webhook.payload_style, payload, evaluated)
    }

    /// As [`Self::shape`], for a person: it may take longer, and the filter's own answer is told.
    ///
    /// # Errors
    /// No worker is to be had. All else is in the answer.
    pub async fn preview(&self, webhook: &Webhook, payload: &Arc<str>) -> Result<Preview, ShapeError> {
        if webhook.filter.is_none() && webhook.transformation.is_none() {
            return Ok(Preview { filter: None, shaped: Ok(styled(webhook.payload_style, payload)) });
        }
        match self.evaluate(webhook, payload, Purpose::Preview).await {
            Ok(evaluated) => {
                let filter = evaluated.filter.clone();
                Ok(Preview { filter, shaped: outcome(webhook.payload_style, payload, evaluated) })
            }
            Err(error @ ShapeError::Unavailable { .. }) => Err(error),
            Err(error) => Ok(Preview { filter: None, shaped: Err(error) }),
        }
    }

    /// Whether a text can be read as a filter.
    ///
    /// # Errors
    /// [`ShapeError::Invalid`] with the place and what was expected there; or the worker fails at it.
    pub async fn check_filter(&self, text: &str) -> Result<(), ShapeError> {
        self.pool()?.check(Expression::Filter, text).await
    }

    /// Whether a text can be read as a transformation.
    ///
    /// # Errors
    /// As [`Self::check_filter`].
    pub async fn check_transformation(&self, text: &str) -> Result<(), ShapeError> {
        self.pool()?.check(Expression::Transformation, text).await
    }

    async fn evaluate(&self, webhook: &Webhook, payload: &str, purpose: Purpose) -> Result<Evaluated, ShapeError> {
        if payload.len() > PAYLOAD_LIMIT {
            return Err(ShapeError::TooLarge);
        }
        let (filter, transformation) = (webhook.filter.as_deref(), webhook.transformation.as_deref());
        self.pool()?.evaluate(filter, transformation, payload, purpose).await
    }

    fn pool(&self) -> Result<&Pool, ShapeError> {
        self.pool.as_deref().ok_or(ShapeError::Unavailable { reason: "this process has no program for their workers" })
    }
}

fn outcome(style: PayloadStyle, payload: &Arc<str>, evaluated: Evaluated) -> Result<Shaped, ShapeError> {
    match evaluated {
        Evaluated { filter: Some(Ok(false)), .. } => Ok(Shaped::Filtered),
        Evaluated { body: Some(body), .. } => body.map(|body| Shaped::Body(body.into())),
        Evaluated { body: None, .. } => Ok(styled(style, payload)),
    }
}

fn styled(style: PayloadStyle, payload: &Arc<str>) -> Shaped {
    let thin = (style == PayloadStyle::Thin).then(|| thin::thin(payload)).flatten();
    thin.map_or(Shaped::AsIs, Shaped::Body)
}

#[cfg(test)]
mod tests;
