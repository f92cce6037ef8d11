'use strict';
// A test: its options, when it runs, its subtests and hooks, and what it reports. The order in which results are
// reported is the order in which tests were written, however they ran. Suites are in internal/test_runner/suite.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const {
  validateAbortSignal, validateNumber, validateOneOf, validateUint32,
} = require('internal/validators');
const { enterStore, getFrame, getStore, leaveStore } = require('internal/async_context');
const { clearTimeout, setTimeout } = require('timers');
const process = require('process');
const lazy = require('internal/lazy');
const { failure, isFailure, kinds } = require('internal/test_runner/failure');
const { SilentStream, TestsStream } = require('internal/test_runner/tests_stream');
const { SuiteContext, TestContext } = require('internal/test_runner/context');
const { matchesPattern } = require('internal/test_runner/utils');

const getAbort = lazy(() => require('internal/abort_controller'));
const getHarness = lazy(() => require('internal/test_runner/harness'));
const getHook = lazy(() => require('internal/test_runner/hook').TestHook);
const getPlan = lazy(() => require('internal/test_runner/plan').TestPlan);
const getExpectation = lazy(() => require('internal/test_runner/expect_failure'));
const getSilentStream = lazy(() => new SilentStream());

const longestTimeout = 2 ** 31 - 1;
const onlyWithoutOption = '\'only\' and \'runOnly\' require the --test-only command-line option.';
const hookNames = ['before', 'after', 'beforeEach', 'afterEach'];
// without a name, as tests without a function are anonymous
const noop = (() => () => {})();
const none = [];

// Under this key the asynchronous context knows the test that runs in it.
const currentTestKey = {};

/** The test that the running code belongs to. */
const currentTest = () => getStore(currentTestKey, undefined);

/** Calls `fn` as code of `test`. */
function runInTest(test, fn, thisArg, args) {
  const before = getFrame();
  const entered = enterStore(currentTestKey, test);
  try {
    return Reflect.apply(fn, thisArg, args);
  } finally {
    leaveStore(currentTestKey, before, entered);
  }
}

/** The same for a suite's function; stacks name what it is called on by the name of its caller. */
function runInSuite(suite, fn, context) {
  const before = getFrame();
  const entered = enterStore(currentTestKey, suite);
  try {
    return Reflect.apply(fn, context, [context]);
  } finally {
    leaveStore(currentTestKey, before, entered);
  }
}

const { hrtime } = process;
const { 0: firstSecond } = hrtime();

/** Nanoseconds of the clock that measures durations; whole, so that differences are exact. */
function now() {
  const { 0: seconds, 1: nanoseconds } = hrtime();
  return (seconds - firstSecond) * 1e9 + nanoseconds;
}

/** Hooks that a test has itself, made when the first is added. */
class Hooks {
  before = [];
  after = [];
  beforeEach = [];
  afterEach = [];
}

/** What tests without hooks have. */
const noHooks = new Hooks();

/** A function's promise for its result by the error-first callback that it is given. */
function callbackPromise() {
  const { promise, resolve, reject } = Promise.withResolvers();
  let calls = 0;
  const callback = (error) => {
    calls++;
    // told once, and wherever the second call comes from
    if (calls === 2) throw failure('callback invoked multiple times', kinds.multipleCallbacks);
    if (calls > 1) return;
    if (error) reject(error);
    else resolve();
  };
  return { promise, callback };
}

function concurrencyOf(value, parent) {
  switch (typeof value) {
    case 'number':
      validateUint32(value, 'options.concurrency', true);
      return value;
    case 'boolean':
      if (!value) return 1;
      return parent === null ? Math.max(require('os').availableParallelism() - 1, 1) : Infinity;
    default:
      if (value !== null && value !== undefined) {
        throw new ERR_INVALID_ARG_TYPE('options.concurrency', ['boolean', 'number'], value);
      }
      return parent === null ? 1 : parent.concurrency;
  }
}

