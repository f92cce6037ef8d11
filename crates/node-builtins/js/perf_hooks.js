'use strict';
// node:perf_hooks.

const { Performance, performance } = require('internal/perf/performance');

// Numbers by which Node's garbage collector and entry types are told.
const constants = {
  NODE_PERFORMANCE_ENTRY_TYPE_GC: 0,
  NODE_PERFORMANCE_ENTRY_TYPE_HTTP: 1,
  NODE_PERFORMANCE_ENTRY_TYPE_HTTP2: 2,
  NODE_PERFORMANCE_ENTRY_TYPE_NET: 3,
  NODE_PERFORMANCE_ENTRY_TYPE_DNS: 4,
  NODE_PERFORMANCE_GC_MAJOR: 4,
  NODE_PERFORMANCE_GC_MINOR: 1,
  NODE_PERFORMANCE_GC_INCREMENTAL: 8,
  NODE_PERFORMANCE_GC_WEAKCB: 16,
  NODE_PERFORMANCE_GC_FLAGS_NO: 0,
  NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED: 2,
  NODE_PERFORMANCE_GC_FLAGS_FORCED: 4,
  NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING: 8,
  NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE: 16,
  NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY: 32,
  NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE: 64,
  NODE_PERFORMANCE_MILESTONE_TIME_ORIGIN_TIMESTAMP: 0,
  NODE_PERFORMANCE_MILESTONE_TIME_ORIGIN: 1,
  NODE_PERFORMANCE_MILESTONE_ENVIRONMENT: 2,
  NODE_PERFORMANCE_MILESTONE_NODE_START: 3,
  NODE_PERFORMANCE_MILESTONE_V8_START: 4,
  NODE_PERFORMANCE_MILESTONE_LOOP_START: 5,
  NODE_PERFORMANCE_MILESTONE_LOOP_EXIT: 6,
  NODE_PERFORMANCE_MILESTONE_BOOTSTRAP_COMPLETE: 7,
};
for (const name of Object.keys(constants)) {
  // as in Node, only those of the garbage collector are seen
  const enumerable = name.startsWith('NODE_PERFORMANCE_GC_');
  Object.defineProperty(constants, name, { __proto__: null, enumerable });
}
Object.freeze(constants);

module.exports = { Performance, performance };
Object.defineProperty(module.exports, 'constants', { __proto__: null, enumerable: true, value: constants });

// Each is loaded when it is first asked for.
function define(id, ...names) {
  for (const name of names) {
    const settle = (value) => {
      Object.defineProperty(module.exports, name, {
        __proto__: null, value, enumerable: true, configurable: true, writable: true,
      });
      return value;
    };
    Object.defineProperty(module.exports, name, {
      __proto__: null, get: () => settle(require(id)[name]), set: settle, enumerable: true, configurable: true,
    });
  }
}
define('internal/perf/entry', 'PerformanceEntry');
define('internal/perf/user_timing', 'PerformanceMark', 'PerformanceMeasure');
define('internal/perf/observe', 'PerformanceObserver', 'PerformanceObserverEntryList');
define('internal/perf/resource_timing', 'PerformanceResourceTiming');
define('internal/perf/event_loop', 'monitorEventLoopDelay', 'eventLoopUtilization');
define('internal/perf/timerify', 'timerify');
define('internal/histogram', 'createHistogram');
