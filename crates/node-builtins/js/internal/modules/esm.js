'use strict';

// The ES module loader: which modules there are, which of them a graph consists of, and running a graph. Modules are
// loaded synchronously, one after the other, unless hooks on another thread take part.
//
// How one module is resolved and loaded by default is in esm_default.js, how it becomes a module of the engine in
// esm_translate.js, what errors of linking say in esm_errors.js, and how `require` runs a graph in esm_required.js.

const engine = require('internal/modules/engine');
const lazy = require('internal/lazy');
const process = require('process');
const { changed, loadChannel } = require('internal/builtins');
const resolver = require('internal/modules/resolver');
const defaults = require('internal/modules/esm_default');
const { translate } = require('internal/modules/esm_translate');
const sources = require('internal/modules/sources');
const getHooks = lazy(() => require('internal/modules/hooks'));
const getCodes = lazy(() => require('internal/errors').codes);
const getErrors = lazy(() => require('internal/modules/esm_errors'));

/** Of a program that is watched. */
const watchReport = process.env.WATCH_REPORT_DEPENDENCIES ? require('internal/watch_mode/report') : undefined;

const noAttributes = Object.freeze({ __proto__: null });

/** One module of one type: an engine module and the jobs of what it imports. */
class Job {
  // declared, as prototypes may have setters; and jobs are awaited
  then = undefined;
  url;
  type;
  format;
  module;
  requests;
  /** The job of each request; undefined until all are known. */
  links;
  linking;
  /** All that can be reached from here is loaded. */
  isGraphLoaded = false;
  isLinked = false;
  evaluation;
  isCommonJs = false;
  /** It and all that it imports ran to their ends without top-level await. */
  isDone = false;
  isEntry = false;
  /** What `import source` gives. */
  sourceObject;
  wasmExports;
  /** Of a program that is text. */
  text;

  constructor(url, type, format) {
    watchReport?.imported(url);
    this.url = url;
    this.type = type;
    this.format = format;
  }
}

/** Jobs, or promises of jobs, by URL and type. */
const jobs = new Map();

/** The hooks on another thread, once some are registered. */
let customization;

function setCustomization(value) {
  customization = value;
}

function hasCustomization() {
  return customization !== undefined;
}

function keyOf(url, type) {
  return type === undefined ? url : `${url}\x00${type}`;
}

// Resolving

function resolveDefault(specifier, context) {
  return customization === undefined ?
    defaults.resolve(specifier, context) :
    customization.resolveSync(specifier, context.parentURL, context.importAttributes);
}

/** `{ url, format }` */
function resolveSync(specifier, parentURL, importAttributes) {
  if (changed.resolveHooks) {
    return getHooks().resolveImport(`${specifier}`, parentURL, importAttributes, undefined, resolveDefault);
  }
  try {
    return resolveDefault(specifier, { parentURL, importAttributes, conditions: undefined });
  } catch (error) {
    // what is not there may come
    if (watchReport !== undefined && typeof error?.url === 'string') watchReport.imported(error.url);
    throw error;
  }
}

function resolveAsync(specifier, parentURL, importAttributes) {
  if (changed.resolveHooks) return resolveSync(specifier, parentURL, importAttributes);
  return customization.resolve(specifier, parentURL, importAttributes);
}

// Loading one module

/** The last step of hooks on this thread. */
function loadDefault(url, context) {
  return customization === undefined ? defaults.load(url, context) : customization.loadSync(url, context);
}

function loadSync(url, format, importAttributes) {
  if (changed.loadHooks) return getHooks().loadImport(url, format, importAttributes, loadDefault);
  if (customization === undefined) return defaults.load(url, { format, importAttributes }, false);
  return customization.loadSync(url, { format, importAttributes });
}

function loadAsync(url, format, importAttributes) {
  if (changed.loadHooks) return loadSync(url, format, importAttributes);
  return customization.load(url, { format, importAttributes });
}

function fill(job, loaded) {
  job.format = loaded.format;
  // what it imports is relative to where it was found
  if (loaded.responseURL !== undefined && defaults.isFromNetwork(job.url)) job.url = loaded.responseURL;
  job.module = translate(loaded.responseURL ?? job.url, loaded, job);
  if (job.requests === undefined) {
    job.requests = engine.moduleRequests(job.module);
    if (haveAttributes(job.requests)) {
      require('internal/modules/import_attributes')
        .completeAttributes(job.requests, () => sources.sourceToString(loaded.source));
    }
  }
  return job;
}

