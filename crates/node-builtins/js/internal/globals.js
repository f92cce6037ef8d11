'use strict';
// The names on the global object. Each is loaded when it is first looked at.

const { exists } = require('internal/builtins');

// name -> [builtin, export]; names of builtins that knit does not have are not defined.
const lazyGlobals = {
  AbortController: ['internal/abort_controller', 'AbortController'],
  AbortSignal: ['internal/abort_controller', 'AbortSignal'],
  Blob: ['internal/blob', 'Blob'],
  BroadcastChannel: ['internal/worker/io', 'BroadcastChannel'],
  ByteLengthQueuingStrategy: ['stream/web', 'ByteLengthQueuingStrategy'],
  CloseEvent: ['internal/web_events', 'CloseEvent'],
  CompressionStream: ['internal/webstreams/compression', 'CompressionStream'],
  CountQueuingStrategy: ['stream/web', 'CountQueuingStrategy'],
  Crypto: ['internal/crypto/webcrypto', 'Crypto'],
  CustomEvent: ['internal/event_target', 'CustomEvent'],
  DOMException: ['internal/domexception', 'DOMException'],
  DecompressionStream: ['internal/webstreams/compression', 'DecompressionStream'],
  ErrorEvent: ['internal/web_events', 'ErrorEvent'],
  Event: ['internal/event_target', 'Event'],
  EventTarget: ['internal/event_target', 'EventTarget'],
  File: ['internal/file', 'File'],
  MessageChannel: ['internal/worker/io', 'MessageChannel'],
  MessageEvent: ['internal/worker/io', 'MessageEvent'],
  MessagePort: ['internal/worker/io', 'MessagePort'],
  Navigator: ['internal/navigator', 'Navigator'],
  Performance: ['perf_hooks', 'Performance'],
  PerformanceEntry: ['perf_hooks', 'PerformanceEntry'],
  PerformanceMark: ['perf_hooks', 'PerformanceMark'],
  PerformanceMeasure: ['perf_hooks', 'PerformanceMeasure'],
  PerformanceObserver: ['perf_hooks', 'PerformanceObserver'],
  PerformanceObserverEntryList: ['perf_hooks', 'PerformanceObserverEntryList'],
  PerformanceResourceTiming: ['perf_hooks', 'PerformanceResourceTiming'],
  ReadableByteStreamController: ['stream/web', 'ReadableByteStreamController'],
  ReadableStream: ['stream/web', 'ReadableStream'],
  ReadableStreamBYOBReader: ['stream/web', 'ReadableStreamBYOBReader'],
  ReadableStreamBYOBRequest: ['stream/web', 'ReadableStreamBYOBRequest'],
  ReadableStreamDefaultController: ['stream/web', 'ReadableStreamDefaultController'],
  ReadableStreamDefaultReader: ['stream/web', 'ReadableStreamDefaultReader'],
  TextDecoder: ['internal/encoding', 'TextDecoder'],
  TextDecoderStream: ['stream/web', 'TextDecoderStream'],
  TextEncoder: ['internal/encoding', 'TextEncoder'],
  TextEncoderStream: ['stream/web', 'TextEncoderStream'],
  TransformStream: ['stream/web', 'TransformStream'],
  TransformStreamDefaultController: ['stream/web', 'TransformStreamDefaultController'],
  URL: ['internal/url', 'URL'],
  URLPattern: ['internal/urlpattern', 'URLPattern'],
  URLSearchParams: ['internal/url', 'URLSearchParams'],
  WritableStream: ['stream/web', 'WritableStream'],
  WritableStreamDefaultController: ['stream/web', 'WritableStreamDefaultController'],
  WritableStreamDefaultWriter: ['stream/web', 'WritableStreamDefaultWriter'],
};

// The same for names that Node makes enumerable, in its order.
const lazyEnumerable = {
  clearImmediate: ['timers', 'clearImmediate'],
  setImmediate: ['timers', 'setImmediate'],
  clearInterval: ['timers', 'clearInterval'],
  clearTimeout: ['timers', 'clearTimeout'],
  setInterval: ['timers', 'setInterval'],
  setTimeout: ['timers', 'setTimeout'],
  queueMicrotask: ['internal/task_queues', 'queueMicrotask'],
  structuredClone: ['internal/structured_clone', 'structuredClone'],
  atob: ['buffer', 'atob'],
  btoa: ['buffer', 'btoa'],
};

// Those that stay getters. Programs may replace the first ones, not the others.
const replaceable = {
  performance: ['perf_hooks', 'performance'],
};
const fixed = {
  crypto: ['internal/crypto/webcrypto', 'crypto'],
  navigator: ['internal/navigator', 'navigator'],
};

function defineHidden(target, name, [id, key]) {
  if (!exists(id)) return;
  Object.defineProperty(target, name, {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() {
      const value = require(id)[key];
      define(target, name, value, false);
      return value;
    },
    set(value) {
      define(target, name, value, false);
    },
  });
}

function defineEnumerable(target, name, [id, key]) {
  Object.defineProperty(target, name, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    ...namedAccessors(name, () => {
      const value = require(id)[key];
      define(target, name, value, true);
      return value;
    }, (value) => define(target, name, value, true)),
  });
}

/** A getter and a setter with the names that such functions have. */
function namedAccessors(name, read, write) {
  const { get, set } = Object.getOwnPropertyDescriptor({
    get [name]() { return read(); },
    set [name](value) { write(value); },
  }, name);
  return { get, set };
}

function defineReplaceable(target, name, [id, key]) {
  Object.defineProperty(target, name, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    ...namedAccessors(name, () => require(id)[key], (value) => define(target, name, value, true)),
  });
}

function defineFixed(target, name, [id, key]) {
  if (!exists(id)) return;
  const { get } = namedAccessors(name, () => require(id)[key], undefined);
  Object.defineProperty(target, name, { __proto__: null, configurable: true, enumerable: true, get, set: undefined });
}

function define(target, name, value, enumerable) {
  Object.defineProperty(target, name, { __proto__: null, configurable: true, enumerable, writable: true, value });
}

function defineGlobals(target) {
  Object.defineProperty(target, Symbol.toStringTag, {
    __proto__: null, configurable: true, enumerable: false, writable: false, value: 'global',
  });
  defineConsole(target);
  defineVariable(target, 'process', () => require('process'));
  define(target, 'global', target, true);
  defineVariable(target, 'Buffer', () => require('buffer').Buffer);
  for (const name in lazyGlobals) defineHidden(target, name, lazyGlobals[name]);
  for (const name in lazyEnumerable) defineEnumerable(target, name, lazyEnumerable[name]);
  for (const name in replaceable) defineReplaceable(target, name, replaceable[name]);
  define(target, 'fetch', fetch, true);
  for (const name in fixed) defineFixed(target, name, fixed[name]);
}

/** There is no network yet, and it says so. */
async function fetch(input, init = undefined) {
  const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('fetch');
}

/** What Node keeps behind a getter and a setter for good. */
function defineVariable(target, name, load) {
  let value;
  let isKnown = false;
  Object.defineProperty(target, name, {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() {
      if (!isKnown) {
        value = load();
        isKnown = true;
      }
      return value;
    },
    set(replacement) {
      value = replacement;
      isKnown = true;
    },
  });
}

function defineConsole(target) {
  Object.defineProperty(target, 'console', {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() {
      const value = require('console');
      define(target, 'console', value, false);
      return value;
    },
    set(value) {
      define(target, 'console', value, false);
    },
  });
}

module.exports = { defineGlobals };
