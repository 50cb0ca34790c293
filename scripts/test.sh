#!/bin/sh
# Runs every test. PostgreSQL: SIMPUL_TEST_POSTGRES_URL if it is set, else a throw-away cluster, stopped and removed at the end.
set -eu
cd "$(dirname "$0")/.."
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
scripts/tools.sh build test
SIMPUL_TEST_PYTHON="$PWD/.test/venv/bin/python"
export SIMPUL_TEST_PYTHON

cluster=""
# PostgreSQL refuses to run as root, so there it runs as the user that its package makes.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then (cd / && su postgres -s /bin/sh -c "$*"); else sh -c "$*"; fi
}
clean_up() {
    if [ -n "$cluster" ]; then
        as_postgres "'$programs/pg_ctl' -D '$cluster/data' -m immediate stop" >/dev/null 2>&1 || true
        rm -rf "$cluster"
    fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

if [ -z "${SIMPUL_TEST_POSTGRES_URL:-}" ]; then
    programs=$(scripts/tools.sh postgres-programs)
    cluster=$(mktemp -d "${TMPDIR:-/tmp}/simpul-postgres.XXXXXX")
    chmod 755 "$cluster"
    [ "$(id -u)" != 0 ] || chown postgres "$cluster"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    as_postgres "'$programs/initdb' -D '$cluster/data' -U postgres -A trust -E UTF8 --locale=C -N" >/dev/null
    as_postgres "'$programs/pg_ctl' -D '$cluster/data' -l '$cluster/log' -w -t 60 -o '-p $port -k $cluster -c listen_addresses=127.0.0.1 -c max_connections=300 -c shared_buffers=64MB' start" >/dev/null
    SIMPUL_TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres"
    export SIMPUL_TEST_POSTGRES_URL
fi

# The process tests run this binary.
cargo build --locked --bin simpul
if command -v cargo-nextest >/dev/null 2>&1; then
    cargo nextest run --workspace --locked --no-fail-fast "$@"
else
    cargo test --workspace --locked --no-fail-fast "$@"
fi
