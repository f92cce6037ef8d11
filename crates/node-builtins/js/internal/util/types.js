'use strict';
// What kind of object a value is, asked of the engine, so that neither a prototype nor a
// Symbol.toStringTag can deceive; the private ground of `util/types`.

const {
  isAnyArrayBuffer,
  isArgumentsObject,
  isArrayBuffer,
  isAsyncFunction,
  isBigIntObject,
  isBooleanObject,
  isDate,
  isExternal,
  isGeneratorFunction,
  isGeneratorObject,
  isMap,
  isMapIterator,
  isModuleNamespaceObject,
  isNativeError,
  isNumberObject,
  isPromise,
  isProxy,
  isRegExp,
  isSet,
  isSetIterator,
  isSharedArrayBuffer,
  isStringObject,
  isSymbolObject,
  isWeakMap,
  isWeakSet,
} = binding;

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const typedArrayTag = Object.getOwnPropertyDescriptor(typedArrayPrototype, Symbol.toStringTag).get;
const isArrayBufferView = ArrayBuffer.isView;

// The class name of a typed array, undefined for everything else. The getter does not throw.
const typedArrayName = (value) => Reflect.apply(typedArrayTag, value, []);
const isTypedArray = (value) => typedArrayName(value) !== undefined;
const isDataView = (value) => isArrayBufferView(value) && !isTypedArray(value);

function isBoxedPrimitive(value) {
  return isNumberObject(value) || isStringObject(value) || isBooleanObject(value) ||
    isBigIntObject(value) || isSymbolObject(value);
}

module.exports = {
  isExternal,
  isDate,
  isArgumentsObject,
  isBigIntObject,
  isBooleanObject,
  isNumberObject,
  isStringObject,
  isSymbolObject,
  isBoxedPrimitive,
  isNativeError,
  isRegExp,
  isAsyncFunction,
  isGeneratorFunction,
  isGeneratorObject,
  isPromise,
  isMap,
  isSet,
  isMapIterator,
  isSetIterator,
  isWeakMap,
  isWeakSet,
  isArrayBuffer,
  isDataView,
  isSharedArrayBuffer,
  isProxy,
  isModuleNamespaceObject,
  isAnyArrayBuffer,
  isArrayBufferView,
  isTypedArray,
  isUint8Array: (value) => typedArrayName(value) === 'Uint8Array',
  isUint8ClampedArray: (value) => typedArrayName(value) === 'Uint8ClampedArray',
  isUint16Array: (value) => typedArrayName(value) === 'Uint16Array',
  isUint32Array: (value) => typedArrayName(value) === 'Uint32Array',
  isInt8Array: (value) => typedArrayName(value) === 'Int8Array',
  isInt16Array: (value) => typedArrayName(value) === 'Int16Array',
  isInt32Array: (value) => typedArrayName(value) === 'Int32Array',
  isFloat16Array: (value) => typedArrayName(value) === 'Float16Array',
  isFloat32Array: (value) => typedArrayName(value) === 'Float32Array',
  isFloat64Array: (value) => typedArrayName(value) === 'Float64Array',
  isBigInt64Array: (value) => typedArrayName(value) === 'BigInt64Array',
  isBigUint64Array: (value) => typedArrayName(value) === 'BigUint64Array',
};

// Keys are asked for only where node:crypto is, which knows them.
defineKeyCheck('isKeyObject', (value) => value instanceof require('crypto').KeyObject);
defineKeyCheck('isCryptoKey', (value) => {
  try {
    require('crypto').KeyObject.from(value);
    return true;
  } catch {
    return false;
  }
});

function defineKeyCheck(name, check) {
  Object.defineProperty(module.exports, name, {
    __proto__: null,
    value: (value) => typeof value === 'object' && value !== null && check(value),
    configurable: false,
    enumerable: true,
    writable: false,
  });
}

// Private to the internals: the kind of typed array in one question.
Object.defineProperty(module.exports, 'typedArrayName', {
  __proto__: null, value: typedArrayName, enumerable: false,
});
