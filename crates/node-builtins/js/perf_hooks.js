'use strict';
// node:perf_hooks.

const lazy = require('internal/lazy');
const { Performance, performance } = require('internal/perf/performance');

// Numbers by which Node's garbage collector and entry types are told.
const constants = Object.freeze({
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
});

module.exports = { Performance, performance, constants };

// Each is loaded when it is first asked for.
function define(id, ...names) {
  const get = lazy(() => require(id));
  for (const name of names) {
    Object.defineProperty(module.exports, name, {
      __proto__: null, get: () => get()[name], enumerable: true, configurable: true,
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
