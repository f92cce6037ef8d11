'use strict';
// What is particular to each kind of object: the words and braces around its entries, which
// entries it has besides properties (internal/util/inspect/entries), and which properties follow.

const { isLoaded, load } = require('internal/builtins');
const lazy = require('internal/lazy');
const types = require('internal/util/types');
const {
  arrayBufferEntries,
  arrayEntries,
  dataViewEntries,
  iteratorEntries,
  mapEntries,
  mapSize,
  namespaceEntries,
  noEntries,
  promiseEntries,
  setEntries,
  setSize,
  typedArrayEntries,
  typedArrayLength,
  unknownEntries,
  weakMapEntries,
} = require('internal/util/inspect/entries');
const { quote, numberText, bigintText } = require('internal/util/inspect/text');

const getErrors = lazy(() => require('internal/util/inspect/errors'));

const { toString: functionText } = Function.prototype;
const { isPrototypeOf } = Object.prototype;
const errorPrototype = Error.prototype;

// Whether the tag is one of the words of a class name: a tag "Set" adds nothing to "FooSet".
function says(name, tag) {
  const start = name.indexOf(tag);
  if (start === -1) return false;
  const next = name[start + tag.length];
  return next === undefined || next !== next.toLowerCase();
}

// "Foo(3) [Tag] ", or for a missing class "[Array(3): null prototype] ".
function prefix(name, tag, fallback, size = '') {
  const shownTag = tag === '' ? '' : `[${tag}] `;
  if (name === null) {
    return `[${fallback}${size}: null prototype] ${fallback === tag ? '' : shownTag}`;
  }
  return `${name}${size} ${says(name, tag) ? '' : shownTag}`;
}

// In V8's order, also where the engine has another one.
const functionKeys = ['length', 'name', 'prototype'];

function hiddenKeys(value) {
  const keys = Reflect.ownKeys(value);
  if (typeof value !== 'function') return keys;
  const first = functionKeys.filter((key) => keys.includes(key));
  return first.concat(keys.filter((key) => !first.includes(key)));
}

function objectKeys(value, showHidden) {
  if (showHidden) return hiddenKeys(value);
  let keys;
  try {
    keys = Object.keys(value);
  } catch {
    // A module namespace with exports that are not initialized yet.
    keys = Object.getOwnPropertyNames(value);
  }
  const symbols = Object.getOwnPropertySymbols(value);
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i];
    if (Object.prototype.propertyIsEnumerable.call(value, symbol)) keys.push(symbol);
  }
  return keys;
}

function shapeOf(open, close, keys, entries = noEntries, base = '', isArray = false) {
  return { open, close, keys, entries, base, isArray, elements: undefined };
}

