'use strict';
// node:string_decoder: text from chunks of bytes that may end inside a character.

const {
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_THIS,
  ERR_STRING_TOO_LONG,
  ERR_UNKNOWN_ENCODING,
} = require('internal/errors').codes;
const { FastBuffer } = require('internal/buffer');
const { asBytes } = require('internal/buffer_bytes');
const { ascii, base64, base64url, findCodec, hex, latin1, utf16le, utf8 } = require('internal/buffer_codecs');

// A chunk of more bytes is refused, as Node does; its strings are half as long as the engine's.
const MAX_CHUNK = 0x1fffffe8;

// The decoder's state, under the name and in the layout in which Node shows it: up to four bytes of an unfinished
// character, how many more it needs, how many there are, and the encoding's number.
const kNativeDecoder = Symbol('kNativeDecoder');
const MISSING = 4;
const BUFFERED = 5;
const ENCODING = 6;
const numbers = [ascii, utf8, base64, utf16le, latin1, hex, undefined, base64url];

function StringDecoder(encoding) {
  const codec = encoding === undefined || encoding === null || encoding === '' ? utf8 : findCodec(encoding);
  if (codec === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  this.encoding = codec.name;
  const state = new FastBuffer(7);
  state[ENCODING] = numbers.indexOf(codec);
  this[kNativeDecoder] = state;
}

// Completes, with the first bytes of `bytes`, the character that was left unfinished.
// The state then says whether more is missing; returns how many bytes were used.
function fillUp(state, codec, bytes) {
  let use = Math.min(state[MISSING], bytes.length);
  if (codec === utf8) {
    for (let i = 0; i < use; i++) {
      if ((bytes[i] & 0xc0) === 0x80) continue;
      // cut short: what is there is all there will be
      state[MISSING] = use = i;
      break;
    }
  }
  for (let i = 0; i < use; i++) state[state[BUFFERED]++] = bytes[i];
  state[MISSING] -= use;
  return use;
}

// How many bytes at the end begin a character that they do not finish; notes how many it lacks.
function unfinished(state, codec, bytes) {
  const { length } = bytes;
  if (codec === utf8) {
    for (let back = 1; back <= 4 && back <= length; back++) {
      const byte = bytes[length - back];
      if ((byte & 0xc0) === 0x80) continue;
      const size = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf8 ? 4 : 0;
      if (size <= back) return 0;
      state[MISSING] = size - back;
      return back;
    }
    return 0;
  }
  if (codec === utf16le) {
    const size = length % 2 === 1 ? 1 : (bytes[length - 1] & 0xfc) === 0xd8 ? 2 : 0;
    state[MISSING] = size;
    return size;
  }
  const size = length % 3;
  if (size > 0) state[MISSING] = 3 - size;
  return size;
}

function decode(state, codec, bytes) {
  let text = '';
  if (state[MISSING] > 0) {
    const used = fillUp(state, codec, bytes);
    if (state[MISSING] > 0) return '';
    text = codec.slice(state, 0, state[BUFFERED]);
    state[BUFFERED] = 0;
    if (used > 0) bytes = bytes.subarray(used);
  }
  const { length } = bytes;
  if (length === 0) return text;
  const rest = unfinished(state, codec, bytes);
  for (let i = 0; i < rest; i++) state[i] = bytes[length - rest + i];
  state[BUFFERED] = rest;
  return text + codec.slice(bytes, 0, length - rest);
}

function flush(state) {
  const codec = numbers[state[ENCODING]];
  let buffered = state[BUFFERED];
  if (codec === utf16le) buffered -= buffered % 2;
  state[MISSING] = state[BUFFERED] = 0;
  return buffered > 0 ? codec.slice(state, 0, buffered) : '';
}

function stateOf(decoder) {
  const state = decoder[kNativeDecoder];
  if (state === undefined) throw new ERR_INVALID_THIS('StringDecoder');
  return state;
}

// What `buf` completes, without the character that it may leave unfinished.
StringDecoder.prototype.write = function write(buf) {
  if (typeof buf === 'string') return buf;
  if (!ArrayBuffer.isView(buf)) throw new ERR_INVALID_ARG_TYPE('buf', ['Buffer', 'TypedArray', 'DataView'], buf);
  const state = stateOf(this);
  const codec = numbers[state[ENCODING]];
  const bytes = asBytes(buf);
  const { length } = bytes;
  if (length > MAX_CHUNK) throw new ERR_STRING_TOO_LONG(MAX_CHUNK.toString(16));
  const whole = codec === utf8 ?
    state[MISSING] === 0 && length > 0 && bytes[length - 1] < 0x80 :
    codec === latin1 || codec === hex || codec === ascii;
  return whole ? codec.slice(bytes, 0, length) : decode(state, codec, bytes);
};

// Also what was left unfinished.
StringDecoder.prototype.end = function end(buf) {
  const text = buf === undefined ? '' : this.write(buf);
  const state = stateOf(this);
  return state[BUFFERED] > 0 ? text + flush(state) : text;
};

StringDecoder.prototype.text = function text(buf, offset) {
  const state = stateOf(this);
  state[MISSING] = state[BUFFERED] = 0;
  return this.write(buf.slice(offset));
};

Object.defineProperties(StringDecoder.prototype, {
  lastChar: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() { return this[kNativeDecoder].subarray(0, 4); },
  },
  lastNeed: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() { return this[kNativeDecoder][MISSING]; },
  },
  lastTotal: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() { return this[kNativeDecoder][BUFFERED] + this[kNativeDecoder][MISSING]; },
  },
});

module.exports = { StringDecoder };
