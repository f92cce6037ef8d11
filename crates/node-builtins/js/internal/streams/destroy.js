'use strict';
// Owns the two ends of a stream's life, for readables, writables and duplexes
// alike: _construct() before anything else happens, and destroy(), _destroy(),
// 'error' and 'close' at the end, each of which happens once.

const process = require('process');
const {
  aggregateTwoErrors,
  AbortError,
  codes: { ERR_MULTIPLE_CALLBACK },
} = require('internal/errors');
const {
  kIsDestroyed,
  isDestroyed,
  isFinished,
  isRequest,
  isServerRequest,
} = require('internal/streams/utils');

/** Emitted in place of anything public when construction is over and a destroy waits for it. */
const kDestroy = Symbol('kDestroy');

/** Remembers the first error of each side. */
function recordError(error, w, r) {
  if (!error) return;
  // Whoever reports it much later still wants to know where it came from.
  error.stack;
  if (w && !w.errored) w.errored = error;
  if (r && !r.errored) r.errored = error;
}

/** Under this name as the destroy() of every kind of stream. */
function destroy(error, callback) {
  const r = this._readableState;
  const w = this._writableState;
  const state = w || r;

  if (w?.destroyed || r?.destroyed) {
    if (typeof callback === 'function') callback();
    return this;
  }
  recordError(error, w, r);
  if (w) w.destroyed = true;
  if (r) r.destroyed = true;

  if (state.constructed) {
    callDestroy(this, error, callback);
  } else {
    // A _destroy() may rely on what _construct() does.
    this.once(kDestroy, function(constructError) {
      callDestroy(this, aggregateTwoErrors(constructError, error), callback);
    });
  }
  return this;
}

function callDestroy(stream, error, callback) {
  let called = false;

  function onDestroy(error) {
    if (called) return;
    called = true;
    const r = stream._readableState;
    const w = stream._writableState;
    recordError(error, w, r);
    if (w) w.closed = true;
    if (r) r.closed = true;
    if (typeof callback === 'function') callback(error);
    if (error) process.nextTick(emitErrorAndClose, stream, error);
    else process.nextTick(emitClose, stream);
  }

  try {
    stream._destroy(error || null, onDestroy);
  } catch (thrown) {
    onDestroy(thrown);
  }
}

function emitErrorAndClose(stream, error) {
  emitError(stream, error);
  emitClose(stream);
}

function emitClose(stream) {
  const r = stream._readableState;
  const w = stream._writableState;
  if (w) w.closeEmitted = true;
  if (r) r.closeEmitted = true;
  if (w?.emitClose || r?.emitClose) stream.emit('close');
}

function emitError(stream, error) {
  const r = stream._readableState;
  const w = stream._writableState;
  if (w?.errorEmitted || r?.errorEmitted) return;
  if (w) w.errorEmitted = true;
  if (r) r.errorEmitted = true;
  stream.emit('error', error);
}

/** Makes a destroyed stream usable anew, as sockets do before a second connect(). */
function undestroy() {
  const r = this._readableState;
  const w = this._writableState;
  if (r) {
    const usable = r.readable !== false;
    r.constructed = true;
    r.closed = false;
    r.closeEmitted = false;
    r.destroyed = false;
    r.errored = null;
    r.errorEmitted = false;
    r.reading = false;
    r.ended = !usable;
    r.endEmitted = !usable;
  }
  if (w) {
    const usable = w.writable !== false;
    w.constructed = true;
    w.destroyed = false;
    w.closed = false;
    w.closeEmitted = false;
    w.errored = null;
    w.errorEmitted = false;
    w.finalCalled = false;
    w.prefinished = false;
    w.ended = !usable;
    w.ending = !usable;
    w.finished = !usable;
  }
}

/**
 * Ends a stream after an error of its own: destroys it, or, where it opted out
 * of that, only emits 'error'. `later`: not before the next tick.
 */
function errorOrDestroy(stream, error, later) {
  const r = stream._readableState;
  const w = stream._writableState;
  if (w?.destroyed || r?.destroyed) return;

  if (r?.autoDestroy || w?.autoDestroy) {
    stream.destroy(error);
  } else if (error) {
    recordError(error, w, r);
    if (later) process.nextTick(emitError, stream, error);
    else emitError(stream, error);
  }
}

/**
 * Runs the stream's _construct(), if it has one, before anything else happens
 * to it. Afterwards each state's onConstructed(stream) sets off what had to wait.
 */
function construct(stream) {
  const r = stream._readableState;
  const w = stream._writableState;
  if (r) r.constructed = false;
  if (w) w.constructed = false;
  process.nextTick(callConstruct, stream);
}

function callConstruct(stream) {
  let called = false;

  function onConstruct(error) {
    if (called) {
      errorOrDestroy(stream, error ?? new ERR_MULTIPLE_CALLBACK());
      return;
    }
    called = true;
    const r = stream._readableState;
    const w = stream._writableState;
    if (r) r.constructed = true;
    if (w) w.constructed = true;

    if ((w || r).destroyed) {
      stream.emit(kDestroy, error);
    } else if (error) {
      errorOrDestroy(stream, error, true);
    } else {
      r?.onConstructed(stream);
      w?.onConstructed(stream);
    }
  }

  try {
    stream._construct((error) => { process.nextTick(onConstruct, error); });
  } catch (thrown) {
    process.nextTick(onConstruct, thrown);
  }
}

/** Destroys whatever kind of stream or request this is, with an AbortError if it has not ended. */
function destroyer(stream, error) {
  if (!stream || isDestroyed(stream)) return;
  if (!error && !isFinished(stream)) error = new AbortError();

  if (isServerRequest(stream)) {
    // The socket outlives the request: its response is still to be sent.
    stream.socket = null;
    stream.destroy(error);
  } else if (isRequest(stream)) {
    stream.abort();
  } else if (isRequest(stream.req)) {
    stream.req.abort();
  } else if (typeof stream.destroy === 'function') {
    stream.destroy(error);
  } else if (typeof stream.close === 'function') {
    stream.close();
  } else {
    process.nextTick(emitLegacyEnd, stream, error);
  }

  if (!stream.destroyed) stream[kIsDestroyed] = true;
}

// A stream of the first generation that cannot be destroyed: at least its
// listeners shall know.
function emitLegacyEnd(stream, error) {
  if (error) stream.emit('error', error);
  stream.emit('close');
}

module.exports = { construct, destroyer, destroy, undestroy, errorOrDestroy };
