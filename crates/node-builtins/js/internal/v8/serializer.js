'use strict';
// v8.Serializer: writes values in V8's wire format. Objects that the format does not know go to _writeHostObject.

const { Buffer } = require('buffer');
const { VERSION, errorTags, formatVersion, regexpFlags, tags, viewFlags, viewTags } = require('internal/v8/format');
const {
  codes: { ERR_CONSTRUCT_CALL_REQUIRED, ERR_INVALID_ARG_TYPE, ERR_METHOD_NOT_IMPLEMENTED },
} = require('internal/errors');
const types = require('internal/util/types');
const messaging = require('internal/messaging');

const { toString: functionText } = Function.prototype;
const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

/** How V8 names what it cannot write. */
function describe(value) {
  if (typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return functionText.call(value);
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.name !== '' ?
    `#<${constructor.name}>` : Object.prototype.toString.call(value);
}

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

class Writer {
  constructor(serializer) {
    this.serializer = serializer;
    this.bytes = new Uint8Array(256);
    this.length = 0;
    this.ids = new Map();
    this.transferred = new Map();
    this.viewsAreHostObjects = false;
  }

  reserve(count) {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value) {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  raw(bytes) {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  varint(value) {
    while (value >= 0x80) {
      this.byte((value % 0x80) | 0x80);
      value = Math.floor(value / 0x80);
    }
    this.byte(value);
  }

  varint64(value) {
    while (value >= 0x80n) {
      this.byte(Number(value & 0x7fn) | 0x80);
      value >>= 7n;
    }
    this.byte(Number(value));
  }

  double(value) {
    scratch.setFloat64(0, value, true);
    this.raw(scratchBytes);
  }

  number(value) {
    if (Number.isInteger(value) && value >= -0x80000000 && value <= 0x7fffffff && !Object.is(value, -0)) {
      this.byte(tags.int32);
      this.varint(((value << 1) ^ (value >> 31)) >>> 0);
    } else {
      this.byte(tags.double);
      this.double(value);
    }
  }

  string(value) {
    let isOneByte = true;
    for (let i = 0; i < value.length && isOneByte; i++) isOneByte = value.charCodeAt(i) < 0x100;
    if (isOneByte) {
      this.byte(tags.oneByteString);
      this.varint(value.length);
      this.reserve(value.length);
      for (let i = 0; i < value.length; i++) this.bytes[this.length++] = value.charCodeAt(i);
      return;
    }
    const size = value.length * 2;
    let sizeOfSize = 1;
    for (let rest = size; rest >= 0x80; rest = Math.floor(rest / 0x80)) sizeOfSize++;
    // V8 keeps units at even places
    if ((this.length + 1 + sizeOfSize) % 2 !== 0) this.byte(tags.padding);
    this.byte(tags.twoByteString);
    this.varint(size);
    this.reserve(size);
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      this.bytes[this.length++] = unit & 0xff;
      this.bytes[this.length++] = unit >> 8;
    }
  }

  bigintContents(value) {
    let magnitude = value < 0n ? -value : value;
    const digits = [];
    for (; magnitude > 0n; magnitude >>= 64n) digits.push(BigInt.asUintN(64, magnitude));
    this.varint(digits.length * 16 + (value < 0n ? 1 : 0));
    for (const digit of digits) {
      scratch.setBigUint64(0, digit, true);
      this.raw(scratchBytes);
    }
  }

  value(value) {
    switch (typeof value) {
      case 'undefined': return this.byte(tags.undefined);
      case 'boolean': return this.byte(value ? tags.true : tags.false);
      case 'number': return this.number(value);
      case 'string': return this.string(value);
      case 'bigint':
        this.byte(tags.bigint);
        return this.bigintContents(value);
      case 'object': return value === null ? this.byte(tags.null) : this.receiver(value);
      default: return this.refuse(value);
    }
  }

  refuse(value) {
    throw this.serializer._getDataCloneError(`${describe(value)} could not be cloned.`);
  }

  receiver(object) {
    const id = this.ids.get(object);
    if (id !== undefined) {
      this.byte(tags.objectReference);
      this.varint(id);
      return;
    }
    const isView = types.isArrayBufferView(object);
    if (isView && !this.viewsAreHostObjects) {
      // a view follows its buffer
      if (!this.ids.has(object.buffer)) this.receiver(object.buffer);
    }
    this.ids.set(object, this.ids.size);
    if (isView) this.view(object);
    else if (Array.isArray(object)) this.array(object);
    else if (messaging.isPlain(object)) this.properties(object);
    else this.builtin(object);
  }

  builtin(object) {
    if (types.isMap(object)) this.map(object);
    else if (types.isSet(object)) this.set(object);
    else if (types.isDate(object)) this.tagged(tags.date, Date.prototype.getTime.call(object));
    else if (types.isRegExp(object)) this.regexp(object);
    else if (types.isNativeError(object)) this.error(object);
    else if (types.isArrayBuffer(object)) this.arrayBuffer(object);
    else if (types.isSharedArrayBuffer(object)) this.sharedArrayBuffer(object);
    else if (types.isBooleanObject(object)) {
      this.byte(Boolean.prototype.valueOf.call(object) ? tags.trueObject : tags.falseObject);
    } else if (types.isNumberObject(object)) this.tagged(tags.numberObject, Number.prototype.valueOf.call(object));
    else if (types.isStringObject(object)) {
      this.byte(tags.stringObject);
      this.string(String.prototype.valueOf.call(object));
    } else if (types.isBigIntObject(object)) {
      this.byte(tags.bigintObject);
      this.bigintContents(BigInt.prototype.valueOf.call(object));
    } else if (messaging.isHostObject(object)) this.hostObject(object);
    else this.refuse(object);
  }

  tagged(tag, number) {
    this.byte(tag);
    this.double(number);
  }

  hostObject(object) {
    this.byte(tags.hostObject);
    if (typeof this.serializer._writeHostObject !== 'function') {
      throw new ERR_METHOD_NOT_IMPLEMENTED('_writeHostObject');
    }
    this.serializer._writeHostObject(object);
  }

  key(key) {
    const index = Number(key);
    if (index <= 0x7fffffff && String(index >>> 0) === key) this.number(index);
    else if (index < 0xffffffff && String(index >>> 0) === key) this.number(index);
    else this.string(key);
  }

  /** Keys and values; how many there were. Keys that a getter deleted are left out. */
  entries(object, keys) {
    let count = 0;
    for (const key of keys) {
      if (!Object.prototype.propertyIsEnumerable.call(object, key)) continue;
      const value = object[key];
      this.key(key);
      this.value(value);
      count++;
    }
    return count;
  }

  properties(object) {
    this.byte(tags.beginObject);
    const count = this.entries(object, Object.keys(object));
    this.byte(tags.endObject);
    this.varint(count);
  }

  array(array) {
    const { length } = array;
    const keys = Object.keys(array);
    let isDense = keys.length >= length;
    for (let i = 0; i < length && isDense; i++) isDense = keys[i] === `${i}`;
    if (!isDense) {
      this.byte(tags.beginSparseArray);
      this.varint(length);
      const count = this.entries(array, keys);
      this.byte(tags.endSparseArray);
      this.varint(count);
      this.varint(length);
      return;
    }
    this.byte(tags.beginDenseArray);
    this.varint(length);
    for (let i = 0; i < length; i++) {
      // what a getter took away meanwhile
      if (i in array) this.value(array[i]);
      else this.byte(tags.hole);
    }
    const count = this.entries(array, keys.slice(length));
    this.byte(tags.endDenseArray);
    this.varint(count);
    this.varint(length);
  }

  map(map) {
    const row = [];
    Map.prototype.forEach.call(map, (value, key) => row.push(key, value));
    this.byte(tags.beginMap);
    for (const item of row) this.value(item);
    this.byte(tags.endMap);
    this.varint(row.length);
  }

  set(set) {
    const row = [];
    Set.prototype.forEach.call(set, (value) => row.push(value));
    this.byte(tags.beginSet);
    for (const item of row) this.value(item);
    this.byte(tags.endSet);
    this.varint(row.length);
  }

  regexp(regexp) {
    this.byte(tags.regexp);
    this.string(regexp.source);
    let flags = 0;
    for (const flag of regexp.flags) flags |= regexpFlags[flag];
    this.varint(flags);
  }

  error(error) {
    this.byte(tags.error);
    const { name } = error;
    if (typeof name === 'string' && /^(?:Eval|Range|Reference|Syntax|Type|URI)Error$/.test(name)) this.byte(errorTags[name]);
    const message = Object.getOwnPropertyDescriptor(error, 'message');
    if (message !== undefined) {
      this.byte(errorTags.message);
      this.string(`${message.value}`);
    }
    if (Object.hasOwn(error, 'cause')) {
      this.byte(errorTags.cause);
      this.value(error.cause);
    }
    if (typeof error.stack === 'string') {
      this.byte(errorTags.stack);
      this.string(error.stack);
    }
    this.byte(errorTags.end);
  }

  arrayBuffer(buffer) {
    const id = this.transferred.get(buffer);
    if (id !== undefined) {
      this.byte(tags.arrayBufferTransfer);
      this.varint(id);
      return;
    }
    if (buffer.detached) throw this.serializer._getDataCloneError('An ArrayBuffer is detached and could not be cloned.');
    this.byte(buffer.resizable ? tags.resizableArrayBuffer : tags.arrayBuffer);
    this.varint(buffer.byteLength);
    if (buffer.resizable) this.varint(buffer.maxByteLength);
    this.raw(new Uint8Array(buffer));
  }

  sharedArrayBuffer(buffer) {
    if (typeof this.serializer._getSharedArrayBufferId !== 'function') {
      throw new ERR_METHOD_NOT_IMPLEMENTED('_getSharedArrayBufferId');
    }
    const id = this.serializer._getSharedArrayBufferId(buffer);
    this.byte(tags.sharedArrayBuffer);
    this.varint(id >>> 0);
  }

  view(view) {
    if (this.viewsAreHostObjects) {
      this.hostObject(view);
      return;
    }
    const name = types.typedArrayName(view) ?? 'DataView';
    const { buffer } = view;
    const resizable = buffer.resizable === true || buffer.growable === true;
    this.byte(tags.arrayBufferView);
    this.byte(viewTags[name]);
    this.varint(view.byteOffset);
    this.varint(view.byteLength);
    this.varint(resizable ? viewFlags.resizableBuffer : 0);
  }
}

const writers = new WeakMap();

function writerOf(serializer) {
  const writer = writers.get(serializer);
  if (writer === undefined) throw new TypeError('Illegal invocation');
  return writer;
}

function Serializer() {
  if (new.target === undefined) throw new ERR_CONSTRUCT_CALL_REQUIRED('Serializer');
  writers.set(this, new Writer(this));
}

const methods = {
  writeHeader() {
    const writer = writerOf(this);
    writer.byte(VERSION);
    writer.byte(formatVersion);
  },
  writeValue(value) {
    writerOf(this).value(value);
    return true;
  },
  releaseBuffer() {
    const writer = writerOf(this);
    const { bytes, length } = writer;
    writer.bytes = new Uint8Array(256);
    writer.length = 0;
    return Buffer.from(bytes.buffer, 0, length);
  },
  transferArrayBuffer(id, buffer) {
    if (!types.isAnyArrayBuffer(buffer)) {
      const error = new ERR_INVALID_ARG_TYPE('arrayBuffer', ['ArrayBuffer', 'SharedArrayBuffer'], buffer);
      error.message = 'arrayBuffer must be an ArrayBuffer or SharedArrayBuffer';
      throw error;
    }
    writerOf(this).transferred.set(buffer, id >>> 0);
  },
  writeUint32(value) {
    writerOf(this).varint(value >>> 0);
  },
  writeUint64(high, low) {
    writerOf(this).varint64((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
  },
  writeDouble(value) {
    writerOf(this).double(Number(value));
  },
  writeRawBytes(source) {
    const writer = writerOf(this);
    if (!types.isArrayBufferView(source)) {
      const error = new ERR_INVALID_ARG_TYPE('source', ['TypedArray', 'DataView'], source);
      error.message = 'source must be a TypedArray or a DataView';
      throw error;
    }
    writer.raw(bytesOf(source));
  },
  _setTreatArrayBufferViewsAsHostObjects(isHost) {
    writerOf(this).viewsAreHostObjects = Boolean(isHost);
  },
};
for (const name of Object.keys(methods)) {
  Object.defineProperty(Serializer.prototype, name, {
    __proto__: null, value: methods[name], writable: true, configurable: true, enumerable: false,
  });
}
Serializer.prototype._getDataCloneError = Error;

module.exports = { Serializer };
