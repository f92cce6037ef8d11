'use strict';
// V8's stack trace API over the stacks that this engine keeps: `stack` of errors, which is
// formatted when somebody first looks at it, Error.captureStackTrace, Error.stackTraceLimit,
// Error.prepareStackTrace, and util.getCallSites. The text of a single call is in
// internal/call_site; what an uncaught error looks like is in internal/process/uncaught.

const lazy = require('internal/lazy');

const { capture, errorStack, frames, waiting } = binding;
const { isError } = Error;
// As the realm began, for builtins that are loaded when a program may have replaced them.
const classes = { __proto__: null, AggregateError, Error, RangeError, SyntaxError, TypeError, URIError };
const { defineProperty, getPrototypeOf, hasOwn } = Object;
const { toString: errorToString } = Error.prototype;
const WeakMapGet = WeakMap.prototype.get;
const WeakMapSet = WeakMap.prototype.set;

const getCallSite = lazy(() => require('internal/call_site'));
const getBuiltins = lazy(() => require('internal/builtins'));

/** What tells stacks in the positions of sources; undefined where source maps are not asked for. */
function mappedSources() {
  const { isLoaded, load } = getBuiltins();
  const cache = 'internal/modules/source_map_cache';
  if (!isLoaded(cache) || !load(cache).isEnabled()) return undefined;
  return load('internal/modules/source_map_stack');
}

// Symbol of errors that have a code in the first line of their stack.
const kIsNodeError = Symbol.for('kIsNodeError');

/** What is known of an object's stack: first the engine's frames, then the formatted value. */
class StackState {
  constructor(stack, realmError) {
    this.stack = stack;
    this.realmError = realmError;
    /** Which of the calls to show, where not all. */
    this.select = undefined;
    this.isFormatted = false;
    this.value = undefined;
  }
}

const states = new WeakMap();
const stateOf = (object) => Reflect.apply(WeakMapGet, states, [object]);
const keepState = (object, state) => Reflect.apply(WeakMapSet, states, [object, state]);

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

function headerOf(error) {
  if (isObject(error) && kIsNodeError in error) return `${error.name} [${error.code}]: ${error.message}`;
  return Reflect.apply(errorToString, error, []);
}

/** Also what Error.prepareStackTrace is before a program sets its own. */
function ErrorPrepareStackTrace(error, trace) {
  let text = headerOf(error);
  const sources = mappedSources();
  if (sources !== undefined) return sources.format(text, trace);
  for (let i = 0; i < trace.length; i++) text += `\n    at ${trace[i]}`;
  return text;
}

function format(object, state) {
  let sites = getCallSite().callSitesOf(frames(state.stack));
  if (state.select !== undefined) sites = state.select(sites);
  const prepare = state.realmError.prepareStackTrace;
  if (typeof prepare === 'function' && prepare !== ErrorPrepareStackTrace) {
    return Reflect.apply(prepare, state.realmError, [object, sites]);
  }
  return ErrorPrepareStackTrace(object, sites);
}

function valueOf(object, state) {
  if (state.isFormatted) return state.value;
  // A hook that looks at the stack it is asked for finds none.
  state.isFormatted = true;
  try {
    state.value = format(object, state);
  } catch (error) {
    state.isFormatted = false;
    throw error;
  }
  return state.value;
}

// Each realm has its own Error, and so its own hook and limit.
function makeAccessors(realmError) {
  return {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() {
      for (let holder = this; isObject(holder); holder = getPrototypeOf(holder)) {
        let state = stateOf(holder);
        if (state === undefined && isError(holder)) {
          state = new StackState(errorStack(holder), realmError);
          keepState(holder, state);
        }
        if (state !== undefined) return valueOf(holder, state);
      }
      return undefined;
    },
    set(value) {
      if (!isObject(this)) return;
      const state = stateOf(this);
      if (state !== undefined && (hasOwn(this, 'stack') || !Object.isExtensible(this))) {
        state.isFormatted = true;
        state.value = value;
        return;
      }
      const enumerable = !isError(this);
      try {
        defineProperty(this, 'stack', {
          __proto__: null, value, writable: true, configurable: true, enumerable,
        });
      } catch {
        const kept = new StackState(undefined, realmError);
        kept.isFormatted = true;
        kept.value = value;
        keepState(this, kept);
      }
    },
  };
}

function makeCaptureStackTrace(realmError, accessors) {
  return function captureStackTrace(object, constructorOpt) {
    if (!isObject(object)) throw new TypeError('invalid_argument');
    const limit = realmError.stackTraceLimit;
    const state = new StackState(undefined, realmError);
    if (typeof limit === 'number') {
      const after = typeof constructorOpt === 'function' ? constructorOpt : captureStackTrace;
      state.stack = capture(limit, after);
    } else {
      state.isFormatted = true;
    }
    defineProperty(object, 'stack', accessors);
    keepState(object, state);
  };
}

