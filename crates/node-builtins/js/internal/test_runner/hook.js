'use strict';
// before(), after(), beforeEach() and afterEach(): tests that are run for other tests and report nothing of their own.

const { Test, kinds, now } = require('internal/test_runner/test');
const { isFailure } = require('internal/test_runner/failure');

class TestHook extends Test {
  #runOnce;
  #arguments;

  constructor(options) {
    const { fn, timeout, signal, location, hookName, hookParent } = options;
    super({ __proto__: null, fn, timeout, signal, location, parent: null, harness: hookParent.harness });
    this.hookName = hookName;
    this.hookParent = hookParent;
    this.root = hookParent.root;
    this.reporter = hookParent.reporter;
    this.startTime = -1;
    this.nesting = hookParent.nesting;
    this.timeout = timeout ?? (hookParent === hookParent.root ? Infinity : hookParent.timeout);
    if (this.timeout === null) this.timeout = Infinity;
  }

  runArguments() {
    return this.#arguments;
  }

  /** Runs the hook with a test's context; before() and after() run at most once. */
  runFor(context) {
    if (this.hookName === 'before' || this.hookName === 'after') return this.#runOnce ??= this.#runWith(context);
    return this.#runWith(context);
  }

  #runWith(context) {
    if (this.error !== null && !this.outerSignal?.aborted) {
      this.passed = false;
      this.error = null;
      this.aborted = false;
      this.abortController = undefined;
      this.timedOut = undefined;
    }
    this.endTime = -1;
    this.finished = false;
    this.#arguments = context;
    return this.run().then(() => this.postRun());
  }

  postRun() {
    const { error, hookParent, location } = this;
    this.finished = true;
    const { root, reporter } = hookParent;
    if (error === null || hookParent !== root || this.hookName !== 'after') return;
    // Nothing else would tell of it.
    if (isFailure(error)) error.failureType = kinds.hook;
    if (this.endTime === -1) this.endTime = now();
    const details = { __proto__: null, duration_ms: this.duration(), error };
    reporter.fail(
      { name: location.file, nesting: 0, testNumber: root.subtests.length + 1, location }, details, undefined);
    root.harness.success = false;
  }
}

module.exports = { TestHook };
