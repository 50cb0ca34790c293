#!/bin/sh
# Runs a command with rustup's folder on the path, as a shell that was opened before rustup was installed lacks it.
set -eu
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin:$(dirname "$0")/../.test/tools/bin"
export PATH
exec "$@"
