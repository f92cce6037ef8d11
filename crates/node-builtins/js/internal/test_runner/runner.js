'use strict';
// run(): runs files of tests, each in its own process or all of them in this one, and answers with the stream of what
// happens. Also the lookup of the files, and `--test`, which is run() with the command line's words.

const process = require('process');
const path = require('path');
const lazy = require('internal/lazy');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const {
  validateArray, validateBoolean, validateFunction, validateInteger, validateObject, validateOneOf, validateString,
  validateStringArray,
} = require('internal/validators');
const { isRegExp } = require('internal/util/types');
const { getOptionValue } = require('internal/options');
const { convertStringToRegExp } = require('internal/test_runner/utils');
const { commandLine } = require('internal/test_runner/options');
const { attachReporters, createTree, startWhenReady } = require('internal/test_runner/harness');
const { Test, failure, kinds, runInTest } = require('internal/test_runner/test');
const { FileTest } = require('internal/test_runner/file_test');

const getUrl = lazy(() => require('internal/url'));

/** Which files are tests where nobody says it. */
function defaultPattern() {
  const extensions = getOptionValue('--strip-types') ? '{js,mjs,cjs,ts,mts,cts}' : '{js,mjs,cjs}';
  return `**/{test,test/**/*,test-*,*[._-]test}.${extensions}`;
}

const hasMagic = (pattern) => /[*?[\]{}!()]/.test(pattern);

function findFiles(patterns, cwd) {
  const isGiven = patterns?.length > 0;
  const { globSync } = require('fs');
  const found = globSync(isGiven ? patterns : [defaultPattern()], {
    __proto__: null, cwd, exclude: isGiven ? undefined : (name) => /(?:^|[\\/])node_modules$/.test(name),
  });
  if (isGiven && found.length === 0 && !patterns.some(hasMagic)) {
    process.stderr.write(`Could not find '${patterns.join(', ')}'\n`);
    process.exit(1);
  }
  return found.filter((file) => isFile(path.resolve(cwd, file))).sort();
}

