'use strict';

// Asynchronous hooks in order: each calls the next one and is checked for what it gives and gets. Runs on the hooks
// thread.

const {
  codes: {
    ERR_INTERNAL_ASSERTION, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_RETURN_PROPERTY_VALUE,
    ERR_INVALID_RETURN_VALUE, ERR_LOADER_CHAIN_INCOMPLETE,
  },
} = require('internal/errors');
const lazy = require('internal/lazy');
const process = require('process');
const { validateObject, validateString } = require('internal/validators');
const defaults = require('internal/modules/esm_default');
const hooks = require('internal/modules/hooks');
const resolver = require('internal/modules/resolver');
const getUrl = lazy(() => require('internal/url'));

class HookChain {
  #resolve = [{ url: 'node:internal/modules/esm/resolve', call: defaultResolve }];
  #load = [{ url: 'node:internal/modules/esm/load', call: defaultLoad }];

  /** Adds the hooks that a module exports; its `initialize` is called with the data and may be awaited. */
  add(url, exports, data) {
    const { initialize, load, resolve } = exports;
    if (exports.globalPreload && !initialize) warnOfGlobalPreload();
    if (resolve) this.#resolve.push({ url, call: resolve.bind(undefined) });
    if (load) this.#load.push({ url, call: load.bind(undefined) });
    return initialize?.(data);
  }

