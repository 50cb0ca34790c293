//! Starts the `simpul` program; everything else is in the library, where tests can reach it.

use std::process::ExitCode;

/// Measured against the system's on the delivery benchmark before it was kept: see docs/decisions/0005-mimalloc.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    simpul::cli::run()
}
