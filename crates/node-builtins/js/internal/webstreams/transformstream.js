'use strict';
// Owns TransformStream: a writable and a readable stream with a transformer
// between them.

const {
  codes: {
    ERR_ILLEGAL_CONSTRUCTOR,
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
  kInternal,
  Deferred,
  Signal,
  react,
  afterwards,
  markHandled,
  resolvedUndefined,
  promiseMethod,
  startMethod,
  extractHighWaterMark,
  extractSizeAlgorithm,
  customInspect,
  defineInterface,
} = require('internal/webstreams/util');
const { createReadableStream } = require('internal/webstreams/readablestream');
const { createWritableStream } = require('internal/webstreams/writablestream');

/** The internal slots of a transform stream and its controller, with their operations. */
class TransformRecord {
  constructor(owner) {
    this.owner = owner;
    // Records of the two sides.
    this.readable = undefined;
    this.writable = undefined;
    /** Whether the readable side wants no more for now. */
    this.backpressure = undefined;
    /** Fires at the next change of that. */
    this.backpressureChange = new Signal();
    this.controller = undefined;
    // Functions that answer with promises; undefined for those that do nothing.
    this.transformAlgorithm = undefined;
    this.flushAlgorithm = undefined;
    this.cancelAlgorithm = undefined;
    /** For the end of closing, cancelling or aborting, of which only the first takes place. */
    this.finish = undefined;
  }

  /** `start`: a promise for which both sides wait. */
  initialize(start, writableMark, writableSize, readableMark, readableSize) {
    this.writable = createWritableStream(() => start, {
      write: (chunk) => this.write(chunk),
      close: () => this.close(),
      abort: (reason) => this.abort(reason),
    }, writableMark, writableSize);
    this.readable = createReadableStream(
      () => start, () => this.pull(), (reason) => this.cancel(reason), readableMark, readableSize);
    this.setBackpressure(true);
  }

  setUpController(algorithms) {
    this.transformAlgorithm = algorithms.transform;
    this.flushAlgorithm = algorithms.flush;
    this.cancelAlgorithm = algorithms.cancel;
    this.controller = new TransformStreamDefaultController(kInternal, this);
  }

  setBackpressure(backpressure) {
    this.backpressureChange.fire();
    this.backpressureChange = new Signal();
    this.backpressure = backpressure;
  }

  clearAlgorithms() {
    this.transformAlgorithm = undefined;
    this.flushAlgorithm = undefined;
    this.cancelAlgorithm = undefined;
  }

  error(reason) {
    this.readable.controller.error(reason);
    this.errorWritableAndUnblockWrite(reason);
  }

  errorWritableAndUnblockWrite(reason) {
    this.clearAlgorithms();
    this.writable.controller.errorIfNeeded(reason);
    this.unblockWrite();
  }

  unblockWrite() {
    if (this.backpressure) this.setBackpressure(false);
  }

  // The controller's operations.

  enqueue(chunk) {
    const { controller } = this.readable;
    if (!controller.canCloseOrEnqueue()) {
      throw new ERR_INVALID_STATE.TypeError('Unable to enqueue');
    }
    try {
      controller.enqueue(chunk);
    } catch (reason) {
      this.errorWritableAndUnblockWrite(reason);
      throw this.readable.storedError;
    }
    const backpressure = !controller.shouldCallPull();
    if (backpressure !== this.backpressure) this.setBackpressure(true);
  }

  terminate() {
    this.readable.controller.close();
    this.errorWritableAndUnblockWrite(
      new ERR_INVALID_STATE.TypeError('TransformStream has been terminated'));
  }

  performTransform(chunk) {
    const { transformAlgorithm } = this;
    if (transformAlgorithm === undefined) return undefined;
    const result = transformAlgorithm(chunk, this.controller);
    if (result === undefined) return undefined;
    return react(result, undefined, (reason) => {
      this.error(reason);
      throw reason;
    });
  }

  // The writable side.

  write(chunk) {
    if (!this.backpressure) return this.performTransform(chunk);
    const written = new Deferred();
    this.backpressureChange.wait(() => {
      if (this.writable.state === 'erroring') written.reject(this.writable.storedError);
      else afterwards(this.performTransform(chunk), written.resolve, written.reject);
    });
    return written.promise;
  }

  abort(reason) {
    if (this.finish !== undefined) return this.finish.promise;
    const { readable } = this;
    return this.finishWith(this.callAlgorithm(this.cancelAlgorithm, reason), (finish) => {
      if (readable.state === 'errored') {
        finish.reject(readable.storedError);
      } else {
        readable.controller.error(reason);
        finish.resolve();
      }
    }, (failure) => { readable.controller.error(failure); });
  }

  close() {
    if (this.finish !== undefined) return this.finish.promise;
    const { readable } = this;
    return this.finishWith(this.callAlgorithm(this.flushAlgorithm, this.controller), (finish) => {
      if (readable.state === 'errored') {
        finish.reject(readable.storedError);
      } else {
        readable.controller.close();
        finish.resolve();
      }
    }, (failure) => { readable.controller.error(failure); });
  }

  // The readable side.

  pull() {
    this.setBackpressure(false);
    return this.backpressureChange;
  }

  cancel(reason) {
    if (this.finish !== undefined) return this.finish.promise;
    const { writable } = this;
    return this.finishWith(this.callAlgorithm(this.cancelAlgorithm, reason), (finish) => {
      if (writable.state === 'errored') {
        finish.reject(writable.storedError);
      } else {
        writable.controller.errorIfNeeded(reason);
        this.unblockWrite();
        finish.resolve();
      }
    }, (failure) => {
      writable.controller.errorIfNeeded(failure);
      this.unblockWrite();
    });
  }

  /** Calls it as the last one; set before, so that it finds itself finishing. */
  callAlgorithm(algorithm, argument) {
    this.finish = Promise.withResolvers();
    markHandled(this.finish.promise);
    const result = algorithm === undefined ? resolvedUndefined : algorithm(argument);
    this.clearAlgorithms();
    return result;
  }

  finishWith(result, onFulfilled, onRejected) {
    const { finish } = this;
    react(result, () => { onFulfilled(finish); }, (failure) => {
      onRejected(failure);
      finish.reject(failure);
    });
    return finish.promise;
  }
}

// Programs may have defined properties of the same names on Object.prototype.
Object.setPrototypeOf(TransformRecord.prototype, null);

let isTransformStream;
/** A transform stream of two sides that are there already; what is between them is elsewhere. */
let transformOf;

class TransformStream {
  #record;

  static {
    isTransformStream = (value) =>
      typeof value === 'object' && value !== null && #record in value;
    transformOf = (readable, writable) => {
      const stream = new TransformStream(kInternal);
      stream.#record.readable = readable;
      stream.#record.writable = writable;
      return stream;
    };
  }

  constructor(transformer = kEmptyObject, writableStrategy = kEmptyObject,
              readableStrategy = kEmptyObject) {
    if (transformer === kInternal) {
      this.#record = new TransformRecord(this);
      return;
    }
    validateObject(transformer, 'transformer', kValidateObjectAllowObjects);
    validateObject(writableStrategy, 'writableStrategy', kValidateObjectAllowObjectsAndNull);
    validateObject(readableStrategy, 'readableStrategy', kValidateObjectAllowObjectsAndNull);
    const { readableType, writableType } = transformer;
    if (readableType !== undefined) {
      throw new ERR_INVALID_ARG_VALUE.RangeError('transformer.readableType', readableType);
    }
    if (writableType !== undefined) {
      throw new ERR_INVALID_ARG_VALUE.RangeError('transformer.writableType', writableType);
    }
    const readableMark = extractHighWaterMark(readableStrategy?.highWaterMark, 0);
    const readableSize = extractSizeAlgorithm(readableStrategy?.size);
    const writableMark = extractHighWaterMark(writableStrategy?.highWaterMark, 1);
    const writableSize = extractSizeAlgorithm(writableStrategy?.size);
    const start = startMethod(transformer, 'transformer');

    const record = this.#record = new TransformRecord(this);
    const started = Promise.withResolvers();
    record.initialize(started.promise, writableMark, writableSize, readableMark, readableSize);
    record.setUpController(algorithmsOf(transformer, record));
    started.resolve(start?.(record.controller));
  }

  get readable() {
    if (!isTransformStream(this)) throw new ERR_INVALID_THIS('TransformStream');
    return this.#record.readable.owner;
  }

  get writable() {
    if (!isTransformStream(this)) throw new ERR_INVALID_THIS('TransformStream');
    return this.#record.writable.owner;
  }

  [kTransfer]() {
    return require('internal/webstreams/transfer').transferTransform(this);
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'TransformStream', {
      readable: this.#record.readable.owner,
      writable: this.#record.writable.owner,
      backpressure: this.#record.backpressure,
    });
  }
}

