'use strict';
// Owns ReadableStream and the operations on readable streams that do not depend
// on the kind of controller. Readers, controllers, tee(), pipeTo() and from()
// are files of their own.

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_STATE, ERR_INVALID_THIS },
} = require('internal/errors');
const { customInspectSymbol, kEmptyObject } = require('internal/util');
const { kTransfer } = require('internal/structured_clone/symbols');
const lazy = require('internal/lazy');
const {
  validateAbortSignal,
  validateObject,
  kValidateObjectAllowObjects,
  kValidateObjectAllowObjectsAndNull,
} = require('internal/validators');
const {
  kIsDisturbed,
  kIsErrored,
  kIsReadable,
  kIsClosedPromise,
  kControllerErrorFunction,
} = require('internal/streams/utils');
const {
  kInternal,
  nop,
  react,
  markHandled,
  closedSignalOf,
  extractHighWaterMark,
  extractSizeAlgorithm,
  customInspect,
  defineInterface,
} = require('internal/webstreams/util');

const getTransfer = lazy(() => require('internal/webstreams/transfer'));
const getReaders = lazy(() => require('internal/webstreams/readers'));
const getDefaultController = lazy(() => require('internal/webstreams/default_controller'));
const getByteController = lazy(() => require('internal/webstreams/byte_controller'));

/** The internal slots of a readable stream. */
class ReadableRecord {
  constructor(owner) {
    this.owner = owner;
    /** 'readable', 'closed' or 'errored'. */
    this.state = 'readable';
    this.storedError = undefined;
    this.disturbed = false;
    this.reader = undefined;
    this.controller = undefined;
    this.closedSignal = undefined;
  }
}

// Programs may have defined properties of the same names on Object.prototype.
Object.setPrototypeOf(ReadableRecord.prototype, null);

let recordOf;
let isReadableStream;

class ReadableStream {
  #record;

  static {
    recordOf = (stream) => stream.#record;
    isReadableStream = (value) =>
      typeof value === 'object' && value !== null && #record in value;
  }

  constructor(source = kEmptyObject, strategy = kEmptyObject) {
    const record = this.#record = new ReadableRecord(this);
    if (source === kInternal) return;

    validateObject(source, 'source', kValidateObjectAllowObjects);
    validateObject(strategy, 'strategy', kValidateObjectAllowObjectsAndNull);
    // As Web IDL reads dictionaries: the strategy before what the source contains.
    const size = strategy?.size;
    const highWaterMark = strategy?.highWaterMark;
    const { type } = source;

    if (type !== undefined && `${type}` === 'bytes') {
      if (size !== undefined) throw new ERR_INVALID_ARG_VALUE.RangeError('strategy.size', size);
      getByteController().setUpFromSource(record, source, extractHighWaterMark(highWaterMark, 0));
    } else if (type !== undefined) {
      throw new ERR_INVALID_ARG_VALUE('source.type', type);
    } else {
      const sizeAlgorithm = extractSizeAlgorithm(size);
      getDefaultController().setUpFromSource(
        record, source, extractHighWaterMark(highWaterMark, 1), sizeAlgorithm);
    }
  }

  static from(iterable) {
    return require('internal/webstreams/readable_from')(iterable);
  }

