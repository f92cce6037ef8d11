'use strict';
// postMessageToThread: messages from any thread to any other, which its process object gets as 'workerMessage'.

const messaging = require('internal/messaging');
const self = require('internal/worker/self');
const process = require('process');
const { Receiver } = require('internal/worker/io');
const { decode, encode } = require('internal/structured_clone');
const {
  codes: {
    ERR_WORKER_MESSAGING_ERRORED,
    ERR_WORKER_MESSAGING_FAILED,
    ERR_WORKER_MESSAGING_SAME_THREAD,
    ERR_WORKER_MESSAGING_TIMEOUT,
  },
} = require('internal/errors');
const { validateNumber } = require('internal/validators');

// What the receiver writes: whether it is done, and how it went.
const DONE = 0;
const RESULT = 1;
const delivered = 0;
const noListeners = 1;
const listenerFailed = 2;

let receiver;

/** From now on other threads may send to this one. It is no reason to stay alive. */
function listen() {
  if (receiver !== undefined) return;
  receiver = new Receiver(self.inboxHandle ?? messaging.listenAsThread(self.threadId), (parts) => {
    const { value, source, memory } = decode(parts).value;
    const status = new Int32Array(memory);
    let result = noListeners;
    try {
      if (process.listenerCount('workerMessage') > 0) {
        process.emit('workerMessage', value, source);
        result = delivered;
      }
    } catch {
      result = listenerFailed;
    }
    Atomics.store(status, RESULT, result);
    Atomics.store(status, DONE, 1);
    Atomics.notify(status, DONE);
  }, () => {});
  receiver.start();
}

async function postMessageToThread(threadId, value, transferList, timeout) {
  if (typeof transferList === 'number' && timeout === undefined) {
    timeout = transferList;
    transferList = [];
  }
  if (timeout !== undefined) validateNumber(timeout, 'timeout', 0);
  if (threadId === self.threadId) throw new ERR_WORKER_MESSAGING_SAME_THREAD();
  const memory = new SharedArrayBuffer(8);
  const status = new Int32Array(memory);
  const parts = encode({ value, source: self.threadId, memory }, transferList, undefined);
  if (!messaging.postToThread(threadId, parts[0], parts[1])) throw new ERR_WORKER_MESSAGING_FAILED();
  const waiting = Atomics.waitAsync(status, DONE, 0, timeout);
  if (waiting.async && await waiting.value === 'timed-out') throw new ERR_WORKER_MESSAGING_TIMEOUT();
  switch (Atomics.load(status, RESULT)) {
    case noListeners: throw new ERR_WORKER_MESSAGING_FAILED();
    case listenerFailed: throw new ERR_WORKER_MESSAGING_ERRORED();
  }
}

module.exports = { listen, postMessageToThread };
