'use strict';
// Owns finished(): being told once when a stream of whatever make has ended,
// failed or been closed too early.

const process = require('process');
const lazy = require('internal/lazy');
const { AbortError, codes: { ERR_INVALID_ARG_TYPE, ERR_STREAM_PREMATURE_CLOSE } } =
  require('internal/errors');
const { kEmptyObject } = require('internal/util');
const {
  validateAbortSignal,
  validateBoolean,
  validateFunction,
  validateObject,
} = require('internal/validators');
const { getFrame, setFrame } = require('internal/async_context');
const { enabledHooksExist } = require('internal/async_hooks');
const {
  isClosed,
  isReadable,
  isReadableNodeStream,
  isReadableStream,
  isReadableFinished,
  isReadableErrored,
  isWritable,
  isWritableNodeStream,
  isWritableStream,
  isWritableFinished,
  isWritableErrored,
  isNodeStream,
  isRequest,
  willEmitClose: streamWillEmitClose,
  kIsClosedPromise,
} = require('internal/streams/utils');

const getAddAbortListener =
  lazy(() => require('internal/events/abort_listener').addAbortListener);
const getAsyncResource = lazy(() => require('async_hooks').AsyncResource);

function nop() {}

/** `callback` so that it is called once, in the async context of now. */
function onceInContext(callback) {
  if (enabledHooksExist()) {
    callback = getAsyncResource().bind(callback, 'STREAM_END_OF_STREAM');
  }
  const frame = getFrame();
  let called = false;
  return function(error) {
    if (called) return;
    called = true;
    const outer = getFrame();
    if (outer === frame) {
      callback.call(this, error);
      return;
    }
    setFrame(frame);
    try {
      callback.call(this, error);
    } finally {
      setFrame(outer);
    }
  };
}

