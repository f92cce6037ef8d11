'use strict';
// Owns the queue of a readable stream of bytes: what a byte controller has and
// does, with the memory that consumers bring to be filled (BYOB). The public
// classes are in byte_controller.

const {
  codes: { ERR_INVALID_ARG_VALUE, ERR_INVALID_STATE },
} = require('internal/errors');
const { FastBuffer } = require('internal/buffer');
const { transferBuffer } = require('internal/webstreams/util');
const PullingController = require('internal/webstreams/pulling_controller');
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
class ByteControllerRecord extends PullingController {
  constructor(stream, pull, cancel, highWaterMark, autoAllocateChunkSize) {
    super(stream, pull, cancel, highWaterMark);
    this.isByteController = true;
    /** Entries { buffer, byteOffset, byteLength }. */
    this.queue = [];
    this.queueTotalSize = 0;
    this.autoAllocateChunkSize = autoAllocateChunkSize;
    this.pendingPullIntos = [];
    /** The record of the public BYOB request, while there is one. */
    this.byobRequest = undefined;
  }

  get queuedSize() {
    return this.queueTotalSize;
  }

  shouldCallPull() {
    const { stream } = this;
    if (stream.state !== 'readable' || this.closeRequested || !this.started) return false;
    if (pendingReads(stream) > 0) return true;
    return this.highWaterMark - this.queueTotalSize > 0;
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

  /** The record of a request for the first memory to fill; undefined if there is none. */
  getByobRequest() {
    if (this.byobRequest === undefined && this.pendingPullIntos.length > 0) {
      const head = this.pendingPullIntos[0];
      const view = new Uint8Array(
        head.buffer, head.byteOffset + head.bytesFilled, head.byteLength - head.bytesFilled);
      this.byobRequest = { __proto__: null, controller: this, view, owner: undefined };
    }
    return this.byobRequest;
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
    return this.callCancel(reason);
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
Object.setPrototypeOf(PullInto.prototype, null);

module.exports = { ByteControllerRecord };
