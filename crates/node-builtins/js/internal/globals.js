'use strict';
// The names on the global object. Each is loaded when it is first looked at.

const { exists } = require('internal/builtins');

// name -> [builtin, export]; names of builtins that knit does not have are not defined.
const lazyGlobals = {
  AbortController: ['internal/abort_controller', 'AbortController'],
  AbortSignal: ['internal/abort_controller', 'AbortSignal'],
  Blob: ['internal/blob', 'Blob'],
  BroadcastChannel: ['internal/worker/io', 'BroadcastChannel'],
  Buffer: ['buffer', 'Buffer'],
  ByteLengthQueuingStrategy: ['stream/web', 'ByteLengthQueuingStrategy'],
  CountQueuingStrategy: ['stream/web', 'CountQueuingStrategy'],
  CustomEvent: ['internal/event_target', 'CustomEvent'],
  DOMException: ['internal/domexception', 'DOMException'],
  Event: ['internal/event_target', 'Event'],
  EventTarget: ['internal/event_target', 'EventTarget'],
  File: ['internal/file', 'File'],
  MessageChannel: ['internal/worker/io', 'MessageChannel'],
  MessageEvent: ['internal/worker/io', 'MessageEvent'],
  MessagePort: ['internal/worker/io', 'MessagePort'],
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

// The same for names that Node makes enumerable.
const lazyEnumerable = {
  atob: ['buffer', 'atob'],
  btoa: ['buffer', 'btoa'],
  clearImmediate: ['timers', 'clearImmediate'],
  clearInterval: ['timers', 'clearInterval'],
  clearTimeout: ['timers', 'clearTimeout'],
  performance: ['perf_hooks', 'performance'],
  queueMicrotask: ['internal/task_queues', 'queueMicrotask'],
  setImmediate: ['timers', 'setImmediate'],
  setInterval: ['timers', 'setInterval'],
  setTimeout: ['timers', 'setTimeout'],
  structuredClone: ['internal/structured_clone', 'structuredClone'],
};

function defineLazy(target, name, [id, key], enumerable) {
  if (!exists(id)) return;
  Object.defineProperty(target, name, {
    __proto__: null,
    configurable: true,
    enumerable,
    get() {
      const value = require(id)[key];
      define(target, name, value, enumerable);
      return value;
    },
    set(value) {
      define(target, name, value, true);
    },
  });
}

function define(target, name, value, enumerable) {
  Object.defineProperty(target, name, { __proto__: null, configurable: true, enumerable, writable: true, value });
}

function defineGlobals(target) {
  define(target, 'global', target, true);
  Object.defineProperty(target, Symbol.toStringTag, {
    __proto__: null, configurable: true, enumerable: false, writable: false, value: 'global',
  });
  for (const name in lazyGlobals) defineLazy(target, name, lazyGlobals[name], false);
  for (const name in lazyEnumerable) defineLazy(target, name, lazyEnumerable[name], true);
  define(target, 'fetch', fetch, true);
  defineLazyModule(target, 'process', 'process');
  defineLazyModule(target, 'console', 'console');
}

/** There is no network yet, and it says so. */
async function fetch() {
  const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('fetch');
}

function defineLazyModule(target, name, id) {
  Object.defineProperty(target, name, {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() {
      const value = require(id);
      define(target, name, value, false);
      return value;
    },
    set(value) {
      define(target, name, value, false);
    },
  });
}

module.exports = { defineGlobals };
