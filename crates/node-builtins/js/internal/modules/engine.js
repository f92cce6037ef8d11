'use strict';
// Modules and compiled text as the engine knows them, with the host's data attached. It decides nothing: what a
// specifier means is the loader's business. A module handle is opaque; what was said when it was compiled comes back as
// `hostData` when it is internal/modules/esm_host's turn to answer; for scripts and wrappers that is their filename.

// What the engine keeps with each module, script and wrapper as its private value.
class Referrer {
  constructor(hostData) {
    this.hostData = hostData;
    // `specifier\0type` -> module handle
    this.resolved = undefined;
    // of modules made of values: their names, what they are, and how to tell the engine
    this.names = undefined;
    this.values = undefined;
    this.evaluate = undefined;
    this.publish = undefined;
  }
}

const referrers = new WeakMap();
const statuses = [
  'unlinked', 'unlinked', 'linking', 'linked', 'evaluating', 'evaluating-async', 'evaluated', 'errored',
];

const keyOf = (specifier, type, isSource) => (
  type === undefined && !isSource ? specifier : `${specifier}\0${isSource ? 'source' : type}`
);

function requested(referrer, specifier, type, isSource) {
  return referrer?.resolved?.get(keyOf(specifier, type, isSource));
}

/** What imports in a realm of node:vm that no code of a file called; by the realm's sandbox. */
const realmReferrers = new WeakMap();

async function importNamespace(referrer, specifier, type, phase) {
  const attributes = type === undefined ? { __proto__: null } : { __proto__: null, type };
  // code of no file, such as that of an `eval` that nobody called
  if (referrer === undefined) throw new (require('internal/errors').codes.ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING)();
  return require('internal/modules/esm_host').importDynamically(referrer.hostData, specifier, attributes, phase);
}

function importDynamically(referrer, specifier, type, pending, isSource, sandbox) {
  if (referrer === undefined && sandbox !== undefined) referrer = realmReferrers.get(sandbox);
  importNamespace(referrer, specifier, type, isSource ? 'source' : 'evaluation').then(
    (found) => binding.finishImport(pending, isSource ? sourceModule(found) : binding.moduleOfNamespace(found)),
  ).catch((error) => binding.failImport(pending, error));
}

const sourceModules = new WeakMap();

/** The module that stands for another one where `import source` asks for that; `object` is what it gets. */
function sourceModule(object) {
  let module = sourceModules.get(object);
  if (module === undefined) sourceModules.set(object, module = binding.sourceModule(object));
  return module;
}

function initializeMeta(referrer, meta) {
  if (referrer?.evaluate !== undefined) meta.run = referrer.evaluate;
  else require('internal/modules/esm_host').initializeImportMeta(referrer?.hostData, meta);
}

binding.setCallbacks(requested, importDynamically, initializeMeta);

function register(module, referrer) {
  referrers.set(module, referrer);
  return module;
}

/** A handle of a module's source text; throws its SyntaxError. */
function compileModule(source, url, hostData) {
  const referrer = new Referrer(hostData);
  return register(binding.compileModule(source, url, referrer, 0, 0), referrer);
}

/** [[specifier, attributes, phase, line, column, unsupportedAttribute], ...] in source order. */
function moduleRequests(module) {
  // no iterator, as programs may have deleted that of arrays
  return binding.moduleRequests(module).map((row) => {
    const { 0: specifier, 1: type, 2: phase, 3: unsupported, 4: line, 5: column } = row;
    const attributes = { __proto__: null };
    if (type !== undefined) attributes.type = type;
    if (unsupported !== undefined) attributes[unsupported] = '';
    return [specifier, attributes, phase, line, column];
  });
}

/** Says which handle each request of `module` means, in the order of moduleRequests(). */
function setResolvedRequests(module, modules) {
  const resolved = new Map();
  binding.moduleRequests(module).forEach(({ 0: specifier, 1: type, 2: phase }, index) => {
    resolved.set(keyOf(specifier, type, phase === 'source'), modules[index]);
  });
  referrers.get(module).resolved = resolved;
}

/** A module made of values: evaluate(module) is called once, in the module's turn, and sets its exports. */
function syntheticModule(names, url, evaluate) {
  const referrer = new Referrer(undefined);
  referrer.names = new Map(names.map((name, index) => [name, index]));
  referrer.values = new Array(names.length).fill(undefined);
  const variables = names.map((_, index) => `$${index}`).join();
  const exported = names.map((name, index) => `$${index} as ${JSON.stringify(name)}`).join();
  const source = names.length === 0 ?
    'import.meta.run(()=>{})' :
    `let ${variables};export{${exported}};import.meta.run((v)=>{[${variables}]=v})`;
  const module = binding.compileModule(source, url, referrer, 0, 0);
  referrer.evaluate = (publish) => {
    evaluate(module);
    referrer.publish = publish;
    publish(referrer.values);
  };
  return register(module, referrer);
}

/** The names that such a module exports. */
function syntheticNames(module) {
  return [...referrers.get(module).names.keys()];
}

/** Sets an export of such a module; importers see later changes, too. */
function setSyntheticExport(module, name, value) {
  const referrer = referrers.get(module);
  referrer.values[referrer.names.get(name)] = value;
  referrer.publish?.(referrer.values);
}

const wrapperParameters = ['exports', 'require', 'module', '__filename', '__dirname'];

/** function (exports, require, module, __filename, __dirname) over a CommonJS text. */
function compileWrapper(source, filename) {
  // a function's body has no `#!` comment
  if (source.charCodeAt(0) === 35 && source.charCodeAt(1) === 33) source = `//${source}`;
  return binding.compileFunction(source, filename, wrapperParameters, new Referrer(filename));
}

/** The same of a file, perhaps from the cache of compiled code. */
function compileWrapperFile(filename) {
  return binding.compileWrapperFile(filename, new Referrer(filename));
}

/** [function, whether `kept` code was used, handle]: compileWrapper() where compiled code is kept. */
function compileWrapperCached(source, filename, kept) {
  return binding.compileWrapperCached(source, filename, new Referrer(filename), kept);
}

/** [module, whether `kept` code was used, handle]: compileModule() where compiled code is kept. */
function compileModuleCached(source, url, hostData, kept) {
  const referrer = new Referrer(hostData);
  const answer = binding.compileModuleCached(source, url, referrer, kept);
  register(answer[0], referrer);
  return answer;
}

/** Runs a text as a script; its completion value. */
function runScript(source, filename) {
  return binding.runScript(source, filename, new Referrer(filename));
}

/** Whether an error means that a text may be an ES module. */
function isSyntaxError(error) {
  return typeof error === 'object' && error !== null && error.name === 'SyntaxError';
}

module.exports = {
  checkScript: binding.checkScript,
  compileModule,
  compileModuleCached,
  compileWrapper,
  compileWrapperCached,
  compileWrapperFile,
  encodeCompiled: binding.encodeCompiled,
  evaluate: binding.evaluate,
  hasTopLevelAwait: binding.hasTopLevelAwait,
  isSyntaxError,
  link: binding.link,
  moduleError: binding.moduleError,
  moduleRequests,
  namespace: binding.namespace,
  promiseState: binding.promiseState,
  runScript,
  // of code that nothing called, in the realm of a sandbox
  setRealmReferrer(sandbox, referrer) { realmReferrers.set(sandbox, referrer); },
  setResolvedRequests,
  setSyntheticExport,
  sourceModule,
  status: (module) => statuses[binding.status(module)],
  syntheticModule,
  syntheticNames,
};
