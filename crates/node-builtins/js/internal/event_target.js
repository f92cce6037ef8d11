'use strict';
// The web's EventTarget, and on<type> properties for classes that extend it.
// Not here: the events themselves (internal/event), NodeEventTarget (internal/node_event_target).

const { kMaxEventTargetListeners, kMaxEventTargetListenersWarned } = require('events');
const {
  codes: {
    ERR_EVENT_RECURSION,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_THIS,
    ERR_MISSING_ARGS,
  },
} = require('internal/errors');
const {
  kValidateObjectAllowObjects,
  validateAbortSignal,
  validateObject,
} = require('internal/validators');
const { customInspectSymbol, kEmptyObject, kEnumerableProperty } = require('internal/util');
const {
  CustomEvent,
  Event,
  beginDispatch,
  endDispatch,
  inspectAs,
  isDispatching,
  isStopped,
  kTrustEvent,
  kType,
  setPassive,
} = require('internal/event');
const lazy = require('internal/lazy');

const getProcess = lazy(() => require('process'));
const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getEvents = lazy(() => require('events'));

const kIsEventTarget = Symbol.for('nodejs.event_target');
const kHybridDispatch = Symbol.for('nodejs.internal.kHybridDispatch');
// Option of addEventListener(): the listener lives only as long as this object.
const kWeakHandler = Symbol('kWeak');
// Option of addEventListener(): the listener runs even after stopImmediatePropagation().
const kResistStopPropagation = Symbol('kResistStopPropagation');
// Option of addEventListener(): the listener gets the argument of emit(), not an event.
const kIsNodeStyleListener = Symbol('kIsNodeStyleListener');
// Methods by which a subclass makes its own events and hears of listeners.
const kCreateEvent = Symbol('kCreateEvent');
const kNewListener = Symbol('kNewListener');
const kRemoveListener = Symbol('kRemoveListener');

// How the argument of emit() reaches listeners of the web's style.
class NodeCustomEvent extends Event {
  constructor(type, detail) {
    super(type);
    if (detail) this.detail = detail;
  }
}

class Listener {
  #callback;
  #owner;

  constructor(callback, { once, capture, passive, nodeStyle, owner, resists }) {
    this.once = once;
    this.capture = capture;
    this.passive = passive;
    this.nodeStyle = nodeStyle;
    this.resists = resists;
    this.weak = owner !== undefined;
    this.removed = false;
    if (this.weak) {
      // The callback lives while both the owner (the key) and the target (by this map) do.
      this.#owner = new WeakRef(owner);
      this.#callback = new WeakMap([[owner, callback]]);
    } else {
      this.#callback = callback;
    }
  }

  // The function or object; undefined once the owner of a weak one is gone.
  get callback() {
    if (!this.weak) return this.#callback;
    const owner = this.#owner.deref();
    return owner === undefined ? undefined : this.#callback.get(owner);
  }
}

// Takes a weak listener out of its target's list after its owner was collected. Its callback is
// watched too: it goes with the target, and then nobody has to wait for the owner.
const getCollected = lazy(() => new FinalizationRegistry(({ target, type, listener }) => {
  const reached = target.deref();
  if (reached !== undefined && !listener.removed) dropListener(reached, type, listener);
  getCollected().unregister(listener);
}));

const noOptions = {
  once: false,
  capture: false,
  passive: false,
  signal: undefined,
  nodeStyle: false,
  owner: undefined,
  resists: false,
};

function readOptions(options) {
  if (options === undefined || options === null) return noOptions;
  if (typeof options === 'boolean') return { ...noOptions, capture: options };
  validateObject(options, 'options', kValidateObjectAllowObjects);
  return {
    once: Boolean(options.once),
    capture: Boolean(options.capture),
    passive: Boolean(options.passive),
    signal: options.signal,
    nodeStyle: Boolean(options[kIsNodeStyleListener]),
    owner: options[kWeakHandler],
    resists: options[kResistStopPropagation] ?? false,
  };
}

// False for null and undefined, which are allowed and mean nothing.
function isListener(listener) {
  if (typeof listener === 'function') return true;
  if (listener === undefined || listener === null) return false;
  if (typeof listener === 'object') return true;
  throw new ERR_INVALID_ARG_TYPE('listener', 'EventListener', listener);
}

function typeName(type) {
  if (typeof type === 'symbol') throw new ERR_INVALID_ARG_VALUE('value', type);
  return `${type}`;
}

