'use strict';
// What programs ask of node:worker_threads to know where they run. There is one thread so far: starting another, and
// ports between threads, say that they are absent.

const {
  codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM },
} = require('internal/errors');

const SHARE_ENV = Symbol.for('nodejs.worker_threads.SHARE_ENV');
const environmentData = new Map();

function getEnvironmentData(key) {
  return environmentData.get(key);
}

function setEnvironmentData(key, value) {
  if (value === undefined) environmentData.delete(key);
  else environmentData.set(key, value);
}

const absent = (name) => ({
  [name]: function() {
    throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`worker_threads.${name}`);
  },
})[name];

module.exports = {
  BroadcastChannel: absent('BroadcastChannel'),
  MessageChannel: absent('MessageChannel'),
  MessagePort: absent('MessagePort'),
  SHARE_ENV,
  Worker: absent('Worker'),
  getEnvironmentData,
  isInternalThread: false,
  isMainThread: true,
  parentPort: null,
  resourceLimits: {},
  setEnvironmentData,
  threadId: 0,
  threadName: '',
  workerData: null,
};
