#!/bin/sh
# Measures Simpul and prints a table; see bench/README.md. Options are passed on: scripts/bench.sh --help.
# Data and a throw-away PostgreSQL go to a folder of SIMPUL_BENCH_FOLDER (default /var/tmp, which is on a disk where /tmp may
# not be), removed at the end.
set -eu
cd "$(dirname "$0")/.."
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
scripts/tools.sh build postgres

# A program that was given is measured as it is.
case " $* " in
    *" --help "*) exec cargo run --quiet --release --locked --bin simpul-bench -- --help ;;
    *" --binary"*) cargo build --release --locked --bin simpul-bench ;;
    *) cargo build --release --locked --bin simpul --bin simpul-bench ;;
esac

. scripts/postgres.sh
folder=""
clean_up() {
    stop_postgres
    [ -z "$folder" ] || rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

parent=${SIMPUL_BENCH_FOLDER:-/var/tmp}
folder=$(mktemp -d "$parent/simpul-bench.XXXXXX")
# As in production: every commit reaches the disk.
start_postgres "$parent" "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c shared_buffers=256MB -c max_connections=300"
target/release/simpul-bench --postgres "$postgres_url" --data "$folder" "$@"
