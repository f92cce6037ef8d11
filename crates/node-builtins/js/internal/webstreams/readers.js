'use strict';
// Owns the readers of readable streams and the requests that wait in them.

const {
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_STATE,
    ERR_INVALID_THIS,
    ERR_OUT_OF_RANGE,
  },
} = require('internal/errors');
const { customInspectSymbol, kEmptyObject } = require('internal/util');
const {
  validateNumber,
  validateObject,
  kValidateObjectAllowObjectsAndNull,
} = require('internal/validators');
const {
  Deferred,
  markHandled,
  rejectedHandled,
  isSharedBuffer,
  customInspect,
  defineInterface,
} = require('internal/webstreams/util');
const {
  isReadableStream,
  recordOf,
  isLocked,
  cancel,
} = require('internal/webstreams/readablestream');

/** The internal slots of a reader. */
class ReaderRecord {
  constructor(stream, isByob) {
    this.stream = stream;
    this.isByob = isByob;
    /** Reads that wait for a chunk; each has chunkSteps, closeSteps and errorSteps. */
    this.requests = [];
    // The promise of `closed`, made when somebody asks; its resolvers while it is pending.
    this.closed = undefined;
    this.closedResolvers = undefined;
    stream.reader = this;
  }

  get closedPromise() {
    if (this.closed === undefined) {
      const { stream } = this;
      if (stream === undefined) {
        this.closed = rejectedHandled(new ERR_INVALID_STATE.TypeError('Reader released'));
      } else if (stream.state === 'readable') {
        this.closedResolvers = Promise.withResolvers();
        this.closed = this.closedResolvers.promise;
        markHandled(this.closed);
      } else if (stream.state === 'closed') {
        this.closed = Promise.resolve();
      } else {
        this.closed = rejectedHandled(stream.storedError);
      }
    }
    return this.closed;
  }

  resolveClosed() {
    this.closedResolvers?.resolve();
    this.closedResolvers = undefined;
  }

  rejectClosed(reason) {
    this.closedResolvers?.reject(reason);
    this.closedResolvers = undefined;
  }

  errorRequests(reason) {
    const { requests } = this;
    this.requests = [];
    for (const request of requests) request.errorSteps(reason);
  }

  /** Leaves the stream to others; what waits is rejected. */
  release() {
    const { stream } = this;
    if (stream === undefined) return;
    if (this.closedResolvers !== undefined) {
      this.rejectClosed(new ERR_INVALID_STATE.TypeError('Reader released'));
    } else {
      this.closed = undefined;
    }
    stream.controller.releaseSteps();
    stream.reader = undefined;
    this.stream = undefined;
    this.errorRequests(new ERR_INVALID_STATE.TypeError('Releasing reader'));
  }

  /** Reads with a default reader. */
  read(request) {
    const { stream } = this;
    stream.disturbed = true;
    if (stream.state === 'closed') request.closeSteps();
    else if (stream.state === 'errored') request.errorSteps(stream.storedError);
    else stream.controller.pullSteps(request);
  }

  /** Reads at least `minimum` elements into `view` with a BYOB reader. */
  readInto(view, minimum, request) {
    const { stream } = this;
    stream.disturbed = true;
    if (stream.state === 'errored') request.errorSteps(stream.storedError);
    else stream.controller.pullInto(view, minimum, request);
  }
}

// Programs may have defined properties of the same names on Object.prototype.
Object.setPrototypeOf(ReaderRecord.prototype, null);

function acquireDefaultReader(stream) {
  return acquire(stream, false);
}

function acquireByobReader(stream) {
  if (!stream.controller.isByteController) {
    throw new ERR_INVALID_ARG_VALUE('stream', stream.owner, 'must be a byte stream');
  }
  return acquire(stream, true);
}

function acquire(stream, isByob) {
  if (isLocked(stream)) throw new ERR_INVALID_STATE.TypeError('ReadableStream is locked');
  return new ReaderRecord(stream, isByob);
}

/** The read of reader.read(): a promise of { value, done }. */
class PromisedRead extends Deferred {
  chunkSteps(value) {
    this.resolve({ value, done: false });
  }

  closeSteps(value) {
    this.resolve({ value, done: true });
  }

  errorSteps(reason) {
    this.reject(reason);
  }
}

class ReadableStreamDefaultReader {
  #record;

  constructor(stream) {
    if (!isReadableStream(stream)) {
      throw new ERR_INVALID_ARG_TYPE('stream', 'ReadableStream', stream);
    }
    this.#record = acquireDefaultReader(recordOf(stream));
  }

