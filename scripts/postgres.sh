# A throw-away PostgreSQL cluster; sourced by test.sh and bench.sh.
# shellcheck shell=sh

cluster=""

# PostgreSQL refuses to run as root, so there it runs as the user that its package makes.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then (cd / && su postgres -s /bin/sh -c "$*"); else sh -c "$*"; fi
}

# start_postgres PARENT_FOLDER OPTIONS: starts a cluster in a new folder there and sets postgres_url.
start_postgres() {
    programs=$(scripts/tools.sh postgres-programs)
    cluster=$(mktemp -d "$1/simpul-postgres.XXXXXX")
    chmod 755 "$cluster"
    [ "$(id -u)" != 0 ] || chown postgres "$cluster"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    as_postgres "'$programs/initdb' -D '$cluster/data' -U postgres -A trust -E UTF8 --locale=C -N" >/dev/null
    as_postgres "'$programs/pg_ctl' -D '$cluster/data' -l '$cluster/log' -w -t 60 -o '-p $port -k $cluster -c listen_addresses=127.0.0.1 $2' start" >/dev/null
    postgres_url="postgres://postgres@127.0.0.1:$port/postgres"
}

# Stops the cluster, if one was started, and removes it.
stop_postgres() {
    if [ -n "$cluster" ]; then
        as_postgres "'$programs/pg_ctl' -D '$cluster/data' -m immediate stop" >/dev/null 2>&1 || true
        rm -rf "$cluster"
    fi
}
