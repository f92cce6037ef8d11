'use strict';
// timers/promises on the clock of mocked timers. A queue has set(callback, delay, args, isInterval) and remove(timer).

const { AbortError } = require('internal/errors');
const { validateAbortSignal, validateObject } = require('internal/validators');

const noop = () => {};

function signalOf(options) {
  if (options === undefined) return undefined;
  validateObject(options, 'options');
  const { signal } = options;
  if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
  return signal;
}

const abortError = (signal) => new AbortError(undefined, { cause: signal.reason });

/** Calls `onAbort` when `signal` aborts, until the function that it answers with is called. */
function listen(signal, onAbort) {
  if (signal === undefined) return noop;
  signal.addEventListener('abort', onAbort, { __proto__: null, once: true });
  return () => { signal.removeEventListener('abort', onAbort); };
}

async function timeoutPromise(queue, delay, value, options) {
  const signal = signalOf(options);
  if (signal?.aborted) throw abortError(signal);
  const { promise, resolve, reject } = Promise.withResolvers();
  const stop = listen(signal, () => {
    queue.remove(timer);
    reject(abortError(signal));
  });
  const timer = queue.set(() => {
    stop();
    resolve(value);
  }, delay, [], false);
  return promise;
}

const immediatePromise = (queue, value, options) => timeoutPromise(queue, -1, value, options);
const wait = (queue, delay, options) => timeoutPromise(queue, delay, undefined, options);

/** What setInterval() of timers/promises answers with; the interval begins at once. */
function intervalIterator(queue, delay, value, options) {
  const signal = signalOf(options);
  const due = [];
  const waiting = [];
  let failed;
  let isEnded = false;

  const fail = (error) => {
    queue.remove(timer);
    failed = error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  const stop = listen(signal, () => fail(abortError(signal)));
  const timer = queue.set(() => {
    const next = waiting.shift();
    if (next === undefined) due.push(value);
    else next.resolve({ __proto__: null, done: false, value });
  }, delay, [], true);
  if (signal?.aborted) fail(abortError(signal));

  const end = { done: true, value: undefined };
  return {
    __proto__: null,
    next() {
      if (due.length > 0) return Promise.resolve({ done: false, value: due.shift() });
      if (failed !== undefined) return Promise.reject(failed);
      if (isEnded) return Promise.resolve({ ...end });
      const resolvers = Promise.withResolvers();
      waiting.push(resolvers);
      return resolvers.promise;
    },
    return() {
      isEnded = true;
      queue.remove(timer);
      stop();
      for (const { resolve } of waiting.splice(0)) resolve({ ...end });
      return Promise.resolve({ ...end });
    },
    throw(error) {
      this.return();
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

module.exports = { immediatePromise, intervalIterator, timeoutPromise, wait };
