'use strict';
// Histograms of perf_hooks: RecordableHistogram, and the plain one that clones of others are.

const lazy = require('internal/lazy');
const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS, ERR_OUT_OF_RANGE },
} = require('internal/errors');
const { customInspectSymbol, kEmptyObject } = require('internal/util');
const { kClone, kDeserialize } = require('internal/structured_clone/symbols');
const { validateInteger, validateNumber, validateObject } = require('internal/validators');

const getInspect = lazy(() => require('internal/util/inspect').inspect);

const kMake = Symbol('kMake');
let handleOf;

class Histogram {
  #handle;

  static {
    handleOf = (value) => (typeof value === 'object' && value !== null && #handle in value ? value.#handle : undefined);
  }

  constructor(key, handle) {
    if (key !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#handle = handle;
  }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return `[${this.constructor.name}]`;
    const { min, max, mean, exceeds, stddev, count, percentiles } = this;
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `Histogram ${getInspect()({ min, max, mean, exceeds, stddev, count, percentiles }, inner)}`;
  }

  get count() { return binding.numbers(native(this))[0]; }
  get countBigInt() { return binding.bigNumbers(native(this))[0]; }
  get exceeds() { return binding.numbers(native(this))[1]; }
  get exceedsBigInt() { return binding.bigNumbers(native(this))[1]; }
  get min() { return binding.numbers(native(this))[2]; }
  get minBigInt() { return binding.bigNumbers(native(this))[2]; }
  get max() { return binding.numbers(native(this))[3]; }
  get maxBigInt() { return binding.bigNumbers(native(this))[3]; }
  get mean() { return binding.numbers(native(this))[4]; }
  get stddev() { return binding.numbers(native(this))[5]; }

  percentile(percentile) {
    return Number(this.percentileBigInt(percentile));
  }

  percentileBigInt(percentile) {
    const handle = native(this);
    validateNumber(percentile, 'percentile');
    if (Number.isNaN(percentile) || percentile <= 0 || percentile > 100) {
      throw new ERR_OUT_OF_RANGE('percentile', '> 0 && <= 100', percentile);
    }
    return binding.percentile(handle, percentile);
  }

  get percentiles() {
    return mapOf(this, (value) => value);
  }

  get percentilesBigInt() {
    return mapOf(this, BigInt);
  }

  reset() {
    binding.reset(native(this));
  }

  [kClone]() {
    const handle = handleOf(this);
    return handle === undefined ? undefined : { data: { handle }, deserializeInfo: 'internal/histogram:ClonedHistogram' };
  }

  toJSON() {
    const { count, min, max, mean, exceeds, stddev, percentiles } = this;
    return { count, min, max, mean, exceeds, stddev, percentiles: Object.fromEntries(percentiles) };
  }
}

function native(histogram) {
  const handle = handleOf(histogram);
  if (handle === undefined) throw new ERR_INVALID_THIS('Histogram');
  return handle;
}

function mapOf(histogram, convert) {
  const row = binding.percentiles(native(histogram));
  const map = new Map();
  for (let i = 0; i < row.length; i += 2) map.set(row[i], convert(row[i + 1]));
  return map;
}

class RecordableHistogram extends Histogram {
  record(value) {
    const handle = recordable(this);
    if (typeof value === 'bigint') {
      binding.record(handle, value);
      return;
    }
    if (!Number.isInteger(value)) throw new ERR_INVALID_ARG_TYPE('val', ['integer', 'bigint'], value);
    if (value < 1 || value > Number.MAX_SAFE_INTEGER) {
      throw new ERR_OUT_OF_RANGE('val', 'a safe integer greater than 0', value);
    }
    binding.record(handle, value);
  }

  recordDelta() {
    binding.recordDelta(recordable(this));
  }

  add(other) {
    const handle = recordable(this);
    if (!(other instanceof RecordableHistogram) || handleOf(other) === undefined) {
      throw new ERR_INVALID_ARG_TYPE('other', 'RecordableHistogram', other);
    }
    binding.add(handle, handleOf(other));
  }

  [kClone]() {
    const host = super[kClone]();
    if (host !== undefined) host.deserializeInfo = 'internal/histogram:ClonedRecordableHistogram';
    return host;
  }
}

function recordable(histogram) {
  if (!(histogram instanceof RecordableHistogram)) throw new ERR_INVALID_THIS('RecordableHistogram');
  return native(histogram);
}

class ClonedHistogram {
  [kDeserialize]({ handle }) {
    return new Histogram(kMake, handle);
  }
}

class ClonedRecordableHistogram {
  [kDeserialize]({ handle }) {
    return new RecordableHistogram(kMake, handle);
  }
}

function createHandle(lowest, highest, figures) {
  return binding.create(lowest, highest, figures);
}

function createHistogram(options = kEmptyObject) {
  validateObject(options, 'options');
  const { lowest = 1, highest = Number.MAX_SAFE_INTEGER, figures = 3 } = options;
  if (typeof lowest !== 'bigint') validateInteger(lowest, 'options.lowest', 1, Number.MAX_SAFE_INTEGER);
  if (typeof highest !== 'bigint') {
    validateInteger(highest, 'options.highest', 2 * Number(lowest), Number.MAX_SAFE_INTEGER);
  } else if (highest < 2n * BigInt(lowest)) {
    throw new ERR_INVALID_ARG_TYPE('options.highest', '>= 2 * options.lowest', highest);
  }
  validateInteger(figures, 'options.figures', 1, 5);
  return new RecordableHistogram(kMake, createHandle(lowest, highest, figures));
}

module.exports = {
  ClonedHistogram,
  ClonedRecordableHistogram,
  Histogram,
  RecordableHistogram,
  createHandle,
  createHistogram,
  isHistogram: (value) => handleOf(value) !== undefined,
  kMake,
  record: (histogram, value) => binding.record(handleOf(histogram), value),
};
