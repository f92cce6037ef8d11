'use strict';
// node:util: what it offers is made in the internal modules named below, most of it when it is
// first asked for.

const lazy = require('internal/lazy');
const inspection = require('internal/util/inspect');
const internal = require('internal/util');
const {
  codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE },
} = require('internal/errors');
const {
  validateNumber,
  validateString,
} = require('internal/validators');

const getComparisons = lazy(() => require('internal/util/comparisons'));
const getDebuglog = lazy(() => require('internal/util/debuglog').debuglog);
const getSystem = lazy(() => require('internal/errors/system'));

function validateErrno(errno) {
  validateNumber(errno, 'err');
  if (errno >= 0 || !Number.isSafeInteger(errno)) {
    throw new ERR_OUT_OF_RANGE('err', 'a negative integer', errno);
  }
}

function inherits(constructor, parent) {
  if (constructor == null) throw new ERR_INVALID_ARG_TYPE('ctor', 'Function', constructor);
  if (parent == null) throw new ERR_INVALID_ARG_TYPE('superCtor', 'Function', parent);
  if (parent.prototype === undefined) {
    throw new ERR_INVALID_ARG_TYPE('superCtor.prototype', 'Object', parent.prototype);
  }
  Object.defineProperty(constructor, 'super_', {
    __proto__: null, value: parent, writable: true, configurable: true,
  });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

function extend(target, source) {
  return source === null || typeof source !== 'object' ? target : Object.assign(target, source);
}

const debuglog = (section, onFirst) => getDebuglog()(section, onFirst);

module.exports = {
  _errnoException(...args) {
    validateErrno(args[0]);
    const error = getSystem().ErrnoException(...args);
    Error.captureStackTrace(error, module.exports._errnoException);
    return error;
  },
  _exceptionWithHostPort: (...args) => getSystem().ExceptionWithHostPort(...args),
  _extend: internal.deprecate(
    extend,
    'The `util._extend` API is deprecated. Please use Object.assign() instead.', 'DEP0060'),
  callbackify: (original) => require('internal/util/callbackify').callbackify(original),
  convertProcessSignalToExitCode: internal.convertProcessSignalToExitCode,
  debug: debuglog,
  debuglog,
  deprecate: internal.deprecate,
  format: inspection.format,
  styleText: (format, text, options) =>
    require('internal/util/style_text').styleText(format, text, options),
  formatWithOptions: inspection.formatWithOptions,
  getCallSites: undefined,
  getSystemErrorMap: internal.getSystemErrorMap,
  getSystemErrorName(errno) {
    validateErrno(errno);
    return getSystem().systemErrorName(errno);
  },
  getSystemErrorMessage(errno) {
    validateErrno(errno);
    return getSystem().systemErrorText(errno);
  },
  inherits,
  inspect: inspection.inspect,
  isArray: internal.deprecate(
    Array.isArray,
    'The `util.isArray` API is deprecated. Please use `Array.isArray()` instead.', 'DEP0044'),
  isDeepStrictEqual: (a, b, skipPrototype) =>
    getComparisons().isDeepStrictEqual(a, b, skipPrototype),
  promisify: internal.promisify,
  stripVTControlCharacters(str) {
    validateString(str, 'str');
    return inspection.stripVTControlCharacters(str);
  },
  toUSVString: internal.toUSVString,
  transferableAbortSignal: undefined,
  transferableAbortController: undefined,
  aborted: undefined,
  types: require('internal/util/types'),
  parseEnv(content) {
    validateString(content, 'content');
    return require('internal/util/parse_env').parseEnv(content);
  },
  parseArgs: (...args) => require('internal/util/parse_args').parseArgs(...args),
  TextDecoder: undefined,
  TextEncoder: undefined,
  MIMEType: undefined,
  MIMEParams: undefined,
  diff: (actual, expected) => require('internal/util/diff').diff(actual, expected),
  // Tracing would have to interrupt running code, which only the engine could.
  setTraceSigInt(enable) {
    if (enable) throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('util.setTraceSigInt');
  },
};

internal.defineLazyProperties(
  module.exports, 'internal/abort_controller',
  ['transferableAbortSignal', 'transferableAbortController', 'aborted']);
internal.defineLazyProperties(module.exports, 'internal/encoding', ['TextDecoder', 'TextEncoder']);
internal.defineLazyProperties(module.exports, 'internal/mime', ['MIMEType', 'MIMEParams']);
internal.defineLazyProperties(module.exports, 'internal/stack', ['getCallSites']);
