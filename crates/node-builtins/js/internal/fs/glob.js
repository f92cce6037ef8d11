'use strict';
// glob in its three forms: walks directories as far as a pattern may lead. The walk is written once, as a generator
// that yields what it wants of the file system. Patterns themselves are read in glob_pattern.js.
//
// '**' does not go through symbolic links. What follows it may match one and go on from there; behind a leading './'
// one link is followed in any case.

const process = require('process');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateFunction, validateObject, validateString, validateStringArray } = require('internal/validators');
const { kEmptyObject } = require('internal/util');
const ops = require('internal/fs/binding');
const { promised, valueCallback } = require('internal/fs/callback');
const { direntFromStats, toDirents } = require('internal/fs/dirent');
const { GLOBSTAR, compile, matches, matchesSegment } = require('internal/fs/glob_pattern');
const { toStats } = require('internal/fs/stats');
const { toPathIfFileURL } = require('internal/url');
const { basename, dirname, isAbsolute, join, resolve } = require('path');

// Where a walk is in one pattern: the segments that the entries of a directory may match, as indexes. Those in
// `links` are segments '**' that have come through a symbolic link, and go no further.
class Position {
  constructor(id, segments, indexes, links) {
    this.id = id;
    this.segments = segments;
    this.indexes = indexes;
    this.links = links;
    this.last = segments.length - 1;
  }

  moved(indexes, links = new Set()) {
    return new Position(this.id, this.segments, indexes, links);
  }

  at(index) {
    return this.segments[index];
  }

  get isFirst() {
    return this.indexes.has(0);
  }

  // Whether the directory itself may be a result.
  isLast(isDirectory) {
    if (this.indexes.has(this.last)) return true;
    return this.at(this.last) === '' && isDirectory && this.indexes.has(this.last - 1) &&
      this.at(this.last - 1) === GLOBSTAR;
  }

  get entersLinks() {
    return [...this.indexes].some((index) => !this.links.has(index));
  }

  // Only one literal name is looked for.
  get onlyName() {
    if (this.indexes.size !== 1) return undefined;
    const segment = this.at([...this.indexes][0]);
    return typeof segment === 'string' ? segment : undefined;
  }

  test(index, name) {
    if (index >= this.segments.length) return false;
    const segment = this.segments[index];
    return segment === GLOBSTAR || matchesSegment(segment, name);
  }
}

class Walk {
  #root;
  #withFileTypes;
  #excludes = () => false;
  #excludePatterns;
  #stats = new Map();
  #entries = new Map();
  #seen = new Map();
  #results = new Set();
  // Results that nobody took yet.
  #found = [];
  #queue = [];
  #next = new Map();

  constructor(pattern, options) {
    validateObject(options, 'options');
    const { cwd, exclude, withFileTypes } = options;
    this.#root = toPathIfFileURL(cwd) ?? '.';
    this.#withFileTypes = Boolean(withFileTypes);
    if (exclude != null) this.#setExclude(exclude);
    if (typeof pattern === 'object') validateStringArray(pattern, 'patterns');
    else validateString(pattern, 'patterns');
    const windows = process.platform === 'win32';
    const alternatives = [pattern].flat().flatMap((text) => compile(text, windows));
    const positions = alternatives.map((segments, id) => new Position(id, segments, new Set([0]), new Set()));
    this.#queue.push(['.', positions]);
  }

