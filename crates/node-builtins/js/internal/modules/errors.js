'use strict';

// Errors of the module system that are made from a code and a finished sentence, as the resolver gives them.
// Errors whose sentence JavaScript writes are those of internal/errors.

const classes = { __proto__: null, Error, TypeError, RangeError, SyntaxError, URIError };
const { captureStackTrace } = Error;

// what the first line of a stack is `Name [code]: message` by
const kIsNodeError = Symbol.for('kIsNodeError');
const targets = { __proto__: null };

/** What errors of a class with a code are constructed as. */
function targetOf(className) {
  let target = targets[className];
  if (target === undefined) {
    const base = classes[className];
    target = targets[className] = function CodedError() {};
    target.prototype = Object.create(base.prototype, {
      constructor: { __proto__: null, value: base, writable: true, configurable: true },
      [kIsNodeError]: { __proto__: null, value: true, writable: true, configurable: true },
      toString: { __proto__: null, value: codedErrorToString, writable: true, configurable: true },
    });
  }
  return target;
}

function codedErrorToString() {
  return `${this.name} [${this.code}]: ${this.message}`;
}

/** An error with a code; those of the codes of CommonJS do not show them in their stacks. */
function codedError(className, code, message) {
  const base = classes[className];
  if (code === '') return new base(message);
  const isShown = code.startsWith('ERR_');
  const error = isShown ? Reflect.construct(base, [message], targetOf(className)) : new base(message);
  define(error, 'code', code);
  if (isShown) captureStackTrace(error, codedError);
  return error;
}

/** Prototypes may have setters. */
function define(error, key, value) {
  Object.defineProperty(error, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

/** The error that a refused answer of the resolver stands for: `['', class, code, message, key, value, ...]`. */
function refusal(answer, tellDeprecation) {
  const error = codedError(answer[1], answer[2], answer[3]);
  for (let i = 4; i < answer.length; i += 2) {
    if (answer[i].startsWith('DEP')) tellDeprecation(answer[i], answer[i + 1]);
    else define(error, answer[i], answer[i + 1]);
  }
  return error;
}

const placesOfImports = new WeakMap();

/** Where the import stands that failed with an error: `{ file, line, column, length }`. */
function placeOfImport(error) {
  return placesOfImports.get(error);
}

function notePlaceOfImport(error, place) {
  placesOfImports.set(error, place);
}

/** What `import source` of a module throws that has no source object. */
function sourcePhaseError(name) {
  const error = new SyntaxError(`Source phase import object is not defined for module '${name}'`);
  error.code = 'ERR_SOURCE_PHASE_NOT_DEFINED';
  return error;
}

module.exports = { codedError, notePlaceOfImport, placeOfImport, refusal, sourcePhaseError };
