#!/bin/sh
# Records engine.profdata anew: builds knit with an engine that counts what it runs, lets that run the training programs
# and keeps the counts. Worth an hour after a new version of the engine, since functions that have changed lose theirs.
#   record.sh          all of it
#   record.sh KNIT     only the training, with a knit built so
# KNIT_NODE_TESTS, as in `make test`, adds some of Node's own tests to the training.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
llvm=/usr/lib/llvm-19
work="$root/target/engine-profile"

if [ $# -gt 0 ]; then
    knit=$1
else
    runtime=$(echo "$llvm"/lib/clang/19/lib/*/libclang_rt.profile*x86_64.a "$llvm"/lib/clang/19/lib/*/libclang_rt.profile.a |
        tr ' ' '\n' | while read -r file; do [ -e "$file" ] && echo "$file"; done | head -n 1)
    [ -n "$runtime" ] || { echo "record: please install libclang-rt-19-dev" >&2; exit 1; }
    cd "$root"
    CXX="$llvm/bin/clang++" CXXFLAGS=-fprofile-generate CARGO_TARGET_DIR="$work/build" \
        RUSTFLAGS="-Clink-arg=-Wl,-u,__llvm_profile_runtime -Clink-arg=$runtime" \
        cargo build --release -p cli --features record-profile
    knit="$work/build/release/knit"
fi

mkdir -p "$work/training" "$work/counts"
rm -f "$work/counts"/*
export LLVM_PROFILE_FILE="$work/counts/%m-%4m.profraw" XDG_CACHE_HOME="$work/cache"
cp "$here"/training/* "$work/training/"
cd "$work/training"
"$knit" install --no-audit --no-fund

# starts without and with kept bytecode; what happens most often counts most
rm -rf "$work/cache"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    "$knit" empty.js
    "$knit" empty.mjs
    "$knit" -p 1 >/dev/null
done
for kernel in "$root"/benchmarks/kernels/*.js; do "$knit" "$kernel" >/dev/null; done
library=node_modules/typescript/lib
"$knit" node_modules/typescript/bin/tsc --noEmit --strict program.ts
"$knit" node_modules/prettier/bin/prettier.cjs "$library/typescript.d.ts" >/dev/null
"$knit" node_modules/terser/bin/terser "$library/../../mocha/mocha.js" --compress --mangle >/dev/null
"$knit" node_modules/mocha/bin/mocha.js suite.js >/dev/null
"$knit" babel.js >/dev/null
if [ -n "${KNIT_NODE_TESTS:-}" ]; then
    # every fifth, and whether it passes does not matter
    for test in $(grep '^parallel/' "$root/xtask/node_tests/passed.txt" | awk 'NR % 5 == 0'); do
        timeout 60 "$knit" "$KNIT_NODE_TESTS/$test" >/dev/null 2>&1 || true
    done
fi
"$llvm/bin/llvm-profdata" merge -o "$here/engine.profdata" "$work/counts"/*.profraw
ls -l "$here/engine.profdata"
