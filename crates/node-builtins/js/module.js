'use strict';

// The public module `module`: the Module class of CommonJS with everything that is about modules at large.

const { Module } = require('internal/modules/cjs');
const builtins = require('internal/builtins');
const lazy = require('internal/lazy');
const { registerHooks } = require('internal/modules/hooks');
const getEsm = lazy(() => require('internal/modules/esm_translate'));
const getPackageJson = lazy(() => require('internal/modules/package_json'));
const getCustomization = lazy(() => require('internal/modules/customization'));
const getCompileCache = lazy(() => require('internal/modules/compile_cache'));
const getTypeScript = lazy(() => require('internal/modules/typescript'));
const getSourceMaps = lazy(() => require('internal/modules/source_map_cache'));

/** Names of all builtins; those that need `node:` come with it. */
let builtinModules;
Object.defineProperty(Module, 'builtinModules', {
  __proto__: null,
  get() { return builtinModules ??= [...builtins.publicIds(), ...builtins.schemeOnlyIds.map((id) => `node:${id}`)]; },
  set(value) { builtinModules = value; },
  enumerable: true,
  configurable: true,
});

Module.isBuiltin = function isBuiltin(specifier) {
  return typeof specifier === 'string' && builtins.builtinOf(specifier) !== undefined;
};

Module.syncBuiltinESMExports = function syncBuiltinESMExports() {
  getEsm().syncBuiltinExports();
};

Module._readPackage = function(folder) {
  return getPackageJson().readPackage(folder);
};
Object.defineProperty(Module, '_readPackage', { __proto__: null, enumerable: false });

Module.findPackageJSON = function findPackageJSON(specifier, base) {
  return getPackageJson().findPackageJSON(specifier, base, arguments.length);
};

Module.registerHooks = registerHooks;

Module.register = function register(specifier, parentURL, options) {
  return getCustomization().register(specifier, parentURL, options);
};

Module.enableCompileCache = function enableCompileCache(options) {
  return getCompileCache().enable(options);
};

Module.getCompileCacheDir = function getCompileCacheDir() {
  return getCompileCache().directory();
};

Module.flushCompileCache = function flushCompileCache() {
  getCompileCache().flushNow();
};

Module.constants = Object.freeze({
  __proto__: null,
  compileCacheStatus: Object.freeze({ __proto__: null, FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3 }),
});

Module.stripTypeScriptTypes = function stripTypeScriptTypes(code, options) {
  return getTypeScript().stripTypeScriptTypes(code, options);
};

Module.findSourceMap = function findSourceMap(path) {
  return getSourceMaps().findSourceMap(path);
};

Object.defineProperty(Module, 'SourceMap', {
  __proto__: null,
  get() { return getSourceMaps().SourceMap; },
  enumerable: true,
  configurable: true,
});

Module.getSourceMapsSupport = function getSourceMapsSupport() {
  return getSourceMaps().getSourceMapsSupport();
};

Module.setSourceMapsSupport = function setSourceMapsSupport(enabled, options) {
  return getSourceMaps().setSourceMapsSupport(enabled, options);
};

module.exports = Module;
