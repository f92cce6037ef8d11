'use strict';
// assert.AssertionError.

const { validateObject } = require('internal/validators');
const { customInspectSymbol } = require('internal/util');
const lazy = require('internal/lazy');

const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getDifferenceMessage = lazy(
  () => require('internal/assert/difference').differenceMessage);

const longestString = 512;
const mostLines = 10;

// As inspect() shows a string that a test compared: whole files are compared like that.
function ellipsis(string) {
  const lines = string.split('\n', mostLines + 1);
  if (lines.length > mostLines) return `${lines.slice(0, mostLines).join('\n')}\n...`;
  // From this place on, as Node does.
  if (string.length > longestString) return `${string.slice(longestString)}...`;
  return string;
}

class AssertionError extends Error {
  constructor(options) {
    validateObject(options, 'options');
    const {
      message,
      operator,
      stackStartFn,
      details,
      stackStartFunction, // the name it had first
      diff = 'simple',
    } = options;
    const { actual, expected } = options;

    // The stack is captured below, from the right place.
    const limit = Error.stackTraceLimit;
    const writable = Reflect.set(Error, 'stackTraceLimit', 0);
    super(getDifferenceMessage()({ actual, expected, operator, message, diff }));
    if (writable) Error.stackTraceLimit = limit;

    this.generatedMessage = !message;
    Object.defineProperty(this, 'name', {
      __proto__: null,
      value: 'AssertionError [ERR_ASSERTION]',
      enumerable: false,
      writable: true,
      configurable: true,
    });
    this.code = 'ERR_ASSERTION';
    if (details) {
      this.actual = undefined;
      this.expected = undefined;
      this.operator = undefined;
      details.forEach((detail, i) => {
        this[`message ${i}`] = detail.message;
        this[`actual ${i}`] = detail.actual;
        this[`expected ${i}`] = detail.expected;
        this[`operator ${i}`] = detail.operator;
        this[`stack trace ${i}`] = detail.stack;
      });
    } else {
      this.actual = actual;
      this.expected = expected;
      this.operator = operator;
    }
    Error.captureStackTrace(this, stackStartFn || stackStartFunction);
    this.stack; // eslint-disable-line no-unused-expressions -- fixes its head with the code in it
    this.name = 'AssertionError';
    this.diff = diff;
  }

  toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  }

  [customInspectSymbol](depth, context) {
    const { actual, expected } = this;
    if (typeof actual === 'string') this.actual = ellipsis(actual);
    if (typeof expected === 'string') this.expected = ellipsis(expected);
    const shown = getInspect()(this, { ...context, customInspect: false, depth: 0 });
    this.actual = actual;
    this.expected = expected;
    return shown;
  }
}

module.exports = AssertionError;
