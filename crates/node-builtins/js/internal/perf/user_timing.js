'use strict';
// Marks and measures of programs.

const { now } = require('internal/perf/native');
const { PerformanceEntry, kMake } = require('internal/perf/entry');
const { enqueue } = require('internal/perf/observe');
const { bufferUserTiming } = require('internal/perf/timeline');
const lazy = require('internal/lazy');
const {
  codes: {
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_THIS,
    ERR_MISSING_ARGS,
    ERR_PERFORMANCE_INVALID_TIMESTAMP,
    ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS,
  },
} = require('internal/errors');
const { kEnumerableProperty } = require('internal/util');
const { validateNumber, validateObject, validateString } = require('internal/validators');

const getNodeTiming = lazy(() => require('internal/perf/node_timing').nodeTiming);
const getDOMException = lazy(() => require('internal/domexception').DOMException);
const getStructuredClone = lazy(() => require('internal/structured_clone').structuredClone);

const milestones = new Set([
  'nodeStart', 'v8Start', 'environment', 'loopStart', 'loopExit', 'bootstrapComplete',
]);

// The last time of each name.
const marks = new Map();

function timeOf(name) {
  if (milestones.has(name)) return getNodeTiming()[name];
  const time = marks.get(name);
  if (time === undefined) throw new (getDOMException())(`The "${name}" performance mark has not been set`, 'SyntaxError');
  return time;
}

/** A mark's name, or a time. */
function timestampOf(nameOrTime) {
  if (typeof nameOrTime !== 'number') return timeOf(`${nameOrTime}`);
  if (nameOrTime < 0) throw new ERR_PERFORMANCE_INVALID_TIMESTAMP(nameOrTime);
  return nameOrTime;
}

const cloneDetail = (detail) => (detail === undefined || detail === null ? null : getStructuredClone()(detail));

class PerformanceMark extends PerformanceEntry {
  #detail;

  constructor(name, options = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    name = `${name}`;
    if (milestones.has(name)) throw new ERR_INVALID_ARG_VALUE('name', name);
    if (options !== undefined && options !== null) validateObject(options, 'options', { allowArray: true, allowFunction: true });
    const startTime = options?.startTime ?? now();
    validateNumber(startTime, 'startTime');
    if (startTime < 0) throw new ERR_PERFORMANCE_INVALID_TIMESTAMP(startTime);
    super(kMake, name, 'mark', startTime, 0);
    marks.set(name, startTime);
    this.#detail = cloneDetail(options?.detail);
  }

  get detail() {
    if (typeof this !== 'object' || this === null || !(#detail in this)) throw new ERR_INVALID_THIS('PerformanceMark');
    return this.#detail;
  }

  toJSON() {
    return { ...super.toJSON(), detail: this.detail };
  }
}

class PerformanceMeasure extends PerformanceEntry {
  #detail;

  constructor(key = undefined, name = undefined, startTime = undefined, duration = undefined, detail = undefined) {
    super(key, name, 'measure', startTime, duration);
    this.#detail = detail;
  }

  get detail() {
    if (typeof this !== 'object' || this === null || !(#detail in this)) throw new ERR_INVALID_THIS('PerformanceMeasure');
    return this.#detail;
  }

  toJSON() {
    return { ...super.toJSON(), detail: this.detail };
  }
}

for (const Class of [PerformanceMark, PerformanceMeasure]) {
  Object.defineProperties(Class.prototype, {
    detail: kEnumerableProperty,
    [Symbol.toStringTag]: { __proto__: null, configurable: true, value: Class.name },
  });
}

function mark(name, options) {
  const entry = new PerformanceMark(name, options);
  enqueue(entry);
  bufferUserTiming(entry);
  return entry;
}

function span(startOrOptions, endMark) {
  let options;
  let startMark;
  if (typeof startOrOptions === 'object' && startOrOptions !== null) options = startOrOptions;
  else if (startOrOptions !== undefined && startOrOptions !== null) startMark = startOrOptions;
  if (options !== undefined) {
    const { start, end, duration } = options;
    if (endMark !== undefined) throw new ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS('endMark must not be specified');
    if (Object.keys(options).length > 0 && options.detail === undefined && start === undefined && end === undefined) {
      throw new ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS('One of options.start or options.end is required');
    }
    if (start !== undefined && end !== undefined && duration !== undefined) {
      throw new ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS(
        'Must not have options.start, options.end, and options.duration specified');
    }
  }
  const endTime = endOf(options, endMark);
  return [startOf(options, startMark, endTime), endTime];
}

function endOf(options, endMark) {
  if (endMark !== undefined) return timestampOf(endMark);
  if (options?.end !== undefined) return timestampOf(options.end);
  if (options?.start !== undefined && options.duration !== undefined) {
    return timestampOf(options.start) + timestampOf(options.duration);
  }
  return now();
}

function startOf(options, startMark, endTime) {
  if (options?.start !== undefined) return timestampOf(options.start);
  if (options?.duration !== undefined && options.end !== undefined) return endTime - timestampOf(options.duration);
  return startMark === undefined ? 0 : timestampOf(startMark);
}

function measure(name, startOrOptions, endMark) {
  validateString(name, 'name');
  const [start, end] = span(startOrOptions, endMark);
  const detail = typeof startOrOptions === 'object' ? cloneDetail(startOrOptions?.detail) : null;
  const entry = new PerformanceMeasure(kMake, name, start, end - start, detail);
  enqueue(entry);
  bufferUserTiming(entry);
  return entry;
}

function clearMarkTimes(name) {
  if (name === undefined) {
    marks.clear();
    return;
  }
  name = `${name}`;
  if (milestones.has(name)) throw new ERR_INVALID_ARG_VALUE('name', name);
  marks.delete(name);
}

module.exports = { PerformanceMark, PerformanceMeasure, clearMarkTimes, mark, measure };
