'use strict';
// --frozen-intrinsics: what the language brings along cannot be changed any more. Objects that inherit from it can
// still get properties of the same names, which a frozen property alone would forbid.

const { emitExperimentalWarning } = require('internal/util');

const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, hasOwn } = Object;
const { ownKeys } = Reflect;

const names = [
  'AggregateError', 'Array', 'ArrayBuffer', 'AsyncDisposableStack', 'Atomics', 'BigInt', 'BigInt64Array',
  'BigUint64Array', 'Boolean', 'DataView', 'Date', 'DisposableStack', 'Error', 'EvalError', 'FinalizationRegistry',
  'Float16Array', 'Float32Array', 'Float64Array', 'Function', 'Int16Array', 'Int32Array', 'Int8Array', 'Intl',
  'Iterator', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError', 'ReferenceError', 'Reflect',
  'RegExp', 'Set', 'SharedArrayBuffer', 'String', 'SuppressedError', 'Symbol', 'SyntaxError', 'TypeError', 'URIError',
  'Uint16Array', 'Uint32Array', 'Uint8Array', 'Uint8ClampedArray', 'WeakMap', 'WeakRef', 'WeakSet', 'WebAssembly',
  'decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'escape', 'eval', 'isFinite', 'isNaN',
  'parseFloat', 'parseInt', 'unescape',
  'clearImmediate', 'clearInterval', 'clearTimeout', 'setImmediate', 'setInterval', 'setTimeout',
];

/** Prototypes that no global names. */
function hiddenPrototypes() {
  function* generator() {}
  async function* asyncGenerator() {}
  const iterators = [[].values(), ''[Symbol.iterator](), new Map().keys(), new Set().keys(), /a/[Symbol.matchAll]('')];
  return [
    ...iterators.map(getPrototypeOf),
    getPrototypeOf(Uint8Array),
    getPrototypeOf(Uint8Array.prototype),
    getPrototypeOf(async () => {}),
    getPrototypeOf(generator),
    getPrototypeOf(generator.prototype),
    getPrototypeOf(asyncGenerator),
    getPrototypeOf(asyncGenerator.prototype),
    getPrototypeOf(getPrototypeOf(asyncGenerator.prototype)),
  ];
}

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Makes a property one that those who inherit it can have for themselves. */
function allowOverride(object, key, descriptor) {
  const { value, enumerable } = descriptor;
  defineProperty(object, key, {
    __proto__: null,
    get() { return value; },
    set(own) {
      if (object === this) {
        throw new TypeError(`Cannot assign to read only property '${String(key)}' of object '${object}'`);
      }
      if (hasOwn(this, key)) this[key] = own;
      else defineProperty(this, key, { __proto__: null, value: own, writable: true, enumerable: true, configurable: true });
    },
    enumerable,
    configurable: true,
  });
}

/** Of a class or its prototype; classes have names and lengths of their own anyway. */
function allowOverrides(object) {
  for (const key of ownKeys(object)) {
    if (typeof object === 'function' && (key === 'name' || key === 'length')) continue;
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (descriptor.configurable && 'value' in descriptor) allowOverride(object, key, descriptor);
  }
}

/** Everything that can be reached by properties, getters and setters among them. */
function reachable(roots) {
  const found = new Set(roots);
  const add = (value) => {
    if (isObject(value) && value !== globalThis) found.add(value);
  };
  for (const object of found) {
    for (const key of ownKeys(object)) {
      const { get, set, value } = getOwnPropertyDescriptor(object, key);
      add(get);
      add(set);
      add(value);
    }
  }
  return found;
}

/** What the console remembers by symbols goes on changing. */
function freezeMethods(console) {
  for (const key of ownKeys(console)) {
    const { value } = getOwnPropertyDescriptor(console, key);
    if (typeof value !== 'function') continue;
    freeze(value);
    if (typeof key === 'string') defineProperty(console, key, { __proto__: null, writable: false, configurable: false });
  }
  Object.preventExtensions(console);
}

function freezeIntrinsics() {
  emitExperimentalWarning('Frozen intristics');
  const roots = names.map((name) => globalThis[name]).filter(isObject);
  roots.push(...hiddenPrototypes());
  const all = reachable(roots);
  for (const object of all) {
    const { constructor } = getOwnPropertyDescriptor(object, 'constructor') === undefined ? {} : object;
    if (typeof constructor !== 'function' || constructor.prototype !== object) continue;
    allowOverrides(object);
    if (all.has(constructor)) allowOverrides(constructor);
  }
  for (const object of reachable(all)) freeze(object);
  freezeMethods(globalThis.console);
  defineProperty(globalThis, 'globalThis', {
    __proto__: null, value: globalThis, writable: false, enumerable: false, configurable: false,
  });
}

module.exports = { freezeIntrinsics };
