//! What is going on, told on standard error while the table is being made.

use std::io::Write as _;

pub(crate) fn say(line: &str) {
    // A terminal that is gone must not end a run of an hour.
    drop(writeln!(std::io::stderr(), "bench: {line}"));
}
