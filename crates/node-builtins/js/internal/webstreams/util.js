'use strict';
// Owns what the files of the Streams Standard share: promises with their
// resolvers, queues with sizes, strategies, and how the classes present
// themselves.
//
// The files follow the Standard (streams.spec.whatwg.org) operation by
// operation. A public object (`new ReadableStream()`) only holds, privately, a
// record with the Standard's internal slots; operations take records, and a
// record knows its public object as `owner`.

const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { isMarkedAsUntransferable } = require('internal/buffer');
const { enqueueMicrotask } = require('internal/task_queues');
const { validateFunction } = require('internal/validators');
const lazy = require('internal/lazy');

const getInspect = lazy(() => require('internal/util/inspect').inspect);

/** What lets this code, and nobody else, call constructors that are illegal for programs. */
const kInternal = Symbol('kInternal');

const { then } = Promise.prototype;
const { apply } = Reflect;
function nop() {}

/** promise.then() that no program has replaced. */
function react(promise, onFulfilled, onRejected) {
  return apply(then, promise, [onFulfilled, onRejected]);
}

/** Nobody will be told that this promise was rejected and nobody listened. */
function markHandled(promise) {
  apply(then, promise, [undefined, nop]);
}

function rejectedHandled(reason) {
  const promise = Promise.reject(reason);
  markHandled(promise);
  return promise;
}

/** A promise with its resolvers; costs less than Promise.withResolvers(). */
class Deferred {
  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** Something that happens once; without the price of a promise. */
class Signal {
  constructor() {
    this.callbacks = [];
  }

  wait(callback) {
    this.callbacks.push(callback);
  }

  fire() {
    const { callbacks } = this;
    for (let i = 0; i < callbacks.length; i++) enqueueMicrotask(callbacks[i]);
  }
}

/**
 * Calls one of the two when `result` is settled, as a promise would, in a
 * microtask. An algorithm may answer with a promise, with a Signal, or, having
 * nothing to wait for, with undefined.
 */
function afterwards(result, onFulfilled, onRejected) {
  if (result === undefined) enqueueMicrotask(onFulfilled);
  else if (result instanceof Signal) result.wait(onFulfilled);
  else react(result, onFulfilled, onRejected);
}

const resolvedUndefined = Promise.resolve();

/** What stream.finished() waits for: promise and resolvers of a stream's end, once somebody asks. */
function closedSignalOf(record) {
  if (record.closedSignal === undefined) {
    const signal = record.closedSignal = Promise.withResolvers();
    markHandled(signal.promise);
    if (record.state === 'closed') signal.resolve();
    else if (record.state === 'errored') signal.reject(record.storedError);
  }
  return record.closedSignal;
}

/** The Standard's "promise resolved with": for a promise, a new one that takes its time. */
function promiseResolvedWith(value) {
  return new Promise((resolve) => { resolve(value); });
}

function callAsPromise(fn, receiver, args, isFrequent) {
  try {
    const result = apply(fn, receiver, args);
    // What is called for each chunk does without the detour, which only shows at the end of a
    // stream.
    if (isFrequent) return result === undefined ? undefined : Promise.resolve(result);
    return promiseResolvedWith(result);
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * `dictionary[key]` as a function of `count` arguments that answers with a
 * promise, also of what it throws, or if it is called for each chunk perhaps
 * with undefined; undefined if there is none.
 */
function promiseMethod(dictionary, key, name, count) {
  const method = dictionary?.[key];
  if (method === undefined) return undefined;
  validateFunction(method, `${name}.${key}`);
  const isFrequent = key === 'pull' || key === 'write' || key === 'transform';
  switch (count) {
    case 0: return () => callAsPromise(method, dictionary, [], isFrequent);
    case 1: return (a) => callAsPromise(method, dictionary, [a], isFrequent);
    default: return (a, b) => callAsPromise(method, dictionary, [a, b], isFrequent);
  }
}

/** `dictionary.start` as a function of the controller; undefined if there is none. */
function startMethod(dictionary, name) {
  const { start } = dictionary;
  if (start === undefined) return undefined;
  validateFunction(start, `${name}.start`);
  return (controller) => apply(start, dictionary, [controller]);
}

// ---------------------------------------------------------------------------
// Queues with sizes

class SizedQueue {
  constructor() {
    this.entries = [];
    this.totalSize = 0;
  }

  get length() {
    return this.entries.length;
  }

  enqueue(value, size) {
    if (typeof size !== 'number' || size < 0 || size !== size || size === Infinity) {
      throw new ERR_INVALID_ARG_VALUE.RangeError('size', size);
    }
    this.entries.push({ value, size });
    this.totalSize += size;
  }

  dequeue() {
    const { value, size } = this.entries.shift();
    this.totalSize -= size;
    // What sums of fractions leave over.
    if (this.totalSize < 0) this.totalSize = 0;
    return value;
  }

  peek() {
    return this.entries[0].value;
  }

  reset() {
    this.entries = [];
    this.totalSize = 0;
  }
}

// ---------------------------------------------------------------------------
// Strategies

function extractHighWaterMark(value, fallback) {
  if (value === undefined) return fallback;
  value = +value;
  if (value !== value || value < 0) {
    throw new ERR_INVALID_ARG_VALUE.RangeError('strategy.highWaterMark', value);
  }
  return value;
}

function sizeOfOne() {
  return 1;
}

function extractSizeAlgorithm(size) {
  if (size === undefined) return sizeOfOne;
  validateFunction(size, 'strategy.size');
  // Called without a receiver.
  return (chunk) => size(chunk);
}

// ---------------------------------------------------------------------------
// Bytes

/** Takes the memory away from whoever has it. Memory that others share, as Buffer's pool, stays. */
function transferBuffer(buffer) {
  if (isMarkedAsUntransferable(buffer)) {
    throw new TypeError('ArrayBuffer is not detachable and could not be cloned.');
  }
  return buffer.transfer();
}

function isSharedBuffer(buffer) {
  return typeof SharedArrayBuffer === 'function' && buffer instanceof SharedArrayBuffer;
}

/** `chunk` as an Uint8Array of memory of its own. */
function cloneAsUint8Array(chunk) {
  const { buffer, byteOffset, byteLength } = chunk;
  return new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

// ---------------------------------------------------------------------------
// How the classes present themselves

function customInspect(value, depth, options, name, data) {
  if (depth < 0) return value;
  return `${name} ${getInspect()(data, {
    ...options,
    depth: options.depth == null ? null : options.depth - 1,
  })}`;
}

/** What reading a private field of something else throws in V8, which programs' tests look for. */
function notDeclared(field) {
  return new TypeError(
    `Cannot read private member ${field} from an object whose class did not declare it`);
}

/** The enumerable members and the toStringTag that Web IDL asks for. */
function defineInterface(constructor, members) {
  const properties = { __proto__: null };
  for (const name of members) properties[name] = { __proto__: null, enumerable: true };
  properties[Symbol.toStringTag] = {
    __proto__: null,
    configurable: true,
    enumerable: false,
    writable: false,
    value: constructor.name,
  };
  Object.defineProperties(constructor.prototype, properties);
}

module.exports = {
  kInternal,
  nop,
  react,
  markHandled,
  rejectedHandled,
  Deferred,
  Signal,
  afterwards,
  resolvedUndefined,
  closedSignalOf,
  promiseMethod,
  startMethod,
  promiseResolvedWith,
  SizedQueue,
  extractHighWaterMark,
  extractSizeAlgorithm,
  transferBuffer,
  isSharedBuffer,
  cloneAsUint8Array,
  customInspect,
  notDeclared,
  defineInterface,
};
