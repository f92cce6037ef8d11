'use strict';
// Ids of asynchronous resources, the stack of those being executed, and the hooks that hear of
// them. Whoever makes a resource (timers, ticks, AsyncResource, requests) says so here:
//   asyncId = newAsyncId(); if (initHooksExist()) emitInit(asyncId, type, triggerId, resource);
//   emitBefore(asyncId, triggerId, resource); call back; emitAfter(asyncId);
//   if (destroyHooksExist()) emitDestroy(asyncId);
// around a callback: first the frame (internal/async_context), then emitBefore().
// The engine has no promise hooks: promises are no resources, and their reactions belong to the
// resource that registered them.

const { getExecution, setExecution } = require('internal/async_context');
const lazy = require('internal/lazy');

const getProcess = lazy(() => require('process'));
const getTimers = lazy(() => require('timers'));

const symbols = {
  async_id_symbol: Symbol('async_id_symbol'),
  trigger_async_id_symbol: Symbol('trigger_async_id_symbol'),
  init_symbol: Symbol('init'),
  before_symbol: Symbol('before'),
  after_symbol: Symbol('after'),
  destroy_symbol: Symbol('destroy'),
  promise_resolve_symbol: Symbol('promiseResolve'),
  owner_symbol: Symbol('owner_symbol'),
};
const {
  async_id_symbol, init_symbol, before_symbol, after_symbol, destroy_symbol,
} = symbols;

const noAsyncId = { asyncId: 0, triggerAsyncId: 0, resource: {} };

let lastAsyncId = 1; // 1 is the main program
let current = { asyncId: 1, triggerAsyncId: 0, resource: noAsyncId.resource };
const stack = [];
let defaultTriggerAsyncId = -1; // -1: the current resource

// Enabled hooks. What a hook enables or disables while it runs waits in `changedHooks` until the
// last of the events that led there is told.
let hooks = [];
let changedHooks;
let telling = 0;
let initHooks = 0;
let destroyHooks = 0;
// From the first hook on, or the first question for a resource, frames carry the execution
// along, so that promise reactions know it too.
let watched = false;

// ---- Ids ----

// While this is set new resources get id 0, of which nobody is told.
let silent = false;

function newAsyncId() {
  return silent ? 0 : ++lastAsyncId;
}

function getOrSetAsyncId(object) {
  if (Object.hasOwn(object, async_id_symbol)) return object[async_id_symbol];
  return object[async_id_symbol] = newAsyncId();
}

// Outside of every callback there are promise reactions, which know from their frame.
function execution() {
  return stack.length === 0 && watched ? getExecution() ?? current : current;
}

function executionAsyncId() {
  return execution().asyncId;
}

function triggerAsyncId() {
  return execution().triggerAsyncId;
}

function executionAsyncResource() {
  watch();
  return execution().resource ?? noAsyncId.resource;
}

function getDefaultTriggerAsyncId() {
  return defaultTriggerAsyncId < 0 ? executionAsyncId() : defaultTriggerAsyncId;
}

// Resources made by `block` name `triggerId` as what led to them.
function defaultTriggerAsyncIdScope(triggerId, block, ...args) {
  if (triggerId === undefined) return Reflect.apply(block, null, args);
  const before = defaultTriggerAsyncId;
  defaultTriggerAsyncId = triggerId;
  try {
    return Reflect.apply(block, null, args);
  } finally {
    defaultTriggerAsyncId = before;
  }
}

// ---- Stack ----

function pushAsyncContext(asyncId, triggerId, resource) {
  stack.push(current);
  current = { asyncId, triggerAsyncId: triggerId, resource };
  if (watched) setExecution(current);
}

// Answers whether there is still something on the stack.
function popAsyncContext(asyncId) {
  if (stack.length === 0) return false; // cleared by an uncaught exception
  if (current.asyncId !== asyncId) corrupted(current.asyncId, asyncId);
  current = stack.pop();
  if (watched) setExecution(current === noAsyncId ? undefined : current);
  return stack.length > 0;
}

function corrupted(actual, expected) {
  const error = new Error('async hook stack has become corrupted ' +
                          `(actual: ${actual}, expected: ${expected})`);
  Error.captureStackTrace(error, popAsyncContext);
  getProcess()._rawDebug(error.stack);
  getProcess().exit(1);
}

// The main program, or whatever threw, is done: what follows comes from the event loop.
function clearAsyncIdStack() {
  stack.length = 0;
  current = noAsyncId;
}

function hasAsyncIdStack() {
  return stack.length > 0;
}

// After an exception that somebody handled: the callbacks it went through have ended.
function unwindAsyncIdStack() {
  while (stack.length > 0) emitAfter(current.asyncId);
  current = noAsyncId;
}

function watch() {
  if (watched) return;
  watched = true;
  setExecution(current);
}

// ---- Hooks ----

function setHooks(changed) {
  if (changed.length > 0) watch();
  if (telling > 0) {
    changedHooks = changed;
    return;
  }
  hooks = changed;
  changedHooks = undefined;
  initHooks = hooks.filter((hook) => hook[init_symbol]).length;
  destroyHooks = hooks.filter((hook) => hook[destroy_symbol]).length;
}

