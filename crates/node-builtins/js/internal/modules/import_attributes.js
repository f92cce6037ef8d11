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

module.exports = { check, checkKeys };
