'use strict';
// Deep comparison: loose (assert.deepEqual), strict (util.isDeepStrictEqual), strict but for
// prototypes, and partial (assert.partialDeepStrictEqual: everything the second value has).
// Collections without order are compared in internal/util/compare_collections.

const lazy = require('internal/lazy');
const types = require('internal/util/types');
const { engine: { getOwnNonIndexProperties } } = require('internal/util/inspect');

const collections = lazy(() => require('internal/util/compare_collections'));

const kLoose = 0;
const kStrict = 1;
const kStrictWithoutPrototypes = 2;
const kPartial = 3;

const { toString: objectTag, propertyIsEnumerable, hasOwnProperty } = Object.prototype;
const hasOwn = (object, key) => Reflect.apply(hasOwnProperty, object, [key]);
const isEnumerable = (object, key) => Reflect.apply(propertyIsEnumerable, object, [key]);
const tagOf = (object) => Reflect.apply(objectTag, object, []);
const bothNaN = (a, b) => Number.isNaN(a) && Number.isNaN(b);

// `trail` holds the pairs of objects being compared, so that circles end.
function equal(a, b, mode, trail) {
  if (a === b) return a !== 0 || mode === kLoose || Object.is(a, b);
  if (mode !== kLoose) {
    if (typeof a !== 'object') return typeof a === 'number' && bothNaN(a, b);
    if (typeof b !== 'object' || a === null || b === null) return false;
    if (mode === kStrict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  } else {
    if (a === null || typeof a !== 'object') {
      // eslint-disable-next-line eqeqeq
      return (b === null || typeof b !== 'object') && (a == b || bothNaN(a, b));
    }
    if (b === null || typeof b !== 'object') return false;
  }
  const tag = tagOf(a);
  if (tag !== tagOf(b)) return false;
  return equalObjects(a, b, mode, trail, tag);
}

function equalObjects(a, b, mode, trail, tag) {
  if (Array.isArray(a)) return Array.isArray(b) && equalArrays(a, b, mode, trail);
  if (tag === '[object Object]') return equalMembers(a, b, mode, trail, noContent);
  if (types.isDate(a)) {
    if (!types.isDate(b)) return false;
    const time = Date.prototype.getTime.call(a);
    const otherTime = Date.prototype.getTime.call(b);
    if (time !== otherTime && !bothNaN(time, otherTime)) return false;
  } else if (types.isRegExp(a)) {
    if (!types.isRegExp(b) || a.source !== b.source || a.flags !== b.flags ||
        a.lastIndex !== b.lastIndex) {
      return false;
    }
  } else if (ArrayBuffer.isView(a)) {
    if (!equalViews(a, b, mode)) return false;
    return equalMembers(a, b, mode, trail, noContent, ownKeysOfView);
  } else if (types.isSet(a)) {
    if (!types.isSet(b) || (mode === kPartial ? a.size < b.size : a.size !== b.size)) return false;
    return equalMembers(a, b, mode, trail, collections().equalSets);
  } else if (types.isMap(a)) {
    if (!types.isMap(b) || (mode === kPartial ? a.size < b.size : a.size !== b.size)) return false;
    return equalMembers(a, b, mode, trail, collections().equalMaps);
  } else if (types.isAnyArrayBuffer(a)) {
    if (!types.isAnyArrayBuffer(b) || !equalBytes(new Uint8Array(a), new Uint8Array(b), mode)) {
      return false;
    }
  } else if (isError(a)) {
    return isError(b) && equalMembers(a, b, mode, trail, equalErrors);
  } else if (types.isBoxedPrimitive(a)) {
    if (!equalBoxed(a, b)) return false;
  } else if (types.isWeakMap(a) || types.isWeakSet(a) || types.isPromise(a)) {
    return false;
  } else if (tag === '[object URL]') {
    if (a.href !== b.href) return false;
  } else if (tag === '[object KeyObject]') {
    if (!types.isKeyObject(a) || !types.isKeyObject(b) || !a.equals(b)) return false;
  } else if (tag === '[object CryptoKey]') {
    if (!types.isCryptoKey(a) || !types.isCryptoKey(b) || !equalCryptoKeys(a, b)) return false;
  } else if (isOther(b)) {
    // The tag was the same only because somebody said so.
    return false;
  }
  return equalMembers(a, b, mode, trail, noContent);
}

const isError = (value) => types.isNativeError(value) || value instanceof Error;

function isOther(value) {
  return Array.isArray(value) || ArrayBuffer.isView(value) || types.isSet(value) ||
    types.isMap(value) || types.isDate(value) || types.isRegExp(value) ||
    types.isAnyArrayBuffer(value) || types.isBoxedPrimitive(value) || isError(value);
}

function equalBoxed(a, b) {
  if (types.isNumberObject(a)) {
    return types.isNumberObject(b) &&
      Object.is(Number.prototype.valueOf.call(a), Number.prototype.valueOf.call(b));
  }
  if (types.isStringObject(a)) {
    return types.isStringObject(b) &&
      String.prototype.valueOf.call(a) === String.prototype.valueOf.call(b);
  }
  if (types.isBooleanObject(a)) {
    return types.isBooleanObject(b) &&
      Boolean.prototype.valueOf.call(a) === Boolean.prototype.valueOf.call(b);
  }
  if (types.isBigIntObject(a)) {
    return types.isBigIntObject(b) &&
      BigInt.prototype.valueOf.call(a) === BigInt.prototype.valueOf.call(b);
  }
  return types.isSymbolObject(b) &&
    Symbol.prototype.valueOf.call(a) === Symbol.prototype.valueOf.call(b);
}

function equalCryptoKeys(a, b) {
  const { KeyObject } = require('crypto');
  return a.extractable === b.extractable && equal(a.algorithm, b.algorithm, kStrict) &&
    equal(a.usages, b.usages, kStrict) && KeyObject.from(a).equals(KeyObject.from(b));
}

const isFloats = (name) => name === 'Float16Array' || name === 'Float32Array' ||
  name === 'Float64Array';

function equalViews(a, b, mode) {
  const name = types.typedArrayName(a);
  if (name !== types.typedArrayName(b) || !ArrayBuffer.isView(b)) return false;
  if (mode === kLoose && isFloats(name)) return equalElements(a, b);
  const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (mode === kPartial && name !== undefined && name !== 'Uint8Array') {
    return containsInOrder(a, b);
  }
  return equalBytes(bytes(a), bytes(b), mode);
}

// Zeros of either sign are loosely equal.
function equalElements(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !bothNaN(a[i], b[i])) return false;
  }
  return true;
}

