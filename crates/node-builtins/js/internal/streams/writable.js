'use strict';
// Owns writable streams: accepting chunks, handing them one at a time (or with
// _writev() many) to the implementation, and ending.

const process = require('process');
const { Buffer } = require('buffer');
const lazy = require('internal/lazy');
const {
  AbortError,
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_METHOD_NOT_IMPLEMENTED,
    ERR_MULTIPLE_CALLBACK,
    ERR_STREAM_ALREADY_FINISHED,
    ERR_STREAM_CANNOT_PIPE,
    ERR_STREAM_DESTROYED,
    ERR_STREAM_NULL_VALUES,
    ERR_STREAM_WRITE_AFTER_END,
    ERR_UNKNOWN_ENCODING,
  },
} = require('internal/errors');
const { Stream } = require('internal/streams/legacy');
const { construct, destroy, undestroy, errorOrDestroy } = require('internal/streams/destroy');
const {
  kState,
  kObjectMode,
  kErrorEmitted,
  kDestroyed,
  kCloseEmitted,
  kErrored,
  kConstructed,
  kSync,
} = require('internal/streams/state');
const {
  WritableState,
  nop,
  kFinalCalled,
  kNeedDrain,
  kEnding,
  kEnded,
  kFinished,
  kDecodeStrings,
  kWriting,
  kBufferProcessing,
  kPrefinished,
  kAllBuffers,
  kAllNoop,
  kOnFinished,
  kCorked,
  kExpectWriteCallback,
  kAfterWritePending,
  kAfterWriteTickInfo,
  kBuffered,
} = require('internal/streams/writable_state');

const getAddAbortSignal = lazy(() => require('internal/streams/add_abort_signal'));
const getAdapters = lazy(() => require('internal/webstreams/adapters'));

// Written entries stay in front of the buffer until there are this many.
const MAX_WRITTEN = 256;

function Writable(options) {
  if (!(this instanceof Writable)) return new Writable(options);

  // The usual events in advance give the tables of all streams one shape.
  this._events ??= {
    close: undefined,
    error: undefined,
    prefinish: undefined,
    finish: undefined,
    drain: undefined,
  };
  this._writableState = new WritableState(options, this, false);

  if (options) {
    if (typeof options.write === 'function') this._write = options.write;
    if (typeof options.writev === 'function') this._writev = options.writev;
    if (typeof options.destroy === 'function') this._destroy = options.destroy;
    if (typeof options.final === 'function') this._final = options.final;
    if (typeof options.construct === 'function') this._construct = options.construct;
    if (options.signal) getAddAbortSignal().addAbortSignal(options.signal, this);
  }
  Stream.call(this, options);
  if (typeof this._construct === 'function') construct(this);
}
Object.setPrototypeOf(Writable.prototype, Stream.prototype);
Object.setPrototypeOf(Writable, Stream);

Writable.WritableState = WritableState;

Object.defineProperty(Writable, Symbol.hasInstance, {
  __proto__: null,
  // Duplexes are instances too, without being descended from it.
  value: function(object) {
    if (Function.prototype[Symbol.hasInstance].call(this, object)) return true;
    if (this !== Writable) return false;
    return object?._writableState instanceof WritableState;
  },
});

Object.defineProperties(WritableState.prototype, {
  onConstructed: {
    __proto__: null,
    value: function onConstructed(stream) {
      if ((this[kState] & kWriting) === 0) clearBuffer(stream, this);
      if ((this[kState] & kEnding) !== 0) finishMaybe(stream, this);
    },
  },
  onWritten: { __proto__: null, value: onWritten },
});

Writable.prototype.pipe = function() {
  errorOrDestroy(this, new ERR_STREAM_CANNOT_PIPE());
};

// ---------------------------------------------------------------------------
// Writing

/** Answers whether the caller may go on, or should wait for 'drain'. */
Writable.prototype.write = function(chunk, encoding, callback) {
  if (typeof encoding === 'function') {
    callback = encoding;
    encoding = null;
  }
  return accept(this, chunk, encoding, callback) === true;
};

