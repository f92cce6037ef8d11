'use strict';
// Owns async iteration over ReadableStream.

const { codes: { ERR_INVALID_STATE, ERR_INVALID_THIS } } = require('internal/errors');
const { enqueueMicrotask } = require('internal/task_queues');
const { react } = require('internal/webstreams/util');
const { cancel } = require('internal/webstreams/readablestream');
const { acquireDefaultReader, PromisedRead } = require('internal/webstreams/readers');

const kAsyncIteratorPrototype =
  Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));

/** The read of next(): the reader is released with the end of the stream. */
class IteratorRead extends PromisedRead {
  constructor(iterator) {
    super();
    this.iterator = iterator;
  }

  chunkSteps(value) {
    // A microtask later, as in the Standard: what the source does meanwhile is to be seen.
    enqueueMicrotask(() => {
      this.iterator.settled(this.promise);
      super.chunkSteps(value);
    });
  }

  closeSteps() {
    this.iterator.finish();
    this.iterator.settled(this.promise);
    super.closeSteps(undefined);
  }

  errorSteps(reason) {
    this.iterator.finish();
    this.iterator.settled(this.promise);
    super.errorSteps(reason);
  }
}

class IteratorRecord {
  constructor(stream, preventCancel) {
    this.reader = acquireDefaultReader(stream);
    this.preventCancel = preventCancel;
    this.finished = false;
    /** The promise of the last call, while that is pending: the next one waits for it. */
    this.ongoing = undefined;
  }

  settled(promise) {
    if (this.ongoing === promise) this.ongoing = undefined;
  }

  finish() {
    this.finished = true;
    this.reader.release();
  }

  next() {
    if (this.finished) return Promise.resolve({ value: undefined, done: true });
    const { stream } = this.reader;
    if (stream === undefined) return rejectedUnbound();
    const { controller } = stream;
    if (stream.state === 'readable' && !controller.isByteController &&
        controller.queue.length > 0) {
      stream.disturbed = true;
      return Promise.resolve({ value: controller.takeChunk(), done: false });
    }
    const request = new IteratorRead(this);
    if (this.ongoing === undefined) this.ongoing = request.promise;
    this.reader.read(request);
    return request.promise;
  }

  return(value) {
    if (this.finished) return Promise.resolve({ value, done: true });
    this.finished = true;
    const { stream } = this.reader;
    if (stream === undefined) return rejectedUnbound();
    if (this.preventCancel) {
      this.reader.release();
      return Promise.resolve({ value, done: true });
    }
    const cancelled = cancel(stream, value);
    this.reader.release();
    return react(cancelled, () => ({ value, done: true }));
  }

  /** `step` now, or after the calls before this one. */
  enqueue(step) {
    const result = this.ongoing === undefined ? step() : react(this.ongoing, step, step);
    this.ongoing = result;
    const settled = () => { this.settled(result); };
    react(result, settled, settled);
    return result;
  }
}

function rejectedUnbound() {
  return Promise.reject(
    new ERR_INVALID_STATE.TypeError('The reader is not bound to a ReadableStream'));
}

class ReadableStreamAsyncIterator {
  #record;

  constructor(stream, preventCancel) {
    this.#record = new IteratorRecord(stream, preventCancel);
  }

  next() {
    if (!(#record in Object(this))) {
      return Promise.reject(new ERR_INVALID_THIS('ReadableStreamAsyncIterator'));
    }
    const record = this.#record;
    return record.ongoing === undefined ? record.next() : record.enqueue(() => record.next());
  }

  return(value) {
    if (!(#record in Object(this))) {
      return Promise.reject(new ERR_INVALID_THIS('ReadableStreamAsyncIterator'));
    }
    const record = this.#record;
    return record.enqueue(() => record.return(value));
  }
}

const { prototype } = ReadableStreamAsyncIterator;
Object.setPrototypeOf(prototype, kAsyncIteratorPrototype);
Object.defineProperties(prototype, {
  next: { __proto__: null, enumerable: true },
  return: { __proto__: null, enumerable: true },
});
// Instances are not told apart by a class of theirs.
delete prototype.constructor;

module.exports = function iterate(stream, preventCancel) {
  return new ReadableStreamAsyncIterator(stream, preventCancel);
};
