'use strict';
// performance.nodeTiming: milestones of this process, and its loop.

const native = require('internal/perf/native');
const { PerformanceEntry, kMake } = require('internal/perf/entry');

const started = native.now();

class PerformanceNodeTiming extends PerformanceEntry {
  constructor() {
    super(kMake, 'node', 'node', 0, 0);
    const milestone = (get) => ({ __proto__: null, enumerable: true, configurable: true, get });
    // what came before the first builtin that looks is not told apart; it was over when this file was loaded
    const constant = (value) => ({ __proto__: null, enumerable: true, configurable: true, value });
    Object.defineProperties(this, {
      name: constant('node'),
      entryType: constant('node'),
      startTime: constant(0),
      duration: milestone(() => native.now()),
      nodeStart: milestone(() => Math.min(1, started / 8)),
      v8Start: milestone(() => started / 4),
      environment: milestone(() => started / 2),
      bootstrapComplete: milestone(() => started),
      loopStart: milestone(() => {
        const [start] = native.loopNumbers();
        return start === -1 ? -1 : Math.max(start, started);
      }),
      loopExit: milestone(() => native.loopNumbers()[1]),
      idleTime: milestone(() => native.loopNumbers()[2]),
      uvMetricsInfo: milestone(() => {
        const [, , , loopCount, events] = native.loopNumbers();
        return { loopCount, events, eventsWaiting: 0 };
      }),
    });
  }

  toJSON() {
    const { nodeStart, v8Start, environment, loopStart, loopExit, bootstrapComplete, idleTime } = this;
    return {
      name: 'node',
      entryType: 'node',
      startTime: this.startTime,
      duration: this.duration,
      nodeStart,
      v8Start,
      bootstrapComplete,
      environment,
      loopStart,
      loopExit,
      idleTime,
    };
  }
}

module.exports = { PerformanceNodeTiming, nodeTiming: new PerformanceNodeTiming() };
