'use strict';
// Reads the arguments of fs functions: paths, descriptors, flags, modes, positions, options, times.
// Each function checks as Node does and answers what the ops take. Nothing here touches the file system.

const process = require('process');
const { AbortError, codes } = require('internal/errors');
const {
  isInt32,
  validateAbortSignal,
  validateBoolean,
  validateInt32,
  validateInteger,
  validateObject,
  validateOneOf,
  validateUint32,
} = require('internal/validators');
const lazy = require('internal/lazy');

const {
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_ARG_VALUE,
  ERR_OUT_OF_RANGE,
} = codes;

const getUrl = lazy(() => require('internal/url'));
const getBuffer = lazy(() => require('buffer').Buffer);
const getFastBuffer = lazy(() => require('internal/buffer').FastBuffer);
const getConstants = lazy(() => require('internal/fs/constants'));
const getTypes = lazy(() => require('internal/util/types'));

// ---- paths

function isNullFree(path) {
  return typeof path === 'string' ? !path.includes('\0') : !path.includes(0);
}

function validatePath(path, name = 'path') {
  if (typeof path !== 'string' && !(path instanceof Uint8Array)) {
    throw new ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'URL'], path);
  }
  if (!isNullFree(path)) {
    throw new ERR_INVALID_ARG_VALUE(name, path, 'must be a string, Uint8Array, or URL without null bytes');
  }
}

function getValidatedPath(fileURLOrPath, name = 'path') {
  if (typeof fileURLOrPath === 'string' && !fileURLOrPath.includes('\0')) return fileURLOrPath;
  const path = getUrl().toPathIfFileURL(fileURLOrPath);
  validatePath(path, name);
  return path;
}

let warnedOfTemplate = false;

// Some systems replace every X at the end, not just theirs.
function getTemplatePrefix(prefix) {
  prefix = getValidatedPath(prefix, 'prefix');
  const last = typeof prefix === 'string' ? prefix.at(-1) : String.fromCharCode(prefix.at(-1));
  if (last === 'X' && !warnedOfTemplate) {
    warnedOfTemplate = true;
    process.emitWarning(
      'mkdtemp() templates ending with X are not portable. For details see: https://nodejs.org/api/fs.html');
  }
  return prefix;
}

// ---- descriptors

function isFd(value) {
  return typeof value === 'number' && isInt32(value) && value >= 0;
}

function getValidatedFd(fd, name = 'fd') {
  // -0 is a descriptor too
  if (fd === 0) return 0;
  validateInt32(fd, name, 0);
  return fd;
}

// ---- flags and modes

const OPEN_FLAGS = {
  '__proto__': null,
  'r': ['O_RDONLY'],
  'rs': ['O_RDONLY', 'O_SYNC'],
  'sr': ['O_RDONLY', 'O_SYNC'],
  'r+': ['O_RDWR'],
  'rs+': ['O_RDWR', 'O_SYNC'],
  'sr+': ['O_RDWR', 'O_SYNC'],
  'w': ['O_TRUNC', 'O_CREAT', 'O_WRONLY'],
  'wx': ['O_TRUNC', 'O_CREAT', 'O_WRONLY', 'O_EXCL'],
  'xw': ['O_TRUNC', 'O_CREAT', 'O_WRONLY', 'O_EXCL'],
  'w+': ['O_TRUNC', 'O_CREAT', 'O_RDWR'],
  'wx+': ['O_TRUNC', 'O_CREAT', 'O_RDWR', 'O_EXCL'],
  'xw+': ['O_TRUNC', 'O_CREAT', 'O_RDWR', 'O_EXCL'],
  'a': ['O_APPEND', 'O_CREAT', 'O_WRONLY'],
  'ax': ['O_APPEND', 'O_CREAT', 'O_WRONLY', 'O_EXCL'],
  'xa': ['O_APPEND', 'O_CREAT', 'O_WRONLY', 'O_EXCL'],
  'as': ['O_APPEND', 'O_CREAT', 'O_WRONLY', 'O_SYNC'],
  'sa': ['O_APPEND', 'O_CREAT', 'O_WRONLY', 'O_SYNC'],
  'a+': ['O_APPEND', 'O_CREAT', 'O_RDWR'],
  'ax+': ['O_APPEND', 'O_CREAT', 'O_RDWR', 'O_EXCL'],
  'xa+': ['O_APPEND', 'O_CREAT', 'O_RDWR', 'O_EXCL'],
  'as+': ['O_APPEND', 'O_CREAT', 'O_RDWR', 'O_SYNC'],
  'sa+': ['O_APPEND', 'O_CREAT', 'O_RDWR', 'O_SYNC'],
};