// The description of how to show `value`, or the finished text where nothing more is to come.
function describe(state, value, name, tag, hasInherited, tooDeep, insideTypedArray) {
  if (Symbol.iterator in value || name === null) {
    const shape = describeIterable(state, value, name, tag, hasInherited);
    if (shape !== undefined) return shape;
  }
  const keys = objectKeys(value, state.showHidden);
  const bare = () => keys.length === 0 && !hasInherited;
  if (types.isArgumentsObject(value)) {
    const open = name === 'Object' ? '[Arguments] {' : `${prefix(name, tag, 'Arguments')}{`;
    return bare() ? `${open}}` : shapeOf(open, '}', keys);
  }
  // As Node, takes whatever calls itself a plain object for one: most values are.
  if (name === 'Object' && typeof value !== 'function') {
    const open = `${objectPrefix(state, value, name, tag)}{`;
    return bare() ? `${open}}` : shapeOf(open, '}', keys);
  }
  if (typeof value === 'function') {
    const base = functionBase(value, name, tag);
    return bare() ? state.stylize(base, 'special') : shapeOf('{', '}', keys, noEntries, base);
  }
  if (types.isRegExp(value)) {
    const base = withPrefix(RegExp.prototype.toString.call(
      name === null ? new RegExp(value) : value), name, tag, 'RegExp');
    const shown = state.stylize(base, 'regexp');
    return bare() || tooDeep ? shown : shapeOf('{', '}', keys, noEntries, shown);
  }
  if (types.isDate(value)) {
    const time = Date.prototype.getTime.call(value);
    const base = withPrefix(Number.isNaN(time) ?
      Date.prototype.toString.call(value) : Date.prototype.toISOString.call(value),
                            name, tag, 'Date');
    return bare() ? state.stylize(base, 'date') : shapeOf('{', '}', keys, noEntries, base);
  }
  if (types.isNativeError(value) || Reflect.apply(isPrototypeOf, errorPrototype, [value])) {
    const base = getErrors().formatError(state, value, name, tag, keys);
    return bare() ? base : shapeOf('{', '}', keys, noEntries, base);
  }
  if (types.isAnyArrayBuffer(value)) {
    const kind = types.isArrayBuffer(value) ? 'ArrayBuffer' : 'SharedArrayBuffer';
    const open = `${prefix(name, tag, kind)}{`;
    if (!insideTypedArray) return shapeOf(open, '}', keys, arrayBufferEntries);
    if (bare()) {
      return `${open} [byteLength]: ${state.stylize(`${value.byteLength}`, 'number')} }`;
    }
    keys.unshift('byteLength');
    return shapeOf(open, '}', keys);
  }
  if (types.isDataView(value)) {
    return shapeOf(`${prefix(name, tag, 'DataView')}{`, '}', keys, dataViewEntries);
  }
  if (types.isPromise(value)) {
    return shapeOf(`${prefix(name, tag, 'Promise')}{`, '}', keys, promiseEntries);
  }
  if (types.isWeakSet(value)) {
    return shapeOf(`${prefix(name, tag, 'WeakSet')}{`, '}', keys,
                   state.showHidden ? iteratorEntries : unknownEntries);
  }
  if (types.isWeakMap(value)) {
    return shapeOf(`${prefix(name, tag, 'WeakMap')}{`, '}', keys,
                   state.showHidden ? weakMapEntries : unknownEntries);
  }
  if (types.isModuleNamespaceObject(value)) {
    return shapeOf(`${prefix(name, tag, 'Module')}{`, '}', [],
                   (state, value, depth) => namespaceEntries(state, value, depth, keys));
  }
  if (types.isBoxedPrimitive(value)) {
    const base = boxedBase(state, value, keys, name, tag);
    return bare() ? base : shapeOf('{', '}', keys, noEntries, base);
  }
  if (!tooDeep && isUrl(value)) {
    return bare() ? value.href : shapeOf('{', '}', keys, noEntries, value.href);
  }
  if (bare()) {
    if (types.isExternal(value)) {
      const address = state.engine.getExternalValue(value).toString(16);
      return state.stylize(`[External: ${address}]`, 'special');
    }
    return `${objectPrefix(state, value, name, tag)}{}`;
  }
  return shapeOf(`${objectPrefix(state, value, name, tag)}{`, '}', keys);
}

// There are none before their class is loaded.
function isUrl(value) {
  return isLoaded('internal/url') && load('internal/url').hasContext(value);
}

// What an object without prototype once was an instance of.
function className(state, value, tag) {
  const name = state.engine.getConstructorName(value);
  return name === tag ? 'Object' : name;
}

function objectPrefix(state, value, name, tag) {
  if (name === 'Object' && tag === '') return '';
  return prefix(name, tag, className(state, value, tag));
}

function withPrefix(shown, name, tag, kind) {
  const before = prefix(name, tag, kind);
  return before === `${kind} ` ? shown : before + shown;
}

