'use strict';
// Owns what writable streams, their writers and their controllers have and do.
// In the Standard they are one piece; the public classes are in writablestream.

const { codes: { ERR_INVALID_STATE } } = require('internal/errors');
const lazy = require('internal/lazy');
const {
  Deferred,
  react,
  afterwards,
  markHandled,
  rejectedHandled,
  resolvedUndefined,
  promiseResolvedWith,
  SizedQueue,
} = require('internal/webstreams/util');

const getAbortController = lazy(() => require('internal/abort_controller').AbortController);

/** What stands in the queue for the end. */
const kClose = Symbol('kClose');

/** The internal slots of a writable stream, with the operations that change its state. */
class WritableRecord {
  constructor(owner) {
    this.owner = owner;
    /** 'writable', 'erroring', 'errored' or 'closed'. */
    this.state = 'writable';
    this.storedError = undefined;
    this.writer = undefined;
    this.controller = undefined;
    // Something to resolve and reject for each write in the queue.
    this.writeRequests = [];
    this.inFlightWriteRequest = undefined;
    this.closeRequest = undefined;
    this.inFlightCloseRequest = undefined;
    this.pendingAbortRequest = undefined;
    this.backpressure = false;
    this.closedSignal = undefined;
  }

  abort(reason) {
    if (this.state === 'closed' || this.state === 'errored') return Promise.resolve();
    this.controller.signalAbort(reason);
    // Listeners may have changed it.
    const { state } = this;
    if (state === 'closed' || state === 'errored') return Promise.resolve();
    if (this.pendingAbortRequest !== undefined) return this.pendingAbortRequest.settle.promise;

    const wasAlreadyErroring = state === 'erroring';
    const settle = Promise.withResolvers();
    this.pendingAbortRequest = {
      settle,
      reason: wasAlreadyErroring ? undefined : reason,
      wasAlreadyErroring,
    };
    if (!wasAlreadyErroring) this.startErroring(reason);
    return settle.promise;
  }

  close() {
    const request = this.closeRequest = Promise.withResolvers();
    const { writer } = this;
    if (writer !== undefined && this.backpressure && this.state === 'writable') {
      writer.resolveReady();
    }
    this.controller.close();
    return request.promise;
  }

  closeQueuedOrInFlight() {
    return this.closeRequest !== undefined || this.inFlightCloseRequest !== undefined;
  }

  hasOperationInFlight() {
    return this.inFlightWriteRequest !== undefined || this.inFlightCloseRequest !== undefined;
  }

  dealWithRejection(reason) {
    if (this.state === 'writable') this.startErroring(reason);
    else this.finishErroring();
  }

  startErroring(reason) {
    this.state = 'erroring';
    this.storedError = reason;
    this.writer?.rejectReady(reason);
    if (!this.hasOperationInFlight() && this.controller.started) this.finishErroring();
  }

  finishErroring() {
    this.state = 'errored';
    this.controller.queue.reset();
    const { storedError, writeRequests } = this;
    this.writeRequests = [];
    for (const request of writeRequests) request.reject(storedError);

    const abort = this.pendingAbortRequest;
    if (abort === undefined) {
      this.rejectCloseAndClosed();
      return;
    }
    this.pendingAbortRequest = undefined;
    if (abort.wasAlreadyErroring) {
      abort.settle.reject(storedError);
      this.rejectCloseAndClosed();
      return;
    }
    react(this.controller.abortSteps(abort.reason), () => {
      abort.settle.resolve();
      this.rejectCloseAndClosed();
    }, (reason) => {
      abort.settle.reject(reason);
      this.rejectCloseAndClosed();
    });
  }

  rejectCloseAndClosed() {
    const { storedError } = this;
    this.closeRequest?.reject(storedError);
    this.closeRequest = undefined;
    this.closedSignal?.reject(storedError);
    this.writer?.rejectClosed(storedError);
  }

  finishInFlightClose() {
    this.inFlightCloseRequest.resolve();
    this.inFlightCloseRequest = undefined;
    if (this.state === 'erroring') {
      // It has come to a good end after all.
      this.storedError = undefined;
      this.pendingAbortRequest?.settle.resolve();
      this.pendingAbortRequest = undefined;
    }
    this.state = 'closed';
    this.closedSignal?.resolve();
    this.writer?.resolveClosed();
  }

  finishInFlightCloseWithError(reason) {
    this.inFlightCloseRequest.reject(reason);
    this.inFlightCloseRequest = undefined;
    this.pendingAbortRequest?.settle.reject(reason);
    this.pendingAbortRequest = undefined;
    this.dealWithRejection(reason);
  }

  updateBackpressure(backpressure) {
    const { writer } = this;
    if (writer !== undefined && backpressure !== this.backpressure) {
      if (backpressure) writer.resetReady();
      else writer.resolveReady();
    }
    this.backpressure = backpressure;
  }
}