function stringToFlags(flags, name = 'flags') {
  if (flags == null || flags === 'r') return 0;
  if (typeof flags === 'number') {
    validateInt32(flags, name);
    return flags;
  }
  const names = typeof flags === 'string' ? OPEN_FLAGS[flags] : undefined;
  if (names === undefined) throw new ERR_INVALID_ARG_VALUE(name, flags);
  const constants = getConstants();
  return names.reduce((all, flag) => all | constants[flag], 0);
}

// Bits that Node's native side checks, and words what is wrong with; it takes fractions.
function getValidBits(mode, max) {
  if (mode == null) return 0;
  if (typeof mode !== 'number') {
    throw withCode(new TypeError('mode must be int32 or null/undefined'), 'ERR_INVALID_ARG_TYPE');
  }
  if (mode !== mode) throw withCode(new RangeError('mode is out of range'), 'ERR_OUT_OF_RANGE');
  if (mode < 0 || mode > max) throw withCode(new RangeError(`mode is out of range: >= 0 && <= ${max}`), 'ERR_OUT_OF_RANGE');
  return mode | 0;
}

function withCode(error, code) {
  error.code = code;
  return error;
}

// The modes of access(): any of F_OK, R_OK, W_OK and X_OK.
function getValidAccessMode(mode) {
  return getValidBits(mode, 7);
}

// The modes of copyFile(): any of COPYFILE_EXCL, COPYFILE_FICLONE and COPYFILE_FICLONE_FORCE.
function getValidCopyMode(mode) {
  return getValidBits(mode, 7);
}

// ---- owners, times, lengths

// A user or group as an unsigned number; -1 means unchanged.
function getValidatedId(id, name) {
  validateInteger(id, name, -1, 2 ** 32 - 1);
  return id >>> 0;
}

// Seconds since 1970. Node takes negative numbers (but not dates) for now.
function toUnixTimestamp(time, name = 'time') {
  if (typeof time === 'string' && +time == time) return +time;
  if (Number.isFinite(time)) return time < 0 ? Date.now() / 1000 : time;
  if (getTypes().isDate(time)) return time.getTime() / 1000;
  throw new ERR_INVALID_ARG_TYPE(name, ['Date', 'Time in seconds'], time);
}

function getValidatedLength(length, name = 'len') {
  if (length === undefined) return 0;
  validateInteger(length, name);
  return Math.max(0, length);
}

// ---- buffers, offsets, positions

function validateBufferArray(buffers, name = 'buffers') {
  if (!Array.isArray(buffers)) throw new ERR_INVALID_ARG_TYPE(name, 'ArrayBufferView[]', buffers);
  for (let i = 0; i < buffers.length; i++) {
    if (!ArrayBuffer.isView(buffers[i])) throw new ERR_INVALID_ARG_TYPE(name, 'ArrayBufferView[]', buffers);
  }
  return buffers;
}

function validateStringAfterArrayBufferView(value, name) {
  if (typeof value !== 'string') {
    throw new ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'TypedArray', 'DataView'], value);
  }
}

function validateOffsetLengthRead(offset, length, byteLength) {
  if (offset < 0) throw new ERR_OUT_OF_RANGE('offset', '>= 0', offset);
  if (length < 0) throw new ERR_OUT_OF_RANGE('length', '>= 0', length);
  if (offset + length > byteLength) throw new ERR_OUT_OF_RANGE('length', `<= ${byteLength - offset}`, length);
}

function validateOffsetLengthWrite(offset, length, byteLength) {
  if (offset > byteLength) throw new ERR_OUT_OF_RANGE('offset', `<= ${byteLength}`, offset);
  if (length > byteLength - offset) throw new ERR_OUT_OF_RANGE('length', `<= ${byteLength - offset}`, length);
  if (length < 0) throw new ERR_OUT_OF_RANGE('length', '>= 0', length);
  validateInt32(length, 'length', 0);
}

