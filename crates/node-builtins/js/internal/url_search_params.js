'use strict';
// URLSearchParams (URL Standard, section 6), and application/x-www-form-urlencoded text.
// A params object that belongs to a URL tells it of changes; how the URL follows is internal/url's business.

const {
  ERR_ARG_NOT_ITERABLE,
  ERR_INVALID_THIS,
  ERR_INVALID_TUPLE,
  ERR_MISSING_ARGS,
} = require('internal/errors').codes;
const { validateFunction } = require('internal/validators');
const { customInspectSymbol, kEnumerableProperty, removeColors } = require('internal/util');
const { kClone } = require('internal/structured_clone/symbols');
const lazy = require('internal/lazy');

const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getDOMException = lazy(() => require('internal/domexception').DOMException);
const getUtf8 = lazy(() => require('internal/buffer_codecs').utf8);

// In V8's words, which programs and tests know.
function toText(value) {
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  return `${value}`;
}

function toUSVString(value) {
  return toText(value).toWellFormed();
}

// ---- application/x-www-form-urlencoded

const ESCAPES = /(?:%[0-9a-fA-F]{2})+/g;

// Bytes that are no UTF-8 become U+FFFD; a character written plainly never completes an escaped one.
function decodeEscapes(run) {
  try {
    return decodeURIComponent(run);
  } catch {
    const bytes = new Uint8Array(run.length / 3);
    for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(run.slice(i * 3 + 1, i * 3 + 3), 16);
    return getUtf8().slice(bytes, 0, bytes.length);
  }
}

function decodeField(text) {
  if (text.includes('+')) text = text.replaceAll('+', ' ');
  return text.includes('%') ? text.replace(ESCAPES, decodeEscapes) : text;
}

// Names and values in turn.
function parseList(text) {
  const list = [];
  for (let start = 0; start < text.length;) {
    let end = text.indexOf('&', start);
    if (end === -1) end = text.length;
    if (end > start) {
      const equals = text.indexOf('=', start);
      if (equals === -1 || equals >= end) list.push(decodeField(text.slice(start, end)), '');
      else list.push(decodeField(text.slice(start, equals)), decodeField(text.slice(equals + 1, end)));
    }
    start = end + 1;
  }
  return list;
}

const PLAIN = /^[\w*\-.]*$/;
const escapes = { '__proto__': null, '!': '%21', "'": '%27', '(': '%28', ')': '%29', '~': '%7E', '%20': '+' };

