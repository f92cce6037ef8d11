'use strict';
// Owns the state of a readable stream: its bits, its buffer, and the way data
// leaves the buffer. When to fill or empty it is readable.js's business.

const { Buffer } = require('buffer');
const { StringDecoder } = require('string_decoder');
const {
  getHighWaterMark,
  getDefaultHighWaterMark,
  initialState,
  wantsObjectMode,
  defineBits,
  defineCommon,
  kState,
  kObjectMode,
  kConstructed,
  kFirstOwnBit,
} = require('internal/streams/state');

const kEnded = 1 << kFirstOwnBit;
const kEndEmitted = 1 << (kFirstOwnBit + 1);
/** Whether _read() has been called and not yet answered. */
const kReading = 1 << (kFirstOwnBit + 2);
/** Whether somebody found the buffer too empty: new data has to be announced. */
const kNeedReadable = 1 << (kFirstOwnBit + 3);
const kEmittedReadable = 1 << (kFirstOwnBit + 4);
const kReadableListening = 1 << (kFirstOwnBit + 5);
const kResumeScheduled = 1 << (kFirstOwnBit + 6);
/** Whether awaitDrainWriters is a set, for more than one pipe. */
const kMultiAwaitDrain = 1 << (kFirstOwnBit + 7);
const kReadingMore = 1 << (kFirstOwnBit + 8);
const kDataEmitted = 1 << (kFirstOwnBit + 9);
const kDecoder = 1 << (kFirstOwnBit + 10);
// `flowing` and `paused` are null until somebody decides.
const kHasFlowing = 1 << (kFirstOwnBit + 11);
const kFlowing = 1 << (kFirstOwnBit + 12);
const kHasPaused = 1 << (kFirstOwnBit + 13);
const kPaused = 1 << (kFirstOwnBit + 14);
const kDataListening = 1 << (kFirstOwnBit + 15);
/** Whether a tick is queued that announces data. */
const kAnnouncing = 1 << (kFirstOwnBit + 16);
/** Whether the only listener of 'readable' is an async iterator, which reads all there is. */
const kIterating = 1 << (kFirstOwnBit + 17);

const kDecoderValue = Symbol('kDecoderValue');
const kEncodingValue = Symbol('kEncodingValue');

// Consumed entries stay in front of the buffer until there are this many.
const MAX_CONSUMED = 1024;

function ReadableState(options, stream, isDuplex) {
  const objectMode = wantsObjectMode(options, 'readableObjectMode', isDuplex);
  this[kState] = initialState(options, objectMode);
  this.highWaterMark = options ?
    getHighWaterMark(this, options, 'readableHighWaterMark', isDuplex) :
    getDefaultHighWaterMark(objectMode);
  // Entries before bufferIndex have been consumed.
  this.buffer = [];
  this.bufferIndex = 0;
  this.length = 0;
  this.pipes = [];
  /** The piped-to writables that have to drain before data flows again. */
  this.awaitDrainWriters = null;

  if (options) {
    const { defaultEncoding, encoding } = options;
    if (defaultEncoding != null && defaultEncoding !== 'utf8' && defaultEncoding !== 'utf-8') {
      if (!Buffer.isEncoding(defaultEncoding)) throw unknownEncoding(defaultEncoding);
      this.defaultEncoding = defaultEncoding;
    }
    if (encoding) {
      this.decoder = new StringDecoder(encoding);
      this.encoding = encoding;
    }
  }
}

function unknownEncoding(encoding) {
  const { codes: { ERR_UNKNOWN_ENCODING } } = require('internal/errors');
  return new ERR_UNKNOWN_ENCODING(encoding);
}

defineCommon(ReadableState.prototype);
defineBits(ReadableState.prototype, {
  ended: kEnded,
  endEmitted: kEndEmitted,
  reading: kReading,
  needReadable: kNeedReadable,
  emittedReadable: kEmittedReadable,
  readableListening: kReadableListening,
  resumeScheduled: kResumeScheduled,
  multiAwaitDrain: kMultiAwaitDrain,
  readingMore: kReadingMore,
  dataEmitted: kDataEmitted,
});

/** A boolean that is null as long as nobody has set it. */
function maybeBit(has, bit) {
  return {
    __proto__: null,
    get() {
      return (this[kState] & has) !== 0 ? (this[kState] & bit) !== 0 : null;
    },
    set(value) {
      if (value == null) this[kState] &= ~(has | bit);
      else if (value) this[kState] |= has | bit;
      else this[kState] = (this[kState] | has) & ~bit;
    },
  };
}

