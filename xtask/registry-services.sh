#!/bin/sh
# What a registry that has outgrown one machine keeps things in, for the tests: a PostgreSQL and an S3-compatible server,
# both on loopback and thrown away afterwards.
#   registry-services.sh run COMMAND...   runs a command with both, told by KNIT_TEST_POSTGRES and KNIT_TEST_S3
set -eu
[ "${1:-}" = run ] || { echo "usage: $0 run COMMAND..." >&2; exit 2; }
shift
root=$(cd "$(dirname "$0")/.." && pwd)
postgres=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
moto="$root/target/registry-services/moto"
if ! "$moto/bin/python" -c "import moto.server" 2>/dev/null; then
    python3 -m venv --clear "$moto"
    "$moto/bin/pip" install -q 'moto[s3,server]==5.2.5'
fi

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
# PostgreSQL refuses to run as root
as_server() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

work=$(mktemp -d)
[ "$(id -u)" != 0 ] || chown postgres "$work"
moto_pid=""
stop() {
    status=$?
    [ -z "$moto_pid" ] || kill "$moto_pid" 2>/dev/null || true
    as_server "$postgres/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
    exit $status
}
trap stop EXIT
trap 'exit 130' INT TERM

cd /
postgres_port=$(free_port)
as_server "$postgres/initdb" -D "$work/data" -U knit -A trust --no-sync >/dev/null
as_server "$postgres/pg_ctl" -D "$work/data" -w -l "$work/log" \
    -o "-p $postgres_port -k $work -c listen_addresses=127.0.0.1 -c max_connections=400" start >/dev/null
s3_port=$(free_port)
"$moto/bin/moto_server" -H 127.0.0.1 -p "$s3_port" >/dev/null 2>&1 &
moto_pid=$!
until python3 -c "import urllib.request as u
u.urlopen(u.Request('http://127.0.0.1:$s3_port/knit', method='PUT'))" 2>/dev/null; do
    kill -0 "$moto_pid" 2>/dev/null || { echo "registry-services: the S3-compatible server does not start" >&2; exit 1; }
    sleep 0.2
done
cd - >/dev/null
KNIT_TEST_POSTGRES="postgres://knit@127.0.0.1:$postgres_port" KNIT_TEST_S3="http://127.0.0.1:$s3_port" "$@"
