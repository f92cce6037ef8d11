'use strict';
// Owns the conversions between Node's streams and web streams: toWeb() and
// fromWeb() of Readable, Writable and Duplex.

const process = require('process');
const { Buffer } = require('buffer');
const {
  AbortError,
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_STREAM_PREMATURE_CLOSE },
} = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const { validateBoolean, validateObject, validateOneOf } = require('internal/validators');
const { TextEncoder } = require('internal/encoding');
const { destroyer } = require('internal/streams/destroy');
const { eos } = require('internal/streams/end_of_stream');
const {
  isDestroyed,
  isReadable,
  isWritable,
  isWritableEnded,
} = require('internal/streams/utils');
const Duplex = require('internal/streams/duplex');
const Readable = require('internal/streams/readable');
const Writable = require('internal/streams/writable');
const { ReadableStream, isReadableStream } = require('internal/webstreams/readablestream');
const { WritableStream, isWritableStream } = require('internal/webstreams/writablestream');
const {
  CountQueuingStrategy,
  ByteLengthQueuingStrategy,
} = require('internal/webstreams/queuingstrategies');
const { nop } = require('internal/webstreams/util');

const encoder = new TextEncoder();

// What zlib calls an error is, to a consumer of a web stream, bad input.
const kInputError = /^(?:Z_|ERR_BROTLI_|ERR__ERROR_|ERR_ZSTD_|ERR_TRAILING_JUNK_)/;

function webError(error) {
  const code = error?.code;
  if (code === 'ERR_STREAM_PREMATURE_CLOSE') return new AbortError(undefined, { cause: error });
  if (typeof code === 'string' && kInputError.test(code)) {
    const typeError = new TypeError(undefined, { cause: error });
    typeError.code = code;
    return typeError;
  }
  return error;
}

// ---------------------------------------------------------------------------
// From Node's streams

/**
 * `convert`, of the runtime's own streams only: makes a chunk what the stream
 * takes, or throws; then a chunk that is not taken destroys the stream.
 */
function newWritableStreamFromStreamWritable(streamWritable, convert = undefined) {
  // Not isWritableNodeStream(): a duplex with its writable side switched off gives a closed
  // stream. Messages of http have no state.
  if (typeof streamWritable?.write !== 'function' || typeof streamWritable.on !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('streamWritable', 'stream.Writable', streamWritable);
  }
  if (isDestroyed(streamWritable) || !isWritable(streamWritable)) return closedWritable();

  const highWaterMark = streamWritable.writableHighWaterMark;
  const strategy = streamWritable.writableObjectMode ?
    new CountQueuingStrategy({ highWaterMark }) : { highWaterMark };
  let controller;
  // For 'drain' and for the end, while somebody waits for it.
  let drained;
  let closed;

  const cleanup = eos(streamWritable, (error) => {
    error = webError(error);
    cleanup();
    // Some streams emit errors after their end.
    streamWritable.on('error', nop);
    if (error != null) {
      drained?.reject(error);
      closed?.reject(error);
      closed = undefined;
      controller.error(error);
    } else if (closed !== undefined) {
      closed.resolve();
      closed = undefined;
    } else {
      // Ended by somebody else.
      controller.error(new AbortError());
    }
  });
  streamWritable.on('drain', () => { drained?.resolve(); });

  return new WritableStream({
    start(c) {
      controller = c;
    },
    write(chunk) {
      try {
        if (convert !== undefined) chunk = convert(chunk);
        // On hold? Then it takes this one too, but the next has to wait.
        const goOn = streamWritable.writableNeedDrain ? false : streamWritable.write(chunk);
        if (goOn) return undefined;
      } catch (error) {
        if (convert !== undefined) destroyer(streamWritable, error);
        throw error;
      }
      drained = Promise.withResolvers();
      return drained.promise.finally(() => { drained = undefined; });
    },
    abort(reason) {
      destroyer(streamWritable, reason);
    },
    close() {
      if (closed === undefined) {
        if (isWritableEnded(streamWritable)) return;
        closed = Promise.withResolvers();
        streamWritable.end();
      }
      return closed.promise;
    },
  }, strategy);
}

function closedWritable() {
  const writable = new WritableStream();
  writable.close();
  return writable;
}

function closedReadable(type) {
  const readable = new ReadableStream({ type });
  readable.cancel();
  return readable;
}

