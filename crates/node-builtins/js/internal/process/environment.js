'use strict';
// process.env: an object that holds nothing but strings. It is a copy of the variables that
// the process was started with; child processes get it as it is then.

const { defineProperty } = Reflect;

let warnsOfConversion;

function textOf(value) {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') warnOfConversion();
  return `${value}`;
}

function warnOfConversion() {
  warnsOfConversion ??= require('internal/options').getOptionValue('--pending-deprecation');
  if (!warnsOfConversion) return;
  warnsOfConversion = false;
  require('process').emitWarning(
    'Assigning any value other than a string, number, or boolean to a process.env property is deprecated. ' +
    'Please make sure to convert the value to a string before setting process.env with it.',
    'DeprecationWarning', 'DEP0104');
}

// Where a value goes: into the target, or to where several threads look.
let put = putIntoTarget;

function keep(target, key, value) {
  // As when a symbol is put into a text.
  if (typeof key === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  const text = textOf(value);
  // The system has no variable without a name.
  if (key === '' || key.includes('=')) return true;
  if (key === 'TZ') binding.setTimeZone(text);
  return put(target, key, text);
}

function putIntoTarget(target, key, text) {
  return defineProperty(target, key, {
    __proto__: null, value: text, writable: true, enumerable: true, configurable: true,
  });
}

// The same with a word about every use, for --trace-env.
function traced(handler) {
  const { getOptionValue } = require('internal/options');
  if (!getOptionValue('--trace-env')) return handler;
  const say = (what, key) => {
    const { _rawDebug } = require('process');
    _rawDebug('%s', typeof key === 'string' ? `[--trace-env] ${what} "${key}"` : `[--trace-env] ${what}`);
    if (!getOptionValue('--trace-env-js-stack')) return;
    const { capture, textOfStack } = require('internal/stack');
    _rawDebug('%s', textOfStack(capture(50)).slice(1));
  };
  const trap = (name, what) => (target, key, ...rest) => {
    say(what, key);
    return (handler[name] ?? Reflect[name])(target, key, ...rest);
  };
  return {
    ...handler,
    get: trap('get', 'get'),
    set: trap('set', 'set'),
    defineProperty: trap('defineProperty', 'set'),
    has: trap('has', 'query'),
    getOwnPropertyDescriptor: trap('getOwnPropertyDescriptor', 'query'),
    deleteProperty: trap('deleteProperty', 'delete'),
    ownKeys: trap('ownKeys', 'enumerate environment variables'),
  };
}

const handler = {
  __proto__: null,
  set: (target, key, value) => keep(target, key, value),
  defineProperty(target, key, descriptor) {
    if ('value' in descriptor && descriptor.configurable && descriptor.writable && descriptor.enumerable) {
      return keep(target, key, descriptor.value);
    }
    const { ERR_INVALID_OBJECT_DEFINE_PROPERTY } = require('internal/errors').codes;
    const isAccessor = !('value' in descriptor) && ('get' in descriptor || 'set' in descriptor);
    throw new ERR_INVALID_OBJECT_DEFINE_PROPERTY(isAccessor ?
      "'process.env' does not accept an accessor(getter/setter) descriptor" :
      "'process.env' only accepts a configurable, writable, and enumerable data descriptor");
  },
  deleteProperty(target, key) {
    if (key === 'TZ') binding.setTimeZone();
    return Reflect.deleteProperty(target, key);
  },
  preventExtensions() {
    throw new TypeError('Cannot freeze or seal process.env');
  },
};

const environments = new WeakSet();
const isEnvironment = (object) => environments.has(object);

// This thread's environment, once there is one.
let own;
let sharedNumber;

/** What handles an environment that other threads have, too. */
function sharedTraps(number) {
  const describe = (target, key) => {
    const value = typeof key === 'string' ? binding.sharedValue(number, key) : undefined;
    if (value === undefined) return undefined;
    return { __proto__: null, value, writable: true, enumerable: true, configurable: true };
  };
  return {
    get(target, key) {
      if (typeof key === 'symbol') return Reflect.get(target, key);
      return binding.sharedValue(number, key) ?? Reflect.get(target, key);
    },
    has: (target, key) => describe(target, key) !== undefined || Reflect.has(target, key),
    getOwnPropertyDescriptor: describe,
    deleteProperty(target, key) {
      if (key === 'TZ') binding.setTimeZone();
      if (typeof key === 'string') binding.deleteSharedValue(number, key);
      return true;
    },
    ownKeys: () => binding.sharedNames(number),
  };
}

function useShared(number) {
  sharedNumber = number;
  put = (target, key, text) => {
    binding.setSharedValue(number, key, text);
    return true;
  };
  Object.assign(own.handler, traced({ ...handler, ...sharedTraps(number) }));
}

/** The number by which another thread gets the environment of this one, with all that becomes of it. */
function shareEnvironment() {
  if (sharedNumber !== undefined) return sharedNumber;
  if (own === undefined) Reflect.get(require('process'), 'env');
  const row = Object.entries(own.target).flat();
  for (const key of Object.keys(own.target)) delete own.target[key];
  useShared(binding.share(row));
  return sharedNumber;
}

/** The environment that another thread shares. */
function createSharedEnvironment(number) {
  const environment = createEnvironment({});
  useShared(number);
  return environment;
}

/** An environment over the given names and values; without them, over the process's own. */
function createEnvironment(variables) {
  const target = {};
  const define = (key, value) => defineProperty(target, key, {
    __proto__: null, value, writable: true, enumerable: true, configurable: true,
  });
  if (variables === undefined) {
    const row = binding.variables();
    for (let i = 0; i < row.length; i += 2) define(row[i], row[i + 1]);
  } else {
    for (const key of Object.keys(variables)) define(key, `${variables[key]}`);
  }
  own = { target, handler: { __proto__: null, ...traced(handler) } };
  const environment = new Proxy(target, own.handler);
  environments.add(environment);
  return environment;
}

module.exports = { createEnvironment, createSharedEnvironment, isEnvironment, shareEnvironment };
