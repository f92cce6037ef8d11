'use strict';
// MockTracker: stands in for functions, methods, accessors and properties, notes how they are used, and puts back what
// was there. Timers are in mock/mock_timers, modules in mock/mock_module.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { validateBoolean, validateFunction, validateInteger, validateObject } = require('internal/validators');
const { getOptionValue } = require('internal/options');

const unset = Symbol('unset');

/** What is known of a mocked function: `mock.mock`. */
class MockFunctionContext {
  #calls = [];
  #once = new Map();
  #implementation;
  #original;
  #place;
  #times;

  constructor(implementation, original, times, place) {
    this.#implementation = implementation;
    this.#original = original;
    this.#times = times;
    this.#place = place;
  }

  get calls() {
    return this.#calls.slice();
  }

  callCount() {
    return this.#calls.length;
  }

  mockImplementation(implementation) {
    validateFunction(implementation, 'implementation');
    this.#implementation = implementation;
  }

  mockImplementationOnce(implementation, onCall) {
    validateFunction(implementation, 'implementation');
    const next = this.#calls.length;
    const call = onCall ?? next;
    validateInteger(call, 'onCall', next);
    this.#once.set(call, implementation);
  }

  restore() {
    const place = this.#place;
    if (place === undefined) this.#implementation = this.#original;
    else Object.defineProperty(place.object, place.name, place.descriptor);
  }

  resetCalls() {
    this.#calls = [];
  }

  static next(context) {
    const number = context.#calls.length;
    const once = context.#once.get(number);
    const implementation = once ?? context.#implementation;
    if (number + 1 === context.#times) context.restore();
    if (once !== undefined) context.#once.delete(number);
    return implementation;
  }

  static track(context, call) {
    context.#calls.push(call);
  }
}

const { next, track } = MockFunctionContext;
delete MockFunctionContext.next;
delete MockFunctionContext.track;

/** What is known of a mocked property. */
class MockPropertyContext {
  #accesses = [];
  #once = new Map();
  #descriptor;
  #name;
  #object;
  #original;
  #value;

  constructor(object, name, value) {
    this.#object = object;
    this.#name = name;
    this.#original = object[name];
    this.#value = value === unset ? this.#original : value;
    const descriptor = Object.getOwnPropertyDescriptor(object, name);
    if (descriptor === undefined) {
      throw new ERR_INVALID_ARG_VALUE('propertyName', name, 'is not a property of the object');
    }
    this.#descriptor = descriptor;
    const { configurable, enumerable } = descriptor;
    Object.defineProperty(object, name, {
      __proto__: null,
      configurable,
      enumerable,
      get: () => {
        const current = this.#access('get', this.#value);
        return current;
      },
      set: (assigned) => { this.mockImplementation(assigned); },
    });
  }

  #access(type, value) {
    const number = this.#accesses.length;
    if (this.#once.has(number)) {
      value = this.#once.get(number);
      this.#once.delete(number);
    }
    this.#accesses.push({ __proto__: null, type, value, stack: new Error() });
    return value;
  }

  get accesses() {
    return this.#accesses.slice();
  }

  accessCount() {
    return this.#accesses.length;
  }

