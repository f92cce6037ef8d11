#!/bin/sh
# Uses a freshly built knit for its main job: a project with express from the registry.
set -eu

knit=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
project=$(mktemp -d "${TMPDIR:-/tmp}/knit-quickstart-XXXXXX")
trap 'rm -rf "$project"' EXIT
cd "$project"

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }

say knit init --yes
"$knit" init --yes
say knit install express
"$knit" install express
say knit ls --all
"$knit" ls --all
say knit install
"$knit" install

count=$(find node_modules -name package.json | wc -l)
printf '\nexpress is installed: %s package.json files below node_modules.\n' "$count"

# an ES module and a CommonJS package, both found through the conditions of their exports
say knit install chalk tslib
"$knit" install chalk tslib
cat > app.mjs <<'PROGRAM'
import chalk from 'chalk';
import { createRequire } from 'node:module';
const { __assign } = createRequire(import.meta.url)('tslib');
console.log(chalk.green('knit runs'), __assign({ esm: typeof chalk }, { cjs: typeof __assign }));
PROGRAM
say knit app.mjs
"$knit" app.mjs