function containsInOrder(a, b) {
  let found = 0;
  for (let i = 0; i < a.length && found < b.length; i++) {
    if (Object.is(a[i], b[found])) found++;
  }
  return found === b.length;
}

function equalBytes(a, b, mode) {
  if (mode === kPartial) return containsInOrder(a, b);
  const { length } = a;
  if (length !== b.length) return false;
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

function ownKeysOfView(view, mode) {
  const keys = getOwnNonIndexProperties(view, true);
  return mode === kLoose ? keys.filter((key) => typeof key === 'string') : keys;
}

// Name, message, cause and the errors of an AggregateError count though not enumerable.
function equalErrors(a, b, mode, trail) {
  for (const key of ['message', 'name']) {
    if (mode === kPartial && !hasOwn(b, key) && key === 'message') continue;
    if (!isEnumerable(a, key) && a[key] !== b[key]) return false;
  }
  for (const key of ['cause', 'errors']) {
    const has = hasOwn(b, key);
    if (has !== hasOwn(a, key) && (has || mode !== kPartial)) return false;
    if (has && !isEnumerable(a, key) && !equal(a[key], b[key], mode, trail)) return false;
  }
  return true;
}

function equalArrays(a, b, mode, trail) {
  if (mode === kPartial ? a.length < b.length : a.length !== b.length) return false;
  return equalMembers(a, b, mode, trail, equalArrayElements, ownKeysOfView);
}

const indexOf = (key) => key >>> 0;
const isIndex = (key) => String(indexOf(key)) === key && indexOf(key) !== 0xffffffff;

// The indices that are no holes, from the first on that is not before `start`.
function presentIndices(array, start) {
  const indices = [];
  for (const key of Object.keys(array)) {
    if (!isIndex(key)) break;
    if (indexOf(key) >= start) indices.push(indexOf(key));
  }
  return indices;
}

// A hole is not an undefined element. From the first hole on only indices that exist are
// looked at: sparse arrays may be long.
function equalArrayElements(a, b, mode, trail) {
  if (mode === kPartial) return hasElementsInOrder(a, b, trail);
  for (let i = 0; i < b.length; i++) {
    const isHole = b[i] === undefined && !hasOwn(b, i);
    if (isHole !== (a[i] === undefined && !hasOwn(a, i))) return false;
    if (isHole) return equalSparse(a, b, i, mode, trail);
    if (!equal(a[i], b[i], mode, trail)) return false;
  }
  return true;
}

function equalSparse(a, b, start, mode, trail) {
  const indices = presentIndices(b, start);
  if (indices.length !== presentIndices(a, start).length) return false;
  return indices.every((i) => hasOwn(a, i) && equal(a[i], b[i], mode, trail));
}

// Whether the elements of `b` are found in `a` in this order; holes do not count.
function hasElementsInOrder(a, b, trail) {
  let at = 0;
  for (let i = 0; i < b.length; i++, at++) {
    if (b[i] === undefined && !hasOwn(b, i)) return hasSparseInOrder(a, b, at, i, trail);
    while (at < a.length && !(hasOwn(a, at) && equal(a[at], b[i], kPartial, trail))) {
      if (!hasOwn(a, at)) return hasSparseInOrder(a, b, at, i, trail);
      at++;
    }
    if (at >= a.length) return false;
  }
  return true;
}

function hasSparseInOrder(a, b, startOfA, startOfB, trail) {
  const indices = presentIndices(a, startOfA);
  let next = 0;
  return presentIndices(b, startOfB).every((i) => {
    while (next < indices.length && !equal(a[indices[next]], b[i], kPartial, trail)) next++;
    return next++ < indices.length;
  });
}

const noContent = () => true;

function enumerableKeys(object, mode) {
  const keys = Object.keys(object);
  if (mode === kLoose) return keys;
  for (const symbol of Object.getOwnPropertySymbols(object)) {
    if (isEnumerable(object, symbol)) keys.push(symbol);
  }
  return keys;
}

// What both hold besides properties (`equalContent`), and their properties.
function equalMembers(a, b, mode, trail, equalContent, keysOf = enumerableKeys) {
  const keys = keysOf(b, mode);
  if (mode !== kPartial && keys.length !== keysOf(a, mode).length) return false;
  for (let i = 0; i < keys.length; i++) {
    if (!isEnumerable(a, keys[i])) return false;
  }
  if (keys.length === 0 && equalContent === noContent) return true;
  trail ??= { depth: 0, ofA: new Map(), ofB: new Map() };
  const depth = trail.ofA.get(a);
  if (depth !== undefined || trail.ofB.has(b)) return depth === trail.ofB.get(b);
  trail.ofA.set(a, ++trail.depth);
  trail.ofB.set(b, trail.depth);
  const result = equalContent(a, b, mode, trail) && equalProperties(a, b, keys, mode, trail);
  trail.ofA.delete(a);
  trail.ofB.delete(b);
  return result;
}

function equalProperties(a, b, keys, mode, trail) {
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (!equal(a[key], b[key], mode, trail)) return false;
  }
  return true;
}

module.exports = {
  kLoose,
  kStrict,
  kPartial,
  equal,
  isDeepEqual: (a, b) => equal(a, b, kLoose),
  isDeepStrictEqual: (a, b, skipPrototype) =>
    equal(a, b, skipPrototype ? kStrictWithoutPrototypes : kStrict),
  isPartialStrictEqual: (a, b) => equal(a, b, kPartial),
};
