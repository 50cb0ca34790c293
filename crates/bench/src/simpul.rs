//! The program under test: started as an operator would, and ended in the ways that there are.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use base64::Engine as _;
use hyper::Method;

use crate::connection::{Connection, Target};
use crate::failure::{Failure, Result};
use crate::usage::Subject;

pub(crate) const EMAIL: &str = "bench@example.id";
pub(crate) const PASSWORD: &str = "ukur-dahulu-baru-percaya";
const START: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(45);
const KEPT_LINES: usize = 50;

/// How a Simpul is started.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) binary: PathBuf,
    pub(crate) database_url: String,
    /// Beside those that every run has: variable and value.
    pub(crate) more: Vec<(&'static str, String)>,
}

/// What it said on standard error.
#[derive(Default)]
struct Said {
    last: Mutex<VecDeque<String>>,
    /// Lines in all: at level `warn` each is a warning or an error.
    count: AtomicU64,
}

/// A running Simpul; it is killed when dropped.
pub(crate) struct Simpul {
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first answer "ready".
    pub(crate) ready_after: Duration,
    process: Child,
    said: Arc<Said>,
}

impl Simpul {
    /// Starts it and waits until it answers that it is ready.
    ///
    /// # Errors
    /// It ended, or was not ready within a minute.
    pub(crate) async fn start(settings: &Settings) -> Result<Self> {
        let started = Instant::now();
        let mut process = command(settings)
            .spawn()
            .map_err(|error| Failure::told(format!("{} cannot be started: {error}", name_of(&settings.binary))))?;
        let said = Arc::new(Said::default());
        if let Some(errors) = process.stderr.take() {
            listen_to(errors, Arc::clone(&said));
        }
        let mut simpul =
            Self { address: SocketAddr::from(([127, 0, 0, 1], 0)), ready_after: Duration::ZERO, process, said };
        let output = simpul.process.stdout.take().ok_or_else(|| Failure::told("no standard output"))?;
        let line = announced(output).recv_timeout(START);
        let Some(address) = line.ok().as_deref().and_then(address_in) else {
            return Err(Failure::told(format!("Simpul did not get ready: {}", simpul.last_words())));
        };
        simpul.address = address;
        let mut connection = Connection::open(address).await?;
        let target = Target::new(address);
        while connection.send(target.request(Method::GET, "/readyz", String::new())?).await?.status != 200 {
            if started.elapsed() > START {
                return Err(Failure::told(format!("Simpul did not get ready: {}", simpul.last_words())));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        simpul.ready_after = started.elapsed();
        Ok(simpul)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn subject(&self) -> Subject {
        Subject::Process(self.pid())
    }

    /// Lines on standard error: warnings and errors, at the level that every run sets.
    pub(crate) fn warnings(&self) -> u64 {
        self.said.count.load(Ordering::Acquire)
    }

    /// The last line of them, or nothing.
    pub(crate) fn last_warning(&self) -> String {
        let last = self.said.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.back().cloned().unwrap_or_default()
    }

    fn last_words(&self) -> String {
        let last = self.said.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().map(String::as_str).collect::<Vec<_>>().join(" | ")
    }

    /// SIGKILL: it gets no chance to do anything.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// SIGTERM, and waits for a clean end.
    ///
    /// # Errors
    /// It ended with another status than 0, or not within 45 seconds.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        let end = Instant::now() + STOP;
        while asked.success() && Instant::now() < end {
            match self.process.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => {
                    return Err(Failure::told(format!("Simpul ended with {status}: {}", self.last_words())));
                }
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        Err(Failure::told(format!("Simpul did not stop when asked to: {}", self.last_words())))
    }
}

impl Drop for Simpul {
    fn drop(&mut self) {
        // Fails where it has ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn command(settings: &Settings) -> Command {
    let mut command = Command::new(&settings.binary);
    command
        .arg("serve")
        .env_clear()
        .env("SIMPUL_LISTEN", "127.0.0.1:0")
        .env("SIMPUL_DATABASE_URL", &settings.database_url)
        .env("SIMPUL_MASTER_KEY", base64::engine::general_purpose::STANDARD.encode([7; 32]))
        .env("SIMPUL_ADMIN_EMAIL", EMAIL)
        .env("SIMPUL_ADMIN_PASSWORD", PASSWORD)
        .env("SIMPUL_EGRESS_ALLOW", "127.0.0.0/8")
        .env("SIMPUL_LOG_LEVEL", "warn")
        // Tests of connections would add rows to a log whose length is known.
        .env("SIMPUL_SCHEDULED_TESTS", "off")
        .envs(settings.more.iter().map(|(name, value)| (*name, value.as_str())))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn name_of(binary: &Path) -> String {
    binary.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn listen_to(errors: ChildStderr, said: Arc<Said>) {
    std::thread::spawn(move || {
        for line in BufReader::new(errors).lines().map_while(std::result::Result::ok) {
            said.count.fetch_add(1, Ordering::AcqRel);
            let mut last = said.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.len() == KEPT_LINES {
                last.pop_front();
            }
            last.push_back(line);
        }
    });
}

/// The line that says where it listens; nothing where it ends without one. What follows is read and dropped.
fn announced(output: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(std::result::Result::ok) {
            if address_in(&line).is_some() {
                // The receiver waits for one line only.
                drop(sender.try_send(line));
            }
        }
    });
    receiver
}

/// The address in "… (listening on 127.0.0.1:3001)."
fn address_in(line: &str) -> Option<SocketAddr> {
    line.split_once("listening on ")?.1.trim_end_matches([')', '.']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_announcement() {
        let line = "Simpul is ready at http://localhost:3001 (listening on 127.0.0.1:40123).";
        assert_eq!(address_in(line), Some(SocketAddr::from(([127, 0, 0, 1], 40_123))));
        assert_eq!(address_in("simpul.toml was not found"), None);
    }

    #[tokio::test]
    async fn a_program_that_ends_at_once_is_told_with_its_last_words() {
        let settings =
            Settings { binary: PathBuf::from("/usr/bin/false"), database_url: "sqlite:x".to_owned(), more: Vec::new() };
        let failure = Simpul::start(&settings).await.err().unwrap();
        assert!(failure.to_string().contains("did not get ready"), "{failure}");
    }
}
