'use strict';
// util.diff: what changed between two texts or lists of texts.

const { myersDiff } = require('internal/assert/myers_diff');
const { validateString, validateStringArray } = require('internal/validators');

const marks = { __proto__: null, insert: 1, delete: -1, nop: 0 };

function validate(value, name) {
  if (Array.isArray(value)) validateStringArray(value, name);
  else validateString(value, name);
}

// Pairs of 1 (only in actual), -1 (only in expected) or 0 (in both) and a line or character.
function diff(actual, expected) {
  if (actual === expected) return [];
  validate(actual, 'actual');
  validate(expected, 'expected');
  return myersDiff(actual, expected).reverse().map(({ type, value }) => [marks[type], value]);
}

module.exports = { diff };
