'use strict';
// Reading and writing numbers in a Buffer: the read* and write* methods of Buffer.prototype.
// Written out one by one, without shared closures, because they are hot and a JIT keeps each monomorphic.
// Bytes pass through scratch arrays; the engine's targets are all little-endian.

const { ERR_BUFFER_OUT_OF_BOUNDS, ERR_OUT_OF_RANGE } = require('internal/errors').codes;
const { validateNumber } = require('internal/validators');

const scratchFloat64 = new Float64Array(1);
const scratchBytes = new Uint8Array(scratchFloat64.buffer);
const scratchUint32 = new Uint32Array(scratchFloat64.buffer);
const scratchFloat32 = new Float32Array(scratchFloat64.buffer);
const scratchInt64 = new BigInt64Array(scratchFloat64.buffer);
const scratchUint64 = new BigUint64Array(scratchFloat64.buffer);

// What is wrong with `value`, an offset (or, when named, another count) that must lie within [low, high].
function rangeError(value, high, name, low) {
  if (Math.floor(value) !== value) {
    validateNumber(value, name);
    return new ERR_OUT_OF_RANGE(name, 'an integer', value);
  }
  if (high < 0) return new ERR_BUFFER_OUT_OF_BOUNDS();
  return new ERR_OUT_OF_RANGE(name, `>= ${low} and <= ${high}`, value);
}

// Called when a read or write of `size` bytes at `offset` fell outside of `buffer`.
function offsetError(buffer, offset, size) {
  return rangeError(offset, buffer.length - size, 'offset', 0);
}

function checkOffset(buffer, offset, size) {
  if (typeof offset !== 'number') validateNumber(offset, 'offset');
  if (buffer[offset] === undefined || buffer[offset + size - 1] === undefined) throw offsetError(buffer, offset, size);
}

function valueError(value, min, max, size) {
  const n = typeof min === 'bigint' ? 'n' : '';
  let range;
  if (size <= 4) range = `>= ${min}${n} and <= ${max}${n}`;
  else if (min) range = `>= -(2${n} ** ${size * 8 - 1}${n}) and < 2${n} ** ${size * 8 - 1}${n}`;
  else range = `>= 0${n} and < 2${n} ** ${size * 8}${n}`;
  return new ERR_OUT_OF_RANGE('value', range, value);
}

function checkWrite(buffer, value, offset, min, max, size) {
  if (value > max || value < min) throw valueError(value, min, max, size);
  checkOffset(buffer, offset, size);
}

// Assigned as it is, a string would be parsed.
function asBigInt(value) {
  if (typeof value !== 'bigint') throw new TypeError('Cannot mix BigInt and other types, use explicit conversions');
  return value;
}

// One byte alone reports a bad offset's type before a bad value.
function write8(buffer, value, offset, min, max) {
  if (typeof offset !== 'number') validateNumber(offset, 'offset');
  if (value > max || value < min) throw valueError(value, min, max, 1);
  if (buffer[offset] === undefined) throw offsetError(buffer, offset, 1);
  buffer[offset] = value;
  return offset + 1;
}

function write16LE(buffer, value, offset, min, max) {
  checkWrite(buffer, value, offset, min, max, 2);
  buffer[offset] = value;
  buffer[offset + 1] = value >>> 8;
  return offset + 2;
}

function write16BE(buffer, value, offset, min, max) {
  checkWrite(buffer, value, offset, min, max, 2);
  buffer[offset] = value >>> 8;
  buffer[offset + 1] = value;
  return offset + 2;
}

function write32LE(buffer, value, offset, min, max) {
  checkWrite(buffer, value, offset, min, max, 4);
  buffer[offset] = value;
  buffer[offset + 1] = value >>> 8;
  buffer[offset + 2] = value >>> 16;
  buffer[offset + 3] = value >>> 24;
  return offset + 4;
}

function write32BE(buffer, value, offset, min, max) {
  checkWrite(buffer, value, offset, min, max, 4);
  buffer[offset] = value >>> 24;
  buffer[offset + 1] = value >>> 16;
  buffer[offset + 2] = value >>> 8;
  buffer[offset + 3] = value;
  return offset + 4;
}

// The eight scratch bytes, in memory order or reversed.
function storeForwards(buffer, offset, size) {
  for (let i = 0; i < size; i++) buffer[offset + i] = scratchBytes[i];
  return offset + size;
}

function storeBackwards(buffer, offset, size) {
  for (let i = 0; i < size; i++) buffer[offset + i] = scratchBytes[size - 1 - i];
  return offset + size;
}

function loadForwards(buffer, offset, size) {
  checkOffset(buffer, offset, size);
  for (let i = 0; i < size; i++) scratchBytes[i] = buffer[offset + i];
}

function loadBackwards(buffer, offset, size) {
  checkOffset(buffer, offset, size);
  for (let i = 0; i < size; i++) scratchBytes[size - 1 - i] = buffer[offset + i];
}

