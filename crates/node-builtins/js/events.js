'use strict';
// node:events. Owns EventEmitter and its static functions.
// Not here: EventTarget (internal/event_target), the asynchronous forms once() and on()
// (internal/events/waiting), EventEmitterAsyncResource (internal/events/async_resource), and
// what is printed for an unhandled 'error' event (internal/events/unhandled_error).

const lazy = require('internal/lazy');

const getCodes = lazy(() => require('internal/errors').codes);
const getValidators = lazy(() => require('internal/validators'));
const getProcess = lazy(() => require('process'));
const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getWaiting = lazy(() => require('internal/events/waiting'));
const getEventTarget = lazy(() => require('internal/event_target'));
const getAsyncResourceClass = lazy(
  () => require('internal/events/async_resource').EventEmitterAsyncResource);
const getUnhandledError = lazy(() => require('internal/events/unhandled_error'));

const { apply, ownKeys, getPrototypeOf } = Reflect;

const kCapture = Symbol('kCapture');
// Set where a subclass gave `_events` its keys in advance (streams do): removed listeners then
// leave their key behind, so that the object keeps its shape.
const kShapeMode = Symbol('shapeMode');
const kErrorMonitor = Symbol('events.errorMonitor');
const kRejection = Symbol.for('nodejs.rejection');
const kMaxEventTargetListeners = Symbol('events.maxEventTargetListeners');
const kMaxEventTargetListenersWarned = Symbol('events.maxEventTargetListenersWarned');

let defaultMaxListeners = 10;

function EventEmitter(opts) {
  EventEmitter.init.call(this, opts);
}

EventEmitter.prototype._events = undefined;
EventEmitter.prototype._eventsCount = 0;
EventEmitter.prototype._maxListeners = undefined;

EventEmitter.init = function init(opts) {
  const events = this._events;
  if (events === undefined || events === getPrototypeOf(this)._events) {
    this._events = Object.create(null);
    this._eventsCount = 0;
    this[kShapeMode] = false;
  } else {
    this[kShapeMode] = true;
  }
  this._maxListeners = this._maxListeners || undefined;

  if (opts?.captureRejections) {
    getValidators().validateBoolean(opts.captureRejections, 'options.captureRejections');
    this[kCapture] = true;
  } else {
    this[kCapture] = EventEmitter.prototype[kCapture];
  }
};

// ---- Emitting ----

function copyArguments(args, from) {
  const copy = [];
  for (let i = from; i < args.length; i++) copy.push(args[i]);
  return copy;
}

// Runs monitors, then throws where nobody listens to 'error'.
function beforeError(emitter, args) {
  const events = emitter._events;
  if (events !== undefined) {
    if (events[kErrorMonitor] !== undefined) emitter.emit(kErrorMonitor, ...args);
    if (events.error !== undefined) return;
  }
  const error = args[0];
  if (error instanceof Error) {
    getUnhandledError().remember(error, emitter, EventEmitter.prototype.emit);
    throw error; // Unhandled 'error' event
  }
  let shown;
  try {
    shown = getInspect()(error);
  } catch {
    shown = error;
  }
  const unhandled = new (getCodes().ERR_UNHANDLED_ERROR)(shown);
  unhandled.context = error;
  throw unhandled; // Unhandled 'error' event
}

function rejected(emitter, error, type, args) {
  if (typeof emitter[kRejection] === 'function') {
    emitter[kRejection](error, type, ...args);
    return;
  }
  // Without this a listener of 'error' that rejects would be called for ever.
  const before = emitter[kCapture];
  try {
    emitter[kCapture] = false;
    emitter.emit('error', error);
  } finally {
    emitter[kCapture] = before;
  }
}

function captureRejection(emitter, promise, type, args) {
  try {
    const then = promise.then; // a getter may have effects: read it once
    if (typeof then === 'function') {
      then.call(promise, undefined, (error) => {
        getProcess().nextTick(rejected, emitter, error, type, args);
      });
    }
  } catch (error) {
    emitter.emit('error', error);
  }
}

