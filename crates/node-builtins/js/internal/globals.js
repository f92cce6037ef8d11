'use strict';
// The names on the global object. Each is loaded when it is first looked at.

// By name the builtin that exports it. The engine asks for them, so that they are plain properties from the beginning.
const hidden = {
  AbortController: 'internal/abort_controller',
  AbortSignal: 'internal/abort_controller',
  Blob: 'internal/blob',
  BroadcastChannel: 'internal/worker/io',
  ByteLengthQueuingStrategy: 'stream/web',
  CloseEvent: 'internal/web_events',
  CountQueuingStrategy: 'stream/web',
  Crypto: 'internal/crypto/webcrypto',
  CustomEvent: 'internal/event_target',
  DOMException: 'internal/domexception',
  ErrorEvent: 'internal/web_events',
  Event: 'internal/event_target',
  EventTarget: 'internal/event_target',
  File: 'internal/file',
  MessageChannel: 'internal/worker/io',
  MessageEvent: 'internal/worker/io',
  MessagePort: 'internal/worker/io',
  Navigator: 'internal/navigator',
  Performance: 'perf_hooks',
  PerformanceEntry: 'perf_hooks',
  PerformanceMark: 'perf_hooks',
  PerformanceMeasure: 'perf_hooks',
  PerformanceObserver: 'perf_hooks',
  PerformanceObserverEntryList: 'perf_hooks',
  PerformanceResourceTiming: 'perf_hooks',
  ReadableByteStreamController: 'stream/web',
  ReadableStream: 'stream/web',
  ReadableStreamBYOBReader: 'stream/web',
  ReadableStreamBYOBRequest: 'stream/web',
  ReadableStreamDefaultController: 'stream/web',
  ReadableStreamDefaultReader: 'stream/web',
  TextDecoder: 'internal/encoding',
  TextDecoderStream: 'stream/web',
  TextEncoder: 'internal/encoding',
  TextEncoderStream: 'stream/web',
  TransformStream: 'stream/web',
  TransformStreamDefaultController: 'stream/web',
  URL: 'internal/url',
  URLPattern: 'internal/urlpattern',
  URLSearchParams: 'internal/url',
  WritableStream: 'stream/web',
  WritableStreamDefaultController: 'stream/web',
  WritableStreamDefaultWriter: 'stream/web',
};

// The same for names that Node makes enumerable, in its order.
const enumerable = {
  clearImmediate: 'timers',
  setImmediate: 'timers',
  clearInterval: 'timers',
  clearTimeout: 'timers',
  setInterval: 'timers',
  setTimeout: 'timers',
  queueMicrotask: 'internal/task_queues',
  structuredClone: 'internal/structured_clone',
  atob: 'buffer',
  btoa: 'buffer',
};

// Those that stay getters. Programs may replace the first ones, not the others.
const replaceable = {
  performance: ['perf_hooks', 'performance'],
};
const fixed = {
  crypto: ['internal/crypto/webcrypto', 'crypto'],
  navigator: ['internal/navigator', 'navigator'],
};

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
  binding.defineLazily(hidden, enumerable, (id, name) => require(id)[name]);
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
