'use strict';
// Owns the byte controller: the queue of a readable stream of bytes, which can
// also be filled into memory that the consumer brings (BYOB).

const {
  codes: {
    ERR_ILLEGAL_CONSTRUCTOR,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_STATE,
    ERR_INVALID_THIS,
  },
} = require('internal/errors');
const { FastBuffer } = require('internal/buffer');
const { customInspectSymbol } = require('internal/util');
const {
  kInternal,
  react,
  resolvedUndefined,
  promiseMethod,
  startMethod,
  promiseResolvedWith,
  transferBuffer,
  isSharedBuffer,
  customInspect,
  defineInterface,
} = require('internal/webstreams/util');
const {
  close,
  error,
  hasDefaultReader,
  hasByobReader,
  pendingReads,
  fulfillRead,
} = require('internal/webstreams/readablestream');

const kTypedArray = Object.getPrototypeOf(Uint8Array);
// What a reader gets is of the kind it gave, not of its class, Buffer excepted.
const kViewConstructors = {
  __proto__: null,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float16Array: globalThis.Float16Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

function viewConstructorOf(view, isTypedArray) {
  if (view instanceof FastBuffer) return FastBuffer;
  return isTypedArray ? kViewConstructors[view[Symbol.toStringTag]] : DataView;
}

/**
 * Memory to fill: of a BYOB read, of a default read with automatic allocation,
 * or left by a released reader.
 */
class PullInto {
  constructor(buffer, byteOffset, byteLength, minimumFill, elementSize, viewConstructor,
              readerType) {
    this.buffer = buffer;
    this.bufferByteLength = buffer.byteLength;
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
    this.bytesFilled = 0;
    this.minimumFill = minimumFill;
    this.elementSize = elementSize;
    this.viewConstructor = viewConstructor;
    /** 'default', 'byob' or 'none'. */
    this.readerType = readerType;
  }

  /** The view that the reader gets; takes the memory away from whoever has it. */
  filledView() {
    const ViewConstructor = this.viewConstructor;
    return new ViewConstructor(
      transferBuffer(this.buffer), this.byteOffset, this.bytesFilled / this.elementSize);
  }
}

/** The internal slots of a byte controller, with its operations. */
class ByteControllerRecord {
  constructor(stream, pull, cancel, highWaterMark, autoAllocateChunkSize) {
    this.owner = undefined;
    this.stream = stream;
    this.isByteController = true;
    /** Entries { buffer, byteOffset, byteLength }. */
    this.queue = [];
    this.queueTotalSize = 0;
    this.started = false;
    this.closeRequested = false;
    this.pullAgain = false;
    this.pulling = false;
    this.highWaterMark = highWaterMark;
    this.autoAllocateChunkSize = autoAllocateChunkSize;
    this.pendingPullIntos = [];
    /** The record of the public BYOB request, while there is one. */
    this.byobRequest = undefined;
    this.pullAlgorithm = pull;
    this.cancelAlgorithm = cancel;
    this.onPulled = () => {
      this.pulling = false;
      if (this.pullAgain) {
        this.pullAgain = false;
        this.callPullIfNeeded();
      }
    };
    this.onPullFailed = (reason) => { this.error(reason); };
    stream.controller = this;
  }

  start(startResult) {
    react(promiseResolvedWith(startResult), () => {
      this.started = true;
      this.callPullIfNeeded();
    }, this.onPullFailed);
  }

  callPullIfNeeded() {
    if (!this.shouldCallPull()) return;
    if (this.pulling) {
      this.pullAgain = true;
      return;
    }
    this.pulling = true;
    const { pullAlgorithm } = this;
    const pulled = pullAlgorithm === undefined ? resolvedUndefined : pullAlgorithm(this.owner);
    react(pulled, this.onPulled, this.onPullFailed);
  }

  shouldCallPull() {
    const { stream } = this;
    if (stream.state !== 'readable' || this.closeRequested || !this.started) return false;
    if (pendingReads(stream) > 0) return true;
    return this.highWaterMark - this.queueTotalSize > 0;
  }

  get desiredSize() {
    switch (this.stream.state) {
      case 'errored': return null;
      case 'closed': return 0;
      default: return this.highWaterMark - this.queueTotalSize;
    }
  }

  clearAlgorithms() {
    this.pullAlgorithm = undefined;
    this.cancelAlgorithm = undefined;
  }

  resetQueue() {
    this.queue = [];
    this.queueTotalSize = 0;
  }

  clearPendingPullIntos() {
    this.invalidateByobRequest();
    this.pendingPullIntos = [];
  }

  close() {
    const { stream } = this;
    if (this.closeRequested || stream.state !== 'readable') return;
    if (this.queueTotalSize > 0) {
      this.closeRequested = true;
      return;
    }
    if (this.pendingPullIntos.length > 0) {
      const head = this.pendingPullIntos[0];
      if (head.bytesFilled % head.elementSize !== 0) {
        const reason = new ERR_INVALID_STATE.TypeError('Partial read');
        this.error(reason);
        throw reason;
      }
    }
    this.clearAlgorithms();
    close(stream);
  }

  error(reason) {
    if (this.stream.state !== 'readable') return;
    this.clearPendingPullIntos();
    this.resetQueue();
    this.clearAlgorithms();
    error(this.stream, reason);
  }

  enqueue(chunk) {
    const { stream } = this;
    if (this.closeRequested || stream.state !== 'readable') return;
    const { byteOffset, byteLength } = chunk;
    const buffer = transferBuffer(chunk.buffer);

    if (this.pendingPullIntos.length > 0) {
      const head = this.pendingPullIntos[0];
      if (head.buffer.detached) {
        throw new ERR_INVALID_STATE.TypeError('Destination ArrayBuffer is detached');
      }
      this.invalidateByobRequest();
      head.buffer = transferBuffer(head.buffer);
      if (head.readerType === 'none') this.enqueueDetachedPullInto(head);
    }

    if (hasDefaultReader(stream)) {
      this.processReadRequestsUsingQueue();
      if (pendingReads(stream) === 0) {
        this.enqueueChunk(buffer, byteOffset, byteLength);
      } else {
        if (this.pendingPullIntos.length > 0) this.pendingPullIntos.shift();
        fulfillRead(stream, new Uint8Array(buffer, byteOffset, byteLength), false);
      }
    } else if (hasByobReader(stream)) {
      this.enqueueChunk(buffer, byteOffset, byteLength);
      this.commitAll(this.processPullIntosUsingQueue());
    } else {
      this.enqueueChunk(buffer, byteOffset, byteLength);
    }
    this.callPullIfNeeded();
  }

  enqueueChunk(buffer, byteOffset, byteLength) {
    this.queue.push({ buffer, byteOffset, byteLength });
    this.queueTotalSize += byteLength;
  }

  enqueueClonedChunk(buffer, byteOffset, byteLength) {
    let clone;
    try {
      clone = buffer.slice(byteOffset, byteOffset + byteLength);
    } catch (reason) {
      this.error(reason);
      throw reason;
    }
    this.enqueueChunk(clone, 0, byteLength);
  }

  /** What a released reader has got so far goes back to the queue. */
  enqueueDetachedPullInto(pullInto) {
    if (pullInto.bytesFilled > 0) {
      this.enqueueClonedChunk(pullInto.buffer, pullInto.byteOffset, pullInto.bytesFilled);
    }
    this.pendingPullIntos.shift();
  }

  /** Copies from the queue; answers whether that is enough for the reader. */
  fillFromQueue(pullInto) {
    const copied = Math.min(this.queueTotalSize, pullInto.byteLength - pullInto.bytesFilled);
    const filled = pullInto.bytesFilled + copied;
    const aligned = filled - filled % pullInto.elementSize;
    let remaining = copied;
    let ready = false;
    if (aligned >= pullInto.minimumFill) {
      remaining = aligned - pullInto.bytesFilled;
      ready = true;
    }
    while (remaining > 0) {
      const head = this.queue[0];
      const count = Math.min(remaining, head.byteLength);
      new Uint8Array(pullInto.buffer, pullInto.byteOffset + pullInto.bytesFilled, count)
        .set(new Uint8Array(head.buffer, head.byteOffset, count));
      if (head.byteLength === count) {
        this.queue.shift();
      } else {
        head.byteOffset += count;
        head.byteLength -= count;
      }
      this.queueTotalSize -= count;
      pullInto.bytesFilled += count;
      remaining -= count;
    }
    return ready;
  }

  fillReadRequestFromQueue(request) {
    const { buffer, byteOffset, byteLength } = this.queue.shift();
    this.queueTotalSize -= byteLength;
    this.handleQueueDrain();
    request.chunkSteps(new Uint8Array(buffer, byteOffset, byteLength));
  }

  handleQueueDrain() {
    if (this.queueTotalSize === 0 && this.closeRequested) {
      this.clearAlgorithms();
      close(this.stream);
    } else {
      this.callPullIfNeeded();
    }
  }

  processReadRequestsUsingQueue() {
    const { requests } = this.stream.reader;
    while (requests.length > 0 && this.queueTotalSize > 0) {
      this.fillReadRequestFromQueue(requests.shift());
    }
  }

  /** Those of the waiting pull-intos that the queue satisfies. */
  processPullIntosUsingQueue() {
    const filled = [];
    while (this.pendingPullIntos.length > 0 && this.queueTotalSize > 0) {
      if (this.fillFromQueue(this.pendingPullIntos[0])) filled.push(this.pendingPullIntos.shift());
    }
    return filled;
  }

  commit(pullInto) {
    fulfillRead(this.stream, pullInto.filledView(), this.stream.state === 'closed');
  }

  commitAll(pullIntos) {
    for (const pullInto of pullIntos) this.commit(pullInto);
  }

  /** The read of a BYOB reader. */
  pullInto(view, minimum, request) {
    const { stream } = this;
    const isTypedArray = view instanceof kTypedArray;
    const elementSize = isTypedArray ? view.BYTES_PER_ELEMENT : 1;
    const viewConstructor = viewConstructorOf(view, isTypedArray);
    const { byteOffset, byteLength } = view;
    let buffer;
    try {
      buffer = transferBuffer(view.buffer);
    } catch (reason) {
      request.errorSteps(reason);
      return;
    }
    const pullInto = new PullInto(
      buffer, byteOffset, byteLength, minimum * elementSize, elementSize, viewConstructor, 'byob');

    if (this.pendingPullIntos.length > 0) {
      this.pendingPullIntos.push(pullInto);
      stream.reader.requests.push(request);
      return;
    }
    if (stream.state === 'closed') {
      const ViewConstructor = viewConstructor;
      request.closeSteps(new ViewConstructor(buffer, byteOffset, 0));
      return;
    }
    if (this.queueTotalSize > 0) {
      if (this.fillFromQueue(pullInto)) {
        const filled = pullInto.filledView();
        this.handleQueueDrain();
        request.chunkSteps(filled);
        return;
      }
      if (this.closeRequested) {
        const reason = new ERR_INVALID_STATE.TypeError('ReadableStream closed');
        this.error(reason);
        request.errorSteps(reason);
        return;
      }
    }
    this.pendingPullIntos.push(pullInto);
    stream.reader.requests.push(request);
    this.callPullIfNeeded();
  }

  getByobRequest() {
    if (this.byobRequest === undefined && this.pendingPullIntos.length > 0) {
      const head = this.pendingPullIntos[0];
      const view = new Uint8Array(
        head.buffer, head.byteOffset + head.bytesFilled, head.byteLength - head.bytesFilled);
      this.byobRequest = { controller: this, view, owner: undefined };
      this.byobRequest.owner = new ReadableStreamBYOBRequest(kInternal, this.byobRequest);
    }
    return this.byobRequest?.owner ?? null;
  }

  invalidateByobRequest() {
    if (this.byobRequest === undefined) return;
    this.byobRequest.controller = undefined;
    this.byobRequest.view = null;
    this.byobRequest = undefined;
  }

  respond(bytesWritten) {
    const head = this.pendingPullIntos[0];
    if (this.stream.state === 'closed') {
      if (bytesWritten !== 0) throw new ERR_INVALID_ARG_VALUE('bytesWritten', bytesWritten);
    } else {
      if (bytesWritten === 0) throw new ERR_INVALID_ARG_VALUE('bytesWritten', bytesWritten);
      if (head.bytesFilled + bytesWritten > head.byteLength) {
        throw new ERR_INVALID_ARG_VALUE.RangeError('bytesWritten', bytesWritten);
      }
    }
    head.buffer = transferBuffer(head.buffer);
    this.respondWith(bytesWritten);
  }

  respondWithNewView(view) {
    const head = this.pendingPullIntos[0];
    if (this.stream.state === 'closed') {
      if (view.byteLength !== 0) throw new ERR_INVALID_STATE.TypeError('View is not zero-length');
    } else if (view.byteLength === 0) {
      throw new ERR_INVALID_STATE.TypeError('View is zero-length');
    }
    if (head.byteOffset + head.bytesFilled !== view.byteOffset ||
        head.bufferByteLength !== view.buffer.byteLength ||
        head.bytesFilled + view.byteLength > head.byteLength) {
      throw new ERR_INVALID_ARG_VALUE.RangeError('view', view);
    }
    const { byteLength } = view;
    head.buffer = transferBuffer(view.buffer);
    this.respondWith(byteLength);
  }

  respondWith(bytesWritten) {
    const head = this.pendingPullIntos[0];
    this.invalidateByobRequest();
    if (this.stream.state === 'closed') this.respondInClosedState(head);
    else this.respondInReadableState(bytesWritten, head);
    this.callPullIfNeeded();
  }

  respondInClosedState(head) {
    if (head.readerType === 'none') this.pendingPullIntos.shift();
    if (!hasByobReader(this.stream)) return;
    const filled = [];
    while (filled.length < pendingReads(this.stream)) filled.push(this.pendingPullIntos.shift());
    this.commitAll(filled);
  }

  respondInReadableState(bytesWritten, head) {
    head.bytesFilled += bytesWritten;
    if (head.readerType === 'none') {
      this.enqueueDetachedPullInto(head);
      this.commitAll(this.processPullIntosUsingQueue());
      return;
    }
    if (head.bytesFilled < head.minimumFill) return;
    this.pendingPullIntos.shift();
    const rest = head.bytesFilled % head.elementSize;
    if (rest > 0) {
      // The beginning of an element waits for its end.
      this.enqueueClonedChunk(head.buffer, head.byteOffset + head.bytesFilled - rest, rest);
    }
    head.bytesFilled -= rest;
    const filled = this.processPullIntosUsingQueue();
    this.commit(head);
    this.commitAll(filled);
  }

  cancelSteps(reason) {
    this.clearPendingPullIntos();
    this.resetQueue();
    const { cancelAlgorithm } = this;
    const result = cancelAlgorithm === undefined ? resolvedUndefined : cancelAlgorithm(reason);
    this.clearAlgorithms();
    return result;
  }

  pullSteps(request) {
    const { stream } = this;
    if (this.queueTotalSize > 0) {
      this.fillReadRequestFromQueue(request);
      return;
    }
    const size = this.autoAllocateChunkSize;
    if (size !== undefined) {
      let buffer;
      try {
        buffer = new ArrayBuffer(size);
      } catch (reason) {
        request.errorSteps(reason);
        return;
      }
      this.pendingPullIntos.push(new PullInto(buffer, 0, size, 1, 1, Uint8Array, 'default'));
    }
    stream.reader.requests.push(request);
    this.callPullIfNeeded();
  }

  releaseSteps() {
    if (this.pendingPullIntos.length > 0) {
      const head = this.pendingPullIntos[0];
      head.readerType = 'none';
      this.pendingPullIntos = [head];
    }
  }
}

// Programs may have defined properties of the same names on Object.prototype.
Object.setPrototypeOf(ByteControllerRecord.prototype, null);
Object.setPrototypeOf(PullInto.prototype, null);

/** `start`, `pull` and `cancel` are functions or undefined, the latter two answering with promises. */
function setUp(stream, start, pull, cancel, highWaterMark, autoAllocateChunkSize) {
  const controller =
    new ByteControllerRecord(stream, pull, cancel, highWaterMark, autoAllocateChunkSize);
  controller.owner = new ReadableByteStreamController(kInternal, controller);
  controller.start(start?.(controller.owner));
}

function setUpFromSource(stream, source, highWaterMark) {
  const { autoAllocateChunkSize } = source;
  let chunkSize;
  if (autoAllocateChunkSize !== undefined) {
    chunkSize = Math.trunc(autoAllocateChunkSize);
    if (!(chunkSize > 0 && chunkSize <= Number.MAX_SAFE_INTEGER)) {
      throw new ERR_INVALID_ARG_VALUE('source.autoAllocateChunkSize', autoAllocateChunkSize);
    }
  }
  const start = startMethod(source, 'source');
  const pull = promiseMethod(source, 'pull', 'source', 1);
  const cancel = promiseMethod(source, 'cancel', 'source', 1);
  setUp(stream, start, pull, cancel, highWaterMark, chunkSize);
}

function requireView(view, name) {
  if (!ArrayBuffer.isView(view)) {
    throw new ERR_INVALID_ARG_TYPE(name, ['Buffer', 'TypedArray', 'DataView'], view);
  }
}

function isEmptyOrDetached(view) {
  return view.byteLength === 0 || view.buffer.byteLength === 0 || view.buffer.detached === true;
}

class ReadableByteStreamController {
  #record;

  constructor(token = undefined, record = undefined) {
    if (token !== kInternal) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#record = record;
  }

  get byobRequest() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableByteStreamController');
    return this.#record.getByobRequest();
  }

  get desiredSize() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableByteStreamController');
    return this.#record.desiredSize;
  }

  close() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableByteStreamController');
    requireOpen(this.#record);
    this.#record.close();
  }

  enqueue(chunk) {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableByteStreamController');
    requireView(chunk, 'buffer');
    if (isEmptyOrDetached(chunk)) {
      throw new ERR_INVALID_STATE.TypeError('chunk ArrayBuffer is zero-length or detached');
    }
    if (isSharedBuffer(chunk.buffer)) {
      throw new ERR_INVALID_ARG_VALUE('chunk', chunk, 'must not be shared memory');
    }
    requireOpen(this.#record);
    this.#record.enqueue(chunk);
  }

  error(reason = undefined) {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableByteStreamController');
    this.#record.error(reason);
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'ReadableByteStreamController', {});
  }
}

