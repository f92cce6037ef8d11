'use strict';
// The class name an object goes by: that of the nearest `constructor` on its prototype chain
// that it is an instance of; and, where hidden properties are shown, the getters and values its
// class's prototypes add.

const lazy = require('internal/lazy');

// Classes of the language itself, whose prototypes' properties are not worth showing.
const builtInClasses = lazy(() => new Set(
  ('AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array ' +
   'Boolean DataView Date DisposableStack Error EvalError FinalizationRegistry Float16Array ' +
   'Float32Array Float64Array Function Int16Array Int32Array Int8Array InternalError Iterator ' +
   'Map Number Object Promise Proxy RangeError ReferenceError RegExp Set SharedArrayBuffer ' +
   'String SuppressedError Symbol SyntaxError TypeError TypedArray URIError Uint16Array ' +
   'Uint32Array ' +
   'Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet').split(' ')));

function isInstance(object, constructor) {
  try {
    return object instanceof constructor;
  } catch {
    return false;
  }
}

// Known by themselves: the usual answer without looking at properties, and the right one where
// somebody took `constructor` away.
const knownPrototypes = new Map();
knownPrototypes.set(Object.prototype, 'Object');
knownPrototypes.set(Array.prototype, 'Array');
knownPrototypes.set(Function.prototype, 'Function');
knownPrototypes.set(Map.prototype, 'Map');
knownPrototypes.set(Set.prototype, 'Set');
knownPrototypes.set(Error.prototype, 'Error');
knownPrototypes.set(TypeError.prototype, 'TypeError');
knownPrototypes.set(RangeError.prototype, 'RangeError');
knownPrototypes.set(SyntaxError.prototype, 'SyntaxError');
knownPrototypes.set(Promise.prototype, 'Promise');
knownPrototypes.set(ArrayBuffer.prototype, 'ArrayBuffer');
knownPrototypes.set(Object.getPrototypeOf(Uint8Array.prototype), 'TypedArray');

// The name a prototype (or an object itself) gives to `object`; undefined if none.
function nameFrom(current, object) {
  if (current !== object) {
    const known = knownPrototypes.get(current);
    if (known !== undefined) return known;
  }
  const constructor = Object.getOwnPropertyDescriptor(current, 'constructor')?.value;
  return typeof constructor === 'function' && constructor.name !== '' &&
    isInstance(object, constructor) ? String(constructor.name) : undefined;
}

// Null for an object without prototype. `inherited`, if given, gets the formatted properties
// of the prototypes.
function constructorName(state, object, depth, inherited) {
  let current = object;
  let firstPrototype;
  while (current !== null) {
    const name = nameFrom(current, object);
    if (name !== undefined) {
      if (inherited !== undefined &&
          (firstPrototype !== current || !builtInClasses().has(name))) {
        addInherited(state, object, firstPrototype || object, depth, inherited);
      }
      return name;
    }
    current = Object.getPrototypeOf(current);
    if (firstPrototype === undefined) firstPrototype = current;
  }
  if (firstPrototype === null) return null;
  const name = state.engine.getConstructorName(object);
  if (state.depth !== null && depth > state.depth) return `${name} <Complex prototype>`;
  const next = constructorName(state, firstPrototype, depth + 1, inherited);
  if (next !== null) return `${name} <${next}>`;
  const shown = state.format(
    { ...state, customInspect: false, depth: -1, seen: [], circular: undefined },
    firstPrototype, 0);
  return `${name} <${shown}>`;
}

// Up to three prototypes of the user's own classes, the nearest first.
function addInherited(state, object, start, depth, output) {
  const seen = new Set();
  let prototype = start;
  for (let level = 0; level < 3; level++) {
    if (level > 0 || prototype === object) {
      prototype = Object.getPrototypeOf(prototype);
      if (prototype === null) return;
      const constructor = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
      if (typeof constructor === 'function' && builtInClasses().has(constructor.name)) return;
    }
    state.seen.push(object);
    for (const key of Reflect.ownKeys(prototype)) {
      if (key === 'constructor' || Object.hasOwn(object, key) || seen.has(key)) continue;
      seen.add(key);
      const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
      if (typeof descriptor.value === 'function') continue;
      const shown = state.formatProperty(state, prototype, depth, key, false, descriptor, object);
      output.push(state.colors ? `\x1b[2m${shown}\x1b[22m` : shown);
    }
    state.seen.pop();
  }
}

module.exports = { constructorName, builtInClasses };
