'use strict';
// Bytes as bytes: searching, comparing, filling, copying and swapping what Buffers hold.
// Arguments arrive validated where Node validates them in buffer.js; the binding takes long runs.

const {
  ERR_BUFFER_OUT_OF_BOUNDS,
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_ARG_VALUE,
  ERR_INVALID_BUFFER_SIZE,
  ERR_OUT_OF_RANGE,
  ERR_UNKNOWN_ENCODING,
} = require('internal/errors').codes;
const { validateBuffer, validateNumber, validateString } = require('internal/validators');
const codecs = require('internal/buffer_codecs');

// Below these sizes a loop beats a call into Rust or the engine.
const SHORT_COMPARE = 24;
const SHORT_COPY = 32;
const SHORT_SWAP = 128;
const SHORT_SEARCH = 64;
const SHORT_NEEDLE = 32;

const { isView } = ArrayBuffer;
const { copyWithin, fill: fillNumber, indexOf: indexOfByte, lastIndexOf: lastIndexOfByte, set } = Uint8Array.prototype;
const TypedArray = Object.getPrototypeOf(Uint8Array);
const typedArrayTag = Object.getOwnPropertyDescriptor(TypedArray.prototype, Symbol.toStringTag).get;

// `instanceof` decides in this realm (isView refuses objects that only inherit), the tag for those of other realms.
function isUint8Array(value) {
  return value instanceof Uint8Array ? isView(value) : typedArrayTag.call(value) === 'Uint8Array';
}

function asBytes(viewed) {
  return isUint8Array(viewed) ? viewed : new Uint8Array(viewed.buffer, viewed.byteOffset, viewed.byteLength);
}

// ---- Comparing

