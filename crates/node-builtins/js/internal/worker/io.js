'use strict';
// Ports that carry messages: MessagePort, MessageChannel, BroadcastChannel. Threads are internal/worker's.

const messaging = require('internal/messaging');
const lazy = require('internal/lazy');
const { setCallReferenced } = require('internal/event_loop');
const { runNextTicks } = require('internal/task_queues');
const { NodeEventTarget } = require('internal/node_event_target');
const {
  EventTarget, defineEventHandler, inspectAs, kCreateEvent, kHybridDispatch, kNewListener, kRemoveListener,
} = require('internal/event_target');
const { decode, encode, markAsUncloneable, markAsUntransferable, isMarkedAsUntransferable } =
  require('internal/structured_clone');
const { kDeserialize, kTransfer } = require('internal/structured_clone/symbols');
const {
  codes: {
    ERR_CLOSED_MESSAGE_PORT,
    ERR_CONSTRUCT_CALL_INVALID,
    ERR_CONSTRUCT_CALL_REQUIRED,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_THIS,
    ERR_MISSING_ARGS,
  },
} = require('internal/errors');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const { MessageEvent } = require('internal/worker/message_event');

const getDOMException = lazy(() => require('internal/domexception').DOMException);
const getInspect = lazy(() => require('internal/util/inspect').inspect);
const getProcess = lazy(() => require('process'));
const getTimers = lazy(() => require('timers'));
const getAsyncHooks = lazy(() => require('internal/async_hooks'));

/** Tells hooks of a new resource; undefined where there are none. */
function tellInit(type, resource) {
  const hooks = getAsyncHooks();
  if (!hooks.initHooksExist()) return undefined;
  const asyncId = hooks.newAsyncId();
  hooks.emitInit(asyncId, type, hooks.getDefaultTriggerAsyncId(), resource);
  return asyncId;
}

function tellDestroy(asyncId) {
  if (asyncId !== undefined) getAsyncHooks().emitDestroy(asyncId);
}

// As many messages at least are delivered at once where so many wait.
const mostAtOnce = 1000;

/** Takes messages from a native port. After each, everything that it set off is run before the next. */
class Receiver {
  #handle;
  #deliver;
  #ended;
  #isReceiving = false;
  #isReferenced = false;
  #isClosing = false;
  #isEnded = false;
  /** The call that waits for messages. */
  #call;

  /** `deliver(parts)` gets each message, `ended()` is called once after the last one. */
  constructor(handle, deliver, ended) {
    this.#handle = handle;
    this.#deliver = deliver;
    this.#ended = ended;
  }

