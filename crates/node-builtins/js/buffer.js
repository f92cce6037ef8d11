'use strict';
// node:buffer: the Buffer class and the module's functions.
// The bytes' work is done in internal/buffer_{codecs,bytes,numbers}; Blob and File have files of their own.

const {
  ERR_BUFFER_OUT_OF_BOUNDS,
  ERR_INVALID_ARG_TYPE,
  ERR_MEMORY_ALLOCATION_FAILED,
  ERR_MISSING_ARGS,
  ERR_UNKNOWN_ENCODING,
} = require('internal/errors').codes;
const { validateArray, validateInteger, validateNumber } = require('internal/validators');
const { FastBuffer, kMaxLength, markAsUntransferable } = require('internal/buffer');
const bytes = require('internal/buffer_bytes');
const codecs = require('internal/buffer_codecs');
const { installNumberMethods } = require('internal/buffer_numbers');
const lazy = require('internal/lazy');

const getTypes = lazy(() => require('internal/util/types'));
const getUtil = lazy(() => require('internal/util'));
const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getText = lazy(() => require('internal/buffer_text'));
const getBlob = lazy(() => require('internal/blob'));

const { isUint8Array, copyRange } = bytes;
const { findCodec, kStringMaxLength, utf8 } = codecs;
const { isView } = ArrayBuffer;
const { set } = Uint8Array.prototype;

let inspectMaxBytes = 50;

// ---- Deprecated construction

let constructorWarned = false;
let constructorCalls = 0;

function warnOfConstructor() {
  // Finding out where the call came from costs a stack walk: not for ever.
  if (constructorWarned || ++constructorCalls > 10000) return;
  const { isInsideNodeModules, isPendingDeprecation } = getUtil();
  if (!isPendingDeprecation() && isInsideNodeModules()) return;
  constructorWarned = true;
  require('process').emitWarning(
    'Buffer() is deprecated due to security and usability issues. Please use the Buffer.alloc(), ' +
    'Buffer.allocUnsafe(), or Buffer.from() methods instead.', 'DeprecationWarning', 'DEP0005');
}

function Buffer(arg, encodingOrOffset, length) {
  warnOfConstructor();
  if (typeof arg === 'number') {
    if (typeof encodingOrOffset === 'string') throw new ERR_INVALID_ARG_TYPE('string', 'string', arg);
    return Buffer.alloc(arg);
  }
  return Buffer.from(arg, encodingOrOffset, length);
}

Buffer.prototype = FastBuffer.prototype;
Object.setPrototypeOf(Buffer, Uint8Array);
Object.defineProperty(Buffer.prototype, 'constructor', {
  __proto__: null, value: Buffer, writable: true, enumerable: false, configurable: true,
});
Object.defineProperty(Buffer, Symbol.species, {
  __proto__: null, configurable: true, enumerable: false, get() { return FastBuffer; },
});

// ---- Allocation

Buffer.poolSize = 8 * 1024;

let pool = new Uint8Array(0);
let poolBuffer = pool.buffer;
let poolOffset = 0;

function renewPool() {
  pool = new Uint8Array(Buffer.poolSize);
  poolBuffer = pool.buffer;
  poolOffset = 0;
  markAsUntransferable(poolBuffer);
  bytes.pin(poolBuffer);
}

// Slots begin at multiples of eight.
function takeFromPool(length) {
  const buffer = new FastBuffer(poolBuffer, poolOffset, length);
  poolOffset = (poolOffset + length + 7) & ~7;
  return buffer;
}

function create(size) {
  try {
    return new FastBuffer(size);
  } catch (error) {
    if (size < 2 ** 31) throw error;
    throw new RangeError('Array buffer allocation failed');
  }
}

function createUnpooled(size) {
  try {
    return new FastBuffer(size);
  } catch (error) {
    if (size < 2 ** 31) throw error;
    throw new ERR_MEMORY_ALLOCATION_FAILED();
  }
}

// The engine keeps arrays up to this size in one piece with their object, which is faster than a view of the pool.
const INLINE = 96;

function allocate(size) {
  if (size <= INLINE) return new FastBuffer(size);
  if (size < Buffer.poolSize >>> 1) {
    size = Math.trunc(size);
    if (size > pool.length - poolOffset) renewPool();
    return takeFromPool(size);
  }
  return createUnpooled(size);
}

function checkSize(size) {
  if (!(typeof size === 'number' && size >= 0 && size <= kMaxLength)) validateNumber(size, 'size', 0, kMaxLength);
}