/** Gives a realm's Error V8's stack trace API. */
function install(realm = globalThis) {
  const { Error: realmError, InternalError, JSON: realmJSON, RangeError: realmRangeError } = realm;
  const accessors = makeAccessors(realmError);
  defineProperty(realmError.prototype, 'stack', accessors);
  const hidden = { __proto__: null, writable: true, configurable: true, enumerable: false };
  const captureStackTrace = makeCaptureStackTrace(realmError, accessors);
  defineProperty(realmError, 'captureStackTrace', { ...hidden, value: captureStackTrace });
  if (realm === globalThis) module.exports.captureStackTrace = captureStackTrace;
  defineProperty(realmError, 'prepareStackTrace', { ...hidden, value: ErrorPrepareStackTrace });
  defineProperty(realmError, 'stackTraceLimit', { ...hidden, enumerable: true, value: 10 });

  // What this engine calls an InternalError is a RangeError elsewhere.
  if (InternalError !== undefined) {
    Object.setPrototypeOf(InternalError.prototype, realmRangeError.prototype);
    delete InternalError.prototype.name;
    defineProperty(InternalError.prototype, 'constructor', { ...hidden, value: realmRangeError });
    delete realm.InternalError;
  }

  const { parse: parseJSON, stringify: stringifyJSON } = realmJSON;
  const { parse, stringify } = {
    parse(text, reviver) {
      try {
        return parseJSON(text, reviver);
      } catch (error) {
        throw withJSONMessage(error, text);
      }
    },
    stringify(value, replacer, space) {
      try {
        return stringifyJSON(value, replacer, space);
      } catch (error) {
        throw withCircle(error, value);
      }
    },
  };
  defineProperty(realmJSON, 'parse', { ...hidden, value: parse });
  defineProperty(realmJSON, 'stringify', { ...hidden, value: stringify });
}

function setMessage(error, message) {
  defineProperty(error, 'message', {
    __proto__: null, value: message, writable: true, configurable: true, enumerable: false,
  });
}

// The engine's text says only line and column, V8's what stands there.
function withJSONMessage(error, text) {
  if (!isError(error) || error.name !== 'SyntaxError' || !error.message.startsWith('JSON.parse: ')) return error;
  const message = require('internal/json_errors').describe(`${text}`);
  if (message !== undefined) setMessage(error, message);
  return error;
}

const circular = 'Converting circular structure to JSON';

// The engine says that there is a circle, V8 also which.
function withCircle(error, value) {
  if (!isError(error) || (error.message !== circular && error.message !== 'cyclic object value')) return error;
  setMessage(error, `${circular}${require('internal/json_errors').describeCircle(value)}`);
  return error;
}

const scriptIds = new Map();

function scriptId(name) {
  let id = scriptIds.get(name);
  if (id === undefined) scriptIds.set(name, id = `${scriptIds.size + 1}`);
  return id;
}

/** The calls on the stack below the youngest call of `after`, as util.getCallSites gives them. */
function callSitesBelow(after, frameCount, sources) {
  const row = frames(capture(frameCount, after));
  return getCallSite().callSitesOf(row).map((site) => {
    const scriptName = site.getScriptNameOrSourceURL() ?? '';
    const origin = sources?.originOf(site);
    const column = origin?.column ?? site.getColumnNumber();
    return {
      __proto__: null,
      functionName: site.getFunctionName() ?? '',
      scriptId: scriptId(scriptName),
      scriptName: origin?.source ?? scriptName,
      lineNumber: origin?.line ?? site.getLineNumber(),
      columnNumber: column,
      column,
    };
  });
}

/** An error's stack is to show only the calls that `select(sites)` answers with; false if somebody has seen it already. */
function selectCalls(error, select) {
  let state = stateOf(error);
  if (state === undefined) {
    if (!isError(error)) return false;
    state = new StackState(errorStack(error), Error);
    keepState(error, state);
  }
  state.select = select;
  return !state.isFormatted;
}

function getCallSites(frameCount = 8, options) {
  const { validateBoolean, validateInteger, validateObject } = require('internal/validators');
  if (options === undefined && typeof frameCount === 'object') {
    options = frameCount;
    frameCount = 8;
  }
  if (options !== undefined) validateObject(options, 'options');
  if (options?.sourceMap !== undefined) validateBoolean(options.sourceMap, 'options.sourceMap');
  validateInteger(frameCount, 'frameCount', 1, 200);
  const sources = options?.sourceMap === false ? undefined : mappedSources();
  return callSitesBelow(getCallSites, frameCount, sources);
}

/** The youngest call of a stack that is in a file; undefined when it has none. */
function placeOfStack(stack) {
  return getCallSite().callSitesOf(frames(stack)).find((site) => site.getFileName() !== undefined);
}

/** The stack of an error that no call has made shows who waits for the promise that it is to reject. */
function showWaiting(error, promise) {
  const limit = Error.stackTraceLimit;
  const stack = typeof limit === 'number' ? waiting(promise, limit) : undefined;
  if (stack !== undefined) keepState(error, new StackState(stack, Error));
}

const stackOf = (error) => stateOf(error)?.stack ?? errorStack(error);

/** The call that made an error, as `placeOfStack` says it. */
const placeOfError = (error) => placeOfStack(stackOf(error));

/** The lines of a stack without a first one. */
const textOfStack = (stack) => getCallSite().callSitesOf(frames(stack)).map((site) => `\n    at ${site}`).join('');

module.exports = {
  capture,
  /** This realm's, once there is one. */
  captureStackTrace: undefined,
  classes,
  install,
  getCallSites,
  mappedSources,
  callSitesBelow,
  placeOfError,
  placeOfStack,
  selectCalls,
  showWaiting,
  stackOf,
  textOfStack,
};
