'use strict';
// Errors on their way between threads: structured clone would leave only name, message and stack of them.

const lazy = require('internal/lazy');
const { customInspectSymbol } = require('internal/util');
const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getStructuredClone = lazy(() => require('internal/structured_clone').structuredClone);

const classes = { __proto__: null, Error, TypeError, RangeError, URIError, SyntaxError, ReferenceError, EvalError };

function className(error) {
  for (let object = error; object !== null; object = Object.getPrototypeOf(object)) {
    const { constructor } = Object.getOwnPropertyDescriptor(object, 'constructor')?.value ? object : {};
    if (typeof constructor === 'function' && classes[constructor.name] !== undefined) return constructor.name;
  }
  return 'Error';
}

function isCloneable(value) {
  try {
    getStructuredClone()(value);
    return true;
  } catch {
    return false;
  }
}

/** How a value shows itself, if it has its own way and that does not fail. */
function ownLook(value) {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, customInspectSymbol)) return undefined;
  try {
    return getInspect()(value);
  } catch {
    return undefined;
  }
}

/** A picture of what is no error. What shows itself in its own way does so on the other side, too. */
function pictureOf(value) {
  const text = ownLook(value);
  if (text !== undefined) return { kind: 'custom', text };
  return isCloneable(value) ?
    { kind: 'value', value } : { kind: 'shown', text: getInspect()(value, { customInspect: false }) };
}

// a symbol stays one to look at
const pictureOfCause = (value) =>
  (typeof value === 'symbol' ? { kind: 'custom', text: String(value) } : pictureOf(value));

/** A picture of any thrown value that can be cloned. */
function serializeError(error, seen = new Set()) {
  if (typeof error !== 'object' || error === null || !Error.isError(error) || seen.has(error)) {
    return pictureOf(error);
  }
  seen.add(error);
  const properties = {};
  for (const key of ['name', 'message', 'stack', ...Object.getOwnPropertyNames(error)]) {
    if (key === 'fileName' || key === 'lineNumber' || key === 'columnNumber') continue;
    let value;
    try {
      value = error[key];
    } catch {
      continue;
    }
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    if (Error.isError(value)) properties[key] = { enumerable, error: serializeError(value, seen) };
    else if (key === 'cause') properties[key] = { enumerable, error: pictureOfCause(value) };
    else if (isCloneable(value)) properties[key] = { enumerable, value };
  }
  return { kind: 'error', class: className(error), properties };
}

function deserializeError(picture) {
  if (picture.kind === 'value') return picture.value;
  if (picture.kind === 'shown') return picture.text;
  if (picture.kind === 'custom') return { [customInspectSymbol]: () => picture.text };
  const Class = classes[picture.class];
  const error = new Class();
  // a stack that could not be read there has none here
  if (!Object.hasOwn(picture.properties, 'stack')) picture.properties.stack = { enumerable: false, value: undefined };
  for (const key of Object.keys(picture.properties)) {
    const { enumerable, value, error: nested } = picture.properties[key];
    if (key === 'name' && value === Class.prototype.name) continue;
    Object.defineProperty(error, key, {
      __proto__: null,
      value: nested === undefined ? value : deserializeError(nested),
      enumerable,
      writable: true,
      configurable: true,
    });
  }
  return error;
}

module.exports = { deserializeError, serializeError };