// Things with elements; undefined if `value` is none of the language's own.
function describeIterable(state, value, name, tag, hasInherited) {
  const { showHidden } = state;
  if (Array.isArray(value)) {
    const before = name === 'Array' && tag === '' ? '' :
      prefix(name, tag, 'Array', `(${value.length})`);
    const keys = state.engine.getOwnNonIndexProperties(value, !showHidden);
    if (value.length === 0 && keys.length === 0 && !hasInherited) return `${before}[]`;
    const shape = shapeOf(`${before}[`, ']', keys, arrayEntries, '', true);
    shape.elements = value;
    return shape;
  }
  if (types.isSet(value)) {
    const size = setSize(value);
    const keys = objectKeys(value, showHidden);
    const before = prefix(name, tag, 'Set', `(${size})`);
    if (size === 0 && keys.length === 0 && !hasInherited) return `${before}{}`;
    return shapeOf(`${before}{`, '}', keys, setEntries);
  }
  if (types.isMap(value)) {
    const size = mapSize(value);
    const keys = objectKeys(value, showHidden);
    const before = prefix(name, tag, 'Map', `(${size})`);
    if (size === 0 && keys.length === 0 && !hasInherited) return `${before}{}`;
    return shapeOf(`${before}{`, '}', keys, mapEntries);
  }
  const typedName = types.typedArrayName(value);
  if (typedName !== undefined) {
    const keys = state.engine.getOwnNonIndexProperties(value, !showHidden);
    const length = typedArrayLength(value);
    const before = prefix(name, tag, name === null ? typedName : '', `(${length})`);
    if (length === 0 && keys.length === 0 && !showHidden) return `${before}[]`;
    const shape = shapeOf(`${before}[`, ']', keys, typedArrayEntries, '', true);
    shape.elements = value;
    return shape;
  }
  const kind = types.isMapIterator(value) ? 'Map' : types.isSetIterator(value) ? 'Set' : '';
  if (kind === '') return undefined;
  const [, isKeyValue] = state.engine.previewEntries(value);
  const before = tag === '' || tag === `${kind} Iterator` ? '' : `[${tag}] `;
  return shapeOf(`${before}[${kind} ${isKeyValue ? 'Entries' : 'Iterator'}] {`, '}',
                 objectKeys(value, showHidden), iteratorEntries);
}

const comments = /\/\*[^]*?\*\/|\/\/.*/g;

// Whether the source of a function begins as a class does, not as a method called "class".
function isClassText(source) {
  if (!source.startsWith('class') || !source.endsWith('}')) return false;
  const rest = source.slice(5, -1);
  const brace = rest.indexOf('{');
  if (brace === -1) return false;
  return !rest.slice(0, brace).includes('(') ||
    /^(\s+[^(]*?)\s*{/.test(rest.replace(comments, ''));
}

function functionBase(value, name, tag) {
  const shownTag = tag !== '' && name !== tag ? ` [${tag}]` : '';
  const source = Reflect.apply(functionText, value, []);
  if (isClassText(source)) return `[${classBase(value, name, shownTag)}]`;
  const kind = `${types.isAsyncFunction(value) ? 'Async' : ''}` +
    `${types.isGeneratorFunction(value) ? 'Generator' : ''}Function`;
  const shownName = value.name === '' ? ' (anonymous)' :
    `: ${typeof value.name === 'string' ? value.name : String(value.name)}`;
  return `[${kind}${name === null ? ' (null prototype)' : ''}${shownName}]` +
    `${name !== kind && name !== null ? ` ${name}` : ''}${shownTag}`;
}

function classBase(value, name, shownTag) {
  const ownName = (Object.hasOwn(value, 'name') && value.name) || '(anonymous)';
  const constructor = name !== 'Function' && name !== null ? ` [${name}]` : '';
  let parent = ' extends [null prototype]';
  if (name !== null) {
    const parentName = Object.getPrototypeOf(value).name;
    parent = parentName ? ` extends ${parentName}` : '';
  }
  return `class ${ownName}${constructor}${shownTag}${parent}`;
}

function boxedBase(state, value, keys, name, tag) {
  let kind;
  let shown;
  if (types.isNumberObject(value)) {
    kind = 'Number';
    shown = numberText(Number.prototype.valueOf.call(value), false);
  } else if (types.isStringObject(value)) {
    kind = 'String';
    const content = String.prototype.valueOf.call(value);
    shown = quote(content);
    // The characters are properties, too.
    keys.splice(0, content.length);
  } else if (types.isBooleanObject(value)) {
    kind = 'Boolean';
    shown = String(Boolean.prototype.valueOf.call(value));
  } else if (types.isBigIntObject(value)) {
    kind = 'BigInt';
    shown = bigintText(BigInt.prototype.valueOf.call(value), false);
  } else {
    kind = 'Symbol';
    shown = Symbol.prototype.toString.call(Symbol.prototype.valueOf.call(value));
  }
  const constructor = name === kind ? '' : name === null ? ' (null prototype)' : ` (${name})`;
  const shownTag = tag !== '' && tag !== name ? ` [${tag}]` : '';
  const base = `[${kind}${constructor}: ${shown}]${shownTag}`;
  return keys.length > 0 ? base : state.stylize(base, kind.toLowerCase());
}

module.exports = { className, describe, prefix };
