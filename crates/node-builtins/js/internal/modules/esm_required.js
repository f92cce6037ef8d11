'use strict';

// Graphs of ES modules that `require` runs: they have to come to their ends at once, so there is no top-level await
// in them and nothing that is in the middle of running.

const engine = require('internal/modules/engine');
const lazy = require('internal/lazy');
const { getOptionValue } = require('internal/options');
const { graphOf, instantiate, jobOfLoaded, loadedJobSync } = require('internal/modules/esm');
const resolver = require('internal/modules/resolver');
const getCodes = lazy(() => require('internal/errors').codes);
const getErrors = lazy(() => require('internal/modules/esm_errors'));

/** The job of an ES module that is required: loaded, linked and run to its end. `parent` requires `filename`. */
function requireJob(url, filename, loaded, parent) {
  const job = jobOfLoaded(url, loaded);
  run(job, filename, parent);
  return job;
}

function run(job, filename, parent) {
  if (job.isDone) return;
  const status = engine.status(job.module);
  if (status === 'evaluating') throw cycleError(filename, parent);
  if (status === 'errored') throw engine.moduleError(job.module);
  const graph = undoneOf(job);
  if (graph.some(isAsync)) {
    // who wants to know where it awaits sees what runs before
    if (getOptionValue('--experimental-print-required-tla') && status !== 'evaluated') {
      checkCycles(graph);
      instantiate(job);
      evaluate(job);
    }
    throw asyncError(job, filename, parent);
  }
  if (status !== 'evaluated') {
    checkCycles(graph);
    instantiate(job);
    evaluate(job);
  }
  for (const member of graph) member.isDone = engine.status(member.module) === 'evaluated';
}

/** What a graph consists of, without what is known to have run to its end. */
function undoneOf(root) {
  const seen = new Set().add(root);
  for (const job of seen) {
    job.links?.forEach((link, i) => {
      if (!link.isDone && job.requests[i][2] !== 'source') seen.add(link);
    });
  }
  return Array.from(seen);
}

function evaluate(job) {
  const evaluation = engine.evaluate(job.module);
  job.evaluation ??= evaluation;
  // a failure is thrown to who requires; the promise is nobody else's business
  Promise.prototype.then.call(evaluation, undefined, () => {});
  if (engine.status(job.module) === 'errored') {
    throw getErrors().explainRunError(engine.moduleError(job.module), graphOf(job));
  }
}

function isAsync(job) {
  return !job.isCommonJs && job.format !== 'builtin' && engine.hasTopLevelAwait(job.module);
}

function isRunning(job) {
  if (engine.status(job.module) === 'evaluating') return true;
  if (!job.isCommonJs || !job.url.startsWith('file:')) return false;
  const { Module } = require('internal/modules/cjs');
  return Module._cache[resolver.filePath(job.url)]?.loaded === false;
}

/** Nothing that a required module imports may be in the middle of running. */
function checkCycles(graph) {
  for (const job of graph) {
    const index = job.links?.findIndex(isRunning) ?? -1;
    if (index === -1 || engine.status(job.module) === 'evaluating') continue;
    const kind = job.links[index].isCommonJs ? 'CommonJS Module' : 'Module';
    throw new (getCodes().ERR_REQUIRE_CYCLE_MODULE)(
      `Cannot import ${kind} ${job.requests[index][0]} in a cycle. (from ${shownName(job)})`,
    );
  }
}

function shownName(job) {
  return job.url.startsWith('file:') ? resolver.filePath(job.url) : job.url;
}

function cycleError(filename, parent) {
  let message = `Cannot require() ES Module ${filename} in a cycle.`;
  if (parent?.filename) message += ` (from ${parent.filename})`;
  message += ' A cycle involving require(esm) is disallowed to maintain invariants mandated by the ECMAScript ' +
    'specification. Try making at least part of the dependency in the graph lazily loaded.';
  return new (getCodes().ERR_REQUIRE_CYCLE_MODULE)(message);
}

function asyncError(job, filename, parent) {
  if (getOptionValue('--experimental-print-required-tla')) getErrors().printTopLevelAwaits(graphOf(job));
  return new (getCodes().ERR_REQUIRE_ASYNC_MODULE)(filename, parent?.filename);
}

/** `require` in CommonJS that came from the hooks thread: what is required is imported, at once. */
function requireThroughHooks(specifier, parentURL, importAttributes) {
  const job = loadedJobSync(specifier, parentURL, importAttributes);
  if (job.format === 'module' && !getOptionValue('--require-module')) {
    throw new (getCodes().ERR_REQUIRE_ESM)(shownName(job), true);
  }
  run(job, specifier, undefined);
  const namespace = engine.namespace(job.module);
  return job.isCommonJs || job.format === 'json' || job.format === 'builtin' ? namespace.default : namespace;
}

module.exports = { cycleError, requireJob, requireThroughHooks };
