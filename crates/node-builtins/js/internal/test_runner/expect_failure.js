'use strict';
// The expectFailure option: what failure is expected, and whether it came.

const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { isRegExp } = require('internal/util/types');
const { failure, isFailure, kinds } = require('internal/test_runner/failure');

const isWrapper = (key) => key === 'label' || key === 'match';

/** What the option says, as `{ label, match }`; false where no failure is expected. */
function parse(option) {
  if (option === undefined || option === false) return false;
  if (typeof option === 'string') return { __proto__: null, label: option, match: undefined };
  if (typeof option === 'function' || isRegExp(option)) {
    return { __proto__: null, label: undefined, match: option };
  }
  if (typeof option !== 'object' || option === null) return { __proto__: null, label: undefined, match: undefined };
  const keys = Object.keys(option);
  if (keys.length === 0) throw new ERR_INVALID_ARG_VALUE('options.expectFailure', option, 'must not be an empty object');
  if (keys.every(isWrapper)) return { __proto__: null, label: option.label, match: option.match };
  return { __proto__: null, label: undefined, match: option };
}

/** Whether `error` is what was expected; if not, why. */
function check({ match }, error) {
  if (match === undefined) return { isMatch: true, mismatch: undefined };
  const thrown = isFailure(error) && error.failureType === kinds.testCode ? error.cause : error;
  try {
    require('assert').throws(() => { throw thrown; }, match);
    return { isMatch: true, mismatch: undefined };
  } catch (reason) {
    const mismatch = failure('The test failed, but the error did not match the expected validation', kinds.testCode);
    mismatch.cause = reason;
    return { isMatch: false, mismatch };
  }
}

module.exports = { check, parse };
