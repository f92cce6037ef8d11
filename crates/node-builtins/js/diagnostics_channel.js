'use strict';
// node:diagnostics_channel. Named channels on which libraries publish and others listen.
// A channel lives while somebody holds it or listens to it; without listeners publish() costs one
// comparison.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateFunction } = require('internal/validators');
const lazy = require('internal/lazy');

const getProcess = lazy(() => require('process'));

// name -> { weak: WeakRef of the channel, strong: the channel while somebody listens }
const channels = new Map();

const getCollected = lazy(() => new FinalizationRegistry((name) => {
  // The name may have been taken again since.
  const entry = channels.get(name);
  if (entry !== undefined && entry.weak.deref() === undefined) channels.delete(name);
}));

function setActive(channel, active) {
  let entry = channels.get(channel.name);
  if (entry?.weak.deref() !== channel) {
    if (entry !== undefined) return; // made with `new Channel`: another one has the name
    entry = { weak: new WeakRef(channel), strong: undefined };
    channels.set(channel.name, entry);
  }
  entry.strong = active ? channel : undefined;
}

// A subscriber that throws harms neither the publisher nor the others.
function throwLater(error) {
  getProcess().nextTick(() => { throw error; });
}

class Channel {
  constructor(name) {
    this._subscribers = undefined; // replaced, never changed
    this._stores = undefined; // store -> transform
    this.name = name;
  }

  subscribe(subscription) {
    validateFunction(subscription, 'subscription');
    this._subscribers = [...this._subscribers ?? [], subscription];
    setActive(this, true);
  }

  unsubscribe(subscription) {
    const index = this._subscribers?.indexOf(subscription) ?? -1;
    if (index === -1) return false;
    this._subscribers = this._subscribers.toSpliced(index, 1);
    this.#deactivate();
    return true;
  }

  bindStore(store, transform) {
    this._stores ??= new Map();
    this._stores.set(store, transform);
    setActive(this, true);
  }

  unbindStore(store) {
    if (!this._stores?.delete(store)) return false;
    this.#deactivate();
    return true;
  }

  #deactivate() {
    if (this._subscribers?.length === 0) this._subscribers = undefined;
    if (this._stores?.size === 0) this._stores = undefined;
    if (!this.hasSubscribers) setActive(this, false);
  }

  get hasSubscribers() {
    return this._subscribers !== undefined || this._stores !== undefined;
  }

  publish(data) {
    const subscribers = this._subscribers;
    if (subscribers === undefined) return;
    for (let i = 0; i < subscribers.length; i++) {
      try {
        subscribers[i](data, this.name);
      } catch (error) {
        throwLater(error);
      }
    }
  }

  // Publishes, then calls `fn`, both inside of every bound store.
  runStores(data, fn, thisArg, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    let run = () => {
      this.publish(data);
      return Reflect.apply(fn, thisArg, args);
    };
    for (const [store, transform] of this._stores ?? []) run = inStore(store, transform, data, run);
    return run();
  }
}

function inStore(store, transform, data, run) {
  return () => {
    let context;
    try {
      context = transform === undefined ? data : transform(data);
    } catch (error) {
      throwLater(error);
      return run();
    }
    return store.run(context, run);
  };
}

function channel(name) {
  const known = channels.get(name)?.weak.deref();
  if (known !== undefined) return known;
  if (typeof name !== 'string' && typeof name !== 'symbol') {
    throw new ERR_INVALID_ARG_TYPE('channel', ['string', 'symbol'], name);
  }
  const made = new Channel(name);
  channels.set(name, { weak: new WeakRef(made), strong: undefined });
  getCollected().register(made, name);
  return made;
}

function subscribe(name, subscription) {
  return channel(name).subscribe(subscription);
}

function unsubscribe(name, subscription) {
  return channel(name).unsubscribe(subscription);
}

function hasSubscribers(name) {
  return channels.get(name)?.weak.deref()?.hasSubscribers ?? false;
}

// ---- Tracing ----

const traceEvents = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

function tracedChannel(nameOrChannels, event) {
  if (typeof nameOrChannels === 'string') return channel(`tracing:${nameOrChannels}:${event}`);
  if (typeof nameOrChannels !== 'object' || nameOrChannels === null) {
    throw new ERR_INVALID_ARG_TYPE(
      'nameOrChannels', ['string', 'Object', 'TracingChannel'], nameOrChannels);
  }
  const given = nameOrChannels[event];
  if (given === undefined || given === null) {
    throw new TypeError('Cannot convert undefined or null to object');
  }
  if (!(given instanceof Channel)) {
    throw new ERR_INVALID_ARG_TYPE(`nameOrChannels.${event}`, ['Channel'], given);
  }
  return given;
}

class TracingChannel {
  constructor(nameOrChannels) {
    for (const event of traceEvents) {
      Object.defineProperty(this, event, {
        __proto__: null, value: tracedChannel(nameOrChannels, event),
      });
    }
  }

  get hasSubscribers() {
    return this.start.hasSubscribers || this.end.hasSubscribers ||
           this.asyncStart.hasSubscribers || this.asyncEnd.hasSubscribers ||
           this.error.hasSubscribers;
  }

  subscribe(handlers) {
    for (const event of traceEvents) {
      if (handlers[event]) this[event].subscribe(handlers[event]);
    }
  }

  unsubscribe(handlers) {
    let all = true;
    for (const event of traceEvents) {
      if (handlers[event] && !this[event].unsubscribe(handlers[event])) all = false;
    }
    return all;
  }

  // Runs `body` between start and end; what it throws goes to error.
  #span(context, body) {
    return this.start.runStores(context, () => {
      try {
        return body();
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  traceSync(fn, context = {}, thisArg, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    return this.#span(context, () => context.result = Reflect.apply(fn, thisArg, args));
  }

  tracePromise(fn, context = {}, thisArg, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    const settle = () => {
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
    };
    return this.#span(context, () => {
      const returned = Reflect.apply(fn, thisArg, args);
      const promise = returned instanceof Promise ? returned : Promise.resolve(returned);
      return promise.then((result) => {
        context.result = result;
        settle();
        return result;
      }, (error) => {
        context.error = error;
        this.error.publish(context);
        settle();
        throw error;
      });
    });
  }

  traceCallback(fn, position = -1, context = {}, thisArg, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    const callback = args.at(position);
    validateFunction(callback, 'callback');
    const tracing = this;
    const traced = function(error, result) {
      if (error) {
        context.error = error;
        tracing.error.publish(context);
      } else {
        context.result = result;
      }
      // With stores, so that a context the callback lost can be restored by hand.
      tracing.asyncStart.runStores(context, () => {
        try {
          return Reflect.apply(callback, this, arguments);
        } finally {
          tracing.asyncEnd.publish(context);
        }
      });
    };
    args.splice(position, 1, traced);
    return this.#span(context, () => Reflect.apply(fn, thisArg, args));
  }
}

function tracingChannel(nameOrChannels) {
  return new TracingChannel(nameOrChannels);
}

module.exports = {
  channel,
  hasSubscribers,
  subscribe,
  tracingChannel,
  unsubscribe,
  Channel,
};
