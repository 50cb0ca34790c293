//! The hub's side of shaping: at most two workers, a bounded queue before them, and a deadline for each evaluation.
//!
//! A worker has one request at a time, so that whatever happens to it is that request's doing. Past the deadline it is
//! killed. One that died without saying why (it may have been killed from outside) costs nobody anything: the request is
//! made once more, of a new worker. Previews and checks take turns among themselves, so that a worker is always left for
//! deliveries.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::frame::{Answer, Request, encode};
use super::process::{Death, Process};
use super::strikes::Strikes;
use super::{Expression, ShapeError};

/// Workers that are alive at once.
const WORKERS: usize = 2;
/// Evaluations that wait for a worker.
const QUEUE: usize = 1_024;
/// How long one may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an evaluation may take for a delivery, and where a person waits for it.
const DELIVERY: Duration = Duration::from_millis(250);
const PREVIEW: Duration = Duration::from_secs(1);

/// Whether a person waits for the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Delivery,
    Preview,
}

/// What became of an event's filter and transformation.
#[derive(Debug, Default)]
pub(super) struct Evaluated {
    pub(super) filter: Option<Result<bool, String>>,
    /// `None` where there is no transformation, or the filter kept the event back.
    pub(super) body: Option<Result<String, ShapeError>>,
}

pub(super) struct Pool {
    program: PathBuf,
    seats: Semaphore,
    people: Semaphore,
    waiting: AtomicUsize,
    idle: Mutex<Vec<Process>>,
    strikes: Strikes,
}

impl Pool {
    pub(super) fn new(program: PathBuf) -> Self {
        Self {
            program,
            seats: Semaphore::new(WORKERS),
            people: Semaphore::new(1),
            waiting: AtomicUsize::new(0),
            idle: Mutex::default(),
            strikes: Strikes::default(),
        }
    }

    /// Evaluates filter and transformation on a payload. A filter's failure that cost no worker is in the answer.
    pub(super) async fn evaluate(
        &self,
        filter: Option<&str>,
        transformation: Option<&str>,
        payload: &str,
        purpose: Purpose,
    ) -> Result<Evaluated, ShapeError> {
        let key = self.strikes.key(filter, transformation);
        if purpose == Purpose::Delivery
            && let Some(error) = self.strikes.aside(key, Instant::now())
        {
            return Err(error);
        }
        let request =
            Request::Shape { filter: filter.map(str::to_owned), transformation: transformation.map(str::to_owned) };
        let request = encode(&request, payload.as_bytes()).map_err(unusable)?;
        let _turn = self.turn(purpose).await?;
        let stages = [filter.map(|_| Expression::Filter), transformation.map(|_| Expression::Transformation)];
        let stages: Vec<Expression> = stages.into_iter().flatten().collect();
        let outcome = self.converse(&request, &stages, purpose).await;
        self.strikes.note(key, outcome.as_ref().err(), Instant::now());
        let mut evaluated = Evaluated::default();
        for (answer, body) in outcome? {
            match answer {
                Answer::Filtered { verdict } => evaluated.filter = Some(verdict),
                answer => evaluated.body = Some(body_of(answer, body)),
            }
        }
        Ok(evaluated)
    }

    /// Whether the text can be read as such an expression.
    pub(super) async fn check(&self, which: Expression, text: &str) -> Result<(), ShapeError> {
        let request = Request::Check { expression: which, text: text.to_owned() };
        let request = encode(&request, &[]).map_err(unusable)?;
        let _turn = self.turn(Purpose::Preview).await?;
        match self.converse(&request, &[which], Purpose::Preview).await?.pop() {
            Some((Answer::Checked { problem: None }, _)) => Ok(()),
            Some((Answer::Checked { problem: Some(message) }, _)) => Err(ShapeError::Invalid { which, message }),
            _ => Err(ShapeError::WorkerDied { which }),
        }
    }

