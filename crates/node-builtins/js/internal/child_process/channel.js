'use strict';
// The channel for messages between a process and its child: what makes send(), 'message' and disconnect() of both.
// Descriptors (sockets, servers) do not travel with messages here.

const EventEmitter = require('events');
const process = require('process');
const { ErrnoException, codes } = require('internal/errors');
const { validateObject } = require('internal/validators');
const codecs = require('internal/child_process/serialization');

const {
  ERR_FEATURE_UNAVAILABLE_ON_PLATFORM,
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_HANDLE_TYPE,
  ERR_IPC_CHANNEL_CLOSED,
  ERR_IPC_DISCONNECTED,
  ERR_MISSING_ARGS,
} = codes;

// What waits to be written beyond this makes send() answer false.
const HIGH_WATER_MARK = 2 * 64 * 1024;

const INTERNAL_PREFIX = 'NODE_';

const kPending = Symbol('kPendingMessages');

// `process.channel`, `subprocess.channel`: whether waiting for messages keeps the process alive. Programs may say so;
// else what is under way does, and in a child whoever listens.
class Control extends EventEmitter {
  #pipe;
  #refs = 0;
  #explicit = false;

  constructor(pipe) {
    super();
    this.#pipe = pipe;
    this[kPending] = [];
  }

  refCounted() {
    if (++this.#refs === 1 && !this.#explicit) this.#pipe.ref();
  }

  unrefCounted() {
    if (--this.#refs === 0 && !this.#explicit) {
      this.#pipe.unref();
      this.emit('unref');
    }
  }

  ref() {
    this.#explicit = true;
    this.#pipe.ref();
  }

  unref() {
    this.#explicit = true;
    this.#pipe.unref();
  }

  get fd() {
    return undefined;
  }
}

function isInternal(message) {
  return message !== null && typeof message === 'object' && typeof message.cmd === 'string' &&
    message.cmd.length > INTERNAL_PREFIX.length && message.cmd.startsWith(INTERNAL_PREFIX);
}

// Gives `target` (a ChildProcess, or the process in a child) a channel over `pipe`. `ended` is called once, when the
// other side is gone.
function setupChannel(target, pipe, mode, ended) {
  const codec = new codecs[mode]();
  const control = new Control(pipe);
  let atEnd = false;
  target.channel = control;
  target.connected = true;

  // A reset is an end, too.
  function receive(bytes) {
    if (bytes === undefined) {
      atEnd = true;
      // Whoever disconnected already needs not be told.
      if (target.connected) target.disconnect();
      pipe.close();
      target.channel = null;
      ended?.();
      return;
    }
    for (const message of codec.decode(bytes)) {
      const event = isInternal(message) ? 'internalMessage' : 'message';
      if (target.channel) process.nextTick(deliver, event, message);
    }
  }

  // Messages wait for somebody to listen.
  function deliver(event, message) {
    if (event === 'internalMessage' || target.listenerCount('message') > 0) target.emit(event, message, undefined);
    else target.channel?.[kPending].push([event, message]);
  }

  target.on('newListener', () => {
    process.nextTick(() => {
      if (!target.channel || target.listenerCount('message') === 0) return;
      const pending = target.channel[kPending];
      target.channel[kPending] = [];
      for (const [event, message] of pending) target.emit(event, message, undefined);
    });
  });

  target.send = function send(message, handle, options, callback) {
    if (typeof handle === 'function') {
      callback = handle;
      handle = undefined;
      options = undefined;
    } else if (typeof options === 'function') {
      callback = options;
      options = undefined;
    } else if (options !== undefined) {
      validateObject(options, 'options');
    }
    if (this.connected) return this._send(message, handle, { swallowErrors: false, ...options }, callback);
    fail(new ERR_IPC_CHANNEL_CLOSED(), callback);
    return false;
  };

  function fail(error, callback) {
    if (typeof callback === 'function') process.nextTick(callback, error);
    else process.nextTick(() => target.emit('error', error));
  }

  target._send = function _send(message, handle, options, callback) {
    if (message === undefined) throw new ERR_MISSING_ARGS('message');
    if (!['string', 'object', 'number', 'boolean'].includes(typeof message)) {
      throw new ERR_INVALID_ARG_TYPE('message', ['string', 'object', 'number', 'boolean'], message);
    }
    if (typeof options === 'boolean') options = { swallowErrors: options };
    if (handle) throwForHandle(handle);
    try {
      const atOnce = pipe.write(codec.encode(message), (error) => {
        control.unrefCounted();
        if (error !== null && !options?.swallowErrors) fail(new ErrnoException(error.errno, 'write'), callback);
        else if (typeof callback === 'function') callback(null);
      });
      if (!atOnce) control.refCounted();
      else if (typeof callback === 'function') process.nextTick(callback, null);
    } catch (error) {
      if (typeof error.errno !== 'number') throw error;
      if (!options?.swallowErrors) fail(new ErrnoException(error.errno, 'write'), callback);
    }
    return pipe.writeQueueSize < HIGH_WATER_MARK;
  };

  // Nothing more can be sent from here on; what was sent arrives.
  target.disconnect = function disconnect() {
    if (!this.connected) {
      this.emit('error', new ERR_IPC_DISCONNECTED());
      return;
    }
    this.connected = false;
    this._disconnect();
  };

  target._disconnect = function _disconnect() {
    this.channel = null;
    let isDone = false;
    const finish = () => {
      if (isDone) return;
      isDone = true;
      pipe.close();
      target.emit('disconnect');
    };
    if (codec.isBuffering && !atEnd) {
      // The message of which a part is there is still delivered.
      this.once('message', finish);
      this.once('internalMessage', finish);
    } else {
      process.nextTick(finish);
    }
  };

  pipe.onread = (error, bytes) => receive(error === null ? bytes : undefined);
  pipe.readStart();
  return control;
}

function throwForHandle(handle) {
  const isHandle = typeof handle.listen === 'function' || typeof handle.write === 'function';
  if (!isHandle) throw new ERR_INVALID_HANDLE_TYPE();
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('sending handles to child processes');
}

module.exports = { setupChannel };