function rethrow(error) {
  getProcess().nextTick(() => { throw error; });
}

// A listener that returns a promise: its rejection is an uncaught exception.
function watchResult(result) {
  let then;
  try {
    ({ then } = result);
    if (typeof then === 'function') then.call(result, undefined, rethrow);
  } catch (error) {
    rethrow(error);
  }
}

// Reach into EventTarget; set by its static block.
let listsOf;
let ownLists;
let handlersOf;

class EventTarget {
  #lists = null; // type -> Listener[]; made with the first listener
  #handlers = null; // type -> EventHandler, of defineEventHandler()

  static [kIsEventTarget] = true;

  static {
    const check = (target) => {
      if (target === null || typeof target !== 'object' || !(#lists in target)) {
        throw new ERR_INVALID_THIS('EventTarget');
      }
    };
    listsOf = (target) => {
      check(target);
      return target.#lists;
    };
    ownLists = (target) => target.#lists ??= new Map();
    handlersOf = (target) => {
      check(target);
      return target.#handlers ??= new Map();
    };
  }

  addEventListener(type, listener, options = kEmptyObject) {
    listsOf(this);
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('type', 'listener');
    const read = readOptions(options);
    const { once, capture, passive, signal, owner } = read;
    validateAbortSignal(signal, 'options.signal');
    if (!isListener(listener)) {
      warnOfNoListener(this, type, listener);
      return;
    }
    type = typeName(type);
    if (signal) {
      if (signal.aborted) return;
      signal.addEventListener('abort', () => {
        this.removeEventListener(type, listener, options);
      }, { __proto__: null, once: true, [kWeakHandler]: this, [kResistStopPropagation]: true });
    }

    const lists = ownLists(this);
    let list = lists.get(type);
    if (list === undefined) lists.set(type, list = []);
    else if (find(list, listener, capture) !== -1) return;

    const entry = new Listener(listener, read);
    list.push(entry);
    if (owner !== undefined) {
      const held = { target: new WeakRef(this), type, listener: entry };
      getCollected().register(owner, held, entry);
      getCollected().register(listener, held, entry);
    }
    this[kNewListener](list.length, type, listener, once, capture, passive, entry.weak);
  }

  removeEventListener(type, listener, options = kEmptyObject) {
    const lists = listsOf(this);
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('type', 'listener');
    if (!isListener(listener)) return;
    type = typeName(type);
    const capture = typeof options === 'boolean' ? options : Boolean(options?.capture);
    const list = lists?.get(type);
    if (list === undefined) return;
    const index = find(list, listener, capture);
    if (index !== -1) dropListener(this, type, list[index]);
  }

  dispatchEvent(event) {
    listsOf(this);
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('event');
    if (!(event instanceof Event)) throw new ERR_INVALID_ARG_TYPE('event', 'Event', event);
    if (isDispatching(event)) throw new ERR_EVENT_RECURSION(event.type);
    this[kHybridDispatch](event, event[kType], event);
    return event.defaultPrevented !== true;
  }

  // `nodeValue` is what listeners of EventEmitter's style get; without `event` one is made
  // where another listener needs it.
  [kHybridDispatch](nodeValue, type, event) {
    if (event !== undefined) beginDispatch(event, this);
    const list = listsOf(this)?.get(type);
    if (list === undefined) {
      if (event !== undefined) endDispatch(event);
      return undefined;
    }
    const listeners = list.slice(); // those added from now on are for the next event
    for (let i = 0; i < listeners.length; i++) {
      const listener = listeners[i];
      if (listener.removed || (event !== undefined && !listener.resists && isStopped(event))) {
        continue;
      }
      if (listener.once) dropListener(this, type, listener);
      const { callback } = listener;
      if (callback === undefined) continue;
      let argument = nodeValue;
      if (!listener.nodeStyle) {
        if (event === undefined) {
          event = this[kCreateEvent](nodeValue, type);
          beginDispatch(event, this);
        }
        argument = event;
      }
      if (event !== undefined) setPassive(event, listener.passive);
      try {
        let result;
        if (typeof callback === 'function') result = callback.call(this, argument);
        else result = callback.handleEvent?.(argument);
        if (result !== undefined && result !== null) watchResult(result);
      } catch (error) {
        rethrow(error);
      }
      if (event !== undefined) setPassive(event, false);
    }
    if (event !== undefined) endDispatch(event);
    return undefined;
  }

  [kCreateEvent](nodeValue, type) {
    return new NodeCustomEvent(type, nodeValue);
  }

  [kNewListener](size, type, listener, once, capture, passive, weak) {
    const max = this[kMaxEventTargetListeners] ?? getEvents().defaultMaxListeners;
    if (max > 0 && size > max && !this[kMaxEventTargetListenersWarned]) {
      this[kMaxEventTargetListenersWarned] = true;
      warnOfLeak(this, type, size, max);
    }
  }

  [kRemoveListener](size, type, listener, capture) {}

  [customInspectSymbol](depth, options) {
    return inspectAs(this, {}, depth, options);
  }
}

Object.defineProperties(EventTarget.prototype, {
  addEventListener: kEnumerableProperty,
  removeEventListener: kEnumerableProperty,
  dispatchEvent: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, value: 'EventTarget', configurable: true },
});