function newReadableStreamFromStreamReadable(streamReadable, options = kEmptyObject) {
  if (typeof streamReadable?._readableState !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('streamReadable', 'stream.Readable', streamReadable);
  }
  validateObject(options, 'options');
  const { type } = options;
  if (type !== undefined) validateOneOf(type, 'options.type', ['bytes', undefined]);
  const isBytes = type === 'bytes';
  if (isDestroyed(streamReadable) || !isReadable(streamReadable)) return closedReadable(type);

  const objectMode = streamReadable.readableObjectMode;
  const highWaterMark = streamReadable.readableHighWaterMark;
  let { strategy } = options;
  if (isBytes) {
    strategy = { highWaterMark };
  } else if (!strategy) {
    const Strategy = objectMode ? CountQueuingStrategy : ByteLengthQueuingStrategy;
    strategy = new Strategy({ highWaterMark });
  }
  let controller;
  let cancelled = false;

  streamReadable.pause();
  const cleanup = eos(streamReadable, (error) => {
    error = webError(error);
    cleanup();
    // Some streams emit errors after their end.
    streamReadable.on('error', nop);
    if (error) {
      controller.error(error);
    } else if (!cancelled) {
      controller.close();
      if (isBytes) controller.byobRequest?.respond(0);
    }
  });
  streamReadable.on('data', (chunk) => {
    // A copy: the consumer takes the memory, which may be the pool of many buffers.
    if (!objectMode && chunk instanceof Buffer) chunk = new Uint8Array(chunk);
    controller.enqueue(chunk);
    if (controller.desiredSize <= 0) streamReadable.pause();
  });

  return new ReadableStream({
    type,
    start(c) {
      controller = c;
    },
    pull() {
      streamReadable.resume();
    },
    cancel(reason) {
      cancelled = true;
      destroyer(streamReadable, reason);
    },
  }, strategy);
}

function newReadableWritablePairFromDuplex(duplex, options = kEmptyObject, convert = undefined) {
  // Not isWritableNodeStream(): one side may be switched off, and is closed then.
  if (typeof duplex?._writableState !== 'object' || typeof duplex?._readableState !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('duplex', 'stream.Duplex', duplex);
  }
  validateObject(options, 'options');
  const type = options.readableType ?? options.type;
  if (type !== undefined) validateOneOf(type, 'options.type', ['bytes', undefined]);
  if (isDestroyed(duplex)) {
    return { readable: closedReadable(type), writable: closedWritable() };
  }
  const writable = isWritable(duplex) ?
    newWritableStreamFromStreamWritable(duplex, convert) : closedWritable();
  const readable = isReadable(duplex) ?
    newReadableStreamFromStreamReadable(duplex, { type }) : closedReadable(type);
  return { writable, readable };
}

// ---------------------------------------------------------------------------
// From web streams

/** Calls `callback`; what it throws is no rejection of a promise. */
function callOutside(callback, error, onThrow) {
  try {
    callback(error);
  } catch (thrown) {
    process.nextTick(onThrow, thrown);
  }
}

function rethrow(error) {
  throw error;
}

/** The methods with which a stream writes to `writer`; `state.closed`: it takes no more. */
function writingMethods(writer, state, { decodeStrings, objectMode }) {
  const failWith = (error) => { destroyer(state.stream, error); };

  // A TextEncoder's arrays are memory of their own, which may be transferred.
  function bytesOf(chunk, encoding) {
    if (typeof chunk !== 'string' || !decodeStrings || objectMode) return chunk;
    if (encoding === 'utf8' || encoding === 'utf-8') return encoder.encode(chunk);
    return new Uint8Array(Buffer.from(chunk, encoding));
  }

  return {
    writev(chunks, callback) {
      const done = () => { callOutside(callback, undefined, failWith); };
      const failed = (error) => { callOutside(callback, error, failWith); };
      writer.ready.then(() => Promise.all(
        chunks.map(({ chunk, encoding }) => writer.write(bytesOf(chunk, encoding)))))
        .then(done, failed);
    },

    write(chunk, encoding, callback) {
      const bytes = bytesOf(chunk, encoding);
      const done = () => { callOutside(callback, undefined, failWith); };
      const failed = (error) => { callOutside(callback, error, failWith); };
      writer.ready.then(() => writer.write(bytes)).then(done, failed);
    },

    final(callback) {
      const done = () => { callOutside(callback, undefined, failWith); };
      const failed = (error) => { callOutside(callback, error, failWith); };
      if (!state.closed) writer.close().then(done, failed);
    },
  };
}

/** Fails the stream with its writer, also when that is closed before the stream has ended. */
function watchWriter(writer, state, onFailed) {
  writer.closed.then(() => {
    state.closed = true;
    if (!isWritableEnded(state.stream)) {
      destroyer(state.stream, new ERR_STREAM_PREMATURE_CLOSE());
    }
  }, (error) => {
    state.closed = true;
    onFailed?.();
    destroyer(state.stream, error);
  });
}

