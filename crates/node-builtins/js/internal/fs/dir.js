'use strict';
// Directories opened for reading entry by entry. Entries are read some at a time; asynchronous operations on one
// directory run one after another, and synchronous ones are refused while one does.

const process = require('process');
const { codes } = require('internal/errors');
const { validateFunction, validateUint32 } = require('internal/validators');
const { decode, getOptions, getValidatedPath } = require('internal/fs/utils');
const ops = require('internal/fs/binding');
const { promised, valueCallback } = require('internal/fs/callback');
const { Dirent } = require('internal/fs/dirent');
const lazy = require('internal/lazy');

const {
  ERR_DIR_CLOSED,
  ERR_DIR_CONCURRENT_OPERATION,
  ERR_INVALID_THIS,
  ERR_MISSING_ARGS,
} = codes;

const getPath = lazy(() => require('path'));

const defaults = Object.freeze({ __proto__: null, encoding: 'utf8' });

const forgotten = new FinalizationRegistry((open) => {
  ops.closeDirectory(open.handle);
  process.emitWarning('Closing directory handle on garbage collection');
});

class Dir {
  #path;
  #encoding;
  #bufferSize;
  #recursive;
  #closed = false;
  // What is being read: the handle of the op, and where it is. Below this directory, if it is read recursively.
  #open;
  #entries = [];
  // Directories below that are still to be read.
  #waiting = [];
  // The last of the asynchronous operations that are under way.
  #pending;

  constructor(handle, path, options) {
    if (handle == null) throw new ERR_MISSING_ARGS('handle');
    const { bufferSize, encoding, recursive } = getOpendirOptions(options);
    this.#path = path;
    this.#encoding = encoding || 'utf8';
    this.#bufferSize = bufferSize ?? 32;
    this.#recursive = Boolean(recursive);
    this.#open = { handle, path: `${path}` };
    forgotten.register(this, this.#open, this);
  }

  get path() {
    if (!(#path in this)) throw new ERR_INVALID_THIS('Dir');
    return this.#path;
  }

  read(callback) {
    return this.#answer(callback, () => this.#next());
  }

  readSync() {
    this.#assertIdle();
    while (this.#entries.length === 0) {
      const found = ops.readDirectory(this.#open.handle, this.#bufferSize);
      if (found[0].length > 0) {
        this.#take(found);
      } else {
        const below = this.#waiting.shift();
        if (below === undefined) return null;
        this.#enter(below, ops.opendir(below));
      }
    }
    return this.#entries.shift();
  }

  close(callback) {
    return this.#answer(callback, async () => {
      if (this.#closed) throw new ERR_DIR_CLOSED();
      this.#close();
    });
  }

  closeSync() {
    this.#assertIdle();
    this.#close();
  }

  async* entries() {
    try {
      for (let entry = await this.read(); entry !== null; entry = await this.read()) yield entry;
    } finally {
      await this.close();
    }
  }

  [Symbol.dispose]() {
    if (!this.#closed) this.closeSync();
  }

  async [Symbol.asyncDispose]() {
    if (!this.#closed) await this.close();
  }

  #assertIdle() {
    if (this.#closed) throw new ERR_DIR_CLOSED();
    if (this.#pending !== undefined) throw new ERR_DIR_CONCURRENT_OPERATION();
  }

  // Runs an operation after those under way, and gives the outcome to the callback, or as a promise.
  #answer(callback, operation) {
    if (callback === undefined) return this.#enqueue(operation);
    validateFunction(callback, 'callback');
    const done = valueCallback(callback);
    this.#enqueue(operation).then(
      (value) => process.nextTick(done, null, value), (error) => process.nextTick(done, error));
    return undefined;
  }

  async #enqueue(operation) {
    if (this.#closed) throw new ERR_DIR_CLOSED();
    const turn = this.#pending === undefined ? operation() : this.#pending.then(operation, operation);
    this.#pending = turn;
    try {
      return await turn;
    } finally {
      if (this.#pending === turn) this.#pending = undefined;
    }
  }

  async #next() {
    while (this.#entries.length === 0) {
      if (this.#closed) throw new ERR_DIR_CLOSED();
      const found = await promised((done) => ops.readDirectory(this.#open.handle, this.#bufferSize, done));
      if (found[0].length > 0) {
        this.#take(found);
      } else {
        const below = this.#waiting.shift();
        if (below === undefined) return null;
        this.#enter(below, await promised((done) => ops.opendir(below, done)));
      }
    }
    return this.#entries.shift();
  }

  #take([names, kinds]) {
    const { path } = this.#open;
    for (let i = 0; i < names.length; i++) {
      const entry = new Dirent(decode(names[i], this.#encoding), kinds[i], path);
      this.#entries.push(entry);
      if (this.#recursive && entry.isDirectory()) this.#waiting.push(getPath().join(path, decode(names[i], 'utf8')));
    }
  }

  #enter(path, handle) {
    ops.closeDirectory(this.#open.handle);
    this.#open.handle = handle;
    this.#open.path = path;
  }

  #close() {
    this.#closed = true;
    ops.closeDirectory(this.#open.handle);
    forgotten.unregister(this);
  }
}

Object.defineProperty(Dir.prototype, Symbol.asyncIterator, {
  configurable: true,
  enumerable: false,
  value: Dir.prototype.entries,
  writable: true,
});

function getOpendirOptions(options) {
  options = getOptions(options, defaults);
  if (options.bufferSize !== undefined) validateUint32(options.bufferSize, 'options.bufferSize', true);
  return options;
}

function opendir(path, options, callback) {
  callback = typeof options === 'function' ? options : callback;
  validateFunction(callback, 'callback');
  path = getValidatedPath(path);
  // A wrong option is the caller's mistake, to be thrown before anything happens.
  options = getOpendirOptions(options);
  ops.opendir(path, valueCallback(callback, (handle) => new Dir(handle, path, options)));
}

function opendirSync(path, options) {
  path = getValidatedPath(path);
  options = getOpendirOptions(options);
  return new Dir(ops.opendir(path), path, options);
}

module.exports = { Dir, opendir, opendirSync };
