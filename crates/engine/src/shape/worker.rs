//! The worker process: limits itself, then evaluates what it is asked on standard input and answers on standard output.
//!
//! Requests are read on the main thread and evaluated on another. When the hub closes its end (it died, or has no more
//! use for the worker) the main thread returns and the process ends, even in the middle of an endless program.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, sync_channel};

use simpul_core::activity::clip;

use super::filter::Filters;
use super::frame::{self, Answer, PAYLOAD_LIMIT, Request};
use super::transformation::{Refusal, Transformations};
use super::{Expression, limits};

/// Bytes of stack for an evaluation: the libraries recurse with the nesting of programs and values.
const STACK: usize = 32 * 1024 * 1024;
/// Characters of a problem that are told.
const TOLD: usize = 500;
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Serves requests until standard input ends. Only for a process that was started for it: its limits are lowered for good.
///
/// # Errors
/// The limits cannot be set, or what came on standard input is no request.
pub fn run_shape_worker() -> io::Result<()> {
    limits::confine()?;
    // A panic's message may quote the payload.
    std::panic::set_hook(Box::new(|_| {}));
    frame::write(&mut io::stdout().lock(), &Answer::Ready { version: VERSION.to_owned() }, &[])?;
    let (requests, taken) = sync_channel(1);
    let evaluating = std::thread::Builder::new().name("evaluate".to_owned()).stack_size(STACK);
    evaluating.spawn(move || evaluate_all(&taken, &mut io::stdout()))?;
    let mut input = io::stdin().lock();
    loop {
        let request = match frame::read::<Request>(&mut input, PAYLOAD_LIMIT) {
            Ok(request) => request,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        if requests.send(request).is_err() {
            return Err(io::Error::other("the evaluating thread has ended"));
        }
    }
}

/// Ends when there are no more requests or nobody reads the answers.
fn evaluate_all(requests: &Receiver<(Request, Vec<u8>)>, output: &mut impl Write) {
    let mut evaluator = Evaluator { filters: Filters::new(), transformations: Transformations::new() };
    for (request, body) in requests {
        if evaluator.answer(request, &body, output).is_err() {
            return;
        }
    }
}

struct Evaluator {
    filters: Filters,
    transformations: Transformations,
}

impl Evaluator {
    fn answer(&mut self, request: Request, payload: &[u8], output: &mut impl Write) -> io::Result<()> {
        match request {
            Request::Check { expression, text } => {
                let checked = guarded(|| match expression {
                    Expression::Filter => self.filters.check(&text),
                    Expression::Transformation => self.transformations.check(&text),
                });
                let problem = checked.unwrap_or_else(|| Err("cannot be read".to_owned())).err();
                frame::write(output, &Answer::Checked { problem: problem.map(|problem| clip(&problem, TOLD)) }, &[])
            }
            Request::Shape { filter, transformation } => {
                if let Some(text) = filter {
                    let verdict = self.filter(&text, payload);
                    let is_kept_back = verdict == Ok(false);
                    frame::write(output, &Answer::Filtered { verdict }, &[])?;
                    if is_kept_back {
                        return Ok(());
                    }
                }
                let Some(text) = transformation else { return Ok(()) };
                match self.transform(&text, payload) {
                    Ok(body) => frame::write(output, &Answer::Transformed { problem: None }, &body),
                    Err(Refusal::TooLarge) => frame::write(output, &Answer::TooLarge, &[]),
                    Err(Refusal::Invalid(problem)) => {
                        frame::write(output, &Answer::Transformed { problem: Some(clip(&problem, TOLD)) }, &[])
                    }
                }
            }
        }
    }

    fn filter(&mut self, text: &str, payload: &[u8]) -> Result<bool, String> {
        let verdict = guarded(|| self.filters.wants(text, payload)).unwrap_or_else(|| {
            self.filters.forget(text);
            Err("cannot be evaluated on this event".to_owned())
        });
        verdict.map_err(|problem| clip(&problem, TOLD))
    }

    fn transform(&mut self, text: &str, payload: &[u8]) -> Result<Vec<u8>, Refusal> {
        guarded(|| self.transformations.apply(text, payload)).unwrap_or_else(|| {
            self.transformations.forget(text);
            Err(Refusal::Invalid("fails on this event".to_owned()))
        })
    }
}

/// `None` where a library panicked.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
