//! One `simpul serve` process that can be stopped in every way and started again at the same address.

use std::fs::{File, OpenOptions};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use simpul_store::MasterKey;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::client::{self, EMAIL, PASSWORD};
use crate::ports;

/// A start, of a debug build on a busy machine, that takes longer has failed.
const START: Duration = Duration::from_secs(60);
/// Longer than a clean stop may take.
const STOP: Duration = Duration::from_secs(45);
/// Lines of the process's log that a failed test shows.
const SHOWN: usize = 40;

pub(crate) struct Node {
    pub(crate) base: String,
    environment: Vec<(String, String)>,
    folder: TempDir,
    process: Option<Child>,
    client: reqwest::Client,
}

impl Node {
    pub(crate) fn new(database_url: &str, master_key: &MasterKey) -> Self {
        let address = format!("127.0.0.1:{}", ports::free());
        let environment = [
            ("SIMPUL_LISTEN", address.as_str()),
            ("SIMPUL_DATABASE_URL", database_url),
            ("SIMPUL_MASTER_KEY", master_key.to_base64().as_str()),
            ("SIMPUL_ADMIN_EMAIL", EMAIL),
            ("SIMPUL_ADMIN_PASSWORD", PASSWORD),
            ("SIMPUL_EGRESS_ALLOW", "127.0.0.0/8"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            base: format!("http://{address}"),
            environment: environment.into(),
            folder: tempfile::tempdir().expect("a folder"),
            process: None,
            client: client::new(),
        }
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Starts it and waits until it answers; answers how long that took.
    pub(crate) async fn start(&mut self) -> Duration {
        let begun = Instant::now();
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).expect("a log file");
        let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
        command.arg("serve").env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let errors: File = log.try_clone().expect("a second handle");
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        self.process = Some(command.spawn().expect("the binary starts"));
        while self.status("/healthz").await != Some(200) {
            assert!(self.is_alive(), "it did not start");
            assert!(begun.elapsed() < START, "it did not answer within {START:?}");
            sleep(Duration::from_millis(10)).await;
        }
        begun.elapsed()
    }

    /// The status of a GET, `None` where nothing answered within a few seconds.
    pub(crate) async fn status(&self, path: &str) -> Option<u16> {
        let request = self.client.get(format!("{}{path}", self.base)).timeout(Duration::from_secs(12));
        Some(request.send().await.ok()?.status().as_u16())
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| matches!(process.try_wait(), Ok(None)))
    }

    /// SIGKILL: the process gets no chance to do anything.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().expect("running");
        process.kill().expect("killed");
        process.wait().expect("ended");
    }

    /// SIGTERM; answers the exit status and how long the stop took.
    pub(crate) async fn terminate(&mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        let mut process = self.process.take().expect("running");
        let pid = process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("runs").success());
        loop {
            if let Some(status) = process.try_wait().expect("can be waited for") {
                return (status.code(), begun.elapsed());
            }
            if begun.elapsed() > STOP {
                process.kill().expect("killed");
                process.wait().expect("ended");
                return (None, begun.elapsed());
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// The most memory that it ever held, in MiB, where the system tells.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.as_ref()?.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? / 1_024)
    }

    fn log_path(&self) -> std::path::PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.log_path()).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            println!("the last of {}:\n{}", self.base, lines[lines.len().saturating_sub(SHOWN)..].join("\n"));
        }
        if let Some(mut process) = self.process.take() {
            drop(process.kill());
            drop(process.wait());
        }
    }
}
