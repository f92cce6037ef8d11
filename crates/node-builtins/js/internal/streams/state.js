'use strict';
// Owns what the states of readable and writable streams share: how many bytes
// or objects are buffered by default, the bits both kinds have, and accessors
// that show single bits as the booleans that programs look for.

const { validateInteger } = require('internal/validators');
const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');

let defaultBytes = 64 * 1024;
let defaultObjects = 16;

function getDefaultHighWaterMark(objectMode) {
  return objectMode ? defaultObjects : defaultBytes;
}

function setDefaultHighWaterMark(objectMode, value) {
  validateInteger(value, 'value', 0);
  if (objectMode) defaultObjects = value;
  else defaultBytes = value;
}

/** `duplexKey`: the option for one side of a duplex stream, where the common one is not given. */
function getHighWaterMark(state, options, duplexKey, isDuplex) {
  let value = options.highWaterMark;
  let name = 'options.highWaterMark';
  if (value == null && isDuplex) {
    value = options[duplexKey];
    name = `options.${duplexKey}`;
  }
  if (value == null) return getDefaultHighWaterMark(state.objectMode);
  if (!Number.isInteger(value) || value < 0) throw new ERR_INVALID_ARG_VALUE(name, value);
  return value;
}

/** The field that holds the bits of a state. */
const kState = Symbol('kState');
/** The error itself, where kErrored is set. */
const kErrorValue = Symbol('kErrorValue');

const kObjectMode = 1 << 0;
const kErrorEmitted = 1 << 1;
const kAutoDestroy = 1 << 2;
const kEmitClose = 1 << 3;
const kDestroyed = 1 << 4;
const kClosed = 1 << 5;
const kCloseEmitted = 1 << 6;
const kErrored = 1 << 7;
const kConstructed = 1 << 8;
/** Whether a call into the implementation is on the stack: what it causes has to wait a tick. */
const kSync = 1 << 9;
/** Whether strings without encoding are UTF-8, as they nearly always are. */
const kDefaultUTF8Encoding = 1 << 10;
/** The first bit that either kind of state uses for itself. */
const kFirstOwnBit = 11;

const kDefaultEncodingValue = Symbol('kDefaultEncodingValue');

/** The bits with which a stream of these options starts. */
function initialState(options, objectMode) {
  let state = kEmitClose | kAutoDestroy | kConstructed | kSync | kDefaultUTF8Encoding;
  if (objectMode) state |= kObjectMode;
  if (options) {
    if (options.emitClose === false) state &= ~kEmitClose;
    if (options.autoDestroy === false) state &= ~kAutoDestroy;
  }
  return state;
}

/** Whether this side of a stream is in object mode. */
function wantsObjectMode(options, duplexKey, isDuplex) {
  return !!(options && (options.objectMode || (isDuplex && options[duplexKey])));
}

/** Defines on `prototype` one boolean property for each bit of `bits` (name to mask). */
function defineBits(prototype, bits) {
  for (const name of Object.keys(bits)) {
    const bit = bits[name];
    Object.defineProperty(prototype, name, {
      __proto__: null,
      enumerable: false,
      configurable: true,
      get() { return (this[kState] & bit) !== 0; },
      set(value) {
        if (value) this[kState] |= bit;
        else this[kState] &= ~bit;
      },
    });
  }
}

function defineCommon(prototype) {
  defineBits(prototype, {
    objectMode: kObjectMode,
    errorEmitted: kErrorEmitted,
    autoDestroy: kAutoDestroy,
    emitClose: kEmitClose,
    destroyed: kDestroyed,
    closed: kClosed,
    closeEmitted: kCloseEmitted,
    constructed: kConstructed,
    sync: kSync,
  });
  Object.defineProperties(prototype, {
    errored: {
      __proto__: null,
      get() { return (this[kState] & kErrored) !== 0 ? this[kErrorValue] : null; },
      set(value) {
        if (value) {
          this[kErrorValue] = value;
          this[kState] |= kErrored;
        } else {
          this[kState] &= ~kErrored;
        }
      },
    },
    defaultEncoding: {
      __proto__: null,
      get() {
        return (this[kState] & kDefaultUTF8Encoding) !== 0 ? 'utf8' : this[kDefaultEncodingValue];
      },
      set(value) {
        if (value === 'utf8' || value === 'utf-8') {
          this[kState] |= kDefaultUTF8Encoding;
        } else {
          this[kState] &= ~kDefaultUTF8Encoding;
          this[kDefaultEncodingValue] = value;
        }
      },
    },
  });
}

module.exports = {
  getHighWaterMark,
  getDefaultHighWaterMark,
  setDefaultHighWaterMark,
  initialState,
  wantsObjectMode,
  defineBits,
  defineCommon,
  kState,
  kObjectMode,
  kErrorEmitted,
  kAutoDestroy,
  kEmitClose,
  kDestroyed,
  kClosed,
  kCloseEmitted,
  kErrored,
  kConstructed,
  kSync,
  kDefaultUTF8Encoding,
  kFirstOwnBit,
};