  #setExclude(exclude) {
    if (!Array.isArray(exclude)) {
      if (typeof exclude !== 'function') {
        throw new ERR_INVALID_ARG_TYPE('options.exclude', ['string[]', 'function'], exclude);
      }
      this.#excludes = exclude;
      return;
    }
    exclude.forEach((pattern, i) => validateString(pattern, `options.exclude[${i}]`));
    const windows = process.platform === 'win32';
    const compiled = exclude.map((pattern) => compile(resolve(this.#root, pattern), windows));
    this.#excludePatterns = (path) => compiled.some((alternatives) => matches(alternatives, path, windows));
  }

  take() {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  // Visits one directory's worth of positions; false when there is nothing left to visit.
  * step() {
    const item = this.#queue.pop();
    if (item === undefined) return false;
    const [path, positions] = item;
    for (const position of positions) yield* this.#visit(path, position);
    for (const entry of this.#next) this.#queue.push(entry);
    this.#next.clear();
    return true;
  }

  * #visit(path, position) {
    if (!this.#isNew(path, position)) return;
    const full = resolve(this.#root, path);
    if (this.#excludePatterns?.(full)) return;
    const entry = yield* this.#look(full);
    const isDirectory = entry !== null && (entry.isDirectory() || (entry.isSymbolicLink() && position.entersLinks));
    if (position.isFirst && (yield* this.#leaveStart(position))) return;

    const { last } = position;
    const ending = position.at(last);
    if (position.isLast(isDirectory)) {
      if (typeof ending === 'string') {
        const named = yield* this.#look(join(full, ending));
        if (named !== null && (ending !== '' || isDirectory)) yield* this.#add(join(path, ending));
        if (position.indexes.size === 1 && position.indexes.has(last)) return;
      } else if (ending === GLOBSTAR &&
                 (path !== '.' || position.at(0) === '.' || (last === 0 && entry !== null))) {
        yield* this.#add(path);
      }
    }
    if (!isDirectory) return;
    for (const child of yield* this.#children(full, position.onlyName)) {
      yield* this.#match(path, full, child, position);
    }
  }

  #isNew(path, { id, indexes }) {
    const key = `${id}:${path}`;
    const seen = this.#seen.get(key);
    if (seen === undefined) {
      this.#seen.set(key, new Set(indexes));
      return true;
    }
    const before = seen.size;
    for (const index of indexes) seen.add(index);
    return seen.size > before;
  }

  // First segments that lead away from the directory or stay there: a root, '..' and '.'.
  * #leaveStart(position) {
    const first = position.at(0);
    if (typeof first !== 'string') return false;
    const start = process.platform === 'win32' && first.endsWith(':') ? `${first}\\` :
      first === '' ? '/' : first === '..' ? '../' : first === '.' ? '.' : undefined;
    if (start === undefined) return false;
    yield* this.#enqueue(start, position.moved(new Set([1])));
    return true;
  }

  * #enqueue(path, position) {
    const full = resolve(this.#root, path);
    if (this.#excludePatterns !== undefined) {
      if (this.#excludePatterns(path)) return;
      if (this.#excludePatterns(`${full}/`) && (yield* this.#look(full))?.isDirectory()) return;
    }
    const subject = this.#withFileTypes ? yield* this.#look(full) : path;
    if (subject !== null && this.#excludes(subject)) return;
    const waiting = this.#next.get(path);
    if (waiting === undefined) this.#next.set(path, [position]);
    else waiting.push(position);
  }

  // What one entry of a directory means for a position: a result, further positions, or nothing.
  * #match(path, full, entry, position) {
    const { last, links } = position;
    const name = entry.name;
    const below = join(path, name);
    const isDirectory = entry.isDirectory();
    this.#stats.set(join(full, name), entry);
    const indexes = new Set();
    const newLinks = new Set();
    for (const index of position.indexes) {
      const segment = position.at(index);
      const next = index + 1;
      if (segment === GLOBSTAR) {
        if (name[0] === '.' && !position.test(this.#afterGlobstars(position, next), name)) continue;
        if (this.#excludes(this.#withFileTypes ? entry : name)) continue;
        const throughLink = links.has(index);
        if (!throughLink && isDirectory) indexes.add(index);
        else if (!throughLink && index === last) yield* this.#add(below);

        const nextMatches = position.test(next, name);
        if (nextMatches && next === last && !position.isLast(true)) yield* this.#add(below);
        else if (nextMatches && isDirectory) indexes.add(index + 2);
        const entersLink = nextMatches || position.at(0) === '.';
        if (entersLink && (isDirectory || entry.isSymbolicLink()) && !throughLink) indexes.add(next);
        if (entry.isSymbolicLink()) newLinks.add(index);
        if (position.at(next) === '..' && isDirectory) yield* this.#goUp(path, position, next);
      } else if (typeof segment === 'string') {
        if (segment === name && index !== last) {
          indexes.add(next);
        } else if (segment === '.' && position.test(next, name)) {
          if (next === last) yield* this.#add(below);
          else indexes.add(next + 1);
        }
      } else if (position.test(index, name)) {
        if (index === last) yield* this.#add(below);
        else if (isDirectory) indexes.add(next);
      }
    }
    if (indexes.size > 0) yield* this.#enqueue(below, position.moved(indexes, newLinks));
  }

  #afterGlobstars(position, index) {
    while (position.at(index) === GLOBSTAR) index++;
    return index;
  }

  // '**/..' means each directory that '**' means, and those above.
  * #goUp(path, position, index) {
    const parent = join(path, '..');
    for (const directory of [path, parent]) {
      if (index === position.last) yield* this.#add(directory);
      else yield* this.#enqueue(directory, position.moved(new Set([index + 1])));
    }
  }

  * #add(path) {
    if (this.#results.has(path) || this.#excludePatterns?.(resolve(this.#root, path))) return;
    this.#results.add(path);
    const full = isAbsolute(path) ? path : join(this.#root, path);
    this.#found.push(this.#withFileTypes ? yield* this.#look(full) : path);
  }

  // The entry at a path, or null.
  * #look(path) {
    let entry = this.#stats.get(path);
    if (entry === undefined) {
      try {
        entry = direntFromStats(basename(path), dirname(path), toStats(yield ['lstat', path]));
      } catch {
        entry = null;
      }
      this.#stats.set(path, entry);
    }
    return entry;
  }

  * #children(path, name) {
    if (name !== undefined) {
      const entry = yield* this.#look(join(path, name));
      if (entry === null) return [];
      entry.name = name;
      return [entry];
    }
    let entries = this.#entries.get(path);
    if (entries === undefined) {
      try {
        entries = toDirents(path, yield ['readdirTypes', path], 'utf8');
      } catch {
        entries = [];
      }
      this.#entries.set(path, entries);
    }
    return entries;
  }
}

function stepSync(walk) {
  const steps = walk.step();
  let step = steps.next();
  while (!step.done) {
    const [name, path] = step.value;
    let answer;
    try {
      answer = ops[name](path);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(answer);
  }
  return step.value;
}

async function stepAsync(walk) {
  const steps = walk.step();
  let step = steps.next();
  while (!step.done) {
    const [name, path] = step.value;
    let answer;
    try {
      answer = await promised((done) => ops[name](path, done));
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(answer);
  }
  return step.value;
}

function globSync(pattern, options = kEmptyObject) {
  const walk = new Walk(pattern, options);
  while (stepSync(walk));
  return walk.take();
}

async function* glob(pattern, options = kEmptyObject) {
  const walk = new Walk(pattern, options);
  while (await stepAsync(walk)) yield* walk.take();
}

async function collect(walk) {
  while (await stepAsync(walk));
  return walk.take();
}

function globCallback(pattern, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  validateFunction(callback, 'callback');
  const done = valueCallback(callback);
  collect(new Walk(pattern, options ?? kEmptyObject)).then(
    (found) => process.nextTick(done, null, found), (error) => process.nextTick(done, error));
}

module.exports = { glob, globCallback, globSync };