  get locked() {
    if (!isReadableStream(this)) throw new ERR_INVALID_THIS('ReadableStream');
    return isLocked(this.#record);
  }

  cancel(reason = undefined) {
    if (!isReadableStream(this)) return Promise.reject(new ERR_INVALID_THIS('ReadableStream'));
    if (isLocked(this.#record)) {
      return Promise.reject(new ERR_INVALID_STATE.TypeError('ReadableStream is locked'));
    }
    return cancel(this.#record, reason);
  }

  [kTransfer]() {
    return getTransfer().transferReadable(this);
  }

  getReader(options = kEmptyObject) {
    if (!isReadableStream(this)) throw new ERR_INVALID_THIS('ReadableStream');
    validateObject(options, 'options', kValidateObjectAllowObjectsAndNull);
    const mode = options?.mode;
    const { ReadableStreamDefaultReader, ReadableStreamBYOBReader } = getReaders();
    if (mode === undefined) return new ReadableStreamDefaultReader(this);
    if (`${mode}` !== 'byob') throw new ERR_INVALID_ARG_VALUE('options.mode', mode);
    return new ReadableStreamBYOBReader(this);
  }

  pipeThrough(transform, options = kEmptyObject) {
    if (!isReadableStream(this)) throw new ERR_INVALID_THIS('ReadableStream');
    const readable = transform?.readable;
    if (!isReadableStream(readable)) {
      throw new ERR_INVALID_ARG_TYPE('transform.readable', 'ReadableStream', readable);
    }
    const writable = writableArgument(transform?.writable);
    const piping = pipeOptions(options);
    requireUnlocked(this.#record, writable);
    markHandled(require('internal/webstreams/pipe_to')(this.#record, writable, piping));
    return readable;
  }

  pipeTo(destination, options = kEmptyObject) {
    try {
      if (!isReadableStream(this)) throw new ERR_INVALID_THIS('ReadableStream');
      const writable = writableArgument(destination);
      const piping = pipeOptions(options);
      requireUnlocked(this.#record, writable);
      return require('internal/webstreams/pipe_to')(this.#record, writable, piping);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  tee() {
    if (!isReadableStream(this)) throw new ERR_INVALID_THIS('ReadableStream');
    if (isLocked(this.#record)) {
      throw new ERR_INVALID_STATE.TypeError('ReadableStream is locked');
    }
    return require('internal/webstreams/tee').tee(this.#record);
  }

  values(options = kEmptyObject) {
    if (!isReadableStream(this)) throw new ERR_INVALID_THIS('ReadableStream');
    validateObject(options, 'options', kValidateObjectAllowObjectsAndNull);
    const preventCancel = !!options?.preventCancel;
    return require('internal/webstreams/readable_iterator')(this.#record, preventCancel);
  }

  get [kIsDisturbed]() {
    return this.#record.disturbed;
  }

  get [kIsErrored]() {
    return this.#record.state === 'errored';
  }

  get [kIsReadable]() {
    return this.#record.state === 'readable';
  }

  get [kIsClosedPromise]() {
    return closedSignalOf(this.#record);
  }

  /** How stream.addAbortSignal() fails the stream. */
  get [kControllerErrorFunction]() {
    return (error) => { this.#record.controller.error(error); };
  }

  [customInspectSymbol](depth, options) {
    const record = this.#record;
    return customInspect(this, depth, options, 'ReadableStream', {
      locked: isLocked(record),
      state: record.state,
      supportsBYOB: record.controller?.isByteController === true,
    });
  }
}

Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
  __proto__: null,
  configurable: true,
  enumerable: false,
  writable: true,
  value: ReadableStream.prototype.values,
});
Object.defineProperty(ReadableStream, 'from', { __proto__: null, enumerable: true });
defineInterface(ReadableStream,
                ['locked', 'cancel', 'getReader', 'pipeThrough', 'pipeTo', 'tee', 'values']);

function writableArgument(value) {
  const { isWritableStream, recordOf } = require('internal/webstreams/writablestream');
  // Of this name also where it is the argument of pipeTo().
  if (!isWritableStream(value)) {
    throw new ERR_INVALID_ARG_TYPE('transform.writable', 'WritableStream', value);
  }
  return recordOf(value);
}

function pipeOptions(options) {
  validateObject(options, 'options', kValidateObjectAllowObjectsAndNull);
  const preventAbort = !!options?.preventAbort;
  const preventCancel = !!options?.preventCancel;
  const preventClose = !!options?.preventClose;
  const signal = options?.signal;
  if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
  return { preventAbort, preventCancel, preventClose, signal };
}

function requireUnlocked(readable, writable) {
  if (isLocked(readable)) {
    throw new ERR_INVALID_STATE.TypeError('The ReadableStream is locked');
  }
  if (writable.writer !== undefined) {
    throw new ERR_INVALID_STATE.TypeError('The WritableStream is locked');
  }
}

// ---------------------------------------------------------------------------
// Operations on records

function isLocked(stream) {
  return stream.reader !== undefined;
}

/** A stream of the runtime's own with a default controller. */
function createReadableStream(start, pull, cancel, highWaterMark = 1, size = () => 1) {
  const stream = recordOf(new ReadableStream(kInternal));
  getDefaultController().setUp(stream, start, pull, cancel, highWaterMark, size);
  return stream;
}

/** A stream of the runtime's own with a byte controller. */
function createReadableByteStream(start, pull, cancel) {
  const stream = recordOf(new ReadableStream(kInternal));
  getByteController().setUp(stream, start, pull, cancel, 0, undefined);
  return stream;
}

function cancel(stream, reason) {
  stream.disturbed = true;
  if (stream.state === 'closed') return Promise.resolve();
  if (stream.state === 'errored') return Promise.reject(stream.storedError);
  close(stream);
  const { reader } = stream;
  if (reader !== undefined && reader.isByob) {
    const requests = reader.requests;
    reader.requests = [];
    for (const request of requests) request.closeSteps(undefined);
  }
  return react(stream.controller.cancelSteps(reason), nop);
}

function close(stream) {
  stream.state = 'closed';
  stream.closedSignal?.resolve();
  const { reader } = stream;
  if (reader === undefined) return;
  reader.resolveClosed();
  if (!reader.isByob) {
    const requests = reader.requests;
    reader.requests = [];
    for (const request of requests) request.closeSteps();
  }
}

function error(stream, reason) {
  stream.state = 'errored';
  stream.storedError = reason;
  stream.closedSignal?.reject(reason);
  const { reader } = stream;
  if (reader === undefined) return;
  reader.rejectClosed(reason);
  reader.errorRequests(reason);
}

function hasDefaultReader(stream) {
  return stream.reader !== undefined && !stream.reader.isByob;
}

function hasByobReader(stream) {
  return stream.reader !== undefined && stream.reader.isByob;
}

/** How many reads wait, of either kind. */
function pendingReads(stream) {
  return stream.reader === undefined ? 0 : stream.reader.requests.length;
}

/** Answers the oldest waiting read, `done` with the end of the stream. */
function fulfillRead(stream, chunk, done) {
  const request = stream.reader.requests.shift();
  if (done) request.closeSteps(chunk);
  else request.chunkSteps(chunk);
}

module.exports = {
  ReadableStream,
  recordOf,
  isReadableStream,
  createReadableStream,
  createReadableByteStream,
  isLocked,
  cancel,
  close,
  error,
  hasDefaultReader,
  hasByobReader,
  pendingReads,
  fulfillRead,
};
