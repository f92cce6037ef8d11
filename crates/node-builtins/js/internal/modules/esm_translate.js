'use strict';

// Makes an engine module of a loaded source, by its format: ES modules are compiled, everything else becomes a
// synthetic module whose exports are set when it is evaluated.

const engine = require('internal/modules/engine');
const lazy = require('internal/lazy');
const { canBeRequiredByUsers, loadBuiltin } = require('internal/builtins');
const { isUnchanged } = require('internal/modules/esm_default');
const resolver = require('internal/modules/resolver');
const sources = require('internal/modules/sources');
const getCodes = lazy(() => require('internal/errors').codes);
const getHooks = lazy(() => require('internal/modules/hooks'));
const getCjs = lazy(() => require('internal/modules/cjs'));
const getTypeScript = lazy(() => require('internal/modules/typescript'));
const getCommonJs = lazy(() => require('internal/modules/esm_commonjs'));
const getWasm = lazy(() => require('internal/modules/esm_wasm'));
const getSourceMaps = lazy(() => require('internal/modules/source_map_cache'));

/** The text of a module, checked as what a load hook returned. */
function textOf(source) {
  if (typeof source === 'string') return source;
  if (getHooks().isSource(source)) return sources.sourceToString(source);
  throw new (getCodes().ERR_INVALID_RETURN_PROPERTY_VALUE)(
    'a string, an ArrayBuffer, or a TypedArray', 'load', 'source', source,
  );
}

function translateModule(url, text) {
  if (text.includes('sourceMappingURL=')) getSourceMaps().note(url, text, false);
  try {
    return sources.compileModule(text, url);
  } catch (error) {
    if (engine.isSyntaxError(error)) require('internal/modules/syntax_errors').refineSyntaxError(error);
    throw error;
  }
}

function jsonOf(url, source) {
  const text = sources.stripByteOrderMark(textOf(source));
  try {
    return JSON.parse(text);
  } catch (error) {
    error.message = `${url.startsWith('file:') ? resolver.filePath(url) : url}: ${error.message}`;
    throw error;
  }
}

/** JSON is shared with `require`, unless the URL has a query or fragment. */
function translateJson(url, source) {
  let value;
  const isShared = url.startsWith('file:') && !url.includes('?') && !url.includes('#');
  const path = isShared ? resolver.filePath(url) : undefined;
  const known = isShared ? getCjs().Module._cache[path] : undefined;
  if (known?.loaded) {
    value = known.exports;
  } else {
    value = jsonOf(url, source);
    if (isShared) {
      const { Module } = getCjs();
      const module = new Module(path);
      module.filename = path;
      module.paths = Module._nodeModulePaths(module.path);
      module.exports = value;
      module.loaded = true;
      Module._cache[path] = module;
    }
  }
  return engine.syntheticModule(['default'], url, (module) => engine.setSyntheticExport(module, 'default', value));
}

const builtinModules = new Map();

/** A builtin: its own enumerable members, and all of it as default. */
function translateBuiltin(url) {
  const id = url.slice('node:'.length);
  let known = builtinModules.get(id);
  if (known === undefined) {
    if (!canBeRequiredByUsers(id)) throw new (getCodes().ERR_UNKNOWN_BUILTIN_MODULE)(url);
    const exports = loadBuiltin(id);
    const names = Object.keys(exports).filter((name) => name !== 'default');
    const module = engine.syntheticModule(['default', ...names], url, () => {});
    known = { exports, names, module, values: new Map() };
    builtinModules.set(id, known);
    updateBuiltin(known);
  }
  return known.module;
}

function updateBuiltin({ exports, names, module, values }) {
  engine.setSyntheticExport(module, 'default', exports);
  for (const name of names) {
    const value = Object.hasOwn(exports, name) ? exports[name] : undefined;
    if (values.has(name) && Object.is(values.get(name), value)) continue;
    values.set(name, value);
    engine.setSyntheticExport(module, name, value);
  }
}

/** `module.syncBuiltinESMExports()`: what programs changed in builtins is seen by those who imported names. */
function syncBuiltinExports() {
  for (const known of builtinModules.values()) updateBuiltin(known);
}

/** An engine module; `job` is told what is special about it. */
function translate(url, loaded, job) {
  const { format, source } = loaded;
  switch (format) {
    case 'module': return translateModule(url, textOf(source));
    case 'commonjs': return getCommonJs().translate(url, source, job, isUnchanged(loaded));
    case 'json': return translateJson(url, source);
    case 'builtin': return translateBuiltin(url);
    case 'wasm': return getWasm().translate(url, source, job);
    case 'addon': return getCommonJs().translateAddon(url);
    case 'module-typescript': {
      job.format = 'module';
      return translateModule(url, getTypeScript().stripModule(textOf(source), fileOrUrl(url)));
    }
    case 'commonjs-typescript': {
      const text = getTypeScript().stripModule(textOf(source), fileOrUrl(url));
      return getCommonJs().translate(url, text, job, isUnchanged(loaded));
    }
    default: throw new (getCodes().ERR_UNKNOWN_MODULE_FORMAT)(format, url);
  }
}

function fileOrUrl(url) {
  return url.startsWith('file:') ? resolver.filePath(url) : url;
}

module.exports = { syncBuiltinExports, textOf, translate };
