'use strict';
// The methods of t.assert: those of node:assert, snapshots, and what the program registers.

const { validateFunction, validateString } = require('internal/validators');
const { innerOk } = require('internal/assert/ok');

const methodNames = [
  'deepEqual', 'deepStrictEqual', 'doesNotMatch', 'doesNotReject', 'doesNotThrow', 'equal', 'fail', 'ifError',
  'match', 'notDeepEqual', 'notDeepStrictEqual', 'notEqual', 'notStrictEqual', 'partialDeepStrictEqual',
  'rejects', 'strictEqual', 'throws',
];

let known;

/** Methods by their name; `isOwnOk` says that the program has replaced `ok`. */
function assertions() {
  if (known !== undefined) return known;
  known = new Map();
  known.isOwnOk = false;
  const assert = require('assert');
  for (const name of methodNames) known.set(name, assert[name]);
  for (const name of ['snapshot', 'fileSnapshot']) {
    known.set(name, function(...args) {
      const { snapshots } = require('internal/test_runner/snapshot');
      return Reflect.apply(snapshots()[name], this, args);
    });
  }
  return known;
}

function register(name, fn) {
  validateString(name, 'name');
  validateFunction(fn, 'fn');
  if (name === 'ok') assertions().isOwnOk = true;
  assertions().set(name, fn);
}

module.exports = {
  assertions,
  innerOk: (fn, args) => innerOk(fn, args.length, ...args),
  register,
};
