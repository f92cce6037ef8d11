'use strict';
// MIME types after the WHATWG's "MIME Sniffing" standard: MIMEType and MIMEParams.

const { codes: { ERR_INVALID_MIME_SYNTAX } } = require('internal/errors');

const notToken = /[^!#$%&'*+\-.^_`|~A-Za-z0-9]/;
const notQuotable = /[^\t\u0020-\u007e\u0080-\u00ff]/;
const whitespaceAtStart = /^[\r\n\t ]+/;
const whitespaceAtEnd = /[\r\n\t ]+$/;

// ASCII only: other letters are no part of a token, and stay as they are in values.
const lowerCase = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function checkToken(text, what, whole = text) {
  const invalid = text.search(notToken);
  if (text === '' || invalid !== -1) throw new ERR_INVALID_MIME_SYNTAX(what, whole, invalid);
}

// The position from which `text` has parameters, type and subtype being before it.
function parseTypes(text) {
  const start = text.search(/[^\r\n\t ]|$/);
  const slash = text.indexOf('/', start);
  const type = text.slice(start, slash === -1 ? undefined : slash);
  if (slash === -1) throw new ERR_INVALID_MIME_SYNTAX('type', text, -1);
  checkToken(type, 'type', text);
  const semicolon = text.indexOf(';', slash + 1);
  const end = semicolon === -1 ? text.length : semicolon;
  const subtype = text.slice(slash + 1, end).replace(whitespaceAtEnd, '');
  checkToken(subtype, 'subtype', text);
  return { type: lowerCase(type), subtype: lowerCase(subtype), end };
}

const quotedValue = /"(?:[^"\\]|\\[^])*("|\\?$)/y;

// The value at `at` and the position behind it, what follows a quoted value being dropped.
function parseValue(text, at) {
  const semicolon = text.indexOf(';', at);
  const end = semicolon === -1 ? text.length : semicolon;
  if (text[at] !== '"') return { value: text.slice(at, end).replace(whitespaceAtEnd, ''), end };
  quotedValue.lastIndex = at;
  const [quoted, close] = quotedValue.exec(text);
  const content = quoted.slice(1, close === '"' ? -1 : undefined);
  const next = text.indexOf(';', at + quoted.length);
  return {
    value: content.replace(/\\([^])/g, '$1'),
    end: next === -1 ? text.length : next,
    isQuoted: true,
  };
}

// What is no valid parameter is left out; of several with one name the first counts.
function parseParameters(text, at, entries) {
  while (at < text.length) {
    at++;
    at += whitespaceAtStart.exec(text.slice(at))?.[0].length ?? 0;
    const nameEnd = /[;=]|$/g;
    nameEnd.lastIndex = at;
    const { index } = nameEnd.exec(text);
    const name = lowerCase(text.slice(at, index));
    at = index;
    if (text[at] !== '=') continue;
    const { value, end, isQuoted } = parseValue(text, at + 1);
    at = end;
    if (name !== '' && !notToken.test(name) && (value !== '' || isQuoted) &&
        !notQuotable.test(value) && !entries.has(name)) {
      entries.set(name, value);
    }
  }
}

function serializeValue(value) {
  if (value !== '' && !notToken.test(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

let entriesOf;

class MIMEParams {
  #entries = new Map();

  static {
    entriesOf = (params) => params.#entries;
  }

  delete(name) {
    this.#entries.delete(`${name}`);
  }

  get(name) {
    return this.#entries.get(`${name}`) ?? null;
  }

  has(name) {
    return this.#entries.has(`${name}`);
  }

  set(name, value) {
    name = `${name}`;
    value = `${value}`;
    checkToken(name, 'parameter name');
    const invalid = value.search(notQuotable);
    if (invalid !== -1) throw new ERR_INVALID_MIME_SYNTAX('parameter value', value, invalid);
    this.#entries.set(name, value);
  }

  *entries() {
    yield* this.#entries.entries();
  }

  *keys() {
    yield* this.#entries.keys();
  }

  *values() {
    yield* this.#entries.values();
  }

  toString() {
    const parts = [];
    for (const [name, value] of this.#entries) parts.push(`${name}=${serializeValue(value)}`);
    return parts.join(';');
  }
}

for (const [key, value] of [
  [Symbol.iterator, MIMEParams.prototype.entries],
  ['toJSON', MIMEParams.prototype.toString],
]) {
  Object.defineProperty(MIMEParams.prototype, key, {
    __proto__: null, configurable: true, enumerable: false, value, writable: true,
  });
}

class MIMEType {
  #type;
  #subtype;
  #parameters = new MIMEParams();

  constructor(string) {
    string = `${string}`;
    const { type, subtype, end } = parseTypes(string);
    this.#type = type;
    this.#subtype = subtype;
    parseParameters(string.replace(whitespaceAtEnd, ''), end, entriesOf(this.#parameters));
  }

  get type() {
    return this.#type;
  }

  set type(value) {
    value = `${value}`;
    checkToken(value, 'type');
    this.#type = lowerCase(value);
  }

  get subtype() {
    return this.#subtype;
  }

  set subtype(value) {
    value = `${value}`;
    checkToken(value, 'subtype');
    this.#subtype = lowerCase(value);
  }

  get essence() {
    return `${this.#type}/${this.#subtype}`;
  }

  get params() {
    return this.#parameters;
  }

  toString() {
    const parameters = this.#parameters.toString();
    return `${this.essence}${parameters === '' ? '' : ';'}${parameters}`;
  }
}

Object.defineProperty(MIMEType.prototype, 'toJSON', {
  __proto__: null,
  configurable: true,
  enumerable: false,
  value: MIMEType.prototype.toString,
  writable: true,
});

module.exports = { MIMEParams, MIMEType };
