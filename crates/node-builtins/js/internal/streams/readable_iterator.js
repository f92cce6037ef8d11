'use strict';
// Owns async iteration over readable streams. It behaves as an async generator
// that reads in a loop would; written out because a chunk that is there already
// then costs one promise, not several.

const { aggregateTwoErrors } = require('internal/errors');
const { validateObject } = require('internal/validators');
const { destroyer } = require('internal/streams/destroy');
const { eos } = require('internal/streams/end_of_stream');
const { kState } = require('internal/streams/state');
const { kIterating } = require('internal/streams/readable_state');

const kAsyncIteratorPrototype =
  Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));

const resolved = Promise.resolve();

/** In place of a waiting next() while a chunk that is a promise is waited for. */
const kSettling = { __proto__: null };

function asyncIterator() {
  return iterate(this, undefined);
}

/** As iterating over the stream itself, with the choice of not destroying it on an early exit. */
function iterator(options) {
  if (options !== undefined) validateObject(options, 'options');
  return iterate(this, options);
}

function iterate(stream, options) {
  if (typeof stream.read !== 'function') {
    stream = require('internal/streams/readable').wrap(stream, { objectMode: true });
  }
  return new ReadableIterator(stream, options);
}

class ReadableIterator {
  #options;
  #started = false;
  #finished = false;
  /** Undefined: still going; null: the stream has ended. */
  #error;
  #cleanup;
  /** The next() that waits for a chunk: resolve and reject. */
  #waiting = null;
  /** Calls that wait for that one. */
  #queue = [];
  #onWake;

  constructor(stream, options) {
    this.stream = stream;
    this.#options = options;
  }

  next() {
    return this.#waiting === null ? this.#next() : this.#enqueue(() => this.#next());
  }

  return(value) {
    return this.#waiting === null ? this.#return(value) : this.#enqueue(() => this.#return(value));
  }

  throw(error) {
    return this.#waiting === null ? this.#throw(error) : this.#enqueue(() => this.#throw(error));
  }

  /** Answers for the first next(). */
  #start() {
    this.#started = true;
    const { stream } = this;
    let scheduled = false;
    const proceed = () => {
      scheduled = false;
      this.#proceed();
    };
    this.#onWake = () => {
      if (this.#waiting === null || this.#waiting === kSettling || scheduled) return;
      scheduled = true;
      resolved.then(proceed);
    };
    stream.on('readable', this.#onWake);
    const state = stream._readableState;
    if (state && stream.listenerCount('readable') === 1) state[kState] |= kIterating;
    this.#cleanup = eos(stream, { writable: false }, (failure) => {
      this.#error = failure ? aggregateTwoErrors(this.#error, failure) : null;
      this.#onWake();
    });
    // The first chunk takes its time also if it is there: a generator gives whoever has
    // started the iteration as much to prepare for it.
    const first = this.#next();
    return this.#waiting === null ? resolved.then(() => first) : first;
  }

  #next() {
    if (this.#finished) return Promise.resolve({ value: undefined, done: true });
    if (!this.#started) return this.#start();
    const { stream } = this;
    let chunk;
    try {
      chunk = stream.destroyed ? null : stream.read();
    } catch (thrown) {
      return this.#fail(thrown);
    }
    if (chunk !== null) {
      return typeof chunk === 'object' && typeof chunk.then === 'function' ?
        this.#settle(chunk) : Promise.resolve({ value: chunk, done: false });
    }
    if (this.#error) return this.#fail(this.#error);
    if (this.#error === null) {
      this.#finish();
      return Promise.resolve({ value: undefined, done: true });
    }
    return new Promise((resolve, reject) => { this.#waiting = { resolve, reject }; });
  }

  /** There may be something for the call that waits. */
  #proceed() {
    const waiting = this.#waiting;
    if (waiting === null || waiting === kSettling) return;
    this.#waiting = null;
    const result = this.#next();
    if (this.#waiting !== null) {
      // Nothing yet.
      this.#waiting = waiting;
      return;
    }
    waiting.resolve(result);
    this.#drain();
  }

  /** Goes on with the calls that have waited, as far as they need not wait themselves. */
  #drain() {
    while (this.#waiting === null && this.#queue.length > 0) {
      const { step, resolve } = this.#queue.shift();
      resolve(step());
    }
  }

  #enqueue(step) {
    return new Promise((resolve) => { this.#queue.push({ step, resolve }); });
  }

  /** A chunk that is a promise is waited for, as `yield` does. */
  #settle(chunk) {
    this.#waiting = kSettling;
    return Promise.resolve(chunk).then((value) => {
      this.#waiting = null;
      this.#drain();
      return { value, done: false };
    }, (error) => {
      this.#waiting = null;
      const failed = this.#fail(error);
      this.#drain();
      return failed;
    });
  }

  #return(value) {
    if (this.#finished) return Promise.resolve({ value, done: true });
    if (this.#started) this.#finish();
    this.#finished = true;
    return Promise.resolve(value).then((value) => ({ value, done: true }));
  }

  #throw(error) {
    if (this.#finished || !this.#started) {
      this.#finished = true;
      return Promise.reject(error);
    }
    return this.#fail(error);
  }

  #fail(thrown) {
    const error = this.#error = aggregateTwoErrors(this.#error, thrown);
    this.#finish();
    return Promise.reject(error);
  }

  #finish() {
    this.#finished = true;
    const { stream } = this;
    const error = this.#error;
    // Left early: the stream goes, unless that was not wanted.
    if ((error || this.#options?.destroyOnReturn !== false) &&
        (error === undefined || stream._readableState.autoDestroy)) {
      destroyer(stream, null);
    } else {
      stream.off('readable', this.#onWake);
      this.#cleanup();
    }
  }
}

Object.setPrototypeOf(ReadableIterator.prototype, kAsyncIteratorPrototype);

module.exports = { iterator, asyncIterator };
