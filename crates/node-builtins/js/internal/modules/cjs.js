'use strict';

// CommonJS: the Module class, whose members programs call, replace and wrap, and the loading of one module.
// How a request is resolved is in cjs_resolve.js, and what becomes of a file by its format in cjs_formats.js; they are
// assembled here. What a module gets that is still being loaded is in cjs_cycle.js.

const lazy = require('internal/lazy');
const process = require('process');
const {
  canBeRequiredByUsers, canBeRequiredWithoutScheme, changed, loadBuiltin, loadChannel,
} = require('internal/builtins');
const resolver = require('internal/modules/resolver');
const { getOptionValue } = require('internal/options');
const getHooks = lazy(() => require('internal/modules/hooks'));
const getCycle = lazy(() => require('internal/modules/cjs_cycle'));
const getValidators = lazy(() => require('internal/validators'));
const getCodes = lazy(() => require('internal/errors').codes);

/** Of a program that is watched. */
const watchReport = process.env.WATCH_REPORT_DEPENDENCIES ? require('internal/watch_mode/report') : undefined;

const parents = new WeakMap();
/** What is known of a module besides its members: its URL, its format, a source that a hook gave. */
const details = new WeakMap();
/** What modules exported when they were loaded: `import` goes on seeing it, whatever becomes of `exports`. */
const loadedExports = new WeakMap();

function exportsAtLoad(module) {
  return loadedExports.has(module) ? loadedExports.get(module) : module.exports;
}


function detailsOf(module) {
  let own = details.get(module);
  if (own === undefined) details.set(module, own = {});
  return own;
}

function Module(id = '', parent) {
  this.id = id;
  this.path = resolver.folderOf(id);
  // not through a setter that a subclass or the prototype may have
  defineOwn(this, 'exports', {});
  parents.set(this, parent);
  updateChildren(parent, this, false);
  this.filename = null;
  this.loaded = false;
  this.children = [];
}

Module._cache = { __proto__: null };
Module._pathCache = { __proto__: null };
Module._extensions = { __proto__: null };
Module.globalPaths = [];
Module.Module = Module;

