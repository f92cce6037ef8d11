'use strict';
// Text in bytes: one codec per Buffer encoding, with Node's lenient decoding.
// Short texts stay in JavaScript, where a call into Rust would cost more than the work; the binding takes the others.
// Callers have checked offsets and lengths against the buffer; nothing here allocates or subclasses a Buffer.

const { ERR_STRING_TOO_LONG } = require('internal/errors').codes;

// The engine's limit: 2^30 - 2 UTF-16 units.
const kStringMaxLength = 0x3ffffffe;

// Up to these lengths JavaScript is the faster side of the boundary, which costs about 60 nanoseconds to cross.
const SHORT_READ = 12;
const SHORT_WRITE = 32;
const SHORT_NATIVE = 32;

const { fromCharCode } = String;
const { toHex, toBase64, setFromHex } = Uint8Array.prototype;

function checkStringLength(length) {
  if (length > kStringMaxLength) throw new ERR_STRING_TOO_LONG(kStringMaxLength.toString(16));
}

function view(buf, start, end) {
  return start === 0 && end === buf.length ? buf : new Uint8Array(buf.buffer, buf.byteOffset + start, end - start);
}

// ---- UTF-8

function utf8ByteLength(string) {
  const length = string.length;
  if (length > SHORT_WRITE) return binding.utf8Length(string);
  let bytes = length;
  for (let i = 0; i < length; i++) {
    const unit = string.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // a pair is four bytes, two a unit: take back what its second unit would add
    if ((unit & 0xfc00) === 0xd800 && (string.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
  }
  return bytes;
}

// Writes whole characters only; lone surrogates become U+FFFD.
function utf8Write(buf, string, offset, length) {
  const units = string.length;
  if (units > SHORT_WRITE) return binding.writeUtf8(buf, string, offset, length);
  const end = offset + length;
  let at = offset;
  for (let i = 0; i < units; i++) {
    let unit = string.charCodeAt(i);
    if (unit < 0x80) {
      if (at >= end) break;
      buf[at++] = unit;
    } else if (unit < 0x800) {
      if (at + 2 > end) break;
      buf[at++] = 0xc0 | (unit >> 6);
      buf[at++] = 0x80 | (unit & 0x3f);
    } else {
      if ((unit & 0xf800) === 0xd800) {
        const low = unit < 0xdc00 && i + 1 < units ? string.charCodeAt(i + 1) : 0;
        if ((low & 0xfc00) === 0xdc00) {
          if (at + 4 > end) break;
          const point = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
          buf[at++] = 0xf0 | (point >> 18);
          buf[at++] = 0x80 | ((point >> 12) & 0x3f);
          buf[at++] = 0x80 | ((point >> 6) & 0x3f);
          buf[at++] = 0x80 | (point & 0x3f);
          i++;
          continue;
        }
        unit = 0xfffd;
      }
      if (at + 3 > end) break;
      buf[at++] = 0xe0 | (unit >> 12);
      buf[at++] = 0x80 | ((unit >> 6) & 0x3f);
      buf[at++] = 0x80 | (unit & 0x3f);
    }
  }
  return at - offset;
}

// The text of a few bytes, each a unit; four at a time, since a call costs more than its arguments.
// Undefined if a byte exceeds `most`, 0x7f or 0xff.
function shortText(buf, start, end, most) {
  let text = '';
  let i = start;
  let bits = 0;
  for (; i + 4 <= end; i += 4) {
    const a = buf[i];
    const b = buf[i + 1];
    const c = buf[i + 2];
    const d = buf[i + 3];
    bits |= a | b | c | d;
    text += fromCharCode(a, b, c, d);
  }
  for (; i < end; i++) {
    bits |= buf[i];
    text += fromCharCode(buf[i]);
  }
  return bits <= most ? text : undefined;
}

function utf8Slice(buf, start, end) {
  if (end - start <= SHORT_READ) {
    const text = shortText(buf, start, end, 0x7f);
    if (text !== undefined) return text;
  }
  checkStringLength(end - start);
  return binding.decodeUtf8(buf, start, end);
}

// ---- One byte a unit

function unitCount(string) {
  return string.length;
}

function latin1Write(buf, string, offset, length) {
  if (length > string.length) length = string.length;
  if (length > SHORT_WRITE) binding.writeLatin1(buf, string, offset, length);
  else for (let i = 0; i < length; i++) buf[offset + i] = string.charCodeAt(i);
  return length;
}

function latin1Slice(buf, start, end) {
  if (end - start <= SHORT_READ) return shortText(buf, start, end, 0xff);
  checkStringLength(end - start);
  return binding.decodeLatin1(buf, start, end);
}

// Drops every byte's high bit.
function asciiSlice(buf, start, end) {
  if (end - start <= SHORT_READ) {
    const text = shortText(buf, start, end, 0x7f);
    if (text !== undefined) return text;
  }
  checkStringLength(end - start);
  return binding.decodeAscii(buf, start, end);
}

// ---- UTF-16, little-endian; lone surrogates are kept

function utf16ByteLength(string) {
  return string.length * 2;
}

function utf16Write(buf, string, offset, length) {
  const units = Math.min(string.length, Math.floor(length / 2));
  if (units > SHORT_WRITE) {
    binding.writeUtf16(buf, string, offset, units);
    return units * 2;
  }
  for (let i = 0; i < units; i++) {
    const unit = string.charCodeAt(i);
    buf[offset++] = unit;
    buf[offset++] = unit >>> 8;
  }
  return units * 2;
}

function utf16Slice(buf, start, end) {
  const units = Math.floor((end - start) / 2);
  checkStringLength(units);
  if (units <= SHORT_READ) {
    let text = '';
    for (let i = start; i + 1 < end; i += 2) text += fromCharCode(buf[i] | (buf[i + 1] << 8));
    return text;
  }
  return binding.decodeUtf16(buf, start, end);
}

// ---- Hexadecimal

let hexDigits;
function makeHexDigits() {
  hexDigits = new Int8Array(256).fill(-1);
  for (let i = 0; i < 16; i++) {
    const digit = i.toString(16);
    hexDigits[digit.charCodeAt(0)] = i;
    hexDigits[digit.toUpperCase().charCodeAt(0)] = i;
  }
}

function hexByteLength(string) {
  return string.length >>> 1;
}

// Stops before the first pair that is no number. Of a wide character only the low byte counts, as in Node.
function hexWrite(buf, string, offset, length) {
  const pairs = Math.min(length, string.length >>> 1);
  if (pairs > SHORT_NATIVE && pairs * 2 === string.length) {
    try {
      return setFromHex.call(view(buf, offset, offset + pairs), string).written;
    } catch {
      // not all digits: the loop finds out how many are
    }
  }
  if (hexDigits === undefined) makeHexDigits();
  for (let i = 0; i < pairs; i++) {
    const byte = (hexDigits[string.charCodeAt(2 * i) & 0xff] << 4) | hexDigits[string.charCodeAt(2 * i + 1) & 0xff];
    if (byte < 0) return i;
    buf[offset + i] = byte;
  }
  return pairs;
}

function hexSlice(buf, start, end) {
  checkStringLength((end - start) * 2);
  return toHex.call(view(buf, start, end));
}

// ---- Base64, both alphabets in either encoding

const PADDING = 61;
const urlEncoding = { __proto__: null, alphabet: 'base64url', omitPadding: true };

let base64Digits;
function makeBase64Digits() {
  base64Digits = new Int8Array(256).fill(-1);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  for (let i = 0; i < 62; i++) base64Digits[alphabet.charCodeAt(i)] = i;
  base64Digits[43] = base64Digits[45] = 62; // + and -
  base64Digits[47] = base64Digits[95] = 63; // / and _
}

// An upper bound that is exact for text without white space.
function base64ByteLength(string) {
  let length = string.length;
  if (length > 0 && string.charCodeAt(length - 1) === PADDING) length--;
  if (length > 1 && string.charCodeAt(length - 1) === PADDING) length--;
  return Math.floor(length * 3 / 4);
}

// Skips whatever is no digit, and ends at padding.
function base64Write(buf, string, offset, length) {
  if (string.length > SHORT_WRITE) return binding.writeBase64(buf, string, offset, length);
  if (base64Digits === undefined) makeBase64Digits();
  const end = offset + length;
  let at = offset;
  let group = 0;
  let digits = 0;
  for (let i = 0; i < string.length && at < end; i++) {
    const char = string.charCodeAt(i) & 0xff;
    const digit = base64Digits[char];
    if (digit < 0) {
      if (char === PADDING) break;
      continue;
    }
    group = (group << 6) | digit;
    // digits 2, 3 and 4 of a group each complete a byte
    switch (digits++) {
      case 0: break;
      case 1: buf[at++] = group >> 4; break;
      case 2: buf[at++] = group >> 2; break;
      default: buf[at++] = group; digits = 0;
    }
  }
  return at - offset;
}

function base64Slice(buf, start, end) {
  checkStringLength(Math.ceil((end - start) / 3) * 4);
  if (end - start > SHORT_NATIVE) return binding.encodeBase64(buf, start, end, false);
  return toBase64.call(view(buf, start, end));
}

function base64urlSlice(buf, start, end) {
  checkStringLength(Math.ceil((end - start) * 4 / 3));
  if (end - start > SHORT_NATIVE) return binding.encodeBase64(buf, start, end, true);
  return toBase64.call(view(buf, start, end), urlEncoding);
}

// The bytes of a long text as a new Uint8Array, which a Buffer can take over.
function encodeUtf8(string) {
  return binding.encodeUtf8(string);
}

function decodeBase64(string) {
  return binding.decodeBase64(string);
}

// `take`, where there is one, makes the bytes of a long text; the others are written into memory that is there.
const utf8 = { name: 'utf8', byteLength: utf8ByteLength, write: utf8Write, slice: utf8Slice, take: encodeUtf8 };
const utf16le = {
  name: 'utf16le', byteLength: utf16ByteLength, write: utf16Write, slice: utf16Slice, take: undefined,
};
const latin1 = { name: 'latin1', byteLength: unitCount, write: latin1Write, slice: latin1Slice, take: undefined };
const ascii = { name: 'ascii', byteLength: unitCount, write: latin1Write, slice: asciiSlice, take: undefined };
const hex = { name: 'hex', byteLength: hexByteLength, write: hexWrite, slice: hexSlice, take: undefined };
const base64 = {
  name: 'base64', byteLength: base64ByteLength, write: base64Write, slice: base64Slice, take: decodeBase64,
};
const base64url = {
  name: 'base64url', byteLength: base64ByteLength, write: base64Write, slice: base64urlSlice, take: decodeBase64,
};

function lookUp(encoding) {
  switch (encoding) {
    case 'utf8':
    case 'utf-8':
      return utf8;
    case 'hex':
      return hex;
    case 'base64':
      return base64;
    case 'latin1':
    case 'binary':
      return latin1;
    case 'ascii':
      return ascii;
    case 'utf16le':
    case 'utf-16le':
    case 'ucs2':
    case 'ucs-2':
      return utf16le;
    case 'base64url':
      return base64url;
  }
}

// The codec that `encoding` names, in any case; undefined if none.
function findCodec(encoding) {
  return lookUp(encoding) ?? lookUp(`${encoding}`.toLowerCase());
}

module.exports = {
  ascii,
  base64,
  base64url,
  encodeUtf8,
  findCodec,
  hex,
  kStringMaxLength,
  latin1,
  utf16le,
  utf8,
};
