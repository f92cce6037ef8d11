'use strict';
// node:worker_threads.

const lazy = require('internal/lazy');
const self = require('internal/worker/self');
const io = require('internal/worker/io');

const getWorker = lazy(() => require('internal/worker'));
const getMessaging = lazy(() => require('internal/worker/between_threads'));

function getEnvironmentData(key) {
  return self.environmentData.get(key);
}

function setEnvironmentData(key, value) {
  if (value === undefined) self.environmentData.delete(key);
  else self.environmentData.set(key, value);
}

function postMessageToThread(threadId, value, transferList, timeout) {
  return getMessaging().postMessageToThread(threadId, value, transferList, timeout);
}

module.exports = {
  isInternalThread: self.isInternalThread,
  isMainThread: self.isMainThread,
  MessagePort: io.MessagePort,
  MessageChannel: io.MessageChannel,
  markAsUncloneable: io.markAsUncloneable,
  markAsUntransferable: io.markAsUntransferable,
  isMarkedAsUntransferable: io.isMarkedAsUntransferable,
  moveMessagePortToContext: io.moveMessagePortToContext,
  receiveMessageOnPort: io.receiveMessageOnPort,
  resourceLimits: self.resourceLimits,
  postMessageToThread,
  threadId: self.threadId,
  threadName: self.threadName,
  SHARE_ENV: Symbol.for('nodejs.worker_threads.SHARE_ENV'),
  Worker: undefined,
  parentPort: self.parentPort,
  workerData: self.workerData,
  BroadcastChannel: io.BroadcastChannel,
  setEnvironmentData,
  getEnvironmentData,
};

// Most programs that ask for this module want to know which thread they are on.
Object.defineProperty(module.exports, 'Worker', {
  __proto__: null,
  get: () => getWorker().Worker,
  set(value) {
    Object.defineProperty(module.exports, 'Worker', { __proto__: null, value, writable: true });
  },
  enumerable: true,
  configurable: true,
});
