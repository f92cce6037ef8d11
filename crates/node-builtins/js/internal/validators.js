'use strict';
// Checks of the arguments of public functions: each throws Node's error with Node's text, as if
// thrown by the caller (the validator's own frame is not in the stack), or returns nothing.

const { codes } = require('internal/errors');
const lazy = require('internal/lazy');

const {
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_ARG_VALUE,
  ERR_INVALID_THIS,
  ERR_OUT_OF_RANGE,
  ERR_SOCKET_BAD_PORT,
  ERR_UNKNOWN_SIGNAL,
} = codes;
const getSignals = lazy(() => require('os').constants.signals);
const getNormalizeEncoding = lazy(() => require('internal/util').normalizeEncoding);

const { captureStackTrace } = require('internal/stack');

function fail(error, validator) {
  captureStackTrace(error, validator);
  throw error;
}

const isInt32 = (value) => value === (value | 0);
const isUint32 = (value) => value === (value >>> 0);

function validateString(value, name) {
  if (typeof value !== 'string') {
    fail(new ERR_INVALID_ARG_TYPE(name, 'string', value), validateString);
  }
}

function validateBoolean(value, name) {
  if (typeof value !== 'boolean') {
    fail(new ERR_INVALID_ARG_TYPE(name, 'boolean', value), validateBoolean);
  }
}

function validateFunction(value, name) {
  if (typeof value !== 'function') {
    fail(new ERR_INVALID_ARG_TYPE(name, 'Function', value), validateFunction);
  }
}

// As validateFunction; Node words a future exclusion of async functions this way.
function validatePlainFunction(value, name) {
  if (typeof value !== 'function') {
    fail(new ERR_INVALID_ARG_TYPE(name, 'Function', value), validatePlainFunction);
  }
}

function validateUndefined(value, name) {
  if (value !== undefined) {
    fail(new ERR_INVALID_ARG_TYPE(name, 'undefined', value), validateUndefined);
  }
}

function integerError(value, name, min, max) {
  if (typeof value !== 'number') return new ERR_INVALID_ARG_TYPE(name, 'number', value);
  if (!Number.isInteger(value)) return new ERR_OUT_OF_RANGE(name, 'an integer', value);
  return new ERR_OUT_OF_RANGE(name, `>= ${min} && <= ${max}`, value);
}

function validateInteger(
  value, name, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) {
  if (!Number.isInteger(value) || value < min || value > max) {
    fail(integerError(value, name, min, max), validateInteger);
  }
}

function validateInt32(value, name, min = -2147483648, max = 2147483647) {
  if (!Number.isInteger(value) || value < min || value > max) {
    fail(integerError(value, name, min, max), validateInt32);
  }
}

function validateUint32(value, name, positive = false) {
  const min = positive ? 1 : 0;
  if (!Number.isInteger(value) || value < min || value > 4294967295) {
    fail(integerError(value, name, min, 4294967295), validateUint32);
  }
}

function validateNumber(value, name, min = undefined, max = undefined) {
  if (typeof value !== 'number') {
    fail(new ERR_INVALID_ARG_TYPE(name, 'number', value), validateNumber);
  }
  const hasMin = min != null;
  const hasMax = max != null;
  if ((hasMin && value < min) || (hasMax && value > max) ||
      ((hasMin || hasMax) && Number.isNaN(value))) {
    const range = `${hasMin ? `>= ${min}` : ''}${hasMin && hasMax ? ' && ' : ''}` +
      `${hasMax ? `<= ${max}` : ''}`;
    fail(new ERR_OUT_OF_RANGE(name, range, value), validateNumber);
  }
}

// False when no number was given (undefined or NaN), true when a finite one was.
function validateFiniteNumber(number, name) {
  if (number === undefined) return false;
  if (Number.isFinite(number)) return true;
  if (Number.isNaN(number)) return false;
  validateNumber(number, name);
  fail(new ERR_OUT_OF_RANGE(name, 'a finite number', number), validateFiniteNumber);
}