/** Answers with a function that makes it forget the callback and remove its listeners. */
function eos(stream, options, callback) {
  if (arguments.length === 2) {
    callback = options;
    options = kEmptyObject;
  } else if (options == null) {
    options = kEmptyObject;
  } else {
    validateObject(options, 'options');
  }
  validateFunction(callback, 'callback');
  validateAbortSignal(options.signal, 'options.signal');
  callback = onceInContext(callback);

  if (isReadableStream(stream) || isWritableStream(stream)) {
    return eosWeb(stream, options, callback);
  }
  if (!isNodeStream(stream)) {
    throw new ERR_INVALID_ARG_TYPE(
      'stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  }

  const readable = options.readable ?? isReadableNodeStream(stream);
  const writable = options.writable ?? isWritableNodeStream(stream);
  const w = stream._writableState;
  const r = stream._readableState;

  // Where 'close' comes for certain and both sides are of interest, the end is
  // 'close', not 'end' or 'finish'.
  let willEmitClose = streamWillEmitClose(stream) &&
    isReadableNodeStream(stream) === readable &&
    isWritableNodeStream(stream) === writable;
  let writableFinished = isWritableFinished(stream, false);
  let readableFinished = isReadableFinished(stream, false);
  let closed = isClosed(stream);

  function onlegacyfinish() {
    if (!stream.writable) onfinish();
  }

  function onfinish() {
    writableFinished = true;
    // Destroyed at this point means by rules of its own: 'close' may not come.
    if (stream.destroyed) willEmitClose = false;
    if (willEmitClose && (!stream.readable || readable)) return;
    if (!readable || readableFinished) callback.call(stream);
  }

  function onend() {
    readableFinished = true;
    if (stream.destroyed) willEmitClose = false;
    if (willEmitClose && (!stream.writable || writable)) return;
    if (!writable || writableFinished) callback.call(stream);
  }

  function onerror(error) {
    callback.call(stream, error);
  }

  function onclose() {
    closed = true;
    const error = isWritableErrored(stream) || isReadableErrored(stream);
    if (error && typeof error !== 'boolean') {
      callback.call(stream, error);
    } else if ((readable && !readableFinished && isReadableNodeStream(stream, true) &&
                !isReadableFinished(stream, false)) ||
               (writable && !writableFinished && !isWritableFinished(stream, false))) {
      callback.call(stream, new ERR_STREAM_PREMATURE_CLOSE());
    } else {
      callback.call(stream);
    }
  }

  // For what has ended before anybody asked.
  function onclosed() {
    closed = true;
    const error = isWritableErrored(stream) || isReadableErrored(stream);
    if (error && typeof error !== 'boolean') callback.call(stream, error);
    else callback.call(stream);
  }

  function onrequest() {
    stream.req.on('finish', onfinish);
  }

  if (isRequest(stream)) {
    stream.on('complete', onfinish);
    if (!willEmitClose) stream.on('abort', onclose);
    if (stream.req) onrequest();
    else stream.on('request', onrequest);
  } else if (writable && !w) {
    // Streams of the first generation.
    stream.on('end', onlegacyfinish);
    stream.on('close', onlegacyfinish);
  }
  if (!willEmitClose && typeof stream.aborted === 'boolean') stream.on('aborted', onclose);
  stream.on('end', onend);
  stream.on('finish', onfinish);
  if (options.error !== false) stream.on('error', onerror);
  stream.on('close', onclose);

  if (closed) {
    process.nextTick(onclose);
  } else if (w?.errorEmitted || r?.errorEmitted) {
    if (!willEmitClose) process.nextTick(onclosed);
  } else if (!readable && (!willEmitClose || isReadable(stream)) &&
             (writableFinished || isWritable(stream) === false) &&
             (w == null || w.pendingcb === undefined || w.pendingcb === 0)) {
    process.nextTick(onclosed);
  } else if (!writable && (!willEmitClose || isWritable(stream)) &&
             (readableFinished || isReadable(stream) === false)) {
    process.nextTick(onclosed);
  } else if (r && stream.req && stream.aborted) {
    process.nextTick(onclosed);
  }

  function cleanup() {
    callback = nop;
    stream.removeListener('aborted', onclose);
    stream.removeListener('complete', onfinish);
    stream.removeListener('abort', onclose);
    stream.removeListener('request', onrequest);
    if (stream.req) stream.req.removeListener('finish', onfinish);
    stream.removeListener('end', onlegacyfinish);
    stream.removeListener('close', onlegacyfinish);
    stream.removeListener('finish', onfinish);
    stream.removeListener('end', onend);
    stream.removeListener('error', onerror);
    stream.removeListener('close', onclose);
  }

  if (options.signal && !closed) {
    const { signal } = options;
    const original = callback;
    const abort = () => {
      // cleanup() forgets the callback.
      const last = callback;
      cleanup();
      last.call(stream, new AbortError(undefined, { cause: signal.reason }));
    };
    if (signal.aborted) {
      process.nextTick(abort);
    } else {
      const listener = getAddAbortListener()(signal, abort);
      callback = function(error) {
        listener[Symbol.dispose]();
        original.call(stream, error);
      };
    }
  }
  return cleanup;
}

function eosWeb(stream, options, callback) {
  let aborted = false;
  const { signal } = options;
  if (signal) {
    const abort = () => {
      aborted = true;
      callback.call(stream, new AbortError(undefined, { cause: signal.reason }));
    };
    if (signal.aborted) {
      process.nextTick(abort);
    } else {
      const listener = getAddAbortListener()(signal, abort);
      const original = callback;
      callback = function(error) {
        listener[Symbol.dispose]();
        original.call(stream, error);
      };
    }
  }
  const settled = (error) => {
    if (!aborted) process.nextTick(() => { callback.call(stream, error); });
  };
  stream[kIsClosedPromise].promise.then(settled, settled);
  return nop;
}

function finished(stream, options) {
  if (options === null) options = kEmptyObject;
  let cleans = false;
  if (options?.cleanup) {
    validateBoolean(options.cleanup, 'cleanup');
    cleans = options.cleanup;
  }
  return new Promise((resolve, reject) => {
    const cleanup = eos(stream, options, (error) => {
      if (cleans) cleanup();
      if (error) reject(error);
      else resolve();
    });
  });
}

module.exports = { eos, finished };
