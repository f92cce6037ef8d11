'use strict';
// How busy the event loop is: eventLoopUtilization() and monitorEventLoopDelay().

const native = require('internal/perf/native');
const { Histogram, createHandle, kMake, record } = require('internal/histogram');
const lazy = require('internal/lazy');
const { codes: { ERR_INVALID_THIS } } = require('internal/errors');
const { validateInteger, validateObject } = require('internal/validators');

const getTimers = lazy(() => require('timers'));

/** `loop`: [its start, time that it waited, now], all in milliseconds. */
function utilizationOf([start, idle, now], first, second) {
  if (start <= 0) return { idle: 0, active: 0, utilization: 0 };
  if (second !== undefined) {
    return ratio(first.idle - second.idle, first.active - second.active);
  }
  const active = now - start - idle;
  if (first === undefined) return ratio(idle, active);
  return ratio(idle - first.idle, active - first.active);
}

const ratio = (idle, active) => ({ idle, active, utilization: active / (idle + active) });

function eventLoopUtilization(first, second) {
  const [start, , idle] = native.loopNumbers();
  return utilizationOf([start, idle, native.now()], first, second);
}

class EventLoopDelay extends Histogram {
  #resolution;
  #timer;
  #last = 0;

  constructor(key, handle, resolution) {
    super(key, handle);
    this.#resolution = resolution;
  }

  static #check(histogram) {
    if (typeof histogram !== 'object' || histogram === null || !(#resolution in histogram)) {
      throw new ERR_INVALID_THIS('ELDHistogram');
    }
    return histogram;
  }

  /** Whether it was off before. */
  enable() {
    const self = EventLoopDelay.#check(this);
    if (self.#timer !== undefined) return false;
    self.#last = native.now();
    self.#timer = getTimers().setInterval(() => {
      const at = native.now();
      record(self, Math.max(1, Math.round((at - self.#last) * 1e6)));
      self.#last = at;
    }, self.#resolution);
    self.#timer.unref();
    return true;
  }

  disable() {
    const self = EventLoopDelay.#check(this);
    if (self.#timer === undefined) return false;
    getTimers().clearInterval(self.#timer);
    self.#timer = undefined;
    return true;
  }

  [Symbol.dispose]() {
    this.disable();
  }
}

function monitorEventLoopDelay(options = {}) {
  validateObject(options, 'options');
  const { resolution = 10 } = options;
  validateInteger(resolution, 'options.resolution', 1);
  const anHour = 3600 * 1e9;
  return new EventLoopDelay(kMake, createHandle(1, anHour, 3), resolution);
}

module.exports = { eventLoopUtilization, monitorEventLoopDelay, utilizationOf };
