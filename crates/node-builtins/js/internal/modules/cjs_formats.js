'use strict';

// What becomes of a required file: the handlers of `Module._extensions`, and the choice between CommonJS, ES module and
// TypeScript by extension, package and text.

const lazy = require('internal/lazy');
const process = require('process');
const { Module, details, detailsOf, makeRequire } = require('internal/modules/cjs');
const { changed, loadBuiltin, patchedFs } = require('internal/builtins');
const resolver = require('internal/modules/resolver');
const engine = require('internal/modules/engine');
const { getOptionValue } = require('internal/options');
const getHooks = lazy(() => require('internal/modules/hooks'));
const getSources = lazy(() => require('internal/modules/sources'));
const getTypeScript = lazy(() => require('internal/modules/typescript'));
const getRequireEsm = lazy(() => require('internal/modules/require_esm'));
const getWrapper = lazy(() => require('internal/modules/cjs_wrapper'));
const getSourceMaps = lazy(() => require('internal/modules/source_map_cache'));

/** The handler for a file: that of the longest ending, from some dot on, that one is registered for. */
function registeredExtension(filename, extensions) {
  const name = filename.slice(filename.lastIndexOf('/') + 1);
  // a dot at the start makes a name, no extension
  for (let dot = name.indexOf('.', 1); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const extension = name.slice(dot);
    if (extensions[extension]) return extension;
  }
  return '.js';
}

/** The source and format of a module's file, as load hooks may have changed them. */
function loadSource(module, filename, format) {
  const own = details.get(module);
  if (own?.source !== undefined) return { source: own.source, format: own.format ?? format };
  if (!changed.loadHooks) return { source: getSources().readText(filename), format };
  const url = own?.url ?? resolver.fileUrl(filename);
  const loaded = getHooks().loadForRequire(url, own?.format ?? format);
  const noted = detailsOf(module);
  noted.isHooked = true;
  noted.format = loaded.format;
  noted.source = loaded.source;
  return { source: loaded.source ?? getSources().readText(filename), format: loaded.format };
}

/** Whether all that is known of a module is its file. */
function isAsOnDisk(own) {
  return own === undefined || (own.url === undefined && own.format === undefined && own.source === undefined);
}

Module._extensions['.js'] = function(module, filename) {
  let { format: ownFormat } = resolver.fileFormat(filename, false);
  // without an extension the text decides, whatever the package says
  if (ownFormat === 'module' && require('path').extname(filename) === '') ownFormat = 'ambiguous';
  const isOwnCompile = module._compile === ownPrototypeCompile;
  if (isOwnCompile && !changed.wrapper && !changed.loadHooks && patchedFs() === undefined &&
      isAsOnDisk(details.get(module)) && (ownFormat === 'commonjs' || ownFormat === 'ambiguous') && !isSourceNeeded()) {
    if (compileFromFile(module, filename, ownFormat)) return;
  }
  const { source, format } = loadSource(module, filename, known(ownFormat));
  // hooks may make another format of any file, as may the type of a package
  const other = handlers[format];
  if (other !== undefined) {
    other(module, filename, source);
    return;
  }
  module._compile(asText(source), filename, format ?? ownFormat);
};

const ownPrototypeCompile = Module.prototype._compile;

/** A format as hooks know it: none while the text has to decide. */
function known(format) {
  return format === 'ambiguous' || format === 'ambiguous-typescript' || format === 'unknown' ? undefined : format;
}

function asText(source) {
  return typeof source === 'string' ? source : getSources().sourceToString(source);
}

Module._extensions['.json'] = function(module, filename) {
  const { source, format } = loadSource(module, filename, 'json');
  const other = format === 'json' ? undefined : handlers[format];
  if (other !== undefined) other(module, filename, source);
  else if (format !== 'json') module._compile(asText(source), filename, format);
  else loadJson(module, filename, source);
};

function loadJson(module, filename, source) {
  try {
    setExports(module, JSON.parse(getSources().stripByteOrderMark(asText(source))));
  } catch (error) {
    error.message = `${filename}: ${error.message}`;
    throw error;
  }
}

function setExports(module, value) {
  module.exports = value;
}

