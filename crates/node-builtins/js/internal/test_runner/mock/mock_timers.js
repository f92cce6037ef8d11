'use strict';
// MockTimers: timers, Date and AbortSignal.timeout() that go by a clock which only the test moves. What stands in for
// timers/promises is in mock/mock_timer_promises.

const { codes: { ERR_INVALID_ARG_VALUE, ERR_INVALID_STATE } } = require('internal/errors');
const { validateArray, validateNumber, validateObject, validateString } =
  require('internal/validators');
const timers = require('timers');
const timersPromises = require('timers/promises');
const { immediatePromise, intervalIterator, timeoutPromise, wait } =
  require('internal/test_runner/mock/mock_timer_promises');

const longestTimeout = 2 ** 31 - 1;
const supported = ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'scheduler.wait', 'AbortSignal.timeout'];
const { isDate } = require('internal/util/types');

let lastId = 0;

class MockTimer {
  #isReferenced = true;
  #queue;

  constructor(queue, callback, delay, args, isInterval) {
    this.#queue = queue;
    this.id = ++lastId;
    this.callback = callback;
    this.args = args;
    this.delay = delay;
    this.isInterval = isInterval;
    this.runAt = 0;
  }

  hasRef() {
    return this.#isReferenced;
  }

  ref() {
    this.#isReferenced = true;
    return this;
  }

  unref() {
    this.#isReferenced = false;
    return this;
  }

  refresh() {
    this.#queue.refresh(this);
    return this;
  }

  close() {
    this.#queue.remove(this);
    return this;
  }

  [Symbol.toPrimitive]() {
    return this.id;
  }

  [Symbol.dispose]() {
    this.#queue.remove(this);
  }
}

/** Timers in the order in which they are due; those due at the same time in the order in which they were set. */
class TimerQueue {
  #timers = [];
  now = 0;

