'use strict';
// The tree of tests of a process: its root, counters and summary, and what the process does with errors that nobody
// caught, signals and its own end while there are tests.

const process = require('process');
const { clearInterval, setImmediate, setInterval } = require('timers');
const lazy = require('internal/lazy');
const { Test, currentTest, failure, kinds, noop, runInTest } = require('internal/test_runner/test');
const { commandLine } = require('internal/test_runner/options');

const getReporters = lazy(() => require('internal/test_runner/reporters'));

const newCounters = () => Object.assign(Object.create(null), {
  tests: 0, failed: 0, passed: 0, cancelled: 0, skipped: 0, todo: 0, topLevel: 0, suites: 0,
});

class Harness {
  /** While it is pending no test starts: reporters, or files of tests, are being loaded. */
  bootstrap = undefined;
  counters = newCounters();
  /** Whether there is any beforeEach() or afterEach(). */
  hasEachHooks = false;
  success = true;
  attempt = undefined;
  rerun = undefined;
  teardown = undefined;
  /** Takes the listeners off the process again. */
  stopListening = undefined;
  watching = false;
  /** Settled when all reporters have written everything. */
  written = undefined;
  colorizesFiles = false;

  constructor(options) {
    this.options = options;
    // what runs files leaves it to them
    const runsFiles = options.isTestRunner && options.isolation === 'process';
    this.isFilteringByName = !runsFiles && (options.namePatterns !== null || options.skipPatterns !== null);
    // Where all tests are in one process they say themselves whether only some of them are to run.
    const { isChild, isolation, isTestRunner, only } = options;
    this.isFilteringByOnly = isTestRunner ? isolation === 'none' : only || !isChild;
  }

  resetCounters() {
    this.counters = newCounters();
    this.success = true;
  }

  count(test) {
    const { counters } = this;
    if (test.nesting === 0) counters.topLevel++;
    if (test.type === 'suite') counters.suites++;
    else {
      if (test.skipped) counters.skipped++;
      else if (test.isTodo) counters.todo++;
      else if (test.cancelled) counters.cancelled++;
      else if (!test.passed) counters.failed++;
      else counters.passed++;
      counters.tests++;
    }
    if (!test.passed && !test.isTodo) this.success = false;
  }

  /** All is done: the summary. */
  end(root) {
    const { counters } = this;
    const { location, nesting, reporter } = root;
    root.reported = true;
    reporter.plan(nesting, location, counters.topLevel);
    writeSnapshots();
    for (const { message, level } of root.diagnostics) reporter.diagnostic(nesting, location, message, level);
    const duration = root.duration();
    const say = (message) => reporter.diagnostic(nesting, location, message);
    say(`tests ${counters.tests}`);
    say(`suites ${counters.suites}`);
    say(`pass ${counters.passed}`);
    say(`fail ${counters.failed}`);
    say(`cancelled ${counters.cancelled}`);
    say(`skipped ${counters.skipped}`);
    say(`todo ${counters.todo}`);
    say(`duration_ms ${duration}`);
    reporter.summary(location?.file, this.success, counters, duration);
    if (this.watching) {
      root.reported = false;
      this.resetCounters();
    } else {
      reporter.end();
    }
  }
}

function writeSnapshots() {
  const { isLoaded, load } = require('internal/builtins');
  const id = 'internal/test_runner/snapshot';
  if (isLoaded(id)) load(id).write();
}

let globalRoot;
/** What a reporter does belongs to no test. */
const reporterScope = { isReporter: true };

/** The root of the tests that a program has; made with the first of them. */
function rootOfProgram() {
  if (globalRoot !== undefined) return globalRoot;
  const options = commandLine();
  const entryFile = process.argv[1];
  const root = createRoot({ entryFile, location: { line: 1, column: 1, file: entryFile } }, options);
  globalRoot = root;
  root.reporter.on('test:summary', (data) => {
    if (!data.success) process.exitCode = 1;
  });
  root.harness.bootstrap = bootstrap(root, options);
  return root;
}

/** Where it fails there is no harness to speak of, and errors stay uncaught. */
async function bootstrap(root, options) {
  await attachReporters(root, options);
  if (options.globalSetup !== undefined && !options.isTestRunner && !options.isChild) {
    await require('internal/test_runner/global_setup').setUp(root, options);
  }
  root.harness.bootstrap = undefined;
}

function attachReporters(root, options) {
  return getReporters().attach(root, options, (fn) => runInTest(reporterScope, fn, undefined, []));
}

