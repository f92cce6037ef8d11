'use strict';
// The current asynchronous context: what AsyncLocalStorage.getStore() reads.
// The engine keeps one opaque value, the frame, and carries it from where a promise reaction is
// registered to where it runs; everything else that calls back later (timers, ticks,
// AsyncResource) keeps getFrame() and hands it to runInFrame(), or to setFrame() around the call.
// A frame is never changed, but for AsyncLocalStorage.disable(); `undefined` is the empty one.

const { getFrame, setFrame } = binding;

class Frame {
  // AsyncLocalStorage -> its store
  constructor(stores, execution) {
    this.stores = stores;
    // { asyncId, triggerAsyncId, resource } of node:async_hooks, so that promise reactions know
    // them; only kept once somebody watches (see internal/async_hooks).
    this.execution = execution;
  }
}

// Makes `frame` the current one; answers with the one before.
function exchangeFrame(frame) {
  const before = getFrame();
  setFrame(frame);
  return before;
}

// Calls `fn` in `frame`.
function runInFrame(frame, fn, thisArg, ...args) {
  const before = exchangeFrame(frame);
  try {
    return Reflect.apply(fn, thisArg, args);
  } finally {
    setFrame(before);
  }
}

function hasStore(storage) {
  return getFrame()?.stores.has(storage) ?? false;
}

function getStore(storage) {
  return getFrame()?.stores.get(storage);
}

// From here on, in this context and those it leads to.
function enterStore(storage, value) {
  const frame = getFrame();
  const stores = new Map(frame?.stores);
  stores.set(storage, value);
  const entered = new Frame(stores, frame?.execution);
  setFrame(entered);
  return entered;
}

// After a call that began with `before` and ran in `entered`: gives `storage` back what it had
// and leaves alone what the call did to the others.
function leaveStore(storage, before, entered) {
  const frame = getFrame();
  if (frame === entered) {
    setFrame(before);
    return;
  }
  const stores = new Map(frame?.stores);
  if (before?.stores.has(storage)) stores.set(storage, before.stores.get(storage));
  else stores.delete(storage);
  setFrame(new Frame(stores, frame?.execution));
}

// In all contexts that share the current frame, and in those of the calls around this one.
function dropStore(storage) {
  const frame = getFrame();
  if (frame === undefined || !frame.stores.has(storage)) return;
  frame.stores.delete(storage);
  setFrame(new Frame(frame.stores, frame.execution));
}

const noStores = new Map();

function setExecution(execution) {
  const frame = getFrame();
  if (frame?.execution === execution) return;
  setFrame(new Frame(frame === undefined ? noStores : frame.stores, execution));
}

function getExecution() {
  return getFrame()?.execution;
}

module.exports = {
  dropStore,
  enterStore,
  exchangeFrame,
  getExecution,
  getFrame,
  getStore,
  hasStore,
  leaveStore,
  runInFrame,
  setExecution,
  setFrame,
};
