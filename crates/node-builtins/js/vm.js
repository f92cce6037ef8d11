'use strict';
// node:vm: scripts and functions compiled apart from where they run, and contexts to run them in. Modules are in
// internal/vm/module.

const { Buffer } = require('buffer');
const engine = require('internal/vm/engine');
const lazy = require('internal/lazy');
const { DONT_CONTEXTIFY, contextOf, createContext, createContextForRun, isContext } = require('internal/vm/context');
const dynamicImport = require('internal/vm/dynamic_import');
const { codes: { ERR_CONTEXT_NOT_INITIALIZED, ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { getOptionValue } = require('internal/options');
const { isArrayBufferView } = require('internal/util/types');
const {
  validateArray,
  validateBoolean,
  validateBuffer,
  validateInt32,
  validateObject,
  validateOneOf,
  validateString,
  validateStringArray,
  validateUint32,
} = require('internal/validators');
require('internal/modules/engine');

const getDecorate = lazy(() => require('internal/vm/decorate'));
const getSyntaxErrors = lazy(() => require('internal/modules/syntax_errors'));
const getUtil = lazy(() => require('internal/util'));
const getSigint = lazy(() => require('internal/vm/sigint'));

function checkedCachedData(cachedData) {
  if (cachedData !== undefined && !isArrayBufferView(cachedData)) {
    throw new ERR_INVALID_ARG_TYPE('options.cachedData', ['Buffer', 'TypedArray', 'DataView'], cachedData);
  }
  return cachedData;
}

function bufferOf(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function refined(error, source) {
  if (Error.isError(error) && error.name === 'SyntaxError') {
    getSyntaxErrors().refineSyntaxError(error);
    getDecorate().decorateSyntaxError(error, source);
  }
  return error;
}

class Script {
  #script;
  #source;
  #owner;

  constructor(code, options = {}) {
    code = `${code}`;
    if (typeof options === 'string') options = { filename: options };
    else validateObject(options, 'options');
    const {
      filename = 'evalmachine.<anonymous>',
      lineOffset = 0,
      columnOffset = 0,
      cachedData,
      produceCachedData = false,
      importModuleDynamically,
    } = options;
    validateString(filename, 'options.filename');
    validateInt32(lineOffset, 'options.lineOffset');
    validateInt32(columnOffset, 'options.columnOffset');
    checkedCachedData(cachedData);
    validateBoolean(produceCachedData, 'options.produceCachedData');
    dynamicImport.validate(importModuleDynamically, 'options.importModuleDynamically');

    this.#source = { code, filename, lineOffset, columnOffset };
    this.#owner = dynamicImport.ownerOf(importModuleDynamically, filename, () => this);
    let rejected;
    try {
      [this.#script, rejected] = engine.compileScript(code, filename, lineOffset, columnOffset, cachedData);
    } catch (error) {
      throw refined(error, this.#source);
    }
    if (rejected !== undefined) this.cachedDataRejected = rejected;
    if (produceCachedData) {
      const data = engine.createCachedData(this.#script);
      this.cachedDataProduced = data !== undefined;
      if (data !== undefined) this.cachedData = bufferOf(data);
    }
    this.sourceMapURL = /^[^]*\/\/[#@] sourceMappingURL=([^\s'"]*)\s*$/m.exec(code)?.[1];
  }

  createCachedData() {
    return bufferOf(engine.createCachedData(this.#script));
  }

  runInThisContext(options) {
    return this.#run(undefined, options);
  }

  runInContext(contextifiedObject, options) {
    return this.#run(contextOf(contextifiedObject), options);
  }

  runInNewContext(contextObject, options) {
    const context = createContextForRun(contextObject, contextOptions(options));
    return this.runInContext(context, options);
  }

  #run(context, options = {}) {
    validateObject(options, 'options');
    const { timeout, displayErrors = true, breakOnSigint = false } = options;
    if (timeout !== undefined) validateUint32(timeout, 'options.timeout', true);
    validateBoolean(displayErrors, 'options.displayErrors');
    validateBoolean(breakOnSigint, 'options.breakOnSigint');
    const owner = this.#owner;
    try {
      if (breakOnSigint) getSigint().begin();
      return engine.runScript(
        this.#script, context?.global, owner, dynamicImport.isLasting(owner), timeout, breakOnSigint,
        context?.keepsMicrotasks === true,
      );
    } catch (error) {
      if (breakOnSigint && error?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED') getSigint().interrupted();
      if (displayErrors) getDecorate().decorateThrown(error, this.#source);
      throw error;
    } finally {
      if (breakOnSigint) getSigint().end();
    }
  }
}

function contextOptions(options = {}) {
  validateObject(options, 'options');
  return options;
}

function runInContext(code, contextifiedObject, options) {
  contextOf(contextifiedObject);
  options = typeof options === 'string' ? { filename: options } : { ...options };
  return createScript(code, options).runInContext(contextifiedObject, options);
}

function runInNewContext(code, contextObject, options) {
  if (typeof options === 'string') options = { filename: options };
  const context = createContextForRun(contextObject, contextOptions(options));
  options = { ...options };
  return createScript(code, options).runInContext(context, options);
}

function runInThisContext(code, options) {
  if (typeof options === 'string') options = { filename: options };
  return createScript(code, options).runInThisContext(options);
}

function createScript(code, options) {
  return new Script(code, options);
}

// Columns that no text has are not worth as many spaces.
const mostPadding = 65_536;

function compileFunction(code, params, options = {}) {
  validateString(code, 'code');
  if (params !== undefined) validateStringArray(params, 'params');
  validateObject(options, 'options');
  const {
    filename = '',
    lineOffset = 0,
    columnOffset = 0,
    cachedData,
    produceCachedData = false,
    parsingContext,
    contextExtensions = [],
    importModuleDynamically,
  } = options;
  validateString(filename, 'options.filename');
  validateInt32(columnOffset, 'options.columnOffset');
  validateInt32(lineOffset, 'options.lineOffset');
  if (cachedData !== undefined) validateBuffer(cachedData, 'options.cachedData');
  validateBoolean(produceCachedData, 'options.produceCachedData');
  if (parsingContext !== undefined &&
      (typeof parsingContext !== 'object' || parsingContext === null || !isContext(parsingContext))) {
    throw new ERR_INVALID_ARG_TYPE('options.parsingContext', 'Context', parsingContext);
  }
  validateArray(contextExtensions, 'options.contextExtensions');
  contextExtensions.forEach((extension, i) => {
    validateObject(extension, `options.contextExtensions[${i}]`, { allowArray: true, nullable: true });
  });
  dynamicImport.validate(importModuleDynamically, 'options.importModuleDynamically');

  let compiled;
  const owner = dynamicImport.ownerOf(importModuleDynamically, filename, () => compiled);
  // the engine counts columns of a body from its own beginning
  const body = columnOffset > 0 && columnOffset <= mostPadding ? ' '.repeat(columnOffset) + code : code;
  const source = { code: body, filename, lineOffset, columnOffset: 0 };
  let data;
  let rejected;
  try {
    [compiled, data, rejected] = engine.compileFunction(
      body, filename, lineOffset, params ?? [], contextExtensions,
      parsingContext === undefined ? undefined : contextOf(parsingContext).global,
      owner, cachedData, produceCachedData,
    );
  } catch (error) {
    throw refined(error, source);
  }
  if (produceCachedData) {
    compiled.cachedDataProduced = data !== undefined;
    if (data !== undefined) compiled.cachedData = bufferOf(data);
  }
  if (rejected !== undefined) compiled.cachedDataRejected = rejected;
  return compiled;
}

/** All that the engine can say is the size of its heap; it is not told apart by context. */
function measureMemory(options = {}) {
  getUtil().emitExperimentalWarning('vm.measureMemory');
  validateObject(options, 'options');
  const { mode = 'summary', execution = 'default' } = options;
  validateOneOf(mode, 'options.mode', ['summary', 'detailed']);
  validateOneOf(execution, 'options.execution', ['default', 'eager']);
  const bytes = engine.heapBytes();
  const estimate = () => ({ jsMemoryEstimate: bytes, jsMemoryRange: [bytes, bytes] });
  const result = { total: estimate() };
  if (mode === 'detailed') Object.assign(result, { current: estimate(), other: [] });
  return Promise.resolve(result);
}

const constants = {
  __proto__: null,
  USE_MAIN_CONTEXT_DEFAULT_LOADER: dynamicImport.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  DONT_CONTEXTIFY,
};

module.exports = {
  Script,
  createContext,
  createScript,
  runInContext,
  runInNewContext,
  runInThisContext,
  isContext,
  compileFunction,
  measureMemory,
  constants: Object.freeze(constants),
};

if (getOptionValue('--experimental-vm-modules')) {
  Object.assign(module.exports, require('internal/vm/module').classes);
}
