'use strict';
// node:test: functions that declare tests, suites and hooks in the test that is running, or in the program's root.

const lazy = require('internal/lazy');
const { Test } = require('internal/test_runner/test');
const { callerOf } = require('internal/test_runner/location');
const { startWhenReady, surroundingTest } = require('internal/test_runner/harness');

const getSuite = lazy(() => require('internal/test_runner/suite').Suite);
const isSuite = (test) => test.type === 'suite';

function declare(Kind, name, options, fn, overrides) {
  const parent = surroundingTest();
  const test = parent.createSubtest(Kind, name, options, fn, overrides);
  // tests of a suite run when it is the suite's turn
  return isSuite(parent) ? Promise.resolve() : startWhenReady(test);
}

/** The function that declares tests, or suites, and its forms that set one option. */
function declarer(kind) {
  const test = function test(name, options, fn) {
    return declare(kind(), name, options, fn, { __proto__: null, location: callerOf(test) });
  };
  for (const keyword of ['expectFailure', 'skip', 'todo', 'only']) {
    const form = {
      form(name, options, fn) {
        return declare(kind(), name, options, fn, { __proto__: null, [keyword]: true, location: callerOf(form) });
      },
    }.form;
    Object.defineProperty(form, 'name', { __proto__: null, value: '', configurable: true });
    test[keyword] = form;
  }
  return test;
}

function hookDeclarer(name) {
  const declareHook = {
    declareHook(fn, options) {
      surroundingTest().createHook(name, fn, options, callerOf(declareHook));
    },
  }.declareHook;
  Object.defineProperty(declareHook, 'name', { __proto__: null, value: '', configurable: true });
  return declareHook;
}

const test = declarer(() => Test);
const suite = declarer(getSuite);

function run(options) {
  return require('internal/test_runner/runner').run(options);
}

module.exports = Object.assign(test, {
  after: hookDeclarer('after'),
  afterEach: hookDeclarer('afterEach'),
  before: hookDeclarer('before'),
  beforeEach: hookDeclarer('beforeEach'),
  describe: suite,
  it: test,
  run,
  suite,
  test,
});

const getMock = lazy(() => new (require('internal/test_runner/mock/mock').MockTracker)());
const getSnapshot = lazy(() => {
  const { setDefaultSnapshotSerializers, setResolveSnapshotPath } = require('internal/test_runner/snapshot');
  return { __proto__: null, setDefaultSnapshotSerializers, setResolveSnapshotPath };
});
const getAssert = lazy(() => {
  const { register } = require('internal/test_runner/assert');
  return { __proto__: null, register };
});

for (const [name, get] of [['mock', getMock], ['snapshot', getSnapshot], ['assert', getAssert]]) {
  Object.defineProperty(test, name, { __proto__: null, configurable: true, enumerable: true, get: () => get() });
}
