'use strict';
// Owns WritableStream, its writer and its controller as programs see them. What
// they do is in writable_records.

const {
  codes: {
    ERR_ILLEGAL_CONSTRUCTOR,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_STATE,
    ERR_INVALID_THIS,
  },
} = require('internal/errors');
const { customInspectSymbol, kEmptyObject } = require('internal/util');
const { kTransfer } = require('internal/structured_clone/symbols');
const {
  validateObject,
  kValidateObjectAllowObjects,
  kValidateObjectAllowObjectsAndNull,
} = require('internal/validators');
const {
  kIsErrored,
  kIsWritable,
  kIsClosedPromise,
  kControllerErrorFunction,
} = require('internal/streams/utils');
const {
  kInternal,
  closedSignalOf,
  promiseMethod,
  startMethod,
  extractHighWaterMark,
  extractSizeAlgorithm,
  customInspect,
  defineInterface,
} = require('internal/webstreams/util');
const {
  WritableRecord,
  ControllerRecord,
  WriterRecord,
  closeStream,
} = require('internal/webstreams/writable_records');

let recordOf;
let isWritableStream;

class WritableStream {
  #record;

  static {
    recordOf = (stream) => stream.#record;
    isWritableStream = (value) =>
      typeof value === 'object' && value !== null && #record in value;
  }

  constructor(sink = kEmptyObject, strategy = kEmptyObject) {
    const record = this.#record = new WritableRecord(this);
    if (sink === kInternal) return;

    validateObject(sink, 'sink', kValidateObjectAllowObjects);
    validateObject(strategy, 'strategy', kValidateObjectAllowObjectsAndNull);
    const size = strategy?.size;
    const highWaterMark = strategy?.highWaterMark;
    const { type } = sink;
    if (type !== undefined) throw new ERR_INVALID_ARG_VALUE.RangeError('type', type);

    const sizeAlgorithm = extractSizeAlgorithm(size);
    const mark = extractHighWaterMark(highWaterMark, 1);
    setUp(record, startMethod(sink, 'sink'), {
      write: promiseMethod(sink, 'write', 'sink', 2),
      close: promiseMethod(sink, 'close', 'sink', 0),
      abort: promiseMethod(sink, 'abort', 'sink', 1),
    }, mark, sizeAlgorithm);
  }

  get locked() {
    if (!isWritableStream(this)) throw new ERR_INVALID_THIS('WritableStream');
    return this.#record.writer !== undefined;
  }

  abort(reason = undefined) {
    if (!isWritableStream(this)) return Promise.reject(new ERR_INVALID_THIS('WritableStream'));
    if (this.#record.writer !== undefined) {
      return Promise.reject(new ERR_INVALID_STATE.TypeError('WritableStream is locked'));
    }
    return this.#record.abort(reason);
  }

  close() {
    if (!isWritableStream(this)) return Promise.reject(new ERR_INVALID_THIS('WritableStream'));
    if (this.#record.writer !== undefined) {
      return Promise.reject(new ERR_INVALID_STATE.TypeError('WritableStream is locked'));
    }
    return closeStream(this.#record, 'Failure closing WritableStream');
  }

  [kTransfer]() {
    return require('internal/webstreams/transfer').transferWritable(this);
  }

  getWriter() {
    if (!isWritableStream(this)) throw new ERR_INVALID_THIS('WritableStream');
    return new WritableStreamDefaultWriter(this);
  }

  get [kIsErrored]() {
    return this.#record.state === 'errored';
  }

  get [kIsWritable]() {
    return this.#record.state === 'writable';
  }

  get [kIsClosedPromise]() {
    return closedSignalOf(this.#record);
  }

  /** How stream.addAbortSignal() fails the stream. */
  get [kControllerErrorFunction]() {
    return (error) => { this.#record.controller.errorIfNeeded(error); };
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'WritableStream', {
      locked: this.#record.writer !== undefined,
      state: this.#record.state,
    });
  }
}

class WritableStreamDefaultWriter {
  #record;

  constructor(stream) {
    if (!isWritableStream(stream)) {
      throw new ERR_INVALID_ARG_TYPE('stream', 'WritableStream', stream);
    }
    this.#record = new WriterRecord(recordOf(stream));
  }

  get closed() {
    if (!(#record in Object(this))) return rejectedThis();
    return this.#record.closed;
  }

  get desiredSize() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('WritableStreamDefaultWriter');
    if (this.#record.stream === undefined) throw unbound();
    return this.#record.desiredSize;
  }

  get ready() {
    if (!(#record in Object(this))) return rejectedThis();
    return this.#record.readyPromise;
  }

  abort(reason = undefined) {
    if (!(#record in Object(this))) return rejectedThis();
    const { stream } = this.#record;
    return stream === undefined ? Promise.reject(unbound()) : stream.abort(reason);
  }

  close() {
    if (!(#record in Object(this))) return rejectedThis();
    return this.#record.stream === undefined ? Promise.reject(unbound()) : this.#record.close();
  }

  releaseLock() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('WritableStreamDefaultWriter');
    this.#record.release();
  }

  write(chunk = undefined) {
    if (!(#record in Object(this))) return rejectedThis();
    const record = this.#record;
    return record.stream === undefined ? Promise.reject(unbound()) : record.write(chunk);
  }

  [customInspectSymbol](depth, options) {
    const record = this.#record;
    return customInspect(this, depth, options, 'WritableStreamDefaultWriter', {
      stream: record.stream?.owner,
      close: record.closed,
      ready: record.readyPromise,
      desiredSize: record.stream === undefined ? undefined : record.desiredSize,
    });
  }
}

function rejectedThis() {
  return Promise.reject(new ERR_INVALID_THIS('WritableStreamDefaultWriter'));
}

function unbound() {
  return new ERR_INVALID_STATE.TypeError('Writer is not bound to a WritableStream');
}

class WritableStreamDefaultController {
  #record;

  constructor(token = undefined, record = undefined) {
    if (token !== kInternal) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#record = record;
  }

  get signal() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('WritableStreamDefaultController');
    return this.#record.signal;
  }

  error(reason = undefined) {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('WritableStreamDefaultController');
    this.#record.errorIfNeeded(reason);
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'WritableStreamDefaultController', {
      stream: this.#record.stream.owner,
    });
  }
}

defineInterface(WritableStream, ['locked', 'abort', 'close', 'getWriter']);
defineInterface(WritableStreamDefaultWriter,
                ['closed', 'desiredSize', 'ready', 'abort', 'close', 'releaseLock', 'write']);
defineInterface(WritableStreamDefaultController, ['signal', 'error']);

/** `algorithms`: write, close and abort, functions that answer with promises, or undefined. */
function setUp(stream, start, algorithms, highWaterMark, sizeAlgorithm) {
  const controller = new ControllerRecord(stream, algorithms, highWaterMark, sizeAlgorithm);
  controller.owner = new WritableStreamDefaultController(kInternal, controller);
  stream.updateBackpressure(controller.desiredSize <= 0);
  controller.start(start?.(controller.owner));
}

/** A stream of the runtime's own. */
function createWritableStream(start, algorithms, highWaterMark = 1, size = () => 1) {
  const stream = recordOf(new WritableStream(kInternal));
  setUp(stream, start, algorithms, highWaterMark, size);
  return stream;
}

module.exports = {
  WritableStream,
  WritableStreamDefaultWriter,
  WritableStreamDefaultController,
  recordOf,
  isWritableStream,
  createWritableStream,
};
