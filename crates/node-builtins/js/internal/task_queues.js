'use strict';
// Owns the queue of process.nextTick and the order in which ticks, microtasks
// and rejected promises are worked off between two callbacks of the event loop.
// It does not decide when that happens: the loop calls processTicks() after a
// callback, and JavaScript that runs several callbacks in one go (timers,
// immediates) calls runNextTicks() between them.

const process = require('process');
const { validateFunction } = require('internal/validators');
const { getFrame, setFrame } = require('internal/async_context');
const {
  newAsyncId,
  getDefaultTriggerAsyncId,
  executionAsyncId,
  initHooksExist,
  enabledHooksExist,
  destroyHooksExist,
  emitInit,
  emitBefore,
  emitAfter,
  emitDestroy,
  symbols: { async_id_symbol, trigger_async_id_symbol },
} = require('internal/async_hooks');

const { tickInfo, runMicrotasks, enqueueMicrotask } = binding;
const TICKS = 0;
const REJECTIONS = 1;

// Ticks form a list of their own: no ring buffer is cheaper than the one
// object that async hooks want as the resource anyway.
class TickObject {
  constructor(callback, args, asyncId, triggerAsyncId, frame) {
    this[async_id_symbol] = asyncId;
    this[trigger_async_id_symbol] = triggerAsyncId;
    this.callback = callback;
    this.args = args;
    this.frame = frame;
    this.next = null;
  }
}

let first = null;
let last = null;

/** Reports rejections nobody handled; answers whether it may have queued ticks. */
let processRejections = () => false;

function setRejectionProcessor(process) {
  processRejections = process;
}

// Under this name as process.nextTick.
function nextTick(callback) {
  validateFunction(callback, 'callback');
  if (process._exiting) return;

  let args;
  switch (arguments.length) {
    case 1: break;
    case 2: args = [arguments[1]]; break;
    case 3: args = [arguments[1], arguments[2]]; break;
    case 4: args = [arguments[1], arguments[2], arguments[3]]; break;
    default:
      args = [];
      for (let i = 1; i < arguments.length; i++) args.push(arguments[i]);
  }
  const asyncId = newAsyncId();
  const triggerAsyncId = getDefaultTriggerAsyncId();
  const tick = new TickObject(callback, args, asyncId, triggerAsyncId, getFrame());
  if (initHooksExist()) emitInit(asyncId, 'TickObject', triggerAsyncId, tick);
  if (last === null) {
    tickInfo[TICKS] = 1;
    first = last = tick;
  } else {
    last = last.next = tick;
  }
}

// Stacks of what ticks call name it as Node does, receiver included: the engine names functions after where they are put.
const processTicks = (() => {
  const process = {};

  /**
   * Runs every pending tick, then the microtasks, until neither adds to the
   * other. When a tick throws, the async context is still its own and the rest
   * stay queued: report the error, clear the context and call again.
   */
  process.processTicksAndRejections = function() {
    do {
      while (first !== null) {
        const tick = first;
        first = tick.next;
        if (first === null) last = null;
        const asyncId = tick[async_id_symbol];
        const { callback, args } = tick;
        const outer = getFrame();
        setFrame(tick.frame);
        emitBefore(asyncId, tick[trigger_async_id_symbol], tick);
        try {
          if (args === undefined) {
            callback();
          } else {
            switch (args.length) {
              case 1: callback(args[0]); break;
              case 2: callback(args[0], args[1]); break;
              case 3: callback(args[0], args[1], args[2]); break;
              default: callback(...args);
            }
          }
        } finally {
          if (destroyHooksExist()) emitDestroy(asyncId);
        }
        setFrame(outer);
        emitAfter(asyncId);
      }
      runMicrotasks();
    } while (first !== null || processRejections());
    tickInfo[TICKS] = 0;
    tickInfo[REJECTIONS] = 0;
  };
  return process.processTicksAndRejections;
})();

function runNextTicks() {
  if (tickInfo[TICKS] === 0 && tickInfo[REJECTIONS] === 0) {
    runMicrotasks();
    if (tickInfo[TICKS] === 0 && tickInfo[REJECTIONS] === 0) return;
  }
  processTicks();
}

function queueMicrotask(callback) {
  validateFunction(callback, 'callback');
  const frame = getFrame();
  const hooked = enabledHooksExist();
  // What is thrown is reported by whoever drains the queue.
  if (frame === undefined && !hooked) enqueueMicrotask(callback);
  else if (!hooked) enqueueMicrotask(() => runInFrame(callback, frame));
  else enqueueMicrotask(microtaskWithHooks(callback, frame));
}

function runInFrame(callback, frame) {
  const outer = getFrame();
  setFrame(frame);
  callback();
  setFrame(outer);
}

function microtaskWithHooks(callback, frame) {
  const asyncId = newAsyncId();
  const triggerAsyncId = executionAsyncId();
  const resource = { callback };
  resource[async_id_symbol] = asyncId;
  resource[trigger_async_id_symbol] = triggerAsyncId;
  if (initHooksExist()) emitInit(asyncId, 'Microtask', triggerAsyncId, resource);
  return () => {
    emitBefore(asyncId, triggerAsyncId, resource);
    try {
      runInFrame(callback, frame);
    } finally {
      if (destroyHooksExist()) emitDestroy(asyncId);
    }
    emitAfter(asyncId);
  };
}

module.exports = {
  nextTick,
  queueMicrotask,
  /** Bare: for builtins whose microtasks are no resources of the program's. */
  enqueueMicrotask,
  runNextTicks,
  processTicks,
  setRejectionProcessor,
};
