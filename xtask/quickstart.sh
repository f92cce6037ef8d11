#!/bin/sh
# Uses a freshly built knit for its main jobs: a project with express from the registry, a program, and a registry of one's
# own that serves a package beside those of the public one.
set -eu

knit=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
project=$(mktemp -d "${TMPDIR:-/tmp}/knit-quickstart-XXXXXX")
server=""
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$project"
}
trap finish EXIT
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

# a registry of one's own: @quick/... is published here, everything else comes through it from the public one
mkdir "$project/registry" "$project/hello" "$project/app"
cat > "$project/registry/registry.toml" <<SETTINGS
[server]
listen = "127.0.0.1:0"

[[upstream]]
name = "public"
url = "$("$knit" config get registry)"

[names]
rules = [
  { names = "@quick/*", from = "here" },
  { names = "*", from = "public" },
]
SETTINGS
config="--config=$project/registry/registry.toml"
say knit registry serve "$config"
"$knit" registry serve "$config" > "$project/registry/said" 2> "$project/registry/log" &
server=$!
until url=$(sed -n 's/^the registry is at //p' "$project/registry/said") && [ -n "$url" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$project/registry/log" >&2; exit 1; }
    sleep 0.1
done
cat "$project/registry/said"
say knit registry user quick
"$knit" registry user quick quick@example.com "$config"
token=$("$knit" registry token quick "$config")
printf 'registry=%s\n%s:_authToken=%s\n' "$url" "${url#http:}" "$token" > "$project/hello/.npmrc"
cp "$project/hello/.npmrc" "$project/app/.npmrc"

cd "$project/hello"
cat > package.json <<'MANIFEST'
{ "name": "@quick/hello", "version": "1.0.0", "exports": "./index.js", "dependencies": { "ms": "^2.1.3" } }
MANIFEST
echo "module.exports = () => 'hello after ' + require('ms')(60000);" > index.js
say knit publish
"$knit" publish

cd "$project/app"
echo '{ "name": "app", "version": "1.0.0" }' > package.json
say knit install @quick/hello
"$knit" install @quick/hello
said=$("$knit" -p "require('@quick/hello')()")
echo "$said"
[ "$said" = "hello after 1m" ]
