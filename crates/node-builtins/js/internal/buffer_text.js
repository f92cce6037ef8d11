'use strict';
// The functions of node:buffer about text that are no methods of Buffer: transcode, isUtf8, isAscii, atob and btoa.

const { ERR_INVALID_ARG_TYPE, ERR_INVALID_STATE } = require('internal/errors').codes;
const { isAnyArrayBuffer, isArrayBuffer, isTypedArray } = require('internal/util/types');
const { Buffer } = require('buffer');
const bytes = require('internal/buffer_bytes');
const { ascii, base64, findCodec, latin1, utf16le, utf8 } = require('internal/buffer_codecs');
const lazy = require('internal/lazy');

const getDOMException = lazy(() => require('internal/domexception').DOMException);
const { fromBase64 } = Uint8Array;

// ---- transcode

function transcodeError(code) {
  const errno = code === 'U_ILLEGAL_ARGUMENT_ERROR' ? 1 : 10;
  return Object.assign(new Error(`Unable to transcode Buffer [${code}]`), { code, errno });
}

// Replaces each character above `limit` by a question mark.
function restrict(text, limit) {
  let out = '';
  for (const char of text) out += char.codePointAt(0) > limit ? '?' : char;
  return Buffer.from(out, 'latin1');
}

function transcode(source, fromEncoding, toEncoding) {
  if (!bytes.isUint8Array(source)) throw new ERR_INVALID_ARG_TYPE('source', ['Buffer', 'Uint8Array'], source);
  if (source.length === 0) return Buffer.alloc(0);
  const from = findCodec(fromEncoding);
  const to = findCodec(toEncoding);
  const known = [utf8, utf16le, latin1, ascii];
  if (!known.includes(from) || !known.includes(to)) throw transcodeError('U_ILLEGAL_ARGUMENT_ERROR');

  if (to === utf16le && from === utf8 && !bytes.isUtf8(source)) throw transcodeError('U_INVALID_CHAR_FOUND');
  if (from === latin1 && to === latin1) return Buffer.from(source);
  // ASCII widens byte by byte, but is strict on the way to other encodings.
  let text = (from === ascii ? latin1 : from).slice(source, 0, source.length);
  if (from === ascii && to !== utf16le) text = text.replace(/[\x80-\xff]/g, '\ufffd');
  if (from === utf16le && to === utf8 && !text.isWellFormed()) throw transcodeError('U_INVALID_CHAR_FOUND');
  if (to === latin1) return restrict(text, 0xff);
  if (to === ascii) return restrict(text, 0x7f);
  return Buffer.from(text, to.name);
}

// ---- isUtf8, isAscii

function inputBytes(input) {
  if (!isTypedArray(input) && !isAnyArrayBuffer(input)) {
    throw new ERR_INVALID_ARG_TYPE('input', ['ArrayBuffer', 'Buffer', 'TypedArray'], input);
  }
  const buffer = isTypedArray(input) ? input.buffer : input;
  if (isArrayBuffer(buffer) && buffer.detached) throw new ERR_INVALID_STATE('Cannot validate on a detached buffer');
  return isTypedArray(input) ? bytes.asBytes(input) : new Uint8Array(input);
}

function isUtf8(input) {
  return bytes.isUtf8(inputBytes(input));
}

function isAscii(input) {
  return bytes.isAscii(inputBytes(input));
}

// ---- atob, btoa

const forgiving = { __proto__: null, alphabet: 'base64', lastChunkHandling: 'loose' };

function invalidCharacter(message) {
  return new (getDOMException())(message, 'InvalidCharacterError');
}

function atob(input) {
  const text = `${input}`;
  let decoded;
  try {
    decoded = fromBase64.call(Uint8Array, text, forgiving);
  } catch {
    const wrong = /[^A-Za-z0-9+/\t\n\f\r ]/.test(text.replace(/[\t\n\f\r ]*=?[\t\n\f\r ]*=?[\t\n\f\r ]*$/, ''));
    throw invalidCharacter(wrong ? 'Invalid character' : 'The string to be decoded is not correctly encoded.');
  }
  return latin1.slice(decoded, 0, decoded.length);
}

function btoa(input) {
  const text = `${input}`;
  const { length } = text;
  const decoded = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0xff) throw invalidCharacter('Invalid character');
    decoded[i] = unit;
  }
  return base64.slice(decoded, 0, length);
}

module.exports = { atob, btoa, isAscii, isUtf8, transcode };
