'use strict';
// Modules that programs compile and link themselves: vm.SourceTextModule, of source text, and vm.SyntheticModule, of
// values.

const { Buffer } = require('buffer');
const vmEngine = require('internal/vm/engine');
const engine = require('internal/modules/engine');
const { contextOf, isContext } = require('internal/vm/context');
const dynamicImport = require('internal/vm/dynamic_import');
const {
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_THIS,
    ERR_MODULE_LINK_MISMATCH,
    ERR_VM_MODULE_ALREADY_LINKED,
    ERR_VM_MODULE_CACHED_DATA_REJECTED,
    ERR_VM_MODULE_CANNOT_CREATE_CACHED_DATA,
    ERR_VM_MODULE_DIFFERENT_CONTEXT,
    ERR_VM_MODULE_LINK_FAILURE,
    ERR_VM_MODULE_NOT_MODULE,
    ERR_VM_MODULE_STATUS,
  },
} = require('internal/errors');
const { refineSyntaxError } = require('internal/modules/syntax_errors');
const { completeAttributes } = require('internal/modules/import_attributes');
const { isArrayBufferView } = require('internal/util/types');
const {
  validateArray,
  validateBoolean,
  validateFunction,
  validateInt32,
  validateObject,
  validateString,
  validateUint32,
} = require('internal/validators');

const { then } = Promise.prototype;
const customInspectSymbol = Symbol.for('nodejs.util.inspect.custom');

// Modules of the main context that have no name of their own.
let unnamed = 0;

/** What stands behind a module. */
class Record {
  constructor(contextObject, identifier) {
    this.contextObject = contextObject;
    this.context = contextObject === undefined ? undefined : contextOf(contextObject);
    this.identifier = identifier ?? `vm:module(${this.context === undefined ? unnamed++ : this.context.unnamedModules++})`;
    this.handle = undefined;
    this.owner = undefined;
    /** Of each request, in order; undefined until all are known. */
    this.links = undefined;
    this.requests = undefined;
    this.isLinking = false;
    this.hasFailed = false;
    this.error = undefined;
  }

  get status() {
    if (this.hasFailed) return 'errored';
    if (this.isLinking) return 'linking';
    const status = engine.status(this.handle);
    return status === 'evaluating-async' ? 'evaluated' : status;
  }

  fail(error) {
    this.hasFailed = true;
    this.error = error;
  }
}

let recordOf;

class Module {
  #record;

