#!/bin/sh
# Runs every test. PostgreSQL: SIMPUL_TEST_POSTGRES_URL if it is set, else a throw-away cluster, stopped and removed at the end.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.test/tools/bin:$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
scripts/tools.sh build test
SIMPUL_TEST_PYTHON="$PWD/.test/venv/bin/python"
export SIMPUL_TEST_PYTHON

. scripts/postgres.sh
trap stop_postgres EXIT
trap 'exit 130' INT TERM

if [ -z "${SIMPUL_TEST_POSTGRES_URL:-}" ]; then
    start_postgres "${TMPDIR:-/tmp}" "-c max_connections=300 -c shared_buffers=64MB"
    SIMPUL_TEST_POSTGRES_URL=$postgres_url
    export SIMPUL_TEST_POSTGRES_URL
fi

# The process tests run this binary.
cargo build --locked --bin simpul --bin simpul-simulator
# That build has installed the dashboard's packages. The browser's pictures go to web/screenshots.
if [ "${SIMPUL_DASHBOARD:-}" != none ]; then
    SIMPUL_TEST_TARGET=$(cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')/debug
    export SIMPUL_TEST_TARGET
    (cd web && npm test && npm run e2e)
fi
if command -v cargo-nextest >/dev/null 2>&1; then
    cargo nextest run --workspace --locked --no-fail-fast "$@"
else
    cargo test --workspace --locked --no-fail-fast "$@"
fi
