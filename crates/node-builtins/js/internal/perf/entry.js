'use strict';
// PerformanceEntry and the kinds of it that have no class of their own.

const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS } } = require('internal/errors');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const lazy = require('internal/lazy');

const getInspect = lazy(() => require('internal/util/inspect').inspect);

/** Only the runtime makes entries. */
const kMake = Symbol('kMake');

class PerformanceEntry {
  #name;
  #type;
  #startTime;
  #duration;

  constructor(key = undefined, name = undefined, type = undefined, startTime = undefined, duration = undefined) {
    if (key !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#name = name;
    this.#type = type;
    this.#startTime = startTime;
    this.#duration = duration;
  }

  static #check(entry) {
    if (typeof entry !== 'object' || entry === null || !(#name in entry)) throw new ERR_INVALID_THIS('PerformanceEntry');
    return entry;
  }

  get name() { return PerformanceEntry.#check(this).#name; }
  get entryType() { return PerformanceEntry.#check(this).#type; }
  get startTime() { return PerformanceEntry.#check(this).#startTime; }
  get duration() { return PerformanceEntry.#check(this).#duration; }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return this;
    return `${this.constructor.name} ${getInspect()(this.toJSON(), {
      ...options, depth: options.depth == null ? null : options.depth - 1,
    })}`;
  }

  toJSON() {
    const { name, entryType, startTime, duration } = PerformanceEntry.#check(this);
    return { name, entryType, startTime, duration };
  }
}

Object.defineProperties(PerformanceEntry.prototype, {
  name: kEnumerableProperty,
  entryType: kEnumerableProperty,
  startTime: kEnumerableProperty,
  duration: kEnumerableProperty,
  toJSON: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'PerformanceEntry' },
});

/** An entry of Node's own types, which says more in `detail`. */
class PerformanceNodeEntry extends PerformanceEntry {
  #detail;

  constructor(key, name, type, startTime, duration, detail) {
    super(key, name, type, startTime, duration);
    this.#detail = detail;
  }

  get detail() { return this.#detail; }

  toJSON() {
    return { ...super.toJSON(), detail: this.detail };
  }
}
Object.defineProperty(PerformanceNodeEntry.prototype, 'detail', kEnumerableProperty);

const createEntry = (name, type, startTime, duration, detail) =>
  new PerformanceNodeEntry(kMake, name, type, startTime, duration, detail);

module.exports = { PerformanceEntry, createEntry, kMake };
