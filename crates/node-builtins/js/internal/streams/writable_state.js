'use strict';
// Owns the state of a writable stream: its bits and the writes that wait.

const { Buffer } = require('buffer');
const {
  getHighWaterMark,
  getDefaultHighWaterMark,
  initialState,
  wantsObjectMode,
  defineBits,
  defineCommon,
  kState,
  kFirstOwnBit,
} = require('internal/streams/state');

const kFinalCalled = 1 << kFirstOwnBit;
const kNeedDrain = 1 << (kFirstOwnBit + 1);
/** end() has been called ... */
const kEnding = 1 << (kFirstOwnBit + 2);
/** ... and has returned. */
const kEnded = 1 << (kFirstOwnBit + 3);
const kFinished = 1 << (kFirstOwnBit + 4);
const kDecodeStrings = 1 << (kFirstOwnBit + 5);
const kWriting = 1 << (kFirstOwnBit + 6);
/** Whether clearBuffer() is on the stack. */
const kBufferProcessing = 1 << (kFirstOwnBit + 7);
const kPrefinished = 1 << (kFirstOwnBit + 8);
/** Whether all waiting chunks are buffers, which _writev() implementations ask for. */
const kAllBuffers = 1 << (kFirstOwnBit + 9);
/** Whether no waiting chunk has a callback. */
const kAllNoop = 1 << (kFirstOwnBit + 10);
const kOnFinished = 1 << (kFirstOwnBit + 11);
// `writable` is undefined unless set by hand.
const kHasWritable = 1 << (kFirstOwnBit + 12);
const kWritable = 1 << (kFirstOwnBit + 13);
const kCorked = 1 << (kFirstOwnBit + 14);
/** Whether the callback of _write() may still come. */
const kExpectWriteCallback = 1 << (kFirstOwnBit + 15);
/** Whether a tick is queued that says what has been written. */
const kAfterWritePending = 1 << (kFirstOwnBit + 16);
const kAfterWriteTickInfo = 1 << (kFirstOwnBit + 17);
const kBuffered = 1 << (kFirstOwnBit + 18);

/** The callback of a write for which nobody gave one. */
function nop() {}

function WritableState(options, stream, isDuplex) {
  const objectMode = wantsObjectMode(options, 'writableObjectMode', isDuplex);
  this[kState] = initialState(options, objectMode) | kDecodeStrings | kAllBuffers | kAllNoop;
  this.highWaterMark = options ?
    getHighWaterMark(this, options, 'writableHighWaterMark', isDuplex) :
    getDefaultHighWaterMark(objectMode);
  // What is accepted and not written yet, in bytes or objects.
  this.length = 0;
  this.corked = 0;
  /** The callback handed to _write(). */
  this.onwrite = (error) => { this.onWritten(stream, error); };
  this.writelen = 0;
  this.writecb = nop;
  /** Writes that wait; those before bufferedIndex have been taken. */
  this.buffered = null;
  this.bufferedIndex = 0;
  /** Callbacks still to be called: 'finish' comes after all of them. */
  this.pendingcb = 0;
  this.afterWriteTickInfo = null;
  this.onFinished = null;

  if (options) {
    if (options.decodeStrings === false) this[kState] &= ~kDecodeStrings;
    const { defaultEncoding } = options;
    if (defaultEncoding != null && defaultEncoding !== 'utf8' && defaultEncoding !== 'utf-8') {
      if (!Buffer.isEncoding(defaultEncoding)) {
        const { codes: { ERR_UNKNOWN_ENCODING } } = require('internal/errors');
        throw new ERR_UNKNOWN_ENCODING(defaultEncoding);
      }
      this.defaultEncoding = defaultEncoding;
    }
  }
}

defineCommon(WritableState.prototype);
defineBits(WritableState.prototype, {
  finalCalled: kFinalCalled,
  needDrain: kNeedDrain,
  ending: kEnding,
  ended: kEnded,
  finished: kFinished,
  decodeStrings: kDecodeStrings,
  writing: kWriting,
  bufferProcessing: kBufferProcessing,
  prefinished: kPrefinished,
  allBuffers: kAllBuffers,
  allNoop: kAllNoop,
});

Object.defineProperties(WritableState.prototype, {
  writable: {
    __proto__: null,
    get() {
      return (this[kState] & kHasWritable) !== 0 ? (this[kState] & kWritable) !== 0 : undefined;
    },
    set(value) {
      if (value == null) this[kState] &= ~(kHasWritable | kWritable);
      else if (value) this[kState] |= kHasWritable | kWritable;
      else this[kState] = (this[kState] | kHasWritable) & ~kWritable;
    },
  },
  bufferedRequestCount: {
    __proto__: null,
    get() {
      return this.buffered === null ? 0 : this.buffered.length - this.bufferedIndex;
    },
  },
});

WritableState.prototype.getBuffer = function getBuffer() {
  return this.buffered === null ? [] : this.buffered.slice(this.bufferedIndex);
};

module.exports = {
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
};