function requireOpen(record) {
  if (record.closeRequested || record.stream.state !== 'readable') {
    throw new ERR_INVALID_STATE.TypeError('ReadableStream is already closed');
  }
}

class ReadableStreamBYOBRequest {
  #record;

  constructor(token = undefined, record = undefined) {
    if (token !== kInternal) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#record = record;
  }

  get view() {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableStreamBYOBRequest');
    return this.#record.view;
  }

  respond(bytesWritten) {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableStreamBYOBRequest');
    const { controller, view } = this.#record;
    requireValid(controller);
    if (view.buffer.detached) {
      throw new ERR_INVALID_STATE.TypeError('Viewed ArrayBuffer is detached');
    }
    if (bytesWritten === undefined) throw new ERR_INVALID_ARG_VALUE('bytesWritten', bytesWritten);
    const count = Math.trunc(bytesWritten);
    if (!(count >= 0 && count <= Number.MAX_SAFE_INTEGER)) {
      throw new ERR_INVALID_ARG_VALUE('bytesWritten', bytesWritten);
    }
    controller.respond(count);
  }

  respondWithNewView(view) {
    if (!(#record in Object(this))) throw new ERR_INVALID_THIS('ReadableStreamBYOBRequest');
    const { controller } = this.#record;
    requireValid(controller);
    requireView(view, 'view');
    if (view.buffer.detached) {
      throw new ERR_INVALID_STATE.TypeError('Viewed ArrayBuffer is detached');
    }
    controller.respondWithNewView(view);
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, depth, options, 'ReadableStreamBYOBRequest', {
      view: this.#record.view,
      controller: this.#record.controller?.owner,
    });
  }
}

function requireValid(controller) {
  if (controller === undefined) {
    throw new ERR_INVALID_STATE.TypeError('This BYOB request has been invalidated');
  }
}

defineInterface(ReadableByteStreamController,
                ['byobRequest', 'desiredSize', 'close', 'enqueue', 'error']);
defineInterface(ReadableStreamBYOBRequest, ['view', 'respond', 'respondWithNewView']);

module.exports = {
  ReadableByteStreamController,
  ReadableStreamBYOBRequest,
  setUp,
  setUpFromSource,
};
