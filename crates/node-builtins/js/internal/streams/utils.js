'use strict';
// Owns the questions one may ask of anything that looks like a stream: one of
// ours, one of a library that copied an older Node, a web stream. Where an
// answer cannot be told from the outside it is null.

// The public ones are how streams of other libraries can answer for themselves.
const kIsDestroyed = Symbol.for('nodejs.stream.destroyed');
const kIsErrored = Symbol.for('nodejs.stream.errored');
const kIsReadable = Symbol.for('nodejs.stream.readable');
const kIsWritable = Symbol.for('nodejs.stream.writable');
const kIsDisturbed = Symbol.for('nodejs.stream.disturbed');

const kIsClosedPromise = Symbol.for('nodejs.webstream.isClosedPromise');
const kControllerErrorFunction = Symbol.for('nodejs.webstream.controllerErrorFunction');

/** `strict`: also able to pause, which streams of the first generation are not. */
function isReadableNodeStream(value, strict = false) {
  return !!(
    value &&
    typeof value.pipe === 'function' &&
    typeof value.on === 'function' &&
    (!strict || (typeof value.pause === 'function' && typeof value.resume === 'function')) &&
    // A writable that is no duplex has pipe() too.
    (!value._writableState || (value._readableState && value._readableState.readable !== false))
  );
}

function isWritableNodeStream(value) {
  return !!(
    value &&
    typeof value.write === 'function' &&
    typeof value.on === 'function' &&
    (!value._readableState || value._writableState?.writable !== false)
  );
}

function isDuplexNodeStream(value) {
  return !!(
    value &&
    value._readableState &&
    typeof value.pipe === 'function' &&
    typeof value.on === 'function' &&
    typeof value.write === 'function'
  );
}

function isNodeStream(value) {
  return value && (
    value._readableState ||
    value._writableState ||
    (typeof value.on === 'function' &&
      (typeof value.write === 'function' || typeof value.pipe === 'function'))
  );
}

function isReadableStream(value) {
  return !!(
    value &&
    !isNodeStream(value) &&
    typeof value.pipeThrough === 'function' &&
    typeof value.getReader === 'function' &&
    typeof value.cancel === 'function'
  );
}

function isWritableStream(value) {
  return !!(
    value &&
    !isNodeStream(value) &&
    typeof value.getWriter === 'function' &&
    typeof value.abort === 'function'
  );
}

function isTransformStream(value) {
  return !!(
    value &&
    !isNodeStream(value) &&
    typeof value.readable === 'object' &&
    typeof value.writable === 'object'
  );
}

function isWebStream(value) {
  return isReadableStream(value) || isWritableStream(value) || isTransformStream(value);
}

/** `isAsync`: of that kind only; left out, of either. */
function isIterable(value, isAsync) {
  if (value == null) return false;
  if (isAsync !== false && typeof value[Symbol.asyncIterator] === 'function') return true;
  return isAsync !== true && typeof value[Symbol.iterator] === 'function';
}

function isDestroyed(stream) {
  if (!isNodeStream(stream)) return null;
  const state = stream._writableState || stream._readableState;
  return !!(stream.destroyed || stream[kIsDestroyed] || state?.destroyed);
}

/** Whether end() has been called. */
function isWritableEnded(stream) {
  if (!isWritableNodeStream(stream)) return null;
  if (stream.writableEnded === true) return true;
  const state = stream._writableState;
  if (state?.errored) return false;
  return typeof state?.ended === 'boolean' ? state.ended : null;
}

/** Whether 'finish' has been emitted; with `strict` false, also whether only that is missing. */
function isWritableFinished(stream, strict) {
  if (!isWritableNodeStream(stream)) return null;
  if (stream.writableFinished === true) return true;
  const state = stream._writableState;
  if (state?.errored) return false;
  if (typeof state?.finished !== 'boolean') return null;
  return state.finished || (strict === false && state.ended === true && state.length === 0);
}

/** Whether 'end' has been emitted; with `strict` false, also whether only that is missing. */
function isReadableFinished(stream, strict) {
  if (!isReadableNodeStream(stream)) return null;
  const state = stream._readableState;
  if (state?.errored) return false;
  if (typeof state?.endEmitted !== 'boolean') return null;
  return state.endEmitted || (strict === false && state.ended === true && state.length === 0);
}