    /// Waits for a worker's place.
    async fn turn(&self, purpose: Purpose) -> Result<Turn<'_>, ShapeError> {
        let _waiting = Waiting::enter(&self.waiting).ok_or_else(busy)?;
        let taking = async {
            let person = match purpose {
                Purpose::Preview => Some(self.people.acquire().await?),
                Purpose::Delivery => None,
            };
            Ok(Turn { _person: person, _seat: self.seats.acquire().await? })
        };
        let closed = |_: tokio::sync::AcquireError| busy();
        timeout(PATIENCE, taking).await.map_err(|_| busy())?.map_err(closed)
    }

    /// Makes a request that evaluates these expressions in turn, and reads the answers.
    async fn converse(&self, request: &[u8], stages: &[Expression], purpose: Purpose) -> Result<Answers, ShapeError> {
        let limit = if purpose == Purpose::Preview { PREVIEW } else { DELIVERY };
        let mut which = Expression::Filter;
        for is_last in [false, true] {
            let mut process = self.worker(is_last).await?;
            let since = Instant::now();
            let death = match timeout(limit, ask(&mut process, request, stages, &mut which)).await {
                Ok(Ok(answers)) => {
                    process.note_work(since);
                    self.give_back(process);
                    return Ok(answers);
                }
                Ok(Err(_)) => process.end().await,
                Err(_) => {
                    process.end().await;
                    return Err(ShapeError::TimedOut { which, limit });
                }
            };
            match death {
                Death::OutOfMemory => return Err(ShapeError::OutOfMemory { which }),
                Death::OutOfStack => break,
                Death::Unknown => tracing::debug!(is_last, "a shape worker was gone"),
            }
        }
        Err(ShapeError::WorkerDied { which })
    }

    /// A worker that waits, or a new one; `anew` for one that nobody can have harmed.
    async fn worker(&self, anew: bool) -> Result<Process, ShapeError> {
        while let Some(mut process) = self.take_idle() {
            if !anew && process.is_fit() {
                return Ok(process);
            }
            process.end().await;
        }
        Process::start(&self.program).await.map_err(|error| {
            tracing::error!(%error, "a shape worker cannot be started");
            ShapeError::Unavailable { reason: "their worker process cannot be started" }
        })
    }

    fn take_idle(&self) -> Option<Process> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give_back(&self, process: Process) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(process);
    }
}

fn busy() -> ShapeError {
    ShapeError::Unavailable { reason: "too many wait for their turn" }
}

fn unusable(error: io::Error) -> ShapeError {
    tracing::debug!(%error, "a request to a shape worker cannot be written");
    ShapeError::TooLarge
}

/// Held while a worker is used.
struct Turn<'a> {
    _person: Option<SemaphorePermit<'a>>,
    _seat: SemaphorePermit<'a>,
}

/// A place in the queue, given back when dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize) -> Option<Self> {
        let entered = Self(count);
        (count.fetch_add(1, Ordering::Relaxed) < QUEUE).then_some(entered)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

type Answers = Vec<(Answer, Vec<u8>)>;

/// Sends a request and reads its answers; `which` follows the expression that is being evaluated.
async fn ask(
    process: &mut Process,
    request: &[u8],
    stages: &[Expression],
    which: &mut Expression,
) -> io::Result<Answers> {
    let mut answers = Vec::with_capacity(stages.len());
    *which = stages.first().copied().unwrap_or(Expression::Filter);
    process.send(request).await?;
    for stage in stages {
        *which = *stage;
        let answer = process.receive().await?;
        let is_kept_back = matches!(answer.0, Answer::Filtered { verdict: Ok(false) });
        answers.push(answer);
        if is_kept_back {
            break;
        }
    }
    Ok(answers)
}

fn body_of(answer: Answer, body: Vec<u8>) -> Result<String, ShapeError> {
    let which = Expression::Transformation;
    match answer {
        Answer::Transformed { problem: None } => String::from_utf8(body).map_err(|_| ShapeError::WorkerDied { which }),
        Answer::Transformed { problem: Some(message) } => Err(ShapeError::Invalid { which, message }),
        Answer::TooLarge => Err(ShapeError::TooLarge),
        _ => Err(ShapeError::WorkerDied { which }),
    }
}
