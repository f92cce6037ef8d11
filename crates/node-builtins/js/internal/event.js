'use strict';
// The web's Event and CustomEvent. There is no tree of targets: an event has one target, and
// bubbling and capturing mean nothing. Dispatching is internal/event_target's.

const { codes: { ERR_INVALID_THIS, ERR_MISSING_ARGS } } = require('internal/errors');
const { validateObject } = require('internal/validators');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const lazy = require('internal/lazy');

const getProcess = lazy(() => require('process'));
const getInspect = lazy(() => require('internal/util/inspect').inspect);

const kType = Symbol('type');
const kTarget = Symbol('kTarget');
// Option of Event: the event comes from the runtime.
const kTrustEvent = Symbol('kTrustEvent');

function inspectAs(object, properties, depth, options) {
  const { name } = object.constructor;
  if (depth < 0) return name;
  return `${name} ${getInspect()(properties, {
    ...options,
    depth: Number.isInteger(options.depth) ? options.depth - 1 : options.depth,
  })}`;
}

// What dispatch needs to reach inside of an event; set by Event's static block.
let beginDispatch;
let endDispatch;
let setPassive;
let isStopped;
let isDispatching;

class Event {
  #bubbles = false;
  #cancelable = false;
  #composed = false;
  #defaultPrevented = false;
  #dispatching = false;
  #passive = false;
  #propagationStopped = false;
  #stopped = false;
  #trusted = false;
  #timeStamp = getProcess().uptime() * 1000;

  static {
    beginDispatch = (event, target) => {
      event[kTarget] = target;
      event.#dispatching = true;
    };
    endDispatch = (event) => { event.#dispatching = false; };
    setPassive = (event, passive) => { event.#passive = passive; };
    isStopped = (event) => event.#stopped;
    isDispatching = (event) => event.#dispatching;
  }

  constructor(type, options = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    this[kType] = `${type}`;
    this[kTarget] = null;
    if (options !== undefined && options !== null) {
      validateObject(options, 'options');
      this.#bubbles = !!options.bubbles;
      this.#cancelable = !!options.cancelable;
      this.#composed = !!options.composed;
      this.#trusted = !!options[kTrustEvent];
    }
  }

  static #check(event) {
    if (event === null || typeof event !== 'object' || !(#stopped in event)) {
      throw new ERR_INVALID_THIS('Event');
    }
  }

  initEvent(type, bubbles = false, cancelable = false) {
    Event.#check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    if (this.#dispatching) return;
    this[kType] = `${type}`;
    this.#bubbles = !!bubbles;
    this.#cancelable = !!cancelable;
  }

  [customInspectSymbol](depth, options) {
    Event.#check(this);
    return inspectAs(this, {
      type: this[kType],
      defaultPrevented: this.#defaultPrevented,
      cancelable: this.#cancelable,
      timeStamp: this.#timeStamp,
    }, depth, options);
  }

  stopImmediatePropagation() {
    Event.#check(this);
    this.#propagationStopped = true;
    this.#stopped = true;
  }

  preventDefault() {
    Event.#check(this);
    if (this.#cancelable && !this.#passive) this.#defaultPrevented = true;
  }

  get target() {
    Event.#check(this);
    return this[kTarget];
  }

  get currentTarget() {
    Event.#check(this);
    return this.#dispatching ? this[kTarget] : null;
  }

  get srcElement() {
    Event.#check(this);
    return this[kTarget];
  }

  get type() {
    Event.#check(this);
    return this[kType];
  }

  get cancelable() {
    Event.#check(this);
    return this.#cancelable;
  }

  get defaultPrevented() {
    Event.#check(this);
    return this.#cancelable && this.#defaultPrevented;
  }

  get timeStamp() {
    Event.#check(this);
    return this.#timeStamp;
  }

  composedPath() {
    Event.#check(this);
    return this.#dispatching ? [this[kTarget]] : [];
  }

  get returnValue() {
    Event.#check(this);
    return !this.#cancelable || !this.#defaultPrevented;
  }

  set returnValue(value) {
    Event.#check(this);
    if (!value) this.preventDefault();
  }

  get bubbles() {
    Event.#check(this);
    return this.#bubbles;
  }

  get composed() {
    Event.#check(this);
    return this.#composed;
  }

  get eventPhase() {
    Event.#check(this);
    return this.#dispatching ? Event.AT_TARGET : Event.NONE;
  }

  get cancelBubble() {
    Event.#check(this);
    return this.#propagationStopped;
  }

  set cancelBubble(value) {
    Event.#check(this);
    if (value) this.#propagationStopped = true;
  }

  stopPropagation() {
    Event.#check(this);
    this.#propagationStopped = true;
  }

  get isTrusted() {
    Event.#check(this);
    return this.#trusted;
  }

  static NONE = 0;
  static CAPTURING_PHASE = 1;
  static AT_TARGET = 2;
  static BUBBLING_PHASE = 3;
}

const constant = { __proto__: null, writable: false, configurable: false, enumerable: true };
Object.defineProperties(Event, {
  NONE: constant, CAPTURING_PHASE: constant, AT_TARGET: constant, BUBBLING_PHASE: constant,
});
Object.defineProperties(Event.prototype, {
  [Symbol.toStringTag]: { __proto__: null, value: 'Event', configurable: true },
  initEvent: kEnumerableProperty,
  stopImmediatePropagation: kEnumerableProperty,
  preventDefault: kEnumerableProperty,
  target: kEnumerableProperty,
  currentTarget: kEnumerableProperty,
  srcElement: kEnumerableProperty,
  type: kEnumerableProperty,
  cancelable: kEnumerableProperty,
  defaultPrevented: kEnumerableProperty,
  timeStamp: kEnumerableProperty,
  composedPath: kEnumerableProperty,
  returnValue: kEnumerableProperty,
  bubbles: kEnumerableProperty,
  composed: kEnumerableProperty,
  eventPhase: kEnumerableProperty,
  cancelBubble: kEnumerableProperty,
  stopPropagation: kEnumerableProperty,
  isTrusted: { __proto__: null, enumerable: true, configurable: false },
});

class CustomEvent extends Event {
  #detail;

  constructor(type, options = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    super(type, options);
    this.#detail = options?.detail ?? null;
  }

  get detail() {
    if (this === null || typeof this !== 'object' || !(#detail in this)) {
      throw new ERR_INVALID_THIS('CustomEvent');
    }
    return this.#detail;
  }
}

Object.defineProperties(CustomEvent.prototype, {
  [Symbol.toStringTag]: { __proto__: null, value: 'CustomEvent', configurable: true },
  detail: kEnumerableProperty,
});

module.exports = {
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
};
