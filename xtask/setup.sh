#!/bin/sh
# Installs what the build and the tests need where it is missing, with Debian's own packages.
set -eu

missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need cc gcc
need make make
need git git
need node nodejs
need npm npm
# kills installs at chosen moments
need strace strace
# SpiderMonkey is C++ with headers that bindgen reads: .cargo/config.toml names these compilers
need /usr/lib/llvm-19/bin/clang clang-19
need /usr/lib/llvm-19/bin/llvm-objdump llvm-19
need python3 python3
# the registry's pages are looked at in it
need chromium chromium
need pkg-config pkg-config
# the registry's tests keep packages in these, too
[ -n "$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || missing="$missing postgresql"
need psql postgresql-client
python3 -c "import ensurepip" 2>/dev/null || missing="$missing python3-venv"
[ -e /usr/lib/llvm-19/lib/libclang.so ] || missing="$missing libclang-19-dev"
[ -e /usr/include/zlib.h ] || missing="$missing zlib1g-dev"

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "setup: please install:$missing" >&2
        exit 1
    fi
    run=""
    [ "$(id -u)" = 0 ] || run="sudo"
    echo "setup: installing$missing"
    $run apt-get update -q
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $run apt-get install -y -q --no-install-recommends $missing
fi
if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: Rust is missing; install it with rustup" >&2
    exit 1
fi