function defineOwn(object, key, value) {
  Object.defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

function updateChildren(parent, child, isKnown) {
  const children = parent?.children;
  if (children && !(isKnown && children.includes(child))) children.push(child);
}

let isPreloading = false;
/** How deep requires are nested; what lies on the disk is looked at anew for each outermost one. */
let depth = 0;
let isStale = true;

Object.defineProperty(Module.prototype, 'constructor', {
  __proto__: null,
  get() { return Module; },
  configurable: false,
  enumerable: false,
});
Object.defineProperty(Module.prototype, 'isPreloading', {
  __proto__: null,
  get() { return isPreloading; },
});
Object.defineProperty(Module.prototype, 'parent', {
  __proto__: null,
  get: pending(function() { return parents.get(this); }),
  set: pending(function(parent) { parents.set(this, parent); }),
});

/** Accessors of `parent`; with --pending-deprecation they warn. */
function pending(accessor) {
  if (!getOptionValue('--pending-deprecation') && process.env.NODE_PENDING_DEPRECATION !== '1') return accessor;
  return require('internal/util').deprecate(
    accessor,
    'module.parent is deprecated due to accuracy issues. Please use require.main to find program entry point instead.',
    'DEP0144',
  );
}

/** Whether what the resolver saw on the disk has to be forgotten. */
function refresh() {
  if (!isStale) return;
  resolver.forget();
  isStale = depth === 0;
}

const resolved = new Map();

Module._load = function(request, parent, isMain) {
  let key;
  if (parent && !changed.resolveHooks) {
    key = `${parent.path}\x00${request}`;
    const filename = resolved.get(key);
    if (filename !== undefined) {
      const known = Module._cache[filename];
      if (known !== undefined) {
        updateChildren(parent, known, true);
        if (known.loaded) return known.exports;
        return loadFile(filename, undefined, undefined, parent, isMain, key);
      }
      resolved.delete(key);
    }
  }
  refresh();
  if (changed.resolveHooks) {
    return loadResolved(getHooks().resolveRequire(request, parent, isMain, Module), parent, isMain, request, key);
  }
  if (typeof request === 'string' && request.startsWith('node:')) {
    return loadBuiltinByUrl(request, request);
  }
  const filename = Module._resolveFilename(request, parent, isMain);
  return loadFile(filename, undefined, undefined, parent, isMain, key);
};

function loadResolved({ url, filename, format }, parent, isMain, request, key) {
  if (url.startsWith('node:')) return loadBuiltinByUrl(url, request, parent);
  return loadFile(filename, url, format, parent, isMain, key);
}

function loadBuiltinByUrl(url, request, parent) {
  const id = url.slice(5);
  const isKnown = canBeRequiredByUsers(id);
  if (changed.loadHooks) {
    const replaced = loadReplacedBuiltin(id, url, parent);
    if (replaced !== undefined) return replaced.exports;
  }
  if (!isKnown) throw new (getCodes().ERR_UNKNOWN_BUILTIN_MODULE)(request);
  return loadBuiltin(id);
}

/** A builtin that load hooks give another format is a module of its own under the builtin's URL. */
function loadReplacedBuiltin(id, url, parent) {
  const loaded = getHooks().loadForRequire(url, 'builtin');
  if (loaded.format === 'builtin') return undefined;
  const known = Module._cache[url];
  if (known !== undefined) return known;
  const module = new Module(url, parent);
  module.filename = url;
  details.set(module, { url, format: loaded.format, source: loaded.source, isHooked: true });
  Module._cache[url] = module;
  let threw = true;
  try {
    formats.loadByFormat(module, url);
    module.loaded = true;
    threw = false;
  } finally {
    if (threw) delete Module._cache[url];
  }
  return module;
}

/** Whether a module was ever asked for that was still being loaded. */
let hasCycles = false;

function loadFile(filename, url, format, parent, isMain, key) {
  if (filename.startsWith('node:')) throw new (getCodes().ERR_UNKNOWN_BUILTIN_MODULE)(filename);
  const known = Module._cache[filename];
  if (known !== undefined) {
    updateChildren(parent, known, true);
    if (known.loaded) return known.exports;
    if (details.get(known)?.isEsm) {
      throw require('internal/modules/esm_required').cycleError(filename, parents.get(known));
    }
    hasCycles = true;
    return getCycle().exportsOfUnfinished(known);
  }
  if (canBeRequiredWithoutScheme(filename)) return loadBuiltinByUrl(`node:${filename}`, filename, parent);
  watchReport?.loaded(filename);
  const module = new Module(filename, parent);
  if (isMain) {
    defineOwn(process, 'mainModule', module);
    defineOwn(module.require, 'main', process.mainModule);
    module.id = '.';
    detailsOf(module).isMain = true;
  }
  if (url !== undefined) {
    const own = detailsOf(module);
    own.url = url;
    own.format = format;
  }
  Module._cache[filename] = module;
  if (key !== undefined) resolved.set(key, filename);
  let threw = true;
  try {
    module.load(filename);
    threw = false;
  } finally {
    if (threw) {
      forgetFailed(module, filename, parent, key);
    } else if (hasCycles) {
      getCycle().finish(module);
    }
  }
  return module.exports;
}

function forgetFailed(module, filename, parent, key) {
  delete Module._cache[filename];
  if (key === undefined) return;
  resolved.delete(key);
  const children = parent?.children;
  if (Array.isArray(children)) {
    const index = children.indexOf(module);
    if (index !== -1) children.splice(index, 1);
  }
}

Module.prototype.load = function(filename) {
  if (this.loaded) throw new (getCodes().ERR_INTERNAL_ASSERTION)(undefined);
  this.filename ??= filename;
  this.paths ??= Module._nodeModulePaths(resolver.folderOf(filename));
  const extension = formats.registeredExtension(filename, Module._extensions);
  Module._extensions[extension](this, filename);
  this.loaded = true;
  loadedExports.set(this, this.exports);
};

Module.prototype.require = function(id) {
  if (typeof id !== 'string') getValidators().validateString(id, 'id');
  if (id === '') throw new (getCodes().ERR_INVALID_ARG_VALUE)('id', id, 'must be a non-empty string');
  if (depth++ === 0) isStale = true;
  try {
    return loadTraced(id, this, false);
  } finally {
    depth--;
  }
};

const ownRequire = Module.prototype.require;

/** Loads for a `require` or as the entry point, and tells whoever listens on the diagnostics channel. */
function loadTraced(id, parent, isMain) {
  const channel = loadChannel('require');
  if (channel === undefined) return Module._load(id, parent, isMain);
  const context = { __proto__: null, parentFilename: parent?.filename, id };
  return channel.traceSync(Module._load, context, Module, id, parent, isMain);
}

Module.prototype._compile = function(content, filename, format) {
  return formats.compile(this, content, filename, format);
};

/** A `require` for a module; `load`, if given, stands for `module.require`. */
function makeRequire(module, load) {
  const require = load === undefined ?
    function require(path) { return module.require(path); } :
    function require(path) { return load.call(module, path); };
  require.resolve = function resolve(request, options) {
    getValidators().validateString(request, 'request');
    if (changed.resolveHooks) return getHooks().resolveFilename(request, module, options, Module);
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
  return require('internal/modules/create_require').createRequire(filename);
};

/** The entry point as programs may replace it. */
Module.runMain = function executeUserEntryPoint(main = process.argv[1]) {
  return require('internal/modules/run_main').runMain(main);
};

/** Loads what `--require` names, as the working directory would. */
Module._preloadModules = function(requests) {
  if (!Array.isArray(requests)) return;
  isPreloading = true;
  const parent = new Module('internal/preload', null);
  try {
    parent.paths = Module._nodeModulePaths(process.cwd());
  } catch (error) {
    if (error.code !== 'ENOENT') {
      isPreloading = false;
      throw error;
    }
  }
  for (const request of requests) parent.require(request);
  isPreloading = false;
};

module.exports = { Module, details, detailsOf, exportsAtLoad, loadFile, loadTraced, makeRequire, ownRequire, parents, refresh };

require('internal/modules/cjs_resolve');
const formats = require('internal/modules/cjs_formats');
