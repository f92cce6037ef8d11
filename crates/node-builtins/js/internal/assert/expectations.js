'use strict';
// What assert.throws(), rejects(), doesNotThrow() and doesNotReject() make of an error.

const AssertionError = require('internal/assert/assertion_error');
const {
  codes: {
    ERR_AMBIGUOUS_ARGUMENT,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_RETURN_VALUE,
  },
} = require('internal/errors');
const { validateFunction } = require('internal/validators');
const { inspect } = require('internal/util/inspect');
const { isError } = require('internal/util');
const { isPromise, isRegExp } = require('internal/util/types');
const { isDeepStrictEqual } = require('internal/util/comparisons');

const noException = Symbol('no exception');

function isErrorClass(fn) {
  return Object.prototype.isPrototypeOf.call(Error, fn);
}

function fail(options) {
  if (options.message instanceof Error) throw options.message;
  throw new AssertionError(options);
}

// The properties that are compared, so that a difference shows nothing else.
class Comparison {
  constructor(source, keys, actual) {
    for (const key of keys) {
      if (!(key in source)) continue;
      // What matches its pattern is no difference.
      this[key] = actual !== undefined && typeof actual[key] === 'string' &&
                  isRegExp(source[key]) && source[key].test(actual[key]) ?
        actual[key] :
        source[key];
    }
  }
}

// `check` is { diff, message, fn } of the assertion: its option, the caller's message, itself.
function expectProperties(actual, expected, check) {
  const { diff, fn, message } = check;
  const keys = Object.keys(expected);
  if (expected instanceof Error) {
    keys.push('name', 'message'); // not enumerable
  } else if (keys.length === 0) {
    throw new ERR_INVALID_ARG_VALUE('error', expected, 'may not be an empty object');
  }
  for (const key of keys) {
    if (typeof actual[key] === 'string' && isRegExp(expected[key]) &&
        expected[key].test(actual[key])) continue;
    if (key in actual && isDeepStrictEqual(actual[key], expected[key])) continue;
    if (message) {
      fail({ actual, expected, message, operator: fn.name, stackStartFn: fn, diff });
    }
    const error = new AssertionError({
      actual: new Comparison(actual, keys),
      expected: new Comparison(expected, keys, actual),
      operator: 'deepStrictEqual',
      stackStartFn: fn,
      diff,
    });
    error.actual = actual;
    error.expected = expected;
    error.operator = fn.name;
    throw error;
  }
}

function notAnInstance(actual, expected) {
  let message = `The error is expected to be an instance of "${expected.name}". Received `;
  if (isError(actual)) {
    const name = actual.constructor?.name || actual.name;
    message += expected.name === name ?
      'an error with identical name but a different prototype.' :
      `"${name}"`;
    if (actual.message) message += `\n\nError message:\n\n${actual.message}`;
    return message;
  }
  return `${message}"${inspect(actual, { depth: -1 })}"`;
}

// Why `actual` is not what a pattern or function expects; undefined if it is.
function objection(actual, expected) {
  if (isRegExp(expected)) {
    const text = String(actual);
    if (expected.test(text)) return undefined;
    return `The input did not match the regular expression ${inspect(expected)}. ` +
           `Input:\n\n${inspect(text)}\n`;
  }
  if (expected.prototype !== undefined && actual instanceof expected) return undefined;
  if (isErrorClass(expected)) return notAnInstance(actual, expected);

  const answer = Reflect.apply(expected, {}, [actual]);
  if (answer === true) return undefined;
  const name = expected.name ? `"${expected.name}" ` : '';
  let message = `The ${name}validation function is expected to return "true". ` +
                `Received ${inspect(answer)}`;
  if (isError(actual)) message += `\n\nCaught error:\n\n${actual}`;
  return message;
}

