'use strict';
// What the system tells of changes: one channel for the whole thread, because the system allows few, shared by all
// watches. A watch is of one path, or of a directory and all below it. It reports (eventType, filename) to a function.

const { beginResource, callInResource, endResource } = require('internal/async_hooks');
const { exchangeFrame, getFrame, setFrame } = require('internal/async_context');
const { setCallReferenced } = require('internal/event_loop');
const { decode, encodeName, isUtf8 } = require('internal/fs/utils');
const ops = require('internal/fs/binding');
const { modeOf } = require('internal/fs/sync');
const lazy = require('internal/lazy');

const process = require('process');
const getPath = lazy(() => require('path'));
const getPattern = lazy(() => require('internal/fs/glob_pattern'));

const DIRECTORY = 0o04;

// ---- the channel

let channel;
// The read that is under way.
let operation;
// Watch number -> those who listen to it. One file watched twice has one number.
const listeners = new Map();
// Watches that keep the process alive.
let holders = 0;

function open() {
  channel = ops.watchOpen();
  read();
}

function read() {
  const from = channel;
  operation = ops.watchRead(from, (error, events) => {
    // a channel that was closed may have another one after it, whose watches have the same numbers
    if (channel === from) received(error, events);
  });
  if (holders === 0) setCallReferenced(operation, false);
}

function received(error, events) {
  if (error !== null) throw error;
  read();
  for (let i = 0; i < events.length; i++) {
    const [number, isRename, hasEnded, name] = events[i];
    const audience = listeners.get(number);
    if (audience === undefined) continue;
    for (const listener of [...audience]) listener.hear(number, isRename ? 'rename' : 'change', name, hasEnded);
    if (hasEnded) listeners.delete(number);
    if (channel === undefined) return;
  }
}

function listen(path, listener) {
  if (channel === undefined) open();
  const number = ops.watchAdd(channel, path);
  const audience = listeners.get(number);
  if (audience === undefined) listeners.set(number, new Set([listener]));
  else audience.add(listener);
  return number;
}

function stopListening(number, listener) {
  const audience = listeners.get(number);
  if (audience === undefined || !audience.delete(listener) || audience.size > 0) return;
  listeners.delete(number);
  ops.watchRemove(channel, number);
}

function closeIfUnused() {
  if (listeners.size > 0 || channel === undefined) return;
  ops.watchClose(channel);
  channel = undefined;
}

function hold(count) {
  const before = holders;
  holders += count;
  if (channel === undefined || (before > 0) === (holders > 0)) return;
  if (holders > 0) setCallReferenced(operation, true);
  else setCallReferenced(operation, false);
}

// ---- watches

class Watch {
  #frame = getFrame();
  #resource = beginResource('FSEVENTWRAP', this);
  #report;
  #encoding;
  #ignores;
  #held = false;
  #closed = false;
  // Absolute, should the program change its directory.
  #root;
  #recursive = false;
  // Watch number -> path below the root ('' for the root itself).
  #paths = new Map();
  #numbers = new Map();

  constructor(path, { encoding, ignore, persistent, recursive }, report) {
    this.#report = report;
    this.#encoding = encoding;
    this.#ignores = createIgnoreMatcher(ignore);
    this.#root = typeof path === 'string' ? getPath().resolve(path) : path;
    try {
      this.#add('', path);
      if (recursive && ops.stat(path)[1] >> 12 === DIRECTORY) {
        this.#recursive = true;
        this.#root = `${this.#root}`;
        this.#addBelow('', false);
      }
    } catch (error) {
      this.close();
      error.filename = path;
      if (error.code === 'ENOSPC') {
        error.message = `ENOSPC: System limit for number of file watchers reached, watch '${path}'`;
      }
      throw error;
    }
    if (persistent) this.ref();
  }

  get closed() {
    return this.#closed;
  }

  ref() {
    if (this.#held || this.#closed) return;
    this.#held = true;
    hold(1);
  }

  unref() {
    if (!this.#held) return;
    this.#held = false;
    hold(-1);
  }

  close() {
    if (this.#closed) return;
    this.unref();
    this.#closed = true;
    endResource(this.#resource);
    for (const number of this.#paths.keys()) stopListening(number, this);
    closeIfUnused();
  }

  #add(relative, path) {
    const number = listen(path, this);
    this.#paths.set(number, relative);
    this.#numbers.set(relative, number);
  }

  // Watches the directories below one, and tells of what is there if that came to be while nobody looked.
  #addBelow(relative, tell) {
    const { join } = getPath();
    let found;
    try {
      found = ops.readdirTypes(join(this.#root, relative));
    } catch (error) {
      if (relative === '') throw error;
      return;
    }
    const [names, kinds] = found;
    for (let i = 0; i < names.length && !this.#closed; i++) {
      const path = join(relative, names[i]);
      if (this.#ignores?.(path)) continue;
      if (tell) this.#tell('rename', encodeName(path, this.#encoding));
      if (kinds[i] === 2) this.#addDirectory(path, tell);
    }
  }

  #addDirectory(relative, tell) {
    if (this.#closed || this.#numbers.has(relative)) return;
    try {
      this.#add(relative, getPath().join(this.#root, relative));
    } catch (error) {
      // It went as it came.
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return;
      throw error;
    }
    this.#addBelow(relative, tell);
  }

  #forget(number, relative) {
    this.#paths.delete(number);
    this.#numbers.delete(relative);
  }

  // An event of a watched path; without a name it is about the path itself.
  hear(number, type, name, hasEnded) {
    const directory = this.#paths.get(number);
    if (hasEnded) this.#forget(number, directory);
    if (!this.#recursive) {
      this.#hearOne(type, name);
      return;
    }
    // What happens to a directory itself is told by the one above.
    if (name.length === 0) return;
    const path = getPath().join(directory, decode(name, 'utf8'));
    if (this.#ignores?.(path)) return;
    this.#tell(type, encodeName(path, this.#encoding));
    if (type !== 'rename' || this.#closed) return;
    if (modeOf(getPath().join(this.#root, path)) >> 12 === DIRECTORY) this.#addDirectory(path, true);
  }

  #hearOne(type, name) {
    const bytes = name.length > 0 ? decode(name, 'buffer') : undefined;
    const text = bytes === undefined ? getPath().basename(`${this.#root}`) : bytes.toString();
    if (this.#ignores?.(text)) return;
    const plain = bytes === undefined || !this.#encoding || isUtf8(this.#encoding);
    this.#tell(type, plain ? encodeName(text, this.#encoding) : decode(bytes, this.#encoding));
  }

  #tell(type, filename) {
    if (this.#closed) return;
    const before = exchangeFrame(this.#frame);
    try {
      callInResource(this.#resource, this.#report, undefined, type, filename);
    } finally {
      setFrame(before);
    }
  }
}

// What a program does not want to hear of: globs (one without a slash matches the base name), patterns, predicates.
function createIgnoreMatcher(ignore) {
  if (ignore == null) return undefined;
  const windows = process.platform === 'win32';
  const matchers = (Array.isArray(ignore) ? ignore : [ignore]).map((matcher) => {
    if (typeof matcher === 'function') return matcher;
    if (typeof matcher !== 'string') return (filename) => matcher.exec(filename) !== null;
    const { compile, matches } = getPattern();
    const alternatives = compile(matcher, windows);
    const ofBase = alternatives.filter((segments) => segments.length === 1);
    return (filename) => {
      return matches(alternatives, filename, windows) || matches(ofBase, getPath().basename(filename), windows);
    };
  });
  return (filename) => matchers.some((matches) => matches(filename));
}

module.exports = { Watch };
