'use strict';
// fs.watch and fs.promises.watch.

const EventEmitter = require('events');
const process = require('process');
const { AbortError, codes } = require('internal/errors');
const {
  validateAbortSignal,
  validateBoolean,
  validateIgnoreOption,
  validateInteger,
  validateObject,
  validateOneOf,
} = require('internal/validators');
const { kEmptyObject } = require('internal/util');
const { getOptions, getValidatedPath } = require('internal/fs/utils');
const { Watch } = require('internal/fs/notifications');
const { Buffer } = require('buffer');

const { ERR_FS_WATCH_QUEUE_OVERFLOW, ERR_INVALID_ARG_VALUE } = codes;

class FSWatcher extends EventEmitter {
  #watch;

  constructor(path, options) {
    super();
    this.#watch = new Watch(path, options, (type, filename) => this.emit('change', type, filename));
  }

  close() {
    if (this.#watch.closed) return;
    this.#watch.close();
    process.nextTick(() => this.emit('close'));
  }

  ref() {
    this.#watch.ref();
    return this;
  }

  unref() {
    this.#watch.unref();
    return this;
  }
}

function watch(filename, options, listener) {
  if (typeof options === 'function') listener = options;
  const { encoding, ignore, persistent = true, recursive = false, signal } = getOptions(options, kEmptyObject);
  const path = getValidatedPath(filename);
  if (recursive) validateBoolean(recursive, 'options.recursive');
  validateIgnoreOption(ignore, 'options.ignore');
  const watcher = new FSWatcher(path, { encoding, ignore, persistent, recursive });
  if (listener) watcher.addListener('change', listener);
  if (signal?.aborted) process.nextTick(() => watcher.close());
  else if (signal) closeOnAbort(watcher, signal);
  return watcher;
}

function closeOnAbort(watcher, signal) {
  const { kResistStopPropagation } = require('internal/event_target');
  const close = () => watcher.close();
  signal.addEventListener('abort', close, { __proto__: null, [kResistStopPropagation]: true });
  watcher.once('close', () => signal.removeEventListener('abort', close));
}

// Answers events as they are asked for, and keeps those that come in between.
async function* watchIterator(filename, options = kEmptyObject) {
  const path = getValidatedPath(filename);
  validateObject(options, 'options');
  const {
    persistent = true,
    recursive = false,
    encoding = 'utf8',
    maxQueue = 2048,
    overflow = 'ignore',
    signal,
    ignore,
  } = options;
  validateBoolean(persistent, 'options.persistent');
  validateBoolean(recursive, 'options.recursive');
  validateInteger(maxQueue, 'options.maxQueue');
  validateOneOf(overflow, 'options.overflow', ['ignore', 'error']);
  validateAbortSignal(signal, 'options.signal');
  validateIgnoreOption(ignore, 'options.ignore');
  if (encoding && !Buffer.isEncoding(encoding) && encoding !== 'buffer') {
    throw new ERR_INVALID_ARG_VALUE('encoding', encoding, 'is invalid encoding');
  }

  let queue = [];
  let failure;
  let wake = () => {};
  const abort = () => {
    failure = new AbortError(undefined, { cause: signal.reason });
    wake();
  };
  const report = (eventType, filename) => {
    if (queue.length < maxQueue) queue.push({ __proto__: null, eventType, filename });
    else if (overflow === 'error') failure = new ERR_FS_WATCH_QUEUE_OVERFLOW(maxQueue);
    else process.emitWarning('fs.watch maxQueue exceeded');
    wake();
  };

  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  const watching = new Watch(path, { encoding, ignore, persistent, recursive }, report);
  try {
    const { kResistStopPropagation } = require('internal/event_target');
    signal?.addEventListener('abort', abort, { __proto__: null, once: true, [kResistStopPropagation]: true });
    for (;;) {
      if (failure !== undefined) throw failure;
      if (queue.length === 0) {
        await new Promise((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const events = queue;
      queue = [];
      yield* events;
    }
  } finally {
    watching.close();
    signal?.removeEventListener('abort', abort);
  }
}

module.exports = { watch, watchIterator };