  mockImplementation(value) {
    if (!this.#descriptor.writable) {
      throw new ERR_INVALID_ARG_VALUE('propertyName', this.#name, 'cannot be set');
    }
    this.#value = this.#access('set', value);
  }

  mockImplementationOnce(value, onAccess) {
    const next = this.#accesses.length;
    const access = onAccess ?? next;
    validateInteger(access, 'onAccess', next);
    this.#once.set(access, value);
  }

  resetAccesses() {
    this.#accesses = [];
  }

  restore() {
    Object.defineProperty(this.#object, this.#name, { ...this.#descriptor, value: this.#original });
  }
}

const isObject = (value) => value !== null && typeof value === 'object';

function validateName(value, name) {
  if (typeof value !== 'string' && typeof value !== 'symbol') {
    throw new ERR_INVALID_ARG_TYPE(name, ['string', 'symbol'], value);
  }
}

function validateTimes(times) {
  if (times !== Infinity) validateInteger(times, 'options.times', 1);
}

function findDescriptor(object, name) {
  for (let holder = object; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

class MockTracker {
  #mocks = [];
  #timers;

  get timers() {
    if (this.#timers === undefined) {
      const { MockTimers } = require('internal/test_runner/mock/mock_timers');
      this.#timers = new MockTimers();
    }
    return this.#timers;
  }

  fn(original = function() {}, implementation = original, options = {}) {
    if (isObject(original)) {
      options = original;
      original = function() {};
      implementation = original;
    } else if (isObject(implementation)) {
      options = implementation;
      implementation = original;
    }
    validateFunction(original, 'original');
    validateFunction(implementation, 'implementation');
    validateObject(options, 'options');
    const { times = Infinity } = options;
    validateTimes(times);
    return this.#mock(new MockFunctionContext(implementation, original, times), original);
  }

  method(objectOrFunction, methodName, implementation = unset, options = {}) {
    validateName(methodName, 'methodName');
    if (typeof objectOrFunction !== 'function') validateObject(objectOrFunction, 'object');
    if (isObject(implementation)) {
      options = implementation;
      implementation = unset;
    }
    if (implementation !== unset) validateFunction(implementation, 'implementation');
    validateObject(options, 'options');
    const { getter = false, setter = false, times = Infinity } = options;
    validateBoolean(getter, 'options.getter');
    validateBoolean(setter, 'options.setter');
    validateTimes(times);
    if (setter && getter) {
      throw new ERR_INVALID_ARG_VALUE('options.setter', setter, "cannot be used with 'options.getter'");
    }
    const descriptor = findDescriptor(objectOrFunction, methodName);
    const kind = getter ? 'get' : setter ? 'set' : 'value';
    const original = descriptor?.[kind];
    if (typeof original !== 'function') {
      throw new ERR_INVALID_ARG_VALUE('methodName', original, 'must be a method');
    }
    const place = { object: objectOrFunction, name: methodName, descriptor };
    const first = implementation === unset ? original : implementation;
    const mock = this.#mock(new MockFunctionContext(first, original, times, place), original);
    Object.defineProperty(objectOrFunction, methodName, { __proto__: null, ...descriptor, [kind]: mock });
    return mock;
  }

  getter(object, methodName, implementation = unset, options = {}) {
    if (isObject(implementation)) {
      options = implementation;
      implementation = unset;
    } else {
      validateObject(options, 'options');
    }
    const { getter = true } = options;
    if (getter === false) throw new ERR_INVALID_ARG_VALUE('options.getter', getter, 'cannot be false');
    return this.method(object, methodName, implementation === unset ? undefined : implementation,
      { ...options, getter });
  }

  setter(object, methodName, implementation = unset, options = {}) {
    if (isObject(implementation)) {
      options = implementation;
      implementation = unset;
    } else {
      validateObject(options, 'options');
    }
    const { setter = true } = options;
    if (setter === false) throw new ERR_INVALID_ARG_VALUE('options.setter', setter, 'cannot be false');
    return this.method(object, methodName, implementation === unset ? undefined : implementation,
      { ...options, setter });
  }

  property(object, propertyName, value) {
    validateObject(object, 'object');
    validateName(propertyName, 'propertyName');
    const context = new MockPropertyContext(object, propertyName, arguments.length > 2 ? value : unset);
    this.#mocks.push(context);
    return new Proxy(object, {
      __proto__: null,
      get: (target, property, receiver) =>
        (property === 'mock' ? context : Reflect.get(target, property, receiver)),
    });
  }

  reset() {
    this.restoreAll();
    this.#timers?.reset();
    this.#mocks = [];
  }

  restoreAll() {
    for (const mock of this.#mocks) mock.restore();
  }

  #mock(context, original) {
    const mock = new Proxy(original, {
      __proto__: null,
      apply(target, thisArg, args) {
        const fn = next(context);
        let result;
        let error;
        try {
          return result = Reflect.apply(fn, thisArg, args);
        } catch (thrown) {
          error = thrown;
          throw thrown;
        } finally {
          track(context, {
            __proto__: null, arguments: args, error, result, stack: new Error(), target: undefined, this: thisArg,
          });
        }
      },
      construct(target, args, newTarget) {
        const Constructed = next(context);
        let result;
        let error;
        try {
          return result = Reflect.construct(Constructed, args, newTarget);
        } catch (thrown) {
          error = thrown;
          throw thrown;
        } finally {
          track(context, {
            __proto__: null, arguments: args, error, result, stack: new Error(), target, this: result,
          });
        }
      },
      get: (target, property, receiver) =>
        (property === 'mock' ? context : Reflect.get(target, property, receiver)),
    });
    this.#mocks.push(context);
    return mock;
  }

  static keep(tracker, mock) {
    tracker.#mocks.push(mock);
  }
}

const { keep } = MockTracker;
delete MockTracker.keep;

class MockModuleContext {
  #mock;

  constructor(mock) {
    this.#mock = mock;
  }

  restore() {
    this.#mock.restore();
  }
}

if (getOptionValue('--experimental-test-module-mocks')) {
  const { module } = {
    module(specifier, options = {}) {
      require('internal/util').emitExperimentalWarning('Module mocking');
      const { callerOf } = require('internal/test_runner/location');
      const { mockModule } = require('internal/test_runner/mock/mock_module');
      const mock = mockModule(specifier, options, callerOf(module).file);
      keep(this, mock);
      return new MockModuleContext(mock);
    },
  };
  Object.defineProperty(MockTracker.prototype, 'module', {
    __proto__: null, configurable: true, enumerable: false, writable: true, value: module,
  });
}

module.exports = { MockTracker };
