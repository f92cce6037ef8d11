'use strict';
// What the command line says about tests, and what run() says where it is asked instead.

const process = require('process');
const { getOptionValue } = require('internal/options');
const { convertStringToRegExp } = require('internal/test_runner/utils');

function patterns(option) {
  const texts = getOptionValue(option);
  if (!(texts?.length > 0)) return null;
  return texts.map((text) => convertStringToRegExp(text, option));
}

/** How this process reports: to its parent, or as the command line says. */
function reportersOf(isChild) {
  let names = getOptionValue('--test-reporter') ?? [];
  let destinations = getOptionValue('--test-reporter-destination') ?? [];
  if (isChild) return { names: ['internal/test_runner/reporter/v8-serializer'], destinations: ['stdout'] };
  const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
  if (names.length === 0 && destinations.length === 0) names = ['spec'];
  if (names.length === 1 && destinations.length === 0) destinations = ['stdout'];
  if (names.length !== destinations.length) {
    throw new ERR_INVALID_ARG_VALUE(
      '--test-reporter', names, 'must match the number of specified \'--test-reporter-destination\'');
  }
  return { names, destinations };
}

let known;

/** Parsed once; `run()` puts its own over it. */
function commandLine() {
  if (known !== undefined) return known;
  const isTestRunner = getOptionValue('--test') === true;
  const context = process.env.NODE_TEST_CONTEXT;
  const isChild = context === 'child' || context === 'child-v8';
  const isolation = getOptionValue('--test-isolation') || 'process';
  const timeout = getOptionValue('--test-timeout') || Infinity;
  known = {
    __proto__: null,
    isTestRunner,
    isChild,
    isChildV8: context === 'child-v8',
    isolation,
    timeout,
    concurrency: getOptionValue('--test-concurrency'),
    reporters: reportersOf(context === 'child-v8'),
    coverage: getOptionValue('--experimental-test-coverage') === true,
    forceExit: getOptionValue('--test-force-exit') === true,
    namePatterns: patterns('--test-name-pattern'),
    skipPatterns: patterns('--test-skip-pattern'),
    only: getOptionValue('--test-only') === true,
    updateSnapshots: getOptionValue('--test-update-snapshots') === true,
    watch: getOptionValue('--watch') === true,
    rerunFailures: getOptionValue('--test-rerun-failures') || undefined,
    globalSetup: getOptionValue('--test-global-setup') || undefined,
    randomize: false,
    cwd: process.cwd(),
  };
  return known;
}

module.exports = { commandLine };
