'use strict';
// PerformanceResourceTiming: when a resource was fetched, as the Fetch standard reports it.

const { PerformanceEntry, kMake } = require('internal/perf/entry');
const { enqueue } = require('internal/perf/observe');
const { bufferResource } = require('internal/perf/timeline');
const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS } } = require('internal/errors');
const { kEnumerableProperty } = require('internal/util');
const { validateObject } = require('internal/validators');

class PerformanceResourceTiming extends PerformanceEntry {
  #initiatorType;
  #cacheMode;
  #timing;
  #response;
  #deliveryType;
  #responseStatus;
  #requestedUrl;

  constructor(key = undefined, facts = undefined) {
    if (key !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    const { requestedUrl, initiatorType, timing, cacheMode, response, responseStatus, deliveryType } = facts;
    super(key, requestedUrl, 'resource', timing.startTime, timing.endTime - timing.startTime);
    this.#requestedUrl = requestedUrl;
    this.#initiatorType = initiatorType;
    this.#cacheMode = cacheMode;
    this.#timing = timing;
    this.#response = response;
    this.#responseStatus = responseStatus;
    this.#deliveryType = deliveryType;
  }

  static #check(entry) {
    if (typeof entry !== 'object' || entry === null || !(#timing in entry)) {
      throw new ERR_INVALID_THIS('PerformanceResourceTiming');
    }
    return entry;
  }

  static #connection(entry) {
    return PerformanceResourceTiming.#check(entry).#timing.finalConnectionTimingInfo;
  }

  get name() { return PerformanceResourceTiming.#check(this).#requestedUrl; }
  get startTime() { return PerformanceResourceTiming.#check(this).#timing.startTime; }
  get duration() {
    const { endTime, startTime } = PerformanceResourceTiming.#check(this).#timing;
    return endTime - startTime;
  }
  get initiatorType() { return PerformanceResourceTiming.#check(this).#initiatorType; }
  get workerStart() { return PerformanceResourceTiming.#check(this).#timing.finalServiceWorkerStartTime; }
  get redirectStart() { return PerformanceResourceTiming.#check(this).#timing.redirectStartTime; }
  get redirectEnd() { return PerformanceResourceTiming.#check(this).#timing.redirectEndTime; }
  get fetchStart() { return PerformanceResourceTiming.#check(this).#timing.postRedirectStartTime; }
  get domainLookupStart() { return PerformanceResourceTiming.#connection(this)?.domainLookupStartTime; }
  get domainLookupEnd() { return PerformanceResourceTiming.#connection(this)?.domainLookupEndTime; }
  get connectStart() { return PerformanceResourceTiming.#connection(this)?.connectionStartTime; }
  get connectEnd() { return PerformanceResourceTiming.#connection(this)?.connectionEndTime; }
  get secureConnectionStart() { return PerformanceResourceTiming.#connection(this)?.secureConnectionStartTime; }
  get nextHopProtocol() { return PerformanceResourceTiming.#connection(this)?.ALPNNegotiatedProtocol; }
  get requestStart() { return PerformanceResourceTiming.#check(this).#timing.finalNetworkRequestStartTime; }
  get responseStart() { return PerformanceResourceTiming.#check(this).#timing.finalNetworkResponseStartTime; }
  get responseEnd() { return PerformanceResourceTiming.#check(this).#timing.endTime; }
  get encodedBodySize() { return PerformanceResourceTiming.#check(this).#timing.encodedBodySize; }
  get decodedBodySize() { return PerformanceResourceTiming.#check(this).#timing.decodedBodySize; }

  get transferSize() {
    const { cacheMode, encodedBodySize } = {
      cacheMode: PerformanceResourceTiming.#check(this).#cacheMode, encodedBodySize: this.#timing.encodedBodySize,
    };
    if (cacheMode === 'local') return 0;
    if (cacheMode === 'validated') return 300;
    return encodedBodySize + 300;
  }

  get deliveryType() { return PerformanceResourceTiming.#check(this).#deliveryType; }
  get responseStatus() { return PerformanceResourceTiming.#check(this).#responseStatus; }

  toJSON() {
    PerformanceResourceTiming.#check(this);
    const shown = {};
    for (const key of ['name', 'entryType', 'startTime', 'duration', ...names]) shown[key] = this[key];
    return shown;
  }
}

const names = [
  'initiatorType', 'nextHopProtocol', 'workerStart', 'redirectStart', 'redirectEnd', 'fetchStart',
  'domainLookupStart', 'domainLookupEnd', 'connectStart', 'connectEnd', 'secureConnectionStart', 'requestStart',
  'responseStart', 'responseEnd', 'transferSize', 'encodedBodySize', 'decodedBodySize', 'deliveryType',
  'responseStatus',
];
for (const name of [...names, 'toJSON']) Object.defineProperty(PerformanceResourceTiming.prototype, name, kEnumerableProperty);
Object.defineProperty(PerformanceResourceTiming.prototype, Symbol.toStringTag, {
  __proto__: null, configurable: true, value: 'PerformanceResourceTiming',
});

function markResourceTiming(
  timing, requestedUrl, initiatorType, global, cacheMode, bodyInfo, responseStatus, deliveryType = '',
) {
  if (cacheMode !== '' && cacheMode !== 'local') throw new TypeError('cache should be an empty string or \'local\'');
  validateObject(timing, 'timingInfo');
  const entry = new PerformanceResourceTiming(kMake, {
    requestedUrl, initiatorType, timing, cacheMode, response: bodyInfo, responseStatus, deliveryType,
  });
  enqueue(entry);
  bufferResource(entry, () => {
    const { performance } = require('internal/perf/performance');
    performance.dispatchEvent(new (require('internal/event_target').Event)('resourcetimingbufferfull'));
  });
  return entry;
}

module.exports = { PerformanceResourceTiming, markResourceTiming };
