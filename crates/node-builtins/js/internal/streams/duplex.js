'use strict';
// Owns duplex streams: readable by descent, writable by borrowing the methods.

const lazy = require('internal/lazy');
const { Stream } = require('internal/streams/legacy');
const Readable = require('internal/streams/readable');
const Writable = require('internal/streams/writable');
const { construct } = require('internal/streams/destroy');

const getAddAbortSignal = lazy(() => require('internal/streams/add_abort_signal'));
const getAdapters = lazy(() => require('internal/webstreams/adapters'));

const { ReadableState } = Readable;
const { WritableState } = Writable;

function Duplex(options) {
  if (!(this instanceof Duplex)) return new Duplex(options);

  // The usual events in advance give the tables of all streams one shape.
  this._events ??= {
    close: undefined,
    error: undefined,
    prefinish: undefined,
    finish: undefined,
    drain: undefined,
    data: undefined,
    end: undefined,
    readable: undefined,
  };
  this._readableState = new ReadableState(options, this, true);
  this._writableState = new WritableState(options, this, true);
  this.allowHalfOpen = options?.allowHalfOpen !== false;

  if (options) {
    if (options.readable === false) {
      const r = this._readableState;
      r.readable = false;
      r.ended = true;
      r.endEmitted = true;
    }
    if (options.writable === false) {
      const w = this._writableState;
      w.writable = false;
      w.ending = true;
      w.ended = true;
      w.finished = true;
    }
    if (typeof options.read === 'function') this._read = options.read;
    if (typeof options.write === 'function') this._write = options.write;
    if (typeof options.writev === 'function') this._writev = options.writev;
    if (typeof options.destroy === 'function') this._destroy = options.destroy;
    if (typeof options.final === 'function') this._final = options.final;
    if (typeof options.construct === 'function') this._construct = options.construct;
    if (options.signal) getAddAbortSignal().addAbortSignal(options.signal, this);
  }
  Stream.call(this, options);
  if (typeof this._construct === 'function') construct(this);
}
Object.setPrototypeOf(Duplex.prototype, Readable.prototype);
Object.setPrototypeOf(Duplex, Readable);

for (const name of ['write', 'cork', 'uncork', 'setDefaultEncoding', '_write', '_writev', 'end',
                    'destroy']) {
  Duplex.prototype[name] = Writable.prototype[name];
}

const borrowed = { __proto__: null };
for (const name of ['writable', 'writableHighWaterMark', 'writableObjectMode', 'writableBuffer',
                    'writableLength', 'writableFinished', 'writableCorked', 'writableEnded',
                    'writableNeedDrain']) {
  borrowed[name] = Object.getOwnPropertyDescriptor(Writable.prototype, name);
}
borrowed.destroyed = {
  __proto__: null,
  get() {
    const r = this._readableState;
    const w = this._writableState;
    return r === undefined || w === undefined ? false : r.destroyed && w.destroyed;
  },
  set(value) {
    // Before the states are there (a subclass's constructor) there is nothing to mark.
    if (this._readableState && this._writableState) {
      this._readableState.destroyed = value;
      this._writableState.destroyed = value;
    }
  },
};
Object.defineProperties(Duplex.prototype, borrowed);

Duplex.fromWeb = function(pair, options) {
  return getAdapters().newStreamDuplexFromReadableWritablePair(pair, options);
};

Duplex.toWeb = function(duplex, options) {
  return getAdapters().newReadableWritablePairFromDuplex(duplex, options);
};

Duplex.from = function(body) {
  return require('internal/streams/duplexify')(body, 'body');
};

module.exports = Duplex;
