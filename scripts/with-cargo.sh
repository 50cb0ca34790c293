#!/bin/sh
# Runs a command with rustup's folder and what tools.sh fetched on the path: a shell that was opened earlier lacks them.
set -eu
PATH="$(cd "$(dirname "$0")/.." && pwd)/.test/tools/bin:$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
export PATH
exec "$@"
