'use strict';
// What many builtins share: constants for property descriptors and options, promisify, the
// names of encodings, properties that load on first use, and small questions about the
// platform and the calling code. Warnings about old or unfinished features are in
// internal/util/deprecate.

const lazy = require('internal/lazy');

const getErrors = lazy(() => require('internal/errors'));
const getSystem = lazy(() => require('internal/errors/system'));
const getValidators = lazy(() => require('internal/validators'));
const getDeprecate = lazy(() => require('internal/util/deprecate'));
const getText = lazy(() => require('internal/util/inspect/text'));
const getStack = lazy(() => require('internal/stack'));
const getTypes = lazy(() => require('internal/util/types'));
const getProcess = lazy(() => require('process'));

const { platform } = require('process');
const isWindows = platform === 'win32';
const isMacOS = platform === 'darwin';

const customInspectSymbol = Symbol.for('nodejs.util.inspect.custom');
const customPromisify = Symbol.for('nodejs.util.promisify.custom');
// Names of a callback's values, where a promise should give them as one object.
const customPromisifyArgs = Symbol('customPromisifyArgs');

const kEmptyObject = Object.freeze({ __proto__: null });
const kEnumerableProperty = Object.freeze({ __proto__: null, enumerable: true });

function promisify(original) {
  const { validateFunction } = getValidators();
  validateFunction(original, 'original');
  if (original[customPromisify]) {
    const fn = original[customPromisify];
    validateFunction(fn, 'util.promisify.custom');
    return Object.defineProperty(fn, customPromisify, {
      __proto__: null, value: fn, enumerable: false, writable: false, configurable: true,
    });
  }
  const names = original[customPromisifyArgs];

  function fn(...args) {
    return new Promise((resolve, reject) => {
      args.push((error, ...values) => {
        if (error) {
          reject(error);
        } else if (names !== undefined && values.length > 1) {
          const result = {};
          for (let i = 0; i < names.length; i++) result[names[i]] = values[i];
          resolve(result);
        } else {
          resolve(values[0]);
        }
      });
      if (getTypes().isPromise(Reflect.apply(original, this, args))) {
        getProcess().emitWarning(
          'Calling promisify on a function that returns a Promise is likely a mistake.',
          'DeprecationWarning', 'DEP0174');
      }
    });
  }

  Object.setPrototypeOf(fn, Object.getPrototypeOf(original));
  Object.defineProperty(fn, customPromisify, {
    __proto__: null, value: fn, enumerable: false, writable: false, configurable: true,
  });
  return Object.defineProperties(fn, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = customPromisify;

const encodings = {
  __proto__: null,
  'utf8': 'utf8',
  'utf-8': 'utf8',
  'ucs2': 'utf16le',
  'ucs-2': 'utf16le',
  'utf16le': 'utf16le',
  'utf-16le': 'utf16le',
  'latin1': 'latin1',
  'binary': 'latin1',
  'base64': 'base64',
  'base64url': 'base64url',
  'hex': 'hex',
  'ascii': 'ascii',
};

// Node's name of an encoding in whatever case; undefined if there is none such.
function normalizeEncoding(encoding) {
  if (encoding === undefined || encoding === null || encoding === '' ||
      encoding === 'utf8' || encoding === 'utf-8') {
    return 'utf8';
  }
  if (typeof encoding !== 'string') return undefined;
  return encodings[encoding] ?? encodings[encoding.toLowerCase()];
}

// The function ignores all calls but the first.
function once(callback, { preserveReturnValue = false } = kEmptyObject) {
  let called = false;
  let result;
  return function(...args) {
    if (called) return preserveReturnValue ? result : undefined;
    called = true;
    const value = Reflect.apply(callback, this, args);
    if (preserveReturnValue) result = value;
    return value;
  };
}

// Array.prototype.splice(index, 1) without the array of removed elements.
function spliceOne(list, index) {
  for (; index + 1 < list.length; index++) list[index] = list[index + 1];
  list.pop();
}

function setOwnProperty(target, key, value) {
  return Object.defineProperty(target, key, {
    __proto__: null, configurable: true, enumerable: true, value, writable: true,
  });
}

// A function named by a property key; symbols in brackets.
function assignFunctionName(name, fn, descriptor = kEmptyObject) {
  if (typeof name !== 'string') {
    name = name.description;
    if (name === undefined || name === '') name = '';
    else name = `[${name}]`;
  }
  return Object.defineProperty(fn, 'name', {
    __proto__: null,
    writable: false,
    enumerable: false,
    configurable: true,
    ...Object.getOwnPropertyDescriptor(fn, 'name'),
    ...descriptor,
    value: name,
  });
}

// Exports of builtin `id` that appear on `target` without loading it.
function defineLazyProperties(target, id, keys, enumerable = true) {
  for (const key of keys) {
    const define = (value) => Object.defineProperty(target, key, {
      __proto__: null, configurable: true, enumerable, value, writable: true,
    });
    const get = assignFunctionName(key, function() {
      const value = require(id)[key];
      define(value);
      return value;
    });
    const set = assignFunctionName(key, function(value) { define(value); });
    Object.defineProperty(target, key, {
      __proto__: null, configurable: true, enumerable, get, set,
    });
  }
}

// As Web IDL has methods: enumerable and named.
function defineOperation(target, name, method) {
  Object.defineProperty(target, name, {
    __proto__: null, configurable: true, enumerable: true, value: method, writable: true,
  });
}

// A class that may also be called without `new`.
function createClassWrapper(type) {
  function fn(...args) {
    return Reflect.construct(type, args, new.target || type);
  }
  Object.defineProperties(fn, {
    name: { __proto__: null, value: type.name },
    length: { __proto__: null, value: type.length },
  });
  Object.setPrototypeOf(fn, type);
  fn.prototype = type.prototype;
  return fn;
}

const lazyDOMExceptionClass = lazy(() => require('internal/domexception').DOMException);

function lazyDOMException(message, name) {
  const DOMException = lazyDOMExceptionClass();
  const error = new DOMException(message, name);
  Error.captureStackTrace?.(error, lazyDOMException);
  return error;
}

// Of any realm, or anything that inherits from this realm's Error.
const isError = (value) => getTypes().isNativeError(value) || value instanceof Error;

let workingDirectory;
let workingDirectoryUrl;

function getCWDURL() {
  const folder = getProcess().cwd();
  if (folder !== workingDirectory) {
    const { pathToFileURL } = require('internal/url');
    workingDirectoryUrl = pathToFileURL(`${folder}/`);
    workingDirectory = folder;
  }
  return workingDirectoryUrl;
}

const isUnderNodeModules = (filename) => /[/\\]node_modules[/\\]/.test(filename);

// Whether the nearest code on the stack that is not the runtime's belongs to a package.
function isInsideNodeModules(frameLimit = 100) {
  for (const { scriptName } of getStack().callSitesBelow(isInsideNodeModules, frameLimit)) {
    if (!/^(node:|internal\/|\[|<|$)/.test(scriptName)) return isUnderNodeModules(scriptName);
  }
  return false;
}

// The number of a signal given by name or number.
function convertToValidSignal(signal) {
  const { signals } = require('os').constants;
  if (typeof signal === 'number' && Object.values(signals).includes(signal)) return signal;
  if (typeof signal === 'string') {
    const number = signals[signal.toUpperCase()];
    if (number) return number;
  }
  throw new (getErrors().codes.ERR_UNKNOWN_SIGNAL)(signal);
}

// The exit code a shell gives for a process that a signal ended.
function convertProcessSignalToExitCode(signal) {
  const { signals } = require('os').constants;
  getValidators().validateOneOf(signal, 'signalCode', Object.keys(signals));
  return 128 + signals[signal];
}

// Blocks the thread.
function sleep(milliseconds) {
  getValidators().validateUint32(milliseconds, 'msec');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function assertCrypto() {
  if (!getProcess().versions.openssl) throw new (getErrors().codes.ERR_NO_CRYPTO)();
}

module.exports = {
  customInspectSymbol,
  customPromisifyArgs,
  kEmptyObject,
  kEnumerableProperty,
  isMacOS,
  isWindows,
  assertCrypto,
  assignFunctionName,
  convertProcessSignalToExitCode,
  convertToValidSignal,
  createClassWrapper,
  defineLazyProperties,
  defineOperation,
  getCWDURL,
  getSystemErrorMap: () => getSystem().systemErrorMap(),
  getSystemErrorName: (errno) => getSystem().systemErrorName(errno),
  getSystemErrorMessage: (errno) => getSystem().systemErrorText(errno),
  isError,
  isInsideNodeModules,
  isUnderNodeModules,
  lazyDOMException,
  lazyDOMExceptionClass,
  normalizeEncoding,
  once,
  promisify,
  removeColors: (text) => getText().stripControlSequences(text),
  setOwnProperty,
  sleep,
  spliceOne,
  toUSVString: (value) => `${value}`.toWellFormed(),
  deprecate: (fn, message, code, options = undefined) =>
    getDeprecate().deprecate(fn, message, code, options),
  deprecateProperty: (key, message, code, isPending) =>
    getDeprecate().deprecateProperty(key, message, code, isPending),
  deprecateInstantiation: (target, code, ...args) =>
    getDeprecate().deprecateInstantiation(target, code, ...args),
  emitExperimentalWarning: (feature, ...rest) =>
    getDeprecate().emitExperimentalWarning(feature, ...rest),
  getDeprecationWarningEmitter: (...args) =>
    getDeprecate().getDeprecationWarningEmitter(...args),
  isPendingDeprecation: () => getDeprecate().isPendingDeprecation(),
  pendingDeprecate: (fn, message, code) => getDeprecate().pendingDeprecate(fn, message, code),
};
