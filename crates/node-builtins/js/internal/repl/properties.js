'use strict';
// The properties of objects as a REPL may look at them while somebody types: no getter runs, no proxy hears of it.

const { isArrayBufferView, isProxy } = require('internal/util/types');

/** A name that can stand behind a dot. */
function isIdentifier(name) {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name);
}

function isObjectPrototype(object) {
  return Object.getPrototypeOf(object) === null && Object.hasOwn(object, '__lookupGetter__');
}

// Arrays have a name for each element, of which there may be millions.
function namesOf(object) {
  if (!Array.isArray(object) && !isArrayBufferView(object)) return Object.getOwnPropertyNames(object);
  const { engine: { getOwnNonIndexProperties } } = require('internal/util/inspect');
  return getOwnNonIndexProperties(object, false).filter((name) => typeof name === 'string');
}

/** An object's own names that are identifiers. */
function ownNames(object) {
  if (object === null || object === undefined || isProxy(object)) return [];
  const names = namesOf(object).filter(isIdentifier);
  if (!isObjectPrototype(object)) return names;
  return names.filter((name) => !/^__(?:define|lookup)[GS]etter__$/.test(name));
}

/** The value of a property; undefined where a getter or a proxy would have to say it. */
function propertyOf(value, name) {
  for (let holder = Object(value); holder !== null; holder = Object.getPrototypeOf(holder)) {
    if (isProxy(holder)) return undefined;
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    if (descriptor !== undefined) return descriptor.value;
  }
  return undefined;
}

module.exports = { isIdentifier, ownNames, propertyOf };