// `arguments` is only read by index here, which lets the JIT keep it out of memory: rest
// parameters would cost an array per event.
EventEmitter.prototype.emit = function emit(type) {
  if (type === 'error') beforeError(this, copyArguments(arguments, 1));
  const events = this._events;
  if (events === undefined) return false;
  const handler = events[type];
  if (handler === undefined) return false;

  if (typeof handler === 'function') {
    let result;
    switch (arguments.length) {
      case 1: result = handler.call(this); break;
      case 2: result = handler.call(this, arguments[1]); break;
      case 3: result = handler.call(this, arguments[1], arguments[2]); break;
      case 4: result = handler.call(this, arguments[1], arguments[2], arguments[3]); break;
      default: result = apply(handler, this, copyArguments(arguments, 1));
    }
    if (result !== undefined && result !== null && this[kCapture]) {
      captureRejection(this, result, type, copyArguments(arguments, 1));
    }
    return true;
  }

  const listeners = handler.slice(); // listeners may add and remove listeners
  const { length } = listeners;
  const args = arguments.length > 3 ? copyArguments(arguments, 1) : undefined;
  for (let i = 0; i < length; i++) {
    const listener = listeners[i];
    let result;
    switch (arguments.length) {
      case 1: result = listener.call(this); break;
      case 2: result = listener.call(this, arguments[1]); break;
      case 3: result = listener.call(this, arguments[1], arguments[2]); break;
      default: result = apply(listener, this, args);
    }
    if (result !== undefined && result !== null && this[kCapture]) {
      captureRejection(this, result, type, args ?? copyArguments(arguments, 1));
    }
  }
  return true;
};

// ---- Adding ----

function maxListenersOf(emitter) {
  return emitter._maxListeners === undefined ? defaultMaxListeners : emitter._maxListeners;
}

function warnOfLeak(emitter, type, count, max) {
  const warning = new Error(
    `Possible EventEmitter memory leak detected. ${count} ${String(type)} listeners added to ` +
    `${getInspect()(emitter, { depth: -1 })}. MaxListeners is ${max}. ` +
    'Use emitter.setMaxListeners() to increase limit');
  warning.name = 'MaxListenersExceededWarning';
  warning.emitter = emitter;
  warning.type = type;
  warning.count = count;
  getProcess().emitWarning(warning);
}

function add(emitter, type, listener, prepend) {
  if (typeof listener !== 'function') getValidators().validateFunction(listener, 'listener');
  let events = emitter._events;
  if (events === undefined) {
    events = emitter._events = Object.create(null);
    emitter._eventsCount = 0;
  } else if (events.newListener !== undefined) {
    // Before the listener is there: else the first listener of 'newListener' would hear of itself.
    emitter.emit('newListener', type, listener.listener ?? listener);
    events = emitter._events; // a listener may have replaced it
  }

  const existing = events[type];
  if (existing === undefined) {
    events[type] = listener; // one listener needs no array
    ++emitter._eventsCount;
    return emitter;
  }
  let list = existing;
  if (typeof existing === 'function') {
    list = events[type] = prepend ? [listener, existing] : [existing, listener];
  } else if (prepend) {
    list.unshift(listener);
  } else {
    list.push(listener);
  }
  const max = maxListenersOf(emitter);
  if (max > 0 && list.length > max && !list.warned) {
    list.warned = true;
    warnOfLeak(emitter, type, list.length, max);
  }
  return emitter;
}

EventEmitter.prototype.addListener = function addListener(type, listener) {
  return add(this, type, listener, false);
};

EventEmitter.prototype.on = EventEmitter.prototype.addListener;

EventEmitter.prototype.prependListener = function prependListener(type, listener) {
  return add(this, type, listener, true);
};

// A closure, not a bound function, which costs this engine three times as much; the name is the
// one a bound one would have.
function wrapOnce(target, type, listener) {
  let fired = false;
  const wrapper = {
    'bound onceWrapper'() {
      if (fired) return undefined;
      target.removeListener(type, wrapper);
      fired = true;
      switch (arguments.length) {
        case 0: return listener.call(target);
        case 1: return listener.call(target, arguments[0]);
        default: return apply(listener, target, arguments);
      }
    },
  }['bound onceWrapper'];
  wrapper.listener = listener;
  return wrapper;
}

