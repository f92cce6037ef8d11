'use strict';
// Owns transform streams: what is written comes out changed. Each write is
// called back when there is room for its result, which is all the
// back pressure there is.

const process = require('process');
const { codes: { ERR_METHOD_NOT_IMPLEMENTED } } = require('internal/errors');
const Duplex = require('internal/streams/duplex');
const { getHighWaterMark, kState } = require('internal/streams/state');
const { kEnded: kReadableEnded } = require('internal/streams/readable_state');
const { kEnded: kWritableEnded } = require('internal/streams/writable_state');

/** The callback of a write whose result has filled the readable side. */
const kCallback = Symbol('kCallback');

function Transform(options) {
  if (!(this instanceof Transform)) return new Transform(options);

  if (options) {
    const readableHighWaterMark =
      getHighWaterMark(this, options, 'readableHighWaterMark', true);
    if (readableHighWaterMark === 0) {
      // Who wants nothing buffered means both sides.
      options = {
        ...options,
        highWaterMark: null,
        readableHighWaterMark,
        writableHighWaterMark: options.writableHighWaterMark || 0,
      };
    }
  }
  Duplex.call(this, options);

  // _read() is there and harmless, so that pushing may cause reading at once.
  this._readableState.sync = false;
  this[kCallback] = null;

  if (options) {
    if (typeof options.transform === 'function') this._transform = options.transform;
    if (typeof options.flush === 'function') this._flush = options.flush;
  }
  // Streams with a _final() of their own flush nevertheless.
  this.on('prefinish', prefinish);
}
Object.setPrototypeOf(Transform.prototype, Duplex.prototype);
Object.setPrototypeOf(Transform, Duplex);

function prefinish() {
  if (this._final !== final) final.call(this);
}

function final(callback) {
  if (typeof this._flush !== 'function' || this.destroyed) {
    this.push(null);
    if (callback) callback();
    return;
  }
  this._flush((error, data) => {
    if (error) {
      if (callback) callback(error);
      else this.destroy(error);
      return;
    }
    if (data != null) this.push(data);
    this.push(null);
    if (callback) callback();
  });
}

Transform.prototype._final = final;

Transform.prototype._transform = function(chunk, encoding, callback) {
  throw new ERR_METHOD_NOT_IMPLEMENTED('_transform()');
};

Transform.prototype._write = function(chunk, encoding, callback) {
  const r = this._readableState;
  const w = this._writableState;
  const { length } = r;

  this._transform(chunk, encoding, (error, value) => {
    if (error) {
      callback(error);
      return;
    }
    if (value != null) this.push(value);

    if ((r[kState] & kReadableEnded) !== 0) {
      // It has ended itself: nobody will call _read() any more. Later, when
      // everybody has seen the end.
      process.nextTick(callback);
    } else if ((w[kState] & kWritableEnded) !== 0 || length === r.length || r.length < r.highWaterMark) {
      callback();
    } else {
      this[kCallback] = callback;
    }
  });
};

Transform.prototype._read = function() {
  const callback = this[kCallback];
  if (callback) {
    this[kCallback] = null;
    callback();
  }
};

module.exports = Transform;