class Test {
  type = 'test';
  abortController = undefined;
  activeSubtests = 0;
  aborted = false;
  cancelled = false;
  context = undefined;
  diagnostics = none;
  endTime = -1;
  error = null;
  filtered = false;
  finished = false;
  hasOnlyTests = false;
  hooks = noHooks;
  isBuilt = false;
  isCounted = false;
  isFilling = false;
  isPostRun = false;
  isReportedStarted = false;
  isStarted = false;
  mismatch = undefined;
  mockTracker = undefined;
  nextPending = 0;
  outputSubtestCount = 0;
  passed = false;
  pendingSubtests = none;
  planned = null;
  previousRun = undefined;
  ready = undefined;
  reported = false;
  resolveStart = undefined;
  resolveSubtests = undefined;
  runOnlySubtests = false;
  startTime = -1;
  stopWaiting = undefined;
  subtests = none;
  subtestsPromise = undefined;
  testNumber = 0;
  timedOut = undefined;
  timer = undefined;
  unfinished = 0;
  /** Number of the subtest that is to be reported next; 0 while there is none. */
  waitingOn = 0;

  constructor(options) {
    let { fn, name, parent } = options;
    const { concurrency, expectFailure, location, only, plan, signal, skip, timeout, todo } = options;
    if (typeof fn !== 'function') fn = noop;
    if (typeof name !== 'string' || name === '') name = fn.name || '<anonymous>';
    this.name = name;
    this.parent = parent;
    this.only = only;
    this.location = location;
    if (parent === null) {
      this.root = this;
      this.harness = options.harness;
      this.nesting = 0;
      this.reporter = new TestsStream();
      this.childNumber = 0;
      this.timeout = Infinity;
      this.entryFile = options.entryFile;
      this.startTime = now();
      this.filteredByName = false;
      this.runOnlySubtests = options.harness.options.only;
    } else {
      const { root } = parent;
      const { harness } = root;
      this.root = root;
      this.harness = harness;
      this.nesting = parent === root ? root.nesting : parent.nesting + 1;
      this.reporter = parent.reporter;
      this.childNumber = parent.subtests.length + 1;
      this.timeout = parent.timeout;
      this.entryFile = options.entryFile ?? parent.entryFile;
      this.filteredByName = harness.isFilteringByName && this.isFilteredByName(harness.options);
      if (!this.filteredByName) {
        for (let test = parent; test !== null && test.filteredByName; test = test.parent) test.filteredByName = false;
      }
      if (harness.isFilteringByOnly) fn = this.#markOnly(fn);
      else if (only || parent.runOnlySubtests) this.diagnostic(onlyWithoutOption);
    }
    this.concurrency = concurrencyOf(concurrency, parent);
    if (timeout !== null && timeout !== undefined && timeout !== Infinity) {
      validateNumber(timeout, 'options.timeout', 0, longestTimeout);
      this.timeout = timeout;
    } else if (timeout === Infinity) {
      this.timeout = Infinity;
    }
    if (skip) fn = noop;
    this.outerSignal = signal;
    if (signal !== undefined) {
      validateAbortSignal(signal, 'options.signal');
      const { kResistStopPropagation } = require('internal/event_target');
      this.#onAbort = () => { this.#abortFromOutside(); };
      signal.addEventListener('abort', this.#onAbort, { __proto__: null, once: true, [kResistStopPropagation]: true });
    }
    this.fn = fn;
    this.expectedAssertions = plan;
    this.skipped = skip !== undefined && skip !== false;
    this.isSkippedByOption = this.skipped;
    this.isTodo = (todo !== undefined && todo !== false) || (parent !== null && parent.isTodo);
    this.message = typeof skip === 'string' ? skip : typeof todo === 'string' ? todo : null;
    this.expectFailure = expectFailure === undefined || expectFailure === false ?
      (parent === null ? false : parent.expectFailure) : getExpectation().parse(expectFailure);
    if (parent !== null) this.harness.rerun?.prepare(this);
  }

  #onAbort;

  #markOnly(fn) {
    const { parent, only } = this;
    if (only) {
      // Where tests of a suite are chosen, only those run; else all of them do.
      parent.runOnlySubtests = true;
      if (parent === this.root || parent.startTime === -1) {
        for (let test = parent; test !== null && !test.hasOnlyTests; test = test.parent) test.hasOnlyTests = true;
      }
    } else if (only === false) {
      return noop;
    }
    return fn;
  }