  async resolve(specifier, parentURL, importAttributes) {
    const context = withOldName({
      conditions: [...resolver.conditionsOf(true)],
      importAttributes,
      parentURL,
    });
    const meta = { chainFinished: null, context, hookErrIdentifier: '', hookName: 'resolve', shortCircuited: false };
    const next = nextOf(this.#resolve, this.#resolve.length - 1, meta, checkResolveStep(meta));
    const result = await next(specifier, context);
    const { hookErrIdentifier } = meta;
    checkObject(result, hookErrIdentifier);
    if (result.shortCircuit === true) meta.shortCircuited = true;
    if (!meta.chainFinished && !meta.shortCircuited) throw new ERR_LOADER_CHAIN_INCOMPLETE(hookErrIdentifier);
    const { format, importAssertions, url } = result;
    let { importAttributes: resolvedAttributes } = result;
    if (importAssertions !== undefined) {
      warnOfOldName();
      resolvedAttributes ??= importAssertions;
    }
    if (resolvedAttributes != null && typeof resolvedAttributes !== 'object') {
      throw new ERR_INVALID_RETURN_PROPERTY_VALUE(
        'an object', hookErrIdentifier, 'importAttributes', resolvedAttributes,
      );
    }
    if (typeof url !== 'string' || !getUrl().URL.canParse(url)) {
      throw new ERR_INVALID_RETURN_PROPERTY_VALUE('a URL string', hookErrIdentifier, 'url', url);
    }
    if (format != null && typeof format !== 'string') {
      throw new ERR_INVALID_RETURN_PROPERTY_VALUE('a string', hookErrIdentifier, 'format', format);
    }
    return { url, format, importAttributes: resolvedAttributes };
  }

  async load(url, { format, importAttributes }) {
    const context = withOldName({ format, importAttributes });
    const meta = { chainFinished: null, context, hookErrIdentifier: '', hookName: 'load', shortCircuited: false };
    const next = nextOf(this.#load, this.#load.length - 1, meta, checkLoadStep(meta));
    const result = await next(url, context);
    const { hookErrIdentifier } = meta;
    checkObject(result, hookErrIdentifier);
    if (result.shortCircuit === true) meta.shortCircuited = true;
    if (!meta.chainFinished && !meta.shortCircuited) throw new ERR_LOADER_CHAIN_INCOMPLETE(hookErrIdentifier);
    const { format: loadedFormat, responseURL, source } = result;
    if (responseURL !== undefined && (typeof responseURL !== 'string' || !getUrl().URL.canParse(responseURL))) {
      throw new ERR_INVALID_RETURN_PROPERTY_VALUE(
        'undefined or a fully resolved URL', hookErrIdentifier, 'responseURL', responseURL,
      );
    }
    if (loadedFormat == null) {
      throw await unknownFormat(url, loadedFormat);
    }
    if (typeof loadedFormat !== 'string') {
      throw new ERR_INVALID_RETURN_PROPERTY_VALUE('a string', hookErrIdentifier, 'format', loadedFormat);
    }
    if (source != null && !hooks.isSource(source)) {
      throw new ERR_INVALID_RETURN_PROPERTY_VALUE(
        'a string, an ArrayBuffer, or a TypedArray', hookErrIdentifier, 'source', source,
      );
    }
    return { format: loadedFormat, responseURL, source };
  }
}

async function unknownFormat(url, format) {
  const { ERR_UNKNOWN_MODULE_FORMAT } = require('internal/errors').codes;
  return new ERR_UNKNOWN_MODULE_FORMAT(format, url);
}

let hasWarnedOfGlobalPreload = false;

function warnOfGlobalPreload() {
  if (hasWarnedOfGlobalPreload) return;
  hasWarnedOfGlobalPreload = true;
  process.emitWarning('`globalPreload` has been removed; use `initialize` instead.', 'UnsupportedWarning');
}

/** `importAssertions` is what `importAttributes` was once called. */
function withOldName(context) {
  Object.defineProperty(context, 'importAssertions', {
    __proto__: null,
    get() {
      warnOfOldName();
      return this.importAttributes;
    },
    set(value) {
      warnOfOldName();
      this.importAttributes = value;
    },
    configurable: true,
    enumerable: false,
  });
  return context;
}

function warnOfOldName() {
  require('internal/util').emitExperimentalWarning('Use `importAttributes` instead of `importAssertions`');
}

function checkObject(result, hookErrIdentifier) {
  if (typeof result !== 'object' || result === null) {
    throw new ERR_INVALID_RETURN_VALUE('an object', hookErrIdentifier, result);
  }
}

/** The function that calls the hook at an index, which gets the one below as its next. */
function nextOf(chain, index, meta, check) {
  const { hookName } = meta;
  const { url, call } = chain[index];
  const nextName = `next${hookName[0].toUpperCase()}${hookName.slice(1)}`;
  let next;
  if (index > 0) {
    next = nextOf(chain, index - 1, meta, check);
  } else {
    next = () => {
      throw new ERR_INTERNAL_ASSERTION(`${hookName} hook chain is exhausted`);
    };
  }
  return Object.defineProperty(async (target, context) => {
    // who was called last is to blame
    meta.hookErrIdentifier = `${url} '${hookName}'`;
    const identifier = `${meta.hookErrIdentifier} hook's ${nextName}()`;
    check.arguments(identifier, target, context);
    if (index === 0) meta.chainFinished = true;
    if (context !== undefined) Object.assign(meta.context, context);
    const result = await call(target, meta.context, next);
    if (result?.shortCircuit === true) meta.shortCircuited = true;
    check.result(identifier, result);
    return result;
  }, 'name', { __proto__: null, value: nextName });
}

function checkContext(identifier, context) {
  if (context !== undefined) validateObject(context, `${identifier} context`);
}

function checkResolveStep() {
  return {
    arguments(identifier, specifier, context) {
      validateString(specifier, `${identifier} specifier`);
      checkContext(identifier, context);
    },
    result: (identifier, result) => checkObject(result, identifier),
  };
}

function checkLoadStep() {
  return {
    arguments(identifier, url, context) {
      if (typeof url !== 'string') {
        // what it was given is said in the words of a wrong type
        throw new ERR_INVALID_ARG_TYPE(`${identifier} url`, 'string', url);
      }
      if (!getUrl().URL.canParse(url)) {
        throw new ERR_INVALID_ARG_VALUE(`${identifier} url`, url, 'should be a URL string');
      }
      checkContext(identifier, context);
    },
    result: (identifier, result) => checkObject(result, identifier),
  };
}

function defaultResolve(specifier, context) {
  return defaults.resolve(specifier, context);
}

function defaultLoad(url, context) {
  const loaded = defaults.load(url, context);
  const source = loaded.format === 'commonjs' && context.source === undefined ? null : loaded.source;
  return { __proto__: null, format: loaded.format, responseURL: loaded.responseURL, source };
}

module.exports = { HookChain };