Buffer.alloc = function alloc(size, fill, encoding) {
  checkSize(size);
  if (fill !== undefined && fill !== 0 && size >= 1) {
    return bytes.fill(createUnpooled(size), fill, 0, undefined, encoding);
  }
  return create(size);
};

Buffer.allocUnsafe = function allocUnsafe(size) {
  checkSize(size);
  return allocate(size);
};

Buffer.allocUnsafeSlow = function allocUnsafeSlow(size) {
  checkSize(size);
  return createUnpooled(size);
};

// ---- Conversion

Buffer.from = function from(value, encodingOrOffset, length) {
  if (typeof value === 'string') return fromString(value, encodingOrOffset);

  if (typeof value === 'object' && value !== null) {
    if (isUint8Array(value) || Array.isArray(value)) return fromArrayLike(value);
    if (getTypes().isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);

    const primitive = value.valueOf && value.valueOf();
    if (primitive != null && primitive !== value && (typeof primitive === 'string' || typeof primitive === 'object')) {
      return from(primitive, encodingOrOffset, length);
    }
    const buffer = fromObject(value);
    if (buffer !== undefined) return buffer;
    if (typeof value[Symbol.toPrimitive] === 'function') {
      const text = value[Symbol.toPrimitive]('string');
      if (typeof text === 'string') return fromString(text, encodingOrOffset);
    }
  }
  const expected = ['string', 'Buffer', 'ArrayBuffer', 'Array', 'Array-like Object'];
  throw new ERR_INVALID_ARG_TYPE('first argument', expected, value);
};