Object.defineProperties(ReadableState.prototype, {
  flowing: maybeBit(kHasFlowing, kFlowing),
  paused: maybeBit(kHasPaused, kPaused),
  decoder: {
    __proto__: null,
    get() {
      return (this[kState] & kDecoder) !== 0 ? this[kDecoderValue] : null;
    },
    set(value) {
      if (value) {
        this[kDecoderValue] = value;
        this[kState] |= kDecoder;
      } else {
        this[kState] &= ~kDecoder;
      }
    },
  },
  encoding: {
    __proto__: null,
    get() {
      return this[kEncodingValue] ?? null;
    },
    set(value) {
      this[kEncodingValue] = value;
    },
  },
  pipesCount: {
    __proto__: null,
    get() {
      return this.pipes.length;
    },
  },
});

/**
 * Takes `n` bytes (characters, with an encoding), one object, or, with n 0 or
 * not less than there is, everything. Does not touch state.length.
 */
function fromList(n, state) {
  if (state.length === 0) return null;
  const { buffer } = state;
  const index = state.bufferIndex;
  const head = buffer[index];

  let taken;
  if ((state[kState] & kObjectMode) !== 0) {
    taken = head;
    dropEntries(state, index, 1);
  } else if (!n || n >= state.length) {
    taken = takeAll(state, index);
  } else if (n < head.length) {
    taken = head.slice(0, n);
    buffer[index] = head.slice(n);
  } else if (n === head.length) {
    taken = head;
    dropEntries(state, index, 1);
  } else {
    taken = state.decoder ? takeText(n, state, index) : takeBytes(n, state, index);
  }
  return taken;
}

function dropEntries(state, index, count) {
  const { buffer } = state;
  const end = index + count;
  if (end === 1 && buffer.length === 1) {
    // Setting the length would give its memory back, for the next chunk to ask for again.
    buffer.pop();
    state.bufferIndex = 0;
  } else if (end === buffer.length) {
    buffer.length = 0;
    state.bufferIndex = 0;
  } else if (end > MAX_CONSUMED) {
    buffer.splice(0, end);
    state.bufferIndex = 0;
  } else {
    // Lets the collector have them.
    for (let i = index; i < end; i++) buffer[i] = null;
    state.bufferIndex = end;
  }
}

function takeAll(state, index) {
  const { buffer } = state;
  if (buffer.length === 1) {
    state.bufferIndex = 0;
    return buffer.pop();
  }
  let all;
  if (state.decoder) {
    all = '';
    for (let i = index; i < buffer.length; i++) all += buffer[i];
  } else if (buffer.length - index === 1) {
    all = buffer[index];
  } else {
    all = Buffer.allocUnsafe(state.length);
    let offset = 0;
    for (let i = index; i < buffer.length; i++) {
      all.set(buffer[i], offset);
      offset += buffer[i].length;
    }
  }
  buffer.length = 0;
  state.bufferIndex = 0;
  return all;
}

function takeText(n, state, index) {
  const { buffer } = state;
  let text = '';
  let i = index;
  while (n >= buffer[i].length) {
    text += buffer[i];
    n -= buffer[i].length;
    i++;
    if (n === 0) break;
  }
  if (n > 0) {
    text += buffer[i].slice(0, n);
    buffer[i] = buffer[i].slice(n);
  }
  dropEntries(state, index, i - index);
  return text;
}

function takeBytes(n, state, index) {
  const { buffer } = state;
  const bytes = Buffer.allocUnsafe(n);
  let offset = 0;
  let i = index;
  while (n - offset >= buffer[i].length) {
    bytes.set(buffer[i], offset);
    offset += buffer[i].length;
    i++;
    if (offset === n) break;
  }
  if (offset < n) {
    const entry = buffer[i];
    const rest = n - offset;
    bytes.set(entry.subarray(0, rest), offset);
    buffer[i] = entry.subarray(rest);
  }
  dropEntries(state, index, i - index);
  return bytes;
}

module.exports = {
  ReadableState,
  fromList,
  kObjectMode,
  kConstructed,
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
  kPaused,
  kDataListening,
  kAnnouncing,
  kIterating,
};
