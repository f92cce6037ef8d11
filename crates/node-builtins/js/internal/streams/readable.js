'use strict';
// Owns readable streams: filling the buffer (push, _read), emptying it (read),
// and the two ways of being told, 'readable' and 'data' (flowing mode).
// Piping, async iteration and operators are files of their own.

const process = require('process');
const { Buffer } = require('buffer');
const { StringDecoder } = require('string_decoder');
const lazy = require('internal/lazy');
const {
  AbortError,
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_METHOD_NOT_IMPLEMENTED,
    ERR_OUT_OF_RANGE,
    ERR_STREAM_PUSH_AFTER_EOF,
    ERR_STREAM_UNSHIFT_AFTER_END_EVENT,
  },
} = require('internal/errors');
const { Stream } = require('internal/streams/legacy');
const {
  construct,
  destroyer,
  destroy,
  undestroy,
  errorOrDestroy,
} = require('internal/streams/destroy');
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
  ReadableState,
  fromList,
  kEnded,
  kEndEmitted,
  kReading,
  kNeedReadable,
  kEmittedReadable,
  kReadableListening,
  kResumeScheduled,
  kMultiAwaitDrain,
  kReadingMore,
  kDataEmitted,
  kDecoder,
  kHasFlowing,
  kFlowing,
  kDataListening,
  kAnnouncing,
  kIterating,
} = require('internal/streams/readable_state');
const { pipe, unpipe } = require('internal/streams/readable_pipe');
const { iterator, asyncIterator } = require('internal/streams/readable_iterator');

const getAddAbortSignal = lazy(() => require('internal/streams/add_abort_signal'));
const getAdapters = lazy(() => require('internal/webstreams/adapters'));

function Readable(options) {
  if (!(this instanceof Readable)) return new Readable(options);

  // The usual events in advance give the tables of all streams one shape.
  this._events ??= {
    close: undefined,
    error: undefined,
    data: undefined,
    end: undefined,
    readable: undefined,
  };
  this._readableState = new ReadableState(options, this, false);

  if (options) {
    if (typeof options.read === 'function') this._read = options.read;
    if (typeof options.destroy === 'function') this._destroy = options.destroy;
    if (typeof options.construct === 'function') this._construct = options.construct;
    if (options.signal) getAddAbortSignal().addAbortSignal(options.signal, this);
  }
  Stream.call(this, options);
  if (typeof this._construct === 'function') construct(this);
}
Object.setPrototypeOf(Readable.prototype, Stream.prototype);
Object.setPrototypeOf(Readable, Stream);

Readable.ReadableState = ReadableState;
Readable._fromList = fromList;

Object.defineProperty(ReadableState.prototype, 'onConstructed', {
  __proto__: null,
  value: function onConstructed(stream) {
    if ((this[kState] & kNeedReadable) !== 0) maybeReadMore(stream, this);
  },
});

Readable.prototype.destroy = destroy;
Readable.prototype._undestroy = undestroy;
Readable.prototype._destroy = function(error, callback) {
  callback(error);
};

Readable.prototype[Symbol.for('nodejs.rejection')] = function(error) {
  this.destroy(error);
};

Readable.prototype[Symbol.asyncDispose] = async function() {
  let error;
  if (!this.destroyed) {
    error = this.readableEnded ? null : new AbortError();
    this.destroy(error);
  }
  const { eos } = require('internal/streams/end_of_stream');
  await new Promise((resolve, reject) => {
    eos(this, (failure) => (failure && failure !== error ? reject(failure) : resolve(null)));
  });
};

// ---------------------------------------------------------------------------
// Filling the buffer

/** Adds a chunk, or with null ends the stream. Answers whether more is wanted. */
Readable.prototype.push = function(chunk, encoding) {
  const state = this._readableState;
  if (chunk === null) {
    state[kState] &= ~kReading;
    onEndOfChunks(this, state);
    return false;
  }
  if ((state[kState] & kObjectMode) !== 0) return pushValue(this, state, chunk, encoding);

  if (typeof chunk === 'string') {
    if (!encoding) encoding = state.defaultEncoding;
    if (state.encoding !== encoding) {
      chunk = Buffer.from(chunk, encoding);
      // With an encoding of its own the stream holds text in that.
      if (state.encoding) chunk = chunk.toString(state.encoding);
      else encoding = '';
    }
  } else {
    if (chunk !== undefined && !(chunk instanceof Buffer)) {
      if (!ArrayBuffer.isView(chunk)) return rejectChunk(this, chunk);
      chunk = viewToBuffer(chunk);
    }
    encoding = '';
  }
  if (chunk === undefined || chunk.length === 0) {
    state[kState] &= ~kReading;
    maybeReadMore(this, state);
    return wantsMore(state);
  }
  return pushValue(this, state, chunk, encoding);
};