  get first() { return this.#timers[0]; }
  get last() { return this.#timers[this.#timers.length - 1]; }

  add(timer) {
    const all = this.#timers;
    let at = all.length;
    while (at > 0 && all[at - 1].runAt > timer.runAt) at--;
    all.splice(at, 0, timer);
  }

  remove(timer) {
    const isMine = typeof timer === 'object' && timer !== null;
    const id = isMine ? timer.id : Number(timer);
    const at = this.#timers.findIndex((queued) => queued.id === id);
    if (at !== -1) this.#timers.splice(at, 1);
  }

  refresh(timer) {
    this.remove(timer);
    timer.runAt = this.now + timer.delay;
    this.add(timer);
  }

  set(callback, delay, args, isInterval) {
    const timer = new MockTimer(this, callback, delay, args, isInterval);
    timer.runAt = this.now + delay;
    this.add(timer);
    return timer;
  }

  /** Runs what is due now. */
  runDue() {
    for (let timer = this.first; timer !== undefined && timer.runAt <= this.now; timer = this.first) {
      Reflect.apply(timer.callback, undefined, timer.args);
      // it may have cleared itself
      const isQueued = this.#timers.includes(timer);
      if (isQueued && timer.runAt <= this.now) this.remove(timer);
      if (isQueued && timer.isInterval) {
        timer.runAt += timer.delay;
        this.add(timer);
      }
    }
  }
}

function delayOf(value) {
  const delay = Number(value);
  return delay >= 1 && delay <= longestTimeout ? delay : 1;
}

/** Date with another idea of the present. */
function mockDate(NativeDate, now) {
  function MockDate(...args) {
    if (new.target === undefined) return new NativeDate(now()).toString();
    return Reflect.construct(NativeDate, args.length === 0 ? [now()] : args, new.target);
  }
  const hidden = { __proto__: null, configurable: true, enumerable: false, writable: true };
  Object.defineProperties(MockDate, {
    __proto__: null,
    ...Object.getOwnPropertyDescriptors(NativeDate),
    now: { ...hidden, value: function now_() { return now(); } },
    isMock: { ...hidden, value: true },
    toString: { ...hidden, value: () => 'function Date() { [native code] }' },
  });
  Object.defineProperty(MockDate.now, 'name', { __proto__: null, value: 'now', configurable: true });
  return MockDate;
}

class MockTimers {
  #isEnabled = false;
  #queue = new TimerQueue();
  #replaced = [];

  enable(options = { __proto__: null, apis: supported, now: 0 }) {
    if (this.#isEnabled) throw new ERR_INVALID_STATE('MockTimers is already enabled!');
    validateObject(options, 'options');
    const { apis = supported, now = 0 } = options;
    validateArray(apis, 'options.apis');
    for (let i = 0; i < apis.length; i++) {
      validateString(apis[i], `options.apis.${i}`);
      if (!supported.includes(apis[i])) {
        throw new ERR_INVALID_ARG_VALUE('options.apis', apis[i], `option ${apis[i]} is not supported`);
      }
    }
    const time = isDate(now) ? now.getTime() : now;
    validateTime(time, 'now');
    if (apis.includes('Date') && globalThis.Date.isMock) throw new ERR_INVALID_STATE('Date is already being mocked!');
    this.#queue = new TimerQueue();
    this.#queue.now = time;
    this.#isEnabled = true;
    for (const api of apis) this.#replaceApi(api);
  }

  tick(time = 1) {
    if (time < 0) throw new ERR_INVALID_ARG_VALUE('time', 'positive integer', time);
    this.#assertEnabled();
    this.#queue.now += time;
    this.#queue.runDue();
  }

  setTime(time = 0) {
    validateNumber(time, 'time');
    this.#assertEnabled();
    this.#queue.now = time;
  }

  runAll() {
    this.#assertEnabled();
    const { last, now } = this.#queue;
    if (last !== undefined) this.tick(Math.max(last.runAt - now, 0));
  }

  reset() {
    if (!this.#isEnabled) return;
    for (const { descriptor, name, object } of this.#replaced.reverse()) {
      Object.defineProperty(object, name, descriptor);
    }
    this.#replaced = [];
    this.#isEnabled = false;
    this.#queue = new TimerQueue();
  }

  [Symbol.dispose]() {
    this.reset();
  }

  #assertEnabled() {
    if (!this.#isEnabled) {
      throw new ERR_INVALID_STATE('You should enable MockTimers first by calling the .enable function');
    }
  }

  #replace(object, name, value) {
    const descriptor = Object.getOwnPropertyDescriptor(object, name);
    this.#replaced.push({ object, name, descriptor });
    const { configurable, enumerable } = descriptor;
    Object.defineProperty(object, name, { __proto__: null, configurable, enumerable, writable: true, value });
  }

  #replaceEverywhere(name, fn) {
    this.#replace(globalThis, name, fn);
    this.#replace(timers, name, fn);
  }

  #replaceApi(api) {
    const queue = this.#queue;
    const clear = (timer) => { queue.remove(timer); };
    switch (api) {
      case 'setTimeout':
        this.#replaceEverywhere('setTimeout', (callback, delay, ...args) =>
          queue.set(callback, delayOf(delay), args, false));
        this.#replaceEverywhere('clearTimeout', (timer) => clear(timer));
        this.#replace(timersPromises, 'setTimeout', (delay, value, options) =>
          timeoutPromise(queue, delayOf(delay), value, options));
        break;
      case 'setInterval':
        this.#replaceEverywhere('setInterval', (callback, delay, ...args) =>
          queue.set(callback, delayOf(delay), args, true));
        this.#replaceEverywhere('clearInterval', (timer) => clear(timer));
        this.#replace(timersPromises, 'setInterval', (delay, value, options) =>
          intervalIterator(queue, delayOf(delay), value, options));
        break;
      case 'setImmediate':
        // before everything that is due, however short
        this.#replaceEverywhere('setImmediate', (callback, ...args) => queue.set(callback, -1, args, false));
        this.#replaceEverywhere('clearImmediate', (timer) => clear(timer));
        this.#replace(timersPromises, 'setImmediate', (value, options) => immediatePromise(queue, value, options));
        break;
      case 'scheduler.wait':
        this.#replace(Object.getPrototypeOf(timersPromises.scheduler), 'wait',
          (delay, options) => wait(queue, delayOf(delay), options));
        break;
      case 'AbortSignal.timeout':
        this.#replace(globalThis.AbortSignal, 'timeout', (delay) => abortAfter(queue, delay));
        break;
      default:
        this.#replace(globalThis, 'Date', mockDate(globalThis.Date, () => queue.now));
    }
  }
}

function abortAfter(queue, delay) {
  const controller = new (require('internal/abort_controller').AbortController)();
  queue.set(() => {
    const { DOMException } = require('internal/domexception');
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, delayOf(delay), [], false);
  return controller.signal;
}

function validateTime(time, name) {
  validateNumber(time, name);
  if (!(time >= 0)) throw new ERR_INVALID_ARG_VALUE(name, time, 'must be a positive number');
}

module.exports = { MockTimers };