// Integers of 1 to 6 bytes: exact in a double, so plain arithmetic does.
function checkSize(size) {
  if (size !== 1 && size !== 2 && size !== 3 && size !== 4 && size !== 5 && size !== 6) {
    throw rangeError(size, 6, 'byteLength', 1);
  }
}

function checkVariable(buffer, offset, size) {
  if (offset === undefined) validateNumber(offset, 'offset');
  checkSize(size);
  checkOffset(buffer, offset, size);
}

function readVariableLE(buffer, offset, size) {
  checkVariable(buffer, offset, size);
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + buffer[offset + i];
  return value;
}

function readVariableBE(buffer, offset, size) {
  checkVariable(buffer, offset, size);
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + buffer[offset + i];
  return value;
}

function toSigned(value, size) {
  const limit = 2 ** (size * 8 - 1);
  return value < limit ? value : value - 2 * limit;
}

function checkVariableWrite(buffer, value, offset, size, signed) {
  if (size === 1 && typeof offset !== 'number') validateNumber(offset, 'offset');
  const max = 2 ** (signed ? size * 8 - 1 : size * 8) - 1;
  checkWrite(buffer, value, offset, signed ? -max - 1 : 0, max, size);
}

function writeVariableLE(buffer, value, offset, size, signed) {
  checkSize(size);
  value = +value;
  checkVariableWrite(buffer, value, offset, size, signed);
  const high = Math.floor(value * 2 ** -32);
  for (let i = 0; i < size; i++) buffer[offset + i] = i < 4 ? value >>> (i * 8) : high >>> ((i - 4) * 8);
  return offset + size;
}

function writeVariableBE(buffer, value, offset, size, signed) {
  checkSize(size);
  value = +value;
  checkVariableWrite(buffer, value, offset, size, signed);
  const high = Math.floor(value * 2 ** -32);
  const last = offset + size - 1;
  for (let i = 0; i < size; i++) buffer[last - i] = i < 4 ? value >>> (i * 8) : high >>> ((i - 4) * 8);
  return offset + size;
}

