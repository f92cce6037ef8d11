'use strict';
// v8.Deserializer: reads values in V8's wire format, of version 13 to 15.

const { Buffer } = require('buffer');
const { VERSION, errorTags, formatVersion, regexpFlags, tags, viewFlags, viewTags } = require('internal/v8/format');
const {
  codes: { ERR_CONSTRUCT_CALL_REQUIRED, ERR_INVALID_ARG_TYPE, ERR_METHOD_NOT_IMPLEMENTED },
} = require('internal/errors');
const { isArrayBufferView, isAnyArrayBuffer } = require('internal/util/types');

const errorClasses = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const viewClasses = {
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float16Array,
  Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView,
};

const damaged = () => new Error('Unable to deserialize cloned data.');

class Reader {
  constructor(deserializer, view) {
    this.deserializer = deserializer;
    this.bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    this.view = new DataView(view.buffer, view.byteOffset, view.byteLength);
    this.position = 0;
    this.version = 0;
    this.objects = [];
    this.transferred = new Map();
  }

  byte() {
    if (this.position >= this.bytes.length) throw damaged();
    return this.bytes[this.position++];
  }

  /** The next tag that is no padding. */
  tag() {
    let tag;
    do tag = this.byte(); while (tag === tags.padding);
    return tag;
  }

  peekTag() {
    let at = this.position;
    while (this.bytes[at] === tags.padding) at++;
    return this.bytes[at];
  }

  varint() {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  varint64() {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  }

  zigzag() {
    const value = this.varint() >>> 0;
    return (value >>> 1) ^ -(value & 1);
  }

  double() {
    if (this.position + 8 > this.bytes.length) throw damaged();
    const value = this.view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  /** Where `length` bytes begin. */
  skip(length) {
    const start = this.position;
    if (start + length > this.bytes.length) throw damaged();
    this.position += length;
    return start;
  }

  oneByteString(length) {
    const start = this.skip(length);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length).latin1Slice(0, length);
  }

  twoByteString(size) {
    if (size % 2 !== 0) throw damaged();
    const start = this.skip(size);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, size).ucs2Slice(0, size);
  }