function find(list, callback, capture) {
  for (let i = 0; i < list.length; i++) {
    if (list[i].capture === capture && list[i].callback === callback) return i;
  }
  return -1;
}

function dropListener(target, type, listener) {
  const lists = listsOf(target);
  const list = lists.get(type);
  const index = list === undefined ? -1 : list.indexOf(listener);
  if (index === -1) return;
  listener.removed = true;
  if (index === 0) list.shift();
  else list.splice(index, 1);
  if (list.length === 0) lists.delete(type);
  if (listener.weak) getCollected().unregister(listener);
  target[kRemoveListener](list.length, type, listener.callback, listener.capture);
}

function warnOfNoListener(target, type, listener) {
  const warning = new Error(`addEventListener called with ${listener} which has no effect.`);
  warning.name = 'AddEventListenerArgumentTypeWarning';
  warning.target = target;
  warning.type = type;
  getProcess().emitWarning(warning);
}

function warnOfLeak(target, type, count, max) {
  const warning = new Error(
    `Possible EventTarget memory leak detected. ${count} ${type} listeners added to ` +
    `${getInspect()(target, { depth: -1 })}. MaxListeners is ${max}. ` +
    'Use events.setMaxListeners() to increase limit');
  warning.name = 'MaxListenersExceededWarning';
  warning.target = target;
  warning.type = type;
  warning.count = count;
  getProcess().emitWarning(warning);
}

function isEventTarget(value) {
  return value?.constructor?.[kIsEventTarget] === true;
}

// The functions and objects that listen to `type`, in order.
function listenersOf(target, type) {
  const list = listsOf(target)?.get(type) ?? [];
  return list.map((listener) => {
    const { callback } = listener;
    return callback instanceof EventHandler ? callback.value : callback;
  }).filter((callback) => callback !== undefined);
}

// ---- on<type> properties ----

// Stands in a target's list for the value of its on<type> property, so that another value takes
// the same place in the order.
class EventHandler {
  constructor(target, value) {
    this.target = target;
    this.value = value;
  }

  handleEvent(event) {
    return typeof this.value === 'function' ? this.value.call(this.target, event) : undefined;
  }
}

// Gives `prototype` the property on<name>, whose value listens to events of type `event`.
function defineEventHandler(prototype, name, event = name) {
  const key = `on${name}`;
  const accessor = {
    get [key]() {
      return handlersOf(this).get(event)?.value ?? null;
    },
    set [key](value) {
      const handlers = handlersOf(this);
      const handler = handlers.get(event);
      const isValue = typeof value === 'function' || (typeof value === 'object' && value !== null);
      if (!isValue) {
        if (handler === undefined) return;
        handlers.delete(event);
        this.removeEventListener(event, handler);
      } else if (handler !== undefined) {
        handler.value = value;
      } else {
        const added = new EventHandler(this, value);
        handlers.set(event, added);
        this.addEventListener(event, added);
      }
    },
  };
  const { get, set } = Object.getOwnPropertyDescriptor(accessor, key);
  Object.defineProperty(prototype, key, {
    __proto__: null, get, set, enumerable: true, configurable: true,
  });
}

module.exports = {
  CustomEvent,
  Event,
  EventTarget,
  // Of little use before there are workers: loaded when asked for.
  get NodeEventTarget() {
    return require('internal/node_event_target').NodeEventTarget;
  },
  defineEventHandler,
  dropListener,
  inspectAs,
  isEventTarget,
  kCreateEvent,
  kHybridDispatch,
  kIsNodeStyleListener,
  kNewListener,
  kRemoveListener,
  kResistStopPropagation,
  kTrustEvent,
  kWeakHandler,
  listenersOf,
  listsOf,
};