function isReadable(stream) {
  if (stream && stream[kIsReadable] != null) return stream[kIsReadable];
  if (typeof stream?.readable !== 'boolean') return null;
  if (isDestroyed(stream)) return false;
  return isReadableNodeStream(stream) && stream.readable && !isReadableFinished(stream);
}

function isWritable(stream) {
  if (stream && stream[kIsWritable] != null) return stream[kIsWritable];
  if (typeof stream?.writable !== 'boolean') return null;
  if (isDestroyed(stream)) return false;
  return isWritableNodeStream(stream) && stream.writable && !isWritableEnded(stream);
}

/** Whether nothing more can be read (unless `readable` is false) or written (likewise). */
function isFinished(stream, sides) {
  if (!isNodeStream(stream)) return null;
  if (isDestroyed(stream)) return true;
  if (sides?.readable !== false && isReadable(stream)) return false;
  return !(sides?.writable !== false && isWritable(stream));
}

/** The error of the writable side, null if none. */
function isWritableErrored(stream) {
  if (!isNodeStream(stream)) return null;
  return stream.writableErrored || (stream._writableState?.errored ?? null);
}

/** The error of the readable side, null if none. */
function isReadableErrored(stream) {
  if (!isNodeStream(stream)) return null;
  return stream.readableErrored || (stream._readableState?.errored ?? null);
}

function isClosed(stream) {
  if (!isNodeStream(stream)) return null;
  if (typeof stream.closed === 'boolean') return stream.closed;
  const writable = stream._writableState;
  const readable = stream._readableState;
  if (typeof writable?.closed === 'boolean' || typeof readable?.closed === 'boolean') {
    return writable?.closed || readable?.closed;
  }
  return isOutgoingMessage(stream) ? stream._closed : null;
}

// Messages of http have neither state; these are the fields they are known by.
function isOutgoingMessage(stream) {
  return typeof stream._closed === 'boolean' &&
    typeof stream._defaultKeepAlive === 'boolean' &&
    typeof stream._removedConnection === 'boolean' &&
    typeof stream._removedContLen === 'boolean';
}

function isServerResponse(stream) {
  return typeof stream._sent100 === 'boolean' && isOutgoingMessage(stream);
}

function isServerRequest(stream) {
  return typeof stream._consuming === 'boolean' &&
    typeof stream._dumped === 'boolean' &&
    stream.req?.upgradeOrConnect === undefined;
}

/** A request that a client sends: destroyed by abort(). */
function isRequest(stream) {
  return stream?.setHeader && typeof stream.abort === 'function';
}

/** Whether 'close' is still to come, after everything else. */
function willEmitClose(stream) {
  if (!isNodeStream(stream)) return null;
  const state = stream._writableState || stream._readableState;
  if (!state) return isServerResponse(stream);
  return !!(state.autoDestroy && state.emitClose && state.closed === false);
}

function isDisturbed(stream) {
  return !!(stream && (stream[kIsDisturbed] ?? (stream.readableDidRead || stream.readableAborted)));
}

function isErrored(stream) {
  return !!(stream && (
    stream[kIsErrored] ??
    stream.readableErrored ??
    stream.writableErrored ??
    stream._readableState?.errorEmitted ??
    stream._writableState?.errorEmitted ??
    stream._readableState?.errored ??
    stream._writableState?.errored
  ));
}

module.exports = {
  isDestroyed,
  kIsDestroyed,
  isDisturbed,
  kIsDisturbed,
  isErrored,
  kIsErrored,
  isReadable,
  kIsReadable,
  isWritable,
  kIsWritable,
  kIsClosedPromise,
  kControllerErrorFunction,
  isClosed,
  isDuplexNodeStream,
  isFinished,
  isIterable,
  isReadableNodeStream,
  isReadableStream,
  isReadableFinished,
  isReadableErrored,
  isNodeStream,
  isWebStream,
  isWritableNodeStream,
  isWritableStream,
  isWritableEnded,
  isWritableFinished,
  isWritableErrored,
  isServerRequest,
  isRequest,
  willEmitClose,
  isTransformStream,
};
