'use strict';
// The first thing a runtime runs: hands the event loop its way into JavaScript and sets up the global object.
// Everything is loaded at first use, so that an empty program pays for nothing.

const installStack = require('internal/stack');
const { defineGlobals } = require('internal/globals');

installStack.install?.();
defineGlobals(globalThis);

// What the event loop calls.
module.exports = {
  processTicks: () => require('internal/task_queues').processTicks(),
  processTimers: (now) => require('internal/timers').processTimers(now),
  runImmediates: () => require('internal/timers').runImmediates(),
  rejection: (promise, handled) => require('internal/process/rejections').track(promise, handled),
  uncaught: (error, fromPromise) => require('internal/process/uncaught').handle(error, fromPromise),
  emitBeforeExit: () => require('internal/process/exit').emitBeforeExit(),
  emitExit: (code) => require('internal/process/exit').emitExit(code),
  runMain() {
    const main = require('internal/modules/run_main');
    main.initialize();
    main.runEntryPoint();
  },
};