function checkRangesOrGetDefault(number, name, lower, upper, fallback) {
  if (!validateFiniteNumber(number, name)) return fallback;
  if (number < lower || number > upper) {
    fail(new ERR_OUT_OF_RANGE(name, `>= ${lower} and <= ${upper}`, number),
         checkRangesOrGetDefault);
  }
  return number;
}

// A file mode given as a number or as a string of octal digits.
function parseFileMode(value, name, fallback) {
  value ??= fallback;
  if (typeof value === 'string') {
    if (!/^[0-7]+$/.test(value)) {
      fail(new ERR_INVALID_ARG_VALUE(
        name, value, 'must be a 32-bit unsigned integer or an octal string'), parseFileMode);
    }
    value = Number.parseInt(value, 8);
  }
  validateUint32(value, name);
  return value;
}

function validateOneOf(value, name, oneOf) {
  if (!oneOf.includes(value)) {
    const allowed = oneOf.map((one) => (typeof one === 'string' ? `'${one}'` : String(one)));
    fail(new ERR_INVALID_ARG_VALUE(name, value, `must be one of: ${allowed.join(', ')}`),
         validateOneOf);
  }
}

function validateUnion(value, name, union) {
  if (!union.includes(value)) {
    fail(new ERR_INVALID_ARG_TYPE(name, `('${union.join('|')}')`, value), validateUnion);
  }
}

const kValidateObjectNone = 0;
const kValidateObjectAllowNullable = 1;
const kValidateObjectAllowArray = 2;
const kValidateObjectAllowFunction = 4;
const kValidateObjectAllowObjects = 6;
const kValidateObjectAllowObjectsAndNull = 7;

function validateObject(value, name, allow = kValidateObjectNone) {
  const type = typeof value;
  if (value === null ? (allow & kValidateObjectAllowNullable) === 0 :
    type === 'function' ? (allow & kValidateObjectAllowFunction) === 0 :
      type !== 'object' ||
      ((allow & kValidateObjectAllowArray) === 0 && Array.isArray(value))) {
    fail(new ERR_INVALID_ARG_TYPE(name, 'Object', value), validateObject);
  }
}

// A Web IDL dictionary: null and undefined stand for an empty one.
function validateDictionary(value, name) {
  if (value != null && typeof value !== 'object' && typeof value !== 'function') {
    fail(new ERR_INVALID_ARG_TYPE(name, 'a dictionary', value), validateDictionary);
  }
}

function validateArray(value, name, minLength = 0) {
  if (!Array.isArray(value)) {
    fail(new ERR_INVALID_ARG_TYPE(name, 'Array', value), validateArray);
  }
  if (value.length < minLength) {
    fail(new ERR_INVALID_ARG_VALUE(name, value, `must be longer than ${minLength}`),
         validateArray);
  }
}

function validateStringArray(value, name) {
  validateArray(value, name);
  for (let i = 0; i < value.length; i++) validateString(value[i], `${name}[${i}]`);
}

function validateBooleanArray(value, name) {
  validateArray(value, name);
  for (let i = 0; i < value.length; i++) validateBoolean(value[i], `${name}[${i}]`);
}

function validateAbortSignal(signal, name) {
  if (signal !== undefined &&
      (signal === null || typeof signal !== 'object' || !('aborted' in signal))) {
    fail(new ERR_INVALID_ARG_TYPE(name, 'AbortSignal', signal), validateAbortSignal);
  }
}

function validateAbortSignalArray(value, name) {
  validateArray(value, name);
  for (let i = 0; i < value.length; i++) {
    const signal = value[i];
    const indexed = `${name}[${i}]`;
    if (signal == null) {
      fail(new ERR_INVALID_ARG_TYPE(indexed, 'AbortSignal', signal), validateAbortSignalArray);
    }
    validateAbortSignal(signal, indexed);
  }
}

