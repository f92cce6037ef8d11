'use strict';
// Finds the reporters that are asked for and lets them write to their destinations.

const process = require('process');

const builtin = new Set(['spec', 'dot', 'tap', 'junit', 'lcov']);
const ownReporter = 'internal/test_runner/reporter/v8-serializer';

async function load(name) {
  if (name === ownReporter) return require(ownReporter);
  if (builtin.has(name)) return require(`internal/test_runner/reporter/${name}`);
  const { pathToFileURL } = require('internal/url');
  const { importModule } = require('internal/modules/esm');
  return importModule(name, pathToFileURL(`${process.cwd()}/`).href);
}

async function reporterOf(name) {
  let reporter = await load(name);
  reporter = reporter?.default ?? reporter;
  if (reporter?.prototype && Object.getOwnPropertyDescriptor(reporter.prototype, 'constructor')) {
    reporter = new reporter();
  }
  if (!reporter) {
    const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
    throw new ERR_INVALID_ARG_VALUE('Reporter', name, 'is not a valid reporter');
  }
  return reporter;
}

function destinationOf(name) {
  if (name === 'stdout') return process.stdout;
  if (name === 'stderr') return process.stderr;
  return require('fs').createWriteStream(name);
}

/** `inScope` calls a function so that what comes of it belongs to no test. */
async function attach({ harness, reporter: events }, options, inScope) {
  const { names, destinations } = options.reporters;
  const reporters = await Promise.all(names.map(reporterOf));
  const { shouldColorize } = require('internal/util/colors');
  const written = [];
  // where a reporter fails its own error is the one to tell
  events.on('error', () => {});
  inScope(() => {
    const { compose } = require('stream');
    for (let i = 0; i < reporters.length; i++) {
      const output = compose(events, reporters[i]);
      const destination = destinationOf(destinations[i]);
      const isStandard = destination === process.stdout || destination === process.stderr;
      if (isStandard && shouldColorize(destination)) harness.colorizesFiles = true;
      written.push(new Promise((resolve) => {
        // standard streams are not ended
        if (isStandard) output.once('end', resolve);
        else destination.once('close', resolve);
      }));
      output.pipe(destination);
    }
  });
  harness.written = Promise.all(written);
}

module.exports = { attach };