/** As write(), except that an error, reported already, is also the result. */
function accept(stream, chunk, encoding, callback) {
  const state = stream._writableState;
  if (typeof callback !== 'function') callback = nop;

  if (chunk === null) throw new ERR_STREAM_NULL_VALUES();
  if ((state[kState] & kObjectMode) === 0) {
    if (!encoding) encoding = state.defaultEncoding;
    else if (encoding !== 'buffer' && !Buffer.isEncoding(encoding)) {
      throw new ERR_UNKNOWN_ENCODING(encoding);
    }
    if (typeof chunk === 'string') {
      if ((state[kState] & kDecodeStrings) !== 0) {
        chunk = Buffer.from(chunk, encoding);
        encoding = 'buffer';
      }
    } else if (chunk instanceof Buffer) {
      encoding = 'buffer';
    } else if (ArrayBuffer.isView(chunk)) {
      chunk = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      encoding = 'buffer';
    } else {
      throw new ERR_INVALID_ARG_TYPE(
        'chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk);
    }
  }

  if ((state[kState] & (kEnding | kDestroyed)) !== 0) {
    const error = (state[kState] & kEnding) !== 0 ?
      new ERR_STREAM_WRITE_AFTER_END() :
      new ERR_STREAM_DESTROYED('write');
    process.nextTick(callback, error);
    errorOrDestroy(stream, error, true);
    return error;
  }
  state.pendingcb++;
  return writeOrBuffer(stream, state, chunk, encoding, callback);
}

function writeOrBuffer(stream, state, chunk, encoding, callback) {
  const length = (state[kState] & kObjectMode) !== 0 ? 1 : chunk.length;
  state.length += length;
  const goOn = state.length < state.highWaterMark;
  if (!goOn) state[kState] |= kNeedDrain;

  if ((state[kState] & (kWriting | kErrored | kCorked | kConstructed)) === kConstructed) {
    state.writelen = length;
    state.writecb = callback;
    state[kState] |= kWriting | kSync | kExpectWriteCallback;
    stream._write(chunk, encoding, state.onwrite);
    state[kState] &= ~kSync;
  } else {
    if (state.buffered === null) state.buffered = [];
    state.buffered.push({ chunk, encoding, callback });
    state[kState] |= kBuffered;
    if (encoding !== 'buffer') state[kState] &= ~kAllBuffers;
    if (callback !== nop) state[kState] &= ~kAllNoop;
  }

  // False also when broken, to end loops of the form while (stream.write(data)).
  return goOn && (state[kState] & (kDestroyed | kErrored)) === 0;
}

/** Writes what has waited. */
function write(stream, state, many, length, chunk, encoding, callback) {
  state.writelen = length;
  state.writecb = callback;
  state[kState] |= kWriting | kSync | kExpectWriteCallback;
  if ((state[kState] & kDestroyed) !== 0) state.onwrite(new ERR_STREAM_DESTROYED('write'));
  else if (many) stream._writev(chunk, state.onwrite);
  else stream._write(chunk, encoding, state.onwrite);
  state[kState] &= ~kSync;
}

Writable.prototype._write = function(chunk, encoding, callback) {
  if (!this._writev) throw new ERR_METHOD_NOT_IMPLEMENTED('_write()');
  this._writev([{ chunk, encoding }], callback);
};

Writable.prototype._writev = null;

/** What _write() and _writev() call back, by way of state.onwrite. */
function onWritten(stream, error) {
  const state = this;
  const bits = state[kState];
  if ((bits & kExpectWriteCallback) === 0) {
    errorOrDestroy(stream, new ERR_MULTIPLE_CALLBACK());
    return;
  }
  const sync = (bits & kSync) !== 0;
  const callback = state.writecb;
  state.writecb = nop;
  state[kState] = bits & ~(kWriting | kExpectWriteCallback);
  state.length -= state.writelen;
  state.writelen = 0;

  if (error) {
    error.stack;
    if ((bits & kErrored) === 0) state.errored = error;
    // The readable side of a duplex must not go on as if nothing were wrong.
    const r = stream._readableState;
    if (r && !r.errored) r.errored = error;
    if (sync) process.nextTick(onWriteError, stream, state, error, callback);
    else onWriteError(stream, state, error, callback);
    return;
  }

  if ((bits & kBuffered) !== 0) clearBuffer(stream, state);
  if (sync) afterWriteOnTick(stream, state, callback);
  else afterWrite(stream, state, 1, callback);
}

/** One tick serves all synchronous writes in a row that have the same callback. */
function afterWriteOnTick(stream, state, callback) {
  if (callback === nop) {
    const drains = (state[kState] & kNeedDrain) !== 0 && state.length === 0;
    if ((drains || (state[kState] & kDestroyed) !== 0) &&
        (state[kState] & kAfterWritePending) === 0) {
      process.nextTick(afterWrite, stream, state, 1, nop);
      state[kState] |= kAfterWritePending;
    } else {
      state.pendingcb--;
      if ((state[kState] & kEnding) !== 0) finishMaybe(stream, state, true);
    }
  } else if ((state[kState] & kAfterWriteTickInfo) !== 0 &&
             state.afterWriteTickInfo.callback === callback) {
    state.afterWriteTickInfo.count++;
  } else {
    state.afterWriteTickInfo = { count: 1, callback, stream, state };
    process.nextTick(afterWriteTick, state.afterWriteTickInfo);
    state[kState] |= kAfterWritePending | kAfterWriteTickInfo;
  }
}

function afterWriteTick(info) {
  const { state } = info;
  state[kState] &= ~kAfterWriteTickInfo;
  state.afterWriteTickInfo = null;
  afterWrite(info.stream, state, info.count, info.callback);
}

function afterWrite(stream, state, count, callback) {
  state[kState] &= ~kAfterWritePending;
  if ((state[kState] & (kEnding | kNeedDrain | kDestroyed)) === kNeedDrain && state.length === 0) {
    state[kState] &= ~kNeedDrain;
    stream.emit('drain');
  }
  while (count-- > 0) {
    state.pendingcb--;
    callback(null);
  }
  if ((state[kState] & kDestroyed) !== 0) failBuffered(state);
  if ((state[kState] & kEnding) !== 0) finishMaybe(stream, state, true);
}

function onWriteError(stream, state, error, callback) {
  --state.pendingcb;
  callback(error);
  // What waits will never be written.
  failBuffered(state);
  errorOrDestroy(stream, error);
}

/** Calls back everything that waits with the error of the stream. */
function failBuffered(state) {
  if ((state[kState] & kWriting) !== 0) return;
  if (state.buffered !== null) {
    for (let i = state.bufferedIndex; i < state.buffered.length; i++) {
      const { chunk, callback } = state.buffered[i];
      state.length -= state.objectMode ? 1 : chunk.length;
      callback(state.errored ?? new ERR_STREAM_DESTROYED('write'));
    }
  }
  callOnFinished(state, state.errored ?? new ERR_STREAM_DESTROYED('end'));
  resetBuffer(state);
}

function resetBuffer(state) {
  state.buffered = null;
  state.bufferedIndex = 0;
  state[kState] = (state[kState] | kAllBuffers | kAllNoop) & ~kBuffered;
}

/** Hands over what waits, until a write does not complete at once. */
function clearBuffer(stream, state) {
  if ((state[kState] & (kDestroyed | kBufferProcessing | kCorked | kBuffered | kConstructed)) !==
      (kBuffered | kConstructed)) return;
  const { buffered } = state;
  let i = state.bufferedIndex;
  const count = buffered.length - i;
  if (count === 0) return;

  state[kState] |= kBufferProcessing;
  if (count > 1 && stream._writev) {
    state.pendingcb -= count - 1;
    const allNoop = (state[kState] & kAllNoop) !== 0;
    const callback = allNoop ? nop : (error) => {
      for (let n = i; n < buffered.length; n++) buffered[n].callback(error);
    };
    // A copy: an implementation may change it, and the callbacks are needed.
    const chunks = allNoop && i === 0 ? buffered : buffered.slice(i);
    chunks.allBuffers = (state[kState] & kAllBuffers) !== 0;
    write(stream, state, true, state.length, chunks, '', callback);
    resetBuffer(state);
  } else {
    const objectMode = (state[kState] & kObjectMode) !== 0;
    do {
      const { chunk, encoding, callback } = buffered[i];
      buffered[i++] = null;
      write(stream, state, false, objectMode ? 1 : chunk.length, chunk, encoding, callback);
    } while (i < buffered.length && (state[kState] & kWriting) === 0);

    if (i === buffered.length) {
      resetBuffer(state);
    } else if (i > MAX_WRITTEN) {
      buffered.splice(0, i);
      state.bufferedIndex = 0;
    } else {
      state.bufferedIndex = i;
    }
  }
  state[kState] &= ~kBufferProcessing;
}

Writable.prototype.cork = function() {
  const state = this._writableState;
  state[kState] |= kCorked;
  state.corked++;
};

Writable.prototype.uncork = function() {
  const state = this._writableState;
  if (state.corked === 0) return;
  state.corked--;
  if (state.corked === 0) state[kState] &= ~kCorked;
  if ((state[kState] & kWriting) === 0) clearBuffer(this, state);
};

Writable.prototype.setDefaultEncoding = function setDefaultEncoding(encoding) {
  if (typeof encoding === 'string') encoding = encoding.toLowerCase();
  if (!Buffer.isEncoding(encoding)) throw new ERR_UNKNOWN_ENCODING(encoding);
  this._writableState.defaultEncoding = encoding;
  return this;
};

// ---------------------------------------------------------------------------
// Ending

Writable.prototype.end = function(chunk, encoding, callback) {
  const state = this._writableState;
  if (typeof chunk === 'function') {
    callback = chunk;
    chunk = null;
    encoding = null;
  } else if (typeof encoding === 'function') {
    callback = encoding;
    encoding = null;
  }

  let error;
  if (chunk !== null && chunk !== undefined) {
    const result = accept(this, chunk, encoding);
    if (result instanceof Error) error = result;
  }
  // Nothing is held back any more.
  if ((state[kState] & kCorked) !== 0) {
    state.corked = 1;
    this.uncork();
  }

  if (error !== undefined) {
    // Reported by the write.
  } else if ((state[kState] & (kErrored | kEnding)) === 0) {
    // A second end() is forgiven: programs cannot always know of the first.
    state[kState] |= kEnding;
    finishMaybe(this, state, true);
    state[kState] |= kEnded;
  } else if ((state[kState] & kFinished) !== 0) {
    error = new ERR_STREAM_ALREADY_FINISHED('end');
  } else if ((state[kState] & kDestroyed) !== 0) {
    error = new ERR_STREAM_DESTROYED('end');
  }

  if (typeof callback === 'function') {
    if (error !== undefined) {
      process.nextTick(callback, error);
    } else if ((state[kState] & kErrored) !== 0) {
      process.nextTick(callback, state.errored);
    } else if ((state[kState] & kFinished) !== 0) {
      process.nextTick(callback);
    } else {
      state[kState] |= kOnFinished;
      if (state.onFinished === null) state.onFinished = [];
      state.onFinished.push(callback);
    }
  }
  return this;
};

/** Whether everything has been written and only finishing is left. */
function canFinish(state) {
  return state.length === 0 &&
    (state[kState] & (kEnding | kDestroyed | kConstructed | kFinished | kWriting | kErrorEmitted |
      kCloseEmitted | kErrored | kBuffered)) === (kEnding | kConstructed);
}

function finishMaybe(stream, state, later) {
  if (!canFinish(state)) return;
  prefinish(stream, state);
  if (state.pendingcb !== 0) return;
  if (later) {
    state.pendingcb++;
    process.nextTick(finishOnTick, stream, state);
  } else if (canFinish(state)) {
    state.pendingcb++;
    finish(stream, state);
  }
}

function finishOnTick(stream, state) {
  if (canFinish(state)) finish(stream, state);
  else state.pendingcb--;
}

function prefinish(stream, state) {
  if ((state[kState] & (kPrefinished | kFinalCalled)) !== 0) return;
  if (typeof stream._final === 'function' && (state[kState] & kDestroyed) === 0) {
    state[kState] |= kFinalCalled;
    callFinal(stream, state);
  } else {
    state[kState] |= kPrefinished;
    stream.emit('prefinish');
  }
}

function callFinal(stream, state) {
  let called = false;

  function onFinal(error) {
    if (called) {
      errorOrDestroy(stream, error ?? new ERR_MULTIPLE_CALLBACK());
      return;
    }
    called = true;
    state.pendingcb--;
    if (error) {
      callOnFinished(state, error);
      errorOrDestroy(stream, error, (state[kState] & kSync) !== 0);
    } else if (canFinish(state)) {
      state[kState] |= kPrefinished;
      stream.emit('prefinish');
      // Never at once: some streams count on 'finish' being late.
      state.pendingcb++;
      process.nextTick(finish, stream, state);
    }
  }

  state[kState] |= kSync;
  state.pendingcb++;
  try {
    stream._final(onFinal);
  } catch (thrown) {
    onFinal(thrown);
  }
  state[kState] &= ~kSync;
}

function finish(stream, state) {
  state.pendingcb--;
  state[kState] |= kFinished;
  callOnFinished(state, null);
  stream.emit('finish');

  if (state.autoDestroy) {
    // A duplex stream lives until both sides have ended.
    const r = stream._readableState;
    if (!r || (r.autoDestroy && (r.endEmitted || r.readable === false))) stream.destroy();
  }
}

function callOnFinished(state, error) {
  if ((state[kState] & kOnFinished) === 0) return;
  const callbacks = state.onFinished;
  state.onFinished = null;
  state[kState] &= ~kOnFinished;
  for (let i = 0; i < callbacks.length; i++) callbacks[i](error);
}

Writable.prototype.destroy = function(error, callback) {
  const state = this._writableState;
  if ((state[kState] & (kBuffered | kOnFinished)) !== 0 && (state[kState] & kDestroyed) === 0) {
    process.nextTick(failBuffered, state);
  }
  destroy.call(this, error, callback);
  return this;
};
Writable.prototype._undestroy = undestroy;
Writable.prototype._destroy = function(error, callback) {
  callback(error);
};

Writable.prototype[Symbol.for('nodejs.rejection')] = function(error) {
  this.destroy(error);
};

Writable.prototype[Symbol.asyncDispose] = async function() {
  let error;
  if (!this.destroyed) {
    error = this.writableFinished ? null : new AbortError();
    this.destroy(error);
  }
  const { eos } = require('internal/streams/end_of_stream');
  await new Promise((resolve, reject) => {
    eos(this, (failure) => (failure && failure !== error ? reject(failure) : resolve(null)));
  });
};

Writable.fromWeb = function(writableStream, options) {
  return getAdapters().newStreamWritableFromWritableStream(writableStream, options);
};

Writable.toWeb = function(streamWritable) {
  return getAdapters().newWritableStreamFromStreamWritable(streamWritable);
};

// ---------------------------------------------------------------------------
// What can be seen

function getter(get, set) {
  return { __proto__: null, get, set };
}

Object.defineProperties(Writable.prototype, {
  closed: getter(function() {
    return this._writableState ? this._writableState.closed : false;
  }),
  destroyed: getter(function() {
    return this._writableState ? this._writableState.destroyed : false;
  }, function(value) {
    // Nothing happens otherwise: the implementer takes over the destroying.
    if (this._writableState) this._writableState.destroyed = value;
  }),
  writable: getter(function() {
    const w = this._writableState;
    // `writable` on the state: set by hand, or the readable half of a duplex alone.
    return !!w && w.writable !== false &&
      (w[kState] & (kDestroyed | kErrored | kEnding | kEnded)) === 0;
  }, function(value) {
    if (this._writableState) this._writableState.writable = !!value;
  }),
  writableFinished: getter(function() {
    return this._writableState ? this._writableState.finished : false;
  }),
  writableObjectMode: getter(function() {
    return this._writableState ? this._writableState.objectMode : false;
  }),
  writableBuffer: getter(function() {
    return this._writableState?.getBuffer();
  }),
  writableEnded: getter(function() {
    return this._writableState ? this._writableState.ending : false;
  }),
  writableNeedDrain: getter(function() {
    const w = this._writableState;
    return !!w && (w[kState] & (kDestroyed | kEnding | kNeedDrain)) === kNeedDrain;
  }),
  writableHighWaterMark: getter(function() {
    return this._writableState?.highWaterMark;
  }),
  writableCorked: getter(function() {
    return this._writableState ? this._writableState.corked : 0;
  }),
  writableLength: getter(function() {
    return this._writableState?.length;
  }),
  errored: getter(function() {
    return this._writableState ? this._writableState.errored : null;
  }),
  writableAborted: getter(function() {
    const w = this._writableState;
    return !!(w.writable !== false && (w.destroyed || w.errored) && !w.finished);
  }),
});

module.exports = Writable;
