'use strict';

// Errors and other thrown values on their way between threads: whatever was thrown there is thrown here, as alike as
// the structured clone can make it.

const { inspect } = require('internal/util/inspect');

const classes = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function classNameOf(error) {
  for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    const name = Object.hasOwn(at, 'constructor') ? at.constructor?.name : undefined;
    if (name in classes) return name;
  }
  return 'Error';
}

function isCloneable(value) {
  return value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');
}

/** What is sent for a thrown value. */
function serialize(thrown) {
  if (Error.isError?.(thrown) ?? thrown instanceof Error) {
    const { message, name, stack } = thrown;
    const members = [];
    for (const key of Object.keys(thrown)) {
      if (isCloneable(thrown[key])) members.push([key, thrown[key]]);
    }
    return { kind: 'error', className: classNameOf(thrown), name, message, stack, members };
  }
  if (isCloneable(thrown)) return { kind: 'value', value: thrown };
  if (typeof thrown === 'symbol') return { kind: 'symbol', description: thrown.description };
  try {
    return { kind: 'value', value: structuredClone(thrown) };
  } catch {
    return { kind: 'text', text: inspect(thrown) };
  }
}

/** What is thrown for what was sent. */
function deserialize(sent) {
  switch (sent.kind) {
    case 'value': return sent.value;
    case 'symbol': return Symbol(sent.description);
    case 'text': return { [inspect.custom]: () => sent.text };
    default: {
      const error = new classes[sent.className](sent.message);
      const define = (key, value) => Object.defineProperty(error, key, {
        __proto__: null, value, writable: true, configurable: true, enumerable: false,
      });
      define('stack', sent.stack);
      if (sent.name !== error.name) define('name', sent.name);
      for (const [key, value] of sent.members) error[key] = value;
      return error;
    }
  }
}

module.exports = { deserialize, serialize };