function isFile(file) {
  return require('fs').statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function patternsOf(value, name) {
  if (value === undefined || value === null) return null;
  return (Array.isArray(value) ? value : [value]).map((pattern, i) => {
    if (isRegExp(pattern)) return pattern;
    if (typeof pattern === 'string') return convertStringToRegExp(pattern, `${name}[${i}]`);
    throw new ERR_INVALID_ARG_TYPE(`${name}[${i}]`, ['string', 'RegExp'], pattern);
  });
}

function shardOf(value, watch) {
  if (value === undefined || value === null) return undefined;
  validateObject(value, 'options.shard');
  const { index, total } = value;
  validateInteger(total, 'options.shard.total', 1);
  validateInteger(index, 'options.shard.index', 1, total);
  if (watch) throw new ERR_INVALID_ARG_VALUE('options.shard', watch, 'shards not supported with watch mode');
  return { index, total };
}

const isGiven = (value) => value !== undefined && value !== null;

/** The options of run() in the harness's terms. */
function parse(options) {
  const {
    argv = [], concurrency, coverage = false, cwd = process.cwd(), env, execArgv = [], files, forceExit, globPatterns,
    globalSetupPath, isolation = 'process', only, rerunFailuresFilePath, setup, shard, signal, testNamePatterns,
    testSkipPatterns, timeout, watch,
  } = options;
  if (isGiven(files)) validateArray(files, 'options.files');
  if (isGiven(watch)) validateBoolean(watch, 'options.watch');
  if (isGiven(forceExit)) {
    validateBoolean(forceExit, 'options.forceExit');
    if (forceExit && watch) {
      throw new ERR_INVALID_ARG_VALUE('options.forceExit', watch, 'is not supported with watch mode');
    }
  }
  if (isGiven(only)) validateBoolean(only, 'options.only');
  if (isGiven(globPatterns)) validateArray(globPatterns, 'options.globPatterns');
  validateString(cwd, 'options.cwd');
  if (globPatterns?.length > 0 && files?.length > 0) {
    throw new ERR_INVALID_ARG_VALUE(
      'options.globPatterns', globPatterns, 'is not supported when specifying \'options.files\'');
  }
  const checkedShard = shardOf(shard, watch);
  if (isGiven(setup)) validateFunction(setup, 'options.setup');
  const namePatterns = patternsOf(testNamePatterns, 'options.testNamePatterns');
  const skipPatterns = patternsOf(testSkipPatterns, 'options.testSkipPatterns');
  validateOneOf(isolation, 'options.isolation', ['process', 'none']);
  validateCoverage(options);
  validateStringArray(argv, 'options.argv');
  validateStringArray(execArgv, 'options.execArgv');
  if (isGiven(env)) {
    validateObject(env, 'options.env');
    if (isolation === 'none') {
      throw new ERR_INVALID_ARG_VALUE('options.env', env, 'is not supported with isolation=\'none\'');
    }
  }
  if (isGiven(rerunFailuresFilePath)) validateString(rerunFailuresFilePath, 'options.rerunFailuresFilePath');
  if (isGiven(globalSetupPath)) validateString(globalSetupPath, 'options.globalSetupPath');
  if (watch) refuseWatching();
  return {
    __proto__: null,
    isTestRunner: true,
    isChild: false,
    isChildV8: false,
    coverage,
    updateSnapshots: commandLine().updateSnapshots,
    argv,
    concurrency,
    cwd,
    env,
    execArgv,
    files,
    forceExit: forceExit ?? false,
    globPatterns,
    globalSetup: globalSetupPath,
    isolation,
    namePatterns,
    only: only ?? false,
    rerunFailures: rerunFailuresFilePath ?? undefined,
    setup,
    shard: checkedShard,
    signal,
    skipPatterns,
    timeout,
  };
}

function refuseWatching() {
  const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('Watching test files');
}

function validateGlobs(value, name) {
  if (isGiven(value)) validateStringArray(Array.isArray(value) ? value : [value], name);
}

/** Nothing measures coverage here; the options are still checked. */
function validateCoverage({
  branchCoverage = 0, coverage = false, coverageExcludeGlobs, coverageIncludeGlobs, functionCoverage = 0,
  lineCoverage = 0,
}) {
  validateBoolean(coverage, 'options.coverage');
  validateGlobs(coverageExcludeGlobs, 'options.coverageExcludeGlobs');
  validateGlobs(coverageIncludeGlobs, 'options.coverageIncludeGlobs');
  validateInteger(lineCoverage, 'options.lineCoverage', 0, 100);
  validateInteger(branchCoverage, 'options.branchCoverage', 0, 100);
  validateInteger(functionCoverage, 'options.functionCoverage', 0, 100);
}

function run(options = {}) {
  validateObject(options, 'options');
  return runWith(parse(options));
}

function runWith(options) {
  const { concurrency, isolation, shard, timeout } = options;
  const rootOptions = { __proto__: null, concurrency, timeout: timeout ?? Infinity };
  const root = createTree(rootOptions, options);
  const { harness, reporter } = root;
  let files = options.files ?? findFiles(options.globPatterns, options.cwd);
  if (shard !== undefined) files = files.filter((file, i) => i % shard.total === shard.index - 1);

  if (isolation === 'process' && process.env.NODE_TEST_CONTEXT !== undefined) {
    process.emitWarning('node:test run() is being called recursively within a test file. skipping running files.');
    root.postRun();
    harness.stopListening();
    return reporter;
  }
  const ended = async () => {
    await root.postRun();
    harness.stopListening();
    await harness.teardown?.();
  };
  (async () => {
    if (options.reportsItself) {
      harness.bootstrap = attachReporters(root, options);
      await harness.bootstrap;
      harness.bootstrap = undefined;
    }
    if (typeof options.setup === 'function') await options.setup(reporter);
    if (options.globalSetup !== undefined) {
      // its errors are nobody's but the program's
      harness.bootstrap = require('internal/test_runner/global_setup').setUp(root, options);
      await harness.bootstrap;
      harness.bootstrap = undefined;
    }
    await (isolation === 'process' ? runInProcesses(root, files, options) : runInThisProcess(root, files, options));
    if (isolation === 'process') await ended();
  })().catch((error) => {
    process.nextTick(() => { throw error; });
  });
  return reporter;
}

// ---- Processes ----

function runInProcesses(root, files, options) {
  const ids = new WorkerIds();
  return Promise.allSettled(files.map((file) => runFile(root, file, options, ids)));
}

/** Small numbers for processes, given again when their process has ended. */
class WorkerIds {
  #used = [];

  take() {
    let id = 1;
    while (this.#used[id]) id++;
    this.#used[id] = true;
    return id;
  }

  give(id) {
    this.#used[id] = false;
  }
}

// What a file's process is not to do again, and what has words of its own here.
const ownSwitches = new Set([
  '--test', '--experimental-test-coverage', '--watch', '--watch-preserve-output', '--test-only',
  '--test-force-exit', '--experimental-default-config-file',
]);
const ownValues = new Set([
  '--test-reporter', '--test-reporter-destination', '--test-name-pattern', '--test-skip-pattern', '--test-shard',
  '--test-rerun-failures', '--test-global-setup', '--experimental-config-file', '--watch-path', '--test-isolation',
  '--experimental-test-isolation',
]);

/** This process's options without those. */
function inheritedArguments() {
  const kept = [];
  const { execArgv } = process;
  for (let i = 0; i < execArgv.length; i++) {
    const name = execArgv[i].split('=', 1)[0];
    if (ownSwitches.has(name)) continue;
    if (ownValues.has(name)) {
      if (!execArgv[i].includes('=')) i++;
      continue;
    }
    kept.push(execArgv[i]);
  }
  return kept;
}

function argumentsFor(file, options) {
  const args = inheritedArguments();
  const { argv, execArgv, forceExit, namePatterns, only, rerunFailures, skipPatterns, timeout } = options;
  if (forceExit) args.push('--test-force-exit');
  for (const pattern of namePatterns ?? []) args.push(`--test-name-pattern=${pattern}`);
  for (const pattern of skipPatterns ?? []) args.push(`--test-skip-pattern=${pattern}`);
  if (only) args.push('--test-only');
  if (isGiven(timeout) && timeout !== Infinity) args.push(`--test-timeout=${timeout}`);
  if (rerunFailures !== undefined) args.push(`--test-rerun-failures=${rerunFailures}`);
  args.push(...execArgv, file, ...argv);
  return args;
}

function runFile(root, file, options, ids) {
  const fn = async (t) => {
    const id = ids.take();
    try {
      await runProcess(test, file, options, t.signal, id);
    } finally {
      ids.give(id);
    }
  };
  const location = { __proto__: null, line: 1, column: 1, file: path.resolve(options.cwd, file) };
  // its process keeps the time
  const { signal } = options;
  const overrides = { __proto__: null, location, entryFile: file, signal: signal ?? undefined, timeout: Infinity };
  const test = root.createSubtest(FileTest, file, {}, fn, overrides);
  return test.start();
}

async function runProcess(test, file, options, signal, workerId) {
  const { spawn } = require('child_process');
  const { once } = require('events');
  const { finished } = require('stream/promises');
  const env = {
    __proto__: null, ...(options.env ?? process.env), NODE_TEST_CONTEXT: 'child-v8', NODE_TEST_WORKER_ID: String(workerId),
  };
  if (test.harness.colorizesFiles) env.FORCE_COLOR = '1';
  const isWatched = Boolean(process.env.WATCH_REPORT_DEPENDENCIES) && process.send !== undefined;
  const child = spawn(process.execPath, argumentsFor(file, options), {
    __proto__: null, signal, env, stdio: ['pipe', 'pipe', 'pipe', ...(isWatched ? ['ipc'] : [])], cwd: options.cwd,
  });
  // who watches hears which files a test loads
  if (isWatched) child.on('message', (message) => { process.send(message); });
  let startError;
  child.on('error', (error) => { startError = error; });
  child.stdout.on('data', (data) => { test.parseMessage(data); });
  const lines = require('readline').createInterface({ __proto__: null, input: child.stderr });
  lines.on('line', (line) => {
    test.addToReport({
      __proto__: null, type: 'test:stderr', data: { __proto__: null, file, message: `${line}\n` },
    });
  });
  const { 0: { 0: code, 1: endSignal } } = await Promise.all([
    once(child, 'exit', { __proto__: null, signal }),
    finished(child.stdout, { __proto__: null, signal }),
    once(lines, 'close', { __proto__: null, signal }),
  ]);
  if (code === 0 && endSignal === null) return;
  if (startError !== undefined) throw startError;
  const error = failure('test failed', test.failedSubtests ? kinds.subtests : kinds.testCode);
  error.exitCode = code;
  error.signal = endSignal;
  // what failed did so in another process
  error.stack = undefined;
  throw error;
}

// ---- This process ----

async function runInThisProcess(root, files, options) {
  const { harness } = root;
  const { promise, resolve } = Promise.withResolvers();
  harness.bootstrap = promise;
  process.env.NODE_TEST_WORKER_ID = '1';
  await runInTest(root, () => loadFiles(root, files, options), undefined, []);
  root.entryFile = undefined;
  harness.bootstrap = undefined;
  resolve();
}

async function loadFiles(root, files, { cwd, loadPreloads }) {
  loadPreloads?.();
  const { pathToFileURL } = getUrl();
  const { importModule } = require('internal/modules/esm');
  const base = pathToFileURL(`${cwd}/`).href;
  for (const specifier of getOptionValue('--import') ?? []) await importModule(specifier, base);
  for (const file of files) {
    const absolute = path.resolve(cwd, file);
    root.entryFile = absolute;
    const count = root.subtests.length;
    let thrown;
    try {
      await importModule(pathToFileURL(absolute).href, base);
    } catch (error) {
      thrown = { error };
    }
    if (root.subtests.length !== count) continue;
    // a file without tests is one itself
    const location = { __proto__: null, line: 1, column: 1, file: absolute };
    const test = root.createSubtest(Test, file, {}, undefined, { __proto__: null, location });
    if (thrown !== undefined) test.fail(thrown.error);
    startWhenReady(test);
  }
}

// ---- --test ----

function shardOfCommandLine() {
  const text = getOptionValue('--test-shard');
  if (!text) return undefined;
  const match = /^(\d+)\/(\d+)$/.exec(text);
  if (match === null) {
    throw new ERR_INVALID_ARG_VALUE('--test-shard', text, 'must be in the form of <index>/<total>');
  }
  return shardOf({ index: Number(match[1]), total: Number(match[2]) }, false);
}

/** What `--test` does. */
function main() {
  const options = commandLine();
  if (options.watch) refuseWatching();
  const { loadPreloads } = require('internal/modules/run_main');
  const concurrency = options.isolation === 'process' ? options.concurrency || true : 1;
  require('internal/util/debuglog').debuglog('test_runner')('configuration: %O', { ...options, concurrency });
  // in one process their tests and hooks belong to the root, which has to be there
  const isOneProcess = options.isolation === 'none';
  if (!isOneProcess) loadPreloads();
  const stream = runWith({
    ...options,
    loadPreloads: isOneProcess ? loadPreloads : undefined,
    argv: [],
    concurrency,
    execArgv: [],
    globPatterns: process.argv.slice(1),
    reportsItself: true,
    shard: shardOfCommandLine(),
  });
  stream.on('test:summary', (data) => {
    if (!data.success) process.exitCode = 1;
  });
}

module.exports = { FileTest, main, run };