const methods = {
  readUInt8(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const value = this[offset];
    if (value === undefined) throw offsetError(this, offset, 1);
    return value;
  },
  readUInt16LE(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const first = this[offset];
    const last = this[offset + 1];
    if (first === undefined || last === undefined) throw offsetError(this, offset, 2);
    return first | (last << 8);
  },
  readUInt16BE(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const first = this[offset];
    const last = this[offset + 1];
    if (first === undefined || last === undefined) throw offsetError(this, offset, 2);
    return (first << 8) | last;
  },
  readUInt32LE(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const first = this[offset];
    const last = this[offset + 3];
    if (first === undefined || last === undefined) throw offsetError(this, offset, 4);
    return (first | (this[offset + 1] << 8) | (this[offset + 2] << 16) | (last << 24)) >>> 0;
  },
  readUInt32BE(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const first = this[offset];
    const last = this[offset + 3];
    if (first === undefined || last === undefined) throw offsetError(this, offset, 4);
    return ((first << 24) | (this[offset + 1] << 16) | (this[offset + 2] << 8) | last) >>> 0;
  },
  readInt8(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const value = this[offset];
    if (value === undefined) throw offsetError(this, offset, 1);
    return (value << 24) >> 24;
  },
  readInt16LE(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const first = this[offset];
    const last = this[offset + 1];
    if (first === undefined || last === undefined) throw offsetError(this, offset, 2);
    return first | ((last << 24) >> 16);
  },
  readInt16BE(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const first = this[offset];
    const last = this[offset + 1];
    if (first === undefined || last === undefined) throw offsetError(this, offset, 2);
    return ((first << 24) >> 16) | last;
  },
  readInt32LE(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const first = this[offset];
    const last = this[offset + 3];
    if (first === undefined || last === undefined) throw offsetError(this, offset, 4);
    return first | (this[offset + 1] << 8) | (this[offset + 2] << 16) | (last << 24);
  },
  readInt32BE(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const first = this[offset];
    const last = this[offset + 3];
    if (first === undefined || last === undefined) throw offsetError(this, offset, 4);
    return (first << 24) | (this[offset + 1] << 16) | (this[offset + 2] << 8) | last;
  },
  readBigUInt64LE(offset = 0) {
    loadForwards(this, offset, 8);
    return scratchUint64[0];
  },
  readBigUInt64BE(offset = 0) {
    loadBackwards(this, offset, 8);
    return scratchUint64[0];
  },
  readBigInt64LE(offset = 0) {
    loadForwards(this, offset, 8);
    return scratchInt64[0];
  },
  readBigInt64BE(offset = 0) {
    loadBackwards(this, offset, 8);
    return scratchInt64[0];
  },
  readFloatLE(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const first = this[offset];
    const last = this[offset + 3];
    if (first === undefined || last === undefined) throw offsetError(this, offset, 4);
    scratchUint32[0] = first | (this[offset + 1] << 8) | (this[offset + 2] << 16) | (last << 24);
    return scratchFloat32[0];
  },
  readFloatBE(offset = 0) {
    if (typeof offset !== 'number') validateNumber(offset, 'offset');
    const first = this[offset];
    const last = this[offset + 3];
    if (first === undefined || last === undefined) throw offsetError(this, offset, 4);
    scratchUint32[0] = (first << 24) | (this[offset + 1] << 16) | (this[offset + 2] << 8) | last;
    return scratchFloat32[0];
  },
  readDoubleLE(offset = 0) {
    loadForwards(this, offset, 8);
    return scratchFloat64[0];
  },
  readDoubleBE(offset = 0) {
    loadBackwards(this, offset, 8);
    return scratchFloat64[0];
  },
  readUIntLE(offset, byteLength) {
    return readVariableLE(this, offset, byteLength);
  },
  readUIntBE(offset, byteLength) {
    return readVariableBE(this, offset, byteLength);
  },
  readIntLE(offset, byteLength) {
    return toSigned(readVariableLE(this, offset, byteLength), byteLength);
  },
  readIntBE(offset, byteLength) {
    return toSigned(readVariableBE(this, offset, byteLength), byteLength);
  },

  writeUInt8(value, offset = 0) {
    return write8(this, +value, offset, 0, 0xff);
  },
  writeUInt16LE(value, offset = 0) {
    return write16LE(this, +value, offset, 0, 0xffff);
  },
  writeUInt16BE(value, offset = 0) {
    return write16BE(this, +value, offset, 0, 0xffff);
  },
  writeUInt32LE(value, offset = 0) {
    return write32LE(this, +value, offset, 0, 0xffffffff);
  },
  writeUInt32BE(value, offset = 0) {
    return write32BE(this, +value, offset, 0, 0xffffffff);
  },
  writeInt8(value, offset = 0) {
    return write8(this, +value, offset, -0x80, 0x7f);
  },
  writeInt16LE(value, offset = 0) {
    return write16LE(this, +value, offset, -0x8000, 0x7fff);
  },
  writeInt16BE(value, offset = 0) {
    return write16BE(this, +value, offset, -0x8000, 0x7fff);
  },
  writeInt32LE(value, offset = 0) {
    return write32LE(this, +value, offset, -0x80000000, 0x7fffffff);
  },
  writeInt32BE(value, offset = 0) {
    return write32BE(this, +value, offset, -0x80000000, 0x7fffffff);
  },
  writeBigUInt64LE(value, offset = 0) {
    checkWrite(this, value, offset, 0n, 0xffffffffffffffffn, 8);
    scratchUint64[0] = asBigInt(value);
    return storeForwards(this, offset, 8);
  },
  writeBigUInt64BE(value, offset = 0) {
    checkWrite(this, value, offset, 0n, 0xffffffffffffffffn, 8);
    scratchUint64[0] = asBigInt(value);
    return storeBackwards(this, offset, 8);
  },
  writeBigInt64LE(value, offset = 0) {
    checkWrite(this, value, offset, -0x8000000000000000n, 0x7fffffffffffffffn, 8);
    scratchInt64[0] = asBigInt(value);
    return storeForwards(this, offset, 8);
  },
  writeBigInt64BE(value, offset = 0) {
    checkWrite(this, value, offset, -0x8000000000000000n, 0x7fffffffffffffffn, 8);
    scratchInt64[0] = asBigInt(value);
    return storeBackwards(this, offset, 8);
  },
  writeFloatLE(value, offset = 0) {
    value = +value;
    checkOffset(this, offset, 4);
    scratchFloat32[0] = value;
    return storeForwards(this, offset, 4);
  },
  writeFloatBE(value, offset = 0) {
    value = +value;
    checkOffset(this, offset, 4);
    scratchFloat32[0] = value;
    return storeBackwards(this, offset, 4);
  },
  writeDoubleLE(value, offset = 0) {
    value = +value;
    checkOffset(this, offset, 8);
    scratchFloat64[0] = value;
    return storeForwards(this, offset, 8);
  },
  writeDoubleBE(value, offset = 0) {
    value = +value;
    checkOffset(this, offset, 8);
    scratchFloat64[0] = value;
    return storeBackwards(this, offset, 8);
  },
  writeUIntLE(value, offset, byteLength) {
    return writeVariableLE(this, value, offset, byteLength, false);
  },
  writeUIntBE(value, offset, byteLength) {
    return writeVariableBE(this, value, offset, byteLength, false);
  },
  writeIntLE(value, offset, byteLength) {
    return writeVariableLE(this, value, offset, byteLength, true);
  },
  writeIntBE(value, offset, byteLength) {
    return writeVariableBE(this, value, offset, byteLength, true);
  },
};

// Puts the methods on `prototype`, under both spellings of "UInt".
function installNumberMethods(prototype) {
  for (const name of Object.keys(methods)) {
    prototype[name] = methods[name];
    if (name.includes('UInt')) prototype[name.replace('UInt', 'Uint')] = methods[name];
  }
}

module.exports = { installNumberMethods };