  utf8String(length) {
    const start = this.skip(length);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length).utf8Slice(0, length);
  }

  string() {
    switch (this.tag()) {
      case tags.oneByteString: return this.oneByteString(this.varint());
      case tags.twoByteString: return this.twoByteString(this.varint());
      case tags.utf8String: return this.utf8String(this.varint());
      default: throw damaged();
    }
  }

  bigint() {
    const field = this.varint();
    const length = Math.floor(field / 2);
    const start = this.skip(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[start + i]);
    return field % 2 === 1 ? -value : value;
  }

  value() {
    const value = this.plainValue();
    // a view stands right behind its buffer
    if (isAnyArrayBuffer(value) && this.peekTag() === tags.arrayBufferView) {
      this.tag();
      return this.arrayBufferView(value);
    }
    return value;
  }

  plainValue() {
    const tag = this.tag();
    switch (tag) {
      case tags.undefined: return undefined;
      case tags.null: return null;
      case tags.true: return true;
      case tags.false: return false;
      case tags.int32: return this.zigzag();
      case tags.uint32: return this.varint() >>> 0;
      case tags.double: return this.double();
      case tags.bigint: return this.bigint();
      case tags.utf8String: return this.utf8String(this.varint());
      case tags.oneByteString: return this.oneByteString(this.varint());
      case tags.twoByteString: return this.twoByteString(this.varint());
      case tags.objectReference: {
        const id = this.varint();
        if (id >= this.objects.length) throw damaged();
        return this.objects[id];
      }
      default: return this.object(tag);
    }
  }

  keep(object) {
    this.objects.push(object);
    return object;
  }

  object(tag) {
    switch (tag) {
      case tags.beginObject: return this.properties(this.keep({}), tags.endObject, 1);
      case tags.beginSparseArray: {
        const array = this.keep([]);
        array.length = this.varint();
        return this.properties(array, tags.endSparseArray, 2);
      }
      case tags.beginDenseArray: return this.denseArray();
      case tags.date: return this.keep(new Date(this.double()));
      case tags.trueObject: return this.keep(Object(true));
      case tags.falseObject: return this.keep(Object(false));
      case tags.numberObject: return this.keep(Object(this.double()));
      case tags.bigintObject: return this.keep(Object(this.bigint()));
      case tags.stringObject: return this.keep(Object(this.string()));
      case tags.regexp: return this.regexp();
      case tags.beginMap: return this.map();
      case tags.beginSet: return this.set();
      case tags.arrayBuffer: {
        const length = this.varint();
        const start = this.skip(length);
        return this.keep(this.bytes.slice(start, start + length).buffer);
      }
      case tags.resizableArrayBuffer: return this.resizableArrayBuffer();
      case tags.arrayBufferTransfer: return this.keep(this.transferred.get(this.varint()) ?? this.fail());
      case tags.sharedArrayBuffer: return this.sharedArrayBuffer();
      case tags.error: return this.error();
      case tags.hostObject: return this.hostObject();
      default: throw damaged();
    }
  }

  fail() {
    throw damaged();
  }

  properties(object, endTag, numbersAtEnd) {
    let count = 0;
    for (; this.peekTag() !== endTag; count++) {
      const key = this.value();
      if (typeof key !== 'string' && typeof key !== 'number') throw damaged();
      define(object, key, this.value());
    }
    this.end(endTag, count, numbersAtEnd);
    return object;
  }

  end(endTag, count, numbersAtEnd) {
    if (this.tag() !== endTag || this.varint() !== count) throw damaged();
    if (numbersAtEnd === 2) this.varint();
  }

  denseArray() {
    const length = this.varint();
    if (length > this.bytes.length - this.position) throw damaged();
    const array = this.keep(new Array(length));
    for (let i = 0; i < length; i++) {
      if (this.peekTag() === tags.hole) this.tag();
      else array[i] = this.value();
    }
    return this.properties(array, tags.endDenseArray, 2);
  }

  regexp() {
    const id = this.objects.length;
    this.keep(undefined);
    const source = this.string();
    const bits = this.varint();
    let flags = '';
    for (const flag of Object.keys(regexpFlags)) if (bits & regexpFlags[flag]) flags += flag;
    return this.objects[id] = new RegExp(source, flags);
  }

  map() {
    const map = this.keep(new Map());
    let count = 0;
    for (; this.peekTag() !== tags.endMap; count += 2) {
      const key = this.value();
      map.set(key, this.value());
    }
    this.end(tags.endMap, count, 1);
    return map;
  }

  set() {
    const set = this.keep(new Set());
    let count = 0;
    for (; this.peekTag() !== tags.endSet; count++) set.add(this.value());
    this.end(tags.endSet, count, 1);
    return set;
  }

  resizableArrayBuffer() {
    const length = this.varint();
    const maxByteLength = this.varint();
    if (length > maxByteLength) throw damaged();
    const start = this.skip(length);
    const buffer = new ArrayBuffer(length, { maxByteLength });
    new Uint8Array(buffer).set(this.bytes.subarray(start, start + length));
    return this.keep(buffer);
  }

  sharedArrayBuffer() {
    const id = this.varint();
    if (typeof this.deserializer._getSharedArrayBufferFromId !== 'function') {
      throw new ERR_METHOD_NOT_IMPLEMENTED('_getSharedArrayBufferFromId');
    }
    return this.keep(this.deserializer._getSharedArrayBufferFromId(id));
  }

  arrayBufferView(buffer) {
    const tag = this.byte();
    const byteOffset = this.varint();
    const byteLength = this.varint();
    const flags = this.version >= 14 ? this.varint() : 0;
    const name = Object.keys(viewTags).find((each) => viewTags[each] === tag);
    if (name === undefined || byteOffset + byteLength > buffer.byteLength) throw damaged();
    const Class = viewClasses[name];
    const size = Class.BYTES_PER_ELEMENT ?? 1;
    if (byteOffset % size !== 0 || byteLength % size !== 0) throw damaged();
    if (flags & viewFlags.lengthTracking) return this.keep(new Class(buffer, byteOffset));
    return this.keep(new Class(buffer, byteOffset, byteLength / size));
  }

  error() {
    const id = this.objects.length;
    this.keep(undefined);
    let Class = Error;
    let message;
    let stack;
    let cause;
    let hasCause = false;
    for (let tag = this.byte(); tag !== errorTags.end; tag = this.byte()) {
      if (tag === errorTags.message) message = this.string();
      else if (tag === errorTags.stack) stack = this.string();
      else if (tag === errorTags.cause) {
        hasCause = true;
        cause = this.value();
      } else {
        const name = Object.keys(errorClasses).find((each) => errorTags[each] === tag);
        if (name === undefined) throw damaged();
        Class = errorClasses[name];
      }
    }
    const error = new Class(message, hasCause ? { cause } : undefined);
    Object.defineProperty(error, 'stack', {
      __proto__: null, value: stack, writable: true, configurable: true, enumerable: false,
    });
    return this.objects[id] = error;
  }

  hostObject() {
    const id = this.objects.length;
    this.keep(undefined);
    if (typeof this.deserializer._readHostObject !== 'function') {
      throw new ERR_METHOD_NOT_IMPLEMENTED('_readHostObject');
    }
    const object = this.deserializer._readHostObject();
    if (typeof object !== 'object' || object === null) {
      throw new TypeError('readHostObject must return an object');
    }
    return this.objects[id] = object;
  }
}

