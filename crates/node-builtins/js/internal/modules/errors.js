'use strict';

// Errors of the module system that are made from a code and a finished sentence, as the resolver gives them.
// Errors whose sentence JavaScript writes are those of internal/errors.

const classes = { __proto__: null, Error, TypeError, RangeError, SyntaxError, URIError };

/** An error whose stack starts with `Name [code]: message`, as all of Node's do. */
function codedError(className, code, message) {
  const error = new classes[className](message);
  if (code === '') return error;
  if (code.startsWith('ERR_')) {
    // the head of a stack is written when it is first read
    Object.defineProperty(error, 'name', {
      __proto__: null, value: `${className} [${code}]`, configurable: true, writable: true, enumerable: false,
    });
    error.stack; // eslint-disable-line no-unused-expressions
    delete error.name;
    Object.defineProperty(error, 'toString', {
      __proto__: null, value: nodeErrorToString, configurable: true, writable: true, enumerable: false,
    });
  }
  error.code = code;
  return error;
}

function nodeErrorToString() {
  return `${this.name} [${this.code}]: ${this.message}`;
}

/** The error that a refused answer of the resolver stands for: `['', class, code, message, key, value, ...]`. */
function refusal(answer, tellDeprecation) {
  const error = codedError(answer[1], answer[2], answer[3]);
  for (let i = 4; i < answer.length; i += 2) {
    if (answer[i].startsWith('DEP')) tellDeprecation(answer[i], answer[i + 1]);
    else error[answer[i]] = answer[i + 1];
  }
  return error;
}

module.exports = { codedError, refusal };
