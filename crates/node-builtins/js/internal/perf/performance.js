'use strict';
// The web's Performance, with what Node adds to it.

const native = require('internal/perf/native');
const { EventTarget, defineEventHandler } = require('internal/event_target');
const timeline = require('internal/perf/timeline');
const lazy = require('internal/lazy');
const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS, ERR_MISSING_ARGS },
} = require('internal/errors');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');

const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getUserTiming = lazy(() => require('internal/perf/user_timing'));
const getResourceTiming = lazy(() => require('internal/perf/resource_timing'));
const getNodeTiming = lazy(() => require('internal/perf/node_timing').nodeTiming);
const getEventLoop = lazy(() => require('internal/perf/event_loop'));
const getTimerify = lazy(() => require('internal/perf/timerify'));

const kMake = Symbol('kMake');
const timeOrigin = native.timeOrigin();

class Performance extends EventTarget {
  #isPerformance = true;

  constructor(key = undefined) {
    if (key !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    super();
  }

  static #check(performance) {
    if (typeof performance !== 'object' || performance === null || !(#isPerformance in performance)) {
      throw new ERR_INVALID_THIS('Performance');
    }
  }

  now() {
    Performance.#check(this);
    return native.now();
  }

  get timeOrigin() {
    Performance.#check(this);
    return timeOrigin;
  }

  mark(name, options = {}) {
    Performance.#check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    return getUserTiming().mark(name, options);
  }

  measure(name, startOrMeasureOptions = {}, endMark = undefined) {
    Performance.#check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    return getUserTiming().measure(name, startOrMeasureOptions, endMark);
  }

  clearMarks(name = undefined) {
    Performance.#check(this);
    if (name !== undefined) name = `${name}`;
    getUserTiming().clearMarkTimes(name);
    timeline.clear('mark', name);
  }

  clearMeasures(name = undefined) {
    Performance.#check(this);
    if (name !== undefined) name = `${name}`;
    timeline.clear('measure', name);
  }

  clearResourceTimings(name = undefined) {
    Performance.#check(this);
    if (name !== undefined) name = `${name}`;
    timeline.clear('resource', name);
  }

  setResourceTimingBufferSize(maxSize) {
    Performance.#check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('maxSize');
    timeline.setResourceLimit(maxSize >>> 0);
  }

  getEntries() {
    Performance.#check(this);
    return timeline.entries(undefined, undefined);
  }

  getEntriesByName(name) {
    Performance.#check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    return timeline.entries(`${name}`, arguments[1] === undefined ? undefined : `${arguments[1]}`);
  }

  getEntriesByType(type) {
    Performance.#check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    return timeline.entries(undefined, `${type}`);
  }

  toJSON() {
    Performance.#check(this);
    return {
      nodeTiming: this.nodeTiming,
      timeOrigin: this.timeOrigin,
      eventLoopUtilization: this.eventLoopUtilization(),
    };
  }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return this;
    const shown = { nodeTiming: this.nodeTiming, timeOrigin: this.timeOrigin };
    return `Performance ${getInspect()(shown, { ...options, depth: options.depth == null ? null : options.depth - 1 })}`;
  }
}

Object.defineProperties(Performance.prototype, {
  clearMarks: kEnumerableProperty,
  clearMeasures: kEnumerableProperty,
  clearResourceTimings: kEnumerableProperty,
  getEntries: kEnumerableProperty,
  getEntriesByName: kEnumerableProperty,
  getEntriesByType: kEnumerableProperty,
  mark: kEnumerableProperty,
  measure: kEnumerableProperty,
  now: kEnumerableProperty,
  timeOrigin: kEnumerableProperty,
  toJSON: kEnumerableProperty,
  setResourceTimingBufferSize: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'Performance' },
});
defineEventHandler(Performance.prototype, 'resourcetimingbufferfull');

const performance = new Performance(kMake);

/** What only Node has, on the one object there is. */
function defineOwn(name, get) {
  Object.defineProperty(performance, name, {
    __proto__: null,
    get() {
      const value = get();
      Object.defineProperty(performance, name, {
        __proto__: null, value, configurable: true, enumerable: false, writable: true,
      });
      return value;
    },
    set(value) {
      Object.defineProperty(performance, name, {
        __proto__: null, value, configurable: true, enumerable: false, writable: true,
      });
    },
    configurable: true,
    enumerable: false,
  });
}
defineOwn('eventLoopUtilization', () => getEventLoop().eventLoopUtilization);
defineOwn('nodeTiming', () => getNodeTiming());
defineOwn('markResourceTiming', () => getResourceTiming().markResourceTiming);
defineOwn('timerify', () => getTimerify().timerify);

module.exports = { Performance, performance };
