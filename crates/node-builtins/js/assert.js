'use strict';
// node:assert. Owns the assertions themselves and the Assert class; how values are compared is
// internal/util/comparisons', what a failure says stands in internal/assert/.
// The functions of `assert` are the methods of Assert: without an instance as `this` they take
// the default options.

const AssertionError = require('internal/assert/assertion_error');
const { innerOk } = require('internal/assert/ok');
const {
  codes: { ERR_CONSTRUCT_CALL_REQUIRED, ERR_INVALID_ARG_TYPE, ERR_MISSING_ARGS },
} = require('internal/errors');
const { validateOneOf } = require('internal/validators');
const { isError } = require('internal/util');
const { isRegExp } = require('internal/util/types');
const lazy = require('internal/lazy');

const getComparisons = lazy(() => require('internal/util/comparisons'));
const getExpectations = lazy(() => require('internal/assert/expectations'));
const getInspect = lazy(() => require('internal/util/inspect').inspect);

const kOptions = Symbol('options');

function Assert(options) {
  if (!new.target) throw new ERR_CONSTRUCT_CALL_REQUIRED('Assert');
  const settings = { __proto__: null, strict: true, skipPrototype: false, ...options };
  if (settings.diff !== undefined) validateOneOf(settings.diff, 'options.diff', ['simple', 'full']);
  this.AssertionError = AssertionError;
  Object.defineProperty(this, kOptions, {
    __proto__: null, value: settings, enumerable: false, configurable: false, writable: false,
  });
  if (settings.strict) {
    this.equal = this.strictEqual;
    this.deepEqual = this.deepStrictEqual;
    this.notEqual = this.notStrictEqual;
    this.notDeepEqual = this.notDeepStrictEqual;
  }
}

function diffOf(instance) {
  return instance?.[kOptions]?.diff;
}

function throwFailure(options) {
  if (isError(options.message)) throw options.message;
  throw new AssertionError(options);
}

function needTwo(args) {
  if (args.length < 2) throw new ERR_MISSING_ARGS('actual', 'expected');
}

// `operator` is what the error names; `fn` is where its stack begins.
function failComparison(instance, actual, expected, message, operator, fn) {
  throwFailure({
    actual, expected, message, operator, stackStartFn: fn, diff: diffOf(instance),
  });
}

const methods = {
  fail(message) {
    if (isError(message)) throw message;
    const generated = message === undefined;
    const error = new AssertionError({
      message: generated ? 'Failed' : message,
      operator: 'fail',
      stackStartFn: methods.fail,
      diff: diffOf(this),
    });
    if (generated) error.generatedMessage = true;
    throw error;
  },

  ok(...args) {
    innerOk(methods.ok, args.length, ...args);
  },

  equal(actual, expected, message) {
    needTwo(arguments);
    // eslint-disable-next-line eqeqeq
    if (actual != expected && (!Number.isNaN(actual) || !Number.isNaN(expected))) {
      failComparison(this, actual, expected, message, '==', methods.equal);
    }
  },

  notEqual(actual, expected, message) {
    needTwo(arguments);
    // eslint-disable-next-line eqeqeq
    if (actual == expected || (Number.isNaN(actual) && Number.isNaN(expected))) {
      failComparison(this, actual, expected, message, '!=', methods.notEqual);
    }
  },

  deepEqual(actual, expected, message) {
    needTwo(arguments);
    if (!getComparisons().isDeepEqual(actual, expected)) {
      failComparison(this, actual, expected, message, 'deepEqual', methods.deepEqual);
    }
  },

  notDeepEqual(actual, expected, message) {
    needTwo(arguments);
    if (getComparisons().isDeepEqual(actual, expected)) {
      failComparison(this, actual, expected, message, 'notDeepEqual', methods.notDeepEqual);
    }
  },

  deepStrictEqual(actual, expected, message) {
    needTwo(arguments);
    if (!getComparisons().isDeepStrictEqual(actual, expected, this?.[kOptions]?.skipPrototype)) {
      failComparison(this, actual, expected, message, 'deepStrictEqual', methods.deepStrictEqual);
    }
  },

  notDeepStrictEqual(actual, expected, message) {
    needTwo(arguments);
    if (getComparisons().isDeepStrictEqual(actual, expected, this?.[kOptions]?.skipPrototype)) {
      failComparison(
        this, actual, expected, message, 'notDeepStrictEqual', methods.notDeepStrictEqual);
    }
  },

  strictEqual(actual, expected, message) {
    needTwo(arguments);
    if (!Object.is(actual, expected)) {
      failComparison(this, actual, expected, message, 'strictEqual', methods.strictEqual);
    }
  },

  notStrictEqual(actual, expected, message) {
    needTwo(arguments);
    if (Object.is(actual, expected)) {
      failComparison(this, actual, expected, message, 'notStrictEqual', methods.notStrictEqual);
    }
  },

  partialDeepStrictEqual(actual, expected, message) {
    needTwo(arguments);
    if (!getComparisons().isPartialStrictEqual(actual, expected)) {
      failComparison(
        this, actual, expected, message, 'partialDeepStrictEqual', methods.partialDeepStrictEqual);
    }
  },

  throws(fn, ...given) {
    const { expectsError, thrownBy } = getExpectations();
    expectsError({ fn: methods.throws, given, diff: diffOf(this) }, thrownBy(fn));
  },

  async rejects(promiseFn, ...given) {
    const { expectsError, rejectionOf } = getExpectations();
    expectsError({ fn: methods.rejects, given, diff: diffOf(this) }, await rejectionOf(promiseFn));
  },

  doesNotThrow(fn, ...given) {
    const { expectsNoError, thrownBy } = getExpectations();
    expectsNoError({ fn: methods.doesNotThrow, given, diff: diffOf(this) }, thrownBy(fn));
  },

  async doesNotReject(promiseFn, ...given) {
    const { expectsNoError, rejectionOf } = getExpectations();
    expectsNoError(
      { fn: methods.doesNotReject, given, diff: diffOf(this) }, await rejectionOf(promiseFn));
  },

  ifError(value) {
    if (value === null || value === undefined) return;
    let message = 'ifError got unwanted exception: ';
    if (typeof value === 'object' && typeof value.message === 'string') {
      message += value.message.length === 0 && value.constructor ?
        value.constructor.name :
        value.message;
    } else {
      message += getInspect()(value);
    }
    const error = new AssertionError({
      actual: value,
      expected: null,
      operator: 'ifError',
      message,
      stackStartFn: methods.ifError,
      diff: diffOf(this),
    });
    if (typeof value.stack === 'string') appendStack(error, value.stack);
    throw error;
  },

  match(string, regexp, message) {
    checkPattern(this, string, regexp, message, methods.match);
  },

  doesNotMatch(string, regexp, message) {
    checkPattern(this, string, regexp, message, methods.doesNotMatch);
  },
};