/** Puts a chunk back in front of what there is. */
Readable.prototype.unshift = function(chunk, encoding) {
  const state = this._readableState;
  if (chunk === null) {
    state[kState] &= ~kReading;
    onEndOfChunks(this, state);
    return false;
  }
  if ((state[kState] & kObjectMode) === 0) {
    if (typeof chunk === 'string') {
      if (!encoding) encoding = state.defaultEncoding;
      if (state.encoding !== encoding) {
        chunk = Buffer.from(chunk, encoding);
        if (state.encoding) chunk = chunk.toString(state.encoding);
      }
    } else if (chunk !== undefined && !(chunk instanceof Buffer)) {
      if (!ArrayBuffer.isView(chunk)) return rejectChunk(this, chunk);
      chunk = viewToBuffer(chunk);
    }
    if (chunk === undefined || chunk.length === 0) return wantsMore(state);
  }
  if ((state[kState] & kEndEmitted) !== 0) {
    errorOrDestroy(this, new ERR_STREAM_UNSHIFT_AFTER_END_EVENT());
  } else {
    if ((state[kState] & (kDestroyed | kErrored)) !== 0) return false;
    addChunk(this, state, chunk, true);
  }
  return wantsMore(state);
};

function viewToBuffer(view) {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function rejectChunk(stream, chunk) {
  errorOrDestroy(stream, new ERR_INVALID_ARG_TYPE(
    'chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk));
  return false;
}

function pushValue(stream, state, chunk, encoding) {
  const bits = state[kState];
  if ((bits & kEnded) !== 0) {
    errorOrDestroy(stream, new ERR_STREAM_PUSH_AFTER_EOF());
    return false;
  }
  if ((bits & (kDestroyed | kErrored)) !== 0) return false;

  state[kState] = bits & ~kReading;
  if ((bits & kDecoder) !== 0 && !encoding) {
    chunk = state.decoder.write(chunk);
    // Only the beginning of a character so far?
    if (chunk.length === 0 && (bits & kObjectMode) === 0) {
      maybeReadMore(stream, state);
      return wantsMore(state);
    }
  }
  addChunk(stream, state, chunk, false);
  return wantsMore(state);
}

function wantsMore(state) {
  return (state[kState] & kEnded) === 0 &&
    (state.length < state.highWaterMark || state.length === 0);
}

function addChunk(stream, state, chunk, inFront) {
  if ((state[kState] & (kFlowing | kSync | kDataListening)) === (kFlowing | kDataListening) &&
      state.length === 0) {
    // Nothing waits in front of it and somebody listens: past the buffer.
    forgetAwaitedDrains(state);
    state[kState] |= kDataEmitted;
    stream.emit('data', chunk);
  } else {
    state.length += (state[kState] & kObjectMode) !== 0 ? 1 : chunk.length;
    if (!inFront) state.buffer.push(chunk);
    else if (state.bufferIndex > 0) state.buffer[--state.bufferIndex] = chunk;
    else state.buffer.unshift(chunk);
    if ((state[kState] & kNeedReadable) !== 0) emitReadable(stream);
  }
  maybeReadMore(stream, state);
}

function forgetAwaitedDrains(state) {
  if ((state[kState] & kMultiAwaitDrain) !== 0) state.awaitDrainWriters.clear();
  else state.awaitDrainWriters = null;
}

function onEndOfChunks(stream, state) {
  if ((state[kState] & kEnded) !== 0) return;
  const { decoder } = state;
  if (decoder) {
    const rest = decoder.end();
    if (rest?.length) {
      state.buffer.push(rest);
      state.length += state.objectMode ? 1 : rest.length;
    }
  }
  state[kState] |= kEnded;

  if ((state[kState] & kSync) !== 0) {
    // Inside _read(): its caller sees that it has ended.
    emitReadable(stream);
  } else {
    state[kState] = (state[kState] & ~kNeedReadable) | kEmittedReadable;
    emitReadableNow(stream);
  }
}

/** Announces new data or the end on the next tick. */
function emitReadable(stream) {
  const state = stream._readableState;
  state[kState] &= ~kNeedReadable;
  const bits = state[kState];
  if ((bits & kEmittedReadable) !== 0) return;
  state[kState] = bits | kEmittedReadable | kAnnouncing;
  // One tick serves all chunks of a stream that flows or is iterated over.
  if ((bits & kAnnouncing) === 0 || (bits & (kReadableListening | kIterating)) === kReadableListening) {
    process.nextTick(announce, stream);
  }
}

function announce(stream) {
  stream._readableState[kState] &= ~kAnnouncing;
  emitReadableNow(stream);
}

function emitReadableNow(stream) {
  const state = stream._readableState;
  if ((state[kState] & (kDestroyed | kErrored)) === 0 &&
      (state.length > 0 || (state[kState] & kEnded) !== 0)) {
    stream.emit('readable');
    state[kState] &= ~kEmittedReadable;
  }
  // Whoever reads next finds too little, unless it flows, has ended or is full.
  if ((state[kState] & (kFlowing | kEnded)) === 0 && state.length <= state.highWaterMark) {
    state[kState] |= kNeedReadable;
  } else {
    state[kState] &= ~kNeedReadable;
  }
  flow(stream);
}

/** Reads ahead on the next tick, up to the high water mark. */
function maybeReadMore(stream, state) {
  if ((state[kState] & (kReadingMore | kConstructed)) === kConstructed) {
    state[kState] |= kReadingMore;
    process.nextTick(readMore, stream, state);
  }
}

function readMore(stream, state) {
  // Stops also when a read brings nothing at once: then _read() answers later.
  while ((state[kState] & (kReading | kEnded)) === 0 &&
         (state.length < state.highWaterMark ||
          ((state[kState] & kFlowing) !== 0 && state.length === 0))) {
    const { length } = state;
    stream.read(0);
    if (length === state.length) break;
  }
  state[kState] &= ~kReadingMore;
}

// ---------------------------------------------------------------------------
// Emptying the buffer

const MAX_HIGH_WATER_MARK = 0x40000000;

/** The next power of two, so that asking for ever more does not raise it each time. */
function raisedHighWaterMark(n) {
  if (n > MAX_HIGH_WATER_MARK) throw new ERR_OUT_OF_RANGE('size', '<= 1GiB', n);
  return 2 ** (32 - Math.clz32(n - 1));
}

/** How much read(n) takes, NaN standing for no n. */
function amountToRead(n, state) {
  const bits = state[kState];
  if (n <= 0 || (state.length === 0 && (bits & kEnded) !== 0)) return 0;
  if ((bits & kObjectMode) !== 0) return 1;
  if (n !== n) {
    // In flowing mode chunk by chunk, else all of it.
    if ((bits & kFlowing) !== 0 && state.length > 0) return state.buffer[state.bufferIndex].length;
    return state.length;
  }
  if (n <= state.length) return n;
  return (bits & kEnded) !== 0 ? state.length : 0;
}

Readable.prototype.read = function(n) {
  if (n === undefined) n = NaN;
  else if (!Number.isInteger(n)) n = Number.parseInt(n, 10);
  const state = this._readableState;
  const asked = n;

  if (n > state.highWaterMark) state.highWaterMark = raisedHighWaterMark(n);
  if (n !== 0) state[kState] &= ~kEmittedReadable;

  // read(0) is for 'readable' to be emitted; with enough in the buffer no _read() is needed for it.
  if (n === 0 && (state[kState] & kNeedReadable) !== 0 &&
      ((state.highWaterMark !== 0 ? state.length >= state.highWaterMark : state.length > 0) ||
       (state[kState] & kEnded) !== 0)) {
    if (state.length === 0 && (state[kState] & kEnded) !== 0) endReadable(this);
    else emitReadable(this);
    return null;
  }

  n = amountToRead(n, state);
  if (n === 0 && (state[kState] & kEnded) !== 0) {
    if (state.length === 0) endReadable(this);
    return null;
  }

  // Calls _read() when what remains would be below the high water mark, before
  // taking anything, so that a synchronous one can serve this very call.
  let bits = state[kState];
  if (((bits & kNeedReadable) !== 0 || state.length === 0 ||
       state.length - n < state.highWaterMark) &&
      (bits & (kEnded | kReading | kDestroyed | kErrored | kConstructed)) === kConstructed) {
    bits |= kReading | kSync;
    if (state.length === 0) bits |= kNeedReadable;
    state[kState] = bits;
    try {
      this._read(state.highWaterMark);
    } catch (error) {
      errorOrDestroy(this, error);
    }
    state[kState] &= ~kSync;
    // Answered at once? Then there may be more to take.
    if ((state[kState] & kReading) === 0) n = amountToRead(asked, state);
  }

  const taken = n > 0 ? fromList(n, state) : null;
  if (taken === null) {
    if (state.length <= state.highWaterMark) state[kState] |= kNeedReadable;
    n = 0;
  } else {
    state.length -= n;
    forgetAwaitedDrains(state);
  }

  if (state.length === 0) {
    if ((state[kState] & kEnded) === 0) state[kState] |= kNeedReadable;
    // The last of it has been taken just now.
    else if (asked !== n) endReadable(this);
  }
  if (taken !== null && (state[kState] & (kErrorEmitted | kCloseEmitted)) === 0) {
    state[kState] |= kDataEmitted;
    this.emit('data', taken);
  }
  return taken;
};

Readable.prototype._read = function(n) {
  throw new ERR_METHOD_NOT_IMPLEMENTED('_read()');
};

function endReadable(stream) {
  const state = stream._readableState;
  if ((state[kState] & kEndEmitted) === 0) {
    state[kState] |= kEnded;
    process.nextTick(emitEnd, state, stream);
  }
}

function emitEnd(state, stream) {
  if ((state[kState] & (kErrored | kCloseEmitted | kEndEmitted)) !== 0) return;
  if (state.length !== 0) return;
  state[kState] |= kEndEmitted;
  stream.emit('end');

  if (stream.writable && stream.allowHalfOpen === false) {
    process.nextTick(endWritable, stream);
  } else if (state.autoDestroy) {
    // A duplex stream lives until both sides have ended.
    const w = stream._writableState;
    if (!w || (w.autoDestroy && (w.finished || w.writable === false))) stream.destroy();
  }
}

function endWritable(stream) {
  if (stream.writable && !stream.writableEnded && !stream.destroyed) stream.end();
}

/** Text in this encoding instead of bytes, also for what is in the buffer already. */
Readable.prototype.setEncoding = function(encoding) {
  const decoder = new StringDecoder(encoding);
  const state = this._readableState;
  state.decoder = decoder;
  state.encoding = decoder.encoding;

  let content = '';
  for (let i = state.bufferIndex; i < state.buffer.length; i++) {
    content += decoder.write(state.buffer[i]);
  }
  state.buffer.length = 0;
  state.bufferIndex = 0;
  if (content !== '') state.buffer.push(content);
  state.length = content.length;
  return this;
};

// ---------------------------------------------------------------------------
// Being told: 'readable', 'data', flowing and paused

Readable.prototype.on = function(event, listener) {
  const result = Stream.prototype.on.call(this, event, listener);
  const state = this._readableState;
  if (event === 'data') {
    state[kState] |= kDataListening;
    state.readableListening = this.listenerCount('readable') > 0;
    // Flows from the next tick on, unless paused explicitly.
    if (state.flowing !== false) this.resume();
  } else if (event === 'readable') {
    state[kState] &= ~kIterating;
    if ((state[kState] & (kEndEmitted | kReadableListening)) === 0) {
      state[kState] = (state[kState] | kReadableListening | kNeedReadable | kHasFlowing) &
        ~(kFlowing | kEmittedReadable);
      if (state.length > 0) emitReadable(this);
      else if ((state[kState] & kReading) === 0) process.nextTick(readNothing, this);
    }
  }
  return result;
};
Readable.prototype.addListener = Readable.prototype.on;

Readable.prototype.removeListener = function(event, listener) {
  const result = Stream.prototype.removeListener.call(this, event, listener);
  if (event === 'readable') {
    // On a later tick: often one listener replaces another.
    process.nextTick(updateReadableListening, this);
  } else if (event === 'data' && this.listenerCount('data') === 0) {
    this._readableState[kState] &= ~kDataListening;
  }
  return result;
};
Readable.prototype.off = Readable.prototype.removeListener;

Readable.prototype.removeAllListeners = function(event) {
  const result = Stream.prototype.removeAllListeners.apply(this, arguments);
  if (event === 'readable' || event === undefined) {
    process.nextTick(updateReadableListening, this);
  }
  return result;
};

function updateReadableListening(stream) {
  const state = stream._readableState;
  state.readableListening = stream.listenerCount('readable') > 0;
  if ((state[kState] & kResumeScheduled) !== 0 && state.paused === false) {
    // Needs to flow, so that the scheduled resume() works.
    state.flowing = true;
  } else if (stream.listenerCount('data') > 0) {
    stream.resume();
  } else if ((state[kState] & kReadableListening) === 0) {
    state.flowing = null;
  }
}

function readNothing(stream) {
  stream.read(0);
}

Readable.prototype.resume = function() {
  const state = this._readableState;
  if ((state[kState] & kFlowing) === 0) {
    // A listener of 'readable' reads itself: then this only emits 'resume'.
    state.flowing = (state[kState] & kReadableListening) === 0;
    if ((state[kState] & kResumeScheduled) === 0) {
      state[kState] |= kResumeScheduled;
      process.nextTick(resumeNow, this, state);
    }
  }
  state.paused = false;
  return this;
};

function resumeNow(stream, state) {
  if ((state[kState] & kReading) === 0) stream.read(0);
  state[kState] &= ~kResumeScheduled;
  stream.emit('resume');
  flow(stream);
  if ((state[kState] & (kFlowing | kReading)) === kFlowing) stream.read(0);
}

Readable.prototype.pause = function() {
  const state = this._readableState;
  if ((state[kState] & (kHasFlowing | kFlowing)) !== kHasFlowing) {
    state.flowing = false;
    this.emit('pause');
  }
  state.paused = true;
  return this;
};

Readable.prototype.isPaused = function() {
  const state = this._readableState;
  return state.paused === true || state.flowing === false;
};

function flow(stream) {
  const state = stream._readableState;
  while ((state[kState] & kFlowing) !== 0 && stream.read() !== null);
}

/** Reads from a stream of the first generation, which cannot be made to wait reliably. */
Readable.prototype.wrap = function(stream) {
  let paused = false;
  stream.on('data', (chunk) => {
    if (!this.push(chunk) && stream.pause) {
      paused = true;
      stream.pause();
    }
  });
  stream.on('end', () => { this.push(null); });
  stream.on('error', (error) => { errorOrDestroy(this, error); });
  stream.on('close', () => { destroy.call(this); });
  stream.on('destroy', () => { destroy.call(this); });

  this._read = () => {
    if (paused && stream.resume) {
      paused = false;
      stream.resume();
    }
  };

  // Its own methods remain at hand.
  for (const key of Object.keys(stream)) {
    if (this[key] === undefined && typeof stream[key] === 'function') {
      this[key] = stream[key].bind(stream);
    }
  }
  return this;
};

Readable.wrap = function(source, options) {
  return new Readable({
    objectMode: source.readableObjectMode ?? source.objectMode ?? true,
    ...options,
    destroy(error, callback) {
      destroyer(source, error);
      callback(error);
    },
  }).wrap(source);
};

Readable.prototype.pipe = pipe;
Readable.prototype.unpipe = unpipe;
Readable.prototype.iterator = iterator;
Readable.prototype[Symbol.asyncIterator] = asyncIterator;

Readable.prototype.compose = function compose(stream, options) {
  return require('internal/streams/operators').compose.call(this, stream, options);
};

Readable.from = function(iterable, options) {
  return require('internal/streams/from')(Readable, iterable, options);
};

Readable.fromWeb = function(readableStream, options) {
  return getAdapters().newStreamReadableFromReadableStream(readableStream, options);
};

Readable.toWeb = function(streamReadable, options) {
  return getAdapters().newReadableStreamFromStreamReadable(streamReadable, options);
};

// ---------------------------------------------------------------------------
// What can be seen

function getter(get, set) {
  return { __proto__: null, get, set };
}

Object.defineProperties(Readable.prototype, {
  readable: getter(function() {
    const r = this._readableState;
    // `readable` on the state: set by hand, or the writable half of a duplex alone.
    return !!r && r.readable !== false && !r.destroyed && !r.errorEmitted && !r.endEmitted;
  }, function(value) {
    if (this._readableState) this._readableState.readable = !!value;
  }),
  readableDidRead: getter(function() {
    return this._readableState.dataEmitted;
  }),
  readableAborted: getter(function() {
    const r = this._readableState;
    return !!(r.readable !== false && (r.destroyed || r.errored) && !r.endEmitted);
  }),
  readableHighWaterMark: getter(function() {
    return this._readableState.highWaterMark;
  }),
  readableBuffer: getter(function() {
    return this._readableState?.buffer;
  }),
  readableFlowing: getter(function() {
    return this._readableState.flowing;
  }, function(value) {
    if (this._readableState) this._readableState.flowing = value;
  }),
  readableLength: getter(function() {
    return this._readableState.length;
  }),
  readableObjectMode: getter(function() {
    return this._readableState ? this._readableState.objectMode : false;
  }),
  readableEncoding: getter(function() {
    return this._readableState ? this._readableState.encoding : null;
  }),
  errored: getter(function() {
    return this._readableState ? this._readableState.errored : null;
  }),
  closed: getter(function() {
    return this._readableState ? this._readableState.closed : false;
  }),
  destroyed: getter(function() {
    return this._readableState ? this._readableState.destroyed : false;
  }, function(value) {
    // Nothing happens otherwise: the implementer takes over the destroying.
    if (this._readableState) this._readableState.destroyed = value;
  }),
  readableEnded: getter(function() {
    return this._readableState ? this._readableState.endEmitted : false;
  }),
});

module.exports = Readable;
