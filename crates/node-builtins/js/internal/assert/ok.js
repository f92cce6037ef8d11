'use strict';
// What assert() and assert.ok() do with a falsy value.

const AssertionError = require('internal/assert/assertion_error');
const { isError } = require('internal/util');

const shortEscapes = { '\b': '\\b', '\f': '\\f', '\v': '\\u000b' };

function escapeControls(text) {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, (character) => shortEscapes[character] ??
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function quoteCall() {
  const expression = require('internal/assert/source_expression').expressionOfCaller();
  if (expression === undefined) return undefined;
  return `The expression evaluated to a falsy value:\n\n  ${escapeControls(expression)}\n`;
}

// `fn` is the function that was called with `count` arguments.
function innerOk(fn, count, value, message) {
  if (value) return;
  let generatedMessage = false;
  if (count === 0) {
    generatedMessage = true;
    message = 'No value argument passed to `assert.ok()`';
  } else if (message === undefined || message === null) {
    generatedMessage = true;
    message = quoteCall();
  } else if (isError(message)) {
    throw message;
  }
  const error = new AssertionError({
    actual: value, expected: true, message, operator: '==', stackStartFn: fn,
  });
  error.generatedMessage = generatedMessage;
  throw error;
}

module.exports = { innerOk };
