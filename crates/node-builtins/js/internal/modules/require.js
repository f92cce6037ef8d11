'use strict';

// The `require` functions that modules get, and `module.createRequire`.

const path = require('path');
const process = require('process');
const lazy = require('internal/lazy');
const { Module, detailsOf } = require('internal/modules/cjs');
const hooks = require('internal/modules/hooks');
const getValidators = lazy(() => require('internal/validators'));
const getUrl = lazy(() => require('internal/url'));

/** A `require` for a module; `load`, if given, stands for `module.require`. */
function makeRequire(module, load) {
  const require = load === undefined ?
    function require(path) { return module.require(path); } :
    function require(path) { return load.call(module, path); };
  require.resolve = function resolve(request, options) {
    getValidators().validateString(request, 'request');
    if (hooks.hasResolve()) return hooks.resolveFilename(request, module, options, Module);
    return Module._resolveFilename(request, module, false, options);
  };
  require.resolve.paths = function paths(request) {
    getValidators().validateString(request, 'request');
    return Module._resolveLookupPaths(request, module);
  };
  // prototypes may have a setter
  Object.defineProperty(require, 'main', {
    __proto__: null, value: process.mainModule, writable: true, enumerable: true, configurable: true,
  });
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

Module.createRequire = function createRequire(filename) {
  let file;
  let href;
  const { fileURLToPath, isURL, URL } = getUrl();
  const { ERR_INVALID_ARG_VALUE } = require('internal/errors').codes;
  if (isURL(filename) || (typeof filename === 'string' && !path.isAbsolute(filename))) {
    try {
      // what is no URL, or none of a file, is refused in the same words
      const url = new URL(filename);
      file = fileURLToPath(url);
      href = url.href;
    } catch {
      throw new ERR_INVALID_ARG_VALUE('filename', filename, mustBe);
    }
  } else if (typeof filename !== 'string') {
    throw new ERR_INVALID_ARG_VALUE('filename', filename, mustBe);
  } else {
    file = filename;
  }
  // a folder asks as a file in it would
  const isFolder = file.endsWith('/');
  const proxy = isFolder ? path.join(file, 'noop.js') : file;
  const module = new Module(proxy);
  module.filename = proxy;
  module.paths = Module._nodeModulePaths(path.dirname(proxy));
  if (href !== undefined) detailsOf(module).url = href;
  return makeRequire(module);
};

const mustBe = 'must be a file URL object, file URL string, or absolute path string';

module.exports = { makeRequire };