// Where to read: a number, -1 for the file's own position.
function getReadPosition(position, length) {
  if (position == null) return -1;
  if (typeof position === 'number') {
    validateInteger(position, 'position', -1);
    return position;
  }
  if (typeof position === 'bigint') {
    const max = 2n ** 63n - 1n - BigInt(length);
    if (position < -1n || position > max) throw new ERR_OUT_OF_RANGE('position', `>= -1 && <= ${max}`, position);
    return Number(position);
  }
  throw new ERR_INVALID_ARG_TYPE('position', ['integer', 'bigint'], position);
}

// Where to write; whatever is no number means the file's own position.
function getWritePosition(position) {
  if (typeof position === 'bigint') return Number(position);
  return typeof position === 'number' && position >= 0 ? position : -1;
}

// The bytes of any view.
function bytesOf(view) {
  return view instanceof Uint8Array ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

// ---- encodings

function assertEncoding(encoding) {
  if (encoding && !getBuffer().isEncoding(encoding)) {
    throw new ERR_INVALID_ARG_VALUE('encoding', encoding, 'is invalid encoding');
  }
}

function isUtf8(encoding) {
  return encoding === 'utf8' || encoding === 'utf-8' || (encoding && /^utf-?8$/i.test(encoding));
}

// The op's bytes as a Buffer, without copying.
function toBuffer(bytes) {
  const FastBuffer = getFastBuffer();
  return new FastBuffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// Bytes in the encoding of a result; none means a Buffer.
function decode(bytes, encoding) {
  const buffer = toBuffer(bytes);
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

// A name that the op gave as text, in the encoding of a result.
function encodeName(name, encoding) {
  if (!encoding || isUtf8(encoding)) return name;
  const buffer = getBuffer().from(name);
  return encoding === 'buffer' ? buffer : buffer.toString(encoding);
}

// What to write, as bytes.
function toBytes(data, encoding) {
  return typeof data === 'string' ? getBuffer().from(data, encoding || 'utf8') : bytesOf(data);
}

// ---- options

const kNone = Object.freeze({ __proto__: null });

function getOptions(options, defaults = kNone) {
  if (options == null || typeof options === 'function') return defaults;
  if (typeof options === 'string') {
    options = { ...defaults, encoding: options };
  } else if (typeof options !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('options', ['string', 'Object'], options);
  }
  if (options.encoding !== 'buffer') assertEncoding(options.encoding);
  if (options.signal !== undefined) validateAbortSignal(options.signal, 'options.signal');
  return options;
}

function throwIfAborted(signal) {
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
}

function validateRmOptions(options) {
  if (options === undefined) return { retryDelay: 100, maxRetries: 0, recursive: false, force: false };
  validateObject(options, 'options');
  const merged = { retryDelay: 100, maxRetries: 0, recursive: false, force: false, ...options };
  validateBoolean(merged.force, 'options.force');
  validateBoolean(merged.recursive, 'options.recursive');
  validateInt32(merged.retryDelay, 'options.retryDelay', 0);
  validateUint32(merged.maxRetries, 'options.maxRetries');
  return merged;
}

function validateRmdirOptions(options) {
  if (options === undefined) return;
  validateObject(options, 'options');
  if (options.recursive !== undefined) {
    throw new ERR_INVALID_ARG_VALUE('options.recursive', options.recursive, 'is no longer supported');
  }
}

function validateSymlinkType(type) {
  validateOneOf(type, 'type', ['dir', 'file', 'junction', null, undefined]);
}

module.exports = {
  bytesOf,
  decode,
  encodeName,
  getOptions,
  getReadPosition,
  getTemplatePrefix,
  getValidAccessMode,
  getValidCopyMode,
  getValidatedFd,
  getValidatedId,
  getValidatedLength,
  getValidatedPath,
  getWritePosition,
  isFd,
  isUtf8,
  stringToFlags,
  throwIfAborted,
  toBuffer,
  toBytes,
  toUnixTimestamp,
  validateBufferArray,
  validateOffsetLengthRead,
  validateOffsetLengthWrite,
  validatePath,
  validateRmOptions,
  validateRmdirOptions,
  validateStringAfterArrayBufferView,
  validateSymlinkType,
};