function compareRange(a, aStart, aEnd, b, bStart, bEnd) {
  const aLength = aEnd - aStart;
  const bLength = bEnd - bStart;
  const length = aLength < bLength ? aLength : bLength;
  if (length > SHORT_COMPARE) return binding.compare(a, aStart, aEnd, b, bStart, bEnd);
  for (let i = 0; i < length; i++) {
    const difference = a[aStart + i] - b[bStart + i];
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return aLength === bLength ? 0 : aLength < bLength ? -1 : 1;
}

function compare(a, b) {
  return compareRange(a, 0, a.length, b, 0, b.length);
}

// ---- Searching

// The index from which a search for `size` bytes starts, or -1 where it can find nothing.
// `offset` counts from the end when negative.
function searchStart(length, offset, size, forward) {
  if (offset < 0) {
    if (offset + length >= 0) return offset + length;
    return forward || size === 0 ? 0 : -1;
  }
  if (offset + size <= length) return offset;
  if (size === 0) return length;
  return forward ? -1 : length - 1;
}

// `unit` is 2 where only whole UTF-16 units may match.
function searchBytes(haystack, needle, offset, unit, forward) {
  const length = haystack.length;
  const size = needle.length;
  let at = searchStart(length, offset, size, forward);
  if (size === 0) return at;
  if (at < 0 || size > length || (forward && at + size > length)) return -1;
  if (unit === 2) {
    if (length < 2 || size < 2) return -1;
    at -= at % 2;
  }
  if (at + size > length) at = length - size;
  if (size === 1) return searchByte(haystack, needle[0], at, forward);
  if (unit === 2 || !forward || length - at <= SHORT_SEARCH) return searchLoop(haystack, needle, at, unit, forward);
  return binding.find(haystack, needle, at);
}

function searchByte(haystack, byte, at, forward) {
  return forward ? indexOfByte.call(haystack, byte, at) : lastIndexOfByte.call(haystack, byte, at);
}

function searchLoop(haystack, needle, at, unit, forward) {
  const size = needle.length;
  const last = haystack.length - size;
  const first = needle[0];
  const step = forward ? unit : -unit;
  if (unit === 2) at -= at % 2;
  next: for (; at >= 0 && at <= last; at += step) {
    if (haystack[at] !== first) continue;
    for (let i = 1; i < size; i++) if (haystack[at + i] !== needle[i]) continue next;
    return at;
  }
  return -1;
}

function encode(string, codec) {
  if (codec === codecs.utf8 && string.length > SHORT_NEEDLE) return codecs.encodeUtf8(string);
  const bytes = new Uint8Array(codec.byteLength(string));
  const written = codec.write(bytes, string, 0, bytes.length);
  return written === bytes.length ? bytes : bytes.subarray(0, written);
}

function search(buffer, value, byteOffset, encoding, forward) {
  validateBuffer(buffer);
  if (typeof byteOffset === 'string') {
    encoding = byteOffset;
    byteOffset = undefined;
  } else if (byteOffset > 0x7fffffffffff) {
    byteOffset = 0x7fffffffffff;
  } else if (byteOffset < -0x7fffffffffff) {
    byteOffset = -0x7fffffffffff;
  }
  byteOffset = Math.trunc(+byteOffset);
  const bytes = asBytes(buffer);
  if (byteOffset !== byteOffset) byteOffset = forward ? 0 : bytes.length;

  if (typeof value === 'number') {
    const at = searchStart(bytes.length, byteOffset, 1, forward);
    if (at < 0) return -1;
    return searchByte(bytes, value & 0xff, at, forward);
  }
  const codec = encoding === undefined ? codecs.utf8 : codecs.findCodec(encoding);
  if (typeof value === 'string') {
    if (codec === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
    value = encode(value, codec);
  } else if (!isUint8Array(value)) {
    throw new ERR_INVALID_ARG_TYPE('value', ['number', 'string', 'Buffer', 'Uint8Array'], value);
  }
  return searchBytes(bytes, value, byteOffset, codec === codecs.utf16le ? 2 : 1, forward);
}

// ---- Copying

// Copies what of source[sourceStart, sourceEnd) fits at `targetStart`; ranges may overlap.
function copyRange(source, target, targetStart, sourceStart, sourceEnd) {
  const count = Math.min(sourceEnd - sourceStart, target.length - targetStart, source.length - sourceStart);
  if (count <= 0) return 0;
  if (source === target) {
    copyWithin.call(target, targetStart, sourceStart, sourceStart + count);
  } else if (count === source.length) {
    set.call(target, source, targetStart);
  } else if (count <= SHORT_COPY && source.buffer !== target.buffer) {
    for (let i = 0; i < count; i++) target[targetStart + i] = source[sourceStart + i];
  } else {
    set.call(target, new Uint8Array(source.buffer, source.byteOffset + sourceStart, count), targetStart);
  }
  return count;
}

// NaN and what is not a safe integer count as zero.
function toInteger(value) {
  value = Math.floor(+value);
  return Number.isSafeInteger(value) ? value : 0;
}

function copy(source, target, targetStart, sourceStart, sourceEnd) {
  if (!isView(source)) throw new ERR_INVALID_ARG_TYPE('source', ['Buffer', 'Uint8Array'], source);
  if (!isView(target)) throw new ERR_INVALID_ARG_TYPE('target', ['Buffer', 'Uint8Array'], target);
  source = asBytes(source);
  target = asBytes(target);
  targetStart = targetStart === undefined ? 0 : toInteger(targetStart);
  if (targetStart < 0) throw new ERR_OUT_OF_RANGE('targetStart', '>= 0', targetStart);
  sourceStart = sourceStart === undefined ? 0 : toInteger(sourceStart);
  if (sourceStart < 0 || sourceStart > source.length) {
    throw new ERR_OUT_OF_RANGE('sourceStart', `>= 0 && <= ${source.length}`, sourceStart);
  }
  sourceEnd = sourceEnd === undefined ? source.length : toInteger(sourceEnd);
  if (sourceEnd < 0) throw new ERR_OUT_OF_RANGE('sourceEnd', '>= 0', sourceEnd);
  return copyRange(source, target, targetStart, sourceStart, sourceEnd);
}

// ---- Filling

function checkOffset(value, name, max) {
  validateNumber(value, name);
  if (!Number.isInteger(value)) throw new ERR_OUT_OF_RANGE(name, 'an integer', value);
  if (value < 0 || value > max) throw new ERR_OUT_OF_RANGE(name, `>= 0 && <= ${max}`, value);
}

function fill(buffer, value, offset, end, encoding) {
  const text = typeof value === 'string';
  let codec;
  if (text) {
    if (offset === undefined || typeof offset === 'string') {
      encoding = offset;
      offset = undefined;
    } else if (typeof end === 'string') {
      encoding = end;
      end = undefined;
    }
    codec = encoding === undefined || encoding === null || encoding === '' ? codecs.utf8 : codecs.findCodec(encoding);
    if (codec === undefined) {
      validateString(encoding, 'encoding');
      throw new ERR_UNKNOWN_ENCODING(encoding);
    }
  }

  const bytes = asBytes(buffer);
  if (offset === undefined) {
    offset = 0;
    end = bytes.length;
    // an own `length` may lie
    if (end > bytes.byteLength) throw new ERR_BUFFER_OUT_OF_BOUNDS();
  } else {
    checkOffset(offset, 'offset', Number.MAX_SAFE_INTEGER);
    if (end === undefined) end = bytes.length;
    else checkOffset(end, 'end', bytes.length);
  }
  if (offset >= end) return buffer;

  if (text) {
    if (value.length === 0) value = 0;
    else if (value.length === 1 && value.charCodeAt(0) < 0x80 && (codec === codecs.utf8 || codec === codecs.latin1)) {
      value = value.charCodeAt(0);
    } else return fillPattern(buffer, bytes, encode(value, codec), offset, end, value);
  } else if (isView(value)) {
    return fillPattern(buffer, bytes, asBytes(value), offset, end, value);
  }
  fillNumber.call(bytes, value & 0xff, offset, end);
  return buffer;
}

// Repeats `pattern` over the range by doubling what is there.
function fillPattern(buffer, bytes, pattern, offset, end, value) {
  const size = end - offset;
  let done = copyRange(pattern, bytes, offset, 0, Math.min(pattern.length, size));
  if (done === 0) throw new ERR_INVALID_ARG_VALUE('value', value);
  while (done < size) {
    const count = Math.min(done, size - done);
    copyWithin.call(bytes, offset + done, offset, offset + count);
    done += count;
  }
  return buffer;
}

// ---- Swapping

function swap(buffer, size) {
  const length = buffer.length;
  if (length % size !== 0) throw new ERR_INVALID_BUFFER_SIZE(`${size * 8}-bits`);
  if (length > SHORT_SWAP) {
    binding.swap(buffer, size);
    return buffer;
  }
  for (let start = 0; start < length; start += size) {
    for (let low = start, high = start + size - 1; low < high; low++, high--) {
      const byte = buffer[low];
      buffer[low] = buffer[high];
      buffer[high] = byte;
    }
  }
  return buffer;
}

// ---- Inspecting content

function isUtf8(bytes) {
  return binding.isUtf8(bytes);
}

function isAscii(bytes) {
  return binding.isAscii(bytes);
}

/** Many Buffers live in the pool: what were to take its bytes away fails. */
function pin(arrayBuffer) {
  binding.pin(arrayBuffer);
}

module.exports = {
  asBytes,
  compare,
  compareRange,
  copy,
  copyRange,
  fill,
  isAscii,
  isUint8Array,
  isUtf8,
  pin,
  search,
  swap,
};
