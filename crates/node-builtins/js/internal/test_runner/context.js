'use strict';
// What functions of tests and suites get as their argument: TestContext and SuiteContext.

const { validateFunction, validateNumber, validateObject } = require('internal/validators');
const { clearTimeout, setTimeout } = require('timers');
const lazy = require('internal/lazy');
const { callerOf } = require('internal/test_runner/location');

const process = require('process');
const getTest = lazy(() => require('internal/test_runner/test'));
const getAssertions = lazy(() => require('internal/test_runner/assert').assertions());

const workerIdOf = () => {
  const id = process.env.NODE_TEST_WORKER_ID;
  return id === undefined ? undefined : Number(id);
};

class TestContext {
  #assert;
  #test;

  constructor(test) {
    this.#test = test;
  }

  get signal() { return this.#test.signal; }
  get name() { return this.#test.name; }
  get filePath() { return this.#test.entryFile; }
  get fullName() { return this.#test.fullName; }
  get error() { return this.#test.error; }
  get passed() { return this.#test.passed; }
  get attempt() { return this.#test.harness.attempt ?? 0; }
  get workerId() { return workerIdOf(); }

  diagnostic(message) {
    this.#test.diagnostic(message);
  }

  plan(count, options) {
    this.#test.plan(count, options);
  }

  get assert() {
    if (this.#assert !== undefined) return this.#assert;
    const test = this.#test;
    const assert = { __proto__: null };
    for (const [name, method] of getAssertions()) {
      assert[name] = (...args) => {
        test.planned?.count();
        return Reflect.apply(method, this, args);
      };
    }
    if (!getAssertions().isOwnOk) {
      const { innerOk } = require('internal/test_runner/assert');
      // its message quotes the line that called it
      assert.ok = function ok(...args) {
        test.planned?.count();
        innerOk(ok, args);
      };
    }
    return this.#assert = assert;
  }

  get mock() { return this.#test.mock; }

  runOnly(value) {
    this.#test.runOnlySubtests = Boolean(value);
  }

  skip(message) {
    this.#test.skip(message);
  }

  todo(message) {
    this.#test.todo(message);
  }

  test(name, options, fn) {
    const test = this.#test;
    const { Test } = getTest();
    test.planned?.count();
    const overrides = { __proto__: null, location: callerOf(TestContext.prototype.test) };
    return test.createSubtest(Test, name, options, fn, overrides).start();
  }

  before(fn, options) {
    this.#test.createHook('before', fn, options, callerOf(TestContext.prototype.before));
  }

  after(fn, options) {
    this.#test.createHook('after', fn, options, callerOf(TestContext.prototype.after));
  }

  beforeEach(fn, options) {
    this.#test.createHook('beforeEach', fn, options, callerOf(TestContext.prototype.beforeEach));
  }

  afterEach(fn, options) {
    this.#test.createHook('afterEach', fn, options, callerOf(TestContext.prototype.afterEach));
  }

  waitFor(condition, options = {}) {
    validateFunction(condition, 'condition');
    validateObject(options, 'options');
    const { interval = 50, timeout = 1000 } = options;
    validateNumber(interval, 'options.interval', 0, 2 ** 31 - 1);
    validateNumber(timeout, 'options.timeout', 0, 2 ** 31 - 1);
    return waitFor(condition, interval, timeout);
  }
}

const unset = Symbol('unset');

/** Calls `condition` until it neither throws nor rejects. */
function waitFor(condition, interval, timeout) {
  const { promise, resolve, reject } = Promise.withResolvers();
  let cause = unset;
  let poll;
  let isDone = false;
  const end = setTimeout(() => {
    isDone = true;
    clearTimeout(poll);
    const error = new Error('waitFor() timed out');
    if (cause !== unset) error.cause = cause;
    reject(error);
  }, timeout);
  const attempt = async () => {
    try {
      const result = await condition();
      if (isDone) return;
      clearTimeout(end);
      resolve(result);
    } catch (error) {
      cause = error;
      if (!isDone) poll = setTimeout(attempt, interval);
    }
  };
  attempt();
  return promise;
}

class SuiteContext {
  #suite;

  constructor(suite) {
    this.#suite = suite;
  }

  get signal() { return this.#suite.signal; }
  get name() { return this.#suite.name; }
  get filePath() { return this.#suite.entryFile; }
  get fullName() { return this.#suite.fullName; }
}

module.exports = { SuiteContext, TestContext };
