'use strict';
// How ops call back the callers of fs functions, with as many arguments as Node passes. (In which asynchronous context
// is the event loop's business.) Each function checks the callback and answers one for the op.

const lazy = require('internal/lazy');
const { isLoaded } = require('internal/builtins');
const { validateFunction } = require('internal/validators');

const getAsyncHooks = lazy(() => require('internal/async_hooks'));
const getStack = lazy(() => require('internal/stack'));

// Nobody hooks where not even the hooks were loaded, as in programs that only read files at once.
function tracked(callback) {
  return isLoaded('internal/async_hooks') ? getAsyncHooks().trackCallback('FSREQCALLBACK', callback) : callback;
}

// For operations that succeed without a result.
function voidCallback(callback) {
  validateFunction(callback, 'cb');
  const call = tracked(callback);
  return (error) => call(error);
}

// For operations with a result, which `convert`, if given, turns into what the caller gets.
function valueCallback(callback, convert, detail) {
  validateFunction(callback, 'cb');
  const call = tracked(callback);
  return (error, value) => {
    if (error !== null) call(error);
    else call(null, convert === undefined ? value : convert(value, detail));
  };
}

// For reads and writes: the count, and what was read into or written.
function transferCallback(callback, data) {
  validateFunction(callback, 'cb');
  const call = tracked(callback);
  return (error, count) => call(error, count ?? 0, data);
}

// The promise of what an op calls back with, which `convert`, if given, turns into what the caller gets; `start` gets
// the callback, and checks arguments before it calls the op: what it throws rejects.
function promised(start, convert) {
  const promise = new Promise((resolve, reject) => {
    start((error, value) => {
      if (error === null) {
        resolve(convert === undefined || value === undefined ? value : convert(value));
        return;
      }
      // it was made where no function runs
      getStack().showWaiting(error, promise);
      reject(error);
    });
  });
  return promise;
}

module.exports = { promised, transferCallback, valueCallback, voidCallback };
