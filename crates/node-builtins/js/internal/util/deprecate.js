'use strict';
// Warnings, given once, that what is used is deprecated or experimental.

const lazy = require('internal/lazy');
const process = require('process');

const getOptions = lazy(() => require('internal/options'));

const warnedCodes = new Set();
const warnedFeatures = new Set();

const isPendingDeprecation = () =>
  Boolean(getOptions().getOptionValue('--pending-deprecation')) && !process.noDeprecation;

// A function that warns at its first call; with a code, only if no other warned of it.
function getDeprecationWarningEmitter(code, message, deprecated, shouldWarn = () => true) {
  let warned = false;
  return () => {
    if (warned || !shouldWarn()) return;
    warned = true;
    if (code === 'ExperimentalWarning') {
      process.emitWarning(message, code, deprecated);
    } else if (code === undefined) {
      process.emitWarning(message, 'DeprecationWarning', deprecated);
    } else if (!warnedCodes.has(code)) {
      process.emitWarning(message, 'DeprecationWarning', code, deprecated);
      warnedCodes.add(code);
    }
  };
}

function wrap(fn, warn, modifyPrototype) {
  function deprecated(...args) {
    warn(deprecated);
    return new.target === undefined ?
      Reflect.apply(fn, this, args) : Reflect.construct(fn, args, new.target);
  }
  if (modifyPrototype) {
    // Classes go on working with `instanceof` and `super`.
    Object.setPrototypeOf(deprecated, fn);
    if (fn.prototype) deprecated.prototype = fn.prototype;
  }
  return Object.defineProperty(deprecated, 'length', {
    __proto__: null, ...Object.getOwnPropertyDescriptor(fn, 'length'),
  });
}

function deprecate(fn, message, code, { modifyPrototype = true } = {}) {
  if (code !== undefined) require('internal/validators').validateString(code, 'code');
  const emit = getDeprecationWarningEmitter(code, message, undefined);
  return wrap(fn, () => {
    if (process.noDeprecation !== true) emit();
  }, modifyPrototype);
}

function pendingDeprecate(fn, message, code) {
  return wrap(fn, getDeprecationWarningEmitter(code, message, undefined, isPendingDeprecation),
              true);
}

// A function that warns when an options object has `key`.
function deprecateProperty(key, message, code, isPending = false) {
  const warn = getDeprecationWarningEmitter(
    code, message, undefined, isPending ? isPendingDeprecation : undefined);
  return (options) => {
    if (key in options) warn();
  };
}

// Calls a class's constructor for a function called without `new`.
function deprecateInstantiation(target, code, ...args) {
  if (!warnedCodes.has(code)) {
    warnedCodes.add(code);
    process.emitWarning(
      `Instantiating ${target.name} without the 'new' keyword has been deprecated.`,
      'DeprecationWarning', code);
  }
  return Reflect.construct(target, args);
}

function emitExperimentalWarning(feature, message, code, constructor) {
  if (warnedFeatures.has(feature)) return;
  warnedFeatures.add(feature);
  process.emitWarning(
    `${message ?? ''}${feature} is an experimental feature and might change at any time`,
    'ExperimentalWarning', code, constructor);
}

module.exports = {
  deprecate,
  deprecateInstantiation,
  deprecateProperty,
  emitExperimentalWarning,
  getDeprecationWarningEmitter,
  isPendingDeprecation,
  pendingDeprecate,
};
