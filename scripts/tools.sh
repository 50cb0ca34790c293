#!/bin/sh
# Installs what a fresh Debian or macOS machine lacks: `tools.sh build` for a compiler, Rust and Node, `lint` for cargo-machete,
# `postgres` for PostgreSQL's server programs, `test` for those, a Python with aiosmtpd in .test/venv, and on Debian libfaketime.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.test/tools/bin:$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
# The oldest Rust that the libraries accept.
rust_minor=94
# What is fetched where the distribution's Node is older than 20.19.
node_version=20.20.2

say() { echo "simpul: $*" >&2; }
stop() { say "$*"; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else stop "this needs root: run '$*' as root, then try again"
    fi
}

# install PACKAGE_ON_DEBIAN PACKAGE_ON_MACOS
install() {
    if command -v apt-get >/dev/null 2>&1; then
        say "installing $1"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
        # shellcheck disable=SC2086
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >/dev/null
    elif command -v brew >/dev/null 2>&1; then
        say "installing $2"
        brew install --quiet "$2"
    else
        stop "please install $1 (no apt-get and no Homebrew were found to do it)"
    fi
}

need_build() {
    command -v cc >/dev/null 2>&1 || {
        if [ "$(uname)" = Darwin ]; then xcode-select --install || true; stop "install the command line tools that were just offered, then try again"; fi
        install "build-essential" ""
    }
    [ "${SIMPUL_DASHBOARD:-}" = none ] || need_node
    if ! command -v cargo >/dev/null 2>&1; then
        command -v curl >/dev/null 2>&1 || install "curl ca-certificates" curl
        say "installing Rust with rustup"
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y -q --profile minimal -c rustfmt -c clippy
    fi
    minor=$(cargo --version | sed -n 's/^cargo 1\.\([0-9]*\).*/\1/p')
    if [ "${minor:-0}" -lt "$rust_minor" ]; then
        command -v rustup >/dev/null 2>&1 || stop "Rust 1.$rust_minor or newer is needed; this is $(cargo --version)"
        say "updating Rust"
        rustup update stable
    fi
}

# The dashboard is built with Node 20.19 or newer and its npm.
has_node() {
    command -v npm >/dev/null 2>&1 || return 1
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

need_node() {
    has_node && return
    if command -v apt-get >/dev/null 2>&1; then
        as_root apt-get update -qq
        offered=$(apt-cache policy nodejs | sed -n 's/.*Candidate: \([0-9]*\)\.\([0-9]*\).*/\1\2/p')
        if [ "${offered:-0}" -ge 2019 ]; then install "nodejs npm" ""; else fetch_node; fi
    else
        install "" node
    fi
    has_node || stop "Node 20.19 or newer is needed for the dashboard; install it, or set SIMPUL_DASHBOARD=none to build without"
}

# Debian 12 and older offer an older Node: the official build goes into .test/tools, checked against nodejs.org's checksums.
fetch_node() {
    case "$(uname -m)" in
        x86_64) arch=x64 ;;
        aarch64) arch=arm64 ;;
        *) stop "this distribution's Node is older than 20.19: install a newer one, or set SIMPUL_DASHBOARD=none" ;;
    esac
    name=node-v$node_version-linux-$arch
    say "fetching Node $node_version (this distribution's is older than 20.19)"
    command -v curl >/dev/null 2>&1 || install "curl ca-certificates" ""
    command -v xz >/dev/null 2>&1 || install xz-utils ""
    mkdir -p .test/tools
    (
        cd .test/tools
        curl --proto '=https' --tlsv1.2 -sSfO "https://nodejs.org/dist/v$node_version/$name.tar.xz"
        curl --proto '=https' --tlsv1.2 -sSf "https://nodejs.org/dist/v$node_version/SHASUMS256.txt" | grep " $name.tar.xz\$" | sha256sum -c --quiet
        tar -xJf "$name.tar.xz" --strip-components=1
        rm "$name.tar.xz"
    )
}

need_lint() {
    command -v cargo-machete >/dev/null 2>&1 || {
        say "building cargo-machete"
        cargo install --quiet --locked --root .test/tools cargo-machete
    }
}

# Prints the folder of initdb and pg_ctl, if there is one.
postgres_programs() {
    for folder in "$(dirname "$(command -v pg_ctl 2>/dev/null || echo /nowhere/x)")" /usr/lib/postgresql/*/bin \
        /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && "$folder/initdb" --version >/dev/null 2>&1; then
            echo "$folder"
            return
        fi
    done
}

has_browser() {
    for program in "${SIMPUL_TEST_CHROMIUM:-}" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /Applications/Chromium.app/Contents/MacOS/Chromium; do
        [ ! -x "$program" ] || return 0
    done
    return 1
}

need_browser() {
    has_browser && return
    if command -v apt-get >/dev/null 2>&1; then install "chromium fonts-dejavu-core" ""
    elif command -v brew >/dev/null 2>&1; then say "installing Chromium"; brew install --quiet --cask chromium
    else stop "please install Chromium for the browser tests, or set SIMPUL_TEST_CHROMIUM to its path"
    fi
}

need_postgres() {
    [ -n "$(postgres_programs)" ] || install postgresql postgresql@16
    command -v python3 >/dev/null 2>&1 || install python3 python3
}

need_test() {
    [ -n "${SIMPUL_TEST_POSTGRES_URL:-}" ] || need_postgres
    # The tests that move the clock say that they are skipped where it is absent, as on macOS.
    if command -v apt-get >/dev/null 2>&1 && ! ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1; then
        install faketime ""
    fi
    [ "${SIMPUL_DASHBOARD:-}" = none ] || need_browser
    if ! .test/venv/bin/python -c 'import aiosmtpd' >/dev/null 2>&1; then
        python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || install "python3 python3-venv" python3
        say "making a Python environment with aiosmtpd in .test/venv"
        rm -rf .test/venv
        python3 -m venv .test/venv
        .test/venv/bin/pip install --quiet --disable-pip-version-check 'aiosmtpd==1.4.6'
    fi
}

for need in "$@"; do
    case "$need" in
        build) need_build ;;
        lint) need_lint ;;
        postgres) need_postgres ;;
        test) need_test ;;
        postgres-programs) postgres_programs ;;
        *) stop "tools.sh does not know '$need'" ;;
    esac
done