function define(object, key, value) {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

const readers = new WeakMap();

function readerOf(deserializer) {
  const reader = readers.get(deserializer);
  if (reader === undefined) throw new TypeError('Illegal invocation');
  return reader;
}

function Deserializer(buffer) {
  if (new.target === undefined) throw new ERR_CONSTRUCT_CALL_REQUIRED('Deserializer');
  if (!isArrayBufferView(buffer)) {
    const error = new ERR_INVALID_ARG_TYPE('buffer', ['TypedArray', 'DataView'], buffer);
    error.message = 'buffer must be a TypedArray or a DataView';
    throw error;
  }
  this.buffer = buffer;
  readers.set(this, new Reader(this, buffer));
}

/** Calls `read`, and says what failed where the bytes end too soon. */
function orFail(name, read) {
  try {
    return read();
  } catch (error) {
    throw error.message === 'Unable to deserialize cloned data.' ? new Error(`${name}() failed`) : error;
  }
}

const methods = {
  readHeader() {
    const reader = readerOf(this);
    if (reader.bytes[reader.position] === VERSION) {
      reader.position++;
      reader.version = orFail('ReadHeader', () => reader.varint());
      if (reader.version > formatVersion) {
        throw new Error('Unable to deserialize cloned data due to invalid or unsupported version.');
      }
      return true;
    }
    throw new Error('Unable to deserialize cloned data due to invalid or unsupported version.');
  },
  readValue() {
    return readerOf(this).value();
  },
  getWireFormatVersion() {
    return readerOf(this).version;
  },
  transferArrayBuffer(id, buffer) {
    if (!isAnyArrayBuffer(buffer)) {
      const error = new ERR_INVALID_ARG_TYPE('arrayBuffer', ['ArrayBuffer', 'SharedArrayBuffer'], buffer);
      error.message = 'arrayBuffer must be an ArrayBuffer or SharedArrayBuffer';
      throw error;
    }
    readerOf(this).transferred.set(id >>> 0, buffer);
  },
  readUint32() {
    return orFail('ReadUint32', () => readerOf(this).varint() >>> 0);
  },
  readUint64() {
    const value = orFail('ReadUint64', () => readerOf(this).varint64());
    return [Number(value >> 32n), Number(value & 0xffffffffn)];
  },
  readDouble() {
    return orFail('ReadDouble', () => readerOf(this).double());
  },
  /** Where the bytes begin in `buffer`. */
  _readRawBytes(length) {
    return orFail('ReadRawBytes', () => readerOf(this).skip(Number(length)));
  },
  readRawBytes(length) {
    const start = this._readRawBytes(length);
    const { buffer } = this;
    return Buffer.from(buffer.buffer, buffer.byteOffset + start, length);
  },
};
for (const name of Object.keys(methods)) {
  Object.defineProperty(Deserializer.prototype, name, {
    __proto__: null, value: methods[name], writable: true, configurable: true, enumerable: false,
  });
}

module.exports = { Deserializer };