// Below the frames of `error` come those of the error it is about, each once.
function appendStack(error, stack) {
  const start = stack.indexOf('\n    at');
  if (start === -1) return;
  const frames = stack.slice(start + 1).split('\n');
  let own = error.stack.split('\n');
  for (const frame of frames) {
    const shared = own.indexOf(frame);
    if (shared !== -1) {
      own = own.slice(0, shared);
      break;
    }
  }
  error.stack = `${own.join('\n')}\n${frames.join('\n')}`;
}

function checkPattern(instance, string, regexp, message, fn) {
  if (!isRegExp(regexp)) throw new ERR_INVALID_ARG_TYPE('regexp', 'RegExp', regexp);
  const wanted = fn === methods.match;
  if (typeof string === 'string' && regexp.test(string) === wanted) return;
  if (isError(message)) throw message;

  const inspect = getInspect();
  const generatedMessage = !message;
  if (generatedMessage) {
    if (typeof string !== 'string') {
      message = 'The "string" argument must be of type string. Received type ' +
                `${typeof string} (${inspect(string)})`;
    } else {
      message = (wanted ?
        'The input did not match the regular expression ' :
        'The input was expected to not match the regular expression ') +
        `${inspect(regexp)}. Input:\n\n${inspect(string)}\n`;
    }
  }
  const error = new AssertionError({
    actual: string,
    expected: regexp,
    message,
    operator: fn.name,
    stackStartFn: fn,
    diff: diffOf(instance),
  });
  error.generatedMessage = generatedMessage;
  throw error;
}

Object.assign(Assert.prototype, methods);

function assert(...args) {
  innerOk(assert, args.length, ...args);
}

function strict(...args) {
  innerOk(strict, args.length, ...args);
}

const {
  fail, ok, equal, notEqual, deepEqual, notDeepEqual, deepStrictEqual, notDeepStrictEqual,
  strictEqual, notStrictEqual, partialDeepStrictEqual, match, doesNotMatch, throws, rejects,
  doesNotThrow, doesNotReject, ifError,
} = methods;
Object.assign(assert, {
  AssertionError,
  ok,
  fail,
  equal,
  notEqual,
  deepEqual,
  notDeepEqual,
  deepStrictEqual,
  notDeepStrictEqual,
  strictEqual,
  notStrictEqual,
  partialDeepStrictEqual,
  match,
  doesNotMatch,
  throws,
  rejects,
  doesNotThrow,
  doesNotReject,
  ifError,
});
assert.strict = Object.assign(strict, assert, {
  equal: strictEqual,
  deepEqual: deepStrictEqual,
  notEqual: notStrictEqual,
  notDeepEqual: notDeepStrictEqual,
});
assert.Assert = strict.Assert = Assert;
strict.strict = strict;

module.exports = assert;
