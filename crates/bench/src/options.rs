//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::backend::Backend;

/// Measures Simpul from outside: starts it, sends it events, receives its webhooks, and prints a table.
#[derive(Debug, Clone, Parser)]
#[command(name = "simpul-bench", max_term_width = 110)]
pub(crate) struct Options {
    /// Rows of the table to measure, such as 1,4
    #[arg(long, value_name = "ROWS", value_delimiter = ',', value_parser = clap::value_parser!(u8).range(1..=14))]
    pub(crate) only: Vec<u8>,
    /// Databases to measure
    #[arg(long, value_enum, default_value_t = Backends::Both)]
    pub(crate) backend: Backends,
    /// Small counts, to see that everything works: the figures mean little
    #[arg(long)]
    pub(crate) quick: bool,
    /// Events of row 2 [default: 20000]; row 3 has a quarter of them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(100..=10_000_000))]
    pub(crate) events: Option<u64>,
    /// Stored deliveries for rows 7 and 8
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    pub(crate) rows: u64,
    /// Log rows of rows 8 and 12 to 14
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(20_000..=1_000_000_000))]
    pub(crate) logs: u64,
    /// Integrations that share them
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(2..=100_000))]
    pub(crate) integrations: u64,
    /// Rounds of row 10
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) kills: u32,
    /// How often each measurement is made; the table shows medians [default: 1, with --against 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rounds: Option<u32>,
    /// Added to the name of the file of results; also records a run that is not complete
    #[arg(long, value_name = "TEXT", value_parser = label)]
    pub(crate) label: Option<String>,
    /// The program to measure
    #[arg(long, value_name = "PATH", default_value = "target/release/simpul")]
    pub(crate) binary: PathBuf,
    /// Another program, measured in turn with the first; prints ratios in place of floors
    #[arg(long, value_name = "PATH")]
    pub(crate) against: Option<PathBuf>,
    /// A PostgreSQL on this machine that may be filled; scripts/bench.sh starts one
    #[arg(long, value_name = "URL")]
    pub(crate) postgres: Option<String>,
    /// Folder for data while measuring, on the disk to be measured [default: the system's for temporary files]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "FOLDER", default_value = "bench/results")]
    pub(crate) results: PathBuf,
}

/// Which databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backends {
    Sqlite,
    Postgres,
    Both,
}

impl Options {
    pub(crate) fn backends(&self) -> &'static [Backend] {
        match self.backend {
            Backends::Sqlite => &[Backend::Sqlite],
            Backends::Postgres => &[Backend::Postgres],
            Backends::Both => &[Backend::Sqlite, Backend::Postgres],
        }
    }

    pub(crate) fn wants(&self, row: u8) -> bool {
        self.only.is_empty() || self.only.contains(&row)
    }

    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.against.is_some() { 2 } else { 1 })
    }

    /// Whether the results are kept in a file: those of complete runs, and those that were given a label.
    pub(crate) fn is_recorded(&self) -> bool {
        let complete = self.only.is_empty() && self.backend == Backends::Both && !self.quick && self.against.is_none();
        complete || self.label.is_some()
    }

    /// The options that change the figures, without paths.
    pub(crate) fn shown(&self) -> String {
        let mut shown = Vec::new();
        if !self.only.is_empty() {
            let rows: Vec<String> = self.only.iter().map(u8::to_string).collect();
            shown.push(format!("--only {}", rows.join(",")));
        }
        if let Some(value) = self.backend.to_possible_value().filter(|_| self.backend != Backends::Both) {
            shown.push(format!("--backend {}", value.get_name()));
        }
        if self.quick {
            shown.push("--quick".to_owned());
        }
        shown.extend(self.events.map(|events| format!("--events {events}")));
        shown.push(format!(
            "--rows {} --logs {} --integrations {} --kills {} --rounds {}",
            self.rows,
            self.logs,
            self.integrations,
            self.kills,
            self.rounds()
        ));
        shown.join(" ")
    }
}

/// It becomes part of a file's name.
fn label(text: &str) -> Result<String, String> {
    let is_usable = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=60).contains(&text.len()) && text.bytes().all(is_usable) {
        Ok(text.to_owned())
    } else {
        Err("letters, digits, - and _ only".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parsed(arguments: &[&str]) -> Options {
        Options::try_parse_from(std::iter::once(&"simpul-bench").chain(arguments)).unwrap()
    }

    #[test]
    fn the_command_line_is_sound() {
        Options::command().debug_assert();
    }

    #[test]
    fn only_complete_runs_are_recorded_unless_they_have_a_label() {
        assert!(parsed(&[]).is_recorded() && parsed(&["--rows", "1000000"]).is_recorded());
        for partial in [&["--quick"][..], &["--only", "1"], &["--backend", "sqlite"], &["--against", "x"]] {
            assert!(!parsed(partial).is_recorded(), "{partial:?}");
            assert!(parsed(&[partial, &["--label", "a"]].concat()).is_recorded(), "{partial:?}");
        }
    }

    #[test]
    fn shown_options_hold_no_paths() {
        let options = parsed(&["--binary", "/home/a/simpul", "--data", "/home/b", "--only", "1,4", "--quick"]);
        assert_eq!(
            options.shown(),
            "--only 1,4 --quick --rows 100000 --logs 10000000 --integrations 1000 --kills 10 --rounds 1"
        );
        assert!(options.wants(4) && !options.wants(2));
    }

    #[test]
    fn a_label_that_is_no_file_name_is_refused() {
        for bad in ["", "../x", "a b", "a/b"] {
            assert!(Options::try_parse_from(["simpul-bench", "--label", bad]).is_err(), "{bad}");
        }
    }
}