function haveAttributes(requests) {
  for (let i = 0; i < requests.length; i++) {
    if (Object.keys(requests[i][1]).length > 0) return true;
  }
  return false;
}

function jobSync(specifier, parentURL, importAttributes) {
  const resolved = resolveSync(specifier, parentURL, { __proto__: null, ...importAttributes });
  return jobOfUrlSync(resolved.url, resolved.format, resolved.importAttributes ?? importAttributes);
}

function jobOfUrlSync(url, format, importAttributes) {
  const key = keyOf(url, importAttributes.type);
  const known = jobs.get(key);
  if (known instanceof Job) return known;
  if (known !== undefined) {
    throw new (getCodes().ERR_INTERNAL_ASSERTION)(
      `Cannot require() ES Module ${url} because it is not yet fully loaded. This may be caused by a race condition ` +
      'if the module is simultaneously dynamically import()-ed via Promise.all(). Try await-ing the import() ' +
      'sequentially in a loop instead.',
    );
  }
  const job = fill(new Job(url, importAttributes.type, format), loadSync(url, format, importAttributes));
  return keep(key, job);
}

function keep(key, job) {
  // a hook may have imported it meanwhile, or another URL may have led to it
  const own = keyOf(job.url, job.type);
  const other = jobs.get(key) ?? jobs.get(own);
  const kept = other instanceof Job ? other : job;
  jobs.set(key, kept);
  if (own !== key) jobs.set(own, kept);
  return kept;
}

async function jobAsync(specifier, parentURL, importAttributes) {
  const resolved = await resolveAsync(specifier, parentURL, { __proto__: null, ...importAttributes });
  const { url, format } = resolved;
  importAttributes = resolved.importAttributes ?? importAttributes;
  const key = keyOf(url, importAttributes.type);
  const known = jobs.get(key);
  if (known !== undefined) return known;
  const coming = (async () => {
    const job = new Job(url, importAttributes.type, format);
    return fill(job, await loadAsync(url, format, importAttributes));
  })();
  jobs.set(key, coming);
  try {
    const job = await coming;
    jobs.set(key, job);
    return job;
  } catch (error) {
    if (jobs.get(key) === coming) jobs.delete(key);
    throw error;
  }
}

// Loading what a module imports

function setLinks(job, links) {
  job.links = links;
  engine.setResolvedRequests(job.module, links.map((link, i) => (
    isSourcePhase(job, i) ? engine.sourceModule(sourceOf(link)) : link.module
  )));
}

function linkSync(job) {
  const { requests } = job;
  const links = [];
  // no iterator, as programs may have deleted that of arrays
  for (let i = 0; i < requests.length; i++) {
    try {
      links.push(jobSync(requests[i][0], job.url, requests[i][1] ?? noAttributes));
    } catch (error) {
      throw getErrors().withImporter(error, job, requests[i]);
    }
  }
  setLinks(job, links);
}

function loadGraphSync(root) {
  if (root.isGraphLoaded) return;
  const seen = new Set().add(root);
  for (const job of seen) {
    if (job.links === undefined) linkSync(job);
    job.links.forEach((link, i) => {
      if (!link.isGraphLoaded && !isSourcePhase(job, i)) seen.add(link);
    });
  }
  for (const job of seen) job.isGraphLoaded = true;
}

async function loadGraphAsync(root) {
  if (root.isGraphLoaded) return;
  const seen = new Set();
  const visit = async (job) => {
    if (job.isGraphLoaded || seen.has(job)) return;
    seen.add(job);
    if (job.links === undefined) await (job.linking ??= linkAsync(job));
    await Promise.all(job.links.filter((link, i) => !isSourcePhase(job, i)).map(visit));
  };
  await visit(root);
  for (const job of seen) job.isGraphLoaded = true;
}

async function linkAsync(job) {
  try {
    const links = await Promise.all(job.requests.map(async (request) => {
      try {
        return await jobAsync(request[0], job.url, request[1] ?? noAttributes);
      } catch (error) {
        throw getErrors().withImporter(error, job, request);
      }
    }));
    if (job.links === undefined) setLinks(job, links);
  } finally {
    job.linking = undefined;
  }
}

/** `import source` does not run what it imports, so what that imports is not needed. */
function isSourcePhase(job, index) {
  return job.requests[index][2] === 'source';
}

/** All modules of a loaded graph. */
function graphOf(root) {
  const seen = new Set().add(root);
  for (const job of seen) {
    job.links?.forEach((link, i) => {
      if (!isSourcePhase(job, i)) seen.add(link);
    });
  }
  return seen;
}