function fromString(string, encoding) {
  if (typeof encoding !== 'string' || encoding === '' || encoding === 'utf8') return fromUtf8(string);
  const codec = findCodec(encoding);
  if (codec === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  if (codec === utf8) return fromUtf8(string);
  const length = codec.byteLength(string);
  if (length >= Buffer.poolSize >>> 1) {
    if (codec.take !== undefined) return adopt(codec.take(string));
    const buffer = createUnpooled(length);
    const written = codec.write(buffer, string, 0, length);
    return written === length ? buffer : new FastBuffer(buffer.buffer, 0, written);
  }
  if (length > pool.length - poolOffset) renewPool();
  return takeFromPool(codec.write(pool, string, poolOffset, length));
}

function fromUtf8(string) {
  const units = string.length;
  if (units === 0) return new FastBuffer(0);
  // No unit needs more than three bytes, so mostly nothing has to be measured.
  let room = units * 3;
  if (room > pool.length - poolOffset) {
    if (units >= Buffer.poolSize >>> 1) return adopt(codecs.encodeUtf8(string));
    room = utf8.byteLength(string);
    if (room >= Buffer.poolSize >>> 1) return adopt(codecs.encodeUtf8(string));
    if (room > pool.length - poolOffset) renewPool();
  }
  return takeFromPool(utf8.write(pool, string, poolOffset, room));
}

function adopt(array) {
  return new FastBuffer(array.buffer, array.byteOffset, array.length);
}

function fromArrayLike(array) {
  const length = array.length;
  if (!(length > 0)) return new FastBuffer(0);
  let buffer;
  if (length < Buffer.poolSize >>> 1) {
    if (length > pool.length - poolOffset) renewPool();
    buffer = takeFromPool(Math.trunc(length));
  } else {
    buffer = create(length);
  }
  set.call(buffer, array, 0);
  return buffer;
}

function fromArrayBuffer(buffer, byteOffset, length) {
  byteOffset = +byteOffset;
  if (byteOffset !== byteOffset) byteOffset = 0;
  const maxLength = buffer.byteLength - byteOffset;
  if (maxLength < 0) throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
  if (length !== undefined) {
    length = +length;
    if (!(length > 0)) length = 0;
    else if (length > maxLength) throw new ERR_BUFFER_OUT_OF_BOUNDS('length');
  }
  return new FastBuffer(buffer, byteOffset, length);
}

function fromObject(object) {
  if (object.length !== undefined || getTypes().isAnyArrayBuffer(object.buffer)) {
    return typeof object.length === 'number' ? fromArrayLike(object) : new FastBuffer(0);
  }
  if (object.type === 'Buffer' && Array.isArray(object.data)) return fromArrayLike(object.data);
}

Buffer.copyBytesFrom = function copyBytesFrom(view, offset, length) {
  if (!getTypes().isTypedArray(view)) throw new ERR_INVALID_ARG_TYPE('view', ['TypedArray'], view);
  const { length: viewLength, BYTES_PER_ELEMENT: size } = view;
  if (viewLength === 0) return new FastBuffer(0);
  let start = 0;
  if (offset !== undefined) {
    validateInteger(offset, 'offset', 0);
    if (offset >= viewLength) return new FastBuffer(0);
    start = offset;
  }
  let end = viewLength;
  if (length !== undefined) {
    validateInteger(length, 'length', 0);
    end = Math.min(viewLength, start + length);
  }
  return fromArrayLike(new Uint8Array(view.buffer, view.byteOffset + start * size, (end - start) * size));
};

Buffer.of = function of() {
  const buffer = allocate(arguments.length);
  for (let i = 0; i < arguments.length; i++) buffer[i] = arguments[i];
  return buffer;
};

// ---- Questions about bytes

Buffer.isBuffer = function isBuffer(value) {
  return value instanceof Buffer;
};

Buffer.compare = function compare(buf1, buf2) {
  if (!isUint8Array(buf1)) throw new ERR_INVALID_ARG_TYPE('buf1', ['Buffer', 'Uint8Array'], buf1);
  if (!isUint8Array(buf2)) throw new ERR_INVALID_ARG_TYPE('buf2', ['Buffer', 'Uint8Array'], buf2);
  return buf1 === buf2 ? 0 : bytes.compare(buf1, buf2);
};

Buffer.isEncoding = function isEncoding(encoding) {
  return typeof encoding === 'string' && encoding.length !== 0 && findCodec(encoding) !== undefined;
};

Buffer.concat = function concat(list, length) {
  validateArray(list, 'list');
  if (length === undefined) {
    length = 0;
    for (let i = 0; i < list.length; i++) {
      // not `length`, which an own property may feign
      const part = list[i];
      if (part && part.byteLength) length += part.byteLength;
    }
  } else {
    validateInteger(length, 'length', 0);
  }
  if (list.length === 0) return new FastBuffer(0);
  const buffer = Buffer.allocUnsafe(length);
  let at = 0;
  for (let i = 0; i < list.length; i++) {
    const part = list[i];
    if (!isUint8Array(part)) throw new ERR_INVALID_ARG_TYPE(`list[${i}]`, ['Buffer', 'Uint8Array'], part);
    at += copyRange(part, buffer, at, 0, part.byteLength);
  }
  if (at < length) bytes.fill(buffer, 0, at, length);
  return buffer;
};

Buffer.byteLength = function byteLength(string, encoding) {
  if (typeof string !== 'string') {
    if (isView(string) || getTypes().isAnyArrayBuffer(string)) return string.byteLength;
    throw new ERR_INVALID_ARG_TYPE('string', ['string', 'Buffer', 'ArrayBuffer'], string);
  }
  const codec = encoding ? findCodec(encoding) : utf8;
  return (codec ?? utf8).byteLength(string);
};

// ---- Instances

const methods = {
  copy(target, targetStart, sourceStart, sourceEnd) {
    return bytes.copy(this, target, targetStart, sourceStart, sourceEnd);
  },

  toString(encoding, start, end) {
    if (arguments.length === 0) return utf8.slice(bytesOf(this), 0, this.length);
    const length = this.length;
    if (start <= 0) start = 0;
    else if (start >= length) return '';
    else start = Math.trunc(start) || 0;
    if (end === undefined || end > length) end = length;
    else end = Math.trunc(end) || 0;
    if (end <= start) return '';
    const codec = encoding === undefined ? utf8 : findCodec(encoding);
    if (codec === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
    return codec.slice(bytesOf(this), start, end);
  },

  equals(otherBuffer) {
    if (!isUint8Array(otherBuffer)) {
      throw new ERR_INVALID_ARG_TYPE('otherBuffer', ['Buffer', 'Uint8Array'], otherBuffer);
    }
    if (this === otherBuffer) return true;
    if (this.byteLength !== otherBuffer.byteLength) return false;
    return bytes.compare(bytesOf(this), otherBuffer) === 0;
  },

  inspect(depth, options) {
    const shown = Math.min(inspectMaxBytes, this.length);
    let text = '';
    for (let i = 0; i < shown; i++) text += `${i ? ' ' : ''}${this[i] < 16 ? '0' : ''}${this[i].toString(16)}`;
    const more = this.length - shown;
    if (more > 0) text += ` ... ${more} more byte${more > 1 ? 's' : ''}`;
    if (options) text += inspectExtras(this, text, options);
    return `<${this.constructor.name} ${text}>`;
  },

  compare(target, targetStart, targetEnd, sourceStart, sourceEnd) {
    if (!isUint8Array(target)) throw new ERR_INVALID_ARG_TYPE('target', ['Buffer', 'Uint8Array'], target);
    if (arguments.length === 1) return bytes.compare(bytesOf(this), target);
    targetStart = offsetArgument(targetStart, 'targetStart', 0);
    targetEnd = offsetArgument(targetEnd, 'targetEnd', target.length, target.length);
    sourceStart = offsetArgument(sourceStart, 'sourceStart', 0);
    sourceEnd = offsetArgument(sourceEnd, 'sourceEnd', this.length, this.length);
    if (sourceStart >= sourceEnd) return targetStart >= targetEnd ? 0 : -1;
    if (targetStart >= targetEnd) return 1;
    return bytes.compareRange(this, sourceStart, sourceEnd, target, targetStart, targetEnd);
  },

  // functions, not methods: constructed, they still name the wrong argument as Node does
  indexOf: function(value, byteOffset, encoding) {
    return bytes.search(this, value, byteOffset, encoding, true);
  },

  lastIndexOf: function(value, byteOffset, encoding) {
    return bytes.search(this, value, byteOffset, encoding, false);
  },

  includes: function(value, byteOffset, encoding) {
    return bytes.search(this, value, byteOffset, encoding, true) !== -1;
  },

  fill(value, offset, end, encoding) {
    return bytes.fill(this, value, offset, end, encoding);
  },

  write(string, offset, length, encoding) {
    const target = bytesOf(this);
    if (typeof string !== 'string') throw badArgument('argument must be a string');
    const size = target.length;
    if (offset === undefined) return utf8.write(target, string, 0, size);
    if (length === undefined && typeof offset === 'string') {
      encoding = offset;
      offset = 0;
      length = size;
    } else {
      validateInteger(offset, 'offset', 0, size);
      const remaining = size - offset;
      if (length === undefined) {
        length = remaining;
      } else if (typeof length === 'string') {
        encoding = length;
        length = remaining;
      } else {
        validateInteger(length, 'length', 0, size);
        if (length > remaining) length = remaining;
      }
    }
    const codec = encoding ? findCodec(encoding) : utf8;
    if (codec === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
    return codec.write(target, string, offset, length);
  },

  toJSON() {
    return { type: 'Buffer', data: this.length > 0 ? Array.prototype.slice.call(this) : [] };
  },

  subarray(start, end) {
    return part(this, start, end);
  },

  slice(start, end) {
    return this.subarray(start, end);
  },

  swap16() {
    return bytes.swap(this, 2);
  },

  swap32() {
    return bytes.swap(this, 4);
  },

  swap64() {
    return bytes.swap(this, 8);
  },
};

function part(buffer, start, end) {
  const length = buffer.length;
  start = clampIndex(start, length, 0);
  end = clampIndex(end, length, length);
  return new FastBuffer(buffer.buffer, buffer.byteOffset + start, end > start ? end - start : 0);
}

function clampIndex(index, length, missing) {
  if (index === undefined) return missing;
  index = Math.trunc(index);
  if (!(index === index)) return 0;
  if (index < 0) return index + length > 0 ? index + length : 0;
  return index < length ? index : length;
}

function offsetArgument(value, name, missing, max) {
  if (value === undefined) return missing;
  validateInteger(value, name, 0, max);
  return value;
}

// `target` itself in all but the odd case of a method borrowed for another kind of view.
function bytesOf(target) {
  if (target instanceof Uint8Array) return target;
  if (!isView(target)) throw badArgument('argument must be a buffer');
  return bytes.asBytes(target);
}

function badArgument(message) {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
}

// Beyond this length own properties are not listed: the engine can only do so by naming every index first.
const MAX_LENGTH_OF_EXTRAS = 0x10000;

function inspectExtras(buffer, before, options) {
  if (buffer.length > MAX_LENGTH_OF_EXTRAS) return '';
  const keys = Reflect.ownKeys(buffer);
  const extras = { __proto__: null };
  let found = false;
  // indices come first
  for (let i = buffer.length; i < keys.length; i++) {
    if (!options.showHidden && !Object.prototype.propertyIsEnumerable.call(buffer, keys[i])) continue;
    extras[keys[i]] = buffer[keys[i]];
    found = true;
  }
  if (!found) return '';
  const text = getInspect()(extras, { ...options, breakLength: Infinity, compact: true });
  return (before ? ', ' : '') + text.slice('[Object: null prototype] { '.length, -2);
}

// ---- Methods of one encoding each, which Node has never documented and packages call all the same

function indexError() {
  return Object.assign(new RangeError('Index out of range'), { code: 'ERR_OUT_OF_RANGE' });
}

function indexArgument(value, missing) {
  if (value === undefined) return missing;
  value = Math.trunc(value) || 0;
  if (value < 0) throw indexError();
  return value;
}

function sliceMethod(codec) {
  return function(start, end) {
    const buffer = bytesOf(this);
    if (buffer.length === 0) return '';
    start = indexArgument(start, 0);
    end = Math.max(indexArgument(end, buffer.length), start);
    if (end > buffer.length) throw indexError();
    return codec.slice(buffer, start, end);
  };
}

function writeMethod(codec) {
  const strict = codec === utf8 || codec === codecs.latin1 || codec === codecs.ascii;
  return function(string, offset, length) {
    const buffer = bytesOf(this);
    if (typeof string !== 'string') throw badArgument('argument must be a string');
    if (strict && (offset < 0 || offset > buffer.length)) throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
    if (strict && (length < 0 || length > buffer.length - (offset ?? 0))) throw new ERR_BUFFER_OUT_OF_BOUNDS('length');
    offset = indexArgument(offset, 0);
    if (offset > buffer.length) throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
    const room = buffer.length - offset;
    return codec.write(buffer, string, offset, Math.min(indexArgument(length, room), room));
  };
}

function installMethods(prototype) {
  installNumberMethods(prototype);
  for (const codec of [codecs.ascii, codecs.base64, codecs.base64url, codecs.latin1, codecs.hex, utf8]) {
    prototype[`${codec.name}Slice`] = sliceMethod(codec);
    prototype[`${codec.name}Write`] = writeMethod(codec);
  }
  prototype.ucs2Slice = sliceMethod(codecs.utf16le);
  prototype.ucs2Write = writeMethod(codecs.utf16le);
  for (const [name, read] of [['parent', (buffer) => buffer.buffer], ['offset', (buffer) => buffer.byteOffset]]) {
    Object.defineProperty(prototype, name, {
      __proto__: null,
      enumerable: true,
      get() { return this instanceof Buffer && isView(this) ? read(this) : undefined; },
    });
  }
  for (const name of Object.keys(methods)) prototype[name] = methods[name];
  prototype.toLocaleString = prototype.toString;
  prototype[Symbol.for('nodejs.util.inspect.custom')] = prototype.inspect;
}

installMethods(Buffer.prototype);

// ---- The module

function transcode(source, fromEncoding, toEncoding) {
  return getText().transcode(source, fromEncoding, toEncoding);
}

function isUtf8(input) {
  return getText().isUtf8(input);
}

function isAscii(input) {
  return getText().isAscii(input);
}

function atob(input) {
  if (arguments.length === 0) throw new ERR_MISSING_ARGS('input');
  return getText().atob(input);
}

function btoa(input) {
  if (arguments.length === 0) throw new ERR_MISSING_ARGS('input');
  return getText().btoa(input);
}

function resolveObjectURL(url) {
  return getBlob().resolveObjectURL(url);
}

module.exports = {
  Buffer,
  transcode,
  isUtf8,
  isAscii,
  kMaxLength,
  kStringMaxLength,
  btoa,
  atob,
  resolveObjectURL,
};

Object.defineProperties(module.exports, {
  constants: {
    __proto__: null,
    enumerable: true,
    value: Object.defineProperties({}, {
      MAX_LENGTH: { __proto__: null, enumerable: true, value: kMaxLength },
      MAX_STRING_LENGTH: { __proto__: null, enumerable: true, value: kStringMaxLength },
    }),
  },
  INSPECT_MAX_BYTES: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() { return inspectMaxBytes; },
    set(value) {
      validateNumber(value, 'INSPECT_MAX_BYTES', 0);
      inspectMaxBytes = value;
    },
  },
  Blob: { __proto__: null, configurable: true, enumerable: true, get() { return getBlob().Blob; } },
  File: { __proto__: null, configurable: true, enumerable: true, get() { return require('internal/file').File; } },
});
