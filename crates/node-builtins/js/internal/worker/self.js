'use strict';
// Which thread this is, and what it was given when it was started.

const native = require('internal/worker/native');

const start = native.ownStart();

const self = {
  isMainThread: start === undefined,
  /** Whether the thread runs the runtime's own code rather than a program's. */
  isInternalThread: false,
  threadId: start === undefined ? 0 : start[0],
  threadName: '',
  resourceLimits: {},
  workerData: null,
  parentPort: null,
  environmentData: new Map(),
  /** Whether the thread that started this one shows its garbage collector. */
  exposesGc: false,
  /** How often the process changed its folder, in shared memory; not on the main thread. */
  folderChanges: undefined,
  /** The native port to the thread that started this one. */
  controlHandle: start?.[1],
  /** The native port for what other threads send to this one. */
  inboxHandle: start?.[2],
};

module.exports = self;
