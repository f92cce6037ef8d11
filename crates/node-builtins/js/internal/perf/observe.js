'use strict';
// PerformanceObserver, and how the runtime's own parts tell observers what they did (startPerf, stopPerf).

const { now } = require('internal/perf/native');
const { PerformanceEntry, createEntry, kMake } = require('internal/perf/entry');
const timeline = require('internal/perf/timeline');
const lazy = require('internal/lazy');
const {
  codes: {
    ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_THIS, ERR_MISSING_ARGS,
  },
} = require('internal/errors');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const { validateFunction, validateObject } = require('internal/validators');

const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getTimers = lazy(() => require('timers'));

const supportedEntryTypes = Object.freeze([
  'dns', 'function', 'gc', 'http', 'http2', 'mark', 'measure', 'net', 'resource',
]);

/** How many observers each type has. */
const counts = new Map();
const observers = new Set();
const pending = new Set();
let isScheduled = false;

function change(type, by) {
  counts.set(type, (counts.get(type) ?? 0) + by);
}

const hasObserver = (type) => (counts.get(type) ?? 0) > 0;

function deliverLater() {
  if (isScheduled) return;
  isScheduled = true;
  getTimers().setImmediate(() => {
    isScheduled = false;
    const list = [...pending];
    pending.clear();
    for (const observer of list) dispatch(observer);
  });
}

const byTime = (a, b) => a.startTime - b.startTime;

class PerformanceObserverEntryList {
  #entries;

  constructor(key = undefined, entries = undefined) {
    if (key !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#entries = entries.sort(byTime);
  }

  static #check(list) {
    if (typeof list !== 'object' || list === null || !(#entries in list)) {
      throw new ERR_INVALID_THIS('PerformanceObserverEntryList');
    }
    return list.#entries;
  }

  getEntries() {
    return PerformanceObserverEntryList.#check(this).slice();
  }

  getEntriesByType(type) {
    const entries = PerformanceObserverEntryList.#check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    type = `${type}`;
    return entries.filter((entry) => entry.entryType === type);
  }

  getEntriesByName(name, type = undefined) {
    const entries = PerformanceObserverEntryList.#check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    name = `${name}`;
    if (type !== undefined) type = `${type}`;
    return entries.filter((entry) => entry.name === name && (type === undefined || entry.entryType === type));
  }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return this;
    return `PerformanceObserverEntryList ${getInspect()(this.#entries, {
      ...options, depth: options.depth == null ? null : options.depth - 1,
    })}`;
  }
}
Object.defineProperties(PerformanceObserverEntryList.prototype, {
  getEntries: kEnumerableProperty,
  getEntriesByType: kEnumerableProperty,
  getEntriesByName: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'PerformanceObserverEntryList' },
});

// Reach into observers; set by their static block.
let dispatch;
let offer;

class PerformanceObserver {
  #callback;
  #buffer = [];
  #types = new Set();
  /** Whether observe() was called with many types, or with one: it stays so. */
  #mode;

  static {
    dispatch = (observer) => {
      if (observer.#buffer.length === 0) return;
      const list = new PerformanceObserverEntryList(kMake, observer.takeRecords());
      Reflect.apply(observer.#callback, observer, [list, observer]);
    };
    offer = (observer, entry) => {
      if (!observer.#types.has(entry.entryType)) return;
      observer.#buffer.push(entry);
      pending.add(observer);
      deliverLater();
    };
  }

  constructor(callback) {
    validateFunction(callback, 'callback');
    this.#callback = callback;
  }

  observe(options = {}) {
    validateObject(options, 'options');
    const { entryTypes, type, buffered } = options;
    if (entryTypes === undefined && type === undefined) throw new ERR_MISSING_ARGS('options.entryTypes', 'options.type');
    if (entryTypes != null && type != null) {
      throw new ERR_INVALID_ARG_VALUE('options.entryTypes', entryTypes, 'options.entryTypes can not set with options.type together');
    }
    const mode = entryTypes !== undefined ? 'many' : 'one';
    if (this.#mode !== undefined && this.#mode !== mode) {
      throw new ERR_INVALID_ARG_VALUE(
        mode === 'one' ? 'options.type' : 'options.entryTypes', mode === 'one' ? type : entryTypes);
    }
    this.#mode = mode;
    if (mode === 'many') this.#observeMany(entryTypes);
    else this.#observeOne(type, buffered);
    if (this.#types.size > 0) observers.add(this);
    else this.disconnect();
  }

  #observeMany(entryTypes) {
    if (!Array.isArray(entryTypes)) throw new ERR_INVALID_ARG_TYPE('options.entryTypes', 'string[]', entryTypes);
    for (const type of this.#types) change(type, -1);
    this.#types.clear();
    for (const type of entryTypes) if (supportedEntryTypes.includes(type)) this.#add(type);
  }

  #observeOne(type, buffered) {
    if (!supportedEntryTypes.includes(type)) return;
    this.#add(type);
    if (!buffered) return;
    this.#buffer.push(...timeline.entries(undefined, type));
    pending.add(this);
    deliverLater();
  }

  #add(type) {
    if (this.#types.has(type)) return;
    this.#types.add(type);
    change(type, 1);
  }

  disconnect() {
    for (const type of this.#types) change(type, -1);
    this.#types.clear();
    this.#buffer = [];
    this.#mode = undefined;
    pending.delete(this);
    observers.delete(this);
  }

  takeRecords() {
    const records = this.#buffer;
    this.#buffer = [];
    return records;
  }

  static get supportedEntryTypes() {
    return supportedEntryTypes;
  }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return this;
    const shown = {
      connected: observers.has(this), pending: pending.has(this), entryTypes: [...this.#types], buffer: this.#buffer,
    };
    return `PerformanceObserver ${getInspect()(shown, {
      ...options, depth: options.depth == null ? null : options.depth - 1,
    })}`;
  }
}
Object.defineProperties(PerformanceObserver.prototype, {
  observe: kEnumerableProperty,
  disconnect: kEnumerableProperty,
  takeRecords: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'PerformanceObserver' },
});

/** Gives an entry to whoever observes its type. */
function enqueue(entry) {
  if (!(entry instanceof PerformanceEntry)) throw new ERR_INVALID_ARG_TYPE('entry', 'PerformanceEntry', entry);
  if (!hasObserver(entry.entryType)) return;
  for (const observer of observers) offer(observer, entry);
}

/** Something of the type begins: `target[key]` keeps what is known until it ends. */
function startPerf(target, key, context = {}) {
  target[key] = { ...context, startTime: now() };
}

function stopPerf(target, key, context = {}) {
  const begun = target[key];
  if (begun === undefined) return;
  target[key] = undefined;
  const detail = begun.detail !== undefined || context.detail !== undefined ?
    { ...begun.detail, ...context.detail } : undefined;
  enqueue(createEntry(begun.name, begun.type, begun.startTime, now() - begun.startTime, detail));
}

module.exports = {
  PerformanceObserver,
  PerformanceObserverEntryList,
  enqueue,
  hasObserver,
  startPerf,
  stopPerf,
};
