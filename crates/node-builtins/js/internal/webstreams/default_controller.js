'use strict';
// Owns the default controller: the queue of a readable stream of anything.

const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_STATE, ERR_INVALID_THIS },
} = require('internal/errors');
const { customInspectSymbol } = require('internal/util');
const {
  kInternal,
  promiseMethod,
  startMethod,
  SizedQueue,
  customInspect,
  defineInterface,
} = require('internal/webstreams/util');
const PullingController = require('internal/webstreams/pulling_controller');
const {
  close,
  error,
  isLocked,
  pendingReads,
  fulfillRead,
} = require('internal/webstreams/readablestream');

/** The internal slots of a default controller, with its operations. */
class DefaultControllerRecord extends PullingController {
  constructor(stream, pull, cancel, highWaterMark, sizeAlgorithm) {
    super(stream, pull, cancel, highWaterMark);
    this.isByteController = false;
    this.queue = new SizedQueue();
    this.sizeAlgorithm = sizeAlgorithm;
  }

  get queuedSize() {
    return this.queue.totalSize;
  }

  shouldCallPull() {
    if (!this.canCloseOrEnqueue() || !this.started) return false;
    const { stream } = this;
    if (isLocked(stream) && pendingReads(stream) > 0) return true;
    return this.highWaterMark - this.queue.totalSize > 0;
  }

  canCloseOrEnqueue() {
    return !this.closeRequested && this.stream.state === 'readable';
  }

  /** Lets go of the source, of which nothing more is wanted. */
  clearAlgorithms() {
    this.pullAlgorithm = undefined;
    this.cancelAlgorithm = undefined;
    this.sizeAlgorithm = undefined;
  }

  close() {
    if (!this.canCloseOrEnqueue()) return;
    this.closeRequested = true;
    if (this.queue.length === 0) {
      this.clearAlgorithms();
      close(this.stream);
    }
  }

  enqueue(chunk) {
    if (!this.canCloseOrEnqueue()) return;
    const { stream } = this;
    if (isLocked(stream) && pendingReads(stream) > 0) {
      fulfillRead(stream, chunk, false);
    } else {
      try {
        const { sizeAlgorithm } = this;
        this.queue.enqueue(chunk, Number(sizeAlgorithm(chunk)));
      } catch (reason) {
        this.error(reason);
        throw reason;
      }
    }
    this.callPullIfNeeded();
  }

  error(reason) {
    if (this.stream.state !== 'readable') return;
    this.queue.reset();
    this.clearAlgorithms();
    error(this.stream, reason);
  }

  cancelSteps(reason) {
    this.queue.reset();
    return this.callCancel(reason);
  }

  /** Takes the first chunk of the queue, which is not empty. */
  takeChunk() {
    const chunk = this.queue.dequeue();
    if (this.closeRequested && this.queue.length === 0) {
      this.clearAlgorithms();
      close(this.stream);
    } else {
      this.callPullIfNeeded();
    }
    return chunk;
  }

  pullSteps(request) {
    if (this.queue.length > 0) {
      request.chunkSteps(this.takeChunk());
    } else {
      this.stream.reader.requests.push(request);
      this.callPullIfNeeded();
    }
  }

  releaseSteps() {}
}

/** `start`, `pull` and `cancel` are functions or undefined; the latter two answer with promises. */
function setUp(stream, start, pull, cancel, highWaterMark, sizeAlgorithm) {
  const controller =
    new DefaultControllerRecord(stream, pull, cancel, highWaterMark, sizeAlgorithm);
  controller.owner = new ReadableStreamDefaultController(kInternal, controller);
  controller.start(start?.(controller.owner));
}

function setUpFromSource(stream, source, highWaterMark, sizeAlgorithm) {
  const start = startMethod(source, 'source');
  const pull = promiseMethod(source, 'pull', 'source', 1);
  const cancel = promiseMethod(source, 'cancel', 'source', 1);
  setUp(stream, start, pull, cancel, highWaterMark, sizeAlgorithm);
}

class ReadableStreamDefaultController {
  #record;

  constructor(token = undefined, record = undefined) {
    if (token !== kInternal) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#record = record;
  }

  get desiredSize() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableStreamDefaultController');
    return this.#record.desiredSize;
  }

  close() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableStreamDefaultController');
    if (!this.#record.canCloseOrEnqueue()) {
      throw new ERR_INVALID_STATE.TypeError('Controller is already closed');
    }
    this.#record.close();
  }

  enqueue(chunk = undefined) {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableStreamDefaultController');
    if (!this.#record.canCloseOrEnqueue()) {
      throw new ERR_INVALID_STATE.TypeError('Controller is already closed');
    }
    this.#record.enqueue(chunk);
  }

  error(reason = undefined) {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableStreamDefaultController');
    this.#record.error(reason);
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'ReadableStreamDefaultController', {});
  }
}

defineInterface(ReadableStreamDefaultController, ['desiredSize', 'close', 'enqueue', 'error']);

module.exports = { ReadableStreamDefaultController, setUp, setUpFromSource };