function expectError(actual, expected, check) {
  const { diff, fn, message } = check;
  if (typeof expected !== 'function' && !isRegExp(expected)) {
    if (typeof actual === 'object' && actual !== null) {
      expectProperties(actual, expected, check);
      return;
    }
    // Not an error at all: shown whole.
    const error = new AssertionError({
      actual, expected, message, operator: 'deepStrictEqual', stackStartFn: fn, diff,
    });
    error.operator = fn.name;
    throw error;
  }
  const generated = objection(actual, expected);
  if (generated === undefined) return;
  const error = new AssertionError({
    actual, expected, message: message || generated, operator: fn.name, stackStartFn: fn, diff,
  });
  error.generatedMessage = !message;
  throw error;
}

// For throws() and rejects(): `given` holds what followed the function.
function expectsError({ diff, fn, given }, actual) {
  let [error, message] = given;
  if (typeof error === 'string') {
    if (given.length === 2) {
      throw new ERR_INVALID_ARG_TYPE('error', ['Object', 'Error', 'Function', 'RegExp'], error);
    }
    if (typeof actual === 'object' && actual !== null) {
      if (actual.message === error) {
        throw new ERR_AMBIGUOUS_ARGUMENT(
          'error/message', `The error message "${actual.message}" is identical to the message.`);
      }
    } else if (actual === error) {
      throw new ERR_AMBIGUOUS_ARGUMENT(
        'error/message', `The error "${actual}" is identical to the message.`);
    }
    message = error;
    error = undefined;
  } else if (error !== undefined && error !== null && typeof error !== 'object' &&
             typeof error !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('error', ['Object', 'Error', 'Function', 'RegExp'], error);
  }

  if (actual === noException) {
    const kind = fn.name === 'rejects' ? 'rejection' : 'exception';
    const named = error?.name ? ` (${error.name})` : '';
    fail({
      actual: undefined,
      expected: error,
      operator: fn.name,
      message: `Missing expected ${kind}${named}${message ? `: ${message}` : '.'}`,
      stackStartFn: fn,
      diff,
    });
  }
  if (error) expectError(actual, error, { diff, fn, message });
}

function matches(actual, expected) {
  if (isRegExp(expected)) return expected.test(String(actual));
  if (typeof expected !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('expected', ['Function', 'RegExp'], expected);
  }
  if (expected.prototype !== undefined && actual instanceof expected) return true;
  if (isErrorClass(expected)) return false;
  return Reflect.apply(expected, {}, [actual]) === true;
}

// For doesNotThrow() and doesNotReject().
function expectsNoError({ diff, fn, given }, actual) {
  if (actual === noException) return;
  let [error, message] = given;
  if (typeof error === 'string') {
    message = error;
    error = undefined;
  }
  if (error && !matches(actual, error)) throw actual;
  const kind = fn.name === 'doesNotReject' ? 'rejection' : 'exception';
  fail({
    actual,
    expected: error,
    operator: fn.name,
    message: `Got unwanted ${kind}${message ? `: ${message}` : '.'}\n` +
             `Actual message: "${actual?.message}"`,
    stackStartFn: fn,
    diff,
  });
}

// What `fn` throws, or noException.
function thrownBy(fn) {
  validateFunction(fn, 'fn');
  try {
    fn();
  } catch (error) {
    return error;
  }
  return noException;
}

function isThenable(value) {
  // Functions with a then method are not taken for promises.
  return isPromise(value) ||
    (value !== null && typeof value === 'object' &&
     typeof value.then === 'function' && typeof value.catch === 'function');
}

// What a promise, or that of a function, is rejected with, or noException.
async function rejectionOf(promiseFn) {
  let promise = promiseFn;
  if (typeof promiseFn === 'function') {
    promise = promiseFn(); // what it throws is no rejection
    if (!isThenable(promise)) {
      throw new ERR_INVALID_RETURN_VALUE('instance of Promise', 'promiseFn', promise);
    }
  } else if (!isThenable(promiseFn)) {
    throw new ERR_INVALID_ARG_TYPE('promiseFn', ['Function', 'Promise'], promiseFn);
  }
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return noException;
}

module.exports = { expectsError, expectsNoError, rejectionOf, thrownBy };
