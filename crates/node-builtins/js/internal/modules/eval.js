'use strict';

// `--eval`, `--print`, standard input and `--check`: programs that are text.

const lazy = require('internal/lazy');
const process = require('process');
const { getOptionValue } = require('internal/options');
const { Module, detailsOf, makeRequire } = require('internal/modules/cjs');
const builtins = require('internal/builtins');
const engine = require('internal/modules/engine');
const resolver = require('internal/modules/resolver');
const sources = require('internal/modules/sources');
const { loadPreloads, runAfterPreloads, runAsEntry } = require('internal/modules/run_main');
const getEsm = lazy(() => require('internal/modules/esm'));
const getTypeScript = lazy(() => require('internal/modules/typescript'));

/** Builtins are there by name where nobody writes `require`. */
function defineBuiltinGlobals(target) {
  for (const name of builtins.publicIds()) {
    if (name.includes('/') || name.startsWith('_') || name.startsWith('node:') || Object.hasOwn(target, name)) continue;
    const set = (value) => {
      Object.defineProperty(target, name, {
        __proto__: null, value, writable: true, enumerable: true, configurable: true,
      });
    };
    Object.defineProperty(target, name, {
      __proto__: null,
      get() {
        const exports = builtins.loadBuiltin(name);
        // a program may have fixed the property itself
        const descriptor = Object.getOwnPropertyDescriptor(target, name);
        if (descriptor?.configurable) {
          Object.defineProperty(target, name, {
            __proto__: null, get: () => exports, set, enumerable: false, configurable: true,
          });
        }
        return exports;
      },
      set,
      enumerable: false,
      configurable: true,
    });
  }
}

/** Runs text as the program. `name`: `[eval]` or `[stdin]`. */
function runText(text, name, print) {
  loadPreloads();
  const type = getOptionValue('--input-type') || undefined;
  if (type === 'module' || type === 'module-typescript') {
    return runModule(type === 'module' ? text : getTypeScript().stripModule(text, `${name}.ts`, true), print);
  }
  return runAfterPreloads(() => runScript(text, name, print, type));
}

function moduleUrl() {
  return `${resolver.workingFolderUrl()}[eval1]`;
}

function runModule(text, print) {
  if (print) throw new (require('internal/errors').codes.ERR_EVAL_ESM_CANNOT_PRINT)();
  return runAfterPreloads(() => runAsEntry(() => getEsm().runText(text, moduleUrl(), true)));
}

function runScript(text, name, print, type) {
  let script = type === 'commonjs-typescript' ? getTypeScript().stripModule(text, `${name}.ts`, true) : text;
  for (;;) {
    try {
      sources.checkScript(script, name);
      break;
    } catch (error) {
      if (!engine.isSyntaxError(error)) throw error;
      if (type === undefined && getOptionValue('--experimental-detect-module') && sources.hasModuleSyntax(script)) {
        return runModule(script, print);
      }
      const stripped = type === undefined && script === text ? withoutTypes(text, name, error) : undefined;
      if (stripped === undefined) throw require('internal/modules/syntax_errors').refineSyntaxError(error);
      script = stripped;
    }
  }
  const module = moduleOf(name);
  defineBuiltinGlobals(globalThis);
  Object.assign(globalThis, {
    module, exports: module.exports, require: makeRequire(module), __filename: name, __dirname: '.',
  });
  const result = sources.runScript(script, name);
  // a promise has the time to settle
  if (print) {
    if (require('internal/util/types').isPromise(result)) Promise.prototype.then.call(result, undefined, () => {});
    process.on('exit', () => require('console').log(result));
  }
  return undefined;
}

/** Text that is no JavaScript may be TypeScript. If it is neither, the error says why it is not the latter, too. */
function withoutTypes(text, name, javascriptError) {
  if (!getOptionValue('--strip-types')) return undefined;
  try {
    const stripped = getTypeScript().stripModule(text, `${name}.ts`, true);
    return stripped === text ? undefined : stripped;
  } catch (error) {
    const { stack } = javascriptError;
    // below the excerpt, if the stack begins with one
    const excerpt = /^.+:\d+\n.*\n *\^+\n/.exec(stack)?.[0];
    if (excerpt !== undefined) javascriptError.stack = `${excerpt}${error.message}\n${stack.slice(excerpt.length)}`;
    return undefined;
  }
}

function moduleOf(name) {
  const module = new Module(name);
  module.filename = resolver.absolutePath(`${resolver.workingFolder()}/${name}`);
  module.paths = Module._nodeModulePaths(resolver.workingFolder());
  detailsOf(module).isEval = true;
  return module;
}

/** `--check`: compiles a file as it would be run, and throws what is wrong with it. */
function checkFile(file) {
  const found = Module._findPath(resolver.absolutePath(file), null, true);
  if (!found) Module._resolveFilename(resolver.absolutePath(file), null, true);
  return checkText(sources.readText(found), found);
}

function checkText(text, filename) {
  loadPreloads();
  return runAfterPreloads(() => compileOnly(text, filename));
}

function compileOnly(text, filename) {
  const isFile = resolver.isAbsolute(filename);
  const format = isFile ? resolver.fileFormat(filename, true).format : getOptionValue('--input-type') || 'ambiguous';
  const javascript = format.endsWith('typescript') ? getTypeScript().stripModule(text, filename, !isFile) : text;
  if (format.startsWith('module')) {
    engine.compileModule(javascript, isFile ? resolver.fileUrl(filename) : filename);
    return;
  }
  try {
    require('internal/modules/cjs_formats').checkCommonJs(javascript, filename);
  } catch (error) {
    if (!engine.isSyntaxError(error)) throw error;
    if (format.startsWith('ambiguous') && sources.hasModuleSyntax(javascript)) return;
    throw require('internal/modules/syntax_errors').refineSyntaxError(error);
  }
}

module.exports = { checkFile, checkText, defineBuiltinGlobals, runText };