  static {
    /** The record of a module; undefined for everything else. */
    recordOf = (value) => (typeof value === 'object' && value !== null && #record in value ? value.#record : undefined);
  }

  constructor(options) {
    if (new.target === Module) throw new TypeError('Module is not a constructor');
    const { context, identifier } = options;
    if (context !== undefined) {
      validateObject(context, 'context');
      if (!isContext(context)) throw new ERR_INVALID_ARG_TYPE('options.context', 'vm.Context', context);
    }
    if (identifier !== undefined) validateString(identifier, 'options.identifier');
    this.#record = new Record(context, identifier);
  }

  get identifier() {
    return checked(this, 'Module').identifier;
  }

  get context() {
    return checked(this, 'Module').contextObject;
  }

  get namespace() {
    const { status, handle } = checked(this, 'Module');
    if (status === 'unlinked' || status === 'linking') {
      throw new ERR_VM_MODULE_STATUS('must not be unlinked or linking');
    }
    return engine.namespace(handle);
  }

  get status() {
    return checked(this, 'Module').status;
  }

  get error() {
    const record = checked(this, 'Module');
    if (record.status !== 'errored') throw new ERR_VM_MODULE_STATUS('must be errored');
    return record.hasFailed ? record.error : engine.moduleError(record.handle);
  }

  async link(linker) {
    const record = checked(this, 'Module');
    validateFunction(linker, 'linker');
    if (record.status === 'linked') throw new ERR_VM_MODULE_ALREADY_LINKED();
    requireStatus(record, 'must be unlinked', 'unlinked');
    await linkWith(this, record, linker);
    instantiate(record);
  }

  // not async: the promise is the engine's, which may be settled already
  evaluate(options = {}) {
    try {
      return run(checked(this, 'Module'), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  [customInspectSymbol](depth, options) {
    const { status, identifier, contextObject } = checked(this, 'Module');
    const { constructor } = this;
    if (typeof depth === 'number' && depth < 0) return `[${constructor.name}]`;
    const { inspect } = require('internal/util/inspect');
    const shown = Object.create(Object.getPrototypeOf(this));
    for (const [key, value] of Object.entries({ status, identifier, context: contextObject })) {
      Object.defineProperty(shown, key, { __proto__: null, value, enumerable: true });
    }
    return inspect(shown, { ...options, customInspect: false });
  }
}

function checked(module, name) {
  const record = recordOf(module);
  if (record === undefined) throw new ERR_INVALID_THIS(name);
  return record;
}

function requireStatus(record, sentence, ...statuses) {
  if (!statuses.includes(record.status)) throw new ERR_VM_MODULE_STATUS(sentence);
}

const isModule = (value) => recordOf(value) !== undefined;

function run(record, options) {
  validateObject(options, 'options');
  const { timeout, breakOnSigint = false } = options;
  if (timeout !== undefined) validateUint32(timeout, 'options.timeout', true);
  validateBoolean(breakOnSigint, 'options.breakOnSigint');
  requireStatus(record, 'must be one of linked, evaluated, or errored', 'linked', 'evaluated', 'errored');
  if (record.hasFailed) throw record.error;
  const { context } = record;
  const keepsMicrotasks = context?.keepsMicrotasks === true;
  const promise = vmEngine.evaluateModule(record.handle, context?.global, timeout, breakOnSigint, keepsMicrotasks);
  // what awaits it here would wait for the context's microtasks
  return keepsMicrotasks ? new Promise((resolve, reject) => { then.call(promise, resolve, reject); }) : promise;
}

const keyOf = ([specifier, { type }]) => (type === undefined ? specifier : `${specifier}\0${type}`);

// Linking

/** Asks the program for what a module and all below it request. */
async function linkWith(module, record, linker) {
  record.isLinking = true;
  try {
    const links = await Promise.all(record.requests.map(async ([specifier, attributes]) => {
      const found = await linker(specifier, module, { attributes, assert: attributes });
      const below = checkLink(record, specifier, found);
      if (below.status === 'unlinked' && below.links === undefined) await linkWith(found, below, linker);
      return below;
    }));
    setLinks(record, links);
  } catch (error) {
    record.fail(error);
    throw error;
  } finally {
    record.isLinking = false;
  }
}

function checkLink(record, specifier, found) {
  const below = recordOf(found);
  if (below === undefined) throw new ERR_VM_MODULE_NOT_MODULE();
  if (below.context !== record.context) throw new ERR_VM_MODULE_DIFFERENT_CONTEXT();
  if (below.status === 'errored') {
    throw new ERR_VM_MODULE_LINK_FAILURE(`request for '${specifier}' resolved to an errored module`, found.error);
  }
  return below;
}

function setLinks(record, links) {
  const source = record.requests.findIndex(([, , phase]) => phase === 'source');
  if (source !== -1) throw require('internal/modules/errors').sourcePhaseError(links[source].identifier);
  record.links = links;
  record.owner.resolved = new Map(record.requests.map((request, i) => [keyOf(request), links[i].handle]));
}

function instantiate(record) {
  const seen = new Set([record]);
  for (const each of seen) {
    for (const link of each.links ?? []) {
      if (link.links === undefined && link.requests.length > 0) {
        throw new ERR_VM_MODULE_LINK_FAILURE(
          `request for '${link.requests[0][0]}' can not be resolved on module '${link.identifier}' that is not linked`,
        );
      }
      seen.add(link);
    }
  }
  try {
    engine.link(record.handle);
  } catch (error) {
    throw Error.isError(error) && error.name === 'SyntaxError' ? refineSyntaxError(error) : error;
  }
}

/** The record of a SourceTextModule; throws for everything else. */
let own;

class SourceTextModule extends Module {
  #source;
  #dependencySpecifiers;
  #moduleRequests;

  constructor(sourceText, options = {}) {
    validateString(sourceText, 'sourceText');
    validateObject(options, 'options');
    const { lineOffset = 0, columnOffset = 0, initializeImportMeta, importModuleDynamically, context, identifier,
            cachedData } = options;
    validateInt32(lineOffset, 'options.lineOffset');
    validateInt32(columnOffset, 'options.columnOffset');
    if (initializeImportMeta !== undefined) validateFunction(initializeImportMeta, 'options.initializeImportMeta');
    if (importModuleDynamically !== undefined) {
      validateFunction(importModuleDynamically, 'options.importModuleDynamically');
    }
    if (cachedData !== undefined && !isArrayBufferView(cachedData)) {
      throw new ERR_INVALID_ARG_TYPE('options.cachedData', ['Buffer', 'TypedArray', 'DataView'], cachedData);
    }
    super({ context, identifier });
    const record = recordOf(this);
    record.owner = dynamicImport.moduleOwnerOf(importModuleDynamically, this, initializeImportMeta);
    this.#source = [sourceText, record.identifier, lineOffset, columnOffset];
    let rejected;
    try {
      [record.handle, rejected] = vmEngine.compileModule(
        ...this.#source, record.context?.global, record.owner, cachedData,
      );
    } catch (error) {
      throw Error.isError(error) && error.name === 'SyntaxError' ? refineSyntaxError(error) : error;
    }
    if (rejected) throw new ERR_VM_MODULE_CACHED_DATA_REJECTED();
    record.requests = engine.moduleRequests(record.handle);
    completeAttributes(record.requests, () => sourceText);
  }

  get moduleRequests() {
    const { requests } = own(this);
    return this.#moduleRequests ??= Object.freeze(requests.map(([specifier, attributes, phase]) => Object.freeze({
      __proto__: null, specifier, attributes: Object.freeze(attributes), phase,
    })));
  }