EventEmitter.prototype.once = function once(type, listener) {
  if (typeof listener !== 'function') getValidators().validateFunction(listener, 'listener');
  this.on(type, wrapOnce(this, type, listener));
  return this;
};

EventEmitter.prototype.prependOnceListener = function prependOnceListener(type, listener) {
  if (typeof listener !== 'function') getValidators().validateFunction(listener, 'listener');
  this.prependListener(type, wrapOnce(this, type, listener));
  return this;
};

// ---- Removing ----

// Forgets everything about `type`.
function dropType(emitter, events, type) {
  emitter._eventsCount -= 1;
  if (emitter[kShapeMode]) {
    events[type] = undefined;
  } else if (emitter._eventsCount === 0) {
    emitter._events = Object.create(null);
  } else {
    delete events[type];
  }
}

EventEmitter.prototype.removeListener = function removeListener(type, listener) {
  if (typeof listener !== 'function') getValidators().validateFunction(listener, 'listener');
  const events = this._events;
  if (events === undefined) return this;
  const list = events[type];
  if (list === undefined) return this;

  if (list === listener || list.listener === listener) {
    dropType(this, events, type);
    if (events.removeListener !== undefined) {
      this.emit('removeListener', type, list.listener || listener);
    }
  } else if (typeof list !== 'function') {
    let position = list.length - 1;
    while (position >= 0 && list[position] !== listener &&
           list[position].listener !== listener) position--;
    if (position < 0) return this;

    if (position === 0) list.shift();
    else list.splice(position, 1);
    if (list.length === 1) events[type] = list[0];
    if (events.removeListener !== undefined) this.emit('removeListener', type, listener);
  }
  return this;
};

EventEmitter.prototype.off = EventEmitter.prototype.removeListener;

EventEmitter.prototype.removeAllListeners = function removeAllListeners(type) {
  const events = this._events;
  if (events === undefined) return this;

  if (events.removeListener === undefined) { // nobody has to be told
    if (arguments.length === 0) {
      this._events = Object.create(null);
      this._eventsCount = 0;
    } else if (events[type] !== undefined) {
      dropType(this, events, type);
    }
    this[kShapeMode] = false;
    return this;
  }

  if (arguments.length === 0) {
    for (const key of ownKeys(events)) {
      if (key !== 'removeListener') this.removeAllListeners(key);
    }
    this.removeAllListeners('removeListener');
    this._events = Object.create(null);
    this._eventsCount = 0;
    this[kShapeMode] = false;
    return this;
  }

  const listeners = events[type];
  if (typeof listeners === 'function') {
    this.removeListener(type, listeners);
  } else if (listeners !== undefined) {
    for (let i = listeners.length - 1; i >= 0; i--) this.removeListener(type, listeners[i]);
  }
  return this;
};

// ---- Asking ----

EventEmitter.prototype.setMaxListeners = function setMaxListeners(n) {
  getValidators().validateNumber(n, 'setMaxListeners', 0);
  this._maxListeners = n;
  return this;
};

EventEmitter.prototype.getMaxListeners = function getMaxListeners() {
  return maxListenersOf(this);
};

function listenersOf(emitter, type, unwrap) {
  const found = emitter._events?.[type];
  if (found === undefined) return [];
  if (typeof found === 'function') return [unwrap ? found.listener || found : found];
  return unwrap ? found.map((listener) => listener.listener || listener) : found.slice();
}

EventEmitter.prototype.listeners = function listeners(type) {
  return listenersOf(this, type, true);
};

EventEmitter.prototype.rawListeners = function rawListeners(type) {
  return listenersOf(this, type, false);
};

EventEmitter.prototype.listenerCount = function listenerCount(type, listener) {
  const found = this._events?.[type];
  if (found === undefined) return 0;
  const wanted = (one) => one === listener || one.listener === listener;
  if (typeof found === 'function') {
    return listener !== undefined && listener !== null && !wanted(found) ? 0 : 1;
  }
  if (listener === undefined || listener === null) return found.length;
  return found.filter(wanted).length;
};