function newStreamWritableFromWritableStream(writableStream, options = kEmptyObject) {
  if (!isWritableStream(writableStream)) {
    throw new ERR_INVALID_ARG_TYPE('writableStream', 'WritableStream', writableStream);
  }
  validateObject(options, 'options');
  const { highWaterMark, decodeStrings = true, objectMode = false, signal } = options;
  validateBoolean(objectMode, 'options.objectMode');
  validateBoolean(decodeStrings, 'options.decodeStrings');

  const writer = writableStream.getWriter();
  const state = { stream: undefined, closed: false };
  state.stream = new Writable({
    highWaterMark,
    objectMode,
    decodeStrings,
    signal,
    ...writingMethods(writer, state, { decodeStrings, objectMode }),
    destroy(error, callback) {
      const done = () => { callOutside(callback, error, rethrow); };
      if (state.closed) done();
      else (error != null ? writer.abort(error) : writer.close()).then(done, done);
    },
  });
  watchWriter(writer, state);
  return state.stream;
}

/** The _read() of a stream that reads from `reader`. */
function readingMethod(reader) {
  return function read() {
    reader.read().then((result) => {
      this.push(result.done ? null : result.value);
    }, (error) => { destroyer(this, error); });
  };
}

function validateEncoding(encoding) {
  if (encoding !== undefined && !Buffer.isEncoding(encoding)) {
    throw new ERR_INVALID_ARG_VALUE('options.encoding', encoding);
  }
}

function newStreamReadableFromReadableStream(readableStream, options = kEmptyObject) {
  if (!isReadableStream(readableStream)) {
    throw new ERR_INVALID_ARG_TYPE('readableStream', 'ReadableStream', readableStream);
  }
  validateObject(options, 'options');
  const { highWaterMark, encoding, objectMode = false, signal } = options;
  validateEncoding(encoding);
  validateBoolean(objectMode, 'options.objectMode');

  const reader = readableStream.getReader();
  let closed = false;
  const readable = new Readable({
    objectMode,
    highWaterMark,
    encoding,
    signal,
    read: readingMethod(reader),
    destroy(error, callback) {
      const done = () => { callOutside(callback, error, rethrow); };
      if (closed) done();
      else reader.cancel(error).then(done, done);
    },
  });
  reader.closed.then(() => {
    closed = true;
  }, (error) => {
    closed = true;
    destroyer(readable, error);
  });
  return readable;
}

function newStreamDuplexFromReadableWritablePair(pair = kEmptyObject, options = kEmptyObject) {
  validateObject(pair, 'pair');
  const { readable: readableStream, writable: writableStream } = pair;
  if (!isReadableStream(readableStream)) {
    throw new ERR_INVALID_ARG_TYPE('pair.readable', 'ReadableStream', readableStream);
  }
  if (!isWritableStream(writableStream)) {
    throw new ERR_INVALID_ARG_TYPE('pair.writable', 'WritableStream', writableStream);
  }
  validateObject(options, 'options');
  const {
    allowHalfOpen = false,
    objectMode = false,
    encoding,
    decodeStrings = true,
    highWaterMark,
    signal,
  } = options;
  validateBoolean(objectMode, 'options.objectMode');
  validateEncoding(encoding);

  const writer = writableStream.getWriter();
  const reader = readableStream.getReader();
  const state = { stream: undefined, closed: false };
  let readableClosed = false;
  const duplex = state.stream = new Duplex({
    allowHalfOpen,
    highWaterMark,
    objectMode,
    encoding,
    decodeStrings,
    signal,
    ...writingMethods(writer, state, { decodeStrings, objectMode }),
    read: readingMethod(reader),
    destroy(error, callback) {
      const done = () => { callOutside(callback, error, rethrow); };
      if (state.closed && readableClosed) {
        done();
        return;
      }
      Promise.all([
        state.closed ? undefined : writer.abort(error),
        readableClosed ? undefined : reader.cancel(error),
      ]).then(done, done);
    },
  });
  watchWriter(writer, state, () => { readableClosed = true; });
  reader.closed.then(() => {
    readableClosed = true;
  }, (error) => {
    state.closed = true;
    readableClosed = true;
    destroyer(duplex, error);
  });
  return duplex;
}

module.exports = {
  newWritableStreamFromStreamWritable,
  newReadableStreamFromStreamReadable,
  newStreamWritableFromWritableStream,
  newStreamReadableFromReadableStream,
  newReadableWritablePairFromDuplex,
  newStreamDuplexFromReadableWritablePair,
};
