'use strict';
// How many assertions and subtests a test has said that it will make.

const { validateBoolean, validateNumber, validateObject, validateUint32 } = require('internal/validators');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { clearTimeout, setTimeout } = require('timers');
const { failure, kinds } = require('internal/test_runner/failure');

class TestPlan {
  #wait = false;
  #waiting;
  #timer;

  constructor(count, options = {}) {
    validateUint32(count, 'count');
    validateObject(options, 'options');
    const { wait } = options;
    if (typeof wait === 'number') validateNumber(wait, 'options.wait', 0, 2 ** 31 - 1);
    else if (typeof wait === 'boolean') validateBoolean(wait, 'options.wait');
    else if (wait !== undefined) throw new ERR_INVALID_ARG_TYPE('options.wait', ['boolean', 'number'], wait);
    this.#wait = wait ?? false;
    this.expected = count;
    this.actual = 0;
  }

  count() {
    this.actual++;
    if (this.#waiting === undefined || this.actual < this.expected) return;
    clearTimeout(this.#timer);
    if (this.actual === this.expected) this.#waiting.resolve();
    else this.#waiting.reject(this.#mismatch());
  }

  /** Throws if the plan was not kept; answers with a promise while it may still be. */
  check() {
    if (this.actual === this.expected) return undefined;
    if (this.#wait === false || this.actual > this.expected) throw this.#mismatch();
    this.#waiting = Promise.withResolvers();
    if (typeof this.#wait === 'number') {
      this.#timer = setTimeout(() => {
        this.#waiting.reject(failure(
          `plan timed out after ${this.#wait}ms with ${this.actual} assertions when expecting ${this.expected}`,
          kinds.timeout));
      }, this.#wait);
    }
    return this.#waiting.promise;
  }

  #mismatch() {
    return failure(`plan expected ${this.expected} assertions but received ${this.actual}`, kinds.testCode);
  }
}

module.exports = { TestPlan };
