'use strict';
// Owns the public timer functions. What a timer is, where it waits and when it
// runs is in internal/timers.

const { validateFunction } = require('internal/validators');
// util.promisify.custom, without loading util.
const kCustomPromisify = Symbol.for('nodejs.util.promisify.custom');
const lazy = require('internal/lazy');
const { Immediate, startTimeout, clearTimeout, clearImmediate } = require('internal/timers');

const getPromises = lazy(() => require('timers/promises'));

function setTimeout(callback, after, ...args) {
  validateFunction(callback, 'callback');
  return startTimeout(callback, after, args.length === 0 ? undefined : args, false, true);
}

function setInterval(callback, repeat, ...args) {
  validateFunction(callback, 'callback');
  return startTimeout(callback, repeat, args.length === 0 ? undefined : args, true, true);
}

function clearInterval(timer) {
  // The two kinds share their identifiers, as in browsers.
  clearTimeout(timer);
}

function setImmediate(callback, ...args) {
  validateFunction(callback, 'callback');
  return new Immediate(callback, args.length === 0 ? undefined : args);
}

// no iterator, as programs may have deleted that of arrays
[setTimeout, setImmediate].forEach((timer) => {
  Object.defineProperty(timer, kCustomPromisify, {
    __proto__: null,
    enumerable: true,
    get() {
      return getPromises()[timer.name];
    },
  });
});

module.exports = {
  setTimeout,
  clearTimeout,
  setImmediate,
  clearImmediate,
  setInterval,
  clearInterval,
};

Object.defineProperty(module.exports, 'promises', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get: () => getPromises(),
});
