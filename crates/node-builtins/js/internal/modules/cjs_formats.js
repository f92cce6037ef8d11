'use strict';

// What becomes of a required file: the handlers of `Module._extensions`, the wrapper around CommonJS, and the
// choice between CommonJS, ES module and TypeScript by extension, package and text.

const path = require('path');
const lazy = require('internal/lazy');
const process = require('process');
const { Module, details, detailsOf } = require('internal/modules/cjs');
const { makeRequire } = require('internal/modules/require');
const { patchedFs } = require('internal/modules/builtin_modules');
const hooks = require('internal/modules/hooks');
const resolver = require('internal/modules/resolver');
const sources = require('internal/modules/sources');
const { getOptionValue } = require('internal/options');
const getTypeScript = lazy(() => require('internal/modules/typescript'));
const getRequireEsm = lazy(() => require('internal/modules/require_esm'));
const getSourceMaps = lazy(() => require('internal/modules/source_map_cache'));

/** The handler for a file: that of the longest ending, from some dot on, that one is registered for. */
function registeredExtension(filename, extensions) {
  const name = path.basename(filename);
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
  if (!hooks.hasLoad()) return { source: sources.readText(filename), format };
  const url = own?.url ?? resolver.fileUrl(filename);
  const loaded = hooks.loadForRequire(url, own?.format ?? format);
  const changed = detailsOf(module);
  changed.isHooked = true;
  changed.format = loaded.format;
  changed.source = loaded.source;
  return { source: loaded.source ?? sources.readText(filename), format: loaded.format };
}


Module._extensions['.js'] = function(module, filename) {
  let { format: ownFormat } = resolver.fileFormat(filename, false);
  // without an extension the text decides, whatever the package says
  if (ownFormat === 'module' && path.extname(filename) === '') ownFormat = 'ambiguous';
  const isOwnCompile = module._compile === ownPrototypeCompile;
  if (isOwnCompile && !isWrapperPatched && !hooks.hasLoad() && !details.has(module) && patchedFs() === undefined &&
      (ownFormat === 'commonjs' || ownFormat === 'ambiguous') && !isSourceNeeded()) {
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
  return typeof source === 'string' ? source : sources.sourceToString(source);
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
    setExports(module, JSON.parse(sources.stripByteOrderMark(asText(source))));
  } catch (error) {
    error.message = `${filename}: ${error.message}`;
    throw error;
  }
}

function setExports(module, value) {
  module.exports = value;
}

Module._extensions['.node'] = function(module, filename) {
  if (hooks.hasLoad()) {
    const { source, format } = loadSource(module, filename, 'addon');
    if (format !== 'addon' && format !== undefined) {
      const other = handlers[format];
      if (other !== undefined) other(module, filename, source);
      else module._compile(asText(source), filename, format);
      return;
    }
  }
  process.dlopen(module, path.toNamespacedPath(filename));
};

const handlers = {
  __proto__: null,
  json: loadJson,
  wasm(module, filename, source) { loadEsm(module, filename, source, 'wasm'); },
  builtin(module, filename) {
    setExports(module, require('internal/modules/builtin_modules').loadBuiltin(filename.replace(/^node:/, '')));
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
  if (isWrapperPatched) {
    compiled = compilePatched(text, filename);
  } else {
    try {
      compiled = sources.compileWrapper(text, filename);
    } catch (error) {
      if (canBeModule(module, format, error) && sources.hasModuleSyntax(text)) {
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
  return format !== 'commonjs' && sources.isSyntaxError(error) && getOptionValue('--experimental-detect-module') &&
    (getOptionValue('--require-module') || details.get(module)?.isMain === true);
}

function explained(error, filename) {
  if (!sources.isSyntaxError(error)) return error;
  const { isAboutModuleSyntax, refineSyntaxError } = require('internal/modules/syntax_errors');
  refineSyntaxError(error);
  if (isAboutModuleSyntax(error)) {
    // the error may end the process before a warning that waits is told
    require('internal/process/warning').emitWarningSync(
      `Failed to load the ES module: ${filename}. Make sure to set "type": "module" in the nearest package.json ` +
      'file or use the .mjs extension.',
    );
  }
  return error;
}

/** The common case without the text: the function may come from the cache of compiled code. */
function compileFromFile(module, filename, format) {
  let compiled;
  try {
    compiled = sources.compileFile(filename);
  } catch (error) {
    if (!sources.isSyntaxError(error)) throw error;
    const text = sources.readText(filename);
    if (canBeModule(module, format, error) && sources.hasModuleSyntax(text)) {
      loadEsm(module, filename, text, 'module');
      return true;
    }
    throw explained(error, filename);
  }
  run(module, compiled, filename);
  return true;
}

function isSourceNeeded() {
  return getOptionValue('--enable-source-maps') || process.sourceMapsEnabled === true || sources.isCompileCacheOn();
}

function noteSourceMap(filename, text) {
  // a look at the end of the text is cheap, and most have none
  if (text.lastIndexOf('sourceMappingURL=') !== -1) getSourceMaps().note(filename, text, false);
}

function run(module, compiled, filename) {
  const { exports } = module;
  const own = details.get(module);
  const require = own?.makeRequire === undefined ? makeRequire(module) : own.makeRequire(module);
  return compiled.call(exports, exports, require, module, filename, path.dirname(filename));
}

function loadEsm(module, filename, source, format) {
  return getRequireEsm().load(module, filename, source, format);
}

// The wrapper: programs may replace `Module.wrap` or change `Module.wrapper`, and then their text is run as it is.
let isWrapperPatched = false;
let wrapper = new Proxy(['(function (exports, require, module, __filename, __dirname) { ', '\n});'], {
  set(target, name, value, receiver) {
    isWrapperPatched = true;
    return Reflect.set(target, name, value, receiver);
  },
  defineProperty(target, name, descriptor) {
    isWrapperPatched = true;
    return Object.defineProperty(target, name, descriptor) !== undefined;
  },
});
let wrap = function(script) {
  return wrapper[0] + script + wrapper[1];
};

Object.defineProperty(Module, 'wrap', {
  __proto__: null,
  get() { return wrap; },
  set(value) {
    isWrapperPatched = true;
    wrap = value;
  },
});
Object.defineProperty(Module, 'wrapper', {
  __proto__: null,
  get() { return wrapper; },
  set(value) {
    isWrapperPatched = true;
    wrapper = value;
  },
});

function compilePatched(text, filename) {
  return sources.runScript(Module.wrap(text), filename);
}

/** Throws the SyntaxError of text that would run as CommonJS. */
function checkCommonJs(text, filename) {
  if (isWrapperPatched) sources.checkScript(Module.wrap(text), filename);
  else sources.compileWrapper(text, filename);
}

module.exports = { checkCommonJs, compile, loadByFormat, registeredExtension };