  get handle() { return this.#handle; }
  // until it is closed, not only asked to
  get isReferenced() { return this.#isReferenced && !this.#isEnded && messaging.isOpen(this.#handle); }
  get isOpen() { return !this.#isClosing && !this.#isEnded && messaging.isOpen(this.#handle); }

  start() {
    if (this.#isReceiving || !this.isOpen) return;
    this.#isReceiving = true;
    if (this.#call === undefined) this.#wait();
  }

  /** Messages wait until it is started again. */
  stop() {
    this.#isReceiving = false;
  }

  #wait() {
    this.#call = messaging.ready(this.#handle, () => {
      this.#call = undefined;
      if (this.#isReceiving && !this.#isClosing && !this.#isEnded) this.#receive();
    });
    if (!this.#isReferenced) setCallReferenced(this.#call, false);
  }

  #receive() {
    let left = Math.max(mostAtOnce, messaging.pending(this.#handle));
    try {
      // what waits already still arrives where one message closes the port
      while (left-- > 0 && this.#isReceiving && !this.#isEnded) {
        const parts = messaging.take(this.#handle);
        if (parts === undefined) break;
        this.#deliver(parts);
        if (messaging.pending(this.#handle) > 0) runNextTicks();
      }
    } finally {
      if (this.#isReceiving && !this.#isClosing && !this.#isEnded) {
        if (messaging.isEnded(this.#handle)) this.#end();
        else this.#wait();
      }
    }
  }

  /** Tells of the end even where nobody receives. */
  watch() {
    if (this.#isReceiving || !this.isOpen) return;
    const call = messaging.ended(this.#handle, () => {
      if (!this.#isClosing) this.#end();
    });
    setCallReferenced(call, false);
  }

  setReferenced(isReferenced) {
    this.#isReferenced = isReferenced;
    if (this.#call !== undefined) setCallReferenced(this.#call, isReferenced);
  }

  #end() {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#ended();
  }

  close() {
    if (this.#isClosing || this.#isEnded) return;
    this.#isClosing = true;
    getTimers().setImmediate(() => {
      messaging.close(this.#handle);
      this.#end();
    });
  }

  /** Without what waits, and without telling anybody. */
  closeAtOnce() {
    if (this.#isEnded) return;
    this.#isEnded = true;
    messaging.close(this.#handle);
  }

  /** The native port, for another place; nothing is heard of it here any more. */
  detach() {
    this.#isEnded = true;
    return this.#handle;
  }
}

// How MessagePort is made from a native port, and what is inside of one.
let createPort;
let receiverOf;

// Programs get ports, but cannot make them: what they know as MessagePort is only a name for these.
const Port = class MessagePort extends NodeEventTarget {
  #receiver;
  /** The ports of the message that is just being delivered. */
  #ports;
  #asyncId;

  static {
    createPort = (handle) => {
      const port = new MessagePort(handle);
      port.#asyncId = tellInit('MESSAGEPORT', port);
      return port;
    };
    receiverOf = (port) => (typeof port === 'object' && port !== null && #receiver in port ? port.#receiver : undefined);
  }

  constructor(handle) {
    super();
    this.#receiver = new Receiver(handle, (parts) => this.#dispatch(parts), () => {
      this.emit('close');
      tellDestroy(this.#asyncId);
    });
  }

  static #check(port) {
    const receiver = receiverOf(port);
    if (receiver === undefined) throw new TypeError('Illegal invocation');
    return receiver;
  }

  #dispatch(parts) {
    let type = 'message';
    let value;
    let ports = [];
    try {
      const message = decode(parts);
      value = message.value;
      ports = message.transferred.filter(isMessagePort);
    } catch (error) {
      type = 'messageerror';
      value = error;
    }
    this.#ports = ports;
    this[kHybridDispatch](value, type, undefined);
    this.#ports = undefined;
  }

  postMessage(message, transferOrOptions) {
    const receiver = MessagePort.#check(this);
    if (arguments.length === 0) throw missingArguments('MessagePort.postMessage');
    const transferList = readTransfer(transferOrOptions);
    checkPorts(transferList);
    // its other end is in the message, so nobody could ever receive it
    const isLost = transferList?.some((item) => isPeer(receiver, item)) === true;
    const parts = encode(message, transferList, this);
    if (!receiver.isOpen) return undefined;
    if (isLost) {
      receiver.close();
      getProcess().emitWarning('The target port was posted to itself, and the communication channel was lost');
      return true;
    }
    messaging.post(receiver.handle, parts[0], parts[1]);
    return true;
  }

  start() {
    const receiver = MessagePort.#check(this);
    if (receiver.isOpen) receiver.start();
  }

  close(callback) {
    const receiver = MessagePort.#check(this);
    if (typeof callback === 'function') this.once('close', callback);
    receiver.close();
  }

  ref() {
    const receiver = MessagePort.#check(this);
    if (receiver.isOpen) receiver.setReferenced(true);
  }

  unref() {
    const receiver = MessagePort.#check(this);
    if (receiver.isOpen) receiver.setReferenced(false);
  }

  hasRef() {
    return MessagePort.#check(this).isReferenced;
  }

  [kCreateEvent](value, type) {
    if (type !== 'message' && type !== 'messageerror') return super[kCreateEvent](value, type);
    return new MessageEvent(type, { data: value, ports: this.#ports });
  }

  [kNewListener](size, type, ...rest) {
    super[kNewListener](size, type, ...rest);
    if (type === 'message' && size === 1) {
      this.ref();
      this.start();
    } else if (type === 'close') {
      this.#receiver.watch();
    }
  }

  [kRemoveListener](size, type, ...rest) {
    super[kRemoveListener](size, type, ...rest);
    if (type === 'message' && size === 0) {
      this.unref();
      this.#receiver.stop();
    }
  }

  [kTransfer]() {
    return { data: MessagePort.#check(this).detach(), deserializeInfo: 'internal/worker/io:TransferredPort' };
  }

  [customInspectSymbol](depth, options) {
    const receiver = MessagePort.#check(this);
    const shown = getInspect()({ active: receiver.isOpen, refed: receiver.isReferenced }, options);
    return `MessagePort [EventTarget] ${shown}`;
  }
};

function MessagePort() {
  throw new ERR_CONSTRUCT_CALL_INVALID();
}

Object.setPrototypeOf(MessagePort, NodeEventTarget);
MessagePort.prototype = Port.prototype;
Object.defineProperties(MessagePort.prototype, {
  constructor: { __proto__: null, configurable: true, writable: true, value: MessagePort },
  postMessage: kEnumerableProperty,
  start: kEnumerableProperty,
  close: kEnumerableProperty,
  ref: kEnumerableProperty,
  unref: kEnumerableProperty,
  hasRef: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'MessagePort' },
});
defineEventHandler(MessagePort.prototype, 'message');
defineEventHandler(MessagePort.prototype, 'messageerror');

// A message takes native ports along; where it arrives they become MessagePorts.
class TransferredPort {
  [kDeserialize](handle) {
    return createPort(handle);
  }
}

const isMessagePort = (value) => receiverOf(value) !== undefined;

function isPeer(receiver, item) {
  const other = receiverOf(item);
  return other !== undefined && messaging.isPeer(receiver.handle, other.handle);
}

function missingArguments(name) {
  const error = new ERR_MISSING_ARGS('message');
  error.message = `Not enough arguments to ${name}`;
  return error;
}

function invalidTransfer(what) {
  const error = new ERR_INVALID_ARG_TYPE(what, 'iterable', undefined);
  error.message = `Optional ${what} argument must be an iterable`;
  return error;
}

/** The list of what moves, from the second argument of postMessage(); undefined for nothing. */
function readTransfer(transferOrOptions) {
  if (transferOrOptions === undefined || transferOrOptions === null) return undefined;
  if (typeof transferOrOptions !== 'object' && typeof transferOrOptions !== 'function') throw invalidTransfer('transferList');
  if (typeof transferOrOptions[Symbol.iterator] === 'function') return listOf(transferOrOptions, 'transferList');
  const { transfer } = transferOrOptions;
  return transfer === undefined ? undefined : listOf(transfer, 'options.transfer');
}

function listOf(iterable, what) {
  if (Array.isArray(iterable)) return iterable;
  const isIterable = typeof iterable === 'object' && iterable !== null && typeof iterable[Symbol.iterator] === 'function';
  const iterator = isIterable ? iterable[Symbol.iterator]() : undefined;
  if (typeof iterator?.next !== 'function') throw invalidTransfer(what);
  const list = [];
  for (let step = iterator.next(); !step.done; step = iterator.next()) list.push(step.value);
  return list;
}

function checkPorts(transferList) {
  if (transferList === undefined) return;
  for (const item of transferList) {
    const receiver = receiverOf(item);
    if (receiver !== undefined && !receiver.isOpen) {
      throw new (getDOMException())('MessagePort in transfer list is already detached', 'DataCloneError');
    }
  }
}

function MessageChannel() {
  if (new.target === undefined) {
    const error = new ERR_CONSTRUCT_CALL_REQUIRED('MessageChannel');
    error.message = 'Cannot call constructor without `new`';
    throw error;
  }
  const ends = messaging.createChannel();
  this.port1 = createPort(ends[0]);
  this.port2 = createPort(ends[1]);
}

function notAPort(value) {
  const error = new ERR_INVALID_ARG_TYPE('port', 'MessagePort', value);
  error.message = 'The "port" argument must be a MessagePort instance';
  return error;
}

/** The next message of a port, at once: `{ message }`, or undefined where none waits. */
function receiveMessageOnPort(port) {
  const receiver = receiverOf(port) ?? broadcastReceiverOf(port);
  if (receiver === undefined) throw notAPort(port);
  const parts = receiver.isOpen ? messaging.take(receiver.handle) : undefined;
  return parts === undefined ? undefined : { message: decode(parts).value };
}

let broadcastReceiverOf;

class BroadcastChannel extends EventTarget {
  #name;
  #receiver;

  static {
    broadcastReceiverOf = (channel) => (
      typeof channel === 'object' && channel !== null && #receiver in channel ? channel.#receiver : undefined
    );
  }

  constructor(name) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    super();
    this.#name = `${name}`;
    this.#receiver = new Receiver(messaging.joinBroadcast(this.#name), (parts) => this.#dispatch(parts), () => {});
    this.#receiver.setReferenced(true);
    this.#receiver.start();
  }

  static #check(channel) {
    if (broadcastReceiverOf(channel) === undefined) throw new ERR_INVALID_THIS('BroadcastChannel');
    return channel;
  }

  #dispatch(parts) {
    let event;
    try {
      event = new MessageEvent('message', { data: decode(parts).value });
    } catch (error) {
      event = new MessageEvent('messageerror', { data: error });
    }
    this.dispatchEvent(event);
  }

  get name() {
    return BroadcastChannel.#check(this).#name;
  }

  postMessage(message) {
    const receiver = BroadcastChannel.#check(this).#receiver;
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('message');
    if (!receiver.isOpen) throw new (getDOMException())('BroadcastChannel is closed.', 'InvalidStateError');
    const parts = encode(message, undefined, this);
    messaging.post(receiver.handle, parts[0], parts[1]);
  }

  close() {
    BroadcastChannel.#check(this).#receiver.closeAtOnce();
  }

  ref() {
    BroadcastChannel.#check(this).#receiver.setReferenced(true);
    return this;
  }

  unref() {
    BroadcastChannel.#check(this).#receiver.setReferenced(false);
    return this;
  }

  [customInspectSymbol](depth, options) {
    const channel = BroadcastChannel.#check(this);
    return inspectAs(this, { name: channel.#name, active: channel.#receiver.isOpen }, depth, options);
  }
}

Object.defineProperties(BroadcastChannel.prototype, {
  name: kEnumerableProperty,
  close: kEnumerableProperty,
  postMessage: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'BroadcastChannel' },
});
defineEventHandler(BroadcastChannel.prototype, 'message');
defineEventHandler(BroadcastChannel.prototype, 'messageerror');

const isContext = (value) => typeof value === 'object' && value !== null && require('vm').isContext(value);

function moveMessagePortToContext(port, contextifiedSandbox) {
  const receiver = receiverOf(port);
  if (receiver === undefined) throw notAPort(port);
  if (!receiver.isOpen) throw new ERR_CLOSED_MESSAGE_PORT();
  if (!isContext(contextifiedSandbox)) {
    const error = new ERR_INVALID_ARG_TYPE('contextifiedSandbox', 'vm.Context', contextifiedSandbox);
    error.message = 'Invalid context argument';
    throw error;
  }
  return require('internal/worker/port_in_context').move(receiver.detach(), contextifiedSandbox);
}

module.exports = {
  BroadcastChannel,
  MessageChannel,
  MessageEvent,
  MessagePort,
  Receiver,
  TransferredPort,
  createPort,
  isMarkedAsUntransferable,
  isMessagePort,
  markAsUncloneable,
  markAsUntransferable,
  moveMessagePortToContext,
  readTransfer,
  receiveMessageOnPort,
  receiverOf,
  tellDestroy,
  tellInit,
};