EventEmitter.prototype.eventNames = function eventNames() {
  if (!(this._eventsCount > 0)) return [];
  const events = this._events;
  const names = ownKeys(events);
  return this[kShapeMode] ? names.filter((name) => events[name] !== undefined) : names;
};

// In the place Node gives it: the last key of the prototype.
Object.defineProperty(EventEmitter.prototype, kCapture, {
  __proto__: null, value: false, writable: true, enumerable: false,
});

// ---- Static functions ----

function isEventTarget(value) {
  return value?.constructor?.[Symbol.for('nodejs.event_target')] === true;
}

function notAnEmitter(name, value) {
  return new (getCodes().ERR_INVALID_ARG_TYPE)(name, ['EventEmitter', 'EventTarget'], value);
}

function setMaxListeners(n = defaultMaxListeners, ...eventTargets) {
  getValidators().validateNumber(n, 'setMaxListeners', 0);
  if (eventTargets.length === 0) {
    defaultMaxListeners = n;
    return;
  }
  for (const target of eventTargets) {
    if (isEventTarget(target)) {
      target[kMaxEventTargetListeners] = n;
      target[kMaxEventTargetListenersWarned] = false;
    } else if (typeof target.setMaxListeners === 'function') {
      target.setMaxListeners(n);
    } else {
      throw notAnEmitter('eventTargets', target);
    }
  }
}

function getMaxListeners(emitter) {
  if (typeof emitter?.getMaxListeners === 'function') return emitter.getMaxListeners();
  if (isEventTarget(emitter)) return emitter[kMaxEventTargetListeners] ?? defaultMaxListeners;
  throw notAnEmitter('emitter', emitter);
}

function getEventListeners(emitter, type) {
  if (typeof emitter?.listeners === 'function') return emitter.listeners(type);
  if (isEventTarget(emitter)) return getEventTarget().listenersOf(emitter, type);
  throw notAnEmitter('emitter', emitter);
}

function listenerCount(emitter, type) {
  if (typeof emitter?.listenerCount === 'function') return emitter.listenerCount(type);
  if (isEventTarget(emitter)) return getEventTarget().listenersOf(emitter, type).length;
  throw notAnEmitter('emitter', emitter);
}

module.exports = EventEmitter;
EventEmitter.addAbortListener = function addAbortListener(signal, listener) {
  return require('internal/events/abort_listener').addAbortListener(signal, listener);
};
EventEmitter.once = async function once(emitter, name) {
  return getWaiting().once(emitter, name, arguments[2]);
};
EventEmitter.on = function on(emitter, event) {
  return getWaiting().on(emitter, event, arguments[2]);
};
EventEmitter.getEventListeners = getEventListeners;
EventEmitter.getMaxListeners = getMaxListeners;
EventEmitter.listenerCount = listenerCount;
EventEmitter.EventEmitter = EventEmitter;
EventEmitter.usingDomains = false;
EventEmitter.captureRejectionSymbol = kRejection;
EventEmitter.errorMonitor = kErrorMonitor;
EventEmitter.setMaxListeners = setMaxListeners;

Object.defineProperties(EventEmitter, {
  captureRejections: {
    __proto__: null,
    get() { return EventEmitter.prototype[kCapture]; },
    set(value) {
      getValidators().validateBoolean(value, 'EventEmitter.captureRejections');
      EventEmitter.prototype[kCapture] = value;
    },
    enumerable: true,
  },
  EventEmitterAsyncResource: {
    __proto__: null,
    get: function lazyEventEmitterAsyncResource() { return getAsyncResourceClass(); },
    enumerable: true,
    configurable: true,
  },
  defaultMaxListeners: {
    __proto__: null,
    get() { return defaultMaxListeners; },
    set(value) {
      getValidators().validateNumber(value, 'defaultMaxListeners', 0);
      defaultMaxListeners = value;
    },
    enumerable: true,
  },
  kMaxEventTargetListeners: { __proto__: null, value: kMaxEventTargetListeners },
  kMaxEventTargetListenersWarned: { __proto__: null, value: kMaxEventTargetListenersWarned },
});
