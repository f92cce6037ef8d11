'use strict';
// Owns the operators of readable streams as functions of a stream (`this`):
// those that give an async generator, and those that give a promise.

const {
  AbortError,
  codes: { ERR_INVALID_ARG_VALUE, ERR_MISSING_ARGS, ERR_OUT_OF_RANGE },
} = require('internal/errors');
const {
  validateAbortSignal,
  validateFunction,
  validateInteger,
  validateObject,
} = require('internal/validators');
const { AbortController, AbortSignal } = require('internal/abort_controller');
const { addAbortListener } = require('internal/events/abort_listener');
const { addAbortSignalNoValidate } = require('internal/streams/add_abort_signal');
const { finished } = require('internal/streams/end_of_stream');
const { isNodeStream, isWritable } = require('internal/streams/utils');

/** What a function of map() answers for nothing to come out. */
const kEmpty = Symbol('kEmpty');
const kEnd = Symbol('kEnd');

function validateOptions(options) {
  if (options != null) validateObject(options, 'options');
  if (options?.signal != null) validateAbortSignal(options.signal, 'options.signal');
}

function throwIfAborted(options) {
  if (options?.signal?.aborted) throw new AbortError();
}

function map(fn, options) {
  validateFunction(fn, 'fn');
  validateOptions(options);
  let concurrency = 1;
  if (options?.concurrency != null) concurrency = Math.floor(options.concurrency);
  let highWaterMark = concurrency - 1;
  if (options?.highWaterMark != null) highWaterMark = Math.floor(options.highWaterMark);
  validateInteger(concurrency, 'options.concurrency', 1);
  validateInteger(highWaterMark, 'options.highWaterMark', 0);
  return mapped(this, fn, options, concurrency, highWaterMark + concurrency);
}

/**
 * Results in the order of the input, computed `concurrency` at a time, not more
 * than `highWaterMark` of them ahead of the consumer.
 */
async function* mapped(stream, fn, options, concurrency, highWaterMark) {
  const signal = AbortSignal.any(options?.signal ? [options.signal] : []);
  const fnOptions = { signal };
  const results = [];
  let running = 0;
  let done = false;
  let wakeConsumer = null;
  let wakeProducer = null;

  function resumeConsumer() {
    if (wakeConsumer === null) return;
    wakeConsumer();
    wakeConsumer = null;
  }
  function maybeResumeProducer() {
    if (wakeProducer !== null && !done && running < concurrency && results.length < highWaterMark) {
      wakeProducer();
      wakeProducer = null;
    }
  }
  function onSettled() {
    running--;
    maybeResumeProducer();
  }
  function onRejected() {
    done = true;
    onSettled();
  }

  async function produce() {
    try {
      for await (const chunk of stream) {
        if (done) return;
        if (signal.aborted) throw new AbortError();
        let result;
        try {
          const value = fn(chunk, fnOptions);
          if (value === kEmpty) continue;
          result = Promise.resolve(value);
        } catch (error) {
          result = Promise.reject(error);
        }
        running++;
        result.then(onSettled, onRejected);
        results.push(result);
        resumeConsumer();
        if (!done && (results.length >= highWaterMark || running >= concurrency)) {
          await new Promise((resolve) => { wakeProducer = resolve; });
        }
      }
      results.push(kEnd);
    } catch (error) {
      const rejection = Promise.reject(error);
      rejection.then(onSettled, onRejected);
      results.push(rejection);
    } finally {
      done = true;
      resumeConsumer();
    }
  }
  produce();

  try {
    for (;;) {
      while (results.length > 0) {
        const value = await results[0];
        if (value === kEnd) return;
        if (signal.aborted) throw new AbortError();
        if (value !== kEmpty) yield value;
        results.shift();
        maybeResumeProducer();
      }
      await new Promise((resolve) => { wakeConsumer = resolve; });
    }
  } finally {
    done = true;
    if (wakeProducer !== null) {
      wakeProducer();
      wakeProducer = null;
    }
  }
}

function filter(fn, options) {
  validateFunction(fn, 'fn');
  return map.call(this, async (value, options) => {
    return await fn(value, options) ? value : kEmpty;
  }, options);
}

function flatMap(fn, options) {
  const values = map.call(this, fn, options);
  return (async function* flatMap() {
    for await (const value of values) yield* value;
  })();
}

async function forEach(fn, options) {
  validateFunction(fn, 'fn');
  const results = map.call(this, async (value, options) => {
    await fn(value, options);
    return kEmpty;
  }, options);
  for await (const _ of results);
}

async function some(fn, options) {
  for await (const _ of filter.call(this, fn, options)) return true;
  return false;
}

async function every(fn, options) {
  validateFunction(fn, 'fn');
  // All of them, unless there is one that does not.
  return !(await some.call(this, async (...args) => !(await fn(...args)), options));
}

async function find(fn, options) {
  for await (const value of filter.call(this, fn, options)) return value;
  return undefined;
}

async function reduce(reducer, initialValue, options) {
  validateFunction(reducer, 'reducer');
  validateOptions(options);
  let hasValue = arguments.length > 1;
  let value = initialValue;

  if (options?.signal?.aborted) {
    const error = new AbortError(undefined, { cause: options.signal.reason });
    // It reaches the caller by rejection.
    this.once('error', () => {});
    await finished(this.destroy(error));
    throw error;
  }

  const controller = new AbortController();
  const listener = options?.signal &&
    addAbortListener(options.signal, () => { controller.abort(); });
  try {
    for await (const chunk of this) {
      throwIfAborted(options);
      if (hasValue) {
        value = await reducer(value, chunk, { signal: controller.signal });
      } else {
        value = chunk;
        hasValue = true;
      }
    }
    if (!hasValue) {
      const error = new ERR_MISSING_ARGS('reduce');
      error.message = 'Reduce of an empty stream requires an initial value';
      throw error;
    }
  } finally {
    listener?.[Symbol.dispose]();
    controller.abort();
  }
  return value;
}

async function toArray(options) {
  validateOptions(options);
  const chunks = [];
  for await (const chunk of this) {
    if (options?.signal?.aborted) {
      throw new AbortError(undefined, { cause: options.signal.reason });
    }
    chunks.push(chunk);
  }
  return chunks;
}

function toCount(number) {
  number = Number(number);
  if (number !== number) return 0;
  if (number < 0) throw new ERR_OUT_OF_RANGE('number', '>= 0', number);
  return number;
}

function drop(number, options) {
  validateOptions(options);
  let left = toCount(number);
  return (async function* drop() {
    throwIfAborted(options);
    for await (const chunk of this) {
      throwIfAborted(options);
      if (left-- <= 0) yield chunk;
    }
  }).call(this);
}

function take(number, options) {
  validateOptions(options);
  let left = toCount(number);
  return (async function* take() {
    throwIfAborted(options);
    for await (const chunk of this) {
      throwIfAborted(options);
      if (left-- > 0) yield chunk;
      // Not waiting for a chunk that nobody will get.
      if (left <= 0) return;
    }
  }).call(this);
}

function compose(stream, options) {
  validateOptions(options);
  if (isNodeStream(stream) && !isWritable(stream)) {
    throw new ERR_INVALID_ARG_VALUE('stream', stream, 'must be writable');
  }
  const composed = require('internal/streams/compose')(this, stream);
  if (options?.signal) addAbortSignalNoValidate(options.signal, composed);
  return composed;
}

module.exports = {
  compose,
  streamReturningOperators: { drop, filter, flatMap, map, take },
  promiseReturningOperators: { every, forEach, reduce, toArray, some, find },
};