/** The internal slots of a controller, with its operations. */
class ControllerRecord {
  constructor(stream, algorithms, highWaterMark, sizeAlgorithm) {
    this.owner = undefined;
    this.stream = stream;
    // Made when somebody asks for the signal; before that the reason is enough.
    this.abortController = undefined;
    this.aborted = false;
    this.abortReason = undefined;
    this.queue = new SizedQueue();
    this.started = false;
    this.highWaterMark = highWaterMark;
    this.sizeAlgorithm = sizeAlgorithm;
    // Functions, the first one's answer for afterwards(), the others' promises; undefined for
    // those that do nothing.
    this.writeAlgorithm = algorithms.write;
    this.closeAlgorithm = algorithms.close;
    this.abortAlgorithm = algorithms.abort;
    this.onWritten = () => { this.finishWrite(); };
    this.onWriteFailed = (reason) => { this.failWrite(reason); };
    stream.controller = this;
  }

  start(startResult) {
    const { stream } = this;
    react(promiseResolvedWith(startResult), () => {
      this.started = true;
      this.advanceQueue();
    }, (reason) => {
      this.started = true;
      stream.dealWithRejection(reason);
    });
  }

  get signal() {
    if (this.abortController === undefined) {
      const AbortController = getAbortController();
      this.abortController = new AbortController();
      if (this.aborted) this.abortController.abort(this.abortReason);
    }
    return this.abortController.signal;
  }

  signalAbort(reason) {
    this.aborted = true;
    this.abortReason = reason;
    this.abortController?.abort(reason);
  }

  clearAlgorithms() {
    this.writeAlgorithm = undefined;
    this.closeAlgorithm = undefined;
    this.abortAlgorithm = undefined;
    this.sizeAlgorithm = undefined;
  }

  get desiredSize() {
    return this.highWaterMark - this.queue.totalSize;
  }

  abortSteps(reason) {
    const { abortAlgorithm } = this;
    const result = abortAlgorithm === undefined ? resolvedUndefined : abortAlgorithm(reason);
    this.clearAlgorithms();
    return result;
  }

  close() {
    this.queue.enqueue(kClose, 0);
    this.advanceQueue();
  }

  error(reason) {
    this.clearAlgorithms();
    this.stream.startErroring(reason);
  }

  errorIfNeeded(reason) {
    if (this.stream.state === 'writable') this.error(reason);
  }

  chunkSize(chunk) {
    const { sizeAlgorithm } = this;
    if (sizeAlgorithm === undefined) return 1;
    try {
      return Number(sizeAlgorithm(chunk));
    } catch (reason) {
      this.errorIfNeeded(reason);
      return 1;
    }
  }

  write(chunk, size) {
    try {
      this.queue.enqueue(chunk, size);
    } catch (reason) {
      this.errorIfNeeded(reason);
      return;
    }
    const { stream } = this;
    if (!stream.closeQueuedOrInFlight() && stream.state === 'writable') {
      stream.updateBackpressure(this.desiredSize <= 0);
    }
    this.advanceQueue();
  }

  advanceQueue() {
    const { stream } = this;
    if (!this.started || stream.inFlightWriteRequest !== undefined) return;
    if (stream.state === 'erroring') {
      stream.finishErroring();
      return;
    }
    if (this.queue.length === 0) return;
    const chunk = this.queue.peek();
    if (chunk === kClose) this.processClose();
    else this.processWrite(chunk);
  }

  processClose() {
    const { stream } = this;
    stream.inFlightCloseRequest = stream.closeRequest;
    stream.closeRequest = undefined;
    this.queue.dequeue();
    const { closeAlgorithm } = this;
    const closed = closeAlgorithm === undefined ? resolvedUndefined : closeAlgorithm();
    this.clearAlgorithms();
    react(closed,
          () => { stream.finishInFlightClose(); },
          (reason) => { stream.finishInFlightCloseWithError(reason); });
  }

  processWrite(chunk) {
    const { stream } = this;
    stream.inFlightWriteRequest = stream.writeRequests.shift();
    const { writeAlgorithm } = this;
    const written = writeAlgorithm === undefined ? undefined : writeAlgorithm(chunk, this.owner);
    afterwards(written, this.onWritten, this.onWriteFailed);
  }

  finishWrite() {
    const { stream } = this;
    stream.inFlightWriteRequest.resolve();
    stream.inFlightWriteRequest = undefined;
    this.queue.dequeue();
    if (!stream.closeQueuedOrInFlight() && stream.state === 'writable') {
      stream.updateBackpressure(this.desiredSize <= 0);
    }
    this.advanceQueue();
  }

  failWrite(reason) {
    const { stream } = this;
    if (stream.state === 'writable') this.clearAlgorithms();
    stream.inFlightWriteRequest.reject(reason);
    stream.inFlightWriteRequest = undefined;
    stream.dealWithRejection(reason);
  }
}

