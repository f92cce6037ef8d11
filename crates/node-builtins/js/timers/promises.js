'use strict';
// Owns the timers that answer with promises and async iterators.

const { AbortError, codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS } } =
  require('internal/errors');
const { kEmptyObject } = require('internal/util');
const {
  validateAbortSignal,
  validateBoolean,
  validateNumber,
  validateObject,
} = require('internal/validators');
const { Immediate, startTimeout, clearTimeout, clearImmediate } = require('internal/timers');

function validateOptions(options) {
  validateObject(options, 'options');
  const { signal, ref = true } = options;
  if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
  validateBoolean(ref, 'options.ref');
}

/** A promise of `value` for when `start(resolve)` calls back, unless `signal` aborts first. */
function timerPromise(value, signal, start, cancel) {
  if (signal === undefined) return new Promise((resolve) => { start(() => resolve(value)); });
  if (signal.aborted) return Promise.reject(abortError(signal));
  return new Promise((resolve, reject) => {
    const timer = start(() => {
      signal.removeEventListener('abort', onAbort);
      resolve(value);
    });
    function onAbort() {
      cancel(timer);
      signal.removeEventListener('abort', onAbort);
      reject(abortError(signal));
    }
    signal.addEventListener('abort', onAbort);
  });
}

function abortError(signal) {
  return new AbortError(undefined, { cause: signal.reason });
}

function setTimeout(after, value, options = kEmptyObject) {
  try {
    if (after !== undefined) validateNumber(after, 'delay');
    validateOptions(options);
  } catch (error) {
    return Promise.reject(error);
  }
  const { signal, ref = true } = options;
  return timerPromise(
    value, signal, (done) => startTimeout(done, after, undefined, false, ref), clearTimeout);
}

function setImmediate(value, options = kEmptyObject) {
  try {
    validateOptions(options);
  } catch (error) {
    return Promise.reject(error);
  }
  const { signal, ref = true } = options;
  return timerPromise(value, signal, (done) => {
    const immediate = new Immediate(done);
    return ref ? immediate : immediate.unref();
  }, clearImmediate);
}

async function* setInterval(after, value, options = kEmptyObject) {
  if (after !== undefined) validateNumber(after, 'delay');
  validateOptions(options);
  const { signal, ref = true } = options;
  if (signal?.aborted) throw abortError(signal);

  let interval;
  let onAbort;
  try {
    // Ticks that nobody has taken yet: each one is delivered, late or not.
    let pending = 0;
    let wake;
    interval = startTimeout(() => {
      pending++;
      if (wake) {
        wake();
        wake = undefined;
      }
    }, after, undefined, true, ref);
    if (signal) {
      onAbort = () => {
        clearTimeout(interval);
        if (wake) {
          wake(Promise.reject(abortError(signal)));
          wake = undefined;
        }
      };
      signal.addEventListener('abort', onAbort, { once: true });
    }
    while (!signal?.aborted) {
      if (pending === 0) await new Promise((resolve) => { wake = resolve; });
      for (; pending > 0; pending--) yield value;
    }
    throw abortError(signal);
  } finally {
    clearTimeout(interval);
    signal?.removeEventListener('abort', onAbort);
  }
}

class Scheduler {
  // Only the instance below exists.
  #own = true;
  static #allowed = true;

  constructor() {
    if (!Scheduler.#allowed) throw new ERR_ILLEGAL_CONSTRUCTOR();
    Scheduler.#allowed = false;
  }

  yield() {
    if (!(#own in this)) throw new ERR_INVALID_THIS('Scheduler');
    return setImmediate();
  }

  wait(delay, options) {
    if (!(#own in this)) throw new ERR_INVALID_THIS('Scheduler');
    return setTimeout(delay, undefined, options);
  }
}

module.exports = {
  setTimeout,
  setImmediate,
  setInterval,
  scheduler: new Scheduler(),
};
