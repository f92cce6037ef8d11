#!/bin/sh
# run.sh [TARGET...]: builds the fuzz targets and runs each, or those named, for FUZZ_SECONDS (60 by default). What made
# one fail is kept in fuzz/artifacts/TARGET, what reached new code in fuzz/corpus/TARGET. Fails if a target did.
#
# The compiler is the stable one: coverage is put in by LLVM's own pass, and libFuzzer needs nothing else.
set -eu
cd "$(dirname "$0")"
seconds=${FUZZ_SECONDS:-60}
host=$(rustc -vV | sed -n 's/^host: //p')
pass="-Cllvm-args=-sanitizer-coverage"
# with the triple given, build scripts and macros are built without these
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module $pass-level=4 $pass-inline-8bit-counters $pass-pc-table $pass-trace-compares"
export RUSTFLAGS
${CARGO:-cargo} build --locked --release --target "$host"
built=${CARGO_TARGET_DIR:-target}/$host/release
"$built/seeds" corpus corpus/dictionaries
[ $# -gt 0 ] || set -- $(sed -n 's|^path = "targets/\(.*\)\.rs"|\1|p' Cargo.toml)
# tarballs are unpacked into files
[ -w /dev/shm ] && TMPDIR=$(mktemp -d /dev/shm/knit-fuzz.XXXXXX) && export TMPDIR && trap 'rm -rf "$TMPDIR"' EXIT
failed=""
for target in "$@"; do
    mkdir -p "artifacts/$target"
    echo "== $target"
    words="corpus/dictionaries/$target"
    if ! RUST_BACKTRACE=1 "$built/$target" "corpus/$target" $([ ! -s "$words" ] || echo "-dict=$words") \
        -artifact_prefix="artifacts/$target/" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 \
        -max_len=65536 -print_final_stats=1 >"artifacts/$target/log" 2>&1; then
        failed="$failed $target"
        grep -a -A2 "panicked at\|ERROR: \|Test unit written" "artifacts/$target/log" || tail -n 5 "artifacts/$target/log"
    fi
    sed -n 's/^stat::number_of_executed_units: */runs: /p' "artifacts/$target/log"
    grep -a "cov: " "artifacts/$target/log" | tail -n 1
done
if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    echo "again: $built/TARGET artifacts/TARGET/FILE, in $(pwd)" >&2
    exit 1
fi
