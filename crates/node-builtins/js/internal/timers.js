'use strict';
// Owns timers and immediates: their classes, the lists they wait in, and the
// two functions the event loop calls (processTimers, runImmediates).
//
// Timers of one duration expire in the order in which they were started, so
// each duration has a doubly linked list, appended in constant time, and a
// binary heap orders the few lists by the expiry of their first timer. The
// loop owns one native timer, armed for the head of the heap.
//
// What the loop has to do: when the native timer fires call
// processTimers(now) and arm it anew for the result (an expiry in milliseconds
// since the start of the loop, negative when no timer should keep the process
// alive, 0 when there is none). When either function throws, the async context
// is still the callback's: report the error, clear the context, and call again
// at once, without draining ticks: it goes on behind the callback that threw.

const process = require('process');
const { validateFunction, validateNumber } = require('internal/validators');
const { codes: { ERR_OUT_OF_RANGE } } = require('internal/errors');
const { customInspectSymbol } = require('internal/util');
const { getFrame, setFrame } = require('internal/async_context');
const { runNextTicks } = require('internal/task_queues');
const lazy = require('internal/lazy');
const {
  newAsyncId,
  getDefaultTriggerAsyncId,
  initHooksExist,
  destroyHooksExist,
  emitInit,
  emitBefore,
  emitAfter,
  emitDestroy,
  symbols: { async_id_symbol, trigger_async_id_symbol },
} = require('internal/async_hooks');
const ExpiryHeap = require('internal/expiry_heap');

const getInspect = lazy(() => require('internal/util/inspect').inspect);

// The longest delay, as everywhere on the web: 2^31 - 1 ms.
const TIMEOUT_MAX = 2 ** 31 - 1;

const kRefed = Symbol('refed');
const kHasPrimitive = Symbol('kHasPrimitive');
const kFrame = Symbol('kAsyncContextFrame');
const kTimeout = Symbol('timeout');

// ---------------------------------------------------------------------------
// Lists of timers, one per duration

class TimersList {
  constructor(expiry, msecs, id) {
    // A ring: the list is its own sentinel. _idlePrev is the oldest timer.
    this._idleNext = this;
    this._idlePrev = this;
    this.expiry = expiry;
    // Breaks ties in the heap: what was started first runs first.
    this.id = id;
    this.msecs = msecs;
    this.heapIndex = -1;
  }

  [customInspectSymbol](_, options) {
    return inspectShallow(this, options);
  }
}

function inspectShallow(value, options) {
  return getInspect()(value, { ...options, depth: 0, customInspect: false });
}

function unlink(timer) {
  const next = timer._idleNext;
  const previous = timer._idlePrev;
  if (next) next._idlePrev = previous;
  if (previous) previous._idleNext = next;
  timer._idleNext = null;
  timer._idlePrev = null;
}

function append(list, timer) {
  if (timer._idleNext || timer._idlePrev) unlink(timer);
  const newest = list._idleNext;
  timer._idleNext = newest;
  timer._idlePrev = list;
  newest._idlePrev = timer;
  list._idleNext = timer;
}

const listOfDuration = new Map();
const heap = new ExpiryHeap();
/** Timers whose id was asked for, by that id, for clearTimeout(id). */
const knownTimersById = new Map();

let nextListId = 0;
/** What the native timer is armed for. */
let armedExpiry = Infinity;
let referencedTimers = 0;

function addReference() {
  if (referencedTimers++ === 0) binding.setTimerReferenced(true);
}

function dropReference() {
  if (--referencedTimers === 0) binding.setTimerReferenced(false);
}

function dropList(list) {
  heap.remove(list);
  listOfDuration.delete(list.msecs);
}

/** Starts `timer`, wherever it stood before, so that it expires `msecs` after `start`. */
function insert(timer, msecs, start) {
  msecs = Math.trunc(msecs);
  timer._idleStart = start;
  let list = listOfDuration.get(msecs);
  if (list === undefined) {
    const expiry = start + msecs;
    list = new TimersList(expiry, msecs, nextListId++);
    listOfDuration.set(msecs, list);
    heap.insert(list);
    if (expiry < armedExpiry) {
      binding.schedule(msecs);
      armedExpiry = expiry;
    }
  }
  append(list, timer);
}

