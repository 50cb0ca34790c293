#!/bin/sh
# The dashboard's lints: its types, and whether its client is what the API's document says.
set -eu
cd "$(dirname "$0")/.."
[ "${SIMPUL_DASHBOARD:-}" != none ] || exit 0
(cd web && { [ -d node_modules ] || npm ci --no-audit --no-fund; } && npm run --silent check)
scripts/openapi.sh --check
