'use strict';
// util.callbackify: an async function as one that takes a callback.

const { codes: { ERR_FALSY_VALUE_REJECTION } } = require('internal/errors');
const process = require('process');
const { validateFunction } = require('internal/validators');

const { captureStackTrace } = Error;

// A rejection that is no error cannot be the first argument of a callback.
function onRejected(reason, callback) {
  if (!reason) {
    reason = new ERR_FALSY_VALUE_REJECTION(reason);
    captureStackTrace(reason, onRejected);
  }
  return callback(reason);
}

function callbackify(original) {
  validateFunction(original, 'original');
  function callbackified(...args) {
    const last = args.pop();
    validateFunction(last, 'last argument');
    const callback = last.bind(this);
    // In a tick of its own: what the callback throws is an uncaught exception, not a rejection.
    Reflect.apply(original, this, args).then(
      (value) => process.nextTick(callback, null, value),
      (reason) => process.nextTick(onRejected, reason, callback));
  }
  const descriptors = Object.getOwnPropertyDescriptors(original);
  if (typeof descriptors.length.value === 'number') descriptors.length.value++;
  if (typeof descriptors.name.value === 'string') descriptors.name.value += 'Callbackified';
  return Object.defineProperties(callbackified, descriptors);
}

module.exports = { callbackify };