  read() {
    if (!(#record in Object(this))) {
      return Promise.reject(new ERR_INVALID_THIS('ReadableStreamDefaultReader'));
    }
    const record = this.#record;
    const { stream } = record;
    if (stream === undefined) {
      return Promise.reject(
        new ERR_INVALID_STATE.TypeError('The reader is not attached to a stream'));
    }
    const { controller } = stream;
    if (stream.state === 'readable' && !controller.isByteController &&
        controller.queue.length > 0) {
      // The same as below without a request: what is there need not wait.
      stream.disturbed = true;
      return Promise.resolve({ value: controller.takeChunk(), done: false });
    }
    const request = new PromisedRead();
    record.read(request);
    return request.promise;
  }

  releaseLock() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableStreamDefaultReader');
    this.#record.release();
  }

  get closed() {
    if (!(#record in Object(this))) {
      return Promise.reject(new ERR_INVALID_THIS('ReadableStreamDefaultReader'));
    }
    return this.#record.closedPromise;
  }

  cancel(reason = undefined) {
    if (!(#record in Object(this))) {
      return Promise.reject(new ERR_INVALID_THIS('ReadableStreamDefaultReader'));
    }
    return cancelOf(this.#record, reason);
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'ReadableStreamDefaultReader', {
      stream: this.#record.stream?.owner,
      readRequests: this.#record.requests.length,
      close: this.#record.closedPromise,
    });
  }
}

class ReadableStreamBYOBReader {
  #record;

  constructor(stream) {
    if (!isReadableStream(stream)) {
      throw new ERR_INVALID_ARG_TYPE('stream', 'ReadableStream', stream);
    }
    this.#record = acquireByobReader(recordOf(stream));
  }

  async read(view, options = kEmptyObject) {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableStreamBYOBReader');
    if (!ArrayBuffer.isView(view)) {
      throw new ERR_INVALID_ARG_TYPE('view', ['Buffer', 'TypedArray', 'DataView'], view);
    }
    validateObject(options, 'options', kValidateObjectAllowObjectsAndNull);
    const minimum = minimumOf(view, options?.min);
    if (this.#record.stream === undefined) {
      throw new ERR_INVALID_STATE.TypeError('The reader is not attached to a stream');
    }
    const request = new PromisedRead();
    this.#record.readInto(view, minimum, request);
    return request.promise;
  }

  releaseLock() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableStreamBYOBReader');
    this.#record.release();
  }

  get closed() {
    if (!(#record in Object(this))) {
      return Promise.reject(new ERR_INVALID_THIS('ReadableStreamBYOBReader'));
    }
    return this.#record.closedPromise;
  }

  cancel(reason = undefined) {
    if (!(#record in Object(this))) {
      return Promise.reject(new ERR_INVALID_THIS('ReadableStreamBYOBReader'));
    }
    return cancelOf(this.#record, reason);
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'ReadableStreamBYOBReader', {
      stream: this.#record.stream?.owner,
      readIntoRequests: this.#record.requests.length,
      close: this.#record.closedPromise,
    });
  }
}

/** The `min` of a read into `view`, which has to be one that can be filled. */
function minimumOf(view, min = 1) {
  validateNumber(min, 'options.min');
  min = Math.trunc(min);
  if (view.byteLength === 0 || view.buffer.byteLength === 0 || view.buffer.detached ||
      isSharedBuffer(view.buffer)) {
    throw new ERR_INVALID_STATE.TypeError(
      'View or Viewed ArrayBuffer is zero-length or detached');
  }
  if (!(min > 0)) {
    throw new ERR_INVALID_ARG_VALUE('options.min', min, 'must be greater than 0');
  }
  const length = view.length;
  if (length === undefined) {
    if (min > view.byteLength) {
      throw new ERR_OUT_OF_RANGE('options.min', '<= view.byteLength', min);
    }
  } else if (min > length) {
    throw new ERR_OUT_OF_RANGE('options.min', '<= view.length', min);
  }
  return min;
}

function cancelOf(record, reason) {
  if (record.stream === undefined) {
    return Promise.reject(
      new ERR_INVALID_STATE.TypeError('The reader is not attached to a stream'));
  }
  return cancel(record.stream, reason);
}

defineInterface(ReadableStreamDefaultReader, ['closed', 'read', 'releaseLock', 'cancel']);
defineInterface(ReadableStreamBYOBReader, ['closed', 'read', 'releaseLock', 'cancel']);

module.exports = {
  ReadableStreamDefaultReader,
  ReadableStreamBYOBReader,
  PromisedRead,
  acquireDefaultReader,
  acquireByobReader,
};
