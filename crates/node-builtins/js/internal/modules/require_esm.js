'use strict';

// `require` of ES modules: what `module.exports` is then.

const engine = require('internal/modules/engine');
const { codes: { ERR_REQUIRE_ESM } } = require('internal/errors');
const { detailsOf, ownRequire, parents } = require('internal/modules/cjs');
const esm = require('internal/modules/esm');
const { requireJob } = require('internal/modules/esm_required');
const { warnTypeless } = require('internal/modules/esm_default');
const resolver = require('internal/modules/resolver');
const sources = require('internal/modules/sources');
const { getOptionValue } = require('internal/options');

/** Loads a module whose text is an ES module, or another format of `import`, and sets its `exports`. */
function load(module, filename, source, format) {
  const own = detailsOf(module);
  own.isEsm = true;
  const url = own.url ?? resolver.fileUrl(filename);
  const parent = parents.get(module);
  if (own.isMain) {
    // the entry point turned out to be an ES module: it runs as `import` would run it
    require('internal/modules/run_main').runAsEntry(() => esm.importModule(url, undefined, undefined, undefined, true));
    return;
  }
  refuseIfForbidden(module, filename, source);
  if (format === 'module' && isTypeless(filename)) warnTypeless(url);
  warnOfUse(filename, parent);
  const job = requireJob(url, filename, { format, source }, parent);
  const namespace = engine.namespace(job.module);
  if (Object.hasOwn(namespace, 'module.exports')) {
    module.exports = namespace['module.exports'];
  } else if (!Object.hasOwn(namespace, 'default') || Object.hasOwn(namespace, '__esModule')) {
    module.exports = namespace;
  } else {
    module.exports = facadeOf(job);
  }
}

function isTypeless(filename) {
  return filename.startsWith('/') && resolver.fileFormat(filename, false).format.startsWith('ambiguous');
}

const facadeText = "export * from 'original'; export { default } from 'original'; export const __esModule = true;";

/** The namespace with `__esModule`, so that transpiled importers take `default` from it. */
function facadeOf(job) {
  const facade = engine.compileModule(facadeText, 'node:internal/require_module_default_facade');
  engine.setResolvedRequests(facade, engine.moduleRequests(facade).map(() => job.module));
  engine.link(facade);
  engine.evaluate(facade);
  return engine.namespace(facade);
}

/** Throws where ES modules are not to be required, but for the entry point. */
function refuseIfForbidden(module, filename, source) {
  if (getOptionValue('--require-module') || detailsOf(module).isMain) return;
  throw requireEsmError(filename, source, parents.get(module));
}

function requireEsmError(filename, source, parent) {
  if (filename.endsWith('.mjs')) return new ERR_REQUIRE_ESM(filename, true, parent?.filename);
  const hasSyntax = sources.hasModuleSyntax(sources.sourceToString(source));
  return new ERR_REQUIRE_ESM(filename, hasSyntax, parent?.filename, resolver.packageScope(filename)?.path);
}

let hasWarned = false;

/** Told of only with `--trace-require-module`. */
function warnOfUse(filename, parent) {
  const wanted = getOptionValue('--trace-require-module');
  if (!wanted || hasWarned) return;
  if (wanted === 'no-node-modules' && parent?.filename?.includes('/node_modules/')) return;
  hasWarned = wanted !== 'all';
  const { emitExperimentalWarning } = require('internal/util');
  const from = parent?.filename ? `CommonJS module ${parent.filename}` : 'CommonJS module';
  emitExperimentalWarning(
    'Support for loading ES Module in require()',
    `${from} is loading ES Module ${filename} using require().\n`,
    undefined,
    ownRequire,
  );
}

module.exports = { load, refuseIfForbidden };