Module._extensions['.node'] = function(module, filename) {
  if (changed.loadHooks) {
    const { source, format } = loadSource(module, filename, 'addon');
    if (format !== 'addon' && format !== undefined) {
      const other = handlers[format];
      if (other !== undefined) other(module, filename, source);
      else module._compile(asText(source), filename, format);
      return;
    }
  }
  process.dlopen(module, require('path').toNamespacedPath(filename));
};

const handlers = {
  __proto__: null,
  json: loadJson,
  wasm(module, filename, source) { loadEsm(module, filename, source, 'wasm'); },
  builtin(module, filename) {
    setExports(module, loadBuiltin(filename.replace(/^node:/, '')));
  },
};

/** Loads a module whose source a hook gave. */
function loadByFormat(module, filename) {
  const { source, format } = details.get(module);
  const handler = handlers[format];
  if (handler !== undefined) handler(module, filename, source);
  else module._compile(asText(source ?? ''), filename, format);
}

/** `module._compile`: runs a text as the module's. `format` is undefined for text of unknown kind. */
function compile(module, content, filename, format) {
  let text = content;
  if (format === 'commonjs-typescript' || format === 'module-typescript' || format === 'ambiguous-typescript' ||
      format === 'typescript') {
    if (format === 'module-typescript') getRequireEsm().refuseIfForbidden(module, filename, content);
    text = getTypeScript().stripModule(text, filename);
    if (format === 'commonjs-typescript') format = 'commonjs';
    else if (format === 'module-typescript') format = 'module';
    else format = 'ambiguous';
  }
  if (format === 'module') return loadEsm(module, filename, text, 'module');

  let compiled;
  if (changed.wrapper) {
    compiled = getWrapper().compile(text, filename);
  } else {
    try {
      compiled = getSources().compileWrapper(text, filename);
    } catch (error) {
      if (canBeModule(module, format, error) && getSources().hasModuleSyntax(text)) {
        return loadEsm(module, filename, text, 'module');
      }
      throw explained(error, filename);
    }
  }
  noteSourceMap(filename, text);
  return run(module, compiled, filename);
}

/** Text without a declared format may turn out to be an ES module. */
function canBeModule(module, format, error) {
  return format !== 'commonjs' && engine.isSyntaxError(error) && getOptionValue('--experimental-detect-module') &&
    (getOptionValue('--require-module') || details.get(module)?.isMain === true);
}

function explained(error, filename) {
  return engine.isSyntaxError(error) ? require('internal/modules/syntax_errors').explain(error, filename) : error;
}

/** The common case without the text: the function may come from the cache of compiled code. */
function compileFromFile(module, filename, format) {
  let compiled;
  try {
    compiled = engine.compileWrapperFile(filename);
  } catch (error) {
    if (!engine.isSyntaxError(error)) throw error;
    const text = getSources().readText(filename);
    if (canBeModule(module, format, error) && getSources().hasModuleSyntax(text)) {
      loadEsm(module, filename, text, 'module');
      return true;
    }
    throw explained(error, filename);
  }
  run(module, compiled, filename);
  return true;
}

function isSourceNeeded() {
  return getOptionValue('--enable-source-maps') || changed.sourceMaps || changed.compileCache;
}

function noteSourceMap(filename, text) {
  // a look at the end of the text is cheap, and most have none
  if (text.lastIndexOf('sourceMappingURL=') !== -1) getSourceMaps().note(filename, text, false);
}

function run(module, compiled, filename) {
  const { exports } = module;
  const own = details.get(module);
  const require = own?.makeRequire === undefined ? makeRequire(module) : own.makeRequire(module);
  return compiled.call(exports, exports, require, module, filename, resolver.folderOf(filename));
}

function loadEsm(module, filename, source, format) {
  return getRequireEsm().load(module, filename, source, format);
}

// Programs may replace `Module.wrap` and `Module.wrapper`, or change the latter.
Object.defineProperty(Module, 'wrap', {
  __proto__: null,
  get: () => getWrapper().getWrap(),
  set: (value) => getWrapper().setWrap(value),
});
Object.defineProperty(Module, 'wrapper', {
  __proto__: null,
  get: () => getWrapper().getWrapper(),
  set: (value) => getWrapper().setWrapper(value),
});

/** Throws the SyntaxError of text that would run as CommonJS. */
function checkCommonJs(text, filename) {
  if (changed.wrapper) getWrapper().check(text, filename);
  else getSources().compileWrapper(text, filename);
}

module.exports = { checkCommonJs, compile, loadByFormat, registeredExtension };
