'use strict';
// node:domain: errors of a group of callbacks and emitters go to one place. Which domains are entered is part of the
// asynchronous context, so that whatever is called back later finds the domain it was started in.

const EventEmitter = require('events');
const process = require('process');
const { AsyncLocalStorage, createHook, executionAsyncId } = require('async_hooks');
const { codes: { ERR_UNHANDLED_ERROR } } = require('internal/errors');
const { setDomainHandler } = require('internal/process/uncaught');

const storage = new AsyncLocalStorage();

// The domains entered and not yet exited, the active one last.
let stack = [];
// What process.domain is while the stack is empty.
let none = null;
// What the context held when `stack` was right.
let mark;

/** Domains as they were entered in one synchronous run, kept in the asynchronous context. */
class Entered {
  constructor(domains, asyncId) {
    this.domains = domains;
    this.asyncId = asyncId;
  }
}

/** Brings the stack up to date: another callback may be running than when it was last looked at. */
function sync() {
  const now = storage.getStore();
  if (now === mark && (now === undefined || now.asyncId === executionAsyncId())) return;
  mark = now;
  if (now === undefined) stack = [];
  else if (now.asyncId === executionAsyncId()) stack = now.domains.slice();
  else stack = now.domains.slice(-1); // what was around it has ended
}

function publish() {
  mark = stack.length === 0 ? undefined : new Entered(stack.slice(), executionAsyncId());
  storage.enterWith(mark);
}

function active() {
  sync();
  return stack.length === 0 ? none : stack[stack.length - 1];
}

function setActive(domain) {
  sync();
  if (domain === null || domain === undefined) {
    stack = [];
    none = domain;
  } else if (stack.length === 0) {
    stack.push(domain);
  } else {
    stack[stack.length - 1] = domain;
  }
  publish();
}

function replaceStack(domains, ifEmpty) {
  stack = domains;
  none = ifEmpty;
  publish();
}

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

function setDomain(object, domain) {
  Object.defineProperty(object, 'domain', {
    __proto__: null, configurable: true, enumerable: false, value: domain, writable: true,
  });
}

class Domain extends EventEmitter {
  constructor() {
    super();
    this.members = [];
  }
}

Domain.prototype.members = undefined;

/** An uncaught error of this domain, which is active. Whether somebody took it. */
Domain.prototype._errorHandler = function(error) {
  let isCaught = false;
  if (isObject(error)) {
    setDomain(error, this);
    error.domainThrown = true;
  }
  while (active() === this) this.exit();
  if (stack.length === 0) {
    // What its listeners throw is nobody's.
    if (this.listenerCount('error') > 0) isCaught = this.emit('error', error);
  } else {
    try {
      isCaught = this.emit('error', error);
    } catch (second) {
      // The domain around it may know what to do.
      if (stack.length === 0) throw second;
      isCaught = active()._errorHandler(second);
    }
  }
  replaceStack([], null);
  return isCaught;
};

Domain.prototype.enter = function() {
  sync();
  stack.push(this);
  publish();
};

Domain.prototype.exit = function() {
  sync();
  const index = stack.lastIndexOf(this);
  if (index === -1) return;
  replaceStack(stack.slice(0, index), undefined);
};

/** Errors of the emitter go to this domain instead of any other. */
Domain.prototype.add = function(emitter) {
  if (emitter.domain === this) return;
  if (emitter.domain) emitter.domain.remove(emitter);
  // Two domains that were each other's members would hand errors on for ever.
  if (this.domain && emitter instanceof Domain) {
    for (let domain = this.domain; domain; domain = domain.domain) {
      if (emitter === domain) return;
    }
  }
  setDomain(emitter, this);
  this.members.push(emitter);
};

Domain.prototype.remove = function(emitter) {
  emitter.domain = null;
  const index = this.members.indexOf(emitter);
  if (index !== -1) this.members.splice(index, 1);
};

Domain.prototype.run = function(fn, ...args) {
  this.enter();
  const result = Reflect.apply(fn, this, args);
  this.exit();
  return result;
};

/** For callbacks that get an error first: the domain takes it instead of them. */
Domain.prototype.intercept = function(callback) {
  const domain = this;
  return function intercepted(error, ...args) {
    if (error && error instanceof Error) {
      error.domainBound = callback;
      error.domainThrown = false;
      setDomain(error, domain);
      domain.emit('error', error);
      return undefined;
    }
    domain.enter();
    const result = Reflect.apply(callback, this, args);
    domain.exit();
    return result;
  };
};

Domain.prototype.bind = function(callback) {
  const domain = this;
  function bound(...args) {
    domain.enter();
    const result = Reflect.apply(callback, this, args);
    domain.exit();
    return result;
  }
  setDomain(bound, domain);
  return bound;
};

const create = () => new Domain();

/** Whether the domain that is active took an error that nobody caught. */
function takeUncaught(error) {
  const domain = active();
  if (!domain) return false;
  if (stack.every((each) => each.listenerCount('error') === 0)) {
    replaceStack([], null);
    return false;
  }
  domain._errorHandler(error);
  return true;
}

// Also says that there may not be a function for all uncaught errors besides.
setDomainHandler(takeUncaught);

// Emitters

EventEmitter.usingDomains = true;

const { init, prototype: { emit } } = EventEmitter;

EventEmitter.init = function(options) {
  setDomain(this, null);
  const domain = active();
  if (domain && !(this instanceof Domain)) this.domain = domain;
  return Reflect.apply(init, this, [options]);
};

EventEmitter.prototype.emit = function(...args) {
  const { domain } = this;
  if (domain === null || domain === undefined || this === process || (args[0] === 'error' && this.listenerCount('error') > 0)) {
    return Reflect.apply(emit, this, args);
  }
  if (args[0] === 'error') {
    emitToDomain(this, domain, args.length > 1 && args[1] ? args[1] : new ERR_UNHANDLED_ERROR(args[1]));
    return false;
  }
  domain.enter();
  const result = Reflect.apply(emit, this, args);
  domain.exit();
  return result;
};

/** The listeners of the domain's 'error' run outside of it: what they throw is for the domain around. */
function emitToDomain(emitter, domain, error) {
  if (typeof error === 'object') {
    error.domainEmitter = emitter;
    setDomain(error, domain);
    error.domainThrown = false;
  }
  const before = active();
  const domains = stack;
  let { length } = domains;
  while (length > 0 && domains[length - 1] === before) length--;
  replaceStack(domains.slice(0, length), null);
  domain.emit('error', error);
  replaceStack(domains, none);
}

// What calls back later shows its domain.
createHook({
  init(asyncId, type, triggerAsyncId, resource) {
    const domain = active();
    if (domain !== null && domain !== undefined && isObject(resource)) setDomain(resource, domain);
  },
}).enable();

Object.defineProperty(process, 'domain', {
  __proto__: null, enumerable: true, configurable: true, get: active, set: setActive,
});

module.exports = {
  Domain,
  create,
  createDomain: create,
};
Object.defineProperties(module.exports, {
  _stack: {
    __proto__: null,
    enumerable: true,
    configurable: true,
    get() {
      sync();
      return stack;
    },
  },
  active: { __proto__: null, enumerable: true, configurable: true, get: active, set: setActive },
});