function algorithmsOf(transformer, record) {
  return {
    // Without one chunks pass unchanged.
    transform: promiseMethod(transformer, 'transform', 'transformer', 2) ?? ((chunk) => {
      try {
        record.enqueue(chunk);
        return undefined;
      } catch (error) {
        return Promise.reject(error);
      }
    }),
    flush: promiseMethod(transformer, 'flush', 'transformer', 1),
    cancel: promiseMethod(transformer, 'cancel', 'transformer', 1),
  };
}

class TransformStreamDefaultController {
  #record;

  constructor(token = undefined, record = undefined) {
    if (token !== kInternal) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#record = record;
  }

  get desiredSize() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('TransformStreamDefaultController');
    return this.#record.readable.controller.desiredSize;
  }

  enqueue(chunk = undefined) {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('TransformStreamDefaultController');
    this.#record.enqueue(chunk);
  }

  error(reason = undefined) {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('TransformStreamDefaultController');
    this.#record.error(reason);
  }

  terminate() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('TransformStreamDefaultController');
    this.#record.terminate();
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'TransformStreamDefaultController', {
      stream: this.#record.owner,
    });
  }
}

defineInterface(TransformStream, ['readable', 'writable']);
defineInterface(TransformStreamDefaultController,
                ['desiredSize', 'enqueue', 'error', 'terminate']);

module.exports = { TransformStream, TransformStreamDefaultController, isTransformStream, transformOf };
