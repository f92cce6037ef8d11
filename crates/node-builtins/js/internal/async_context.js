'use strict';
// The current asynchronous context: what AsyncLocalStorage.getStore() reads.
// The engine keeps one opaque value, the frame, and carries it from where a promise reaction is
// registered to where it runs; everything else that calls back later (timers, ticks,
// AsyncResource) keeps getFrame() and hands it to runInFrame(), or to setFrame() around the call.
// A frame is never changed, but for AsyncLocalStorage.disable(); `undefined` is the empty one.

// Until somebody enters one there is only the empty frame, and no need to ask the engine.
let entered = false;

function getFrame() {
  return entered ? binding.getFrame() : undefined;
}

function setFrame(frame) {
  if (frame !== undefined) entered = true;
  else if (!entered) return;
  binding.setFrame(frame);
}

class Frame {
  constructor(stores, execution) {
    // storage, value, storage, value...: there are few, and a search through them takes less
    // time than a Map.
    this.stores = stores;
    // { asyncId, triggerAsyncId, resource } of node:async_hooks, so that promise reactions know
    // them; only kept once somebody watches (see internal/async_hooks).
    this.execution = execution;
  }
}

const noStores = [];

function find(stores, storage) {
  for (let i = 0; i < stores.length; i += 2) {
    if (stores[i] === storage) return i;
  }
  return -1;
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

// What `storage` holds here, or `missing`.
function getStore(storage, missing) {
  const frame = getFrame();
  if (frame === undefined) return missing;
  const { stores } = frame;
  const index = find(stores, storage);
  return index === -1 ? missing : stores[index + 1];
}

// From here on, in this context and those it leads to.
function enterStore(storage, value) {
  const frame = getFrame();
  let changed;
  if (frame === undefined) {
    changed = new Frame([storage, value], undefined);
  } else {
    const stores = frame.stores.slice();
    const index = find(stores, storage);
    if (index === -1) stores.push(storage, value);
    else stores[index + 1] = value;
    changed = new Frame(stores, frame.execution);
  }
  setFrame(changed);
  return changed;
}

// After a call that began with `before` and ran in `entered`: gives `storage` back what it had
// and leaves alone what the call did to the others.
function leaveStore(storage, before, entered) {
  const frame = getFrame();
  if (frame === entered) {
    setFrame(before);
    return;
  }
  const had = before === undefined ? -1 : find(before.stores, storage);
  if (had !== -1) {
    enterStore(storage, before.stores[had + 1]);
    return;
  }
  if (frame === undefined) return;
  const stores = frame.stores.slice();
  const index = find(stores, storage);
  if (index !== -1) stores.splice(index, 2);
  setFrame(new Frame(stores, frame.execution));
}

// In all contexts that share the current frame, and in those of the calls around this one.
function dropStore(storage) {
  const frame = getFrame();
  const index = frame === undefined ? -1 : find(frame.stores, storage);
  if (index === -1) return;
  frame.stores.splice(index, 2);
  setFrame(new Frame(frame.stores, frame.execution)); // tells leaveStore() of it
}

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
  leaveStore,
  runInFrame,
  setExecution,
  setFrame,
};