/** Starts a timer again, also one that has run or was cleared. */
function restart(timer, referenced) {
  const msecs = timer._idleTimeout;
  if (msecs === undefined || msecs < 0) return;
  insert(timer, msecs, binding.now());
  if (timer._destroyed) {
    timer._destroyed = false;
    initAsyncResource(timer, 'Timeout');
    if (referenced) addReference();
  } else {
    if (timer[async_id_symbol] === undefined) initAsyncResource(timer, 'Timeout');
    if (referenced && !timer[kRefed]) addReference();
    else if (!referenced && timer[kRefed]) dropReference();
  }
  timer[kRefed] = referenced;
}

/** Takes a timer out of its list for good. */
function cancel(timer) {
  if (timer._destroyed) return;
  timer._destroyed = true;
  if (timer[kHasPrimitive]) knownTimersById.delete(timer[async_id_symbol]);
  if (destroyHooksExist() && timer[async_id_symbol] !== undefined) {
    emitDestroy(timer[async_id_symbol]);
  }
  // Alone in its list? Then both neighbours are the list.
  const neighbour = timer._idleNext;
  const alone = neighbour !== null && neighbour !== undefined && neighbour === timer._idlePrev;
  unlink(timer);
  if (alone && neighbour instanceof TimersList && neighbour.heapIndex >= 0) dropList(neighbour);
  if (timer[kRefed]) dropReference();
  // Whoever asks sees that it does not run, refresh() included.
  timer._idleTimeout = -1;
}

function initAsyncResource(resource, type) {
  const asyncId = resource[async_id_symbol] = newAsyncId();
  const triggerAsyncId = resource[trigger_async_id_symbol] = getDefaultTriggerAsyncId();
  resource[kFrame] = getFrame();
  if (initHooksExist()) emitInit(asyncId, type, triggerAsyncId, resource);
}

let warnedNegative = false;
let warnedNotNumber = false;

function warnOfDuration(after, what, name) {
  process.emitWarning(`${after} ${what}.\nTimeout duration was set to 1.`, name);
}

/** The delay that a timer gets for what the caller asked: 1 to TIMEOUT_MAX. */
function normalizeDuration(after) {
  if (after === undefined) return 1;
  after *= 1;
  if (after >= 1 && after <= TIMEOUT_MAX) return after;
  if (after > TIMEOUT_MAX) {
    warnOfDuration(after, 'does not fit into a 32-bit signed integer', 'TimeoutOverflowWarning');
  } else if (after < 0) {
    if (!warnedNegative) {
      warnedNegative = true;
      warnOfDuration(after, 'is a negative number', 'TimeoutNegativeWarning');
    }
  } else if (after !== after && !warnedNotNumber) {
    warnedNotNumber = true;
    warnOfDuration(after, 'is not a number', 'TimeoutNaNWarning');
  }
  return 1;
}

class Timeout {
  constructor(callback, after, args, isRepeat, isRefed) {
    after = normalizeDuration(after);
    this._idleTimeout = after;
    this._idlePrev = this;
    this._idleNext = this;
    this._idleStart = null;
    // Set apart from the constructor's argument: clearing it marks the timer as dead.
    this._onTimeout = null;
    this._onTimeout = callback;
    this._timerArgs = args;
    this._repeat = isRepeat ? after : null;
    this._destroyed = false;
    if (isRefed) addReference();
    this[kRefed] = isRefed;
    this[kHasPrimitive] = false;
    initAsyncResource(this, 'Timeout');
  }

  refresh() {
    restart(this, this[kRefed] === true);
    return this;
  }

  unref() {
    if (this[kRefed]) {
      this[kRefed] = false;
      if (!this._destroyed) dropReference();
    }
    return this;
  }

  ref() {
    if (this[kRefed] === false) {
      this[kRefed] = true;
      if (!this._destroyed) addReference();
    }
    return this;
  }

  hasRef() {
    return this[kRefed];
  }

  close() {
    clearTimeout(this);
    return this;
  }

  // Shows the timer without the chain of its neighbours.
  [customInspectSymbol](_, options) {
    return inspectShallow(this, options);
  }

  [Symbol.dispose]() {
    clearTimeout(this);
  }