function enableHook(hook) {
  const enabled = changedHooks ?? hooks;
  if (!enabled.includes(hook)) setHooks([...enabled, hook]);
}

function disableHook(hook) {
  const enabled = changedHooks ?? hooks;
  if (enabled.includes(hook)) setHooks(enabled.filter((other) => other !== hook));
}

function enabledHooksExist() {
  return hooks.length > 0;
}

function initHooksExist() {
  return initHooks > 0 && !silent;
}

function destroyHooksExist() {
  return destroyHooks > 0;
}

// A hook that throws ends the process: nobody could catch it.
function fatalError(error) {
  const process = getProcess();
  if (typeof error?.stack === 'string') {
    process._rawDebug(error.stack);
  } else {
    const shown = new Error(typeof error === 'symbol' ? String(error) : `${error}`);
    Error.captureStackTrace(shown, fatalError);
    process._rawDebug(shown.stack);
  }
  if (require('internal/options').getOptionValue('--abort-on-uncaught-exception') === true) process.abort();
  process.exit(1);
}

function tell(symbol, ...args) {
  telling++;
  try {
    for (const hook of hooks) hook[symbol]?.(...args);
  } catch (error) {
    fatalError(error);
  } finally {
    telling--;
  }
  if (telling === 0 && changedHooks !== undefined) setHooks(changedHooks);
}

function emitInit(asyncId, type, triggerId, resource) {
  if (initHooks === 0 || silent) return;
  tell(init_symbol, asyncId, type, triggerId ?? getDefaultTriggerAsyncId(), resource);
}

function emitBefore(asyncId, triggerId, resource) {
  pushAsyncContext(asyncId, triggerId, resource);
  if (hooks.length > 0 && asyncId > 0) tell(before_symbol, asyncId);
}

function emitAfter(asyncId) {
  if (hooks.length > 0 && asyncId > 0) tell(after_symbol, asyncId);
  popAsyncContext(asyncId);
}

const destroyed = [];

// Also for whoever runs immediates: destroy is told before those of the same turn.
function flushDestroyed() {
  if (destroyed.length === 0) return;
  const ids = destroyed.splice(0);
  // no iterator, as programs may have deleted that of arrays
  for (let i = 0; i < ids.length; i++) tell(destroy_symbol, ids[i]);
}

// After everything that is queued now, so that a resource can be destroyed from anywhere.
function emitDestroy(asyncId) {
  if (destroyHooks === 0 || asyncId <= 0) return;
  if (destroyed.push(asyncId) > 1) return;
  silent = true;
  try {
    getTimers().setImmediate(flushDestroyed);
  } finally {
    silent = false;
  }
}

const getCollected = lazy(() => new FinalizationRegistry(({ asyncId, state }) => {
  if (!state.destroyed) emitDestroy(asyncId);
}));

// Emits destroy for `resource` when it is collected, unless `state.destroyed` says it was.
function registerDestroyHook(resource, asyncId, state) {
  getCollected().register(resource, { asyncId, state });
}

// A resource that may call back more than once; undefined while nobody hooks.
function beginResource(type, resource = {}) {
  if (hooks.length === 0) return undefined;
  const asyncId = newAsyncId();
  const triggerId = getDefaultTriggerAsyncId();
  emitInit(asyncId, type, triggerId, resource);
  return { asyncId, triggerId, resource };
}

// Calls `fn` as what the resource led to.
function callInResource(tracked, fn, thisArg, ...args) {
  if (tracked === undefined) return Reflect.apply(fn, thisArg, args);
  emitBefore(tracked.asyncId, tracked.triggerId, tracked.resource);
  // what is thrown is still of this resource to those who are told
  const result = Reflect.apply(fn, thisArg, args);
  emitAfter(tracked.asyncId);
  return result;
}

function endResource(tracked) {
  if (tracked !== undefined) emitDestroy(tracked.asyncId);
}

// For a request with one callback: `callback` itself while nobody hooks, else one that tells.
function trackCallback(type, callback) {
  if (hooks.length === 0) return callback;
  const tracked = beginResource(type);
  return function(...args) {
    endResource(tracked);
    return callInResource(tracked, callback, this, ...args);
  };
}

module.exports = {
  beginResource,
  callInResource,
  clearAsyncIdStack,
  defaultTriggerAsyncIdScope,
  destroyHooksExist,
  disableHook,
  emitAfter,
  emitBefore,
  emitDestroy,
  emitInit,
  enableHook,
  enabledHooksExist,
  endResource,
  executionAsyncId,
  executionAsyncResource,
  flushDestroyed,
  getDefaultTriggerAsyncId,
  getOrSetAsyncId,
  hasAsyncIdStack,
  initHooksExist,
  newAsyncId,
  popAsyncContext,
  pushAsyncContext,
  registerDestroyHook,
  symbols,
  trackCallback,
  triggerAsyncId,
  unwindAsyncIdStack,
};