function encodeField(text) {
  return PLAIN.test(text) ? text : encodeURIComponent(text).replace(/[!'()~]|%20/g, (found) => escapes[found]);
}

function serialize(list) {
  let text = '';
  for (let i = 0; i < list.length; i += 2) {
    text += `${i ? '&' : ''}${encodeField(list[i])}=${encodeField(list[i + 1])}`;
  }
  return text;
}

// ---- What the constructor takes

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function tupleError() {
  return new ERR_INVALID_TUPLE('Each query pair', '[name, value]');
}

function listOfPairs(pairs) {
  const list = [];
  for (const pair of pairs) {
    if (!isObject(pair) || typeof pair[Symbol.iterator] !== 'function') throw tupleError();
    let length = 0;
    for (const item of pair) {
      list.push(toUSVString(item));
      length++;
    }
    if (length !== 2) throw tupleError();
  }
  return list;
}

function listOfRecord(record) {
  const found = new Map();
  for (const key of Reflect.ownKeys(record)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(record, key);
    if (descriptor !== undefined && descriptor.enumerable) found.set(toUSVString(key), toUSVString(record[key]));
  }
  return [...found].flat();
}

// ---- Inspection

function inspectList(name, output, options, empty) {
  const length = output.reduce((sum, text) => sum + removeColors(text).length + 2, -2);
  if (length > options.breakLength) return `${name} {\n  ${output.join(',\n  ')} }`;
  return output.length > 0 ? `${name} { ${output.join(', ')} }` : empty;
}

function innerInspect(depth, options) {
  const inner = { ...options };
  if (depth !== null) inner.depth = depth - 1;
  return (value) => getInspect()(value, inner);
}

// URLs and their parameters are not serializable.
function cloneError() {
  return new (getDOMException())('Cannot clone object of unsupported type.', 'DataCloneError');
}

// ---- The classes

let isParams;
let createLinked;
let replaceList;

class URLSearchParams {
  #list = [];
  // Called after every change where the object belongs to a URL.
  #changed = undefined;

  static {
    isParams = (value) => typeof value === 'object' && value !== null && #list in value;
    createLinked = (query, changed) => {
      const params = new URLSearchParams();
      params.#list = parseList(query);
      params.#changed = changed;
      return params;
    };
    replaceList = (params, query) => {
      params.#list = parseList(query);
    };
  }

  constructor(init = undefined) {
    if (init === undefined || init === null) return;
    if (!isObject(init)) {
      init = toUSVString(init);
      this.#list = parseList(init[0] === '?' ? init.slice(1) : init);
      return;
    }
    const method = init[Symbol.iterator];
    if (method === this[Symbol.iterator] && #list in init) {
      this.#list = init.#list.slice();
    } else if (method !== null && method !== undefined) {
      if (typeof method !== 'function') throw new ERR_ARG_NOT_ITERABLE('Query pairs');
      this.#list = listOfPairs(init);
    } else {
      this.#list = listOfRecord(init);
    }
  }

  [kClone]() {
    throw cloneError();
  }

  [customInspectSymbol](depth, options) {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    if (typeof depth === 'number' && depth < 0) return options.stylize('[Object]', 'special');
    const inspect = innerInspect(depth, options);
    const list = this.#list;
    const output = [];
    for (let i = 0; i < list.length; i += 2) output.push(`${inspect(list[i])} => ${inspect(list[i + 1])}`);
    const { name } = this.constructor;
    return inspectList(name, output, options, `${name} {}`);
  }

  get size() {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    return this.#list.length / 2;
  }

  append(name, value) {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('name', 'value');
    this.#list.push(toUSVString(name), toUSVString(value));
    this.#changed?.();
  }

  delete(name, value = undefined) {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    name = toUSVString(name);
    const any = value === undefined;
    if (!any) value = toUSVString(value);
    const list = this.#list;
    let kept = 0;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name && (any || list[i + 1] === value)) continue;
      list[kept++] = list[i];
      list[kept++] = list[i + 1];
    }
    list.length = kept;
    this.#changed?.();
  }

  get(name) {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    name = toUSVString(name);
    const list = this.#list;
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) return list[i + 1];
    return null;
  }

  getAll(name) {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    name = toUSVString(name);
    const list = this.#list;
    const values = [];
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) values.push(list[i + 1]);
    return values;
  }

  has(name, value = undefined) {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    name = toUSVString(name);
    const any = value === undefined;
    if (!any) value = toUSVString(value);
    const list = this.#list;
    for (let i = 0; i < list.length; i += 2) if (list[i] === name && (any || list[i + 1] === value)) return true;
    return false;
  }

  set(name, value) {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('name', 'value');
    name = toUSVString(name);
    value = toUSVString(value);
    const list = this.#list;
    let kept = 0;
    let found = false;
    for (let i = 0; i < list.length; i += 2) {
      const same = list[i] === name;
      if (same && found) continue;
      list[kept++] = list[i];
      list[kept++] = same ? value : list[i + 1];
      found ||= same;
    }
    list.length = kept;
    if (!found) list.push(name, value);
    this.#changed?.();
  }

  // By UTF-16 code units, keeping the order of equal names.
  sort() {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    const list = this.#list;
    const pairs = [];
    for (let i = 0; i < list.length; i += 2) pairs.push([list[i], list[i + 1]]);
    pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#list = pairs.flat();
    this.#changed?.();
  }

  entries() {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    return new URLSearchParamsIterator(() => this.#list, 'entries');
  }

  forEach(callback, thisArg = undefined) {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    validateFunction(callback, 'callback');
    for (let i = 0; i < this.#list.length; i += 2) callback.call(thisArg, this.#list[i + 1], this.#list[i], this);
  }

  keys() {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    return new URLSearchParamsIterator(() => this.#list, 'keys');
  }

  values() {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    return new URLSearchParamsIterator(() => this.#list, 'values');
  }

  toString() {
    if (!isParams(this)) throw new ERR_INVALID_THIS('URLSearchParams');
    return serialize(this.#list);
  }
}

Object.defineProperties(URLSearchParams.prototype, {
  append: kEnumerableProperty,
  delete: kEnumerableProperty,
  get: kEnumerableProperty,
  getAll: kEnumerableProperty,
  has: kEnumerableProperty,
  set: kEnumerableProperty,
  sort: kEnumerableProperty,
  entries: kEnumerableProperty,
  forEach: kEnumerableProperty,
  keys: kEnumerableProperty,
  values: kEnumerableProperty,
  size: kEnumerableProperty,
  toString: kEnumerableProperty,
  [customInspectSymbol]: { __proto__: null, enumerable: false },
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'URLSearchParams' },
  [Symbol.iterator]: { __proto__: null, configurable: true, writable: true, value: URLSearchParams.prototype.entries },
});

let isIterator;

// Live: sees changes made between two steps.
class URLSearchParamsIterator {
  #getList;
  #kind;
  #index = 0;

  static {
    isIterator = (value) => typeof value === 'object' && value !== null && #kind in value;
  }

  constructor(getList, kind) {
    this.#getList = getList;
    this.#kind = kind;
  }

  #item(list, index) {
    if (this.#kind === 'keys') return list[index];
    return this.#kind === 'values' ? list[index + 1] : [list[index], list[index + 1]];
  }

  next() {
    if (!isIterator(this)) throw new ERR_INVALID_THIS('URLSearchParamsIterator');
    const list = this.#getList();
    const index = this.#index;
    if (index >= list.length) return { value: undefined, done: true };
    this.#index += 2;
    return { value: this.#item(list, index), done: false };
  }

  [customInspectSymbol](depth, options) {
    if (!isIterator(this)) throw new ERR_INVALID_THIS('URLSearchParamsIterator');
    if (typeof depth === 'number' && depth < 0) return options.stylize('[Object]', 'special');
    const inspect = innerInspect(depth, options);
    const list = this.#getList();
    const output = [];
    for (let i = this.#index; i < list.length; i += 2) output.push(inspect(this.#item(list, i)));
    return inspectList('URLSearchParams Iterator', output, options, 'URLSearchParams Iterator {  }');
  }
}

delete URLSearchParamsIterator.prototype.constructor;
Object.setPrototypeOf(URLSearchParamsIterator.prototype, Iterator.prototype);
Object.defineProperties(URLSearchParamsIterator.prototype, {
  next: kEnumerableProperty,
  [customInspectSymbol]: { __proto__: null, enumerable: false },
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'URLSearchParams Iterator' },
});

module.exports = { URLSearchParams, cloneError, createLinked, replaceList, toText };
