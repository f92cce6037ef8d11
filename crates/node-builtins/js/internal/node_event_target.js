'use strict';
// NodeEventTarget: an EventTarget that also has the methods of EventEmitter, for MessagePort and
// its like.

const { kMaxEventTargetListeners } = require('events');
const { codes: { ERR_INVALID_THIS } } = require('internal/errors');
const { validateString } = require('internal/validators');
const { kEnumerableProperty } = require('internal/util');
const {
  EventTarget,
  dropListener,
  kHybridDispatch,
  kIsNodeStyleListener,
  listsOf,
} = require('internal/event_target');
const lazy = require('internal/lazy');

const getEvents = lazy(() => require('events'));

class NodeEventTarget extends EventTarget {
  #isNodeEventTarget = true;

  static defaultMaxListeners = 10;

  static #check(target) {
    if (target === null || typeof target !== 'object' || !(#isNodeEventTarget in target)) {
      throw new ERR_INVALID_THIS('NodeEventTarget');
    }
  }

  setMaxListeners(n) {
    NodeEventTarget.#check(this);
    getEvents().setMaxListeners(n, this);
    return this;
  }

  getMaxListeners() {
    NodeEventTarget.#check(this);
    return this[kMaxEventTargetListeners] ?? getEvents().defaultMaxListeners;
  }

  eventNames() {
    NodeEventTarget.#check(this);
    return Array.from(listsOf(this)?.keys() ?? []);
  }

  listenerCount(type) {
    NodeEventTarget.#check(this);
    return listsOf(this)?.get(String(type))?.length ?? 0;
  }

  off(type, listener, options) {
    NodeEventTarget.#check(this);
    this.removeEventListener(type, listener, options);
    return this;
  }

  removeListener(type, listener, options) {
    NodeEventTarget.#check(this);
    this.removeEventListener(type, listener, options);
    return this;
  }

  on(type, listener) {
    NodeEventTarget.#check(this);
    this.addEventListener(type, listener, { __proto__: null, [kIsNodeStyleListener]: true });
    return this;
  }

  addListener(type, listener) {
    NodeEventTarget.#check(this);
    this.addEventListener(type, listener, { __proto__: null, [kIsNodeStyleListener]: true });
    return this;
  }

  emit(type, argument) {
    NodeEventTarget.#check(this);
    validateString(type, 'type');
    const heard = this.listenerCount(type) > 0;
    this[kHybridDispatch](argument, type);
    return heard;
  }

  once(type, listener) {
    NodeEventTarget.#check(this);
    this.addEventListener(type, listener, {
      __proto__: null, once: true, [kIsNodeStyleListener]: true,
    });
    return this;
  }

  removeAllListeners(type) {
    NodeEventTarget.#check(this);
    const lists = listsOf(this);
    if (lists === null) return this;
    for (const name of type === undefined ? [...lists.keys()] : [String(type)]) {
      for (const listener of lists.get(name)?.slice() ?? []) dropListener(this, name, listener);
    }
    return this;
  }
}

Object.defineProperties(NodeEventTarget.prototype, {
  setMaxListeners: kEnumerableProperty,
  getMaxListeners: kEnumerableProperty,
  eventNames: kEnumerableProperty,
  listenerCount: kEnumerableProperty,
  off: kEnumerableProperty,
  removeListener: kEnumerableProperty,
  on: kEnumerableProperty,
  addListener: kEnumerableProperty,
  once: kEnumerableProperty,
  emit: kEnumerableProperty,
  removeAllListeners: kEnumerableProperty,
});

module.exports = { NodeEventTarget };
