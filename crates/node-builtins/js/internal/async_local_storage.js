'use strict';
// node:async_hooks' AsyncLocalStorage.

const { validateObject } = require('internal/validators');
const {
  dropStore,
  enterStore,
  getFrame,
  getStore,
  leaveStore,
} = require('internal/async_context');
const lazy = require('internal/lazy');

const getAsyncResource = lazy(() => require('async_hooks').AsyncResource);

// What withScope() gives to `using`: gives the storage back what it had before.
class RunScope {
  #storage;
  #before;
  #entered;

  constructor(storage, store) {
    this.#storage = storage;
    this.#before = getFrame();
    this.#entered = enterStore(storage, store);
  }

  dispose() {
    if (this.#storage === undefined) return;
    leaveStore(this.#storage, this.#before, this.#entered);
    this.#storage = undefined;
  }

  [Symbol.dispose]() {
    this.dispose();
  }
}

class AsyncLocalStorage {
  #defaultValue = undefined;
  #name = undefined;

  constructor(options = {}) {
    validateObject(options, 'options');
    this.#defaultValue = options.defaultValue;
    if (options.name !== undefined) this.#name = `${options.name}`;
  }

  static bind(fn) {
    return getAsyncResource().bind(fn);
  }

  static snapshot() {
    return getAsyncResource().bind((callback, ...args) => callback(...args));
  }

  get name() {
    return this.#name || '';
  }

  disable() {
    dropStore(this);
  }

  enterWith(store) {
    enterStore(this, store);
  }

  run(store, callback, ...args) {
    const before = getFrame();
    const entered = enterStore(this, store);
    try {
      return Reflect.apply(callback, null, args);
    } finally {
      leaveStore(this, before, entered);
    }
  }

  exit(callback, ...args) {
    return this.run(undefined, callback, ...args);
  }

  withScope(store) {
    return new RunScope(this, store);
  }

  getStore() {
    return getStore(this, this.#defaultValue);
  }
}

module.exports = { AsyncLocalStorage };
