'use strict';
// Random bytes, numbers and UUIDs, and the comparison of secrets.

const { FastBuffer, kMaxLength } = require('internal/buffer');
const { trackCallback } = require('internal/async_hooks');
const lazy = require('internal/lazy');
const {
  codes: {
    ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH,
    ERR_INVALID_ARG_TYPE,
    ERR_OUT_OF_RANGE,
  },
} = require('internal/errors');
const { validateBoolean, validateFunction, validateNumber, validateObject } = require('internal/validators');
const { isAnyArrayBuffer, isSharedArrayBuffer } = require('internal/util/types');
const { kEmptyObject } = require('internal/util');

const getDOMException = lazy(() => require('internal/domexception').DOMException);
const getProcess = lazy(() => require('process'));

const mostBytes = Math.min(kMaxLength, 2 ** 31 - 1);
const mostValues = 65_536;

function checkOffset(offset, elementSize, length) {
  validateNumber(offset, 'offset');
  offset *= elementSize;
  const most = Math.min(length, mostBytes);
  if (!(offset >= 0 && offset <= most)) throw new ERR_OUT_OF_RANGE('offset', `>= 0 && <= ${most}`, offset);
  return offset >>> 0;
}

function checkSize(size, elementSize, offset, length) {
  validateNumber(size, 'size');
  size *= elementSize;
  if (!(size >= 0 && size <= mostBytes)) throw new ERR_OUT_OF_RANGE('size', `>= 0 && <= ${mostBytes}`, size);
  if (size + offset > length) throw new ERR_OUT_OF_RANGE('size + offset', `<= ${length}`, size + offset);
  return size >>> 0;
}

function checkTarget(target) {
  if (!isAnyArrayBuffer(target) && !ArrayBuffer.isView(target)) {
    throw new ERR_INVALID_ARG_TYPE('buf', ['ArrayBuffer', 'ArrayBufferView'], target);
  }
}

/** Bytes of a buffer or view. */
function bytesOf(target, offset, size) {
  if (ArrayBuffer.isView(target)) return new Uint8Array(target.buffer, target.byteOffset + offset, size);
  return new Uint8Array(target, offset, size);
}

function fill(target, offset, size) {
  const bytes = bytesOf(target, offset, size);
  if (!isSharedArrayBuffer(bytes.buffer)) {
    binding.fillRandom(bytes);
    return;
  }
  // other threads may write there meanwhile
  const own = new Uint8Array(size);
  binding.fillRandom(own);
  bytes.set(own);
}