  get dependencySpecifiers() {
    const { requests } = own(this);
    return this.#dependencySpecifiers ??= Object.freeze(requests.map(([specifier]) => specifier));
  }

  get status() {
    return own(this).status;
  }

  get error() {
    own(this);
    return super.error;
  }

  linkRequests(modules) {
    const record = own(this);
    requireStatus(record, 'must be unlinked', 'unlinked');
    validateArray(modules, 'modules');
    const { requests } = record;
    const links = modules.map((module) => {
      const link = recordOf(module);
      if (link === undefined) throw new ERR_VM_MODULE_NOT_MODULE();
      if (link.context !== record.context) throw new ERR_VM_MODULE_DIFFERENT_CONTEXT();
      return link;
    });
    if (links.length !== requests.length) {
      throw new ERR_MODULE_LINK_MISMATCH(`Expected ${requests.length} modules, got ${links.length}`);
    }
    const first = new Map();
    requests.forEach((request, i) => {
      const known = first.get(keyOf(request)) ?? i;
      if (links[known] !== links[i]) {
        throw new ERR_MODULE_LINK_MISMATCH(
          `Module request 'ModuleCacheKey("${request[0]}")' at index ${i} must be linked to the same module ` +
          `requested at index ${known}`,
        );
      }
      first.set(keyOf(request), known);
    });
    setLinks(record, links);
  }

  instantiate() {
    const record = own(this);
    requireStatus(record, 'must be unlinked', 'unlinked');
    if (record.links === undefined) throw new ERR_VM_MODULE_LINK_FAILURE('module is not linked');
    instantiate(record);
  }

  hasTopLevelAwait() {
    return engine.hasTopLevelAwait(own(this).handle);
  }

  hasAsyncGraph() {
    const record = own(this);
    requireStatus(record, 'must be instantiated', 'linked', 'evaluating', 'evaluated', 'errored');
    const seen = new Set([record]);
    for (const each of seen) {
      if (engine.hasTopLevelAwait(each.handle)) return true;
      for (const link of each.links ?? []) seen.add(link);
    }
    return false;
  }

  createCachedData() {
    const { status } = own(this);
    if (status === 'evaluating' || status === 'evaluated' || status === 'errored') {
      throw new ERR_VM_MODULE_CANNOT_CREATE_CACHED_DATA();
    }
    const data = vmEngine.moduleCachedData(...this.#source);
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  }

  static #is(value) {
    return typeof value === 'object' && value !== null && #source in value;
  }

  static {
    own = (module) => {
      if (!SourceTextModule.#is(module)) throw new ERR_INVALID_THIS('SourceTextModule');
      return recordOf(module);
    };
  }
}

// A module of values is source text too: it declares a variable for each export and is told their values when it runs.
function textOf(names) {
  const variables = names.map((_, i) => `$${i}`).join();
  if (names.length === 0) return 'import.meta.run(()=>{})';
  const exported = names.map((name, i) => `$${i} as ${JSON.stringify(name)}`).join();
  return `var ${variables};export{${exported}};import.meta.run((v)=>{[${variables}]=v})`;
}

class SyntheticModule extends Module {
  #names;
  #values;
  #publish;

  constructor(exportNames, evaluateCallback, options = {}) {
    checkNames(exportNames);
    validateFunction(evaluateCallback, 'evaluateCallback');
    validateObject(options, 'options');
    const { context, identifier } = options;
    super({ context, identifier });
    this.#names = [...exportNames];
    this.#values = new Array(exportNames.length).fill(undefined);
    const record = recordOf(this);
    record.owner = new dynamicImport.CodeOwner(undefined);
    record.owner.evaluate = (publish) => {
      this.#publish = publish;
      publish(this.#values);
      Reflect.apply(evaluateCallback, this, []);
    };
    [record.handle] = vmEngine.compileModule(
      textOf(this.#names), record.identifier, 0, 0, record.context?.global, record.owner, undefined,
    );
    record.requests = [];
    setLinks(record, []);
    instantiate(record);
  }

  /** There is nothing to link. */
  async link() {
    if (!SyntheticModule.#is(this)) throw new ERR_INVALID_THIS('SyntheticModule');
  }

  /** Importers see it at once. */
  setExport(name, value) {
    if (!SyntheticModule.#is(this)) throw new ERR_INVALID_THIS('SyntheticModule');
    validateString(name, 'name');
    const index = this.#names.indexOf(name);
    if (index === -1) throw new ReferenceError(`Export '${name}' is not defined in module`);
    this.#values[index] = value;
    this.#publish?.(this.#values);
  }

  static #is(value) {
    return typeof value === 'object' && value !== null && #publish in value;
  }
}

function checkNames(names) {
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string')) {
    throw new ERR_INVALID_ARG_TYPE('exportNames', 'Array of unique strings', names);
  }
  names.forEach((name, i) => {
    if (names.indexOf(name, i + 1) !== -1) throw new ERR_INVALID_ARG_VALUE(`exportNames.${name}`, name, 'is duplicated');
  });
}

module.exports = { classes: { Module, SourceTextModule, SyntheticModule }, isModule };
