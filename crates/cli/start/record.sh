#!/bin/sh
# Writes functions.txt anew: the functions that starting programs and quick commands call, in the order in which the linker
# is to lay them out. Together they fill a few pages of the executable instead of one here and one there, each of which the
# system would have to bring in. Names that are not there any more do no harm, functions that are not named only lie
# elsewhere: worth repeating after a new version of the engine or of Rust, whose names change with the compiler.
#   record.sh KNIT     with an executable of `cargo build --release`; needs valgrind
set -eu
here=$(cd "$(dirname "$0")" && pwd)
knit=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export XDG_CACHE_HOME="$work/cache" HOME="$work" LC_ALL=C

mkdir -p project/library
echo '{"name":"project","version":"1.0.0","dependencies":{"library":"file:library"}}' >project/package.json
echo '{"name":"library","version":"1.0.0"}' >project/library/package.json
: >empty.js
: >empty.mjs
cat >usual.js <<'PROGRAM'
const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const util = require('node:util');
new EventEmitter().on('said', console.log).emit('said', path.basename(__filename), fs.readFileSync(__filename).length);
setTimeout(() => console.log(util.inspect({ a: [1, 'b'], c: new Map() })), 1);
setImmediate(() => process.nextTick(() => console.error(new Error('said').stack.length)));
fs.promises.readFile(__filename, 'utf8').then((text) => console.log(JSON.stringify(text.split('\n')).length));
PROGRAM
cat >usual.mts <<'PROGRAM'
import { readFileSync } from 'node:fs';
const of = (url: string): number => readFileSync(new URL(url)).length;
console.log(of(import.meta.url), await Promise.resolve(1));
PROGRAM

# The functions that a command calls once it has what earlier ones leave, but for those that others called before.
functions_of() {
    "$@" >/dev/null 2>&1
    valgrind --tool=callgrind --demangle=no --callgrind-out-file="$work/calls" "$@" >/dev/null 2>&1
    # a name stands where it is first used, as a caller or as one that is called; `'2` marks recursion
    sed -nE "s/^c?fn=\([0-9]+\) //p" "$work/calls" | sed "s/'[0-9]*$//" | sort -u >"$work/called"
    comm -12 "$work/called" "$work/defined" | comm -23 - "$work/known" >>"$work/order"
    sort -u "$work/known" "$work/called" -o "$work/known"
}
/usr/lib/llvm-19/bin/llvm-nm --defined-only --format=just-symbols "$knit" | sort -u >defined
: >known
: >order
functions_of "$knit" empty.js
functions_of "$knit" empty.mjs
functions_of "$knit" -p 1
functions_of "$knit" usual.js
functions_of "$knit" usual.mts
cd project
functions_of "$knit" --version
functions_of "$knit" install --offline --no-audit --no-fund
functions_of "$knit" run
mv "$work/order" "$here/functions.txt"
wc -l "$here/functions.txt"
