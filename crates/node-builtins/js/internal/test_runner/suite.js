'use strict';
// A suite: its function runs at once and says which tests there are; these run when it is the suite's turn.

const { Test, failure, kinds, none, noop, now, runInSuite } = require('internal/test_runner/test');
const { isFailure } = require('internal/test_runner/failure');
const { SuiteContext } = require('internal/test_runner/context');

class Suite extends Test {
  type = 'suite';
  #building;
  #hasOwnTimeout;

  constructor(options) {
    super(options);
    const { harness } = this;
    // A name may match one of its tests, which only its function knows.
    if (harness.options.namePatterns !== null && harness.options.skipPatterns !== null && !options.skip) {
      this.fn = typeof options.fn === 'function' ? options.fn : this.fn;
      this.skipped = false;
    }
    this.#hasOwnTimeout = typeof options.timeout === 'number';
    this.#building = this.#build();
  }

  runArguments() {
    return this.context ??= new SuiteContext(this);
  }

  #build() {
    const { fn } = this;
    this.fn = noop;
    try {
      const context = this.runArguments();
      const result = runInSuite(this, fn, context);
      if (result !== null && typeof result === 'object') {
        return Promise.resolve(result).then(() => { this.#endBuild(); }, (error) => { this.#failBuild(error); });
      }
      this.#endBuild();
    } catch (error) {
      this.#failBuild(error);
    }
    return undefined;
  }

  #failBuild(error) {
    this.fail(failure(error, kinds.testCode));
    this.#endBuild();
  }

  #endBuild() {
    this.isBuilt = true;
  }

  runFiltered() {
    this.skipped = false;
    this.pass();
    this.subtests = none;
    return this.postRun();
  }

  async run() {
    const { parent } = this;
    const context = this.runArguments();
    parent.activeSubtests++;
    try {
      if (this.#building !== undefined) await this.#building;
      this.startTime = now();
      if (this.shouldAbort()) {
        this.subtests = none;
        return this.postRun();
      }
      if (parent.hooks.before.length > 0) await parent.runHook('before', parent.runArguments());
      if (this.hooks.before.length > 0) await this.runHook('before', context);
      // one that it inherits is for each of its tests
      if (this.#hasOwnTimeout) this.startTimer();
      const subtests = this.skipped || this.error !== null ? none : this.subtests;
      if (subtests.length > 0) {
        const all = [];
        for (let i = 0; i < subtests.length; i++) all.push(subtests[i].start());
        await this.until(Promise.all(all));
      }
      this.shouldAbort();
      if (this.hooks.after.length > 0) await this.runHook('after', context);
      this.pass();
    } catch (error) {
      if (this.hooks.after.length > 0) await this.runHook('after', context).catch(noop);
      this.fail(isFailure(error) ? error : failure(error, kinds.testCode));
    }
    this.stopTimer();
    this.stopWaiting = undefined;
    this.abort();
    return this.postRun();
  }
}

module.exports = { Suite };
