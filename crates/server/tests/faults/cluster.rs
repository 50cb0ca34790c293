//! A PostgreSQL cluster of a test's own, which it may stop and start.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::ports;

pub(crate) struct Cluster {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

impl Cluster {
    /// Makes one and starts it.
    ///
    /// # Panics
    /// PostgreSQL's programs are not installed: a test that needs them must not pass without them.
    pub(crate) fn start() -> Self {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/tools.sh");
        let found = Command::new(tools).arg("postgres-programs").output().expect("the script runs");
        let programs = PathBuf::from(String::from_utf8_lossy(&found.stdout).trim());
        assert!(programs.join("pg_ctl").exists(), "PostgreSQL is not installed: run the tests with `make test`");
        let folder = tempfile::tempdir().expect("a folder");
        if is_root() {
            succeeds(&Command::new("chown").arg("postgres").arg(folder.path()).output().expect("runs"));
        }
        let cluster = Self { programs, folder, port: ports::free() };
        let data = cluster.data();
        cluster.run("initdb", &format!("-D '{data}' -U postgres -A trust -E UTF8 --locale=C -N"));
        cluster.start_again();
        cluster
    }

    pub(crate) fn start_again(&self) {
        let (data, folder, port) = (self.data(), self.folder.path().display(), self.port);
        let options = format!("-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c shared_buffers=64MB");
        self.run("pg_ctl", &format!("-D '{data}' -l '{folder}/log' -w -t 60 -o '{options}' start"));
    }

    /// Cuts every session off and stops.
    pub(crate) fn stop(&self) {
        self.run("pg_ctl", &format!("-D '{}' -m fast -w stop", self.data()));
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &str) {
        succeeds(&self.output(program, arguments));
    }

    /// PostgreSQL refuses to run as root, so there it runs as the user that its package makes.
    fn output(&self, program: &str, arguments: &str) -> Output {
        let line = format!(
            "'{}' {arguments} </dev/null >'{}/out' 2>&1",
            self.programs.join(program).display(),
            self.folder.path().display()
        );
        let mut command = if is_root() { Command::new("su") } else { Command::new("sh") };
        if is_root() {
            command.args(["postgres", "-s", "/bin/sh"]);
        }
        command.args(["-c", &line]).current_dir("/").output().expect("runs")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.output("pg_ctl", &format!("-D '{}' -m immediate stop", self.data())));
    }
}

/// Whether this test runs as root.
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn succeeds(output: &Output) {
    assert!(output.status.success(), "{output:?}");
}
