'use strict';
// Where a test was written. The engine's stack is kept as it is and read when somebody asks, because few tests are
// ever located.

const { capture, mappedSources, placeOfStack } = require('internal/stack');
const { fileURLToPath } = require('internal/url');

const unknown = { line: undefined, column: undefined, file: undefined };

const sources = new Map();

function linesOf(file) {
  let lines = sources.get(file);
  if (lines !== undefined) return lines;
  try {
    lines = require('fs').readFileSync(file, 'utf8').split('\n');
  } catch {
    lines = [];
  }
  sources.set(file, lines);
  return lines;
}

/** The engine says where the arguments of a call begin; told is where the name of its function does. */
function startOfCallee(file, line, column) {
  const text = linesOf(file)[line - 1];
  if (text?.[column - 1] !== '(') return column;
  const name = /[\w$]+$/.exec(text.slice(0, column - 1));
  return name === null ? column : name.index + 1;
}

class Location {
  #stack;
  #place;

  constructor(stack) {
    this.#stack = stack;
  }

  #read() {
    if (this.#place !== undefined) return this.#place;
    const site = this.#stack === undefined ? undefined : placeOfStack(this.#stack);
    this.#stack = undefined;
    if (site === undefined) return this.#place = unknown;
    const origin = mappedSources()?.originOf(site);
    let file = origin?.source ?? site.getFileName();
    if (file.startsWith('file:')) file = fileURLToPath(file);
    const line = origin?.line ?? site.getLineNumber();
    const column = origin?.column ?? startOfCallee(file, line, site.getColumnNumber());
    return this.#place = { line, column, file };
  }

  get line() { return this.#read().line; }
  get column() { return this.#read().column; }
  get file() { return this.#read().file; }
}

/** The place that called `fn`, which is running. */
const callerOf = (fn) => new Location(capture(1, fn));

/** Puts a place's parts into the data of an event, in the order that Node has. */
function assignLocation(data, location) {
  if (location === undefined) return;
  data.line = location.line;
  data.column = location.column;
  data.file = location.file;
}

module.exports = { assignLocation, callerOf };
