'use strict';
// Modules as the engine knows them, with the host's data attached: compiling, requests, linking, evaluating, import()
// and import.meta. It decides nothing: what a specifier means is the loader's business (`internal/modules/esm`).
//
// An engine module is an opaque object. The loader gives each its requests' modules with setResolvedRequests() before
// link(). `data` is whatever the loader wants to know a referrer by; scripts and wrappers of CommonJS have it too.

// What the engine keeps with each module, script and wrapper as its private value.
class Referrer {
  constructor(data) {
    this.data = data;
    // `specifier\0type` -> engine module
    this.resolved = undefined;
    // (setExports) => void, of modules made from values
    this.evaluate = undefined;
  }
}

const referrers = new WeakMap();
let dynamicImportHook;
let importMetaHook;

const keyOf = (specifier, type) => (type === undefined ? specifier : `${specifier}\0${type}`);

function requested(referrer, specifier, type) {
  return referrer?.resolved?.get(keyOf(specifier, type));
}

function importModule(referrer, specifier, type, pending) {
  const attributes = type === undefined ? { __proto__: null } : { __proto__: null, type };
  let promise;
  try {
    promise = dynamicImportHook(referrer?.data, specifier, attributes);
  } catch (error) {
    binding.failImport(pending, error);
    return;
  }
  promise.then(
    (module) => binding.finishImport(pending, referrers.has(module) ? module : binding.moduleOfNamespace(module)),
    (error) => binding.failImport(pending, error),
  );
}

function initializeMeta(referrer, meta) {
  if (referrer?.evaluate !== undefined) {
    meta.evaluate = referrer.evaluate;
    return;
  }
  importMetaHook?.(referrer?.data, meta);
}

binding.setCallbacks(requested, importModule, initializeMeta);

function register(module, referrer) {
  referrers.set(module, referrer);
  return module;
}

/** An engine module from source text; throws a SyntaxError. `line` and `column` are 0-based. */
function compileModule(source, url, data, line = 0, column = 0) {
  const referrer = new Referrer(data);
  return register(binding.compileModule(source, url, referrer, line, column), referrer);
}

/** [[specifier, attributes, phase, line, column, unsupportedAttribute], ...] in source order. */
function moduleRequests(module) {
  return binding.moduleRequests(module).map(([specifier, type, phase, unsupported, line, column]) => {
    const attributes = { __proto__: null };
    if (type !== undefined) attributes.type = type;
    return [specifier, attributes, phase, line, column, unsupported];
  });
}

/** Says which engine module each request of `module` means, in the order of moduleRequests(). */
function setResolvedRequests(module, modules) {
  const resolved = new Map();
  binding.moduleRequests(module).forEach(([specifier, type], index) => {
    resolved.set(keyOf(specifier, type), modules[index]);
  });
  referrers.get(module).resolved = resolved;
}

/**
 * A module made of values. Without `evaluate` its exports are set by setSyntheticExport() before it is linked; with it
 * evaluate(set) is called when the graph's evaluation reaches the module, and set(values) gives them in the order of
 * `names` (now, and again later: importers see the change).
 */
function syntheticModule(names, url, evaluate) {
  if (evaluate === undefined) {
    const referrer = new Referrer(undefined);
    referrer.names = names;
    return register(binding.syntheticModule(names), referrer);
  }
  const variables = names.map((_, index) => `$${index}`);
  const source = `let ${variables.join()};export{${names.map((name, i) => `$${i} as ${JSON.stringify(name)}`).join()}};` +
    `import.meta.evaluate((v)=>{[${variables.join()}]=v})`;
  const referrer = new Referrer(undefined);
  referrer.evaluate = evaluate;
  return register(binding.compileModule(names.length === 0 ? 'import.meta.evaluate(()=>{})' : source, url, referrer, 0, 0), referrer);
}

function setSyntheticExport(module, name, value) {
  binding.setSyntheticExport(module, referrers.get(module).names.indexOf(name), value);
}

const wrapperParameters = ['exports', 'require', 'module', '__filename', '__dirname'];

/** function (exports, require, module, __filename, __dirname) over a CommonJS text. */
function compileWrapper(source, filename, data, parameters = wrapperParameters) {
  return binding.compileFunction(source, filename, parameters, data === undefined ? undefined : new Referrer(data));
}

/** Runs a text as a script; its completion value. */
function runScript(source, filename, data) {
  return binding.runScript(source, filename, data === undefined ? undefined : new Referrer(data));
}

module.exports = {
  compileModule,
  compileWrapper,
  evaluate: binding.evaluate,
  hasTopLevelAwait: binding.hasTopLevelAwait,
  link: binding.link,
  moduleError: binding.moduleError,
  moduleRequests,
  namespace: binding.namespace,
  promiseState: binding.promiseState,
  runScript,
  // fn(data, specifier, attributes) -> promise of an engine module whose requests are resolved, or of a namespace
  setDynamicImportHook(hook) { dynamicImportHook = hook; },
  // fn(data, meta)
  setImportMetaHook(hook) { importMetaHook = hook; },
  setResolvedRequests,
  setSyntheticExport,
  status: binding.status,
  syntheticModule,
};
