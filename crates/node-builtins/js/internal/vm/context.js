'use strict';
// Contexts: which object stands for which realm, and how one is made. Code is run in them elsewhere.

const engine = require('internal/vm/engine');
const { setRealmReferrer } = require('internal/modules/engine');
const lazy = require('internal/lazy');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const {
  kValidateObjectAllowObjects,
  validateBoolean,
  validateObject,
  validateOneOf,
  validateString,
} = require('internal/validators');

const getDynamicImport = lazy(() => require('internal/vm/dynamic_import'));
const getStack = lazy(() => require('internal/stack'));

const DONT_CONTEXTIFY = Symbol('vm_context_no_contextify');

/** What is known of a context. */
class Context {
  constructor(global, name, keepsMicrotasks) {
    this.global = global;
    this.name = name;
    this.keepsMicrotasks = keepsMicrotasks;
    /** How many modules without a name of their own were made in it. */
    this.unnamedModules = 0;
  }
}

// By the object that programs know a context as: the sandbox, or the global object where there is none.
const contexts = new WeakMap();
let created = 0;

function isContext(object) {
  validateObject(object, 'object', kValidateObjectAllowObjects);
  return contexts.has(object);
}

/** The context that an object stands for; `name` is the argument's. */
function contextOf(object, name = 'contextifiedObject') {
  validateObject(object, name, kValidateObjectAllowObjects);
  const context = contexts.get(object);
  if (context === undefined) throw new ERR_INVALID_ARG_TYPE(name, 'vm.Context', object);
  return context;
}

function allowed(codeGeneration, key, name) {
  const value = codeGeneration?.[key];
  if (value === undefined) return true;
  validateBoolean(value, `${name}.${key}`);
  return value;
}

const consoleMethods = [
  'debug', 'error', 'info', 'log', 'warn', 'dir', 'dirxml', 'table', 'trace', 'group', 'groupCollapsed', 'groupEnd',
  'clear', 'count', 'countReset', 'assert', 'profile', 'profileEnd', 'time', 'timeLog', 'timeEnd', 'timeStamp',
];

/** The console of realms without one of their own: it speaks to inspectors only, and there is none. */
function makeConsole() {
  const console = {};
  for (const name of consoleMethods) console[name] = { [name]() {} }[name];
  Object.defineProperty(console, Symbol.toStringTag, { __proto__: null, value: 'console', configurable: true });
  return console;
}

/** `names`: what the options are called in errors. */
function makeContext(object, options, names) {
  const { name = `VM Context ${++created}`, origin, codeGeneration, microtaskMode, importModuleDynamically } = options;
  validateString(name, names.name);
  if (origin !== undefined) validateString(origin, names.origin);
  if (codeGeneration !== undefined) validateObject(codeGeneration, names.codeGeneration);
  const strings = allowed(codeGeneration, 'strings', names.codeGeneration);
  const wasm = allowed(codeGeneration, 'wasm', names.codeGeneration);
  validateOneOf(microtaskMode, names.microtaskMode, ['afterEvaluate', undefined]);
  getDynamicImport().validate(importModuleDynamically, 'options.importModuleDynamically');

  const keepsMicrotasks = microtaskMode === 'afterEvaluate';
  const isVanilla = object === DONT_CONTEXTIFY;
  const global = isVanilla ? engine.createRealm() : engine.createContext(strings, wasm, keepsMicrotasks);
  engine.defineInRealm(global, 'console', makeConsole());
  // before the sandbox comes, whose properties would be taken for the language's own
  getStack().install(global);
  if (!isVanilla) engine.attachSandbox(global, object);
  const known = isVanilla ? global : object;
  contexts.set(known, new Context(global, name, keepsMicrotasks));
  if (importModuleDynamically !== undefined) {
    setRealmReferrer(object, getDynamicImport().ownerOf(importModuleDynamically, '', () => known));
  }
  return known;
}

const ownNames = {
  name: 'options.name',
  origin: 'options.origin',
  codeGeneration: 'options.codeGeneration',
  microtaskMode: 'options.microtaskMode',
};

function createContext(object = {}, options = {}) {
  if (object !== DONT_CONTEXTIFY && isContext(object)) return object;
  validateObject(options, 'options');
  return makeContext(object, options, ownNames);
}

const namesInRun = {
  name: 'options.contextName',
  origin: 'options.contextOrigin',
  codeGeneration: 'options.contextCodeGeneration',
  microtaskMode: 'options.microtaskMode',
};

/** The context for a single run, whose options stand among those of the run. */
function createContextForRun(object = {}, options) {
  if (object !== DONT_CONTEXTIFY && isContext(object)) return object;
  const { contextName, contextOrigin, contextCodeGeneration, microtaskMode, importModuleDynamically } = options;
  return makeContext(object, {
    name: contextName,
    origin: contextOrigin,
    codeGeneration: contextCodeGeneration,
    microtaskMode,
    importModuleDynamically,
  }, namesInRun);
}

module.exports = { DONT_CONTEXTIFY, contextOf, createContext, createContextForRun, isContext };