  [Symbol.toPrimitive]() {
    const id = this[async_id_symbol];
    if (!this[kHasPrimitive]) {
      this[kHasPrimitive] = true;
      knownTimersById.set(id, this);
    }
    return id;
  }
}

function startTimeout(callback, after, args, isRepeat, isRefed) {
  const timeout = new Timeout(callback, after, args, isRepeat, isRefed);
  insert(timeout, timeout._idleTimeout, binding.now());
  return timeout;
}

function clearTimeout(timer) {
  if (timer?._onTimeout) {
    timer._onTimeout = null;
    cancel(timer);
  } else if (typeof timer === 'number' || typeof timer === 'string') {
    const known = knownTimersById.get(Number(timer));
    if (known !== undefined) {
      known._onTimeout = null;
      cancel(known);
    }
  }
}

/** A timer of the runtime itself that does not keep the process alive. */
function setUnrefTimeout(callback, after) {
  validateFunction(callback, 'callback');
  return startTimeout(callback, after, undefined, false, false);
}

/** Validates the duration of a setTimeout() method of sockets and the like. */
function getTimerDuration(msecs, name) {
  validateNumber(msecs, name);
  if (msecs < 0 || !Number.isFinite(msecs)) {
    throw new ERR_OUT_OF_RANGE(name, 'a non-negative finite number', msecs);
  }
  if (msecs > TIMEOUT_MAX) {
    process.emitWarning(
      `${msecs} does not fit into a 32-bit signed integer.\n` +
      `Timer duration was truncated to ${TIMEOUT_MAX}.`,
      'TimeoutOverflowWarning');
    return TIMEOUT_MAX;
  }
  return msecs;
}

// ---------------------------------------------------------------------------
// Running timers

function processTimers(now) {
  armedExpiry = Infinity;
  let first = true;
  for (let list = heap.peek(); list !== undefined; list = heap.peek()) {
    if (list.expiry > now) {
      // Callbacks took time: what was in the future may be due by now.
      now = binding.now();
      if (list.expiry > now) {
        armedExpiry = list.expiry;
        return referencedTimers > 0 ? armedExpiry : -armedExpiry;
      }
    }
    if (first) first = false;
    else runNextTicks();
    runList(list, now);
  }
  return 0;
}

function runList(list, now) {
  const { msecs } = list;
  let first = true;
  for (let timer = list._idlePrev; timer !== list; timer = list._idlePrev) {
    const elapsed = now - timer._idleStart;
    if (elapsed < msecs) {
      list.expiry = Math.max(timer._idleStart + msecs, now + 1);
      list.id = nextListId++;
      heap.sink(list);
      return;
    }
    if (first) {
      first = false;
    } else {
      runNextTicks();
      // A tick may have cleared it, or the list with it.
      if (list._idlePrev !== timer) continue;
    }
    unlink(timer);
    runTimer(timer);
  }
  // Empty, unless a callback has cleared it and started a list of that duration anew.
  if (listOfDuration.get(msecs) === list) dropList(list);
}

function runTimer(timer) {
  const asyncId = timer[async_id_symbol];
  if (!timer._onTimeout) {
    retire(timer, asyncId);
    return;
  }
  const outer = getFrame();
  setFrame(timer[kFrame]);
  emitBefore(asyncId, timer[trigger_async_id_symbol], timer);
  const start = timer._repeat ? binding.now() : undefined;
  try {
    // Calls through the property: a function may carry a `call` of its own.
    const args = timer._timerArgs;
    if (args === undefined) timer._onTimeout();
    else if (args.length === 1) timer._onTimeout(args[0]);
    else timer._onTimeout(...args);
  } finally {
    if (timer._repeat && timer._idleTimeout !== -1) {
      timer._idleTimeout = timer._repeat;
      // A callback may have made an interval of it just now.
      insert(timer, timer._idleTimeout, start === undefined ? binding.now() : start);
    } else if (!timer._idleNext && !timer._idlePrev) {
      retire(timer, asyncId);
    }
  }
  setFrame(outer);
  emitAfter(asyncId);
}