function validateBuffer(buffer, name = 'buffer') {
  if (!ArrayBuffer.isView(buffer)) {
    fail(new ERR_INVALID_ARG_TYPE(name, ['Buffer', 'TypedArray', 'DataView'], buffer),
         validateBuffer);
  }
}

function validateEncoding(data, encoding) {
  const { length } = data;
  if (getNormalizeEncoding()(encoding) === 'hex' && length % 2 !== 0) {
    fail(new ERR_INVALID_ARG_VALUE(
      'encoding', encoding, `is invalid for data of length ${length}`), validateEncoding);
  }
}

// A port number or its text in any base; returns the number.
function validatePort(port, name = 'Port', allowZero = true) {
  if ((typeof port !== 'number' && typeof port !== 'string') ||
      (typeof port === 'string' && port.trim().length === 0) ||
      +port !== (+port >>> 0) || port > 65535 || (+port === 0 && !allowZero)) {
    fail(new ERR_SOCKET_BAD_PORT(name, port, allowZero), validatePort);
  }
  return port | 0;
}

function validateSignalName(signal, name = 'signal') {
  validateString(signal, name);
  if (getSignals()[signal] === undefined) {
    fail(new ERR_UNKNOWN_SIGNAL(signal), validateSignalName);
  }
}

const linkValue = /^(?:<[^>]*>)(?:\s*;\s*[^;"\s]+(?:=(")?[^;"\s]*\1)?)*$/;

function validateLink(value, whole) {
  if (typeof value !== 'string' || !linkValue.test(value)) {
    fail(new ERR_INVALID_ARG_VALUE(
      'hints', whole,
      'must be an array or string of format "</styles.css>; rel=preload; as=style"'),
         validateLinkHeaderValue);
  }
}

// The hints of an early Link header, as one header value.
function validateLinkHeaderValue(hints) {
  if (!Array.isArray(hints)) {
    validateLink(hints, hints);
    return hints;
  }
  for (const hint of hints) validateLink(hint, hints);
  return hints.join(', ');
}

function validateThisInternalField(object, field, className) {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, field)) {
    fail(new ERR_INVALID_THIS(className), validateThisInternalField);
  }
}

function validateIgnoreEntry(value, name) {
  if (typeof value === 'string') {
    if (value.length === 0) {
      fail(new ERR_INVALID_ARG_VALUE(name, value, 'must be a non-empty string'),
           validateIgnoreOption);
    }
  } else if (typeof value !== 'function' &&
             Object.prototype.toString.call(value) !== '[object RegExp]') {
    fail(new ERR_INVALID_ARG_TYPE(name, ['string', 'RegExp', 'Function'], value),
         validateIgnoreOption);
  }
}

// What fs.watch() may be told to leave out: a glob, pattern, predicate, or an array of them.
function validateIgnoreOption(value, name) {
  if (value == null) return;
  if (!Array.isArray(value)) {
    validateIgnoreEntry(value, name);
    return;
  }
  for (let i = 0; i < value.length; i++) validateIgnoreEntry(value[i], `${name}[${i}]`);
}

module.exports = {
  isInt32,
  isUint32,
  parseFileMode,
  validateArray,
  validateStringArray,
  validateBooleanArray,
  validateAbortSignalArray,
  validateBoolean,
  validateBuffer,
  validateDictionary,
  validateEncoding,
  validateFunction,
  validateIgnoreOption,
  validateInt32,
  validateInteger,
  validateNumber,
  validateObject,
  kValidateObjectNone,
  kValidateObjectAllowNullable,
  kValidateObjectAllowArray,
  kValidateObjectAllowFunction,
  kValidateObjectAllowObjects,
  kValidateObjectAllowObjectsAndNull,
  validateOneOf,
  validatePlainFunction,
  validatePort,
  validateSignalName,
  validateString,
  validateUint32,
  validateUndefined,
  validateUnion,
  validateAbortSignal,
  validateLinkHeaderValue,
  validateThisInternalField,
  validateFiniteNumber,
  checkRangesOrGetDefault,
};
