'use strict';

// Hooks that run on this thread, synchronously, for `require` and `import` alike: `module.registerHooks`. Hooks on a
// thread of their own are in customization.js; what they see comes after these.

const lazy = require('internal/lazy');
const { builtinOf, changed } = require('internal/builtins');
const resolver = require('internal/modules/resolver');
const getCjs = lazy(() => require('internal/modules/cjs'));
const getDefault = lazy(() => require('internal/modules/esm_default'));
const getCodes = lazy(() => require('internal/errors').codes);

// replaced, never changed, so that a chain that is running keeps its hooks
let resolveHooks = [];
let loadHooks = [];

class ModuleHooks {
  #resolve;
  #load;

  constructor(resolve, load) {
    this.#resolve = resolve;
    this.#load = load;
    if (resolve !== undefined) resolveHooks = [...resolveHooks, this];
    if (load !== undefined) loadHooks = [...loadHooks, this];
    note();
  }

  get resolve() { return this.#resolve; }
  get load() { return this.#load; }

  deregister() {
    resolveHooks = resolveHooks.filter((hooks) => hooks !== this);
    loadHooks = loadHooks.filter((hooks) => hooks !== this);
    note();
  }
}

function registerHooks(hooks) {
  const { validateFunction, validateObject } = require('internal/validators');
  validateObject(hooks, 'hooks');
  const { resolve, load } = hooks;
  if (resolve !== undefined) validateFunction(resolve, 'hooks.resolve');
  if (load !== undefined) validateFunction(load, 'hooks.load');
  return new ModuleHooks(resolve, load);
}

function note() {
  changed.resolveHooks = resolveHooks.length > 0;
  changed.loadHooks = loadHooks.length > 0;
}

/** Runs the hooks of one kind, the latest first; each gets the next one and the context that led to it. */
function runChain(kind, chain, validate, target, context, last) {
  const runAt = (index, target, context) => {
    if (index < 0) return last(target, context);
    let wasNextCalled = false;
    const next = (nextTarget, nextContext) => {
      wasNextCalled = true;
      const merged = nextContext === undefined ? context : { ...context, ...nextContext };
      return runAt(index - 1, nextTarget, merged);
    };
    const result = chain[index][kind](target, context, next);
    validate(target, result);
    if (!wasNextCalled && !result.shortCircuit) {
      throw new (getCodes().ERR_INVALID_RETURN_PROPERTY_VALUE)('true', kind, 'shortCircuit', result.shortCircuit);
    }
    return result;
  };
  return runAt(chain.length - 1, target, context);
}

function validateResult(kind, result) {
  if (typeof result !== 'object' || result === null) {
    throw new (getCodes().ERR_INVALID_RETURN_VALUE)('an object', kind, result);
  }
}

function validateResolved(specifier, result) {
  validateResult('resolve', result);
  const { url, format } = result;
  if (typeof url !== 'string') {
    throw new (getCodes().ERR_INVALID_RETURN_PROPERTY_VALUE)('a URL string', 'resolve', 'url', url);
  }
  if (format !== undefined && format !== null && typeof format !== 'string') {
    throw new (getCodes().ERR_INVALID_RETURN_PROPERTY_VALUE)('a string', 'resolve', 'format', format);
  }
}

function isSource(source) {
  if (typeof source === 'string') return true;
  const { isAnyArrayBuffer, isArrayBufferView } = require('internal/util/types');
  return isAnyArrayBuffer(source) || isArrayBufferView(source);
}

function validateLoaded(url, result) {
  validateResult('load', result);
  const { source, format } = result;
  if (isSource(source) || format === 'builtin' || ((source === undefined || source === null) && format === 'addon')) {
    return;
  }
  throw new (getCodes().ERR_INVALID_RETURN_PROPERTY_VALUE)(
    'a string, an ArrayBuffer, or a TypedArray', 'load', 'source', source,
  );
}

/** For `import`. `last` is the default step: `(specifier, context) => { url, format }`. */
function resolveImport(specifier, parentURL, importAttributes, conditions, last) {
  const context = { parentURL, importAttributes, conditions: conditions ?? [...resolver.conditionsOf(true)] };
  return runChain('resolve', resolveHooks, validateResolved, specifier, context, last);
}

/** `last`: `(url, context) => { format, source }`. */
function loadImport(url, format, importAttributes, last) {
  const context = { format, importAttributes, conditions: [...resolver.conditionsOf(true)] };
  return runChain('load', loadHooks, lenientLoaded, url, context, last);
}

/** CommonJS may come without source when it is imported: it is read when it runs. */
function lenientLoaded(url, result) {
  validateResult('load', result);
  if (result.format === 'commonjs' && (result.source === undefined || result.source === null)) return;
  validateLoaded(url, result);
}

function urlOf(module) {
  if (!module) return undefined;
  const { details } = getCjs();
  const url = details.get(module)?.url;
  return url === undefined && typeof module.filename === 'string' ? resolver.fileUrl(module.filename) : url;
}

function fileOfUrl(url) {
  return url.startsWith('file:') ? resolver.filePath(url) : url;
}

/** `{ url, filename, format }` of a request of `require`. */
function resolveRequire(request, parent, isMain, Module, options) {
  // what the default step found need not be found again
  let foundUrl;
  let foundFile;
  const last = (specifier, context) => {
    const file = Module._resolveFilename(specifier, parent, isMain, { ...options, ...conditionsIn(context) });
    const builtin = builtinOf(file);
    foundFile = file;
    if (builtin !== undefined) foundUrl = `node:${builtin}`;
    else foundUrl = file.startsWith('node:') || file.includes(':/') ? file : resolver.fileUrl(file);
    return { __proto__: null, url: foundUrl, format: specifier.startsWith('node:') ? 'builtin' : undefined };
  };
  if (resolveHooks.length === 0) {
    const { url, format } = last(request, undefined);
    return { url, filename: foundFile, format };
  }
  const conditions = [...resolver.conditionsOf(false)];
  const context = { parentURL: urlOf(parent), importAttributes: undefined, conditions };
  const { url, format } = runChain('resolve', resolveHooks, validateResolved, request, context, last);
  const filename = url === foundUrl && !url.startsWith('node:') ? foundFile : fileOfUrl(url);
  return { url, filename, format };
}

function conditionsIn(context) {
  const conditions = context?.conditions;
  if (conditions === undefined || conditions === null) return undefined;
  if (!Array.isArray(conditions)) {
    throw new (getCodes().ERR_INVALID_ARG_VALUE)('context.conditions', conditions, 'expected an array');
  }
  const own = resolver.conditionsOf(false);
  const isSame = conditions.length === own.length && conditions.every((name, i) => name === own[i]);
  return isSame ? undefined : { conditions };
}

/** `require.resolve` with hooks. */
function resolveFilename(request, module, options, Module) {
  const { url, filename } = resolveRequire(request, module, false, Module, options);
  if (!url.startsWith('node:')) return filename;
  return request.startsWith('node:') ? url : url.slice(5);
}

/** `{ format, source }` for `require`, source as text. */
function loadForRequire(url, format) {
  const context = { format, importAttributes: undefined, conditions: [...resolver.conditionsOf(false)] };
  return runChain('load', loadHooks, validateLoaded, url, context, getDefault().loadForRequire);
}

module.exports = {
  isSource,
  loadForRequire,
  loadImport,
  registerHooks,
  resolveFilename,
  resolveImport,
  resolveRequire,
};
