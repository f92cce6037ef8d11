// Finds every specifier in the sources of an installed tree and prints what Node answers, a JSON line for each:
// {kind, from, specifier, answer: {path} | {url} | {code, message}}
//
//   node --experimental-import-meta-resolve tree.mjs FOLDER > tree.jsonl
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const LARGEST = 300_000;
const PATTERNS = [
  ['resolve', /\brequire\(\s*(['"])([^'"\n\\]+)\1\s*\)/g],
  ['import', /\b(?:import|export)\b[^'"();]*?\bfrom\s*(['"])([^'"\n\\]+)\1/g],
  ['import', /\bimport\s*\(?\s*(['"])([^'"\n\\]+)\1/g],
];

const asked = new Set();
const lines = [];

function ask(kind, from, specifier) {
  const key = `${kind} ${dirname(from)} ${specifier}`;
  if (asked.has(key)) return;
  asked.add(key);
  let answer;
  try {
    answer = kind === 'resolve' ? { path: createRequire(from).resolve(specifier) }
      : { url: import.meta.resolve(specifier, pathToFileURL(from).href) };
  } catch ({ code, message }) {
    answer = { code, message };
  }
  lines.push(JSON.stringify({ kind, from, specifier, answer }));
}

function visit(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      visit(path);
    } else if (entry.isFile() && /\.[cm]?js$/.test(entry.name)) {
      const source = readFileSync(path, 'utf8');
      if (source.length > LARGEST) continue;
      for (const [kind, pattern] of PATTERNS) {
        for (const { 2: specifier } of source.matchAll(pattern)) {
          ask(kind, path, specifier);
          // what is no path is asked for in both ways
          if (!/^[./]/.test(specifier)) ask(kind === 'import' ? 'resolve' : 'import', path, specifier);
        }
      }
    }
  }
}

visit(realpathSync(process.argv[2]));
process.stdout.write(`${lines.join('\n')}\n`);
