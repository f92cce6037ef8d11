'use strict';
// fs.watchFile: looks at a file again and again, and tells when its metadata changed. One watcher serves all who
// watch the same file.

const EventEmitter = require('events');
const process = require('process');
const { beginResource, callInResource, endResource } = require('internal/async_hooks');
const { exchangeFrame, getFrame, setFrame } = require('internal/async_context');
const { validateFunction, validateUint32 } = require('internal/validators');
const { getValidatedPath } = require('internal/fs/utils');
const ops = require('internal/fs/binding');
const { toBigIntStats, toStats } = require('internal/fs/stats');
const { resolve } = require('path');
const { clearTimeout, setTimeout } = require('timers');

// Fields that make no change: when the file was read, and what follows from the others.
const ATIME = 10;
const ATIME_NANOSECONDS = 11;

function differ(a, b) {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && i !== ATIME && i !== ATIME_NANOSECONDS) return true;
  }
  return false;
}

class StatWatcher extends EventEmitter {
  #frame = getFrame();
  #resource = beginResource('STATWATCHER', this);
  #path;
  #bigint;
  #interval;
  #timer;
  #stopped = false;
  // Of what is not there all fields are zero.
  #zero;
  #fields;
  #failed = false;
  // Whether it keeps the process alive is counted, at most as often as it was asked to watch.
  #refs = 1;
  #maxRefs = 1;

  constructor(path, bigint, interval) {
    super();
    this.#path = path;
    this.#bigint = bigint;
    this.#interval = interval;
    this.#zero = new Array(18).fill(bigint ? 0n : 0);
    this.#look();
  }

  #look() {
    const done = (error, fields) => this.#compare(error, fields);
    if (this.#bigint) ops.statBigint(this.#path, done);
    else ops.stat(this.#path, done);
  }

  #compare(error, fields) {
    if (this.#stopped) return;
    const before = this.#fields;
    const failedBefore = this.#failed;
    this.#failed = error !== null;
    this.#fields = this.#failed ? this.#zero : fields;
    this.#timer = setTimeout(() => this.#look(), this.#interval);
    if (this.#refs === 0) this.#timer.unref();
    // What is not there at first is told, too.
    const changed = this.#failed ? !failedBefore : before !== undefined && differ(this.#fields, before);
    if (changed) this.#tell(this.#fields, before ?? this.#zero);
  }

  #tell(current, previous) {
    const convert = this.#bigint ? toBigIntStats : toStats;
    const frame = exchangeFrame(this.#frame);
    try {
      callInResource(this.#resource, this.emit, this, 'change', convert(current), convert(previous));
    } finally {
      setFrame(frame);
    }
  }

  #setRefs(refs) {
    this.#refs = refs;
    if (refs > 0) this.#timer?.ref();
    else this.#timer?.unref();
  }

  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    endResource(this.#resource);
    process.nextTick(() => this.emit('stop'));
  }

  ref() {
    if (this.#refs < this.#maxRefs) this.#setRefs(this.#refs + 1);
    return this;
  }

  unref() {
    if (this.#refs > 0) this.#setRefs(this.#refs - 1);
    return this;
  }

  static addUser(watcher) {
    watcher.#maxRefs++;
    watcher.#setRefs(watcher.#refs + 1);
  }

  static removeUser(watcher) {
    watcher.#maxRefs--;
    watcher.#setRefs(Math.min(watcher.#refs, watcher.#maxRefs));
  }
}

const watchers = new Map();

function watchFile(filename, options, listener) {
  filename = resolve(`${getValidatedPath(filename)}`);
  if (options === null || typeof options !== 'object') {
    listener = options;
    options = undefined;
  }
  // Five seconds and a prime's worth of milliseconds, so that many watchers do not look all at once.
  const { bigint = false, interval = 5007, persistent = true } = options ?? {};
  validateFunction(listener, 'listener');
  let watcher = watchers.get(filename);
  if (watcher === undefined) {
    validateUint32(interval, 'interval');
    watcher = new StatWatcher(filename, Boolean(bigint), interval);
    watchers.set(filename, watcher);
    if (!persistent) watcher.unref();
  } else {
    StatWatcher.addUser(watcher);
  }
  watcher.addListener('change', listener);
  return watcher;
}

function unwatchFile(filename, listener) {
  filename = resolve(`${getValidatedPath(filename)}`);
  const watcher = watchers.get(filename);
  if (watcher === undefined) return;
  if (typeof listener === 'function') {
    const before = watcher.listenerCount('change');
    watcher.removeListener('change', listener);
    if (watcher.listenerCount('change') < before) StatWatcher.removeUser(watcher);
  } else {
    watcher.removeAllListeners('change');
  }
  if (watcher.listenerCount('change') === 0) {
    watcher.stop();
    watchers.delete(filename);
  }
}

module.exports = { unwatchFile, watchFile };
