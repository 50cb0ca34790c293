//! One worker process, seen from the hub: how it starts, converses and ends.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::frame::{self, Answer, OUTPUT_LIMIT};
use super::worker::VERSION;

/// The hidden subcommand that makes the program a worker.
const SUBCOMMAND: &str = "shape-worker";
/// How long a worker may take to start on a busy machine.
const STARTING: Duration = Duration::from_secs(10);
/// How long a killed worker may take to be gone.
const ENDING: Duration = Duration::from_secs(2);
/// A worker that was at work for this long in all is replaced: well before its own limit on processor time, and before
/// anything that a library leaks can add up.
const WORKING_LIFE: Duration = Duration::from_secs(60);
/// Bytes of a dying worker's last words that are kept.
const LAST_WORDS: usize = 1_024;

/// Why a worker ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Death {
    OutOfMemory,
    /// The program or its values nest too deeply.
    OutOfStack,
    /// Something else, perhaps from outside.
    Unknown,
}

/// All that a worker finds in its environment: the allocator sets aside a gibibyte of address space at its start unless told
/// otherwise, more than a worker may have.
const ALLOCATOR: [(&str, &str); 1] = [("MIMALLOC_ARENA_RESERVE", "16M")];

pub(super) struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last_words: JoinHandle<String>,
    worked: Duration,
}

impl Process {
    /// Starts a worker and waits until it has limited itself. It gets an empty environment and a process group of its
    /// own, so that Ctrl-C in the hub's terminal does not end it before the hub.
    ///
    /// # Errors
    /// The program cannot be started, or it is no worker of this version.
    pub(super) async fn start(program: &Path) -> io::Result<Self> {
        let mut child = Command::new(program)
            .arg(SUBCOMMAND)
            .env_clear()
            .envs(ALLOCATOR)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        let last_words = tokio::spawn(listen(child.stderr.take().ok_or_else(missing)?));
        let mut process = Self { child, input, output, last_words, worked: Duration::ZERO };
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        let problem = match timeout(STARTING, process.receive()).await.map_err(late).flatten() {
            Ok((Answer::Ready { version }, _)) if version == VERSION => return Ok(process),
            Ok(_) => io::Error::other("the program is no shape worker of this version"),
            Err(error) => error,
        };
        process.end().await;
        Err(problem)
    }

    /// Whether it still runs and may take more work.
    pub(super) fn is_fit(&mut self) -> bool {
        self.worked < WORKING_LIFE && matches!(self.child.try_wait(), Ok(None))
    }

    pub(super) async fn send(&mut self, request: &[u8]) -> io::Result<()> {
        self.input.write_all(request).await?;
        self.input.flush().await
    }

    pub(super) async fn receive(&mut self) -> io::Result<(Answer, Vec<u8>)> {
        frame::receive(&mut self.output, OUTPUT_LIMIT).await
    }

    /// Adds to the time that it was at work.
    pub(super) fn note_work(&mut self, since: Instant) {
        self.worked += since.elapsed();
    }

    /// Kills and reaps it; answers why it had ended before, if it had.
    pub(super) async fn end(mut self) -> Death {
        if let Err(error) = self.child.start_kill() {
            tracing::debug!(%error, "a shape worker was gone before it was killed");
        }
        if !matches!(timeout(ENDING, self.child.wait()).await, Ok(Ok(_))) {
            tracing::warn!("a shape worker could not be reaped at once; it is reaped later");
        }
        let words = match timeout(ENDING, self.last_words).await {
            Ok(Ok(words)) => words,
            _ => String::new(),
        };
        if words.contains("memory allocation") {
            Death::OutOfMemory
        } else if words.contains("overflowed its stack") {
            Death::OutOfStack
        } else {
            Death::Unknown
        }
    }
}

/// Reads standard error to its end, so that it never fills, and keeps the last of it.
async fn listen(mut errors: ChildStderr) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; LAST_WORDS];
    while let Ok(count @ 1..) = errors.read(&mut buffer).await {
        kept.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let excess = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..excess);
    }
    String::from_utf8_lossy(&kept).into_owned()
}
