'use strict';
// node:test/reporters: the reporters that --test-reporter knows by name, for use with run().

function lazily(load) {
  return { __proto__: null, configurable: true, enumerable: true, get: load };
}

const { defineProperties } = Object;

/** A class that may be called without `new`. */
function withoutNew(load) {
  return function value(...args) {
    return Reflect.construct(load(), args);
  };
}

const fixed = (value) => ({ __proto__: null, configurable: true, enumerable: true, writable: false, value });

defineProperties(exports, {
  __proto__: null,
  dot: lazily(() => require('internal/test_runner/reporter/dot')),
  junit: lazily(() => require('internal/test_runner/reporter/junit')),
  spec: fixed(withoutNew(() => require('internal/test_runner/reporter/spec'))),
  tap: lazily(() => require('internal/test_runner/reporter/tap')),
  lcov: fixed(withoutNew(() => require('internal/test_runner/reporter/lcov'))),
});
