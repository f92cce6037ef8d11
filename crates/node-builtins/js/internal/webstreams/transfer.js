'use strict';
// Streams that move to another thread: one half of the stream stays, and a port between the halves carries chunks,
// the wish for them, the end and errors ("cross-realm transforms" of the Streams Standard).

const { MessageChannel } = require('internal/worker/io');
const { dataCloneError } = require('internal/structured_clone');
const { kDeserialize } = require('internal/structured_clone/symbols');
const { ReadableStream, isLocked, recordOf: readableRecordOf } = require('internal/webstreams/readablestream');
const { WritableStream, recordOf: writableRecordOf } = require('internal/webstreams/writablestream');
const { markHandled } = require('internal/webstreams/util');

/** Sends a message; one that cannot be cloned becomes the stream's error on both sides. */
function post(port, type, value) {
  try {
    port.postMessage({ type, value });
  } catch (error) {
    port.postMessage({ type: 'error', value: error });
    throw error;
  }
}

function endWith(port, reason) {
  try {
    post(port, 'error', reason);
  } finally {
    port.close();
  }
}

/** What arrives at `port`, as a stream; `isWaiting`: who waits for a chunk keeps the thread alive. */
function readableFrom(port, isWaiting) {
  return new ReadableStream({
    start(controller) {
      port.onmessage = ({ data: { type, value } }) => {
        port.unref();
        if (type === 'chunk') {
          controller.enqueue(value);
          return;
        }
        if (type === 'close') controller.close();
        else controller.error(value);
        port.close();
      };
      port.onmessageerror = ({ data }) => {
        post(port, 'error', data);
        controller.error(data);
        port.close();
      };
      port.unref();
    },
    pull() {
      if (isWaiting) port.ref();
      post(port, 'pull', undefined);
    },
    cancel(reason) {
      endWith(port, reason);
    },
  }, { highWaterMark: 0 });
}

/** A stream whose chunks go to `port`, as many as the other side asks for; `isWaiting` as above. */
function writableTo(port, isWaiting) {
  let demand = Promise.withResolvers();
  const waitAgain = () => { demand = Promise.withResolvers(); };
  return new WritableStream({
    start(controller) {
      port.onmessage = ({ data: { type, value } }) => {
        port.unref();
        if (type === 'error') controller.error(value);
        demand.resolve();
      };
      port.onmessageerror = ({ data }) => {
        post(port, 'error', data);
        controller.error(data);
        port.close();
        demand.resolve();
      };
      port.unref();
    },
    async write(chunk) {
      if (isWaiting) port.ref();
      await demand.promise;
      waitAgain();
      try {
        post(port, 'chunk', chunk);
      } catch (error) {
        port.close();
        throw error;
      }
    },
    close() {
      post(port, 'close', undefined);
      port.close();
    },
    abort(reason) {
      endWith(port, reason);
    },
  });
}

/** What is left of a stream in a message. Afterwards it is locked, and its chunks go through the port. */
function transferReadable(stream) {
  if (isLocked(readableRecordOf(stream))) throw dataCloneError('Cannot transfer a locked ReadableStream');
  const { port1, port2 } = new MessageChannel();
  markHandled(stream.pipeTo(writableTo(port1, false)));
  return { data: port2, deserializeInfo: 'internal/webstreams/transfer:TransferredReadableStream' };
}

function transferWritable(stream) {
  if (writableRecordOf(stream).writer !== undefined) throw dataCloneError('Cannot transfer a locked WritableStream');
  const { port1, port2 } = new MessageChannel();
  markHandled(readableFrom(port1, false).pipeTo(stream));
  return { data: port2, deserializeInfo: 'internal/webstreams/transfer:TransferredWritableStream' };
}

function transferTransform({ readable, writable }) {
  if (isLocked(readableRecordOf(readable)) || writableRecordOf(writable).writer !== undefined) {
    throw dataCloneError('Cannot transfer a locked TransformStream');
  }
  return { data: { readable, writable }, deserializeInfo: 'internal/webstreams/transfer:TransferredTransformStream' };
}

class TransferredReadableStream {
  [kDeserialize](port) {
    return readableFrom(port, true);
  }
}

class TransferredWritableStream {
  [kDeserialize](port) {
    return writableTo(port, true);
  }
}

class TransferredTransformStream {
  [kDeserialize]({ readable, writable }) {
    const { transformOf } = require('internal/webstreams/transformstream');
    return transformOf(readableRecordOf(readable), writableRecordOf(writable));
  }
}

module.exports = {
  TransferredReadableStream,
  TransferredTransformStream,
  TransferredWritableStream,
  transferReadable,
  transferTransform,
  transferWritable,
};