function retire(timer, asyncId) {
  if (timer._destroyed) return;
  timer._destroyed = true;
  if (timer[kHasPrimitive]) knownTimersById.delete(asyncId);
  if (timer[kRefed]) dropReference();
  if (destroyHooksExist()) emitDestroy(asyncId);
}

// ---------------------------------------------------------------------------
// Immediates

class ImmediateList {
  constructor() {
    this.head = null;
    this.tail = null;
  }

  append(item) {
    if (this.tail === null) {
      this.head = item;
    } else {
      this.tail._idleNext = item;
      item._idlePrev = this.tail;
    }
    this.tail = item;
  }

  remove(item) {
    if (item._idleNext) item._idleNext._idlePrev = item._idlePrev;
    if (item._idlePrev) item._idlePrev._idleNext = item._idleNext;
    if (item === this.head) this.head = item._idleNext;
    if (item === this.tail) this.tail = item._idlePrev;
    item._idleNext = null;
    item._idlePrev = null;
  }
}

/** Those for the next turn of the loop. */
const queued = new ImmediateList();
/** Those of the running turn; what a throw has left over runs first next time. */
const running = new ImmediateList();
let referencedImmediates = 0;
/** Whether a callback has thrown: then the next call only ends the turn. */
let interrupted = false;

class Immediate {
  constructor(callback, args) {
    this._idleNext = null;
    this._idlePrev = null;
    this._onImmediate = callback;
    this._argv = args;
    this._destroyed = false;
    this[kRefed] = false;
    initAsyncResource(this, 'Immediate');
    this.ref();
    queued.append(this);
  }

  ref() {
    if (this[kRefed] === false) {
      this[kRefed] = true;
      if (referencedImmediates++ === 0) binding.setImmediateReferenced(true);
    }
    return this;
  }

  unref() {
    if (this[kRefed] === true) {
      this[kRefed] = false;
      if (--referencedImmediates === 0) binding.setImmediateReferenced(false);
    }
    return this;
  }

  hasRef() {
    return !!this[kRefed];
  }

  [Symbol.dispose]() {
    clearImmediate(this);
  }
}

/** From here on the immediate neither keeps the process alive nor can be made to. */
function releaseImmediate(immediate) {
  immediate._destroyed = true;
  immediate.unref();
  immediate[kRefed] = null;
}

function clearImmediate(immediate) {
  if (!immediate?._onImmediate || immediate._destroyed) return;
  releaseImmediate(immediate);
  if (destroyHooksExist() && immediate[async_id_symbol] !== undefined) {
    emitDestroy(immediate[async_id_symbol]);
  }
  immediate._onImmediate = null;
  const list = running.head === immediate || running.tail === immediate ? running : queued;
  list.remove(immediate);
}

function runImmediates() {
  if (interrupted) {
    interrupted = false;
  } else if (running.head === null) {
    running.head = queued.head;
    running.tail = queued.tail;
    queued.head = queued.tail = null;
  }
  for (let first = true; running.head !== null; first = false) {
    if (!first) {
      runNextTicks();
      // A tick may have cleared the rest.
      if (running.head === null) break;
    }
    const immediate = running.head;
    running.remove(immediate);
    runImmediate(immediate);
  }
}

function runImmediate(immediate) {
  releaseImmediate(immediate);
  const asyncId = immediate[async_id_symbol];
  const outer = getFrame();
  setFrame(immediate[kFrame]);
  emitBefore(asyncId, immediate[trigger_async_id_symbol], immediate);
  interrupted = true;
  try {
    const args = immediate._argv;
    if (!args) immediate._onImmediate();
    else if (args.length === 1) immediate._onImmediate(args[0]);
    else immediate._onImmediate(...args);
    interrupted = false;
  } finally {
    immediate._onImmediate = null;
    if (destroyHooksExist()) emitDestroy(asyncId);
  }
  setFrame(outer);
  emitAfter(asyncId);
}

/** How many of each keep the process alive. */
function getTimerCounts() {
  return { timeouts: referencedTimers, immediates: referencedImmediates };
}

module.exports = {
  TIMEOUT_MAX,
  kTimeout,
  Timeout,
  Immediate,
  startTimeout,
  clearTimeout,
  clearImmediate,
  setUnrefTimeout,
  getTimerDuration,
  getTimerCounts,
  processTimers,
  runImmediates,
};
