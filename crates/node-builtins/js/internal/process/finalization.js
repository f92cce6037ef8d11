'use strict';
// process.finalization: functions that are called with an object when the process ends, as
// long as the object lives until then.

const process = require('process');
const { validateFunction, validateObject } = require('internal/validators');

const events = { exit: new Set(), beforeExit: new Set() };
const registry = new FinalizationRegistry((entry) => forget(entry));
const listeners = {
  exit: () => callAll('exit'),
  beforeExit: () => callAll('beforeExit'),
};

function forget(entry) {
  const entries = events[entry.event];
  if (entries.delete(entry) && entries.size === 0) process.removeListener(entry.event, listeners[entry.event]);
}

function callAll(event) {
  for (const entry of events[event]) {
    const object = entry.reference.deref();
    // Nothing is called for an object that is gone, nor twice.
    if (object !== undefined) entry.callback(object, event);
  }
  events[event].clear();
  process.removeListener(event, listeners[event]);
}

function add(object, callback, event) {
  validateObject(object, 'ref', true);
  validateFunction(callback, 'fn');
  const entries = events[event];
  if (entries.size === 0) process.on(event, listeners[event]);
  const entry = { reference: new WeakRef(object), callback, event };
  entries.add(entry);
  registry.register(object, entry, object);
}

const finalization = {
  __proto__: null,
  register(ref, fn) {
    add(ref, fn, 'exit');
  },
  registerBeforeExit(ref, fn) {
    add(ref, fn, 'beforeExit');
  },
  unregister(ref) {
    if (!ref) return;
    registry.unregister(ref);
    for (const event of ['exit', 'beforeExit']) {
      for (const entry of events[event]) {
        const object = entry.reference.deref();
        if (object === ref || object === undefined) forget(entry);
      }
    }
  },
};

module.exports = { finalization };
