'use strict';
// Owns the byte controller and the BYOB request as programs see them. What they
// do is in byte_queue.

const {
  codes: {
    ERR_ILLEGAL_CONSTRUCTOR,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_STATE,
    ERR_INVALID_THIS,
  },
} = require('internal/errors');
const { customInspectSymbol } = require('internal/util');
const {
  kInternal,
  promiseMethod,
  startMethod,
  isSharedBuffer,
  customInspect,
  defineInterface,
} = require('internal/webstreams/util');
const { ByteControllerRecord } = require('internal/webstreams/byte_queue');

/** `start`, `pull` and `cancel` are functions or undefined; the latter two answer with promises. */
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
    const request = this.#record.getByobRequest();
    if (request === undefined) return null;
    request.owner ??= new ReadableStreamBYOBRequest(kInternal, request);
    return request.owner;
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
