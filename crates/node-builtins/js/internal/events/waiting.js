'use strict';
// events.once() and events.on(): the next event as a promise, all events as an asynchronous
// iterator. Both take an EventEmitter or an EventTarget.

const { AbortError, codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateAbortSignal, validateInteger, validateObject } = require('internal/validators');
const { kEmptyObject } = require('internal/util');
const { kFirstEventParam, kWatermarkData } = require('internal/events/symbols');
const { kResistStopPropagation } = require('internal/event_target');

const AsyncIteratorPrototype =
  Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));

function listen(emitter, name, listener, flags) {
  if (typeof emitter?.on === 'function') {
    if (flags?.once) emitter.once(name, listener);
    else emitter.on(name, listener);
  } else if (typeof emitter?.addEventListener === 'function') {
    emitter.addEventListener(name, listener, flags);
  } else {
    throw new ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', emitter);
  }
}

function unlisten(emitter, name, listener) {
  if (typeof emitter?.removeListener === 'function') {
    emitter.removeListener(name, listener);
  } else if (typeof emitter?.removeEventListener === 'function') {
    emitter.removeEventListener(name, listener);
  } else {
    throw new ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', emitter);
  }
}

function signalOf(options) {
  validateObject(options, 'options');
  const { signal } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  return signal;
}

function once(emitter, name, options = kEmptyObject) {
  const signal = signalOf(options);
  return new Promise((resolve, reject) => {
    const settle = () => {
      if (typeof emitter.removeListener === 'function') {
        emitter.removeListener('error', onError);
      }
      if (signal !== undefined) unlisten(signal, 'abort', onAbort);
    };
    const onEvent = (...args) => {
      settle();
      resolve(args);
    };
    const onError = (error) => {
      unlisten(emitter, name, onEvent);
      settle();
      reject(error);
    };
    const onAbort = () => {
      unlisten(emitter, name, onEvent);
      settle();
      reject(new AbortError(undefined, { cause: signal.reason }));
    };

    listen(emitter, name, onEvent, { __proto__: null, once: true, [kResistStopPropagation]: true });
    // EventTarget has no such convention for 'error'.
    if (name !== 'error' && typeof emitter.once === 'function') emitter.once('error', onError);
    if (signal !== undefined) {
      listen(signal, 'abort', onAbort,
             { __proto__: null, once: true, [kResistStopPropagation]: true });
    }
  });
}

// First in, first out, without moving elements at every shift.
class Queue {
  #items = [];
  #head = 0;

  get size() {
    return this.#items.length - this.#head;
  }

  push(item) {
    this.#items.push(item);
  }

  shift() {
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }
}

function watermark(options, name, otherSpelling, unset) {
  const value = options[name] ?? options[otherSpelling] ?? unset;
  validateInteger(value, `options.${name}`, 1);
  return value;
}

function on(emitter, event, options = kEmptyObject) {
  const signal = signalOf(options);
  const high = watermark(options, 'highWaterMark', 'highWatermark', Number.MAX_SAFE_INTEGER);
  const low = watermark(options, 'lowWaterMark', 'lowWatermark', 1);

  const events = new Queue(); // that nobody asked for yet
  const waiting = new Queue(); // promises for events still to come
  const listening = []; // [target, name, listener], to take back
  let paused = false;
  let failed = false;
  let failure;
  let finished = false;

  const add = (target, name, listener, flags) => {
    listen(target, name, listener, flags);
    listening.push([target, name, listener]);
  };

  const onEvent = (value) => {
    if (waiting.size > 0) {
      waiting.shift().resolve({ value, done: false });
      return;
    }
    events.push(value);
    if (!paused && events.size > high) {
      paused = true;
      emitter.pause();
    }
  };

  const close = () => {
    for (const [target, name, listener] of listening.splice(0)) unlisten(target, name, listener);
    finished = true;
    paused = false; // what is closed may refuse to be resumed
    const done = { value: undefined, done: true };
    while (waiting.size > 0) waiting.shift().resolve(done);
    return Promise.resolve(done);
  };

  const onError = (error) => {
    if (waiting.size > 0) {
      waiting.shift().reject(error);
    } else {
      failed = true;
      failure = error;
    }
    close();
  };

  const iterator = {
    __proto__: AsyncIteratorPrototype,

    next() {
      if (events.size > 0) { // what came before an error or the end is still delivered
        const value = events.shift();
        if (paused && events.size < low) {
          paused = false;
          // what has ended, as a closed readline interface, refuses to go on
          if (!finished) emitter.resume();
        }
        return Promise.resolve({ value, done: false });
      }
      if (failed) {
        failed = false;
        return Promise.reject(failure);
      }
      if (finished) return close();
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },

    return() {
      return close();
    },

    throw(error) {
      if (!error || !(error instanceof Error)) {
        throw new ERR_INVALID_ARG_TYPE('EventEmitter.AsyncIterator', 'Error', error);
      }
      onError(error);
    },

    [Symbol.asyncIterator]() {
      return this;
    },

    [kWatermarkData]: {
      get size() { return events.size; },
      get low() { return low; },
      get high() { return high; },
      get isPaused() { return paused; },
    },
  };

  add(emitter, event, options[kFirstEventParam] ? onEvent : (...args) => onEvent(args));
  if (event !== 'error' && typeof emitter.on === 'function') add(emitter, 'error', onError);
  if (options.close?.length) {
    for (const name of options.close) add(emitter, name, close);
  }
  if (signal !== undefined) {
    add(signal, 'abort', () => onError(new AbortError(undefined, { cause: signal.reason })),
        { __proto__: null, once: true, [kResistStopPropagation]: true });
  }
  return iterator;
}

module.exports = { once, on };
