'use strict';

// Modules that require each other: what one of them gets of another that is still being loaded.

const process = require('process');
const { isProxy } = require('internal/util/types');

/** What a module that is still being loaded exports so far; missing names warn, as they are likely a cycle. */
function exportsOfUnfinished(module) {
  const { exports } = module;
  if (exports && !isProxy(exports) && Object.getPrototypeOf(exports) === Object.prototype && !exports.__esModule) {
    // after the check for __esModule, which must not warn
    Object.setPrototypeOf(exports, warningPrototype);
    watched.add(module);
  }
  return exports;
}

/** Modules whose exports warn of missing names. */
const watched = new Set();

/** A module is loaded: nothing is missing any more. */
function finish(module) {
  if (!watched.delete(module)) return;
  const { exports } = module;
  if (exports && !isProxy(exports) && Object.getPrototypeOf(exports) === warningPrototype) {
    Object.setPrototypeOf(exports, Object.prototype);
  }
}

function warnOfMissing(name) {
  process.emitWarning(
    `Accessing non-existent property '${String(name)}' of module exports inside circular dependency`,
  );
}

const warningPrototype = new Proxy({}, {
  get(target, name) {
    // `constructor` is read by everything, `__esModule` by transpiled code
    if (name in target || name === '__esModule') return target[name];
    warnOfMissing(name);
    return undefined;
  },
  getOwnPropertyDescriptor(target, name) {
    if (Object.hasOwn(target, name) || name === '__esModule') return Object.getOwnPropertyDescriptor(target, name);
    warnOfMissing(name);
    return undefined;
  },
});

module.exports = { exportsOfUnfinished, finish };
