'use strict';

// Which import attributes an import may have, given what is imported.

const lazy = require('internal/lazy');
const getCodes = lazy(() => require('internal/errors').codes);

/** The `type` that each format demands; undefined where none may stand. */
const typeOfFormat = { __proto__: null, json: 'json' };

/** Formats that have no type of their own. */
const untyped = {
  '__proto__': null,
  'addon': true,
  'builtin': true,
  'commonjs': true,
  'commonjs-typescript': true,
  'module': true,
  'module-typescript': true,
  'wasm': true,
};

/** Throws if there is another key than `type`. */
function checkKeys(url, attributes) {
  // arrays may have been robbed of their iterators
  const keys = Object.keys(attributes);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (key !== 'type') throw new (getCodes().ERR_IMPORT_ATTRIBUTE_UNSUPPORTED)(key, attributes[key], url);
  }
}

/** Throws unless a module of this format may be imported with these attributes, whose keys are checked already. */
function check(url, format, attributes) {
  const { type } = attributes;
  const wanted = typeOfFormat[format];
  if (wanted !== undefined) {
    if (type === wanted) return;
    if (type === undefined) throw new (getCodes().ERR_IMPORT_ATTRIBUTE_MISSING)(url, 'type', wanted);
  } else if (type === undefined) {
    // what has no known format is refused when it is translated
    return;
  }
  if (type !== 'json') throw new (getCodes().ERR_IMPORT_ATTRIBUTE_UNSUPPORTED)('type', type, url);
  if (untyped[format]) throw new (getCodes().ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE)(url, type);
}

const space = /(?:\s|\/\/.*|\/\*[^]*?\*\/)+/y;
const key = /([\p{ID_Start}$_][\p{ID_Continue}$]*)|"((?:[^"\\]|\\[^])*)"|'((?:[^'\\]|\\[^])*)'/yu;

/**
 * All attributes of an import of which the engine told only `type` and the name of another one; `line` and `column`,
 * from 1, are those of the specifier. Undefined where there is no clause.
 */
function parse(text, line, column) {
  let at = 0;
  for (let i = 1; i < line; i++) at = text.indexOf('\n', at) + 1;
  at += column - 1;
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const takeWord = () => {
    take(space);
    const found = take(key);
    take(space);
    return found === null ? undefined : found[1] ?? unescaped(found[2] ?? found[3]);
  };
  takeWord();
  if (takeWord() !== 'with' || text[at] !== '{') return undefined;
  const attributes = { __proto__: null };
  do {
    at++;
    const name = takeWord();
    if (name === undefined || text[at] !== ':') break;
    at++;
    attributes[name] = takeWord();
  } while (text[at] === ',');
  return attributes;
}

function unescaped(text) {
  return text.replace(/\\u\{?([\da-f]+)\}?|\\x([\da-f]{2})|\\(.)/gi, (whole, unicode, byte, other) => {
    if (other === undefined) return String.fromCodePoint(Number.parseInt(unicode ?? byte, 16));
    return { n: '\n', r: '\r', t: '\t' }[other] ?? other;
  });
}

/** Gives requests all of their attributes: the engine tells the value of `type` only. `textOf()`: the source. */
function completeAttributes(requests, textOf) {
  // no iterator, as programs may have deleted that of arrays
  for (let i = 0; i < requests.length; i++) {
    const { 1: attributes, 3: line, 4: column } = requests[i];
    if (attributes === undefined || Object.keys(attributes).every((name) => name === 'type')) continue;
    requests[i][1] = parse(textOf(), line, column) ?? attributes;
  }
}

module.exports = { check, checkKeys, completeAttributes };
