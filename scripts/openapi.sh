#!/bin/sh
# Writes docs/openapi.json and the dashboard's client anew from the program; with `--check`, says whether they are out of date.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.test/tools/bin:$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
if [ "${1:-}" = --check ]; then
    made=$(mktemp)
    trap 'rm -f "$made"' EXIT
    (cd web && npm run --silent client -- --output "$made" >/dev/null)
    cmp -s "$made" web/src/api/schema.d.ts || {
        echo "simpul: web/src/api/schema.d.ts is not what docs/openapi.json says: run scripts/openapi.sh and commit both" >&2
        exit 1
    }
    exit 0
fi
cargo build --locked --bin simpul
target=$(cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
"$target/debug/simpul" openapi >docs/openapi.json
(cd web && npm run --silent generate)