function randomBytes(size, callback) {
  size = checkSize(size, 1, 0, Infinity);
  if (callback === undefined) {
    const bytes = new FastBuffer(size);
    binding.fillRandom(bytes);
    return bytes;
  }
  validateFunction(callback, 'callback');
  callback = trackCallback('RANDOMBYTESREQUEST', callback);
  binding.randomBytes(size, (error, bytes) => {
    if (error !== null) callback(error);
    else callback(null, new FastBuffer(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  });
  return undefined;
}

function randomFillSync(buf, offset = 0, size) {
  checkTarget(buf);
  const elementSize = buf.BYTES_PER_ELEMENT || 1;
  offset = checkOffset(offset, elementSize, buf.byteLength);
  size = size === undefined ? buf.byteLength - offset : checkSize(size, elementSize, offset, buf.byteLength);
  if (size > 0) fill(buf, offset, size);
  return buf;
}

function randomFill(buf, offset, size, callback) {
  checkTarget(buf);
  const elementSize = buf.BYTES_PER_ELEMENT || 1;
  if (typeof offset === 'function') {
    callback = offset;
    offset = 0;
    size = undefined;
  } else if (typeof size === 'function') {
    callback = size;
    size = undefined;
  } else {
    validateFunction(callback, 'callback');
  }
  offset = checkOffset(offset, elementSize, buf.byteLength);
  size = size === undefined ? buf.byteLength - offset : checkSize(size, elementSize, offset, buf.byteLength);
  if (size === 0) {
    callback(null, buf);
    return;
  }
  callback = trackCallback('RANDOMBYTESREQUEST', callback);
  binding.randomBytes(size, (error, bytes) => {
    if (error !== null) {
      callback(error);
      return;
    }
    bytesOf(buf, offset, size).set(bytes);
    callback(null, buf);
  });
}

// ---- numbers

// Numbers of six bytes: as many as a double holds exactly without arithmetic on 64 bits.
const numberRange = 2 ** 48 - 1;
const numberBytes = 6;
const numbersAtOnce = 1024;
let numbers;
let nextNumber = 0;

function randomNumber() {
  numbers ??= new FastBuffer(numberBytes * numbersAtOnce);
  if (nextNumber === 0) binding.fillRandom(numbers);
  const number = numbers.readUIntBE(nextNumber, numberBytes);
  nextNumber = (nextNumber + numberBytes) % numbers.length;
  return number;
}

function randomInt(min, max, callback) {
  const isMinAbsent = max === undefined || typeof max === 'function';
  if (isMinAbsent) {
    callback = max;
    max = min;
    min = 0;
  }
  if (callback !== undefined) validateFunction(callback, 'callback');
  if (!Number.isSafeInteger(min)) throw new ERR_INVALID_ARG_TYPE('min', 'a safe integer', min);
  if (!Number.isSafeInteger(max)) throw new ERR_INVALID_ARG_TYPE('max', 'a safe integer', max);
  if (max <= min) throw new ERR_OUT_OF_RANGE('max', `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (!(range <= numberRange)) {
    throw new ERR_OUT_OF_RANGE(isMinAbsent ? 'max' : 'max - min', `<= ${numberRange}`, range);
  }
  // numbers above the last whole multiple of the range would make some results likelier
  const limit = numberRange - (numberRange % range);
  let number = randomNumber();
  while (number >= limit) number = randomNumber();
  const result = number % range + min;
  if (callback === undefined) return result;
  getProcess().nextTick(callback, undefined, result);
  return undefined;
}

// ---- UUIDs

const uuidBytes = 16;
const uuidsAtOnce = 128;
let uuids;
let nextUuid = 0;

const getHexadecimal = lazy(() => Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')));

function textOfUuid(b, i) {
  const hex = getHexadecimal();
  return hex[b[i]] + hex[b[i + 1]] + hex[b[i + 2]] + hex[b[i + 3]] + '-' +
    hex[b[i + 4]] + hex[b[i + 5]] + '-' +
    // version 4
    hex[b[i + 6] & 0x0f | 0x40] + hex[b[i + 7]] + '-' +
    // variant 1
    hex[b[i + 8] & 0x3f | 0x80] + hex[b[i + 9]] + '-' +
    hex[b[i + 10]] + hex[b[i + 11]] + hex[b[i + 12]] + hex[b[i + 13]] + hex[b[i + 14]] + hex[b[i + 15]];
}

function randomUUID(options) {
  if (options !== undefined) validateObject(options, 'options');
  const { disableEntropyCache = false } = options ?? kEmptyObject;
  validateBoolean(disableEntropyCache, 'options.disableEntropyCache');
  if (disableEntropyCache) {
    const bytes = new Uint8Array(uuidBytes);
    binding.fillRandom(bytes);
    return textOfUuid(bytes, 0);
  }
  uuids ??= new Uint8Array(uuidBytes * uuidsAtOnce);
  if (nextUuid === 0) binding.fillRandom(uuids);
  const text = textOfUuid(uuids, nextUuid);
  nextUuid = (nextUuid + uuidBytes) % uuids.length;
  return text;
}

// ---- the web's

const typedArrayTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
const integerTags = new Set([
  'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
  'BigInt64Array', 'BigUint64Array',
]);

/** Fills an integer array of at most 65,536 bytes. */
function getRandomValues(data) {
  if (!ArrayBuffer.isView(data) || !integerTags.has(Reflect.apply(typedArrayTag, data, []))) {
    throw new (getDOMException())('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
  }
  if (data.byteLength > mostValues) {
    throw new (getDOMException())('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
  }
  if (data.byteLength > 0) fill(data, 0, data.byteLength);
  return data;
}

// ---- comparison

function checkSecret(value, name) {
  if (isAnyArrayBuffer(value)) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return value;
  const error = new ERR_INVALID_ARG_TYPE(name, ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], value);
  error.message = `The "${name}" argument must be an instance of ArrayBuffer, Buffer, TypedArray, or DataView.`;
  throw error;
}

function timingSafeEqual(buf1, buf2) {
  const one = checkSecret(buf1, 'buf1');
  const other = checkSecret(buf2, 'buf2');
  if (one.byteLength !== other.byteLength) throw new ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH();
  return binding.timingSafeEqual(one, other);
}

module.exports = {
  getRandomValues,
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  timingSafeEqual,
};
