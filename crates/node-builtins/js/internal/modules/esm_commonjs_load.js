'use strict';

// CommonJS whose text came from a load hook: it runs as a module of its own. Where the hook runs on this thread its
// `require` is the usual one; where it runs on the hooks thread, `require` resolves and loads through the hooks, too.

const path = require('path');
const lazy = require('internal/lazy');
const { Module, detailsOf, makeRequire } = require('internal/modules/cjs');
const { builtinOf, changed } = require('internal/builtins');
const { validateString } = require('internal/validators');
const resolver = require('internal/modules/resolver');
const getRequired = lazy(() => require('internal/modules/esm_required'));
const getEsm = lazy(() => require('internal/modules/esm'));

function loadText(url, filename, text, job) {
  const known = Module._cache[filename];
  if (known !== undefined) return known;
  const module = new Module(filename);
  module.filename = filename;
  module.paths = url.startsWith('file:') ? Module._nodeModulePaths(path.dirname(filename)) : [];
  const own = detailsOf(module);
  own.url = url;
  if (getEsm().hasCustomization()) own.makeRequire = () => requireThroughHooks(module, url);
  if (job.isEntry) {
    require('process').mainModule = module;
    module.id = '.';
  }
  Module._cache[filename] = module;
  try {
    module._compile(text, filename, 'commonjs');
  } catch (error) {
    delete Module._cache[filename];
    throw error;
  }
  module.loaded = true;
  return module;
}

/** A `require` whose requests the hooks thread resolves and loads. */
function requireThroughHooks(module, url) {
  const load = (specifier) => {
    validateString(specifier, 'id');
    const request = requestAsUrl(specifier, module);
    const attributes = { __proto__: null };
    if (request.startsWith('file:')) {
      if (request.endsWith('.json')) attributes.type = 'json';
      else if (request.endsWith('.node')) return module.require(specifier);
    }
    return getRequired().requireThroughHooks(request, url, attributes);
  };
  const require = makeRequire(module, load);
  require.resolve = function resolve(specifier, options) {
    validateString(specifier, 'request');
    if (builtinOf(specifier) !== undefined) return specifier;
    const request = requestAsUrl(specifier, module, options);
    const { url: found } = getEsm().resolveSync(request, url, { __proto__: null });
    return found.startsWith('file:') ? resolver.filePath(found) : found;
  };
  return require;
}

/** Files are found as `require` does, and asked for by their URLs. */
function requestAsUrl(specifier, module, options) {
  if (builtinOf(specifier) !== undefined || specifier.startsWith('node:')) return specifier;
  let file;
  try {
    file = Module._resolveFilename(specifier, module, false, options);
  } catch (error) {
    // hooks on this thread may know what it is
    if (changed.resolveHooks) return specifier;
    throw error;
  }
  return file === specifier && !path.isAbsolute(file) ? specifier : resolver.fileUrl(file);
}

module.exports = { loadText };
