'use strict';
// The web's AbortController and AbortSignal, and what node:util says of signals (aborted(),
// transferable signals).
// A signal of any() is held weakly by its sources and holds them weakly, so that long-lived
// signals do not gather dead dependents; it lives while somebody could still hear it abort.

const {
  EventTarget,
  Event,
  defineEventHandler,
  inspectAs,
  kNewListener,
  kRemoveListener,
  kResistStopPropagation,
  kTrustEvent,
  kWeakHandler,
} = require('internal/event_target');
const { kMaxEventTargetListeners } = require('events');
const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS },
} = require('internal/errors');
const {
  kValidateObjectAllowObjects,
  validateAbortSignal,
  validateObject,
  validateUint32,
} = require('internal/validators');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const { kDeserialize, kTransfer } = require('internal/structured_clone/symbols');
const lazy = require('internal/lazy');

const getDOMException = lazy(() => require('internal/domexception').DOMException);
const getTimers = lazy(() => require('timers'));

const kDontThrow = Symbol('kDontThrow');
const kDependantSignals = Symbol('kDependantSignals');
// Under symbols, not private: a proxy of a signal answers too.
const kAborted = Symbol('kAborted');
const kReason = Symbol('kReason');

// Signals that nothing but a future abort can reach, yet somebody listens to.
const listenedTo = new Set();

const getTimeoutRegistry = lazy(() => new FinalizationRegistry(getTimers().clearTimeout));

// A composite signal went: its entry in each source goes too.
const getDependentRegistry = lazy(() => new FinalizationRegistry(({ source, dependent }) => {
  source.deref()?.[kDependantSignals]?.delete(dependent);
}));

// A source went: without any, the composite signal never aborts.
const getSourceRegistry = lazy(() => new FinalizationRegistry(({ composite, source }) => {
  const signal = composite.deref();
  if (signal !== undefined) forgetSource(signal, source);
}));

// Reach into AbortSignal; set by its static block.
let abortSignal;
let dependOn;
let forgetSource;

class AbortSignal extends EventTarget {
  [kAborted] = false;
  [kReason] = undefined;
  // Set of WeakRef of a composite signal, else null.
  #sources = null;
  // Sources with a timeout: nobody else may hold them.
  #timeouts = null;
  #timeout = false;

  static {
    const runAbort = (signal) => {
      listenedTo.delete(signal);
      signal.dispatchEvent(new Event('abort', { [kTrustEvent]: true }));
    };

    abortSignal = (signal, reason) => {
      if (signal[kAborted]) return;
      signal[kAborted] = true;
      signal[kReason] = reason;
      const dependents = [];
      for (const reference of signal[kDependantSignals] ?? []) {
        const dependent = reference.deref();
        if (dependent !== undefined && !dependent[kAborted]) {
          dependent[kAborted] = true;
          dependent[kReason] = reason;
          dependents.push(dependent);
        }
      }
      signal[kDependantSignals] = undefined;
      // All are aborted before anybody hears of one.
      runAbort(signal);
      dependents.forEach(runAbort);
    };

    dependOn = (composite, signal, reference) => {
      if (signal.#sources !== null) {
        for (const source of signal.#sources) {
          const reached = source.deref();
          if (reached !== undefined) dependOn(composite, reached, reference);
        }
        return;
      }
      if (signal.#timeout) (composite.#timeouts ??= new Set()).add(signal);
      for (const known of composite.#sources) {
        if (known.deref() === signal) return;
      }
      const source = new WeakRef(signal);
      composite.#sources.add(source);
      (signal[kDependantSignals] ??= new Set()).add(reference);
      getDependentRegistry().register(composite, { source, dependent: reference });
      getSourceRegistry().register(signal, { composite: reference, source });
    };

    forgetSource = (composite, source) => {
      composite.#sources.delete(source);
      if (composite.#sources.size === 0) listenedTo.delete(composite);
    };
  }

  static #check(signal) {
    if (signal === null || typeof signal !== 'object' || signal[kAborted] === undefined) {
      throw new ERR_INVALID_THIS('AbortSignal');
    }
  }

  constructor(token = undefined) {
    if (token !== kDontThrow) throw new ERR_ILLEGAL_CONSTRUCTOR();
    super();
    this[kDependantSignals] = undefined;
  }

  get aborted() {
    AbortSignal.#check(this);
    return this[kAborted];
  }

  get reason() {
    AbortSignal.#check(this);
    return this[kReason];
  }

  throwIfAborted() {
    AbortSignal.#check(this);
    if (this[kAborted]) throw this[kReason];
  }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return this;
    return inspectAs(this, { aborted: this.aborted }, depth, options);
  }

  static abort(reason = new (getDOMException())('This operation was aborted', 'AbortError')) {
    const signal = new AbortSignal(kDontThrow);
    signal[kAborted] = true;
    signal[kReason] = reason;
    return signal;
  }

  static timeout(delay) {
    validateUint32(delay, 'delay', false);
    const signal = new AbortSignal(kDontThrow);
    signal.#timeout = true;
    const reference = new WeakRef(signal);
    const timer = getTimers().setTimeout(() => {
      const reached = reference.deref();
      if (reached === undefined) return;
      abortSignal(reached, new (getDOMException())(
        'The operation was aborted due to timeout', 'TimeoutError'));
    }, delay);
    timer.unref();
    getTimeoutRegistry().register(signal, timer);
    return signal;
  }