/** A root whose harness listens to what happens to the process. */
function createRoot({ entryFile, location, concurrency, signal, timeout }, options) {
  const harness = new Harness(options);
  const root = new Test({
    __proto__: null, name: '<root>', parent: null, harness, entryFile, location, concurrency, signal,
  });
  if (timeout !== undefined) root.timeout = timeout;
  else if (options.timeout !== Infinity && !(options.isTestRunner && options.isolation === 'process')) {
    root.timeout = options.timeout;
  }
  if (options.rerunFailures !== undefined) {
    require('internal/test_runner/rerun').attach(root, options);
  }
  if (options.coverage) process.emitWarning('coverage could not be collected: nothing measures it here');
  listen(root, options);
  return root;
}

function describe(test) {
  const { column, file, line } = test.location ?? {};
  const kind = test.hookName === undefined ? `Test "${test.name}"` : `Test hook "${test.hookName}"`;
  if (file === undefined) return kind;
  const shown = require('path').relative(process.cwd(), file);
  return `${kind} at ${shown}:${line}:${column}`;
}

function textOf(error) {
  try {
    return `${error}`;
  } catch {
    return require('internal/util/inspect').inspect(error);
  }
}

/** Errors that nobody caught are failures of the test whose code made them, while it runs. */
function errorHandler(root, eventName) {
  return (error) => {
    const test = currentTest();
    if (root.harness.bootstrap !== undefined || test === reporterScope) throw error;
    if (test === undefined || test.finished || test.parent === null && test.hookName === undefined) {
      const created = `This activity created the error "${textOf(error)}"`;
      const message = test === undefined || test === root ?
        'Error: A resource generated asynchronous activity after the test ended. ' +
          `${created} which triggered an ${eventName} event, caught by the test runner.` :
        `Error: ${describe(test)} generated asynchronous activity after the test ended. ` +
          `${created} and would have caused the test to fail, but instead triggered an ${eventName} event.`;
      root.diagnostic(message);
      process.exitCode = 1;
      return;
    }
    test.fail(failure(error, eventName));
    test.abort();
  };
}

const neverEnded = () => failure(
  'Promise resolution is still pending but the event loop has already resolved', kinds.cancelledByParent);

function listen(root, options) {
  const onException = errorHandler(root, kinds.uncaught);
  const onRejection = errorHandler(root, kinds.unhandled);

  const onExit = async () => {
    if (root.subtests.length === 0 && (root.hooks.before.length > 0 || root.hooks.after.length > 0)) {
      // there are no tests to run them
      await root.run();
    }
    if (root.unfinished > 0) {
      // Something may still end them that does not keep the process alive.
      const keepAlive = setInterval(noop, 2 ** 31 - 1);
      await root.subtestsDone();
      clearInterval(keepAlive);
    }
    root.postRun(neverEnded());
    stop();
    await root.harness.teardown?.();
  };

  const onSignal = async () => {
    const running = runningTests(root);
    if (running.length > 0) {
      root.reporter.interrupted(running);
      process.exitCode = 1;
      // reporters get to write that; what is cancelled now is not reported any more
      for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => { setImmediate(resolve); });
    }
    for (const test of root.subtests) {
      if (!test.finished) test.cancel(neverEnded());
    }
    await root.harness.teardown?.();
    process.exit();
  };

  const stop = () => {
    process.removeListener('uncaughtException', onException);
    process.removeListener('unhandledRejection', onRejection);
    process.removeListener('beforeExit', onExit);
    if (!options.isTestRunner) return;
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  };
  root.harness.stopListening = stop;

  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  process.on('beforeExit', onExit);
  if (options.isTestRunner) {
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  }
}

/** The innermost tests that run. */
function runningTests(test, found = []) {
  for (const subtest of test.subtests) {
    if (subtest.finished || subtest.startTime === -1 || subtest.endTime !== -1) continue;
    const before = found.length;
    runningTests(subtest, found);
    if (found.length > before) continue;
    const { line, column, file } = subtest.location ?? {};
    found.push({ __proto__: null, name: subtest.name, nesting: subtest.nesting, file, line, column });
  }
  return found;
}

/** With --test-force-exit: the end of the process, whatever still keeps it alive. */
async function forceExit(root) {
  const { harness } = root;
  await root.postRun();
  await harness.teardown?.();
  await harness.written;
  process.exit();
}

/** Starts a test once reporters listen. */
async function startWhenReady(test) {
  const { harness } = test;
  if (harness.bootstrap !== undefined) await harness.bootstrap;
  await test.start();
}

function createTree(rootOptions, options) {
  globalRoot = createRoot(rootOptions, options);
  return globalRoot;
}

/** The test that new tests and hooks belong to. */
function surroundingTest() {
  const test = currentTest();
  return test === undefined || test === reporterScope ? rootOfProgram() : test;
}

module.exports = { attachReporters, createTree, forceExit, rootOfProgram, startWhenReady, surroundingTest };