// Running

function instantiate(job) {
  if (job.isLinked) return;
  try {
    engine.link(job.module);
  } catch (error) {
    throw getErrors().explainLinkError(error, job, graphOf(job));
  }
  job.isLinked = true;
}

function evaluate(job) {
  return job.evaluation ??= evaluateExplained(job);
}

async function evaluateExplained(job) {
  try {
    await engine.evaluate(job.module);
  } catch (error) {
    throw getErrors().explainRunError(error, graphOf(job));
  }
}

async function runGraph(job) {
  instantiate(job);
  await evaluate(job);
  return engine.namespace(job.module);
}

/** `import()`, and the entry point, whose parent is undefined. */
async function importModule(
  specifier, parentURL, importAttributes = noAttributes, phase = 'evaluation', isEntry = false,
) {
  const channel = loadChannel('import');
  if (channel !== undefined) {
    return channel.tracePromise(
      importUntraced, { __proto__: null, parentURL, url: specifier }, undefined,
      specifier, parentURL, importAttributes, phase, isEntry,
    );
  }
  return importUntraced(specifier, parentURL, importAttributes, phase, isEntry);
}

async function importUntraced(specifier, parentURL, importAttributes, phase, isEntry) {
  if (!isEntry) resolver.forget();
  const job = await importedJob(specifier, parentURL, importAttributes, phase, isEntry);
  return phase === 'source' ? sourceOf(job) : runGraph(job);
}

/** `{ url, namespace }` */
async function importWithUrl(specifier, parentURL) {
  const job = await importedJob(specifier, parentURL, noAttributes, 'evaluation', false);
  const namespace = await runGraph(job);
  return { __proto__: null, url: job.url, namespace };
}

async function importedJob(specifier, parentURL, importAttributes, phase, isEntry) {
  let job;
  if (customization !== undefined) {
    job = await jobAsync(specifier, parentURL, importAttributes);
    if (isEntry) markEntry(job);
    if (phase !== 'source') await loadGraphAsync(job);
  } else {
    const resolved = resolveSync(specifier, parentURL, { __proto__: null, ...importAttributes });
    const coming = defaults.fetchAhead(resolved.url);
    if (coming !== undefined) await coming;
    job = jobOfUrlSync(resolved.url, resolved.format, resolved.importAttributes ?? importAttributes);
    if (isEntry) markEntry(job);
    if (phase !== 'source') loadGraphSync(job);
  }
  // awaited by who asks: what imports is never run into before it has come to its end
  return job;
}

let entry;

function markEntry(job) {
  job.isEntry = true;
  entry = job;
}

/** The job of the program's entry point, if that is an ES module or was imported as one. */
function entryJob() {
  return entry;
}

function isEntryUrl(url) {
  return entry !== undefined && url === entry.url;
}

function sourceOf(job) {
  if (job.sourceObject !== undefined) return job.sourceObject;
  throw require('internal/modules/errors').sourcePhaseError(job.url);
}

/** Runs text as an ES module under a URL of its own: `--eval` and standard input. */
async function runText(text, url, isEntry) {
  const job = new Job(url, undefined, 'module');
  fill(job, { format: 'module', source: text });
  job.text = text;
  jobs.set(url, job);
  if (isEntry) markEntry(job);
  if (customization !== undefined) await loadGraphAsync(job);
  else loadGraphSync(job);
  return runGraph(job);
}

/** The job of an ES module whose source is at hand: it becomes the module of its URL, if that has none yet. */
function jobOfLoaded(url, loaded) {
  if (jobs.has(url)) {
    const job = jobOfUrlSync(url, loaded.format, noAttributes);
    loadGraphSync(job);
    return job;
  }
  const job = fill(new Job(url, undefined, loaded.format), loaded);
  jobs.set(url, job);
  try {
    loadGraphSync(job);
  } catch (error) {
    // it may be tried again
    if (jobs.get(url) === job) jobs.delete(url);
    throw error;
  }
  return job;
}

/** The loaded job of a specifier. */
function loadedJobSync(specifier, parentURL, importAttributes) {
  const job = jobSync(specifier, parentURL, importAttributes);
  loadGraphSync(job);
  return job;
}

module.exports = {
  entryJob,
  graphOf,
  hasCustomization,
  importModule,
  importWithUrl,
  instantiate,
  isEntryUrl,
  jobOfLoaded,
  loadedJobSync,
  resolveSync,
  runText,
  setCustomization,
};