  static any(signals) {
    const list = toSequence(signals);
    list.forEach((signal, index) => {
      if (signal === null || typeof signal !== 'object' || signal[kAborted] === undefined) {
        throw new ERR_INVALID_ARG_TYPE(`signals[${index}]`, 'AbortSignal', signal);
      }
    });
    const composite = new AbortSignal(kDontThrow);
    for (const signal of list) {
      if (signal[kAborted]) {
        composite[kAborted] = true;
        composite[kReason] = signal[kReason];
        return composite;
      }
    }
    composite.#sources = new Set();
    const reference = new WeakRef(composite);
    for (const signal of list) dependOn(composite, signal, reference);
    return composite;
  }

  [kNewListener](size, type, listener, once, capture, passive, weak) {
    super[kNewListener](size, type, listener, once, capture, passive, weak);
    if (type === 'abort' && !this[kAborted] && !weak &&
        (this.#timeout || (this.#sources !== null && this.#sources.size > 0))) {
      listenedTo.add(this);
    }
  }

  [kRemoveListener](size, type, listener, capture) {
    super[kRemoveListener](size, type, listener, capture);
    if (type === 'abort' && size === 0) listenedTo.delete(this);
  }
}

// Many listeners of one signal are no sign of a leak.
Object.defineProperty(AbortSignal.prototype, kMaxEventTargetListeners, {
  __proto__: null, value: 0, writable: true, configurable: true,
});
Object.defineProperties(AbortSignal.prototype, {
  aborted: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'AbortSignal' },
});
defineEventHandler(AbortSignal.prototype, 'abort');

function toSequence(signals) {
  const isObject = signals !== null && (typeof signals === 'object' ||
                                        typeof signals === 'function');
  if (!isObject || typeof signals[Symbol.iterator] !== 'function') {
    const error = new ERR_INVALID_ARG_TYPE('signals', 'Iterable', signals);
    error.message = 'signals can not be converted to sequence.';
    throw error;
  }
  return Array.from(signals);
}

class AbortController {
  #signal = undefined;

  // The text is what programs see of a private field that is not there.
  static #check(controller) {
    if (controller === null || typeof controller !== 'object' || !(#signal in controller)) {
      throw new TypeError('Cannot read private member #signal from an object whose class did ' +
                          'not declare it');
    }
  }

  get signal() {
    AbortController.#check(this);
    return this.#signal ??= new AbortSignal(kDontThrow);
  }

  abort(reason = new (getDOMException())('This operation was aborted', 'AbortError')) {
    AbortController.#check(this);
    abortSignal(this.#signal ??= new AbortSignal(kDontThrow), reason);
  }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return this;
    return inspectAs(this, { signal: this.signal }, depth, options);
  }
}

Object.defineProperties(AbortController.prototype, {
  signal: kEnumerableProperty,
  abort: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'AbortController' },
});

// ---- node:util ----

// Resolves when `signal` aborts, unless `resource` is collected first.
async function aborted(signal, resource) {
  if (signal === undefined) throw new ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  validateObject(resource, 'resource', kValidateObjectAllowObjects);
  if (signal.aborted) return undefined;
  const { promise, resolve } = Promise.withResolvers();
  signal.addEventListener('abort', () => resolve(), {
    __proto__: null, [kWeakHandler]: resource, once: true, [kResistStopPropagation]: true,
  });
  return promise;
}

function transferableAbortSignal(signal) {
  if (!(signal instanceof AbortSignal)) {
    throw new ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  }
  return Object.defineProperty(signal, kTransfer, { __proto__: null, value: sendSignal });
}

function transferableAbortController() {
  const controller = new AbortController();
  transferableAbortSignal(controller.signal);
  return controller;
}

// ---- Signals in messages ----

// What a signal of a transfer list leaves in the message: its end, or the port through which the other side hears of it.
// The signal here stays of use.
function sendSignal() {
  if (this.aborted) return { data: { aborted: true, reason: this.reason }, deserializeInfo };
  const { port1, port2 } = new (require('internal/worker/io').MessageChannel)();
  port1.unref();
  this.addEventListener('abort', () => {
    port1.postMessage(this.reason);
    port1.close();
  }, { once: true });
  return { data: { aborted: false, port: port2 }, deserializeInfo };
}

const deserializeInfo = 'internal/abort_controller:ReceivedAbortSignal';

class ReceivedAbortSignal {
  [kDeserialize]({ aborted: isAborted, reason, port }) {
    const signal = transferableAbortSignal(new AbortSignal(kDontThrow));
    if (isAborted) abortSignal(signal, reason);
    port?.on('message', (why) => {
      abortSignal(signal, why);
      port.close();
    });
    port?.unref();
    return signal;
  }
}

module.exports = {
  AbortController,
  AbortSignal,
  ReceivedAbortSignal,
  aborted,
  transferableAbortController,
  transferableAbortSignal,
};
