'use strict';
// What the code that a REPL runs finds in its global object.

const process = require('process');
const vm = require('vm');
const { Module, makeRequire } = require('internal/modules/cjs');
const { defineBuiltinGlobals } = require('internal/modules/eval');

function define(context, name, value) {
  Object.defineProperty(context, name, { __proto__: null, configurable: true, writable: true, value });
}

/** `module` and `require`, which load from the working directory. */
function defineModule(context) {
  const module = new Module('<repl>');
  let folders = [];
  try {
    folders = Module._nodeModulePaths(process.cwd());
  } catch {
    // the folder is gone
  }
  module.paths = [...folders, ...Module.globalPaths];
  define(context, 'module', module);
  define(context, 'require', makeRequire(module));
}

/** A realm of its own with everything that a program has. */
function createOwnContext(output) {
  const context = vm.createContext();
  const known = new Set(vm.runInContext('Object.getOwnPropertyNames(globalThis)', context));
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (known.has(name)) continue;
    Object.defineProperty(context, name, {
      __proto__: null,
      ...Object.getOwnPropertyDescriptor(globalThis, name),
    });
  }
  context.global = context;
  const { Console } = require('console');
  define(context, 'console', new Console(output));
  return context;
}

function createContext(output, useGlobal) {
  const context = useGlobal ? globalThis : createOwnContext(output);
  defineModule(context);
  defineBuiltinGlobals(context);
  return context;
}

module.exports = { createContext };
