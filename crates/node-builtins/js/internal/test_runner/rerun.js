'use strict';
// --test-rerun-failures: a file that remembers which tests have passed in earlier attempts. Those are not run again, but
// reported as passed, with the subtests that they had.

const path = require('path');
const process = require('process');
const lazy = require('internal/lazy');
const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');

const getFs = lazy(() => require('fs'));
const getTest = lazy(() => require('internal/test_runner/test').Test);

/** Names for places; tests written at the same place are told apart by their order. */
class Identifiers {
  #counts = new Map();

  next({ column, file, line }) {
    const place = `${path.relative(process.cwd(), file)}:${line}:${column}`;
    const count = this.#counts.get(place) ?? 0;
    this.#counts.set(place, count + 1);
    return count === 0 ? place : `${place}:(${count})`;
  }
}

class Rerun {
  #file;
  #attempts;
  #identifiers = new Identifiers();

  constructor(file) {
    this.#file = file;
    this.#attempts = read(file);
  }

  /** How many attempts there were. */
  get attempt() {
    return this.#attempts.length;
  }

  /** Lets a test that has passed before pass again without its function. */
  prepare(test) {
    const { location } = test;
    if (location?.file === undefined || test.isFile) return;
    const known = this.#attempts.at(-1)?.[this.#identifiers.next(location)];
    if (known?.passed_on_attempt === undefined) return;
    test.previousRun = known;
    if (test.type === 'suite') return;
    test.fn = () => {
      for (const { column, file, line, name } of known.children ?? []) {
        const overrides = { __proto__: null, location: { line, column, file } };
        test.createSubtest(getTest(), name, {}, undefined, overrides).start();
      }
    };
  }

  /** Notes what passes, and writes it down when all is done. */
  watch(reporter) {
    const identifiers = new Identifiers();
    const passed = {};
    /** Results whose parent has none yet, by their nesting. */
    const children = [];
    const note = (data, hasPassed) => {
      const { column, details, file, line, name, nesting } = data;
      const own = children[nesting + 1] ?? [];
      children[nesting + 1] = undefined;
      (children[nesting] ??= []).push({ nesting, name, line, column, file });
      if (file === undefined) return;
      const id = identifiers.next(data);
      if (!hasPassed) return;
      passed[id] = { name, children: own, passed_on_attempt: details.passed_on_attempt ?? this.attempt };
    };
    reporter.on('test:pass', (data) => { note(data, true); });
    reporter.on('test:fail', (data) => { note(data, false); });
    reporter.on('test:summary', (data) => {
      if (data.file !== undefined && reporter.isOfFiles) return;
      getFs().writeFileSync(this.#file, JSON.stringify([...this.#attempts, passed], null, 2));
    });
  }
}

function read(file) {
  let text;
  try {
    text = getFs().readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ERR_INVALID_ARG_VALUE('rerunFailuresFilePath', file, 'is not a valid rerun file');
  }
}

/** Files in processes of their own know of earlier attempts; the process that started them writes. */
function attach(root, options) {
  const rerun = new Rerun(options.rerunFailures);
  const { harness, reporter } = root;
  const runsFiles = options.isTestRunner && options.isolation === 'process';
  if (!runsFiles) {
    harness.rerun = rerun;
    harness.attempt = rerun.attempt;
  }
  reporter.isOfFiles = runsFiles;
  if (!options.isChild) rerun.watch(reporter);
}

module.exports = { attach };