  isFilteredByName({ namePatterns, skipPatterns }) {
    if (namePatterns !== null && !matchesPattern(this, namePatterns)) return true;
    return skipPatterns !== null && matchesPattern(this, skipPatterns);
  }

  get signal() {
    if (this.abortController === undefined) {
      this.abortController = new (getAbort().AbortController)();
      if (this.aborted) this.abortController.abort();
    }
    return this.abortController.signal;
  }

  get fullName() {
    const { parent } = this;
    if (parent === null || parent === this.root) return this.name;
    return `${parent.fullName} > ${this.name}`;
  }

  get ownHooks() {
    if (this.hooks === noHooks) this.hooks = new Hooks();
    return this.hooks;
  }

  /** Ends what the test waits for. */
  abort() {
    if (this.aborted) return;
    this.aborted = true;
    this.abortController?.abort();
    this.stopWaiting?.();
  }

  #abortFromOutside() {
    const { AbortError } = require('internal/errors');
    const error = this.outerSignal.reason ?? new AbortError('The test was aborted');
    if (typeof error === 'object') error.failureType = kinds.aborted;
    this.cancel(error);
  }

  shouldAbort() {
    if (this.aborted) return true;
    if (this.outerSignal?.aborted) {
      this.#abortFromOutside();
      return true;
    }
    return false;
  }

  hasConcurrency() {
    return this.concurrency > this.activeSubtests;
  }

  /** A new subtest of `Kind`, from the arguments of test(). */
  createSubtest(Kind, name, options, fn, overrides) {
    if (typeof name === 'function') {
      fn = name;
    } else if (name !== null && typeof name === 'object') {
      fn = options;
      options = name;
    } else if (typeof options === 'function') {
      fn = options;
    }
    // What comes too late is reported as a failure of the root.
    const isLate = this.finished || this.isBuilt;
    const parent = isLate ? this.root : this;
    const given = options === null || typeof options !== 'object' ? undefined : options;
    const test = new Kind({ __proto__: null, ...given, fn, name, parent, ...overrides });
    if (parent.waitingOn === 0) parent.waitingOn = test.childNumber;
    if (isLate) {
      test.fail(failure('test could not be started because its parent finished', kinds.parentFinished));
    }
    if (parent.subtests === none) parent.subtests = [];
    parent.subtests.push(test);
    return test;
  }

  applyFilters() {
    // errors are never filtered
    if (this.error !== null) return;
    if (this.filteredByName) {
      this.filtered = true;
      return;
    }
    const { parent } = this;
    if (this.harness.isFilteringByOnly && !this.only && !this.hasOnlyTests &&
        (parent.runOnlySubtests || parent.hasOnlyTests || this.only === false)) {
      this.filtered = true;
    }
  }

  /** Runs the test, or lets it wait until there is room for it. */
  start() {
    const { parent } = this;
    this.applyFilters();
    if (this.filtered) {
      this.reporter = getSilentStream();
    } else {
      this.testNumber = ++parent.outputSubtestCount;
    }
    parent.unfinished++;
    this.isStarted = true;
    this.reporter.enqueue(this);
    if (!parent.hasConcurrency()) {
      if (parent.pendingSubtests === none) parent.pendingSubtests = [];
      const { promise, resolve } = Promise.withResolvers();
      this.resolveStart = resolve;
      parent.pendingSubtests.push(this);
      return promise;
    }
    this.reporter.dequeue(this, this.type);
    return this.filtered ? this.runFiltered() : this.run();
  }

  runFiltered() {
    this.pass();
    return this.postRun();
  }

  /** Runs what waits, as far as there is room. A test that ends at once comes back here, and leaves it to the loop. */
  processPendingSubtests() {
    if (this.isFilling) return;
    this.isFilling = true;
    while (this.nextPending < this.pendingSubtests.length && this.hasConcurrency()) {
      const test = this.pendingSubtests[this.nextPending];
      this.pendingSubtests[this.nextPending++] = undefined;
      test.reporter.dequeue(test, this.type);
      (test.filtered ? test.runFiltered() : test.run()).then(test.resolveStart);
    }
    this.isFilling = false;
  }

  addReadySubtest(test) {
    this.ready ??= new Map();
    this.ready.set(test.childNumber, test);
    if (test.isStarted && !test.isCounted) {
      test.isCounted = true;
      if (--this.unfinished === 0 && this.resolveSubtests !== undefined) {
        this.resolveSubtests();
        this.resolveSubtests = this.subtestsPromise = undefined;
      }
    }
  }

  /** When no subtest that has been started is unfinished. */
  async subtestsDone() {
    while (this.unfinished > 0) {
      await (this.subtestsPromise ??= new Promise((resolve) => { this.resolveSubtests = resolve; }));
    }
  }

  /** Reports the results that are in turn. */
  processReady(canSend) {
    const { ready } = this;
    if (ready === undefined) return;
    for (let number = this.waitingOn, end = number + ready.size; number < end; number++) {
      const test = ready.get(number);
      if (test === undefined) return;
      canSend ||= this.isClearToSend();
      if (!canSend) return;
      if (number === 1 && this.parent !== null) this.reportStarted();
      test.finalize();
      ready.delete(number);
    }
  }

  /** Whether the results of its subtests may be reported: nothing before it is still running. */
  isClearToSend() {
    const { parent } = this;
    return parent === null || (parent.waitingOn === this.childNumber && parent.isClearToSend());
  }

  /** Its turn to report has come, and all of its subtests are done. */
  finalize() {
    this.processReady(true);
    this.report();
    const { parent, root } = this;
    parent.waitingOn++;
    this.finished = true;
    if (parent === root && root.waitingOn > root.subtests.length) {
      // What keeps the process alive may be for global after() hooks to end.
      const done = root.run();
      if (this.harness.options.forceExit) done.then(() => getHarness().forceExit(root));
    }
  }

  duration() {
    return (this.endTime - this.startTime) / 1e6;
  }

  directive() {
    if (this.skipped) return { __proto__: null, skip: this.message || true };
    if (this.isTodo) return { __proto__: null, todo: this.message || true };
    if (this.expectFailure) return { __proto__: null, expectFailure: this.expectFailure.label || true };
    return undefined;
  }

  details() {
    const details = { __proto__: null, duration_ms: this.duration(), type: this.type };
    if (!this.passed) details.error = this.error;
    const { attempt } = this.harness;
    if (attempt !== undefined) {
      details.attempt = attempt;
      if (this.previousRun !== undefined) details.passed_on_attempt = this.previousRun.passed_on_attempt;
    }
    return details;
  }

  report() {
    if (this.filtered) return;
    this.harness.count(this);
    if (this.outputSubtestCount > 0) {
      this.reporter.plan(this.subtests[0].nesting, this.location, this.outputSubtestCount);
    } else {
      this.reportStarted();
    }
    const details = this.details();
    const directive = this.directive();
    if (this.passed) this.reporter.pass(this, details, directive);
    else this.reporter.fail(this, details, directive);
    for (const { message, level } of this.diagnostics) {
      this.reporter.diagnostic(this.nesting, this.location, message, level);
    }
  }

  reportStarted() {
    if (this.isReportedStarted || this.parent === null) return;
    this.isReportedStarted = true;
    this.parent.reportStarted();
    this.reporter.started(this);
  }

  diagnostic(message, level) {
    if (this.diagnostics === none) this.diagnostics = [];
    this.diagnostics.push({ message, level });
  }

  cancel(error) {
    if (this.endTime !== -1 || this.error !== null) return;
    this.fail(error || failure('test did not finish before its parent and was cancelled', kinds.cancelledByParent));
    this.cancelled = true;
    this.abort();
  }

  fail(error) {
    if (this.error !== null) return;
    if (this.expectFailure && !this.skipped && this.isExpected(error)) {
      this.passed = true;
      return;
    }
    this.passed = false;
    this.error = this.mismatch ?? error;
  }

  isExpected(error) {
    const { isMatch, mismatch } = getExpectation().check(this.expectFailure, error);
    this.mismatch = mismatch;
    return isMatch;
  }

  pass() {
    if (this.error === null && this.expectFailure && !this.skipped) {
      this.passed = false;
      this.error = failure('test was expected to fail but passed', kinds.expectedFailure);
      return;
    }
    this.passed = this.error === null;
  }

  skip(message) {
    this.skipped = true;
    this.message = message;
  }

  todo(message) {
    this.isTodo = true;
    this.message = message;
  }

  createHook(name, fn, options, location) {
    validateOneOf(name, 'hook name', hookNames);
    const TestHook = getHook();
    const hook = new TestHook({ __proto__: null, ...options, fn, hookName: name, hookParent: this, location });
    const hooks = this.ownHooks;
    if (name === 'before' && this.startTime !== -1) {
      // The test runs already.
      hook.runFor(this.runArguments()).then(() => {
        if (hook.error !== null) this.fail(hook.error);
      });
    }
    if (name === 'beforeEach' || name === 'afterEach') this.harness.hasEachHooks = true;
    hooks[name].push(hook);
    return hook;
  }

  /** Runs the hooks for each test below this one: outer ones are the first before a test, and the last after it. */
  async runEachHook(name, context) {
    const lists = [];
    for (let test = this; test !== null; test = test.parent) lists.push(test.hooks[name]);
    if (name === 'beforeEach') lists.reverse();
    await this.runHook(name, context, lists.flat());
  }

  async runHook(name, args, hooks = this.hooks[name]) {
    try {
      for (const hook of hooks) {
        await hook.runFor(args);
        if (hook.error !== null) throw hook.error;
      }
    } catch (error) {
      const failed = failure(`failed running ${name} hook`, kinds.hook);
      failed.cause = isFailure(error) ? error.cause : error;
      throw failed;
    }
  }

  /** The context that functions of the test get. */
  runArguments() {
    return this.context ??= new TestContext(this);
  }

  get mock() {
    if (this.mockTracker === undefined) {
      const { MockTracker } = require('internal/test_runner/mock/mock');
      this.mockTracker = new MockTracker();
    }
    return this.mockTracker;
  }

  plan(count, options) {
    if (this.planned !== null) throw failure('cannot set plan more than once', kinds.testCode);
    this.planned = new (getPlan())(count, options);
  }

  startTimer() {
    const { timeout } = this;
    if (timeout === Infinity || timeout === null) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.timedOut = failure(`test timed out after ${timeout}ms`, kinds.timeout);
      this.stopWaiting?.(this.timedOut);
    }, timeout);
    this.timer.unref();
  }

  stopTimer() {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Waits for `promise`, until the test is aborted or its time is over. */
  until(promise) {
    return new Promise((resolve, reject) => {
      if (this.aborted || this.outerSignal?.aborted) {
        resolve();
        return;
      }
      if (this.timedOut !== undefined) {
        reject(this.timedOut);
        return;
      }
      this.stopWaiting = (error) => {
        if (error === undefined) resolve();
        else reject(error);
      };
      promise.then(resolve, reject);
    });
  }

  /** Runs the test's function; answers with the promise to wait for, if there is any. */
  call(context) {
    const { fn } = this;
    if (fn.length === 2) {
      const { promise, callback } = callbackPromise();
      const result = runInTest(this, fn, context, [context, callback]);
      if (!require('internal/util/types').isPromise(result)) return promise;
      this.fail(failure('passed a callback but also returned a Promise', kinds.callbackAndPromise));
      return result;
    }
    const result = context instanceof SuiteContext ?
      runInSuite(this, fn, context) : runInTest(this, fn, context, [context]);
    if (result === undefined || result === null || (typeof result !== 'object' && typeof result !== 'function')) {
      return undefined;
    }
    return Promise.resolve(result);
  }

  async run() {
    const { parent } = this;
    if (parent !== null) parent.activeSubtests++;
    if (this.startTime === -1) this.startTime = now();
    if (this.shouldAbort()) return this.postRun();
    const context = this.runArguments();
    let hasRunAfterEach = false;
    try {
      if (parent !== null) {
        if (parent.hooks.before.length > 0) await parent.runHook('before', parent.runArguments());
        if (this.harness.hasEachHooks && !this.skipped) await parent.runEachHook('beforeEach', context);
      }
      if (this.expectedAssertions !== undefined) this.plan(this.expectedAssertions);
      this.startTimer();
      const promise = this.call(context);
      if (promise !== undefined) await this.until(promise);
      else await undefined;
      this.shouldAbort();
      if (this.unfinished > 0) await this.until(this.subtestsDone());
      const planned = this.planned?.check();
      if (planned !== undefined) await this.until(planned);
      this.pass();
      hasRunAfterEach = true;
      if (this.#hasAfterEach()) await parent.runEachHook('afterEach', context);
      if (this.hooks.after.length > 0) await this.runHook('after', context);
    } catch (error) {
      if (!isFailure(error)) this.fail(failure(error, kinds.testCode));
      else if (error.failureType === kinds.timeout) this.cancel(error);
      else this.fail(error);
      // The test has failed already; more failures change nothing.
      if (!hasRunAfterEach && this.#hasAfterEach()) await parent.runEachHook('afterEach', context).catch(noop);
      if (this.hooks.after.length > 0) await this.runHook('after', context).catch(noop);
    }
    this.stopTimer();
    this.stopWaiting = undefined;
    if (parent === null) return undefined;
    this.abort();
    return this.postRun();
  }

  #hasAfterEach() {
    const { parent } = this;
    return parent !== null && this.harness.hasEachHooks && !this.isSkippedByOption;
  }

  /** After the run: settles what is left of it, and reports. */
  async postRun(pendingError) {
    if (this.endTime === -1) this.endTime = now();
    if (this.startTime === -1) this.startTime = this.endTime;
    const { parent, subtests } = this;
    if (this.isPostRun) return;
    this.isPostRun = true;
    this.pendingSubtests = none;
    this.nextPending = 0;
    let failed = 0;
    for (let i = 0; i < subtests.length; i++) {
      const test = subtests[i];
      if (!test.finished) {
        test.cancel(pendingError);
        await test.postRun(pendingError);
      }
      if (!test.passed && !test.isTodo) failed++;
    }
    if (failed > 0 && (this.passed || parent === null)) {
      this.fail(failure(`${failed} subtest${failed > 1 ? 's' : ''} failed`, kinds.subtests));
    }
    if (this.#onAbort !== undefined) this.outerSignal.removeEventListener('abort', this.#onAbort);
    this.mockTracker?.reset();
    if (parent === null) {
      if (!this.reported) this.harness.end(this);
      return;
    }
    if (!this.filtered) {
      const details = this.details();
      details.passed = this.passed;
      this.testNumber ||= ++parent.outputSubtestCount;
      this.reporter.complete(this, details, this.directive());
    }
    if (!this.filtered) parent.activeSubtests--;
    parent.addReadySubtest(this);
    parent.processReady(false);
    parent.processPendingSubtests();
  }
}

module.exports = { Test, currentTest, failure, kinds, none, noop, now, runInSuite, runInTest };
