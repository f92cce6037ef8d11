'use strict';
// Node's error classes: `codes.ERR_X` constructs the error of that code with Node's class,
// text and properties. The texts are in internal/errors/{messages,composed}, errors of system
// calls in internal/errors/system; both load when first needed, so that taking a constructor
// from `codes` costs next to nothing at start-up. How a stack is printed is not decided here.

const lazy = require('internal/lazy');

const getMessages = lazy(() => require('internal/errors/messages'));
const getComposed = lazy(() => require('internal/errors/composed'));
const getSystem = lazy(() => require('internal/errors/system'));
const getFormat = lazy(() => require('internal/util/inspect').format);

const { captureStackTrace, classes } = require('internal/stack');
const { AggregateError, Error } = classes;

// Registered, so that the stack formatter can ask for it: the first line of the stack of an
// error that has it is "Name [code]: message".
const kIsNodeError = Symbol.for('kIsNodeError');

function definition(code) {
  const { composed } = getComposed();
  for (const name in composed) {
    const compose = composed[name][code];
    if (compose !== undefined) return { name, compose };
  }
  const messages = getMessages();
  for (const name in messages) {
    const text = messages[name][code];
    if (text !== undefined) return { name, text };
  }
  return { name: 'Error', text: '%s' };
}

function fillIn(text, args) {
  if (!text.includes('%s')) return text;
  let next = 0;
  return text.replace(/%s/g, () => {
    const arg = args[next++];
    return typeof arg === 'string' ? arg : getFormat()('%s', arg);
  });
}

function defineHidden(object, key, value) {
  Object.defineProperty(object, key, {
    __proto__: null, value, enumerable: false, configurable: true, writable: true,
  });
}

// Codes that errors of further classes have: `codes.ERR_INVALID_STATE.TypeError`.
const furtherClasses = {
  __proto__: null,
  ERR_HTTP2_INVALID_SETTING_VALUE: ['RangeError'],
  ERR_INVALID_ARG_VALUE: ['RangeError'],
  ERR_INVALID_RETURN_VALUE: ['RangeError'],
  ERR_INVALID_STATE: ['TypeError', 'RangeError'],
  ERR_OPERATION_FAILED: ['TypeError'],
};

// Makes `prototype`'s objects errors of class `base` with a code in their first line.
function prepare(prototype, base, code) {
  Object.setPrototypeOf(prototype, base.prototype);
  defineHidden(prototype, 'constructor', base);
  defineHidden(prototype, kIsNodeError, true);
  defineHidden(prototype, 'toString', function toString() {
    return `${this.name} [${code}]: ${this.message}`;
  });
}

// One constructor per code and class; `className` is undefined for the code's own class.
function defineCode(code, className) {
  let found;

  function NodeError(...args) {
    if (found === undefined) {
      found = definition(code);
      found.base = classes[className ?? found.name];
      if (found.base !== undefined) prepare(NodeError.prototype, found.base, code);
    }
    const { base } = found;
    if (base === undefined) {
      const error = new SystemError(found.text, args[0]);
      error.code = code;
      captureStackTrace(error, NodeError);
      return error;
    }
    const error = Reflect.construct(base, [], NodeError);
    error.code = code;
    const message = found.compose === undefined ?
      fillIn(found.text, args) : Reflect.apply(found.compose, error, args);
    defineHidden(error, 'message', message);
    captureStackTrace(error, NodeError);
    return error;
  }

  if (className === undefined && furtherClasses[code] !== undefined) {
    // no iterator, as programs may have deleted that of arrays
    const names = furtherClasses[code];
    for (let i = 0; i < names.length; i++) NodeError[names[i]] = defineCode(code, names[i]);
  }
  return NodeError;
}

const codes = new Proxy({ __proto__: null }, {
  __proto__: null,
  get(known, code) {
    return known[code] ??= defineCode(code);
  },
});

// An error of several system calls' kind: `context` has code, message, syscall and perhaps
// errno, path and dest, which stay reachable (and assignable) as properties of the error.
class SystemError extends Error {
  constructor(prefix, context) {
    let message = `${prefix}: ${context.syscall} returned ${context.code} (${context.message})`;
    if (context.path !== undefined) message += ` ${context.path}`;
    if (context.dest !== undefined) message += ` => ${context.dest}`;
    super(message);
    this.code = context.code;
    defineHidden(this, 'name', 'SystemError');
    Object.defineProperty(this, 'info', {
      __proto__: null, value: context, enumerable: true, configurable: true, writable: false,
    });
    for (const key of ['errno', 'syscall', 'path', 'dest']) {
      if (context[key] === undefined && key !== 'errno' && key !== 'syscall') continue;
      Object.defineProperty(this, key, {
        __proto__: null,
        get: () => (key === 'path' || key === 'dest' ? context[key]?.toString() : context[key]),
        set: (value) => { context[key] = value; },
        enumerable: true,
        configurable: true,
      });
    }
  }

  get [kIsNodeError]() { return true; }

  toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
}

class AbortError extends Error {
  constructor(message = 'The operation was aborted', options = undefined) {
    if (options !== undefined && typeof options !== 'object') {
      throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
    }
    super(message, options);
    this.code = 'ABORT_ERR';
    this.name = 'AbortError';
  }
}

class NodeAggregateError extends AggregateError {
  constructor(errors, message) {
    super(new Set(errors), message);
    this.code = errors[0]?.code;
  }

  get [kIsNodeError]() { return true; }

  get ['constructor']() { return AggregateError; }
}

// The outer error is what the caller sees, the inner one what it must not lose.
function aggregateTwoErrors(inner, outer) {
  if (!inner || !outer || inner === outer) return inner || outer;
  if (Array.isArray(outer.errors)) {
    outer.errors.push(inner);
    return outer;
  }
  const error = new AggregateError([outer, inner], outer.message);
  error.code = outer.code;
  captureStackTrace(error, aggregateTwoErrors);
  return error;
}

function genericNodeError(message, properties) {
  return Object.assign(new Error(message), properties);
}

// Makes errors thrown by `fn` look as if thrown where the returned function was called.
function hideStackFrames(fn) {
  function wrapped(...args) {
    try {
      return Reflect.apply(fn, this, args);
    } catch (error) {
      if (Error.stackTraceLimit && Error.isError(error)) captureStackTrace(error, wrapped);
      throw error;
    }
  }
  wrapped.withoutStackTrace = fn;
  return wrapped;
}

const isErrorLike = (value) => typeof value === 'object' && value !== null &&
  (Error.isError(value) || Object.hasOwn(value, 'stack'));

const isStackOverflowError = (error) => error?.name === 'RangeError' &&
  error.message === 'Maximum call stack size exceeded';

module.exports = {
  codes,
  kIsNodeError,
  SystemError,
  AbortError,
  NodeAggregateError,
  aggregateTwoErrors,
  genericNodeError,
  hideStackFrames,
  isErrorLike,
  isStackOverflowError,
  determineSpecificType: (value) => getComposed().determineSpecificType(value),
  formatList: (items, word) => getComposed().formatList(items, word),
  uvErrmapGet: (errno) => getSystem().uvErrmapGet(errno),
  get UVException() { return getSystem().UVException; },
  get UVExceptionWithHostPort() { return getSystem().UVExceptionWithHostPort; },
  get ErrnoException() { return getSystem().ErrnoException; },
  get ExceptionWithHostPort() { return getSystem().ExceptionWithHostPort; },
  get DNSException() { return getSystem().DNSException; },
  get ConnResetException() { return getSystem().ConnResetException; },
};