/** The internal slots of a writer, with its operations. */
class WriterRecord {
  constructor(stream) {
    if (stream.writer !== undefined) {
      throw new ERR_INVALID_STATE.TypeError('WritableStream is locked');
    }
    this.stream = stream;
    stream.writer = this;
    // Promises, and their resolvers while they are pending. That of `ready`, which comes and
    // goes with each chunk, is made when somebody asks for it.
    this.ready = undefined;
    this.readyPending = false;
    this.readyResolvers = undefined;
    this.closed = undefined;
    this.closedResolvers = undefined;
    /** For a pipe, which needs no promise: called when `ready` is resolved. */
    this.onReady = undefined;

    switch (stream.state) {
      case 'writable':
        this.readyPending = !stream.closeQueuedOrInFlight() && stream.backpressure;
        this.waitForClosed();
        break;
      case 'erroring':
        this.ready = rejectedHandled(stream.storedError);
        this.waitForClosed();
        break;
      case 'closed':
        this.closed = Promise.resolve();
        break;
      default:
        this.ready = rejectedHandled(stream.storedError);
        this.closed = rejectedHandled(stream.storedError);
    }
  }

  get readyPromise() {
    if (this.ready === undefined) {
      if (this.readyPending) {
        this.readyResolvers = new Deferred();
        this.ready = this.readyResolvers.promise;
        markHandled(this.ready);
      } else {
        this.ready = Promise.resolve();
      }
    }
    return this.ready;
  }

  waitForClosed() {
    this.closedResolvers = Promise.withResolvers();
    this.closed = this.closedResolvers.promise;
    markHandled(this.closed);
  }

  resetReady() {
    this.ready = undefined;
    this.readyPending = true;
  }

  resolveReady() {
    if (!this.readyPending) return;
    this.readyPending = false;
    this.readyResolvers?.resolve();
    this.readyResolvers = undefined;
    this.onReady?.();
  }

  rejectReady(reason) {
    if (this.readyResolvers === undefined) this.ready = rejectedHandled(reason);
    else this.readyResolvers.reject(reason);
    this.readyResolvers = undefined;
    this.readyPending = false;
  }

  resolveClosed() {
    this.closedResolvers?.resolve();
    this.closedResolvers = undefined;
  }

  rejectClosed(reason) {
    if (this.closedResolvers === undefined) this.closed = rejectedHandled(reason);
    else this.closedResolvers.reject(reason);
    this.closedResolvers = undefined;
  }

  get desiredSize() {
    const { stream } = this;
    switch (stream.state) {
      case 'errored':
      case 'erroring': return null;
      case 'closed': return 0;
      default: return stream.controller.desiredSize;
    }
  }

  write(chunk) {
    const request = new Deferred();
    this.submit(chunk, request);
    return request.promise;
  }

  /** Writes; `request` is resolved or rejected when that is done. */
  submit(chunk, request) {
    const { stream } = this;
    const { controller } = stream;
    const size = controller.chunkSize(chunk);
    // The strategy may have released this writer, or worse.
    if (stream !== this.stream) {
      request.reject(new ERR_INVALID_STATE.TypeError('Mismatched WritableStreams'));
      return;
    }
    const { state } = stream;
    if (state === 'errored') {
      request.reject(stream.storedError);
    } else if (state === 'closed' || stream.closeQueuedOrInFlight()) {
      request.reject(new ERR_INVALID_STATE.TypeError('WritableStream is closed'));
    } else if (state === 'erroring') {
      request.reject(stream.storedError);
    } else {
      stream.writeRequests.push(request);
      controller.write(chunk, size);
    }
  }

  close() {
    return closeStream(this.stream, 'Failure to close WritableStream');
  }

  /** Closes it at the end of a pipe: what is closed already is fine, errors are passed on. */
  closeWithErrorPropagation() {
    const { stream } = this;
    if (stream.closeQueuedOrInFlight() || stream.state === 'closed') return Promise.resolve();
    if (stream.state === 'errored') return Promise.reject(stream.storedError);
    return this.close();
  }

  release() {
    const { stream } = this;
    if (stream === undefined) return;
    const reason = new ERR_INVALID_STATE.TypeError('Writer has been released');
    this.rejectReady(reason);
    this.rejectClosed(reason);
    stream.writer = undefined;
    this.stream = undefined;
  }
}

function closeStream(stream, complaint) {
  if (stream.state === 'closed' || stream.state === 'errored' ||
      stream.closeQueuedOrInFlight()) {
    return Promise.reject(new ERR_INVALID_STATE.TypeError(complaint));
  }
  return stream.close();
}

// Programs may have defined properties of the same names on Object.prototype.
for (const { prototype } of [WritableRecord, ControllerRecord, WriterRecord]) {
  Object.setPrototypeOf(prototype, null);
}

module.exports = { WritableRecord, ControllerRecord, WriterRecord, closeStream };
