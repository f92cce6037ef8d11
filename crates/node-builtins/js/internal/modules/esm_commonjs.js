'use strict';

// CommonJS modules as ES modules see them: `default` is `module.exports`, the names that its text shows are exports
// of their own, and it runs, through the CommonJS loader, when the ES module that imports it is evaluated.

const engine = require('internal/modules/engine');
const path = require('path');
const lazy = require('internal/lazy');
const process = require('process');
const { codes: { ERR_INVALID_RETURN_PROPERTY_VALUE } } = require('internal/errors');
const { changed } = require('internal/builtins');
const { Module, exportsAtLoad, loadFile } = require('internal/modules/cjs');
const resolver = require('internal/modules/resolver');
const sources = require('internal/modules/sources');
const getHooks = lazy(() => require('internal/modules/hooks'));
const getLoadCommonJs = lazy(() => require('internal/modules/esm_commonjs_load'));

const lexed = new Map();

/** The export names of a file and of what it reexports, as a set. */
function namesOfFile(filename, source) {
  const known = source === undefined ? lexed.get(filename) : undefined;
  if (known !== undefined) return known;
  const names = new Set();
  if (source === undefined) lexed.set(filename, names);
  const found = source === undefined ? sources.lexFile(filename) : sources.lexText(source);
  if (found === undefined) return names;
  const [exports, reexports] = found;
  for (const name of exports) names.add(name);
  if (reexports.length === 0) return names;
  const asker = new Module(filename);
  asker.filename = filename;
  asker.paths = Module._nodeModulePaths(asker.path);
  for (const specifier of reexports) {
    for (const name of namesOfReexport(specifier, asker)) names.add(name);
  }
  return names;
}

function namesOfReexport(specifier, asker) {
  let file;
  try {
    // hooks redirect what is required, so they redirect what is reexported
    file = changed.resolveHooks ?
      getHooks().resolveRequire(specifier, asker, false, Module).filename :
      Module._resolveFilename(specifier, asker, false);
  } catch {
    return [];
  }
  const extension = path.extname(file);
  const isJavaScript = extension === '.js' || extension === '.cjs' || !Module._extensions[extension];
  if (!isJavaScript || !path.isAbsolute(file)) return [];
  try {
    return namesOfFile(file);
  } catch {
    return [];
  }
}

/** The names of a module that has run, where its text is of no use. */
function namesOfLoaded(exports) {
  return exports !== null && typeof exports === 'object' ? Object.keys(exports) : [];
}

function translate(url, source, job, isUnchanged) {
  const isFile = url.startsWith('file:');
  const filename = isFile ? resolver.filePath(url) : url;
  const isReadLater = source === undefined || source === null;
  if (!isReadLater && !getHooks().isSource(source)) {
    throw new ERR_INVALID_RETURN_PROPERTY_VALUE('a string, an ArrayBuffer, or a TypedArray', 'load', 'source', source);
  }
  const text = isReadLater ? undefined : sources.sourceToString(source);
  const known = Module._cache[filename];
  const names = known?.loaded && isReadLater && known.exports?.__esModule !== undefined && !isFile ?
    new Set(namesOfLoaded(known.exports)) :
    namesOfFile(filename, text);
  names.delete('default');
  const ownNames = [...names];
  const allNames = ['default', ...ownNames];
  if (!names.has('module.exports')) allNames.push('module.exports');
  job.isCommonJs = true;
  return engine.syntheticModule(allNames, url, (module) => {
    const { exports } = run(url, filename, isUnchanged && !changed.loadHooks ? undefined : text, job);
    for (const name of ownNames) {
      if (name !== 'module.exports' && isObject(exports) && Object.hasOwn(exports, name)) {
        engine.setSyntheticExport(module, name, valueOf(exports, name));
      }
    }
    engine.setSyntheticExport(module, 'default', exports);
    engine.setSyntheticExport(module, 'module.exports', exports);
  });
}

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** A getter that throws makes its export undefined, not the import fail. */
function valueOf(exports, name) {
  try {
    return exports[name];
  } catch {
    return undefined;
  }
}

/** Runs the module, or takes what it exported when it ran. */
function run(url, filename, text, job) {
  if (text === undefined && url.startsWith('file:')) {
    const known = Module._cache[filename];
    if (known?.loaded) return { exports: exportsAtLoad(known) };
    // resolve hooks have had their say; without them programs may have replaced how modules are loaded
    const exports = changed.resolveHooks ?
      loadFile(filename, undefined, undefined, undefined, job.isEntry) :
      Module._load(filename, undefined, job.isEntry);
    const module = Module._cache[filename];
    return { exports: module === undefined ? exports : exportsAtLoad(module) };
  }
  return getLoadCommonJs().loadText(url, filename, text, job);
}

function translateAddon(url) {
  const filename = resolver.filePath(url);
  return engine.syntheticModule(['default', 'module.exports'], url, (module) => {
    const addon = { exports: {} };
    process.dlopen(addon, filename);
    engine.setSyntheticExport(module, 'default', addon.exports);
    engine.setSyntheticExport(module, 'module.exports', addon.exports);
  });
}

module.exports = { translate, translateAddon };
